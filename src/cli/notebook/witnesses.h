/* One exercise, computed in four ways that have nothing in common but the cell's equations. */
#ifndef GT_CLI_NOTEBOOK_WITNESSES_H
#define GT_CLI_NOTEBOOK_WITNESSES_H

#include "cli/notebook/exercises.h"

typedef enum gt_witness {
    GT_WITNESS_UNROLLED = 0, /* the tape, with a copy of the cell for each step */
    GT_WITNESS_ROLLED,       /* the tape, as one scan (also where there is one step) */
    GT_WITNESS_HANDWRITTEN,  /* the notebook's formulas as plain loops */
    GT_WITNESS_DIFFERENCES,  /* central differences of the tape's forward pass: gradients alone */
    GT_WITNESS_COUNT
} gt_witness;

typedef struct gt_testimony {
    const gt_exercise *exercise;
    gt_archive *given;                     /* the inputs, drawn after seed(1) */
    gt_archive *results[GT_WITNESS_COUNT]; /* by name; no array where a witness cannot tell */
} gt_testimony;

/* Draws the inputs and hears all witnesses. Free it in any case. */
gt_status gt_testimony_hear(gt_testimony *testimony, const gt_exercise *exercise, gt_error *error);
void gt_testimony_free(gt_testimony *testimony);

/* The inputs alone; NULL on an error. */
gt_archive *gt_exercise_draw_inputs(const gt_exercise *exercise, gt_error *error);

#endif
