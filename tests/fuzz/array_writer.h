/* Bytes to small arrays under some names, in an archive: what a fuzzer gives to those who read arrays. */
#ifndef GT_TESTS_FUZZ_ARRAY_WRITER_H
#define GT_TESTS_FUZZ_ARRAY_WRITER_H

#include "fuzz.h"

#include "gradtape/archive.h"

/* A number: small whole ones mostly, and rarely one that is not finite, or large. */
double array_number(fuzz_bytes *bytes);

/* An array of this type and shape under this name, of numbers that are chosen. */
void array_add(gt_archive *archive, const char *name, gt_dtype dtype, gt_shape shape, fuzz_bytes *bytes);

/* The same, of any type, rank and sizes. */
void array_add_any(gt_archive *archive, const char *name, fuzz_bytes *bytes);

#endif
