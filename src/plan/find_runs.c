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

/* Fewer steps stay as they are; more distances, longer periods and more beginnings are not looked at. */
enum { LEAST_STEPS = 4, MOST_DISTANCES = 32, LONGEST_PERIOD = 2000, MOST_BEGINNINGS = 16 };

typedef struct keyed {
    uint64_t key;
    uint32_t place;
} keyed;

/* ---- candidates ---------------------------------------------------------------------------- */

static const gt_node *node_at(const gt_run_finder *f, uint32_t index)
{
    return gt_tape_node(f->copy->from, index);
}

static uint32_t input_at(const gt_run_finder *f, uint32_t index, uint32_t slot)
{
    return gt_node_inputs(f->copy->from, node_at(f, index))[slot];
}

/* Leaves, and pieces of leaves: they are no work, and belong to no step. */
static bool is_given(const gt_run_finder *f, uint32_t index)
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

static uint64_t key_of(const gt_run_finder *f, uint32_t index)
{
    const gt_node *node = node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    uint64_t key = mix(mix((uint64_t)(uintptr_t)node->op, node->shape), node->input_count);
    for (uint32_t k = 0; k < node->attribute_count; k++)
        key = mix(key, (uint64_t)attributes[k]);
    return key;
}

bool gt_run_does_the_same(const gt_copy *copy, uint32_t a, uint32_t b)
{
    const gt_node *first = gt_tape_node(copy->from, a), *second = gt_tape_node(copy->from, b);
    gt_op_class op_class = first->op->op_class;
    if (first->op != second->op || first->shape != second->shape || first->dtype != second->dtype ||
        first->input_count != second->input_count || first->attribute_count != second->attribute_count ||
        gt_class_is_tuple(op_class) || op_class == GT_CLASS_PART)
        return false;
    return first->attribute_count == 0 ||
           memcmp(gt_node_attributes(copy->from, first), gt_node_attributes(copy->from, second),
                  first->attribute_count * sizeof(int64_t)) == 0;
}

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool is_candidate(const gt_run_finder *f, uint32_t index)
{
    return f->copy->wanted[index] && !is_given(f, index);
}

/* Of a slice or the like of another candidate: that one; otherwise 0. */
static uint32_t viewed_by(const gt_run_finder *f, uint32_t index)
{
    const gt_node *node = node_at(f, index);
    if (node->op->op_class != GT_CLASS_VIEW || node->input_count != 1 || !is_candidate(f, input_at(f, index, 0)))
        return 0;
    return input_at(f, index, 0);
}

/* The op reads a slice of what is given: it belongs to the step of the first node that reads it. */
static bool begins_step(const gt_run_finder *f, uint32_t index)
{
    bool begins = false;
    for (uint32_t slot = 0; slot < node_at(f, index)->input_count; slot++) {
        uint32_t input = input_at(f, index, slot);
        begins |= node_at(f, input)->input_count > 0 && is_given(f, input);
    }
    return begins;
}

/* Two kinds of nodes do not stand where the tape has them: list_in_order. */
typedef struct moved {
    uint32_t *behind, *before; /* of each node: the first that stands behind it, or before it */
    uint32_t *next;            /* of those */
    uint8_t *moves;
    uint32_t *reader;          /* of each node: the first that reads it */
} moved;

static bool moved_new(moved *m, size_t count)
{
    *m = (moved){gt_memory_new(count, sizeof *m->behind), gt_memory_new(count, sizeof *m->before),
                 gt_memory_new(count, sizeof *m->next), gt_memory_new(count, sizeof *m->moves),
                 gt_memory_new(count, sizeof *m->reader)};
    return m->behind != NULL && m->before != NULL && m->next != NULL && m->moves != NULL && m->reader != NULL;
}

static void moved_free(moved *m)
{
    gt_memory_free(m->behind);
    gt_memory_free(m->before);
    gt_memory_free(m->next);
    gt_memory_free(m->moves);
    gt_memory_free(m->reader);
}

static void find_moved(const gt_run_finder *f, moved *m)
{
    /* Readers come later on the tape, so that it is known whether they move. */
    for (uint32_t i = f->copy->count; i >= 1; i--) {
        if (!is_candidate(f, i))
            continue;
        uint32_t viewed = viewed_by(f, i), reader = m->reader[i];
        bool early = viewed == 0 && reader != 0 && !m->moves[reader] && begins_step(f, i);
        uint32_t *list = viewed != 0 ? &m->behind[viewed] : &m->before[reader];
        if (viewed != 0 || early) {
            m->moves[i] = 1;
            m->next[i] = *list;
            *list = i;
        }
        for (uint32_t slot = 0; slot < node_at(f, i)->input_count; slot++)
            m->reader[input_at(f, i, slot)] = i;
    }
}

