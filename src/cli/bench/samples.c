#include "cli/bench/samples.h"

#include <stdlib.h>

bool gt_samples_new(gt_samples *samples, uint32_t capacity)
{
    *samples = (gt_samples){.times = calloc(capacity, sizeof *samples->times), .capacity = capacity};
    return samples->times != NULL;
}

void gt_samples_free(gt_samples *samples)
{
    free(samples->times);
    *samples = (gt_samples){0};
}

void gt_samples_add(gt_samples *samples, double time)
{
    if (samples->count < samples->capacity)
        samples->times[samples->count++] = time;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the neighbours where the place is not whole. */
static double quantile(const gt_samples *samples, double part)
{
    double place = part * (samples->count - 1);
    uint32_t low = (uint32_t)place, high = low + 1 < samples->count ? low + 1 : low;
    return samples->times[low] + (place - low) * (samples->times[high] - samples->times[low]);
}

gt_summary gt_samples_summary(gt_samples *samples)
{
    if (samples->count == 0)
        return (gt_summary){0};
    qsort(samples->times, samples->count, sizeof *samples->times, by_value);
    double median = quantile(samples, 0.5);
    return (gt_summary){
        .median = median,
        .least = samples->times[0],
        .most = samples->times[samples->count - 1],
        .spread = median > 0 ? (quantile(samples, 0.75) - quantile(samples, 0.25)) / median : 0,
    };
}
