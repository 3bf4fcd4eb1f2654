/*
 * Groups that are more than one compiled loop can hold become several, so that none is
 * run op by op for its size. An op that cannot be compiled (pow, sin) stands in a group
 * with others like it, so that its neighbours can be. A group is cut where few values
 * pass: such a value is written to memory by one loop and read by the next.
 */
#include "base/memory.h"
#include "base/types.h"
#include "plan/order/ordering.h"

#include <string.h>

/* No loop holds more ops: each is at least one instruction, most are many. Keeps the search short. */
enum { MOST_LOOKED_AT = 256 };

typedef struct cutting {
    gt_lowering *lowering;
    const gt_level *level;
    const gt_item *item;
    gt_dtype dtype;
    /* Of each node of the level. */
    uint32_t *position; /* in the item, from 1 on; 0: in another */
    uint32_t *counted;  /* the last count that it was part of */
    /* Of each position in the item. */
    uint32_t *last;         /* position of its last reader in it; its own if there is none */
    uint8_t *leaves;        /* something outside reads it */
    uint32_t *instructions; /* of its op; 0: it cannot be compiled */
    uint32_t count;         /* of counts so far */
} cutting;

static const gt_node *node_at(const cutting *c, uint32_t position)
{
    return gt_level_node(c->level, c->item->nodes[position - 1]);
}

/* Position in the item of input k of the node at `position`; 0: from elsewhere. */
static uint32_t input_position(const cutting *c, uint32_t position, uint32_t k)
{
    return c->position[gt_level_inputs(c->level, c->item->nodes[position - 1])[k]];
}

/* ---- what is known of the nodes ------------------------------------------------------------ */

/* False on no memory. */
static bool count_instructions(cutting *c, uint32_t position)
{
    const gt_node *node = node_at(c, position);
    gt_lane inputs[GT_MOST_STEP_INPUTS] = {0};
    gt_lanes lanes;
    if (node->op->lanes == NULL)
        return true;
    gt_lanes_init(&lanes, c->dtype);
    for (uint32_t k = 0; k < node->input_count; k++)
        inputs[k] = gt_lanes_input(&lanes, k);
    node->op->lanes(&lanes, inputs);
    c->instructions[position] = lanes.count;
    bool done = !lanes.failed;
    gt_lanes_free(&lanes);
    return done;
}

static void note_readers(cutting *c, uint32_t position)
{
    const gt_uses *uses = c->level->uses;
    uint32_t index = c->item->nodes[position - 1];
    c->last[position] = position;
    c->leaves[position] = uses->leaves[index] > 0;
    for (uint32_t r = uses->first[index]; r < uses->first[index + 1]; r++) {
        uint32_t reader = c->position[uses->readers[r]];
        c->leaves[position] |= reader == 0;
        c->last[position] = reader > c->last[position] ? reader : c->last[position];
    }
}

static bool open_item(cutting *c, const gt_item *item)
{
    size_t count = (size_t)item->count + 2;
    c->item = item;
    c->dtype = (gt_dtype)gt_level_node(c->level, item->nodes[0])->dtype;
    c->last = gt_memory_new(count, sizeof *c->last);
    c->leaves = gt_memory_new(count, sizeof *c->leaves);
    c->instructions = gt_memory_new(count, sizeof *c->instructions);
    if (c->last == NULL || c->leaves == NULL || c->instructions == NULL)
        return false;
    for (uint32_t p = 1; p <= item->count; p++)
        c->position[item->nodes[p - 1]] = p;
    for (uint32_t p = 1; p <= item->count; p++) {
        note_readers(c, p);
        if (!count_instructions(c, p))
            return false;
    }
    return true;
}

static void close_item(cutting *c)
{
    for (uint32_t p = 0; p < c->item->count; p++)
        c->position[c->item->nodes[p]] = 0;
    gt_memory_free(c->last);
    gt_memory_free(c->leaves);
    gt_memory_free(c->instructions);
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* Does one loop hold the positions from `first` to before `end`? */
static bool fits_loop(cutting *c, uint32_t first, uint32_t end)
{
    uint32_t arrays = 0, instructions = 0;
    c->count++;
    for (uint32_t p = first; p < end; p++) {
        const gt_node *node = node_at(c, p);
        instructions += c->instructions[p] + 1;
        arrays += c->leaves[p] || c->last[p] >= end;
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t from = input_position(c, p, k), index = gt_level_inputs(c->level, c->item->nodes[p - 1])[k];
            if ((from >= first && from < p) || c->counted[index] == c->count)
                continue;
            c->counted[index] = c->count;
            arrays++;
        }
    }
    return arrays <= GT_MOST_LOOP_ARRAYS && instructions <= GT_MOST_LOOP_INSTRUCTIONS;
}

/* How many values that stay in the item are made before `cut` and read behind it. */
static uint32_t count_passing(const cutting *c, uint32_t first, uint32_t cut)
{
    uint32_t passing = 0;
    for (uint32_t p = first; p < cut; p++)
        passing += !c->leaves[p] && c->last[p] >= cut;
    return passing;
}

static bool is_compiled(const cutting *c, uint32_t position)
{
    return c->instructions[position] > 0;
}

/* Where a part that begins at `first` ends. */
static uint32_t find_end(cutting *c, uint32_t first)
{
    uint32_t same = first + 1, most = c->item->count + 1, end;
    most = most < first + MOST_LOOKED_AT ? most : first + MOST_LOOKED_AT;
    while (same < most && is_compiled(c, same) == is_compiled(c, first))
        same++;
    if (!is_compiled(c, first) || fits_loop(c, first, same))
        return same;
    /* More values leave a part than its last position says, so that a shorter one may not fit where a longer one does.
     */
    for (end = same - 1; end > first + 1 && !fits_loop(c, first, end);)
        end--;
    uint32_t best = end, fewest = count_passing(c, first, end);
    for (uint32_t cut = end - 1; cut > first + (end - first) / 2; cut--) {
        uint32_t passing = count_passing(c, first, cut);
        if (passing < fewest && fits_loop(c, first, cut)) {
            best = cut;
            fewest = passing;
        }
    }
    return best;
}

