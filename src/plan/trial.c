#include "plan/trial.h"

#include <math.h>

/*
 * Of some runs each way the least time counts, since one is often too long and never too short. They are not by turns:
 * a run finds in the caches what the one before it left there. And all of it again after some runs: other programs come
 * and go, and memory is moved.
 */
enum { TRIES = 5, AGAIN = 512 };

bool gt_trial_is_alone(gt_trial *trial)
{
    uint32_t run = trial->runs % AGAIN;
    if (run == 0)
        trial->least[0] = trial->least[1] = INFINITY;
    return run < 2 * TRIES ? run >= TRIES : trial->least[1] < trial->least[0];
}

void gt_trial_note(gt_trial *trial, bool alone, double seconds)
{
    if (trial->runs % AGAIN < 2 * TRIES && seconds < trial->least[alone])
        trial->least[alone] = seconds;
    trial->runs++;
}
