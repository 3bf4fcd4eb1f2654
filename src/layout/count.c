/* Crossings, by a tree of counts: an insertion and a question cost the logarithm of the layer. */
#include "base/memory.h"
#include "layout/inside.h"

static void insert(uint32_t *tree, uint32_t size, uint32_t position)
{
    for (uint32_t i = position + 1; i <= size; i += i & -i)
        tree[i]++;
}

/* How many were inserted at positions up to this one. */
static uint32_t count_up_to(const uint32_t *tree, uint32_t position)
{
    uint32_t count = 0;
    for (uint32_t i = position + 1; i > 0; i -= i & -i)
        count += tree[i];
    return count;
}

/* Between layer `k` and the next one. */
static uint64_t count_between(const gt_layout *layout, uint32_t k, uint32_t *tree)
{
    uint32_t size = layout->layers.first[k + 2] - layout->layers.first[k + 1], inserted = 0;
    uint64_t crossings = 0;
    for (uint32_t i = 0; i <= size; i++)
        tree[i] = 0;
    for (uint32_t i = layout->layers.first[k]; i < layout->layers.first[k + 1]; i++) {
        uint32_t slot = layout->layers.list[i], start = layout->above.first[slot], end = layout->above.first[slot + 1];
        for (uint32_t j = start; j < end; j++) {
            uint32_t upper = layout->links[layout->above.list[j]].upper;
            crossings += inserted - count_up_to(tree, layout->slots[upper].position);
        }
        for (uint32_t j = start; j < end; j++)
            insert(tree, size, layout->slots[layout->links[layout->above.list[j]].upper].position);
        inserted += end - start;
    }
    return crossings;
}

bool gt_layout_count_crossings(const gt_layout *layout, uint64_t *crossings)
{
    uint32_t *tree = gt_memory_new((uint64_t)layout->slot_count + 1, sizeof *tree);
    if (tree == NULL)
        return false;
    *crossings = 0;
    for (uint32_t k = 0; k + 1 < layout->layer_count; k++)
        *crossings += count_between(layout, k, tree);
    gt_memory_free(tree);
    return true;
}
