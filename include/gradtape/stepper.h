/*
 * gradtape/stepper.h: a page in which backpropagation through time is stepped through.
 *
 *     gt_cell_problem problem;                                   // a cell with numbers, gradtape/problem.h
 *     char *page;
 *     size_t size;
 *     if (gt_stepper(&problem, NULL, &page, &size, &error) == GT_OK)
 *         gt_file_replace("lstm.html", page, size, &error);
 *     gt_stepper_free(page);
 *
 * The page is one HTML file with everything in it, and asks for nothing from anywhere. Every number
 * in it is the interpreter's, all 64 bits of it. The same problem gives the same bytes.
 */
#ifndef GRADTAPE_STEPPER_H
#define GRADTAPE_STEPPER_H

#include "gradtape/problem.h"
#include "gradtape/quiz.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GT_STEPPER_MOST_BYTES 8000000 /* of a page: larger ones are refused */

/* A gradient: "dW" or "df_z", at a time step, and one of its entries there. */
typedef struct gt_stepper_place {
    const char *name;
    int64_t step;   /* from 0; -1: the sum over all */
    uint64_t entry; /* column-major, from 0 */
} gt_stepper_place;

/* Zero-initialised, everything is at its default. */
typedef struct gt_stepper_options {
    size_t size; /* of the struct, by GT_STEPPER_OPTIONS_INIT; or 0 */
    /*
     * HTML that is shown beside the steps, as gt_derive writes it; if that is `tagged`, the line of the
     * current step is lit. NULL: none.
     */
    const char *derivation;
    bool forward_only;                 /* without gradients; otherwise the problem has an upstream gradient */
    bool all_steps;                    /* the picture shows each of more than six time steps */
    bool no_differences;               /* without numeric derivatives beside the gradients */
    const gt_quiz_question *questions; /* of a quiz on the cell, for a derivation that is tagged */
    uint32_t question_count;
    const gt_stepper_place *start; /* where the page opens, as near as there is a value; NULL: before the first step */
} gt_stepper_options;

#define GT_STEPPER_OPTIONS_INIT GT_SIZED(gt_stepper_options)

/*
 * Records the problem's sequence step by step, evaluates it and writes the page. *page becomes the
 * caller's, ends with a NUL and is to be freed with gt_stepper_free; *size are its bytes without the
 * NUL. The problem is of type GT_F64. options may be NULL. Numeric derivatives are left out where they would
 * take long; the page then says so.
 *
 * Errors: GT_ERROR_ARGUMENT (another type, no upstream gradient), GT_ERROR_SIZE (more than
 * GT_STEPPER_MOST_BYTES, or too many nodes for a picture), GT_ERROR_NOT_FINITE, GT_ERROR_MEMORY, and
 * those of the cell.
 */
GT_API gt_status gt_stepper(const gt_cell_problem *problem, const gt_stepper_options *options, char **page,
                            size_t *size, gt_error *error);
GT_API void gt_stepper_free(char *page); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
