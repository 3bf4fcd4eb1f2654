#include "plan/rewrite/uses.h"

#include "ops/descriptors.h"

#include <string.h>

typedef struct lists {
    uint32_t *reads, *scanned, *leaves, *first, *readers;
} lists;

static uint32_t count_operands(const gt_uses_source *source)
{
    uint32_t operands = 0;
    for (uint32_t i = 1; i <= source->tape->node_count; i++)
        operands += source->wanted[i] ? gt_tape_node(source->tape, i)->input_count : 0;
    return operands;
}

static bool make_lists(gt_pool *pool, const gt_uses_source *source, lists *x)
{
    size_t count = source->tape->node_count + 2;
    *x = (lists){gt_pool_new(pool, count, sizeof *x->reads), gt_pool_new(pool, count, sizeof *x->scanned),
                 gt_pool_new(pool, count, sizeof *x->leaves), gt_pool_new(pool, count, sizeof *x->first),
                 gt_pool_new(pool, count_operands(source), sizeof *x->readers)};
    return x->reads != NULL && x->scanned != NULL && x->leaves != NULL && x->first != NULL && x->readers != NULL;
}

static void count_reads(const gt_uses_source *source, lists *x)
{
    const gt_tape *tape = source->tape;
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        const uint32_t *inputs = gt_node_inputs(tape, node);
        for (uint32_t k = 0; k < node->input_count && source->wanted[i]; k++)
            x->reads[inputs[k]]++;
        if (!source->wanted[i] || node->op->op_class != GT_CLASS_SCAN)
            continue;
        const gt_scan *scan = gt_node_scan(tape, node);
        for (uint32_t k = 0; k < scan->input_count; k++)
            x->scanned[inputs[gt_scan_input_slot(scan, k)]]++;
    }
}

/* Where the readers of each node begin is known when all are counted; then each goes to the end of its node's. */
static void list_readers(const gt_uses_source *source, lists *x)
{
    const gt_tape *tape = source->tape;
    uint32_t count = (uint32_t)tape->node_count, at = 0;
    for (uint32_t i = 1; i <= count; i++) {
        at += x->reads[i];
        x->first[i] = at; /* behind the last one, which the filling from the back makes the first */
    }
    x->first[count + 1] = at;
    for (uint32_t i = count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(tape, i);
        for (uint32_t k = 0; k < node->input_count && source->wanted[i]; k++)
            x->readers[--x->first[gt_node_inputs(tape, node)[k]]] = i;
    }
}

static void count_leaves(const gt_uses_source *source, lists *x)
{
    for (uint32_t k = 0; k < source->output_count; k++)
        x->leaves[source->outputs[k].index]++;
    for (uint32_t k = 0; source->scan != NULL && k < source->scan->carry_count; k++)
        x->leaves[source->scan->carries[k].after] += source->carried[k];
    for (uint32_t i = 1; source->scan != NULL && i <= source->tape->node_count; i++)
        x->leaves[i] += source->stacked[i];
}

const gt_uses *gt_uses_find(gt_pool *pool, const gt_uses_source *source)
{
    lists x;
    gt_uses *uses = gt_pool_new(pool, 1, sizeof *uses);
    if (uses == NULL || !make_lists(pool, source, &x))
        return NULL;
    count_reads(source, &x);
    list_readers(source, &x);
    count_leaves(source, &x);
    *uses = (gt_uses){x.reads, x.scanned, x.leaves, x.first, x.readers};
    return uses;
}

const gt_uses *gt_uses_of_tape(gt_pool *pool, const gt_tape *tape, const gt_scan *scan, const gt_program *program)
{
    size_t count = tape->node_count + 1, states = scan == NULL ? 0 : scan->carry_count;
    uint8_t *all = gt_pool_new(pool, count > states ? count : states, 1), *stacked = gt_pool_new(pool, count, 1);
    if (all == NULL || stacked == NULL)
        return NULL;
    memset(all, 1, count > states ? count : states);
    for (size_t p = 0; scan != NULL && p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(scan->outer, scan->parts[p]);
        if (part->op == &gt_op_scan_stack)
            stacked[gt_node_attributes(scan->outer, part)[0]] = 1;
    }
    gt_uses_source source = {.tape = tape, .wanted = all, .scan = scan, .carried = all, .stacked = stacked};
    if (program != NULL) {
        source.outputs = program->outputs;
        source.output_count = program->output_count;
    }
    return gt_uses_find(pool, &source);
}

/* The states that are needed, and the stacks that something wanted reads. */
static void mark_leaving(const gt_copy *body, uint8_t *carried, uint8_t *stacked)
{
    const gt_scan *scan = body->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        carried[k] = body->wanted[scan->carries[k].before];
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(body->around->from, scan->parts[p]);
        if (body->around->wanted[scan->parts[p]] && part->op == &gt_op_scan_stack)
            stacked[gt_node_attributes(body->around->from, part)[0]] = 1;
    }
}

const gt_uses *gt_uses_of_copy(gt_pool *pool, const gt_copy *copy)
{
    gt_uses_source source = {.tape = copy->from,
                             .wanted = copy->wanted,
                             .outputs = copy->outputs,
                             .output_count = copy->output_count,
                             .scan = copy->from_scan};
    if (copy->from_scan != NULL) {
        uint8_t *carried = gt_pool_new(pool, copy->from_scan->carry_count, 1);
        uint8_t *stacked = gt_pool_new(pool, (size_t)copy->count + 1, 1);
        if (carried == NULL || stacked == NULL)
            return NULL;
        mark_leaving(copy, carried, stacked);
        source.carried = carried;
        source.stacked = stacked;
    }
    return gt_uses_find(pool, &source);
}
