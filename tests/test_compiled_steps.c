/*
 * Loops whose steps are one function: the bits of their instructions one after the other, over
 * any number of steps and on any number of threads; that they stop when they are asked to; and what the
 * verifier finds where such a function is wrong.
 */
#include "planted_faults.h"

#include "drawn.h"

#include <stdlib.h>

enum { ROWS = 9, COLUMNS = 3, MOST_OUTPUTS = 6 };

typedef struct recorded {
    gt_tape *tape;
    gt_var outputs[MOST_OUTPUTS], inputs[3];
    uint32_t count, input_count;
} recorded;

typedef recorded record_loop(int64_t steps, gt_direction direction);

static gt_tape *new_tape(void)
{
    return gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
}

/* ---- loops ----------------------------------------------------------------------------------------- */

/* Its states stay in a stack, the gradient reads them a step late, and adds up over steps. */
static recorded stacked(int64_t steps, gt_direction direction)
{
    recorded r = {.tape = new_tape(), .count = 4, .input_count = 3};
    gt_var x = r.inputs[0] = gt_input(r.tape, "x", GT_SHAPE(ROWS, COLUMNS, steps));
    gt_var w = r.inputs[1] = gt_parameter(r.tape, "w", GT_SHAPE(ROWS, 1));
    gt_var h0 = r.inputs[2] = gt_state(r.tape, "h", GT_SHAPE(ROWS, COLUMNS));
    gt_scan *scan = gt_scan_begin(r.tape, steps, direction);
    gt_var h = gt_scan_carry(scan, "h", h0), slice = gt_scan_input(scan, "x", x);
    gt_var after = gt_tanh(gt_add(gt_mul(w, h), slice));
    gt_scan_next(scan, h, after);
    gt_scan_end(scan);
    r.outputs[0] = gt_scan_stack(scan, after);
    cr_assert_eq(gt_grad(r.outputs, NULL, 1, (gt_var[]){w, h0, x}, 3, r.outputs + 1), GT_OK);
    return r;
}

/* Nobody wants but the last value of its state, which takes two places by turns. */
static recorded turned(int64_t steps, gt_direction direction)
{
    recorded r = {.tape = new_tape(), .count = 1, .input_count = 3};
    gt_var x = r.inputs[0] = gt_input(r.tape, "x", GT_SHAPE(ROWS, COLUMNS, steps));
    gt_var w = r.inputs[1] = gt_parameter(r.tape, "w", GT_SHAPE(ROWS, ROWS));
    gt_var h0 = r.inputs[2] = gt_state(r.tape, "h", GT_SHAPE(ROWS, COLUMNS));
    gt_scan *scan = gt_scan_begin(r.tape, steps, direction);
    gt_var h = gt_scan_carry(scan, "h", h0), slice = gt_scan_input(scan, "x", x);
    gt_scan_next(scan, h, gt_tanh(gt_add(gt_matmul(gt_scan_invariant(scan, w), h), slice)));
    gt_scan_end(scan);
    r.outputs[0] = gt_scan_final(scan, h);
    return r;
}

/* A loop in a loop: the inner one begins with the outer one's state, and reads it at each of its steps. */
static recorded nested(int64_t steps, gt_direction direction)
{
    recorded r = {.tape = new_tape(), .count = 2, .input_count = 2};
    gt_var x = r.inputs[0] = gt_input(r.tape, "x", GT_SHAPE(ROWS, COLUMNS, 5, steps));
    gt_var h0 = r.inputs[1] = gt_state(r.tape, "h", GT_SHAPE(ROWS, COLUMNS));
    gt_scan *outer = gt_scan_begin(r.tape, steps, direction);
    gt_var h = gt_scan_carry(outer, "h", h0), slice = gt_scan_input(outer, "x", x);
    gt_scan *inner = gt_scan_begin(gt_scan_body(outer), 5, GT_FORWARD);
    gt_var s = gt_scan_carry(inner, "s", h), entry = gt_scan_input(inner, "entry", slice);
    gt_scan_next(inner, s, gt_sigmoid(gt_add(gt_mul(s, gt_scan_invariant(inner, h)), entry)));
    gt_scan_end(inner);
    gt_scan_next(outer, h, gt_scan_final(inner, s));
    gt_scan_end(outer);
    r.outputs[0] = gt_scan_final(outer, h);
    cr_assert_eq(gt_grad(r.outputs, NULL, 1, &x, 1, r.outputs + 1), GT_OK, "%s", gt_tape_message(r.tape));
    return r;
}

