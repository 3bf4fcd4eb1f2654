/* A graph as JSON; docs/graph-json.md describes it. */
#include "dump/render.h"

#include "dump/graph.h"

#include <jansson.h>
#include <math.h>

#define VERSION 1

/* An object or a list in the making. What cannot be put into it, for lack of memory, makes it fail. */
typedef struct builder {
    json_t *made;
    bool failed;
} builder;

static builder new_object(void)
{
    json_t *made = json_object();
    return (builder){made, made == NULL};
}

static builder new_list(void)
{
    json_t *made = json_array();
    return (builder){made, made == NULL};
}

/* Takes over the value, which is NULL if it could not be made. */
static void set(builder *object, const char *key, json_t *value)
{
    if (object->failed)
        json_decref(value);
    else if (json_object_set_new(object->made, key, value) != 0)
        object->failed = true;
}

static void append(builder *list, json_t *value)
{
    if (list->failed)
        json_decref(value);
    else if (json_array_append_new(list->made, value) != 0)
        list->failed = true;
}

/* NULL if it failed. */
static json_t *finish(builder *b)
{
    if (!b->failed)
        return b->made;
    json_decref(b->made);
    return NULL;
}

static json_t *number_or_null(int64_t number, bool there)
{
    return there ? json_integer(number) : json_null();
}

static json_t *place_or_null(uint32_t place)
{
    return number_or_null(place, place != GT_GRAPH_NONE);
}

static json_t *shape_of(gt_shape shape)
{
    builder list = new_list();
    for (int32_t i = 0; i < shape.rank; i++)
        append(&list, json_integer(shape.size[i]));
    return finish(&list);
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

static json_t *node_object(const gt_graph_node *node, size_t id)
{
    builder object = new_object();
    set(&object, "id", json_integer((json_int_t)id));
    set(&object, "kind", json_string(node_kind(node->kind)));
    set(&object, "op", json_string(node->op));
    set(&object, "label", json_string(node->label));
    set(&object, "detail", json_string(node->detail));
    set(&object, "name", json_string(node->name));
    set(&object, "scope", json_string(node->scope));
    set(&object, "shape", shape_of(node->shape));
    set(&object, "dtype", json_string(gt_dtype_name(node->dtype)));
    set(&object, "backward", json_boolean(node->backward));
    set(&object, "output", json_boolean(node->output));
    set(&object, "plumbing", json_boolean(node->plumbing));
    set(&object, "step", number_or_null(node->step, node->step >= 0));
    set(&object, "cluster", place_or_null(node->cluster));
    set(&object, "origin", place_or_null(node->origin));
    set(&object, "origin_slot", number_or_null(node->origin_slot, node->origin_slot >= 0));
    /* JSON has no number that is not finite. */
    set(&object, "value", node->has_value && isfinite(node->value) ? json_real(node->value) : json_null());
    return finish(&object);
}

static json_t *edge_object(const gt_graph_edge *edge)
{
    builder object = new_object();
    set(&object, "kind", json_string(edge_kind(edge->kind)));
    set(&object, "from", json_integer(edge->from));
    set(&object, "to", json_integer(edge->to));
    set(&object, "slot", number_or_null(edge->slot, edge->kind == GT_GRAPH_VALUE));
    return finish(&object);
}

static json_t *cluster_object(const gt_graph_cluster *cluster, size_t id)
{
    builder object = new_object();
    set(&object, "id", json_integer((json_int_t)id));
    set(&object, "kind", json_string(cluster->kind == GT_GRAPH_STEP ? "step" : "scan"));
    set(&object, "title", json_string(cluster->title));
    set(&object, "step", number_or_null(cluster->step, cluster->step >= 0));
    set(&object, "steps", json_integer(cluster->steps));
    set(&object, "parent", place_or_null(cluster->parent));
    return finish(&object);
}

static json_t *dimensions_object(const gt_graph *graph)
{
    builder object = new_object();
    for (uint32_t i = 0; i < graph->dimension_count; i++)
        if (gt_is_size_name(graph->dimensions[i].name))
            set(&object, graph->dimensions[i].name, json_integer(graph->dimensions[i].size));
    return finish(&object);
}

static json_t *clusters_list(const gt_graph *graph)
{
    builder list = new_list();
    for (size_t i = 0; i < graph->cluster_count && !list.failed; i++)
        append(&list, cluster_object(&graph->clusters[i], i));
    return finish(&list);
}

static json_t *nodes_list(const gt_graph *graph)
{
    builder list = new_list();
    for (size_t i = 0; i < graph->node_count && !list.failed; i++)
        append(&list, node_object(&graph->nodes[i], i));
    return finish(&list);
}

static json_t *edges_list(const gt_graph *graph)
{
    builder list = new_list();
    for (size_t i = 0; i < graph->edge_count && !list.failed; i++)
        append(&list, edge_object(&graph->edges[i]));
    return finish(&list);
}

static json_t *document(const gt_graph *graph)
{
    builder object = new_object();
    set(&object, "format", json_string("gradtape graph"));
    set(&object, "version", json_integer(VERSION));
    set(&object, "title", json_string(graph->title));
    set(&object, "dimensions", dimensions_object(graph));
    set(&object, "clusters", clusters_list(graph));
    set(&object, "nodes", nodes_list(graph));
    set(&object, "edges", edges_list(graph));
    return finish(&object);
}

static int put(const char *bytes, size_t size, void *text)
{
    gt_text_put(text, bytes, size);
    return ((gt_text *)text)->failed ? -1 : 0;
}

/* Whether the text says what the document says: jansson may lose a part when it has no memory. */
static bool says(const gt_text *text, const json_t *document)
{
    json_t *again = json_loadb(text->bytes, text->count, 0, NULL);
    bool same = again != NULL && json_equal(again, document);
    json_decref(again);
    return same;
}

gt_status gt_render_json(const gt_graph *graph, gt_text *text, gt_error *error)
{
    json_t *json = document(graph);
    bool whole = json != NULL && json_dump_callback(json, put, text, JSON_INDENT(1)) == 0 && says(text, json);
    json_decref(json);
    if (!whole)
        return gt_error_set(error, GT_ERROR_MEMORY, "the graph could not be written as JSON: out of memory");
    gt_text_put(text, "\n", 1);
    return GT_OK;
}
