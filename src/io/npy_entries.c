/* The entries of a .npy array: from a file's order and type to column-major and the library's. */
#include "io/npy.h"

#include <inttypes.h>
#include <math.h>
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

/* The bits of an entry; those above its size are 0. */
static uint64_t load(const gt_npy_layout *layout, const uint8_t *bytes)
{
    uint64_t bits8;
    uint32_t bits4;
    uint16_t bits2;
    switch (layout->type->item_size) {
    case 8:
        memcpy(&bits8, bytes, sizeof bits8);
        return layout->swapped ? __builtin_bswap64(bits8) : bits8;
    case 4:
        memcpy(&bits4, bytes, sizeof bits4);
        return layout->swapped ? __builtin_bswap32(bits4) : bits4;
    case 2:
        memcpy(&bits2, bytes, sizeof bits2);
        return layout->swapped ? __builtin_bswap16(bits2) : bits2;
    default:
        return *bytes;
    }
}

/* Half precision (IEEE 754 binary16) as single, which has all of its numbers. */
static float half_to_float(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    float fraction = (float)(bits & 1023), value = ldexpf(fraction, -24);
    if (exponent == 31)
        value = fraction != 0 ? NAN : INFINITY;
    else if (exponent > 0)
        value = ldexpf(fraction + 1024, exponent - 25);
    return (bits >> 15 & 1) != 0 ? -value : value;
}

/* The upper half of a single. */
static float brain_to_float(uint64_t bits)
{
    uint32_t single = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &single, sizeof value);
    return value;
}

/* The value of the lowest `size` bytes in two's complement. */
static int64_t sign_extend(uint64_t bits, uint32_t size)
{
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    return (int64_t)((bits ^ sign) - sign);
}

/* Whole numbers as doubles, which hold all of them up to 2^53 and some beyond: those are not
 * guessed at. */
static gt_status store_wide(gt_npy_cursor *cursor, uint64_t bits, double *out, gt_error *error)
{
    const gt_file_type *type = cursor->layout->type;
    const int64_t limit = (int64_t)1 << 53;
    bool is_signed = type->code[0] == 'i';
    int64_t value = is_signed ? sign_extend(bits, type->item_size) : (int64_t)bits;
    if (is_signed ? value > limit || value < -limit : bits > (uint64_t)limit) {
        if (is_signed)
            return gt_error_set(error, GT_ERROR_VALUE,
                                "has the entry %" PRId64 ", which no double holds exactly: whole numbers go up to "
                                "2^53",
                                value);
        return gt_error_set(error, GT_ERROR_VALUE,
                            "has the entry %" PRIu64 ", which no double holds exactly: whole numbers go up to 2^53",
                            bits);
    }
    cursor->beyond = cursor->beyond || value < INT32_MIN || value > INT32_MAX;
    out[cursor->place] = (double)value;
    return GT_OK;
}

/* Puts one entry, given as its bits, to its place. */
static gt_status store(gt_npy_cursor *cursor, uint64_t bits, void *out, gt_error *error)
{
    const gt_file_type *type = cursor->layout->type;
    if (type->wide)
        return store_wide(cursor, bits, out, error);
    if (type->dtype == GT_F64) {
        memcpy((double *)out + cursor->place, &bits, sizeof bits);
    } else if (type->dtype == GT_I32) {
        ((int32_t *)out)[cursor->place] = type->code[0] == 'b'   ? bits != 0
                                          : type->code[0] == 'u' ? (int32_t)bits
                                                                 : (int32_t)sign_extend(bits, type->item_size);
    } else if (type->item_size == 2) {
        ((float *)out)[cursor->place] = type->code[0] == GT_NPY_BRAIN[0] ? brain_to_float(bits) : half_to_float(bits);
    } else {
        uint32_t single = (uint32_t)bits;
        memcpy((float *)out + cursor->place, &single, sizeof single);
    }
    return GT_OK;
}

gt_status gt_npy_place(gt_npy_cursor *cursor, const uint8_t *bytes, int64_t count, void *out, gt_error *error)
{
    const gt_npy_layout *layout = cursor->layout;
    size_t size = gt_dtype_size(layout->type->dtype);
    bool column_major = layout->column_major || layout->shape.rank <= 1;
    if (column_major && !layout->swapped && !layout->type->wide && layout->type->item_size == size) {
        memcpy((uint8_t *)out + (size_t)cursor->place * size, bytes, (size_t)count * size);
        cursor->place += count;
        return GT_OK;
    }
    for (int64_t i = 0; i < count; i++) {
        gt_status status = store(cursor, load(layout, bytes + i * layout->type->item_size), out, error);
        if (status != GT_OK)
            return status;
        if (column_major)
            cursor->place++;
        else
            advance(cursor);
    }
    return GT_OK;
}

void gt_npy_narrow(const gt_npy_cursor *cursor, gt_array *array)
{
    if (!cursor->layout->type->wide || cursor->beyond)
        return;
    /* Front to back: an entry is read before what it was is overwritten. */
    for (int64_t i = 0; i < gt_shape_count(array->shape); i++) {
        double value;
        memcpy(&value, (const double *)array->data + i, sizeof value);
        int32_t whole = (int32_t)value;
        memcpy((int32_t *)array->data + i, &whole, sizeof whole);
    }
    array->dtype = GT_I32;
}
