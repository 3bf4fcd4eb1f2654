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
    gt_plan *plan = plan_of(&stack, 1, NULL);
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

/* The step before reads it: what the product is about to write there may come first. */
static void read_a_step_early(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    for (uint32_t s = 0; s < run->source_count; s++)
        if (gt_same_address(&run->sources[s].operand.address, &companion_of(plan, -1)->output.address) ||
            run->sources[s].operand.address.offset == companion_of(plan, -1)->output.address.offset)
            run->sources[s].operand.address.offset += ROWS * sizeof(double);
}

static void read_what_is_written_later(gt_plan *plan)
{
    companion_of(plan, 1)->right.address.offset -= ROWS * sizeof(double);
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
        {read_a_step_early, "does not lie within its memory"},
        {read_what_is_written_later, "does not lie within its memory"},
        {have_other_columns, "has companions that are no products beside it"},
    };
    EXPECT_FAULTS(accompanied, faults);
}
