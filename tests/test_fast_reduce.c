/* Sums and means by the fast kernels, at every level of this processor, against long double. */
#include "gradtape/random.h"
#include "ops/reduce.h"
#include "support/fast_tables.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

static int64_t place_of(gt_shape shape, const int64_t at[GT_MAX_RANK])
{
    int64_t place = 0;
    for (int axis = GT_MAX_RANK - 1; axis >= 0; axis--)
        place = place * shape.size[axis] + at[axis] % shape.size[axis];
    return place;
}

static double entry(const void *data, gt_dtype dtype, int64_t i)
{
    return dtype == GT_F64 ? ((const double *)data)[i] : (double)((const float *)data)[i];
}

/* The sums of the entries and of their magnitudes. */
static void expect(gt_array x, gt_shape output, long double *sums, long double *sizes)
{
    for (int64_t i = 0; i < gt_shape_count(output); i++)
        sums[i] = sizes[i] = 0;
    int64_t at[GT_MAX_RANK], i = 0;
    for (at[3] = 0; at[3] < x.shape.size[3]; at[3]++)
        for (at[2] = 0; at[2] < x.shape.size[2]; at[2]++)
            for (at[1] = 0; at[1] < x.shape.size[1]; at[1]++)
                for (at[0] = 0; at[0] < x.shape.size[0]; at[0]++, i++) {
                    double value = entry(x.data, x.dtype, i);
                    sums[place_of(output, at)] += value;
                    sizes[place_of(output, at)] += fabs(value);
                }
}

static void check(gt_shape shape, gt_shape reduced, gt_dtype dtype, unsigned level)
{
    int64_t count = gt_shape_count(shape), results = gt_shape_count(reduced), terms = count / results;
    gt_array x = {calloc((size_t)count, sizeof(double)), dtype, shape};
    gt_array y = {calloc((size_t)results + 1, sizeof(double)), dtype, reduced};
    long double *sums = calloc((size_t)results, sizeof *sums), *sizes = calloc((size_t)results, sizeof *sizes);
    cr_assert(x.data != NULL && y.data != NULL && sums != NULL && sizes != NULL);
    gt_random random;
    gt_random_seed(&random, (uint32_t)count);
    for (int64_t i = 0; i < count; i++) {
        double value = gt_random_normal(&random) + 1;
        if (dtype == GT_F64)
            ((double *)x.data)[i] = value;
        else
            ((float *)x.data)[i] = (float)value;
    }
    expect(x, reduced, sums, sizes);
    double divisors[] = {1, (double)terms};
    for (int d = 0; d < 2; d++) {
        gt_reduce_fast_at(level, x, y, divisors[d]);
        /* Eight terms or lanes one after the other, then pairs. */
        double unit = dtype == GT_F64 ? DBL_EPSILON / 2 : FLT_EPSILON / 2;
        double steps = 20 + log2((double)terms);
        for (int64_t i = 0; i < results; i++) {
            double value = entry(y.data, dtype, i), wanted = (double)(sums[i] / divisors[d]);
            double tolerance = steps * unit * (double)sizes[i] / divisors[d];
            cr_assert(fabs(value - wanted) <= tolerance, "%s, level %s, (%d, %d, %d, %d) [%d]: %.17g, not %.17g",
                      gt_dtype_name(dtype), fast_level_name(level), (int)shape.size[0], (int)shape.size[1],
                      (int)shape.size[2], (int)shape.size[3], (int)i, value, wanted);
        }
        cr_assert_eq(entry(y.data, dtype, results), 0, "written behind the end");
    }
    free(x.data);
    free(y.data);
    free(sums);
    free(sizes);
}

Test(fast_reduce, agrees_with_long_double_over_every_set_of_axes)
{
    const gt_shape shapes[] = {GT_SHAPE(1),          GT_SHAPE(7),        GT_SHAPE(100),      GT_SHAPE(5000),
                               GT_SHAPE(1, 33),      GT_SHAPE(5, 70),    GT_SHAPE(64, 1),    GT_SHAPE(63, 9),
                               GT_SHAPE(300, 41),    GT_SHAPE(5, 10, 7), GT_SHAPE(3, 1, 19), GT_SHAPE(17, 6, 5, 4),
                               GT_SHAPE(1, 4, 3, 2), GT_SHAPE(2, 3000),  GT_SHAPE(257, 16)};
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (unsigned axes = 1; axes < 1u << GT_MAX_RANK; axes++) {
            gt_shape reduced = shapes[s];
            for (int axis = 0; axis < GT_MAX_RANK; axis++)
                if (axes >> axis & 1)
                    reduced.size[axis] = 1;
            for (unsigned level = 0; level <= gt_processor_level(); level++) {
                check(shapes[s], reduced, GT_F64, level);
                check(shapes[s], reduced, GT_F32, level);
            }
        }
}

Test(fast_reduce, of_many_equal_terms_is_exact)
{
    enum { COUNT = 1 << 20 };
    float *x = malloc(COUNT * sizeof *x), y = 0;
    cr_assert_not_null(x);
    for (int i = 0; i < COUNT; i++)
        x[i] = 1;
    for (unsigned level = 0; level <= gt_processor_level(); level++) {
        gt_reduce_fast_at(level, (gt_array){x, GT_F32, GT_SHAPE(1, COUNT)}, (gt_array){&y, GT_F32, GT_SHAPE(1)}, 1);
        cr_assert_eq(y, (float)COUNT);
        float rows[8] = {0};
        gt_reduce_fast_at(level, (gt_array){x, GT_F32, GT_SHAPE(8, COUNT / 8)},
                          (gt_array){rows, GT_F32, GT_SHAPE(8, 1)}, 1);
        for (int r = 0; r < 8; r++)
            cr_assert_eq(rows[r], (float)COUNT / 8);
    }
    free(x);
}
