/*
 * Where the operands of a repeat come from: from the same step, from the step before,
 * from outside the same for all steps, or from a sequence entry by entry.
 */
#include "plan/loops/roll.h"

#include "ops/descriptors.h"
#include "ops/part.h"

bool gt_find_in_repeats(const gt_repeats *repeats, uint32_t index, uint32_t *repeat, uint32_t *step, uint32_t *position)
{
    uint32_t where = repeats->where[index];
    if (where == 0 || repeats->repeat_of[where - 1] == 0)
        return false;
    *repeat = repeats->repeat_of[where - 1] - 1;
    const gt_repeat *r = &repeats->repeats[*repeat];
    *position = repeats->position_of[where - 1];
    *step = where - 1 < r->begin ? 0 : (where - 1 - r->begin) / r->period + (r->lead != NULL);
    return true;
}

bool gt_repeat_holds(const gt_repeat_finder *f, const gt_repeat *repeat, uint32_t index, uint32_t *step,
                     uint32_t *position)
{
    uint32_t where = f->repeats->where[index];
    if (where == 0 || where - 1 < repeat->begin || where - 1 >= repeat->begin + repeat->steps * repeat->period)
        return false;
    *step = (where - 1 - repeat->begin) / repeat->period;
    *position = (where - 1 - repeat->begin) % repeat->period;
    return true;
}

bool gt_repeat_locate(const gt_repeat_finder *f, uint32_t index, gt_repeat_link *link, int64_t *time)
{
    uint32_t step;
    if (gt_find_in_repeats(f->repeats, index, &link->repeat, &step, &link->position)) {
        link->kind = GT_REPEAT_VALUE;
        link->node = 0;
        *time = gt_repeat_slot(&f->repeats->repeats[link->repeat], step);
        return true;
    }
    while (gt_repeat_node_at(f, index)->op == &gt_op_reshape)
        index = gt_repeat_input_at(f, index, 0);
    const gt_node *node = gt_repeat_node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    bool slice = node->op == &gt_op_slice, part = node->op == &gt_op_part;
    if (!slice && !part)
        return false;
    int64_t axis = slice ? attributes[0] : attributes[GT_PART_AXIS];
    int64_t size = slice ? attributes[2] - attributes[1] : attributes[GT_PART_SIZE];
    uint32_t base = gt_repeat_input_at(f, index, 0);
    base = part ? gt_repeat_input_at(f, base, 0) : base;
    *link = (gt_repeat_link){.kind = GT_REPEAT_SLICE, .node = base};
    *time = slice ? attributes[1] : attributes[GT_PART_START];
    return size == 1 && axis == gt_node_shape(f->copy->from, gt_repeat_node_at(f, base)).rank - 1 && axis > 0;
}

static bool same_source(const gt_repeat_link *a, const gt_repeat_link *b)
{
    return a->kind == b->kind && a->position == b->position && a->repeat == b->repeat && a->node == b->node;
}

/* Is `index` what the state of the repeat starts with that becomes the value at `position`? */
static bool is_initial(const gt_repeat *repeat, uint32_t position, uint32_t index)
{
    for (uint32_t k = 0; k < repeat->link_count; k++)
        if (repeat->links[k].kind == GT_REPEAT_CARRIED && repeat->links[k].position == position &&
            repeat->links[k].node == index)
            return true;
    return false;
}

/* The value before the first of an earlier repeat's values at `position`, where a state starts with it.
 */
static bool is_before(const gt_repeat_finder *f, const gt_repeat_link *link, int64_t time, uint32_t index)
{
    if (link->kind != GT_REPEAT_VALUE)
        return false;
    const gt_repeat *source = &f->repeats->repeats[link->repeat];
    return time == gt_repeat_slot(source, -1) && is_initial(source, link->position, index);
}

/* Steps, from the first, for which the operand goes through a sequence entry by entry, and which
 * way. */
