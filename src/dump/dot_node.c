/* How nodes and the legend look. Colours: soft tints of Okabe and Ito's palette, which the
 * colour-blind can tell apart; every kind has a shape of its own besides. */
#include "dump/dot.h"

#include <stdio.h>
#include <string.h>

typedef struct look {
    const char *shape, *style, *fill, *line;
    const char *sign;  /* the shape as a character, for the legend */
    const char *words; /* what it stands for */
} look;

enum { LOOK_OP, LOOK_BACKWARD, LOOK_INPUT, LOOK_PARAMETER, LOOK_STATE, LOOK_CONSTANT, LOOK_COUNT };

static const look looks[LOOK_COUNT] = {
    [LOOK_INPUT] = {"ellipse", "filled", "#CDEBE0", "#009E73", "○", "input"},
    [LOOK_PARAMETER] = {"cylinder", "filled", "#FBF3C4", "#A08A00", "⛁", "parameter"},
    [LOOK_STATE] = {"hexagon", "filled", "#F1DCE8", "#B0558A", "⬡", "state"},
    [LOOK_OP] = {"box", "rounded,filled", "#DCECF8", "#0072B2", "▢", "operation"},
    [LOOK_BACKWARD] = {"box", "filled,dashed", "#FBE2D2", "#D55E00", "▭", "backward, dashed"},
    [LOOK_CONSTANT] = {"plain", "\"\"", "#FFFFFF", "#777777", "", ""},
};

static int look_of(const gt_graph_node *node)
{
    switch (node->kind) {
    case GT_GRAPH_INPUT:
        return LOOK_INPUT;
    case GT_GRAPH_PARAMETER:
        return LOOK_PARAMETER;
    case GT_GRAPH_STATE:
        return LOOK_STATE;
    case GT_GRAPH_CONSTANT:
        return LOOK_CONSTANT;
    case GT_GRAPH_OP:
    case GT_GRAPH_RESULT:
        break;
    }
    return node->backward ? LOOK_BACKWARD : LOOK_OP;
}

void gt_draw_text(gt_text *text, const char *words)
{
    for (; *words != '\0'; words++) {
        const char *entity = *words == '<'   ? "&lt;"
                             : *words == '>' ? "&gt;"
                             : *words == '&' ? "&amp;"
                             : *words == '"' ? "&quot;"
                                             : NULL;
        if (entity != NULL)
            gt_text_put(text, entity, strlen(entity));
        else
            gt_text_put(text, (unsigned char)*words < 32 ? " " : words, 1);
    }
}

/* ---- labels -------------------------------------------------------------------------------- */

/* Writes "n_a" or "n_a+n_x" if that is `size`; false if none is. */
static bool write_size_by_name(const gt_drawing *d, int64_t size)
{
    const gt_dimension *list = d->graph->dimensions;
    uint32_t count = d->graph->dimension_count;
    for (uint32_t i = 0; i < count; i++)
        if (list[i].size == size) {
            gt_draw_text(d->text, list[i].name);
            return true;
        }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++)
            if (list[i].size == size - list[k].size) {
                gt_draw_text(d->text, list[i].name);
                gt_text_print(d->text, "+");
                gt_draw_text(d->text, list[k].name);
                return true;
            }
    return false;
}

static void write_size(const gt_drawing *d, int64_t size)
{
    if (size == 1 || !write_size_by_name(d, size))
        gt_text_print(d->text, "%lld", (long long)size);
}

static void write_shape(const gt_drawing *d, gt_shape shape)
{
    gt_text_print(d->text, "(");
    for (int32_t i = 0; i < shape.rank; i++) {
        gt_text_print(d->text, i > 0 ? ", " : "");
        write_size(d, shape.size[i]);
    }
    gt_text_print(d->text, ")");
}

/* "σ", "@ A.T": empty for what is given from outside. */
static void write_op(const gt_drawing *d, const gt_graph_node *node)
{
    const char *folded = d->fold.label[node - d->graph->nodes];
    gt_draw_text(d->text, folded != NULL ? folded : node->label);
    if (folded == NULL && node->detail[0] != '\0') {
        gt_text_print(d->text, "<FONT POINT-SIZE=\"9\"> ");
        gt_draw_text(d->text, node->detail);
        gt_text_print(d->text, "</FONT>");
    }
}

