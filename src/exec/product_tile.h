/*
 * The kernels of one instruction set and one type. No include guard: each file
 * defines the names below and includes this once for each type.
 *
 *   TILE_NAME(word)      word with the suffix of this set and type
 *   TILE_KERNELS         the gt_product_kernels, with TILE_SET_NAME
 *   TILE_TARGET          attributes that permit the instructions, with TILE_UNSANITIZED
 *   TILE_SCALAR, TILE_VECTOR, TILE_LANES
 *   TILE_ZERO(), TILE_LOAD(p), TILE_STORE(p, v), TILE_SET(p): the scalar at p in every lane
 *   TILE_MULTIPLY_ADD(a, b, c): a * b + c
 *   TILE_MASK, TILE_MASK_OF(count): selects the first `count` lanes, at least one
 *   TILE_LOAD_PART(p, mask), TILE_STORE_PART(p, v, mask): touch no other lane's memory
 *   TILE_MASKS_ARE_FREE  1 if TILE_LOAD_PART costs no more than TILE_LOAD
 *   TILE_HEIGHT, TILE_WIDTH: of the tallest tile, in units and columns
 *   TILE_SHAPES(DO)      DO(units, width) for every tile that fits the registers
 *   TILE_WIDEST          the columns of the widest tile, by units - 1
 *   TILE_HALVES          1 if a unit is half a vector, which TILE_HALF_... handle as above; 0
 *                        if it is a vector. TILE_LOW(v) is the lower half of a vector.
 *   TILE_TIMES_COLUMN    1 if product_column.h is to make kernels for one column; then
 *                        TILE_TRANSPOSED_TIMES_COLUMN is that of product_column_transposed.h
 *
 * A tile is a number of whole row vectors, `height`, and perhaps a half. It is
 * written out by macros for constant height and width, so that its sums are
 * registers under any compiler.
 */
#define TILE_COLUMNS_6(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define TILE_COLUMNS(DO) TILE_COLUMNS_6(DO) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

#define TILE_WIDTHS_6(DO, h) DO(h, 1) DO(h, 2) DO(h, 3) DO(h, 4) DO(h, 5) DO(h, 6)
#define TILE_WIDTHS_8(DO, h) TILE_WIDTHS_6(DO, h) DO(h, 7) DO(h, 8)
#define TILE_WIDTHS_12(DO, h) TILE_WIDTHS_8(DO, h) DO(h, 9) DO(h, 10) DO(h, 11) DO(h, 12)

#define TILE_UNIT (TILE_LANES / (1 + TILE_HALVES))
#define TILE_INLINE static inline __attribute__((always_inline)) TILE_TARGET

TILE_INLINE TILE_VECTOR TILE_NAME(load_some)(const TILE_SCALAR *from, bool whole, TILE_MASK mask)
{
    return whole ? TILE_LOAD(from) : TILE_LOAD_PART(from, mask);
}

TILE_INLINE void TILE_NAME(store_some)(TILE_SCALAR *to, TILE_VECTOR value, bool whole, TILE_MASK mask)
{
    if (whole)
        TILE_STORE(to, value);
    else
        TILE_STORE_PART(to, value, mask);
}

/* Sums are sum_ROWVECTOR_COLUMN and half_COLUMN; what a shape lacks is never used. */
#define TILE_DECLARE(j)                                                                                                \
    TILE_VECTOR sum_0_##j = TILE_ZERO(), sum_1_##j = sum_0_##j, sum_2_##j = sum_0_##j, sum_3_##j = sum_0_##j;          \
    TILE_HALF_DECLARE(j)

#define TILE_EACH(DO, DO_HALF, j)                                                                                      \
    if (width > j) {                                                                                                   \
        if (height > 0)                                                                                                \
            DO(0, j)                                                                                                   \
        if (height > 1)                                                                                                \
            DO(1, j)                                                                                                   \
        if (height > 2)                                                                                                \
            DO(2, j)                                                                                                   \
        if (height > 3)                                                                                                \
            DO(3, j)                                                                                                   \
        if (half)                                                                                                      \
            DO_HALF(j)                                                                                                 \
    }

