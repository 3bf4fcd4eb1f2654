/*
 * Products that are written where a result of the group behind them goes.
 *
 * A product that one group reads, entry by entry, before it writes a result of the
 * same size to its slot of a stack needs no memory of its own: until then it may
 * be in that slot. Where the slot is also that of a sequence which the loop reads,
 * as that of a gate may be that of the products of x, it must have been read by
 * then, or be what the product starts at.
 */
#include "plan/memory/placing.h"

#include "ops/descriptors.h"

/* The value of an item that is a product or a sum of products; 0: it is neither. */
static uint32_t product_of(const gt_level *level, const gt_item *item)
{
    uint32_t value = item->nodes[item->count - 1];
    bool one = item->kind == GT_ITEM_NODE && gt_level_node(level, value)->op == &gt_op_matmul;
    return one || item->kind == GT_ITEM_SUM_OF_PRODUCTS ? value : 0;
}

/* Does nothing but the item read the value? */
static bool is_read_by_one(const gt_level *level, uint32_t value, uint32_t item)
{
    const gt_uses *uses = level->uses;
    for (uint32_t r = uses->first[value]; r < uses->first[value + 1]; r++)
        if (level->order->item_of[uses->readers[r]] != item)
            return false;
    return true;
}

/* ---- whether a slot is free ------------------------------------------------------------------ */

/* Is the value what the item starts at, entry by entry, and read by nothing else of it? */
static bool is_only_addend(const gt_level *level, const gt_item *item, uint32_t value)
{
    uint32_t reads = 0;
    for (uint32_t n = 0; n < item->count; n++)
        for (uint32_t k = 0; k < gt_level_node(level, item->nodes[n])->input_count; k++)
            reads += level->reads->owner[gt_level_inputs(level, item->nodes[n])[k]] == value;
    return reads == 1 && item->addend == value &&
           gt_level_bytes(level, value) == gt_level_bytes(level, item->nodes[item->count - 1]);
}

/* What enters the body in the memory of `result` must have been read before the item, and nothing else may live there.
 */
static bool is_free(const gt_placing *p, uint32_t item, uint32_t result)
{
    const gt_level *body = p->level;
    const uint32_t *holder = gt_holder(p->lowering, &p->storage[result]);
    for (uint32_t i = holder == NULL ? 0 : *holder; i != 0; i = p->before[i]) {
        const gt_last_read *last = &body->reads->last[i];
        if (!body->wanted[i] || i == result)
            continue;
        bool enters = gt_level_enters(body, i);
        bool other_step = enters && body->states->of[i] != 0; /* an old value of the state that `result` is */
        bool before = enters && (!last->read || last->item < item ||
                                 (last->item == item && is_only_addend(body, &body->order->items[item], i)));
        if (!other_step && !before)
            return false;
    }
    return true;
}

/* ---- products and results -------------------------------------------------------------------- */

static bool is_slot(const gt_placing *p, uint32_t result)
{
    const gt_storage *storage = &p->storage[result];
    return storage->known && storage->in_buffer && storage->address.step[p->level->depth - 1] != 0;
}

/* Can the product be in the slot of the result, which its reader writes at its position or behind it? */
static bool can_share(const gt_level *body, uint32_t product, uint32_t result)
{
    return body->stack_of[result] != 0 && gt_level_is_computed(body, result) &&
           gt_level_node(body, product)->dtype == gt_level_node(body, result)->dtype &&
           gt_level_bytes(body, product) == gt_level_bytes(body, result);
}

static bool needs_place(const gt_placing *p, uint32_t product)
{
    const gt_level *body = p->level;
    const gt_last_read *last = &body->reads->last[product];
    return last->read && last->aligned && last->item < body->order->item_count && body->stack_of[product] == 0 &&
           body->states->of[product] == 0 && body->joins->into[product] == 0 && !p->storage[product].known &&
           is_read_by_one(body, product, last->item);
}

static bool share(gt_placing *p, uint32_t product, uint8_t *taken)
{
    const gt_level *body = p->level;
    const gt_last_read *last = &body->reads->last[product];
    const gt_item *group = &body->order->items[last->item];
    for (uint32_t at = last->position; at < group->count; at++) {
        uint32_t result = group->nodes[at];
        if (taken[result] || !can_share(body, product, result))
            continue;
        if (!p->storage[result].known && !gt_place_value(p, result))
            return false;
        if (!is_slot(p, result) || !is_free(p, body->order->item_of[product], result))
            continue;
        gt_place_at(p, product, p->storage[result]);
        taken[result] = 1; /* the slot of a result has one product at most */
        return true;
    }
    return true;
}

bool gt_reuse_results(gt_placing *p)
{
    const gt_level *level = p->level;
    if (!gt_level_is_divided(level) || !gt_lower_chooses(p->lowering, GT_CHOICE_REUSE_MEMORY))
        return true;
    uint8_t *taken = gt_pool_new(&p->lowering->scratch, (size_t)level->count + 1, 1);
    for (uint32_t i = 0; i < level->order->item_count && taken != NULL; i++) {
        uint32_t product = product_of(level, &level->order->items[i]);
        if (product != 0 && level->wanted[product] && needs_place(p, product) && !share(p, product, taken))
            return false;
    }
    return taken != NULL;
}
