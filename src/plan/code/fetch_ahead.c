/*
 * What a loop will read soon.
 *
 * The stacks of a long sequence do not fit the caches: a group of element-by-element
 * ops waits for their slots. The products before it do not wait for memory, so
 * they fetch what the group will read and write meanwhile: of this step, or of the
 * next one where the group stands in front of them. The addend of a product is
 * fetched by the product before it.
 */
#include "plan/code/code.h"

#include <stdlib.h>
#include <string.h>

/* Memory that instructions of the body write, or that products start at, and the first that does. */
typedef struct noted {
    gt_address address;
    uint32_t first;
} noted;

/* By address, then by instruction. */
typedef struct notes {
    noted *list;
    uint32_t count;
} notes;

typedef struct collection {
    const gt_loop *loop;
    const notes *written, *started;
    gt_fetching list[GT_MOST_SOON];
    uint32_t count, early;
} collection;

/* Products in a row. */
typedef struct row {
    uint32_t first, last;
} row;

static bool is_same_memory(const gt_address *a, const gt_address *b, size_t shift)
{
    gt_address moved = *b;
    moved.offset += shift;
    return gt_same_address(a, &moved);
}

/* ---- what is near -------------------------------------------------------------------------- */

static int compare_addresses(const gt_address *a, const gt_address *b)
{
    if (a->base != b->base)
        return a->base < b->base ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        if (a->step[depth] != b->step[depth])
            return a->step[depth] < b->step[depth] ? -1 : 1;
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const noted *x = a, *y = b;
    int order = compare_addresses(&x->address, &y->address);
    return order != 0 ? order : (x->first > y->first) - (x->first < y->first);
}

/* The first instruction that was noted with the address `shift` bytes further; UINT32_MAX: none. */
static uint32_t first_with(const notes *n, const gt_address *address, size_t shift)
{
    gt_address at = *address;
    at.offset += shift;
    uint32_t low = 0, high = n->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_addresses(&n->list[middle].address, &at) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->count && compare_addresses(&n->list[low].address, &at) == 0 ? n->list[low].first : UINT32_MAX;
}

static void note(notes *n, const gt_address *address, uint32_t instruction)
{
    n->list[n->count++] = (noted){*address, instruction};
}

static void note_instruction(const gt_instruction *instruction, uint32_t at, notes *written, notes *started)
{
    const gt_group *group = gt_group_of(instruction);
    const gt_multiplication *m = gt_multiplication_of(instruction);
    const gt_kernel_call *call = gt_kernel_of(instruction);
    for (uint32_t k = 0; group != NULL && k < group->step_count; k++)
        if (group->steps[k].written)
            note(written, &group->steps[k].output.address, at);
    if (m != NULL)
        note(written, &m->output.address, at);
    if (m != NULL && m->has_addend)
        note(started, &m->addend.address, at);
    for (uint32_t k = 0; call != NULL && k < call->output_count; k++)
        note(written, &call->operands[call->input_count + k].address, at);
}

static size_t most_notes(const gt_instruction *instruction)
{
    const gt_group *group = gt_group_of(instruction);
    const gt_kernel_call *call = gt_kernel_of(instruction);
    return group != NULL ? group->step_count : call != NULL ? call->output_count : 1;
}

static bool note_all(gt_pool *pool, const gt_block *body, notes *written, notes *started)
{
    size_t most = 0;
    for (uint32_t i = 0; i < body->count; i++)
        most += most_notes(&body->list[i]);
    written->list = gt_pool_new(pool, most, sizeof *written->list);
    started->list = gt_pool_new(pool, body->count, sizeof *started->list);
    if (written->list == NULL || started->list == NULL)
        return false;
    for (uint32_t i = 0; i < body->count; i++)
        note_instruction(&body->list[i], i, written, started);
    qsort(written->list, written->count, sizeof *written->list, by_address);
    qsort(started->list, started->count, sizeof *started->list, by_address);
    return true;
}

/* Written at this step before the group, or at the step before: then it is in a near cache. */
static bool was_written(const collection *c, const gt_address *address, uint32_t group)
{
    size_t step = address->step[c->loop->depth];
    return first_with(c->written, address, 0) < group || first_with(c->written, address, step) != UINT32_MAX ||
           first_with(c->written, address, (size_t)0 - step) != UINT32_MAX;
}

/* From one step of the loop to the next; 0: it is the same at every step, or in a near place. */
static size_t step_of(const gt_loop *loop, const gt_address *address)
{
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (address->base == GT_BASE_POINTER && address->index == loop->pieced[k].pointer)
            return loop->pieced[k].pieces[0].address.step[loop->depth];
    return address->step[loop->depth];
}

