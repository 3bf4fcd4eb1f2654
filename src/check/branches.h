/*
 * Which pieces of its ops a cell has been on.
 *
 * A function such as where, maximum or relu is put together of pieces, and a
 * point shows nothing of a piece that no entry lies on: a mistake in the formula
 * for it would not be seen there.
 */
#ifndef GT_CHECK_BRANCHES_H
#define GT_CHECK_BRANCHES_H

#include "check/step.h"

/* A node of the step's tape, by its place there: the step is recorded alike at every point. */
typedef struct gt_branch {
    uint32_t node;
    uint32_t all, seen; /* pieces, a bit each */
    uint32_t now;       /* those of the point that was looked at last */
    bool met;           /* there some entry lay where two pieces meet */
} gt_branch;

typedef struct gt_branches {
    gt_branch *list;
    uint32_t count;
    uint32_t *comparisons; /* of what is moved: their places on the tape */
    uint32_t comparison_count;
    bool tied; /* at the point that was looked at last, one of them was of equal values */
} gt_branches;

/* The nodes of the forward pass that have pieces. Close it in any case. */
gt_status gt_branches_open(gt_branches *branches, const gt_step *step, gt_error *error);
void gt_branches_close(gt_branches *branches);

/*
 * Looks at the point at which the step has been run. *news: it shows a piece that has not
 * been seen, and nothing lies where two pieces meet, so that formulas can be compared there.
 */
gt_status gt_branches_look(gt_branches *branches, gt_step *step, bool *news, gt_error *error);
/* The point that was looked at last counts as seen. */
void gt_branches_take(gt_branches *branches);
bool gt_branches_all_seen(const gt_branches *branches);
/*
 * Whether, at the point that was looked at last, something lies where two pieces meet, or on a comparison:
 * a formula may say otherwise there than the tape, and be right.
 */
bool gt_branches_meet(const gt_branches *branches, const gt_step *step);

/* A remark for every piece that was not seen at any of `points` points. */
gt_status gt_branches_report(const gt_branches *branches, const gt_step *step, unsigned points, gt_report *report,
                             gt_error *error);

#endif
