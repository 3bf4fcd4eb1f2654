/* Curves of training as an SVG. */
#ifndef GT_CLI_PLOT_DRAW_H
#define GT_CLI_PLOT_DRAW_H

#include "cli/plot/log.h"

#include <stdio.h>

typedef struct gt_plot_curve {
    const char *name; /* in the legend */
    gt_plot_log log;
} gt_plot_curve;

/*
 * For each log the loss, as the mean of its neighbours, and a dot for each validation. The vertical axis is
 * logarithmic if asked for; then losses that are not above 0 are left out. False: there is nothing to draw.
 */
bool gt_plot_draw(FILE *out, const gt_plot_curve *curves, size_t count, bool logarithmic);

#endif
