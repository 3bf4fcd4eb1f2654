/*
 * The order of a block.
 *
 * Nodes come in the order of the tape, in which every node follows its inputs.
 * Element-by-element nodes of one shape gather in an open group. A node that is
 * not element by element goes in front of the open group if it does not depend
 * on it, and otherwise closes it: so the products of all gates come first, and
 * the gates' arithmetic is one run. What sums columns stands in the group, too,
 * with what is element by element before and after it: see order_strips.c.
 */
#include "plan/order/level.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <string.h>

enum { MOST_IN_GROUP = 128 };

typedef struct ordering {
    gt_lowering *lowering;
    gt_level *level;
    uint32_t open[MOST_IN_GROUP];
    uint32_t open_count;
    bool open_strips; /* the group goes through whole columns */
    uint8_t *in_open; /* of each node */
    uint8_t *read;    /* of each node: another one reads it */
    gt_sums sums;
} ordering;

static bool append(ordering *o, gt_item_kind kind, const uint32_t *nodes, uint32_t count)
{
    gt_level *level = o->level;
    gt_item *item = &level->items[level->item_count];
    item->nodes = gt_pool_new(&o->lowering->scratch, count, sizeof *nodes);
    if (item->nodes == NULL)
        return false;
    memcpy(item->nodes, nodes, count * sizeof *nodes);
    item->count = count;
    item->kind = kind;
    item->strips = kind == GT_ITEM_GROUP && gt_lower_is_in_strips(level, item);
    if (item->strips)
        gt_lower_sink_in_strips(level, item->nodes, count);
    for (uint32_t i = 0; i < count; i++)
        level->item_of[nodes[i]] = level->item_count;
    level->item_count++;
    return true;
}

static bool close_group(ordering *o)
{
    uint32_t count = o->open_count;
    for (uint32_t i = 0; i < count; i++)
        o->in_open[o->open[i]] = 0;
    o->open_count = 0;
    bool alone = count == 1 && gt_tape_node(o->level->tape, o->open[0])->op->op_class != GT_CLASS_ELEMENTWISE;
    return count == 0 || append(o, alone ? GT_ITEM_NODE : GT_ITEM_GROUP, o->open, count);
}

static bool depends_on_open(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    for (uint32_t k = 0; k < node->input_count; k++)
        if (o->in_open[gt_node_inputs(o->level->tape, node)[k]])
            return true;
    return false;
}

/* A view that moves no number is in front of the group only if what it looks at is. */
static bool is_group_op(const gt_node *node)
{
    return node->op->op_class == GT_CLASS_ELEMENTWISE && node->input_count <= 4;
}

/* Its shape is that of the whole group; a result of the group that it stretches must be complete first. */
static bool fits_entries(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    bool fits = !o->open_strips && node->op->op_class == GT_CLASS_ELEMENTWISE &&
                gt_shape_equal(gt_level_shape(o->level, o->open[0]), gt_level_shape(o->level, index));
    for (uint32_t k = 0; k < node->input_count && fits; k++) {
        uint32_t input = gt_node_inputs(o->level->tape, node)[k];
        fits = !o->in_open[input] || gt_shape_equal(gt_level_shape(o->level, input), gt_level_shape(o->level, index));
    }
    return fits;
}

static bool fits_strips(const ordering *o, uint32_t index)
{
    return gt_lower_fits_strips(o->lowering, o->level, o->open, o->open_count, index);
}

static bool add_to_group(ordering *o, uint32_t index)
{
    bool entries = o->open_count == 0 || fits_entries(o, index), fits = entries || fits_strips(o, index);
    if ((!fits || o->open_count == MOST_IN_GROUP) && !close_group(o))
        return false;
    bool alone = o->open_count == 0;
    o->open_strips = alone ? !is_group_op(gt_tape_node(o->level->tape, index)) : o->open_strips || !entries;
    o->open[o->open_count++] = index;
    o->in_open[index] = 1;
    return true;
}

/* A sum joins the group, or begins one; rows are cut and joined in it where they are of the group. */
static bool is_in_group(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    if (!gt_lower_is_strip_op(o->lowering, o->level, index))
        return false;
    bool begins = o->open_count == 0 && node->op->op_class == GT_CLASS_REDUCTION;
    bool joins = node->op->op_class == GT_CLASS_REDUCTION || depends_on_open(o, index);
    return begins || (o->open_count > 0 && o->open_count < MOST_IN_GROUP && joins && fits_strips(o, index));
}

/* ---- ops that come late --------------------------------------------------------------------- */

#define NO_ITEM UINT32_MAX

/* The item of what the node reads last. */
static uint32_t last_item_read(const gt_level *level, const gt_node *node)
{
    uint32_t last = NO_ITEM;
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(level->tape, node)[k];
        bool enters = gt_tape_node(level->tape, input)->role != GT_ROLE_NONE;
        if (!enters && (last == NO_ITEM || level->item_of[input] > last))
            last = level->item_of[input];
    }
    return last;
}

/* Does the node read values of the run as they are written, entry by entry? */
static bool fits_run(const ordering *o, const gt_item *run, uint32_t index)
{
    const gt_level *level = o->level;
    const gt_node *node = gt_tape_node(level->tape, index);
    if (run->kind == GT_ITEM_GROUP && run->count < MOST_IN_GROUP && run->strips)
        return gt_lower_fits_strips(o->lowering, level, run->nodes, run->count, index);
    bool fits = run->kind == GT_ITEM_GROUP && run->count < MOST_IN_GROUP &&
                gt_shape_equal(gt_level_shape(level, run->nodes[0]), gt_level_shape(level, index));
    for (uint32_t k = 0; k < node->input_count && fits; k++) {
        uint32_t input = gt_node_inputs(level->tape, node)[k];
        bool inside = gt_tape_node(level->tape, input)->role == GT_ROLE_NONE &&
                      &level->items[level->item_of[input]] == run;
        fits = !inside || gt_shape_equal(gt_level_shape(level, input), gt_level_shape(level, index));
    }
    return fits;
}

