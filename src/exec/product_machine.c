/* Which kernels this machine can run. */
#include "exec/product_kernels.h"

#ifdef GT_PRODUCT_X86
static bool runs_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

const gt_product_kernels *gt_product_kernels_at(gt_dtype dtype, int position)
{
    bool wide = dtype == GT_F64;
    const gt_product_kernels *kernels[4];
    int count = 0;
#ifdef GT_PRODUCT_X86
    if (runs_avx512())
        kernels[count++] = wide ? &gt_product_avx512_f64 : &gt_product_avx512_f32;
    if (runs_avx2())
        kernels[count++] = wide ? &gt_product_avx2_f64 : &gt_product_avx2_f32;
#endif
    kernels[count++] = wide ? &gt_product_portable_f64 : &gt_product_portable_f32;
    return position >= 0 && position < count ? kernels[position] : NULL;
}

const gt_product_kernels *gt_product_kernels_best(gt_dtype dtype)
{
    return gt_product_kernels_at(dtype, 0);
}

const char *gt_product_kernels_name(const gt_product_kernels *kernels)
{
    return kernels->name;
}

int64_t gt_product_row_unit(const gt_product_kernels *kernels)
{
    return kernels->height;
}

int64_t gt_product_column_unit(const gt_product_kernels *kernels)
{
    return kernels->width;
}
