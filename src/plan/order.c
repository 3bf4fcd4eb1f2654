/*
 * The order of a block.
 *
 * Nodes come in the order of the tape, in which every node follows its inputs.
 * Element-by-element nodes of one shape gather in an open group. A node that is
 * not element by element goes in front of the open group if it does not depend
 * on it, and otherwise closes it: so the products of all gates come first, and
 * the gates' arithmetic is one run.
 */
#include "plan/lower.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <string.h>

enum { MOST_IN_GROUP = 96 };

typedef struct ordering {
    gt_lowering *lowering;
    gt_level *level;
    uint32_t open[MOST_IN_GROUP];
    uint32_t open_count;
    uint8_t *in_open; /* per node */
} ordering;

bool gt_lower_walk(gt_shape operand, gt_shape result, gt_walk *walk)
{
    bool flat = true, column = operand.size[0] == result.size[0], row = operand.size[0] == 1, scalar = true;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        flat &= operand.size[axis] == result.size[axis];
        scalar &= operand.size[axis] == 1;
        column &= axis == 0 || operand.size[axis] == 1;
        row &= axis == 0 || operand.size[axis] == result.size[axis];
    }
    *walk = flat ? GT_WALK_FLAT : scalar ? GT_WALK_SCALAR : column ? GT_WALK_COLUMN : GT_WALK_ROW;
    return flat || scalar || column || row;
}

static gt_shape shape_at(const gt_level *level, uint32_t index)
{
    return gt_node_shape(level->tape, gt_tape_node(level->tape, index));
}

static bool append(ordering *o, const uint32_t *nodes, uint32_t count, bool group)
{
    gt_level *level = o->level;
    gt_item *item = &level->items[level->item_count];
    item->nodes = gt_pool_new(&o->lowering->scratch, count, sizeof *nodes);
    if (item->nodes == NULL)
        return false;
    memcpy(item->nodes, nodes, count * sizeof *nodes);
    item->count = count;
    item->group = group;
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
    return count == 0 || append(o, o->open, count, true);
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

static bool add_to_group(ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    bool fits = o->open_count < MOST_IN_GROUP;
    if (o->open_count > 0)
        fits = fits && gt_shape_equal(shape_at(o->level, o->open[0]), shape_at(o->level, index));
    /* A result of the group that this one stretches must be complete first. */
    for (uint32_t k = 0; k < node->input_count && fits; k++) {
        uint32_t input = gt_node_inputs(o->level->tape, node)[k];
        fits = !o->in_open[input] || gt_shape_equal(shape_at(o->level, input), shape_at(o->level, index));
    }
    if (!fits && !close_group(o))
        return false;
    o->open[o->open_count++] = index;
    o->in_open[index] = 1;
    return true;
}

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
    if (o.in_open == NULL || level->items == NULL || level->item_of == NULL)
        return false;
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        if (!level->wanted[i] || enters(node))
            continue;
        if (node->op->op_class == GT_CLASS_PART) {
            /* It comes with its tuple. */
            level->item_of[i] = level->item_of[gt_node_inputs(level->tape, node)[0]];
            continue;
        }
        bool done = is_group_op(node) ? add_to_group(&o, i)
                                      : (!depends_on_open(&o, i) || close_group(&o)) && append(&o, &i, 1, false);
        if (!done)
            return false;
    }
    return close_group(&o);
}
