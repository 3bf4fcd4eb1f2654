/*
 * Where values live.
 *
 * Needs: the order, states, concats and last reads of the level and of the bodies in it,
 * and the places of the level around. Leaves: a place for each value that has memory, and
 * how long each buffer is in use.
 *
 * A value that is stacked is written straight into its slot of the stack. A view
 * that moves no number is an address. A value that only its own group reads
 * lives in a tile. Everything else has a buffer from the item that
 * writes it to the last item that reads it.
 */
#include "plan/memory/placing.h"

#include "ops/descriptors.h"

bool gt_places_has_value(const gt_level *level, uint32_t index)
{
    return !gt_level_enters(level, index) && !gt_class_is_tuple(gt_level_node(level, index)->op->op_class) &&
           gt_order_is_stored(level, index) && !level->joins->pieced[index];
}

void gt_place_at(gt_placing *p, uint32_t index, gt_storage storage)
{
    p->storage[index] = storage;
    uint32_t *holder = gt_level_is_divided(p->level) && storage.in_buffer ? gt_holder(p->lowering, &storage) : NULL;
    if (holder == NULL)
        return;
    p->before[index] = *holder;
    *holder = index;
}

static void leave_holders(const gt_placing *p)
{
    for (uint32_t i = 1; i <= p->level->count && gt_level_is_divided(p->level); i++) {
        uint32_t *holder = p->storage[i].in_buffer ? gt_holder(p->lowering, &p->storage[i]) : NULL;
        if (holder != NULL)
            *holder = 0;
    }
}

/* ---- what enters --------------------------------------------------------------------------- */

static void enter_program(gt_placing *p)
{
    const gt_program *program = p->lowering->program;
    for (uint32_t i = 0; i < program->input_count; i++) {
        gt_var v = program->inputs[i];
        if (gt_var_valid(v))
            gt_place_at(p, v.index, (gt_storage){.known = true, .address = {.base = GT_BASE_INPUT, .index = i}});
    }
}

static gt_storage at_pointer(uint32_t pointer)
{
    return (gt_storage){.known = true, .address = {.base = GT_BASE_POINTER, .index = pointer}};
}

static void enter_states(gt_placing *p)
{
    const gt_level *body = p->level;
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        gt_place_at(p, body->scan->carries[k].before,
                    body->states->shifted[k] ? gt_places_of_state(body, k, true)
                                             : at_pointer(body->states->pointer + k));
}

static void enter_sequences(gt_placing *p)
{
    const gt_level *body = p->level;
    for (uint32_t k = 0; k < body->scan->input_count; k++) {
        uint32_t inside = body->scan->inputs[k].inside, pointer = body->joins->pointer[inside];
        gt_storage slice = body->around->places->storage[body->scan->inputs[k].outside];
        slice.address.step[body->depth - 1] = gt_level_bytes(body, inside);
        gt_place_at(p, inside, pointer == 0 ? slice : at_pointer(pointer - 1));
    }
}

static void enter_body(gt_placing *p)
{
    const gt_level *body = p->level;
    enter_states(p);
    enter_sequences(p);
    for (uint32_t k = 0; k < body->scan->invariant_count; k++)
        gt_place_at(p, body->scan->invariants[k].inside,
                    body->around->places->storage[body->scan->invariants[k].outside]);
}

/* ---- stacks -------------------------------------------------------------------------------- */

/* Where in the longer stack the slot of a step is, counted from its beginning: old values, or new ones. */
static size_t shift(const gt_level *body, uint32_t k, bool old)
{
    bool first = old == (body->scan->direction == GT_FORWARD);
    return first ? 0 : gt_level_bytes(body, body->scan->carries[k].before);
}

gt_storage gt_places_of_state(const gt_level *body, uint32_t k, bool old)
{
    gt_storage slot = {
        .known = true, .in_buffer = true, .buffer = body->around->places->state_stacks[body->scan_node][k]};
    slot.address.offset = shift(body, k, old);
    slot.address.step[body->depth - 1] = gt_level_bytes(body, body->scan->carries[k].before);
    return slot;
}

