/*
 * Fission of scans by dependence on the carried states.
 *
 * A product whose operands no state reaches is done before the loop for all
 * steps at once, and so is a sum of such products with what they can start at;
 * with them goes what they are computed from. A product that no state
 * waits for is done after the loop, and with it everything that follows from
 * it. Element-by-element work leaves the loop only together with a product: in
 * the loop it is in the cache, outside it is memory traffic.
 *
 * Needs: products of one operand each, and sums with what can leave in brackets.
 * Leaves: in loops, only products that a state waits for and what is computed with them.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/loops/lift.h"

typedef struct fission {
    uint8_t *varies;  /* changes from step to step */
    uint8_t *free;    /* no carried state reaches it, and it can leave with all of its past */
    uint8_t *before;  /* leaves the loop to the front */
    uint8_t *after;   /* leaves the loop to the back */
    uint8_t *read;    /* by something that stays in the loop */
    gt_var *sequence; /* of a node that has left: its values at all steps, outside */
} fission;

static bool is_product(const gt_node *node)
{
    return node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
}

/* ---- analysis ------------------------------------------------------------------------------ */

/* What a product of the whole sequence may start at: one of its size, or one column. */
static bool can_be_addend(const gt_copy *copy, const fission *f, uint32_t addend, uint32_t sum)
{
    gt_shape shape = gt_node_shape(copy->from, gt_tape_node(copy->from, addend));
    gt_shape result = gt_node_shape(copy->from, gt_tape_node(copy->from, sum));
    bool column = shape.size[0] == result.size[0] && gt_shape_count(shape) == shape.size[0];
    return f->varies[addend] ? gt_shape_same(shape, result) && gt_tape_node(copy->from, addend)->role != GT_ROLE_NONE
                             : column;
}

/* A sum of products, which one of them starts at, needs no pass of its own: it leaves with them. */
static bool is_sum_of_products(const gt_copy *copy, const fission *f, const uint8_t *sums, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    if (is_product(node))
        return f->free[index];
    if (node->op != &gt_op_add || !f->free[index])
        return false;
    for (int k = 0; k < 2; k++) {
        bool alike = gt_shape_same(gt_node_shape(copy->from, gt_tape_node(copy->from, inputs[k])),
                                   gt_node_shape(copy->from, node));
        if (alike && sums[inputs[k]] && (sums[inputs[1 - k]] || can_be_addend(copy, f, inputs[1 - k], index)))
            return true;
    }
    return false;
}

/* Products without a state in their past, sums of them, and all of their past that varies. */
static bool mark_before(const gt_copy *copy, fission *f)
{
    uint8_t *sums = gt_memory_new((size_t)copy->count + 1, 1);
    if (sums == NULL)
        return false;
    for (uint32_t i = 1; i <= copy->count; i++)
        sums[i] = is_sum_of_products(copy, f, sums, i);
    for (uint32_t i = copy->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(copy->from, i);
        const uint32_t *inputs = gt_node_inputs(copy->from, node);
        if (!copy->wanted[i] || !gt_lift_computes(node))
            continue;
        f->before[i] |= sums[i];
        for (uint32_t k = 0; k < node->input_count && f->before[i]; k++)
            f->before[inputs[k]] |= f->varies[inputs[k]] && gt_lift_computes(gt_tape_node(copy->from, inputs[k]));
    }
    gt_memory_free(sums);
    return true;
}

/* Products that no next state depends on, if all that follows from them can leave too. */
static bool mark_after(const gt_copy *copy, fission *f)
{
    uint8_t *waited = gt_memory_new((size_t)copy->count + 1, 1); /* something in the loop needs it */
    uint8_t *free = gt_memory_new((size_t)copy->count + 1, 1);
    if (waited != NULL && free != NULL) {
        const gt_scan *scan = copy->from_scan;
        for (uint32_t k = 0; k < scan->carry_count; k++)
            waited[scan->carries[k].after] |= copy->wanted[scan->carries[k].before];
        for (uint32_t i = copy->count; i >= 1; i--) {
            const gt_node *node = gt_tape_node(copy->from, i);
            free[i] = copy->wanted[i] && !waited[i] && f->varies[i] && !f->before[i] && gt_lift_computes(node) &&
                      gt_lift_possible(copy->from, i, f->varies);
            for (uint32_t k = 0; k < node->input_count && copy->wanted[i] && !free[i]; k++)
                waited[gt_node_inputs(copy->from, node)[k]] = 1;
        }
        for (uint32_t i = 1; i <= copy->count; i++) {
            const gt_node *node = gt_tape_node(copy->from, i);
            bool follows = is_product(node);
            for (uint32_t k = 0; k < node->input_count; k++)
                follows |= f->after[gt_node_inputs(copy->from, node)[k]];
            f->after[i] = free[i] && follows;
        }
    }
    bool marked = waited != NULL && free != NULL;
    gt_memory_free(waited);
    gt_memory_free(free);
    return marked;
}

