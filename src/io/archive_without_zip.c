/* In place of archive_read.c and archive_write.c in a build without libzip. */
#include "base/utf8.h"
#include "io/archive.h"
#include "io/members.h"

void gt_archive_close(gt_archive *archive)
{
    (void)archive;
}

static gt_status unsupported(const char *action, const char *path, gt_error *error)
{
    return gt_error_set(error, GT_ERROR_UNSUPPORTED,
                        "cannot %s '%.*s': this build has no libzip; install libzip-dev and build "
                        "with the Meson option -Dzip=enabled",
                        action, gt_utf8_fit(path == NULL ? "" : path, 300), path == NULL ? "" : path);
}

gt_archive *gt_archive_read_zip(const char *path, gt_error *error)
{
    unsupported("read", path, error);
    return NULL;
}

gt_archive *gt_archive_open_zip(const char *path, gt_error *error)
{
    unsupported("read", path, error);
    return NULL;
}

gt_status gt_archive_load(gt_archive *archive, const char *name, gt_error *error)
{
    (void)archive, (void)error;
    return gt_archive_type(archive, name) != NULL ? GT_OK : GT_ERROR_ARGUMENT;
}

gt_status gt_archive_load_text(gt_archive *archive, const char *name, gt_error *error)
{
    (void)error;
    return gt_archive_text(archive, name) != NULL ? GT_OK : GT_ERROR_ARGUMENT;
}

gt_status gt_archive_write(const gt_archive *archive, const char *path, bool compress, gt_error *error)
{
    (void)archive;
    (void)compress;
    return unsupported("write", path, error);
}

gt_status gt_archive_render(const gt_archive *archive, bool compress, char **bytes, size_t *size, gt_error *error)
{
    (void)archive;
    (void)compress;
    *bytes = NULL;
    *size = 0;
    return unsupported("write", "an archive", error);
}
