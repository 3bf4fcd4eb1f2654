#include "base/pool.h"

#include "base/memory.h"

#include <stdint.h>

struct gt_pool_block {
    gt_pool_block *next;
    _Alignas(16) char memory[];
};

void *gt_pool_new(gt_pool *pool, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - sizeof(gt_pool_block)) / size)
        return NULL;
    gt_pool_block *block = gt_memory_new(1, sizeof *block + count * size);
    if (block == NULL)
        return NULL;
    block->next = pool->blocks;
    pool->blocks = block;
    return block->memory;
}

void gt_pool_free(gt_pool *pool)
{
    while (pool->blocks != NULL) {
        gt_pool_block *next = pool->blocks->next;
        gt_memory_free(pool->blocks);
        pool->blocks = next;
    }
}
