/* Scans in a tidy graph. */
#include "dump/tidy.h"

#include <string.h>

static void show_as(gt_collection *c, uint32_t i, uint32_t other)
{
    if (i == GT_GRAPH_NONE || other == GT_GRAPH_NONE || i == other)
        return;
    c->entries[i].hidden = true;
    c->entries[i].alias = other;
}

/* final, stack: the body node. */
void gt_tidy_parts(gt_collection *c)
{
    for (uint32_t i = 0; i < c->entry_count; i++) {
        const gt_entry *entry = &c->entries[i];
        if (!entry->reached || !entry->hidden || gt_var_op(entry->var)->op_class != GT_CLASS_PART ||
            gt_var_scan(entry->var) == NULL)
            continue;
        uint32_t scan = gt_collection_entry(c, entry->tape, gt_var_input(entry->var, 0));
        uint32_t body = gt_collection_body(c, scan);
        c->entries[i].alias = gt_collection_entry(c, body, gt_scan_part_inside(entry->var));
    }
}

static void show_invariants(gt_collection *c, const gt_collected_tape *tape)
{
    for (uint32_t k = 0; k < gt_scan_invariant_count(tape->scan); k++)
        show_as(c, tape->first + gt_scan_invariant_inside(tape->scan, k).index - 1,
                gt_collection_entry(c, tape->parent, gt_scan_invariant_outside(tape->scan, k)));
}

/* ---- the body of a reverse scan ------------------------------------------------------------ */

/* A sequence that both scans read, and the stack of a node of the forward body. */
static void show_residuals(gt_collection *c, const gt_collected_tape *back)
{
    uint32_t forward_place = back->forward;
    const gt_collected_tape *forward = &c->tapes[forward_place];
    for (uint32_t k = 0; k < gt_scan_input_count(back->scan); k++) {
        uint32_t inside = back->first + gt_scan_input_slice(back->scan, k).index - 1;
        uint32_t outside = gt_collection_entry(c, back->parent, gt_scan_input_sequence(back->scan, k));
        uint32_t shown = gt_collection_shown(c, outside);
        if (shown != GT_GRAPH_NONE && c->entries[shown].tape == forward_place)
            show_as(c, inside, shown);
        for (uint32_t j = 0; j < gt_scan_input_count(forward->scan); j++)
            if (gt_collection_entry(c, forward->parent, gt_scan_input_sequence(forward->scan, j)) == outside)
                show_as(c, inside, forward->first + gt_scan_input_slice(forward->scan, j).index - 1);
    }
}

static bool same_computation(const gt_collection *c, const gt_entry *a, const gt_entry *b)
{
    uint32_t inputs = gt_var_input_count(a->var), attributes = gt_var_attribute_count(a->var);
    if (gt_var_op(a->var) != gt_var_op(b->var) || inputs != gt_var_input_count(b->var) ||
        attributes != gt_var_attribute_count(b->var))
        return false;
    for (uint32_t k = 0; k < attributes; k++)
        if (gt_var_attribute(a->var, k) != gt_var_attribute(b->var, k))
            return false;
    for (uint32_t k = 0; k < inputs; k++)
        if (gt_collection_shown(c, gt_collection_entry(c, a->tape, gt_var_input(a->var, k))) !=
            gt_collection_shown(c, gt_collection_entry(c, b->tape, gt_var_input(b->var, k))))
            return false;
    return true;
}

/* What the reverse body computes again, before its first rule needs it: no rule recorded it. */
static void show_recomputed(gt_collection *c, const gt_collected_tape *back)
{
    const gt_collected_tape *forward = &c->tapes[back->forward];
    for (uint32_t i = back->first; i < back->first + back->count; i++) {
        gt_entry *entry = &c->entries[i];
        if (!entry->reached || entry->hidden || entry->backward || gt_entry_is_leaf(entry))
            continue;
        for (uint32_t j = forward->first; j < forward->first + forward->count; j++)
            if (c->entries[j].reached && same_computation(c, entry, &c->entries[j])) {
                show_as(c, i, j);
                break;
            }
    }
}

/* A carried value that only its own next value reads: a sum over steps, shown as that. */
static void hide_sums_so_far(gt_collection *c, const gt_collected_tape *back)
{
    for (uint32_t k = 0; k < gt_scan_carry_count(back->scan); k++) {
        gt_var before = gt_scan_carry_before(back->scan, k);
        gt_var after = gt_scan_carry_after(back->scan, k);
        bool alone = before.index != after.index;
        for (uint32_t i = back->first; i < back->first + back->count; i++)
            for (uint32_t slot = 0; slot < gt_var_input_count(c->entries[i].var); slot++)
                if (c->entries[i].reached && c->entries[i].var.index != after.index &&
                    gt_var_input(c->entries[i].var, slot).index == before.index)
                    alone = false;
        if (alone)
            c->entries[back->first + before.index - 1].hidden = true;
    }
}

void gt_tidy_bodies(gt_collection *c)
{
    for (uint32_t t = 1; t < c->tape_count; t++) {
        const gt_collected_tape *tape = &c->tapes[t];
        show_invariants(c, tape);
        if (tape->forward == GT_GRAPH_NONE)
            continue;
        show_residuals(c, tape);
        show_recomputed(c, tape);
        hide_sums_so_far(c, tape);
    }
}
