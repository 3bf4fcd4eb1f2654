#include "io/zip_failure.h"

#include <errno.h>

gt_status gt_zip_status(const zip_error_t *failure)
{
    int system = zip_error_code_system(failure);
    switch (zip_error_code_zip(failure)) {
    case ZIP_ER_MEMORY:
        return GT_ERROR_MEMORY;
    case ZIP_ER_OPEN:
    case ZIP_ER_NOENT:
    case ZIP_ER_CLOSE:
    case ZIP_ER_WRITE:
    case ZIP_ER_TMPOPEN:
    case ZIP_ER_RENAME:
        return GT_ERROR_FILE;
    case ZIP_ER_READ:
    case ZIP_ER_SEEK:
    case ZIP_ER_TELL:
        /* Offsets beyond the end of the file end here, too: that is the file's fault. */
        return system == 0 || system == EFBIG || system == EINVAL ? GT_ERROR_FORMAT : GT_ERROR_FILE;
    default:
        return GT_ERROR_FORMAT;
    }
}

gt_status gt_zip_failure(gt_error *error, zip_error_t *failure, const char *action,
                         const char *path)
{
    return gt_error_set(error, gt_zip_status(failure), "cannot %s '%.300s': %s", action, path,
                        zip_error_strerror(failure));
}
