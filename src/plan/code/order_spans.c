/* Which steps of a group in strips are done in one loop. */
#include "plan/code/spans.h"

#include "ops/descriptors.h"

int64_t gt_span_register_rows(const gt_group *group, uint32_t reg)
{
    if (group->turned)
        return group->rows;
    return reg < group->source_count ? group->sources[reg].operand.shape.size[0]
                                     : group->steps[reg - group->source_count].rows;
}

int64_t gt_span_distance(const gt_group *group, uint32_t reg)
{
    reg = gt_span_array(group, reg, 0).reg;
    bool source = reg < group->source_count;
    bool folds = source ? group->sources[reg].folds : group->steps[reg - group->source_count].folds;
    bool moves = !folds && (!source || group->sources[reg].walk == GT_WALK_FLAT);
    return moves ? gt_span_register_rows(group, reg) * (int64_t)gt_dtype_size(group->dtype) : 0;
}

int64_t gt_span_rows_of(const gt_group *group, const gt_group_step *step)
{
    if (step->kind == GT_STEP_ENTRIES)
        return step->op->lanes != NULL ? step->rows : 0;
    if (step->kind == GT_STEP_SLICE)
        return step->rows;
    if (step->kind == GT_STEP_SUM)
        return step->summed > 0 ? step->summed : gt_span_register_rows(group, step->inputs[0]);
    return 0;
}

bool gt_span_passes(const gt_group *group, uint32_t from, uint32_t k, uint32_t n)
{
    const gt_group_step *maker = &group->steps[from], *reader = &group->steps[k];
    return maker->kind != GT_STEP_SUM && !reader->views[n] && maker->rows == gt_span_rows_of(group, reader);
}

/* ---- changing the list of steps ------------------------------------------------------------ */

/* Steps order[0], order[1], ... become the list. */
static bool put_in_order(gt_lowering *lowering, gt_group *group, const uint32_t *order, uint32_t count)
{
    uint32_t *position = gt_pool_new(&lowering->scratch, group->step_count, sizeof *position);
    gt_group_step *steps = gt_pool_new(lowering->pool, count, sizeof *steps);
    if (position == NULL || steps == NULL)
        return false;
    for (uint32_t n = 0; n < count; n++)
        position[order[n]] = n;
    for (uint32_t n = 0; n < count; n++) {
        steps[n] = group->steps[order[n]];
        for (uint32_t k = 0; k < steps[n].input_count; k++)
            if (steps[n].inputs[k] >= group->source_count)
                steps[n].inputs[k] = group->source_count + position[steps[n].inputs[k] - group->source_count];
        steps[n].joined = steps[n].joined == 0 ? 0 : position[steps[n].joined - 1] + 1;
    }
    group->steps = steps;
    group->step_count = count;
    return true;
}

/* ---- slices -------------------------------------------------------------------------------- */

/* Does step k write over source s? */
static bool writes_over(const gt_group *group, uint32_t k, uint32_t s)
{
    return group->steps[k].written &&
           gt_same_address(&group->steps[k].output.address, &group->sources[s].operand.address);
}

bool gt_span_is_overwritten(const gt_group *group, uint32_t reg)
{
    for (uint32_t k = 0; k < group->step_count && reg < group->source_count; k++)
        if (writes_over(group, k, reg))
            return true;
    return false;
}

/* May whoever reads slice k read rows of its input instead? */
static bool can_be_view(const gt_group *group, uint32_t k)
{
    const gt_group_step *slice = &group->steps[k];
    if (slice->kind != GT_STEP_SLICE || slice->written || slice->rows < 2 ||
        gt_span_is_overwritten(group, slice->inputs[0]))
        return false;
    for (uint32_t later = k + 1; later < group->step_count; later++)
        for (uint32_t n = 0; n < group->steps[later].input_count; n++)
            if (group->steps[later].inputs[n] == group->source_count + k &&
                gt_span_rows_of(group, &group->steps[later]) != slice->rows)
                return false;
    return true;
}

