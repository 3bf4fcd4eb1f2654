/* In place of json.c in a build without jansson. */
#include "dump/render.h"

gt_status gt_render_json(const gt_graph *graph, gt_text *text, gt_error *error)
{
    (void)graph;
    (void)text;
    return gt_error_set(error, GT_ERROR_UNSUPPORTED,
                        "cannot write .json: this build has no jansson; install libjansson-dev "
                        "and build with the Meson option -Djson=enabled");
}
