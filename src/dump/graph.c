/* The model of a graph: what it holds, and looking at it. */
#include "dump/graph.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

void gt_graph_free(gt_graph *graph)
{
    if (graph == NULL)
        return;
    gt_memory_free(graph->nodes);
    gt_memory_free(graph->edges);
    gt_memory_free(graph->clusters);
    gt_pool_free(&graph->texts);
    gt_memory_free(graph);
}

const char *gt_graph_text(gt_graph *graph, const char *text)
{
    if (text == NULL || *text == '\0')
        return "";
    size_t size = strlen(text) + 1;
    char *copy = gt_pool_new(&graph->texts, size, 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, size);
    /* Neither JSON nor SVG can hold anything else. */
    if (!gt_utf8_valid(copy, size - 1))
        for (char *byte = copy; *byte != '\0'; byte++)
            *byte = (unsigned char)*byte < 0x80 ? *byte : '?';
    return copy;
}

bool gt_graph_add_node(gt_graph *graph, const gt_graph_node *node)
{
    if (!GT_RESERVE(graph->nodes, graph->node_capacity, graph->node_count + 1))
        return false;
    graph->nodes[graph->node_count++] = *node;
    return true;
}

bool gt_graph_add_edge(gt_graph *graph, gt_graph_edge_kind kind, uint32_t from, uint32_t to, uint32_t slot)
{
    if (!GT_RESERVE(graph->edges, graph->edge_capacity, graph->edge_count + 1))
        return false;
    graph->edges[graph->edge_count++] = (gt_graph_edge){kind, from, to, slot};
    return true;
}

bool gt_graph_add_cluster(gt_graph *graph, const gt_graph_cluster *cluster)
{
    if (!GT_RESERVE(graph->clusters, graph->cluster_capacity, graph->cluster_count + 1))
        return false;
    graph->clusters[graph->cluster_count++] = *cluster;
    return true;
}

uint32_t gt_graph_node_count(const gt_graph *graph)
{
    return graph == NULL ? 0 : (uint32_t)graph->node_count;
}

uint32_t gt_graph_edge_count(const gt_graph *graph)
{
    return graph == NULL ? 0 : (uint32_t)graph->edge_count;
}

uint32_t gt_graph_cluster_count(const gt_graph *graph)
{
    return graph == NULL ? 0 : (uint32_t)graph->cluster_count;
}

const gt_graph_node *gt_graph_node_at(const gt_graph *graph, uint32_t i)
{
    return i < gt_graph_node_count(graph) ? &graph->nodes[i] : NULL;
}

const gt_graph_edge *gt_graph_edge_at(const gt_graph *graph, uint32_t i)
{
    return i < gt_graph_edge_count(graph) ? &graph->edges[i] : NULL;
}

const gt_graph_cluster *gt_graph_cluster_at(const gt_graph *graph, uint32_t i)
{
    return i < gt_graph_cluster_count(graph) ? &graph->clusters[i] : NULL;
}

const char *gt_graph_title(const gt_graph *graph)
{
    return graph == NULL ? "" : graph->title;
}

bool gt_is_size_name(const char *name)
{
    for (; isalnum((unsigned char)*name) || *name == '_'; name++) {
    }
    return *name == '\0';
}
