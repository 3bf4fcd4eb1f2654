/* Filling a gt_error. */
#ifndef GT_BASE_ERROR_H
#define GT_BASE_ERROR_H

#include "gradtape/base.h"

/* Sets *error (if not NULL) and returns status. */
gt_status gt_error_set(gt_error *error, gt_status status, const char *format, ...) GT_PRINTF(3, 4);

#endif
