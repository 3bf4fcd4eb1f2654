/* What a node of the forward pass is, for hypotheses about the step and for the words about them. */
#ifndef GT_DIAGNOSE_SLIP_NODES_H
#define GT_DIAGNOSE_SLIP_NODES_H

#include "diagnose/replay.h"

gt_var gt_slip_at(const gt_step_replay *s, uint32_t node);
bool gt_slip_is_op(const gt_step_replay *s, uint32_t node, const char *name);
bool gt_slip_is_activation(const gt_step_replay *s, uint32_t node);
bool gt_slip_is_gate(const gt_step_replay *s, uint32_t node);
/* W @ v, both read as they are. */
bool gt_slip_is_product(const gt_step_replay *s, uint32_t node);
/* The operand of W @ v that is a concat of rows; 0: it is none. */
uint32_t gt_slip_concat_of(const gt_step_replay *s, uint32_t node);
/* The state that the node is the old or the new value of; -1: none. */
int64_t gt_slip_state_of(const gt_step_replay *s, uint32_t node, bool new_one);
/* 1 - f */
bool gt_slip_is_complement(const gt_step_replay *s, uint32_t node);

#endif