/* The place of a part of a scan if it is the stack of a state's old or new values, which share memory. */
static bool place_shifted(gt_placing *p, uint32_t part)
{
    const gt_level *level = p->level;
    const gt_node *node = gt_level_node(level, part);
    if (node->op != &gt_op_scan_stack)
        return true;
    uint32_t scan_node = gt_level_inputs(level, part)[0], of = (uint32_t)gt_node_attributes(level->tape, node)[0];
    const gt_level *body = level->bodies[scan_node];
    uint32_t k = body->states->of[of] - 1;
    if (body->states->of[of] == 0 || !body->states->shifted[k])
        return true;
    uint32_t *buffer = &p->state_stacks[scan_node][k];
    size_t bytes = gt_level_bytes(body, of) * ((size_t)body->scan->steps + 1);
    if (*buffer == GT_NO_BUFFER && !gt_buffer_new(p->lowering, level, bytes, level->order->item_of[scan_node], buffer))
        return false;
    bool old = of == body->scan->carries[k].before;
    gt_place_at(
        p, part,
        (gt_storage){.known = true, .in_buffer = true, .buffer = *buffer, .address.offset = shift(body, k, old)});
    return true;
}

/* The stacks of a scan that share memory: with each other, or with sequences that the loop reads. */
static bool place_stacks(gt_placing *p, uint32_t scan_node)
{
    const gt_level *level = p->level;
    for (uint32_t part = level->chain[scan_node]; part != 0; part = level->chain[part])
        if (level->wanted[part] && !place_shifted(p, part))
            return false;
    uint32_t count, free;
    const uint32_t *parts = gt_reuse_order(p, scan_node, &count);
    const gt_free_slots *slots = gt_reuse_free_slots(p, scan_node, &free);
    if (parts == NULL || slots == NULL)
        return false;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t sequence = gt_reuse_sequence(p, scan_node, parts[n], slots, free);
        if (sequence == 0)
            continue;
        p->overwritten[sequence] = 1;
        gt_place_at(p, parts[n], p->storage[sequence]);
    }
    return true;
}

/* ---- values -------------------------------------------------------------------------------- */

uint32_t gt_places_next_pointer(const gt_level *body, uint32_t k)
{
    return body->states->pointer + k + (body->states->added[k] ? 0 : (uint32_t)body->scan->carry_count);
}

/* The new value of a state, which is written where it is wanted; false if that is in a stack of its own. */
static bool place_state(gt_placing *p, uint32_t index)
{
    const gt_level *body = p->level;
    uint32_t k = body->scan == NULL ? 0 : body->states->of[index];
    if (k-- == 0)
        return false;
    bool shifted = body->states->shifted[k], stacked = body->stack_of[index] != 0;
    if (shifted || !stacked)
        gt_place_at(p, index,
                    shifted ? gt_places_of_state(body, k, false) : at_pointer(gt_places_next_pointer(body, k)));
    return p->storage[index].known;
}

static void place_in_slot(gt_placing *p, uint32_t index)
{
    const gt_level *body = p->level;
    gt_storage slot = body->around->places->storage[body->stack_of[index]];
    slot.address.step[body->depth - 1] = gt_level_bytes(body, index);
    gt_place_at(p, index, slot);
}

/* It is written before the concat stands in the order. */
static void place_in_concat(gt_placing *p, uint32_t index)
{
    const gt_joins *joins = p->level->joins;
    gt_storage part = p->storage[joins->into[index]];
    part.address.offset += joins->offset[index];
    gt_place_at(p, index, part);
    gt_buffer_extend(p->lowering, p->level, &part, p->level->order->item_of[index]);
}

