/* Which kernels this machine can run. */
#include "base/processor.h"
#include "base/types.h"
#include "exec/product_kernels.h"

/* The table of a set of kernels for a type. */
#define OF_TYPE(SET, dtype) GT_FOR_REAL(dtype, kernels[count++] = &SET##_f64, kernels[count++] = &SET##_f32)

const gt_product_kernels *gt_product_kernels_at(gt_dtype dtype, int position)
{
    const gt_product_kernels *kernels[4];
    int count = 0;
#ifdef GT_PRODUCT_X86
    if (gt_processor_level() >= GT_PROCESSOR_AVX512)
        OF_TYPE(gt_product_avx512, dtype);
    if (gt_processor_level() >= GT_PROCESSOR_AVX2)
        OF_TYPE(gt_product_avx2, dtype);
#endif
    OF_TYPE(gt_product_portable, dtype);
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
