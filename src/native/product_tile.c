/*
 * One tile of a compiled product: its sums are in registers while it goes through all
 * inner positions, of one product after the other if several are added.
 */
#include "native/product_writer.h"

/* ---- registers ------------------------------------------------------------------------------- */

/* Sums first, unit by unit; behind them operands. */
static int sum_of(const gt_product_tile *tile, uint32_t unit, int64_t column)
{
    return (int)(unit * tile->width + column);
}

static int held(const gt_product_tile *tile, int64_t n)
{
    return (int)(tile->units * tile->width + n);
}

/* ---- where sums start and go ------------------------------------------------------------------- */

static const gt_compiled_member *member_of(const gt_product_writer *w, uint32_t unit)
{
    return &w->product->members[gt_product_member_of(w, unit)];
}

/*
 * Whether a whole vector from the unit's first row on, at a column of the tile, ends before the end of the tile's
 * columns: what is behind its rows is then the column that comes next.
 */
static bool is_whole(const gt_product_writer *w, const gt_product_tile *tile, uint32_t unit, int64_t column)
{
    int64_t end = column * w->product->rows + gt_product_unit_row(w, unit) + w->lanes;
    return gt_product_unit_rows(w, unit) == w->lanes || end <= tile->width * w->product->rows;
}

/* The same for writing: what is written behind the rows must be written again, with what is right. */
static bool may_overwrite(const gt_product_writer *w, const gt_product_tile *tile, uint32_t unit, int64_t column)
{
    uint32_t first = gt_product_member_of(w, unit) * w->member_units;
    bool complete = first >= tile->first && first + w->member_units <= tile->first + tile->units;
    return gt_product_unit_rows(w, unit) == w->lanes || (complete && is_whole(w, tile, unit, column));
}

static gt_location output_place(const gt_product_writer *w, uint32_t unit, int64_t column, int64_t leading)
{
    int64_t offset = (gt_product_unit_row(w, unit) + column * leading) * w->size;
    return gt_location_memory(GT_PRODUCT_TEMPORARY, leading == 0 ? GT_NO_GENERAL : GT_PRODUCT_OUTPUT_AT,
                              (int32_t)offset);
}

static void start_unit(const gt_product_writer *w, const gt_product_tile *tile, uint32_t u)
{
    uint32_t unit = tile->first + u;
    const gt_compiled_member *member = member_of(w, unit);
    if (member->addend != GT_NO_ARRAY)
        gt_product_bring_array(w, GT_PRODUCT_TEMPORARY, member->addend);
    bool one_column = member->addend_leading == 0, full = gt_product_unit_rows(w, unit) == w->lanes;
    for (int64_t j = 0; j < tile->width; j++) {
        int sum = sum_of(tile, u, j);
        gt_location place = output_place(w, unit, j, member->addend_leading);
        if (member->addend == GT_NO_ARRAY)
            gt_encode_zero(w->e, sum);
        else if (full || (!one_column && is_whole(w, tile, unit, j)))
            gt_encode_move(w->e, sum, place);
        else
            gt_encode_move_masked(w->e, sum, place, w->mask);
    }
}

/* The last unit of a member, of which some lanes are there. */
static void store_rest(const gt_product_writer *w, gt_location to, int from, int scratch)
{
    gt_encode_store_some(w->e, to, from, (uint32_t)(w->product->rows % w->lanes), w->mask, scratch);
}

/* Member by member, column by column: what is written behind the rows of one is then written again. */
static void store_member(const gt_product_writer *w, const gt_product_tile *tile, uint32_t from, uint32_t to)
{
    gt_product_bring_array(w, GT_PRODUCT_TEMPORARY, member_of(w, tile->first + from)->output);
    for (int64_t j = 0; j < tile->width; j++)
        for (uint32_t u = from; u < to; u++) {
            uint32_t unit = tile->first + u;
            gt_location place = output_place(w, unit, j, w->product->rows);
            if (may_overwrite(w, tile, unit, j))
                gt_encode_store(w->e, place, sum_of(tile, u, j));
            else
                store_rest(w, place, sum_of(tile, u, j), held(tile, 0));
        }
}

