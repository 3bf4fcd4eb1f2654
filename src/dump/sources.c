#include "dump/sources.h"

#include "base/memory.h"

void gt_sources_free(gt_sources *s)
{
    gt_memory_free(s->list);
    gt_memory_free(s->pending);
    *s = (gt_sources){0};
}

static bool push(gt_sources *s, uint32_t i)
{
    if (!GT_RESERVE(s->pending, s->pending_capacity, s->pending_count + 1))
        return false;
    s->pending[s->pending_count++] = i;
    return true;
}

/* The inputs of a hidden node, the first on top. */
static bool push_inputs(gt_sources *s, const gt_collection *c, const gt_entry *entry)
{
    if (gt_var_op(entry->var)->op_class == GT_CLASS_SCAN)
        return true;
    for (uint32_t k = gt_var_input_count(entry->var); k-- > 0;)
        if (!push(s, gt_collection_entry(c, entry->tape, gt_var_input(entry->var, k))))
            return false;
    return true;
}

bool gt_sources_find(gt_sources *s, const gt_collection *c, uint32_t i)
{
    s->count = 0;
    s->pending_count = 0;
    if (!push(s, i))
        return false;
    while (s->pending_count > 0) {
        uint32_t top = s->pending[--s->pending_count];
        const gt_entry *entry = &c->entries[top];
        if (!entry->hidden) {
            if (!GT_RESERVE(s->list, s->capacity, s->count + 1))
                return false;
            s->list[s->count++] = top;
        } else if (entry->alias != GT_GRAPH_NONE ? !push(s, entry->alias) : !push_inputs(s, c, entry)) {
            return false;
        }
    }
    return true;
}
