/* In place of picture.c in a build that is to start no other program. */
#include "dump/render.h"

gt_status gt_render_picture(const char *description, const char *format, gt_text *picture, gt_error *error)
{
    (void)description;
    (void)picture;
    return gt_error_set(error, GT_ERROR_UNSUPPORTED,
                        "cannot write .%s: this build has no Graphviz; build without the Meson "
                        "option -Dgraphviz=disabled, or write .svg",
                        format);
}