/* What a product before the group starts at is near by then. */
static bool was_started_at(const collection *c, const gt_address *address, uint32_t group)
{
    return first_with(c->started, address, 0) < group;
}

/* ---- what is fetched ----------------------------------------------------------------------- */

static size_t next_step(const collection *c, size_t step)
{
    return c->loop->backward ? (size_t)0 - step : step;
}

/* The instruction at `reader` will read or write the operand, at this step or, `next`, at the next one. */
static void collect(collection *c, const gt_operand *operand, uint32_t reader, bool next, gt_fetching share)
{
    size_t step = step_of(c->loop, &operand->address);
    if (step == 0 || c->count == GT_MOST_SOON || was_written(c, &operand->address, reader) ||
        was_started_at(c, &operand->address, reader))
        return;
    for (uint32_t k = 0; k < c->count; k++)
        if (is_same_memory(&c->list[k].operand.address, &operand->address, next ? next_step(c, step) : 0))
            return;
    c->list[c->count] = share;
    c->list[c->count].operand = *operand;
    if (next)
        c->list[c->count].operand.address.offset += next_step(c, step);
    c->count++;
}

static void collect_group(collection *c, uint32_t at, bool next, gt_fetching share)
{
    const gt_group *group = c->loop->body.list[at].group;
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].walk == GT_WALK_FLAT && (!group->strips || group->sources[s].operand.shape.size[0] > 1))
            collect(c, &group->sources[s].operand, at, next, share);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && (!group->strips || group->steps[k].rows > 1))
            collect(c, &group->steps[k].output, at, next, share);
}

static void collect_addend(collection *c, uint32_t product, bool next)
{
    const gt_multiplication *m = c->loop->body.list[product].multiplication;
    if (m->has_addend)
        collect(c, &m->addend, product, next, (gt_fetching){.share = 1, .shares = 1});
}

static bool is_product(const gt_block *body, uint32_t at)
{
    return body->list[at].kind == GT_INSTRUCTION_MULTIPLICATION;
}

/*
 * What the product at `at` fetches, with those that are done together with it: the addends of the
 * latter and of the next one; of all that the groups behind the row read its share; and the last of
 * the row what the row behind those starts at.
 */
static void collect_for(collection *c, row of, uint32_t at)
{
    const gt_block *body = &c->loop->body;
    uint32_t takes = gt_machine_takes(&body->list[at]);
    gt_fetching share = {.first = at - of.first, .share = takes, .shares = of.last - of.first + 1};
    for (uint32_t k = at + 1; k <= at + takes && k <= of.last; k++)
        collect_addend(c, k, false);
    c->early = c->count;
    bool next = false;
    for (uint32_t i = 1; i <= body->count; i++) {
        uint32_t other = (of.last + i) % body->count;
        next |= other == 0;
        if (is_product(body, other)) {
            if (at + takes > of.last)
                collect_addend(c, other, next);
            break;
        }
        if (body->list[other].kind == GT_INSTRUCTION_GROUP)
            collect_group(c, other, next, share);
    }
}

static bool share_out(gt_lowering *lowering, const collection *empty, row of)
{
    const gt_loop *loop = empty->loop;
    for (uint32_t at = of.first; at <= of.last; at += gt_machine_takes(&loop->body.list[at])) {
        gt_multiplication *m = loop->body.list[at].multiplication;
        if (m->compiled != NULL)
            continue; /* it has no time to fetch anything */
        collection c = *empty;
        collect_for(&c, of, at);
        m->soon = c.count == 0 ? NULL : gt_pool_new(lowering->pool, c.count, sizeof *m->soon);
        if (m->soon == NULL && c.count > 0)
            return false;
        m->soon_count = c.count;
        m->soon_early = c.early;
        if (c.count > 0)
            memcpy(m->soon, c.list, c.count * sizeof *c.list);
    }
    return true;
}

bool gt_code_fetch_ahead(gt_lowering *lowering, gt_loop *loop)
{
    const gt_block *body = &loop->body;
    if (!gt_lower_chooses(lowering, GT_CHOICE_FETCH_AHEAD))
        return true;
    notes written = {0}, started = {0};
    if (!note_all(&lowering->scratch, body, &written, &started))
        return false;
    const collection empty = {.loop = loop, .written = &written, .started = &started};
    for (row of = {0}; of.first < body->count; of.first = of.last + 1) {
        of.last = of.first;
        if (!is_product(body, of.first))
            continue;
        while (of.last + 1 < body->count && is_product(body, of.last + 1))
            of.last++;
        if (!share_out(lowering, &empty, of))
            return false;
    }
    return true;
}
