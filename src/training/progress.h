/*
 * The progress of training on stderr: a bar on a terminal, elsewhere a line a
 * second.
 */
#ifndef GT_TRAINING_PROGRESS_H
#define GT_TRAINING_PROGRESS_H

#include "gradtape/network.h"
#include "training/sparkline.h"

typedef struct gt_progress {
    bool quiet, bar;
    bool drawn;                /* a bar stands on the current line */
    double start, last;        /* seconds of gt_clock_seconds */
    int64_t first;             /* iterations done before this run */
    int64_t target;            /* iterations to do, earlier runs included; 0: unknown */
    double seconds;            /* to run; 0: unknown */
    double smoothed;           /* loss */
    const gt_network *network; /* whose terms are shown, too; NULL: none */
    double smoothed_terms[GT_MAX_LOSS_TERMS];
    gt_sparkline curve;    /* of it, for a terminal */
    int64_t per_iteration; /* characters or examples */
    const char *unit;      /* of the loss: "bits/char" */
    const char *things;    /* "char/s" */
} gt_progress;

typedef struct gt_progress_state {
    int64_t iteration;
    double epoch, loss;
    double validation; /* the last one; NaN: none yet */
    /* Of the network's losses, one number for each: of the iteration, NULL at the end; of that validation. */
    const double *terms, *validation_terms;
} gt_progress_state;

/* Fills in what is about time and terminal; the caller sets the rest before. */
void gt_progress_begin(gt_progress *progress);
/* Takes the loss of an iteration and shows it if it is time to. */
void gt_progress_update(gt_progress *progress, const gt_progress_state *state);
/* A line above the bar; also when quiet. */
void gt_progress_say(gt_progress *progress, const char *format, ...) GT_PRINTF(2, 3);
/* Shows the last state and leaves the line. */
void gt_progress_end(gt_progress *progress, const gt_progress_state *state);

/* A line of other work than training: the bar, its part that is done, and a text behind it, cut where it ends. */
void gt_progress_draw(gt_progress *progress, double done, const char *text);
/* Removes the line. */
void gt_progress_leave(gt_progress *progress);
/* "1:05 left"; "" before anything is known. */
void gt_progress_format_left(const gt_progress *progress, int64_t iteration, char *text, size_t size);

/* The part of the work that is done, 0 to 1, by iterations or time, whichever ends first. */
double gt_progress_done(const gt_progress *progress, int64_t iteration);
double gt_progress_rate(const gt_progress *progress, int64_t iteration); /* characters or examples per second */

#endif
