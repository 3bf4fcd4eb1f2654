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

Test(plan_verify_programs, finds_faults_of_programs)
{
    static void (*const faults[])(gt_program *) = {
        read_later,
        read_nothing,
        read_whole_scan,
        change_shape,
        change_type,
        change_operand_inside,
        change_attribute,
        change_next_value,
        change_initial_value,
        change_sequence,
        change_steps,
        forget_invariant,
        forget_part,
        lose_output,
        lose_input,
        take_other_input,
        take_part_of_no_scan,
        stack_nothing,
        stack_what_is_not_there,
        change_initial_shape,
        swap_state_and_slice,
        slice_what_is_computed,
        keep_what_is_computed,
        change_invariant,
        take_other_scan,
        move_scan,
        move_body,
        forget_steps,
        put_out_a_tuple,
        put_out_of_another_tape,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_program program = record(&user);
        cr_assert_eq(gt_program_verify(&program, &error), GT_OK, "%s", error.message);
        gt_scan *scan = scan_of(&program), kept = *scan;
        faults[i](&program);
        cr_expect_eq(gt_program_verify(&program, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        cr_assert(error.message[0] != '\0');
        scan->outer = kept.outer;
        gt_program_free(&program);
        gt_tape_free(user);
    }
}