static bool place_in_buffer(gt_placing *p, uint32_t index)
{
    gt_storage storage = {.known = true, .in_buffer = true};
    if (!gt_buffer_new(p->lowering, p->level, gt_level_bytes(p->level, index), p->level->order->item_of[index],
                       &storage.buffer))
        return false;
    gt_place_at(p, index, storage);
    return true;
}

bool gt_place_value(gt_placing *p, uint32_t index)
{
    const gt_level *level = p->level;
    uint32_t of;
    size_t offset;
    if (gt_level_is_address(level, index, &of, &offset)) {
        gt_storage view = p->storage[of];
        view.address.offset += offset;
        gt_place_at(p, index, view);
    } else if (place_state(p, index)) {
        return true;
    } else if (level->scan != NULL && level->stack_of[index] != 0) {
        place_in_slot(p, index);
    } else if (level->joins->into[index] != 0) {
        place_in_concat(p, index);
    } else {
        if (!place_shifted(p, index))
            return false;
        uint32_t operand = p->storage[index].known ? 0 : gt_reuse_operand(p, index);
        if (operand != 0) {
            p->overwritten[operand] = 1;
            gt_place_at(p, index, p->storage[operand]);
        }
        return p->storage[index].known || place_in_buffer(p, index);
    }
    return true;
}

/* Concats that values are written into. From the last to the first: what is a part of another one finds that placed. */
static bool place_concats(gt_placing *p)
{
    for (uint32_t i = p->level->count; i >= 1; i--)
        if (p->level->joins->parts[i] > 0 && !gt_place_value(p, i))
            return false;
    return true;
}

static bool place_values(gt_placing *p)
{
    const gt_level *level = p->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        bool placed = p->storage[i].known || !level->wanted[i] || !gt_places_has_value(level, i);
        if (!placed && !gt_place_value(p, i))
            return false;
        if (level->bodies[i] != NULL && !place_stacks(p, i))
            return false;
    }
    return true;
}

/* Only what computes entry by entry stretches its operands. */
static bool spread_operands(gt_placing *p, const gt_item *item, uint32_t number)
{
    const gt_level *level = p->level;
    gt_walk walk;
    for (uint32_t n = 0; n < item->count; n++) {
        const gt_node *node = gt_level_node(level, item->nodes[n]);
        gt_shape result = gt_node_shape(level->tape, node);
        for (uint32_t k = 0; k < node->input_count && node->op->op_class == GT_CLASS_ELEMENTWISE; k++) {
            if (gt_level_walk(gt_level_shape(level, gt_node_inputs(level->tape, node)[k]), result, &walk))
                continue;
            gt_spread *spread = gt_pool_new(&p->lowering->scratch, 1, sizeof *spread);
            if (spread == NULL ||
                !gt_buffer_new(p->lowering, level, gt_level_bytes(level, item->nodes[n]), number, &spread->buffer))
                return false;
            spread->node = item->nodes[n];
            spread->slot = k;
            spread->next = p->spreads[number];
            p->spreads[number] = spread;
        }
    }
    return true;
}

/* ---- lifetimes ----------------------------------------------------------------------------- */

/* Who reads a concat that is not made reads its parts. */
static void extend_read(gt_placing *p, uint32_t input, uint32_t item)
{
    const gt_level *level = p->level;
    gt_buffer_extend(p->lowering, level, &p->storage[input], item);
    for (uint32_t k = 0; k < gt_level_node(level, input)->input_count && level->joins->pieced[input]; k++)
        gt_buffer_extend(p->lowering, level, &p->storage[gt_level_inputs(level, input)[k]], item);
}

/* Products of one right operand that stand together are done as one: none is written over what another one reads. */
static uint32_t last_together(const gt_level *level, uint32_t item)
{
    enum { FARTHEST = 64 }; /* planning stays proportional to the tape */
    const gt_order *order = level->order;
    const uint32_t first = item;
    const gt_node *product = gt_order_product_of(level, &order->items[item]);
    for (uint32_t i = item + 1; product != NULL && i < order->item_count && i <= first + FARTHEST; i++) {
        const gt_node *other = gt_order_product_of(level, &order->items[i]);
        bool view = gt_level_node(level, order->items[i].nodes[0])->op->op_class == GT_CLASS_VIEW;
        if (other != NULL ? !gt_order_share_right(level, product, other) : !view)
            break;
        item = other != NULL ? i : item;
    }
    return item;
}

