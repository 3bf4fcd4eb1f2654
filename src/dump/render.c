/* A graph in any of the formats, in memory and in a file. */
#include "base/utf8.h"
#include "gradtape/file.h"

#include "dump/render.h"

#include "base/memory.h"
#include "dump/dot.h"
#include "dump/svg.h"

#include <string.h>

static const char *const formats[] = {"svg", "png", "pdf", "dot", "json"};
#define FORMAT_NAMES ".svg, .png, .pdf, .dot and .json"

const char *gt_graph_format(uint32_t i)
{
    return i < sizeof formats / sizeof *formats ? formats[i] : NULL;
}

static bool known_format(const char *format)
{
    for (uint32_t i = 0; format != NULL && gt_graph_format(i) != NULL; i++)
        if (strcmp(gt_graph_format(i), format) == 0)
            return true;
    return false;
}

static gt_status no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory to draw the graph");
}

static gt_status too_large(uint32_t count, gt_error *error)
{
    return gt_error_set(error, GT_ERROR_SIZE,
                        "the picture has %u nodes, and more than %d cannot be laid out legibly: "
                        "draw fewer steps, or the loop's body; or write .json",
                        (unsigned)count, GT_GRAPH_LARGEST_PICTURE);
}

/* As SVG, which we draw ourselves, or as a description for Graphviz, which draws the others. */
static gt_status render_scene(const gt_scene *scene, const char *format, gt_text *text, gt_error *error)
{
    gt_text description = {0};
    bool own = strcmp(format, "svg") == 0 || strcmp(format, "dot") == 0;
    gt_text *written = own ? text : &description;
    if (strcmp(format, "svg") == 0)
        gt_svg_write(scene, written);
    else
        gt_dot_write(scene, written);
    gt_status status = written->failed ? no_memory(error)
                       : own           ? GT_OK
                                       : gt_render_picture(description.bytes, format, text, error);
    gt_text_free(&description);
    return status;
}

static gt_status render_picture(const gt_graph *graph, const char *format, gt_text *text, gt_error *error)
{
    gt_scene scene;
    uint32_t count = gt_drawn_count(graph);
    if (count > GT_GRAPH_LARGEST_PICTURE)
        return too_large(count, error);
    gt_status status = gt_scene_open(&scene, graph) ? render_scene(&scene, format, text, error) : no_memory(error);
    gt_scene_close(&scene);
    return status;
}

gt_status gt_graph_render(const gt_graph *graph, const char *format, char **bytes, size_t *size, gt_error *error)
{
    gt_text text = {0};
    gt_status status = GT_OK;
    if (graph == NULL || bytes == NULL || size == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "gt_graph_render: no graph, or nowhere to put it");
    if (!known_format(format))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "no graph is written as '%.*s'; the formats are " FORMAT_NAMES,
                            gt_utf8_fit(format == NULL ? "" : format, 100), format == NULL ? "" : format);
    if (strcmp(format, "json") == 0)
        status = gt_render_json(graph, &text, error);
    else
        status = render_picture(graph, format, &text, error);
    if (status == GT_OK && text.failed)
        status = no_memory(error);
    if (status != GT_OK) {
        gt_text_free(&text);
        return status;
    }
    *bytes = text.bytes;
    *size = text.count;
    return GT_OK;
}

void gt_graph_bytes_free(char *bytes)
{
    gt_memory_free(bytes);
}

/* ---- into a file --------------------------------------------------------------------------- */

/* What stands behind the last dot of the last component; NULL if there is none. */
static const char *extension_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? NULL : dot + 1;
}

gt_status gt_graph_write(const gt_graph *graph, const char *path, const char *format, gt_error *error)
{
    bool named = format != NULL;
    if (!named && path != NULL)
        format = extension_of(path);
    if (path == NULL || (!named && !known_format(format)))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "'%.*s' does not say what to write; the extensions are " FORMAT_NAMES,
                            gt_utf8_fit(path == NULL ? "" : path, 300), path == NULL ? "" : path);
    char *bytes;
    size_t size;
    gt_status status = gt_graph_render(graph, format, &bytes, &size, error);
    if (status != GT_OK)
        return status;
    status = gt_file_replace(path, bytes, size, error);
    gt_graph_bytes_free(bytes);
    return status;
}
