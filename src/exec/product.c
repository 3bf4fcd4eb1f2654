#include "exec/product_kernels.h"

#include <string.h>

/*
 * The order of the loops. Around a tile, `inner` runs to the end of a block; then
 * come the columns, so that a panel of left (a tile's height times the block) is
 * read again from the nearest cache that holds it; then the panels; then the
 * blocks of inner. What is not packed beforehand is packed block by block if
 * that pays.
 */
typedef struct blocks {
    bool pack_left, pack_right;
    int64_t rows, inner, columns;
} blocks;

/* Bytes, in inner elements of one row, of a block whose left is packed on the way or beforehand. */
enum { BLOCK_PACKING = 2048, BLOCK_PACKED = 8192 };
/* Rows in panels, and columns, of a block that is packed on the way. */
enum { BLOCK_PANELS = 4, BLOCK_COLUMNS = 1536 };

static int64_t panel_rows(const gt_product_kernels *kernels)
{
    return (int64_t)kernels->lanes * kernels->vectors;
}

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
    return right == GT_PRODUCT_TRANSPOSED && product->rows > panel_rows(product->kernels) &&
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
        block.rows = gt_product_smaller(block.rows, BLOCK_PANELS * panel_rows(product->kernels));
    if (block.pack_right)
        block.columns = gt_product_smaller(block.columns, BLOCK_COLUMNS);
    return block;
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

/* An operand of a block: where it starts, and how far its panels (left) or slabs (right) are. */
typedef struct block_operand {
    const char *data;
    gt_product_layout layout;
    int64_t leading;      /* if not packed */
    int64_t inner;        /* if packed: of the whole packed operand */
    int64_t first_inner;  /* if packed: of the block */
} block_operand;

typedef struct output_block {
    char *data;
    int64_t leading, rows, inner, columns;
    bool accumulate;
} output_block;

static void place_left(const gt_product_kernels *kernels, gt_tile *tile,
                       const block_operand *left, int64_t row, int64_t rows_left)
{
    int64_t position = row;
    tile->left_stride = left->leading;
    if (left->layout == GT_PRODUCT_PACKED) {
        tile->left_stride = gt_product_panel_stride(kernels, rows_left);
        position = row * left->inner + left->first_inner * tile->left_stride;
    }
    tile->left = left->data + position * kernels->element_size;
    tile->padded = left->layout == GT_PRODUCT_PACKED;
}

/* All columns of the output for one panel of left. */
static void multiply_panel(const gt_product_kernels *kernels, gt_tile *tile,
                           const block_operand *right, const output_block *output,
                           int64_t row)
{
    int64_t vectors = (tile->rows + kernels->lanes - 1) / kernels->lanes;
    gt_tile_function *const *tiles = kernels->tiles[vectors - 1];
    bool packed = right->layout == GT_PRODUCT_PACKED;
    int64_t widest = packed ? kernels->width : kernels->widths[vectors - 1];
    int64_t count = (output->columns + widest - 1) / widest;
    tile->right_inner_stride = right->layout == GT_PRODUCT_PLAIN ? 1 : right->leading;
    tile->right_column_stride = right->layout == GT_PRODUCT_PLAIN ? right->leading : 1;
    for (int64_t column = 0; count > 0; count--) {
        int64_t rest = output->columns - column;
        int64_t width = packed ? gt_product_smaller(widest, rest) : (rest + count - 1) / count;
        int64_t position = column * tile->right_column_stride;
        if (packed) {
            tile->right_inner_stride = width;
            position = column * right->inner + right->first_inner * width;
        }
        tile->right = right->data + position * kernels->element_size;
        tile->output = output->data + (row + column * output->leading) * kernels->element_size;
        tiles[width - 1](tile);
        column += width;
    }
}

static void multiply_block(const gt_product_kernels *kernels, const block_operand *left,
                           const block_operand *right, const output_block *output)
{
    gt_tile tile = {.inner = output->inner,
                    .output_stride = output->leading,
                    .accumulate = output->accumulate};
    int64_t height = panel_rows(kernels);
    for (int64_t row = 0; row < output->rows; row += height) {
        tile.rows = gt_product_smaller(height, output->rows - row);
        place_left(kernels, &tile, left, row, output->rows - row);
        multiply_panel(kernels, &tile, right, output, row);
    }
}

