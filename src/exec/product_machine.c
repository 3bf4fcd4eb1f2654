/* Which kernels this machine can run. */
#include "base/processor.h"
#include "exec/product_kernels.h"

const gt_product_kernels *gt_product_kernels_at(gt_dtype dtype, int position)
{
    bool wide = dtype == GT_F64;
    const gt_product_kernels *kernels[4];
    int count = 0;
#ifdef GT_PRODUCT_X86
    if (gt_processor_level() >= GT_PROCESSOR_AVX512)
        kernels[count++] = wide ? &gt_product_avx512_f64 : &gt_product_avx512_f32;
    if (gt_processor_level() >= GT_PROCESSOR_AVX2)
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
