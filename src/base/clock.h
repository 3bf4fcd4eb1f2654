/* Time that passes. */
#ifndef GT_BASE_CLOCK_H
#define GT_BASE_CLOCK_H

/* Seconds from some moment on; it never goes back. */
double gt_clock_seconds(void);

#endif
