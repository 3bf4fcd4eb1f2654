/*
 * Sums over axes for planned programs. Terms are added in eights and the sums of
 * eights in pairs, so that the error grows with the logarithm of their number,
 * as in reduce.c; the order depends on the shape alone, and on the level of the
 * processor only where neighbours within a column are added.
 */
#include "base/types.h"
#include "ops/levels.h"
#include "ops/reduce.h"

#include <string.h>

enum {
    ROWS = 256,  /* of a block whose columns are added */
    JOINED = 64, /* short columns are joined until they are this long */
    EIGHT = 8
};

#define SUM_OF_EIGHT(AT) (((AT(0) + AT(1)) + (AT(2) + AT(3))) + ((AT(4) + AT(5)) + (AT(6) + AT(7))))
#define COLUMN(K) x[(K)*leading + r]

#define FAST_SUMS(TYPE, SUFFIX)                                                                                        \
    /* total[r] = the sum over columns of x[c * leading + r], for up to ROWS rows. */                                  \
    GT_LANE void add_few_##SUFFIX(const TYPE *x, size_t leading, size_t rows, size_t columns, TYPE *total)             \
    {                                                                                                                  \
        if (columns == EIGHT) {                                                                                        \
            GT_EACH_ENTRY                                                                                              \
            for (size_t r = 0; r < rows; r++)                                                                          \
                total[r] = SUM_OF_EIGHT(COLUMN);                                                                       \
            return;                                                                                                    \
        }                                                                                                              \
        memcpy(total, x, rows * sizeof *x);                                                                            \
        for (size_t c = 1; c < columns; c++) {                                                                         \
            GT_EACH_ENTRY                                                                                              \
            for (size_t r = 0; r < rows; r++)                                                                          \
                total[r] += x[c * leading + r];                                                                        \
        }                                                                                                              \
    }                                                                                                                  \
    /* Eights as they come; sums of as many eights are added to each other at once. */                                 \
    GT_LANE void add_columns_##SUFFIX(const TYPE *x, size_t leading, size_t rows, size_t columns, TYPE *total)         \
    {                                                                                                                  \
        enum { LEVELS = 48 };                                                                                          \
        TYPE waiting[LEVELS][ROWS];                                                                                    \
        bool full[LEVELS] = {false};                                                                                   \
        size_t top = 0;                                                                                                \
        for (size_t first = 0; first < columns; first += EIGHT) {                                                      \
            size_t few = columns - first < EIGHT ? columns - first : EIGHT, level = 0;                                 \
            add_few_##SUFFIX(x + first * leading, leading, rows, few, total);                                          \
            for (; full[level]; level++) {                                                                             \
                GT_EACH_ENTRY                                                                                          \
                for (size_t r = 0; r < rows; r++)                                                                      \
                    total[r] += waiting[level][r];                                                                     \
                full[level] = false;                                                                                   \
            }                                                                                                          \
            memcpy(waiting[level], total, rows * sizeof *total);                                                       \
            full[level] = true;                                                                                        \
            top = level > top ? level : top;                                                                           \
        }                                                                                                              \
        memset(total, 0, rows * sizeof *total);                                                                        \
        for (size_t level = 0; level <= top; level++)                                                                  \
            for (size_t r = 0; r < rows && full[level]; r++)                                                           \
                total[r] += waiting[level][r];                                                                         \
    }                                                                                                                  \
    /* A run of neighbours: vectors of 64 bytes, four at a time. */                                                    \
    typedef TYPE vector_##SUFFIX __attribute__((vector_size(64)));                                                     \
    GT_LANE TYPE add_piece_##SUFFIX(const TYPE *x, size_t count)                                                       \
    {                                                                                                                  \
        enum { WIDTH = 64 / sizeof(TYPE) };                                                                            \
        vector_##SUFFIX sum_0 = {0}, sum_1 = sum_0, sum_2 = sum_0, sum_3 = sum_0, a, b, c, d;                          \
        size_t i = 0;                                                                                                  \
        for (; i + 4 * WIDTH <= count; i += 4 * WIDTH) {                                                               \
            memcpy(&a, x + i, sizeof a);                                                                               \
            memcpy(&b, x + i + WIDTH, sizeof b);                                                                       \
            memcpy(&c, x + i + 2 * WIDTH, sizeof c);                                                                   \
            memcpy(&d, x + i + 3 * WIDTH, sizeof d);                                                                   \
            sum_0 += a;                                                                                                \
            sum_1 += b;                                                                                                \
            sum_2 += c;                                                                                                \
            sum_3 += d;                                                                                                \
        }                                                                                                              \
        for (; i + WIDTH <= count; i += WIDTH) {                                                                       \
            memcpy(&a, x + i, sizeof a);                                                                               \
            sum_0 += a;                                                                                                \
        }                                                                                                              \
        TYPE lanes[WIDTH], rest[WIDTH] = {0};                                                                          \
        sum_0 = (sum_0 + sum_1) + (sum_2 + sum_3);                                                                     \
        memcpy(lanes, &sum_0, sizeof lanes);                                                                           \
        for (size_t lane = 0; i + lane < count; lane++)                                                                \
            rest[lane] = x[i + lane];                                                                                  \
        for (size_t lane = 0; lane < WIDTH; lane++)                                                                    \
            lanes[lane] += rest[lane];                                                                                 \
        for (size_t half = WIDTH / 2; half > 0; half /= 2)                                                             \
            for (size_t lane = 0; lane < half; lane++)                                                                 \
                lanes[lane] += lanes[lane + half];                                                                     \
        return lanes[0];                                                                                               \
    }                                                                                                                  \
    GT_LANE TYPE add_run_##SUFFIX(const TYPE *x, size_t count)                                                         \
    {                                                                                                                  \
        enum { PIECE = EIGHT * 4 * (64 / sizeof(TYPE)), LEVELS = 56 };                                                 \
        TYPE waiting[LEVELS], total = 0;                                                                               \
        uint64_t full = 0;                                                                                             \
        for (size_t first = 0; first < count; first += PIECE) {                                                        \
            TYPE sum = add_piece_##SUFFIX(x + first, count - first < PIECE ? count - first : PIECE);                   \
            unsigned level = 0;                                                                                        \
            for (; full >> level & 1; level++)                                                                         \
                sum += waiting[level];                                                                                 \
            full = (full >> level | 1) << level;                                                                       \
            waiting[level] = sum;                                                                                      \
        }                                                                                                              \
        for (unsigned level = 0; full >> level != 0; level++)                                                          \
            total += full >> level & 1 ? waiting[level] : 0;                                                           \
        return total;                                                                                                  \
    }                                                                                                                  \
    /* (rows, columns) becomes (rows, 1) or, if `rows` are summed too, (1, 1). */                                      \
    GT_LANE void reduce_block_##SUFFIX(const TYPE *x, size_t rows, size_t columns, TYPE *output, double divisor)       \
    {                                                                                                                  \
        TYPE total[ROWS];                                                                                              \
        size_t joined = 1;                                                                                             \
        while (2 * joined * rows <= JOINED && 2 * joined <= columns)                                                   \
            joined *= 2;                                                                                               \
        size_t whole = columns - columns % joined, height = rows * joined;                                             \
        for (size_t start = 0; start < height; start += ROWS) {                                                        \
            size_t some = height - start < ROWS ? height - start : ROWS;                                               \
            add_columns_##SUFFIX(x + start, height, some, columns / joined, total);                                    \
            for (size_t i = 0; i < (columns - whole) * rows; i++)                                                      \
                total[i] += x[whole * rows + i];                                                                       \
            for (size_t half = height / 2; half >= rows && joined > 1; half /= 2)                                      \
                for (size_t i = 0; i < half; i++)                                                                      \
                    total[i] += total[half + i];                                                                       \
            some = joined > 1 ? rows : some;                                                                           \
            for (size_t r = 0; r < some; r++)                                                                          \
                output[start + r] = (TYPE)(total[r] / divisor);                                                        \
        }                                                                                                              \
    }

