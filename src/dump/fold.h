/*
 * Values of the forward pass, written into the labels of the backward nodes that
 * read them: "⊙ f", "@ zᵀ", "⊙ (1 − g²)". In place of edges across the whole
 * picture; what remains drawn in the backward half is where adjoints flow.
 */
#ifndef GT_DUMP_FOLD_H
#define GT_DUMP_FOLD_H

#include "base/pool.h"
#include "dump/graph.h"

typedef struct gt_fold {
    const gt_graph *graph;
    uint32_t *first;       /* for each node: where its operands start in `operand`; one more at the end */
    uint32_t *operand;     /* edges of values, by the node that reads them, in the order of slots */
    const char **operands; /* for each edge: the operand as its reader's label writes it; NULL: drawn */
    const char **label;    /* for each node: its op with the operands that are written; NULL: the op's own */
    bool *folded;          /* for each node: not drawn, since its only reader's label says it all */
    gt_pool texts;
} gt_fold;

/* False on no memory. Close it in any case. */
bool gt_fold_open(gt_fold *fold, const gt_graph *graph);
void gt_fold_close(gt_fold *fold);

#endif
