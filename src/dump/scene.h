/* A picture with everything in its place: what is written as SVG, and described for Graphviz. */
#ifndef GT_DUMP_SCENE_H
#define GT_DUMP_SCENE_H

#include "dump/arrange.h"

/* What a slide has room for. */
#define GT_SLIDE_WIDTH 1280.0
#define GT_SLIDE_HEIGHT 720.0

typedef struct gt_point {
    double x, y;
} gt_point;

typedef struct gt_curve {
    gt_point control[2], end;
    bool straight;
} gt_curve;

typedef struct gt_line {
    uint32_t edge;
    gt_line_look look;
    gt_point start;
    size_t first, count; /* of the scene's curves */
} gt_line;

typedef enum gt_frame_kind { GT_FRAME_CLUSTER = 0, GT_FRAME_GROUP, GT_FRAME_FOLD } gt_frame_kind;

typedef struct gt_frame {
    gt_frame_kind kind;
    uint32_t of;                /* the cluster, or the node that the group is named after */
    const char *title;          /* "" if it has none */
    double x, y, width, height; /* of its upper left corner */
} gt_frame;

typedef enum gt_legend_kind { GT_LEGEND_TITLE = 0, GT_LEGEND_LOOK, GT_LEGEND_WORDS } gt_legend_kind;

typedef struct gt_legend_item {
    gt_legend_kind kind;
    gt_look look;
    const char *text;
    double x, y, width; /* of the middle of its left side */
} gt_legend_item;

#define GT_LEGEND_MOST 12

typedef struct gt_scene {
    gt_drawing drawing;
    gt_arrangement arrangement; /* its boxes are those of the scene */
    gt_frame *frames;           /* outer ones first */
    size_t frame_count, frame_capacity;
    gt_line *lines;
    size_t line_count, line_capacity;
    gt_curve *curves;
    size_t curve_count, curve_capacity;
    gt_legend_item legend[GT_LEGEND_MOST];
    uint32_t legend_count;
    double width, height;
    gt_pool pool;
} gt_scene;

/*
 * In the direction, upward or to the right, that fills a
 * slide better; steps stand from left to right in any case. False on no memory. Close it in any case.
 */
bool gt_scene_open(gt_scene *scene, const gt_graph *graph);
void gt_scene_close(gt_scene *scene);

/* How many nodes would be drawn, at most. */
uint32_t gt_drawn_count(const gt_graph *graph);

/* How the colours of a look are called, and its words in the legend. */
const char *gt_look_name(gt_look look);
const char *gt_look_words(gt_look look);

/* The parts of scene.c. */
bool gt_scene_add_frames(gt_scene *scene);
bool gt_scene_add_lines(gt_scene *scene);
bool gt_scene_add_legend(gt_scene *scene);

#endif
