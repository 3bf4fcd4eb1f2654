/*
 * What repeats on a tape.
 *
 * A user's own loop records the same ops again and again, and so does the reverse
 * replay over it. Where the ops of a period repeat, it remains to be seen where
 * each operand comes from: all steps must agree. What comes from outside must be
 * the same at every step, or go through an array or through the values of an
 * earlier run one by one.
 */
#include "plan/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/part.h"

#include <stdlib.h>
#include <string.h>

/* Fewer steps stay as they are; more distances, and longer periods, are not looked at. */
enum { LEAST_STEPS = 4, MOST_DISTANCES = 32, LONGEST_PERIOD = 2000 };

typedef struct finder {
    const gt_copy *copy;
    gt_runs *runs;
    uint32_t *next; /* of each candidate: the next one like it, or 0 */
} finder;

typedef struct keyed {
    uint64_t key;
    uint32_t place;
} keyed;

/* ---- candidates ---------------------------------------------------------------------------- */

static const gt_node *node_at(const finder *f, uint32_t index)
{
    return gt_tape_node(f->copy->from, index);
}

static uint32_t input_at(const finder *f, uint32_t index, uint32_t slot)
{
    return gt_node_inputs(f->copy->from, node_at(f, index))[slot];
}

/* Leaves, and pieces of leaves: they are no work, and belong to no step. */
static bool is_given(const finder *f, uint32_t index)
{
    for (;;) {
        const gt_node *node = node_at(f, index);
        if (node->input_count == 0)
            return true;
        if (node->op != &gt_op_slice && node->op != &gt_op_part && node->op != &gt_op_split && node->op != &gt_op_reshape)
            return false;
        index = input_at(f, index, 0);
    }
}

static uint64_t mix(uint64_t key, uint64_t value)
{
    key = (key ^ value) * 0x9e3779b97f4a7c15u;
    return key ^ (key >> 29);
}

static uint64_t key_of(const finder *f, uint32_t index)
{
    const gt_node *node = node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    uint64_t key = mix(mix((uint64_t)(uintptr_t)node->op, node->shape), node->input_count);
    for (uint32_t k = 0; k < node->attribute_count; k++)
        key = mix(key, (uint64_t)attributes[k]);
    return key;
}

static bool does_the_same(const finder *f, uint32_t a, uint32_t b)
{
    const gt_node *first = node_at(f, f->runs->list[a]), *second = node_at(f, f->runs->list[b]);
    gt_op_class op_class = first->op->op_class;
    if (first->op != second->op || first->shape != second->shape || first->dtype != second->dtype ||
        first->input_count != second->input_count || first->attribute_count != second->attribute_count ||
        gt_class_is_tuple(op_class) || op_class == GT_CLASS_PART)
        return false;
    return first->attribute_count == 0 ||
           memcmp(gt_node_attributes(f->copy->from, first), gt_node_attributes(f->copy->from, second),
                  first->attribute_count * sizeof(int64_t)) == 0;
}

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool list_candidates(finder *f)
{
    gt_runs *runs = f->runs;
    size_t count = (size_t)f->copy->count + 1;
    runs->list = gt_memory_new(count, sizeof *runs->list);
    runs->where = gt_memory_new(count, sizeof *runs->where);
    runs->run_of = gt_memory_new(count, sizeof *runs->run_of);
    f->next = gt_memory_new(count, sizeof *f->next);
    keyed *keys = gt_memory_new(count, sizeof *keys);
    bool listed = runs->list != NULL && runs->where != NULL && runs->run_of != NULL && f->next != NULL && keys != NULL;
    for (uint32_t i = 1; listed && i <= f->copy->count; i++) {
        if (!f->copy->wanted[i] || is_given(f, i))
            continue;
        keys[runs->count] = (keyed){key_of(f, i), runs->count};
        runs->list[runs->count++] = i;
        runs->where[i] = runs->count;
    }
    if (listed)
        qsort(keys, runs->count, sizeof *keys, by_key);
    for (uint32_t k = 0; listed && k + 1 < runs->count; k++)
        if (keys[k].key == keys[k + 1].key)
            f->next[keys[k].place] = keys[k + 1].place;
    gt_memory_free(keys);
    return listed;
}

