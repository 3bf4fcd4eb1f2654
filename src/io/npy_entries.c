/* The entries of a .npy array: from a file's order and type to column-major and the library's. */
#include "io/npy.h"

#include <inttypes.h>
#include <string.h>

void gt_npy_cursor_start(gt_npy_cursor *cursor, const gt_npy_layout *layout)
{
    *cursor = (gt_npy_cursor){.layout = layout};
    int64_t stride = 1;
    for (int i = 0; i < GT_MAX_RANK; i++) {
        cursor->stride[i] = stride;
        stride *= layout->shape.size[i];
    }
}

/* C order: the last index moves fastest. */
static void advance(gt_npy_cursor *cursor)
{
    const int64_t *size = cursor->layout->shape.size;
    for (int i = GT_MAX_RANK - 1; i >= 0; i--) {
        cursor->place += cursor->stride[i];
        if (++cursor->index[i] < size[i])
            return;
        cursor->place -= cursor->stride[i] * size[i];
        cursor->index[i] = 0;
    }
}

static uint64_t load(const gt_npy_layout *layout, const uint8_t *bytes)
{
    if (layout->item_size == 8) {
        uint64_t bits;
        memcpy(&bits, bytes, sizeof bits);
        return layout->swapped ? __builtin_bswap64(bits) : bits;
    }
    uint32_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return layout->swapped ? __builtin_bswap32(bits) : bits;
}

/* Puts one entry, given as its bits, to its place. */
static gt_status store(const gt_npy_cursor *cursor, uint64_t bits, void *out, gt_error *error)
{
    const gt_npy_layout *layout = cursor->layout;
    if (layout->dtype == GT_F64) {
        memcpy((double *)out + cursor->place, &bits, sizeof bits);
        return GT_OK;
    }
    if (layout->dtype == GT_I32 && layout->item_size == 8) {
        int64_t value = (int64_t)bits;
        if (value < INT32_MIN || value > INT32_MAX)
            return gt_error_set(error, GT_ERROR_VALUE,
                                "has the entry %" PRId64 ", which is outside of 32-bit integers",
                                value);
    }
    /* The low half: an f4 and an i4 as they are, an i8 that fits cut to its i4. */
    uint32_t low = (uint32_t)bits;
    memcpy((uint32_t *)out + cursor->place, &low, sizeof low);
    return GT_OK;
}

gt_status gt_npy_place(gt_npy_cursor *cursor, const uint8_t *bytes, int64_t count, void *out,
                       gt_error *error)
{
    const gt_npy_layout *layout = cursor->layout;
    size_t size = gt_dtype_size(layout->dtype);
    bool column_major = layout->column_major || layout->shape.rank <= 1;
    if (column_major && !layout->swapped && layout->item_size == size) {
        memcpy((uint8_t *)out + (size_t)cursor->place * size, bytes, (size_t)count * size);
        cursor->place += count;
        return GT_OK;
    }
    for (int64_t i = 0; i < count; i++) {
        gt_status status = store(cursor, load(layout, bytes + i * layout->item_size), out, error);
        if (status != GT_OK)
            return status;
        if (column_major)
            cursor->place++;
        else
            advance(cursor);
    }
    return GT_OK;
}
