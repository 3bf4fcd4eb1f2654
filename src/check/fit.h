/* The derivative of a polynomial through a few values around a point, and what it is worth. */
#ifndef GT_CHECK_FIT_H
#define GT_CHECK_FIT_H

#include <stdbool.h>

enum { GT_FIT_MOST_NODES = 6 };

/*
 * Points at which a function is looked at: 0 and +-step times each node. They are
 * Chebyshev's, so that the polynomial through them is that of a short Chebyshev series.
 */
typedef struct gt_fit_nodes {
    int count;                       /* on each side */
    double at[GT_FIT_MOST_NODES];    /* in (0, 1), the largest first */
    double slope[GT_FIT_MOST_NODES]; /* weights of differences across the point */
    double side[GT_FIT_MOST_NODES];  /* weights of differences on one side of it */
    double lower[GT_FIT_MOST_NODES]; /* the same for a polynomial through every other node */
    double series[2 * GT_FIT_MOST_NODES + 1][GT_FIT_MOST_NODES]; /* Chebyshev polynomials there */
} gt_fit_nodes;

void gt_fit_nodes_open(gt_fit_nodes *nodes, int count);

/* A slope on one side. */
typedef struct gt_fit_side {
    double slope, error;
} gt_fit_side;

typedef struct gt_fit {
    double slope, error; /* error bar: what the last terms of the series, or rounding, may do */
    double rounding;     /* the part of the error bar that known rounding is good for */
    double found;        /* size of errors that the last terms show */
    double amplified;    /* the error bar that an error of size 1 makes */
    bool smooth;         /* the terms fall off to rounding, or at least quickly */
    bool rounded;        /* to rounding */
    bool quiet;          /* to rounding errors of about the size that is known of */
    gt_fit_side right, left;
} gt_fit;

/*
 * From f(h) - f(0) and f(0) - f(-h) at every node. Each difference has rounding errors of
 * standard deviation `noise`, and `wobble` times the slope more. Up to `unnoticed` more than
 * these are still taken for rounding.
 */
gt_fit gt_fit_differences(const gt_fit_nodes *nodes, double step, const double *right, const double *left, double noise,
                          double wobble, double unnoticed);

#endif