static bool is_to_be_cut(cutting *c)
{
    for (uint32_t p = 1; p <= c->item->count; p++)
        if (is_compiled(c, p) != is_compiled(c, 1))
            return true;
    return is_compiled(c, 1) && !fits_loop(c, 1, c->item->count + 1);
}

/* ---- cutting ------------------------------------------------------------------------------- */

/* Position of what the node at `position` reads last of the item, if nothing of the item reads it; otherwise 0. */
static uint32_t may_stand_behind(const cutting *c, uint32_t position)
{
    uint32_t behind = 0;
    for (uint32_t k = 0; k < node_at(c, position)->input_count && c->last[position] == position; k++) {
        uint32_t from = input_position(c, position, k);
        behind = from > behind ? from : behind;
    }
    return behind;
}

/* Sums over steps, which come last on the tape, stand right behind what they add, so that it need not wait. */
static bool sink(const cutting *c, uint32_t *nodes)
{
    uint32_t *behind = gt_memory_new((size_t)c->item->count + 2, sizeof *behind), n = 0;
    if (behind == NULL)
        return false;
    for (uint32_t p = 1; p <= c->item->count; p++)
        behind[p] = may_stand_behind(c, p);
    for (uint32_t p = 1; p <= c->item->count; p++) {
        if (behind[p] != 0)
            continue;
        nodes[n++] = c->item->nodes[p - 1];
        for (uint32_t later = p + 1; later <= c->item->count; later++)
            if (behind[later] == p)
                nodes[n++] = c->item->nodes[later - 1];
    }
    gt_memory_free(behind);
    return true;
}

/* What cannot be compiled, and what is, each as soon as it can be: as few changes from one to the other as that gives.
 */
static bool gather(const cutting *c, uint32_t *nodes)
{
    uint32_t count = c->item->count, n = 0;
    uint8_t *done = gt_memory_new((size_t)count + 2, sizeof *done);
    if (done == NULL)
        return false;
    done[0] = 1;
    for (bool compiled = true; n < count; compiled = !compiled)
        for (uint32_t p = 1; p <= count; p++) {
            bool ready = !done[p] && is_compiled(c, p) == compiled;
            for (uint32_t k = 0; k < node_at(c, p)->input_count && ready; k++)
                ready = done[input_position(c, p, k)];
            if (!ready)
                continue;
            done[p] = 1;
            nodes[n++] = c->item->nodes[p - 1];
        }
    gt_memory_free(done);
    return true;
}

/* Puts the nodes of the item in the order that `put` gives. */
static bool reorder(cutting *c, bool (*put)(const cutting *, uint32_t *))
{
    uint32_t *nodes = gt_memory_new(c->item->count, sizeof *nodes);
    bool done = nodes != NULL && put(c, nodes);
    if (done)
        memcpy(c->item->nodes, nodes, c->item->count * sizeof *nodes);
    gt_memory_free(nodes);
    const gt_item *item = c->item;
    close_item(c);
    return open_item(c, item) && done;
}

/* Appends the parts of the item to `to`. */
static bool cut(cutting *c, gt_item *to, uint32_t *to_count)
{
    if (!reorder(c, sink) || !reorder(c, gather))
        return false;
    for (uint32_t first = 1; first <= c->item->count;) {
        uint32_t end = find_end(c, first);
        to[*to_count] = *c->item;
        to[*to_count].nodes = c->item->nodes + (first - 1);
        to[(*to_count)++].count = end - first;
        first = end;
    }
    return true;
}

static bool cut_item(cutting *c, const gt_item *item, gt_item *to, uint32_t *to_count)
{
    bool floats = gt_type_is_real((gt_dtype)gt_level_node(c->level, item->nodes[0])->dtype);
    if (item->kind != GT_ITEM_GROUP || item->strips || !floats) {
        to[(*to_count)++] = *item;
        return true;
    }
    bool done = open_item(c, item);
    if (done && is_to_be_cut(c))
        done = cut(c, to, to_count);
    else
        to[(*to_count)++] = *item;
    close_item(c);
    return done;
}

/* A part comes with its tuple. */
static void number_items(const gt_item_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        for (uint32_t n = 0; n < list->items[i].count; n++)
            list->item_of[list->items[i].nodes[n]] = i;
    for (uint32_t i = 1; i <= list->level->count; i++)
        if (list->level->wanted[i] && gt_level_node(list->level, i)->op->op_class == GT_CLASS_PART)
            list->item_of[i] = list->item_of[gt_level_inputs(list->level, i)[0]];
}

bool gt_order_cut_groups(gt_lowering *lowering, gt_item_list *list)
{
    size_t count = (size_t)list->level->count + 1;
    gt_pool *pool = &lowering->scratch;
    cutting c = {.lowering = lowering,
                 .level = list->level,
                 .position = gt_pool_new(pool, count, sizeof *c.position),
                 .counted = gt_pool_new(pool, count, sizeof *c.counted)};
    gt_item *items = gt_pool_new(pool, count, sizeof *items);
    uint32_t item_count = 0, turn = 0;
    if (c.position == NULL || c.counted == NULL || items == NULL)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!cut_item(&c, &list->items[i], items, &item_count))
            return false;
        turn = i + 1 == list->turn ? item_count : turn;
    }
    list->turn = turn;
    list->items = items;
    list->count = item_count;
    number_items(list);
    return true;
}