static void read_through(gt_group *group, uint32_t k)
{
    const gt_group_step *slice = &group->steps[k];
    for (uint32_t later = k + 1; later < group->step_count; later++) {
        gt_group_step *step = &group->steps[later];
        for (uint32_t n = 0; n < step->input_count; n++) {
            if (step->inputs[n] != group->source_count + k)
                continue;
            if (step->kind == GT_STEP_SUM)
                step->summed = slice->rows;
            step->inputs[n] = slice->inputs[0];
            step->views[n] = true;
            step->first_rows[n] += slice->attributes[1] + slice->first_rows[0];
        }
    }
}

bool gt_span_leave_out_slices(gt_lowering *lowering, gt_group *group)
{
    uint32_t *order = gt_pool_new(&lowering->scratch, group->step_count, sizeof *order), count = 0;
    if (order == NULL)
        return false;
    for (uint32_t k = 0; k < group->step_count; k++) {
        if (can_be_view(group, k)) {
            read_through(group, k);
            continue;
        }
        order[count++] = k;
        if (group->steps[k].kind == GT_STEP_SLICE) {
            group->steps[k].views[0] = true;
            group->steps[k].first_rows[0] += group->steps[k].attributes[1];
        }
    }
    return count == group->step_count || put_in_order(lowering, group, order, count);
}

/* ---- spans --------------------------------------------------------------------------------- */

typedef struct ordering {
    gt_group *group;
    uint32_t *span;   /* of each step, from 1 on; 0: not yet known */
    uint32_t current; /* span */
    int64_t rows;     /* of the loop of that; 0: of none */
    uint32_t sums;    /* in it */
} ordering;

/* Is all that the step reads there: before the current span, or passed on within it? */
static bool has_inputs(const ordering *o, uint32_t k)
{
    const gt_group *group = o->group;
    for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
        if (group->steps[k].inputs[n] < group->source_count)
            continue;
        uint32_t from = group->steps[k].inputs[n] - group->source_count;
        if (o->span[from] == 0 || (o->span[from] == o->current && !gt_span_passes(group, from, k, n)))
            return false;
    }
    return true;
}

/* Has everything that reads what step k writes over been done? */
static bool may_write(const ordering *o, uint32_t k)
{
    const gt_group *group = o->group;
    for (uint32_t s = 0; s < group->source_count && group->steps[k].written; s++) {
        if (!writes_over(group, k, s))
            continue;
        for (uint32_t other = 0; other < k; other++)
            for (uint32_t n = 0; n < group->steps[other].input_count; n++)
                if (group->steps[other].inputs[n] == s && o->span[other] == 0)
                    return false;
    }
    return true;
}

static bool is_sum(const ordering *o, uint32_t k)
{
    return o->group->steps[k].kind == GT_STEP_SUM;
}

static bool is_ready(const ordering *o, uint32_t k)
{
    return o->span[k] == 0 && has_inputs(o, k) && may_write(o, k);
}

static bool has_room(const ordering *o, uint32_t k)
{
    return gt_span_rows_of(o->group, &o->group->steps[k]) == o->rows && (!is_sum(o, k) || o->sums < GT_MOST_LOOP_SUMS);
}

/* All that can be done in the current span. */
static uint32_t fill_span(ordering *o)
{
    uint32_t added = 0;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t k = 0; k < o->group->step_count; k++)
            if (has_room(o, k) && is_ready(o, k)) {
                o->span[k] = o->current;
                o->sums += is_sum(o, k);
                added++;
                more = true;
            }
    }
    return added;
}

/* Begins a span with what is ready: numbers of columns first, since whole columns wait for them. */
static uint32_t begin_span(ordering *o)
{
    uint32_t first = o->group->step_count;
    o->current++;
    for (uint32_t k = o->group->step_count; k-- > 0;) {
        if (!is_ready(o, k))
            continue;
        bool narrow = gt_span_rows_of(o->group, &o->group->steps[k]) == 1;
        if (narrow || first == o->group->step_count || gt_span_rows_of(o->group, &o->group->steps[first]) != 1)
            first = k;
    }
    o->rows = gt_span_rows_of(o->group, &o->group->steps[first]);
    o->span[first] = o->current;
    o->sums = is_sum(o, first);
    return 1;
}

