/* A target of the fuzzer, and of the program that replays its corpus: one of fuzz_NAME.c. */
#ifndef GT_TESTS_FUZZ_H
#define GT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Ends the program where the library does not do what it says of these bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- help for targets ---------------------------------------------------------------------- */

/* A hash of the bytes: what is done to a few of them alone is chosen by it, in every build the same. */
uint32_t fuzz_hash(const uint8_t *data, size_t size);

/* Bytes as choices: a fuzzer that changes a byte changes a choice. */
typedef struct fuzz_bytes {
    const uint8_t *next, *end;
} fuzz_bytes;

/* The next choice below `count`; 0, the simplest one, where there are no more bytes. */
uint32_t fuzz_choose(fuzz_bytes *bytes, uint32_t count);

/* A file in memory with these bytes; the path is good until the next call. */
const char *fuzz_file(const void *data, size_t size);

#endif
