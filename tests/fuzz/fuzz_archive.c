/* Any bytes as an .npz archive: what is read of it can be found, or the error says what is wrong. */
#include "fuzz.h"

#include "gradtape/archive.h"
#include "io/members.h"

#include <stdlib.h>
#include <string.h>

/* A copy of an array makes a sanitizer look at all of its bytes. */
static void copy(gt_array array)
{
    size_t size = (size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype);
    void *bytes = malloc(size);
    if (bytes != NULL)
        memcpy(bytes, array.data, size);
    free(bytes);
}

static void look(const gt_archive *archive)
{
    for (uint32_t i = 0; i < gt_archive_count(archive); i++) {
        gt_array array = gt_archive_find(archive, gt_archive_name(archive, i));
        if (array.data == NULL || gt_shape_count(array.shape) < 1)
            abort();
        copy(array);
    }
    const char *text = gt_archive_text(archive, "model.json");
    if (text != NULL && strlen(text) > 1 << 24)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(fuzz_file(data, size), &error);
    if (archive != NULL)
        look(archive);
    else if (error.status == GT_OK || error.message[0] == '\0')
        abort();
    gt_archive_free(archive);
    return 0;
}
