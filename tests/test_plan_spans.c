/* Runs that are compiled: which steps become one loop, and what they compute. */
#include "gradtape.h"

#include "models/dimensions.h"
#include "plan/plan.h"
#include "problem/tape.h"
#include "support/planned.h"
#include "support/uncompiled.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 48, COLUMNS = 9 };

static gt_plan *plan_of(const gt_var *outputs, uint32_t count, const gt_plan_options *options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(outputs, count, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

static bool is_compiled(const gt_plan *plan)
{
    return plan->code.spans != NULL;
}

static gt_group *group_of(const gt_plan *plan)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++)
        if (gt_group_of(&plan->code.block.list[i]) != NULL)
            return gt_group_of(&plan->code.block.list[i]);
    cr_assert_fail("there is no run");
    return NULL;
}

static void compare(gt_tape *tape, const gt_var *inputs, uint32_t input_count, const gt_var *outputs,
                    uint32_t output_count)
{
    planned_compare(&(planned_tape){.tape = tape,
                                    .inputs = inputs,
                                    .input_count = input_count,
                                    .outputs = outputs,
                                    .output_count = output_count},
                    NULL);
}

/* ---- what is compiled ----------------------------------------------------------------------- */

/* One loop for all ops of one shape, whatever stretches over it. */
Test(plan_spans, one_shape_is_one_loop)
{
    static const gt_dtype dtypes[] = {GT_F32, GT_F64};
    for (int d = 0; d < 2; d++) {
        gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = dtypes[d]});
        gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS - 1, COLUMNS));
        gt_var column = gt_input(tape, "column", GT_SHAPE(ROWS - 1, 1));
        gt_var row = gt_input(tape, "row", GT_SHAPE(1, COLUMNS));
        gt_var y = gt_mul(gt_tanh(gt_add(x, column)), gt_sigmoid(gt_sub(x, row)));
        gt_var outputs[] = {gt_div(gt_log(gt_add(gt_mul(y, y), row)), column), y};
        compare(tape, (gt_var[]){x, column, row}, 3, outputs, 2);
        gt_plan *plan = plan_of(outputs, 2, NULL);
        if (is_compiled(plan)) {
            cr_expect_eq(group_of(plan)->span_count, 1);
            cr_expect_not(group_of(plan)->spans[0].flat);
        }
        gt_plan_free(plan);
        gt_tape_free(tape);
    }
}

static uint32_t count_runs(const gt_plan *plan)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->code.block.count; i++)
        count += gt_group_of(&plan->code.block.list[i]) != NULL;
    return count;
}

/* An op without rules for lanes stands by itself, in strips and elsewhere, so that its neighbours are compiled. */
Test(plan_spans, ops_without_lanes)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var powers = gt_pow(gt_add(x, x), 1.5), centred = gt_sub(powers, gt_mean(powers, 0));
    gt_var outputs[] = {gt_sin(gt_mul(x, x)), gt_tanh(gt_mul(gt_cos(centred), centred))};
    compare(tape, &x, 1, outputs, 2);
    gt_tape_free(tape);
}

Test(plan_spans, an_op_without_lanes_does_not_keep_others_from_being_compiled)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F32});
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var y = gt_tanh(gt_add(x, x)), waves = gt_mul(gt_sin(y), gt_cos(gt_mul(y, x)));
    gt_var output = gt_sigmoid(gt_add(waves, gt_exp(x)));
    compare(tape, &x, 1, &output, 1);
    gt_plan *plan = plan_of(&output, 1, NULL);
    if (can_compile()) {
        cr_expect_eq(count_runs(plan), 3, "there are %u runs", count_runs(plan));
        cr_expect_eq(group_of(plan)->step_count, 4, "%u steps", group_of(plan)->step_count);
        cr_expect_eq(count_uncompiled(&plan->code.block), 0);
    }
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* Slices are read where they are cut from, unless that has been written over by then. */
Test(plan_spans, slices_are_no_copies)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F32});
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var y = gt_sub(x, gt_mean(x, 0)), third = gt_slice(y, 0, ROWS / 3, 2 * ROWS / 3);
    gt_var part = gt_slice(third, 0, 2, 12), square = gt_mul(part, part);
    gt_var outputs[] = {gt_div(gt_tanh(part), gt_sum(square, 0)), gt_mean(gt_slice(y, 0, 1, 7), 0),
                        gt_slice(gt_exp(y), 0, 5, 11)};
    compare(tape, &x, 1, outputs, 3);
    gt_plan *plan = plan_of(outputs, 1, NULL);
    const gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count && is_compiled(plan); k++)
        cr_expect_neq(group->steps[k].kind, GT_STEP_SLICE);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* More arrays than a loop has: the run becomes several loops. */
