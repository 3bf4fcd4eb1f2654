#include "base/memory.h"
#include "layout/inside.h"

bool gt_layout_index_open(gt_layout_index *index, const uint32_t *keys, size_t key_stride, uint32_t count,
                          uint32_t key_count)
{
    index->first = gt_memory_new((uint64_t)key_count + 2, sizeof *index->first);
    index->list = gt_memory_new(count, sizeof *index->list);
    if (index->first == NULL || index->list == NULL)
        return false;
    uint32_t *first = index->first + 1;
    for (uint32_t i = 0; i < count; i++)
        first[keys[i * key_stride] + 1]++;
    for (uint32_t k = 0; k < key_count; k++)
        first[k + 1] += first[k];
    /* Each start moves on to that of the next key, which is where index->first looks for it. */
    for (uint32_t i = 0; i < count; i++)
        index->list[first[keys[i * key_stride]]++] = i;
    return true;
}

void gt_layout_index_close(gt_layout_index *index)
{
    gt_memory_free(index->first);
    gt_memory_free(index->list);
    *index = (gt_layout_index){0};
}
