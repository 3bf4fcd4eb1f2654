/*
 * Compiled loops: for every op with a rule for lanes the bits of its fast kernel, at both levels, for
 * every count of entries; columns with all that stretches over them; sums; more values than registers.
 */
#include "gradtape/random.h"
#include "machine_code.h"
#include "native/compile.h"
#include "ops/descriptors.h"
#include "ops/levels.h"
#include "support/fast_tables.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 70, GUARD = 16, OPERANDS = 3 };

/* A loop and what it takes to run it. */
typedef struct compiled {
    gt_executable executable;
    gt_loop_function *run;
} compiled;

static compiled compile(bool avx512, const gt_compiled_loop *loop)
{
    compiled c = {.run = NULL};
    gt_encoder e;
    gt_encoder_init(&e, avx512);
    size_t begin = gt_compile_loop(&e, loop);
    cr_assert_neq(begin, (size_t)-1);
    c.run = machine_code(&e, begin, &c.executable);
    gt_encoder_free(&e);
    return c;
}

static void run_flat(const compiled *c, bool avx512, size_t size, char **arrays, int64_t entries)
{
    int64_t bytes = entries * (int64_t)size, rest = bytes % gt_vector_bytes(avx512);
    c->run(arrays, bytes - rest, rest / (int64_t)size);
}

/* For each level that there is here: 1 for AVX2, 2 for AVX-512. */
static unsigned levels(void)
{
    bool avx512;
    return gt_compile_possible(&avx512) ? gt_processor_level() : 0;
}

static double draw(gt_random *random)
{
    static const double special[] = {0.0, -0.0,    1,       -1,      INFINITY, -INFINITY,
                                     NAN, FLT_MIN, DBL_MIN, FLT_MAX, 1e-310,   1e-42};
    int64_t kind = gt_random_integer(random, 0, 4);
    return kind == 0   ? special[gt_random_integer(random, 0, sizeof special / sizeof *special)]
           : kind == 1 ? exp(20 * gt_random_normal(random)) * (gt_random_integer(random, 0, 2) != 0 ? 1 : -1)
                       : 3 * gt_random_normal(random);
}

static void fill(gt_random *random, gt_dtype dtype, void *to, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        double number = draw(random);
        if (dtype == GT_F32)
            ((float *)to)[i] = (float)number;
        else
            ((double *)to)[i] = number;
    }
}

static double entry(const void *data, gt_dtype dtype, int64_t i)
{
    return dtype == GT_F32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
}

static bool same_bits(const void *a, const void *b, gt_dtype dtype, int64_t i)
{
    size_t size = gt_dtype_size(dtype);
    return (isnan(entry(a, dtype, i)) && isnan(entry(b, dtype, i))) ||
           memcmp((const char *)a + (size_t)i * size, (const char *)b + (size_t)i * size, size) == 0;
}

/* ---- every op ------------------------------------------------------------------------------- */

static void run_kernel(const gt_fast_kernels *kernels, unsigned level, gt_dtype dtype, void *const *inputs,
                       void *output, int64_t count)
{
    static const size_t strides[] = {1, 1, 1};
    if (dtype == GT_F32)
        kernels->f32[level](&(gt_elementwise_f32){(size_t)count, (const float *const *)inputs, strides, output, NULL});
    else
        kernels->f64[level](&(gt_elementwise_f64){(size_t)count, (const double *const *)inputs, strides, output, NULL});
}

static void record(gt_lanes *lanes, const gt_op *op, gt_dtype dtype)
{
    gt_lane inputs[OPERANDS];
    gt_lanes_init(lanes, dtype);
    for (uint32_t k = 0; k < (uint32_t)op->arity; k++)
        inputs[k] = gt_lanes_input(lanes, k);
    gt_lanes_output(lanes, op->lanes(lanes, inputs), (uint32_t)op->arity);
    cr_assert_not(lanes->failed);
}

/* The output apart, or over the first operand; what is behind it stays. */
static void check_op(const fast_table *t, unsigned level, gt_dtype dtype, bool in_place)
{
    const gt_op *op = t->op;
    uint32_t arity = (uint32_t)op->arity;
    gt_lanes lanes;
    record(&lanes, op, dtype);
    gt_loop_slot slots[OPERANDS + 1] = {{0}};
    slots[arity].is_over = in_place;
    compiled c = compile(level == 2, &(gt_compiled_loop){&lanes, slots, arity + 1, true, 1});
    gt_random random;
    gt_random_seed(&random, 11);
    double data[OPERANDS + 2][MOST + GUARD];
    for (int64_t count = 0; count <= MOST; count++) {
        void *inputs[OPERANDS];
        char *arrays[OPERANDS + 1];
        for (uint32_t k = 0; k < OPERANDS + 2; k++)
            fill(&random, dtype, data[k], MOST + GUARD);
        for (uint32_t k = 0; k < OPERANDS; k++)
            inputs[k] = data[k];
        double *actual = in_place ? data[0] : data[OPERANDS], *expected = data[OPERANDS + 1];
        memcpy(expected, actual, sizeof data[0]);
        for (uint32_t k = 0; k < arity; k++)
            arrays[k] = (char *)data[k];
        arrays[arity] = (char *)actual;
        run_kernel(t->kernels, level, dtype, inputs, expected, count);
        run_flat(&c, level == 2, gt_dtype_size(dtype), arrays, count);
        for (int64_t i = 0; i < MOST + GUARD; i++)
            cr_assert(same_bits(actual, expected, dtype, i), "%s, level %u, %s, %lld entries: [%lld] is %g, not %g",
                      op->name, level, gt_dtype_name(dtype), (long long)count, (long long)i, entry(actual, dtype, i),
                      entry(expected, dtype, i));
    }
    gt_executable_free(&c.executable);
    gt_lanes_free(&lanes);
}