/* ---- where operands come from -------------------------------------------------------------- */

bool gt_find_in_runs(const gt_runs *runs, uint32_t index, uint32_t *run, uint32_t *step, uint32_t *place)
{
    uint32_t where = runs->where[index];
    if (where == 0 || runs->run_of[where - 1] == 0)
        return false;
    *run = runs->run_of[where - 1] - 1;
    const gt_run *r = &runs->runs[*run];
    *step = (where - 1 - r->begin) / r->period;
    *place = (where - 1 - r->begin) % r->period;
    return true;
}

/* The place of a candidate in the run that is looked at, which nobody knows yet. */
static bool is_in(const finder *f, const gt_run *run, uint32_t index, uint32_t *step, uint32_t *place)
{
    uint32_t where = f->runs->where[index];
    if (where == 0 || where - 1 < run->begin || where - 1 >= run->begin + run->steps * run->period)
        return false;
    *step = (where - 1 - run->begin) / run->period;
    *place = (where - 1 - run->begin) % run->period;
    return true;
}

/* A value from outside as one of many: `time` is its number among them. */
static bool locate(const finder *f, uint32_t index, gt_run_link *link, int64_t *time)
{
    uint32_t step;
    if (gt_find_in_runs(f->runs, index, &link->run, &step, &link->place)) {
        link->kind = GT_RUN_VALUE;
        link->node = 0;
        *time = gt_run_slot(&f->runs->runs[link->run], step);
        return true;
    }
    while (node_at(f, index)->op == &gt_op_reshape)
        index = input_at(f, index, 0);
    const gt_node *node = node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    bool slice = node->op == &gt_op_slice, part = node->op == &gt_op_part;
    if (!slice && !part)
        return false;
    int64_t axis = slice ? attributes[0] : attributes[GT_PART_AXIS];
    int64_t size = slice ? attributes[2] - attributes[1] : attributes[GT_PART_SIZE];
    uint32_t base = input_at(f, index, 0);
    base = part ? input_at(f, base, 0) : base;
    *link = (gt_run_link){.kind = GT_RUN_SLICE, .node = base};
    *time = slice ? attributes[1] : attributes[GT_PART_START];
    return size == 1 && axis == gt_node_shape(f->copy->from, node_at(f, base)).rank - 1 && axis > 0;
}

static bool same_source(const gt_run_link *a, const gt_run_link *b)
{
    return a->kind == b->kind && a->place == b->place && a->run == b->run && a->node == b->node;
}

/* Is `index` what the state of the run starts with that becomes the value at `place`? */
static bool is_initial(const gt_run *run, uint32_t place, uint32_t index)
{
    for (uint32_t k = 0; k < run->link_count; k++)
        if (run->links[k].kind == GT_RUN_CARRIED && run->links[k].place == place && run->links[k].node == index)
            return true;
    return false;
}

/* The value before the first of an earlier run's values at `place`, where a state starts with it. */
static bool is_before(const finder *f, const gt_run_link *link, int64_t time, uint32_t index)
{
    if (link->kind != GT_RUN_VALUE)
        return false;
    const gt_run *source = &f->runs->runs[link->run];
    return time == gt_run_slot(source, -1) && is_initial(source, link->place, index);
}

