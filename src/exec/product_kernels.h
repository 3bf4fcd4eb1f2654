/* What the parts of the matrix product share; users include exec/product.h. */
#ifndef GT_EXEC_PRODUCT_KERNELS_H
#define GT_EXEC_PRODUCT_KERNELS_H

#include "exec/product.h"

enum {
    GT_TILE_VECTORS = 4,  /* the tallest tile, in vectors */
    GT_TILE_COLUMNS = 12, /* the widest tile */
};

/*
 * One tile of the output, at most GT_TILE_VECTORS vectors high, that stays in
 * registers while `inner` runs. Strides are in elements. Left columns are
 * contiguous; right elements are anywhere.
 */
typedef struct gt_tile {
    int64_t inner;
    const void *left;
    int64_t left_stride;
    const void *right;
    int64_t right_inner_stride, right_column_stride;
    void *output;
    int64_t output_stride;
    int64_t rows;
    bool accumulate;
    bool padded; /* whole vectors of left may be read, past `rows` */
} gt_tile;

typedef void gt_tile_function(const gt_tile *tile);

struct gt_product_kernels {
    const char *name;
    int element_size; /* bytes */
    int lanes;        /* elements of a vector */
    int vectors;      /* height of a panel of a packed left operand, in vectors */
    int width;        /* columns of a slab of a packed right operand: of the tallest tile */
    int widths[GT_TILE_VECTORS]; /* columns of the widest tile, by height - 1 */
    /* By height in vectors - 1 and columns - 1. */
    gt_tile_function *tiles[GT_TILE_VECTORS][GT_TILE_COLUMNS];
};

#if defined(__x86_64__) && defined(__GNUC__)
#define GT_PRODUCT_X86 1
extern const gt_product_kernels gt_product_avx512_f32, gt_product_avx512_f64;
extern const gt_product_kernels gt_product_avx2_f32, gt_product_avx2_f64;
#endif
extern const gt_product_kernels gt_product_portable_f32, gt_product_portable_f64;

static inline int64_t gt_product_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t gt_product_round_up(int64_t value, int64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* Rows in memory of the panel that starts `rows` before the end of a left operand. */
static inline int64_t gt_product_panel_stride(const gt_product_kernels *kernels, int64_t rows)
{
    int64_t full = (int64_t)kernels->lanes * kernels->vectors;
    return rows >= full ? full : gt_product_round_up(rows, kernels->lanes);
}

#endif
