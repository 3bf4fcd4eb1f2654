/*
 * The first step of a run that is not quite like the others.
 *
 * The reverse replay begins with the last step, where no gradient comes from
 * behind: what later steps add to the gradient of a state or of a weight, the
 * first one takes as it is. If that is all the difference, it is one more step of
 * the run, with nothing (-0) in place of the values of the step before.
 */
#include "plan/loops/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"

typedef struct lead {
    const gt_run_finder *finder;
    gt_run *run;
    uint32_t *nodes; /* of each place; 0: not known yet */
    bool fits;
} lead;

static const gt_run_link *links_at(const lead *l, uint32_t place)
{
    return &l->run->links[l->run->first_link[place]];
}

/* The first node that is listed at a place. */
static uint32_t listed(const lead *l, uint32_t place)
{
    return l->finder->runs->list[l->run->begin + place];
}

static void assign(lead *l, uint32_t place, uint32_t node)
{
    l->fits &= l->nodes[place] == 0 || l->nodes[place] == node;
    l->nodes[place] = node;
}

/* Is `index` what goes before the first entry of the sequence that the link goes through? */
static bool continues(const lead *l, const gt_run_link *link, uint32_t index)
{
    gt_run_link other = {0};
    int64_t time, expected = l->run->direction == GT_FORWARD ? link->low - 1
                                                             : link->low + (int64_t)l->run->steps;
    if (link->kind == GT_RUN_OLD_VALUE) {
        const gt_run *source = &l->finder->runs->runs[link->run];
        if (expected < 0 || expected >= source->steps)
            return false; /* the new value of the last step is no old one */
        expected -= source->direction == GT_FORWARD ? 1 : -1;
    }
    return gt_run_locate(l->finder, index, &other, &time) && time == expected &&
           other.run == link->run && other.place == link->place &&
           (link->kind == GT_RUN_SLICE ? other.kind == GT_RUN_SLICE && other.node == link->node
                                       : other.kind == GT_RUN_VALUE);
}

/* Does `index` stand where the link says? What is inside is looked at later, or has been. */
static void check(lead *l, const gt_run_link *link, uint32_t index)
{
    if (link->kind == GT_RUN_INSIDE)
        assign(l, link->place, index);
    else if (link->kind == GT_RUN_INVARIANT)
        l->fits &= link->node == index;
    else
        l->fits &= link->kind != GT_RUN_CARRIED && continues(l, link, index);
}

/* Of x + s, where s is of the step before: the slot of x; -1 for others. */
static int slot_beside_state(const lead *l, uint32_t place)
{
    const gt_node *node = gt_run_node_at(l->finder, listed(l, place));
    const gt_run_link *links = links_at(l, place);
    if (node->op != &gt_op_add ||
        (links[0].kind == GT_RUN_CARRIED) == (links[1].kind == GT_RUN_CARRIED))
        return -1;
    int slot = links[0].kind == GT_RUN_CARRIED ? 1 : 0;
    return gt_run_node_at(l->finder, gt_node_inputs(l->finder->copy->from, node)[slot])->shape == node->shape
               ? slot
               : -1;
}

/* A node that computes, is in no run, and comes before this one. */
static bool is_free(const lead *l, uint32_t index)
{
    const gt_runs *runs = l->finder->runs;
    uint32_t where = runs->where[index];
    return where != 0 && where - 1 < l->run->begin && runs->run_of[where - 1] == 0;
}

static void match_place(lead *l, uint32_t place)
{
    uint32_t index = l->nodes[place];
    const gt_node *node = gt_run_node_at(l->finder, index);
    int slot = slot_beside_state(l, place);
    if (slot >= 0) {
        l->fits &= node->shape == gt_run_node_at(l->finder, listed(l, place))->shape;
        check(l, &links_at(l, place)[slot], index);
        return;
    }
    l->fits &= is_free(l, index) && gt_run_does_the_same(l->finder->copy, index, listed(l, place));
    for (uint32_t k = 0; k < node->input_count && l->fits; k++)
        check(l, &links_at(l, place)[k], gt_node_inputs(l->finder->copy->from, node)[k]);
}

