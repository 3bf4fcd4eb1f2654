/* Assembling small functions and running them at once, at every level that this processor has. */
#ifndef TESTS_SUPPORT_ENCODE_CASE_H
#define TESTS_SUPPORT_ENCODE_CASE_H

#include "gradtape/random.h"
#include "native/encode.h"

/* A vector of either level; of AVX2's the upper half stays as it was. */
typedef union vector {
    float f32[16];
    double f64[8];
    uint32_t u32[16];
    uint64_t u64[8];
} vector;

typedef struct encode_case {
    gt_encoder e;
    gt_dtype dtype;
    bool avx512;
    int lanes;     /* of a vector */
    int registers; /* that the level has */
    size_t begin;
    gt_random random;
} encode_case;

/* Calls `check` for both types at every level from AVX2 on; skips the test if there is none. */
void for_all_levels(void (*check)(encode_case *c));

/* Begins a function, which may change all general registers but RSP; addresses are written into it as numbers. */
void encode_case_begin(encode_case *c);
/* Ends it, runs it, and frees it. */
void encode_case_run(encode_case *c);
/* The parts of that: several functions may be begun and finished before they run. */
void encode_case_enter(encode_case *c);
void encode_case_leave(encode_case *c);
void encode_case_call(encode_case *c, const size_t *begins, int count);

/* Vector registers from and to the test's memory, through GT_RAX. */
void bring(encode_case *c, int number, const vector *values);
void keep(encode_case *c, vector *to, int number);
gt_location at(encode_case *c, gt_general base, const void *address); /* [base], which becomes the address */

uint64_t lane_bits(gt_dtype dtype, const vector *v, int lane);
void set_lane_bits(gt_dtype dtype, vector *v, int lane, uint64_t bits);
uint64_t bits_of(gt_dtype dtype, double x);
double number_of(gt_dtype dtype, uint64_t bits);
/* Random numbers, among them those that are no numbers, infinite, denormal, zero with either sign. */
vector random_vector(encode_case *c);
vector filled(uint8_t byte);
/* Any, but more often the first and the last of each 8. */
int random_register(encode_case *c);

/* The lanes are the same bit for bit, or both are no numbers; it says which are not. */
bool same_bits(gt_dtype dtype, uint64_t a, uint64_t b);
void expect_lanes(const encode_case *c, const vector *got, const vector *expected, const char *what, int detail);

#endif
