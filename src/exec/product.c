#include "exec/product_kernels.h"

#include <string.h>

/*
 * How a product is cut into blocks. What is not packed beforehand is packed block
 * by block if that pays.
 */
typedef struct blocks {
    bool pack_left, pack_right;
    int64_t rows, inner, columns;
} blocks;

/* Bytes, in inner elements of one row, of a block whose left is packed on the way or beforehand. */
enum { BLOCK_PACKING = 2048, BLOCK_PACKED = 8192 };
/* Rows in panels, and columns, of a block that is packed on the way. */
enum { BLOCK_PANELS = 4, BLOCK_COLUMNS = 1536 };

/*
 * A plain left operand is read where it lies if it is read few times or is small
 * enough to stay in the nearest cache; otherwise its columns are too far apart.
 */
static bool packs_left(const gt_product *product, gt_product_layout left)
{
    if (left != GT_PRODUCT_PLAIN)
        return left == GT_PRODUCT_TRANSPOSED;
    int64_t bytes = product->rows * product->inner * product->kernels->element_size;
    return product->columns > 2 * product->kernels->width && bytes > 16384;
}

/* A transposed right operand is read where it lies if it is read once. */
static bool packs_right(const gt_product *product, gt_product_layout right)
{
    int64_t bytes = product->columns * product->inner * product->kernels->element_size;
    return right == GT_PRODUCT_TRANSPOSED && product->rows > product->kernels->height &&
           bytes > 16384;
}

static blocks blocks_of(const gt_product *product, gt_product_layout left,
                        gt_product_layout right)
{
    blocks block = {.pack_left = packs_left(product, left),
                    .pack_right = packs_right(product, right),
                    .rows = product->rows,
                    .columns = product->columns};
    bool packing = block.pack_left || block.pack_right;
    int64_t inner = (packing ? BLOCK_PACKING : BLOCK_PACKED) / product->kernels->element_size;
    block.inner = gt_product_smaller(product->inner, inner);
    if (block.pack_left)
        block.rows = gt_product_smaller(block.rows, BLOCK_PANELS * product->kernels->height);
    if (block.pack_right)
        block.columns = gt_product_smaller(block.columns, BLOCK_COLUMNS);
    return block;
}

/* Whether blocks_of cuts nothing; small products ask this, and divide nothing. */
static bool is_one_block(const gt_product *product, gt_product_layout left,
                         gt_product_layout right)
{
    return product->inner * product->kernels->element_size <= BLOCK_PACKED &&
           !packs_left(product, left) && !packs_right(product, right);
}

static size_t packed_left_size(const gt_product *product, const blocks *block)
{
    if (!block->pack_left)
        return 0;
    size_t size = gt_product_left_size(product->kernels, block->rows, block->inner);
    return (size_t)gt_product_round_up((int64_t)size, GT_PRODUCT_ALIGNMENT);
}

size_t gt_product_workspace_size(const gt_product *product, gt_product_layout left,
                                 gt_product_layout right)
{
    blocks block = blocks_of(product, left, right);
    size_t size = packed_left_size(product, &block);
    if (block.pack_right)
        size += gt_product_right_size(product->kernels, block.inner, block.columns);
    return size;
}

/* The whole product as one block, if nothing has to be packed and no sum be cut. */
static gt_product_block whole_block(const gt_product *product, const gt_product_operand *left,
                                    const gt_product_operand *right, char *output,
                                    int64_t output_leading)
{
    bool transposed = right->layout == GT_PRODUCT_TRANSPOSED;
    return (gt_product_block){
        .kernels = product->kernels,
        .left = left->data,
        .right = right->data,
        .output = output,
        .rows = product->rows,
        .inner = product->inner,
        .columns = product->columns,
        .output_leading = output_leading,
        .accumulate = product->accumulate,
        .left_packed = left->layout == GT_PRODUCT_PACKED,
        .right_packed = right->layout == GT_PRODUCT_PACKED,
        .left_leading = left->leading,
        .right_inner_stride = transposed ? right->leading : 1,
        .right_column_stride = transposed ? 1 : right->leading,
        .packed_left_inner = product->inner,
        .packed_right_inner = product->inner,
    };
}

/* Where a block of a product starts. */
typedef struct corner {
    int64_t row, inner, column;
} corner;

