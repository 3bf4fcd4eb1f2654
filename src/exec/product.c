/* Products, block by block; product_sizes.c says how they are cut. */
#include "exec/product_sizes.h"

#include <string.h>

/* What the sums of a member start at. */
typedef struct addend {
    const char *data;
    int64_t leading;
} addend;

static addend addend_of(const gt_product_member *member, bool accumulate, int64_t output_leading)
{
    return accumulate ? (addend){member->output, output_leading} : (addend){member->addend, member->addend_leading};
}

/* The whole product as one block, if nothing has to be packed and no sum be cut. */
static gt_product_block whole_block(const gt_product *product, const gt_product_member *member, int64_t output_leading)
{
    const gt_product_operand *left = &member->left, *right = &member->right;
    const addend start = addend_of(member, product->accumulate, output_leading);
    bool transposed = right->layout == GT_PRODUCT_TRANSPOSED;
    return (gt_product_block){
        .kernels = product->kernels,
        .left = left->data,
        .right = right->data,
        .output = member->output,
        .rows = product->rows,
        .inner = product->inner,
        .columns = product->columns,
        .output_leading = output_leading,
        .addend = start.data,
        .addend_leading = start.leading,
        .left_packed = left->layout == GT_PRODUCT_PACKED,
        .right_packed = right->layout == GT_PRODUCT_PACKED,
        .output_is_far = gt_product_output_is_far(product),
        .left_leading = left->leading,
        .right_inner_stride = transposed ? right->leading : 1,
        .right_column_stride = transposed ? 1 : right->leading,
        .packed_left_inner = product->inner,
        .packed_right_inner = product->inner,
        .soon = product->soon,
        .left_sums = member->left_sums,
    };
}

/* Where a block of a product starts. */
typedef struct corner {
    int64_t row, inner, column;
} corner;

