/*
 * The eight exercises of the teaching notebook "Building your Recurrent Neural
 * Network - Step by Step" (DeepLearning.AI, Sequence Models): how their inputs
 * are drawn, and the numbers that the notebook prints.
 *
 * Arrays have gradtape's names: what the notebook calls xt, a_prev, a_next and
 * dxt is x, a0, a and dx here, with one time step.
 */
#ifndef GT_CLI_NOTEBOOK_EXERCISES_H
#define GT_CLI_NOTEBOOK_EXERCISES_H

#include "gradtape.h"

/* One array of inputs; the exercise draws them in this order, after seed(1). */
typedef struct gt_exercise_draw {
    const char *name;
    int64_t sizes[3]; /* 0 where there is no such axis */
    bool zeros;       /* not drawn but filled with zeros */
} gt_exercise_draw;

/* One thing that the notebook prints: entries of an array, and perhaps its shape. */
typedef struct gt_exercise_print {
    const char *label; /* as the notebook writes it: "dxt[1][2]" */
    const char *array; /* the name here: "dx" */
    int64_t place[3];
    int place_count; /* fewer than the array has axes: a whole row is printed */
    /*
     * As the notebook's run printed them. A row: its numbers, separated by
     * blanks, with 8 decimals without trailing zeros. A single entry: all digits.
     */
    const char *values;
    int64_t shape[3]; /* as printed; all 0 where no shape is printed */
} gt_exercise_print;

typedef struct gt_exercise {
    const char *name;  /* "lstm_backward" */
    const char *title; /* for people */
    const char *cell;
    bool backward;
    const gt_exercise_draw *draws;
    uint32_t draw_count;
    const gt_exercise_print *prints;
    uint32_t print_count;
    const char *aside; /* what the notebook prints besides, with no array behind it; or NULL */
} gt_exercise;

#define GT_EXERCISE_COUNT 8
/* NULL past the end. */
const gt_exercise *gt_exercise_at(uint32_t i);

#endif