/*
 * What nothing but the next step or a stack reads, like a sum over the steps, joins the run that
 * gives its operands, though products stand behind that by now: they need not be stored then.
 */
static bool join_run(ordering *o, uint32_t index, bool *joined)
{
    gt_level *level = o->level;
    *joined = false;
    if (level->scan == NULL || o->read[index] || depends_on_open(o, index))
        return true;
    uint32_t place = last_item_read(level, gt_tape_node(level->tape, index));
    if (place == NO_ITEM || !fits_run(o, &level->items[place], index))
        return true;
    gt_item *run = &level->items[place];
    uint32_t *nodes = gt_pool_new(&o->lowering->scratch, run->count + 1, sizeof *nodes);
    if (nodes == NULL)
        return false;
    uint32_t at = run->strips ? gt_lower_place_in_strips(level, run, index) : run->count;
    memcpy(nodes, run->nodes, at * sizeof *nodes);
    nodes[at] = index;
    memcpy(nodes + at + 1, run->nodes + at, (run->count - at) * sizeof *nodes);
    run->nodes = nodes;
    run->count++;
    level->item_of[index] = place;
    *joined = true;
    return true;
}

static void mark_read(ordering *o)
{
    const gt_level *level = o->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++)
            o->read[gt_node_inputs(level->tape, node)[k]] = 1;
    }
}

static bool append_op(ordering *o, uint32_t index)
{
    bool joined;
    return join_run(o, index, &joined) && (joined || add_to_group(o, index));
}

/* ---- sums of products ---------------------------------------------------------------------- */

/* The nodes of a sum, in the order of the tape; whether one of its products waits for the open group. */
static uint32_t *terms_of(ordering *o, uint32_t index, uint32_t *count, bool *waits)
{
    const gt_sums *sums = &o->sums;
    uint32_t n = 0;
    for (uint32_t i = sums->first[index]; i != 0; i = sums->next[i])
        n++;
    uint32_t *nodes = gt_pool_new(&o->lowering->scratch, n, sizeof *nodes);
    *count = n;
    *waits = false;
    n = 0;
    for (uint32_t i = sums->first[index]; i != 0 && nodes != NULL; i = sums->next[i]) {
        nodes[n++] = i;
        *waits |= gt_tape_node(o->level->tape, i)->op == &gt_op_matmul && depends_on_open(o, i);
    }
    return nodes;
}

static bool append_products(ordering *o, const uint32_t *nodes, uint32_t count, uint32_t addend)
{
    gt_item_kind kind = count > 1 ? GT_ITEM_SUM_OF_PRODUCTS : GT_ITEM_NODE;
    if (!append(o, kind, nodes, count))
        return false;
    o->level->items[o->level->item_count - 1].addend = addend;
    return true;
}

static bool append_sum(ordering *o, uint32_t index)
{
    uint32_t count, addend = o->sums.addend[index];
    bool waits;
    const uint32_t *nodes = terms_of(o, index, &count, &waits);
    if (nodes == NULL)
        return false;
    /* Products that could go in front of the group do not wait for it: then the addition is one more of its ops. */
    if (addend != 0 && o->in_open[addend] && !waits)
        return append_products(o, nodes, count - 1, 0) && add_to_group(o, index);
    return (!waits || close_group(o)) && append_products(o, nodes, count, addend);
}

/* ---- the order ----------------------------------------------------------------------------- */

static bool enters(const gt_node *node)
{
    return node->role != GT_ROLE_NONE;
}

bool gt_lower_order(gt_lowering *lowering, gt_level *level)
{
    ordering o = {.lowering = lowering, .level = level};
    o.in_open = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, 1);
    level->items = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *level->items);
    level->item_of = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *level->item_of);
    o.read = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, 1);
    if (o.in_open == NULL || o.read == NULL || level->items == NULL || level->item_of == NULL ||
        !gt_lower_find_sums(lowering, level, &o.sums))
        return false;
    mark_read(&o);
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        if (!level->wanted[i] || enters(node))
            continue;
        if (node->op->op_class == GT_CLASS_PART) {
            /* It comes with its tuple. */
            level->item_of[i] = level->item_of[gt_node_inputs(level->tape, node)[0]];
            continue;
        }
        if (o.sums.of[i] != 0) {
            if (o.sums.of[i] == i && !append_sum(&o, i))
                return false;
            continue;
        }
        bool done = is_group_op(node)     ? append_op(&o, i)
                    : is_in_group(&o, i) ? add_to_group(&o, i)
                                         : (!depends_on_open(&o, i) || close_group(&o)) && append(&o, GT_ITEM_NODE, &i, 1);
        if (!done)
            return false;
    }
    if (!close_group(&o))
        return false;
    if (gt_lower_chooses(lowering, GT_CHOICE_STACK_PRODUCTS))
        gt_lower_gather_products(level);
    if (level->depth == 0 && gt_lower_chooses(lowering, GT_CHOICE_SUM_WITH_PRODUCTS))
        gt_lower_move_row_sums(level);
    return true;
}
