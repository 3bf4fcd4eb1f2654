/* How large the caches are; what is multiplied is cut into blocks that stay in one. */
#ifndef GT_BASE_CACHES_H
#define GT_BASE_CACHES_H

#include "gradtape/base.h"

/*
 * Bytes of the second-level cache that a core has for itself: of one that several cores
 * share, its part. The environment variable GRADTAPE_CACHE says another number, as
 * "512K"; where the system does not tell, it is 1 MiB. Read once.
 */
int64_t gt_cache_bytes(void);

/* GT_OK, or GT_ERROR_ARGUMENT if GRADTAPE_CACHE is no size; then nothing is asked for. */
gt_status gt_cache_check(gt_error *error);

#endif