FAST_SUMS(double, f64)
FAST_SUMS(float, f32)

/* An array as `outer` blocks of `columns` columns of `rows` entries; a block is summed over its columns or altogether.
 */
typedef struct blocks {
    size_t rows, columns, outer;
    bool whole;
} blocks;

/* False if the summed axes do not stand together: axis 0 and those behind it, or those behind a kept axis 0. */
static bool find_blocks(gt_shape x, gt_shape output, blocks *b)
{
    int axis = 1;
    *b = (blocks){.rows = (size_t)x.size[0], .columns = 1, .outer = 1};
    b->whole = output.size[0] != x.size[0] || x.size[0] == 1;
    for (; axis < GT_MAX_RANK && output.size[axis] == 1; axis++)
        b->columns *= (size_t)x.size[axis];
    for (; axis < GT_MAX_RANK && output.size[axis] == x.size[axis]; axis++)
        b->outer *= (size_t)x.size[axis];
    return axis == GT_MAX_RANK;
}

#define REDUCE_BLOCKS(TYPE, SUFFIX)                                                                                    \
    for (size_t k = 0; k < b->outer; k++) {                                                                            \
        const TYPE *from = (const TYPE *)x + k * b->rows * b->columns;                                                 \
        if (b->whole)                                                                                                  \
            ((TYPE *)output)[k] = (TYPE)(add_run_##SUFFIX(from, b->rows * b->columns) / divisor);                      \
        else                                                                                                           \
            reduce_block_##SUFFIX(from, b->rows, b->columns, (TYPE *)output + k * b->rows, divisor);                   \
    }

#define REDUCE_LEVEL(LEVEL, NAME)                                                                                      \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_blocks(const blocks *b, gt_dtype dtype, const void *x,              \
                                                          void *output, double divisor)                                \
    {                                                                                                                  \
        GT_FOR_REAL(dtype, REDUCE_BLOCKS(double, f64), REDUCE_BLOCKS(float, f32));                                     \
    }

GT_AT_EVERY_LEVEL(REDUCE_LEVEL, reduce)

void gt_reduce_fast_at(unsigned level, gt_array x, gt_array output, double divisor)
{
    static void (*const levels[])(const blocks *, gt_dtype, const void *, void *, double) =
        GT_LEVEL_TABLE(reduce, blocks);
    blocks b;
    if (find_blocks(x.shape, output.shape, &b))
        levels[level](&b, x.dtype, x.data, output.data, divisor);
    else
        gt_reduce(x, output, divisor);
}

void gt_reduce_fast(gt_array x, gt_array output, double divisor)
{
    gt_reduce_fast_at(gt_processor_level(), x, output, divisor);
}
