/* Products with columns that are looked up (multiply-tables): the same numbers, by smaller products. */
#include "gradtape.h"

#include "base/entry.h"
#include "plan/plan.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plan_tables, .timeout = 120);

/* An embedding is (INNER, COLUMNS); M * T columns of it are looked up. */
enum { ROWS = 7, INNER = 24, COLUMNS = 5, M = 4, T = 6 };

typedef struct operands {
    gt_var W, U;       /* (ROWS, INNER) */
    gt_var V;          /* (INNER, ROWS) */
    gt_var E;          /* (INNER, COLUMNS) */
    gt_var D, F;       /* (ROWS, M, T) */
    gt_var G;          /* (INNER, M, T) */
    gt_var column;     /* (ROWS, 1) */
    gt_var indices;    /* (M, T) */
    gt_var flat, cube; /* the same as (M * T) and (2, M / 2, T) */
} operands;

enum { OPERANDS = sizeof(operands) / sizeof(gt_var) };

static operands record_operands(gt_tape *tape)
{
    return (operands){
        .W = gt_input(tape, "W", GT_SHAPE(ROWS, INNER)),
        .U = gt_input(tape, "U", GT_SHAPE(ROWS, INNER)),
        .V = gt_input(tape, "V", GT_SHAPE(INNER, ROWS)),
        .E = gt_input(tape, "E", GT_SHAPE(INNER, COLUMNS)),
        .D = gt_input(tape, "D", GT_SHAPE(ROWS, M, T)),
        .F = gt_input(tape, "F", GT_SHAPE(ROWS, M, T)),
        .G = gt_input(tape, "G", GT_SHAPE(INNER, M, T)),
        .column = gt_input(tape, "column", GT_SHAPE(ROWS, 1)),
        .indices = gt_input_i32(tape, "indices", GT_SHAPE(M, T)),
        .flat = gt_input_i32(tape, "flat", GT_SHAPE(M * T)),
        .cube = gt_input_i32(tape, "cube", GT_SHAPE(2, M / 2, T)),
    };
}

/* All columns but the last. */
static void fill_indices(int32_t *indices, int64_t count, int32_t below)
{
    for (int64_t i = 0; i < count; i++)
        indices[i] = (int32_t)(i * 7 % 11) % below;
}

static void fill(void *data, gt_var v, gt_random *random)
{
    int64_t count = gt_shape_count(gt_var_shape(v));
    if (gt_var_dtype(v) == GT_I32)
        fill_indices(data, count, COLUMNS - 1);
    for (int64_t i = 0; i < count && gt_var_dtype(v) != GT_I32; i++)
        gt_entry_set(data, gt_var_dtype(v), i, 2 * gt_random_uniform(random) - 1);
}

/* ---- forms ----------------------------------------------------------------------------------- */

static gt_var transposed(gt_var a, gt_var b)
{
    return gt_matmul_transposed(a, false, b, true);
}
static gt_var left_transposed(gt_var a, gt_var b)
{
    return gt_matmul_transposed(a, true, b, false);
}

static gt_var forward(const operands *o)
{
    return gt_matmul(o->W, gt_gather(o->E, o->indices));
}
static gt_var forward_transposed(const operands *o)
{
    return left_transposed(o->V, gt_gather(o->E, o->indices));
}
static gt_var forward_flat(const operands *o)
{
    return gt_matmul(o->W, gt_gather(o->E, o->flat));
}
static gt_var forward_of_cube(const operands *o)
{
    return gt_matmul(o->W, gt_gather(o->E, o->cube));
}
static gt_var forward_reshaped(const operands *o)
{
    gt_var x = gt_reshape(gt_reshape(gt_gather(o->E, o->cube), GT_SHAPE(INNER, M, T)), GT_SHAPE(INNER, M * T));
    return gt_matmul(o->W, x);
}
static gt_var with_bias(const operands *o)
{
    return gt_add(gt_matmul(o->W, gt_gather(o->E, o->indices)), o->column);
}
static gt_var with_bias_first(const operands *o)
{
    return gt_add(gt_reshape(o->column, GT_SHAPE(ROWS, 1, 1)), gt_matmul(o->W, gt_gather(o->E, o->indices)));
}
static gt_var with_product_besides(const operands *o)
{
    gt_var x = gt_gather(o->E, o->indices);
    return gt_add(gt_add(gt_matmul(o->W, x), gt_matmul(o->U, o->G)), gt_matmul(o->U, x));
}
static gt_var weight_gradient(const operands *o)
{
    return transposed(o->D, gt_gather(o->E, o->indices));
}
static gt_var weight_gradient_reshaped(const operands *o)
{
    gt_var x = gt_reshape(gt_gather(o->E, o->indices), GT_SHAPE(INNER, M * T));
    return transposed(gt_reshape(o->D, GT_SHAPE(ROWS, M * T)), x);
}
static gt_var weight_gradient_from_left(const operands *o)
{
    return transposed(gt_gather(o->E, o->indices), o->D);
}
static gt_var table_gradient(const operands *o)
{
    return gt_scatter_add(left_transposed(o->W, o->D), o->indices, COLUMNS);
}
static gt_var table_gradient_flat(const operands *o)
{
    gt_var x = left_transposed(o->W, gt_reshape(o->D, GT_SHAPE(ROWS, M * T)));
    return gt_scatter_add(gt_reshape(x, GT_SHAPE(INNER, 2, M / 2, T)), o->cube, COLUMNS);
}
static gt_var table_gradient_of_sum(const operands *o)
{
    gt_var sum = gt_add(gt_add(left_transposed(o->W, o->D), o->G), gt_matmul(o->V, o->F));
    return gt_scatter_add(gt_add(o->G, sum), o->indices, COLUMNS);
}
static gt_var all_three(const operands *o)
{
    gt_var parts[] = {table_gradient(o), gt_transpose(weight_gradient(o))};
    gt_var table = gt_concat(parts, 2, 1), x = gt_gather(table, o->indices);
    return gt_add(forward(o), gt_matmul(o->U, x));
}

