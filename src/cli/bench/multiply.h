/*
 * The ways of doing a matrix product that the bound chooses from: the library's
 * own kernels, the operands as they lie or packed; OpenBLAS; and oneDNN, where
 * they are on this machine. With a library of another's, fixed weights may also
 * lie transposed, whichever is faster.
 */
#ifndef GT_CLI_BENCH_MULTIPLY_H
#define GT_CLI_BENCH_MULTIPLY_H

#include "cli/bench/libraries.h"
#include "plan/describe/bound.h"

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

/* Whether a product can be done in this way here. gradtape's own kernels have one thread, and take part on
 * several only where no library does. */
bool gt_way_can(const gt_libraries *libraries, int threads, const gt_bound_product *product, gt_way way);
size_t gt_way_workspace(const gt_bound_product *product, gt_way way);
/* Does the product, all times; the operands as for gt_bound_multiply. */
void gt_way_run(const gt_libraries *libraries, const gt_bound_product *product, gt_way way, const void *left,
                const void *right, void *output, void *workspace);

#endif
