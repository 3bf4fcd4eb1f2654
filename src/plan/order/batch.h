/*
 * Pieces of arrays, where a loop treats each of them by itself: the columns of a batch, the heads
 * of an example, the rows of a single one.
 *
 * A value is divided into a batch of pieces if these are of equal size and lie one after the other in
 * memory, so that a thread can do with its own pieces alone; a value may also be
 * needed as a whole, and then every thread computes all of it for itself. What is
 * divided and what is whole follows from the op's class and the shapes, never from
 * the name of a cell.
 */
#ifndef GT_PLAN_ORDER_BATCH_H
#define GT_PLAN_ORDER_BATCH_H

#include "graph/tape.h"

typedef enum gt_taking {
    GT_TAKES_PIECES, /* piece i of the operand for piece i of the result */
    GT_TAKES_WHOLE,  /* all of the operand for every piece of the result */
    GT_TAKES_ACROSS  /* the result cannot be computed by pieces */
} gt_taking;

/*
 * The axis along which `batch` pieces of an array lie, the last one that is longer than 1: a piece has as many of its
 * entries as any other. -1: none.
 */
int gt_batch_axis(gt_shape shape, int64_t batch);

/* How node `index` takes its operand `slot` if the result is divided into `batch` pieces. */
gt_taking gt_batch_taking(const gt_tape *tape, uint32_t index, uint32_t slot, int64_t batch);
/* Whether the node's result can be computed by pieces. */
bool gt_batch_possible(const gt_tape *tape, uint32_t index, int64_t batch);

#endif
