/* A scene as SVG, on a page of its own or inside of another. */
#ifndef GT_DUMP_SVG_H
#define GT_DUMP_SVG_H

#include "dump/scene.h"
#include "dump/text.h"

void gt_svg_write(const gt_scene *scene, gt_text *text);

/* The parts of svg.c. */
void gt_svg_write_style(gt_text *text);
void gt_svg_write_node(const gt_scene *scene, uint32_t node, gt_text *text);
void gt_svg_write_line(const gt_scene *scene, const gt_line *line, gt_text *text);
void gt_svg_write_legend(const gt_scene *scene, gt_text *text);

/* What a node and an edge are, in words. */
void gt_svg_write_node_words(const gt_drawing *drawing, uint32_t node, gt_text *text);
void gt_svg_write_edge_words(const gt_drawing *drawing, uint32_t edge, gt_text *text);

/* With <, >, & and " as entities; what XML has no letter for becomes a space. */
void gt_svg_write_text(gt_text *text, const char *words);
/* A number with at most two places, the same in every language; `before` is written first. */
void gt_svg_write_number(gt_text *text, const char *before, double number);

#endif
