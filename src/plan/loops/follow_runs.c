/*
 * Where the operands of a run come from: from the same step, from the step before,
 * from outside the same for all steps, or from a sequence entry by entry.
 */
#include "plan/loops/roll.h"

#include "ops/descriptors.h"
#include "ops/part.h"

bool gt_find_in_runs(const gt_runs *runs, uint32_t index, uint32_t *run, uint32_t *step,
                     uint32_t *place)
{
    uint32_t where = runs->where[index];
    if (where == 0 || runs->run_of[where - 1] == 0)
        return false;
    *run = runs->run_of[where - 1] - 1;
    const gt_run *r = &runs->runs[*run];
    *place = runs->place_of[where - 1];
    *step = where - 1 < r->begin ? 0 : (where - 1 - r->begin) / r->period + (r->lead != NULL);
    return true;
}

bool gt_run_holds(const gt_run_finder *f, const gt_run *run, uint32_t index, uint32_t *step,
                  uint32_t *place)
{
    uint32_t where = f->runs->where[index];
    if (where == 0 || where - 1 < run->begin || where - 1 >= run->begin + run->steps * run->period)
        return false;
    *step = (where - 1 - run->begin) / run->period;
    *place = (where - 1 - run->begin) % run->period;
    return true;
}

bool gt_run_locate(const gt_run_finder *f, uint32_t index, gt_run_link *link, int64_t *time)
{
    uint32_t step;
    if (gt_find_in_runs(f->runs, index, &link->run, &step, &link->place)) {
        link->kind = GT_RUN_VALUE;
        link->node = 0;
        *time = gt_run_slot(&f->runs->runs[link->run], step);
        return true;
    }
    while (gt_run_node_at(f, index)->op == &gt_op_reshape)
        index = gt_run_input_at(f, index, 0);
    const gt_node *node = gt_run_node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    bool slice = node->op == &gt_op_slice, part = node->op == &gt_op_part;
    if (!slice && !part)
        return false;
    int64_t axis = slice ? attributes[0] : attributes[GT_PART_AXIS];
    int64_t size = slice ? attributes[2] - attributes[1] : attributes[GT_PART_SIZE];
    uint32_t base = gt_run_input_at(f, index, 0);
    base = part ? gt_run_input_at(f, base, 0) : base;
    *link = (gt_run_link){.kind = GT_RUN_SLICE, .node = base};
    *time = slice ? attributes[1] : attributes[GT_PART_START];
    return size == 1 && axis == gt_node_shape(f->copy->from, gt_run_node_at(f, base)).rank - 1 && axis > 0;
}

static bool same_source(const gt_run_link *a, const gt_run_link *b)
{
    return a->kind == b->kind && a->place == b->place && a->run == b->run && a->node == b->node;
}

/* Is `index` what the state of the run starts with that becomes the value at `place`? */
static bool is_initial(const gt_run *run, uint32_t place, uint32_t index)
{
    for (uint32_t k = 0; k < run->link_count; k++)
        if (run->links[k].kind == GT_RUN_CARRIED && run->links[k].place == place &&
            run->links[k].node == index)
            return true;
    return false;
}

/* The value before the first of an earlier run's values at `place`, where a state starts with it.
 */
static bool is_before(const gt_run_finder *f, const gt_run_link *link, int64_t time, uint32_t index)
{
    if (link->kind != GT_RUN_VALUE)
        return false;
    const gt_run *source = &f->runs->runs[link->run];
    return time == gt_run_slot(source, -1) && is_initial(source, link->place, index);
}

/* Steps, from the first, for which the operand goes through a sequence entry by entry, and which
 * way. */
