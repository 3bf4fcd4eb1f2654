/*
 * Products that are done as one: those of one right operand, like the products of
 * all gates' weights with the state, read and pack it once; those that add to one
 * output, like the terms of a state's gradient, keep it near. The arrays stay apart.
 *
 * This works on the instructions of a block. A product moves up to the one that it
 * joins, past instructions that neither write what it reads nor touch what it writes.
 */
#include "plan/code/code.h"

#include <string.h>

/* How far a product moves at most: planning stays proportional to the tape. */
enum { FARTHEST = 64 };

/* ---- memory that instructions read and write ------------------------------------------------- */

/*
 * Whether nothing of one is in the other; where that is hard to say, it is not so. Of two that go on with different
 * steps, all that they reach must be apart.
 */
static bool apart(const gt_operand *first, const gt_operand *second)
{
    const gt_address *a = &first->address, *b = &second->address;
    if (a->base == GT_BASE_INPUT || b->base == GT_BASE_INPUT)
        return a->base != b->base || a->index != b->index;
    if (a->base == GT_BASE_POINTER || b->base == GT_BASE_POINTER)
        return false;
    if (a->base != b->base || a->index != b->index)
        return true;
    bool alone = !gt_same_steps(a, b);
    size_t a_bytes = gt_operand_bytes(first) + (alone ? first->reach : 0);
    size_t b_bytes = gt_operand_bytes(second) + (alone ? second->reach : 0);
    return a->offset + a_bytes <= b->offset || b->offset + b_bytes <= a->offset;
}

/* What is packed is written before the loop, and nothing in the loop is written over it. */
static bool apart_from_left(const gt_multiplication *m, const gt_operand *o)
{
    return m->left_layout == GT_PRODUCT_PACKED || apart(&m->left, o);
}

static bool apart_from_addend(const gt_multiplication *m, const gt_operand *o)
{
    return !m->has_addend || apart(&m->addend, o);
}

/* Whether `m` may come before something that reads or writes `o`. */
static bool may_pass(const gt_multiplication *m, const gt_operand *o, bool written)
{
    if (!apart(&m->output, o))
        return false;
    return !written || (apart_from_left(m, o) && apart(&m->right, o) && apart_from_addend(m, o));
}

static bool may_pass_group(const gt_multiplication *m, const gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        if (!may_pass(m, &group->sources[s].operand, false))
            return false;
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && !may_pass(m, &group->steps[k].output, true))
            return false;
    return true;
}

static bool may_pass_product(const gt_multiplication *m, const gt_multiplication *other)
{
    return may_pass(m, &other->output, true) && may_pass(m, &other->right, false) &&
           (!other->has_addend || may_pass(m, &other->addend, false)) && apart_from_left(other, &m->output);
}

static bool may_pass_kernel(const gt_multiplication *m, const gt_kernel_call *call)
{
    for (uint32_t k = 0; k < call->input_count + call->output_count; k++)
        if (!may_pass(m, &call->operands[k], k >= call->input_count))
            return false;
    return true;
}

bool gt_code_may_pass(const gt_multiplication *m, const gt_instruction *i)
{
    switch (i->kind) {
    case GT_INSTRUCTION_KERNEL:
        return may_pass_kernel(m, i->kernel);
    case GT_INSTRUCTION_GROUP:
        return may_pass_group(m, i->group);
    case GT_INSTRUCTION_MULTIPLICATION:
        return may_pass_product(m, i->multiplication);
    case GT_INSTRUCTION_PACKING:
    case GT_INSTRUCTION_LOOP:
        return false;
    }
    return false;
}

/* ---- what can be one product ----------------------------------------------------------------- */

static bool alike(const gt_multiplication *a, const gt_multiplication *b)
{
    return a->product.kernels == b->product.kernels && a->product.rows == b->product.rows &&
           a->product.inner == b->product.inner && a->product.columns == b->product.columns &&
           a->left_layout == b->left_layout && a->right_layout == b->right_layout &&
           a->left_leading == b->left_leading && a->right_leading == b->right_leading &&
           a->columns_each == b->columns_each;
}

static bool writes_into(const gt_multiplication *a, const gt_multiplication *b)
{
    return !apart_from_left(b, &a->output) || !apart_from_addend(b, &a->output) || !apart(&a->output, &b->output);
}

bool gt_code_can_stack(const gt_multiplication *a, const gt_multiplication *b)
{
    return alike(a, b) && gt_same_address(&a->right.address, &b->right.address) &&
           a->product.accumulate == b->product.accumulate && !writes_into(a, b) && !writes_into(b, a);
}

bool gt_code_can_add(const gt_multiplication *a, const gt_multiplication *b)
{
    return alike(a, b) && gt_same_address(&a->output.address, &b->output.address) && b->product.accumulate;
}

/* ---- joining --------------------------------------------------------------------------------- */

/* The products that are done together, first to last. */
typedef struct members {
    const gt_multiplication *list[GT_MOST_TOGETHER];
    uint32_t count;
    bool added;
} members;

static bool can_join(const members *m, const gt_multiplication *other)
{
    if (m->count == GT_MOST_TOGETHER || other->also_count > 0)
        return false;
    if (m->count == 1 || m->added)
        if (gt_code_can_add(m->list[0], other))
            return true;
    for (uint32_t k = 0; k < m->count; k++)
        if (m->added || !gt_code_can_stack(m->list[k], other))
            return false;
    return true;
}

/* Joins the product at `from` to the members that end before `to`, if it may move there. */
static bool join(gt_block *block, members *m, uint32_t to, uint32_t from)
{
    const gt_instruction moved = block->list[from];
    for (uint32_t i = to; i < from; i++)
        if (!gt_code_may_pass(moved.multiplication, &block->list[i]))
            return false;
    m->added = gt_code_can_add(m->list[0], moved.multiplication);
    m->list[m->count++] = moved.multiplication;
    memmove(&block->list[to + 1], &block->list[to], (from - to) * sizeof moved);
    block->list[to] = moved;
    return true;
}

static bool keep(gt_lowering *lowering, gt_multiplication *first, const members *m)
{
    first->also = gt_pool_new(lowering->pool, m->count - 1, sizeof *first->also);
    if (first->also == NULL)
        return false;
    memcpy(first->also, m->list + 1, (m->count - 1) * sizeof *first->also);
    first->also_count = m->count - 1;
    first->added = m->added;
    return true;
}

bool gt_code_stack_products(gt_lowering *lowering, gt_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        gt_multiplication *first = gt_multiplication_of(&block->list[i]);
        if (first == NULL)
            continue;
        members m = {.list = {first}, .count = 1};
        for (uint32_t k = i + 1; k < block->count && k <= i + FARTHEST && block->list[k].kind != GT_INSTRUCTION_LOOP;
             k++)
            if (block->list[k].kind == GT_INSTRUCTION_MULTIPLICATION && can_join(&m, block->list[k].multiplication))
                join(block, &m, i + m.count, k);
        if (m.count > 1 && !keep(lowering, first, &m))
            return false;
        i += m.count - 1;
    }
    return true;
}
