/*
 * Values that are written over values which nobody needs any more.
 *
 * A slot of a stack may be the slot, at the same step, of a sequence that the
 * loop reads for the last time there: gates are written over the products that
 * they are computed from, and their gradients over the gates. Within a run of
 * element-by-element ops a result may be written over an operand. Either way
 * the last read comes before the write, or is of the same entry at the same
 * step of the same run.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

#include <stdlib.h>

#define FOR_EVER UINT32_MAX

/* ---- who reads a value last ---------------------------------------------------------------- */

/*
 * Is the input read as the results of its run are written: entry by entry, or, in
 * strips, column by column?
 */
static bool is_aligned(const gt_level *level, const gt_item *item, uint32_t reader, uint32_t input)
{
    gt_walk walk;
    gt_shape operand = gt_level_shape(level, input),
             result = gt_level_shape(level, reader);
    if (item->strips)
        return gt_lower_same_columns(operand, result);
    return item->kind == GT_ITEM_GROUP && gt_lower_walk(operand, result, &walk) && walk == GT_WALK_FLAT;
}

/* A read of `input` by the node at `place` of an item; views count as what they look at. */
static void note_read(gt_level *level, uint32_t input, uint32_t item, uint32_t place, bool aligned)
{
    uint32_t owner = level->owner[input];
    gt_last_read *last = &level->last_read[owner];
    aligned = aligned && gt_lower_bytes(level, input) == gt_lower_bytes(level, owner);
    if (item > last->item || !last->read) {
        *last = (gt_last_read){.read = true, .item = item, .place = place, .aligned = aligned};
    } else if (item == last->item) {
        last->place = place > last->place ? place : last->place;
        last->aligned &= aligned;
    }
}

static void note_item(gt_level *level, uint32_t number)
{
    const gt_item *item = &level->items[number];
    for (uint32_t place = 0; place < item->count; place++) {
        uint32_t reader = item->nodes[place];
        const gt_node *node = gt_level_node(level, reader);
        level->place_of[reader] = place;
        if (level->owner[reader] != reader)
            continue; /* a view reads nothing */
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t input = gt_node_inputs(level->tape, node)[k];
            note_read(level, input, number, place, is_aligned(level, item, reader, input));
            const gt_node *concat = gt_level_node(level, input);
            for (uint32_t part = 0; part < concat->input_count && level->pieced[input]; part++)
                note_read(level, gt_node_inputs(level->tape, concat)[part], number, place, false);
        }
    }
}

static void keep_for_ever(gt_level *level, uint32_t index)
{
    level->last_read[level->owner[index]] = (gt_last_read){.read = true, .item = FOR_EVER};
}

bool gt_lower_find_reads(gt_lowering *lowering, gt_level *level)
{
    size_t count = (size_t)level->count + 1;
    level->owner = gt_pool_new(&lowering->scratch, count, sizeof *level->owner);
    level->place_of = gt_pool_new(&lowering->scratch, count, sizeof *level->place_of);
    level->last_read = gt_pool_new(&lowering->scratch, count, sizeof *level->last_read);
    level->overwritten = gt_pool_new(&lowering->scratch, count, sizeof *level->overwritten);
    if (level->owner == NULL || level->place_of == NULL || level->last_read == NULL || level->overwritten == NULL)
        return false;
    if (!gt_lower_chooses(lowering, GT_CHOICE_REUSE_MEMORY))
        return true;
    for (uint32_t i = 1; i <= level->count; i++) {
        uint32_t of = gt_lower_view_of(level, i);
        level->owner[i] = of == 0 ? i : level->owner[of];
    }
    for (uint32_t number = 0; number < level->item_count; number++)
        note_item(level, number);
    for (uint32_t k = 0; level->scan == NULL && k < lowering->program->output_count; k++)
        keep_for_ever(level, lowering->program->outputs[k].index);
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        if (level->carried[k])
            keep_for_ever(level, level->scan->carries[k].after);
    for (uint32_t i = 1; level->slots != NULL && i <= level->count; i++)
        if (level->slots[i] != 0)
            keep_for_ever(level, i);
    return true;
}

/* ---- what may be written over it ----------------------------------------------------------- */

/* Has the value memory of its own, all of it, that the level may hand on? */
static bool owns_memory(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    const gt_storage *storage = &level->storage[index];
    if (!storage->known || !storage->in_root || storage->address.offset != 0 || level->overwritten[index] ||
        level->home[index] != 0 || level->piece_count[index] > 0 || !gt_lower_is_computed(level, index))
        return false;
    const gt_root *root = &lowering->roots[storage->root];
    return root->level == level->number && !root->several && root->bytes == gt_lower_bytes(level, index);
}

