/*
 * A claim to a run: a file that is created by whoever does the run, so that nobody else does it, too.
 *
 * It names the machine and the process, is locked as long as the process lives, and is touched now and
 * then. On the same machine a claim whose lock is free is one whose process is gone, and is taken over. Of
 * another machine's only its silence can be seen, and it is left to a person to say that it is gone.
 */
#ifndef GT_COMPARE_CLAIM_H
#define GT_COMPARE_CLAIM_H

#include "gradtape.h"

#define GT_CLAIM_SILENCE 600 /* seconds after which a claim is said to be stale */

typedef struct gt_claim {
    int descriptor; /* -1: nothing is held */
    const char *path;
    double touched; /* gt_clock_seconds */
} gt_claim;

typedef struct gt_claim_holder {
    char machine[64]; /* "": it is not said */
    long process;
    double silent; /* seconds since it was last touched */
} gt_claim_holder;

typedef enum gt_claim_answer {
    GT_CLAIM_FAILED, /* *error */
    GT_CLAIM_TAKEN,  /* it is ours now */
    GT_CLAIM_ORPHAN, /* the same; its process on this machine is gone */
    GT_CLAIM_HELD    /* by *holder */
} gt_claim_answer;

/* `path` must outlive the claim. */
gt_claim_answer gt_claim_take(gt_claim *claim, const char *path, gt_claim_holder *holder, gt_error *error);
/* That it is still being worked on; touches the file every few seconds. */
void gt_claim_touch(gt_claim *claim);
/* Removes the file. Does nothing if nothing is held. */
void gt_claim_release(gt_claim *claim);
/* Removes the claim at `path`, if there is one whose process is gone: for a run that is done. */
void gt_claim_clear(const char *path);
/* Who holds the claim at `path`; false if nobody does. */
bool gt_claim_look(const char *path, gt_claim_holder *holder);

#endif
