/*
 * The witnesses of an exercise compared with the notebook's printed numbers and
 * with each other.
 *
 * The relative disagreement of two arrays a and b is
 *
 *     max |a - b| / max(max |a|, max |b|)
 *
 * over all entries; 0 where both are all zero. A NaN anywhere, or different
 * numbers of entries, make it infinite. An array is good if no witness is
 * further from the handwritten formula than its tolerance.
 *
 * A printed number is good if a witness's number, printed with 8 decimals in
 * rows and 12 significant digits for single entries, as the notebook does, is
 * the same text. Single entries the notebook's run shows with all 17 digits.
 * The last of these are rounding errors of the BLAS that made them, so of them
 * GT_TOLERANCE_FULL is asked. Differences are measured by their tolerance alone.
 */
#ifndef GT_CLI_NOTEBOOK_VERDICT_H
#define GT_CLI_NOTEBOOK_VERDICT_H

#include "cli/notebook/witnesses.h"

#define GT_TOLERANCE_TAPE 1e-12       /* the tape against the handwritten formula */
#define GT_TOLERANCE_DIFFERENCES 1e-8 /* central differences against it */
#define GT_TOLERANCE_FULL 1e-13       /* a single entry against all its printed digits */

double gt_relative_disagreement(gt_array a, gt_array b);

/* The longest printed row, and room for a number as text. */
#define GT_PRINTED_VALUES 10
#define GT_NUMBER_SIZE 32

typedef struct gt_printed_value {
    int64_t place;             /* of the entry in the array, column-major */
    char text[GT_NUMBER_SIZE]; /* the notebook's, at the digits that are compared */
    struct {
        bool known; /* the witness has this array, in a shape that contains the entry */
        double number;
        char text[GT_NUMBER_SIZE]; /* printed as the notebook prints */
        bool good;
    } by[GT_WITNESS_COUNT];
} gt_printed_value;

/* All that is known about one thing that the notebook prints. */
typedef struct gt_printed {
    const gt_exercise_print *print;
    bool row;   /* a row, rather than a single entry */
    bool input; /* the array is an input: the same for all witnesses */
    bool again; /* an earlier line of the exercise was about the same array */
    gt_printed_value values[GT_PRINTED_VALUES];
    uint32_t value_count;
    struct {
        bool known;
        gt_shape shape;
        bool shape_good; /* the printed shape; later steps, if there are more, are all zero */
        double disagreement;
        bool good;
    } by[GT_WITNESS_COUNT];
    int64_t entries; /* of the array */
} gt_printed;

#define GT_MOST_PRINTS 16

typedef struct gt_notebook_verdict {
    const gt_exercise *exercise;
    gt_printed printed[GT_MOST_PRINTS]; /* exercise->print_count of them */
    bool same_bits;                     /* rolled and unrolled agree bit for bit in all arrays */
    double worst[GT_WITNESS_COUNT];     /* disagreement of the array in which it is largest */
    uint32_t values, good_values, arrays, good_arrays;
    bool good;
} gt_notebook_verdict;

void gt_verdict_reach(gt_notebook_verdict *verdict, const gt_testimony *testimony);

#endif
