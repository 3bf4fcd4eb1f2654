/*
 * gradtape/check.h: gradients verified, and derivatives by finite differences.
 *
 * Checks. gt_check for any tape, gt_check_op for a reverse rule of your own,
 * gt_check_function for a gradient that you wrote yourself, gt_check_cell for a
 * cell. Each fills a report (gradtape/report.h):
 *
 *     gt_report report = {0};
 *     gt_check_op(&softsign, (gt_shape[]){GT_SHAPE(2, 3)}, 1, NULL, 0, NULL, &report, &error);
 *     if (report.verdict != GT_RIGHT) {
 *         char text[4000];
 *         gt_report_format(&report, text, sizeof text);
 *         puts(text);
 *     }
 *     gt_report_free(&report);
 *
 * Their status is GT_OK whenever there is a verdict, whatever it is.
 *
 * Structs that a program fills in begin with their size, so that fields can be added at their end
 * without compiling the program anew: GT_CHECK_OPTIONS_INIT and the like set it. 0, as in a struct that
 * is initialised by the names of its fields, stands for the size that the library knows.
 *
 * A numeric derivative is worth as much as what is known of its error. Here it is
 * that of a polynomial through thirteen values around the point (in Chebyshev's
 * nodes), whose last terms tell whether the function is smooth over the step, and
 * what truncation and rounding have left; steps are shortened until it is, and
 * lengthened where rounding is what is left. It is believed only if a second
 * polynomial, of other points and a shorter step, agrees. Where no step is
 * short enough, because the point lies at a kink, there are the slopes on both
 * sides; and where there is nothing to be believed, the error bar is infinite.
 *
 *     const double at[] = {0.1, 0.2, 0.3};
 *     gt_numeric n = {.function = f, .x = at, .input_count = 3, .output_count = 2};
 *     gt_numeric_jacobian(&n, values, errors, &error);
 *     gt_comparison c = gt_compare(mine, values, errors, 6, 1.0, 1e-9);
 *     if (c.agreement != GT_AGREES)
 *         printf("entry %zu is off by %g\n", c.worst, c.difference);
 */
#ifndef GRADTAPE_CHECK_H
#define GRADTAPE_CHECK_H

#include "gradtape/handwritten.h"
#include "gradtape/op.h"
#include "gradtape/report.h"

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
    size_t size; /* of the struct, by GT_NUMERIC_INIT; or 0 */
    gt_numeric_function *function;
    void *context;
    const double *x;
    size_t input_count, output_count;
    double step;  /* the largest change of x that is tried, in its largest entry; 0: any */
    double noise; /* rounding errors of f's results, relative to the largest of them; 0: 2^-52 */
    /*
     * output_count numbers: differentiate their scalar product with y in place of y. Differences
     * are taken before they are summed, so that equal parts cancel exactly. NULL: y itself.
     */
    const double *weights;
    const double *noises; /* with weights: rounding errors of each entry of y; NULL: only `noise` is known */
    /*
     * The error bar that is small enough: further steps are tried above it, as long as they may
     * help. 0: that of the first step over which only rounding errors are left.
     */
    double enough;
    double scale; /* size of the entries that are moved; 0: the largest of them, or 1 if all are 0 */
} gt_numeric;

#define GT_NUMERIC_INIT GT_SIZED(gt_numeric)

/*
 * The derivative of f along `direction` (input_count numbers, not all 0): values
 * and errors, each of output_count (one if there are weights). Calls f 18 times where it is
 * smooth, and at most 194 times. Where f is finite on no step, the value and the error are NaN.
 */
GT_API gt_status gt_numeric_directional(const gt_numeric *numeric, const double *direction, double *values,
                                        double *errors, gt_error *error);

/* A derivative with what is known about it. */
typedef struct gt_slope {
    double value, error; /* NaN where f is finite on no step; an infinite error: nothing is known */
    double left, right;  /* the slopes on both sides */
    bool kink;           /* they differ, by more than their own errors */
    double jump;         /* what f changes by on one side, however short the step; or 0 */
} gt_slope;

