#include "plan/trial.h"

#include <math.h>

enum {
    TRIES = 8,   /* by turns: the least of four times each, since a time is often too long and never too short */
    AGAIN = 4096 /* runs: other programs come and go, and memory is moved */
};

bool gt_trial_is_alone(gt_trial *trial)
{
    uint32_t run = trial->runs % AGAIN;
    if (run == 0)
        trial->least[0] = trial->least[1] = INFINITY;
    return run < TRIES ? run % 2 == 1 : trial->least[1] < trial->least[0];
}

void gt_trial_note(gt_trial *trial, bool alone, double seconds)
{
    if (trial->runs % AGAIN < TRIES && seconds < trial->least[alone])
        trial->least[alone] = seconds;
    trial->runs++;
}
