/*
 * gradtape/random.h: random numbers.
 *
 * gt_random is NumPy's legacy RandomState, bit for bit: the Mersenne Twister
 * MT19937 (Matsumoto and Nishimura 1998), 53-bit doubles, and the polar form
 * of Box and Muller (Marsaglia and Bray 1964) that keeps its second value for
 * the next call.
 */
#ifndef GRADTAPE_RANDOM_H
#define GRADTAPE_RANDOM_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plain value: seed it before use, copy it to keep a position in the stream. */
typedef struct gt_random {
    uint32_t state[624];
    int32_t position;
    bool has_normal; /* a second normal value is kept in `normal` */
    double normal;
} gt_random;

/* numpy.random.seed(seed) */
GT_API void gt_random_seed(gt_random *random, uint32_t seed);
/* The next 32 bits. */
GT_API uint32_t gt_random_bits(gt_random *random);
/* numpy.random.rand(): uniform on [0, 1) */
GT_API double gt_random_uniform(gt_random *random);
/* numpy.random.randn(): normal with mean 0 and standard deviation 1 */
GT_API double gt_random_normal(gt_random *random);
/* numpy.random.randint(low, high) with the default dtype (int64): low <= value < high; low if high <= low */
GT_API int64_t gt_random_integer(gt_random *random, int64_t low, int64_t high);

/*
 * rand(shape) and randn(shape) as NumPy draws them: one value after the other
 * in C order (last index fastest), stored here column-major. `out` has
 * gt_shape_count(shape) doubles.
 */
GT_API void gt_random_fill_uniform(gt_random *random, gt_shape shape, double *out);
GT_API void gt_random_fill_normal(gt_random *random, gt_shape shape, double *out);

/*
 * Four 32-bit words from a 64-bit key and a 128-bit counter: Philox4x32-10
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */
GT_API void gt_random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

#ifdef __cplusplus
}
#endif
#endif
