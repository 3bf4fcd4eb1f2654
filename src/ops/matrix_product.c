#include "ops/matrix_product.h"

#include <limits.h>

#ifdef GT_HAVE_CBLAS
#include <cblas.h>
#endif

/* The sizes of the product (rows, inner) @ (inner, columns). */
typedef struct product_sizes {
    int64_t rows, inner, columns;
} product_sizes;

static product_sizes sizes_of(gt_matrix a, gt_matrix b)
{
    return (product_sizes){
        .rows = a.transposed ? a.columns : a.rows,
        .inner = a.transposed ? a.rows : a.columns,
        .columns = b.transposed ? b.rows : b.columns,
    };
}

#ifdef GT_HAVE_CBLAS
static bool fits_blas(gt_matrix a, gt_matrix b)
{
    return a.rows <= INT_MAX && a.columns <= INT_MAX && b.rows <= INT_MAX && b.columns <= INT_MAX;
}

static void blas_product(gt_dtype dtype, gt_matrix a, gt_matrix b, void *output)
{
    product_sizes n = sizes_of(a, b);
    CBLAS_TRANSPOSE transpose_a = a.transposed ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE transpose_b = b.transposed ? CblasTrans : CblasNoTrans;
    if (dtype == GT_F64)
        cblas_dgemm(CblasColMajor, transpose_a, transpose_b, (int)n.rows, (int)n.columns,
                    (int)n.inner, 1.0, a.data, (int)a.rows, b.data, (int)b.rows, 0.0, output,
                    (int)n.rows);
    else
        cblas_sgemm(CblasColMajor, transpose_a, transpose_b, (int)n.rows, (int)n.columns,
                    (int)n.inner, 1.0f, a.data, (int)a.rows, b.data, (int)b.rows, 0.0f, output,
                    (int)n.rows);
}
#endif

/*
 * Column by column of the output. With a as it lies in memory, its columns are
 * added up, scaled; with a transposed, its columns are dotted with those of b.
 */
#define PLAIN_PRODUCT(TYPE, SUFFIX)                                                                \
    static void plain_product_##SUFFIX(gt_matrix a, gt_matrix b, TYPE *output)                     \
    {                                                                                              \
        const TYPE *left = a.data, *right = b.data;                                                \
        product_sizes n = sizes_of(a, b);                                                          \
        int64_t inner_stride = b.transposed ? b.rows : 1,                                          \
                column_stride = b.transposed ? 1 : b.rows;                                         \
        for (int64_t j = 0; j < n.columns; j++) {                                                  \
            TYPE *column = output + j * n.rows;                                                    \
            const TYPE *factors = right + j * column_stride;                                       \
            for (int64_t i = 0; i < n.rows; i++)                                                   \
                column[i] = 0;                                                                     \
            for (int64_t l = 0; !a.transposed && l < n.inner; l++) {                               \
                const TYPE factor = factors[l * inner_stride], *added = left + l * a.rows;         \
                for (int64_t i = 0; i < n.rows; i++)                                               \
                    column[i] += added[i] * factor;                                                \
            }                                                                                      \
            for (int64_t i = 0; a.transposed && i < n.rows; i++)                                   \
                for (int64_t l = 0; l < n.inner; l++)                                              \
                    column[i] += left[i * a.rows + l] * factors[l * inner_stride];                 \
        }                                                                                          \
    }
PLAIN_PRODUCT(double, f64)
PLAIN_PRODUCT(float, f32)

void gt_matrix_product(gt_dtype dtype, gt_matrix a, gt_matrix b, void *output)
{
#ifdef GT_HAVE_CBLAS
    if (fits_blas(a, b)) {
        blas_product(dtype, a, b, output);
        return;
    }
#endif
    if (dtype == GT_F64)
        plain_product_f64(a, b, output);
    else
        plain_product_f32(a, b, output);
}
