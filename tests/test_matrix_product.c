/* The interpreter's matrix product: bit for bit the sums of the definition, in the order of the inner axis. */
#include "ops/matrix_product.h"

#include "gradtape/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PRODUCT_OF(TYPE, SUFFIX)                                                                                       \
    static void fill_##SUFFIX(TYPE *numbers, int64_t count, gt_random *random)                                         \
    {                                                                                                                  \
        for (int64_t i = 0; i < count; i++)                                                                            \
            numbers[i] = (TYPE)gt_random_normal(random);                                                               \
    }                                                                                                                  \
                                                                                                                       \
    static void check_##SUFFIX(gt_dtype dtype, int64_t m, int64_t k, int64_t n, bool left, bool right,                 \
                               gt_random *random)                                                                      \
    {                                                                                                                  \
        TYPE *a = malloc(sizeof *a * (size_t)(m * k)), *b = malloc(sizeof *b * (size_t)(k * n));                       \
        TYPE *got = malloc(sizeof *got * (size_t)(m * n));                                                             \
        cr_assert(a != NULL && b != NULL && got != NULL);                                                              \
        fill_##SUFFIX(a, m *k, random);                                                                                \
        fill_##SUFFIX(b, k *n, random);                                                                                \
        memset(got, 0xFF, sizeof *got *(size_t)(m * n)); /* NaN: what was there takes no part */                       \
        gt_matrix_product(dtype, (gt_matrix){a, left ? k : m, left ? m : k, left},                                     \
                          (gt_matrix){b, right ? n : k, right ? k : n, right}, got);                                   \
        for (int64_t j = 0; j < n; j++)                                                                                \
            for (int64_t i = 0; i < m; i++) {                                                                          \
                TYPE sum = 0;                                                                                          \
                for (int64_t l = 0; l < k; l++)                                                                        \
                    sum += a[left ? i * k + l : l * m + i] * b[right ? l * n + j : j * k + l];                         \
                cr_assert(got[j * m + i] == sum, "(%d, %d) @ (%d, %d), %d %d: %g, not %g at (%d, %d)", (int)m, (int)k, \
                          (int)k, (int)n, left, right, (double)got[j * m + i], (double)sum, (int)i, (int)j);           \
            }                                                                                                          \
        free(a);                                                                                                       \
        free(b);                                                                                                       \
        free(got);                                                                                                     \
    }
PRODUCT_OF(double, f64)
PRODUCT_OF(float, f32)

/* Below, at and above the sides of the tiles. */
static const int64_t sizes[] = {1, 2, 15, 16, 17, 33, 127, 128, 129, 300};
enum { SIZES = sizeof sizes / sizeof *sizes };

Test(matrix_product, is_the_sum_of_the_definition)
{
    gt_random random;
    gt_random_seed(&random, 1);
    for (int i = 0; i < SIZES * SIZES * 4; i++) {
        int64_t m = sizes[i % SIZES], k = sizes[i / SIZES % SIZES], n = 1 + i % 5;
        bool left = i / (SIZES * SIZES) % 2 != 0, right = i / (SIZES * SIZES) / 2 != 0;
        check_f64(GT_F64, m, k, n, left, right, &random);
        check_f32(GT_F32, m, k, n, left, right, &random);
    }
}