Test(plan_spans, too_many_arrays)
{
    enum { TERMS = 30 };
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_var inputs[TERMS], outputs[3 * TERMS];
    for (int k = 0; k < TERMS; k++)
        inputs[k] = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    for (int k = 0; k < TERMS; k++) {
        outputs[3 * k] = gt_mul(inputs[k], inputs[(k + 1) % TERMS]);
        outputs[3 * k + 1] = gt_tanh(outputs[3 * k]);
        outputs[3 * k + 2] = gt_add(outputs[3 * k], inputs[(k + 2) % TERMS]);
    }
    compare(tape, inputs, TERMS, outputs, 3 * TERMS);
    gt_plan *plan = plan_of(outputs, 3 * TERMS, NULL);
    cr_expect(!can_compile() || count_runs(plan) > 1);
    cr_expect(!can_compile() || count_uncompiled(&plan->code.block) == 0);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* More instructions than a loop has, in one long chain; and the values of its links are sums over steps. */
Test(plan_spans, long_chains)
{
    enum { LINKS = 300 };
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS)), outputs[3], y = x, sum = x;
    for (int k = 0; k < LINKS; k++) {
        y = gt_tanh(gt_add(gt_mul(y, x), gt_sigmoid(x)));
        sum = k % 20 == 0 ? gt_add(sum, y) : sum;
    }
    outputs[0] = y;
    outputs[1] = sum;
    cr_assert_eq(gt_grad(&sum, NULL, 1, &x, 1, &outputs[2]), GT_OK);
    compare(tape, &x, 1, outputs, 3);
    gt_plan *plan = plan_of(outputs, 3, NULL);
    cr_expect(!can_compile() || count_uncompiled(&plan->code.block) == 0);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* Forward and backward, with that for all dimensions. */
static void count_of_cell(const char *name, const char *text, int64_t size, int64_t m, gt_dtype dtype)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    gt_error error = {0};
    gt_dimensions dimensions;
    cr_assert_not_null(cell, "%s", name);
    cr_assert_eq(gt_dimensions_find(&dimensions, cell, true, &error), GT_OK, "%s", error.message);
    gt_dimensions_all(&dimensions, size);
    gt_cell_problem problem;
    gt_cell_tape record;
    cr_assert_eq(gt_cell_problem_shape(&problem, cell, dtype, &dimensions, m, 5, true, &error), GT_OK, "%s: %s", name,
                 error.message);
    for (uint32_t i = problem.differentiated; i < problem.array_count; i++)
        problem.arrays[i].given = true;
    gt_var gradients[3 * GT_MAX_CELL_ARRAYS];
    cr_assert_eq(gt_cell_tape_open(&record, &problem, false, &error), GT_OK);
    cr_assert_eq(gt_cell_tape_differentiate(&record, &problem, gradients), GT_OK);
    gt_plan *plan = plan_of(gradients, problem.differentiated, NULL);
    cr_expect_eq(is_compiled(plan), can_compile(), "%s", name);
    cr_expect(!can_compile() || count_uncompiled(&plan->code.block) == 0, "%s", name);
    gt_plan_free(plan);
    gt_cell_tape_close(&record);
    gt_cell_problem_free(&problem);
    gt_parsed_cell_free(parsed);
}

