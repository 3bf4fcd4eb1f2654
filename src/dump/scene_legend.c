/* The legend below a picture: its title, what the kinds of nodes look like, the sizes. */
#include "base/utf8.h"
#include "dump/measure.h"
#include "dump/scene.h"

#include <string.h>

#define BETWEEN 12.0
#define LINE 24.0

static bool occurs(const gt_scene *scene, gt_look look)
{
    const gt_graph *graph = scene->drawing.graph;
    for (size_t i = 0; i < graph->node_count; i++)
        if (gt_look_of(&graph->nodes[i]) == look)
            return true;
    return false;
}

static bool has_line(const gt_scene *scene, gt_line_look look)
{
    for (size_t i = 0; i < scene->line_count; i++)
        if (scene->lines[i].look == look)
            return true;
    return false;
}

static bool has_result(const gt_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].output)
            return true;
    return false;
}

static void add(gt_scene *scene, gt_legend_kind kind, gt_look look, const char *text)
{
    double beside = kind == GT_LEGEND_LOOK ? 16 : 0;
    if (text == NULL || text[0] == '\0')
        return;
    scene->legend[scene->legend_count++] =
        (gt_legend_item){.kind = kind,
                         .look = look,
                         .text = text,
                         .width = beside + gt_text_width(text, GT_FONT_NAME, kind == GT_LEGEND_TITLE)};
}

/* "n_a = 5, m = 10"; NULL on no memory. */
static const char *sizes_text(gt_scene *scene)
{
    const gt_graph *graph = scene->drawing.graph;
    enum { MOST = 512 };
    char *text = gt_pool_new(&scene->pool, MOST, 1);
    for (uint32_t i = 0; text != NULL && i < graph->dimension_count; i++)
        if (gt_is_size_name(graph->dimensions[i].name))
            gt_utf8_append(text, MOST, "%s%s = %lld", text[0] == '\0' ? "" : ", ", graph->dimensions[i].name,
                           (long long)graph->dimensions[i].size);
    return text;
}

/* From left to right, in as many lines as it takes; all in the middle. */
static void place(gt_scene *scene)
{
    double y = scene->height + 6 + LINE / 2;
    for (uint32_t i = 0, end; i < scene->legend_count; i = end) {
        double width = scene->legend[i].width;
        for (end = i + 1; end < scene->legend_count && width + BETWEEN + scene->legend[end].width <= scene->width;
             end++)
            width += BETWEEN + scene->legend[end].width;
        double x = (scene->width - width) / 2;
        for (uint32_t k = i; k < end; k++) {
            scene->legend[k].x = x;
            scene->legend[k].y = y;
            x += scene->legend[k].width + BETWEEN;
        }
        y += LINE;
    }
    scene->height = y - LINE / 2;
}

bool gt_scene_add_legend(gt_scene *scene)
{
    static const gt_look order[] = {GT_LOOK_INPUT, GT_LOOK_PARAMETER, GT_LOOK_STATE, GT_LOOK_OP, GT_LOOK_BACKWARD};
    const char *sizes = sizes_text(scene);
    if (sizes == NULL)
        return false;
    add(scene, GT_LEGEND_TITLE, GT_LOOK_OP, scene->drawing.graph->title);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (occurs(scene, order[i]))
            add(scene, GT_LEGEND_LOOK, order[i], gt_look_words(order[i]));
    if (has_result(scene->drawing.graph))
        add(scene, GT_LEGEND_WORDS, GT_LOOK_OP, "bold frame: result");
    if (has_line(scene, GT_LINE_NEXT) || has_line(scene, GT_LINE_ADJOINT_NEXT))
        add(scene, GT_LEGEND_WORDS, GT_LOOK_OP, "thick dashes: to the next step");
    add(scene, GT_LEGEND_WORDS, GT_LOOK_OP, sizes);
    for (uint32_t i = 0; i < scene->legend_count; i++)
        if (scene->legend[i].width > scene->width)
            scene->width = scene->legend[i].width;
    place(scene);
    return true;
}