/* ---- running them ------------------------------------------------------------------------------------ */

static uint32_t count_functions(const gt_block *block)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        count += loop != NULL ? (loop->compiled != NULL) + count_functions(&loop->body) : 0;
    }
    return count;
}

static values run(const recorded *r, const char *skipped, uint32_t thread_count, uint32_t *functions)
{
    gt_plan *plan = plan_of(r->outputs, r->count, &(gt_plan_options){.skip = (const char *const[]){skipped, NULL}});
    gt_threads *threads = gt_threads_new(thread_count, NULL);
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    void *data[3];
    cr_assert_not_null(work);
    for (uint32_t k = 0; k < r->input_count; k++) {
        data[k] = draw(r->inputs[k], k + 1);
        cr_assert_eq(gt_workspace_bind(work, r->inputs[k], data[k]), GT_OK);
    }
    cr_assert_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
    values v = values_of(r->outputs, r->count, work);
    *functions = count_functions(&plan->code.block);
    gt_workspace_free(work);
    gt_threads_free(threads);
    gt_plan_free(plan);
    for (uint32_t k = 0; k < r->input_count; k++)
        free(data[k]);
    return v;
}

static void check_bits(record_loop *make, const char *name, int64_t steps, gt_direction direction)
{
    recorded r = make(steps, direction);
    uint32_t none = 0, functions = 0;
    values each = run(&r, "compile-steps", 1, &none);
    cr_expect_eq(none, 0);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        values v = run(&r, NULL, threads, &functions);
        cr_assert_eq(v.count, each.count);
        cr_expect_arr_eq(v.bytes, each.bytes, v.count, "%s, %d steps, %u threads", name, (int)steps, (unsigned)threads);
        free(v.bytes);
    }
    if (can_compile())
        cr_expect_gt(functions, 0, "%s, %d steps: no loop is one function", name, (int)steps);
    free(each.bytes);
    gt_tape_free(r.tape);
}

/* Few steps, many, odd and even numbers, and more than are done at once. */
Test(compiled_steps, a_loop_as_one_function_has_the_bits_of_its_instructions)
{
    static const int64_t steps[] = {3, 4, 5, 8, 255, 256, 257, 258, 600, 1001};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (int backward = 0; backward < 2; backward++) {
            gt_direction direction = backward ? GT_BACKWARD : GT_FORWARD;
            check_bits(stacked, "a state in a stack", steps[i], direction);
            check_bits(turned, "a state in two places by turns", steps[i], direction);
            check_bits(nested, "a loop in a loop", steps[i], direction);
        }
}

Test(compiled_steps, two_steps_are_not_worth_a_function)
{
    uint32_t functions = 1;
    recorded r = turned(2, GT_FORWARD);
    free(run(&r, NULL, 1, &functions).bytes);
    cr_expect_eq(functions, 0);
    gt_tape_free(r.tape);
}

/* ---- stopping ------------------------------------------------------------------------------------------ */

static bool stop_soon(void *context)
{
    return ++*(int *)context == 5;
}

Test(compiled_steps, stops_between_some_steps)
{
    enum { LONG = 100000 };
    recorded r = turned(LONG, GT_FORWARD);
    gt_plan *plan = plan_of(r.outputs, r.count, NULL);
    gt_workspace *work = gt_workspace_new(plan);
    void *data[3];
    int asked = 0;
    for (uint32_t k = 0; k < r.input_count; k++) {
        data[k] = draw(r.inputs[k], k + 1);
        cr_assert_eq(gt_workspace_bind(work, r.inputs[k], data[k]), GT_OK);
    }
    gt_workspace_on_interrupt(work, stop_soon, &asked);
    cr_expect_eq(gt_workspace_run(work), GT_ERROR_INTERRUPTED);
    cr_expect_eq(asked, 5);
    gt_workspace_on_interrupt(work, NULL, NULL);
    cr_expect_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
    gt_workspace_free(work);
    gt_plan_free(plan);
    for (uint32_t k = 0; k < r.input_count; k++)
        free(data[k]);
    gt_tape_free(r.tape);
}

/* ---- faults -------------------------------------------------------------------------------------------- */

static gt_plan *planned(gt_tape *tape, recorded r)
{
    /* The tape of the caller is another one: what was recorded is the plan's no more. */
    (void)tape;
    gt_plan *plan = plan_of(r.outputs, r.count, NULL);
    gt_tape_free(r.tape);
    return plan;
}

