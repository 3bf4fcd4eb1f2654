#include "io/system_failure.h"

#include <string.h>

gt_status gt_system_failure(gt_error *error, int number, const char *action, const char *path)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0)
        strcpy(reason, "unknown reason");
    return gt_error_set(error, GT_ERROR_FILE, "cannot %s '%.300s': %s", action, path, reason);
}
