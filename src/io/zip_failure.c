#include "io/zip_failure.h"

#include "base/utf8.h"

#include <errno.h>

gt_status gt_zip_status(const zip_error_t *failure)
{
    const int zlib_memory = -4; /* Z_MEM_ERROR */
    int system = zip_error_code_system(failure);
    switch (zip_error_code_zip(failure)) {
    case ZIP_ER_OK: /* libzip 1.7 forgets in places to say that it had no memory */
    case ZIP_ER_MEMORY:
        return GT_ERROR_MEMORY;
    case ZIP_ER_ZLIB:
        return system == zlib_memory ? GT_ERROR_MEMORY : GT_ERROR_FORMAT;
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

const char *gt_zip_reason(zip_error_t *failure)
{
    return gt_zip_status(failure) == GT_ERROR_MEMORY ? "no memory" : zip_error_strerror(failure);
}

gt_status gt_zip_failure(gt_error *error, zip_error_t *failure, const char *action, const char *path)
{
    return gt_error_set(error, gt_zip_status(failure), "cannot %s '%.*s': %s", action, gt_utf8_fit(path, 300), path,
                        gt_zip_reason(failure));
}
