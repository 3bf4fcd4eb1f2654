/* The learning rate over time. */
#include "gradtape/optimizer.h"

#include <math.h>

/* The part of the decay that is done, 0 to 1. */
static double progress(const gt_schedule *schedule, int64_t step)
{
    if (step <= schedule->warmup)
        return 0;
    if (step >= schedule->length)
        return 1;
    return (double)(step - schedule->warmup) / (double)(schedule->length - schedule->warmup);
}

double gt_schedule_rate(const gt_schedule *schedule, int64_t step)
{
    const double pi = 3.14159265358979323846;
    if (step < schedule->warmup)
        return schedule->rate * (double)(step + 1) / (double)schedule->warmup;
    double last = schedule->last, p = progress(schedule, step);
    switch (schedule->kind) {
    case GT_SCHEDULE_COSINE:
        return schedule->rate * (last + (1 - last) * (1 + cos(pi * p)) / 2);
    case GT_SCHEDULE_EXPONENTIAL:
        return schedule->rate * pow(last, p);
    case GT_SCHEDULE_CONSTANT:
        break;
    }
    return schedule->rate;
}