/* ---- forms that stay as they are ---------------------------------------------------------------- */

static gt_var few_positions(const operands *o)
{
    gt_var some = gt_slice(o->flat, 0, 0, COLUMNS);
    return gt_matmul(o->W, gt_gather(o->E, some));
}
static gt_var weight_gradient_of_few(const operands *o)
{
    gt_var some = gt_slice(o->flat, 0, 0, COLUMNS), D = gt_reshape(o->D, GT_SHAPE(ROWS, M * T));
    return transposed(gt_slice(D, 1, 0, COLUMNS), gt_gather(o->E, some));
}
static gt_var table_gradient_of_few(const operands *o)
{
    gt_var some = gt_slice(o->flat, 0, 0, COLUMNS), D = gt_reshape(o->D, GT_SHAPE(ROWS, M * T));
    return gt_scatter_add(left_transposed(o->W, gt_slice(D, 1, 0, COLUMNS)), some, COLUMNS);
}
static gt_var short_columns(const operands *o)
{
    gt_var E = gt_slice(o->E, 0, 0, 8), W = gt_slice(o->W, 1, 0, 8);
    return gt_matmul(W, gt_gather(E, o->indices));
}
static gt_var read_elsewhere(const operands *o)
{
    gt_var x = left_transposed(o->W, o->D);
    return gt_add(gt_scatter_add(x, o->indices, COLUMNS), gt_sum(gt_sum(x, 2), 1));
}
static gt_var sum_read_elsewhere(const operands *o)
{
    gt_var x = gt_add(left_transposed(o->W, o->D), o->G);
    return gt_add(gt_scatter_add(x, o->indices, COLUMNS), gt_sum(gt_sum(x, 2), 1));
}
static gt_var not_linear(const operands *o)
{
    return gt_matmul(o->W, gt_tanh(gt_gather(o->E, o->indices)));
}
static gt_var other_rows(const operands *o)
{
    gt_var x = gt_reshape(gt_gather(o->E, o->indices), GT_SHAPE(INNER / 2, 2 * M, T));
    return gt_matmul(gt_slice(o->W, 1, 0, INNER / 2), x);
}
static gt_var no_product(const operands *o)
{
    return gt_scatter_add(gt_add(gt_add(o->G, o->G), gt_gather(o->E, o->indices)), o->indices, COLUMNS);
}

/* ---- what the pass does ------------------------------------------------------------------------- */

/* Multiplications of a program's products; it has no loops. */
static double multiplications(gt_tape *tape)
{
    double sum = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++) {
        gt_var v = gt_tape_var(tape, i);
        if (strcmp(gt_var_op(v)->name, "matmul") != 0)
            continue;
        gt_var a = gt_var_input(v, 0);
        sum += (double)gt_shape_count(gt_var_shape(v)) * (double)gt_shape_count(gt_var_shape(a)) /
               (double)gt_var_shape(v).size[0];
    }
    return sum;
}

static uint32_t count_of_op(gt_tape *tape, const char *name)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++)
        count += strcmp(gt_var_op(gt_tape_var(tape, i))->name, name) == 0;
    return count;
}

