/*
 * A matrix whose rows lie along, times one column; included by product_tile.h, whose names it uses.
 * Pieces of 16 bytes of as many rows as a vector has lanes are turned in registers, so that each
 * sum is in the order of `inner`, as everywhere. Rows are often a power of two apart and share a
 * set of the cache: so no more than two vectors of them at once, and a whole line of each.
 *
 *   TILE_GATHER(p, step)         one vector of pieces of 16 bytes, at p, p + step, p + 2 * step, ...
 *   TILE_TRANSPOSE_PIECES(rows)  the array `rows` of as many vectors as a piece has elements:
 *                                transposed within their pieces
 *   TILE_MULTIPLY_ADD_ONE(a, b, c)  a * b + c, rounded once, of one element
 */
#define TILE_TWO(DO) DO(0) DO(1)
#define TILE_PIECE ((int)(16 / sizeof(TILE_SCALAR)))
#define TILE_LINE ((int)(64 / sizeof(TILE_SCALAR)))
#define TILE_WRITTEN_OUT _Pragma("GCC unroll 4") /* so that an array of a few vectors is registers */

/* The sums of the rows of one vector go on by a piece. */
TILE_INLINE TILE_VECTOR TILE_NAME(add_piece)(const TILE_SCALAR *left, int64_t leading, const TILE_SCALAR *right,
                                             int64_t right_stride, TILE_VECTOR sum)
{
    TILE_VECTOR rows[16 / sizeof(TILE_SCALAR)];
    TILE_WRITTEN_OUT
    for (int r = 0; r < TILE_PIECE; r++)
        rows[r] = TILE_GATHER(left + r * leading, TILE_PIECE * leading);
    TILE_TRANSPOSE_PIECES(rows)
    TILE_WRITTEN_OUT
    for (int k = 0; k < TILE_PIECE; k++)
        sum = TILE_MULTIPLY_ADD(rows[k], TILE_SET(right + k * right_stride), sum);
    return sum;
}

#define TILE_ROWS_START(v)                                                                                             \
    TILE_VECTOR sum_##v = v >= count || start == NULL ? TILE_ZERO() : TILE_LOAD(start + (v)*TILE_LANES);
#define TILE_ROWS_ADD(v)                                                                                               \
    for (int64_t k = at; v < count && k < at + step; k += TILE_PIECE)                                                  \
        sum_##v = TILE_NAME(add_piece)(left + (v)*TILE_LANES * leading + k, leading, right + k * right_stride,         \
                                       right_stride, sum_##v);
#define TILE_ROWS_STORE(v)                                                                                             \
    if (v < count)                                                                                                     \
        TILE_STORE(output + (v)*TILE_LANES, sum_##v);

/* The rows from `row` on, of which `count` vectors are whole; a line of each row at a time. */
TILE_INLINE void TILE_NAME(add_rows)(const gt_matrix_column *run, int64_t row, const int count)
{
    const int64_t leading = run->left_leading, right_stride = run->right_stride;
    const int64_t inner = run->inner - run->inner % TILE_PIECE;
    const TILE_SCALAR *left = (const TILE_SCALAR *)run->left + row * leading, *right = run->right;
    const TILE_SCALAR *start = run->addend == NULL ? NULL : (const TILE_SCALAR *)run->addend + row;
    TILE_SCALAR *output = (TILE_SCALAR *)run->output + row;
    TILE_TWO(TILE_ROWS_START)
    for (int64_t at = 0, step; at < inner; at += step) {
        step = at + TILE_LINE <= inner ? TILE_LINE : TILE_PIECE;
        TILE_TWO(TILE_ROWS_ADD)
    }
    TILE_TWO(TILE_ROWS_STORE)
    for (int64_t i = 0; i < count * TILE_LANES && inner < run->inner; i++)
        for (int64_t k = inner; k < run->inner; k++)
            output[i] = TILE_MULTIPLY_ADD_ONE(left[i * leading + k], right[k * right_stride], output[i]);
}

TILE_TARGET int64_t TILE_NAME(gt_transposed_times_column)(const gt_matrix_column *run)
{
    int64_t row = 0;
    for (; row + 2 * TILE_LANES <= run->rows; row += 2 * TILE_LANES)
        TILE_NAME(add_rows)(run, row, 2);
    for (; row + TILE_LANES <= run->rows; row += TILE_LANES)
        TILE_NAME(add_rows)(run, row, 1);
    for (; row < run->rows; row++) {
        const TILE_SCALAR *left = (const TILE_SCALAR *)run->left + row * run->left_leading, *right = run->right;
        TILE_SCALAR sum = run->addend == NULL ? 0 : ((const TILE_SCALAR *)run->addend)[row];
        for (int64_t k = 0; k < run->inner; k++)
            sum = TILE_MULTIPLY_ADD_ONE(left[k], right[k * run->right_stride], sum);
        ((TILE_SCALAR *)run->output)[row] = sum;
    }
    return run->rows;
}
