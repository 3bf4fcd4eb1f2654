/* Runs in strips: sums of columns, and rows that are cut and joined, within runs of element-by-element ops. */
#include "base/entry.h"
#include "gradtape.h"
#include "support/planned.h"

#include "native/compile.h"
#include "ops/descriptors.h"
#include "plan/describe/description.h"
#include "plan/plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 3, OUTPUTS = 5 };

typedef struct normalised {
    gt_tape *tape;
    gt_dtype dtype;
    gt_var inputs[INPUTS], outputs[OUTPUTS];
    void *data[INPUTS];
} normalised;

static gt_var normalise(gt_var x, gt_var gain)
{
    gt_var centred = gt_sub(x, gt_mean(x, 0));
    gt_var deviation = gt_sqrt(gt_add(gt_mean(gt_mul(centred, centred), 0), gt_constant(x.tape, 1e-3)));
    return gt_mul(gt_div(centred, deviation), gain);
}

/* A normalised x, cut, joined the other way round and summed; and what its gradients are. */
static normalised *record(int64_t rows, int64_t columns, gt_dtype dtype)
{
    normalised *n = calloc(1, sizeof *n);
    cr_assert_not_null(n);
    n->tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    n->dtype = dtype;
    gt_var x = n->inputs[0] = gt_input(n->tape, "x", GT_SHAPE(rows, columns));
    gt_var gain = n->inputs[1] = gt_input(n->tape, "gain", GT_SHAPE(rows, 1));
    gt_var row = n->inputs[2] = gt_input(n->tape, "row", GT_SHAPE(1, columns));
    gt_var y = gt_add(normalise(x, gain), row);
    gt_var top = gt_tanh(gt_slice(y, 0, 0, rows / 3)), rest = gt_sigmoid(gt_slice(y, 0, rows / 3, rows));
    gt_var total = gt_sum(gt_mul(top, top), 0);
    gt_var joined = gt_concat((gt_var[]){rest, gt_mul(top, total), total}, 3, 0);
    n->outputs[0] = joined;
    n->outputs[1] = total;
    gt_var loss = gt_sum(gt_mul(joined, joined), GT_ALL_AXES), wrt[] = {x, gain, row};
    gt_grad(&loss, NULL, 1, wrt, 3, n->outputs + 2);
    cr_assert(gt_tape_status(n->tape) == GT_OK, "%s", gt_tape_message(n->tape));
    gt_random random;
    gt_random_seed(&random, 3);
    for (int k = 0; k < INPUTS; k++) {
        int64_t count = gt_shape_count(gt_var_shape(n->inputs[k]));
        n->data[k] = malloc((size_t)count * gt_dtype_size(dtype));
        cr_assert_not_null(n->data[k]);
        for (int64_t i = 0; i < count; i++) {
            gt_entry_set(n->data[k], dtype, i, gt_random_normal(&random));
        }
    }
    return n;
}

static void forget(normalised *n)
{
    for (int k = 0; k < INPUTS; k++)
        free(n->data[k]);
    gt_tape_free(n->tape);
    free(n);
}

static gt_workspace *run(const normalised *n, const gt_plan *plan, gt_threads *threads)
{
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    cr_assert_not_null(work);
    for (int k = 0; k < INPUTS; k++)
        cr_assert_eq(gt_workspace_bind(work, n->inputs[k], n->data[k]), GT_OK);
    cr_assert_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
    return work;
}

static uint32_t count_lines(const gt_plan_description *d, gt_plan_line_kind kind, uint32_t depth, const char *text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; gt_plan_description_line(d, i) != NULL; i++) {
        const gt_plan_line *line = gt_plan_description_line(d, i);
        count += line->kind == kind && line->depth == depth && strstr(line->text, text) != NULL;
    }
    return count;
}

static void check(int64_t rows, int64_t columns, gt_dtype dtype)
{
    normalised *n = record(rows, columns, dtype);
    planned_tape t = {.tape = n->tape,
                      .inputs = n->inputs,
                      .input_count = INPUTS,
                      .outputs = n->outputs,
                      .output_count = OUTPUTS,
                      .data = n->data,
                      .by_largest = true};
    planned_compare(&t, NULL);
    t.skip = (const char *const[]){"compile-runs", NULL};
    planned_compare(&t, NULL);
    t.skip = NULL;
    t.exact = true;
    planned_compare(&t, NULL);
    /* What belongs to a column is computed from that column alone, whoever does it. */
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(n->outputs, OUTPUTS, NULL, &error);
    gt_threads *threads = gt_threads_new(3, &error);
    gt_workspace *alone = run(n, plan, NULL), *together = run(n, plan, threads);
    size_t bytes = (size_t)gt_shape_count(gt_var_shape(n->outputs[0])) * gt_dtype_size(dtype);
    cr_assert_eq(memcmp(gt_workspace_value(alone, 0), gt_workspace_value(together, 0), bytes), 0);
    gt_workspace_free(alone);
    gt_workspace_free(together);
    gt_threads_free(threads);
    gt_plan_free(plan);
    forget(n);
}

