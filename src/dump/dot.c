#include "dump/dot.h"

#include "base/memory.h"

#include <string.h>

bool gt_drawn_at_uses(const gt_graph_node *node)
{
    return node->kind == GT_GRAPH_PARAMETER || (node->kind == GT_GRAPH_CONSTANT && !node->output);
}

/* ---- groups -------------------------------------------------------------------------------- */

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

/* An initial state stands in the step that reads it, if that is one. */
static uint32_t cluster_of(const gt_drawing *d, uint32_t node)
{
    const gt_graph *graph = d->graph;
    uint32_t cluster = graph->nodes[node].cluster, reader = GT_GRAPH_NONE;
    if (!d->in_time || graph->nodes[node].kind != GT_GRAPH_STATE || cluster != GT_GRAPH_NONE)
        return cluster;
    for (size_t i = 0; i < graph->edge_count; i++) {
        const gt_graph_node *to = &graph->nodes[graph->edges[i].to];
        if (graph->edges[i].from != node || to->backward)
            continue;
        if (reader != GT_GRAPH_NONE && to->cluster != reader)
            return cluster;
        reader = to->cluster;
    }
    return reader;
}

/* Nodes by group and by cluster, edges by the group that they enter. False on no memory. */
static bool sort_out(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    uint32_t count = (uint32_t)graph->node_count;
    uint32_t *entered = gt_memory_new(graph->edge_count, sizeof *entered);
    for (size_t i = 0; entered != NULL && i < graph->edge_count; i++)
        entered[i] = d->group[graph->edges[i].to];
    for (uint32_t i = 0; i < count; i++)
        d->cluster[i] = cluster_of(d, i);
    bool done = entered != NULL && gt_buckets_open(&d->members, d->group, count, count) &&
                gt_buckets_open(&d->entering, entered, graph->edge_count, count) &&
                gt_buckets_open(&d->clustered, d->cluster, count, (uint32_t)graph->cluster_count);
    gt_memory_free(entered);
    return done;
}

/* The edge that carries the proxy which edge `i` starts at; `first` is where those of its group start. */
static uint32_t proxy_of(const gt_drawing *d, uint32_t i, uint32_t first)
{
    const gt_graph *graph = d->graph;
    const gt_graph_node *from = &graph->nodes[graph->edges[i].from];
    if (!gt_drawn_at_uses(from) || d->fold.operands[i] != NULL)
        return GT_GRAPH_NONE;
    for (uint32_t k = first; d->entering.list[k] < i && from->kind == GT_GRAPH_PARAMETER; k++) {
        uint32_t other = d->entering.list[k];
        if (graph->edges[other].from == graph->edges[i].from && d->fold.operands[other] == NULL)
            return other;
    }
    return i;
}