/*
 * In the order of the tape, but for views, which stand behind what they look at, and what reads
 * given slices, which stands before what reads it first. A step may then begin behind the former
 * and before the latter, and need not carry more than what is read.
 */
static void list_in_order(gt_run_finder *f, const moved *m)
{
    gt_runs *runs = f->runs;
    for (uint32_t i = 1, seen = 0; i <= f->copy->count; i++) {
        if (!is_candidate(f, i) || m->moves[i])
            continue;
        for (uint32_t early = m->before[i]; early != 0; early = m->next[early])
            runs->list[runs->count++] = early;
        runs->list[runs->count++] = i;
        for (; seen < runs->count; seen++)
            for (uint32_t view = m->behind[runs->list[seen]]; view != 0; view = m->next[view])
                runs->list[runs->count++] = view;
    }
    for (uint32_t k = 0; k < runs->count; k++)
        runs->where[runs->list[k]] = k + 1;
}

static void find_next(gt_run_finder *f, keyed *keys)
{
    uint32_t count = f->runs->count;
    for (uint32_t k = 0; k < count; k++)
        keys[k] = (keyed){key_of(f, f->runs->list[k]), k};
    qsort(keys, count, sizeof *keys, by_key);
    for (uint32_t k = 0; k + 1 < count; k++)
        if (keys[k].key == keys[k + 1].key)
            f->next[keys[k].place] = keys[k + 1].place;
}

static bool list_candidates(gt_run_finder *f)
{
    gt_runs *runs = f->runs;
    size_t count = (size_t)f->copy->count + 1;
    runs->list = gt_memory_new(count, sizeof *runs->list);
    runs->where = gt_memory_new(count, sizeof *runs->where);
    runs->run_of = gt_memory_new(count, sizeof *runs->run_of);
    runs->place_of = gt_memory_new(count, sizeof *runs->place_of);
    f->next = gt_memory_new(count, sizeof *f->next);
    keyed *keys = gt_memory_new(count, sizeof *keys);
    moved m;
    bool listed = moved_new(&m, count);
    listed = listed && runs->list != NULL && runs->where != NULL && runs->run_of != NULL && runs->place_of != NULL &&
             f->next != NULL && keys != NULL;
    if (listed) {
        find_moved(f, &m);
        list_in_order(f, &m);
        find_next(f, keys);
    }
    gt_memory_free(keys);
    moved_free(&m);
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
    *place = runs->place_of[where - 1];
    *step = where - 1 < r->begin ? 0 : (where - 1 - r->begin) / r->period + (r->lead != NULL);
    return true;
}

/* The place of a candidate in the run that is looked at, which nobody knows yet. */
static bool is_in(const gt_run_finder *f, const gt_run *run, uint32_t index, uint32_t *step, uint32_t *place)
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
static bool is_before(const gt_run_finder *f, const gt_run_link *link, int64_t time, uint32_t index)
{
    if (link->kind != GT_RUN_VALUE)
        return false;
    const gt_run *source = &f->runs->runs[link->run];
    return time == gt_run_slot(source, -1) && is_initial(source, link->place, index);
}

/* Steps, from the first, for which the operand goes through a sequence entry by entry, and which way. */
static uint32_t follow_sequence(const gt_run_finder *f, const gt_run *run, uint32_t place, uint32_t slot, gt_run_link *link,
                                int *way)
{
    int64_t first, second, time;
    gt_run_link other = {0};
    if (!gt_run_locate(f, input_at(f, gt_run_node(f->runs, run, 1, place), slot), link, &first) ||
        !gt_run_locate(f, input_at(f, gt_run_node(f->runs, run, 2, place), slot), &other, &second) ||
        !same_source(link, &other) || (second != first + 1 && second != first - 1))
        return 0;
    *way = second > first ? 1 : -1;
    uint32_t initial = 0;
    for (uint32_t r = 0; r < run->steps; r++) {
        uint32_t index = input_at(f, gt_run_node(f->runs, run, r, place), slot);
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
        link->low += f->runs->runs[link->run].direction == GT_FORWARD ? 1 : -1;
        link->kind = GT_RUN_OLD_VALUE;
        link->node = initial;
    }
    return run->steps;
}

/* Steps, from the first, at which operand `slot` of the node at `place` comes from where it does at the second. */
static uint32_t follow_operand(const gt_run_finder *f, gt_run *run, uint32_t place, uint32_t slot, gt_run_link *link, int *way)
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
static uint32_t follow_all(const gt_run_finder *f, gt_run *run)
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

