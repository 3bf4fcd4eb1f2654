/*
 * Sums of body values over all steps, made outside of the scan as choose_sums.c
 * says: of weight gradients one product, of sums one sum, of what is linear in a
 * sum the same of the sum. What nothing but a sum reads is added up in the loop.
 */
#include "plan/loops/accumulate.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "gradtape/ops.h"
#include "ops/descriptors.h"
#include "ops/reduce.h"

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
    gt_var blocks[GT_SUM_MOST_BLOCKS];
    for (int side = 0; side < 2; side++) {
        gt_var v = side == 0 ? Z : G;
        if (gt_var_op(v) != &gt_op_concat || gt_var_attribute(v, 0) != 0 || gt_var_input_count(v) > GT_SUM_MOST_BLOCKS)
            continue;
        uint32_t count = gt_var_input_count(v);
        for (uint32_t k = 0; k < count; k++)
            blocks[k] =
                side == 0 ? product_of_sequences(G, gt_var_input(v, k)) : product_of_sequences(gt_var_input(v, k), Z);
        return gt_concat(blocks, count, side == 0 ? 1 : 0);
    }
    return gt_matmul_transposed(as_columns(G), false, as_columns(Z), true);
}

/* The sum of what is the same at every step. */
static gt_var repeated(const gt_copy *copy, gt_var v)
{
    return gt_mul(v, gt_constant(v.tape, (double)copy->from_scan->steps));
}

/* Of a product of which one side, or none, changes from step to step. */
static gt_var sum_beside(gt_copy *copy, uint32_t left, uint32_t right)
{
    const gt_accumulate *a = copy->state;
    gt_var G = a->varies[left] ? a->sums[left] : copy->map[left];
    gt_var Z = a->varies[right] ? a->sums[right] : copy->map[right];
    gt_var product = gt_matmul_transposed(G, false, Z, true);
    return a->varies[left] || a->varies[right] ? product : repeated(copy, product);
}

/* sum over t of G_t @ Z_t.T */
static gt_var sum_of_products(gt_copy *copy, uint32_t left, uint32_t right)
{
    const gt_accumulate *a = copy->state;
    /* A concat is taken apart, so that it need not be made for every step. */
    for (int side = 0; side < 2; side++) {
        const gt_node *node = gt_tape_node(copy->from, side == 0 ? right : left);
        if (!gt_accumulate_is_concat_of_rows(copy, node))
            continue;
        gt_var blocks[GT_SUM_MOST_BLOCKS];
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t part = gt_node_inputs(copy->from, node)[k];
            blocks[k] = side == 0 ? sum_of_products(copy, left, part) : sum_of_products(copy, part, right);
        }
        return gt_concat(blocks, node->input_count, side == 0 ? 1 : 0);
    }
    if (a->varies[left] && a->varies[right])
        return product_of_sequences(gt_copy_all_steps(copy, left), gt_copy_all_steps(copy, right));
    return sum_beside(copy, left, right);
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

/* A sum over axes of a step and over time at once: sum node `index`, of x or of a part of its rows. */
static gt_var sum_of_sums(gt_copy *copy, uint32_t index, uint32_t x)
{
    const gt_node *node = gt_tape_node(copy->from, index), *summed = gt_tape_node(copy->from, x);
    gt_shape shape = gt_node_shape(copy->from, node);
    if (gt_accumulate_is_concat_of_rows(copy, summed) && gt_accumulate_keeps_rows(copy, node)) {
        gt_var blocks[GT_SUM_MOST_BLOCKS];
        for (uint32_t k = 0; k < summed->input_count; k++)
            blocks[k] = sum_of_sums(copy, index, gt_node_inputs(copy->from, summed)[k]);
        return gt_concat(blocks, summed->input_count, 0);
    }
    gt_shape step = gt_node_shape(copy->from, gt_tape_node(copy->from, x));
    const gt_accumulate *a = copy->state;
    bool total = has_total(a, x) || !a->varies[x]; /* over time */
    gt_var sequence = !total            ? gt_copy_all_steps(copy, x)
                      : has_total(a, x) ? gt_scan_final(copy->to_scan, a->totals[x])
                                        : repeated(copy, copy->map[x]);
    int64_t attributes[GT_REDUCE_ATTRIBUTES];
    attributes[GT_REDUCE_AXES] =
        (gt_node_attributes(copy->from, node)[GT_REDUCE_AXES] & ((1 << step.rank) - 1)) | (total ? 0 : 1 << step.rank);
    attributes[GT_REDUCE_RANK] = step.rank + !total;
    if (gt_accumulate_keeps_rows(copy, node))
        shape.size[0] = step.size[0];
    if (attributes[GT_REDUCE_AXES] != 0) /* axes behind those of the value have one entry */
        sequence = gt_apply(&gt_op_sum, &sequence, 1, attributes, GT_REDUCE_ATTRIBUTES);
    return gt_reshape(sequence, shape);
}

/* What is linear in the operands that vary is done once, with their sums. */
static gt_var linear_in_sums(gt_copy *copy, uint32_t index)
{
    enum { FEW = 8 };
    const gt_accumulate *a = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    gt_var few[FEW], *operands = node->input_count <= FEW ? few : gt_memory_new(node->input_count, sizeof *operands);
    if (operands == NULL) {
        gt_tape_fail_memory(copy->around->to);
        return gt_tape_none(copy->around->to);
    }
    for (uint32_t k = 0; k < node->input_count; k++)
        operands[k] = gt_accumulate_needs_sum_of(copy, node, k) ? a->sums[inputs[k]] : copy->map[inputs[k]];
    gt_var sum =
        gt_apply(node->op, operands, node->input_count, gt_node_attributes(copy->from, node), node->attribute_count);
    if (operands != few)
        gt_memory_free(operands);
    return sum;
}

static gt_var make_sum(gt_copy *copy, uint32_t index)
{
    const gt_accumulate *a = copy->state;
    const uint32_t *inputs = gt_node_inputs(copy->from, gt_tape_node(copy->from, index));
    switch (a->way[index]) {
    case GT_SUM_REPEATED:
        return repeated(copy, copy->map[index]);
    case GT_SUM_PRODUCT:
        return sum_of_products(copy, inputs[0], inputs[1]);
    case GT_SUM_LINEAR:
        return linear_in_sums(copy, index);
    case GT_SUM_REDUCED:
        return sum_of_sums(copy, index, inputs[0]);
    default:
        return sum_of_sequence(copy, index);
    }
}

/* A sum needs those of nodes before it alone. */
gt_var gt_sum_over_steps(gt_copy *copy, uint32_t index)
{
    gt_accumulate *a = copy->state;
    for (uint32_t i = 1; i <= copy->count && !a->made; i++)
        if (a->way[i] != GT_SUM_NOT)
            a->sums[i] = make_sum(copy, i);
    a->made = true;
    return a->sums[index];
}
