/* Lowering: from a tape that has been through the passes to code. */
#ifndef GT_PLAN_LOWER_H
#define GT_PLAN_LOWER_H

#include "plan/code/code.h"

/* The program's tape must live as long as the code. */
gt_status gt_lower(const gt_program *program, gt_pool *pool, gt_code *code, gt_operand *outputs, gt_error *error);

#endif
