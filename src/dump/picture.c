/* Layout and pictures by the libraries of Graphviz. */
#include "dump/render.h"

#include <graphviz/gvc.h>

/* Graphviz hands its messages to a function that it calls without a context. */
static _Thread_local char graphviz_message[256];

static int keep_message(char *message)
{
    gt_error kept;
    gt_error_set(&kept, GT_OK, "%s", message);
    size_t used = 0;
    while (graphviz_message[used] != '\0')
        used++;
    for (const char *at = kept.message; *at != '\0' && used + 1 < sizeof graphviz_message; at++)
        graphviz_message[used++] = *at == '\n' ? ' ' : *at;
    graphviz_message[used] = '\0';
    return 0;
}

static gt_status failed(const char *what, gt_error *error)
{
    return gt_error_set(error, GT_ERROR_FORMAT, "Graphviz could not %s%s%s", what,
                        graphviz_message[0] != '\0' ? ": " : "", graphviz_message);
}

static gt_status lay_out(GVC_t *context, Agraph_t *graph, const char *format, gt_text *picture,
                         gt_error *error)
{
    char *data = NULL;
    unsigned int size = 0;
    if (gvLayout(context, graph, "dot") != 0)
        return failed("lay the graph out", error);
    gt_status status = GT_OK;
    if (gvRenderData(context, graph, format, &data, &size) != 0 || data == NULL || size == 0)
        status = failed("draw the graph; is its package complete?", error);
    else
        gt_text_put(picture, data, size);
    gvFreeRenderData(data);
    gvFreeLayout(context, graph);
    return status;
}

gt_status gt_render_picture(const char *description, const char *format, gt_text *picture,
                            gt_error *error)
{
    graphviz_message[0] = '\0';
    agusererrf old = agseterrf(keep_message);
    GVC_t *context = gvContext();
    Agraph_t *graph = context == NULL ? NULL : agmemread(description);
    gt_status status = graph == NULL ? failed("read the graph's description", error)
                                     : lay_out(context, graph, format, picture, error);
    if (graph != NULL)
        agclose(graph);
    if (context != NULL)
        gvFreeContext(context);
    agseterrf(old);
    return status;
}
