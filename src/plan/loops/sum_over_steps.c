/*
 * Sums of body values over all steps, made outside of the scan: of weight
 * gradients one product, of sums one sum, of what is linear in a sum the same of
 * the sum. What nothing but a sum reads is added up in the loop.
 */
#include "plan/loops/accumulate.h"

#include "base/utf8.h"
#include "gradtape/ops.h"
#include "ops/descriptors.h"
#include "ops/reduce.h"
#include "plan/loops/lift.h"

/* ---- what there is to sum ------------------------------------------------------------------ */

/* A sum or difference of operands that need no stretching. */
bool gt_accumulate_is_plain(const gt_copy *copy, uint32_t index, const gt_op *op)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (node->op != op)
        return false;
    for (uint32_t k = 0; k < 2; k++)
        if (gt_tape_node(copy->from, gt_node_inputs(copy->from, node)[k])->shape != node->shape)
            return false;
    return true;
}

static bool is_plain_sum(const gt_copy *copy, uint32_t index)
{
    return gt_accumulate_is_plain(copy, index, &gt_op_add);
}

enum { MOST_BLOCKS = 8 };

static bool is_concat_of_rows(const gt_copy *copy, const gt_node *node)
{
    return node->op == &gt_op_concat && gt_node_attributes(copy->from, node)[0] == 0 &&
           node->input_count <= MOST_BLOCKS;
}

/* There must be an axis left for time, also where the sum cannot be taken apart. */
bool gt_accumulate_can_be_stacked(const gt_copy *copy, uint32_t index)
{
    return gt_node_shape(copy->from, gt_tape_node(copy->from, index)).rank < GT_MAX_RANK;
}

/* ---- summing outside ----------------------------------------------------------------------- */

/* Operands of different rank have time on different axes: both become matrices. */
static gt_var as_columns(gt_var sequence)
{
    gt_shape shape = gt_var_shape(sequence);
    if (shape.rank == 2)
        return sequence;
    int64_t rows = shape.rank < 2 ? 1 : shape.size[0]; /* of a scalar there is one row, over time */
    return gt_reshape(sequence, GT_SHAPE(rows, gt_shape_count(shape) / rows));
}

/* Sequences that are concats of rows give a concat of products. */
static gt_var product_of_sequences(gt_var G, gt_var Z)
{
    gt_var blocks[MOST_BLOCKS];
    for (int side = 0; side < 2; side++) {
        gt_var v = side == 0 ? Z : G;
        if (gt_var_op(v) != &gt_op_concat || gt_var_attribute(v, 0) != 0 || gt_var_input_count(v) > MOST_BLOCKS)
            continue;
        uint32_t count = gt_var_input_count(v);
        for (uint32_t k = 0; k < count; k++)
            blocks[k] =
                side == 0 ? product_of_sequences(G, gt_var_input(v, k)) : product_of_sequences(gt_var_input(v, k), Z);
        return gt_concat(blocks, count, side == 0 ? 1 : 0);
    }
    return gt_matmul_transposed(as_columns(G), false, as_columns(Z), true);
}

/* sum over t of G_t @ Z_t.T */
static gt_var sum_of_products(gt_copy *copy, uint32_t left, uint32_t right)
{
    const gt_node *z = gt_tape_node(copy->from, right);
    const gt_node *g = gt_tape_node(copy->from, left);
    const gt_accumulate *a = copy->state;
    /* A concat is taken apart, so that it need not be made for every step. */
    for (int side = 0; side < 2; side++) {
        const gt_node *node = side == 0 ? z : g;
        if (!is_concat_of_rows(copy, node))
            continue;
        gt_var blocks[MOST_BLOCKS];
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t part = gt_node_inputs(copy->from, node)[k];
            blocks[k] = side == 0 ? sum_of_products(copy, left, part) : sum_of_products(copy, part, right);
        }
        return gt_concat(blocks, node->input_count, side == 0 ? 1 : 0);
    }
    gt_var G = a->varies[left] ? gt_copy_all_steps(copy, left) : gt_sum_over_steps(copy, left, 0);
    gt_var Z = a->varies[right] ? gt_copy_all_steps(copy, right) : copy->map[right];
    if (a->varies[left] && a->varies[right])
        return product_of_sequences(G, Z);
    /* One side is the same at all steps: the other is summed first. */
    gt_var sum = a->varies[left] ? gt_sum_over_steps(copy, left, 0) : copy->map[left];
    gt_var other = a->varies[right] ? gt_sum_over_steps(copy, right, 0) : Z;
    return gt_matmul_transposed(sum, false, other, true);
}

/*
 * A value that is not stacked for something else needs no stack for its sum: it is
 * added up entry by entry in the loop, which is one more op of a run, and its
 * columns afterwards. If other steps of the loop read it, too, then only if they may
 * not all leave it, and if its stack would be large: a small one costs less than
 * a sum that each step waits for.
 */
