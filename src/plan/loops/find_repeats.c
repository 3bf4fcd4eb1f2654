/*
 * What repeats on a tape.
 *
 * A user's own loop records the same ops again and again, and so does the reverse
 * replay over it. Where the ops of a period repeat, it remains to be seen where
 * each operand comes from: all steps must agree. What comes from outside must be
 * the same at every step, or go through an array or through the values of an
 * earlier repeat one by one.
 */
#include "plan/loops/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <stdlib.h>
#include <string.h>

/* More distances, longer periods and more beginnings are not looked at. */
enum { MOST_DISTANCES = 32, LONGEST_PERIOD = 2000, MOST_BEGINNINGS = 128, FEW_STEPS = 6 };

/* ---- operands ------------------------------------------------------------------------------ */

bool gt_repeat_does_the_same(const gt_copy *copy, uint32_t a, uint32_t b)
{
    const gt_node *first = gt_tape_node(copy->from, a), *second = gt_tape_node(copy->from, b);
    gt_op_class op_class = first->op->op_class;
    if (first->op != second->op || first->shape != second->shape || first->dtype != second->dtype ||
        first->input_count != second->input_count || first->attribute_count != second->attribute_count ||
        gt_class_is_tuple(op_class) || op_class == GT_CLASS_PART)
        return false;
    if (gt_node_shape(copy->from, first).rank == GT_MAX_RANK) /* no axis is left for the steps of its stack */
        return false;
    return first->attribute_count == 0 ||
           memcmp(gt_node_attributes(copy->from, first), gt_node_attributes(copy->from, second),
                  first->attribute_count * sizeof(int64_t)) == 0;
}

/* ---- repeats ---------------------------------------------------------------------------------- */

/* Entries of the values of the first period that the second reads. */
static int64_t count_entries(const gt_repeat_finder *f, const gt_repeat *repeat, uint8_t *read)
{
    int64_t count = 0;
    uint32_t step, at;
    memset(read, 0, repeat->period);
    for (uint32_t position = 0; position < repeat->period; position++) {
        uint32_t index = gt_repeat_node(f->repeats, repeat, 1, position);
        for (uint32_t slot = 0; slot < gt_repeat_node_at(f, index)->input_count; slot++) {
            if (!gt_repeat_holds(f, repeat, gt_repeat_input_at(f, index, slot), &step, &at) || step != 0 || read[at])
                continue;
            read[at] = 1;
            count +=
                gt_shape_count(gt_node_shape(f->copy->from, gt_repeat_node_at(f, gt_repeat_input_at(f, index, slot))));
        }
    }
    return count;
}

static void free_repeat(gt_repeat *repeat)
{
    gt_memory_free(repeat->links);
    gt_memory_free(repeat->first_link);
    gt_memory_free(repeat->lead);
    gt_memory_free(repeat->body);
    gt_memory_free(repeat->carries);
    *repeat = (gt_repeat){0};
}

static bool make_repeat(const gt_repeat_finder *f, gt_repeat *repeat)
{
    uint32_t links = 0;
    for (uint32_t position = 0; position < repeat->period; position++)
        links += gt_repeat_node_at(f, gt_repeat_node(f->repeats, repeat, 0, position))->input_count;
    repeat->links = gt_memory_new(links, sizeof *repeat->links);
    repeat->first_link = gt_memory_new((size_t)repeat->period + 1, sizeof *repeat->first_link);
    repeat->body = gt_memory_new(repeat->period, sizeof *repeat->body);
    repeat->carries = gt_memory_new(links, sizeof *repeat->carries);
    return repeat->links != NULL && repeat->first_link != NULL && repeat->body != NULL && repeat->carries != NULL;
}

/* How far the candidates behind `begin` do what those one period further do. */
static uint32_t match(const gt_repeat_finder *f, uint32_t begin, uint32_t period)
{
    const uint32_t *list = f->repeats->list;
    uint32_t k = 0;
    while (begin + period + k < f->repeats->count &&
           gt_repeat_does_the_same(f->copy, list[begin + k], list[begin + period + k]))
        k++;
    return k;
}

