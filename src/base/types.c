#include "base/types.h"

#include <float.h>

static const gt_type types[] = {
    [GT_F64] = {"f64", sizeof(double), true, DBL_MAX, 1e-9},
    [GT_F32] = {"f32", sizeof(float), true, FLT_MAX, 2e-5},
    [GT_I32] = {"i32", sizeof(int32_t), false, INT32_MAX, 0},
};

const gt_type *gt_type_of(gt_dtype dtype)
{
    static const gt_type none = {.name = "unknown type"};
    return (size_t)dtype < sizeof types / sizeof *types ? &types[dtype] : &none;
}

const char *gt_dtype_name(gt_dtype dtype)
{
    return gt_type_of(dtype)->name;
}

size_t gt_dtype_size(gt_dtype dtype)
{
    return gt_type_of(dtype)->size;
}