static void store(const gt_product_writer *w, const gt_product_tile *tile)
{
    for (uint32_t from = 0, to; from < tile->units; from = to) {
        to = from + 1;
        while (to < tile->units &&
               gt_product_member_of(w, tile->first + to) == gt_product_member_of(w, tile->first + from))
            to++;
        store_member(w, tile, from, to);
    }
}

/* ---- inner positions --------------------------------------------------------------------------- */

/* An inner position: of which of the products that are added, and whether in the loop over positions. */
typedef struct position {
    uint32_t term;
    int64_t k;
    bool looping;
} position;

static gt_left_at left_at(const gt_product_tile *tile, const position *at, uint32_t u)
{
    return (gt_left_at){tile->first, tile->first + u, at->term, at->k, at->looping};
}

static void spread_right(const gt_product_writer *w, int64_t k, int64_t column, int to)
{
    int64_t offset = (k * w->product->right_inner + column * w->product->right_column) * w->size;
    gt_encode_spread(w->e, to, gt_location_memory(GT_PRODUCT_RIGHT, GT_PRODUCT_RIGHT_AT, (int32_t)offset));
}

/* Fewer units than columns: the units are held, and each column is used for all of them. */
static void add_columns(const gt_product_writer *w, const gt_product_tile *tile, const position *at)
{
    for (uint32_t u = 0; u < tile->units; u++)
        gt_product_load_left(w, left_at(tile, at, u), held(tile, u));
    int column = held(tile, tile->units);
    for (int64_t j = 0; j < tile->width; j++) {
        spread_right(w, at->k, j, column);
        for (uint32_t u = 0; u < tile->units; u++)
            gt_encode_fused(w->e, GT_FUSED_231, sum_of(tile, u, j), column, gt_location_register(held(tile, u)));
    }
}

/* The other way round; a unit that is used once is read by the multiplication itself. */
static void add_units(const gt_product_writer *w, const gt_product_tile *tile, const position *at)
{
    for (int64_t j = 0; j < tile->width; j++)
        spread_right(w, at->k, j, held(tile, j));
    int unit = held(tile, tile->width);
    for (uint32_t u = 0; u < tile->units; u++) {
        gt_left_at left = left_at(tile, at, u);
        gt_location from = gt_location_register(unit);
        if (tile->width == 1 && (at->looping || gt_product_left_is_whole(w, left.unit, at->k)))
            from = gt_product_left_place(w, left);
        else
            gt_product_load_left(w, left, unit);
        for (int64_t j = 0; j < tile->width; j++)
            gt_encode_fused(w->e, GT_FUSED_231, sum_of(tile, u, j), held(tile, j), from);
    }
}

static void add_position(const gt_product_writer *w, const gt_product_tile *tile, position at)
{
    if (tile->units <= tile->width)
        add_columns(w, tile, &at);
    else
        add_units(w, tile, &at);
}

/* A loop over inner positions, in which left stays, and GT_PRODUCT_INNER_AT goes on. */
static size_t begin_loop(const gt_product_writer *w)
{
    gt_encode_number(w->e, GT_PRODUCT_INNER_AT, 0);
    return w->e->count;
}

static void end_loop(const gt_product_writer *w, const gt_product_tile *tile, int64_t count, size_t again)
{
    int64_t step = gt_product_left_offset(w, tile->first, 1) - gt_product_left_offset(w, tile->first, 0);
    gt_encode_add_number(w->e, GT_PRODUCT_INNER_AT, (int32_t)(step * GT_PRODUCT_UNROLLED));
    gt_encode_compare_number(w->e, GT_PRODUCT_INNER_AT, (int32_t)(step * count));
    gt_encode_jump_back(w->e, GT_IF_NOT_EQUAL, again);
}

