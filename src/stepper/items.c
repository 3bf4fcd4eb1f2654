/* What is shown, and what it reads. */
#include "base/memory.h"
#include "stepper/stepping.h"

static bool add(gt_stepping *s, gt_var v, uint32_t node)
{
    if (s->item_of[v.index] != 0 || gt_interpreter_value(s->run, v) == NULL)
        return true;
    if (!GT_RESERVE(s->items, s->item_capacity, s->item_count + 1))
        return false;
    s->items[s->item_count++] = (gt_item){v, node};
    s->item_of[v.index] = (uint32_t)s->item_count;
    return true;
}

static bool is_reshaping(gt_var v)
{
    gt_var input = gt_var_input(v, 0);
    return gt_var_op(v)->axes == GT_AXES_ORDERED && gt_var_input_count(v) == 1 &&
           gt_shape_equal(gt_var_shape(v), gt_var_shape(input));
}

int64_t gt_stepping_item(const gt_stepping *s, gt_var v)
{
    while (gt_var_valid(v) && s->item_of[v.index] == 0 && is_reshaping(v))
        v = gt_var_input(v, 0);
    return gt_var_valid(v) ? (int64_t)s->item_of[v.index] - 1 : -1;
}

/* Operands are not drawn where they only move numbers to and from a sequence. */
static bool add_operands(gt_stepping *s)
{
    size_t drawn = s->item_count;
    for (size_t i = 0; i < drawn; i++) {
        gt_var v = s->items[i].var;
        for (uint32_t k = 0; k < gt_var_input_count(v) && s->items[i].node != GT_GRAPH_NONE; k++)
            if (gt_stepping_item(s, gt_var_input(v, k)) < 0 && !add(s, gt_var_input(v, k), GT_GRAPH_NONE))
                return false;
    }
    return true;
}

/* What the reader asks for by name: all that was given, and its gradients. */
static bool add_given(gt_stepping *s)
{
    for (uint32_t i = 0; i < s->problem->differentiated; i++)
        if (!add(s, s->record.arrays[i], GT_GRAPH_NONE) ||
            (!s->options.forward_only && !add(s, s->gradients[i], GT_GRAPH_NONE)))
            return false;
    return true;
}

bool gt_stepping_list(gt_stepping *s)
{
    s->item_of = gt_memory_new((uint64_t)gt_tape_node_count(s->record.tape) + 1, sizeof *s->item_of);
    if (s->item_of == NULL)
        return false;
    for (uint32_t i = 0; i < gt_graph_node_count(s->graph); i++) {
        uint32_t place = gt_graph_node_at(s->graph, i)->place;
        if (place != GT_GRAPH_NONE && !add(s, gt_tape_var(s->record.tape, place), i))
            return false;
    }
    return add_operands(s) && add_given(s);
}

static bool add_index(gt_stepping *s, uint32_t index)
{
    gt_var v = index != 0 ? gt_tape_var(s->record.tape, index - 1) : GT_NONE;
    return !gt_var_valid(v) || gt_stepping_item(s, v) >= 0 || add(s, v, GT_GRAPH_NONE);
}

bool gt_stepping_list_addends(gt_stepping *s)
{
    for (size_t i = 0; i < s->addend_count; i++)
        if (!add_index(s, s->addends[i].value) || !add_index(s, s->addends[i].sum))
            return false;
    return true;
}
