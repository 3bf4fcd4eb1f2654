/* Which nodes the outputs depend on. */
#include "base/memory.h"
#include "dump/collect.h"
#include "graph/scan.h"

/* ---- tapes and entries --------------------------------------------------------------------- */

uint32_t gt_collection_entry(const gt_collection *c, uint32_t tape, gt_var v)
{
    return v.index == 0 ? GT_GRAPH_NONE : c->tapes[tape].first + v.index - 1;
}

uint32_t gt_collection_find(const gt_collection *c, gt_var v)
{
    for (uint32_t t = 0; t < c->tape_count; t++)
        if (c->tapes[t].tape == v.tape && v.index <= c->tapes[t].count)
            return gt_collection_entry(c, t, v);
    return GT_GRAPH_NONE;
}

uint32_t gt_collection_body(const gt_collection *c, uint32_t i)
{
    for (uint32_t t = 1; t < c->tape_count; t++)
        if (c->tapes[t].scan_entry == i)
            return t;
    return GT_GRAPH_NONE;
}

gt_var gt_scan_part_inside(gt_var part)
{
    gt_scan *scan = gt_var_scan(part);
    int64_t place = gt_var_attribute(part, 0);
    if (gt_var_op(part) == &gt_op_scan_final)
        return gt_scan_carry_after(scan, (uint32_t)place);
    return (gt_var){gt_scan_body(scan), (uint32_t)place};
}

bool gt_entry_is_leaf(const gt_entry *entry)
{
    return gt_var_role(entry->var) != GT_ROLE_NONE;
}

static bool add_tape(gt_collection *c, gt_tape *tape, gt_scan *scan, uint32_t scan_entry)
{
    uint32_t count = gt_tape_node_count(tape);
    if (!GT_RESERVE(c->tapes, c->tape_capacity, c->tape_count + 1) ||
        !GT_RESERVE(c->entries, c->entry_capacity, c->entry_count + count))
        return false;
    uint32_t place = (uint32_t)c->tape_count++;
    c->tapes[place] = (gt_collected_tape){
        .tape = tape,
        .scan = scan,
        .scan_entry = scan_entry,
        .forward = GT_GRAPH_NONE,
        .parent = scan == NULL ? GT_GRAPH_NONE : c->entries[scan_entry].tape,
        .first = (uint32_t)c->entry_count,
        .count = count,
        .cluster = GT_GRAPH_NONE,
    };
    for (uint32_t i = 0; i < count; i++) {
        gt_var v = gt_tape_var(tape, i);
        gt_var origin = gt_var_origin(v, NULL);
        c->entries[c->entry_count++] = (gt_entry){
            .var = v,
            .tape = place,
            .alias = GT_GRAPH_NONE,
            .node = GT_GRAPH_NONE,
            .replays = GT_GRAPH_NONE,
            .step = gt_var_step(v),
            .backward = gt_var_valid(origin),
        };
    }
    return true;
}

/* ---- reaching ------------------------------------------------------------------------------ */

/* From the last node to the first: what a reached node reads is reached. */
static void reach_inputs(gt_collection *c, const gt_collected_tape *tape)
{
    for (uint32_t i = tape->count; i-- > 0;) {
        const gt_entry *entry = &c->entries[tape->first + i];
        if (!entry->reached)
            continue;
        uint32_t count = gt_var_input_count(entry->var);
        for (uint32_t k = 0; k < count; k++)
            c->entries[tape->first + gt_var_input(entry->var, k).index - 1].reached = true;
    }
}

/* A carried state that is read needs its value after the step before: a fixpoint. */
static void reach_body(gt_collection *c, const gt_collected_tape *tape)
{
    bool changed;
    do {
        reach_inputs(c, tape);
        changed = false;
        for (uint32_t k = 0; k < gt_scan_carry_count(tape->scan); k++) {
            uint32_t before = gt_scan_carry_before(tape->scan, k).index;
            uint32_t after = gt_scan_carry_after(tape->scan, k).index;
            if (!c->entries[tape->first + before - 1].reached || c->entries[tape->first + after - 1].reached)
                continue;
            c->entries[tape->first + after - 1].reached = true;
            changed = true;
        }
    } while (changed);
}

/* Adds the bodies of the tape's scans, with what is read of them reached. */
static bool add_bodies(gt_collection *c, uint32_t place)
{
    for (uint32_t i = 0; i < c->tapes[place].count; i++) {
        uint32_t entry = c->tapes[place].first + i;
        gt_var v = c->entries[entry].var;
        if (!c->entries[entry].reached || gt_var_scan(v) == NULL)
            continue;
        c->tapes[place].has_loop = true;
        if (gt_var_op(v)->op_class == GT_CLASS_SCAN) {
            if (!add_tape(c, gt_scan_body(gt_var_scan(v)), gt_var_scan(v), entry))
                return false;
        } else {
            uint32_t body = gt_collection_body(c, gt_collection_entry(c, place, gt_var_input(v, 0)));
            c->entries[gt_collection_entry(c, body, gt_scan_part_inside(v))].reached = true;
        }
    }
    return true;
}

/* The body of a scan that a reverse rule recorded is the reverse of another body. */
static void find_forward(gt_collection *c, uint32_t place)
{
    gt_collected_tape *tape = &c->tapes[place];
    if (tape->scan == NULL)
        return;
    gt_scan *forward = gt_var_scan(gt_var_origin(c->entries[tape->scan_entry].var, NULL));
    for (uint32_t t = 0; forward != NULL && t < place; t++)
        if (c->tapes[t].scan == forward)
            tape->forward = t;
}

static void mark_read(gt_collection *c)
{
    for (uint32_t i = 0; i < c->output_count; i++)
        c->entries[c->outputs[i].var.index - 1].output = true;
    for (size_t i = 0; i < c->entry_count; i++) {
        const gt_entry *entry = &c->entries[i];
        for (uint32_t k = 0; entry->reached && k < gt_var_input_count(entry->var); k++)
            c->entries[gt_collection_entry(c, entry->tape, gt_var_input(entry->var, k))].read = true;
    }
}

bool gt_collection_reach(gt_collection *c)
{
    if (!add_tape(c, c->outputs[0].var.tape, NULL, GT_GRAPH_NONE))
        return false;
    for (uint32_t i = 0; i < c->output_count; i++)
        c->entries[c->outputs[i].var.index - 1].reached = true;
    for (uint32_t t = 0; t < c->tape_count; t++) {
        find_forward(c, t);
        if (c->tapes[t].scan == NULL)
            reach_inputs(c, &c->tapes[t]);
        else
            reach_body(c, &c->tapes[t]);
        if (!c->options->hide_scan_bodies && !add_bodies(c, t))
            return false;
        const gt_collected_tape *tape = &c->tapes[t];
        for (uint32_t i = 0; i < tape->count; i++)
            if (c->entries[tape->first + i].reached && c->entries[tape->first + i].step >= 0)
                c->tapes[t].has_loop = true;
    }
    mark_read(c);
    return true;
}
