/* gt_check_function in parts: the function, its gradient, its Jacobian-vector product. */
#ifndef GT_CHECK_FUNCTION_CHECK_H
#define GT_CHECK_FUNCTION_CHECK_H

#include "check/function_call.h"
#include "check/gradients.h"

/* What all parts know. */
typedef struct gt_function_check {
    const gt_check_gradient *mine;
    const gt_check_options *options; /* complete */
    gt_report *report;
    gt_error *error;
    const gt_check_array *arrays; /* those of mine, and behind them the one of y */
    gt_check_array *owned;        /* them, to be freed */
    size_t x_count, y_count;
    bool *in_time;      /* by array */
    double *scales;     /* by argument: the size of its entries, 1 where all are 0 */
    double *y, *second; /* at x; for which J.T or J is applied */
    double noise;       /* of the function, relative to the largest of y: its own rounding errors */
    uint32_t first;     /* of the report's findings that this check makes */
    bool stopped;       /* nothing behind this can be compared */
    bool floats;        /* all of its results are, wherever it is looked at: they stand on treads */
    double excess;      /* of the function in single precision: its error, relative to y */
} gt_function_check;

/* Rounding errors that are allowed are so many times those that were measured. */
#define GT_FUNCTION_DEVIATIONS 32

/* A function with more noise than this, relative to the largest of its results, is in single precision inside. */
#define GT_FUNCTION_SINGLE_NOISE 0x1p-30

/* A result in single precision may be off by so much of the largest entry, whatever was measured. */
#define GT_FUNCTION_SINGLE 2e-5

/* The tolerance beyond rounding of what is in single precision, in place of 1e-9. */
#define GT_FUNCTION_SINGLE_TOLERANCE 1e-6

/* The function at x, also in single precision: finite, always the same, and no longer than it should be. */
gt_status gt_function_check_values(gt_function_check *check);
/* That part alone, of a function without derivatives. */
gt_status gt_function_check_values_of(const gt_check_gradient *mine, const gt_check_options *options, gt_report *report,
                                      gt_error *error);
/* The vector-Jacobian product, in double or in single precision. */
gt_status gt_function_check_gradient(gt_function_check *check, bool single);
/* The Jacobian-vector product. */
gt_status gt_function_check_jvp(gt_function_check *check);

/*
 * Whether the function named `what` writes what it should: a finding if it writes behind the
 * end of its result, which stops the check. unwritten: by entry of the result.
 */
gt_status gt_function_check_writing(gt_function_check *check, gt_function_call *call, const char *what, const double *x,
                                    const double *second, bool *unwritten);

/* Adds a finding about an array that no numbers stand behind. */
gt_status gt_function_check_say(gt_function_check *check, gt_check_kind kind, gt_verdict verdict, const char *array,
                                const char *format, ...) GT_PRINTF(5, 6);

/* x, or x rounded to single precision; a copy, NULL on no memory. */
double *gt_function_check_point(const gt_function_check *check, bool single);

/* The power of `second` to which the first result is: b for twice as much of it. NaN: none. */
double gt_function_check_power(const double *result, const double *doubled, size_t count);

#endif