/* Short columns and long ones, one and many, whole vectors and parts of them. */
Test(plan_strips, the_numbers_of_the_interpreter)
{
    static const int64_t sizes[][2] = {{3, 1},   {3, 2},   {5, 200},  {48, 7},   {64, 33}, {65, 4},
                                       {128, 9}, {300, 5}, {1500, 3}, {4096, 2}, {9000, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check(sizes[i][0], sizes[i][1], GT_F64);
        check(sizes[i][0], sizes[i][1], GT_F32);
    }
}

/* Nothing of all that is an op by itself, unless the columns are too long or the pass is left out. */
Test(plan_strips, one_run)
{
    static const char *const skip[] = {"fuse-columns", NULL};
    normalised *small = record(96, 40, GT_F32), *large = record(9000, 2, GT_F32);
    gt_plan_description *fused = gt_plan_describe(small->outputs, 2, NULL, false, NULL);
    cr_assert_not_null(fused);
    cr_expect_eq(count_lines(fused, GT_PLAN_RUN, 0, ""), 1);
    cr_expect_eq(count_lines(fused, GT_PLAN_RUN_STEP, 1, "mean("), 2);
    cr_expect_eq(count_lines(fused, GT_PLAN_RUN_STEP, 1, "sum("), 1);
    cr_expect_geq(count_lines(fused, GT_PLAN_RUN_STEP, 1, "[32:96]"), 1);
    for (uint32_t i = 0; gt_plan_description_line(fused, i) != NULL; i++) {
        const gt_plan_line *line = gt_plan_description_line(fused, i);
        cr_expect(strcmp(line->result, line->text) != 0, "%s is itself", line->result);
    }
    cr_expect_eq(count_lines(fused, GT_PLAN_KERNEL, 0, "mean("), 0);
    cr_expect_eq(count_lines(fused, GT_PLAN_KERNEL, 0, "concat("), 0);
    gt_plan_description_free(fused);
    gt_plan_description *apart = gt_plan_describe(small->outputs, 2, &(gt_plan_options){.skip = skip}, false, NULL);
    cr_assert_not_null(apart);
    cr_expect_eq(count_lines(apart, GT_PLAN_KERNEL, 0, "mean("), 2);
    cr_expect_gt(count_lines(apart, GT_PLAN_RUN, 0, ""), 3);
    gt_plan_description_free(apart);
    gt_plan_description *tall = gt_plan_describe(large->outputs, 2, NULL, false, NULL);
    cr_assert_not_null(tall);
    cr_expect_eq(count_lines(tall, GT_PLAN_KERNEL, 0, "mean("), 2);
    gt_plan_description_free(tall);
    forget(small);
    forget(large);
}

/* A recurrence with a normalisation: one product and one run a step, and two backward. */
/* Rows of a split are slices like any other. */
Test(plan_strips, rows_of_a_split)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(96, 40)), gain = gt_input(tape, "gain", GT_SHAPE(96, 1));
    gt_var parts[2];
    cr_assert_eq(gt_split(normalise(x, gain), 0, (int64_t[]){32, 64}, 2, parts), GT_OK);
    gt_var y = gt_mul(gt_tanh(parts[0]), gt_slice(parts[1], 0, 8, 40));
    gt_plan_description *d = gt_plan_describe(&y, 1, NULL, false, NULL);
    cr_assert_not_null(d);
    cr_expect_eq(count_lines(d, GT_PLAN_RUN, 0, ""), 1);
    cr_expect_eq(count_lines(d, GT_PLAN_KERNEL, 0, "split"), 0);
    gt_plan_description_free(d);
    gt_tape_free(tape);
}

