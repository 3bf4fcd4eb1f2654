/*
 * The first step of a repeat that is not quite like the others.
 *
 * The reverse replay begins with the last step, where no gradient comes from
 * behind: what later steps add to the gradient of a state or of a weight, the
 * first one takes as it is. If that is all the difference, it is one more step of
 * the repeat, with nothing (-0) in place of the values of the step before.
 */
#include "plan/loops/roll.h"

#include "base/memory.h"
#include "ops/descriptors.h"

typedef struct lead {
    const gt_repeat_finder *finder;
    gt_repeat *repeat;
    uint32_t *nodes; /* of each position; 0: not known yet */
    bool fits;
} lead;

static const gt_repeat_link *links_at(const lead *l, uint32_t position)
{
    return &l->repeat->links[l->repeat->first_link[position]];
}

/* The first node that is listed at a position. */
static uint32_t listed(const lead *l, uint32_t position)
{
    return l->finder->repeats->list[l->repeat->begin + position];
}

static void assign(lead *l, uint32_t position, uint32_t node)
{
    l->fits &= l->nodes[position] == 0 || l->nodes[position] == node;
    l->nodes[position] = node;
}

/* Is `index` what goes before the first entry of the sequence that the link goes through? */
static bool continues(const lead *l, const gt_repeat_link *link, uint32_t index)
{
    gt_repeat_link other = {0};
    int64_t time, expected = l->repeat->direction == GT_FORWARD ? link->low - 1 : link->low + (int64_t)l->repeat->steps;
    if (link->kind == GT_REPEAT_OLD_VALUE) {
        const gt_repeat *source = &l->finder->repeats->repeats[link->repeat];
        if (expected < 0 || expected >= source->steps)
            return false; /* the new value of the last step is no old one */
        expected -= source->direction == GT_FORWARD ? 1 : -1;
    }
    return gt_repeat_locate(l->finder, index, &other, &time) && time == expected && other.repeat == link->repeat &&
           other.position == link->position &&
           (link->kind == GT_REPEAT_SLICE ? other.kind == GT_REPEAT_SLICE && other.node == link->node
                                          : other.kind == GT_REPEAT_VALUE);
}

/* Does `index` stand where the link says? What is inside is looked at later, or has been. */
static void check(lead *l, const gt_repeat_link *link, uint32_t index)
{
    if (link->kind == GT_REPEAT_INSIDE)
        assign(l, link->position, index);
    else if (link->kind == GT_REPEAT_INVARIANT)
        l->fits &= link->node == index;
    else
        l->fits &= link->kind != GT_REPEAT_CARRIED && continues(l, link, index);
}

/* Of x + s, where s is of the step before: the slot of x; -1 for others. */
static int slot_beside_state(const lead *l, uint32_t position)
{
    const gt_node *node = gt_repeat_node_at(l->finder, listed(l, position));
    const gt_repeat_link *links = links_at(l, position);
    if (node->op != &gt_op_add || (links[0].kind == GT_REPEAT_CARRIED) == (links[1].kind == GT_REPEAT_CARRIED))
        return -1;
    int slot = links[0].kind == GT_REPEAT_CARRIED ? 1 : 0;
    return gt_repeat_node_at(l->finder, gt_node_inputs(l->finder->copy->from, node)[slot])->shape == node->shape ? slot
                                                                                                                 : -1;
}

/* A node that computes, is in no repeat, and comes before this one. */
static bool is_free(const lead *l, uint32_t index)
{
    const gt_repeats *repeats = l->finder->repeats;
    uint32_t where = repeats->where[index];
    return where != 0 && where - 1 < l->repeat->begin && repeats->repeat_of[where - 1] == 0;
}

static void match_position(lead *l, uint32_t position)
{
    uint32_t index = l->nodes[position];
    const gt_node *node = gt_repeat_node_at(l->finder, index);
    int slot = slot_beside_state(l, position);
    if (slot >= 0) {
        l->fits &= node->shape == gt_repeat_node_at(l->finder, listed(l, position))->shape;
        check(l, &links_at(l, position)[slot], index);
        return;
    }
    l->fits &= is_free(l, index) && gt_repeat_does_the_same(l->finder->copy, index, listed(l, position));
    for (uint32_t k = 0; k < node->input_count && l->fits; k++)
        check(l, &links_at(l, position)[k], gt_node_inputs(l->finder->copy->from, node)[k]);
}

