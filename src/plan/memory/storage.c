/*
 * Where values live.
 *
 * A value that is stacked is written straight into its slot of the stack. A view
 * that moves no number is an address. A value that only its own group reads
 * lives in a tile. Everything else has a piece of the arena from the item that
 * writes it to the last item that reads it.
 */
#include "plan/memory/memory.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#define FOR_EVER UINT32_MAX

bool gt_lower_root(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *root)
{
    if (!GT_RESERVE(lowering->roots, lowering->root_capacity, lowering->root_count + 1))
        return false;
    *root = (uint32_t)lowering->root_count++;
    lowering->roots[*root] = (gt_root){.bytes = bytes, .level = level->number, .begin = item, .end = item};
    return true;
}

static void extend(gt_lowering *lowering, const gt_level *level, uint32_t node, uint32_t item)
{
    const gt_storage *storage = &level->storage[node];
    if (!storage->known || !storage->in_root || lowering->roots[storage->root].level != level->number)
        return;
    gt_root *root = &lowering->roots[storage->root];
    root->end = item > root->end ? item : root->end;
}

/* ---- what enters --------------------------------------------------------------------------- */

static void enter_program(const gt_lowering *lowering, gt_level *level)
{
    for (uint32_t i = 0; i < lowering->program->input_count; i++) {
        gt_var v = lowering->program->inputs[i];
        if (gt_var_valid(v))
            level->storage[v.index] = (gt_storage){.known = true, .address = {.base = GT_BASE_INPUT, .index = i}};
    }
}

static void enter_body(gt_lowering *lowering, gt_level *level)
{
    const gt_scan *scan = level->scan;
    gt_lower_enter_states(lowering, level);
    for (uint32_t k = 0; k < scan->input_count; k++) {
        gt_storage *slice = &level->storage[scan->inputs[k].inside];
        *slice = level->around->storage[scan->inputs[k].outside];
        slice->address.step[level->depth - 1] = gt_lower_bytes(level, scan->inputs[k].inside);
    }
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        level->storage[scan->invariants[k].inside] = level->around->storage[scan->invariants[k].outside];
    gt_lower_enter_pieced(lowering, level);
}

/* ---- values -------------------------------------------------------------------------------- */

static bool place_value(gt_lowering *lowering, gt_level *level, uint32_t index)
{
    gt_storage *storage = &level->storage[index];
    uint32_t of;
    size_t offset;
    if (gt_lower_is_address(level, index, &of, &offset)) {
        *storage = level->storage[of];
        storage->address.offset += offset;
        return true;
    }
    if (gt_lower_place_state(level, index))
        return true;
    if (level->slots != NULL && level->slots[index] != 0) {
        *storage = level->around->storage[level->slots[index]];
        storage->address.step[level->depth - 1] = gt_lower_bytes(level, index);
        return true;
    }
    if (level->home[index] != 0) {
        gt_lower_place_in_home(lowering, level, index);
        return true;
    }
    if (!gt_lower_place_shifted(lowering, level, index))
        return false;
    if (!storage->known)
        gt_lower_reuse_operand(lowering, level, index);
    if (storage->known)
        return true;
    storage->known = storage->in_root = true;
    return gt_lower_root(lowering, level, gt_lower_bytes(level, index), level->item_of[index], &storage->root);
}

/* Which values of groups are read by something else than their group. */
static void mark_kept(const gt_lowering *lowering, gt_level *level)
{
    for (uint32_t k = 0; level->scan == NULL && k < lowering->program->output_count; k++)
        level->kept[lowering->program->outputs[k].index] = 1;
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_level_node(level, i);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++) {
            uint32_t input = gt_node_inputs(level->tape, node)[k];
            if (level->item_of[input] != level->item_of[i] || level->items[level->item_of[i]].kind != GT_ITEM_GROUP)
                level->kept[input] = 1;
        }
        if (level->slots != NULL && level->slots[i] != 0)
            level->kept[i] = 1;
    }
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        if (level->carried[k])
            level->kept[level->scan->carries[k].after] = 1;
}

bool gt_lower_has_value(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    const gt_item *item = &level->items[level->item_of[index]];
    bool in_tile = item->kind == GT_ITEM_GROUP && !level->kept[index];
    /* Of a sum of products there is the sum alone. */
    in_tile |= item->kind == GT_ITEM_SUM_OF_PRODUCTS && item->nodes[item->count - 1] != index;
    return node->role == GT_ROLE_NONE && !gt_class_is_tuple(node->op->op_class) && !in_tile && !level->pieced[index];
}