/* The same, with the slopes on both sides: output_count of them, or one if there are weights. */
GT_API gt_status gt_numeric_slopes(const gt_numeric *numeric, const double *direction, gt_slope *slopes,
                                   gt_error *error);

/*
 * All partial derivatives: values and errors, each (output_count, input_count)
 * column-major. Column j holds the derivatives by x[j].
 */
GT_API gt_status gt_numeric_jacobian(const gt_numeric *numeric, double *values, double *errors, gt_error *error);

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
 * undecided if 2 error > 1000 tolerance * scale, unless they are off by more than
 * 100 times that error. DIFFERS goes before UNDECIDED goes before AGREES. NaN never agrees.
 */
GT_API gt_comparison gt_compare(const double *exact, const double *values, const double *errors, size_t count,
                                double scale, double tolerance);

/* ---- checks ---------------------------------------------------------------------------------- */

/* Zero-initialised, everything is at its default. */
typedef struct gt_check_options {
    size_t size;                    /* of the struct, by GT_CHECK_OPTIONS_INIT; or 0 */
    uint32_t seed;                  /* of everything random */
    double tolerance;               /* relative to the largest entry of an array; 0: 1e-9 */
    uint64_t most_entries;          /* more entries in all: random projections of large arrays; 0: 2048 */
    uint32_t projections;           /* of each array that is too large; 0: 24 */
    gt_diagnose_function *diagnose; /* names mistakes; NULL: none are named */
    /* A gradient that is missing is wrong, of a backward block and of given arrays; else a remark. */
    bool require_all;
    /*
     * gt_check and gt_check_op: also whether gradients of gradients are right, if gradients are. An op
     * that a rule uses, but that has no rule itself, shows only there. Not looked at otherwise.
     */
    bool second_order;
    /* Told in words what is done, and which part of it, 0 to 1; true: stop. May be NULL. */
    bool (*interrupt)(void *context, const char *stage, double done);
    void *context;
    gt_arithmetic_function *arithmetic; /* writes out wrong entries of formulas; NULL: they are not */
} gt_check_options;

#define GT_CHECK_OPTIONS_INIT GT_SIZED(gt_check_options)

/*
 * The tape's gradients of random projections of outputs with respect to inputs,
 * against numeric derivatives at the inputs' values. Inputs: leaves of the tape,
 * every one that the outputs need; values[i] has the entries of inputs[i], of its
 * type. Those of GT_I32 are bound and not differentiated. The tape must be GT_F64;
 * gradients are recorded on it. If a gradient is wrong, every op is checked by
 * itself, at the values it has there, to find the rule that is.
 */
GT_API gt_status gt_check(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const void *const *values,
                          uint32_t input_count, const gt_check_options *options, gt_report *report, gt_error *error);

/*
 * One op's reverse rule on operands of these shapes, drawn from its domain
 * (gt_op.domain): the whole Jacobian, one column of it for each cotangent.
 */
GT_API gt_status gt_check_op(const gt_op *op, const gt_shape *shapes, uint32_t input_count, const int64_t *attributes,
                             uint32_t attribute_count, const gt_check_options *options, gt_report *report,
                             gt_error *error);

/*
 * An argument of a function: a part of x, in which they lie one behind the other. The third axis is
 * taken for time, as everywhere.
 */
typedef struct gt_check_array {
    const char *name;
    gt_shape shape;
} gt_check_array;

/*
 * A function with derivatives written by hand, in any way whatever: all that is not NULL is
 * checked. Results are
 * written into arrays that are 0 before. A status other than GT_OK ends the check and is handed on.
 */
