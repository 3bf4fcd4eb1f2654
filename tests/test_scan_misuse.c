/* A scan that is recorded wrongly: the first error stays on the tape and says what was done. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

static gt_tape *tape, *other;
static gt_scan *scan;
static gt_var initial, sequence, state;

static void begin(void)
{
    tape = gt_tape_new(NULL);
    other = gt_tape_new(NULL);
    initial = gt_state(tape, "a0", GT_SHAPE(3, 2));
    sequence = gt_input(tape, "x", GT_SHAPE(3, 2, 4));
    scan = gt_scan_begin(tape, 4, GT_FORWARD);
    state = gt_scan_carry(scan, "a", initial);
}

static void end(void)
{
    gt_tape_free(other);
    gt_tape_free(tape);
}

TestSuite(scan_misuse, .init = begin, .fini = end);

static void expect(gt_status status, const char *words)
{
    cr_expect_eq(gt_tape_status(tape), status, "%s", gt_tape_message(tape));
    cr_expect_not_null(strstr(gt_tape_message(tape), words), "'%s' has no '%s'", gt_tape_message(tape), words);
}

static void finish(void)
{
    gt_scan_next(scan, state, gt_tanh(state));
    gt_scan_end(scan);
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s", gt_tape_message(tape));
}

Test(scan_misuse, something_enters_after_the_end)
{
    finish();
    gt_scan_input(scan, "x", sequence);
    gt_scan_end(scan);
    gt_sum(gt_scan_final(scan, state), GT_ALL_AXES);
    expect(GT_ERROR_TAPE, "'x' added after gt_scan_end");
}

Test(scan_misuse, a_next_value_after_the_end)
{
    finish();
    gt_scan_next(scan, state, state);
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "gt_scan_next after gt_scan_end");
}

Test(scan_misuse, ended_twice)
{
    finish();
    gt_scan_end(scan);
    expect(GT_ERROR_ARGUMENT, "gt_scan_end called twice");
}

Test(scan_misuse, a_scan_in_a_body_that_has_ended)
{
    finish();
    gt_scan *late = gt_scan_begin(gt_scan_body(scan), 2, GT_FORWARD);
    cr_expect_not(gt_var_valid(gt_scan_carry(late, "b", state)));
    cr_expect_neq(gt_scan_end(late), GT_OK);
}

Test(scan_misuse, values_of_another_tape)
{
    gt_scan_carry(scan, "b", gt_state(other, "b0", GT_SHAPE(3, 2)));
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "'b0' (3, 2), is not a var of the tape that holds the scan");
}

Test(scan_misuse, an_invalid_value_enters)
{
    gt_scan_carry(scan, "b", GT_NONE);
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "'b' is an invalid var");
}

Test(scan_misuse, a_state_of_whole_numbers)
{
    gt_scan_carry(scan, "n", gt_input_i32(tape, "n0", GT_SHAPE(3, 2)));
    gt_scan_end(scan);
    expect(GT_ERROR_TYPE, "carried state 'n' is i32, but the tape computes in f64");
}

Test(scan_misuse, a_sequence_without_axes)
{
    gt_scan_input(scan, "x", gt_input(tape, "one", GT_SCALAR));
    gt_scan_end(scan);
    cr_expect_neq(gt_tape_status(tape), GT_OK);
    cr_expect_not_null(strstr(gt_tape_message(tape), "'x'"), "%s", gt_tape_message(tape));
}

Test(scan_misuse, a_next_value_of_what_is_no_state)
{
    gt_var x = gt_scan_input(scan, "x", sequence);
    gt_scan_next(scan, x, state);
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "'x' (3, 2), which is no carried state");
}

Test(scan_misuse, a_next_value_twice)
{
    gt_scan_next(scan, state, gt_tanh(state));
    gt_scan_next(scan, state, gt_neg(state));
    gt_scan_end(scan);
    expect(GT_ERROR_ARGUMENT, "set twice");
}

Test(scan_misuse, a_next_value_that_is_invalid)
{
    gt_scan_next(scan, state, GT_NONE);
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "the next value of state 'a'");
}

Test(scan_misuse, a_next_value_of_a_scan_beside)
{
    gt_scan *beside = gt_scan_begin(tape, 4, GT_FORWARD);
    gt_var b = gt_scan_carry(beside, "b", initial);
    gt_scan_next(scan, state, b);
    gt_scan_end(scan);
    expect(GT_ERROR_TAPE, "belongs to another tape");
}

Test(scan_misuse, read_before_the_end)
{
    cr_expect_not(gt_var_valid(gt_scan_final(scan, state)));
    expect(GT_ERROR_ARGUMENT, "before gt_scan_end");
}

Test(scan_misuse, what_is_read_is_no_var_of_the_body)
{
    finish();
    cr_expect_not(gt_var_valid(gt_scan_stack(scan, initial)));
    expect(GT_ERROR_TAPE, "which is no var of the scan's body");
}

Test(scan_misuse, an_invalid_var_is_read)
{
    finish();
    cr_expect_not(gt_var_valid(gt_scan_final(scan, GT_NONE)));
    expect(GT_ERROR_TAPE, "which is no var of the scan's body");
}

/* ---- looking -------------------------------------------------------------------------------- */

Test(scan_misuse, places_past_the_end_are_empty)
{
    finish();
    cr_expect_eq(gt_scan_steps(scan), 4);
    cr_expect_eq(gt_scan_carry_count(scan), 1);
    cr_expect(gt_var_valid(gt_scan_carry_before(scan, 0)) && gt_var_valid(gt_scan_carry_after(scan, 0)));
    gt_var past[] = {gt_scan_carry_before(scan, 1),     gt_scan_carry_after(scan, 1),
                     gt_scan_carry_initial(scan, 1),    gt_scan_input_slice(scan, 0),
                     gt_scan_input_sequence(scan, 0),   gt_scan_invariant_inside(scan, 0),
                     gt_scan_invariant_outside(scan, 0)};
    for (size_t i = 0; i < sizeof past / sizeof *past; i++)
        cr_expect_not(gt_var_valid(past[i]), "%zu", i);
}

Test(scan_misuse, no_scan_has_nothing)
{
    cr_expect_null(gt_var_scan(GT_NONE));
    cr_expect_null(gt_var_scan(initial));
    cr_expect_eq(gt_scan_steps(NULL), 0);
    cr_expect_eq(gt_scan_direction(NULL), GT_FORWARD);
    cr_expect_eq(gt_scan_carry_count(NULL) + gt_scan_input_count(NULL) + gt_scan_invariant_count(NULL), 0);
    cr_expect_not(gt_var_valid(gt_scan_carry_before(NULL, 0)));
    cr_expect_not(gt_var_valid(gt_scan_input_slice(NULL, 0)));
    cr_expect_not(gt_var_valid(gt_scan_invariant_inside(NULL, 0)));
}
