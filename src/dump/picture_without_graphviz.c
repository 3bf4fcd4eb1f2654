/* In place of picture.c in a build without Graphviz. */
#include "dump/render.h"

gt_status gt_render_picture(const char *description, const char *format, gt_text *picture,
                            gt_error *error)
{
    (void)description;
    (void)picture;
    return gt_error_set(error, GT_ERROR_UNSUPPORTED,
                        "cannot write .%s: this build has no Graphviz; install libgraphviz-dev and "
                        "build with the Meson option -Dgraphviz=enabled, or write .dot",
                        format);
}