/* Is `index` of the level read for the last time before `written`, by its item at the latest, if it is overwritten there? */
static bool is_read_before(const gt_level *level, uint32_t index, uint32_t written)
{
    const gt_last_read *last = &level->last_read[index];
    uint32_t item = level->item_of[written];
    if (!last->read || last->item < item)
        return true;
    bool in_run = level->items[item].kind == GT_ITEM_GROUP;
    return last->item == item && in_run && last->aligned && last->place <= level->place_of[written] &&
           gt_shape_count(gt_level_shape(level, index)) ==
               gt_shape_count(gt_level_shape(level, written));
}

static void write_over(gt_level *level, uint32_t index, uint32_t written)
{
    level->overwritten[index] = 1;
    level->storage[written] = level->storage[index];
}

void gt_lower_reuse_operand(const gt_lowering *lowering, gt_level *level, uint32_t index)
{
    const gt_item *item = &level->items[level->item_of[index]];
    if (!gt_lower_chooses(lowering, GT_CHOICE_REUSE_MEMORY))
        return;
    for (uint32_t place = 0; place < item->count && item->kind == GT_ITEM_GROUP; place++) {
        const gt_node *node = gt_level_node(level, item->nodes[place]);
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t owner = level->owner[gt_node_inputs(level->tape, node)[k]];
            bool free = level->item_of[owner] != level->item_of[index] && owns_memory(lowering, level, owner) &&
                        gt_lower_bytes(level, owner) == gt_lower_bytes(level, index) &&
                        level->last_read[owner].item == level->item_of[index];
            if (!free || !is_read_before(level, owner, index))
                continue;
            write_over(level, owner, index);
            return;
        }
    }
}

/* ---- slots --------------------------------------------------------------------------------- */

/* The scan reads the value in one way only. */
static bool is_read_once(const gt_level *level, const gt_node *scan_node, uint32_t owner)
{
    uint32_t reads = 0;
    for (uint32_t k = 0; k < scan_node->input_count; k++) {
        uint32_t input = gt_node_inputs(level->tape, scan_node)[k];
        reads += level->owner[input] == owner;
        const gt_node *concat = gt_level_node(level, input);
        for (uint32_t part = 0; part < concat->input_count && level->pieced[input]; part++)
            reads += 2 * (level->owner[gt_node_inputs(level->tape, concat)[part]] == owner);
    }
    return reads == 1;
}

/* A stack that has no place yet, and the body value that is written to its slots. */
typedef struct candidate {
    uint32_t part, value;
    uint32_t item, place; /* of the value, in the body */
} candidate;

static int by_place(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool is_candidate(const gt_level *level, const gt_level *body, uint32_t part)
{
    const gt_node *node = gt_level_node(level, part);
    if (!level->wanted[part] || node->op != &gt_op_scan_stack || level->storage[part].known || level->home[part] != 0)
        return false;
    uint32_t value = (uint32_t)gt_node_attributes(level->tape, node)[0];
    bool elsewhere = level->scan != NULL && (level->slots[part] != 0 || level->state_of[part] != 0);
    return !elsewhere && body->slots[value] == part && gt_lower_is_computed(body, value) &&
           gt_level_node(body, value)->op != &gt_op_concat;
}

static void place_candidate(const gt_lowering *lowering, gt_level *level, uint32_t scan_node, const candidate *c)
{
    const gt_level *body = level->bodies[scan_node];
    for (uint32_t k = 0; k < body->scan->input_count; k++) {
        uint32_t inside = body->scan->inputs[k].inside, owner = level->owner[body->scan->inputs[k].outside];
        bool free = body->wanted[inside] && owns_memory(lowering, level, owner) &&
                    gt_lower_bytes(level, owner) == gt_lower_bytes(level, c->part) &&
                    gt_lower_bytes(body, inside) == gt_lower_bytes(body, c->value) &&
                    level->last_read[owner].item == level->item_of[scan_node];
        if (!free || !is_read_before(body, inside, c->value) || !is_read_once(level, gt_level_node(level, scan_node), owner))
            continue;
        write_over(level, owner, c->part);
        return;
    }
}

bool gt_lower_reuse_slots(gt_lowering *lowering, gt_level *level, uint32_t scan_node)
{
    const gt_level *body = level->bodies[scan_node];
    size_t count = 0;
    candidate *candidates = gt_pool_new(&lowering->scratch, body->scan->part_count, sizeof *candidates);
    if (candidates == NULL)
        return false;
    for (uint32_t part = level->chain[scan_node]; part != 0; part = level->chain[part]) {
        if (level->wanted[part] && !gt_lower_place_shifted(lowering, level, part))
            return false;
        if (!is_candidate(level, body, part))
            continue;
        uint32_t value = (uint32_t)gt_node_attributes(level->tape, gt_level_node(level, part))[0];
        candidates[count++] = (candidate){part, value, body->item_of[value], body->place_of[value]};
    }
    /* What is written later may be written over more: so the first takes what it can. */
    qsort(candidates, count, sizeof *candidates, by_place);
    for (size_t i = 0; i < count && gt_lower_chooses(lowering, GT_CHOICE_REUSE_MEMORY); i++)
        place_candidate(lowering, level, scan_node, &candidates[i]);
    return true;
}
