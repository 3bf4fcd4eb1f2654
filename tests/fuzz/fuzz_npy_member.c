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
    return (uint64_t)m->count * m->layout.item_size == size - start;
}

/* All entries in pieces of at most `piece`; NULL if one cannot be an entry of the library's. */
static void *place(const member *m, int64_t piece)
{
    void *out = calloc((size_t)m->count, gt_dtype_size(m->layout.dtype));
    gt_npy_cursor cursor;
    gt_error error = {0};
    if (out == NULL)
        abort();
    gt_npy_cursor_start(&cursor, &m->layout);
    for (int64_t done = 0; done < m->count; done += piece) {
        int64_t count = m->count - done < piece ? m->count - done : piece;
        if (gt_npy_place(&cursor, m->entries + done * m->layout.item_size, count, out, &error) == GT_OK)
            continue;
        free(out);
        return NULL;
    }
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    member m;
    if (!read_header(data, size, &m))
        return 0;
    void *whole = place(&m, m.count), *pieces = place(&m, 1 + (int64_t)(fuzz_hash(data, size) % 7));
    if ((whole == NULL) != (pieces == NULL) ||
        (whole != NULL && memcmp(whole, pieces, (size_t)m.count * gt_dtype_size(m.layout.dtype)) != 0))
        abort();
    free(whole);
    free(pieces);
    return 0;
}
