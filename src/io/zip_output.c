#include "io/zip_output.h"

#include "base/memory.h"

#include <errno.h>

typedef struct gt_output {
    const gt_replacement *replacement;
    int64_t offset; /* where the next bytes go */
    zip_error_t failure;
} gt_output;

static zip_int64_t fail(gt_output *output, int code, int number)
{
    zip_error_set(&output->failure, code, number);
    return -1;
}

static zip_int64_t write_bytes(gt_output *output, const void *bytes, zip_uint64_t size)
{
    if (size > INT64_MAX - (uint64_t)output->offset)
        return fail(output, ZIP_ER_WRITE, EFBIG);
    if (!gt_replacement_write(output->replacement, output->offset, bytes, (size_t)size)) /* all in memory */
        return fail(output, ZIP_ER_WRITE, errno);
    output->offset += (int64_t)size;
    return (zip_int64_t)size;
}

/* The header of a member is written again when its sizes are known. */
static zip_int64_t move(gt_output *output, void *arguments, zip_uint64_t size)
{
    const zip_source_args_seek_t *to = ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, arguments, size, &output->failure);
    if (to == NULL)
        return -1;
    if (to->whence != SEEK_SET || to->offset < 0)
        return fail(output, ZIP_ER_SEEK, EINVAL);
    output->offset = to->offset;
    return 0;
}

/* One call of libzip's. The sum of `data` and `size` depends on the command:
 * zip_source_function(3). */
static zip_int64_t answer(void *state, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    gt_output *output = state;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return fail(output, ZIP_ER_READ, ENOENT); /* nothing is there yet */
    case ZIP_SOURCE_BEGIN_WRITE:
        output->offset = 0;
        return 0;
    case ZIP_SOURCE_WRITE:
        return write_bytes(output, data, size);
    case ZIP_SOURCE_SEEK_WRITE:
        return move(output, data, size);
    case ZIP_SOURCE_TELL_WRITE:
        return output->offset;
    /* What becomes of the file is decided by gt_replacement_commit or _discard. */
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
        return 0;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&output->failure, data, size);
    case ZIP_SOURCE_FREE:
        zip_error_fini(&output->failure);
        gt_memory_free(output);
        return 0;
    default:
        return fail(output, ZIP_ER_OPNOTSUPP, 0);
    }
}

zip_source_t *gt_zip_output(const gt_replacement *replacement, zip_error_t *failure)
{
    gt_output *output = gt_memory_new(1, sizeof *output);
    if (output == NULL) {
        zip_error_set(failure, ZIP_ER_MEMORY, 0);
        return NULL;
    }
    output->replacement = replacement;
    zip_error_init(&output->failure);
    zip_source_t *source = zip_source_function_create(answer, output, failure);
    if (source == NULL)
        gt_memory_free(output);
    return source;
}
