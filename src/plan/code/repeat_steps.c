/*
 * Steps of a group in strips that several of its loops do: what is one instruction on what a later
 * loop finds in memory anyway is done again there, rather than written to a tile by one loop and
 * read by the other. Strips of fewer tiles stay in a nearer cache.
 */
#include "plan/code/spans.h"

#include <string.h>

typedef struct repeating {
    gt_group *group;
    uint32_t *span; /* of each step */
    const int64_t *rows;
    uint32_t own;    /* steps that are not repeats */
    uint8_t *cheap;  /* of each of them: it may be repeated */
    uint8_t *stored; /* it has memory, repeats or not */
} repeating;

static bool reads(const gt_group_step *step, uint32_t reg, uint32_t *n)
{
    for (*n = 0; *n < step->input_count; (*n)++)
        if (step->inputs[*n] == reg)
            return true;
    return false;
}

/* Does a step of another span read step k? */
static bool is_read_elsewhere(const repeating *r, uint32_t k)
{
    uint32_t n;
    for (uint32_t reader = 0; reader < r->own; reader++)
        if (r->span[reader] != r->span[k] && reads(&r->group->steps[reader], r->group->source_count + k, &n))
            return true;
    return false;
}

/* Is an input one number for each column or one column for all, or else a matrix that a later loop can read? */
static bool is_at_hand(const repeating *r, const gt_group_step *step, uint32_t n, uint32_t *matrices)
{
    const gt_group *group = r->group;
    uint32_t reg = step->inputs[n];
    bool source = reg < group->source_count;
    *matrices += gt_span_register_rows(group, reg) > 1 && (!source || group->sources[reg].walk == GT_WALK_FLAT);
    if (source)
        return !group->sources[reg].folds && !gt_span_is_overwritten(group, reg);
    return r->stored[reg - group->source_count] || r->cheap[reg - group->source_count] ||
           group->steps[reg - group->source_count].kind == GT_STEP_SUM;
}

static bool is_cheap(const repeating *r, uint32_t k)
{
    const gt_group_step *step = &r->group->steps[k];
    uint32_t matrices = 0;
    bool cheap = step->kind == GT_STEP_ENTRIES && step->op->cost == GT_COST_ARITHMETIC && !step->written &&
                 step->joined == 0 && step->rows > 1 && r->rows[r->span[k]] == step->rows;
    for (uint32_t n = 0; n < step->input_count && cheap; n++)
        cheap = is_at_hand(r, step, n, &matrices);
    return cheap && matrices <= 1;
}

/* Lets the readers of step k in a later span read a repeat that is made there. */
static void repeat_in(repeating *r, uint32_t k, uint32_t span)
{
    gt_group *group = r->group;
    const uint32_t reg = group->source_count + k, repeat = group->step_count;
    uint32_t n, readers = 0;
    for (uint32_t reader = 0; reader < repeat; reader++) {
        if (r->span[reader] != span || !reads(&group->steps[reader], reg, &n))
            continue;
        if (group->steps[reader].views[n] || gt_span_rows_of(group, &group->steps[reader]) != group->steps[k].rows)
            return;
        readers++;
    }
    for (uint32_t reader = 0; reader < repeat && readers > 0; reader++)
        for (n = 0; n < group->steps[reader].input_count; n++)
            if (r->span[reader] == span && group->steps[reader].inputs[n] == reg)
                group->steps[reader].inputs[n] = group->source_count + repeat;
    if (readers == 0)
        return;
    group->steps[repeat] = group->steps[k];
    r->span[repeat] = span;
    group->step_count++;
}

static bool make_room(gt_lowering *lowering, repeating *r, uint32_t **span, uint32_t room)
{
    gt_group_step *steps = gt_pool_new(&lowering->scratch, room, sizeof *steps);
    r->span = gt_pool_new(&lowering->scratch, room, sizeof *r->span);
    r->cheap = gt_pool_new(&lowering->scratch, r->own, 1);
    r->stored = gt_pool_new(&lowering->scratch, r->own, 1);
    if (steps == NULL || r->span == NULL || r->cheap == NULL || r->stored == NULL)
        return false;
    memcpy(steps, r->group->steps, r->own * sizeof *steps);
    memcpy(r->span, *span, r->own * sizeof *r->span);
    r->group->steps = steps;
    *span = r->span;
    return true;
}

bool gt_span_repeat_steps(gt_lowering *lowering, gt_group *group, uint32_t **span, uint32_t span_count,
                          const int64_t *rows)
{
    repeating r = {.group = group, .rows = rows, .own = group->step_count};
    const uint32_t room = 2 * r.own;
    if (!make_room(lowering, &r, span, room))
        return false;
    for (uint32_t k = 0; k < r.own; k++) {
        r.cheap[k] = is_cheap(&r, k);
        r.stored[k] = group->steps[k].written || group->steps[k].kind == GT_STEP_CONCAT ||
                      group->steps[k].joined != 0 || (!r.cheap[k] && is_read_elsewhere(&r, k));
    }
    for (uint32_t k = r.own; k-- > 0;)
        for (uint32_t later = r.span[k] + 1; later <= span_count && r.cheap[k] && group->step_count < room; later++)
            if (rows[later] == group->steps[k].rows)
                repeat_in(&r, k, later);
    return true;
}