/* Of every cell of the zoo, at a narrow and a wide size. */
static void count_of_zoo(void)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        count_of_cell(gt_zoo_at(i)->name, gt_zoo_at(i)->text, 8, 3, GT_F32);
        count_of_cell(gt_zoo_at(i)->name, gt_zoo_at(i)->text, 120, 3, GT_F32);
        count_of_cell(gt_zoo_at(i)->name, gt_zoo_at(i)->text, 14, 1, GT_F64);
    }
}

Test(plan_spans, no_cell_of_the_zoo_goes_op_by_op)
{
    count_of_zoo();
}

/* Every test is a process of its own, which has not asked for its processor yet. */
static void use_avx2(void)
{
    cr_assert_eq(setenv("GRADTAPE_PROCESSOR", "avx2", 1), 0);
    bool avx512 = false;
    cr_assert(!gt_compile_possible(&avx512) || !avx512);
}

Test(plan_spans, no_cell_of_the_zoo_goes_op_by_op_with_avx2)
{
    use_avx2();
    count_of_zoo();
}

static uint32_t compiled_spans(const gt_plan *plan)
{
    uint32_t count = 0;
    for (const gt_span *span = plan->code.spans; span != NULL; span = span->next)
        count++;
    return count;
}

/* Exact plans, and those without the pass, have no loops of their own. */
Test(plan_spans, can_be_left_out)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS)), y = gt_tanh(gt_add(x, x));
    const gt_plan_options skip = {.skip = (const char *const[]){"compile-runs", NULL}}, exact = {.exact = true};
    gt_plan *with = plan_of(&y, 1, NULL), *without = plan_of(&y, 1, &skip), *exactly = plan_of(&y, 1, &exact);
    bool avx512;
    cr_expect_eq(compiled_spans(with), gt_compile_possible(&avx512) ? 1 : 0);
    cr_expect_eq(compiled_spans(without), 0);
    cr_expect_eq(compiled_spans(exactly), 0);
    gt_plan_free(with);
    gt_plan_free(without);
    gt_plan_free(exactly);
    gt_tape_free(tape);
}

/* ---- concats --------------------------------------------------------------------------------- */

/* Rows of matrices below each other, which the run reads as one and one by one. */
static gt_plan *joining(gt_tape *tape, gt_var *outputs, gt_var *inputs)
{
    gt_var x = inputs[0] = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var y = inputs[1] = gt_input(tape, "y", GT_SHAPE(ROWS, COLUMNS));
    gt_var a = gt_tanh(gt_sub(x, gt_mean(x, 0))), b = gt_sigmoid(gt_mul(x, y)), c = gt_exp(y);
    gt_var both = gt_concat((gt_var[]){a, y, b}, 3, 0), twice = gt_concat((gt_var[]){c, c}, 2, 0);
    gt_var again = gt_concat((gt_var[]){b, y}, 2, 0), sums = gt_sum(gt_mul(both, both), 0);
    outputs[0] = gt_div(gt_mul(both, both), sums);
    outputs[1] = gt_add(gt_mul(twice, sums), gt_mul(again, gt_sum(a, 0)));
    outputs[2] = gt_mul(gt_slice(b, 0, 2, 20), gt_mean(gt_slice(a, 0, 5, 30), 0));
    return plan_of(outputs, 3, NULL);
}

/* A part is written where the concat has it, but not one that is needed twice. */
Test(plan_spans, parts_of_concats_are_no_copies)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_var outputs[3], inputs[2];
    gt_plan *plan = joining(tape, outputs, inputs);
    compare(tape, inputs, 2, outputs, 3);
    if (is_compiled(plan)) {
        uint32_t joined = 0;
        const gt_group *group = group_of(plan);
        for (uint32_t k = 0; k < group->step_count; k++) {
            joined += group->steps[k].joined != 0;
            cr_expect(group->steps[k].joined == 0 || strcmp(group->steps[k].op->name, "tanh") == 0);
        }
        cr_expect_eq(joined, 1, "%u parts", joined);
    }
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* ---- many layers in one cell ------------------------------------------------------------------ */

