/* Any bytes as a whole .npy array, whose entries come in pieces, as those of an archive do. */
#include "fuzz.h"

#include "io/npy.h"

#include <stdlib.h>
#include <string.h>

typedef struct member {
    gt_npy_layout layout;
    const uint8_t *entries;
    int64_t count;
} member;

/* False unless exactly its entries follow the header, as the archive's reader checks. */
static bool read_header(const uint8_t *data, size_t size, member *m)
{
    uint32_t length_size = 0;
    gt_error error = {0};
    if (size < GT_NPY_MAGIC_SIZE + 4 || gt_npy_check_magic(data, &length_size, &error) != GT_OK)
        return false;
    size_t start = GT_NPY_MAGIC_SIZE + length_size;
    uint32_t length = gt_npy_header_length(data + GT_NPY_MAGIC_SIZE, length_size);
    if (length > size - start || gt_npy_parse_header((const char *)data + start, length, &m->layout, &error) != GT_OK)
        return false;
    start += length;
    m->entries = data + start;
    m->count = gt_shape_count(m->layout.shape);
    return (uint64_t)m->count * m->layout.type->item_size == size - start;
}

/* All entries in pieces of at most `piece`; no data if one cannot be an entry of the library's. */
static gt_array place(const member *m, int64_t piece)
{
    gt_array out = {.dtype = m->layout.type->dtype, .shape = m->layout.shape};
    gt_npy_cursor cursor;
    gt_error error = {0};
    out.data = calloc((size_t)m->count, gt_dtype_size(out.dtype));
    if (out.data == NULL)
        abort();
    gt_npy_cursor_start(&cursor, &m->layout);
    for (int64_t done = 0; done < m->count; done += piece) {
        int64_t count = m->count - done < piece ? m->count - done : piece;
        const uint8_t *entries = m->entries + done * m->layout.type->item_size;
        if (gt_npy_place(&cursor, entries, count, out.data, &error) == GT_OK)
            continue;
        free(out.data);
        return (gt_array){.data = NULL};
    }
    if (m->layout.type->wide)
        gt_npy_narrow(&cursor, &out);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    member m;
    if (!read_header(data, size, &m))
        return 0;
    gt_array whole = place(&m, m.count), pieces = place(&m, 1 + (int64_t)(fuzz_hash(data, size) % 7));
    if ((whole.data == NULL) != (pieces.data == NULL) || whole.dtype != pieces.dtype ||
        (whole.data != NULL && memcmp(whole.data, pieces.data, (size_t)m.count * gt_dtype_size(whole.dtype)) != 0))
        abort();
    free(whole.data);
    free(pieces.data);
    return 0;
}
