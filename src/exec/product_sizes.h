/* How products are cut into blocks. What small products ask is inline: they take a few dozen
 * nanoseconds. */
#ifndef GT_EXEC_PRODUCT_SIZES_H
#define GT_EXEC_PRODUCT_SIZES_H

#include "exec/product_kernels.h"

/*
 * How a product is cut into blocks, and what is packed on the way. The numbers were
 * measured, on one machine of 2 x 1 MiB of second-level cache; docs/performance-history.md
 * says how. Operands are read where they lie as long as that is as fast; what
 * spoils it are columns so far apart that they share the sets of the caches.
 *
 * How many columns a block has depends on the cache: in which order a sum is added
 * up does not, so that results have the same bits with a cache of another size.
 */
enum {
    INNER_BYTES = 4096,        /* inner of a block: as many elements as these bytes hold */
    DIRECT_INNER_BYTES = 2048, /* the same, if left is read where it lies */
    DIRECT_RIGHT_ROWS = 512,   /* inner of a block, if rows of right are: each is a line of its own to a tile */
    TILE_COLUMNS = 12,         /* a multiple of the widths of all tiles but the eight wide */
    EVEN_COLUMNS = 24,         /* a multiple of the width of every tile */
    MOST_NEAR_COLUMNS = 264,   /* however large the cache is: what was measured */
    PACKING_COLUMNS = 8448,    /* that share a packing of left */
    PACKING_PANELS = 8,        /* of left, packed at a time */
    FAR_PANELS = 16,           /* columns of left this many panels apart are far apart */
    COPIED_PANELS = 4,         /* the same, where rows of right are read where they lie, too */
    FAR_RIGHT_BYTES = 2048,    /* rows of right this far apart in memory are packed, */
    REUSED_RIGHT_BYTES = 2048, /* if left has columns of this many bytes */
    FAR_OUTPUT_BYTES = 1 << 19,
};

/*
 * Columns of which a whole block of right, INNER_BYTES each, is as large as the cache: 264 of 1 MiB,
 * and no more of a larger one. Where no packing of left is shared, blocks have up to twice as many.
 */
int64_t gt_product_near_columns(void);

/* The blocks that a product is cut into, and what is packed on the way; see product_sizes.c. */
typedef struct gt_product_sizes {
    bool pack_left, pack_right, copy_left;
    int64_t rows, inner, columns;
} gt_product_sizes;

/* Whether left, which lies in memory as it is, is worth packing while it is read first. */
static inline bool gt_product_may_copy_left(const gt_product *product, gt_product_layout left)
{
    return left == GT_PRODUCT_PLAIN && product->columns >= 4 * product->kernels->width &&
           product->rows >= product->kernels->height;
}

static inline bool gt_product_may_pack_right(const gt_product *product, gt_product_layout right)
{
    return right == GT_PRODUCT_TRANSPOSED && gt_product_bytes(product, product->rows) >= REUSED_RIGHT_BYTES;
}

/* Whether there is nothing to cut or pack, whatever lies far apart: asked by small products. */
static inline bool gt_product_is_one_block(const gt_product *product, const gt_product_operand *left,
                                           const gt_product_operand *right)
{
    return gt_product_bytes(product, product->inner) <= INNER_BYTES &&
           product->columns <= 2 * gt_product_near_columns() && left->layout != GT_PRODUCT_TRANSPOSED &&
           !gt_product_may_copy_left(product, left->layout) && !gt_product_may_pack_right(product, right->layout);
}

gt_product_sizes gt_product_sizes_of(const gt_product *product, const gt_product_operand *left,
                                     const gt_product_operand *right);
/* Bytes of workspace that left takes, before those of right. */
size_t gt_product_left_workspace_size(const gt_product *product, const gt_product_sizes *sizes);
/* Of so many columns, which share a packing of left, those of a block near enough. */
int64_t gt_product_narrow_columns(int64_t columns);
bool gt_product_output_is_far(const gt_product *product);

#endif
