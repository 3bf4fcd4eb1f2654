/* Sums over steps: they have one place, and one column in a compiled loop where their columns are summed later. */
#include "gradtape.h"

#include "plan/describe/description.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7, STEPS = 5, MOST_OUTPUTS = 2 };

/* Who reads the sum `total`, apart from the step that adds to it. */
typedef enum reading {
    SUM_OF_COLUMNS,
    SUM_OF_ROWS,
    WHOLE,
    WHOLE_AND_SUM,
    EVERY_STEP, /* stacked */
    IN_BODY
} reading;

typedef struct recorded {
    gt_tape *tape;
    gt_var xs, initial, gain, outputs[MOST_OUTPUTS];
    uint32_t output_count;
} recorded;

/* total' = total + tanh(gain * x), with a mean in between for runs in strips. */
static recorded record(gt_dtype dtype, int64_t rows, bool strips, reading who)
{
    recorded r = {.tape = gt_tape_new(&(gt_tape_options){.dtype = dtype})};
    r.xs = gt_input(r.tape, "x", GT_SHAPE(rows, COLUMNS, STEPS));
    r.initial = gt_input(r.tape, "total", GT_SHAPE(rows, who == SUM_OF_COLUMNS ? 1 : COLUMNS));
    r.gain = gt_input(r.tape, "gain", GT_SHAPE(rows, 1));
    gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
    gt_var total = gt_scan_carry(scan, "total", r.initial), x = gt_scan_input(scan, "x", r.xs);
    gt_var gain = gt_scan_invariant(scan, r.gain);
    gt_var y = gt_tanh(gt_mul(strips ? gt_sub(x, gt_mean(x, 0)) : x, gain));
    if (who == SUM_OF_COLUMNS)
        y = gt_sum(y, 1); /* the planner moves the sum behind the loop */
    if (who == IN_BODY)
        y = gt_mul(y, gt_tanh(total));
    gt_var next = gt_add(total, y);
    gt_scan_next(scan, total, next);
    cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
    gt_var final = gt_scan_final(scan, total);
    r.output_count = 1;
    switch (who) {
    case SUM_OF_COLUMNS:
    case IN_BODY:
    case WHOLE:
        r.outputs[0] = final;
        break;
    case SUM_OF_ROWS:
        r.outputs[0] = gt_sum(final, 0);
        break;
    case WHOLE_AND_SUM:
        r.outputs[0] = gt_sum(final, 1);
        r.outputs[1] = final;
        r.output_count = 2;
        break;
    case EVERY_STEP:
        r.outputs[0] = gt_scan_stack(scan, next);
        break;
    }
    return r;
}

static void compare(const recorded *r, const gt_plan *plan)
{
    const gt_var inputs[] = {r->xs, r->initial, r->gain};
    planned_compare(&(planned_tape){.tape = r->tape,
                                    .inputs = inputs,
                                    .input_count = 3,
                                    .outputs = r->outputs,
                                    .output_count = r->output_count,
                                    .low = -0.5,
                                    .high = 0.5},
                    plan);
}

/* ---- what has one place, and what one column ------------------------------------------------ */

static gt_loop *loop_of(const gt_plan *plan)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++)
        if (gt_loop_of(&plan->code.block.list[i]) != NULL)
            return gt_loop_of(&plan->code.block.list[i]);
    cr_assert_fail("there is no loop");
    return NULL;
}

static gt_group *group_of(const gt_plan *plan)
{
    const gt_block *body = &loop_of(plan)->body;
    for (uint32_t i = 0; i < body->count; i++)
        if (gt_group_of(&body->list[i]) != NULL)
            return gt_group_of(&body->list[i]);
    cr_assert_fail("there is no run");
    return NULL;
}

static bool folds(const gt_group *group)
{
    bool source = false, step = false;
    for (uint32_t s = 0; s < group->source_count; s++)
        source |= group->sources[s].folds;
    for (uint32_t k = 0; k < group->step_count; k++)
        step |= group->steps[k].folds;
    cr_assert_eq(source, step);
    return step;
}

