/*
 * Multiplies what lies ready. Around a tile, `inner` runs to the end; then come the
 * columns, so that a panel of left is read again from the nearest cache that holds
 * it; then the panels.
 */
#include "exec/product_kernels.h"

enum { SHORT_INNER = 128 }; /* a tile's, too short for fetching what it writes itself */

/* The panel of left at hand. */
typedef struct gt_panel {
    int64_t row;
    const char *next; /* the panel after it, or NULL */
    int64_t part;     /* of it that the next tile fetches */
} gt_panel;

static void place_right(const gt_product_block *block, gt_tile *tile, int64_t column, int64_t width)
{
    int64_t position = column * block->right_column_stride;
    if (block->right_packed) {
        tile->right_inner_stride = width;
        position = column * block->packed_right_inner + block->first_right_inner * width;
    }
    tile->right = block->right + position * block->kernels->element_size;
}

typedef enum line_use {
    FETCH_LINES, /* at once */
    LIST_LINES   /* for the tile, which fetches one after the other while it computes */
} line_use;

/* The lines in which `width` columns, from `column` on, have so many bytes of the tile's rows. */
static inline void visit_lines(gt_tile *tile, const char *column, int64_t stride, int64_t width, int64_t bytes,
                               line_use use)
{
    for (; width > 0; width--, column += stride)
        for (int64_t i = 0; i < bytes; i += 64) {
            if (use == FETCH_LINES)
                __builtin_prefetch(column + i, 1);
            else if (tile->line_count < GT_TILE_LINES)
                tile->lines[tile->line_count++] = column + i;
        }
}

/*
 * What a tile writes, and what the one after it, at most `rest` columns wide, starts from, if
 * that is far: fetched line by line, since a burst would keep the operands waiting. Where inner
 * is short, a tile has no time for it: what the next one writes and starts from comes in a burst.
 */
static void list_output(const gt_product_block *block, gt_tile *tile, int64_t width, int64_t rest)
{
    const int64_t size = block->kernels->element_size, bytes = tile->rows * size;
    const int64_t next = gt_product_smaller(block->kernels->width, rest);
    const int64_t stride = tile->output_stride * size, addend_stride = tile->addend_stride * size;
    const char *output = tile->output, *addend = tile->addend;
    tile->line_count = 0;
    if (!block->output_is_far)
        return;
    const bool starts_at_matrix = addend != NULL && addend_stride > 0;
    if (tile->inner < SHORT_INNER) {
        visit_lines(tile, output + width * stride, stride, next, bytes, FETCH_LINES);
        if (starts_at_matrix && addend != output)
            visit_lines(tile, addend + width * addend_stride, addend_stride, next, bytes, FETCH_LINES);
        return;
    }
    if (addend != output)
        visit_lines(tile, output, stride, width, bytes, LIST_LINES);
    if (starts_at_matrix)
        visit_lines(tile, addend + width * addend_stride, addend_stride, next, bytes, LIST_LINES);
}

/* Lets a tile fetch the `part`-th part of a whole panel of left, each as long as inner. */
static void fetch_panel(const gt_product_block *block, gt_tile *tile, const char *panel, int64_t part)
{
    const int64_t bytes = block->kernels->height * block->kernels->element_size;
    if (part * 64 >= bytes)
        return;
    tile->fetched = block->left_packed ? panel + part * 64 * tile->inner : panel + part * 64;
    tile->fetched_stride = block->left_packed ? 64 : block->left_leading * block->kernels->element_size;
}

/* What a tile fetches that is read later: what is wanted soon, the columns of the next tile, the
 * next panel. */
static void fetch_ahead(const gt_product_block *block, gt_tile *tile, const gt_panel *panel, int64_t width)
{
    const int64_t size = block->kernels->element_size;
    gt_product_fetch(block->soon, tile);
    if (tile->fetched_stride != 0)
        return;
    if (block->right_is_far && panel->row == 0 && !block->right_packed && block->right_inner_stride == 1) {
        tile->fetched = (const char *)tile->right + width * block->right_column_stride * size;
        tile->fetched_stride = width * size;
    } else if (panel->next != NULL) {
        fetch_panel(block, tile, panel->next, panel->part);
    }
}

/* The first columns of a panel, which read left where it lies far apart; the others do not. */
static int64_t multiply_copying(const gt_product_block *block, gt_tile *tile, const gt_panel *panel)
{
    const gt_product_kernels *kernels = block->kernels;
    if (tile->rows < kernels->height || block->columns < kernels->width)
        return 0;
    place_right(block, tile, 0, kernels->width);
    tile->copy = block->copy;
    list_output(block, tile, kernels->width, block->columns - kernels->width);
    fetch_ahead(block, tile, panel, kernels->width);
    kernels->copying_tile(tile);
    tile->left = block->copy;
    tile->left_stride = kernels->height;
    tile->padded = true;
    return kernels->width;
}

static void multiply_panel(const gt_product_block *block, gt_tile *tile, gt_panel panel)
{
    const gt_product_kernels *kernels = block->kernels;
    const int units = gt_product_units(kernels, tile->rows);
    gt_tile_function *const *tiles = kernels->tiles[units - 1];
    const int64_t widest = block->right_packed ? kernels->width : kernels->widest[units - 1];
    char *output = tile->output;
    const char *addend = tile->addend;
    int64_t column = block->copy == NULL ? 0 : multiply_copying(block, tile, &panel);
    while (column < block->columns) {
        int64_t rest = block->columns - column;
        int64_t width = block->right_packed ? gt_product_smaller(widest, rest) : gt_product_next_width(rest, widest);
        place_right(block, tile, column, width);
        gt_product_place_output(tile, output, addend, column, kernels->element_size);
        list_output(block, tile, width, rest - width);
        fetch_ahead(block, tile, &panel, width);
        panel.part++;
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
        if (block->left_sums != NULL)
            kernels->add_row_sums(tile.left, tile.left_stride, tile.rows, block->inner,
                                  block->left_sums + row * kernels->element_size);
        tile.addend = block->addend == NULL ? NULL : block->addend + row * kernels->element_size;
        gt_panel panel = {.row = row, .next = block->next_left};
        if (rest > kernels->height)
            panel.next = (const char *)tile.left +
                         (block->left_packed ? kernels->height * block->packed_left_inner : kernels->height) *
                             kernels->element_size;
        multiply_panel(block, &tile, panel);
    }
}
