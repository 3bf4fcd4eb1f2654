/* What the programs that measure the verifier share: the texts of cells, and a way to end. */
#ifndef BENCH_CELL_TEXT_H
#define BENCH_CELL_TEXT_H

enum { LARGEST_TEXT = 1 << 16 };

/* Prints both and ends the program with exit status 2. */
_Noreturn void fail(const char *what, const char *why);

/* The text of a file, in LARGEST_TEXT bytes; to be freed. Ends the program if there is none. */
char *read_text(const char *path);

#endif
