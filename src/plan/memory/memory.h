/* Where the values of a level live, and for how long. */
#ifndef GT_PLAN_MEMORY_MEMORY_H
#define GT_PLAN_MEMORY_MEMORY_H

#include "plan/order/level.h"

/* False on no memory, throughout. */

/* A new piece of the level's arena, in use at `item` and as long as something extends it. */
bool gt_lower_root(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *root);
/* What is read where; before the memory of the level, and of the levels around it, is planned. */
bool gt_lower_find_uses(gt_lowering *lowering, gt_level *level);
bool gt_lower_storage(gt_lowering *lowering, gt_level *level);
/* Of a computed value that another item than a group may be the only one to read: does it have memory at all? */
bool gt_lower_has_value(const gt_level *level, uint32_t index);
/* Of a body: is the value written straight into its slot of a stack? */
bool gt_lower_is_in_slot(const gt_level *body, uint32_t index);

/* Who reads each value last; after the order and the pieced concats of the level are known. */
bool gt_lower_find_reads(gt_lowering *lowering, gt_level *level);
/* The place of a result of a run if it may be written over an operand of it. */
void gt_lower_reuse_operand(const gt_lowering *lowering, gt_level *level, uint32_t index);
/* Places of the stacks of a scan whose slots may be those of sequences that the loop reads. */
bool gt_lower_reuse_slots(gt_lowering *lowering, gt_level *level, uint32_t scan_node);

/* Places of products, in slots for which something else is meant later; `place` finds those. */
bool gt_lower_reuse_results(gt_lowering *lowering, gt_level *level, bool (*place)(gt_lowering *, gt_level *, uint32_t));

/* Which states of a body are old and new values of which nodes; after what is wanted is known. */
bool gt_lower_find_states(gt_lowering *lowering, gt_level *body);
/* The place of a part of a scan if it is the stack of a state's old or new values, which share memory. */
bool gt_lower_place_shifted(gt_lowering *lowering, gt_level *level, uint32_t part);
/* Where the states' old values are, and the new ones that are written where they are wanted. */
void gt_lower_enter_states(const gt_lowering *lowering, gt_level *body);
bool gt_lower_place_state(gt_level *body, uint32_t index);
/* Room for the old and the new value of every state that has no stack, on the level around the loop. */
bool gt_lower_keep_states(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t item);
/* The new value of state k in the machine's table, where it is turned. */
uint32_t gt_lower_place_of_next(const gt_level *body, uint32_t k);
gt_carrying gt_lower_carrying_of(const gt_level *body, uint32_t k);

/* Concats along the last axis: which need not be made, and which values are written into which. */
bool gt_lower_find_joined(gt_lowering *lowering, gt_level *level);
/* Memory for the concats that values are written into; a place for such a value. */
bool gt_lower_place_joined(gt_lowering *lowering, gt_level *level, bool (*place)(gt_lowering *, gt_level *, uint32_t));
void gt_lower_place_in_home(gt_lowering *lowering, gt_level *level, uint32_t index);
void gt_lower_enter_pieced(gt_lowering *lowering, gt_level *body);
/* Positions in the arena for all roots of a level whose lifetimes are known. */
bool gt_lower_pack(gt_lowering *lowering, gt_level *level);

/* The left operands of a body's products that are packed before its loop. */
bool gt_lower_packing(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t loop_item);
const gt_packed *gt_lower_find_packed(const gt_level *body, uint32_t operand, bool transposed);

/*
 * For the body of an outermost loop whose values have their places: sets
 * body->examples, 0 if they are not independent, and body->divided.
 */
bool gt_lower_examples(gt_lowering *lowering, gt_level *body);

#endif
