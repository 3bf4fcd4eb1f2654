/*
 * Multiplies what lies ready. Around a tile, `inner` runs to the end; then come the
 * columns, so that a panel of left is read again from the nearest cache that holds
 * it; then the panels. Products of a few elements come through here too, so it
 * divides nothing and copies no more than it must.
 */
#include "exec/product_kernels.h"

/* How many of `rest` columns the next tile takes: the last two are about equally wide. */
static int64_t next_width(int64_t rest, int64_t widest)
{
    if (rest <= widest)
        return rest;
    return rest >= 2 * widest ? widest : (rest + 1) >> 1;
}

static void multiply_panel(const gt_product_block *block, gt_tile *tile, char *output)
{
    const gt_product_kernels *kernels = block->kernels;
    int64_t units = 0;
    for (int64_t rows = tile->rows; rows > 0; rows -= kernels->unit)
        units++;
    gt_tile_function *const *tiles = kernels->tiles[units - 1];
    const int64_t widest = kernels->widest[units - 1], size = kernels->element_size;
    for (int64_t column = 0, width; column < block->columns; column += width) {
        width = next_width(block->columns - column, widest);
        tile->right = block->right + column * block->right_column_stride * size;
        tile->output = output + column * block->output_leading * size;
        tiles[width - 1](tile);
    }
}

/* The same with a packed right operand: a tile takes a slab. */
static void multiply_panel_packed(const gt_product_block *block, gt_tile *tile, char *output)
{
    const gt_product_kernels *kernels = block->kernels;
    const int64_t units = (tile->rows + kernels->unit - 1) / kernels->unit;
    const int64_t size = kernels->element_size;
    for (int64_t column = 0, width; column < block->columns; column += width) {
        width = gt_product_smaller(kernels->width, block->columns - column);
        tile->right_inner_stride = width;
        int64_t position = column * block->packed_right_inner + block->first_right_inner * width;
        tile->right = block->right + position * size;
        tile->output = output + column * block->output_leading * size;
        kernels->tiles[units - 1][width - 1](tile);
    }
}

void gt_product_multiply_block(const gt_product_block *block)
{
    const gt_product_kernels *kernels = block->kernels;
    gt_tile tile;
    tile.inner = block->inner;
    tile.left_stride = block->left_leading;
    tile.right_inner_stride = block->right_inner_stride;
    tile.right_column_stride = block->right_packed ? 1 : block->right_column_stride;
    tile.output_stride = block->output_leading;
    tile.accumulate = block->accumulate;
    tile.padded = block->left_packed;
    for (int64_t row = 0; row < block->rows; row += kernels->height) {
        int64_t rest = block->rows - row, position = row;
        tile.rows = gt_product_smaller(kernels->height, rest);
        if (block->left_packed) {
            tile.left_stride = gt_product_panel_stride(kernels, rest);
            position = row * block->packed_left_inner + block->first_left_inner * tile.left_stride;
        }
        tile.left = block->left + position * kernels->element_size;
        char *output = block->output + row * kernels->element_size;
        if (block->right_packed)
            multiply_panel_packed(block, &tile, output);
        else
            multiply_panel(block, &tile, output);
    }
}
