/*
 * Multiplies what lies ready. Around a tile, `inner` runs to the end; then come the
 * columns, so that a panel of left is read again from the nearest cache that holds
 * it; then the panels.
 */
#include "exec/product_kernels.h"

static void place_right(const gt_product_block *block, gt_tile *tile, int64_t column, int64_t width)
{
    int64_t position = column * block->right_column_stride;
    if (block->right_packed) {
        tile->right_inner_stride = width;
        position = column * block->packed_right_inner + block->first_right_inner * width;
    }
    tile->right = block->right + position * block->kernels->element_size;
}

/* Fetches the columns of a matrix that the next tile starts at, `rest` at most, while this one is computed. */
static void fetch_columns(const gt_product_block *block, int64_t rows, int64_t rest, const char *next, int64_t stride)
{
    const int64_t size = block->kernels->element_size, bytes = rows * size;
    for (int64_t width = gt_product_smaller(block->kernels->width, rest); width > 0; width--) {
        for (int64_t i = 0; i < bytes; i += 64)
            __builtin_prefetch(next + i, 1);
        next += stride * size;
    }
}

/* What the tile after this one, `width` columns wide, writes and starts from, if that is far. */
static void fetch_next(const gt_product_block *block, const gt_tile *tile, int64_t width, int64_t rest)
{
    const int64_t size = block->kernels->element_size;
    if (!block->output_is_far)
        return;
    fetch_columns(block, tile->rows, rest, (const char *)tile->output + width * tile->output_stride * size,
                  tile->output_stride);
    if (tile->addend != NULL && tile->addend != tile->output && tile->addend_stride > 0)
        fetch_columns(block, tile->rows, rest, (const char *)tile->addend + width * tile->addend_stride * size,
                      tile->addend_stride);
}

/* The first columns of a panel, which read left where it lies far apart; the others do not. */
static int64_t multiply_copying(const gt_product_block *block, gt_tile *tile)
{
    const gt_product_kernels *kernels = block->kernels;
    if (tile->rows < kernels->height || block->columns < kernels->width)
        return 0;
    place_right(block, tile, 0, kernels->width);
    tile->copy = block->copy;
    gt_product_fetch(block->soon, tile);
    kernels->copying_tile(tile);
    tile->left = block->copy;
    tile->left_stride = kernels->height;
    tile->padded = true;
    return kernels->width;
}

static void multiply_panel(const gt_product_block *block, gt_tile *tile)
{
    const gt_product_kernels *kernels = block->kernels;
    const int units = gt_product_units(kernels, tile->rows);
    gt_tile_function *const *tiles = kernels->tiles[units - 1];
    const int64_t widest = block->right_packed ? kernels->width : kernels->widest[units - 1];
    char *output = tile->output;
    const char *addend = tile->addend;
    int64_t column = block->copy == NULL ? 0 : multiply_copying(block, tile);
    while (column < block->columns) {
        int64_t rest = block->columns - column;
        int64_t width = block->right_packed ? gt_product_smaller(widest, rest)
                                            : gt_product_next_width(rest, widest);
        place_right(block, tile, column, width);
        gt_product_place_output(tile, output, addend, column, kernels->element_size);
        fetch_next(block, tile, width, rest - width);
        gt_product_fetch(block->soon, tile);
        tiles[width - 1](tile);
        column += width;
    }
}

void gt_product_multiply_block(const gt_product_block *block)
{
    const gt_product_kernels *kernels = block->kernels;
    gt_tile tile;
    tile.inner = block->inner;
    tile.right_inner_stride = block->right_inner_stride;
    tile.right_column_stride = block->right_packed ? 1 : block->right_column_stride;
    tile.output_stride = block->output_leading;
    tile.addend_stride = block->addend_leading;
    tile.copy = NULL;
    for (int64_t row = 0; row < block->rows; row += kernels->height) {
        int64_t rest = block->rows - row, position = row;
        tile.rows = gt_product_smaller(kernels->height, rest);
        tile.padded = block->left_packed;
        tile.left_stride = block->left_leading;
        if (block->left_packed) {
            tile.left_stride = gt_product_panel_stride(kernels, rest);
            position = row * block->packed_left_inner + block->first_left_inner * tile.left_stride;
        }
        tile.left = block->left + position * kernels->element_size;
        tile.output = block->output + row * kernels->element_size;
        tile.addend = block->addend == NULL ? NULL : block->addend + row * kernels->element_size;
        multiply_panel(block, &tile);
    }
}
