/* Plans of tapes that were once planned wrongly, against the interpreter. */
#include "gradtape.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N = 3, M = 2, STEPS = 4, MOST = 4 };

typedef struct recorded {
    gt_tape *tape;
    gt_var inputs[MOST], outputs[MOST];
    uint32_t input_count, output_count;
} recorded;

static gt_var give(recorded *r, const char *name, gt_dtype dtype, gt_shape shape)
{
    return r->inputs[r->input_count++] = gt_input_of(r->tape, name, dtype, shape);
}

static void want(recorded *r, gt_var output)
{
    r->outputs[r->output_count++] = output;
}

static void check(recorded *r)
{
    planned_compare(&(planned_tape){.tape = r->tape,
                                    .inputs = r->inputs,
                                    .input_count = r->input_count,
                                    .outputs = r->outputs,
                                    .output_count = r->output_count,
                                    .low = -1,
                                    .high = 1,
                                    .tolerance = 1e-13},
                    NULL);
    gt_tape_free(r->tape);
}

/* reorder-sums took the inner sum apart. */
Test(plan_cases, sum_within_a_sum_is_an_output)
{
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var w = give(&r, "w", GT_F64, GT_SHAPE(N, N)), x = give(&r, "x", GT_F64, GT_SHAPE(N, M));
    gt_var inner = gt_add(gt_tanh(x), gt_exp(x));
    want(&r, gt_add(gt_matmul(w, x), inner));
    want(&r, inner);
    check(&r);
}

typedef struct numbers_of_step {
    gt_var x, target; /* () */
} numbers_of_step;

static gt_var number(numbers_of_step s)
{
    return s.x;
}
static gt_var softmax(numbers_of_step s)
{
    return gt_softmax(s.x);
}
static gt_var log_softmax(numbers_of_step s)
{
    return gt_log_softmax(s.x);
}
static gt_var cross_entropy(numbers_of_step s)
{
    return gt_cross_entropy(s.x, s.target);
}

/* Fission gave the first axis, which numbers do not have, to time. */
Test(plan_cases, numbers_of_a_step_are_a_row_of_all_steps)
{
    gt_var (*const cases[])(numbers_of_step) = {number, softmax, log_softmax, cross_entropy};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        recorded r = {.tape = gt_tape_new(NULL)};
        gt_var w = give(&r, "w", GT_F64, GT_SHAPE(N, 1)), x = give(&r, "x", GT_F64, GT_SHAPE(STEPS));
        gt_var targets = give(&r, "targets", GT_I32, GT_SHAPE(STEPS));
        gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
        numbers_of_step s = {gt_scan_input(scan, "x", x), gt_scan_input(scan, "targets", targets)};
        gt_var y = gt_matmul(gt_scan_invariant(scan, w), cases[k](s));
        cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
        want(&r, gt_scan_stack(scan, y));
        check(&r);
    }
}

/* Logits and targets may differ by more than one axis, of one entry each. */
Test(plan_cases, targets_have_more_axes_than_logits)
{
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var w = give(&r, "w", GT_F64, GT_SHAPE(N, 1)), x = give(&r, "x", GT_F64, GT_SHAPE(N, M, STEPS));
    gt_var targets = give(&r, "targets", GT_I32, GT_SHAPE(M, 1, STEPS));
    gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
    gt_var loss = gt_cross_entropy(gt_scan_input(scan, "x", x), gt_scan_input(scan, "targets", targets));
    gt_var y = gt_matmul(gt_scan_invariant(scan, w), loss);
    cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
    want(&r, gt_scan_stack(scan, y));
    check(&r);
}

/* accumulate asked the loop for the part of the rows that is the same at every step. */
Test(plan_cases, sum_over_steps_of_rows_of_which_some_are_constant)
{
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var x = give(&r, "x", GT_F64, GT_SHAPE(N, M, STEPS)), u = give(&r, "u", GT_F64, GT_SHAPE(N, M));
    gt_var start = give(&r, "s", GT_F64, GT_SHAPE(2 * N, 1));
    gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(scan, "s", start);
    gt_var rows[] = {gt_scan_invariant(scan, u), gt_tanh(gt_scan_input(scan, "x", x))};
    gt_scan_next(scan, s, gt_add(s, gt_sum(gt_concat(rows, 2, 0), 1)));
    cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
    want(&r, gt_scan_final(scan, s));
    check(&r);
}

/* narrow-ops took a var of the body for one outside with the same index: with some number of vars before it, it has. */
Test(plan_cases, terms_of_two_tapes_are_not_equal)
{
    for (int before = 0; before < 12; before++) {
        recorded r = {.tape = gt_tape_new(NULL)};
        gt_var number = give(&r, "number", GT_F64, GT_SCALAR), x = give(&r, "x", GT_F64, GT_SHAPE(N, M));
        gt_var other = give(&r, "other", GT_F64, GT_SHAPE(N, M)), outside = gt_mul(number, other);
        gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
        gt_var state = gt_scan_carry(scan, "x", x), term = gt_scan_invariant(scan, outside), v = state;
        for (int k = 0; k < before; k++)
            v = gt_tanh(v);
        gt_scan_next(scan, state, gt_tanh(gt_add(gt_add(gt_sin(v), v), term)));
        cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
        want(&r, gt_scan_final(scan, state));
        check(&r);
    }
}

/* The inner sum leaves both loops; accumulate asked the outer one for its values. */
Test(plan_cases, sum_over_steps_of_sums_that_do_not_vary)
{
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var u = give(&r, "u", GT_F64, GT_SHAPE(N, M)), outer_start = give(&r, "s", GT_F64, GT_SHAPE(N, 1));
    gt_var inner_start = give(&r, "t", GT_F64, GT_SHAPE(N, M)), gain = give(&r, "gain", GT_F64, GT_SHAPE(N, M));
    gt_scan *outer = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(outer, "s", outer_start), other = gt_scan_carry(outer, "other", inner_start);
    gt_var inside[] = {gt_scan_invariant(outer, u), gt_scan_invariant(outer, inner_start),
                       gt_scan_invariant(outer, gain)};
    gt_scan *inner = gt_scan_begin(gt_scan_body(outer), STEPS, GT_BACKWARD);
    gt_var t = gt_scan_carry(inner, "t", inside[1]);
    gt_scan_next(inner, t, gt_add(t, gt_scan_invariant(inner, inside[0])));
    cr_assert_eq(gt_scan_end(inner), GT_OK, "%s", gt_tape_message(r.tape));
    gt_var total = gt_mul(gt_scan_final(inner, t), inside[2]);
    gt_scan_next(outer, other, gt_tanh(gt_add(other, total)));
    gt_scan_next(outer, s, gt_add(s, gt_sum(total, 1)));
    cr_assert_eq(gt_scan_end(outer), GT_OK, "%s", gt_tape_message(r.tape));
    want(&r, gt_scan_final(outer, s));
    want(&r, gt_scan_final(outer, other));
    want(&r, gt_scan_stack(outer, total));
    check(&r);
}