static uint32_t follow_sequence(const gt_run_finder *f, const gt_run *run, uint32_t place,
                                uint32_t slot, gt_run_link *link, int *way)
{
    int64_t first, second, time;
    gt_run_link other = {0};
    if (!gt_run_locate(f, gt_run_input_at(f, gt_run_node(f->runs, run, 1, place), slot), link, &first) ||
        !gt_run_locate(f, gt_run_input_at(f, gt_run_node(f->runs, run, 2, place), slot), &other,
                       &second) ||
        !same_source(link, &other) || (second != first + 1 && second != first - 1))
        return 0;
    *way = second > first ? 1 : -1;
    uint32_t initial = 0;
    for (uint32_t r = 0; r < run->steps; r++) {
        uint32_t index = gt_run_input_at(f, gt_run_node(f->runs, run, r, place), slot);
        int64_t expected = first + ((int64_t)r - 1) * *way;
        other = (gt_run_link){0};
        if (gt_run_locate(f, index, &other, &time) && same_source(link, &other) && time == expected)
            continue;
        if (initial != 0 || !is_before(f, link, expected, index))
            return r;
        initial = index;
    }
    link->low = *way > 0 ? first - 1 : first + 2 - (int64_t)run->steps;
    if (initial != 0) {
        /* The state's old values: that of a step is the new value of the step before. */
        const gt_run *source = &f->runs->runs[link->run];
        link->low += source->direction == GT_FORWARD ? 1 : -1;
        link->kind = GT_RUN_OLD_VALUE;
        link->node = initial;
        /* The last new value of all is no old one: then there is a step too many. */
        if (link->low < 0 || link->low + run->steps > source->steps)
            return run->steps - 1;
    }
    return run->steps;
}

/* Steps, from the first, at which operand `slot` of the node at `place` comes from where it does at
 * the second. */
static uint32_t follow_operand(const gt_run_finder *f, gt_run *run, uint32_t place, uint32_t slot,
                               gt_run_link *link, int *way)
{
    uint32_t step, at, second = gt_run_input_at(f, gt_run_node(f->runs, run, 1, place), slot), r = 0;
    *link = (gt_run_link){.kind = GT_RUN_INVARIANT, .node = second};
    if (gt_run_holds(f, run, second, &step, &at)) {
        if (step == 1 && at >= place)
            return 0;
        link->kind = step == 1 ? GT_RUN_INSIDE : GT_RUN_CARRIED;
        link->place = at;
        link->node = 0;
    } else if (gt_run_input_at(f, gt_run_node(f->runs, run, 2, place), slot) != second) {
        int this_way = 0;
        uint32_t steps = follow_sequence(f, run, place, slot, link, &this_way);
        if (steps < GT_RUN_LEAST_STEPS || (*way != 0 && *way != this_way))
            return 0;
        *way = this_way;
        return steps;
    }
    for (; r < run->steps; r++) {
        uint32_t index = gt_run_input_at(f, gt_run_node(f->runs, run, r, place), slot);
        bool inside = gt_run_holds(f, run, index, &step, &at);
        if (link->kind == GT_RUN_INVARIANT) {
            if (index != second)
                return r;
        } else if (link->kind == GT_RUN_CARRIED && r == 0) {
            gt_shape shape =
                gt_node_shape(f->copy->from, gt_run_node_at(f, gt_run_node(f->runs, run, 0, link->place)));
            if (inside || !gt_shape_equal(gt_node_shape(f->copy->from, gt_run_node_at(f, index)), shape) ||
                gt_node_shape(f->copy->from, gt_run_node_at(f, index)).rank != shape.rank ||
                gt_run_node_at(f, index)->dtype !=
                    gt_run_node_at(f, gt_run_node(f->runs, run, 0, link->place))->dtype)
                return 0;
            link->node = index;
        } else if (!inside || at != link->place ||
                   step != (link->kind == GT_RUN_INSIDE ? r : r - 1)) {
            return r;
        }
    }
    return r;
}

uint32_t gt_run_follow(const gt_run_finder *f, gt_run *run)
{
    uint32_t steps = run->steps, link = 0;
    int way = 0;
    bool sequence = false, product = false;
    for (uint32_t place = 0; place < run->period && steps >= GT_RUN_LEAST_STEPS; place++) {
        const gt_node *node = gt_run_node_at(f, gt_run_node(f->runs, run, 0, place));
        run->first_link[place] = link;
        product |= node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
        for (uint32_t slot = 0; slot < node->input_count && steps >= GT_RUN_LEAST_STEPS;
             slot++, link++) {
            uint32_t followed = follow_operand(f, run, place, slot, &run->links[link], &way);
            steps = followed < steps ? followed : steps;
            sequence |= run->links[link].kind >= GT_RUN_SLICE;
        }
    }
    run->link_count = link;
    run->direction = way < 0 ? GT_BACKWARD : GT_FORWARD;
    return product || sequence ? steps : 0;
}