/* The last span in which step k may be done, of the same rows as its own, so that what it makes need not wait. */
static uint32_t latest_span(const ordering *o, uint32_t k, const int64_t *rows)
{
    const gt_group *group = o->group;
    uint32_t latest = o->current + 1;
    for (uint32_t reader = 0; reader < group->step_count; reader++)
        for (uint32_t n = 0; n < group->steps[reader].input_count; n++)
            if (group->steps[reader].inputs[n] == group->source_count + k) {
                uint32_t span = o->span[reader] - (gt_span_passes(group, k, reader, n) ? 0 : 1);
                latest = span < latest ? span : latest;
            }
    if (latest > o->current)
        return o->span[k];
    while (rows[latest] != rows[o->span[k]])
        latest--;
    return latest;
}

/* What reads at most one matrix of the group waits for its readers: its result takes no more room than that. */
static bool may_wait(const ordering *o, uint32_t k)
{
    const gt_group *group = o->group;
    const gt_group_step *step = &group->steps[k];
    uint32_t matrices = 0;
    for (uint32_t n = 0; n < step->input_count; n++) {
        matrices += step->inputs[n] >= group->source_count && gt_span_register_rows(group, step->inputs[n]) > 1;
        if (step->inputs[n] < group->source_count && gt_span_is_overwritten(group, step->inputs[n]))
            return false;
    }
    return step->kind != GT_STEP_SUM && !step->written && matrices <= 1 && gt_span_rows_of(group, step) > 0;
}

static void let_wait(ordering *o, const int64_t *rows)
{
    for (uint32_t k = o->group->step_count; k-- > 0;)
        if (may_wait(o, k))
            o->span[k] = latest_span(o, k, rows);
}

static void note_inside(gt_group *group)
{
    for (uint32_t n = 0; n < group->span_count; n++) {
        const gt_span *span = &group->spans[n];
        for (uint32_t k = span->first; k < span->first + span->count; k++)
            group->steps[k].inside = span->rows > 0 && !group->steps[k].written && group->steps[k].kind != GT_STEP_SUM;
        for (uint32_t k = 0; k < group->step_count; k++)
            for (uint32_t i = 0; i < group->steps[k].input_count; i++) {
                uint32_t from = group->steps[k].inputs[i] - group->source_count;
                if (group->steps[k].inputs[i] < group->source_count || from < span->first ||
                    from >= span->first + span->count)
                    continue;
                bool same = k >= span->first && k < span->first + span->count;
                group->steps[from].inside &= same;
            }
    }
}

/* Steps by spans, in each in the order that they had, behind repeats; spans that became empty are left out. */
static bool write_spans(gt_lowering *lowering, ordering *o, const int64_t *rows, uint32_t own)
{
    gt_group *group = o->group;
    uint32_t *order = gt_pool_new(&lowering->scratch, group->step_count, sizeof *order), count = 0;
    group->spans = gt_pool_new(lowering->pool, o->current, sizeof *group->spans);
    if (order == NULL || group->spans == NULL)
        return false;
    for (uint32_t span = 1; span <= o->current; span++) {
        uint32_t first = count;
        for (uint32_t k = group->step_count; k-- > own;) /* what one repeat reads of others came later */
            if (o->span[k] == span)
                order[count++] = k;
        for (uint32_t k = 0; k < own; k++)
            if (o->span[k] == span)
                order[count++] = k;
        if (count > first)
            group->spans[group->span_count++] = (gt_span){.first = first, .count = count - first, .rows = rows[span]};
    }
    if (!put_in_order(lowering, group, order, count))
        return false;
    note_inside(group);
    return true;
}

bool gt_span_order(gt_lowering *lowering, gt_group *group)
{
    ordering o = {.group = group};
    uint32_t done = 0;
    o.span = gt_pool_new(&lowering->scratch, group->step_count, sizeof *o.span);
    int64_t *rows = gt_pool_new(&lowering->scratch, (size_t)group->step_count + 1, sizeof *rows);
    if (o.span == NULL || rows == NULL)
        return false;
    while (done < group->step_count) {
        done += begin_span(&o);
        rows[o.current] = o.rows;
        if (o.rows > 0)
            done += fill_span(&o);
    }
    let_wait(&o, rows);
    const uint32_t own = group->step_count;
    return gt_span_repeat_steps(lowering, group, &o.span, o.current, rows) && write_spans(lowering, &o, rows, own);
}
