/*
 * Bytes to a cell in the cell language: every choice of a small grammar takes one
 * of them, so that a fuzzer that changes a byte changes a choice. The cells have
 * no errors, apart from those that shapes cannot show.
 */
#ifndef GT_TESTS_FUZZ_CELL_WRITER_H
#define GT_TESTS_FUZZ_CELL_WRITER_H

#include "fuzz.h"

enum { CELL_TEXT = 8192 };
/* Writes the cell with a NUL; its length, or 0 if it does not fit. */
size_t cell_write(fuzz_bytes *bytes, char text[CELL_TEXT]);

#endif
