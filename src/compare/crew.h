/* The processes of one command that work on a folder. */
#ifndef GT_COMPARE_CREW_H
#define GT_COMPARE_CREW_H

#include "compare/result.h"

typedef struct gt_crew {
    const gt_experiment *experiment;
    const gt_experiment_run *only; /* the one run to do; NULL: all that are not done */
    int64_t jobs;                  /* at the same time */
    bool quiet;
} gt_crew;

/* Whether a run, by its place in the list, is among those to do, done or not. */
bool gt_crew_wants(const gt_crew *crew, uint32_t run);
/*
 * Does what is to be done and that nobody else has claimed, and returns when that is so, or a signal came: then
 * *interrupted. The folder is made if it is not there. False: *error, of a run with its name.
 */
bool gt_crew_work(const gt_crew *crew, bool *interrupted, gt_error *error);

#endif
