/* A node as people write it: "σ(Wf @ z + bf)". */
#ifndef GT_DUMP_NODE_FORMULA_H
#define GT_DUMP_NODE_FORMULA_H

#include "dump/fold.h"
#include "dump/formula.h"

/*
 * Its op on what it reads: by name, by number, or, where it has no name and that is short, by its own
 * formula; otherwise by its place in the graph, "n12". "" for what is given, and what gets too long.
 */
void gt_node_formula(const gt_fold *fold, uint32_t node, gt_formula *formula);

#endif
