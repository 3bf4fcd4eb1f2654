/*
 * Values that are written over values which nobody needs any more.
 *
 * A slot of a stack may be the slot, at the same step, of a sequence that the
 * loop reads for the last time there: gates are written over the products that
 * they are computed from, and their gradients over the gates. Within a group of
 * element-by-element ops a result may be written over an operand. Either way
 * the last read comes before the write, or is of the same entry at the same
 * step of the same group.
 */
#include "plan/memory/placing.h"

#include "ops/descriptors.h"

#include <stdlib.h>

/* ---- what may be written over it ----------------------------------------------------------- */

/* Has the value memory of its own, all of it, that the level may hand on? A stack that states share is longer. */
static bool owns_memory(const gt_placing *p, uint32_t index)
{
    const gt_level *level = p->level;
    const gt_storage *storage = &p->storage[index];
    if (!storage->known || !storage->in_buffer || storage->address.offset != 0 || p->overwritten[index] ||
        level->joins->into[index] != 0 || level->joins->parts[index] > 0 || !gt_level_is_computed(level, index))
        return false;
    const gt_buffer *buffer = &p->lowering->buffers[storage->buffer];
    return buffer->level == level->number && buffer->bytes == gt_level_bytes(level, index);
}

/* Is `index` of the level read for the last time before `written`, by its item at the latest, if it is overwritten
 * there? */
static bool is_read_before(const gt_level *level, uint32_t index, uint32_t written)
{
    const gt_last_read *last = &level->reads->last[index];
    uint32_t item = level->order->item_of[written];
    if (!last->read || last->item < item)
        return true;
    bool in_group = level->order->items[item].kind == GT_ITEM_GROUP;
    return last->item == item && in_group && last->aligned && last->position <= level->order->position_of[written] &&
           gt_shape_count(gt_level_shape(level, index)) == gt_shape_count(gt_level_shape(level, written));
}

/* An output that the user binds is written where he says, not over another value. */
static bool is_bound(const gt_placing *p, uint32_t index)
{
    const gt_level *level = p->level;
    bool leaves = level->scan == NULL && level->reads->last[level->reads->owner[index]].item == GT_FOR_EVER;
    bool late = p->lowering->program->late_outputs == NULL || level->order->item_of[index] >= level->order->turn;
    return p->lowering->program->bind_outputs && leaves && late;
}

static bool can_overwrite(const gt_placing *p, uint32_t operand, uint32_t index)
{
    const gt_level *level = p->level;
    return level->order->item_of[operand] != level->order->item_of[index] && owns_memory(p, operand) &&
           gt_level_bytes(level, operand) == gt_level_bytes(level, index) &&
           level->reads->last[operand].item == level->order->item_of[index] && is_read_before(level, operand, index);
}

uint32_t gt_reuse_operand(const gt_placing *p, uint32_t index)
{
    const gt_level *level = p->level;
    const gt_item *item = gt_order_item(level, index);
    if (!gt_lower_chooses(p->lowering, GT_CHOICE_REUSE_MEMORY) || item->kind != GT_ITEM_GROUP || is_bound(p, index))
        return 0;
    for (uint32_t position = 0; position < item->count; position++)
        for (uint32_t k = 0; k < gt_level_node(level, item->nodes[position])->input_count; k++) {
            uint32_t operand = level->reads->owner[gt_level_inputs(level, item->nodes[position])[k]];
            if (can_overwrite(p, operand, index))
                return operand;
        }
    return 0;
}

/* ---- slots --------------------------------------------------------------------------------- */

/* The body value that a stack is of. */
static uint32_t value_of(const gt_level *level, uint32_t part)
{
    return (uint32_t)gt_node_attributes(level->tape, gt_level_node(level, part))[0];
}

/* A stack that has no place yet, and where in the body what is written to its slots is computed. */
typedef struct candidate {
    uint32_t part, item, position;
} candidate;

