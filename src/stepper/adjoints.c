/*
 * What adds to which adjoint. The tape remembers of each backward node the forward node whose rule
 * recorded it, and for which of its inputs; walking as the reverse replay did, that is enough.
 */
#include "base/memory.h"
#include "stepper/stepping.h"

typedef struct walk {
    gt_stepping *s;
    uint32_t *adjoint; /* of each forward node: the sum as far as it has come; 0: nothing yet */
    uint32_t *last;    /* of each input slot: the last node that was recorded for it; 0: none */
    uint32_t *first;   /* of each forward node: where its slots start in `last` */
    bool *needed;
} walk;

static gt_var at(const walk *w, uint32_t index)
{
    return gt_tape_var(w->s->record.tape, index - 1);
}

static bool add(walk *w, uint32_t target, uint32_t by, uint32_t value, uint32_t sum)
{
    gt_stepping *s = w->s;
    if (!GT_RESERVE(s->addends, s->addend_capacity, s->addend_count + 1))
        return false;
    s->addends[s->addend_count++] = (gt_addend){target, by, value, sum};
    w->adjoint[target] = sum;
    return true;
}

static bool open(walk *w)
{
    uint32_t count = gt_tape_node_count(w->s->record.tape);
    size_t slots = 0;
    w->adjoint = gt_memory_new((uint64_t)w->s->forward + 1, sizeof *w->adjoint);
    w->first = gt_memory_new((uint64_t)w->s->forward + 2, sizeof *w->first);
    w->needed = gt_memory_new((uint64_t)w->s->forward + 1, sizeof *w->needed);
    if (w->adjoint == NULL || w->first == NULL || w->needed == NULL)
        return false;
    for (uint32_t i = 1; i <= w->s->forward; i++) {
        w->first[i] = (uint32_t)slots;
        slots += gt_var_input_count(at(w, i));
    }
    w->last = gt_memory_new(slots + 1, sizeof *w->last);
    for (uint32_t i = w->s->forward + 1; w->last != NULL && i <= count; i++) {
        int32_t slot;
        gt_var origin = gt_var_origin(at(w, i), &slot);
        if (gt_var_valid(origin) && slot >= 0)
            w->last[w->first[origin.index] + (uint32_t)slot] = i;
    }
    return w->last != NULL;
}

static void close(walk *w)
{
    gt_memory_free(w->adjoint);
    gt_memory_free(w->first);
    gt_memory_free(w->needed);
    gt_memory_free(w->last);
}

static void mark_needed(walk *w)
{
    const gt_stepping *s = w->s;
    for (uint32_t i = 0; i < s->problem->differentiated; i++)
        w->needed[s->record.arrays[i].index] = true;
    for (uint32_t i = 1; i <= s->forward; i++)
        for (uint32_t k = 0; k < gt_var_input_count(at(w, i)); k++)
            w->needed[i] = w->needed[i] || w->needed[gt_var_input(at(w, i), k).index];
}

/*
 * A rule that hands on the adjoint as it is records nothing, as that of a sum. Neither does one that
 * gives none: that of a choice for its condition, the only one of an op with more than two operands.
 */
static bool hands_on(gt_var v, uint32_t slot)
{
    return gt_var_op(v)->reverse != NULL && gt_var_input_count(v) <= 2 &&
           gt_shape_equal(gt_var_shape(v), gt_var_shape(gt_var_input(v, slot)));
}

static bool add_of_slot(walk *w, uint32_t i, uint32_t slot)
{
    gt_var v = at(w, i);
    uint32_t target = gt_var_input(v, slot).index, last = w->last[w->first[i] + slot], before = w->adjoint[target];
    if (!w->needed[target])
        return true;
    if (last == 0)
        return before != 0 || !hands_on(v, slot) || add(w, target, i, w->adjoint[i], w->adjoint[i]);
    bool sums = before != 0 && gt_var_input_count(at(w, last)) == 2 && gt_var_input(at(w, last), 0).index == before;
    return add(w, target, i, sums ? gt_var_input(at(w, last), 1).index : last, last);
}

static bool add_upstream(walk *w)
{
    const gt_stepping *s = w->s;
    for (uint32_t i = 0; i < s->record.result_count; i++) {
        uint32_t upstream = s->record.arrays[s->problem->differentiated + i].index;
        if (upstream != 0 && !add(w, s->record.results[i].index, 0, upstream, upstream))
            return false;
    }
    return true;
}

static bool is_part(gt_var v)
{
    return gt_var_op(v)->op_class == GT_CLASS_PART;
}

static bool walk_back(walk *w)
{
    for (uint32_t i = w->s->forward; i >= 1; i--) {
        gt_var v = at(w, i);
        if (w->adjoint[i] == 0 || !w->needed[i])
            continue;
        if (is_part(v)) {
            w->adjoint[gt_var_input(v, 0).index] = w->adjoint[i];
            continue;
        }
        for (uint32_t k = 0; k < gt_var_input_count(v); k++)
            if (!add_of_slot(w, i, k))
                return false;
    }
    return true;
}

/* Whether the sums are the gradients that the tape has: otherwise nothing is said of them. */
static bool agrees(const walk *w)
{
    const gt_stepping *s = w->s;
    for (uint32_t i = 0; i < s->problem->differentiated; i++) {
        uint32_t found = w->adjoint[s->record.arrays[i].index];
        if (found != 0 && found != s->gradients[i].index)
            return false;
    }
    return true;
}

bool gt_stepping_add_up(gt_stepping *s)
{
    if (s->options.forward_only)
        return true;
    walk w = {.s = s};
    bool done = open(&w);
    if (done) {
        mark_needed(&w);
        done = add_upstream(&w) && walk_back(&w);
        if (done && !agrees(&w))
            s->addend_count = 0;
    }
    close(&w);
    return done;
}