/* Of x + s, where s is of the step before, a lead takes x: from outside it is no value of the repeat. */
static bool lead_is_outside(const gt_repeat *repeat, uint32_t position)
{
    uint32_t end = position + 1 < repeat->period ? repeat->first_link[position + 1] : repeat->link_count;
    bool carried = false, outside = false;
    for (uint32_t k = repeat->first_link[position]; k < end; k++) {
        gt_repeat_link_kind kind = repeat->links[k].kind;
        carried |= kind == GT_REPEAT_CARRIED;
        outside |= kind != GT_REPEAT_CARRIED && kind != GT_REPEAT_INSIDE;
    }
    return carried && outside;
}

static void enter_repeat(const gt_repeat_finder *f, const gt_repeat *repeat, uint32_t end)
{
    gt_repeats *repeats = f->repeats;
    repeats->repeats[repeats->repeat_count++] = *repeat;
    for (uint32_t k = repeat->begin; k < end; k++) {
        repeats->repeat_of[k] = (uint32_t)repeats->repeat_count;
        repeats->position_of[k] = (k - repeat->begin) % repeat->period;
    }
    for (uint32_t position = 0; position < repeat->period && repeat->lead != NULL; position++) {
        uint32_t where = repeats->where[repeat->lead[position]];
        if (where != 0 && repeats->repeat_of[where - 1] == 0 && !lead_is_outside(repeat, position)) {
            repeats->repeat_of[where - 1] = (uint32_t)repeats->repeat_count;
            repeats->position_of[where - 1] = position;
        }
    }
}

/* The same repeat, with what its operands come from; without steps if it is none. False: no memory. */
static bool follow_repeat(const gt_repeat_finder *f, gt_repeat *repeat)
{
    if (!make_repeat(f, repeat))
        return false;
    for (uint32_t steps = 0; repeat->steps >= GT_REPEAT_LEAST_STEPS; repeat->steps = steps) {
        steps = gt_repeat_follow(f, repeat);
        if (steps == repeat->steps)
            break;
    }
    if (repeat->steps < GT_REPEAT_LEAST_STEPS)
        repeat->steps = 0;
    return repeat->steps == 0 || gt_repeat_extend(f, repeat);
}

typedef struct beginning {
    int64_t entries; /* of the states */
    uint32_t shift;
} beginning;

static int by_entries(const void *a, const void *b)
{
    const beginning *x = a, *y = b;
    if (x->entries != y->entries)
        return x->entries < y->entries ? -1 : 1;
    return (x->shift > y->shift) - (x->shift < y->shift);
}

/* All positions at which a step may begin, the one with the smallest states first. */
static uint32_t list_beginnings(const gt_repeat_finder *f, const gt_repeat *repeat, uint32_t matched, beginning *list,
                                uint8_t *read)
{
    uint32_t count = 0;
    for (uint32_t shift = 0; shift < repeat->period && shift <= matched; shift++) {
        gt_repeat shifted = *repeat;
        shifted.begin += shift;
        shifted.steps = (matched - shift) / repeat->period + 1;
        if (shifted.steps >= GT_REPEAT_LEAST_STEPS)
            list[count++] = (beginning){count_entries(f, &shifted, read), shift};
    }
    qsort(list, count, sizeof *list, by_entries);
    return count;
}

static bool follow_beginning(const gt_repeat_finder *f, gt_repeat *repeat, const beginning *at, uint32_t matched,
                             uint32_t most)
{
    uint32_t steps = (matched - at->shift) / repeat->period + 1;
    repeat->begin += at->shift;
    repeat->steps = steps < most ? steps : most;
    return follow_repeat(f, repeat);
}

/*
 * The best position is the first one where the step before the first is one more step; otherwise
 * the first one. A few steps are enough to see it. False: no memory.
 */