/* Where a block of a product starts, and how large it is. */
typedef struct range {
    int64_t row, inner, column;
    int64_t rows, inners, columns;
} range;

static block_operand left_block(const gt_product *product, const gt_product_operand *left,
                                const range *at)
{
    int64_t step = left->layout == GT_PRODUCT_PLAIN ? at->row + at->inner * left->leading : 0;
    return (block_operand){.data = (const char *)left->data + step * product->kernels->element_size,
                           .layout = left->layout,
                           .leading = left->leading,
                           .inner = product->inner,
                           .first_inner = at->inner};
}

static block_operand right_block(const gt_product *product, const gt_product_operand *right,
                                 const range *at)
{
    int64_t step = 0;
    if (right->layout == GT_PRODUCT_PLAIN)
        step = at->inner + at->column * right->leading;
    if (right->layout == GT_PRODUCT_TRANSPOSED)
        step = at->column + at->inner * right->leading;
    if (right->layout == GT_PRODUCT_PACKED)
        step = at->column * product->inner;
    return (block_operand){.data =
                               (const char *)right->data + step * product->kernels->element_size,
                           .layout = right->layout,
                           .leading = right->leading,
                           .inner = product->inner,
                           .first_inner = at->inner};
}

static block_operand pack_left_block(const gt_product *product, const gt_product_operand *left,
                                     const range *at, void *packed)
{
    bool transposed = left->layout == GT_PRODUCT_TRANSPOSED;
    int64_t step = transposed ? at->inner + at->row * left->leading
                              : at->row + at->inner * left->leading;
    gt_product_part part = {(const char *)left->data + step * product->kernels->element_size,
                            left->leading, transposed, at->rows, at->inners};
    gt_product_pack_left(product->kernels, packed, at->rows, at->inners, 0, 0, &part);
    return (block_operand){packed, GT_PRODUCT_PACKED, 0, at->inners, 0};
}

static block_operand pack_right_block(const gt_product *product, const gt_product_operand *right,
                                      const range *at, void *packed)
{
    int64_t step = at->column + at->inner * right->leading;
    gt_product_part part = {(const char *)right->data + step * product->kernels->element_size,
                            right->leading, true, at->inners, at->columns};
    gt_product_pack_right(product->kernels, packed, at->inners, at->columns, 0, 0, &part);
    return (block_operand){packed, GT_PRODUCT_PACKED, 0, at->inners, 0};
}

/* The rows of one block of inner and columns. */
static void run_rows(const gt_product *product, const blocks *block, range at,
                     const gt_product_operand *left, const block_operand *right, char *output,
                     int64_t output_leading, void *workspace)
{
    int size = product->kernels->element_size;
    for (at.row = 0; at.row < product->rows; at.row += block->rows) {
        at.rows = gt_product_smaller(block->rows, product->rows - at.row);
        block_operand panels = block->pack_left ? pack_left_block(product, left, &at, workspace)
                                                : left_block(product, left, &at);
        output_block part = {.data = output + (at.row + at.column * output_leading) * size,
                             .leading = output_leading,
                             .rows = at.rows,
                             .inner = at.inners,
                             .columns = at.columns,
                             .accumulate = product->accumulate || at.inner > 0};
        multiply_block(product->kernels, &panels, right, &part);
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
    if (product->inner <= 0 && !product->accumulate)
        clear(product, output, output_leading);
    blocks block = blocks_of(product, left->layout, right->layout);
    for (range at = {0}; at.column < product->columns; at.column += block.columns) {
        at.columns = gt_product_smaller(block.columns, product->columns - at.column);
        for (at.inner = 0; at.inner < product->inner; at.inner += block.inner) {
            at.inners = gt_product_smaller(block.inner, product->inner - at.inner);
            block_operand slabs =
                block.pack_right
                    ? pack_right_block(product, right, &at,
                                       (char *)workspace + packed_left_size(product, &block))
                    : right_block(product, right, &at);
            run_rows(product, &block, at, left, &slabs, output, output_leading, workspace);
        }
    }
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