static gt_plan *plan_of(const recorded *r, const gt_plan_options *options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(r->outputs, r->output_count, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

Test(plan_fold, what_is_summed_later)
{
    static const struct {
        reading who;
        bool added, folded;
    } cases[] = {{SUM_OF_COLUMNS, true, true}, {SUM_OF_ROWS, true, false}, {WHOLE, true, false},
                 {WHOLE_AND_SUM, true, false}, {EVERY_STEP, false, false}, {IN_BODY, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int form = 0; form < 4; form++) {
            bool strips = form / 2 == 1;
            recorded r = record(form % 2 == 0 ? GT_F32 : GT_F64, strips ? 1500 : 300, strips, cases[i].who);
            gt_plan *plan = plan_of(&r, NULL);
            compare(&r, plan);
            cr_expect_eq(loop_of(plan)->carried[0].carrying == GT_CARRY_ADDED, cases[i].added, "case %zu, form %d", i,
                         form);
            if (plan->code.spans != NULL)
                cr_expect_eq(folds(group_of(plan)), cases[i].folded, "case %zu, form %d", i, form);
            gt_plan_free(plan);
            gt_tape_free(r.tape);
        }
}

/* Short columns, and plans without compiled loops or without memory that is used again. */
Test(plan_fold, elsewhere)
{
    static const char *const passes[] = {"compile-runs", "reuse-memory", "fuse-columns"};
    for (size_t i = 0; i <= sizeof passes / sizeof *passes; i++)
        for (int form = 0; form < 2; form++) {
            recorded r = record(GT_F32, 20, form == 1, SUM_OF_COLUMNS);
            const char *skip[] = {i == 0 ? NULL : passes[i - 1], NULL};
            gt_plan *plan = plan_of(&r, &(gt_plan_options){.skip = skip});
            compare(&r, plan);
            if (i == 1)
                cr_expect_not(folds(group_of(plan)));
            cr_expect_eq(loop_of(plan)->carried[0].carrying == GT_CARRY_ADDED, i != 2);
            gt_plan_free(plan);
            gt_tape_free(r.tape);
        }
}

/* The terms are read by the next step, too: they are summed in the loop if a stack of them would be large. */
Test(plan_fold, terms_that_are_read_otherwise)
{
    static const int64_t rows[] = {8, 300};
    for (int i = 0; i < 2; i++) {
        recorded r = {.tape = gt_tape_new(NULL), .output_count = 1};
        r.xs = gt_input(r.tape, "x", GT_SHAPE(rows[i], COLUMNS, STEPS));
        r.initial = gt_input(r.tape, "total", GT_SHAPE(rows[i], 1));
        r.gain = gt_input(r.tape, "gain", GT_SHAPE(rows[i], 1));
        gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
        gt_var total = gt_scan_carry(scan, "total", r.initial);
        gt_var a = gt_scan_carry(scan, "a", gt_fill(r.tape, GT_SHAPE(rows[i], COLUMNS), 0.25));
        gt_var y = gt_tanh(gt_add(gt_mul(gt_scan_input(scan, "x", r.xs), gt_scan_invariant(scan, r.gain)), a));
        gt_scan_next(scan, total, gt_add(total, gt_sum(y, 1)));
        gt_scan_next(scan, a, gt_mul(y, gt_sigmoid(y)));
        cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
        r.outputs[0] = gt_scan_final(scan, total);
        gt_plan *plan = plan_of(&r, NULL);
        compare(&r, plan);
        uint32_t added = 0;
        for (uint32_t k = 0; k < loop_of(plan)->carried_count; k++)
            added += loop_of(plan)->carried[k].carrying == GT_CARRY_ADDED;
        cr_expect_eq(added, i == 1, "%d rows", (int)rows[i]);
        gt_plan_free(plan);
        gt_tape_free(r.tape);
    }
}

/* A second state has what the sum was a step before: the sum needs two places then. */
Test(plan_fold, sum_of_the_step_before)
{
    recorded r = {.tape = gt_tape_new(NULL), .output_count = 2};
    r.xs = gt_input(r.tape, "x", GT_SHAPE(30, COLUMNS, STEPS));
    r.initial = gt_input(r.tape, "total", GT_SHAPE(30, COLUMNS));
    r.gain = gt_input(r.tape, "gain", GT_SHAPE(30, 1));
    gt_scan *scan = gt_scan_begin(r.tape, STEPS, GT_FORWARD);
    gt_var total = gt_scan_carry(scan, "total", r.initial), before = gt_scan_carry(scan, "before", r.initial);
    gt_var x = gt_scan_input(scan, "x", r.xs);
    gt_scan_next(scan, total, gt_add(total, gt_mul(gt_tanh(x), gt_scan_invariant(scan, r.gain))));
    gt_scan_next(scan, before, total);
    cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(r.tape));
    r.outputs[0] = gt_scan_final(scan, before);
    r.outputs[1] = gt_scan_final(scan, total);
    gt_plan *plan = plan_of(&r, NULL);
    compare(&r, plan);
    gt_loop *loop = loop_of(plan);
    for (uint32_t k = 0; k < loop->carried_count; k++)
        cr_expect_neq(loop->carried[k].carrying, GT_CARRY_ADDED);
    gt_error error = {0};
    cr_assert_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_OK, "%s", error.message);
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (loop->carried[k].carrying == GT_CARRY_TURNED) {
            loop->carried[k].carrying = GT_CARRY_ADDED;
            cr_expect_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_ERROR_TAPE);
        }
    gt_plan_free(plan);
    gt_tape_free(r.tape);
}

