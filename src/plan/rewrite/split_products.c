/*
 * In the body of a scan, W @ concat(a, x) becomes W[:, :n] @ a + W[:, n:] @ x:
 * the concat is never made, and the half that does not wait for a state can
 * leave the loop. In the other direction, where only rows of a sum of products
 * are used, each is computed from the rows that it needs: the adjoint of a
 * concat slices W.T @ g into the state's part and the input's part.
 *
 * Needs: concats and slices next to their products.
 * Leaves: in bodies, no product of a concat of rows, and no slice of rows of a product.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <string.h>

/* How many nodes of a sum of products are followed for one slice; the rest is sliced as it is. */
#define MOST_NODES 256

typedef struct uses {
    uint8_t *sliced; /* for each node: all uses take rows of it, and it can be computed by rows */
} uses;

/* ---- which nodes are used by rows only ----------------------------------------------------- */

static bool takes_rows(const gt_tape *tape, const gt_node *node)
{
    return node->op == &gt_op_slice && gt_node_attributes(tape, node)[0] == 0;
}

static bool has_rows(const gt_node *node)
{
    return node->op == &gt_op_matmul || node->op->op_class == GT_CLASS_ELEMENTWISE;
}

/* One column, or one that every step sees: its rows cost nothing to speak of. */
static bool is_cheap(const gt_copy *copy, const gt_node *node, int64_t rows)
{
    gt_shape shape = gt_node_shape(copy->from, node);
    return shape.size[0] != rows || gt_shape_count(shape) == rows;
}

static void forbid_what_leaves(const gt_copy *copy, uint8_t *other_use)
{
    const gt_scan *scan = copy->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        other_use[scan->carries[k].after] = 1;
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(copy->around->from, scan->parts[p]);
        if (copy->around->wanted[scan->parts[p]] && part->op == &gt_op_scan_stack)
            other_use[gt_node_attributes(copy->around->from, part)[0]] = 1;
    }
}

/* What is marked while nodes are looked for. */
typedef struct search {
    uint8_t *other_use; /* something else than rows of it is used */
    uint8_t *whole;     /* it is cut itself: its operands would have to be cut otherwise, and they are more */
    uint8_t *cuts;      /* how many arrays are cut to compute rows of it */
} search;

static void find_sliced(const gt_copy *copy, uses *u, search *s)
{
    memset(s->other_use, 0, (size_t)copy->count + 1);
    forbid_what_leaves(copy, s->other_use);
    for (uint32_t i = copy->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(copy->from, i);
        if (!copy->wanted[i])
            continue;
        u->sliced[i] = has_rows(node) && !s->other_use[i] && !s->whole[i];
        bool by_rows = takes_rows(copy->from, node) || (node->op->op_class == GT_CLASS_ELEMENTWISE && u->sliced[i]);
        for (uint32_t k = 0; k < node->input_count && !by_rows; k++)
            s->other_use[gt_node_inputs(copy->from, node)[k]] = 1;
    }
}

/* Rows of a product cost nothing. False if nothing was found that is better cut itself. */
static bool count_cuts(const gt_copy *copy, const uses *u, search *s)
{
    bool found = false;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        int64_t rows = gt_node_shape(copy->from, node).size[0];
        uint32_t sum = u->sliced[i] ? 0 : 1;
        for (uint32_t k = 0; k < node->input_count && u->sliced[i] && node->op != &gt_op_matmul; k++) {
            uint32_t input = gt_node_inputs(copy->from, node)[k];
            sum += is_cheap(copy, gt_tape_node(copy->from, input), rows) ? 0 : s->cuts[input];
        }
        s->cuts[i] = sum > 0;
        if (sum <= 1)
            continue;
        s->whole[i] = 1;
        found = true;
    }
    return found;
}