/* The program of the output behind the passes, all or all but this one. */
static gt_program program_of(gt_var output, bool with)
{
    static const char *const skip[] = {"multiply-tables", NULL};
    gt_program program;
    gt_error error = {0};
    cr_assert_eq(gt_pipeline_run(&output, 1, &(gt_plan_options){.skip = with ? NULL : skip}, &program, &error), GT_OK,
                 "%s", error.message);
    return program;
}

static void compare_form(gt_tape *tape, const operands *o, gt_var output, const char *what)
{
    gt_var inputs[OPERANDS];
    void *data[OPERANDS];
    gt_random random;
    gt_random_seed(&random, 3);
    memcpy(inputs, o, sizeof inputs);
    for (uint32_t k = 0; k < OPERANDS; k++) {
        data[k] = calloc((size_t)gt_shape_count(gt_var_shape(inputs[k])), sizeof(double));
        cr_assert_not_null(data[k]);
        fill(data[k], inputs[k], &random);
    }
    planned_compare(&(planned_tape){.tape = tape,
                                    .inputs = inputs,
                                    .input_count = OPERANDS,
                                    .outputs = &output,
                                    .output_count = 1,
                                    .data = data,
                                    .by_largest = true,
                                    .what = what},
                    NULL);
    for (uint32_t k = 0; k < OPERANDS; k++)
        free(data[k]);
}

typedef struct form {
    const char *name;
    gt_var (*record)(const operands *);
    double before, after; /* multiplications */
    uint32_t gathers, scatters;
} form;

static void check_form(const form *f, gt_dtype dtype)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    operands o = record_operands(tape);
    gt_var output = f->record(&o);
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s: %s", f->name, gt_tape_message(tape));
    compare_form(tape, &o, output, f->name);
    gt_program without = program_of(output, false), with = program_of(output, true);
    cr_expect(gt_shape_equal(gt_var_shape(with.outputs[0]), gt_var_shape(output)), "%s", f->name);
    cr_expect_eq(multiplications(without.tape), f->before, "%s: %g multiplications before", f->name,
                 multiplications(without.tape));
    cr_expect_eq(multiplications(with.tape), f->after, "%s: %g multiplications", f->name, multiplications(with.tape));
    cr_expect_eq(count_of_op(with.tape, "gather"), f->gathers, "%s: %u gathers", f->name,
                 (unsigned)count_of_op(with.tape, "gather"));
    cr_expect_eq(count_of_op(with.tape, "scatter_add"), f->scatters, "%s: %u scatter_adds", f->name,
                 (unsigned)count_of_op(with.tape, "scatter_add"));
    gt_program_free(&without);
    gt_program_free(&with);
    gt_tape_free(tape);
}

Test(plan_tables, products)
{
    const double all = ROWS * INNER * M * T, table = ROWS * INNER * COLUMNS;
    const form forms[] = {
        {"forward", forward, all, table, 1, 0},
        {"forward, transposed", forward_transposed, all, table, 1, 0},
        {"forward, flat", forward_flat, all, table, 1, 0},
        {"forward, three axes", forward_of_cube, all, table, 1, 0},
        {"forward, reshaped", forward_reshaped, all, table, 1, 0},
        {"with a bias", with_bias, all, table, 1, 0},
        {"with a bias first", with_bias_first, all, table, 1, 0},
        {"with a product besides", with_product_besides, 3 * all, 2 * table + all, 2, 0},
        /* The second scatter_add counts what is looked up. */
        {"weight gradient", weight_gradient, all, table, 0, 2},
        {"weight gradient, reshaped", weight_gradient_reshaped, all, table, 0, 2},
        {"weight gradient from the left", weight_gradient_from_left, all, table, 0, 2},
        {"table gradient", table_gradient, all, table, 0, 1},
        {"table gradient, flat", table_gradient_flat, all, table, 0, 1},
        {"table gradient of a sum", table_gradient_of_sum, 2 * all, 2 * table, 0, 3},
        {"all three", all_three, 4 * all, 4 * table + ROWS * INNER * ROWS, 2, 2},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        check_form(&forms[i], GT_F64);
        check_form(&forms[i], GT_F32);
    }
}

Test(plan_tables, products_that_stay)
{
    const double all = ROWS * INNER * M * T, few = ROWS * INNER * COLUMNS;
    const form forms[] = {
        {"few positions", few_positions, few, few, 1, 0},
        {"weight gradient of few", weight_gradient_of_few, few, few, 1, 0},
        {"table gradient of few", table_gradient_of_few, few, few, 0, 1},
        {"short columns", short_columns, ROWS * 8 * M * T, ROWS * 8 * M * T, 1, 0},
        {"read elsewhere", read_elsewhere, all, all, 0, 1},
        {"sum read elsewhere", sum_read_elsewhere, all, all, 0, 1},
        {"not linear", not_linear, all, all, 1, 0},
        {"other rows", other_rows, all, all, 1, 0},
        {"no product", no_product, 0, 0, 1, 1},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        check_form(&forms[i], GT_F64);
        check_form(&forms[i], GT_F32);
    }
}