/* Steps, from the first, for which the operand goes through a sequence entry by entry, and which way. */
static uint32_t follow_sequence(const finder *f, const gt_run *run, uint32_t place, uint32_t slot, gt_run_link *link,
                                int *way)
{
    int64_t first, second, time;
    gt_run_link other = {0};
    if (!locate(f, input_at(f, gt_run_node(f->runs, run, 1, place), slot), link, &first) ||
        !locate(f, input_at(f, gt_run_node(f->runs, run, 2, place), slot), &other, &second) ||
        !same_source(link, &other) || (second != first + 1 && second != first - 1))
        return 0;
    *way = second > first ? 1 : -1;
    uint32_t initial = 0;
    for (uint32_t r = 0; r < run->steps; r++) {
        uint32_t index = input_at(f, gt_run_node(f->runs, run, r, place), slot);
        int64_t expected = first + ((int64_t)r - 1) * *way;
        other = (gt_run_link){0};
        if (locate(f, index, &other, &time) && same_source(link, &other) && time == expected)
            continue;
        if (initial != 0 || !is_before(f, link, expected, index))
            return r;
        initial = index;
    }
    link->low = *way > 0 ? first - 1 : first + 2 - (int64_t)run->steps;
    if (initial != 0) {
        /* The state's old values: that of a step is the new value of the step before. */
        link->low += f->runs->runs[link->run].direction == GT_FORWARD ? 1 : -1;
        link->kind = GT_RUN_OLD_VALUE;
        link->node = initial;
    }
    return run->steps;
}

/* Steps, from the first, at which operand `slot` of the node at `place` comes from where it does at the second. */
static uint32_t follow_operand(const finder *f, gt_run *run, uint32_t place, uint32_t slot, gt_run_link *link, int *way)
{
    uint32_t step, at, second = input_at(f, gt_run_node(f->runs, run, 1, place), slot), r = 0;
    *link = (gt_run_link){.kind = GT_RUN_INVARIANT, .node = second};
    if (is_in(f, run, second, &step, &at)) {
        link->kind = step == 1 ? GT_RUN_INSIDE : GT_RUN_CARRIED;
        link->place = at;
        link->node = 0;
    } else if (input_at(f, gt_run_node(f->runs, run, 2, place), slot) != second) {
        int this_way = 0;
        uint32_t steps = follow_sequence(f, run, place, slot, link, &this_way);
        if (steps < LEAST_STEPS || (*way != 0 && *way != this_way))
            return 0;
        *way = this_way;
        return steps;
    }
    for (; r < run->steps; r++) {
        uint32_t index = input_at(f, gt_run_node(f->runs, run, r, place), slot);
        bool inside = is_in(f, run, index, &step, &at);
        if (link->kind == GT_RUN_INVARIANT) {
            if (index != second)
                return r;
        } else if (link->kind == GT_RUN_CARRIED && r == 0) {
            gt_shape shape = gt_node_shape(f->copy->from, node_at(f, gt_run_node(f->runs, run, 0, link->place)));
            if (inside || !gt_shape_equal(gt_node_shape(f->copy->from, node_at(f, index)), shape) ||
                gt_node_shape(f->copy->from, node_at(f, index)).rank != shape.rank ||
                node_at(f, index)->dtype != node_at(f, gt_run_node(f->runs, run, 0, link->place))->dtype)
                return 0;
            link->node = index;
        } else if (!inside || at != link->place || step != (link->kind == GT_RUN_INSIDE ? r : r - 1)) {
            return r;
        }
    }
    return r;
}

