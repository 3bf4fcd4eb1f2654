#include "cli/bench/multiply.h"
#include "plan/describe/bound.h"

#include <limits.h>

const char *gt_way_name(gt_way way)
{
    static const char *const names[GT_WAY_COUNT] = {
        [GT_WAY_OWN] = "gradtape",  [GT_WAY_PACKED] = "gradtape, packed",
        [GT_WAY_BLAS] = "OpenBLAS", [GT_WAY_BLAS_TURNED] = "OpenBLAS, weights transposed",
        [GT_WAY_ONEDNN] = "oneDNN", [GT_WAY_ONEDNN_TURNED] = "oneDNN, weights transposed",
    };
    return names[way];
}

bool gt_way_is_own(gt_way way)
{
    return way == GT_WAY_OWN || way == GT_WAY_PACKED;
}

/* Of a way that is not gradtape's own. */
static gt_library_name library_of(gt_way way)
{
    return way == GT_WAY_ONEDNN || way == GT_WAY_ONEDNN_TURNED ? GT_ONEDNN : GT_OPENBLAS;
}

static bool is_turned(gt_way way)
{
    return way == GT_WAY_BLAS_TURNED || way == GT_WAY_ONEDNN_TURNED;
}

static bool library_can(const gt_libraries *libraries, const gt_bound_product *p, gt_library_name name)
{
    if (libraries->states[name] != GT_LIBRARY_READY)
        return false;
    return name == GT_ONEDNN ? p->dtype == GT_F32 : p->rows <= INT_MAX && p->inner <= INT_MAX && p->columns <= INT_MAX;
}

bool gt_way_can(const gt_libraries *libraries, int threads, const gt_bound_product *p, gt_way way)
{
    /* To turn or to pack pays only for a matrix that is used again. */
    if ((is_turned(way) || way == GT_WAY_PACKED) && (!p->left_fixed || p->times == 1))
        return false;
    if (!gt_way_is_own(way))
        return library_can(libraries, p, library_of(way));
    return threads == 1 || (!library_can(libraries, p, GT_OPENBLAS) && !library_can(libraries, p, GT_ONEDNN));
}

size_t gt_way_workspace(const gt_bound_product *p, gt_way way)
{
    return gt_way_is_own(way) ? gt_bound_workspace(p, way == GT_WAY_OWN ? GT_MULTIPLIER_OWN : GT_MULTIPLIER_PACKED) : 0;
}

void gt_way_run(const gt_libraries *libraries, const gt_bound_product *product, gt_way way, const void *left,
                const void *right, void *output, void *workspace)
{
    gt_bound_product p = *product;
    p.left_transposed ^= is_turned(way);
    if (gt_way_is_own(way))
        gt_bound_multiply(&p, way == GT_WAY_OWN ? GT_MULTIPLIER_OWN : GT_MULTIPLIER_PACKED, left, right, output,
                          workspace);
    else
        gt_library_multiply(libraries, library_of(way), &p, left, right, output);
}