/* More terms than are looked at: those that are left are one term. */
Test(plan_tables, a_long_sum)
{
    gt_tape *tape = gt_tape_new(NULL);
    operands o = record_operands(tape);
    gt_var sum = left_transposed(o.W, o.D);
    for (int k = 0; k < 200; k++)
        sum = gt_add(sum, gt_mul(o.G, gt_constant(tape, k)));
    compare_form(tape, &o, gt_scatter_add(gt_add(sum, gt_matmul(o.V, o.F)), o.indices, COLUMNS), "a long sum");
    gt_tape_free(tape);
}

/* ---- what is not finite --------------------------------------------------------------------------- */

/* E has no number in the column that nothing looks up, and infinity in one that is. */
Test(plan_tables, a_column_that_nothing_looks_up_goes_nowhere)
{
    static double E[INNER * COLUMNS], D[ROWS * M * T], W[ROWS * INNER];
    static int32_t indices[M * T];
    gt_tape *tape = gt_tape_new(NULL);
    operands o = record_operands(tape);
    gt_var outputs[] = {weight_gradient(&o), forward(&o)}, inputs[] = {o.E, o.D, o.W, o.indices};
    void *data[] = {E, D, W, indices};
    gt_random random;
    gt_random_seed(&random, 3);
    for (int k = 0; k < 4; k++)
        fill(data[k], inputs[k], &random);
    for (int k = 0; k < INNER; k++)
        E[(COLUMNS - 1) * INNER + k] = k % 2 == 0 ? (double)NAN : (double)INFINITY;
    E[1 * INNER + 3] = -(double)INFINITY;
    gt_plan *plan = gt_plan_new(outputs, 2, NULL, NULL);
    gt_workspace *work = gt_workspace_new(plan);
    gt_interpreter *run = gt_interpreter_new(tape);
    for (int k = 0; k < 4; k++) {
        cr_assert_eq(gt_workspace_bind(work, inputs[k], data[k]), GT_OK);
        cr_assert_eq(gt_interpreter_bind(run, inputs[k], data[k]), GT_OK);
    }
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    cr_assert_eq(gt_interpreter_evaluate(run, outputs, 2), GT_OK);
    uint32_t finite = 0;
    for (uint32_t k = 0; k < 2; k++)
        for (int64_t i = 0; i < gt_shape_count(gt_var_shape(outputs[k])); i++) {
            double a = ((const double *)gt_workspace_value(work, k))[i];
            double b = ((const double *)gt_interpreter_value(run, outputs[k]))[i];
            cr_expect_eq(isfinite(a) != 0, isfinite(b) != 0, "output %u, entry %d: %g, not %g", (unsigned)k, (int)i, a,
                         b);
            finite += isfinite(a) != 0;
        }
    cr_expect_gt(finite, ROWS * (INNER - 1));
    gt_workspace_free(work);
    gt_plan_free(plan);
    gt_interpreter_free(run);
    gt_tape_free(tape);
}

Test(plan_tables, an_index_outside_of_the_table_is_an_error)
{
    gt_var (*const records[])(const operands *) = {forward, weight_gradient, table_gradient};
    for (int k = 0; k < 3; k++) {
        static double numbers[INNER * M * T];
        static int32_t indices[M * T];
        gt_tape *tape = gt_tape_new(NULL);
        operands o = record_operands(tape);
        gt_var output = records[k](&o), inputs[] = {o.W, o.E, o.D, o.indices};
        gt_plan *plan = gt_plan_new(&output, 1, NULL, NULL);
        gt_workspace *work = gt_workspace_new(plan);
        for (int i = 0; i < 4; i++)
            gt_workspace_bind(work, inputs[i], i < 3 ? (void *)numbers : indices); /* refused if it is not read */
        indices[5] = 0;
        cr_expect_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
        indices[5] = k == 1 ? -1 : COLUMNS;
        cr_expect_eq(gt_workspace_run(work), GT_ERROR_VALUE);
        cr_expect_not_null(strstr(gt_workspace_message(work), "at position 5 is outside of 0 to 4"), "%s",
                           gt_workspace_message(work));
        gt_workspace_free(work);
        gt_plan_free(plan);
        gt_tape_free(tape);
    }
}
