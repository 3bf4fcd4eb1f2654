/* Where a page opens: a gradient by the name that its cell gives it, in a time step or over all. */
#include "base/utf8.h"
#include "stepper/stepping.h"

#include <string.h>

static int64_t find_named(const gt_stepping *s, const char *text)
{
    for (size_t i = 0; i < s->item_count; i++)
        if (strcmp(s->names[s->items[i].var.index].text, text) == 0)
            return (int64_t)i;
    return -1;
}

/* "df_z⟨2⟩": after the name what is counted from 1. */
static int64_t find_at(const gt_stepping *s, const char *before, const char *name, int64_t time)
{
    char text[GT_FORMULA_SIZE];
    gt_utf8_format(text, sizeof text, "%s%s⟨%lld⟩", before, name, (long long)time);
    return find_named(s, text);
}

/* What an input or a parameter gets in a step. */
static int64_t find_part(const gt_stepping *s, gt_var leaf, int64_t step)
{
    for (size_t i = 0; i < s->addend_count; i++) {
        const gt_addend *a = &s->addends[i];
        if (a->target == leaf.index && a->by != 0 && gt_var_step(gt_tape_var(s->record.tape, a->by - 1)) == step)
            return gt_stepping_item(s, gt_tape_var(s->record.tape, a->value - 1));
    }
    return -1;
}

static int64_t find_array(const gt_stepping *s, const char *name, int64_t step)
{
    for (uint32_t i = 0; i < s->problem->differentiated; i++) {
        if (strcmp(s->problem->arrays[i].name, name) != 0)
            continue;
        int64_t part = step >= 0 ? find_part(s, s->record.arrays[i], step) : -1;
        return part >= 0 || s->options.forward_only ? part : gt_stepping_item(s, s->gradients[i]);
    }
    return -1;
}

/* Of a state the gradient of its value before the step, which is all that reaches it. */
static int64_t find_state(const gt_stepping *s, const char *name, int64_t step)
{
    char first[GT_FORMULA_SIZE];
    for (uint32_t i = 0; i < s->problem->cell->state_count; i++) {
        if (strcmp(s->problem->cell->states[i].name, name) != 0)
            continue;
        gt_utf8_format(first, sizeof first, "d%s0", name);
        int64_t all = step > 0 ? find_at(s, "s_", name, step) : find_named(s, first);
        return all >= 0 ? all : find_at(s, "d", name, step);
    }
    return -1;
}

/* What is first done on the way back in the step; on the way forward where there is no other. */
static int64_t find_step(const gt_stepping *s, int64_t step)
{
    int64_t found = -1;
    for (size_t i = s->item_count; i-- > 0;) {
        const gt_graph_node *node = gt_graph_node_at(s->graph, s->items[i].node);
        if (node != NULL && node->kind == GT_GRAPH_OP && node->step == step)
            if (found < 0 || node->backward || s->options.forward_only)
                found = (int64_t)i;
    }
    return found;
}

int64_t gt_stepping_find_start(const gt_stepping *s)
{
    const gt_stepper_place *start = s->options.start;
    const char *of = start->name[0] == 'd' ? start->name + 1 : start->name;
    int64_t found = find_array(s, of, start->step);
    if (found < 0)
        found = find_state(s, of, start->step);
    if (found < 0)
        found = find_at(s, "", start->name, start->step + 1);
    return found >= 0 ? found : find_step(s, start->step);
}