static bool split_open(gt_copy *copy)
{
    enum { MOST_ROUNDS = 4 };
    if (copy->around == NULL)
        return true;
    size_t count = (size_t)copy->count + 1;
    uses *u = gt_memory_new(1, sizeof *u);
    search s = {gt_memory_new(count, 1), gt_memory_new(count, 1), gt_memory_new(count, 1)};
    if (u != NULL)
        u->sliced = gt_memory_new(count, 1);
    copy->state = u;
    bool open = u != NULL && u->sliced != NULL && s.other_use != NULL && s.whole != NULL && s.cuts != NULL;
    if (open) {
        find_sliced(copy, u, &s);
        for (int round = 0; round < MOST_ROUNDS && count_cuts(copy, u, &s); round++)
            find_sliced(copy, u, &s);
    }
    gt_memory_free(s.other_use);
    gt_memory_free(s.whole);
    gt_memory_free(s.cuts);
    return open;
}

static void split_close(gt_copy *copy)
{
    uses *u = copy->state;
    gt_memory_free(u->sliced);
    gt_memory_free(u);
}

/* ---- products ------------------------------------------------------------------------------ */

/* op(a) @ concat(b1, b2, ...) as a sum over the parts, in their order. */
static gt_var product_with_concat(gt_var a, bool transpose_a, gt_var concat)
{
    gt_var sum = GT_NONE;
    int64_t start = 0;
    for (uint32_t k = 0; k < gt_var_input_count(concat); k++) {
        gt_var part = gt_var_input(concat, k);
        int64_t size = gt_var_shape(part).size[0];
        gt_var block = gt_slice(a, transpose_a ? 0 : 1, start, start + size);
        gt_var product = gt_matmul_transposed(block, transpose_a, part, false);
        sum = sum.tape == NULL ? product : gt_add(sum, product);
        start += size;
    }
    return sum;
}

static gt_var product(gt_var a, bool transpose_a, gt_var b, bool transpose_b)
{
    bool of_concat = gt_var_op(b) == &gt_op_concat && gt_var_attribute(b, 0) == 0 && !transpose_b;
    return of_concat ? product_with_concat(a, transpose_a, b) : gt_matmul_transposed(a, transpose_a, b, transpose_b);
}

/* Rows start to stop of a node. */
static gt_var rows_of(gt_copy *copy, uint32_t index, int64_t start, int64_t stop, int *left)
{
    const uses *u = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!u->sliced[index] || --*left < 0)
        return gt_slice(copy->map[index], 0, start, stop);
    if (node->op == &gt_op_matmul) {
        bool transpose_a = gt_node_attributes(copy->from, node)[0] != 0;
        bool transpose_b = gt_node_attributes(copy->from, node)[1] != 0;
        gt_var a = gt_slice(gt_copy_input(copy, index, 0), transpose_a ? 1 : 0, start, stop);
        return product(a, transpose_a, gt_copy_input(copy, index, 1), transpose_b);
    }
    gt_var operands[4];
    int64_t rows = gt_node_shape(copy->from, node).size[0];
    for (uint32_t k = 0; k < node->input_count && k < 4; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        bool stretched = gt_node_shape(copy->from, gt_tape_node(copy->from, input)).size[0] != rows;
        operands[k] = stretched ? copy->map[input] : rows_of(copy, input, start, stop, left);
    }
    return gt_apply(node->op, operands, node->input_count, gt_node_attributes(copy->from, node), node->attribute_count);
}

static gt_var split_node(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const int64_t *attributes = gt_node_attributes(copy->from, node);
    if (copy->around == NULL)
        return GT_NONE;
    if (node->op == &gt_op_matmul)
        return product(gt_copy_input(copy, index, 0), attributes[0] != 0, gt_copy_input(copy, index, 1),
                       attributes[1] != 0);
    int left = MOST_NODES;
    if (takes_rows(copy->from, node))
        return rows_of(copy, gt_node_inputs(copy->from, node)[0], attributes[1], attributes[2], &left);
    return GT_NONE;
}

const gt_rewrite gt_pass_split_products = {.open = split_open, .close = split_close, .node = split_node};
