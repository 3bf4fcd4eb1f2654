#include "cli/plot/ticks.h"

#include <math.h>

double gt_plot_tick_step(double span, int ticks)
{
    double power = pow(10, floor(log10(span / ticks))), part = span / ticks / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}
