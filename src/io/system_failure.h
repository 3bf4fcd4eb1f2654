/* Errors of the operating system. */
#ifndef GT_IO_SYSTEM_FAILURE_H
#define GT_IO_SYSTEM_FAILURE_H

#include "gradtape/base.h"

/* Reports "cannot ACTION 'PATH': REASON" for the value `number` of errno; returns GT_ERROR_FILE. */
gt_status gt_system_failure(gt_error *error, int number, const char *action, const char *path);

#endif
