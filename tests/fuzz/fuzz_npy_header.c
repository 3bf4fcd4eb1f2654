/* Any bytes as what stands before the entries of a .npy array. */
#include "fuzz.h"

#include "io/npy.h"

#include <stdlib.h>
#include <string.h>

/* What is written of such an array is read back as the same. */
static void write_and_read(const gt_npy_layout *layout)
{
    gt_npy_preamble preamble;
    gt_array array = {.dtype = layout->type->dtype, .shape = layout->shape};
    gt_npy_format_preamble(array, &preamble);
    gt_npy_layout again = {.shape = GT_SCALAR};
    uint32_t length_size = 0;
    gt_error error = {0};
    if (gt_npy_check_magic((const uint8_t *)preamble.bytes, &length_size, &error) != GT_OK)
        abort();
    size_t start = GT_NPY_MAGIC_SIZE + length_size;
    uint32_t length = gt_npy_header_length((const uint8_t *)preamble.bytes + GT_NPY_MAGIC_SIZE, length_size);
    gt_status status = gt_npy_parse_header(preamble.bytes + start, length, &again, &error);
    /* What takes more bytes in memory than in the file may there be beyond the limit. */
    if (status == GT_ERROR_SIZE && gt_dtype_size(array.dtype) > layout->type->item_size)
        return;
    if (start + length != preamble.size || status != GT_OK || again.type->dtype != array.dtype ||
        again.shape.rank != array.shape.rank || !gt_shape_equal(again.shape, array.shape))
        abort();
}

static void check(const gt_npy_layout *layout)
{
    int64_t count = gt_shape_count(layout->shape);
    if (layout->type == NULL || count < 1 || count > GT_NPY_MAX_BYTES / layout->type->item_size)
        abort();
    write_and_read(layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t length_size = 0;
    gt_error error = {0};
    gt_npy_layout layout = {0};
    /* Mostly the text of the header alone, which is where there is something to be found. */
    if (size > 0 && data[0] == 0x93) {
        if (size < GT_NPY_MAGIC_SIZE + 4 || gt_npy_check_magic(data, &length_size, &error) != GT_OK)
            return 0;
        size_t start = GT_NPY_MAGIC_SIZE + length_size;
        uint32_t length = gt_npy_header_length(data + GT_NPY_MAGIC_SIZE, length_size);
        if (length > size - start)
            return 0;
        data += start;
        size = length;
    }
    if (gt_npy_parse_header((const char *)data, size, &layout, &error) == GT_OK)
        check(&layout);
    else if (error.message[0] == '\0')
        abort();
    return 0;
}
