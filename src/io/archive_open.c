/* Files of arrays, by what their first bytes say that they are. */
#include "gradtape/safetensors.h"
#include "io/archive.h"
#include "io/file_kind.h"
#include "io/npy_file.h"

#include <stdio.h>
#include <sys/stat.h>

typedef enum file_format { FORMAT_ZIP = 0, FORMAT_NPY, FORMAT_SAFETENSORS } file_format;

/* What cannot be read, and what is none of them, is left to the reader of zip files, which says what it is. */
static file_format format_of(const char *path)
{
    uint8_t bytes[GT_FILE_KIND_BYTES];
    struct stat about; /* a pipe would wait for its writer */
    FILE *file = stat(path, &about) == 0 && S_ISREG(about.st_mode) ? fopen(path, "rbe") : NULL;
    if (file == NULL)
        return FORMAT_ZIP;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return gt_file_is_npy(bytes, size)           ? FORMAT_NPY
           : gt_file_is_safetensors(bytes, size) ? FORMAT_SAFETENSORS
                                                 : FORMAT_ZIP;
}

static gt_archive *open_as(file_format format, const char *path, bool whole, gt_error *error)
{
    switch (format) {
    case FORMAT_NPY:
        return gt_npy_file_read(path, error);
    case FORMAT_SAFETENSORS:
        return gt_safetensors_read(path, error);
    default:
        return whole ? gt_archive_read_zip(path, error) : gt_archive_open_zip(path, error);
    }
}

static gt_archive *open_file(const char *path, bool whole, gt_error *error)
{
    if (path != NULL)
        return open_as(format_of(path), path, whole, error);
    gt_error_set(error, GT_ERROR_ARGUMENT, "no path to read an archive from");
    return NULL;
}

gt_archive *gt_archive_open(const char *path, gt_error *error)
{
    return open_file(path, false, error);
}

gt_archive *gt_archive_read(const char *path, gt_error *error)
{
    return open_file(path, true, error);
}
