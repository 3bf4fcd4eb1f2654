/* Times of one thing, measured again and again. */
#ifndef GT_CLI_BENCH_SAMPLES_H
#define GT_CLI_BENCH_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gt_samples {
    double *times;
    uint32_t count, capacity;
} gt_samples;

typedef struct gt_summary {
    double median, least, most;
    double spread; /* from the first to the third quartile, in parts of the median */
} gt_summary;

bool gt_samples_new(gt_samples *samples, uint32_t capacity);
void gt_samples_free(gt_samples *samples);
void gt_samples_add(gt_samples *samples, double time);
/* Puts the times in order. All zero where there are none. */
gt_summary gt_samples_summary(gt_samples *samples);

#endif
