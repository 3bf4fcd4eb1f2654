/*
 * Places with gaps, as near to the wanted ones as can be. Without the gaps, y[i] = x[i] - (sum of
 * gaps before i), it is a regression by an ascending sequence: neighbours in the wrong order are
 * pooled at their mean, until none are.
 */
#include "layout/inside.h"

void gt_layout_separate(const double *wanted, const double *weight, const double *gap, uint32_t count, double *x,
                        double *work)
{
    double *mean = work, *mass = work + count, *size = work + 2 * (size_t)count, offset = 0;
    uint32_t pools = 0;
    for (uint32_t i = 0; i < count; i++) {
        offset += i > 0 ? gap[i - 1] : 0;
        mean[pools] = wanted[i] - offset;
        mass[pools] = weight[i];
        size[pools++] = 1;
        for (; pools > 1 && mean[pools - 2] > mean[pools - 1]; pools--) {
            double both = mass[pools - 2] + mass[pools - 1];
            mean[pools - 2] = (mean[pools - 2] * mass[pools - 2] + mean[pools - 1] * mass[pools - 1]) / both;
            mass[pools - 2] = both;
            size[pools - 2] += size[pools - 1];
        }
    }
    offset = 0;
    for (uint32_t pool = 0, i = 0; pool < pools; pool++)
        for (double k = 0; k < size[pool]; k++, i++) {
            offset += i > 0 ? gap[i - 1] : 0;
            x[i] = mean[pool] + offset;
        }
}
