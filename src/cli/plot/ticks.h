/* Where the numbers of an axis stand. */
#ifndef GT_CLI_PLOT_TICKS_H
#define GT_CLI_PLOT_TICKS_H

/* 1, 2 or 5 times a power of ten, so that there are about so many of them in the span. */
double gt_plot_tick_step(double span, int ticks);

#endif