bool gt_lower_is_in_slot(const gt_level *body, uint32_t index)
{
    uint32_t slot = body->slots[index];
    const gt_storage *value = &body->storage[index], *stack = &body->around->storage[slot];
    return slot != 0 && value->in_root == stack->in_root && value->root == stack->root &&
           value->address.base == stack->address.base && value->address.index == stack->address.index &&
           value->address.offset == stack->address.offset && value->address.step[body->depth - 1] != 0;
}

/* Only what computes entry by entry stretches its operands. */
static bool spread_operands(gt_lowering *lowering, gt_level *level, gt_item *item, uint32_t place)
{
    gt_walk walk;
    for (uint32_t n = 0; n < item->count; n++) {
        const gt_node *node = gt_level_node(level, item->nodes[n]);
        gt_shape result = gt_node_shape(level->tape, node);
        for (uint32_t k = 0; k < node->input_count && node->op->op_class == GT_CLASS_ELEMENTWISE; k++) {
            uint32_t input = gt_node_inputs(level->tape, node)[k];
            if (gt_lower_walk(gt_level_shape(level, input), result, &walk))
                continue;
            gt_spread *spread = gt_pool_new(&lowering->scratch, 1, sizeof *spread);
            if (spread == NULL ||
                !gt_lower_root(lowering, level, gt_lower_bytes(level, item->nodes[n]), place, &spread->root))
                return false;
            spread->node = item->nodes[n];
            spread->slot = k;
            spread->next = item->spreads;
            item->spreads = spread;
        }
    }
    return true;
}

/* ---- lifetimes ----------------------------------------------------------------------------- */

/* Who reads a concat that is not made reads its parts. */
static void extend_use(gt_lowering *lowering, const gt_level *level, uint32_t input, uint32_t item)
{
    extend(lowering, level, input, item);
    const gt_node *node = gt_level_node(level, input);
    for (uint32_t k = 0; k < node->input_count && level->pieced[input]; k++)
        extend(lowering, level, gt_node_inputs(level->tape, node)[k], item);
}

static void find_lifetimes(gt_lowering *lowering, gt_level *level)
{
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_level_node(level, i);
        if (!level->wanted[i] || node->role != GT_ROLE_NONE)
            continue;
        for (uint32_t k = 0; k < node->input_count; k++)
            extend_use(lowering, level, gt_node_inputs(level->tape, node)[k], level->item_of[i]);
    }
    if (level->scan == NULL)
        for (uint32_t i = 0; i < lowering->program->output_count; i++)
            extend(lowering, level, lowering->program->outputs[i].index, FOR_EVER);
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        if (level->carried[k])
            extend(lowering, level, level->scan->carries[k].after, FOR_EVER);
    for (uint32_t i = 1; level->slots != NULL && i <= level->count; i++)
        if (level->slots[i] != 0)
            extend(lowering, level, i, FOR_EVER);
}

/* What depends on the order alone. */
bool gt_lower_find_uses(gt_lowering *lowering, gt_level *level)
{
    mark_kept(lowering, level);
    return gt_lower_find_joined(lowering, level) && gt_lower_find_reads(lowering, level);
}

bool gt_lower_storage(gt_lowering *lowering, gt_level *level)
{
    if (level->scan == NULL)
        enter_program(lowering, level);
    else
        enter_body(lowering, level);
    if (!gt_lower_place_joined(lowering, level, place_value) || !gt_lower_reuse_results(lowering, level, place_value))
        return false;
    for (uint32_t i = 1; i <= level->count; i++) {
        bool placed = level->storage[i].known || !level->wanted[i] || !gt_lower_has_value(level, i);
        if (!placed && !place_value(lowering, level, i))
            return false;
        if (level->bodies[i] != NULL && !gt_lower_reuse_slots(lowering, level, i))
            return false;
    }
    for (uint32_t i = 0; i < level->item_count; i++)
        if (level->items[i].kind == GT_ITEM_GROUP && !spread_operands(lowering, level, &level->items[i], i))
            return false;
    find_lifetimes(lowering, level);
    return true;
}
