/* The verifier of plans finds faults of the products beside a loop that threads do meanwhile. */
#include "planted_faults.h"

enum { ROWS = 8 };

/* p = W x, a' = p a, y = V a'. */
static gt_plan *accompanied(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, 1, STEPS)), w = gt_parameter(tape, "W", GT_SHAPE(ROWS, ROWS)),
           v = gt_parameter(tape, "V", GT_SHAPE(ROWS, ROWS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", gt_input(tape, "a0", GT_SHAPE(ROWS, 1)));
    gt_var p = gt_matmul(gt_scan_invariant(scan, w), gt_scan_input(scan, "x", x));
    gt_var next = gt_mul(p, a), y = gt_matmul(gt_scan_invariant(scan, v), next);
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    gt_var stack = gt_scan_stack(scan, y);
    /* Not compiled, so that no cursor tells of a fault first. */
    const gt_plan_options options = {.skip = (const char *const[]){"compile-runs", "compile-products", NULL}};
    gt_plan *plan = plan_of(&stack, 1, &options);
    cr_assert(loop_of(plan)->leading == 1 && loop_of(plan)->following == 1);
    return plan;
}

static gt_multiplication *companion_of(gt_plan *plan, int place)
{
    return (first_of(&plan->code.block, GT_INSTRUCTION_LOOP) + place)->multiplication;
}

static void lead_with_more(gt_plan *plan)
{
    loop_of(plan)->leading++;
}

static void follow_with_more(gt_plan *plan)
{
    loop_of(plan)->following++;
}

/* All steps read what the product writes for the last one: that may come later. */
static void read_a_step_early(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    for (uint32_t s = 0; s < run->source_count; s++) {
        gt_operand *source = &run->sources[s].operand;
        if (source->address.base != GT_BASE_ARENA || source->address.step[0] == 0)
            continue;
        source->address.offset += (STEPS - 1) * source->address.step[0];
        source->address.step[0] = 0;
        source->reach = 0;
    }
}

/* The product behind the loop reads a step later than it should. */
static void read_what_is_written_later(gt_plan *plan)
{
    companion_of(plan, 1)->right.address.offset += ROWS * sizeof(double);
}

static void have_other_columns(gt_plan *plan)
{
    companion_of(plan, 1)->product.columns--;
}

Test(plan_verify_companions, finds_faults_of_companions)
{
    static const planted_fault faults[] = {
        {lead_with_more, "has companions that are no products beside it"},
        {follow_with_more, "has companions that are no products beside it"},
        {read_a_step_early, "that mind what it does"},
        {read_what_is_written_later, "that mind what it does"},
        {have_other_columns, "has companions that are no products beside it"},
    };
    EXPECT_FAULTS(accompanied, faults);
}