/* Layers of an LSTM with elementwise weights, each on the one before: 12 arrays of parameters for each. */
static char *deep_cell(int layers)
{
    static char text[1 << 14];
    size_t size = (size_t)snprintf(text, sizeof text, "cell deep\ninput x[n]\n");
    for (int l = 0; l < layers; l++)
        size += (size_t)snprintf(text + size, sizeof text - size, "state h%c[n], c%c[n]\n", 'a' + l, 'a' + l);
    for (int l = 0; l < layers; l++)
        for (const char *gate = "fiog"; *gate != '\0'; gate++)
            size += (size_t)snprintf(text + size, sizeof text - size, "param U%c%c[n], V%c%c[n], b%c%c[n]\n", *gate,
                                     'a' + l, *gate, 'a' + l, *gate, 'a' + l);
    for (int l = 0; l < layers; l++) {
        char below[8] = "x", c = (char)('a' + l);
        if (l > 0)
            snprintf(below, sizeof below, "h%c'", c - 1);
        for (const char *gate = "fiog"; *gate != '\0'; gate++)
            size +=
                (size_t)snprintf(text + size, sizeof text - size, "%c%c = %s(U%c%c * %s + V%c%c * h%c + b%c%c)\n",
                                 *gate, c, *gate == 'g' ? "tanh" : "sigmoid", *gate, c, below, *gate, c, c, *gate, c);
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "c%c' = f%c * c%c + i%c * g%c\nh%c' = o%c * tanh(c%c')\n", c, c, c, c, c, c, c, c);
    }
    cr_assert_lt(size, sizeof text);
    return text;
}

static void count_of_layers(void)
{
    for (int layers = 1; layers <= 12; layers += layers == 1 ? 1 : 5)
        for (int64_t m = 1; m <= 3; m += 2)
            count_of_cell("deep", deep_cell(layers), 14, m, m == 1 ? GT_F64 : GT_F32);
}

/* A layer more is a loop more, forward and backward; nothing goes op by op. */
Test(plan_spans, each_layer_is_a_loop)
{
    count_of_layers();
}

Test(plan_spans, each_layer_is_a_loop_with_avx2)
{
    use_avx2();
    count_of_layers();
}

/* ---- past the caches -------------------------------------------------------------------------- */

/* g = x c, a' = g a: of g's stack, which nothing in the loop reads, and of a'. */
static uint32_t count_past(int64_t rows, int64_t steps, bool compares)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(rows, 1, steps)), c = gt_input(tape, "c", GT_SHAPE(rows, 1));
    gt_scan *scan = gt_scan_begin(tape, steps, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", gt_fill(tape, GT_SHAPE(rows, 1), 0.5));
    gt_var g = gt_mul(gt_tanh(gt_scan_input(scan, "x", x)), gt_scan_invariant(scan, c)), next = gt_mul(g, a);
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    const gt_var outputs[] = {gt_scan_stack(scan, g), gt_scan_stack(scan, next)}, inputs[] = {x, c};
    gt_plan *plan = plan_of(outputs, 2, NULL);
    uint32_t past = 0;
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        const gt_group *group = loop != NULL ? gt_group_of(&loop->body.list[0]) : NULL;
        for (uint32_t k = 0; group != NULL && k < group->step_count; k++)
            past += group->steps[k].past;
    }
    if (compares)
        compare(tape, inputs, 2, outputs, 2);
    gt_plan_free(plan);
    gt_tape_free(tape);
    return past;
}

/* A large stack of whole lines that no step of the loop reads. */
Test(plan_spans, what_is_read_much_later_goes_past_the_caches)
{
    bool avx512;
    cr_expect_eq(count_past(1024, 2100, true), gt_compile_possible(&avx512) ? 1 : 0);
    cr_expect_eq(count_past(1024, 100, false), 0, "a cache holds the stack");
    cr_expect_eq(count_past(1023, 2100, true), 0, "steps do not begin at lines");
}
