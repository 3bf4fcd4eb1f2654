/* Marking and naming the outputs. */
#include "dump/build.h"

#include <string.h>

typedef struct output_place {
    uint32_t entry; /* what the output is made of */
    bool in_loop;   /* its value at every step of a scan */
    bool own_name;  /* the output is called as its node is, whose step is then left out */
    bool moved;     /* stands somewhere else, outside of scans */
    bool last;      /* the value of a carried state after the last step */
} output_place;

/* Follows an output through what is hidden, to the body node of a scan, say. */
static output_place find_place(const gt_collection *c, uint32_t i)
{
    output_place place = {.entry = i};
    while (c->entries[place.entry].hidden && c->entries[place.entry].alias != GT_GRAPH_NONE) {
        gt_var v = c->entries[place.entry].var;
        if (gt_var_op(v)->op_class == GT_CLASS_PART && gt_var_scan(v) != NULL) {
            gt_shape inside = gt_var_shape(gt_scan_part_inside(v));
            place.in_loop = gt_var_shape(v).rank > inside.rank;
            place.last = !place.in_loop;
        } else {
            place.moved = true;
        }
        place.entry = c->entries[place.entry].alias;
    }
    return place;
}

/* A node of its own for an output whose node is called something else. */
static bool add_result(gt_builder *b, uint32_t from, const char *name, bool inside, bool last)
{
    gt_graph *graph = b->graph;
    gt_graph_node result = graph->nodes[from];
    result.kind = GT_GRAPH_RESULT;
    result.output = true;
    result.op = result.label = result.detail = "";
    result.has_value = false;
    result.place = GT_GRAPH_NONE;
    result.origin = GT_GRAPH_NONE;
    result.origin_slot = -1;
    result.name = gt_graph_text(graph, name);
    if (!inside) {
        result.cluster = GT_GRAPH_NONE;
        result.step = -1;
    }
    uint32_t to = (uint32_t)graph->node_count;
    return result.name != NULL && gt_graph_add_node(graph, &result) &&
           gt_graph_add_edge(graph, last ? GT_GRAPH_LEAVE : GT_GRAPH_VALUE, from, to, 0);
}

/* A sum over steps: what it adds to itself. */
static bool is_sum_over_steps(const gt_graph *graph, uint32_t node)
{
    for (size_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].kind == GT_GRAPH_NEXT && graph->edges[i].from == node && graph->edges[i].to == node)
            return true;
    return false;
}

static bool mark(gt_builder *b, uint32_t from, const char *name, output_place place)
{
    gt_graph_node *node = &b->graph->nodes[from];
    bool named = node->name[0] != '\0';
    if (name[0] == '\0' || strcmp(node->name, name) == 0) {
        node->output = true;
        return true;
    }
    if (place.own_name && !node->output)
        named = false;
    if (named || node->output || (place.last && !is_sum_over_steps(b->graph, from)))
        return add_result(b, from, name, !place.last, place.last);
    node->name = gt_graph_text(b->graph, name);
    node->output = true;
    return node->name != NULL;
}

static bool mark_output(gt_builder *b, const gt_graph_output *output)
{
    gt_collection *c = b->c;
    const char *name = output->name != NULL ? output->name : gt_var_name(output->var);
    char text[GT_GRAPH_NAME_SIZE];
    output_place place = find_place(c, gt_collection_entry(c, 0, output->var));
    if (!gt_sources_find(&b->sources, c, place.entry))
        return false;
    /* Steps put together, or one of them. */
    bool sequence = c->entries[place.entry].hidden || place.moved;
    place.own_name = place.entry == output->var.index - 1 && strcmp(name, gt_var_name(output->var)) == 0;
    for (size_t i = 0; i < b->sources.count; i++) {
        const gt_entry *entry = &c->entries[b->sources.list[i]];
        if (entry->node == GT_GRAPH_NONE)
            continue;
        if (place.in_loop)
            gt_name_in_loop(text, name, 0);
        else
            gt_name_at_step(text, name, sequence && !c->options->everything ? entry->step : -1);
        if (!mark(b, entry->node, text, place))
            return false;
    }
    return true;
}

bool gt_build_outputs(gt_builder *b)
{
    for (uint32_t i = 0; i < b->c->output_count; i++)
        if (!mark_output(b, &b->c->outputs[i]))
            return false;
    return true;
}
