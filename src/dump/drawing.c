#include "dump/drawing.h"

#include "base/memory.h"

/* Drawn at each of its uses instead of once. */
static bool is_leaf(const gt_graph_node *node)
{
    return node->kind == GT_GRAPH_PARAMETER || (node->kind == GT_GRAPH_CONSTANT && !node->output);
}

/* A backward node belongs to the forward node that it comes from, if they are in one cluster. */
static void find_groups(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    for (uint32_t i = 0; i < graph->node_count; i++) {
        uint32_t at = i;
        while (graph->nodes[at].origin != GT_GRAPH_NONE)
            at = graph->nodes[at].origin;
        d->group[i] = graph->nodes[at].cluster == graph->nodes[i].cluster ? at : i;
    }
}

/* An initial state stands in the step that reads it, if that is one: first GT_GRAPH_NONE, then that step. */
static void find_clusters(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    const uint32_t several = GT_GRAPH_NONE - 1;
    for (uint32_t i = 0; i < graph->node_count; i++)
        d->cluster[i] = graph->nodes[i].cluster;
    for (size_t i = 0; d->in_time && i < graph->edge_count; i++) {
        const gt_graph_node *to = &graph->nodes[graph->edges[i].to];
        uint32_t from = graph->edges[i].from, *cluster = &d->cluster[from];
        if (graph->nodes[from].kind != GT_GRAPH_STATE || graph->nodes[from].cluster != GT_GRAPH_NONE || to->backward)
            continue;
        *cluster = *cluster == GT_GRAPH_NONE || *cluster == to->cluster ? to->cluster : several;
    }
    for (uint32_t i = 0; i < graph->node_count; i++)
        if (d->cluster[i] == several)
            d->cluster[i] = GT_GRAPH_NONE;
}

/* What is left of the edges when labels have said theirs. */
static void find_shown(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        d->shown[i] = !d->fold.folded[i] && !is_leaf(&graph->nodes[i]);
    for (size_t i = 0; i < graph->edge_count; i++) {
        const gt_graph_edge *edge = &graph->edges[i];
        d->joined[i] = is_leaf(&graph->nodes[edge->from]) && d->fold.operands[i] == NULL && !d->fold.folded[edge->to];
        if (edge->kind == GT_GRAPH_NEXT && edge->from == edge->to)
            d->sums[edge->to] = true;
    }
}

/* A leaf that is an output, and read by nothing. */
static bool show_lonely_leaves(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    bool *read = gt_memory_new(graph->node_count, sizeof *read);
    for (size_t i = 0; read != NULL && i < graph->edge_count; i++)
        read[graph->edges[i].from] = true;
    for (size_t i = 0; read != NULL && i < graph->node_count; i++)
        d->shown[i] |= is_leaf(&graph->nodes[i]) && !read[i];
    gt_memory_free(read);
    return read != NULL;
}

static bool sort_out(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    uint32_t count = (uint32_t)graph->node_count;
    uint32_t *end = gt_memory_new(graph->edge_count, sizeof *end);
    for (size_t i = 0; end != NULL && i < graph->edge_count; i++)
        end[i] = d->joined[i] ? graph->edges[i].to : count;
    bool done = end != NULL && gt_buckets_open(&d->joined_to, end, graph->edge_count, count) &&
                gt_buckets_open(&d->members, d->group, count, count);
    gt_memory_free(end);
    return done;
}

static uint32_t count_steps(const gt_graph *graph)
{
    uint32_t count = 0;
    for (size_t i = 0; i < graph->cluster_count; i++)
        count += graph->clusters[i].kind == GT_GRAPH_STEP;
    return count;
}

bool gt_drawing_open(gt_drawing *d, const gt_graph *graph)
{
    *d = (gt_drawing){.graph = graph, .in_time = count_steps(graph) > 0};
    for (size_t i = 0; i < graph->node_count; i++)
        d->backward |= graph->nodes[i].origin != GT_GRAPH_NONE;
    d->group = gt_memory_new(graph->node_count, sizeof *d->group);
    d->cluster = gt_memory_new(graph->node_count, sizeof *d->cluster);
    d->shown = gt_memory_new(graph->node_count, sizeof *d->shown);
    d->sums = gt_memory_new(graph->node_count, sizeof *d->sums);
    d->joined = gt_memory_new(graph->edge_count, sizeof *d->joined);
    if (!gt_fold_open(&d->fold, graph) || d->group == NULL || d->cluster == NULL || d->shown == NULL ||
        d->sums == NULL || d->joined == NULL)
        return false;
    find_groups(d);
    find_clusters(d);
    find_shown(d);
    return show_lonely_leaves(d) && sort_out(d);
}

void gt_drawing_close(gt_drawing *d)
{
    gt_fold_close(&d->fold);
    gt_buckets_close(&d->members);
    gt_buckets_close(&d->joined_to);
    gt_memory_free(d->group);
    gt_memory_free(d->cluster);
    gt_memory_free(d->shown);
    gt_memory_free(d->sums);
    gt_memory_free(d->joined);
}

bool gt_drawing_has_line(const gt_drawing *d, uint32_t edge)
{
    const gt_graph_edge *e = &d->graph->edges[edge];
    bool to_itself = e->from == e->to && d->sums[e->to];
    return d->fold.operands[edge] == NULL && !d->joined[edge] && d->shown[e->from] && d->shown[e->to] && !to_itself;
}

/* ---- looks --------------------------------------------------------------------------------- */

gt_look gt_look_of(const gt_graph_node *node)
{
    switch (node->kind) {
    case GT_GRAPH_INPUT:
        return GT_LOOK_INPUT;
    case GT_GRAPH_PARAMETER:
        return GT_LOOK_PARAMETER;
    case GT_GRAPH_STATE:
        return GT_LOOK_STATE;
    case GT_GRAPH_CONSTANT:
        return GT_LOOK_CONSTANT;
    case GT_GRAPH_OP:
    case GT_GRAPH_RESULT:
        break;
    }
    return node->backward ? GT_LOOK_BACKWARD : GT_LOOK_OP;
}

/* What one step of an unrolled loop, or the initial state, hands to the next. */
static bool joins_steps(const gt_graph_node *from, const gt_graph_node *to)
{
    return from->cluster != to->cluster && ((from->step >= 0 && to->step >= 0) || from->kind == GT_GRAPH_STATE);
}

gt_line_look gt_line_look_of(const gt_drawing *d, const gt_graph_edge *edge)
{
    const gt_graph_node *from = &d->graph->nodes[edge->from], *to = &d->graph->nodes[edge->to];
    if (edge->kind == GT_GRAPH_NEXT)
        return to->backward ? GT_LINE_ADJOINT_NEXT : GT_LINE_NEXT;
    if (to->backward && edge->kind != GT_GRAPH_VALUE)
        return GT_LINE_ADJOINT_STATE;
    if (to->backward)
        return from->backward ? GT_LINE_ADJOINT : GT_LINE_READ;
    return edge->kind != GT_GRAPH_VALUE || joins_steps(from, to) ? GT_LINE_STATE : GT_LINE_VALUE;
}