static bool choose_repeat(const gt_repeat_finder *f, gt_repeat *repeat, uint32_t matched, beginning *list,
                          uint8_t *read)
{
    uint32_t count = list_beginnings(f, repeat, matched, list, read), best = UINT32_MAX;
    bool with_lead = false;
    for (uint32_t k = 0; k < count && k < MOST_BEGINNINGS && !with_lead; k++) {
        gt_repeat tried = {.begin = repeat->begin, .period = repeat->period};
        bool followed = follow_beginning(f, &tried, &list[k], matched, FEW_STEPS);
        with_lead = tried.lead != NULL;
        if (with_lead || (best == UINT32_MAX && tried.steps > 0))
            best = k;
        free_repeat(&tried);
        if (!followed)
            return false;
    }
    return best == UINT32_MAX || follow_beginning(f, repeat, &list[best], matched, UINT32_MAX);
}

/* A repeat that begins in the period at `begin`; *end is where to go on. False: no memory. */
static bool try_repeat(const gt_repeat_finder *f, uint32_t begin, uint32_t period, uint32_t matched, uint32_t *end)
{
    gt_repeat repeat = {.begin = begin, .period = period};
    beginning *list = gt_memory_new(period, sizeof *list);
    uint8_t *read = gt_memory_new(period, 1);
    bool chosen = list != NULL && read != NULL && choose_repeat(f, &repeat, matched, list, read) &&
                  GT_RESERVE(f->repeats->repeats, f->repeats->repeat_capacity, f->repeats->repeat_count + 1);
    gt_memory_free(list);
    gt_memory_free(read);
    *end = begin + period;
    if (!chosen || repeat.steps == 0) {
        free_repeat(&repeat);
        return chosen;
    }
    *end = repeat.begin + (repeat.steps - (repeat.lead != NULL)) * period;
    enter_repeat(f, &repeat, *end);
    return true;
}

static bool find(const gt_repeat_finder *f)
{
    for (uint32_t begin = 0; begin < f->repeats->count;) {
        uint32_t other = f->next[begin], end = begin + 1;
        for (uint32_t tried = 0; other != 0 && tried < MOST_DISTANCES; tried++, other = f->next[other]) {
            uint32_t period = other - begin;
            if (period > LONGEST_PERIOD || begin + GT_REPEAT_LEAST_STEPS * period > f->repeats->count)
                break;
            uint32_t matched = match(f, begin, period);
            if (matched < (GT_REPEAT_LEAST_STEPS - 1) * period)
                continue;
            uint32_t found = (uint32_t)f->repeats->repeat_count;
            if (!try_repeat(f, begin, period, matched, &end))
                return false;
            if (f->repeats->repeat_count > found)
                break;
        }
        begin = end;
    }
    return true;
}

static bool find_listed(const gt_copy *copy, bool with_ends, gt_repeats *repeats)
{
    gt_repeat_finder f = {copy, repeats, NULL};
    bool found = gt_repeat_list(&f, with_ends) && find(&f);
    gt_memory_free(f.next);
    return found;
}

static size_t covered(const gt_repeats *repeats)
{
    size_t nodes = 0;
    for (size_t k = 0; k < repeats->repeat_count; k++)
        nodes += (size_t)repeats->repeats[k].steps * repeats->repeats[k].period;
    return nodes;
}

/* Whether a sum for nobody belongs to the last step is seen by what comes of it. */
bool gt_find_repeats(const gt_copy *copy, gt_repeats *repeats)
{
    gt_repeats other = {0};
    bool found = find_listed(copy, false, repeats) && find_listed(copy, true, &other);
    if (found && covered(&other) > covered(repeats)) {
        gt_repeats less = *repeats;
        *repeats = other;
        other = less;
    }
    gt_free_repeats(&other);
    return found;
}

void gt_free_repeats(gt_repeats *repeats)
{
    for (size_t k = 0; k < repeats->repeat_count; k++)
        free_repeat(&repeats->repeats[k]);
    gt_memory_free(repeats->repeats);
    gt_memory_free(repeats->list);
    gt_memory_free(repeats->where);
    gt_memory_free(repeats->repeat_of);
    gt_memory_free(repeats->position_of);
}