typedef struct gt_check_gradient {
    size_t size;                   /* of the struct, by GT_CHECK_GRADIENT_INIT; or 0 */
    gt_numeric_function *function; /* y = f(x); what the derivatives are compared with */
    /*
     * The vector-Jacobian product: gradient = J(x).T cotangent. cotangent has the entries of y,
     * gradient those of x.
     */
    gt_status (*gradient)(void *context, const double *x, const double *cotangent, double *gradient, gt_error *error);
    void *context;
    const gt_check_array *arrays; /* of x */
    uint32_t array_count;
    const double *x;
    size_t output_count;
    /* The Jacobian-vector product: tangent_of_y = J(x) tangent. tangent has the entries of x. */
    gt_status (*jvp)(void *context, const double *x, const double *tangent, double *tangent_of_y, gt_error *error);
    /*
     * The same function and gradient in single precision, compared with `function` at x rounded to
     * single precision. A gradient that has doubles outside and computes in single precision inside
     * needs no word: it is noticed.
     */
    gt_status (*function_f32)(void *context, const float *x, float *y, gt_error *error);
    gt_status (*gradient_f32)(void *context, const float *x, const float *cotangent, float *gradient, gt_error *error);
    gt_shape output_shape; /* of y, for messages; rank 0: a list of output_count numbers */
} gt_check_gradient;

#define GT_CHECK_GRADIENT_INIT GT_SIZED(gt_check_gradient)

/*
 * Checks them at x. The gradient for a random cotangent is compared with numeric derivatives, entry
 * by entry, and must be linear in the cotangent, so that what is right for one is right for all. The
 * product J v is compared with the numeric derivative along a random direction in each argument, and
 * with the gradient: <w, J v> is <J.T w, v>. Kinds of findings: GT_CHECK_NUMERIC, GT_CHECK_JVP,
 * GT_CHECK_TRANSPOSE, and GT_CHECK_FORWARD for the function itself: a result that is not finite, or is
 * another in single precision.
 *
 * Rounding is measured, not given: the gradient is computed at points nearby and for multiples of
 * the cotangent, and what changes without a law is rounding. 32 times that is allowed, and where it
 * is that of single precision, 2e-5 of the largest entry; report->precision says so.
 *
 * A wrong number of entries is a finding: what writes behind the end of its result (as far as there
 * is room to notice, at least 1,024 entries), and entries that are never written.
 *
 * If x is all 0 or 1 in an argument, or the function does not move with it, a remark says so: check
 * at another point.
 */
GT_API gt_status gt_check_function(const gt_check_gradient *mine, const gt_check_options *options, gt_report *report,
                                   gt_error *error);

/* What to check a cell on. Zero-initialised but for the dimensions: 10 examples, 7 steps. */
typedef struct gt_check_problem {
    size_t size;                    /* of the struct, by GT_CHECK_PROBLEM_INIT; or 0 */
    const gt_dimension *dimensions; /* all that the cell's tables name */
    uint32_t dimension_count;
    int64_t examples, steps; /* 0: 10 and 7 */
    /*
     * Arrays by the names of `gradtape grad`, all GT_F64: x, S0, P, dS, dY are used in place of random
     * ones, and gradients "dP", "dx", "dS0" are compared with the tape's. NULL: all is random.
     */
    const gt_archive *given;
    /*
     * A point to check at: arrays by the same names, without gradients; what it does not have is
     * random. Not together with `given`. NULL: all is random.
     */
    const gt_archive *at;
} gt_check_problem;

#define GT_CHECK_PROBLEM_INIT GT_SIZED(gt_check_problem)

/*
 * A cell, over one step and over the sequence, rolled and unrolled: the tape's
 * gradients against numeric derivatives, and against the handwritten formulas
 * if the cell has any. All arrays are random, but states are such as the cell
 * reaches from its initial ones. Where nothing can be decided because the random
 * point lies at a kink, others are tried, two at most, with the next seeds; the
 * report is about the last.
 */
GT_API gt_status gt_check_cell(const gt_cell *cell, const gt_check_problem *problem, const gt_check_options *options,
                               gt_report *report, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
