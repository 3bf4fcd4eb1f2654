/* Arrays compared entry by entry: the verdict, the worst entry, and where the others are. */
#ifndef GT_CHECK_ARRAYS_H
#define GT_CHECK_ARRAYS_H

#include "check/words.h"

/* An error bar of more than this times the tolerance tells nothing. */
#define GT_CHECK_BLUNT 1000.0

/* Beyond so many of such error bars there is no doubt all the same. */
#define GT_CHECK_BEYOND_DOUBT 100.0

typedef struct gt_arrays {
    const double *value, *expected;
    const double *error; /* error bars of expected; NULL: none */
    const double *reach; /* what lies so far from expected may be right, as well as wrong: a kink; NULL: 0 */
    double rounding;     /* what rounding may have done to any entry, beyond the tolerance */
    gt_shape shape;      /* of all three */
    bool in_time;        /* the last axis is time */
    double scale;        /* size of the numbers at hand; the largest of expected, if that is larger */
    double tolerance;    /* relative to the scale; entries also may differ by twice the error bar */
} gt_arrays;

/* No kinks, error bars of at most a hundredth of the scale, and values within them or nearly. */
bool gt_arrays_agree_roughly(const gt_arrays *arrays);

/*
 * Fills in what is found: verdict, shape, worst entry, counts, pattern. Of the
 * others the finding is left as it is.
 */
void gt_arrays_compare(const gt_arrays *arrays, gt_finding *finding);

/* Takes a comparison into the counts of its kind. */
void gt_report_count(gt_report *report, const gt_finding *finding, uint64_t projections);

/* A finding that was wrong becomes undecidable. */
void gt_report_doubt(gt_report *report, gt_finding *finding, const char *why);
/* The verdict anew, from what is left of the findings. */
void gt_report_settle(gt_report *report);

/* The largest magnitude of the finite entries. */
double gt_arrays_largest(const double *values, size_t count);

#endif