Test(plan_strips, a_loop)
{
    enum { N = 40, M = 6, T = 5 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(N, N)), gain = gt_parameter(tape, "gain", GT_SHAPE(N, 1));
    gt_var x = gt_input(tape, "x", GT_SHAPE(N, M, T)), a0 = gt_state(tape, "a0", GT_SHAPE(N, M));
    gt_scan *scan = gt_scan_begin(tape, T, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", a0), xt = gt_scan_input(scan, "x", x);
    gt_scan_next(scan, a, gt_tanh(gt_add(normalise(gt_matmul(W, a), gain), xt)));
    gt_scan_end(scan);
    gt_var outputs[3] = {gt_sum(gt_scan_final(scan, a), GT_ALL_AXES)}, wrt[] = {W, gain};
    gt_grad(outputs, NULL, 1, wrt, 2, outputs + 1);
    cr_assert(gt_tape_status(tape) == GT_OK, "%s", gt_tape_message(tape));
    gt_plan_description *d = gt_plan_describe(outputs, 3, NULL, false, NULL);
    cr_assert_not_null(d);
    cr_expect_eq(count_lines(d, GT_PLAN_PRODUCT, 1, ""), 2);
    cr_expect_leq(count_lines(d, GT_PLAN_RUN, 1, ""), 3);
    cr_expect_eq(count_lines(d, GT_PLAN_KERNEL, 1, ""), 0);
    gt_plan_description_free(d);
    gt_tape_free(tape);
}

/* What reads nothing of a product is done with what stands in front of that, not in a run of its own behind it. */
Test(plan_strips, a_run_joins_the_one_that_it_reads)
{
    enum { N = 40, M = 6, T = 5 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(N, N)), gain = gt_parameter(tape, "gain", GT_SHAPE(N, 1));
    gt_var x = gt_input(tape, "x", GT_SHAPE(N, M, T)), a0 = gt_state(tape, "a0", GT_SHAPE(N, M));
    gt_var b0 = gt_state(tape, "b0", GT_SHAPE(N, M));
    gt_scan *scan = gt_scan_begin(tape, T, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", a0), b = gt_scan_carry(scan, "b", b0), xt = gt_scan_input(scan, "x", x);
    gt_var y = gt_tanh(gt_add(gt_mul(a, b), xt)), product = gt_matmul(W, y);
    gt_scan_next(scan, a, product);
    gt_scan_next(scan, b, normalise(y, gain));
    gt_scan_end(scan);
    gt_var outputs[] = {gt_scan_final(scan, a), gt_scan_final(scan, b)}, inputs[] = {W, gain, x, a0, b0};
    cr_assert(gt_tape_status(tape) == GT_OK, "%s", gt_tape_message(tape));
    gt_plan_description *d = gt_plan_describe(outputs, 2, NULL, false, NULL);
    cr_assert_not_null(d);
    cr_expect_eq(count_lines(d, GT_PLAN_PRODUCT, 1, ""), 1);
    cr_expect_eq(count_lines(d, GT_PLAN_RUN, 1, ""), 1);
    gt_plan_description_free(d);
    planned_tape t = {.tape = tape,
                      .inputs = inputs,
                      .input_count = 5,
                      .outputs = outputs,
                      .output_count = 2,
                      .tolerance = 1e-10}; /* what rounding is at a step is multiplied at the next ones */
    planned_compare(&t, NULL);
    gt_tape_free(tape);
}

static const gt_group *strips_of(const gt_plan *plan)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++)
        if (gt_group_of(&plan->code.block.list[i]) != NULL && gt_group_of(&plan->code.block.list[i])->strips)
            return gt_group_of(&plan->code.block.list[i]);
    cr_assert_fail("there are no strips");
    return NULL;
}

/* The centred value, which two loops read, is made in both of them, and has no memory. */
Test(plan_strips, a_cheap_step_is_repeated)
{
    bool avx512;
    if (!gt_compile_possible(&avx512))
        return;
    normalised *n = record(96, 40, GT_F32);
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(n->outputs, 2, NULL, &error);
    cr_assert_not_null(plan, "%s", error.message);
    const gt_group *group = strips_of(plan);
    uint32_t ops = 0, steps = 0;
    for (uint32_t k = 0; k < group->op_count; k++)
        ops += group->ops[k].op == &gt_op_sub;
    for (uint32_t k = 0; k < group->step_count; k++) {
        steps += group->steps[k].op == &gt_op_sub;
        cr_expect(group->steps[k].op != &gt_op_sub || group->steps[k].inside);
    }
    cr_expect_eq(ops, 1);
    cr_expect_eq(steps, 2);
    gt_plan_free(plan);
    forget(n);
}
