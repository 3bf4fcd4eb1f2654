/* Names for gradients that have none, so that a description of the program can speak of them. */
#ifndef GT_PLAN_NAME_H
#define GT_PLAN_NAME_H

#include "plan/rewrite/copy.h"

/*
 * A plain copy that names what the reverse rules recorded. A contribution to
 * the adjoint of f is called "df"; if the value has no name, but the op that reads it
 * gives f, as in f = sigmoid(...), then "d(f.in)".
 */
extern const gt_rewrite gt_naming;

#endif