/* The first edge from one leaf into one group carries the proxy; the others share it. */
static void find_proxies(gt_drawing *d)
{
    for (uint32_t group = 0; group < d->graph->node_count; group++)
        for (uint32_t k = d->entering.first[group]; k < d->entering.first[group + 1]; k++)
            d->proxy[d->entering.list[k]] = proxy_of(d, d->entering.list[k], d->entering.first[group]);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_group(const gt_drawing *d, uint32_t group)
{
    uint32_t first = d->members.first[group], end = d->members.first[group + 1];
    if (first == end)
        return;
    gt_text_print(d->text, "subgraph cluster_group%u {%s\n{rank=same;\n", (unsigned)group,
                  d->backward && end > first + 1 ? "style=\"rounded\";color=\"#CCCCCC\";margin=5;label=\"\";"
                                                 : "style=invis;margin=2;label=\"\";");
    for (uint32_t k = d->entering.first[group]; k < d->entering.first[group + 1]; k++)
        if (d->proxy[d->entering.list[k]] == d->entering.list[k])
            gt_draw_proxy(d, d->entering.list[k]);
    for (uint32_t k = first; k < end; k++) {
        uint32_t member = d->members.list[k];
        if (!gt_drawn_at_uses(&d->graph->nodes[member]) && !d->fold.folded[member])
            gt_draw_node(d, member);
    }
    gt_text_print(d->text, "}}\n");
}

/* GT_GRAPH_NONE: those outside of all clusters. */
static void write_groups(const gt_drawing *d, uint32_t cluster)
{
    uint32_t count = (uint32_t)d->graph->cluster_count;
    uint32_t bucket = cluster < count ? cluster : count;
    for (uint32_t k = d->clustered.first[bucket]; k < d->clustered.first[bucket + 1]; k++) {
        uint32_t node = d->clustered.list[k];
        if (d->group[node] == node && !gt_drawn_at_uses(&d->graph->nodes[node]))
            write_group(d, node);
    }
}

static void open_cluster(const gt_drawing *d, uint32_t i)
{
    const gt_graph_cluster *cluster = &d->graph->clusters[i];
    gt_text_print(d->text,
                  "subgraph cluster_%u {style=\"rounded,filled\";color=\"#BBBBBB\";"
                  "fillcolor=\"#FAFAFA\";fontsize=13;fontcolor=\"#444444\";margin=8;labeljust=l;"
                  "label=<<B>",
                  (unsigned)i);
    gt_draw_text(d->text, cluster->title);
    gt_text_print(d->text, "</B>>;\n");
}

/* A cluster's parent has a smaller number; what it holds is written when its last child is open. */
static void write_clusters(const gt_drawing *d, uint32_t parent)
{
    uint32_t count = (uint32_t)d->graph->cluster_count, at = parent;
    uint32_t next = parent == GT_GRAPH_NONE ? 0 : parent + 1;
    write_groups(d, parent);
    for (;;) {
        while (next < count && d->graph->clusters[next].parent != at)
            next++;
        if (next < count) {
            open_cluster(d, next);
            write_groups(d, next);
            at = next++;
        } else if (at != parent) {
            gt_text_print(d->text, "}\n");
            next = at + 1;
            at = d->graph->clusters[at].parent;
        } else {
            return;
        }
    }
}

/*
 * Steps from left to right. Left alone, Graphviz places clusters in any order:
 * so an invisible node below them points to one node of each, in order.
 */
static void write_order(const gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    gt_text_print(d->text, "below [shape=point,width=0.01,height=0.01,style=invis,label=\"\",ordering=out];\n");
    for (uint32_t k = 0; k < graph->cluster_count; k++) {
        if (graph->clusters[k].kind != GT_GRAPH_STEP)
            continue;
        for (uint32_t i = d->clustered.first[k]; i < d->clustered.first[k + 1]; i++) {
            uint32_t node = d->clustered.list[i];
            if (graph->nodes[node].cluster == k && d->is_first[node]) {
                gt_text_print(d->text, "below -> n%u [style=invis];\n", (unsigned)node);
                break;
            }
        }
    }
}

/* Where each step begins: forward nodes that are drawn once and read nothing of their own step. */
static void find_first(gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        d->is_first[i] = !graph->nodes[i].backward && !gt_drawn_at_uses(&graph->nodes[i]);
    for (size_t i = 0; i < graph->edge_count; i++) {
        const gt_graph_edge *edge = &graph->edges[i];
        if (edge->kind == GT_GRAPH_VALUE && !gt_drawn_at_uses(&graph->nodes[edge->from]) &&
            graph->nodes[edge->from].cluster == graph->nodes[edge->to].cluster)
            d->is_first[edge->to] = false;
    }
}

static uint32_t count_steps(const gt_graph *graph)
{
    uint32_t count = 0;
    for (size_t i = 0; i < graph->cluster_count; i++)
        count += graph->clusters[i].kind == GT_GRAPH_STEP;
    return count;
}

static void write_drawing(const gt_drawing *d)
{
    gt_text_print(d->text,
                  "digraph gradtape {\n"
                  "graph [rankdir=%s,newrank=true,nodesep=0.12,ranksep=0.28,splines=true,"
                  "bgcolor=white,pad=0.15,charset=\"UTF-8\","
                  "fontname=\"DejaVu Sans,sans-serif\",fontsize=13];\n"
                  "node [fontname=\"DejaVu Sans,sans-serif\",fontsize=11,height=0.25,"
                  "width=0.3,margin=\"0.07,0.035\",style=filled,penwidth=1];\n"
                  "edge [fontname=\"DejaVu Sans,sans-serif\",fontsize=9,arrowsize=0.55,"
                  "color=\"#555555\",penwidth=0.9];\n",
                  d->in_time ? "BT" : "LR");
    gt_draw_legend(d);
    write_clusters(d, GT_GRAPH_NONE);
    if (d->in_time)
        write_order(d);
    gt_draw_edges(d);
    gt_text_print(d->text, "}\n");
}

static void close_drawing(gt_drawing *d)
{
    gt_fold_close(&d->fold);
    gt_buckets_close(&d->members);
    gt_buckets_close(&d->entering);
    gt_buckets_close(&d->clustered);
    gt_memory_free(d->group);
    gt_memory_free(d->cluster);
    gt_memory_free(d->is_first);
    gt_memory_free(d->proxy);
}

bool gt_graph_describe(const gt_graph *graph, gt_text *text)
{
    gt_drawing d = {.graph = graph, .text = text, .in_time = count_steps(graph) > 1};
    for (size_t i = 0; i < graph->node_count; i++)
        d.backward |= graph->nodes[i].origin != GT_GRAPH_NONE;
    d.group = gt_memory_new(graph->node_count, sizeof *d.group);
    d.cluster = gt_memory_new(graph->node_count, sizeof *d.cluster);
    d.is_first = gt_memory_new(graph->node_count, sizeof *d.is_first);
    d.proxy = gt_memory_new(graph->edge_count, sizeof *d.proxy);
    bool ready =
        gt_fold_open(&d.fold, graph) && d.group != NULL && d.cluster != NULL && d.is_first != NULL && d.proxy != NULL;
    if (ready) {
        find_groups(&d);
        ready = sort_out(&d);
    }
    if (ready) {
        find_proxies(&d);
        find_first(&d);
        write_drawing(&d);
    } else {
        text->failed = true;
    }
    close_drawing(&d);
    return !text->failed;
}
