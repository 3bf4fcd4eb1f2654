/* The verifier of plans finds every kind of fault that is planted in a program. */
#include "base/memory.h"
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/verify/verify.h"
#include "verified_program.h"

static void read_later(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = (uint32_t)p->tape->node_count;
}

static void read_nothing(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = 0;
}

static void read_whole_scan(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = p->tape->scans[0]->node;
}

static void change_shape(gt_program *p)
{
    find(p->tape, "exp")->shape = find(p->tape, "softmax")->shape;
}

static void change_type(gt_program *p)
{
    find(p->tape, "softmax")->dtype = GT_F32;
}

static void change_operand_inside(gt_program *p)
{
    gt_node *product = find(body_of(p), "matmul");
    body_of(p)->edges[product->first_input] = body_of(p)->edges[product->first_input + 1];
}

static void change_attribute(gt_program *p)
{
    p->tape->attributes[find(p->tape, "final")->first_attribute] = 7;
}

static void change_next_value(gt_program *p)
{
    p->tape->scans[0]->carries[0].after = p->tape->scans[0]->invariants[0].inside;
}

static void change_initial_value(gt_program *p)
{
    p->tape->scans[0]->carries[0].initial = p->tape->scans[0]->inputs[0].outside;
}

static void change_sequence(gt_program *p)
{
    p->tape->scans[0]->inputs[0].outside = p->tape->scans[0]->invariants[0].outside;
}

static void change_steps(gt_program *p)
{
    p->tape->scans[0]->steps++;
}

static void forget_invariant(gt_program *p)
{
    p->tape->scans[0]->invariant_count--;
}

static void forget_part(gt_program *p)
{
    p->tape->scans[0]->part_count = 0;
}

static void lose_output(gt_program *p)
{
    p->outputs[0].index = 1000;
}

static void lose_input(gt_program *p)
{
    p->inputs[0] = GT_NONE;
}

static void take_other_input(gt_program *p)
{
    p->inputs[0] = p->outputs[1];
}

static gt_scan *scan_of(gt_program *p)
{
    return p->tape->scans[0];
}

static void take_part_of_no_scan(gt_program *p)
{
    p->tape->edges[find(p->tape, "final")->first_input] = find(p->tape, "softmax")->first_input;
}

static void stack_nothing(gt_program *p)
{
    p->tape->attributes[find(p->tape, "stack")->first_attribute] = 0;
}

static void stack_what_is_not_there(gt_program *p)
{
    p->tape->attributes[find(p->tape, "stack")->first_attribute] = (int64_t)body_of(p)->node_count + 1;
}

static void change_initial_shape(gt_program *p)
{
    uint32_t index = scan_of(p)->invariants[0].outside;
    p->tape->edges[gt_tape_node(p->tape, scan_of(p)->node)->first_input] = index;
    scan_of(p)->carries[0].initial = index;
}

static void swap_state_and_slice(gt_program *p)
{
    scan_of(p)->carries[0].before = (uint32_t)body_of(p)->node_count;
}

static void slice_what_is_computed(gt_program *p)
{
    scan_of(p)->inputs[0].inside = (uint32_t)body_of(p)->node_count;
}

static void keep_what_is_computed(gt_program *p)
{
    scan_of(p)->invariants[0].inside = (uint32_t)body_of(p)->node_count;
}

static void change_invariant(gt_program *p)
{
    scan_of(p)->invariants[0].outside = scan_of(p)->inputs[0].outside;
}

static void take_other_scan(gt_program *p)
{
    p->tape->attributes[gt_tape_node(p->tape, scan_of(p)->node)->first_attribute] = 1;
}

static void move_scan(gt_program *p)
{
    scan_of(p)->node++;
}

static void move_body(gt_program *p)
{
    scan_of(p)->outer = body_of(p);
}

static void forget_steps(gt_program *p)
{
    scan_of(p)->steps = 0;
}

static void put_out_a_tuple(gt_program *p)
{
    p->outputs[0] = gt_tape_at(p->tape, scan_of(p)->node);
}

static void put_out_of_another_tape(gt_program *p)
{
    p->outputs[0].tape = body_of(p);
}

static void lose_next_value(gt_program *p)
{
    scan_of(p)->carries[0].after = 1000;
}

static void lose_state(gt_program *p)
{
    scan_of(p)->carries[0].before = 1000;
}