/* Is `index` the node of a position that nothing in the step reads? All of its operands are known. */
static bool is_like(const lead *l, uint32_t position, uint32_t index)
{
    const gt_node *node = gt_repeat_node_at(l->finder, index);
    bool like = is_free(l, index) && gt_repeat_does_the_same(l->finder->copy, index, listed(l, position));
    for (uint32_t k = 0; k < node->input_count && like; k++) {
        const gt_repeat_link *link = &links_at(l, position)[k];
        uint32_t input = gt_node_inputs(l->finder->copy->from, node)[k];
        like = link->kind == GT_REPEAT_INSIDE      ? l->nodes[link->position] == input
               : link->kind == GT_REPEAT_INVARIANT ? link->node == input
                                                   : link->kind != GT_REPEAT_CARRIED && continues(l, link, input);
    }
    return like;
}

static uint32_t window(const lead *l)
{
    return l->repeat->begin > 2 * l->repeat->period ? l->repeat->begin - 2 * l->repeat->period : 0;
}

static void find_unread(lead *l, uint32_t position)
{
    for (uint32_t k = window(l); k < l->repeat->begin && l->nodes[position] == 0; k++)
        if (is_like(l, position, l->finder->repeats->list[k]))
            l->nodes[position] = l->finder->repeats->list[k];
    l->fits &= l->nodes[position] != 0;
}

/*
 * Nodes between the lead and the repeat that read the lead would have to wait for the
 * loop, and it perhaps for them: then it is left alone. False: no memory.
 */
static bool find_alone(const lead *l, bool *alone)
{
    const gt_repeats *repeats = l->finder->repeats;
    uint8_t *in_lead = gt_memory_new(repeats->count, 1);
    if (in_lead == NULL)
        return false;
    uint32_t first = l->repeat->begin;
    for (uint32_t position = 0; position < l->repeat->period; position++) {
        uint32_t where = repeats->where[l->nodes[position]];
        if (where == 0)
            continue;
        in_lead[where - 1] = 1;
        first = where - 1 < first ? where - 1 : first;
    }
    *alone = true;
    for (uint32_t k = first; k < l->repeat->begin && *alone; k++) {
        const gt_node *node = gt_repeat_node_at(l->finder, repeats->list[k]);
        for (uint32_t slot = 0; slot < node->input_count && !in_lead[k]; slot++) {
            uint32_t where = repeats->where[gt_node_inputs(l->finder->copy->from, node)[slot]];
            *alone &= where == 0 || !in_lead[where - 1];
        }
    }
    gt_memory_free(in_lead);
    return true;
}

static void take(lead *l)
{
    gt_repeat *repeat = l->repeat;
    for (uint32_t k = 0; k < repeat->link_count; k++) {
        if (repeat->links[k].kind == GT_REPEAT_CARRIED)
            repeat->links[k].node = 0;
        else if (repeat->links[k].kind >= GT_REPEAT_SLICE && repeat->direction == GT_FORWARD)
            repeat->links[k].low--;
    }
    repeat->lead = l->nodes;
    repeat->steps++;
}

bool gt_repeat_extend(const gt_repeat_finder *f, gt_repeat *repeat)
{
    lead l = {f, repeat, gt_memory_new(repeat->period, sizeof *l.nodes), true};
    if (l.nodes == NULL)
        return false;
    bool states = false;
    for (uint32_t k = 0; k < repeat->link_count; k++)
        if (repeat->links[k].kind == GT_REPEAT_CARRIED) {
            assign(&l, repeat->links[k].position, repeat->links[k].node);
            states = true;
        }
    for (uint32_t position = repeat->period; position-- > 0 && l.fits;)
        if (l.nodes[position] != 0)
            match_position(&l, position);
    for (uint32_t position = 0; position < repeat->period && l.fits; position++)
        if (l.nodes[position] == 0)
            find_unread(&l, position);
    bool alone = false, known = !states || !l.fits || find_alone(&l, &alone);
    if (alone)
        take(&l);
    else
        gt_memory_free(l.nodes);
    return known;
}
