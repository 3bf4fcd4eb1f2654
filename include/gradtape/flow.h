/*
 * gradtape/flow.h: where the gradient of a cell goes, through time and by which paths.
 *
 *     gt_cell_problem problem;                                     // a cell with numbers, gradtape/problem.h
 *     gt_flow *flow = gt_flow_new(&problem, NULL, &error);
 *     for (uint32_t i = 0; i < flow->series_count; i++)
 *         printf("%s: %g decades a step\n", flow->series[i].name, flow->series[i].slope);
 *     gt_flow_free(flow);
 *
 * The objective is that of the problem: the sum of its upstream gradients times the states
 * and outputs. All numbers are exact but for rounding: the reverse replay of one step of the
 * tape is run over all steps, whole or with some of the carried edges cut.
 */
#ifndef GRADTAPE_FLOW_H
#define GRADTAPE_FLOW_H

#include "gradtape/problem.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_flow_kind {
    GT_FLOW_STATE = 0, /* after the step */
    GT_FLOW_VALUE,     /* what the cell's equations give a name: gates, candidates, outputs */
    GT_FLOW_INPUT
} gt_flow_kind;

/* The gradient of the objective with respect to one value at every step. */
typedef struct gt_flow_series {
    const char *name; /* a state's without a prime */
    gt_flow_kind kind;
    int64_t units;              /* entries for one example */
    const double *norm;         /* (T): the Euclidean norm over units and examples */
    const double *entry;        /* (units, T), column-major: the root of the mean square over examples */
    const double *signed_entry; /* (units, T): of the first example */
    /*
     * Decades for each step further back in time: least squares of log10(norm) over the steps where it is
     * not zero. log10(0.5) is -0.30: it halves. NaN with fewer than two such steps.
     */
    double slope;
} gt_flow_series;

/*
 * By which paths the gradient of a parameter comes. With every carried edge cut but those
 * of some states, what is left of the gradient G is a part of it; the share of a part P is
 * <P, G> / <G, G>. Shares add up to 1 and may be negative, where parts cancel.
 */
typedef struct gt_flow_paths {
    const char *name;
    double norm;         /* of G */
    double within;       /* within the step of the loss */
    const double *alone; /* of each state: through it alone, from step to step */
    double mixed;        /* through several */
    /* (T, T), row s, column t, row-major: the share of the loss at step s through the use at step t; 0 for t > s. */
    const double *triangle;
} gt_flow_paths;

typedef struct gt_flow {
    const char *cell;
    int64_t steps, examples;
    uint32_t state_count;
    const char *const *states;
    uint32_t series_count;
    const gt_flow_series *series; /* states, then values in the order of the equations, then inputs */
    uint32_t paths_count;
    const gt_flow_paths *paths; /* of each parameter with a gradient, and at last "all" of them together */
    /*
     * (T, singular_count), row t, row-major, descending: the singular values of the derivative of all
     * states after the last step by those after step t, of the first example. NULL: not asked for.
     */
    const double *singular;
    uint32_t singular_count;
} gt_flow;

typedef struct gt_flow_options {
    bool no_singular; /* leave out the singular values: as many backward passes as there are entries of states */
    bool no_triangle; /* leave out the triangles: as many backward passes as steps */
    /* Called between passes; true ends early with GT_ERROR_INTERRUPTED. NULL: none. */
    bool (*progress)(void *context, int64_t done, int64_t all);
    void *context;
} gt_flow_options;

/*
 * Errors: GT_ERROR_ARGUMENT (no upstream gradient), GT_ERROR_SIZE (values and gradients of all steps
 * would take more than 2 GB), GT_ERROR_MEMORY, GT_ERROR_INTERRUPTED, and those of the cell. The problem is of
 * type GT_F64. options may be NULL.
 */
GT_API gt_flow *gt_flow_new(const gt_cell_problem *problem, const gt_flow_options *options, gt_error *error);
GT_API void gt_flow_free(gt_flow *flow); /* NULL is allowed */

/* "halves every 2.3 steps back", "grows tenfold every 4 steps back", "stays". */
GT_API void gt_flow_words(double slope, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
