/*
 * Refuses compilers whose arithmetic is not IEEE 754's. Results, error bars and the checks for NaN
 * rest on it, and a build without it computes wrong numbers and says nothing.
 */
#include <float.h>

#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD == 2
#error "doubles are computed in another precision (the x87 unit?): compile with -msse2 -mfpmath=sse"
#endif

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) ||                               \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "gradtape looks for NaN and keeps the order of sums: compile without -ffast-math or -Ofast"
#endif

_Static_assert(sizeof(float) == 4 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float is binary32");
_Static_assert(sizeof(double) == 8 && DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "double is binary64");
