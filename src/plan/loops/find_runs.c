/*
 * What repeats on a tape.
 *
 * A user's own loop records the same ops again and again, and so does the reverse
 * replay over it. Where the ops of a period repeat, it remains to be seen where
 * each operand comes from: all steps must agree. What comes from outside must be
 * the same at every step, or go through an array or through the values of an
 * earlier run one by one.
 */
#include "plan/loops/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <stdlib.h>
#include <string.h>

/* More distances, longer periods and more beginnings are not looked at. */
enum { MOST_DISTANCES = 32, LONGEST_PERIOD = 2000, MOST_BEGINNINGS = 128, FEW_STEPS = 6 };

/* ---- operands ------------------------------------------------------------------------------ */

bool gt_run_does_the_same(const gt_copy *copy, uint32_t a, uint32_t b)
{
    const gt_node *first = gt_tape_node(copy->from, a), *second = gt_tape_node(copy->from, b);
    gt_op_class op_class = first->op->op_class;
    if (first->op != second->op || first->shape != second->shape || first->dtype != second->dtype ||
        first->input_count != second->input_count ||
        first->attribute_count != second->attribute_count || gt_class_is_tuple(op_class) ||
        op_class == GT_CLASS_PART)
        return false;
    if (gt_node_shape(copy->from, first).rank == GT_MAX_RANK) /* no axis is left for the steps of its stack */
        return false;
    return first->attribute_count == 0 ||
           memcmp(gt_node_attributes(copy->from, first), gt_node_attributes(copy->from, second),
                  first->attribute_count * sizeof(int64_t)) == 0;
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* Entries of the values of the first period that the second reads. */
static int64_t count_entries(const gt_run_finder *f, const gt_run *run, uint8_t *read)
{
    int64_t count = 0;
    uint32_t step, at;
    memset(read, 0, run->period);
    for (uint32_t place = 0; place < run->period; place++) {
        uint32_t index = gt_run_node(f->runs, run, 1, place);
        for (uint32_t slot = 0; slot < gt_run_node_at(f, index)->input_count; slot++) {
            if (!gt_run_holds(f, run, gt_run_input_at(f, index, slot), &step, &at) || step != 0 ||
                read[at])
                continue;
            read[at] = 1;
            count +=
                gt_shape_count(gt_node_shape(f->copy->from, gt_run_node_at(f, gt_run_input_at(f, index, slot))));
        }
    }
    return count;
}

static void free_run(gt_run *run)
{
    gt_memory_free(run->links);
    gt_memory_free(run->first_link);
    gt_memory_free(run->lead);
    gt_memory_free(run->body);
    gt_memory_free(run->carries);
    *run = (gt_run){0};
}

static bool make_run(const gt_run_finder *f, gt_run *run)
{
    uint32_t links = 0;
    for (uint32_t place = 0; place < run->period; place++)
        links += gt_run_node_at(f, gt_run_node(f->runs, run, 0, place))->input_count;
    run->links = gt_memory_new(links, sizeof *run->links);
    run->first_link = gt_memory_new((size_t)run->period + 1, sizeof *run->first_link);
    run->body = gt_memory_new(run->period, sizeof *run->body);
    run->carries = gt_memory_new(links, sizeof *run->carries);
    return run->links != NULL && run->first_link != NULL && run->body != NULL &&
           run->carries != NULL;
}

/* How far the candidates behind `begin` do what those one period further do. */
static uint32_t match(const gt_run_finder *f, uint32_t begin, uint32_t period)
{
    const uint32_t *list = f->runs->list;
    uint32_t k = 0;
    while (begin + period + k < f->runs->count &&
           gt_run_does_the_same(f->copy, list[begin + k], list[begin + period + k]))
        k++;
    return k;
}

/* Of x + s, where s is of the step before, a lead takes x: from outside it is no value of the run. */
static bool lead_is_outside(const gt_run *run, uint32_t place)
{
    uint32_t end = place + 1 < run->period ? run->first_link[place + 1] : run->link_count;
    bool carried = false, outside = false;
    for (uint32_t k = run->first_link[place]; k < end; k++) {
        gt_run_link_kind kind = run->links[k].kind;
        carried |= kind == GT_RUN_CARRIED;
        outside |= kind != GT_RUN_CARRIED && kind != GT_RUN_INSIDE;
    }
    return carried && outside;
}

static void enter_run(const gt_run_finder *f, const gt_run *run, uint32_t end)
{
    gt_runs *runs = f->runs;
    runs->runs[runs->run_count++] = *run;
    for (uint32_t k = run->begin; k < end; k++) {
        runs->run_of[k] = (uint32_t)runs->run_count;
        runs->place_of[k] = (k - run->begin) % run->period;
    }
    for (uint32_t place = 0; place < run->period && run->lead != NULL; place++) {
        uint32_t where = runs->where[run->lead[place]];
        if (where != 0 && runs->run_of[where - 1] == 0 && !lead_is_outside(run, place)) {
            runs->run_of[where - 1] = (uint32_t)runs->run_count;
            runs->place_of[where - 1] = place;
        }
    }
}

/* The same run, with what its operands come from; without steps if it is none. False: no memory. */
static bool follow_run(const gt_run_finder *f, gt_run *run)
{
    if (!make_run(f, run))
        return false;
    for (uint32_t steps = 0; run->steps >= GT_RUN_LEAST_STEPS; run->steps = steps) {
        steps = gt_run_follow(f, run);
        if (steps == run->steps)
            break;
    }
    if (run->steps < GT_RUN_LEAST_STEPS)
        run->steps = 0;
    return run->steps == 0 || gt_run_extend(f, run);
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

/* All places at which a step may begin, the one with the smallest states first. */
static uint32_t list_beginnings(const gt_run_finder *f, const gt_run *run, uint32_t matched,
                                beginning *list, uint8_t *read)
{
    uint32_t count = 0;
    for (uint32_t shift = 0; shift < run->period && shift <= matched; shift++) {
        gt_run shifted = *run;
        shifted.begin += shift;
        shifted.steps = (matched - shift) / run->period + 1;
        if (shifted.steps >= GT_RUN_LEAST_STEPS)
            list[count++] = (beginning){count_entries(f, &shifted, read), shift};
    }
    qsort(list, count, sizeof *list, by_entries);
    return count;
}

static bool follow_beginning(const gt_run_finder *f, gt_run *run, const beginning *at,
                             uint32_t matched, uint32_t most)
{
    uint32_t steps = (matched - at->shift) / run->period + 1;
    run->begin += at->shift;
    run->steps = steps < most ? steps : most;
    return follow_run(f, run);
}

/*
 * The best place is the first one where the step before the first is one more step; otherwise
 * the first one. A few steps are enough to see it. False: no memory.
 */
static bool choose_run(const gt_run_finder *f, gt_run *run, uint32_t matched, beginning *list,
                       uint8_t *read)
{
    uint32_t count = list_beginnings(f, run, matched, list, read), best = UINT32_MAX;
    bool with_lead = false;
    for (uint32_t k = 0; k < count && k < MOST_BEGINNINGS && !with_lead; k++) {
        gt_run tried = {.begin = run->begin, .period = run->period};
        bool followed = follow_beginning(f, &tried, &list[k], matched, FEW_STEPS);
        with_lead = tried.lead != NULL;
        if (with_lead || (best == UINT32_MAX && tried.steps > 0))
            best = k;
        free_run(&tried);
        if (!followed)
            return false;
    }
    return best == UINT32_MAX || follow_beginning(f, run, &list[best], matched, UINT32_MAX);
}

/* A run that begins in the period at `begin`; *end is where to go on. False: no memory. */
static bool try_run(const gt_run_finder *f, uint32_t begin, uint32_t period, uint32_t matched,
                    uint32_t *end)
{
    gt_run run = {.begin = begin, .period = period};
    beginning *list = gt_memory_new(period, sizeof *list);
    uint8_t *read = gt_memory_new(period, 1);
    bool chosen = list != NULL && read != NULL && choose_run(f, &run, matched, list, read) &&
                  GT_RESERVE(f->runs->runs, f->runs->run_capacity, f->runs->run_count + 1);
    gt_memory_free(list);
    gt_memory_free(read);
    *end = begin + period;
    if (!chosen || run.steps == 0) {
        free_run(&run);
        return chosen;
    }
    *end = run.begin + (run.steps - (run.lead != NULL)) * period;
    enter_run(f, &run, *end);
    return true;
}

static bool find(const gt_run_finder *f)
{
    for (uint32_t begin = 0; begin < f->runs->count;) {
        uint32_t other = f->next[begin], end = begin + 1;
        for (uint32_t tried = 0; other != 0 && tried < MOST_DISTANCES;
             tried++, other = f->next[other]) {
            uint32_t period = other - begin;
            if (period > LONGEST_PERIOD || begin + GT_RUN_LEAST_STEPS * period > f->runs->count)
                break;
            uint32_t matched = match(f, begin, period);
            if (matched < (GT_RUN_LEAST_STEPS - 1) * period)
                continue;
            uint32_t found = (uint32_t)f->runs->run_count;
            if (!try_run(f, begin, period, matched, &end))
                return false;
            if (f->runs->run_count > found)
                break;
        }
        begin = end;
    }
    return true;
}

static bool find_listed(const gt_copy *copy, bool with_ends, gt_runs *runs)
{
    gt_run_finder f = {copy, runs, NULL};
    bool found = gt_run_list(&f, with_ends) && find(&f);
    gt_memory_free(f.next);
    return found;
}

static size_t covered(const gt_runs *runs)
{
    size_t nodes = 0;
    for (size_t k = 0; k < runs->run_count; k++)
        nodes += (size_t)runs->runs[k].steps * runs->runs[k].period;
    return nodes;
}

/* Whether a sum for nobody belongs to the last step is seen by what comes of it. */
bool gt_find_runs(const gt_copy *copy, gt_runs *runs)
{
    gt_runs other = {0};
    bool found = find_listed(copy, false, runs) && find_listed(copy, true, &other);
    if (found && covered(&other) > covered(runs)) {
        gt_runs less = *runs;
        *runs = other;
        other = less;
    }
    gt_free_runs(&other);
    return found;
}

void gt_free_runs(gt_runs *runs)
{
    for (size_t k = 0; k < runs->run_count; k++)
        free_run(&runs->runs[k]);
    gt_memory_free(runs->runs);
    gt_memory_free(runs->list);
    gt_memory_free(runs->where);
    gt_memory_free(runs->run_of);
    gt_memory_free(runs->place_of);
}
