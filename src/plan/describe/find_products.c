/* Finding the matrix products of a program, and how often each must be done. */
#include "plan/describe/bound.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/describe/find_products.h"
#include "plan/rewrite/uses.h"

/* What is known of the nodes of one tape. */
typedef struct finding {
    gt_tape *tape;
    const gt_scan *scan;       /* of a body */
    const gt_program *program; /* of the outer tape */
    int64_t repetitions;       /* of the tape, by the loops around its own */
    uint32_t *wave;
    uint8_t *varies; /* of a body: it changes from step to step */
    uint32_t *next;  /* for each carried state before a step, its value after the step */
    const gt_uses *uses;
    uint32_t *seen, *queue, mark;
    gt_found_products *found;
} finding;

static const gt_node *node_at(const finding *f, uint32_t index)
{
    return gt_tape_node(f->tape, index);
}

/* ---- marks --------------------------------------------------------------------------------- */

static void mark_nodes(finding *f)
{
    for (uint32_t i = 1; i <= f->tape->node_count; i++) {
        const gt_node *node = node_at(f, i);
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t input = gt_node_inputs(f->tape, node)[k];
            f->wave[i] = f->wave[input] > f->wave[i] ? f->wave[input] : f->wave[i];
            f->varies[i] |= f->varies[input];
        }
        f->wave[i] += node->op == &gt_op_matmul || node->op->op_class == GT_CLASS_SCAN;
    }
}

static void mark_body(finding *f)
{
    for (size_t k = 0; k < f->scan->carry_count; k++) {
        f->varies[f->scan->carries[k].before] = 1;
        f->next[f->scan->carries[k].before] = f->scan->carries[k].after;
    }
    for (size_t k = 0; k < f->scan->input_count; k++)
        f->varies[f->scan->inputs[k].inside] = 1;
}

/* Whether a node of a body needs its own value of an earlier step. */
static bool is_recurrent(finding *f, uint32_t index)
{
    uint32_t count = 0;
    f->mark++;
    f->queue[count++] = index;
    while (count > 0) {
        uint32_t at = f->queue[--count];
        const gt_node *node = node_at(f, at);
        for (uint32_t k = 0; k <= node->input_count; k++) {
            uint32_t before = k < node->input_count ? gt_node_inputs(f->tape, node)[k] : f->next[at];
            if (before == index)
                return true;
            if (before == 0 || f->seen[before] == f->mark)
                continue;
            f->seen[before] = f->mark;
            f->queue[count++] = before;
        }
    }
    return false;
}

/* ---- one product --------------------------------------------------------------------------- */

/* Behind reshapes, which move nothing. */
static uint32_t source_of(const finding *f, uint32_t index)
{
    while (node_at(f, index)->op == &gt_op_reshape)
        index = gt_node_inputs(f->tape, node_at(f, index))[0];
    return index;
}

/* The operand and the result of a product in a body for all of its steps at once, where that can be. */
static void batch(const finding *f, uint32_t left, uint32_t right, gt_bound_product *p)
{
    if (!f->varies[left] && !f->varies[right])
        return;
    if (!f->varies[left] && !p->right_transposed)
        p->columns *= f->scan->steps;
    else if (!f->varies[right] && p->left_transposed)
        p->rows *= f->scan->steps;
    else
        p->times *= f->scan->steps;
}

