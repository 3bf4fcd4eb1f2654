/*
 * Products that are written where a result of the run behind them goes.
 *
 * A product that one run reads, entry by entry, before it writes a result of the
 * same size to its slot of a stack needs no memory of its own: until then it may
 * be in that slot. Where the slot is also that of a sequence which the loop reads,
 * as that of a gate may be that of the products of x, it must have been read by
 * then, or be what the product starts at.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

typedef struct search {
    gt_lowering *lowering;
    gt_level *body;
    uint8_t *taken; /* results whose slot a product has */
} search;

/* The value of an item that is a product or a sum of products; 0: it is neither. */
static uint32_t product_of(const gt_level *level, const gt_item *item)
{
    uint32_t value = item->nodes[item->count - 1];
    bool one = item->kind == GT_ITEM_NODE && gt_level_node(level, value)->op == &gt_op_matmul;
    return one || item->kind == GT_ITEM_SUM_OF_PRODUCTS ? value : 0;
}

/* Does nothing but the item at `place` read the value? */
static bool is_read_by_one(const gt_level *level, uint32_t value, uint32_t place)
{
    for (uint32_t i = value + 1; i <= level->count; i++) {
        const gt_node *node = gt_level_node(level, i);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++)
            if (gt_node_inputs(level->tape, node)[k] == value && level->item_of[i] != place)
                return false;
    }
    return true;
}

/* ---- whether a slot is free ------------------------------------------------------------------ */

/* Is the value what the item starts at, entry by entry, and read by nothing else of it? */
static bool is_only_addend(const gt_level *level, const gt_item *item, uint32_t value)
{
    uint32_t reads = 0;
    for (uint32_t n = 0; n < item->count; n++) {
        const gt_node *node = gt_level_node(level, item->nodes[n]);
        for (uint32_t k = 0; k < node->input_count; k++)
            reads += level->owner[gt_node_inputs(level->tape, node)[k]] == value;
    }
    return reads == 1 && item->addend == value &&
           gt_lower_bytes(level, value) == gt_lower_bytes(level, item->nodes[item->count - 1]);
}

static bool is_in_root(const gt_storage *storage, uint32_t root)
{
    return storage->known && storage->in_root && storage->root == root;
}

/* What enters the body in the memory of `result` must have been read before the item at `place`. */
static bool is_free(const gt_level *body, uint32_t place, uint32_t result)
{
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_last_read *last = &body->last_read[i];
        if (!body->wanted[i] || i == result || !is_in_root(&body->storage[i], body->storage[result].root))
            continue;
        bool enters = gt_level_node(body, i)->role != GT_ROLE_NONE;
        bool other_step = enters && body->state_of[i] != 0; /* an old value of the state that `result` is */
        bool before = enters && (!last->read || last->item < place ||
                                 (last->item == place && is_only_addend(body, &body->items[place], i)));
        if (!other_step && !before)
            return false;
    }
    return true;
}

/* ---- products and results -------------------------------------------------------------------- */

static bool is_slot(const gt_level *body, uint32_t result)
{
    const gt_storage *storage = &body->storage[result];
    return storage->known && storage->in_root && storage->address.step[body->depth - 1] != 0;
}

/* Can the product be in the slot of the result, which its reader writes at `place` or behind it? */
static bool can_share(const search *s, uint32_t product, uint32_t result)
{
    const gt_level *body = s->body;
    return body->slots[result] != 0 && !s->taken[result] && gt_lower_is_computed(body, result) &&
           gt_level_node(body, product)->dtype == gt_level_node(body, result)->dtype &&
           gt_lower_bytes(body, product) == gt_lower_bytes(body, result);
}

static bool share(search *s, uint32_t product, bool (*place)(gt_lowering *, gt_level *, uint32_t))
{
    gt_level *body = s->body;
    const gt_last_read *last = &body->last_read[product];
    bool fit = last->read && last->aligned && last->item < body->item_count && body->slots[product] == 0 &&
               body->state_of[product] == 0 && body->home[product] == 0 && !body->storage[product].known &&
               is_read_by_one(body, product, last->item);
    if (!fit)
        return true;
    const gt_item *run = &body->items[last->item];
    for (uint32_t at = last->place; at < run->count; at++) {
        uint32_t result = run->nodes[at];
        if (!can_share(s, product, result))
            continue;
        if (!body->storage[result].known && !place(s->lowering, body, result))
            return false;
        if (!is_slot(body, result) || !is_free(body, body->item_of[product], result))
            continue;
        body->storage[product] = body->storage[result];
        s->taken[result] = 1;
        return true;
    }
    return true;
}

bool gt_lower_reuse_results(gt_lowering *lowering, gt_level *level,
                            bool (*place)(gt_lowering *, gt_level *, uint32_t))
{
    if (level->depth != 1 || !gt_lower_chooses(lowering, GT_CHOICE_REUSE_MEMORY))
        return true;
    search s = {lowering, level, gt_pool_new(&lowering->scratch, (size_t)level->count + 1, 1)};
    for (uint32_t i = 0; i < level->item_count && s.taken != NULL; i++) {
        uint32_t product = product_of(level, &level->items[i]);
        if (product != 0 && level->wanted[product] && !share(&s, product, place))
            return false;
    }
    return s.taken != NULL;
}