/* Right goes on, and comes back behind the loop. */
static void add_loop(const gt_product_writer *w, const gt_product_tile *tile, uint32_t term, int64_t count)
{
    int64_t right = w->product->right_inner * w->size;
    size_t again = begin_loop(w);
    for (int64_t k = 0; k < GT_PRODUCT_UNROLLED; k++)
        add_position(w, tile, (position){term, k, true});
    gt_encode_add_number(w->e, GT_PRODUCT_RIGHT, (int32_t)(right * GT_PRODUCT_UNROLLED));
    end_loop(w, tile, count, again);
    gt_encode_add_number(w->e, GT_PRODUCT_RIGHT, (int32_t)(-right * count));
}

static void add_term(const gt_product_writer *w, const gt_product_tile *tile, uint32_t term)
{
    uint32_t member = gt_product_member_of(w, tile->first) + term;
    int64_t looped = gt_product_loop_inner(w, tile);
    gt_product_bring_lefts(w, tile, term);
    gt_product_bring_array(w, GT_PRODUCT_RIGHT, w->product->members[member].right);
    if (looped > 0)
        add_loop(w, tile, term, looped);
    for (int64_t k = looped; k < w->product->inner; k++)
        add_position(w, tile, (position){term, k, false});
}

void gt_product_write_tile(const gt_product_writer *w, const gt_product_tile *tile)
{
    for (uint32_t u = 0; u < tile->units; u++)
        start_unit(w, tile, u);
    uint32_t terms = w->product->added ? w->product->member_count : 1;
    for (uint32_t term = 0; term < terms; term++)
        add_term(w, tile, term);
    store(w, tile);
}

/* ---- the sums of left's rows ------------------------------------------------------------------- */

static void add_lefts(const gt_product_writer *w, const gt_product_tile *tile, int64_t k, bool looping)
{
    int to = (int)tile->units;
    for (uint32_t u = 0; u < tile->units; u++) {
        gt_left_at left = {tile->first, tile->first + u, 0, k, looping};
        gt_product_load_left(w, left, to);
        gt_encode_binary(w->e, GT_VECTOR_ADD, (int)u, (int)u, gt_location_register(to));
    }
}

/* In the order of the inner positions, as the kernels' sums are. */
static void sum_units(const gt_product_writer *w, const gt_product_tile *tile)
{
    int64_t looped = gt_product_loop_inner(w, tile);
    gt_product_bring_lefts(w, tile, 0);
    for (uint32_t u = 0; u < tile->units; u++)
        gt_encode_zero(w->e, (int)u);
    if (looped > 0) {
        size_t again = begin_loop(w);
        for (int64_t k = 0; k < GT_PRODUCT_UNROLLED; k++)
            add_lefts(w, tile, k, true);
        end_loop(w, tile, looped, again);
    }
    for (int64_t k = looped; k < w->product->inner; k++)
        add_lefts(w, tile, k, false);
}

static void store_sums(const gt_product_writer *w, const gt_product_tile *tile)
{
    for (uint32_t u = 0; u < tile->units; u++) {
        uint32_t unit = tile->first + u;
        gt_product_bring_array(w, GT_PRODUCT_TEMPORARY, member_of(w, unit)->left_sums);
        gt_location place = output_place(w, unit, 0, 0);
        if (gt_product_unit_rows(w, unit) == w->lanes)
            gt_encode_store(w->e, place, (int)u);
        else
            store_rest(w, place, (int)u, (int)tile->units);
    }
}

/* Some units side by side, of which each waits for its last addition. */
void gt_product_write_sums(const gt_product_writer *w)
{
    enum { SIDE_BY_SIDE = 8 };
    gt_product_tile tile = {.width = 1};
    for (uint32_t unit = 0; unit < w->product->member_count * w->member_units; unit += tile.units) {
        tile.first = unit;
        tile.units = 0;
        while (tile.units < SIDE_BY_SIDE && unit + tile.units < w->product->member_count * w->member_units &&
               member_of(w, unit + tile.units)->left_sums != GT_NO_ARRAY &&
               gt_product_member_of(w, unit + tile.units) < gt_product_member_of(w, unit) + GT_PRODUCT_MOST_LEFTS)
            tile.units++;
        if (tile.units == 0) {
            tile.units = 1;
            continue;
        }
        sum_units(w, &tile);
        store_sums(w, &tile);
    }
}