Test(compile, every_op)
{
    uint32_t checked = 0;
    for (unsigned k = 0; k < fast_table_count; k++) {
        const fast_table *t = &fast_tables[k];
        if (t->op == NULL || t->kernels == NULL || t->op->op_class != GT_CLASS_ELEMENTWISE || t->op->lanes == NULL)
            continue;
        checked++;
        for (unsigned level = 1; level <= levels(); level++)
            for (int in_place = 0; in_place < 2; in_place++) {
                check_op(t, level, GT_F32, in_place != 0);
                check_op(t, level, GT_F64, in_place != 0);
            }
    }
    cr_expect_geq(checked, 20);
}

/* A new op of arithmetic without a rule would keep runs from being compiled without anybody noticing. */
Test(compile, ops_without_rules)
{
    static const char *const without[] = {"pow", "sin", "cos", "floor"};
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        bool known = false;
        for (size_t k = 0; k < sizeof without / sizeof *without; k++)
            known |= strcmp(op->name, without[k]) == 0;
        if (op->op_class == GT_CLASS_ELEMENTWISE)
            cr_expect_eq(op->lanes == NULL, known, "%s", op->name);
    }
}

/* ---- columns -------------------------------------------------------------------------------- */

enum { SLOTS = 7, COLUMNS = 5, FACTOR = 3, APART = 3 };

/*
 * y = tanh(x) * column + row * number, its sum times a factor, and the sum of y * x; x lies within a larger
 * matrix.
 */
static void record_columns(gt_lanes *l, gt_dtype dtype)
{
    gt_lanes_init(l, dtype);
    gt_lane x = gt_lanes_input(l, 0), column = gt_lanes_input(l, 1), row = gt_lanes_input(l, 2),
            number = gt_lanes_input(l, 3);
    gt_lane y = gt_lanes_fused(l, gt_op_tanh.lanes(l, &x), column, gt_lanes_binary(l, GT_LANE_MUL, row, number));
    gt_lanes_output(l, y, 4);
    gt_lanes_sum(l, gt_op_exp.lanes(l, &y), 0, 5);
    gt_lanes_sum(l, y, x, 6);
}

static void check_columns(unsigned level, gt_dtype dtype, int64_t rows)
{
    int32_t size = (int32_t)gt_dtype_size(dtype), distance = (int32_t)rows * size;
    const gt_loop_slot slots[SLOTS] = {
        {.walk = GT_SLOT_ENTRIES, .distance = distance + APART * size},
        {.walk = GT_SLOT_ENTRIES},
        {.walk = GT_SLOT_ROW, .distance = size},
        {.walk = GT_SLOT_SCALAR},
        {.walk = GT_SLOT_ENTRIES, .distance = distance},
        {.walk = GT_SLOT_SUM, .distance = size, .factor = FACTOR},
        {.walk = GT_SLOT_SUM, .distance = size, .factor = 1},
    };
    gt_lanes lanes;
    record_columns(&lanes, dtype);
    compiled c = compile(level == 2, &(gt_compiled_loop){&lanes, slots, SLOTS, false, rows});
    int64_t counts[SLOTS] = {(rows + APART) * COLUMNS, rows, COLUMNS, 1, rows * COLUMNS, COLUMNS, COLUMNS};
    char *data[SLOTS], *arrays[SLOTS];
    gt_random random;
    gt_random_seed(&random, 12);
    for (int s = 0; s < SLOTS; s++) {
        data[s] = arrays[s] = malloc((size_t)counts[s] * (size_t)size);
        cr_assert_not_null(data[s]);
        for (int64_t i = 0; i < counts[s]; i++) {
            double value = gt_random_normal(&random);
            if (dtype == GT_F32)
                ((float *)data[s])[i] = (float)value;
            else
                ((double *)data[s])[i] = value;
        }
    }
    c.run(arrays, COLUMNS, 0);
    double tolerance = dtype == GT_F32 ? 2e-6 : 1e-14;
    for (int64_t m = 0; m < COLUMNS; m++) {
        double sum = 0, products = 0, size_of_sum = 0, size_of_products = 0;
        for (int64_t r = 0; r < rows; r++) {
            double x = entry(data[0], dtype, m * (rows + APART) + r);
            double y = tanh(x) * entry(data[1], dtype, r) + entry(data[2], dtype, m) * entry(data[3], dtype, 0);
            double actual = entry(data[4], dtype, m * rows + r);
            cr_assert(fabs(actual - y) <= tolerance * (1 + fabs(y)), "level %u, %lld rows, [%lld, %lld]", level,
                      (long long)rows, (long long)r, (long long)m);
            sum += FACTOR * exp(actual);
            products += actual * x;
            size_of_sum += FACTOR * exp(actual);
            size_of_products += fabs(actual * x);
        }
        cr_assert(fabs(entry(data[5], dtype, m) - sum) <= tolerance * size_of_sum, "level %u, %lld rows: %g, not %g",
                  level, (long long)rows, entry(data[5], dtype, m), sum);
        cr_assert(fabs(entry(data[6], dtype, m) - products) <= tolerance * (size_of_products + DBL_MIN));
    }
    for (int s = 0; s < SLOTS; s++)
        free(data[s]);
    gt_executable_free(&c.executable);
    gt_lanes_free(&lanes);
}

Test(compile, columns)
{
    for (unsigned level = 1; level <= levels(); level++)
        for (int64_t rows = 1; rows <= 300; rows += rows < 40 ? 1 : 37) {
            check_columns(level, GT_F32, rows);
            check_columns(level, GT_F64, rows);
        }
}
