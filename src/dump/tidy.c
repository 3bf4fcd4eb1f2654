/*
 * A tidy graph: what only moves entries between a sequence and its steps is
 * hidden, and what is one value to the eye is one node.
 */
#include "dump/tidy.h"
#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/part.h"

#include <string.h>

/* ---- what is plumbing ---------------------------------------------------------------------- */

/* The same entries under other sizes, or a view that only adds or drops axes of size 1. */
static bool is_reshape(gt_var v)
{
    if (gt_var_op(v) == &gt_op_reshape)
        return true;
    if (gt_var_op(v)->op_class != GT_CLASS_VIEW || gt_var_input_count(v) != 1)
        return false;
    gt_shape from = gt_var_shape(gt_var_input(v, 0)), to = gt_var_shape(v);
    int i = 0, k = 0;
    for (;;) {
        while (i < from.rank && from.size[i] == 1)
            i++;
        while (k < to.rank && to.size[k] == 1)
            k++;
        if (i >= from.rank || k >= to.rank)
            return i >= from.rank && k >= to.rank;
        if (from.size[i++] != to.size[k++])
            return false;
    }
}

/* Outside of the steps of a loop: cuts a sequence into steps, or puts steps together. */
bool gt_tidy_is_plumbing(const gt_collection *c, const gt_entry *entry)
{
    /* An output that nothing reads is named where its parts are. */
    bool named = gt_var_name(entry->var)[0] != '\0' && (entry->read || !entry->output);
    if (!named && is_reshape(entry->var))
        return true;
    if (!c->tapes[entry->tape].has_loop || entry->step >= 0)
        return false;
    switch (gt_var_op(entry->var)->op_class) {
    case GT_CLASS_VIEW:
        return !named && c->tapes[entry->tape].scan == NULL;
    case GT_CLASS_TUPLE:
        return c->tapes[entry->tape].scan == NULL;
    case GT_CLASS_PART:
        return c->tapes[entry->tape].scan == NULL || gt_var_scan(entry->var) != NULL;
    case GT_CLASS_SCAN:
        return gt_collection_body(c, gt_collection_entry(c, entry->tape, entry->var)) != GT_GRAPH_NONE;
    default:
        return false;
    }
}

uint32_t gt_collection_shown(const gt_collection *c, uint32_t i)
{
    while (i != GT_GRAPH_NONE && c->entries[i].hidden)
        i = c->entries[i].alias;
    return i;
}

/* ---- what is shown in place of plumbing ---------------------------------------------------- */

/* The step of forward input `slot` of what v was recorded for: of the value that v is the adjoint of. */
static int32_t step_of_origin(gt_var v)
{
    int32_t slot;
    gt_var origin = gt_var_origin(v, &slot);
    if (!gt_var_valid(origin) || slot < 0)
        return -1;
    gt_var input = gt_var_input(origin, (uint32_t)slot);
    while (gt_var_valid(input) && gt_var_step(input) < 0 && is_reshape(input))
        input = gt_var_input(input, 0);
    return gt_var_step(input);
}

/* The slice of leaf `leaf` at a step, which entry `like` has the shape of; GT_GRAPH_NONE on no memory. */
static uint32_t slice_of(gt_collection *c, uint32_t leaf, uint32_t like, int32_t step)
{
    uint32_t nodes = c->tapes[c->tape_count - 1].first + c->tapes[c->tape_count - 1].count;
    for (uint32_t i = nodes; i < c->entry_count; i++)
        if (c->entries[i].alias == leaf && c->entries[i].step == step)
            return i;
    if (!GT_RESERVE(c->entries, c->entry_capacity, c->entry_count + 1))
        return GT_GRAPH_NONE;
    gt_entry slice = c->entries[leaf];
    slice.alias = leaf;
    slice.replays = like;
    slice.step = step;
    slice.hidden = false;
    c->entries[c->entry_count] = slice;
    return (uint32_t)c->entry_count++;
}

/* The one thing that a hidden node shows a part of; GT_GRAPH_NONE if it puts several together. */
static uint32_t only_source(const gt_collection *c, const gt_entry *entry)
{
    if (gt_var_input_count(entry->var) != 1)
        return GT_GRAPH_NONE;
    return gt_collection_shown(c, gt_collection_entry(c, entry->tape, gt_var_input(entry->var, 0)));
}

enum { NO_STEP = -1, SEVERAL_STEPS = -2 };

/* The one step that reads each entry, through hidden nodes too. */
static int32_t *find_readers(const gt_collection *c)
{
    int32_t *step = gt_memory_new(c->entry_count, sizeof *step);
    if (step == NULL)
        return NULL;
    for (size_t i = 0; i < c->entry_count; i++)
        step[i] = NO_STEP;
    for (size_t i = c->entry_count; i-- > 0;) {
        const gt_entry *entry = &c->entries[i];
        int32_t at = entry->hidden ? step[i] : entry->step;
        for (uint32_t k = 0; entry->reached && at != NO_STEP && k < gt_var_input_count(entry->var); k++) {
            uint32_t input = gt_collection_entry(c, entry->tape, gt_var_input(entry->var, k));
            step[input] = step[input] == NO_STEP || step[input] == at ? at : SEVERAL_STEPS;
        }
    }
    return step;
}

/* A leaf with an axis for time, of which a step may be given a slice. */
static bool is_sequence(const gt_collection *c, uint32_t i)
{
    const gt_entry *entry = &c->entries[i];
    return gt_var_role(entry->var) == GT_ROLE_INPUT && entry->step < 0;
}

/* What is cut out of a sequence says which step it is, whoever reads it: prev(x) is read by the next. */
static int32_t step_of_part(gt_var v)
{
    bool step = gt_var_op(v) == &gt_op_part && gt_var_attribute(v, GT_PART_DROP) != 0;
    return step ? (int32_t)gt_var_attribute(v, GT_PART_START) : -1;
}

static bool show_in_place(gt_collection *c, uint32_t i, const int32_t *reader)
{
    const gt_entry *entry = &c->entries[i];
    uint32_t source = only_source(c, entry);
    c->entries[i].alias = source;
    if (source == GT_GRAPH_NONE || !is_sequence(c, source) || gt_var_op(entry->var)->op_class == GT_CLASS_TUPLE)
        return true;
    int32_t step = step_of_part(entry->var);
    if (step < 0)
        step = step_of_origin(entry->var);
    if (step < 0)
        step = reader[i];
    if (step < 0)
        return true;
    uint32_t slice = slice_of(c, source, i, step);
    c->entries[i].alias = slice;
    return slice != GT_GRAPH_NONE;
}

bool gt_collection_tidy(gt_collection *c)
{
    uint32_t count = (uint32_t)c->entry_count;
    for (uint32_t i = 0; i < count; i++)
        c->entries[i].hidden = c->entries[i].reached && gt_tidy_is_plumbing(c, &c->entries[i]);
    int32_t *reader = find_readers(c);
    bool done = reader != NULL;
    gt_tidy_parts(c);
    for (uint32_t i = 0; done && i < count; i++)
        if (c->entries[i].hidden && c->entries[i].alias == GT_GRAPH_NONE)
            done = show_in_place(c, i, reader);
    gt_memory_free(reader);
    gt_tidy_bodies(c);
    return done;
}
