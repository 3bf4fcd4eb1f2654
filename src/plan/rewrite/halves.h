/*
 * A program in two halves: what can be computed before its late inputs are known, and what cannot.
 *
 * A node is late if it depends on a late input, and an output is late if it was on the user's tape. The
 * forward half is what the other outputs need. All else is the backward half, also where it
 * could be computed earlier: nothing would read it before. Of a prepared program, whose backward half runs many
 * times, the forward half is all that is not late.
 */
#ifndef GT_PLAN_HALVES_H
#define GT_PLAN_HALVES_H

#include "plan/rewrite/copy.h"

/* Marks what depends on a late input, of the nodes of the outer tape from 1 on; `late` is empty before. */
void gt_halves_mark_late(const gt_program *program, uint8_t *late);
/* The same of the wanted nodes that the forward half does without; `backward` is empty before. */
void gt_halves_mark_backward(const gt_program *program, const uint8_t *wanted, uint8_t *backward);
/*
 * Does an output wait for a late input that did not on the user's tape? Then a pass has put something
 * of both halves into one loop. Or no memory to find out: *known is false.
 */
bool gt_halves_are_mixed(const gt_program *program, bool *known);

#endif
