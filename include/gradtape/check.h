/*
 * gradtape/check.h: derivatives by finite differences, each with an error bar.
 *
 * A numeric derivative is worth as much as what is known of its error. Here
 * central differences of shrinking steps are extrapolated to step 0 (Richardson
 * 1911; the choice of the best extrapolation after Ridders, "Accurate
 * computation of F'(x) and F'(x) F''(x)", 1982), and each value comes with an
 * estimate of its error: how much the last extrapolations still changed it, plus
 * what rounding may have done to it, plus, where the slopes on both sides do
 * not meet, half of what lies between them. A derivative at a kink therefore
 * has a large error bar; it is not a wrong value with a small one.
 *
 *     gt_numeric n = {.function = f, .x = x, .input_count = 3, .output_count = 2};
 *     gt_numeric_jacobian(&n, values, errors, NULL);
 *     gt_comparison c = gt_compare(mine, values, errors, 6, 1.0, 1e-9);
 *     if (c.verdict != GT_AGREES) ...
 */
#ifndef GRADTAPE_CHECK_H
#define GRADTAPE_CHECK_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * y = f(x), y of output_count entries and x of input_count. A result other than
 * GT_OK ends the computation and is handed on; outside of the domain of f rather
 * write a NaN: steps that lead there are then not used.
 */
typedef gt_status gt_numeric_function(void *context, const double *x, double *y, gt_error *error);

/* What to differentiate, and where. All memory is the caller's. */
typedef struct gt_numeric {
    gt_numeric_function *function;
    void *context;
    const double *x;
    size_t input_count, output_count;
    double step;  /* the largest change of x that is tried, in its largest entry; 0: 1/16 */
    double noise; /* rounding errors of f's results, relative to the largest of them; 0: 2^-50 */
} gt_numeric;

/*
 * The derivative of f along `direction` (input_count numbers, not all 0): values
 * and errors, each of output_count. Calls f at most 25 times. Where f is finite
 * on no step, the value and the error are NaN.
 */
GT_API gt_status gt_numeric_directional(const gt_numeric *numeric, const double *direction,
                                        double *values, double *errors, gt_error *error);

/*
 * All partial derivatives: values and errors, each (output_count, input_count)
 * column-major. Column j holds the derivatives by x[j].
 */
GT_API gt_status gt_numeric_jacobian(const gt_numeric *numeric, double *values, double *errors,
                                     gt_error *error);

typedef enum gt_agreement {
    GT_AGREES = 0,
    GT_DIFFERS,  /* beyond what the error bar and the tolerance explain, or not a number */
    GT_UNDECIDED /* the error bar is too large, or not a number: no test at all */
} gt_agreement;

GT_API const char *gt_agreement_name(gt_agreement verdict);

typedef struct gt_comparison {
    gt_agreement agreement;
    size_t worst;      /* the entry that decides it */
    double difference; /* there, |exact - value| */
    double allowed;    /* and what was allowed */
} gt_comparison;

/*
 * Compares derivatives with numeric ones, entry by entry. `scale` is the size of
 * the numbers at hand; the largest of values takes its place if it is larger.
 * Entries agree if |exact - value| <= 2 error + tolerance * scale; they are
 * undecided if 2 error > 1000 tolerance * scale. DIFFERS goes before UNDECIDED
 * goes before AGREES. NaN never agrees.
 */
GT_API gt_comparison gt_compare(const double *exact, const double *values, const double *errors,
                                size_t count, double scale, double tolerance);

#ifdef __cplusplus
}
#endif
#endif
