/*
 * What to call each op with. Element-by-element ops without attributes need
 * nothing said: any shapes do. Every other op has rows in the table; a test
 * fails for an op that has none.
 */
#ifndef TESTS_SUPPORT_OP_CASES_H
#define TESTS_SUPPORT_OP_CASES_H

#include "gradtape.h"

enum { CASE_INPUTS = 3, CASE_PARTS = 4, MAX_CASES = 40 };

typedef struct op_case {
    const gt_op *op;
    uint32_t input_count;
    gt_shape shapes[CASE_INPUTS];
    int32_t below[CASE_INPUTS]; /* not 0: whole numbers from 0 to below - 1 */
    uint32_t attribute_count;
    int64_t attributes[GT_MAX_ATTRIBUTES];
    uint32_t part_count; /* of a tuple */
    int64_t part_sizes[CASE_PARTS];
} op_case;

/* The cases of an op, at most MAX_CASES, small (for full Jacobians) or larger; their number. */
uint32_t op_cases(const gt_op *op, bool large, op_case *cases);
/* Leaves have no derivative, and parts are tested with their tuple. */
bool op_has_cases(const gt_op *op);
/* "mul (2, 3), (1, 3) [0 1]" */
char *op_case_label(const op_case *c, char *text, size_t size);

/* Records the op on inputs of the case's shapes; returns the number of outputs written, 0 on an
 * error. */
uint32_t op_case_record(const op_case *c, const gt_var *inputs, gt_var outputs[CASE_PARTS]);

#endif
