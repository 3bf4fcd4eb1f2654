/*
 * How the sums of body values over all steps are made. A sum of what is linear in
 * values that vary, all else being the same at every step, is that of their sums: so a
 * formula that makes a weight of parameters is gone through once, after the loop, with
 * the sum of the weight's gradients. From the last node to the first, each sum says what
 * others it needs, and which values of the loop.
 */
#include "plan/loops/accumulate.h"

#include "ops/descriptors.h"
#include "plan/loops/lift.h"

/* ---- what a node is ------------------------------------------------------------------------ */

bool gt_accumulate_is_concat_of_rows(const gt_copy *copy, const gt_node *node)
{
    return node->op == &gt_op_concat && gt_node_attributes(copy->from, node)[0] == 0 &&
           node->input_count <= GT_SUM_MOST_BLOCKS;
}

bool gt_accumulate_can_be_stacked(const gt_copy *copy, uint32_t index)
{
    return gt_node_shape(copy->from, gt_tape_node(copy->from, index)).rank < GT_MAX_RANK;
}

bool gt_accumulate_keeps_rows(const gt_copy *copy, const gt_node *sum)
{
    return (gt_node_attributes(copy->from, sum)[0] & 1) == 0;
}

static uint32_t count_varying(const gt_copy *copy, const gt_accumulate *a, const gt_node *node)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < node->input_count; k++)
        count += a->varies[gt_node_inputs(copy->from, node)[k]];
    return count;
}

static bool is_matrix_product(const gt_node *node)
{
    return node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
}

/* G @ Z.T with columns that change from step to step on both sides. */
static bool is_weight_gradient(const gt_copy *copy, const gt_accumulate *a, const gt_node *node)
{
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    return node->op == &gt_op_matmul && gt_node_attributes(copy->from, node)[0] == 0 &&
           gt_node_attributes(copy->from, node)[1] != 0 && count_varying(copy, a, node) == 2 &&
           gt_accumulate_can_be_stacked(copy, inputs[0]) && gt_accumulate_can_be_stacked(copy, inputs[1]);
}

/* Linear in several operands together: the sum of one that is the same at every step is needed, too. */
static bool is_linear_in_all(const gt_node *node)
{
    return node->op == &gt_op_add || node->op == &gt_op_sub || node->op == &gt_op_concat;
}

bool gt_accumulate_needs_sum_of(const gt_copy *copy, const gt_node *linear, uint32_t slot)
{
    const gt_accumulate *a = copy->state;
    return a->varies[gt_node_inputs(copy->from, linear)[slot]] || is_linear_in_all(linear);
}

static bool is_linear(const gt_copy *copy, const gt_accumulate *a, const gt_node *node)
{
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    bool linear = is_linear_in_all(node) || count_varying(copy, a, node) == 1;
    for (uint32_t k = 0; k < node->input_count && linear; k++)
        linear = !a->varies[inputs[k]] || (gt_accumulate_can_be_stacked(copy, inputs[k]) &&
                                           (is_linear_in_all(node) || (k < 32 && (node->op->linear >> k & 1) != 0)));
    return linear;
}

static bool reads_reduced(const gt_copy *copy, const gt_accumulate *a, const gt_node *node)
{
    for (uint32_t k = 0; k < node->input_count; k++)
        if (a->reduced[gt_node_inputs(copy->from, node)[k]])
            return true;
    return false;
}

/*
 * The sum of a product or of a reduction is made without making it at each step, and so is that
 * of what is linear in one.
 */
static void mark_reduced(gt_copy *copy)
{
    const gt_accumulate *a = copy->state;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool reduces = is_matrix_product(node) || node->op->axes == GT_AXES_REDUCED;
        a->reduced[i] = a->varies[i] && (reduces || (is_linear(copy, a, node) && reads_reduced(copy, a, node)));
    }
}

/* ---- how the sum is made ------------------------------------------------------------------- */

/* Nothing needs it at each step. */
static bool is_only_gathered(const gt_accumulate *a, uint32_t index)
{
    return a->gathered[index] == gt_uses_count(a->uses, index);
}

/* What something else reads, too, is there at each step anyway; but a product is never summed as it is. */
static bool goes_through(const gt_copy *copy, const gt_accumulate *a, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!is_linear(copy, a, node))
        return false;
    if (node->op->axes == GT_AXES_REDUCED && !reads_reduced(copy, a, node))
        return false;
    return is_matrix_product(node) || is_only_gathered(a, index);
}

static gt_sum_way way_of(const gt_copy *copy, const gt_accumulate *a, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!a->varies[index])
        return GT_SUM_REPEATED;
    if (is_weight_gradient(copy, a, node))
        return GT_SUM_PRODUCT;
    if (goes_through(copy, a, index))
        return GT_SUM_LINEAR;
    bool sum = node->op == &gt_op_sum && gt_accumulate_can_be_stacked(copy, gt_node_inputs(copy->from, node)[0]);
    return sum ? GT_SUM_REDUCED : GT_SUM_TERMS;
}

