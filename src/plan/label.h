/* What to call a value of a program in messages and descriptions. */
#ifndef GT_PLAN_LABEL_H
#define GT_PLAN_LABEL_H

#include "gradtape/tape.h"

#include <stddef.h>

#define GT_LABEL_SIZE 64

/*
 * Its name; of a value without one, what it is made of, as far as there is
 * room: "Wf[:, 0:5]", "tanh(c')". Returns text.
 */
char *gt_label(gt_var v, char text[GT_LABEL_SIZE]);
/* The same without the part that a view takes: "Wf". */
char *gt_label_whole(gt_var v, char text[GT_LABEL_SIZE]);

#endif
