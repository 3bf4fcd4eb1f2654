#ifndef GT_CLI_BENCH_CLOCK_H
#define GT_CLI_BENCH_CLOCK_H

/* Microseconds from some moment on; it never goes back. */
double gt_now_us(void);

#endif