/* The name and the op in one line, the shape below, smaller. */
static void write_label(const gt_drawing *d, const gt_graph_node *node)
{
    bool op = node->kind == GT_GRAPH_OP;
    gt_text_print(d->text, "label=<");
    if (node->name[0] != '\0') {
        gt_text_print(d->text, "<B>");
        gt_draw_text(d->text, node->name);
        gt_text_print(d->text, "</B>");
    }
    if (op) {
        gt_text_print(d->text, node->name[0] != '\0' ? " = " : "");
        write_op(d, node);
    }
    gt_text_print(d->text, "<BR/><FONT POINT-SIZE=\"8\" COLOR=\"#555555\">");
    write_shape(d, node->shape);
    gt_text_print(d->text, "</FONT>>");
}

static void write_constant(const gt_drawing *d, const gt_graph_node *node)
{
    gt_text_print(d->text, "label=<<FONT POINT-SIZE=\"9\" COLOR=\"#555555\">");
    if (node->has_value)
        gt_text_print(d->text, "%.6g", node->value);
    else
        write_op(d, node);
    gt_text_print(d->text, "</FONT>>");
}

/* The frame of a result is solid, and bold. */
static const char *plain_style(const look *l)
{
    return strcmp(l->style, "filled,dashed") == 0 ? "filled" : l->style;
}

static void write_node(const gt_drawing *d, const gt_graph_node *node)
{
    int kind = look_of(node);
    const look *l = &looks[kind];
    bool backward_leaf = node->backward && kind != LOOK_BACKWARD && kind != LOOK_CONSTANT;
    gt_text_print(d->text, " [shape=%s,style=\"%s\",fillcolor=\"%s\",color=\"%s\"%s,", l->shape,
                  kind == LOOK_CONSTANT ? ""
                  : node->output        ? plain_style(l)
                                        : l->style,
                  backward_leaf ? looks[LOOK_BACKWARD].fill : l->fill,
                  backward_leaf ? looks[LOOK_BACKWARD].line : l->line, node->output ? ",penwidth=2.4" : "");
    if (kind == LOOK_CONSTANT)
        write_constant(d, node);
    else
        write_label(d, node);
    gt_text_print(d->text, "];\n");
}

void gt_draw_node(const gt_drawing *d, uint32_t node)
{
    gt_text_print(d->text, "n%u", (unsigned)node);
    write_node(d, &d->graph->nodes[node]);
}

void gt_draw_proxy(const gt_drawing *d, uint32_t edge)
{
    gt_text_print(d->text, "p%u", (unsigned)edge);
    write_node(d, &d->graph->nodes[d->graph->edges[edge].from]);
}

/* ---- the legend ---------------------------------------------------------------------------- */

static bool occurs(const gt_drawing *d, int kind)
{
    for (size_t i = 0; i < d->graph->node_count; i++)
        if (look_of(&d->graph->nodes[i]) == kind)
            return true;
    return false;
}

static bool carries_states(const gt_drawing *d)
{
    for (size_t i = 0; i < d->graph->edge_count; i++)
        if (d->graph->edges[i].kind == GT_GRAPH_NEXT)
            return true;
    return false;
}

static void write_sizes(const gt_drawing *d)
{
    for (uint32_t i = 0; i < d->graph->dimension_count; i++) {
        gt_text_print(d->text, i > 0 ? ", " : "<TD>  ");
        gt_draw_text(d->text, d->graph->dimensions[i].name);
        gt_text_print(d->text, " = %lld", (long long)d->graph->dimensions[i].size);
    }
    gt_text_print(d->text, d->graph->dimension_count > 0 ? "</TD>" : "");
}

void gt_draw_legend(const gt_drawing *d)
{
    gt_text_print(d->text, "labelloc=b;labeljust=c;label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" "
                           "CELLSPACING=\"4\" CELLPADDING=\"3\"><TR>");
    if (d->graph->title[0] != '\0') {
        gt_text_print(d->text, "<TD><B>");
        gt_draw_text(d->text, d->graph->title);
        gt_text_print(d->text, "  </B></TD>");
    }
    static const int order[] = {LOOK_INPUT, LOOK_PARAMETER, LOOK_STATE, LOOK_OP, LOOK_BACKWARD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const look *l = &looks[order[i]];
        if (occurs(d, order[i]))
            gt_text_print(d->text, "<TD BORDER=\"1\" STYLE=\"rounded\" COLOR=\"%s\" BGCOLOR=\"%s\">%s %s</TD>", l->line,
                          l->fill, l->sign, l->words);
    }
    gt_text_print(d->text, "<TD><B>bold frame</B>: result</TD>");
    if (carries_states(d))
        gt_text_print(d->text, "<TD>thick dashes: to the next step</TD>");
    write_sizes(d);
    gt_text_print(d->text, "</TR></TABLE>>;\n");
}
