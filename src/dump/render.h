/* Formats that others write. */
#ifndef GT_DUMP_RENDER_H
#define GT_DUMP_RENDER_H

#include "dump/text.h"
#include "gradtape/graph.h"

/* Draws a description for Graphviz as it is laid out there; *picture is empty before. */
gt_status gt_render_picture(const char *description, const char *format, gt_text *picture, gt_error *error);
gt_status gt_render_json(const gt_graph *graph, gt_text *text, gt_error *error);

#endif
