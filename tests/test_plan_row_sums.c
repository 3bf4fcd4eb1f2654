/* Gradients of biases are taken by the products that give the gradients of weights. */
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/verify/verify.h"

#include "gradtape.h"
#include "ops/descriptors.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, COLUMNS = 3, INNER = 7, MOST = 4 };

/* d @ xᵀ and the sums of d along `axis`, of a d that is computed, and what is made of those. */
static uint32_t record(gt_tape *tape, int axis, bool used_before, gt_var *outputs, gt_var inputs[2])
{
    gt_var z = inputs[0] = gt_input(tape, "z", GT_SHAPE(ROWS, INNER));
    gt_var x = inputs[1] = gt_input(tape, "x", GT_SHAPE(COLUMNS, INNER));
    gt_var d = gt_tanh(z);
    if (used_before) { /* the product waits for the sum */
        outputs[1] = gt_sum(d, axis);
        outputs[0] = gt_matmul_transposed(d, false, gt_mul(x, gt_exp(gt_sum(outputs[1], GT_ALL_AXES))), true);
        return 2;
    }
    outputs[0] = gt_matmul_transposed(d, false, x, true);
    outputs[1] = gt_sum(d, axis);
    outputs[2] = gt_mul(outputs[1], outputs[1]);
    return 3;
}

typedef struct counts {
    uint32_t sums, in_passing;
} counts;

typedef struct lowered {
    gt_program program;
    gt_pool pool;
    gt_code code;
    gt_operand operands[MOST];
} lowered;

static void lower(lowered *l, const gt_var *outputs, uint32_t output_count, const gt_plan_options *options)
{
    gt_error error = {0};
    *l = (lowered){0};
    cr_assert_eq(gt_pipeline_run(outputs, output_count, options, &l->program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&l->program, &l->pool, &l->code, l->operands, &error), GT_OK, "%s", error.message);
}

static void release(lowered *l)
{
    gt_pool_free(&l->pool);
    gt_program_free(&l->program);
}

static counts count(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options)
{
    lowered l;
    lower(&l, outputs, output_count, options);
    counts found = {0};
    for (uint32_t i = 0; i < l.code.block.count; i++) {
        const gt_instruction *instruction = &l.code.block.list[i];
        const gt_kernel_call *call = gt_kernel_of(instruction);
        const gt_multiplication *m = gt_multiplication_of(instruction);
        found.sums += call != NULL && call->op == &gt_op_sum;
        found.in_passing += m != NULL && m->has_left_sums;
    }
    release(&l);
    return found;
}

/* Without runs that take sums too, so that sums are seen. */
static const gt_plan_options taken = {.skip = (const char *const[]){"fuse-columns", NULL}};
static const gt_plan_options left_out = {.skip = (const char *const[]){"fuse-columns", "sum-with-products", NULL}};
static const gt_plan_options exact = {.exact = true};

Test(plan_row_sums, are_taken_in_passing)
{
    static const struct {
        int axis;
        bool used_before;
        const gt_plan_options *options;
        counts expected;
    } cases[] = {
        {1, false, &taken, {0, 1}}, {1, false, &left_out, {1, 0}},
        {1, false, &exact, {1, 0}}, {0, false, &taken, {1, 0}}, /* the columns' sums are something else */
        {1, true, &taken, {2, 0}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_var outputs[MOST], inputs[2];
        uint32_t outputs_recorded = record(tape, cases[k].axis, cases[k].used_before, outputs, inputs);
        counts found = count(outputs, outputs_recorded, cases[k].options);
        cr_expect_eq(found.sums, cases[k].expected.sums, "case %zu: %u sums", k, found.sums);
        cr_expect_eq(found.in_passing, cases[k].expected.in_passing, "case %zu: %u in passing", k, found.in_passing);
        gt_tape_free(tape);
    }
}

/* The sums themselves, planned so and so, of given numbers. */
static void take(const gt_var *outputs, const gt_plan_options *options, const gt_var inputs[2], const double *z,
                 const double *x, double sums[ROWS])
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(outputs, 3, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    gt_workspace *workspace = gt_workspace_new(plan);
    cr_assert_eq(gt_workspace_bind(workspace, inputs[0], z), GT_OK);
    cr_assert_eq(gt_workspace_bind(workspace, inputs[1], x), GT_OK);
    cr_assert_eq(gt_workspace_run(workspace), GT_OK, "%s", gt_workspace_message(workspace));
    memcpy(sums, gt_workspace_value(workspace, 1), ROWS * sizeof *sums);
    gt_workspace_free(workspace);
    gt_plan_free(plan);
}

Test(plan_row_sums, are_the_sums)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var outputs[MOST], inputs[2];
    double z[ROWS * INNER], x[COLUMNS * INNER], in_passing[ROWS], alone[ROWS];
    for (int i = 0; i < ROWS * INNER; i++)
        z[i] = sin(i + 1);
    for (int i = 0; i < COLUMNS * INNER; i++)
        x[i] = cos(i);
    record(tape, 1, false, outputs, inputs);
    take(outputs, NULL, inputs, z, x, in_passing);
    take(outputs, &exact, inputs, z, x, alone);
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int k = 0; k < INNER; k++)
            sum += tanh(z[i + k * ROWS]);
        cr_expect(fabs(in_passing[i] - sum) <= 1e-14 && fabs(alone[i] - sum) <= 1e-14, "row %d: %g and %g, not %g", i,
                  in_passing[i], alone[i], sum);
    }
    gt_tape_free(tape);
}

/* The verifier sees sums that are written where something else is. */
Test(plan_row_sums, are_verified)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var outputs[MOST], inputs[2];
    uint32_t outputs_recorded = record(tape, 1, false, outputs, inputs);
    lowered l;
    gt_error error = {0};
    lower(&l, outputs, outputs_recorded, NULL);
    for (uint32_t i = 0; i < l.code.block.count; i++) {
        gt_multiplication *m = gt_multiplication_of(&l.code.block.list[i]);
        if (m == NULL)
            continue;
        cr_expect_eq(gt_code_verify(&l.code, &l.program, l.operands, &error), GT_OK, "%s", error.message);
        m->left_sums.address = m->output.address;
        cr_expect_neq(gt_code_verify(&l.code, &l.program, l.operands, &error), GT_OK);
        cr_expect(strstr(error.message, "sums of rows") != NULL, "%s", error.message);
    }
    release(&l);
    gt_tape_free(tape);
}
