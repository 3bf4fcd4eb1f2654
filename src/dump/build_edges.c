/* Edges, between entries. */
#include "dump/build.h"

/* Edges from all that entry `from` stands for. */
static bool add_edges(gt_builder *b, gt_graph_edge_kind kind, uint32_t from, uint32_t to, uint32_t slot)
{
    if (to == GT_GRAPH_NONE)
        return true;
    if (!gt_sources_find(&b->sources, b->c, from))
        return false;
    for (size_t i = 0; i < b->sources.count; i++)
        if (!gt_graph_add_edge(b->graph, kind, b->sources.list[i], to, slot))
            return false;
    return true;
}

static bool add_inputs(gt_builder *b)
{
    for (uint32_t i = 0; i < b->c->entry_count; i++) {
        const gt_entry *entry = &b->c->entries[i];
        if (!entry->reached || entry->hidden || entry->replays != GT_GRAPH_NONE)
            continue;
        for (uint32_t k = 0; k < gt_var_input_count(entry->var); k++)
            if (!add_edges(b, GT_GRAPH_VALUE, gt_collection_entry(b->c, entry->tape, gt_var_input(entry->var, k)), i,
                           k))
                return false;
    }
    return true;
}

/*
 * Whether a tidy graph shows that `from` enters a scan: as an initial state, a
 * state; as a sequence, something that was computed. A sequence from outside
 * is shown by its slice.
 */
static bool enters_visibly(const gt_builder *b, uint32_t from, bool initial)
{
    if (b->c->options->everything)
        return true;
    uint32_t shown = gt_collection_shown(b->c, from);
    if (shown == GT_GRAPH_NONE)
        return false;
    gt_var v = b->c->entries[shown].var;
    if (gt_entry_is_leaf(&b->c->entries[shown]))
        return initial && gt_var_role(v) == GT_ROLE_STATE;
    return gt_var_input_count(v) > 0;
}

static bool enter(gt_builder *b, gt_graph_edge_kind kind, const gt_collected_tape *tape, gt_var outside, gt_var inside)
{
    uint32_t from = gt_collection_entry(b->c, tape->parent, outside);
    uint32_t to = tape->first + inside.index - 1;
    if (b->c->entries[to].hidden || !b->c->entries[to].reached || !enters_visibly(b, from, kind == GT_GRAPH_INITIAL))
        return true;
    return add_edges(b, kind, from, to, 0);
}

/* The back edge of a carried state; a hidden one is a sum over steps, which adds to itself. */
static bool add_next(gt_builder *b, const gt_collected_tape *tape, uint32_t k)
{
    uint32_t before = tape->first + gt_scan_carry_before(tape->scan, k).index - 1;
    uint32_t after = tape->first + gt_scan_carry_after(tape->scan, k).index - 1;
    if (!b->c->entries[before].reached)
        return true;
    return add_edges(b, GT_GRAPH_NEXT, after, b->c->entries[before].hidden ? gt_collection_shown(b->c, after) : before,
                     0);
}

static bool add_scan(gt_builder *b, const gt_collected_tape *tape)
{
    const gt_scan *scan = tape->scan;
    for (uint32_t k = 0; k < gt_scan_carry_count(scan); k++)
        if (!add_next(b, tape, k) ||
            !enter(b, GT_GRAPH_INITIAL, tape, gt_scan_carry_initial(scan, k), gt_scan_carry_before(scan, k)))
            return false;
    for (uint32_t k = 0; k < gt_scan_input_count(scan); k++)
        if (!enter(b, GT_GRAPH_ENTER, tape, gt_scan_input_sequence(scan, k), gt_scan_input_slice(scan, k)))
            return false;
    for (uint32_t k = 0; k < gt_scan_invariant_count(scan); k++)
        if (!enter(b, GT_GRAPH_ENTER, tape, gt_scan_invariant_outside(scan, k), gt_scan_invariant_inside(scan, k)))
            return false;
    return true;
}

/* From body nodes to the parts that read them, where these are shown. */
static bool add_parts(gt_builder *b)
{
    for (uint32_t i = 0; i < b->c->entry_count; i++) {
        const gt_entry *entry = &b->c->entries[i];
        if (!entry->reached || entry->hidden || gt_var_scan(entry->var) == NULL ||
            gt_var_op(entry->var)->op_class != GT_CLASS_PART)
            continue;
        uint32_t body = gt_collection_body(b->c, gt_collection_entry(b->c, entry->tape, gt_var_input(entry->var, 0)));
        if (body != GT_GRAPH_NONE &&
            !add_edges(b, GT_GRAPH_LEAVE, gt_collection_entry(b->c, body, gt_scan_part_inside(entry->var)), i, 0))
            return false;
    }
    return true;
}

bool gt_build_edges(gt_builder *b)
{
    if (!add_inputs(b))
        return false;
    for (uint32_t t = 1; t < b->c->tape_count; t++)
        if (!add_scan(b, &b->c->tapes[t]))
            return false;
    return add_parts(b);
}
