#include "exec/product_sizes.h"

#include "base/caches.h"

#include <stdatomic.h>

int64_t gt_product_near_columns(void)
{
    static _Atomic int64_t known = 0;
    int64_t columns = atomic_load_explicit(&known, memory_order_relaxed);
    if (columns > 0)
        return columns;
    columns = (gt_cache_bytes() / INNER_BYTES + EVEN_COLUMNS / 2) / EVEN_COLUMNS * EVEN_COLUMNS;
    columns = columns < EVEN_COLUMNS ? EVEN_COLUMNS : gt_product_smaller(columns, MOST_NEAR_COLUMNS);
    atomic_store_explicit(&known, columns, memory_order_relaxed);
    return columns;
}

/* The largest blocks of which a workspace must hold one. */
static gt_product_sizes largest_blocks(const gt_product *product, gt_product_layout left, gt_product_layout right)
{
    const gt_product_kernels *kernels = product->kernels;
    bool pack_left = left == GT_PRODUCT_TRANSPOSED, pack_right = gt_product_may_pack_right(product, right);
    int64_t columns = pack_left && !pack_right ? PACKING_COLUMNS : 2 * gt_product_near_columns();
    gt_product_sizes sizes = {
        .pack_left = pack_left,
        .pack_right = pack_right,
        .copy_left = gt_product_may_copy_left(product, left),
        .rows = product->rows,
        .inner = gt_product_smaller(product->inner, INNER_BYTES / kernels->element_size),
        .columns = gt_product_smaller(product->columns, columns),
    };
    if (pack_left)
        sizes.rows = gt_product_smaller(sizes.rows, PACKING_PANELS * kernels->height);
    return sizes;
}

/* Columns of a block, at most `most`, such that blocks are about equally wide. */
static int64_t even_columns(int64_t columns, int64_t most)
{
    int64_t count = (columns + most - 1) / most, even = (columns + count - 1) / count;
    return gt_product_smaller((even + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS, most);
}

/* Whether rows of a transposed right operand lie far apart. */
static bool is_far_right(const gt_product *product, const gt_product_operand *right)
{
    return gt_product_bytes(product, right->leading) >= FAR_RIGHT_BYTES;
}

/* The same, packing only what lies far apart. */
gt_product_sizes gt_product_sizes_of(const gt_product *product, const gt_product_operand *left,
                                     const gt_product_operand *right)
{
    const gt_product_kernels *kernels = product->kernels;
    gt_product_sizes sizes = largest_blocks(product, left->layout, right->layout);
    bool far_left = left->leading >= FAR_PANELS * kernels->height;
    bool near_right = right->layout == GT_PRODUCT_TRANSPOSED && !is_far_right(product, right);
    const int64_t copied = near_right ? COPIED_PANELS : FAR_PANELS;
    if (left->layout == GT_PRODUCT_PLAIN && !far_left)
        sizes.inner = gt_product_smaller(sizes.inner, DIRECT_INNER_BYTES / kernels->element_size);
    if (left->layout == GT_PRODUCT_PLAIN && near_right)
        sizes.inner = gt_product_smaller(sizes.inner, DIRECT_RIGHT_ROWS);
    sizes.copy_left = sizes.copy_left && left->leading >= copied * kernels->height;
    sizes.columns = even_columns(product->columns, sizes.columns);
    sizes.pack_right = sizes.pack_right && is_far_right(product, right);
    return sizes;
}

/* Bytes of workspace that left takes, before those of right. */
size_t gt_product_left_workspace_size(const gt_product *product, const gt_product_sizes *sizes)
{
    int64_t rows = sizes->pack_left ? sizes->rows : product->kernels->height;
    if (!sizes->pack_left && !sizes->copy_left)
        return 0;
    size_t size = gt_product_left_size(product->kernels, rows, sizes->inner);
    return (size_t)gt_product_round_up((int64_t)size, GT_PRODUCT_ALIGNMENT);
}

size_t gt_product_workspace_size(const gt_product *product, gt_product_layout left, gt_product_layout right)
{
    gt_product_sizes sizes = largest_blocks(product, left, right);
    size_t size = gt_product_left_workspace_size(product, &sizes);
    if (sizes.pack_right)
        size += gt_product_right_size(product->kernels, sizes.inner, sizes.columns);
    return size;
}

int64_t gt_product_narrow_columns(int64_t columns)
{
    int64_t near = gt_product_near_columns();
    return columns > 2 * near ? even_columns(columns, near) : columns;
}

int64_t gt_product_columns_at_once(const gt_product *product, gt_product_layout left, gt_product_layout right)
{
    gt_product_sizes sizes = largest_blocks(product, left, right);
    return gt_product_narrow_columns(even_columns(product->columns, sizes.columns));
}

bool gt_product_output_is_far(const gt_product *product)
{
    return gt_product_bytes(product, product->rows * product->columns) > FAR_OUTPUT_BYTES;
}
