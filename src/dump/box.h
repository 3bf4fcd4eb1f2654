/* Nodes as boxes: their texts, and how much room these take. */
#ifndef GT_DUMP_BOX_H
#define GT_DUMP_BOX_H

#include "base/pool.h"
#include "dump/drawing.h"

/* Sizes of fonts. */
#define GT_FONT_NAME 11.0
#define GT_FONT_DETAIL 9.0
#define GT_FONT_SHAPE 8.0
#define GT_FONT_TITLE 13.0

/* A parameter or a constant, joined to the op that reads it. */
typedef struct gt_chip {
    uint32_t edge;
    const char *name, *shape;   /* shape: "" if it is left out */
    double x, y, width, height; /* of its middle, from the middle of the box */
} gt_chip;

typedef struct gt_box {
    const char *name, *op, *detail, *shape; /* "" what is not there */
    double width, height;                   /* with what is joined to it */
    double core_x, core_y;                  /* of the middle of the node itself, from the middle of the box */
    double core_width, core_height;
    gt_chip *chips;
    uint32_t chip_count;
    bool placed;
    double x, y; /* of its middle, in the picture */
} gt_box;

/*
 * A box for each node that is shown. `upward`: chips stand on the left and on the right of the
 * node, otherwise over and under it; `tight`: with less room around texts. False on no memory.
 */
bool gt_boxes_make(gt_box *boxes, const gt_drawing *drawing, bool upward, bool tight, gt_pool *pool);

/* "(n_a, m)": sizes by name where they have one. NULL on no memory. */
const char *gt_shape_text(const gt_graph *graph, gt_shape shape, gt_pool *pool);

#endif
