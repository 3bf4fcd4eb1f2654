/*
 * A tape as a function of arrays: the real inputs are one flat list of doubles,
 * the outputs another. For tests that compare tapes with numeric derivatives.
 */
#ifndef TESTS_SUPPORT_PROBE_H
#define TESTS_SUPPORT_PROBE_H

#include "gradtape.h"

enum { PROBE_VARS = 24, PROBE_ENTRIES = 32768 };

typedef struct probe {
    gt_tape *tape;
    gt_interpreter *run;
    gt_var reals[PROBE_VARS]; /* in order of declaration */
    size_t starts[PROBE_VARS];
    uint32_t real_count;
    size_t count;            /* entries of all of them */
    double x[PROBE_ENTRIES]; /* their values */
    float narrow[PROBE_ENTRIES];
    gt_var wholes[PROBE_VARS];
    int32_t whole_values[PROBE_ENTRIES];
    size_t whole_starts[PROBE_VARS];
    uint32_t whole_count;
    size_t whole_entries;
} probe;

/* Ends the test on no memory. */
probe *probe_new(gt_dtype dtype);
void probe_free(probe *p);

/* Declares a real input; its values start at p->x + (p->count before the call). */
gt_var probe_real(probe *p, const char *name, gt_shape shape);
/* Declares an input of whole numbers; the values go to what *values points to then. */
gt_var probe_whole(probe *p, const char *name, gt_shape shape, int32_t **values);

/* Entries of a list of vars. */
size_t probe_entries(const gt_var *vars, uint32_t count);

/*
 * Evaluates the vars at p->x and writes their values one after the other, as
 * doubles. On an error the message is in `error`.
 */
gt_status probe_evaluate(probe *p, const gt_var *vars, uint32_t count, double *y, gt_error *error);

/*
 * For gt_numeric: the vars as a function of the first entries of p->x. With
 * weights, the result is the single number sum(weights * values).
 */
typedef struct probe_function {
    probe *p;
    const gt_var *vars;
    uint32_t count;
    size_t x_count;
    const double *weights;
} probe_function;
gt_status probe_call(void *function, const double *x, double *y, gt_error *error);

#endif
