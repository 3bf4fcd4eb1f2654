/*
 * What `dot -Kneato -n2` draws as it is described: places are in points, from the lower left
 * corner. Any other of Graphviz's programs finds nodes, clusters and edges, and lays them out anew.
 */
#include "dump/dot.h"

#include "dump/measure.h"
#include "dump/svg.h"

#include <math.h>

typedef struct look {
    const char *shape, *style, *fill, *line;
} look;

static const look looks[GT_LOOK_COUNT] = {
    [GT_LOOK_INPUT] = {"ellipse", "filled", "#CDEBE0", "#008A63"},
    [GT_LOOK_PARAMETER] = {"box", "filled", "#FBF3C4", "#8F7B00"},
    [GT_LOOK_STATE] = {"hexagon", "filled", "#F1DCE8", "#B0558A"},
    [GT_LOOK_OP] = {"box", "rounded,filled", "#DCECF8", "#0072B2"},
    [GT_LOOK_BACKWARD] = {"box", "filled", "#FBE2D2", "#D55E00"},
    [GT_LOOK_CONSTANT] = {"box", "filled", "#FFFFFF", "#777777"},
};

static const char *const line_styles[GT_LINE_COUNT] = {
    [GT_LINE_VALUE] = "color=\"#555555\"",
    [GT_LINE_STATE] = "color=\"#B0558A\",penwidth=1.5",
    [GT_LINE_NEXT] = "color=\"#B0558A\",penwidth=1.6,style=dashed",
    [GT_LINE_READ] = "color=\"#888888\",penwidth=0.8,style=dotted",
    [GT_LINE_ADJOINT] = "color=\"#D55E00\",style=dashed",
    [GT_LINE_ADJOINT_STATE] = "color=\"#D55E00\",penwidth=1.5",
    [GT_LINE_ADJOINT_NEXT] = "color=\"#D55E00\",penwidth=1.6,style=dashed",
};

/* ---- places -------------------------------------------------------------------------------- */

static void write_point(const gt_scene *scene, gt_text *text, const char *before, gt_point at)
{
    gt_svg_write_number(text, before, at.x);
    gt_svg_write_number(text, ",", scene->height - at.y);
}

static void write_place(const gt_scene *scene, gt_text *text, gt_point at, double width, double height)
{
    write_point(scene, text, "pos=\"", at);
    gt_svg_write_number(text, "\",width=\"", width / 72);
    gt_svg_write_number(text, "\",height=\"", height / 72);
    gt_text_print(text, "\",");
}

/* ---- nodes --------------------------------------------------------------------------------- */

static void write_part(gt_text *text, const char *before, const char *words, const char *after)
{
    if (words[0] == '\0')
        return;
    gt_text_print(text, "%s", before);
    gt_svg_write_text(text, words);
    gt_text_print(text, "%s", after);
}

static void write_label(gt_text *text, const gt_box *box)
{
    gt_text_print(text, "label=<");
    write_part(text, "<B>", box->name, "</B>");
    write_part(text, box->name[0] != '\0' ? " = " : "", box->op, "");
    write_part(text, "<FONT POINT-SIZE=\"9\"> ", box->detail, "</FONT>");
    write_part(text, "<BR/><FONT POINT-SIZE=\"8\" COLOR=\"#4D4D4D\">", box->shape, "</FONT>");
    gt_text_print(text, ">");
}

static void write_look(gt_text *text, const gt_graph_node *node)
{
    const look *own = &looks[gt_look_of(node)], *tint = node->backward ? &looks[GT_LOOK_BACKWARD] : own;
    gt_text_print(text, "shape=%s,style=\"%s%s\",fillcolor=\"%s\",color=\"%s\",%s", own->shape, own->style,
                  node->backward && !node->output ? ",dashed" : "", tint->fill, tint->line,
                  node->output ? "penwidth=2.4," : "");
}

static void write_chip(const gt_scene *scene, gt_text *text, const gt_box *box, const gt_chip *chip)
{
    const gt_graph_node *node = &scene->drawing.graph->nodes[scene->drawing.graph->edges[chip->edge].from];
    bool named = node->kind == GT_GRAPH_PARAMETER;
    gt_text_print(text, "p%u [", (unsigned)chip->edge);
    write_place(scene, text, (gt_point){box->x + chip->x, box->y + chip->y}, chip->width, chip->height);
    write_look(text, node);
    write_part(text, named ? "label=<<B>" : "label=<", chip->name, named ? "</B>" : "");
    write_part(text, "<BR/><FONT POINT-SIZE=\"8\" COLOR=\"#4D4D4D\">", chip->shape, "</FONT>");
    gt_text_print(text, ">];\n");
}

