/* Filling a gt_error: see gt_error_set in gradtape/base.h. */
#ifndef GT_BASE_ERROR_H
#define GT_BASE_ERROR_H

#include "gradtape/base.h"

#endif