/* Is `index` the node of a place that nothing in the step reads? All of its operands are known. */
static bool is_like(const lead *l, uint32_t place, uint32_t index)
{
    const gt_node *node = gt_run_node_at(l->finder, index);
    bool like = is_free(l, index) && gt_run_does_the_same(l->finder->copy, index, listed(l, place));
    for (uint32_t k = 0; k < node->input_count && like; k++) {
        const gt_run_link *link = &links_at(l, place)[k];
        uint32_t input = gt_node_inputs(l->finder->copy->from, node)[k];
        like = link->kind == GT_RUN_INSIDE ? l->nodes[link->place] == input
               : link->kind == GT_RUN_INVARIANT
                   ? link->node == input
                   : link->kind != GT_RUN_CARRIED && continues(l, link, input);
    }
    return like;
}

static uint32_t window(const lead *l)
{
    return l->run->begin > 2 * l->run->period ? l->run->begin - 2 * l->run->period : 0;
}

static void find_unread(lead *l, uint32_t place)
{
    for (uint32_t k = window(l); k < l->run->begin && l->nodes[place] == 0; k++)
        if (is_like(l, place, l->finder->runs->list[k]))
            l->nodes[place] = l->finder->runs->list[k];
    l->fits &= l->nodes[place] != 0;
}

/*
 * Nodes between the lead and the run that read the lead would have to wait for the
 * loop, and it perhaps for them: then it is left alone. False: no memory.
 */
static bool find_alone(const lead *l, bool *alone)
{
    const gt_runs *runs = l->finder->runs;
    uint8_t *in_lead = gt_memory_new(runs->count, 1);
    if (in_lead == NULL)
        return false;
    uint32_t first = l->run->begin;
    for (uint32_t place = 0; place < l->run->period; place++) {
        uint32_t where = runs->where[l->nodes[place]];
        if (where == 0)
            continue;
        in_lead[where - 1] = 1;
        first = where - 1 < first ? where - 1 : first;
    }
    *alone = true;
    for (uint32_t k = first; k < l->run->begin && *alone; k++) {
        const gt_node *node = gt_run_node_at(l->finder, runs->list[k]);
        for (uint32_t slot = 0; slot < node->input_count && !in_lead[k]; slot++) {
            uint32_t where = runs->where[gt_node_inputs(l->finder->copy->from, node)[slot]];
            *alone &= where == 0 || !in_lead[where - 1];
        }
    }
    gt_memory_free(in_lead);
    return true;
}

static void take(lead *l)
{
    gt_run *run = l->run;
    for (uint32_t k = 0; k < run->link_count; k++) {
        if (run->links[k].kind == GT_RUN_CARRIED)
            run->links[k].node = 0;
        else if (run->links[k].kind >= GT_RUN_SLICE && run->direction == GT_FORWARD)
            run->links[k].low--;
    }
    run->lead = l->nodes;
    run->steps++;
}

bool gt_run_extend(const gt_run_finder *f, gt_run *run)
{
    lead l = {f, run, gt_memory_new(run->period, sizeof *l.nodes), true};
    if (l.nodes == NULL)
        return false;
    bool states = false;
    for (uint32_t k = 0; k < run->link_count; k++)
        if (run->links[k].kind == GT_RUN_CARRIED) {
            assign(&l, run->links[k].place, run->links[k].node);
            states = true;
        }
    for (uint32_t place = run->period; place-- > 0 && l.fits;)
        if (l.nodes[place] != 0)
            match_place(&l, place);
    for (uint32_t place = 0; place < run->period && l.fits; place++)
        if (l.nodes[place] == 0)
            find_unread(&l, place);
    bool alone = false, known = !states || !l.fits || find_alone(&l, &alone);
    if (alone)
        take(&l);
    else
        gt_memory_free(l.nodes);
    return known;
}