/* ---- what it needs ------------------------------------------------------------------------- */

void gt_need_sum(gt_copy *copy, uint32_t index)
{
    const gt_accumulate *a = copy->state;
    a->gathered[index]++;
    if (a->way[index] == GT_SUM_NOT)
        a->way[index] = GT_SUM_NEEDED;
}

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
    if (!gt_accumulate_is_concat_of_rows(copy, node))
        want_terms(copy, index);
    for (uint32_t k = 0; k < node->input_count && gt_accumulate_is_concat_of_rows(copy, node); k++)
        want_parts_of_terms(copy, gt_node_inputs(copy->from, node)[k]);
}

/* The two sides of a product, parts of concats apart: sequences, or the sum of one beside what stays the same. */
static void want_factors(gt_copy *copy, uint32_t left, uint32_t right)
{
    const gt_accumulate *a = copy->state;
    for (int side = 0; side < 2; side++) {
        const gt_node *node = gt_tape_node(copy->from, side == 0 ? right : left);
        if (!gt_accumulate_is_concat_of_rows(copy, node))
            continue;
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t part = gt_node_inputs(copy->from, node)[k];
            want_factors(copy, side == 0 ? left : part, side == 0 ? part : right);
        }
        return;
    }
    bool both = a->varies[left] && a->varies[right];
    for (int side = 0; side < 2; side++) {
        uint32_t factor = side == 0 ? left : right;
        if (!both && a->varies[factor])
            gt_need_sum(copy, factor);
        else
            want(copy, factor);
    }
}

static void want_operands(gt_copy *copy, const gt_node *node)
{
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        if (gt_accumulate_needs_sum_of(copy, node, k))
            gt_need_sum(copy, input);
        else
            want(copy, input);
    }
}

/* The operand of a sum over axes; one that is the same at every step is summed as such. */
static void want_reduced(gt_copy *copy, const gt_node *node)
{
    const gt_accumulate *a = copy->state;
    uint32_t x = gt_node_inputs(copy->from, node)[0];
    a->gathered[x]++;
    if (gt_accumulate_keeps_rows(copy, node))
        want_parts_of_terms(copy, x);
    else
        want_terms(copy, x);
}

void gt_choose_sums(gt_copy *copy)
{
    const gt_accumulate *a = copy->state;
    mark_reduced(copy);
    for (uint32_t i = copy->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(copy->from, i);
        if (a->way[i] == GT_SUM_NOT)
            continue;
        a->way[i] = (uint8_t)way_of(copy, a, i);
        if (a->way[i] == GT_SUM_REPEATED)
            want(copy, i);
        else if (a->way[i] == GT_SUM_PRODUCT)
            want_factors(copy, gt_node_inputs(copy->from, node)[0], gt_node_inputs(copy->from, node)[1]);
        else if (a->way[i] == GT_SUM_LINEAR)
            want_operands(copy, node);
        else if (a->way[i] == GT_SUM_REDUCED)
            want_reduced(copy, node);
        else
            want_terms(copy, i);
    }
}

/* ---- what the loop adds up ----------------------------------------------------------------- */

/* Products that no state waits for, which are done after the loop if nothing in it holds them, and what follows. */
static void mark_late(const gt_copy *copy, gt_accumulate *a)
{
    gt_lift_mark_kept(copy, a->kept, a->waited);
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool late =
            is_matrix_product(node) && a->varies[i] && !a->free[i] && gt_lift_possible(copy->from, i, a->varies);
        for (uint32_t k = 0; k < node->input_count; k++)
            late |= a->late[gt_node_inputs(copy->from, node)[k]];
        a->late[i] = late && !a->waited[i];
    }
}

/*
 * A value that is not stacked for something else needs no stack for its sum: it is
 * added up entry by entry in the loop, which is one more op of a run, and its
 * columns afterwards. If other steps of the loop read it, too, then only if they may
 * not all leave it, and if its stack would be large: a small one costs less than
 * a sum that each step waits for. What follows from a product that can be done after the loop
 * would hold it in there.
 */
static bool is_running(const gt_copy *copy, const gt_accumulate *a, uint32_t index)
{
    enum { LARGE_BYTES = 4096 };
    const gt_node *node = gt_tape_node(copy->from, index);
    size_t bytes = (size_t)gt_shape_count(gt_node_shape(copy->from, node)) * gt_dtype_size((gt_dtype)node->dtype);
    if (node->op->op_class != GT_CLASS_ELEMENTWISE || node->dtype != copy->from->dtype ||
        (a->late[index] && gt_accumulate_can_be_stacked(copy, index)))
        return false;
    return gt_uses_count(a->uses, index) == 1 || is_only_gathered(a, index) ||
           (bytes >= LARGE_BYTES && !a->stacked[index] && !a->free[index] && !a->in_products[index]);
}

void gt_accumulate_choose(const gt_copy *copy)
{
    gt_accumulate *a = copy->state;
    mark_late(copy, a);
    for (uint32_t i = 1; i <= copy->count; i++)
        a->running[i] = a->running[i] && is_running(copy, a, i);
}
