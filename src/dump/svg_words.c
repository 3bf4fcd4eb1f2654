/* What a node is, in words: a title is shown where a pointer rests, and read aloud. */
#include "dump/node_formula.h"
#include "dump/svg.h"

/* By its name, its number, or its formula. */
static void write_name(const gt_drawing *d, uint32_t i, gt_text *text)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    gt_formula formula;
    gt_node_formula(&d->fold, i, &formula);
    if (node->name[0] != '\0')
        gt_svg_write_text(text, node->name);
    else if (node->has_value)
        gt_svg_write_number(text, "", node->value);
    else
        gt_svg_write_text(text, formula.text[0] != '\0' ? formula.text : node->label);
}

static const char *kind_words(const gt_graph_node *node)
{
    static const char *const words[] = {"an operation", "an input", "a parameter", "a state", "a constant", "a result"};
    return node->kind == GT_GRAPH_INPUT && node->backward ? "a gradient from outside" : words[node->kind];
}

static void write_what(const gt_drawing *d, uint32_t i, gt_text *text)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    gt_formula formula;
    write_name(d, i, text);
    if (node->kind != GT_GRAPH_OP) {
        gt_text_print(text, ": %s", kind_words(node));
        return;
    }
    gt_node_formula(&d->fold, i, &formula);
    if (node->name[0] != '\0' && formula.text[0] != '\0') {
        gt_text_print(text, " = ");
        gt_svg_write_text(text, formula.text);
    }
    gt_text_print(text, ": ");
    gt_svg_write_text(text, node->op);
    if (node->detail[0] != '\0') {
        gt_text_print(text, " ");
        gt_svg_write_text(text, node->detail);
    }
}

static void write_shape(const gt_graph *graph, const gt_graph_node *node, gt_text *text)
{
    gt_pool pool = {0};
    const char *shape = gt_shape_text(graph, node->shape, &pool);
    gt_text_print(text, node->shape.rank == 0 ? ", a scalar" : ", of shape ");
    if (shape == NULL)
        text->failed = true;
    else if (node->shape.rank > 0)
        gt_svg_write_text(text, shape);
    gt_pool_free(&pool);
}

/* "for the gradient of Wf": the input of its origin to whose adjoint it contributes. */
static void write_origin(const gt_drawing *d, uint32_t i, gt_text *text)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    if (node->origin == GT_GRAPH_NONE)
        return;
    gt_text_print(text, "; from the reverse rule of ");
    write_name(d, node->origin, text);
    uint32_t k = d->fold.first[node->origin] + (uint32_t)node->origin_slot;
    if (node->origin_slot < 0 || k >= d->fold.first[node->origin + 1])
        return;
    gt_text_print(text, ", for the gradient of ");
    write_name(d, d->graph->edges[d->fold.operand[k]].from, text);
}

void gt_svg_write_node_words(const gt_drawing *d, uint32_t i, gt_text *text)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    write_what(d, i, text);
    write_shape(d->graph, node, text);
    if (d->sums[i])
        gt_text_print(text, "; summed over all time steps");
    write_origin(d, i, text);
    gt_text_print(text, node->output && node->kind != GT_GRAPH_RESULT ? "; a result" : "");
}

void gt_svg_write_edge_words(const gt_drawing *d, uint32_t edge, gt_text *text)
{
    static const char *const words[] = {" reads ", " in the next step is ", " starts as ", " is given ", " is "};
    const gt_graph_edge *e = &d->graph->edges[edge];
    write_name(d, e->to, text);
    gt_text_print(text, "%s", words[e->kind]);
    write_name(d, e->from, text);
}
