/*
 * The fast kernels at every level of this processor, besides their accuracy:
 * strides, counts, the output in the place of an operand, and agreement with the
 * reference kernels.
 */
#include "gradtape/random.h"
#include "ops/descriptors.h"
#include "support/fast_tables.h"
#include "support/lane_functions.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { OPERANDS = 3, MOST = 70, GUARD = 8 };

static const int64_t attributes[GT_MAX_ATTRIBUTES];

static bool computes_by_lane(const fast_table *t)
{
    for (unsigned k = 0; k < lane_function_count; k++)
        if (lane_functions[k].kernels == t->kernels)
            return true;
    return t->op == gt_op_find("pow");
}

/* Ops by arithmetic and comparison alone: their fast kernels must give the bits of the reference.
 */
static bool exact(const fast_table *t)
{
    return t->kernels != NULL && !computes_by_lane(t);
}

static bool same_f64(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static bool same_f32(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* Ordinary numbers, with now and then one of any bits, or a special one, or one that occurs twice.
 */
static double draw(gt_random *random)
{
    static const double special[] = {0.0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, FLT_MIN, DBL_MIN, FLT_MAX};
    int64_t kind = gt_random_integer(random, 0, 4);
    if (kind == 0)
        return special[gt_random_integer(random, 0, 10)];
    if (kind == 1) {
        uint64_t bits = (uint64_t)gt_random_bits(random) << 32 | gt_random_bits(random);
        double any;
        memcpy(&any, &bits, sizeof any);
        return any;
    }
    return 3 * gt_random_normal(random);
}

typedef struct data {
    double f64[OPERANDS][MOST];
    float f32[OPERANDS][MOST];
} data;

static void fill(data *d, gt_random *random)
{
    for (int k = 0; k < OPERANDS; k++)
        for (int i = 0; i < MOST; i++) {
            d->f64[k][i] = draw(random);
            d->f32[k][i] = (float)d->f64[k][i];
        }
}

/*
 * One call of a kernel, compared entry by entry with `reference` called on one
 * entry at a time. `in_place` is the operand whose memory is the output, or -1.
 * What is behind the end must stay as it was.
 */
static void compare_f64(const fast_table *t, unsigned level, const data *d, size_t count, const size_t *strides,
                        int in_place, void (*reference)(const gt_elementwise_f64 *))
{
    double memory[OPERANDS][MOST + GUARD], apart[MOST + GUARD];
    const double *inputs[OPERANDS];
    for (int k = 0; k < OPERANDS; k++) {
        memcpy(memory[k], d->f64[k], sizeof d->f64[k]);
        inputs[k] = memory[k];
    }
    double *output = in_place >= 0 ? memory[in_place] : apart;
    for (size_t i = count; i < MOST + GUARD; i++)
        output[i] = -77;
    t->kernels->f64[level](&(gt_elementwise_f64){count, inputs, strides, output, attributes});
    for (size_t i = 0; i < count; i++) {
        const double *one[OPERANDS];
        double expected;
        for (int k = 0; k < OPERANDS; k++)
            one[k] = &d->f64[k][k < t->op->arity ? i * strides[k] : 0];
        reference(&(gt_elementwise_f64){1, one, strides, &expected, attributes});
        cr_assert(same_f64(output[i], expected),
                  "%s in f64, %s, %zu entries, strides %zu %zu %zu, in place of %d: entry %zu is "
                  "%a, not %a",
                  t->op->name, fast_level_name(level), count, strides[0], strides[1], strides[2], in_place, i,
                  output[i], expected);
    }
    for (size_t i = count; i < MOST + GUARD; i++)
        cr_assert(output[i] == -77, "%s in f64, %s wrote behind its %zu entries", t->op->name, fast_level_name(level),
                  count);
}

static void compare_f32(const fast_table *t, unsigned level, const data *d, size_t count, const size_t *strides,
                        int in_place, void (*reference)(const gt_elementwise_f32 *))
{
    float memory[OPERANDS][MOST + GUARD], apart[MOST + GUARD];
    const float *inputs[OPERANDS];
    for (int k = 0; k < OPERANDS; k++) {
        memcpy(memory[k], d->f32[k], sizeof d->f32[k]);
        inputs[k] = memory[k];
    }
    float *output = in_place >= 0 ? memory[in_place] : apart;
    for (size_t i = count; i < MOST + GUARD; i++)
        output[i] = -77;
    t->kernels->f32[level](&(gt_elementwise_f32){count, inputs, strides, output, attributes});
    for (size_t i = 0; i < count; i++) {
        const float *one[OPERANDS];
        float expected;
        for (int k = 0; k < OPERANDS; k++)
            one[k] = &d->f32[k][k < t->op->arity ? i * strides[k] : 0];
        reference(&(gt_elementwise_f32){1, one, strides, &expected, attributes});
        cr_assert(same_f32(output[i], expected),
                  "%s in f32, %s, %zu entries, strides %zu %zu %zu, in place of %d: entry %zu is "
                  "%a, not %a",
                  t->op->name, fast_level_name(level), count, strides[0], strides[1], strides[2], in_place, i,
                  (double)output[i], (double)expected);
    }
    for (size_t i = count; i < MOST + GUARD; i++)
        cr_assert(output[i] == -77, "%s in f32, %s wrote behind its %zu entries", t->op->name, fast_level_name(level),
                  count);
}

/* All strides, counts around the widths of vectors, and every place that the output may have. */
static void compare_all(const fast_table *t, unsigned level, void (*reference_f64)(const gt_elementwise_f64 *),
                        void (*reference_f32)(const gt_elementwise_f32 *))
{
    static const size_t counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, MOST};
    gt_random random;
    gt_random_seed(&random, 1 + level);
    data d;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (unsigned pattern = 0; pattern < 1u << t->op->arity; pattern++) {
            const size_t strides[OPERANDS] = {pattern & 1, pattern >> 1 & 1, pattern >> 2 & 1};
            fill(&d, &random);
            for (int in_place = -1; in_place < t->op->arity; in_place++) {
                if (in_place >= 0 && strides[in_place] == 0)
                    continue;
                compare_f64(t, level, &d, counts[c], strides, in_place, reference_f64);
                compare_f32(t, level, &d, counts[c], strides, in_place, reference_f32);
            }
        }
}

Test(fast_kernels, arithmetic_has_the_bits_of_the_reference)
{
    unsigned checked = 0;
    for (unsigned i = 0; i < fast_table_count; i++)
        for (unsigned level = 0; exact(&fast_tables[i]) && level <= gt_processor_level(); level++) {
            const fast_table *t = &fast_tables[i];
            compare_all(t, level, t->op->run_f64, t->op->run_f32);
            checked++;
        }
    cr_assert_geq(checked, 18 * (gt_processor_level() + 1));
}

/* An entry's result depends on the entry alone: not on its place, nor on the entries around it. */
Test(fast_kernels, functions_do_not_depend_on_the_place)
{
    unsigned checked = 0;
    for (unsigned i = 0; i < fast_table_count; i++)
        for (unsigned level = 0; level <= gt_processor_level(); level++) {
            const fast_table *t = &fast_tables[i];
            if (t->kernels == NULL || exact(t) || t->op == gt_op_find("pow"))
                continue;
            compare_all(t, level, t->kernels->f64[level], t->kernels->f32[level]);
            checked++;
        }
    cr_assert_eq(checked, lane_function_count * (gt_processor_level() + 1));
}

/* The descriptor's kernels are those of this processor's level. */
Test(fast_kernels, the_best_level_is_chosen)
{
    gt_random random;
    gt_random_seed(&random, 5);
    data d;
    fill(&d, &random);
    const size_t strides[OPERANDS] = {1, 1, 1};
    const int64_t three[GT_MAX_ATTRIBUTES] = {gt_pack_double(3)};
    const double *x_f64[] = {d.f64[0], d.f64[1], d.f64[2]};
    const float *x_f32[] = {d.f32[0], d.f32[1], d.f32[2]};
    unsigned checked = 0, level = gt_processor_level();
    for (unsigned i = 0; i < fast_table_count; i++) {
        const fast_table *t = &fast_tables[i];
        if (t->kernels == NULL)
            continue;
        double a_f64[MOST], b_f64[MOST];
        float a_f32[MOST], b_f32[MOST];
        t->op->fast_f64(&(gt_elementwise_f64){MOST, x_f64, strides, a_f64, three});
        t->kernels->f64[level](&(gt_elementwise_f64){MOST, x_f64, strides, b_f64, three});
        t->op->fast_f32(&(gt_elementwise_f32){MOST, x_f32, strides, a_f32, three});
        t->kernels->f32[level](&(gt_elementwise_f32){MOST, x_f32, strides, b_f32, three});
        for (int k = 0; k < MOST; k++)
            cr_assert(same_f64(a_f64[k], b_f64[k]) && same_f32(a_f32[k], b_f32[k]), "%s: entry %d", t->op->name, k);
        checked++;
    }
    cr_assert_geq(checked, 26);
}

Test(fast_kernels, every_element_by_element_op_has_them)
{
    for (unsigned i = 0; i < fast_table_count; i++) {
        const fast_table *t = &fast_tables[i];
        bool wanted = t->op->op_class == GT_CLASS_ELEMENTWISE;
        cr_assert_eq(t->op->fast_f64 != NULL, wanted, "%s", t->op->name);
        cr_assert_eq(t->op->fast_f32 != NULL, wanted, "%s", t->op->name);
        cr_assert_eq(t->kernels != NULL, wanted, "%s", t->op->name);
        /* Sums share theirs: test_fast_reduce.c. */
        bool sum = t->op == gt_op_find("sum") || t->op == gt_op_find("mean");
        cr_assert_eq(t->op->fast_evaluate != NULL, t->columns != NULL || sum, "%s", t->op->name);
    }
    cr_assert(gt_op_find("softmax")->fast_evaluate != NULL);
    cr_assert(gt_op_find("log_softmax")->fast_evaluate != NULL);
    cr_assert(gt_op_find("cross_entropy")->fast_evaluate != NULL);
}

/* ---- powers ---------------------------------------------------------------------------------- */

static void compare_powers(const fast_table *t, unsigned level, double exponent, gt_random *random)
{
    const int64_t packed[] = {gt_pack_double(exponent)};
    const size_t strides[] = {1};
    double x_f64[MOST], y_f64[MOST], expected_f64[MOST];
    float x_f32[MOST], y_f32[MOST], expected_f32[MOST];
    for (int i = 0; i < MOST; i++) {
        x_f64[i] = draw(random);
        x_f32[i] = (float)x_f64[i];
    }
    const double *inputs_f64[] = {x_f64};
    const float *inputs_f32[] = {x_f32};
    t->op->run_f64(&(gt_elementwise_f64){MOST, inputs_f64, strides, expected_f64, packed});
    t->op->run_f32(&(gt_elementwise_f32){MOST, inputs_f32, strides, expected_f32, packed});
    t->kernels->f64[level](&(gt_elementwise_f64){MOST, inputs_f64, strides, y_f64, packed});
    t->kernels->f32[level](&(gt_elementwise_f32){MOST, inputs_f32, strides, y_f32, packed});
    for (int i = 0; i < MOST; i++) {
        cr_assert(same_f64(y_f64[i], expected_f64[i]), "%a to the power %g in f64, %s: %a, not %a", x_f64[i], exponent,
                  fast_level_name(level), y_f64[i], expected_f64[i]);
        bool next = lane_error_f32(y_f32[i], expected_f32[i]) <= 1;
        cr_assert(next, "%a to the power %g in f32, %s: %a, not %a", (double)x_f32[i], exponent, fast_level_name(level),
                  (double)y_f32[i], (double)expected_f32[i]);
    }
}

Test(fast_kernels, powers)
{
    static const double exponents[] = {2, 3,  -1,  -2,    1,       0,      0.5,  -0.5,     1.5,       -2.5,
                                       7, -7, 0.1, 100.5, 1e9 + 1, 0x1p60, -0.0, INFINITY, -INFINITY, NAN};
    const fast_table *t = NULL;
    for (unsigned i = 0; i < fast_table_count; i++)
        if (fast_tables[i].op == gt_op_find("pow"))
            t = &fast_tables[i];
    cr_assert(t != NULL);
    gt_random random;
    gt_random_seed(&random, 9);
    for (unsigned level = 0; level <= gt_processor_level(); level++)
        for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++)
            for (int repeat = 0; repeat < 50; repeat++)
                compare_powers(t, level, exponents[k], &random);
}