static int by_position(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

static bool is_candidate(const gt_placing *p, const gt_level *body, uint32_t part)
{
    const gt_level *level = p->level;
    if (!level->wanted[part] || gt_level_node(level, part)->op != &gt_op_scan_stack || p->storage[part].known ||
        level->joins->into[part] != 0 || is_bound(p, part))
        return false;
    uint32_t value = value_of(level, part);
    bool elsewhere = level->scan != NULL && (level->stack_of[part] != 0 || level->states->of[part] != 0);
    return !elsewhere && body->stack_of[value] == part && gt_level_is_computed(body, value) &&
           gt_level_node(body, value)->op != &gt_op_concat;
}

/* What is written later may be written over more: so the first takes what it can. */
uint32_t *gt_reuse_order(const gt_placing *p, uint32_t scan_node, uint32_t *count)
{
    const gt_level *level = p->level, *body = level->bodies[scan_node];
    candidate *list = gt_pool_new(&p->lowering->scratch, body->scan->part_count, sizeof *list);
    uint32_t *parts = gt_pool_new(&p->lowering->scratch, body->scan->part_count, sizeof *parts);
    *count = 0;
    if (list == NULL || parts == NULL)
        return NULL;
    if (!gt_lower_chooses(p->lowering, GT_CHOICE_REUSE_MEMORY))
        return parts;
    for (uint32_t part = level->chain[scan_node]; part != 0; part = level->chain[part]) {
        if (!is_candidate(p, body, part))
            continue;
        uint32_t value = value_of(level, part);
        list[(*count)++] = (candidate){part, body->order->item_of[value], body->order->position_of[value]};
    }
    qsort(list, *count, sizeof *list, by_position);
    for (uint32_t n = 0; n < *count; n++)
        parts[n] = list[n].part;
    return parts;
}

/* How often the scan reads each value, views as what they look at; parts of concats that are not made count twice. */
static void count_scan_reads(const gt_placing *p, uint32_t scan_node, bool forget)
{
    const gt_level *level = p->level;
    for (uint32_t k = 0; k < gt_level_node(level, scan_node)->input_count; k++) {
        uint32_t input = gt_level_inputs(level, scan_node)[k], *reads = &p->scan_reads[level->reads->owner[input]];
        *reads = forget ? 0 : *reads + 1;
        for (uint32_t part = 0; part < gt_level_node(level, input)->input_count && level->joins->pieced[input];
             part++) {
            reads = &p->scan_reads[level->reads->owner[gt_level_inputs(level, input)[part]]];
            *reads = forget ? 0 : *reads + 2;
        }
    }
}

/* The sequences that the loop reads last of all, and in one way only: their slots are free once they have been read. */
gt_free_slots *gt_reuse_free_slots(const gt_placing *p, uint32_t scan_node, uint32_t *count)
{
    const gt_level *level = p->level, *body = level->bodies[scan_node];
    gt_free_slots *list = gt_pool_new(&p->lowering->scratch, body->scan->input_count, sizeof *list);
    *count = 0;
    count_scan_reads(p, scan_node, false);
    for (uint32_t k = 0; k < body->scan->input_count && list != NULL; k++) {
        uint32_t inside = body->scan->inputs[k].inside, owner = level->reads->owner[body->scan->inputs[k].outside];
        if (body->wanted[inside] && owns_memory(p, owner) && p->scan_reads[owner] == 1 &&
            level->reads->last[owner].item == level->order->item_of[scan_node])
            list[(*count)++] =
                (gt_free_slots){owner, inside, gt_level_bytes(level, owner), gt_level_bytes(body, inside)};
    }
    count_scan_reads(p, scan_node, true);
    return list;
}

uint32_t gt_reuse_sequence(const gt_placing *p, uint32_t scan_node, uint32_t part, const gt_free_slots *list,
                           uint32_t count)
{
    const gt_level *level = p->level, *body = level->bodies[scan_node];
    uint32_t value = value_of(level, part);
    size_t bytes = gt_level_bytes(level, part), slot_bytes = gt_level_bytes(body, value);
    for (uint32_t k = 0; k < count; k++)
        if (!p->overwritten[list[k].sequence] && list[k].bytes == bytes && list[k].slot_bytes == slot_bytes &&
            is_read_before(body, list[k].inside, value))
            return list[k].sequence;
    return 0;
}
