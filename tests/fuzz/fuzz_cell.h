/* The target of the fuzzer, and of the program that replays its corpus. */
#ifndef GT_TESTS_FUZZ_CELL_H
#define GT_TESTS_FUZZ_CELL_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