/* Lets `block` read the left operand from the corner on, packing it first if asked for. */
static void place_left(gt_product_block *block, const gt_product_operand *left, corner at, void *workspace)
{
    bool transposed = left->layout == GT_PRODUCT_TRANSPOSED;
    int64_t position = transposed ? at.inner + at.row * left->leading : at.row + at.inner * left->leading;
    if (left->layout == GT_PRODUCT_PACKED)
        position = 0; /* its rows are never cut */
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
static void place_right(gt_product_block *block, const gt_product_operand *right, corner at, int64_t product_inner,
                        void *workspace)
{
    int64_t position = at.inner * block->right_inner_stride + at.column * block->right_column_stride;
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

/* What the blocks of one product or several are cut from. */
typedef struct whole {
    const gt_product *product;
    const gt_product_sizes *sizes;
    const gt_product_member *members;
    uint32_t count;
    bool added;
    char *left_workspace, *right_workspace; /* NULL: read where it lies */
} whole;

/* Columns of right of which a block stays in a near cache, where many columns share one packing of
 * left. */
static void multiply_narrow_blocks(const gt_product_block *wide)
{
    gt_product_block block = *wide;
    const int64_t size = wide->kernels->element_size;
    const int64_t right_step = wide->right_packed ? wide->packed_right_inner : wide->right_column_stride;
    const int64_t most = gt_product_narrow_columns(wide->columns);
    for (int64_t column = 0; column < wide->columns; column += most) {
        block.columns = gt_product_smaller(most, wide->columns - column);
        block.right = wide->right + column * right_step * size;
        block.output = wide->output + column * wide->output_leading * size;
        if (wide->addend != NULL)
            block.addend = wide->addend + column * wide->addend_leading * size;
        gt_product_multiply_block(&block);
        block.left_sums = NULL;
    }
}

/* Where left goes on behind the rows of a block, if that is in the next member; what is packed is
 * fetched meanwhile. */
static const char *next_left(const whole *w, const gt_product_member *member, corner at)
{
    const gt_product_member *end = w->members + w->count, *next = member + 1;
    if (w->left_workspace != NULL || next == end || w->added)
        return NULL;
    int64_t position = next->left.layout == GT_PRODUCT_PACKED
                           ? at.inner * gt_product_panel_stride(w->product->kernels, w->product->rows)
                           : at.inner * next->left.leading;
    return (const char *)next->left.data + position * w->product->kernels->element_size;
}

/* The rows of a member from `at` on, in a block whose right operand is placed. */
static void run_rows(const whole *w, gt_product_block *block, const gt_product_member *member, bool accumulate,
                     corner at)
{
    const int64_t size = w->product->kernels->element_size;
    char *output = (char *)member->output + at.column * block->output_leading * size;
    addend start = addend_of(member, accumulate, block->output_leading);
    block->addend_leading = start.leading;
    for (at.row = 0; at.row < w->product->rows; at.row += w->sizes->rows) {
        block->rows = gt_product_smaller(w->sizes->rows, w->product->rows - at.row);
        place_left(block, &member->left, at, w->left_workspace);
        block->output = output + at.row * size;
        block->addend = NULL;
        if (start.data != NULL)
            block->addend = start.data + (at.row + at.column * start.leading) * size;
        block->left_sums = NULL;
        if (member->left_sums != NULL && at.column == 0)
            block->left_sums = (char *)member->left_sums + at.row * size;
        block->next_left = next_left(w, member, at);
        multiply_narrow_blocks(block);
        block->right_is_far = false;
    }
}

/* The columns of a block, of members that share the right operand. */
static void run_columns(const whole *w, gt_product_block *block, uint32_t first, uint32_t count, int64_t column,
                        bool accumulate)
{
    corner at = {.column = column};
    for (; at.inner < w->product->inner; at.inner += w->sizes->inner) {
        block->inner = gt_product_smaller(w->sizes->inner, w->product->inner - at.inner);
        place_right(block, &w->members[first].right, at, w->product->inner, w->right_workspace);
        block->right_is_far = w->right_workspace == NULL;
        for (uint32_t k = 0; k < count; k++) {
            run_rows(w, block, &w->members[first + k], accumulate || at.inner > 0, at);
            if (w->product->between != NULL)
                w->product->between(w->product->of_between);
        }
    }
}

static void run_blocks(const gt_product *product, const gt_product_sizes *sizes, gt_product_block *block,
                       const gt_product_member *members, uint32_t count, bool added, char *workspace)
{
    whole w = {product, sizes, members, count, added, NULL, NULL};
    if (sizes->pack_left)
        w.left_workspace = workspace;
    if (sizes->pack_right)
        w.right_workspace = workspace + gt_product_left_workspace_size(product, sizes);
    block->copy = sizes->copy_left ? workspace : NULL;
    for (int64_t column = 0; column < product->columns; column += sizes->columns) {
        block->columns = gt_product_smaller(sizes->columns, product->columns - column);
        for (uint32_t k = 0; k < count && added; k++)
            run_columns(&w, block, k, 1, column, product->accumulate || k > 0);
        if (!added)
            run_columns(&w, block, 0, count, column, product->accumulate);
    }
}

/*
 * One panel of left, at most a tile high, with no packed right operand. Products of
 * a few elements spend more time on the way to the tiles than in them.
 */
static void run_panel(const gt_product *product, const gt_product_member *member, int64_t output_leading)
{
    const gt_product_kernels *kernels = product->kernels;
    const gt_product_operand *left = &member->left, *right = &member->right;
    const int units = gt_product_units(kernels, product->rows);
    const int64_t widest = kernels->widest[units - 1], size = kernels->element_size;
    const bool transposed = right->layout == GT_PRODUCT_TRANSPOSED;
    const int64_t columns = product->columns;
    const addend start = addend_of(member, product->accumulate, output_leading);
    gt_tile tile;
    tile.inner = product->inner;
    tile.left = left->data;
    tile.padded = left->layout == GT_PRODUCT_PACKED;
    tile.left_stride = tile.padded ? gt_product_panel_stride(kernels, product->rows) : left->leading;
    tile.right_inner_stride = transposed ? right->leading : 1;
    tile.right_column_stride = transposed ? 1 : right->leading;
    tile.output_stride = output_leading;
    tile.addend_stride = start.leading;
    tile.copy = NULL;
    tile.line_count = 0;
    tile.rows = product->rows;
    if (member->left_sums != NULL)
        kernels->add_row_sums(tile.left, tile.left_stride, tile.rows, tile.inner, member->left_sums);
    for (int64_t column = 0, width; column < columns; column += width) {
        width = gt_product_next_width(columns - column, widest);
        tile.right = (const char *)right->data + column * tile.right_column_stride * size;
        gt_product_place_output(&tile, member->output, start.data, column, size);
        gt_product_fetch(product->soon, &tile);
        kernels->tiles[units - 1][width - 1](&tile);
    }
}

/* From one inner position of the only column of right to the next. */
static int64_t column_stride(const gt_product_operand *right)
{
    return right->layout == GT_PRODUCT_TRANSPOSED ? right->leading : 1;
}

/* The rows, from the first on, that kernels for one column have multiplied. */
static int64_t run_column(const gt_product *product, const gt_product_member *member, int64_t output_leading)
{
    const gt_product_operand *left = &member->left;
    gt_times_column_function *times_column = product->kernels->times_column[left->layout];
    bool small = left->layout != GT_PRODUCT_TRANSPOSED && product->rows <= product->kernels->height;
    if (product->columns != 1 || times_column == NULL || small || member->left_sums != NULL)
        return 0;
    const gt_matrix_column run = {
        .left = left->data,
        .left_leading = left->leading,
        .right = member->right.data,
        .right_stride = column_stride(&member->right),
        .output = member->output,
        .addend = addend_of(member, product->accumulate, output_leading).data,
        .rows = product->rows,
        .inner = product->inner,
    };
    return times_column(&run);
}

/* A sum of no products: zero, or its addend. */
static void start_only(const gt_product *product, const gt_product_member *member, int64_t output_leading)
{
    const int64_t size = product->kernels->element_size;
    const size_t bytes = (size_t)(product->rows * size);
    const char *from = member->addend;
    char *to = member->output;
    for (int64_t column = 0; column < product->columns; column++, to += output_leading * size) {
        if (from == NULL)
            memset(to, 0, bytes);
        else
            memmove(to, from + column * member->addend_leading * size, bytes);
    }
}

/* The sums of left's rows, before products add to them: zero, or all there is if there are no
 * columns to pass. */
static void start_left_sums(const gt_product *product, const gt_product_member *member)
{
    const gt_product_kernels *kernels = product->kernels;
    if (member->left_sums == NULL || product->rows <= 0)
        return;
    memset(member->left_sums, 0, (size_t)gt_product_bytes(product, product->rows));
    for (int64_t row = 0; product->columns <= 0 && row < product->rows; row += kernels->height)
        kernels->add_row_sums((const char *)member->left.data + gt_product_bytes(product, row), member->left.leading,
                              gt_product_smaller(kernels->height, product->rows - row), product->inner,
                              (char *)member->left_sums + gt_product_bytes(product, row));
}

static void run_tiles(const gt_product *product, const gt_product_member *member, int64_t output_leading,
                      void *workspace)
{
    const gt_product_operand *left = &member->left, *right = &member->right;
    const bool simple = gt_product_is_one_block(product, left, right);
    if (simple && product->rows <= product->kernels->height && right->layout != GT_PRODUCT_PACKED) {
        run_panel(product, member, output_leading);
        return;
    }
    gt_product_block block = whole_block(product, member, output_leading);
    if (simple) {
        gt_product_multiply_block(&block);
        return;
    }
    gt_product_sizes sizes = gt_product_sizes_of(product, left, right);
    run_blocks(product, &sizes, &block, member, 1, false, workspace);
}

/* A member of one column without its first rows. */
static gt_product_member rows_from(const gt_product *product, const gt_product_member *member, int64_t row)
{
    gt_product_member rest = *member;
    rest.left = gt_product_left_from(product, &member->left, row);
    rest.output = (char *)member->output + gt_product_bytes(product, row);
    if (member->addend != NULL)
        rest.addend = (const char *)member->addend + gt_product_bytes(product, row);
    return rest;
}

static void run_member(const gt_product *product, const gt_product_member *member, int64_t output_leading,
                       void *workspace)
{
    if (product->rows <= 0 || product->columns <= 0)
        return;
    if (product->inner <= 0) {
        if (!product->accumulate)
            start_only(product, member, output_leading);
        return;
    }
    const int64_t done = run_column(product, member, output_leading);
    if (done == 0) {
        run_tiles(product, member, output_leading, workspace);
    } else if (done < product->rows) {
        gt_product rest = *product;
        rest.rows -= done;
        gt_product_member rows = rows_from(product, member, done);
        run_tiles(&rest, &rows, output_leading, workspace);
    }
}

void gt_product_run(const gt_product *product, const gt_product_operand *left, const gt_product_operand *right,
                    void *output, int64_t output_leading, void *workspace)
{
    gt_product_member member = {.left = *left, .right = *right, .output = output};
    run_member(product, &member, output_leading, workspace);
}

void gt_product_run_together(const gt_product *product, const gt_product_member *members, uint32_t count, bool added,
                             int64_t output_leading, void *workspace)
{
    const gt_product_member *first = &members[0];
    for (uint32_t k = 0; k < count; k++)
        start_left_sums(product, &members[k]);
    if (count == 1) {
        run_member(product, first, output_leading, workspace);
        return;
    }
    /* What is packed pays for all members that read it. */
    gt_product all = *product;
    all.rows = product->rows * (added ? 1 : (int64_t)count);
    bool empty = product->rows <= 0 || product->columns <= 0 || product->inner <= 0;
    if (!empty && product->columns > 1 && !gt_product_is_one_block(&all, &first->left, &first->right)) {
        gt_product_sizes sizes = gt_product_sizes_of(&all, &first->left, &first->right);
        gt_product_block block = whole_block(product, first, output_leading);
        run_blocks(product, &sizes, &block, members, count, added, workspace);
        return;
    }
    all.rows = product->rows;
    for (uint32_t k = 0; k < count; k++) {
        all.accumulate = product->accumulate || (added && k > 0);
        run_member(&all, &members[k], output_leading, workspace);
    }
}

gt_product_operand gt_product_left_from(const gt_product *product, const gt_product_operand *left, int64_t row)
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

gt_product_operand gt_product_right_from(const gt_product *product, const gt_product_operand *right, int64_t column)
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
