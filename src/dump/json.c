/* A graph as JSON; docs/graph-json.md describes it. */
#include "dump/render.h"

#include "dump/graph.h"

#include <jansson.h>

#define VERSION 1

static json_t *number_or_null(uint32_t number)
{
    return number == GT_GRAPH_NONE ? json_null() : json_integer(number);
}

static json_t *shape_of(gt_shape shape)
{
    json_t *list = json_array();
    for (int32_t i = 0; i < shape.rank; i++)
        json_array_append_new(list, json_integer(shape.size[i]));
    return list;
}

static const char *node_kind(gt_graph_kind kind)
{
    static const char *const names[] = {"op", "input", "parameter", "state", "constant", "result"};
    return names[kind];
}

static const char *edge_kind(gt_graph_edge_kind kind)
{
    static const char *const names[] = {"value", "next", "initial", "enter", "leave"};
    return names[kind];
}

/* An object that could not be made whole is NULL: every reference is then given back. */
static json_t *node_object(const gt_graph_node *node, size_t id)
{
    json_t *value = node->has_value ? json_real(node->value) : NULL;
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "id",
        (json_int_t)id, "kind", node_kind(node->kind), "op", node->op, "label", node->label,
        "detail", node->detail, "name", node->name, "scope", node->scope, "shape",
        shape_of(node->shape), "dtype", gt_dtype_name(node->dtype), "backward", node->backward,
        "output", node->output, "plumbing", node->plumbing, "step",
        node->step < 0 ? json_null() : json_integer(node->step), "cluster",
        number_or_null(node->cluster), "origin", number_or_null(node->origin), "origin_slot",
        node->origin_slot < 0 ? json_null() : json_integer(node->origin_slot));
    if (object != NULL)
        json_object_set_new(object, "value", value != NULL ? value : json_null());
    else
        json_decref(value);
    return object;
}

static json_t *edge_object(const gt_graph_edge *edge)
{
    return json_pack("{s:s, s:I, s:I, s:o}", "kind", edge_kind(edge->kind), "from",
                     (json_int_t)edge->from, "to", (json_int_t)edge->to, "slot",
                     edge->kind == GT_GRAPH_VALUE ? json_integer(edge->slot) : json_null());
}

static json_t *cluster_object(const gt_graph_cluster *cluster, size_t id)
{
    return json_pack("{s:I, s:s, s:s, s:o, s:I, s:o}", "id", (json_int_t)id, "kind",
                     cluster->kind == GT_GRAPH_STEP ? "step" : "scan", "title", cluster->title,
                     "step", cluster->step < 0 ? json_null() : json_integer(cluster->step), "steps",
                     (json_int_t)cluster->steps, "parent", number_or_null(cluster->parent));
}

static json_t *dimensions_object(const gt_graph *graph)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < graph->dimension_count; i++)
        json_object_set_new(object, graph->dimensions[i].name,
                            json_integer(graph->dimensions[i].size));
    return object;
}

static json_t *document(const gt_graph *graph)
{
    json_t *nodes = json_array(), *edges = json_array(), *clusters = json_array();
    int failed = nodes == NULL || edges == NULL || clusters == NULL;
    for (size_t i = 0; i < graph->node_count && !failed; i++)
        failed = json_array_append_new(nodes, node_object(&graph->nodes[i], i));
    for (size_t i = 0; i < graph->edge_count && !failed; i++)
        failed = json_array_append_new(edges, edge_object(&graph->edges[i]));
    for (size_t i = 0; i < graph->cluster_count && !failed; i++)
        failed = json_array_append_new(clusters, cluster_object(&graph->clusters[i], i));
    if (!failed)
        return json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o}", "format", "gradtape graph",
                         "version", VERSION, "title", graph->title, "dimensions",
                         dimensions_object(graph), "clusters", clusters, "nodes", nodes, "edges",
                         edges);
    json_decref(nodes);
    json_decref(edges);
    json_decref(clusters);
    return NULL;
}

static int append(const char *bytes, size_t size, void *text)
{
    gt_text_put(text, bytes, size);
    return ((gt_text *)text)->failed ? -1 : 0;
}

gt_status gt_render_json(const gt_graph *graph, gt_text *text, gt_error *error)
{
    json_t *json = document(graph);
    int failed = json == NULL || json_dump_callback(json, append, text, JSON_INDENT(1)) != 0;
    json_decref(json);
    if (failed)
        return gt_error_set(error, GT_ERROR_MEMORY,
                            "the graph could not be written as JSON: out of memory");
    gt_text_put(text, "\n", 1);
    return GT_OK;
}
