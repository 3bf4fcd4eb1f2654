#include "dump/svg.h"

#include <math.h>
#include <string.h>

void gt_svg_write_text(gt_text *text, const char *words)
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
            gt_text_put(text, (unsigned char)*words < 32 || *words == 127 ? " " : words, 1);
    }
}

void gt_svg_write_number(gt_text *text, const char *before, double number)
{
    long long hundredths = llround(number * 100), size = hundredths < 0 ? -hundredths : hundredths;
    gt_text_print(text, "%s%s%lld", before, hundredths < 0 ? "-" : "", size / 100);
    if (size % 100 != 0)
        gt_text_print(text, size % 10 == 0 ? ".%lld" : ".%02lld", size % 10 == 0 ? size % 100 / 10 : size % 100);
}

/* ---- lines --------------------------------------------------------------------------------- */

static const char *line_class(gt_line_look look)
{
    static const char *const names[GT_LINE_COUNT] = {
        [GT_LINE_VALUE] = "value",
        [GT_LINE_STATE] = "state",
        [GT_LINE_NEXT] = "state next",
        [GT_LINE_READ] = "read",
        [GT_LINE_ADJOINT] = "adjoint",
        [GT_LINE_ADJOINT_STATE] = "adjoint carried",
        [GT_LINE_ADJOINT_NEXT] = "adjoint carried next",
    };
    return names[look];
}

static const char *arrow_of(gt_line_look look)
{
    static const char *const names[GT_LINE_COUNT] = {"value",   "state",   "state",  "read",
                                                     "adjoint", "adjoint", "adjoint"};
    return names[look];
}

static void write_point(gt_text *text, const char *before, gt_point at)
{
    gt_svg_write_number(text, before, at.x);
    gt_svg_write_number(text, " ", at.y);
}

void gt_svg_write_line(const gt_scene *scene, const gt_line *line, gt_text *text)
{
    gt_text_print(text, "<g id=\"e%u\" class=\"edge %s\"><title>", (unsigned)line->edge, line_class(line->look));
    gt_svg_write_edge_words(&scene->drawing, line->edge, text);
    write_point(text, "</title><path d=\"M", line->start);
    for (size_t i = 0; i < line->count; i++) {
        const gt_curve *curve = &scene->curves[line->first + i];
        if (curve->straight) {
            write_point(text, "L", curve->end);
            continue;
        }
        write_point(text, "C", curve->control[0]);
        write_point(text, " ", curve->control[1]);
        write_point(text, " ", curve->end);
    }
    gt_text_print(text, "\" marker-end=\"url(#arrow-%s)\"/></g>\n", arrow_of(line->look));
}

/* ---- frames -------------------------------------------------------------------------------- */

static void write_rectangle(gt_text *text, double x, double y, double width, double height, double radius)
{
    gt_svg_write_number(text, "<rect x=\"", x);
    gt_svg_write_number(text, "\" y=\"", y);
    gt_svg_write_number(text, "\" width=\"", width);
    gt_svg_write_number(text, "\" height=\"", height);
    gt_svg_write_number(text, "\" rx=\"", radius);
    gt_text_print(text, "\"/>");
}

/* The words stand in the middle, one under the other. */
static void write_fold(const gt_frame *frame, gt_text *text)
{
    size_t dots = strcspn(frame->title, " ");
    double x = frame->x + frame->width / 2, y = frame->y + frame->height / 2;
    gt_svg_write_number(text, "<g class=\"fold\"><text x=\"", x);
    gt_svg_write_number(text, "\" y=\"", y - 6);
    gt_text_print(text, "\">%.*s</text>", (int)dots, frame->title);
    gt_svg_write_number(text, "<text x=\"", x);
    gt_svg_write_number(text, "\" y=\"", y + 12);
    gt_text_print(text, "\">%s</text></g>\n", frame->title + dots + 1);
}

static void write_frame(const gt_frame *frame, gt_text *text)
{
    if (frame->kind == GT_FRAME_FOLD) {
        write_fold(frame, text);
        return;
    }
    bool cluster = frame->kind == GT_FRAME_CLUSTER;
    gt_text_print(text, cluster ? "<g id=\"c%u\" class=\"cluster\">" : "<g id=\"g%u\" class=\"group\">",
                  (unsigned)frame->of);
    write_rectangle(text, frame->x, frame->y, frame->width, frame->height, cluster ? 8 : 6);
    if (cluster) {
        gt_svg_write_number(text, "<text x=\"", frame->x + 9);
        gt_svg_write_number(text, "\" y=\"", frame->y + 16);
        gt_text_print(text, "\">");
        gt_svg_write_text(text, frame->title);
        gt_text_print(text, "</text>");
    }
    gt_text_print(text, "</g>\n");
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void write_start(const gt_scene *scene, gt_text *text)
{
    const gt_graph *graph = scene->drawing.graph;
    gt_text_print(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
    gt_svg_write_number(text, " width=\"", scene->width);
    gt_svg_write_number(text, "\" height=\"", scene->height);
    gt_svg_write_number(text, "\" viewBox=\"0 0 ", scene->width);
    gt_svg_write_number(text, " ", scene->height);
    gt_text_print(text,
                  "\" role=\"img\" aria-labelledby=\"picture-title picture-words\">\n<title id=\"picture-title\">");
    gt_svg_write_text(text, graph->title[0] != '\0' ? graph->title : "a graph");
    gt_text_print(text,
                  "</title>\n<desc id=\"picture-words\">What is computed, %s: %u nodes and %u edges. Each "
                  "node has a title that says what it is.</desc>\n",
                  scene->arrangement.upward ? "from below to above" : "from left to right", (unsigned)graph->node_count,
                  (unsigned)graph->edge_count);
    gt_svg_write_style(text);
}

void gt_svg_write(const gt_scene *scene, gt_text *text)
{
    write_start(scene, text);
    gt_text_print(text, "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n");
    for (size_t i = 0; i < scene->frame_count; i++)
        write_frame(&scene->frames[i], text);
    for (size_t i = 0; i < scene->line_count; i++)
        gt_svg_write_line(scene, &scene->lines[i], text);
    for (uint32_t i = 0; i < scene->drawing.graph->node_count; i++)
        if (scene->arrangement.boxes[i].placed)
            gt_svg_write_node(scene, i, text);
    gt_svg_write_legend(scene, text);
    gt_text_print(text, "</svg>\n");
}