/* A sum over steps is called after its terms. */
Test(plan_fold, has_a_name)
{
    enum { ROWS = 8 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var xs = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS, STEPS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var total = gt_scan_carry(scan, "total", gt_fill(tape, GT_SHAPE(ROWS, 1), 0));
    gt_scan_next(scan, total, gt_add(total, gt_sum(gt_name(gt_tanh(gt_scan_input(scan, "x", xs)), "y"), 1)));
    cr_assert_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(tape));
    gt_var final = gt_scan_final(scan, total);
    gt_plan_description *d = gt_plan_describe(&final, 1, NULL, false, NULL);
    cr_assert_not_null(d);
    uint32_t found = 0;
    for (uint32_t i = 0; gt_plan_description_line(d, i) != NULL; i++)
        found += strcmp(gt_plan_description_line(d, i)->text, "add(Σy, y)") == 0;
    cr_expect_eq(found, 1);
    gt_plan_description_free(d);
    gt_tape_free(tape);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static gt_source *source_of_sum(gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].operand.address.base == GT_BASE_POINTER)
            return &group->sources[s];
    cr_assert_fail("there is no sum over steps");
    return NULL;
}

static gt_group_step *step_of_sum(gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written)
            return &group->steps[k];
    cr_assert_fail("nothing is written");
    return NULL;
}

static void fold_only_source(gt_group *group)
{
    source_of_sum(group)->folds = !source_of_sum(group)->folds;
}

static void fold_only_step(gt_group *group)
{
    step_of_sum(group)->folds = !step_of_sum(group)->folds;
}

static void fold_other_source(gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        group->sources[s].folds = true;
}

static void read_twice(gt_group *group)
{
    group->steps[0].inputs[0] = (uint32_t)(source_of_sum(group) - group->sources);
}

static void write_elsewhere(gt_group *group)
{
    step_of_sum(group)->output.address = (gt_address){.base = GT_BASE_ARENA};
}

Test(plan_fold, faults_are_found)
{
    static void (*const faults[])(gt_group *) = {fold_only_source, fold_only_step, fold_other_source, read_twice,
                                                 write_elsewhere};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        recorded r = record(GT_F64, 300, true, SUM_OF_COLUMNS);
        gt_plan *plan = plan_of(&r, NULL);
        gt_error error = {0};
        cr_assert_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_OK, "%s", error.message);
        faults[i](group_of(plan));
        cr_expect_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_ERROR_TAPE, "fault %zu", i);
        gt_plan_free(plan);
        gt_tape_free(r.tape);
    }
}

/* A copy to a stack reads the sum before its last step. */
Test(plan_fold, read_by_other_instructions)
{
    recorded r = record(GT_F64, 300, false, WHOLE);
    gt_plan *plan = plan_of(&r, NULL);
    gt_error error = {0};
    gt_loop *loop = loop_of(plan);
    gt_copying copies[] = {{group_of(plan)->sources[0].operand, group_of(plan)->sources[0].operand}};
    copies[0].from = source_of_sum(group_of(plan))->operand;
    loop->copies = copies;
    loop->copy_count = 1;
    cr_expect_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_ERROR_TAPE);
    cr_expect(strstr(error.message, "a sum over steps before its last step") != NULL, "%s", error.message);
    gt_plan_free(plan);
    gt_tape_free(r.tape);
}
