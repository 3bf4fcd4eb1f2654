/* A program with a loop, for faults to be planted in. */
#ifndef TESTS_VERIFIED_PROGRAM_H
#define TESTS_VERIFIED_PROGRAM_H

#include "gradtape.h"
#include "plan/pipeline.h"

#include <criterion/criterion.h>
#include <string.h>

enum { STEPS = 3 };

/* A sum of two inputs, a scan with a state, a slice and an invariant, and its stack and final value. */
static inline void record_outputs(gt_tape *tape, gt_var outputs[3])
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(4, 2, STEPS)), w = gt_input(tape, "w", GT_SHAPE(4, 4));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(scan, "s", gt_input(tape, "s0", GT_SHAPE(4, 2)));
    gt_var sum = gt_add(gt_matmul(w, s), gt_scan_input(scan, "x", x));
    gt_var gate = gt_sigmoid(sum), value = gt_tanh(sum),
           next = gt_mul(value, gate); /* in this order with any compiler */
    gt_scan_next(scan, s, next);
    gt_scan_end(scan);
    outputs[0] = gt_scan_stack(scan, next);
    outputs[1] = gt_exp(gt_scan_final(scan, s));
    outputs[2] = gt_softmax(w);
}

static inline gt_program record(gt_tape **user)
{
    gt_tape *tape = *user = gt_tape_new(NULL);
    gt_var outputs[3];
    record_outputs(tape, outputs);
    gt_error error = {0};
    gt_program program;
    /* Groups go op by op, as in planted_faults.h. */
    const gt_plan_options options = {.skip = (const char *const[]){"compile-runs", NULL}};
    cr_assert_eq(gt_pipeline_run(outputs, 3, &options, &program, &error), GT_OK, "%s", error.message);
    return program;
}

static inline gt_node *find(gt_tape *tape, const char *op)
{
    for (size_t i = 0; i < tape->node_count; i++)
        if (strcmp(tape->nodes[i].op->name, op) == 0)
            return &tape->nodes[i];
    cr_assert_fail("there is no %s", op);
    return NULL;
}

static inline gt_tape *body_of(gt_program *p)
{
    return p->tape->scans[0]->body;
}

#endif