static void find_lifetimes(gt_placing *p)
{
    const gt_level *level = p->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        bool reads = level->wanted[i] && !gt_level_enters(level, i);
        uint32_t item = reads ? last_together(level, level->order->item_of[i]) : 0;
        for (uint32_t k = 0; k < gt_level_node(level, i)->input_count && reads; k++)
            extend_read(p, gt_level_inputs(level, i)[k], item);
        if (level->uses->leaves[i] > 0)
            gt_buffer_extend(p->lowering, level, &p->storage[i], GT_FOR_EVER);
    }
}

/* ---- the phase ----------------------------------------------------------------------------- */

static bool make_state_stacks(gt_placing *p)
{
    for (uint32_t i = 1; i <= p->level->count; i++) {
        const gt_level *body = p->level->bodies[i];
        if (body == NULL)
            continue;
        p->state_stacks[i] = gt_pool_new(&p->lowering->scratch, body->scan->carry_count, sizeof *p->state_stacks[i]);
        if (p->state_stacks[i] == NULL)
            return false;
        for (uint32_t k = 0; k < body->scan->carry_count; k++)
            p->state_stacks[i][k] = GT_NO_BUFFER;
    }
    return true;
}

static bool begin(gt_placing *p)
{
    gt_pool *pool = &p->lowering->scratch;
    size_t count = (size_t)p->level->count + 1;
    p->storage = gt_pool_new(pool, count, sizeof *p->storage);
    p->overwritten = gt_pool_new(pool, count, 1);
    p->spreads = gt_pool_new(pool, p->level->order->item_count, sizeof *p->spreads);
    p->state_stacks = gt_pool_new(pool, count, sizeof *p->state_stacks);
    p->before = gt_pool_new(pool, count, sizeof *p->before);
    p->scan_reads = gt_pool_new(pool, count, sizeof *p->scan_reads);
    return p->storage != NULL && p->overwritten != NULL && p->spreads != NULL && p->state_stacks != NULL &&
           p->before != NULL && p->scan_reads != NULL && make_state_stacks(p);
}

const gt_places *gt_places_find(gt_lowering *lowering, const gt_level *level)
{
    gt_placing p = {.lowering = lowering, .level = level};
    gt_places *places = gt_pool_new(&lowering->scratch, 1, sizeof *places);
    bool holds = !gt_level_is_divided(level) || gt_holders_make(lowering, level->around);
    if (places == NULL || !begin(&p) || !holds)
        return NULL;
    if (level->scan == NULL)
        enter_program(&p);
    else
        enter_body(&p);
    if (!place_concats(&p) || !gt_reuse_results(&p) || !place_values(&p))
        return NULL;
    for (uint32_t i = 0; i < level->order->item_count; i++)
        if (level->order->items[i].kind == GT_ITEM_GROUP && !spread_operands(&p, &level->order->items[i], i))
            return NULL;
    find_lifetimes(&p);
    leave_holders(&p);
    *places = (gt_places){p.storage, p.spreads, p.state_stacks};
    return places;
}

bool gt_places_is_in_slot(const gt_level *body, uint32_t index)
{
    uint32_t stack = body->stack_of[index];
    const gt_storage *value = &body->places->storage[index], *slot = &body->around->places->storage[stack];
    return stack != 0 && value->in_buffer == slot->in_buffer && value->buffer == slot->buffer &&
           value->address.base == slot->address.base && value->address.index == slot->address.index &&
           value->address.offset == slot->address.offset && value->address.step[body->depth - 1] != 0;
}
