/*
 * gradtape/problem.h: a cell with numbers. Arrays by name, compared with the cell's
 * tables, and what can be computed from them: states, outputs, gradients.
 *
 *     gt_error error = {0};
 *     gt_archive *given = gt_archive_open("homework.npz", &error), *results = gt_archive_new();
 *     gt_cell_problem problem = {0};
 *     if (given != NULL && gt_cell_problem_read(&problem, gt_cell_find("lstm"), given, GT_F64, &error) == GT_OK)
 *         gt_cell_problem_run(&problem, NULL, results, &error); // adds a, c, y, dx, da0, dWf, ...
 *     gt_cell_problem_free(&problem);
 *     gt_archive_free(results);
 *     gt_archive_free(given);
 *
 * Names. Inputs and parameters have the names of the cell's tables. The initial
 * value of a state S is "S0" (where absent: what the cell's table says), the
 * upstream gradients of a state or an output S are "dS" (where absent: zero),
 * and the gradient of the objective
 *
 *     sum over S of sum(dS * S)
 *
 * with respect to an input, an initial state or a parameter P is "dP".
 *
 * Sizes. What the names in the tables are worth is read off the arrays. Where none has a size by
 * itself (n_h, of arrays of n_h * n_k rows), an array of one whole number says it by its name: "n_h".
 *
 * Shapes. An input is (n, m, T), or (n, m) for one step; the results then have
 * two axes too. dS is (n, m, T') with T' <= T: zero at later steps.
 */
#ifndef GRADTAPE_PROBLEM_H
#define GRADTAPE_PROBLEM_H

#include "gradtape/archive.h"
#include "gradtape/dimensions.h"
#include "gradtape/threads.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_problem_kind {
    GT_PROBLEM_INPUT = 0,
    GT_PROBLEM_INITIAL,
    GT_PROBLEM_PARAMETER,
    GT_PROBLEM_STATE_UPSTREAM,
    GT_PROBLEM_OUTPUT_UPSTREAM
} gt_problem_kind;

#define GT_PROBLEM_NAME_SIZE 80

typedef struct gt_problem_array {
    char name[GT_PROBLEM_NAME_SIZE];
    gt_problem_kind kind;
    const gt_cell_array *row;
    uint32_t place;   /* in the cell's table */
    bool given;       /* it was among the arrays read */
    gt_shape shape;   /* on the tape: (n, m, T), (n, m) or (rows, columns) */
    gt_shape written; /* as it was given, or would have been: the shape of its gradient in a file */
    size_t count;     /* entries */
    size_t first;     /* the place of the first in the problem's buffer */
    void *data;       /* entries of the problem's type, in that buffer */
} gt_problem_array;

typedef struct gt_axis_order gt_axis_order;

/* To be read by everybody, and written by gt_cell_problem_read alone. It must stay where it was filled. */
typedef struct gt_cell_problem {
    const gt_cell *cell; /* borrowed */
    gt_dtype dtype;
    bool with_outputs; /* the parameters of the output are there */
    bool two_axes;     /* the inputs were (n, m) */
    int64_t examples, steps;
    const char *examples_from;                  /* the array that told m (and T) */
    gt_dimensions dimensions;                   /* with the array that told each */
    gt_dimension sizes[GT_MAX_CELL_ARRAYS + 1]; /* those that are known, and {"m", examples} */
    uint32_t size_count;
    const gt_axis_order *order;           /* in which the shapes are read to see whether it is that one; NULL: ours */
    gt_problem_array *arrays;             /* inputs, initial states, parameters, then upstream gradients */
    uint32_t array_count, differentiated; /* all; those that come before the upstream gradients */
    void *buffer;                         /* the entries of all arrays, in their order */
    size_t x_count, y_count;              /* entries of those that are differentiated; of upstream gradients */
} gt_cell_problem;

/*
 * Adds an array of one number for each size: for a problem whose sizes its arrays may not tell. "m" is left
 * out, and so is a name that the archive has.
 */
GT_API gt_status gt_cell_problem_tell_sizes(gt_archive *archive, const gt_dimension *sizes, uint32_t size_count,
                                            gt_error *error);

/*
 * Copies the arrays of `given` (which may be freed afterwards) in type dtype. Of one that was opened
 * only names and shapes are looked at until all of them are right.
 * An array that is missing, unexpected, misshapen, of another type or not
 * finite is an error that names it, what it is and what was expected; one whose axes are in another
 * order is recognised. If all parameters that only outputs read are absent, and no upstream gradient of
 * an output is given, then outputs are left out. On an error nothing is kept.
 */
GT_API gt_status gt_cell_problem_read(gt_cell_problem *problem, const gt_cell *cell, gt_archive *given, gt_dtype dtype,
                                      gt_error *error);
GT_API void gt_cell_problem_free(gt_cell_problem *problem);

/* Whether any upstream gradient was given: without one there is nothing to differentiate. */
GT_API bool gt_cell_problem_has_upstream(const gt_cell_problem *problem);

/*
 * Without numbers: the arrays and shapes of a cell by the sizes in `dimensions`, known or usual; all
 * upstream gradients are there, unless `given` of an array is then set to false. Needs
 * gt_cell_problem_free in any case.
 */
GT_API gt_status gt_cell_problem_shape(gt_cell_problem *problem, const gt_cell *cell, gt_dtype dtype,
                                       const gt_dimensions *dimensions, int64_t examples, int64_t steps,
                                       bool with_outputs, gt_error *error);

/* ---- what is computed ------------------------------------------------------------------------ */

typedef enum gt_engine {
    GT_ENGINE_PLANNER,    /* programs that are planned */
    GT_ENGINE_EXACT,      /* the same without anything that changes a bit */
    GT_ENGINE_INTERPRETER /* node by node, the reference */
} gt_engine;

/* How the tape is recorded and what computes it. Zero-initialised: one scan, planned, on one thread. */
typedef struct gt_problem_way {
    bool unrolled; /* a copy of the cell for each step; otherwise one scan */
    gt_engine engine;
    gt_threads *threads; /* of the planner; NULL: one */
} gt_problem_way;

/*
 * Adds to results the states and outputs at all steps and, if an upstream
 * gradient was given, all gradients, by the tape. `way` NULL: as usual. A result that is not
 * finite is GT_ERROR_NOT_FINITE, which says where it comes from.
 */
GT_API gt_status gt_cell_problem_run(const gt_cell_problem *problem, const gt_problem_way *way, gt_archive *results,
                                     gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
