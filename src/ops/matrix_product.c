#include "ops/matrix_product.h"

#include "base/types.h"

enum { TILE_ROWS = 16, TILE_INNER = 128 };

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

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/*
 * A tile of a, TILE_ROWS by at most TILE_INNER, is copied to where its columns
 * are contiguous and short enough for the registers (four of s, of SSE2 with
 * floats); it is then multiplied with every column of b. An entry of the output is the sum of its terms one after the
 * other in the order of the inner axis, whatever the sizes: all entries of a
 * column are summed at once, but none is summed in parts.
 */
#define MATRIX_PRODUCT(TYPE, SUFFIX)                                                                                   \
    /* The rows below the last are left as they are: nobody reads what becomes of them. */                             \
    static void take_tile_##SUFFIX(TYPE *tile, gt_matrix a, int64_t row, int64_t rows, int64_t first, int64_t inner)   \
    {                                                                                                                  \
        const TYPE *data = a.data;                                                                                     \
        for (int64_t l = 0; l < inner; l++)                                                                            \
            for (int64_t i = 0; i < rows; i++)                                                                         \
                tile[l * TILE_ROWS + i] =                                                                              \
                    a.transposed ? data[(row + i) * a.rows + first + l] : data[(first + l) * a.rows + row + i];        \
    }                                                                                                                  \
                                                                                                                       \
    static void add_terms_##SUFFIX(const TYPE *tile, int64_t rows, int64_t inner, const TYPE *factors, int64_t stride, \
                                   TYPE *column)                                                                       \
    {                                                                                                                  \
        typedef TYPE lanes __attribute__((vector_size(TILE_ROWS / 4 * sizeof(TYPE)), aligned(sizeof(TYPE))));          \
        TYPE sums[TILE_ROWS] = {0};                                                                                    \
        for (int64_t i = 0; i < rows; i++)                                                                             \
            sums[i] = column[i];                                                                                       \
        lanes *s = (lanes *)sums, s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];                                          \
        for (int64_t l = 0; l < inner; l++) {                                                                          \
            const lanes *t = (const lanes *)(tile + l * TILE_ROWS);                                                    \
            const TYPE factor = factors[l * stride];                                                                   \
            s0 += t[0] * factor;                                                                                       \
            s1 += t[1] * factor;                                                                                       \
            s2 += t[2] * factor;                                                                                       \
            s3 += t[3] * factor;                                                                                       \
        }                                                                                                              \
        s[0] = s0;                                                                                                     \
        s[1] = s1;                                                                                                     \
        s[2] = s2;                                                                                                     \
        s[3] = s3;                                                                                                     \
        for (int64_t i = 0; i < rows; i++)                                                                             \
            column[i] = sums[i];                                                                                       \
    }                                                                                                                  \
                                                                                                                       \
    static void product_##SUFFIX(gt_matrix a, gt_matrix b, TYPE *output)                                               \
    {                                                                                                                  \
        TYPE tile[TILE_ROWS * TILE_INNER] = {0};                                                                       \
        const TYPE *right = b.data;                                                                                    \
        const product_sizes n = sizes_of(a, b);                                                                        \
        const int64_t inner_stride = b.transposed ? b.rows : 1, column_stride = b.transposed ? 1 : b.rows;             \
        for (int64_t i = 0; i < n.rows * n.columns; i++)                                                               \
            output[i] = 0;                                                                                             \
        for (int64_t first = 0; first < n.inner; first += TILE_INNER)                                                  \
            for (int64_t row = 0; row < n.rows; row += TILE_ROWS) {                                                    \
                const int64_t rows = least(TILE_ROWS, n.rows - row), inner = least(TILE_INNER, n.inner - first);       \
                take_tile_##SUFFIX(tile, a, row, rows, first, inner);                                                  \
                for (int64_t j = 0; j < n.columns; j++)                                                                \
                    add_terms_##SUFFIX(tile, rows, inner, right + j * column_stride + first * inner_stride,            \
                                       inner_stride, output + j * n.rows + row);                                       \
            }                                                                                                          \
    }
MATRIX_PRODUCT(double, f64)
MATRIX_PRODUCT(float, f32)

void gt_matrix_product(gt_dtype dtype, gt_matrix a, gt_matrix b, void *output)
{
    GT_FOR_REAL(dtype, product_f64(a, b, output), product_f32(a, b, output));
}
