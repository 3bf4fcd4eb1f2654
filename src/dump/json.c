/* A graph as JSON; docs/graph-json.md describes it. */
#include "dump/render.h"

#include "dump/graph.h"
#include "dump/node_formula.h"
#include "dump/scene.h"

#include <jansson.h>
#include <math.h>

#define VERSION 2

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

/* What is written, and what it takes. */
typedef struct written {
    const gt_graph *graph;
    gt_fold fold;
    gt_scene scene;
    bool placed; /* there is a picture */
} written;

/* JSON has no number that is not finite. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *attributes_of(const gt_graph_node *node)
{
    builder list = new_list();
    for (uint32_t i = 0; i < node->attribute_count; i++)
        append(&list, json_integer(node->attributes[i]));
    return finish(&list);
}

static json_t *values_of(const gt_graph_node *node)
{
    if (node->values == NULL)
        return json_null();
    builder list = new_list();
    for (int64_t i = 0; i < gt_shape_count(node->shape); i++)
        append(&list, number(node->values[i]));
    return finish(&list);
}

/* To a hundredth, as the SVG has it. */
static json_t *place_number(double value)
{
    return json_real(round(value * 100) / 100);
}

/* The middle of its box in the picture, and its extents. */
static void set_place(builder *object, const written *w, size_t id)
{
    const gt_box *box = w->placed ? &w->scene.arrangement.boxes[id] : NULL;
    bool there = box != NULL && box->placed;
    set(object, "x", there ? place_number(box->x + box->core_x) : json_null());
    set(object, "y", there ? place_number(box->y + box->core_y) : json_null());
    set(object, "width", there ? place_number(box->core_width) : json_null());
    set(object, "height", there ? place_number(box->core_height) : json_null());
}

static json_t *node_object(const written *w, size_t id)
{
    const gt_graph_node *node = &w->graph->nodes[id];
    builder object = new_object();
    gt_formula formula;
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
    set(&object, "attributes", attributes_of(node));
    gt_node_formula(&w->fold, (uint32_t)id, &formula);
    set(&object, "formula", json_string(formula.text));
    set(&object, "value", number(node->has_value ? node->value : NAN));
    set(&object, "values", values_of(node));
    set_place(&object, w, id);
    return finish(&object);
}

static json_t *edge_object(const gt_graph_edge *edge, size_t id)
{
    builder object = new_object();
    set(&object, "id", json_integer((json_int_t)id));
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

static json_t *nodes_list(const written *w)
{
    builder list = new_list();
    for (size_t i = 0; i < w->graph->node_count && !list.failed; i++)
        append(&list, node_object(w, i));
    return finish(&list);
}

static json_t *edges_list(const gt_graph *graph)
{
    builder list = new_list();
    for (size_t i = 0; i < graph->edge_count && !list.failed; i++)
        append(&list, edge_object(&graph->edges[i], i));
    return finish(&list);
}

static json_t *document(const written *w)
{
    const gt_graph *graph = w->graph;
    builder object = new_object();
    set(&object, "format", json_string("gradtape graph"));
    set(&object, "version", json_integer(VERSION));
    set(&object, "title", json_string(graph->title));
    set(&object, "dimensions", dimensions_object(graph));
    set(&object, "clusters", clusters_list(graph));
    set(&object, "width", w->placed ? place_number(w->scene.width) : json_null());
    set(&object, "height", w->placed ? place_number(w->scene.height) : json_null());
    set(&object, "nodes", nodes_list(w));
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

/* With a picture if the graph can be one. */
static bool open_written(written *w, const gt_graph *graph)
{
    *w = (written){.graph = graph};
    w->placed = !graph->everything && gt_drawn_count(graph) <= GT_GRAPH_LARGEST_PICTURE;
    return gt_fold_open(&w->fold, graph) && (!w->placed || gt_scene_open(&w->scene, graph));
}

gt_status gt_render_json(const gt_graph *graph, gt_text *text, gt_error *error)
{
    written w;
    json_t *json = open_written(&w, graph) ? document(&w) : NULL;
    gt_scene_close(&w.scene);
    gt_fold_close(&w.fold);
    bool whole = json != NULL && json_dump_callback(json, put, text, JSON_INDENT(1)) == 0 && says(text, json);
    json_decref(json);
    if (!whole)
        return gt_error_set(error, GT_ERROR_MEMORY, "the graph could not be written as JSON: out of memory");
    gt_text_put(text, "\n", 1);
    return GT_OK;
}
