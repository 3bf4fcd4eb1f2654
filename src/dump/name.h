/* What nodes are called in a graph. */
#ifndef GT_DUMP_NAME_H
#define GT_DUMP_NAME_H

#include "dump/collect.h"

#define GT_GRAPH_NAME_SIZE 320

/*
 * "a⟨2⟩" for the name "a" at step 1, "a" for step -1. A prime, which says
 * "after the step", goes where a step is written.
 */
char *gt_name_at_step(char text[GT_GRAPH_NAME_SIZE], const char *name, int32_t step);
/* "a⟨t⟩", "a⟨t−1⟩", "a⟨t+1⟩" for offset 0, -1, 1. */
char *gt_name_in_loop(char text[GT_GRAPH_NAME_SIZE], const char *name, int offset);
/* The name of an entry as it is shown; "" if it has none. */
char *gt_entry_name(const gt_collection *c, const gt_entry *entry, char text[GT_GRAPH_NAME_SIZE]);

#endif