static void write_node(const gt_scene *scene, gt_text *text, uint32_t i)
{
    const gt_box *box = &scene->arrangement.boxes[i];
    if (!box->placed)
        return;
    gt_text_print(text, "n%u [", (unsigned)i);
    write_place(scene, text, (gt_point){box->x + box->core_x, box->y + box->core_y}, box->core_width, box->core_height);
    write_look(text, &scene->drawing.graph->nodes[i]);
    write_label(text, box);
    gt_text_print(text, "];\n");
    for (uint32_t k = 0; k < box->chip_count; k++)
        write_chip(scene, text, box, &box->chips[k]);
}

/* ---- frames -------------------------------------------------------------------------------- */

static void open_cluster(const gt_scene *scene, gt_text *text, const gt_frame *frame)
{
    bool cluster = frame->kind == GT_FRAME_CLUSTER;
    gt_text_print(text, "subgraph cluster_%s%u {", cluster ? "" : "group", (unsigned)frame->of);
    write_point(scene, text, "bb=\"", (gt_point){frame->x, frame->y + frame->height});
    write_point(scene, text, ",", (gt_point){frame->x + frame->width, frame->y});
    gt_text_print(text, cluster ? "\";style=\"rounded,filled\";color=\"#BBBBBB\";fillcolor=\"#F7F7F7\";"
                                : "\";style=rounded;bgcolor=transparent;color=\"#CCCCCC\";");
    if (!cluster)
        return;
    write_part(text, "label=<<B>", frame->title, "</B>>;");
    double half = gt_text_width(frame->title, GT_FONT_TITLE, true) / 2;
    write_point(scene, text, "lp=\"", (gt_point){frame->x + 9 + half, frame->y + 12});
    gt_svg_write_number(text, "\";lwidth=\"", 2 * half / 72);
    gt_text_print(text, "\";lheight=\"0.2\";fontsize=13;fontcolor=\"#444444\";\n");
}

static void write_words(const gt_scene *scene, gt_text *text, const char *name, uint32_t i, gt_point at, double width,
                        const char *before, const char *words, const char *after)
{
    gt_text_print(text, "%s%u [", name, (unsigned)i);
    write_place(scene, text, at, width + 12, 18);
    gt_text_print(text, "shape=plaintext,");
    write_part(text, before, words, after);
    gt_text_print(text, "];\n");
}

/* ---- what stands where --------------------------------------------------------------------- */

static bool has_frame(const gt_scene *scene, uint32_t group, const gt_frame **frame)
{
    for (size_t i = 0; i < scene->frame_count; i++)
        if (scene->frames[i].kind == GT_FRAME_GROUP && scene->frames[i].of == group) {
            *frame = &scene->frames[i];
            return true;
        }
    return false;
}

/* The nodes of a group, in its frame. */
static void write_group(const gt_scene *scene, gt_text *text, uint32_t group)
{
    const gt_buckets *members = &scene->drawing.members;
    const gt_frame *frame;
    bool framed = has_frame(scene, group, &frame);
    if (framed)
        open_cluster(scene, text, frame);
    for (uint32_t k = members->first[group]; k < members->first[group + 1]; k++)
        write_node(scene, text, members->list[k]);
    if (framed)
        gt_text_print(text, "}\n");
}

/* GT_GRAPH_NONE: what is outside of all. */
static void write_groups(const gt_scene *scene, gt_text *text, uint32_t cluster)
{
    const gt_buckets *clustered = &scene->arrangement.clustered;
    uint32_t count = (uint32_t)scene->drawing.graph->cluster_count, bucket = cluster < count ? cluster : count;
    for (uint32_t k = clustered->first[bucket]; k < clustered->first[bucket + 1]; k++)
        if (scene->drawing.group[clustered->list[k]] == clustered->list[k])
            write_group(scene, text, clustered->list[k]);
}

static const gt_frame *frame_of(const gt_scene *scene, uint32_t cluster)
{
    for (size_t i = 0; i < scene->frame_count; i++)
        if (scene->frames[i].kind == GT_FRAME_CLUSTER && scene->frames[i].of == cluster)
            return &scene->frames[i];
    return NULL;
}

/* A cluster's parent has a smaller number: each is opened, filled and closed when its last child is. */
static void write_clusters(const gt_scene *scene, gt_text *text)
{
    const gt_graph *graph = scene->drawing.graph;
    uint32_t count = (uint32_t)graph->cluster_count, at = GT_GRAPH_NONE, next = 0;
    write_groups(scene, text, GT_GRAPH_NONE);
    for (;;) {
        while (next < count && (graph->clusters[next].parent != at || frame_of(scene, next) == NULL))
            next++;
        if (next < count) {
            open_cluster(scene, text, frame_of(scene, next));
            write_groups(scene, text, next);
            at = next++;
        } else if (at != GT_GRAPH_NONE) {
            gt_text_print(text, "}\n");
            next = at + 1;
            at = graph->clusters[at].parent;
        } else {
            return;
        }
    }
}

