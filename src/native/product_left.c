/* How compiled products read their left operands, whose columns are vectors. */
#include "native/product_writer.h"

/* ---- where they lie -------------------------------------------------------------------------- */

static int64_t padded_rows(const gt_product_writer *w)
{
    return (int64_t)w->member_units * w->lanes;
}

/* In the panel that has the unit: its first row, and entries from one inner position to the next. */
static int64_t panel_begin(const gt_product_writer *w, uint32_t unit)
{
    return gt_product_unit_row(w, unit) / w->product->left_panel * w->product->left_panel;
}

static int64_t panel_stride(const gt_product_writer *w, uint32_t unit)
{
    int64_t rest = padded_rows(w) - panel_begin(w, unit);
    return rest < w->product->left_panel ? rest : w->product->left_panel;
}

/* Entries from one inner position to the next. */
static int64_t stride_of(const gt_product_writer *w, uint32_t unit)
{
    switch (w->product->left_kind) {
    case GT_LEFT_PACKED:
        return panel_stride(w, unit);
    case GT_LEFT_TRANSPOSED:
        return padded_rows(w);
    default:
        return w->product->left_leading;
    }
}

/* Entries from where left begins to a unit. */
static int64_t begin_of(const gt_product_writer *w, uint32_t unit)
{
    int64_t row = gt_product_unit_row(w, unit);
    if (w->product->left_kind != GT_LEFT_PACKED)
        return row;
    return panel_begin(w, unit) * w->product->inner + row - panel_begin(w, unit);
}

int64_t gt_product_left_offset(const gt_product_writer *w, uint32_t unit, int64_t k)
{
    return (begin_of(w, unit) + k * stride_of(w, unit)) * w->size;
}

bool gt_product_left_is_whole(const gt_product_writer *w, uint32_t unit, int64_t k)
{
    const gt_compiled_product *p = w->product;
    if (p->left_kind != GT_LEFT_PLAIN)
        return true; /* padded */
    int64_t end = k * p->left_leading + gt_product_unit_row(w, unit) + w->lanes;
    return end <= (p->inner - 1) * p->left_leading + p->rows;
}

/* Few enough inner positions for all of them to be written one after the other. */
static bool is_short(const gt_product_writer *w, const gt_product_tile *tile)
{
    return w->product->inner * (tile->units * tile->width + tile->units + tile->width) <= w->most_unrolled;
}

gt_product_tile gt_product_tile_from(const gt_product_writer *w, uint32_t first, uint32_t most, int64_t width)
{
    uint32_t rest = w->units - first;
    gt_product_tile tile = {first, rest < most ? rest : most, width};
    if (is_short(w, &tile))
        return tile;
    uint32_t alike = 1; /* a loop goes through all units by one distance */
    while (alike < tile.units && stride_of(w, first + alike) == stride_of(w, first))
        alike++;
    tile.units = alike;
    return tile;
}

int64_t gt_product_loop_inner(const gt_product_writer *w, const gt_product_tile *tile)
{
    int64_t whole = w->product->inner;
    if (is_short(w, tile))
        return 0;
    for (uint32_t u = 0; u < tile->units; u++)
        while (whole > 0 && !gt_product_left_is_whole(w, tile->first + u, whole - 1))
            whole--;
    return whole / GT_PRODUCT_UNROLLED * GT_PRODUCT_UNROLLED;
}

/* ---- reading --------------------------------------------------------------------------------- */

void gt_product_bring_array(const gt_product_writer *w, gt_general to, uint32_t array)
{
    gt_encode_load(w->e, to, gt_location_memory(GT_PRODUCT_ARRAYS, GT_NO_GENERAL, (int32_t)array * 8));
}

void gt_product_bring_lefts(const gt_product_writer *w, const gt_product_tile *tile, uint32_t term)
{
    if (w->product->left_kind == GT_LEFT_TRANSPOSED)
        return;
    uint32_t begin = gt_product_member_of(w, tile->first);
    uint32_t end = gt_product_member_of(w, tile->first + tile->units - 1);
    for (uint32_t m = begin; m <= end; m++)
        gt_product_bring_array(w, (gt_general)(GT_PRODUCT_FIRST_LEFT + (m - begin)),
                               w->product->members[m + term].left);
}

gt_location gt_product_left_place(const gt_product_writer *w, gt_left_at at)
{
    int64_t offset = gt_product_left_offset(w, at.unit, at.k);
    uint32_t member = gt_product_member_of(w, at.unit);
    gt_general base = (gt_general)(GT_PRODUCT_FIRST_LEFT + (member - gt_product_member_of(w, at.first)));
    if (w->product->left_kind == GT_LEFT_TRANSPOSED) {
        base = GT_RSP;
        offset += (int64_t)(member + at.term) * padded_rows(w) * w->product->inner * w->size;
    }
    return gt_location_memory(base, at.looping ? GT_PRODUCT_INNER_AT : GT_NO_GENERAL, (int32_t)offset);
}

void gt_product_load_left(const gt_product_writer *w, gt_left_at at, int to)
{
    gt_location place = gt_product_left_place(w, at);
    if (at.looping || gt_product_left_is_whole(w, at.unit, at.k))
        gt_encode_move(w->e, to, place);
    else
        gt_encode_move_masked(w->e, to, place, w->mask);
}

/* ---- transposed ones ------------------------------------------------------------------------- */

size_t gt_product_stack_bytes(const gt_product_writer *w)
{
    const gt_compiled_product *p = w->product;
    if (p->left_kind != GT_LEFT_TRANSPOSED)
        return 0;
    return (size_t)(p->member_count * padded_rows(w) * p->inner * w->size);
}

/* Entry by entry: they are few. What pads the last vector of rows is never stored. */
static void turn_left(const gt_product_writer *w, uint32_t member)
{
    const gt_compiled_product *p = w->product;
    int64_t begin = member * padded_rows(w) * p->inner;
    gt_product_bring_array(w, GT_PRODUCT_TEMPORARY, p->members[member].left);
    for (int64_t k = 0; k < p->inner; k++)
        for (int64_t row = 0; row < p->rows; row++) {
            int64_t from = (k + row * p->left_leading) * w->size, to = (begin + k * padded_rows(w) + row) * w->size;
            gt_encode_load_lowest(w->e, 0, gt_location_memory(GT_PRODUCT_TEMPORARY, GT_NO_GENERAL, (int32_t)from));
            gt_encode_store_lowest(w->e, gt_location_memory(GT_RSP, GT_NO_GENERAL, (int32_t)to), 0);
        }
}

void gt_product_turn_lefts(const gt_product_writer *w)
{
    if (w->product->left_kind != GT_LEFT_TRANSPOSED)
        return;
    for (uint32_t m = 0; m < w->product->member_count; m++)
        turn_left(w, m);
}
