/*
 * What a loop will read soon.
 *
 * The stacks of a long sequence do not fit the caches: a run of element-by-element
 * ops waits for their slots. The products before it do not wait for memory, so
 * they fetch what the run will read and write meanwhile: of this step, or of the
 * next one where the run stands in front of them.
 */
#include "plan/lower.h"

#include <string.h>

typedef struct collection {
    const gt_loop *loop;
    gt_operand list[GT_MOST_SOON];
    uint32_t count;
} collection;

static bool is_same_memory(const gt_address *a, const gt_address *b, size_t shift)
{
    return a->base == b->base && a->index == b->index && a->offset == b->offset + shift &&
           memcmp(a->step, b->step, sizeof a->step) == 0;
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

static bool is_pieced(const gt_loop *loop, const gt_address *address)
{
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (address->base == GT_BASE_CARRY && address->index == loop->pieced[k].place)
            return true;
    return false;
}

/* `next`: at the next step. */
static void collect(collection *c, const gt_operand *operand, uint32_t run, bool next)
{
    size_t step = operand->address.step[c->loop->depth];
    bool far = step != 0 ? !was_written(c, &operand->address, run) : is_pieced(c->loop, &operand->address) && !next;
    if (!far || c->count == GT_MOST_SOON)
        return;
    for (uint32_t k = 0; k < c->count; k++)
        if (c->list[k].address.offset == operand->address.offset && c->list[k].address.base == operand->address.base &&
            c->list[k].address.index == operand->address.index)
            return;
    c->list[c->count] = *operand;
    if (next)
        c->list[c->count].address.offset += c->loop->backward ? (size_t)0 - step : step;
    c->count++;
}

static void collect_run(collection *c, uint32_t run, bool next)
{
    const gt_group *group = c->loop->body.list[run].group;
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].walk == GT_WALK_FLAT)
            collect(c, &group->sources[s].operand, run, next);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written)
            collect(c, &group->steps[k].output, run, next);
}

static bool is_product(const gt_block *body, uint32_t at)
{
    return body->list[at].multiplication != NULL;
}

/* Products in a row from `first` to `last` fetch, each its share, what the runs behind them read until the next product. */
static bool share_out(gt_lowering *lowering, const gt_loop *loop, uint32_t first, uint32_t last)
{
    const gt_block *body = &loop->body;
    collection c = {.loop = loop};
    bool next = false;
    for (uint32_t i = 1; i < body->count; i++) {
        uint32_t at = (last + i) % body->count;
        next |= at == 0;
        if (is_product(body, at))
            break;
        if (body->list[at].group != NULL)
            collect_run(&c, at, next);
    }
    if (c.count == 0)
        return true;
    gt_operand *list = gt_pool_new(lowering->pool, c.count, sizeof *list);
    if (list == NULL)
        return false;
    memcpy(list, c.list, c.count * sizeof *list);
    for (uint32_t at = first; at <= last; at += gt_machine_takes(&body->list[at])) {
        gt_multiplication *m = body->list[at].multiplication;
        m->soon = list;
        m->soon_count = c.count;
        m->soon_first = at - first;
        m->soon_share = gt_machine_takes(&body->list[at]);
        m->soon_shares = last - first + 1;
    }
    return true;
}

bool gt_lower_soon(gt_lowering *lowering, gt_loop *loop)
{
    const gt_block *body = &loop->body;
    if (!gt_lower_chooses(lowering, GT_CHOICE_FETCH_AHEAD))
        return true;
    for (uint32_t first = 0, last; first < body->count; first = last + 1) {
        last = first;
        if (!is_product(body, first))
            continue;
        while (last + 1 < body->count && is_product(body, last + 1))
            last++;
        if (!share_out(lowering, loop, first, last))
            return false;
    }
    return true;
}