static bool is_running(const gt_copy *copy, const gt_accumulate *a, uint32_t index)
{
    enum { LARGE_BYTES = 4096 };
    const gt_node *node = gt_tape_node(copy->from, index);
    size_t bytes = (size_t)gt_shape_count(gt_node_shape(copy->from, node)) * gt_dtype_size((gt_dtype)node->dtype);
    if (node->op->op_class != GT_CLASS_ELEMENTWISE || node->dtype != copy->from->dtype)
        return false;
    return gt_uses_count(a->uses, index) == 1 ||
           (bytes >= LARGE_BYTES && !a->stacked[index] && !a->free[index] && !a->in_products[index]);
}

void gt_accumulate_choose(const gt_copy *copy)
{
    const gt_accumulate *a = copy->state;
    for (uint32_t i = 1; i <= copy->count; i++)
        a->running[i] = a->running[i] && is_running(copy, a, i);
}

void gt_accumulate_finish(gt_copy *copy)
{
    const gt_accumulate *a = copy->state;
    for (uint32_t i = 1; i <= copy->count && a != NULL; i++) {
        gt_var value = copy->map[i];
        if (!a->running[i] || value.tape != copy->to || !gt_var_valid(value))
            continue;
        gt_var zero = gt_fill(copy->around->to, gt_var_shape(value), -0.0);
        char name[80] = "";
        if (gt_var_name(value)[0] != '\0')
            gt_utf8_format(name, sizeof name, "Σ%.*s", gt_utf8_fit(gt_var_name(value), 70), gt_var_name(value));
        a->totals[i] = gt_scan_carry(copy->to_scan, name, zero);
        gt_scan_next(copy->to_scan, a->totals[i], gt_add(a->totals[i], value));
    }
}

static bool has_total(const gt_accumulate *a, uint32_t index)
{
    return a->totals[index].tape != NULL;
}

static gt_var sum_of_sequence(gt_copy *copy, uint32_t index)
{
    const gt_accumulate *a = copy->state;
    if (has_total(a, index))
        return gt_scan_final(copy->to_scan, a->totals[index]);
    gt_shape shape = gt_node_shape(copy->from, gt_tape_node(copy->from, index));
    return gt_reshape(gt_sum(gt_copy_all_steps(copy, index), shape.rank), shape);
}

static bool keeps_rows(const gt_copy *copy, const gt_node *sum)
{
    return (gt_node_attributes(copy->from, sum)[GT_REDUCE_AXES] & 1) == 0;
}

/* A sum over axes of a step and over time at once: sum node `index`, of x or of a part of its rows. */
static gt_var sum_of_sums(gt_copy *copy, uint32_t index, uint32_t x)
{
    const gt_node *node = gt_tape_node(copy->from, index), *summed = gt_tape_node(copy->from, x);
    gt_shape shape = gt_node_shape(copy->from, node);
    if (is_concat_of_rows(copy, summed) && keeps_rows(copy, node)) {
        gt_var blocks[MOST_BLOCKS];
        for (uint32_t k = 0; k < summed->input_count; k++)
            blocks[k] = sum_of_sums(copy, index, gt_node_inputs(copy->from, summed)[k]);
        return gt_concat(blocks, summed->input_count, 0);
    }
    gt_shape step = gt_node_shape(copy->from, gt_tape_node(copy->from, x));
    const gt_accumulate *a = copy->state;
    bool total = has_total(a, x) || !a->varies[x]; /* over time */
    gt_var sequence = !total            ? gt_copy_all_steps(copy, x)
                      : has_total(a, x) ? gt_scan_final(copy->to_scan, a->totals[x])
                                        : gt_sum_over_steps(copy, x, 0);
    int64_t attributes[GT_REDUCE_ATTRIBUTES];
    attributes[GT_REDUCE_AXES] =
        (gt_node_attributes(copy->from, node)[GT_REDUCE_AXES] & ((1 << step.rank) - 1)) | (total ? 0 : 1 << step.rank);
    attributes[GT_REDUCE_RANK] = step.rank + !total;
    if (keeps_rows(copy, node))
        shape.size[0] = step.size[0];
    if (attributes[GT_REDUCE_AXES] != 0) /* axes behind those of the value have one entry */
        sequence = gt_apply(&gt_op_sum, &sequence, 1, attributes, GT_REDUCE_ATTRIBUTES);
    return gt_reshape(sequence, shape);
}

static bool is_weight_gradient(const gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    return node->op == &gt_op_matmul && gt_node_attributes(copy->from, node)[0] == 0 &&
           gt_node_attributes(copy->from, node)[1] != 0 &&
           gt_accumulate_can_be_stacked(copy, gt_node_inputs(copy->from, node)[0]) &&
           gt_accumulate_can_be_stacked(copy, gt_node_inputs(copy->from, node)[1]);
}

/* A value that has other uses is summed as it is: taken apart at each of them, it would be done again and again. */
static bool is_taken_apart(const gt_accumulate *a, uint32_t index, int depth)
{
    enum { MOST_DEPTH = 64 };
    return depth == 0 || (depth < MOST_DEPTH && gt_uses_count(a->uses, index) == 1);
}