/* The steps for which all operands do as they should; fills in the links. */
static uint32_t follow_all(const finder *f, gt_run *run)
{
    uint32_t steps = run->steps, link = 0;
    int way = 0;
    bool sequence = false, product = false;
    for (uint32_t place = 0; place < run->period && steps >= LEAST_STEPS; place++) {
        const gt_node *node = node_at(f, gt_run_node(f->runs, run, 0, place));
        run->first_link[place] = link;
        product |= node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
        for (uint32_t slot = 0; slot < node->input_count && steps >= LEAST_STEPS; slot++, link++) {
            uint32_t followed = follow_operand(f, run, place, slot, &run->links[link], &way);
            steps = followed < steps ? followed : steps;
            sequence |= run->links[link].kind >= GT_RUN_SLICE;
        }
    }
    run->link_count = link;
    run->direction = way < 0 ? GT_BACKWARD : GT_FORWARD;
    return product || sequence ? steps : 0;
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* Values of the first period that the second reads. */
static uint32_t count_states(const finder *f, const gt_run *run, uint8_t *read)
{
    uint32_t count = 0, step, at;
    memset(read, 0, run->period);
    for (uint32_t place = 0; place < run->period; place++) {
        uint32_t index = gt_run_node(f->runs, run, 1, place);
        for (uint32_t slot = 0; slot < node_at(f, index)->input_count; slot++) {
            if (!is_in(f, run, input_at(f, index, slot), &step, &at) || step != 0 || read[at])
                continue;
            read[at] = 1;
            count++;
        }
    }
    return count;
}

/* Of all places at which a step may begin, the one with the fewest states. */
static bool choose_begin(const finder *f, gt_run *run, uint32_t matched)
{
    uint8_t *read = gt_memory_new(run->period, 1);
    uint32_t fewest = UINT32_MAX;
    gt_run best = *run;
    for (uint32_t shift = 0; read != NULL && shift < run->period && shift <= matched; shift++) {
        gt_run moved = *run;
        moved.begin += shift;
        moved.steps = (matched - shift) / run->period + 1;
        if (moved.steps < LEAST_STEPS)
            break;
        uint32_t states = count_states(f, &moved, read);
        if (states < fewest) {
            fewest = states;
            best = moved;
        }
    }
    *run = best;
    gt_memory_free(read);
    return read != NULL;
}

static void free_run(gt_run *run)
{
    gt_memory_free(run->links);
    gt_memory_free(run->first_link);
    gt_memory_free(run->body);
    gt_memory_free(run->carries);
}

static bool make_run(const finder *f, gt_run *run)
{
    uint32_t links = 0;
    for (uint32_t place = 0; place < run->period; place++)
        links += node_at(f, gt_run_node(f->runs, run, 0, place))->input_count;
    run->links = gt_memory_new(links, sizeof *run->links);
    run->first_link = gt_memory_new((size_t)run->period + 1, sizeof *run->first_link);
    run->body = gt_memory_new(run->period, sizeof *run->body);
    run->carries = gt_memory_new(links, sizeof *run->carries);
    if (run->links != NULL && run->first_link != NULL && run->body != NULL && run->carries != NULL &&
        GT_RESERVE(f->runs->runs, f->runs->run_capacity, f->runs->run_count + 1))
        return true;
    free_run(run);
    return false;
}

/* How far the candidates behind `begin` do what those one period further do. */
static uint32_t match(const finder *f, uint32_t begin, uint32_t period)
{
    uint32_t k = 0;
    while (begin + period + k < f->runs->count && does_the_same(f, begin + k, begin + period + k))
        k++;
    return k;
}

/* A run that begins in the period at `begin`; *end is where to go on. False: no memory. */
static bool try_run(const finder *f, uint32_t begin, uint32_t period, uint32_t matched, uint32_t *end)
{
    gt_run run = {.begin = begin, .period = period};
    *end = begin + period;
    if (!choose_begin(f, &run, matched) || !make_run(f, &run))
        return false;
    for (uint32_t steps = 0; run.steps >= LEAST_STEPS; run.steps = steps) {
        steps = follow_all(f, &run);
        if (steps == run.steps)
            break;
    }
    if (run.steps < LEAST_STEPS) {
        free_run(&run);
        return true;
    }
    f->runs->runs[f->runs->run_count++] = run;
    *end = run.begin + run.steps * run.period;
    for (uint32_t k = run.begin; k < *end; k++)
        f->runs->run_of[k] = (uint32_t)f->runs->run_count;
    return true;
}

static bool find(const finder *f)
{
    for (uint32_t begin = 0; begin < f->runs->count;) {
        uint32_t other = f->next[begin], end = begin + 1;
        for (uint32_t tried = 0; other != 0 && tried < MOST_DISTANCES; tried++, other = f->next[other]) {
            uint32_t period = other - begin;
            if (period > LONGEST_PERIOD || begin + LEAST_STEPS * period > f->runs->count)
                break;
            uint32_t matched = match(f, begin, period);
            if (matched < (LEAST_STEPS - 1) * period)
                continue;
            if (!try_run(f, begin, period, matched, &end))
                return false;
            break;
        }
        begin = end;
    }
    return true;
}

bool gt_find_runs(const gt_copy *copy, gt_runs *runs)
{
    finder f = {copy, runs, NULL};
    bool found = list_candidates(&f) && find(&f);
    gt_memory_free(f.next);
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
}