static void slice_another_shape(gt_program *p)
{
    scan_of(p)->inputs[0].inside = scan_of(p)->invariants[0].inside;
}

static void slice_another_type(gt_program *p)
{
    ((gt_node *)(uintptr_t)gt_tape_node(body_of(p), scan_of(p)->inputs[0].inside))->dtype = GT_F32;
}

static void enter_once_more(gt_program *p)
{
    find(body_of(p), "tanh")->role = GT_ROLE_INPUT;
}

static void take_no_scan(gt_program *p)
{
    p->tape->attributes[gt_tape_node(p->tape, scan_of(p)->node)->first_attribute] = -1;
}

static void forget_which_scan(gt_program *p)
{
    find(p->tape, "scan")->attribute_count = 0;
}

static void leave_parent(gt_program *p)
{
    body_of(p)->parent = NULL;
}

static void take_input_of_another_tape(gt_program *p)
{
    p->inputs[0].tape = body_of(p);
}

Test(plan_verify_programs, finds_faults_of_programs)
{
    static const struct {
        void (*plant)(gt_program *);
        const char *message;
    } faults[] = {
        {read_later, "exp, reads node 8 before it"},
        {read_nothing, "exp, reads node 0 before it"},
        {read_whole_scan, "exp, reads node 4, scan"},
        {change_shape, "exp, does not have the shape or type that follows from its operands"},
        {change_type, "softmax, does not have the shape or type that follows from its operands"},
        {change_operand_inside, "the operands of node 4 do not fit"},
        {change_attribute, "final, reads what the scan does not have"},
        {change_next_value, "state 0 of a scan does not fit its initial or its next value"},
        {change_initial_value, "state 0 of a scan does not fit its initial or its next value"},
        {change_sequence, "slice 0 of a scan does not fit its sequence"},
        {change_steps, "slice 0 of a scan does not fit its sequence"},
        {forget_invariant, "a scan has 3 operands, not one for each link"},
        {forget_part, "stack, is not among the scan's parts"},
        {lose_output, "output 0 is no var of the program"},
        {lose_input, "the program has 3 inputs, and 2 are known"},
        {take_other_input, "input 0 is no input of the program"},
        {take_part_of_no_scan, "final, reads node 6 before it"},
        {stack_nothing, "stack, reads what the scan does not have"},
        {stack_what_is_not_there, "stack, reads what the scan does not have"},
        {change_initial_shape, "state 0 of a scan does not fit its initial or its next value"},
        {swap_state_and_slice, "state 0 of a scan does not fit its initial or its next value"},
        {slice_what_is_computed, "slice 0 of a scan does not fit its sequence"},
        {keep_what_is_computed, "invariant 0 of a scan is not what it is outside"},
        {change_invariant, "invariant 0 of a scan is not what it is outside"},
        {take_other_scan, "node 4 is no scan of its tape"},
        {move_scan, "node 4 and its scan do not belong together"},
        {move_body, "node 4 and its scan do not belong together"},
        {forget_steps, "node 4 and its scan do not belong together"},
        {put_out_a_tuple, "output 0 is no var of the program"},
        {put_out_of_another_tape, "output 0 is no var of the program"},
        {lose_next_value, "state 0 of a scan does not fit its initial or its next value"},
        {lose_state, "state 0 of a scan does not fit its initial or its next value"},
        {slice_another_shape, "slice 0 of a scan does not fit its sequence"},
        {slice_another_type, "slice 0 of a scan does not fit its sequence"},
        {enter_once_more, "4 nodes enter the body of a scan, which has another number of links"},
        {take_no_scan, "node 4 is no scan of its tape"},
        {forget_which_scan, "node 4 is no scan of its tape"},
        {leave_parent, "node 4 and its scan do not belong together"},
        {take_input_of_another_tape, "input 0 is no input of the program"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_program program = record(&user);
        cr_assert_eq(gt_program_verify(&program, &error), GT_OK, "%s", error.message);
        gt_scan *scan = scan_of(&program), kept = *scan;
        gt_tape *parent = kept.body->parent;
        faults[i].plant(&program);
        cr_expect_eq(gt_program_verify(&program, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        cr_expect_not_null(strstr(error.message, faults[i].message), "fault %zu: expected: %s\nbut it said: %s", i,
                           faults[i].message, error.message);
        scan->outer = kept.outer;
        kept.body->parent = parent;
        gt_program_free(&program);
        gt_tape_free(user);
    }
}
