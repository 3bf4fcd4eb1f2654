/* What code costs, roughly: enough to tell what is worth dividing between threads. */
#ifndef GT_EXEC_COST_H
#define GT_EXEC_COST_H

#include "exec/code.h"

/* Nanoseconds of one thread; within a factor of three or so of what current processors take. */
double gt_cost_of_instruction(const gt_instruction *instruction);
double gt_cost_of_block(const gt_block *block);

#endif
