/* Any bytes as a safetensors file: what is read is written and read again, or the error says what is wrong. */
#include "fuzz.h"

#include "gradtape/safetensors.h"

#include <stdlib.h>
#include <string.h>

static void expect_same(const gt_archive *a, const gt_archive *b)
{
    if (b == NULL || gt_archive_count(a) != gt_archive_count(b))
        abort();
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        const char *name = gt_archive_name(a, i);
        gt_array x = gt_archive_find(a, name), y = gt_archive_find(b, name);
        size_t size = (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype);
        if (x.data == NULL || y.data == NULL || x.dtype != y.dtype || memcmp(x.data, y.data, size) != 0)
            abort();
    }
}

static void write_and_read(const gt_archive *archive)
{
    char *bytes;
    size_t size;
    if (gt_safetensors_render(archive, &bytes, &size, NULL) != GT_OK)
        abort();
    gt_archive *again = gt_safetensors_parse(bytes, size, NULL, NULL);
    expect_same(archive, again);
    gt_archive_free(again);
    gt_archive_bytes_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gt_error error = {0};
    gt_archive *archive = gt_safetensors_parse(data, size, "fuzz", &error);
    if (archive != NULL)
        write_and_read(archive);
    else if (error.status == GT_OK || error.message[0] == '\0')
        abort();
    gt_archive_free(archive);
    return 0;
}
