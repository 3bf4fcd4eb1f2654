/*
 * The ways of doing a matrix product that the bound chooses from: the library's
 * own kernels, the operands as they lie or packed; OpenBLAS; and oneDNN, where
 * its shared library is on this machine (nothing else needs it, so it is looked
 * for when it is wanted). With a library of another's, fixed weights may also
 * lie transposed, whichever is faster.
 */
#ifndef GT_CLI_BENCH_MULTIPLY_H
#define GT_CLI_BENCH_MULTIPLY_H

#include "gradtape.h"

typedef enum gt_way {
    GT_WAY_OWN = 0,
    GT_WAY_PACKED,
    GT_WAY_BLAS,
    GT_WAY_BLAS_TURNED, /* the fixed left operand lies the other way round */
    GT_WAY_ONEDNN,
    GT_WAY_ONEDNN_TURNED,
    GT_WAY_COUNT
} gt_way;

const char *gt_way_name(gt_way way);
bool gt_way_is_own(gt_way way);

typedef struct gt_multiplying {
    int threads;
    void *signal_stack; /* oneDNN's kernels use the stack's register for other things */
    void *library; /* oneDNN's, NULL where it is not to be had */
    int (*sgemm)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float,
                 float *, int64_t);
} gt_multiplying;

/* Looks for oneDNN. gradtape's own kernels take part for one thread only. */
void gt_multiplying_open(gt_multiplying *multiplying, int threads);
void gt_multiplying_close(gt_multiplying *multiplying);

/* Between these two OpenBLAS uses the threads, and otherwise one: a planned program brings its own. */
void gt_multiplying_begin(const gt_multiplying *multiplying);
void gt_multiplying_end(const gt_multiplying *multiplying);

/* Whether a product can be done in this way here. */
bool gt_multiplying_can(const gt_multiplying *multiplying, const gt_bound_product *product, gt_way way);
size_t gt_multiplying_workspace(const gt_bound_product *product, gt_way way);
/* Does the product, all times; the operands as for gt_bound_multiply. */
void gt_multiplying_run(const gt_multiplying *multiplying, const gt_bound_product *product, gt_way way,
                        const void *left, const void *right, void *output, void *workspace);

#endif
