/* Memory that is given back all at once. */
#ifndef GT_BASE_POOL_H
#define GT_BASE_POOL_H

#include <stddef.h>

typedef struct gt_pool_block gt_pool_block;

typedef struct gt_pool {
    gt_pool_block *blocks;
} gt_pool;

/* Zeroed memory for `count` elements, valid until the pool is freed; NULL on no memory. */
void *gt_pool_new(gt_pool *pool, size_t count, size_t size);
void gt_pool_free(gt_pool *pool);

#endif
