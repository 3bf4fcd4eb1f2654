/*
 * Whether several threads are faster than one, found by trying. How long threads take to hand each other what
 * they have written depends on the machine and on where a program's memory happens to lie: a short program may take
 * twice as long on two of them. The values are the same, bit for bit.
 */
#ifndef GT_PLAN_TRIAL_H
#define GT_PLAN_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

/* Of one program. Zero-initialised it has tried nothing. */
typedef struct gt_trial {
    uint32_t runs;
    double least[2]; /* seconds: on all threads, alone */
} gt_trial;

/* Is the next run on one thread alone? The first runs are all together, the next all alone; from time to time so again.
 */
bool gt_trial_is_alone(gt_trial *trial);
/* How long that run took. */
void gt_trial_note(gt_trial *trial, bool alone, double seconds);

#endif