static bool add_product(finding *f, uint32_t index, const uint32_t *sum)
{
    const gt_node *node = node_at(f, index);
    const uint32_t *inputs = gt_node_inputs(f->tape, node);
    gt_shape left = gt_node_shape(f->tape, node_at(f, inputs[0])),
             right = gt_node_shape(f->tape, node_at(f, inputs[1]));
    gt_bound_product p = {.dtype = (gt_dtype)node->dtype, .times = f->repetitions};
    p.left_transposed = gt_node_attributes(f->tape, node)[0] != 0;
    p.right_transposed = gt_node_attributes(f->tape, node)[1] != 0;
    p.rows = p.left_transposed ? gt_columns_of(left) : left.size[0];
    p.inner = p.left_transposed ? left.size[0] : gt_columns_of(left);
    p.columns = p.right_transposed ? right.size[0] : gt_columns_of(right);
    if (f->scan != NULL && is_recurrent(f, index))
        p.times *= f->scan->steps;
    else if (f->scan != NULL)
        batch(f, inputs[0], inputs[1], &p);
    p.left_fixed = !f->varies[inputs[0]];
    p.right_fixed = !f->varies[inputs[1]];
    gt_found_products *found = f->found;
    if (!GT_RESERVE(found->list, found->capacity, found->count + 1))
        return false;
    found->list[found->count] = (gt_found_product){.product = p,
                                                   .tape = f->tape,
                                                   .node = index,
                                                   .left = source_of(f, inputs[0]),
                                                   .right = source_of(f, inputs[1]),
                                                   .sum = sum[index],
                                                   .wave = f->wave[index],
                                                   .whole = (uint32_t)found->count};
    found->count++;
    return true;
}

/* The terms of sums: each node that is used once, by an addition of its shape, belongs to that sum. */
static void mark_sums(finding *f, uint32_t *sum)
{
    for (uint32_t i = (uint32_t)f->tape->node_count; i >= 1; i--) {
        const gt_node *node = node_at(f, i);
        sum[i] = sum[i] == 0 ? i : sum[i];
        for (uint32_t k = 0; node->op == &gt_op_add && k < node->input_count; k++) {
            uint32_t input = gt_node_inputs(f->tape, node)[k];
            if (gt_uses_count(f->uses, input) == 1 &&
                gt_shape_same(gt_node_shape(f->tape, node_at(f, input)), gt_node_shape(f->tape, node)))
                sum[input] = sum[i];
        }
    }
}

/* ---- tapes --------------------------------------------------------------------------------- */

static bool find_on(const finding *level);

static bool find_all(finding *f, uint32_t *sum)
{
    if (f->scan != NULL)
        mark_body(f);
    mark_nodes(f);
    mark_sums(f, sum);
    bool good = true;
    for (uint32_t i = 1; i <= f->tape->node_count && good; i++) {
        const gt_node *node = node_at(f, i);
        if (node->op == &gt_op_matmul)
            good = add_product(f, i, sum);
        else if (node->op->op_class == GT_CLASS_SCAN)
            good = find_on(&(finding){.tape = gt_node_scan(f->tape, node)->body,
                                      .scan = gt_node_scan(f->tape, node),
                                      .repetitions = f->repetitions * (f->scan == NULL ? 1 : f->scan->steps),
                                      .found = f->found});
    }
    return good;
}

static bool find_on(const finding *level)
{
    finding f = *level;
    size_t count = f.tape->node_count + 1;
    f.wave = gt_memory_new(count, sizeof *f.wave);
    f.varies = gt_memory_new(count, 1);
    f.next = gt_memory_new(count, sizeof *f.next);
    gt_pool pool = {0};
    f.uses = gt_uses_of_tape(&pool, f.tape, f.scan, f.program);
    f.seen = gt_memory_new(count, sizeof *f.seen);
    f.queue = gt_memory_new(count, sizeof *f.queue);
    uint32_t *sum = gt_memory_new(count, sizeof *sum);
    bool good = f.wave != NULL && f.varies != NULL && f.next != NULL && f.uses != NULL && f.seen != NULL &&
                f.queue != NULL && sum != NULL && find_all(&f, sum);
    gt_memory_free(f.wave);
    gt_memory_free(f.varies);
    gt_memory_free(f.next);
    gt_pool_free(&pool);
    gt_memory_free(f.seen);
    gt_memory_free(f.queue);
    gt_memory_free(sum);
    return good;
}

bool gt_find_products(const gt_program *program, gt_found_products *found)
{
    return find_on(&(finding){.tape = program->tape, .program = program, .repetitions = 1, .found = found});
}