static uint32_t follow_sequence(const gt_repeat_finder *f, const gt_repeat *repeat, uint32_t position, uint32_t slot,
                                gt_repeat_link *link, int *way)
{
    int64_t first, second, time;
    gt_repeat_link other = {0};
    if (!gt_repeat_locate(f, gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, 1, position), slot), link,
                          &first) ||
        !gt_repeat_locate(f, gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, 2, position), slot), &other,
                          &second) ||
        !same_source(link, &other) || (second != first + 1 && second != first - 1))
        return 0;
    *way = second > first ? 1 : -1;
    uint32_t initial = 0;
    for (uint32_t r = 0; r < repeat->steps; r++) {
        uint32_t index = gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, r, position), slot);
        int64_t expected = first + ((int64_t)r - 1) * *way;
        other = (gt_repeat_link){0};
        if (gt_repeat_locate(f, index, &other, &time) && same_source(link, &other) && time == expected)
            continue;
        if (initial != 0 || !is_before(f, link, expected, index))
            return r;
        initial = index;
    }
    link->low = *way > 0 ? first - 1 : first + 2 - (int64_t)repeat->steps;
    if (initial != 0) {
        /* The state's old values: that of a step is the new value of the step before. */
        const gt_repeat *source = &f->repeats->repeats[link->repeat];
        link->low += source->direction == GT_FORWARD ? 1 : -1;
        link->kind = GT_REPEAT_OLD_VALUE;
        link->node = initial;
        /* The last new value of all is no old one: then there is a step too many. */
        if (link->low < 0 || link->low + repeat->steps > source->steps)
            return repeat->steps - 1;
    }
    return repeat->steps;
}

/* Steps, from the first, at which operand `slot` of the node at `position` comes from where it does at
 * the second. */
static uint32_t follow_operand(const gt_repeat_finder *f, gt_repeat *repeat, uint32_t position, uint32_t slot,
                               gt_repeat_link *link, int *way)
{
    uint32_t step, at, second = gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, 1, position), slot), r = 0;
    *link = (gt_repeat_link){.kind = GT_REPEAT_INVARIANT, .node = second};
    if (gt_repeat_holds(f, repeat, second, &step, &at)) {
        if (step == 1 && at >= position)
            return 0;
        link->kind = step == 1 ? GT_REPEAT_INSIDE : GT_REPEAT_CARRIED;
        link->position = at;
        link->node = 0;
    } else if (gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, 2, position), slot) != second) {
        int this_way = 0;
        uint32_t steps = follow_sequence(f, repeat, position, slot, link, &this_way);
        if (steps < GT_REPEAT_LEAST_STEPS || (*way != 0 && *way != this_way))
            return 0;
        *way = this_way;
        return steps;
    }
    for (; r < repeat->steps; r++) {
        uint32_t index = gt_repeat_input_at(f, gt_repeat_node(f->repeats, repeat, r, position), slot);
        bool inside = gt_repeat_holds(f, repeat, index, &step, &at);
        if (link->kind == GT_REPEAT_INVARIANT) {
            if (index != second)
                return r;
        } else if (link->kind == GT_REPEAT_CARRIED && r == 0) {
            gt_shape shape = gt_node_shape(f->copy->from,
                                           gt_repeat_node_at(f, gt_repeat_node(f->repeats, repeat, 0, link->position)));
            if (inside || !gt_shape_equal(gt_node_shape(f->copy->from, gt_repeat_node_at(f, index)), shape) ||
                gt_node_shape(f->copy->from, gt_repeat_node_at(f, index)).rank != shape.rank ||
                gt_repeat_node_at(f, index)->dtype !=
                    gt_repeat_node_at(f, gt_repeat_node(f->repeats, repeat, 0, link->position))->dtype)
                return 0;
            link->node = index;
        } else if (!inside || at != link->position || step != (link->kind == GT_REPEAT_INSIDE ? r : r - 1)) {
            return r;
        }
    }
    return r;
}

uint32_t gt_repeat_follow(const gt_repeat_finder *f, gt_repeat *repeat)
{
    uint32_t steps = repeat->steps, link = 0;
    int way = 0;
    bool sequence = false, product = false;
    for (uint32_t position = 0; position < repeat->period && steps >= GT_REPEAT_LEAST_STEPS; position++) {
        const gt_node *node = gt_repeat_node_at(f, gt_repeat_node(f->repeats, repeat, 0, position));
        repeat->first_link[position] = link;
        product |= node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
        for (uint32_t slot = 0; slot < node->input_count && steps >= GT_REPEAT_LEAST_STEPS; slot++, link++) {
            uint32_t followed = follow_operand(f, repeat, position, slot, &repeat->links[link], &way);
            steps = followed < steps ? followed : steps;
            sequence |= repeat->links[link].kind >= GT_REPEAT_SLICE;
        }
    }
    repeat->link_count = link;
    repeat->direction = way < 0 ? GT_BACKWARD : GT_FORWARD;
    return product || sequence ? steps : 0;
}
