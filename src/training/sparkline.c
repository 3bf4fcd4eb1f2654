#include "training/sparkline.h"

#include <math.h>
#include <string.h>

static void thin_out(gt_sparkline *s)
{
    for (int i = 0; 2 * i < s->count; i++)
        s->points[i] = s->points[2 * i];
    s->count = (s->count + 1) / 2;
    s->stride *= 2;
}

void gt_sparkline_add(gt_sparkline *s, int64_t iteration, double value)
{
    if (!isfinite(value) || (s->stride > 0 && iteration < s->next))
        return;
    s->stride = s->stride > 0 ? s->stride : 1;
    if (s->count == GT_SPARKLINE_POINTS)
        thin_out(s);
    s->points[s->count++] = value;
    s->next = iteration + s->stride;
}

/* Of losses that fall over decades the logarithm shows more. */
static double height_of(double value, double low, double high)
{
    if (low > 0 && high > 10 * low)
        return log(value / low) / log(high / low);
    return high > low ? (value - low) / (high - low) : 0;
}

void gt_sparkline_format(const gt_sparkline *s, char text[GT_SPARKLINE_SIZE])
{
    static const char bars[8][4] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low = INFINITY, high = -INFINITY;
    *text = '\0';
    for (int i = 0; i < s->count; i++) {
        low = fmin(low, s->points[i]);
        high = fmax(high, s->points[i]);
    }
    for (int i = 0; i < s->count && s->count > 1; i++)
        strcat(text, bars[(int)(7.999 * height_of(s->points[i], low, high))]);
}
