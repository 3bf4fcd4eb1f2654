/* The parts of tidy.c. */
#ifndef GT_DUMP_TIDY_H
#define GT_DUMP_TIDY_H

#include "dump/collect.h"

bool gt_tidy_is_plumbing(const gt_collection *c, const gt_entry *entry);

/* Parts of scans are shown as the body nodes that they read. */
void gt_tidy_parts(gt_collection *c);

/*
 * What a body knows from outside is shown once; what a reverse body knows of
 * its forward body is shown as the forward node; a sum over steps has no node
 * for the sum so far.
 */
void gt_tidy_bodies(gt_collection *c);

#endif