/* ---- edges --------------------------------------------------------------------------------- */

#define ARROW 6.0

/* A point a little before the end, where the arrow begins. */
static gt_point before_end(const gt_curve *last)
{
    gt_point from = last->control[last->straight ? 0 : 1], end = last->end;
    double length = hypot(end.x - from.x, end.y - from.y);
    double part = length > 0 ? fmin(ARROW / length, 0.9) : 0;
    return (gt_point){end.x + part * (from.x - end.x), end.y + part * (from.y - end.y)};
}

/* "e,end start control control point ...". */
static void write_path(const gt_scene *scene, gt_text *text, const gt_line *line)
{
    const gt_curve *curves = &scene->curves[line->first];
    gt_point at = line->start;
    write_point(scene, text, "pos=\"e,", curves[line->count - 1].end);
    write_point(scene, text, " ", at);
    for (size_t i = 0; i < line->count; i++) {
        gt_point end = i + 1 == line->count ? before_end(&curves[i]) : curves[i].end;
        write_point(scene, text, " ", curves[i].straight ? at : curves[i].control[0]);
        write_point(scene, text, " ", curves[i].straight ? end : curves[i].control[1]);
        write_point(scene, text, " ", end);
        at = end;
    }
    gt_text_print(text, "\",");
}

static void write_edges(const gt_scene *scene, gt_text *text)
{
    for (size_t i = 0; i < scene->line_count; i++) {
        const gt_line *line = &scene->lines[i];
        const gt_graph_edge *edge = &scene->drawing.graph->edges[line->edge];
        bool drawn = scene->arrangement.boxes[edge->from].placed && scene->arrangement.boxes[edge->to].placed;
        if (!drawn || line->count == 0)
            continue;
        gt_text_print(text, "n%u -> n%u [", (unsigned)edge->from, (unsigned)edge->to);
        write_path(scene, text, line);
        gt_text_print(text, "%s];\n", line_styles[line->look]);
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void write_all_words(const gt_scene *scene, gt_text *text)
{
    for (uint32_t i = 0; i < scene->frame_count; i++) {
        const gt_frame *frame = &scene->frames[i];
        gt_point middle = {frame->x + frame->width / 2, frame->y + frame->height / 2};
        if (frame->kind == GT_FRAME_FOLD)
            write_words(scene, text, "fold", i, middle, frame->width, "label=<", frame->title, ">");
    }
    for (uint32_t i = 0; i < scene->legend_count; i++) {
        const gt_legend_item *item = &scene->legend[i];
        gt_point middle = {item->x + item->width / 2, item->y};
        bool title = item->kind == GT_LEGEND_TITLE;
        if (item->kind != GT_LEGEND_LOOK) {
            write_words(scene, text, "legend", i, middle, item->width, title ? "label=<<B>" : "label=<", item->text,
                        title ? "</B>>" : ">");
            continue;
        }
        gt_text_print(text, "legend%u [", (unsigned)i);
        write_place(scene, text, middle, item->width, 16);
        gt_text_print(text, "shape=%s,style=\"%s%s\",fillcolor=\"%s\",color=\"%s\",label=\"%s\"];\n",
                      looks[item->look].shape, looks[item->look].style, item->look == GT_LOOK_BACKWARD ? ",dashed" : "",
                      looks[item->look].fill, looks[item->look].line, gt_look_name(item->look));
    }
}

void gt_dot_write(const gt_scene *scene, gt_text *text)
{
    gt_svg_write_number(text, "digraph gradtape {\ngraph [bb=\"0,0,", scene->width);
    gt_svg_write_number(text, ",", scene->height);
    gt_text_print(text,
                  "\",rankdir=%s,bgcolor=white,charset=\"UTF-8\",outputorder=edgesfirst,"
                  "fontname=\"DejaVu Sans,Verdana,sans-serif\"];\n"
                  "node [fontname=\"DejaVu Sans,Verdana,sans-serif\",fontsize=11,fixedsize=true];\n"
                  "edge [arrowsize=0.55,penwidth=0.9];\n",
                  scene->arrangement.upward ? "BT" : "LR");
    write_clusters(scene, text);
    write_all_words(scene, text);
    write_edges(scene, text);
    gt_text_print(text, "}\n");
}
