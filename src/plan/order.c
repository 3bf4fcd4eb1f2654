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
    /* Per node: */
    uint8_t *in_open;
    uint32_t *uses;
    uint32_t *sum;    /* of a product: the sum of products that it is a term of; of such a sum: itself or the larger one */
    uint32_t *first;  /* of such a sum: the first of its nodes */
    uint32_t *next;   /* the node of the same sum that follows */
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
    return count == 0 || append(o, GT_ITEM_GROUP, o->open, count);
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

/* ---- sums of products ---------------------------------------------------------------------- */

static void count_uses(ordering *o)
{
    const gt_level *level = o->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++)
            o->uses[gt_node_inputs(level->tape, node)[k]]++;
        o->uses[i] += level->slots != NULL && level->slots[i] != 0;
    }
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        o->uses[level->scan->carries[k].after] += level->carried[k];
    for (uint32_t k = 0; level->scan == NULL && k < o->lowering->program->output_count; k++)
        o->uses[o->lowering->program->outputs[k].index]++;
}

/* A product, or a sum of products, that nothing but one addition reads. */
static bool is_term(const ordering *o, uint32_t index)
{
    bool product = gt_tape_node(o->level->tape, index)->op == &gt_op_matmul;
    return o->uses[index] == 1 && (product || o->sum[index] == index);
}

/* Each product then adds to one output, and the additions need no pass of their own. */
static void find_sums(ordering *o)
{
    const gt_level *level = o->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        const uint32_t *inputs = gt_node_inputs(level->tape, node);
        if (!level->wanted[i] || node->op != &gt_op_add || inputs[0] == inputs[1])
            continue;
        bool alike = gt_shape_equal(shape_at(level, inputs[0]), shape_at(level, inputs[1]));
        if (alike && is_term(o, inputs[0]) && is_term(o, inputs[1]))
            o->sum[i] = o->sum[inputs[0]] = o->sum[inputs[1]] = i;
    }
    /* From the last to the first: a term belongs to the largest sum around it. */
    for (uint32_t i = level->count; i >= 1; i--)
        if (o->sum[i] != 0 && o->sum[o->sum[i]] != o->sum[i])
            o->sum[i] = o->sum[o->sum[i]];
    for (uint32_t i = level->count; i >= 1; i--) {
        o->next[i] = o->first[o->sum[i]];
        o->first[o->sum[i]] = i;
    }
}

static bool append_sum(ordering *o, uint32_t index)
{
    const gt_level *level = o->level;
    uint32_t count = 0, n = 0;
    for (uint32_t i = o->first[index]; i != 0; i = o->next[i])
        count++;
    uint32_t *nodes = gt_pool_new(&o->lowering->scratch, count, sizeof *nodes);
    if (nodes == NULL)
        return false;
    bool waits = false;
    for (uint32_t i = o->first[index]; i != 0; i = o->next[i]) {
        nodes[n++] = i;
        waits |= gt_tape_node(level->tape, i)->op == &gt_op_matmul && depends_on_open(o, i);
    }
    return (!waits || close_group(o)) && append(o, GT_ITEM_SUM_OF_PRODUCTS, nodes, count);
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
    o.uses = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *o.uses);
    o.sum = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *o.sum);
    o.first = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *o.first);
    o.next = gt_pool_new(&lowering->scratch, (size_t)level->count + 1, sizeof *o.next);
    if (o.in_open == NULL || o.uses == NULL || o.sum == NULL || o.first == NULL || o.next == NULL || level->items == NULL || level->item_of == NULL)
        return false;
    count_uses(&o);
    if (!lowering->code->exact)
        find_sums(&o);
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_tape_node(level->tape, i);
        if (!level->wanted[i] || enters(node))
            continue;
        if (node->op->op_class == GT_CLASS_PART) {
            /* It comes with its tuple. */
            level->item_of[i] = level->item_of[gt_node_inputs(level->tape, node)[0]];
            continue;
        }
        if (o.sum[i] != 0) {
            if (o.sum[i] == i && !append_sum(&o, i))
                return false;
            continue;
        }
        bool done = is_group_op(node) ? add_to_group(&o, i)
                                      : (!depends_on_open(&o, i) || close_group(&o)) && append(&o, GT_ITEM_NODE, &i, 1);
        if (!done)
            return false;
    }
    if (!close_group(&o))
        return false;
    if (lowering->program->stacked)
        gt_lower_gather_products(level);
    return true;
}
