/*
 * What a loop will read soon.
 *
 * The stacks of a long sequence do not fit the caches: a run of element-by-element
 * ops waits for their slots. The products before it do not wait for memory, so
 * they fetch what the run will read and write meanwhile: of this step, or of the
 * next one where the run stands in front of them. The addend of a product is
 * fetched by the product before it.
 */
#include "plan/code/code.h"

#include <string.h>

typedef struct collection {
    const gt_loop *loop;
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

/* Written at this step before the run, or at the step before: then it is in a near cache. */
static bool is_near(const collection *c, const gt_address *address, const gt_address *written, bool before)
{
    size_t step = address->step[c->loop->depth];
    return (before && is_same_memory(address, written, 0)) || is_same_memory(address, written, step) ||
           is_same_memory(address, written, (size_t)0 - step);
}

static bool was_written(const collection *c, const gt_address *address, uint32_t run)
{
    const gt_block *body = &c->loop->body;
    for (uint32_t i = 0; i < body->count; i++) {
        const gt_instruction *instruction = &body->list[i];
        const gt_group *group = instruction->group;
        for (uint32_t k = 0; group != NULL && k < group->step_count; k++)
            if (group->steps[k].written && is_near(c, address, &group->steps[k].output.address, i < run))
                return true;
        if (instruction->multiplication != NULL &&
            is_near(c, address, &instruction->multiplication->output.address, i < run))
            return true;
        for (uint32_t k = 0; instruction->op != NULL && k < instruction->output_count; k++)
            if (is_near(c, address, &instruction->operands[instruction->input_count + k].address, i < run))
                return true;
    }
    return false;
}

/* From one step of the loop to the next; 0: it is the same at every step, or in a near place. */
static size_t step_of(const gt_loop *loop, const gt_address *address)
{
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (address->base == GT_BASE_CARRY && address->index == loop->pieced[k].place)
            return loop->pieced[k].pieces[0].address.step[loop->depth];
    return address->step[loop->depth];
}

/* What a product before `run` starts at is near by then. */
static bool was_started_at(const collection *c, const gt_address *address, uint32_t run)
{
    for (uint32_t i = 0; i < run; i++) {
        const gt_multiplication *m = c->loop->body.list[i].multiplication;
        if (m != NULL && m->has_addend && is_same_memory(&m->addend.address, address, 0))
            return true;
    }
    return false;
}

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

static void collect_run(collection *c, uint32_t run, bool next, gt_fetching share)
{
    const gt_group *group = c->loop->body.list[run].group;
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].walk == GT_WALK_FLAT && (!group->strips || group->sources[s].operand.shape.size[0] > 1))
            collect(c, &group->sources[s].operand, run, next, share);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && (!group->strips || group->steps[k].rows > 1))
            collect(c, &group->steps[k].output, run, next, share);
}

static void collect_addend(collection *c, uint32_t product, bool next)
{
    const gt_multiplication *m = c->loop->body.list[product].multiplication;
    if (m->has_addend)
        collect(c, &m->addend, product, next, (gt_fetching){.share = 1, .shares = 1});
}

static bool is_product(const gt_block *body, uint32_t at)
{
    return body->list[at].multiplication != NULL;
}

/*
 * What the product at `at` fetches, with those that are done together with it: the addends of the
 * latter and of the next one; of all that the runs behind the row read its share; and the last of
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
        if (body->list[other].group != NULL)
            collect_run(c, other, next, share);
    }
}

static bool share_out(gt_lowering *lowering, const gt_loop *loop, row of)
{
    for (uint32_t at = of.first; at <= of.last; at += gt_machine_takes(&loop->body.list[at])) {
        collection c = {.loop = loop};
        collect_for(&c, of, at);
        gt_multiplication *m = loop->body.list[at].multiplication;
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

bool gt_lower_soon(gt_lowering *lowering, gt_loop *loop)
{
    const gt_block *body = &loop->body;
    if (!gt_lower_chooses(lowering, GT_CHOICE_FETCH_AHEAD))
        return true;
    for (row of = {0}; of.first < body->count; of.first = of.last + 1) {
        of.last = of.first;
        if (!is_product(body, of.first))
            continue;
        while (of.last + 1 < body->count && is_product(body, of.last + 1))
            of.last++;
        if (!share_out(lowering, loop, of))
            return false;
    }
    return true;
}
