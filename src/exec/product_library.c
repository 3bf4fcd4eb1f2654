#include "exec/product_kernels.h"

#ifdef GT_HAVE_CBLAS
#include <cblas.h>
#endif

bool gt_product_library_is_there(void)
{
#ifdef GT_HAVE_CBLAS
    return true;
#else
    return false;
#endif
}

void gt_product_run_library(const gt_product *product, const gt_product_operand *left,
                            const gt_product_operand *right, void *output, int64_t output_leading)
{
#ifdef GT_HAVE_CBLAS
    CBLAS_TRANSPOSE a = left->layout == GT_PRODUCT_TRANSPOSED ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE b = right->layout == GT_PRODUCT_TRANSPOSED ? CblasTrans : CblasNoTrans;
    int rows = (int)product->rows, inner = (int)product->inner, columns = (int)product->columns;
    int left_leading = (int)left->leading, right_leading = (int)right->leading;
    int leading = (int)output_leading;
    if (product->kernels->element_size == 8)
        cblas_dgemm(CblasColMajor, a, b, rows, columns, inner, 1, left->data, left_leading,
                    right->data, right_leading, product->accumulate ? 1 : 0, output, leading);
    else
        cblas_sgemm(CblasColMajor, a, b, rows, columns, inner, 1, left->data, left_leading,
                    right->data, right_leading, product->accumulate ? 1 : 0, output, leading);
#else
    (void)product, (void)left, (void)right, (void)output, (void)output_leading;
#endif
}