#define TILE_AT(i, j) (output + j * output_stride + i * TILE_LANES)
#define TILE_START_AT(i, j) (addend + j * addend_stride + i * TILE_LANES)
#define TILE_READ_ONE(i, j)                                                                                            \
    sum_##i##_##j = TILE_NAME(load_some)(TILE_START_AT(i, j), !part_stored || half || height > i + 1, mask);
#define TILE_WRITE_ONE(i, j)                                                                                           \
    TILE_NAME(store_some)                                                                                              \
    (TILE_AT(i, j), sum_##i##_##j, !part_stored || half || height > i + 1, mask);
#define TILE_ADD_ONE(i, j) sum_##i##_##j = TILE_MULTIPLY_ADD(left_##i, factor, sum_##i##_##j);

#if TILE_HALVES
#define TILE_HALF_DECLARE(j) TILE_HALF_VECTOR half_##j = TILE_HALF_ZERO();
#define TILE_HALF_READ(j) half_##j = TILE_HALF_LOAD_PART(TILE_START_AT(height, j), mask);
#define TILE_HALF_WRITE(j) TILE_HALF_STORE_PART(TILE_AT(height, j), half_##j, mask);
/* The factor in all lanes of a whole vector is there already if the tile has any. */
#define TILE_HALF_ADD(j)                                                                                               \
    half_##j =                                                                                                         \
        TILE_HALF_MULTIPLY_ADD(left_half, height > 0 ? TILE_LOW(factor) : TILE_HALF_SET(TILE_RIGHT_AT(j)), half_##j);
#define TILE_HALF_LOAD_LEFT                                                                                            \
    TILE_HALF_VECTOR left_half = half ? TILE_HALF_LOAD_PART(left + height * TILE_LANES, mask) : TILE_HALF_ZERO();
#else
#define TILE_HALF_DECLARE(j)
#define TILE_HALF_READ(j) (void)0;
#define TILE_HALF_WRITE(j) (void)0;
#define TILE_HALF_ADD(j) (void)0;
#define TILE_HALF_LOAD_LEFT
#endif

/* Three columns of right share a pointer: an address can add 0, 1 or 2 strides to it. */
#define TILE_RIGHT(j) (j < 3 ? right_0 : j < 6 ? right_3 : j < 9 ? right_6 : right_9)

#define TILE_RIGHT_AT(j) (TILE_RIGHT(j) + (j % 3) * column_stride)

#define TILE_READ(j) TILE_EACH(TILE_READ_ONE, TILE_HALF_READ, j)
#define TILE_WRITE(j) TILE_EACH(TILE_WRITE_ONE, TILE_HALF_WRITE, j)
#define TILE_ADD(j)                                                                                                    \
    if (width > j) {                                                                                                   \
        TILE_VECTOR factor = TILE_SET(TILE_RIGHT_AT(j));                                                               \
        TILE_EACH(TILE_ADD_ONE, TILE_HALF_ADD, j)                                                                      \
    }

#define TILE_LOAD_LEFT(i)                                                                                              \
    TILE_VECTOR left_##i =                                                                                             \
        height > i ? TILE_NAME(load_some)(left + i * TILE_LANES, !part_loaded || half || height > i + 1, mask)         \
                   : TILE_ZERO();

#define TILE_COPY_LEFT(i)                                                                                              \
    if (height > i)                                                                                                    \
        TILE_STORE(copy + i * TILE_LANES, left_##i);

/* One inner position. */
#define TILE_STEP                                                                                                      \
    TILE_LOAD_LEFT(0)                                                                                                  \
    TILE_LOAD_LEFT(1)                                                                                                  \
    TILE_LOAD_LEFT(2)                                                                                                  \
    TILE_LOAD_LEFT(3)                                                                                                  \
    TILE_HALF_LOAD_LEFT                                                                                                \
    if (copies) {                                                                                                      \
        TILE_COPY_LEFT(0)                                                                                              \
        TILE_COPY_LEFT(1)                                                                                              \
        TILE_COPY_LEFT(2)                                                                                              \
        TILE_COPY_LEFT(3)                                                                                              \
        copy += height * TILE_LANES;                                                                                   \
    }                                                                                                                  \
    TILE_COLUMNS(TILE_ADD)                                                                                             \
    left += left_stride;                                                                                               \
    right_0 += right_stride;                                                                                           \
    right_3 += right_stride;                                                                                           \
    right_6 += right_stride;                                                                                           \
    right_9 += right_stride;

/*
 * part_loaded, part_stored: the last row vector may not be whole in left and in the
 * output. A half is never whole; before one, the vectors are. copies: left is also
 * written to tile->copy, packed, while it is in registers.
 */
TILE_INLINE void TILE_NAME(multiply)(const gt_tile *tile, const int units, const int width, const bool part_loaded,
                                     const bool part_stored, const bool copies)
{
    const int height = units / (1 + TILE_HALVES), half = units % (1 + TILE_HALVES);
    const int64_t column_stride = tile->right_column_stride, right_stride = tile->right_inner_stride;
    const int64_t left_stride = tile->left_stride, output_stride = tile->output_stride;
    const TILE_SCALAR *left = tile->left, *right_0 = tile->right;
    const TILE_SCALAR *right_3 = right_0 + 3 * (width > 3) * column_stride;
    const TILE_SCALAR *right_6 = right_0 + 6 * (width > 6) * column_stride;
    const TILE_SCALAR *right_9 = right_0 + 9 * (width > 9) * column_stride;
    /* Otherwise compilers derive these from one another, or make twelve pointers of them. */
    __asm__("" : "+r"(right_3), "+r"(right_6), "+r"(right_9));
    TILE_SCALAR *output = tile->output, *copy = tile->copy;
    const TILE_MASK mask = TILE_MASK_OF(tile->rows - (height - 1 + half) * TILE_LANES);
    TILE_COLUMNS(TILE_DECLARE)
    if (tile->addend != NULL) {
        const TILE_SCALAR *addend = tile->addend;
        const int64_t addend_stride = tile->addend_stride;
        TILE_COLUMNS(TILE_READ)
    }
    const char *fetched = tile->fetched;
    const int64_t fetched_stride = tile->fetched_stride;
    const char *const *line = tile->lines;
    const int64_t listed = tile->line_count < tile->inner ? tile->line_count : tile->inner;
    for (int64_t inner = listed; inner > 0; inner--) {
        __builtin_prefetch(*line++, 1, 3);
        TILE_STEP
    }
    for (int64_t inner = tile->inner - listed; inner > 0; inner--) {
        __builtin_prefetch(fetched, 0, 2);
        fetched += fetched_stride;
        TILE_STEP
    }
    TILE_COLUMNS(TILE_WRITE)
}

/* Tiles at the lower edge may touch no row that is not there, save for padding of left. */
#define TILE_FUNCTION(units, width)                                                                                    \
    TILE_TARGET static void TILE_NAME(tile_##units##x##width)(const gt_tile *tile)                                     \
    {                                                                                                                  \
        const bool part = tile->rows != units * TILE_UNIT;                                                             \
        if (TILE_MASKS_ARE_FREE || (part && !tile->padded))                                                            \
            TILE_NAME(multiply)(tile, units, width, true, part, false);                                                \
        else                                                                                                           \
            TILE_NAME(multiply)(tile, units, width, false, part, false);                                               \
    }
TILE_SHAPES(TILE_FUNCTION)

TILE_TARGET static void TILE_NAME(tile_copying)(const gt_tile *tile)
{
    TILE_NAME(multiply)(tile, TILE_HEIGHT, TILE_WIDTH, false, false, true);
}

#define TILE_ADD_LEFT(i)                                                                                               \
    if (height > i)                                                                                                    \
        sum_##i = TILE_MULTIPLY_ADD(TILE_LOAD(from + i * TILE_LANES), one, sum_##i);
#define TILE_ADD_TOTAL(i)                                                                                              \
    if (height > i) {                                                                                                  \
        sum_##i = TILE_MULTIPLY_ADD(sum_##i, one, TILE_LOAD(to + i * TILE_LANES));                                     \
        TILE_STORE(to + i * TILE_LANES, sum_##i);                                                                      \
    }

TILE_TARGET static void TILE_NAME(add_row_sums)(const void *left, int64_t left_stride, int64_t rows, int64_t inner,
                                                void *sums)
{
    const int height = TILE_HEIGHT / (1 + TILE_HALVES);
    const TILE_SCALAR *from = left, unit = 1;
    TILE_SCALAR *to = sums;
    if (rows < height * TILE_LANES) {
        for (int64_t i = 0; i < rows; i++) {
            TILE_SCALAR sum = 0;
            for (int64_t k = 0; k < inner; k++)
                sum += from[i + k * left_stride];
            to[i] += sum;
        }
        return;
    }
    const TILE_VECTOR one = TILE_SET(&unit);
    TILE_VECTOR sum_0 = TILE_ZERO(), sum_1 = sum_0, sum_2 = sum_0, sum_3 = sum_0;
    for (; inner > 0; inner--, from += left_stride) {
        TILE_ADD_LEFT(0)
        TILE_ADD_LEFT(1)
        TILE_ADD_LEFT(2)
        TILE_ADD_LEFT(3)
    }
    TILE_ADD_TOTAL(0)
    TILE_ADD_TOTAL(1)
    TILE_ADD_TOTAL(2)
    TILE_ADD_TOTAL(3)
}
#undef TILE_ADD_LEFT
#undef TILE_ADD_TOTAL

#if TILE_TIMES_COLUMN
#include "exec/product_column.h"
#endif
#ifdef TILE_GATHER
#include "exec/product_column_transposed.h"
#endif

#define TILE_ENTRY(units, width) [units - 1][width - 1] = TILE_NAME(tile_##units##x##width),

const gt_product_kernels TILE_KERNELS = {
    .name = TILE_SET_NAME,
    .element_size = sizeof(TILE_SCALAR),
    .lanes = TILE_LANES,
    .unit = TILE_UNIT,
    .height = TILE_HEIGHT * TILE_UNIT,
    .width = TILE_WIDTH,
    .widest = {TILE_WIDEST},
    .add_row_sums = TILE_NAME(add_row_sums),
    .copying_tile = TILE_NAME(tile_copying),
    .tiles = {TILE_SHAPES(TILE_ENTRY)},
#if TILE_TIMES_COLUMN
    .times_column = {TILE_NAME(plain_times_column), TILE_TRANSPOSED_TIMES_COLUMN, TILE_NAME(packed_times_column)},
#endif
};

/* What was said of one type is forgotten, before the next. */
#undef TILE_NAME
#undef TILE_KERNELS
#undef TILE_SCALAR
#undef TILE_VECTOR
#undef TILE_LANES
#undef TILE_ZERO
#undef TILE_LOAD
#undef TILE_STORE
#undef TILE_SET
#undef TILE_MULTIPLY_ADD
#undef TILE_MASK
#undef TILE_MASK_OF
#undef TILE_LOAD_PART
#undef TILE_STORE_PART
#undef TILE_HALF_DECLARE
#undef TILE_HALF_READ
#undef TILE_HALF_WRITE
#undef TILE_HALF_ADD
#undef TILE_HALF_LOAD_LEFT
#undef TILE_HALF_VECTOR
#undef TILE_HALF_ZERO
#undef TILE_HALF_SET
#undef TILE_HALF_MULTIPLY_ADD
#undef TILE_HALF_LOAD_PART
#undef TILE_HALF_STORE_PART
#undef TILE_LOW
#undef TILE_TRANSPOSED_TIMES_COLUMN
#undef TILE_GATHER
#undef TILE_TRANSPOSE_PIECES
#undef TILE_MULTIPLY_ADD_ONE
