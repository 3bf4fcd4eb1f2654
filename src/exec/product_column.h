/*
 * A matrix times one column, for one instruction set and one type: included by
 * product_tile.h, whose names it uses. A tile one column wide waits for its few sums;
 * here as many sums run side by side as hide the time that an addition takes, and
 * memory is read along, not across. Each sum is in the order of `inner`, as everywhere.
 */
#define TILE_EIGHT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

/* ---- packed: eight vectors of rows from several panels, each read from its beginning to its end -------- */

#define TILE_PANEL_VECTORS (TILE_HEIGHT / (1 + TILE_HALVES))
#define TILE_PANEL (TILE_PANEL_VECTORS * TILE_LANES)
#define TILE_PANEL_AT(v) (panel_##v + ((v) % TILE_PANEL_VECTORS) * TILE_LANES)
#define TILE_PANEL_POINTER(v) const TILE_SCALAR *panel_##v = left + ((v) / TILE_PANEL_VECTORS) * TILE_PANEL * inner;
#define TILE_PANEL_START(v) TILE_VECTOR sum_##v = start == NULL ? TILE_ZERO() : TILE_LOAD(start + (v)*TILE_LANES);
#define TILE_PANEL_ADD(v) sum_##v = TILE_MULTIPLY_ADD(TILE_LOAD(TILE_PANEL_AT(v) + at), factor, sum_##v);
#define TILE_PANEL_STORE(v) TILE_STORE(output + (v)*TILE_LANES, sum_##v);

/* Only whole panels, and only as many as make eight vectors; the rows that it has done. */
TILE_TARGET static int64_t TILE_NAME(packed_times_column)(const gt_matrix_column *run)
{
    const int64_t inner = run->inner;
    int64_t row = 0;
    for (; row + 8 * TILE_LANES <= run->rows; row += 8 * TILE_LANES) {
        const TILE_SCALAR *left = (const TILE_SCALAR *)run->left + row * inner, *right = run->right;
        const TILE_SCALAR *start = run->addend == NULL ? NULL : (const TILE_SCALAR *)run->addend + row;
        TILE_SCALAR *output = (TILE_SCALAR *)run->output + row;
        TILE_EIGHT(TILE_PANEL_POINTER)
        TILE_EIGHT(TILE_PANEL_START)
        for (int64_t at = 0; at < TILE_PANEL * inner; at += TILE_PANEL, right += run->right_stride) {
            const TILE_VECTOR factor = TILE_SET(right);
            TILE_EIGHT(TILE_PANEL_ADD)
        }
        TILE_EIGHT(TILE_PANEL_STORE)
    }
    return row;
}

/* ---- plain: up to eight columns at once are added to the output, which stays in the nearest cache ------ */

#define TILE_COLUMN_POINTER(j) const TILE_SCALAR *column_##j = left + (j < count ? j : 0) * leading;
#define TILE_COLUMN_FACTOR(j) const TILE_VECTOR factor_##j = TILE_SET(right + (j < count ? j : 0) * right_stride);
#define TILE_COLUMN_ADD(j)                                                                                             \
    if (j < count)                                                                                                     \
        sum = TILE_MULTIPLY_ADD(TILE_NAME(load_some)(column_##j + i, whole, mask), factor_##j, sum);

TILE_INLINE void TILE_NAME(add_columns)(const gt_matrix_column *run, int64_t at, const int count)
{
    const int64_t leading = run->left_leading, right_stride = run->right_stride;
    const TILE_SCALAR *left = (const TILE_SCALAR *)run->left + at * leading;
    const TILE_SCALAR *right = (const TILE_SCALAR *)run->right + at * right_stride;
    TILE_SCALAR *output = run->output;
    const TILE_SCALAR *start = at > 0 ? output : run->addend;
    TILE_EIGHT(TILE_COLUMN_POINTER)
    TILE_EIGHT(TILE_COLUMN_FACTOR)
    const int64_t rest = run->rows % TILE_LANES, rows = run->rows - rest;
    TILE_MASK mask = TILE_MASK_OF(rest > 0 ? rest : 1);
    bool whole = true;
    for (int64_t i = 0; i < rows; i += TILE_LANES) {
        TILE_VECTOR sum = start == NULL ? TILE_ZERO() : TILE_LOAD(start + i);
        TILE_EIGHT(TILE_COLUMN_ADD)
        TILE_STORE(output + i, sum);
    }
    if (rest == 0)
        return;
    const int64_t i = rows;
    whole = false;
    TILE_VECTOR sum = start == NULL ? TILE_ZERO() : TILE_LOAD_PART(start + i, mask);
    TILE_EIGHT(TILE_COLUMN_ADD)
    TILE_STORE_PART(output + i, sum, mask);
}

TILE_TARGET static int64_t TILE_NAME(plain_times_column)(const gt_matrix_column *run)
{
    int64_t at = 0;
    for (; at + 8 <= run->inner; at += 8)
        TILE_NAME(add_columns)(run, at, 8);
    for (; at + 3 <= run->inner; at += 3)
        TILE_NAME(add_columns)(run, at, 3);
    for (; at < run->inner; at++)
        TILE_NAME(add_columns)(run, at, 1);
    return run->rows;
}
