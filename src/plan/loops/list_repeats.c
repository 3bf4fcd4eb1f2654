/*
 * The nodes of a tape in the order in which periods are looked for.
 *
 * The order of the tape is that of a step for the most part. What is moved is what
 * would make a step carry more than it has to, or would be different in the first
 * or last one: an order of the tape is as good as any other that keeps operands
 * before what reads them.
 */
#include "plan/loops/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "plan/rewrite/uses.h"

#include <stdlib.h>

/* Sums of more terms are not taken for the gradient of an initial state. */
enum { MOST_TERMS = 5 };

typedef struct keyed {
    uint64_t key;
    uint32_t position;
} keyed;

/* Leaves, and pieces of leaves: they are no work, and belong to no step. */
static bool is_given(const gt_repeat_finder *f, uint32_t index)
{
    for (;;) {
        const gt_node *node = gt_repeat_node_at(f, index);
        if (node->input_count == 0)
            return true;
        if (node->op != &gt_op_slice && node->op != &gt_op_part && node->op != &gt_op_split &&
            node->op != &gt_op_reshape)
            return false;
        index = gt_repeat_input_at(f, index, 0);
    }
}

static uint64_t mix(uint64_t key, uint64_t value)
{
    key = (key ^ value) * 0x9e3779b97f4a7c15u;
    return key ^ (key >> 29);
}

static uint64_t key_of(const gt_repeat_finder *f, uint32_t index)
{
    const gt_node *node = gt_repeat_node_at(f, index);
    const int64_t *attributes = gt_node_attributes(f->copy->from, node);
    uint64_t key = mix(mix((uint64_t)(uintptr_t)node->op, node->shape), node->input_count);
    for (uint32_t k = 0; k < node->attribute_count; k++)
        key = mix(key, (uint64_t)attributes[k]);
    return key;
}

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

static bool is_candidate(const gt_repeat_finder *f, uint32_t index)
{
    return f->copy->wanted[index] && !is_given(f, index);
}

/* Of a slice or the like of another candidate: that one; otherwise 0. */
static uint32_t viewed_by(const gt_repeat_finder *f, uint32_t index)
{
    const gt_node *node = gt_repeat_node_at(f, index);
    if (node->op->op_class != GT_CLASS_VIEW || node->input_count != 1 ||
        !is_candidate(f, gt_repeat_input_at(f, index, 0)))
        return 0;
    return gt_repeat_input_at(f, index, 0);
}

/*
 * An addition, say, of a slice of what is given, and what is added to that: the gradient of a
 * state with all of its terms. It belongs to the step of the first node that reads the sum.
 */
static void mark_beginnings(const gt_repeat_finder *f, uint8_t *begins)
{
    for (uint32_t i = 1; i <= f->copy->count; i++) {
        const gt_node *node = gt_repeat_node_at(f, i);
        for (uint32_t slot = 0; slot < node->input_count && node->op->op_class == GT_CLASS_ELEMENTWISE; slot++) {
            uint32_t input = gt_repeat_input_at(f, i, slot);
            begins[i] |= (gt_repeat_node_at(f, input)->input_count > 0 && is_given(f, input)) ||
                         (node->op == &gt_op_add && begins[input]);
        }
    }
}

/*
 * The gradient of an initial state: a few terms of the step after it, added up for nobody on the
 * tape. The step does without. A sum of many terms is more likely one over all steps.
 */
static void mark_ends(const gt_repeat_finder *f, const gt_uses *uses, uint8_t *ends)
{
    for (uint32_t i = 1; i <= f->copy->count; i++) {
        uint32_t chain[MOST_TERMS], count = 0, next = i;
        while (next != 0 && count < MOST_TERMS) {
            uint32_t sum = next;
            chain[count++] = sum;
            next = 0;
            for (uint32_t slot = 0; slot < gt_repeat_node_at(f, sum)->input_count; slot++) {
                uint32_t input = gt_repeat_input_at(f, sum, slot);
                if (is_candidate(f, input) && gt_repeat_node_at(f, input)->op == &gt_op_add && uses->reads[input] == 1)
                    next = input;
            }
        }
        bool end = is_candidate(f, i) && gt_repeat_node_at(f, i)->op == &gt_op_add && uses->reads[i] == 0 && next == 0;
        for (uint32_t k = 0; k < count && end; k++)
            ends[chain[k]] = 1;
    }
}

/* Three kinds of nodes do not stand where the tape has them: list_in_order. */
typedef struct moved {
    uint32_t *behind, *before; /* of each node: the first that stands behind it, or before it */
    uint32_t *next;            /* of those */
    uint8_t *moves, *begins, *ends;
    gt_pool pool;
    const gt_uses *uses;
    uint32_t *reader; /* of each node: that of the nodes that stay before which it must stand, or 0 */
} moved;