/* The operand in which `node` is linear, all others being the same at every step; NONE_LINEAR if there is none. */
enum { NONE_LINEAR = UINT32_MAX };

static uint32_t linear_operand(const gt_copy *copy, const gt_accumulate *a, const gt_node *node)
{
    const gt_op *op = node->op;
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    bool view = op->op_class == GT_CLASS_VIEW, elementwise = op->op_class == GT_CLASS_ELEMENTWISE;
    if (node->input_count == 1 && (view || elementwise) && (op->linear & 1) != 0)
        return gt_accumulate_can_be_stacked(copy, inputs[0]) ? 0 : NONE_LINEAR;
    if (node->input_count != 2 || !elementwise)
        return NONE_LINEAR;
    uint32_t slot = a->varies[inputs[0]] ? 0 : 1;
    bool linear = !a->varies[inputs[1 - slot]] && (op->linear >> slot & 1) != 0;
    return linear && gt_tape_node(copy->from, inputs[slot])->shape == node->shape ? slot : NONE_LINEAR;
}

/* What is linear in the one operand that varies is done once, with the sum of that operand. */
static gt_var linear_in_sum(gt_copy *copy, uint32_t index, uint32_t slot, int depth)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    gt_var operands[2];
    for (uint32_t k = 0; k < node->input_count; k++)
        operands[k] = k == slot ? gt_sum_over_steps(copy, inputs[k], depth + 1) : copy->map[inputs[k]];
    return gt_apply(node->op, operands, node->input_count, gt_node_attributes(copy->from, node), node->attribute_count);
}

gt_var gt_sum_over_steps(gt_copy *copy, uint32_t index, int depth)
{
    const gt_accumulate *a = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    if (!a->varies[index]) /* the same at every step */
        return gt_mul(copy->map[index], gt_constant(copy->map[index].tape, (double)copy->from_scan->steps));
    if (is_weight_gradient(copy, index))
        return sum_of_products(copy, inputs[0], inputs[1]);
    if (node->op == &gt_op_sum && gt_accumulate_can_be_stacked(copy, inputs[0]))
        return sum_of_sums(copy, index, inputs[0]);
    bool apart = is_taken_apart(a, index, depth);
    uint32_t slot = linear_operand(copy, a, node);
    if (slot != NONE_LINEAR && apart)
        return linear_in_sum(copy, index, slot, depth);
    if (gt_accumulate_is_plain(copy, index, &gt_op_sub) && apart)
        return gt_sub(gt_sum_over_steps(copy, inputs[0], depth + 1), gt_sum_over_steps(copy, inputs[1], depth + 1));
    if (is_plain_sum(copy, index) && apart)
        return gt_add(gt_sum_over_steps(copy, inputs[0], depth + 1), gt_sum_over_steps(copy, inputs[1], depth + 1));
    return sum_of_sequence(copy, index);
}

/* Marks what must be stacked for sum_over_steps; the same cases in the same order. */
static void want(gt_copy *copy, uint32_t index)
{
    const gt_accumulate *a = copy->state;
    copy->wanted[index] = a->stacked[index] = 1;
}

/* A value whose entries are added up, in the loop if gt_accumulate_choose says so. */
static void want_terms(gt_copy *copy, uint32_t index)
{
    const gt_accumulate *a = copy->state;
    copy->wanted[index] = a->running[index] = 1;
}

static void want_parts_of_terms(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!is_concat_of_rows(copy, node))
        want_terms(copy, index);
    for (uint32_t k = 0; k < node->input_count && is_concat_of_rows(copy, node); k++)
        want_parts_of_terms(copy, gt_node_inputs(copy->from, node)[k]);
}

static void want_factor(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!is_concat_of_rows(copy, node)) {
        want(copy, index);
        return;
    }
    for (uint32_t k = 0; k < node->input_count; k++)
        want_factor(copy, gt_node_inputs(copy->from, node)[k]);
}

void gt_want_sum(gt_copy *copy, uint32_t index, int depth)
{
    const gt_accumulate *a = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    bool apart = is_taken_apart(a, index, depth);
    uint32_t slot = linear_operand(copy, a, node);
    if (!a->varies[index]) {
        want(copy, index);
    } else if (is_weight_gradient(copy, index)) {
        want_factor(copy, inputs[0]);
        want_factor(copy, inputs[1]);
    } else if (node->op == &gt_op_sum && gt_accumulate_can_be_stacked(copy, inputs[0])) {
        if (keeps_rows(copy, node))
            want_parts_of_terms(copy, inputs[0]);
        else
            want_terms(copy, inputs[0]);
    } else if (slot != NONE_LINEAR && apart) {
        for (uint32_t k = 0; k < node->input_count; k++)
            k == slot ? gt_want_sum(copy, inputs[k], depth + 1) : want(copy, inputs[k]);
    } else if ((is_plain_sum(copy, index) || gt_accumulate_is_plain(copy, index, &gt_op_sub)) && apart) {
        gt_want_sum(copy, inputs[0], depth + 1);
        gt_want_sum(copy, inputs[1], depth + 1);
    } else {
        want_terms(copy, index);
    }
}