/* Entries of the values of the first period that the second reads. */
static int64_t count_entries(const gt_run_finder *f, const gt_run *run, uint8_t *read)
{
    int64_t count = 0;
    uint32_t step, at;
    memset(read, 0, run->period);
    for (uint32_t place = 0; place < run->period; place++) {
        uint32_t index = gt_run_node(f->runs, run, 1, place);
        for (uint32_t slot = 0; slot < node_at(f, index)->input_count; slot++) {
            if (!is_in(f, run, input_at(f, index, slot), &step, &at) || step != 0 || read[at])
                continue;
            read[at] = 1;
            count += gt_shape_count(gt_node_shape(f->copy->from, node_at(f, input_at(f, index, slot))));
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
        links += node_at(f, gt_run_node(f->runs, run, 0, place))->input_count;
    run->links = gt_memory_new(links, sizeof *run->links);
    run->first_link = gt_memory_new((size_t)run->period + 1, sizeof *run->first_link);
    run->body = gt_memory_new(run->period, sizeof *run->body);
    run->carries = gt_memory_new(links, sizeof *run->carries);
    return run->links != NULL && run->first_link != NULL && run->body != NULL && run->carries != NULL;
}

/* How far the candidates behind `begin` do what those one period further do. */
static uint32_t match(const gt_run_finder *f, uint32_t begin, uint32_t period)
{
    const uint32_t *list = f->runs->list;
    uint32_t k = 0;
    while (begin + period + k < f->runs->count && gt_run_does_the_same(f->copy, list[begin + k], list[begin + period + k]))
        k++;
    return k;
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
        if (where != 0 && runs->run_of[where - 1] == 0) {
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
    for (uint32_t steps = 0; run->steps >= LEAST_STEPS; run->steps = steps) {
        steps = follow_all(f, run);
        if (steps == run->steps)
            break;
    }
    if (run->steps < LEAST_STEPS)
        run->steps = 0;
    return run->steps == 0 || gt_run_extend(f, run);
}

/*
 * Of all places at which a step may begin, one with the smallest states, and of those the one
 * with the most steps. entries[shift]: of the states; scratch of a period each.
 */
static bool choose_run(const gt_run_finder *f, gt_run *run, uint32_t matched, int64_t *entries, uint8_t *read)
{
    gt_run moved = *run;
    int64_t fewest = INT64_MAX;
    for (uint32_t shift = 0; shift < run->period; shift++) {
        moved.begin = run->begin + shift;
        moved.steps = shift > matched ? 0 : (matched - shift) / run->period + 1;
        entries[shift] = moved.steps < LEAST_STEPS ? INT64_MAX : count_entries(f, &moved, read);
        fewest = entries[shift] < fewest ? entries[shift] : fewest;
    }
    gt_run best = {0};
    uint32_t tried = 0;
    for (uint32_t shift = 0; shift < run->period && tried < MOST_BEGINNINGS && best.lead == NULL; shift++) {
        if (entries[shift] != fewest || fewest == INT64_MAX)
            continue;
        tried++;
        gt_run other = {.begin = run->begin + shift, .period = run->period, .steps = (matched - shift) / run->period + 1};
        if (!follow_run(f, &other)) {
            free_run(&other);
            free_run(&best);
            return false;
        }
        gt_run worse = other.steps > best.steps ? best : other;
        best = other.steps > best.steps ? other : best;
        free_run(&worse);
    }
    *run = best;
    return true;
}

/* A run that begins in the period at `begin`; *end is where to go on. False: no memory. */
static bool try_run(const gt_run_finder *f, uint32_t begin, uint32_t period, uint32_t matched, uint32_t *end)
{
    gt_run run = {.begin = begin, .period = period};
    int64_t *entries = gt_memory_new(period, sizeof *entries);
    uint8_t *read = gt_memory_new(period, 1);
    bool chosen = entries != NULL && read != NULL && choose_run(f, &run, matched, entries, read) &&
                  GT_RESERVE(f->runs->runs, f->runs->run_capacity, f->runs->run_count + 1);
    gt_memory_free(entries);
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
        for (uint32_t tried = 0; other != 0 && tried < MOST_DISTANCES; tried++, other = f->next[other]) {
            uint32_t period = other - begin;
            if (period > LONGEST_PERIOD || begin + LEAST_STEPS * period > f->runs->count)
                break;
            uint32_t matched = match(f, begin, period);
            if (matched < (LEAST_STEPS - 1) * period)
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

bool gt_find_runs(const gt_copy *copy, gt_runs *runs)
{
    gt_run_finder f = {copy, runs, NULL};
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
    gt_memory_free(runs->place_of);
}
