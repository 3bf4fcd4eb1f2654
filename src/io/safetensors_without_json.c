/* In place of safetensors_read.c and safetensors_write.c in a build without jansson. */
#include "gradtape/safetensors.h"

static gt_status unsupported(gt_error *error)
{
    return gt_error_set(
        error, GT_ERROR_UNSUPPORTED,
        "this build has no jansson, which safetensors files need; install libjansson-dev and build with "
        "the Meson option -Djson=enabled");
}

gt_archive *gt_safetensors_read(const char *path, gt_error *error)
{
    (void)path;
    unsupported(error);
    return NULL;
}

gt_archive *gt_safetensors_parse(const void *bytes, size_t size, const char *name, gt_error *error)
{
    (void)bytes, (void)size, (void)name;
    unsupported(error);
    return NULL;
}

gt_status gt_safetensors_write(const gt_archive *archive, const char *path, gt_error *error)
{
    (void)archive, (void)path;
    return unsupported(error);
}

gt_status gt_safetensors_render(const gt_archive *archive, char **bytes, size_t *size, gt_error *error)
{
    (void)archive;
    *bytes = NULL;
    *size = 0;
    return unsupported(error);
}
