/*
 * softmax, log_softmax and cross_entropy by the fast kernels, at every level of
 * this processor, against long double and against the reference kernels.
 */
#include "gradtape/random.h"
#include "support/fast_tables.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 40000 };

/* Arrays of both types with the same values, as far as float has them. */
typedef struct columns {
    size_t rows, count;
    float x_f32[ENTRIES], y_f32[ENTRIES], other_f32[ENTRIES];
    double x_f64[ENTRIES], y_f64[ENTRIES], other_f64[ENTRIES];
    int32_t targets[ENTRIES];
} columns;

static const fast_table *find(const char *name)
{
    for (unsigned i = 0; i < fast_table_count; i++)
        if (fast_tables[i].op == gt_op_find(name))
            return &fast_tables[i];
    cr_assert_fail("no op %s", name);
    return NULL;
}

static columns *draw(size_t rows, size_t count, double scale, uint32_t seed)
{
    columns *c = calloc(1, sizeof *c);
    cr_assert(c != NULL && rows * count <= ENTRIES);
    c->rows = rows;
    c->count = count;
    gt_random random;
    gt_random_seed(&random, seed);
    for (size_t i = 0; i < rows * count; i++)
        c->x_f64[i] = c->x_f32[i] = (float)(scale * gt_random_normal(&random));
    for (size_t i = 0; i < count; i++)
        c->targets[i] = (int32_t)gt_random_integer(&random, 0, (int64_t)rows);
    return c;
}

/* Runs `evaluate` on columns from `first` on; the output has the shape of x, or one entry a column.
 */
static gt_status call(const fast_table *t, gt_status (*evaluate)(const gt_kernel *), const columns *c, size_t first,
                      size_t count, gt_dtype dtype, void *x, void *y)
{
    gt_shape shape = GT_SHAPE((int64_t)c->rows, (int64_t)count);
    bool reduces = t->op->arity == 2;
    size_t in = first * c->rows * gt_dtype_size(dtype);
    size_t out = first * (reduces ? 1 : c->rows) * gt_dtype_size(dtype);
    const gt_array inputs[] = {{(char *)x + in, dtype, shape},
                               {(void *)(c->targets + first), GT_I32, GT_SHAPE((int64_t)count)}};
    const gt_array output = {(char *)y + out, dtype, reduces ? GT_SHAPE(1, (int64_t)count) : shape};
    gt_error error = {0};
    return evaluate(&(gt_kernel){.inputs = inputs,
                                 .input_count = (uint32_t)t->op->arity,
                                 .outputs = &output,
                                 .output_count = 1,
                                 .error = &error});
}

/* The greatest entry of a column and the logarithm of the sum below it. */
static void summarise(const double *x, size_t rows, long double *greatest, long double *logarithm)
{
    long double sum = 0;
    *greatest = x[0];
    for (size_t i = 0; i < rows; i++)
        *greatest = x[i] > *greatest ? x[i] : *greatest;
    for (size_t i = 0; i < rows; i++)
        sum += expl(x[i] - *greatest);
    *logarithm = logl(sum);
}

/*
 * Relative to the result for softmax, to what is subtracted for the others: a
 * few roundings, each as large as that of x - max(x).
 */
static void check_values(const fast_table *t, const columns *c, unsigned level)
{
    bool softmax = t->op == gt_op_find("softmax"), entropy = t->op->arity == 2;
    size_t rows = entropy ? 1 : c->rows;
    for (size_t k = 0; k < c->count; k++) {
        const double *x = c->x_f64 + k * c->rows;
        long double greatest, logarithm;
        summarise(x, c->rows, &greatest, &logarithm);
        for (size_t i = 0; i < rows; i++) {
            long double below = x[entropy ? (size_t)c->targets[k] : i] - greatest;
            long double scale = 1 + fabsl(below) + logarithm;
            long double exact = softmax ? expl(below - logarithm) : below - logarithm;
            long double unit = softmax ? exact : 1;
            exact = entropy ? -exact : exact;
            double error_f32 = (double)fabsl(c->y_f32[k * rows + i] - exact);
            double error_f64 = (double)fabsl(c->y_f64[k * rows + i] - exact);
            cr_assert(error_f32 <= 4 * FLT_EPSILON * scale * unit + 2 * 0x1p-149,
                      "%s (%zu, %zu) in f32, %s: column %zu entry %zu is %g, not %Lg", t->op->name, c->rows, c->count,
                      fast_level_name(level), k, i, (double)c->y_f32[k * rows + i], exact);
            cr_assert(error_f64 <= (4 + (double)c->rows / 32) * DBL_EPSILON * scale * unit + 2 * 0x1p-1074,
                      "%s (%zu, %zu) in f64, %s: column %zu entry %zu is %.17g, not %.17Lg", t->op->name, c->rows,
                      c->count, fast_level_name(level), k, i, c->y_f64[k * rows + i], exact);
        }
    }
}

/* Each column alone gives the same bits as among the others. */
static void check_alone(const fast_table *t, columns *c, unsigned level)
{
    size_t bytes = (t->op->arity == 2 ? 1 : c->rows) * c->count;
    gt_status (*evaluate)(const gt_kernel *) = t->columns->evaluate[level];
    for (size_t k = 0; k < c->count; k++) {
        call(t, evaluate, c, k, 1, GT_F32, c->x_f32, c->other_f32);
        call(t, evaluate, c, k, 1, GT_F64, c->x_f64, c->other_f64);
    }
    cr_assert(memcmp(c->y_f32, c->other_f32, bytes * sizeof(float)) == 0, "%s (%zu, %zu), %s", t->op->name, c->rows,
              c->count, fast_level_name(level));
    cr_assert(memcmp(c->y_f64, c->other_f64, bytes * sizeof(double)) == 0, "%s (%zu, %zu), %s", t->op->name, c->rows,
              c->count, fast_level_name(level));
}