/* What the loop itself still needs: what leaves to the back asks for its operands, not for itself. */
static void mark_wanted_inside(gt_copy *copy, const fission *f)
{
    for (uint32_t i = 1; i <= copy->count; i++)
        if (f->after[i])
            copy->wanted[i] = 0;
}

static void mark_read(const gt_copy *copy, fission *f)
{
    const gt_scan *scan = copy->from_scan;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool stays = copy->wanted[i] && !f->before[i];
        for (uint32_t k = 0; k < node->input_count && stays; k++)
            f->read[gt_node_inputs(copy->from, node)[k]] = 1;
    }
    for (uint32_t k = 0; k < scan->carry_count; k++)
        f->read[scan->carries[k].after] |= copy->wanted[scan->carries[k].before];
}

static bool fission_open(gt_copy *copy)
{
    if (copy->around == NULL)
        return true;
    size_t count = (size_t)copy->count + 1;
    fission *f = gt_memory_new(1, sizeof *f);
    copy->state = f;
    if (f == NULL)
        return false;
    f->varies = gt_memory_new(count, 1);
    f->free = gt_memory_new(count, 1);
    f->before = gt_memory_new(count, 1);
    f->after = gt_memory_new(count, 1);
    f->read = gt_memory_new(count, 1);
    f->sequence = gt_memory_new(count, sizeof *f->sequence);
    if (f->varies == NULL || f->free == NULL || f->before == NULL || f->after == NULL || f->read == NULL ||
        f->sequence == NULL)
        return false;
    gt_copy_mark_varying(copy, f->varies);
    if (!gt_lift_mark_free(copy, f->varies, f->free) || !mark_before(copy, f) || !mark_after(copy, f))
        return false;
    mark_wanted_inside(copy, f);
    mark_read(copy, f);
    return true;
}

static void fission_close(gt_copy *copy)
{
    fission *f = copy->state;
    gt_memory_free(f->varies);
    gt_memory_free(f->free);
    gt_memory_free(f->before);
    gt_memory_free(f->after);
    gt_memory_free(f->read);
    gt_memory_free(f->sequence);
    gt_memory_free(f);
}

/* ---- lifting ------------------------------------------------------------------------------- */

/* All values of a body node that varies, outside; what stayed in the loop is stacked. */
static gt_var sequence_of(gt_copy *copy, uint32_t index)
{
    fission *f = copy->state;
    if (f->sequence[index].tape == NULL)
        f->sequence[index] = gt_copy_all_steps(copy, index);
    return f->sequence[index];
}

static gt_var lift_node(gt_copy *copy, uint32_t index)
{
    const fission *f = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var operands[8];
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        operands[k] = f->varies[input] ? sequence_of(copy, input) : copy->map[input];
    }
    return gt_lift(copy->from, index, f->varies, operands, copy->from_scan->steps);
}

static gt_var fission_node(gt_copy *copy, uint32_t index)
{
    fission *f = copy->state;
    if (copy->around == NULL || !f->before[index])
        return GT_NONE;
    f->sequence[index] = lift_node(copy, index);
    if (!f->read[index])
        return f->sequence[index]; /* its place in the map is not read */
    const char *name = gt_intern_text_at(&copy->from->names, gt_tape_node(copy->from, index)->name);
    return gt_scan_input(copy->to_scan, name, f->sequence[index]);
}

static void lift_after(gt_copy *copy)
{
    fission *f = copy->state;
    for (uint32_t i = 1; i <= copy->count; i++)
        if (f->after[i] && f->sequence[i].tape == NULL)
            f->sequence[i] = lift_node(copy, i);
}

static gt_var fission_part(gt_copy *copy, bool stack, uint32_t of)
{
    fission *f = copy->state;
    if (!stack || (!f->after[of] && !f->before[of]))
        return GT_NONE;
    if (f->after[of])
        lift_after(copy);
    return f->sequence[of];
}

const gt_rewrite gt_pass_fission = {
    .open = fission_open, .close = fission_close, .node = fission_node, .part = fission_part};
