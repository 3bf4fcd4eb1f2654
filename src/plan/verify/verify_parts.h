/* What the parts of the verifier of emitted code share; see gt_code_verify. All say false of a fault. */
#ifndef GT_PLAN_VERIFY_PARTS_H
#define GT_PLAN_VERIFY_PARTS_H

#include "plan/verify/verify.h"

/* The loops around an instruction. */
typedef struct gt_checked_loop {
    const gt_loop *loop;
    const struct gt_checked_loop *around;
} gt_checked_loop;

typedef struct gt_code_check {
    const gt_code *code;
    const gt_program *program;
    const gt_operand *outputs;
    bool forward, backward; /* what is looked at is in this half */
    const gt_checked_loop *frame;
    gt_error *error;
    gt_status status;
} gt_code_check;

/* Notes the first fault. */
bool gt_verify_fault(gt_code_check *c, const char *what, const char *how);
/* Says whether it is good, and notes a fault if it is not. */
bool gt_verify_that(gt_code_check *c, bool good, const char *what, const char *how);

/* ---- addresses: verify_addresses.c ---- */

/* So many bytes from the address on lie within its memory, at every step of the loops around. */
bool gt_verify_address(gt_code_check *c, const gt_address *address, size_t bytes, const char *what);
/* Not of a sum over steps: nothing but the step that adds to it reads it (verify_groups.c). */
bool gt_verify_read(gt_code_check *c, const gt_operand *o, const char *what);
bool gt_verify_is_added(const gt_code_check *c, const gt_address *address);
/* It lies in the workspace, too. */
bool gt_verify_written(gt_code_check *c, const gt_operand *o, const char *what);
bool gt_verify_is_own(const gt_address *address);
/* Of two that go on with different steps, nothing is said: they are apart. */
bool gt_verify_apart(const gt_operand *a, const gt_operand *b);
bool gt_verify_same_place(const gt_operand *a, const gt_operand *b);

/* ---- instructions: verify_groups.c, verify_spans.c, verify_products.c ---- */

bool gt_verify_group(gt_code_check *c, const gt_group *group);
bool gt_verify_spans(gt_code_check *c, const gt_group *group);
bool gt_verify_sharing_of_spans(gt_code_check *c, const gt_group *group);
/* verify_cursors.c */
bool gt_verify_cursor(gt_code_check *c, const gt_group *group);
bool gt_verify_compiled_product(gt_code_check *c, const gt_multiplication *m);
/* verify_steps.c */
bool gt_verify_steps(gt_code_check *c, const gt_loop *loop);
bool gt_verify_multiplication(gt_code_check *c, const gt_multiplication *m);
/* The products that are done together with the instruction at `first` are those after it, and are fit for it. */
bool gt_verify_together(gt_code_check *c, const gt_block *block, uint32_t first);
bool gt_verify_packing(gt_code_check *c, const gt_packing *p);

#endif
