/* Entries are moved as bits, so that a NaN keeps all of its own. */
#include "layouts/move.h"

#include "base/types.h"

#include <string.h>

static int64_t place_of(const gt_layout_region *region, int64_t i, int64_t j)
{
    return region->base + i * region->row_stride + j * region->column_stride;
}

/* Entries are moved as bits, of which there are 32 or 64. */
static bool is_short(gt_dtype dtype)
{
    return gt_dtype_size(dtype) == sizeof(uint32_t);
}

/* The bits of an entry; 0 where there is none. */
static uint64_t read_bits(gt_dtype dtype, gt_layout_part part, int64_t i, int64_t j)
{
    if (part.region == NULL || part.data == NULL)
        return 0;
    int64_t place = place_of(part.region, i, j);
    return is_short(dtype) ? ((const uint32_t *)part.data)[place] : ((const uint64_t *)part.data)[place];
}

static uint64_t sign_of(gt_dtype dtype)
{
    return (uint64_t)1 << (8 * gt_dtype_size(dtype) - 1);
}

static bool is_zero(gt_dtype dtype, uint64_t bits)
{
    return (bits & ~sign_of(dtype)) == 0;
}

#define SUM_OF_BITS(SUFFIX, BITS, REAL)                                                                                \
    static BITS sum_##SUFFIX(BITS a, BITS b)                                                                           \
    {                                                                                                                  \
        BITS bits[] = {a, b};                                                                                          \
        REAL values[2];                                                                                                \
        memcpy(values, bits, sizeof values);                                                                           \
        values[0] += values[1];                                                                                        \
        memcpy(bits, values, sizeof bits);                                                                             \
        return bits[0];                                                                                                \
    }
SUM_OF_BITS(f64, uint64_t, double)
SUM_OF_BITS(f32, uint32_t, float)

/* A zero leaves the other as it is: -0 stays -0, so that the way back gives the same bits. */
static uint64_t sum(gt_dtype dtype, uint64_t a, uint64_t b)
{
    if (is_zero(dtype, b))
        return a;
    if (is_zero(dtype, a))
        return b;
    GT_FOR_REAL(dtype, return sum_f64(a, b), return sum_f32((uint32_t)a, (uint32_t)b));
    return 0;
}

void gt_layout_move(gt_dtype dtype, gt_layout_part to, gt_layout_part from, gt_layout_part second)
{
    const gt_layout_region *region = to.region;
    bool negated = from.region != NULL && from.region->negated != region->negated;
    uint64_t flipped = negated ? sign_of(dtype) : 0;
    for (int64_t j = 0; j < region->columns; j++)
        for (int64_t i = 0; i < region->rows; i++) {
            int64_t place = place_of(region, i, j);
            uint64_t bits = sum(dtype, read_bits(dtype, from, i, j), read_bits(dtype, second, i, j)) ^ flipped;
            if (is_short(dtype))
                ((uint32_t *)to.data)[place] = (uint32_t)bits;
            else
                ((uint64_t *)to.data)[place] = bits;
        }
}

void gt_layout_transpose(gt_dtype dtype, const void *from, void *to, int64_t rows, int64_t columns)
{
    size_t size = gt_dtype_size(dtype);
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++)
            memcpy((char *)to + (size_t)(j + i * columns) * size, (const char *)from + (size_t)(i + j * rows) * size,
                   size);
}