/* With the output in the place of the input. */
static void check_in_place(const fast_table *t, columns *c, unsigned level)
{
    size_t count = c->rows * c->count;
    memcpy(c->other_f32, c->x_f32, sizeof c->x_f32);
    memcpy(c->other_f64, c->x_f64, sizeof c->x_f64);
    call(t, t->columns->evaluate[level], c, 0, c->count, GT_F32, c->other_f32, c->other_f32);
    call(t, t->columns->evaluate[level], c, 0, c->count, GT_F64, c->other_f64, c->other_f64);
    cr_assert(memcmp(c->y_f32, c->other_f32, count * sizeof(float)) == 0, "%s (%zu, %zu), %s", t->op->name, c->rows,
              c->count, fast_level_name(level));
    cr_assert(memcmp(c->y_f64, c->other_f64, count * sizeof(double)) == 0, "%s (%zu, %zu), %s", t->op->name, c->rows,
              c->count, fast_level_name(level));
}

static void check_shape(const fast_table *t, size_t rows, size_t count, double scale)
{
    columns *c = draw(rows, count, scale, (uint32_t)(rows * 100 + count));
    for (unsigned level = 0; level <= gt_processor_level(); level++) {
        call(t, t->columns->evaluate[level], c, 0, count, GT_F32, c->x_f32, c->y_f32);
        call(t, t->columns->evaluate[level], c, 0, count, GT_F64, c->x_f64, c->y_f64);
        check_values(t, c, level);
        check_alone(t, c, level);
        if (t->op->arity == 1)
            check_in_place(t, c, level);
    }
    free(c);
}

static const char *const names[] = {"softmax", "log_softmax", "cross_entropy"};

Test(fast_columns, values)
{
    static const size_t row_counts[] = {1, 2, 5, 8, 27, 63, 64, 65, 80, 1000, 1024, 1025, 2500};
    static const size_t column_counts[] = {1, 3, 4, 5, 15, 16};
    for (size_t n = 0; n < 3; n++)
        for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++)
            for (size_t k = 0; k < sizeof column_counts / sizeof *column_counts; k++)
                check_shape(find(names[n]), row_counts[r], column_counts[k], 3);
    for (size_t n = 0; n < 3; n++) {
        check_shape(find(names[n]), 27, 50, 3);
        check_shape(find(names[n]), 27, 50, 100); /* down to denormals and zeros */
        check_shape(find(names[n]), 100, 20, 300);
        check_shape(find(names[n]), 27, 20, 0.001);
    }
}

/* Infinite entries and NaN as the reference has them. */
Test(fast_columns, not_finite)
{
    static const double special[] = {INFINITY, -INFINITY, NAN, DBL_MAX, -DBL_MAX};
    static const size_t row_counts[] = {1, 3, 40, 70, 1100};
    for (size_t n = 0; n < 3; n++)
        for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++) {
            const fast_table *t = find(names[n]);
            size_t rows = row_counts[r];
            columns *c = draw(rows, 12, 3, 7);
            for (size_t k = 0; k < 12; k++)
                for (size_t i = 0; i < rows; i++)
                    if (i == (k * 7) % rows || k >= 10) {
                        c->x_f64[k * rows + i] = special[k % 5];
                        c->x_f32[k * rows + i] = (float)special[k % 5];
                    }
            call(t, t->op->evaluate, c, 0, 12, GT_F32, c->x_f32, c->other_f32);
            call(t, t->op->evaluate, c, 0, 12, GT_F64, c->x_f64, c->other_f64);
            for (unsigned level = 0; level <= gt_processor_level(); level++) {
                call(t, t->columns->evaluate[level], c, 0, 12, GT_F32, c->x_f32, c->y_f32);
                call(t, t->columns->evaluate[level], c, 0, 12, GT_F64, c->x_f64, c->y_f64);
                for (size_t i = 0; i < (t->op->arity == 2 ? 1 : rows) * 12; i++) {
                    float a = c->y_f32[i], b = c->other_f32[i];
                    double d = c->y_f64[i], e = c->other_f64[i];
                    cr_assert((isnan(a) && isnan(b)) || a == b || fabsf(a - b) <= 1e-5f * (1 + fabsf(b)),
                              "%s (%zu, 12) in f32, %s: %g, not %g", t->op->name, rows, fast_level_name(level),
                              (double)a, (double)b);
                    cr_assert((isnan(d) && isnan(e)) || d == e || fabs(d - e) <= 1e-12 * (1 + fabs(e)),
                              "%s (%zu, 12) in f64, %s: %g, not %g", t->op->name, rows, fast_level_name(level), d, e);
                }
            }
            free(c);
        }
}

/* A target outside is refused, as by the reference. */
Test(fast_columns, wrong_target)
{
    const fast_table *t = find("cross_entropy");
    columns *c = draw(5, 4, 1, 3);
    cr_assert_eq(call(t, t->op->fast_evaluate, c, 0, 4, GT_F64, c->x_f64, c->y_f64), GT_OK);
    c->targets[2] = 5;
    cr_assert_eq(call(t, t->op->fast_evaluate, c, 0, 4, GT_F64, c->x_f64, c->y_f64), GT_ERROR_VALUE);
    c->targets[2] = -1;
    cr_assert_eq(call(t, t->op->fast_evaluate, c, 0, 4, GT_F32, c->x_f32, c->y_f32), GT_ERROR_VALUE);
    free(c);
}
