/*
 * Who reads a value last.
 *
 * Needs: the order, and which concats are not made. Leaves: of each value the last item
 * that reads it, and whether it does so entry by entry; views count as what they look at.
 */
#include "plan/memory/memory.h"

typedef struct finding {
    const gt_level *level;
    bool repeatable; /* what the backward half reads of the forward one is read again */
    uint32_t *owner;
    gt_last_read *last;
} finding;

/*
 * Is the input read as the results of its group are written: entry by entry, or, in
 * strips, column by column?
 */
static bool is_aligned(const gt_level *level, const gt_item *item, uint32_t reader, uint32_t input)
{
    gt_walk walk;
    gt_shape operand = gt_level_shape(level, input), result = gt_level_shape(level, reader);
    if (item->strips)
        return gt_level_same_columns(operand, result);
    return item->kind == GT_ITEM_GROUP && gt_level_walk(operand, result, &walk) && walk == GT_WALK_FLAT;
}

/* A read of `input` by the node at `position` of an item. */
static void note_read(const finding *f, uint32_t input, uint32_t item, uint32_t position, bool aligned)
{
    uint32_t owner = f->owner[input];
    gt_last_read *last = &f->last[owner];
    aligned = aligned && gt_level_bytes(f->level, input) == gt_level_bytes(f->level, owner);
    if (item > last->item || !last->read) {
        *last = (gt_last_read){.read = true, .item = item, .position = position, .aligned = aligned};
    } else if (item == last->item) {
        last->position = position > last->position ? position : last->position;
        last->aligned &= aligned;
    }
}

/* Who reads a concat that is not made reads its parts. */
static void note_operands(const finding *f, uint32_t number, uint32_t position)
{
    const gt_level *level = f->level;
    const gt_item *item = &level->order->items[number];
    uint32_t reader = item->nodes[position];
    for (uint32_t k = 0; k < gt_level_node(level, reader)->input_count; k++) {
        uint32_t input = gt_level_inputs(level, reader)[k];
        note_read(f, input, number, position, is_aligned(level, item, reader, input));
        for (uint32_t part = 0; part < gt_level_node(level, input)->input_count && level->joins->pieced[input]; part++)
            note_read(f, gt_level_inputs(level, input)[part], number, position, false);
    }
}

static void find_owners(const finding *f)
{
    for (uint32_t i = 1; i <= f->level->count; i++) {
        uint32_t of = gt_level_view_of(f->level, i);
        f->owner[i] = of == 0 ? i : f->owner[of];
    }
}

/* What a backward half that may run again reads of the forward one. */
static bool is_read_again(const finding *f, uint32_t index)
{
    uint32_t turn = f->level->order->turn;
    return f->repeatable && f->level->scan == NULL && !gt_level_enters(f->level, index) && f->last[index].read &&
           f->level->order->item_of[index] < turn && f->last[index].item >= turn;
}

static void find_last_reads(const finding *f)
{
    const gt_order *order = f->level->order;
    for (uint32_t number = 0; number < order->item_count; number++)
        for (uint32_t position = 0; position < order->items[number].count; position++) {
            uint32_t reader = order->items[number].nodes[position];
            if (f->owner[reader] == reader) /* a view reads nothing */
                note_operands(f, number, position);
        }
    for (uint32_t i = 1; i <= f->level->count; i++)
        if (f->level->uses->leaves[i] > 0 || is_read_again(f, f->owner[i]))
            f->last[f->owner[i]] = (gt_last_read){.read = true, .item = GT_FOR_EVER};
}

const gt_last_reads *gt_last_reads_find(gt_lowering *lowering, const gt_level *level)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = (size_t)level->count + 1;
    gt_last_reads *reads = gt_pool_new(pool, 1, sizeof *reads);
    finding f = {level, lowering->program->repeatable, gt_pool_new(pool, count, sizeof *f.owner),
                 gt_pool_new(pool, count, sizeof *f.last)};
    if (reads == NULL || f.owner == NULL || f.last == NULL)
        return NULL;
    find_owners(&f);
    find_last_reads(&f);
    *reads = (gt_last_reads){f.owner, f.last};
    return reads;
}