/* Lets `block` read the left operand from the corner on, packing it first if asked for. */
static void place_left(gt_product_block *block, const gt_product_operand *left, corner at,
                       int64_t product_inner, void *workspace)
{
    bool transposed = left->layout == GT_PRODUCT_TRANSPOSED;
    int64_t position = transposed ? at.inner + at.row * left->leading
                                  : at.row + at.inner * left->leading;
    if (left->layout == GT_PRODUCT_PACKED)
        position = at.row * product_inner;
    block->left = (const char *)left->data + position * block->kernels->element_size;
    block->first_left_inner = at.inner;
    if (workspace == NULL)
        return;
    gt_product_part part = {block->left, left->leading, transposed, block->rows, block->inner};
    gt_product_pack_left(block->kernels, workspace, block->rows, block->inner, 0, 0, &part);
    block->left = workspace;
    block->left_packed = true;
    block->packed_left_inner = block->inner;
    block->first_left_inner = 0;
}

/* The same for the right operand, of which only a transposed one is ever packed here. */
static void place_right(gt_product_block *block, const gt_product_operand *right, corner at,
                        int64_t product_inner, void *workspace)
{
    int64_t position =
        at.inner * block->right_inner_stride + at.column * block->right_column_stride;
    if (right->layout == GT_PRODUCT_PACKED)
        position = at.column * product_inner;
    block->right = (const char *)right->data + position * block->kernels->element_size;
    block->first_right_inner = at.inner;
    if (workspace == NULL)
        return;
    gt_product_part part = {block->right, right->leading, true, block->inner, block->columns};
    gt_product_pack_right(block->kernels, workspace, block->inner, block->columns, 0, 0, &part);
    block->right = workspace;
    block->right_packed = true;
    block->packed_right_inner = block->inner;
    block->first_right_inner = 0;
}

static void run_blocks(const gt_product *product, const blocks *sizes, gt_product_block *block,
                       const gt_product_operand *left, const gt_product_operand *right,
                       char *workspace)
{
    char *output = block->output;
    char *left_workspace = sizes->pack_left ? workspace : NULL;
    char *right_workspace =
        sizes->pack_right ? workspace + packed_left_size(product, sizes) : NULL;
    corner at = {0};
    for (at.column = 0; at.column < product->columns; at.column += sizes->columns) {
        block->columns = gt_product_smaller(sizes->columns, product->columns - at.column);
        for (at.inner = 0; at.inner < product->inner; at.inner += sizes->inner) {
            block->inner = gt_product_smaller(sizes->inner, product->inner - at.inner);
            block->accumulate = product->accumulate || at.inner > 0;
            place_right(block, right, at, product->inner, right_workspace);
            for (at.row = 0; at.row < product->rows; at.row += sizes->rows) {
                block->rows = gt_product_smaller(sizes->rows, product->rows - at.row);
                place_left(block, left, at, product->inner, left_workspace);
                block->output = output + (at.row + at.column * block->output_leading) *
                                             product->kernels->element_size;
                gt_product_multiply_block(block);
            }
        }
    }
}

/* A sum of no products: zero. */
static void clear(const gt_product *product, char *output, int64_t output_leading)
{
    int64_t size = product->kernels->element_size;
    for (int64_t column = 0; column < product->columns; column++)
        memset(output + column * output_leading * size, 0, (size_t)(product->rows * size));
}

void gt_product_run(const gt_product *product, const gt_product_operand *left,
                    const gt_product_operand *right, void *output, int64_t output_leading,
                    void *workspace)
{
    if (product->rows <= 0 || product->columns <= 0)
        return;
    if (product->inner <= 0) {
        if (!product->accumulate)
            clear(product, output, output_leading);
        return;
    }
    gt_product_block block = whole_block(product, left, right, output, output_leading);
    if (is_one_block(product, left->layout, right->layout)) {
        gt_product_multiply_block(&block);
        return;
    }
    blocks sizes = blocks_of(product, left->layout, right->layout);
    run_blocks(product, &sizes, &block, left, right, workspace);
}

gt_product_operand gt_product_left_from(const gt_product *product, const gt_product_operand *left,
                                        int64_t row)
{
    int64_t step = row;
    if (left->layout == GT_PRODUCT_TRANSPOSED)
        step = row * left->leading;
    if (left->layout == GT_PRODUCT_PACKED)
        step = row * product->inner;
    gt_product_operand rest = *left;
    rest.data = (const char *)left->data + step * product->kernels->element_size;
    return rest;
}

gt_product_operand gt_product_right_from(const gt_product *product,
                                         const gt_product_operand *right, int64_t column)
{
    int64_t step = column * right->leading;
    if (right->layout == GT_PRODUCT_TRANSPOSED)
        step = column;
    if (right->layout == GT_PRODUCT_PACKED)
        step = column * product->inner;
    gt_product_operand rest = *right;
    rest.data = (const char *)right->data + step * product->kernels->element_size;
    return rest;
}
