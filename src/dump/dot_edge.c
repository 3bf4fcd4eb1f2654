/* How edges look, and which of them the layout follows. */
#include "dump/dot.h"

/* Forward edges within a step make the order of the layout; all others are drawn into it. */
static bool shapes_layout(const gt_drawing *d, const gt_graph_edge *edge)
{
    const gt_graph_node *from = &d->graph->nodes[edge->from], *to = &d->graph->nodes[edge->to];
    if (edge->kind == GT_GRAPH_NEXT || from->backward || to->backward)
        return false;
    return !d->in_time || from->cluster == to->cluster || from->kind == GT_GRAPH_STATE;
}

/* An adjoint that flows back along a forward edge, from one group to another. */
static bool mirrors_forward(const gt_drawing *d, const gt_graph_edge *edge)
{
    const gt_graph *graph = d->graph;
    uint32_t from = d->group[edge->from], to = d->group[edge->to];
    if (edge->kind != GT_GRAPH_VALUE || from == to || !graph->nodes[edge->from].backward)
        return false;
    for (uint32_t k = d->entering.first[from]; k < d->entering.first[from + 1]; k++) {
        const gt_graph_edge *forward = &graph->edges[d->entering.list[k]];
        if (forward->kind == GT_GRAPH_VALUE && d->group[forward->from] == to && !graph->nodes[forward->to].backward &&
            !graph->nodes[forward->from].backward)
            return true;
    }
    return false;
}

/* What one step of an unrolled loop, or the initial state, hands to the next. */
static bool joins_steps(const gt_drawing *d, const gt_graph_edge *edge)
{
    const gt_graph_node *from = &d->graph->nodes[edge->from], *to = &d->graph->nodes[edge->to];
    return edge->kind == GT_GRAPH_VALUE && !to->backward && from->cluster != to->cluster &&
           ((from->step >= 0 && to->step >= 0) || from->kind == GT_GRAPH_STATE);
}

/* It leaves high in its step and enters low in the next: turned, the layout can follow it. */
static bool from_earlier_step(const gt_drawing *d, const gt_graph_edge *edge)
{
    return d->in_time && joins_steps(d, edge) && d->graph->nodes[edge->from].step >= 0;
}

static const char *style_of(const gt_drawing *d, const gt_graph_edge *edge)
{
    const gt_graph_node *from = &d->graph->nodes[edge->from], *to = &d->graph->nodes[edge->to];
    if (edge->kind == GT_GRAPH_NEXT)
        return to->backward ? "style=dashed,color=\"#D55E00\",penwidth=1.4"
                            : "style=dashed,color=\"#B0558A\",penwidth=1.4";
    if (to->backward && edge->kind != GT_GRAPH_VALUE)
        return "style=bold,color=\"#D55E00\"";
    if (edge->kind != GT_GRAPH_VALUE || joins_steps(d, edge))
        return "style=bold,color=\"#B0558A\"";
    if (!to->backward)
        return "";
    if (!from->backward)
        return "style=dotted,color=\"#888888\",penwidth=0.8,arrowsize=0.4";
    return "style=dashed,color=\"#D55E00\"";
}

static void write_end(const gt_drawing *d, uint32_t edge)
{
    if (d->proxy[edge] != GT_GRAPH_NONE)
        gt_text_print(d->text, "p%u", (unsigned)d->proxy[edge]);
    else
        gt_text_print(d->text, "n%u", (unsigned)d->graph->edges[edge].from);
}

static void write_edge(const gt_drawing *d, uint32_t i)
{
    const gt_graph_edge *edge = &d->graph->edges[i];
    const gt_graph_node *from = &d->graph->nodes[edge->from], *to = &d->graph->nodes[edge->to];
    /* What enters the backward half stands behind, what leaves it in front: the edge is turned. */
    bool entering = from->backward && from->kind != GT_GRAPH_OP && from->kind != GT_GRAPH_CONSTANT;
    /* Within a step it is turned; from the step after, it leads upward as it is. */
    bool mirror = mirrors_forward(d, edge), mirrored = mirror && from->cluster == to->cluster;
    bool turned = d->proxy[i] == GT_GRAPH_NONE && edge->kind != GT_GRAPH_NEXT &&
                  (entering || mirrored || from_earlier_step(d, edge) || (to->backward && to->kind == GT_GRAPH_RESULT));
    if (turned) {
        gt_text_print(d->text, "n%u -> n%u [dir=back,", (unsigned)edge->to, (unsigned)edge->from);
    } else {
        write_end(d, i);
        gt_text_print(d->text, " -> n%u [", (unsigned)edge->to);
    }
    gt_text_print(d->text, "%s", style_of(d, edge));
    bool close = d->group[edge->from] == d->group[edge->to] || d->proxy[i] != GT_GRAPH_NONE;
    if (!turned && !mirror && !close && !shapes_layout(d, edge))
        gt_text_print(d->text, "%sconstraint=false", style_of(d, edge)[0] != 0 ? "," : "");
    if (edge->kind == GT_GRAPH_NEXT && edge->from == edge->to)
        gt_text_print(d->text, ",xlabel=\"sum over t\"");
    gt_text_print(d->text, "];\n");
}

void gt_draw_edges(const gt_drawing *d)
{
    for (uint32_t i = 0; i < d->graph->edge_count; i++)
        if (d->fold.operands[i] == NULL && !d->fold.folded[d->graph->edges[i].to])
            write_edge(d, i);
}