static gt_plan *stacking(gt_tape *tape)
{
    return planned(tape, stacked(7, GT_FORWARD));
}

static gt_plan *turning(gt_tape *tape)
{
    return planned(tape, turned(7, GT_FORWARD));
}

/* The first loop that is one function. */
static gt_loop *function_loop(gt_plan *plan)
{
    gt_block *block = &plan->code.block;
    for (uint32_t i = 0; i < block->count; i++)
        if (gt_loop_of(&block->list[i]) != NULL && gt_loop_of(&block->list[i])->compiled != NULL)
            return block->list[i].loop;
    cr_assert_fail("no loop is one function");
    return NULL;
}

/* Copies, which may be changed. */
static gt_steps_code *steps_of(gt_plan *plan)
{
    static gt_steps_code code;
    static gt_step_call calls[GT_MOST_STEP_CALLS];
    static int64_t advance[2][1024];
    gt_loop *loop = function_loop(plan);
    code = *loop->compiled;
    memcpy(calls, code.calls, code.call_count * sizeof *calls);
    code.calls = calls;
    for (int k = 0; k < 2; k++) {
        memcpy(advance[k], code.advance[k], code.places * sizeof **advance);
        code.advance[k] = advance[k];
    }
    loop->compiled = &code;
    return &code;
}

static gt_step_call *call_of(gt_plan *plan)
{
    return (gt_step_call *)steps_of(plan)->calls;
}

static void call_something_else(gt_plan *plan)
{
    call_of(plan)->begin += 64;
}

static void forget_an_array(gt_plan *plan)
{
    call_of(plan)->array_count--;
}

static void begin_between_lines(gt_plan *plan)
{
    call_of(plan)->place++;
}

static void be_behind_the_places(gt_plan *plan)
{
    gt_steps_code *code = steps_of(plan);
    ((gt_step_call *)code->calls)[code->call_count - 1].place = code->places;
}

static void call_less(gt_plan *plan)
{
    steps_of(plan)->call_count--;
}

static void call_more(gt_plan *plan)
{
    steps_of(plan)->call_count++;
}

static void have_no_places(gt_plan *plan)
{
    steps_of(plan)->first = plan->code.cursor_arrays;
}

static void never_go_on(gt_plan *plan)
{
    steps_of(plan)->at_once = 0;
}

static void go_too_far(gt_plan *plan)
{
    ((int64_t *)steps_of(plan)->advance[0])[0] += 8;
}

static void go_too_far_by_turns(gt_plan *plan)
{
    ((int64_t *)steps_of(plan)->advance[1])[0] += 8;
}

static void copy_a_state(gt_plan *plan)
{
    function_loop(plan)->carried[0].carrying = GT_CARRY_COPIED;
}

static void turn_to_other_memory(gt_plan *plan)
{
    function_loop(plan)->carried[0].kept[1].step[0] += 64;
}

/* Both places of a state change roles: what is written over is what is read. */
static void turn_the_other_way(gt_plan *plan)
{
    gt_steps_code *code = steps_of(plan);
    const int64_t *even = code->advance[0];
    code->advance[0] = code->advance[1];
    code->advance[1] = even;
}

Test(compiled_steps, the_verifier_finds_faults_of_functions)
{
    static const planted_fault faults[] = {
        {call_something_else, "calls something else than its instruction"},
        {forget_an_array, "calls something else than its instruction"},
        {begin_between_lines, "has arrays at places that are not theirs"},
        {be_behind_the_places, "has arrays at places that are not theirs"},
        {call_less, "has instructions that it does not call"},
        {call_more, "calls more than its instructions"},
        {have_no_places, "has no places for its arrays"},
        {never_go_on, "has no places for its arrays"},
        {go_too_far, "goes to another place than the next step's"},
        {go_too_far_by_turns, "goes to another place than the next step's"},
    };
    EXPECT_SPAN_FAULTS(stacking, faults);
    EXPECT_SPAN_FAULTS(turning, faults);
    static const planted_fault copied[] = {{copy_a_state, "carries what it cannot"}};
    EXPECT_SPAN_FAULTS(stacking, copied);
}

Test(compiled_steps, the_verifier_finds_states_that_no_function_carries)
{
    static const planted_fault faults[] = {
        {turn_to_other_memory, "carries what it cannot"},
        {turn_the_other_way, "goes to another place than the next step's"},
    };
    EXPECT_SPAN_FAULTS(turning, faults);
}
