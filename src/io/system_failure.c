#include "io/system_failure.h"

#include "base/utf8.h"

#include <string.h>

gt_status gt_system_failure(gt_error *error, int number, const char *action, const char *path)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0)
        strcpy(reason, "unknown reason");
    return gt_error_set(error, GT_ERROR_FILE, "cannot %s '%.*s': %s", action, gt_utf8_fit(path, 300), path, reason);
}
