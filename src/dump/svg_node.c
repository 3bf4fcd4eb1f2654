/* Nodes, what is joined to them, and the legend. */
#include "dump/svg.h"

#include <string.h>

static void write_pair(gt_text *text, const char *x_name, double x, const char *y_name, double y)
{
    gt_text_print(text, " %s=", x_name);
    gt_svg_write_number(text, "\"", x);
    gt_text_print(text, "\" %s=", y_name);
    gt_svg_write_number(text, "\"", y);
    gt_text_print(text, "\"");
}

static void write_rectangle(gt_text *text, double x, double y, double width, double height, double radius)
{
    gt_text_print(text, "<rect class=\"box\"");
    write_pair(text, "x", x - width / 2, "y", y - height / 2);
    write_pair(text, "width", width, "height", height);
    if (radius > 0)
        gt_svg_write_number(text, " rx=\"", radius);
    gt_text_print(text, radius > 0 ? "\"/>" : "/>");
}

static void write_hexagon(gt_text *text, double x, double y, double width, double height)
{
    double right = width / 2, bottom = height / 2, corner = right - (height < 20 ? 5 : 10);
    const double corners[6][2] = {{-corner, -bottom}, {corner, -bottom}, {right, 0},
                                  {corner, bottom},   {-corner, bottom}, {-right, 0}};
    gt_text_print(text, "<path class=\"box\" d=\"");
    for (int i = 0; i < 6; i++) {
        gt_svg_write_number(text, i == 0 ? "M" : "L", x + corners[i][0]);
        gt_svg_write_number(text, " ", y + corners[i][1]);
    }
    gt_text_print(text, "z\"/>");
}

static void write_shape(gt_text *text, gt_look look, double x, double y, double width, double height)
{
    if (look == GT_LOOK_INPUT) {
        gt_text_print(text, "<ellipse class=\"box\"");
        write_pair(text, "cx", x, "cy", y);
        write_pair(text, "rx", width / 2, "ry", height / 2);
        gt_text_print(text, "/>");
    } else if (look == GT_LOOK_STATE) {
        write_hexagon(text, x, y, width, height);
    } else {
        write_rectangle(text, x, y, width, height, look == GT_LOOK_OP ? 6 : 0);
    }
}

static void write_part(gt_text *text, const char *class, const char *words)
{
    if (words[0] == '\0')
        return;
    if (class[0] != '\0')
        gt_text_print(text, "<tspan class=\"%s\">", class);
    gt_svg_write_text(text, words);
    gt_text_print(text, "%s", class[0] == '\0' ? "" : "</tspan>");
}

static void open_text(gt_text *text, const char *class, double x, double y)
{
    gt_text_print(text, class[0] == '\0' ? "<text" : "<text class=\"%s\"", class);
    write_pair(text, "x", x, "y", y);
    gt_text_print(text, ">");
}

/* The name and the op in one line, the shape below, smaller. */
static void write_label(const gt_box *box, gt_text *text)
{
    double x = box->x + box->core_x, y = box->y + box->core_y;
    double lower = box->core_height < 28 ? 8.8 : 10, upper = box->core_height < 28 ? -1.5 : -1;
    open_text(text, "", x, y + upper);
    write_part(text, "name", box->name);
    write_part(text, "", box->name[0] != '\0' && box->op[0] != '\0' ? " = " : "");
    write_part(text, "", box->op);
    write_part(text, "", box->detail[0] != '\0' ? " " : "");
    write_part(text, "detail", box->detail);
    gt_text_print(text, "</text>");
    open_text(text, "shape", x, y + lower);
    gt_svg_write_text(text, box->shape);
    gt_text_print(text, "</text>");
}

/* The first chip of a node stands for it. */
static bool stands_for(const gt_scene *scene, const gt_chip *chip)
{
    const gt_graph *graph = scene->drawing.graph;
    for (uint32_t i = 0; i < chip->edge; i++)
        if (scene->drawing.joined[i] && graph->edges[i].from == graph->edges[chip->edge].from &&
            scene->arrangement.boxes[graph->edges[i].to].placed)
            return false;
    return true;
}

static void write_chip(const gt_scene *scene, const gt_box *box, const gt_chip *chip, gt_text *text)
{
    uint32_t node = scene->drawing.graph->edges[chip->edge].from;
    const gt_graph_node *at = &scene->drawing.graph->nodes[node];
    double x = box->x + chip->x, y = box->y + chip->y;
    gt_text_print(text, "<g id=\"e%u\" class=\"joined %s\">", (unsigned)chip->edge, gt_look_name(gt_look_of(at)));
    if (stands_for(scene, chip))
        gt_text_print(text, "<g id=\"n%u\">", (unsigned)node);
    else
        gt_text_print(text, "<g data-node=\"n%u\">", (unsigned)node);
    gt_text_print(text, "<title>");
    gt_svg_write_node_words(&scene->drawing, node, text);
    gt_text_print(text, "</title>");
    write_rectangle(text, x, y, chip->width, chip->height, 0);
    open_text(text, at->kind == GT_GRAPH_PARAMETER ? "name" : "", x, y + (chip->shape[0] != '\0' ? -1.5 : 4));
    gt_svg_write_text(text, chip->name);
    gt_text_print(text, "</text>");
    if (chip->shape[0] != '\0') {
        open_text(text, "shape", x, y + 9);
        gt_svg_write_text(text, chip->shape);
        gt_text_print(text, "</text>");
    }
    gt_text_print(text, "</g></g>");
}

void gt_svg_write_node(const gt_scene *scene, uint32_t i, gt_text *text)
{
    const gt_graph_node *node = &scene->drawing.graph->nodes[i];
    const gt_box *box = &scene->arrangement.boxes[i];
    gt_look look = gt_look_of(node);
    bool leaf = node->kind == GT_GRAPH_INPUT || node->kind == GT_GRAPH_STATE;
    gt_text_print(text, "<g id=\"n%u\" class=\"node %s%s%s\"><title>", (unsigned)i, gt_look_name(look),
                  leaf && node->backward ? " backward" : "", node->output ? " result" : "");
    gt_svg_write_node_words(&scene->drawing, i, text);
    gt_text_print(text, "</title>");
    write_shape(text, look, box->x + box->core_x, box->y + box->core_y, box->core_width, box->core_height);
    write_label(box, text);
    for (uint32_t k = 0; k < box->chip_count; k++)
        write_chip(scene, box, &box->chips[k], text);
    gt_text_print(text, "</g>\n");
}

/* ---- the legend ---------------------------------------------------------------------------- */

void gt_svg_write_legend(const gt_scene *scene, gt_text *text)
{
    gt_text_print(text, "<g class=\"legend\">\n");
    for (uint32_t i = 0; i < scene->legend_count; i++) {
        const gt_legend_item *item = &scene->legend[i];
        double beside = item->kind == GT_LEGEND_LOOK ? 19 : 0;
        gt_text_print(text, "<g class=\"%s\">", item->kind == GT_LEGEND_LOOK ? gt_look_name(item->look) : "words");
        if (item->kind == GT_LEGEND_LOOK)
            write_shape(text, item->look, item->x + 7, item->y, 15, 11);
        open_text(text, item->kind == GT_LEGEND_TITLE ? "title" : "", item->x + beside, item->y + 4);
        gt_svg_write_text(text, item->text);
        gt_text_print(text, "</text></g>\n");
    }
    gt_text_print(text, "</g>\n");
}
