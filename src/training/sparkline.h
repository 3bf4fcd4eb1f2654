/* A small curve in a line of text: "█▇▅▃▂▂▁▁". */
#ifndef GT_TRAINING_SPARKLINE_H
#define GT_TRAINING_SPARKLINE_H

#include <stddef.h>
#include <stdint.h>

#define GT_SPARKLINE_POINTS 16
#define GT_SPARKLINE_SIZE (3 * GT_SPARKLINE_POINTS + 1) /* bytes of its text */

/* All zero in the beginning. When it is full, every second point goes, and points come half as often. */
typedef struct gt_sparkline {
    double points[GT_SPARKLINE_POINTS];
    int count;
    int64_t stride, next; /* iterations from point to point; the one of the next */
} gt_sparkline;

/* Numbers that are not finite leave no point. */
void gt_sparkline_add(gt_sparkline *sparkline, int64_t iteration, double value);
/* From the smallest, the lowest bar, to the largest, by their logarithm over more than a decade; "" of fewer than two.
 */
void gt_sparkline_format(const gt_sparkline *sparkline, char text[GT_SPARKLINE_SIZE]);

#endif
