/*
 * Simplification: identities that change no bit, views of views, and common
 * subexpressions. Values that are the same at all steps of a scan leave its
 * body by the copy alone.
 *
 * Needs: a program, whatever passes it has been through.
 * Leaves: no dead code, no twins of an expression, no view of a view, no identity; what is
 * the same at every step of a loop is outside of it.
 */
#include "plan/rewrite/passes.h"

#include "base/hash.h"
#include "ops/descriptors.h"
#include "ops/part.h"
#include "ops/rule.h"

#include <math.h>
#include <string.h>

/* ---- what an operand is -------------------------------------------------------------------- */

static bool is_number(gt_var v, double *value)
{
    if (gt_var_op(v) != &gt_op_fill)
        return false;
    *value = gt_unpack_double(gt_var_attribute(v, GT_SHAPE_ATTRIBUTES));
    return true;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool is_exactly(gt_var v, double number)
{
    double value;
    return is_number(v, &value) && same_bits(value, number);
}

/* x, if it has the shape of the node that it replaces. */
static gt_var if_alike(gt_var x, gt_shape shape)
{
    return gt_shape_same(gt_var_shape(x), shape) ? x : GT_NONE;
}

/* ---- identities ---------------------------------------------------------------------------- */

static gt_var fold_arithmetic(const gt_op *op, gt_var a, gt_var b, gt_shape shape)
{
    /* x + -0.0 is x for every x; x + 0.0 is not, where x is -0.0. */
    if (op == &gt_op_add && is_exactly(b, -0.0))
        return if_alike(a, shape);
    if (op == &gt_op_add && is_exactly(a, -0.0))
        return if_alike(b, shape);
    if (op == &gt_op_sub && is_exactly(b, 0.0))
        return if_alike(a, shape);
    if ((op == &gt_op_mul || op == &gt_op_div) && is_exactly(b, 1.0))
        return if_alike(a, shape);
    if (op == &gt_op_mul && is_exactly(a, 1.0))
        return if_alike(b, shape);
    return GT_NONE;
}

static gt_var fold_slice(gt_var x, int64_t axis, int64_t start, int64_t stop)
{
    if (start == 0 && stop == gt_var_shape(x).size[axis])
        return x;
    if (gt_var_op(x) == &gt_op_slice && gt_var_attribute(x, 0) == axis) {
        int64_t offset = gt_var_attribute(x, 1);
        return gt_slice(gt_var_input(x, 0), (int)axis, offset + start, offset + stop);
    }
    if (gt_var_op(x) != &gt_op_concat || gt_var_attribute(x, 0) != axis)
        return GT_NONE;
    /* A slice within one part of a concat. */
    int64_t begin = 0;
    for (uint32_t k = 0; k < gt_var_input_count(x); k++) {
        gt_var part = gt_var_input(x, k);
        int64_t size = gt_var_shape(part).size[axis];
        if (start >= begin && stop <= begin + size)
            return start == begin && stop == begin + size ? part
                                                          : gt_slice(part, (int)axis, start - begin, stop - begin);
        begin += size;
    }
    return GT_NONE;
}

/* A part that is no address within the whole is a slice, which runs take and products of its rows do without. */
static gt_var slice_of_part(gt_var split, const int64_t *attributes, gt_shape shape)
{
    gt_var whole = gt_var_input(split, 0);
    int64_t axis = attributes[GT_PART_AXIS], start = attributes[GT_PART_START];
    if (gt_is_last_axis(gt_var_shape(whole), axis))
        return GT_NONE;
    gt_var slice = gt_slice(whole, (int)axis, start, start + attributes[GT_PART_SIZE]);
    return attributes[GT_PART_DROP] != 0 ? gt_reshape(slice, shape) : slice;
}

/* A view of an array filled with one number is such an array. */
static gt_var fold_view(const gt_op *op, gt_var x, gt_shape shape)
{
    double value;
    bool moves_one = op == &gt_op_reshape || op == &gt_op_broadcast || op == &gt_op_slice || op == &gt_op_transpose;
    if (moves_one && is_number(x, &value))
        return gt_fill(x.tape, shape, value);
    bool may_move_none = op == &gt_op_reshape || op == &gt_op_broadcast || op == &gt_op_concat;
    if (may_move_none && gt_shape_same(gt_var_shape(x), shape))
        return x;
    if (op == &gt_op_reshape && gt_var_op(x) == &gt_op_reshape)
        return gt_reshape(gt_var_input(x, 0), shape);
    if (op == &gt_op_neg && gt_var_op(x) == &gt_op_neg)
        return gt_var_input(x, 0);
    return GT_NONE;
}

/*
 * An element-by-element op stretches its operands by itself: one that is
 * broadcast beforehand need not be, as long as another has the whole shape.
 */
static gt_var without_broadcasts(gt_copy *copy, uint32_t index)
{
    enum { MOST_OPERANDS = 4 };
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_shape shape = gt_node_shape(copy->from, node);
    gt_var inputs[MOST_OPERANDS];
    bool whole = false, broadcast = false;
    if (node->op->op_class != GT_CLASS_ELEMENTWISE || node->input_count < 2 || node->input_count > MOST_OPERANDS)
        return GT_NONE;
    for (uint32_t k = 0; k < node->input_count; k++) {
        inputs[k] = gt_copy_input(copy, index, k);
        bool stretched = gt_var_op(inputs[k]) == &gt_op_broadcast;
        if (stretched)
            inputs[k] = gt_var_input(inputs[k], 0);
        broadcast |= stretched;
        whole |= !stretched && gt_shape_same(gt_var_shape(inputs[k]), shape);
    }
    if (!whole || !broadcast)
        return GT_NONE;
    return gt_apply(node->op, inputs, node->input_count, gt_node_attributes(copy->from, node), node->attribute_count);
}

static gt_var fold(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_shape shape = gt_node_shape(copy->from, node);
    if (node->input_count == 0)
        return GT_NONE;
    gt_var a = gt_copy_input(copy, index, 0);
    gt_var v = GT_NONE;
    if (node->input_count == 1)
        v = fold_view(node->op, a, shape);
    if (v.tape == NULL && node->op == &gt_op_slice) {
        const int64_t *attributes = gt_node_attributes(copy->from, node);
        v = fold_slice(a, attributes[0], attributes[1], attributes[2]);
    }
    if (node->op == &gt_op_part && gt_var_op(a) == &gt_op_split)
        v = slice_of_part(a, gt_node_attributes(copy->from, node), shape);
    if (node->input_count == 2)
        v = fold_arithmetic(node->op, a, gt_copy_input(copy, index, 1), shape);
    if (v.tape == NULL)
        v = without_broadcasts(copy, index);
    /* The next pass over the result may look at its rank. */
    return v.tape == NULL || gt_shape_same(gt_var_shape(v), shape) ? v : gt_reshape(v, shape);
}

/* ---- common subexpressions ----------------------------------------------------------------- */

typedef struct key {
    const gt_op *op;
    gt_var inputs[4];
    int64_t attributes[GT_MAX_ATTRIBUTES];
    uint32_t input_count, attribute_count;
} key;

typedef struct entry {
    key key;
    gt_var v;
    bool added;
    UT_hash_handle hh;
} entry;

typedef struct table {
    entry *hash;
} table;

static bool make_key(const gt_copy *copy, uint32_t index, key *k)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_op_class op_class = node->op->op_class;
    bool given = op_class == GT_CLASS_LEAF && node->op->evaluate == NULL;
    if (given || op_class == GT_CLASS_PART || gt_class_is_tuple(op_class) || node->input_count > 4)
        return false;
    memset(k, 0, sizeof *k);
    k->op = node->op;
    k->input_count = node->input_count;
    k->attribute_count = node->attribute_count;
    for (uint32_t i = 0; i < node->input_count; i++) {
        gt_var v = gt_copy_input(copy, index, i);
        k->inputs[i].tape = v.tape;
        k->inputs[i].index = v.index;
    }
    memcpy(k->attributes, gt_node_attributes(copy->from, node), node->attribute_count * sizeof *k->attributes);
    return true;
}

