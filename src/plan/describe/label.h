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

/* Numbers for values without a name, so that one line can refer to another: "t7". */
typedef struct gt_label_numbers gt_label_numbers;
gt_label_numbers *gt_label_numbers_new(void); /* NULL on no memory */
void gt_label_numbers_free(gt_label_numbers *numbers);
/* Whether there was no memory for a number: labels are then no good. */
bool gt_label_numbers_failed(const gt_label_numbers *numbers);
/* As gt_label, but a value without a name of its own, and no view or constant, is its number. */
char *gt_label_numbered(gt_label_numbers *numbers, gt_var v, char text[GT_LABEL_SIZE]);
/* What v is computed by, each operand so labelled: "tanh(c')"; the label of v if it is given from outside. */
char *gt_label_computation(gt_label_numbers *numbers, gt_var v, char text[GT_LABEL_SIZE]);

#endif