static bool moved_new(moved *m, const gt_copy *copy, size_t count)
{
    *m = (moved){.behind = gt_memory_new(count, sizeof *m->behind),
                 .before = gt_memory_new(count, sizeof *m->before),
                 .next = gt_memory_new(count, sizeof *m->next),
                 .moves = gt_memory_new(count, sizeof *m->moves),
                 .begins = gt_memory_new(count, sizeof *m->begins),
                 .ends = gt_memory_new(count, sizeof *m->ends),
                 .reader = gt_memory_new(count, sizeof *m->reader)};
    m->uses = gt_uses_of_copy(&m->pool, copy);
    return m->behind != NULL && m->before != NULL && m->next != NULL && m->moves != NULL && m->begins != NULL &&
           m->ends != NULL && m->uses != NULL && m->reader != NULL;
}

static void moved_free(moved *m)
{
    gt_memory_free(m->behind);
    gt_memory_free(m->before);
    gt_memory_free(m->next);
    gt_memory_free(m->moves);
    gt_memory_free(m->begins);
    gt_memory_free(m->ends);
    gt_pool_free(&m->pool);
    gt_memory_free(m->reader);
}

static void find_moved(const gt_repeat_finder *f, moved *m, bool with_ends)
{
    mark_beginnings(f, m->begins);
    if (with_ends)
        mark_ends(f, m->uses, m->ends);
    /* Readers come later on the tape, so that it is known whether they move. */
    for (uint32_t i = f->copy->count; i >= 1; i--) {
        if (!is_candidate(f, i))
            continue;
        uint32_t viewed = viewed_by(f, i), reader = m->reader[i];
        bool early = viewed == 0 && reader != 0 && m->begins[i];
        uint32_t *list = viewed != 0 ? &m->behind[viewed] : &m->before[reader];
        m->moves[i] = m->ends[i];
        if (m->ends[i])
            continue;
        if (viewed != 0 || early) {
            m->moves[i] = 1;
            m->next[i] = *list;
            *list = i;
        }
        uint32_t position = viewed != 0 || early ? reader : i;
        for (uint32_t slot = 0; slot < gt_repeat_node_at(f, i)->input_count && position != 0; slot++) {
            uint32_t *first = &m->reader[gt_repeat_input_at(f, i, slot)];
            *first = *first == 0 || position < *first ? position : *first;
        }
    }
}

/*
 * In the order of the tape, but for views, which stand behind what they look at, and what reads
 * given slices, which stands before what reads it first. A step may then begin behind the former
 * and before the latter, and need not carry more than what is read. Sums for nobody come last.
 */
static void list_in_order(gt_repeat_finder *f, const moved *m)
{
    gt_repeats *repeats = f->repeats;
    uint32_t count = f->copy->count;
    /* Twice, the second time for what stands at the end. */
    for (uint32_t k = 1, seen = 0; k <= 2 * count; k++) {
        uint32_t i = k <= count ? k : k - count;
        if (!is_candidate(f, i) || (k <= count ? m->moves[i] : !m->ends[i]))
            continue;
        for (uint32_t early = m->before[i]; early != 0; early = m->next[early])
            repeats->list[repeats->count++] = early;
        repeats->list[repeats->count++] = i;
        for (; seen < repeats->count; seen++)
            for (uint32_t view = m->behind[repeats->list[seen]]; view != 0; view = m->next[view])
                repeats->list[repeats->count++] = view;
    }
    for (uint32_t k = 0; k < repeats->count; k++)
        repeats->where[repeats->list[k]] = k + 1;
}

static void find_next(gt_repeat_finder *f, keyed *keys)
{
    uint32_t count = f->repeats->count;
    for (uint32_t k = 0; k < count; k++)
        keys[k] = (keyed){key_of(f, f->repeats->list[k]), k};
    qsort(keys, count, sizeof *keys, by_key);
    for (uint32_t k = 0; k + 1 < count; k++)
        if (keys[k].key == keys[k + 1].key)
            f->next[keys[k].position] = keys[k + 1].position;
}

bool gt_repeat_list(gt_repeat_finder *f, bool with_ends)
{
    gt_repeats *repeats = f->repeats;
    size_t count = (size_t)f->copy->count + 1;
    repeats->list = gt_memory_new(count, sizeof *repeats->list);
    repeats->where = gt_memory_new(count, sizeof *repeats->where);
    repeats->repeat_of = gt_memory_new(count, sizeof *repeats->repeat_of);
    repeats->position_of = gt_memory_new(count, sizeof *repeats->position_of);
    f->next = gt_memory_new(count, sizeof *f->next);
    keyed *keys = gt_memory_new(count, sizeof *keys);
    moved m;
    bool listed = moved_new(&m, f->copy, count);
    listed = listed && repeats->list != NULL && repeats->where != NULL && repeats->repeat_of != NULL &&
             repeats->position_of != NULL && f->next != NULL && keys != NULL;
    if (listed) {
        find_moved(f, &m, with_ends);
        list_in_order(f, &m);
        find_next(f, keys);
    }
    gt_memory_free(keys);
    moved_free(&m);
    return listed;
}