static table *root_table(gt_copy *copy)
{
    while (copy->around != NULL)
        copy = copy->around;
    return copy->state;
}

static gt_var simplify_node(gt_copy *copy, uint32_t index)
{
    gt_var v = fold(copy, index);
    key k;
    if (v.tape != NULL || !make_key(copy, index, &k))
        return v;
    table *t = root_table(copy);
    entry *found = NULL;
    HASH_FIND(hh, t->hash, &k, sizeof k, found);
    if (found != NULL)
        return found->v;
    v = gt_copy_plain(copy, index);
    found = gt_memory_new(1, sizeof *found);
    if (found == NULL || !gt_var_valid(v)) {
        gt_memory_free(found);
        return v; /* without the memory to remember it, it is only computed again */
    }
    memcpy(&found->key, &k, sizeof k);
    found->v = v;
    found->added = true;
    HASH_ADD(hh, t->hash, key, sizeof k, found);
    if (!found->added)
        gt_memory_free(found);
    return v;
}

/* ---- stacks of concats ---------------------------------------------------------------------- */

/* The stack of a concat of rows is the concat of stacks: then it need not be made at every step. */
static gt_var simplify_part(gt_copy *body, bool stack, uint32_t of)
{
    enum { MOST_PARTS = 16 };
    gt_var parts[MOST_PARTS];
    const gt_node *node = gt_tape_node(body->from, of);
    if (!stack || node->op != &gt_op_concat || gt_node_attributes(body->from, node)[0] != 0 ||
        node->input_count > MOST_PARTS || body->map[of].tape != body->to ||
        gt_node_shape(body->from, node).rank == GT_MAX_RANK)
        return GT_NONE;
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(body->from, node)[k];
        bool alike =
            gt_node_shape(body->from, gt_tape_node(body->from, input)).rank == gt_node_shape(body->from, node).rank;
        if (!alike || body->map[input].tape != body->to)
            return GT_NONE;
        parts[k] = gt_copy_all_steps(body, input);
    }
    return gt_concat(parts, node->input_count, 0);
}

static bool simplify_open(gt_copy *copy)
{
    if (copy->around == NULL)
        copy->state = gt_memory_new(1, sizeof(table));
    return copy->around != NULL || copy->state != NULL;
}

static void simplify_close(gt_copy *copy)
{
    table *t = copy->state;
    entry *each, *next;
    HASH_ITER(hh, t->hash, each, next)
    {
        HASH_DEL(t->hash, each);
        gt_memory_free(each);
    }
    gt_memory_free(t);
}

const gt_rewrite gt_pass_simplify = {
    .open = simplify_open, .close = simplify_close, .node = simplify_node, .part = simplify_part};
