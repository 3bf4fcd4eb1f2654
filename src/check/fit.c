#include "check/fit.h"

#include <math.h>

/* Error bars of so many standard deviations of rounding errors. */
#define DEVIATIONS 2.75

/*
 * A term of the series this often smaller than those before it belongs to a function that
 * is smooth at this step. One with a kink or a bend inside falls off like a small power,
 * one that varies faster than the nodes not at all.
 */
#define QUICKLY 50

/* More than so many times the rounding errors that are known of is no rounding. */
#define ROUNDING 20

/* ---- nodes --------------------------------------------------------------------------------- */

/* Weights of the slope at 0 of the polynomial through 0 and every stride-th node. */
static void set_side(const gt_fit_nodes *nodes, int stride, double *weights)
{
    for (int j = 0; j < nodes->count; j++) {
        weights[j] = j % stride == 0 ? 1 / nodes->at[j] : 0;
        for (int i = 0; i < nodes->count; i += stride)
            if (i != j)
                weights[j] *= nodes->at[i] / (nodes->at[i] - nodes->at[j]);
    }
}

void gt_fit_nodes_open(gt_fit_nodes *nodes, int count)
{
    const double pi = 3.14159265358979323846;
    int all = 2 * count + 1;
    *nodes = (gt_fit_nodes){.count = count};
    for (int j = 0; j < count; j++) {
        double angle = pi * (2 * j + 1) / (2 * all);
        nodes->at[j] = cos(angle);
        for (int k = 0; k < all; k++)
            nodes->series[k][j] = 2.0 / all * cos(k * angle);
        /* The slopes of the odd Chebyshev polynomials at 0 are 1, -3, 5, ... */
        for (int k = 1; k < all; k += 2)
            nodes->slope[j] += (k % 4 == 1 ? k : -k) * nodes->series[k][j];
    }
    set_side(nodes, 1, nodes->side);
    set_side(nodes, 2, nodes->lower);
}

static double length(const double *values, int count)
{
    double squares = 0;
    for (int i = 0; i < count; i++)
        squares += values[i] * values[i];
    return sqrt(squares);
}

/* ---- one side ------------------------------------------------------------------------------ */

static gt_fit_side fit_side(const gt_fit_nodes *nodes, double step, const double *differences, double noise)
{
    double slope = 0, lower = 0;
    for (int j = 0; j < nodes->count; j++) {
        slope += nodes->side[j] * differences[j];
        lower += nodes->lower[j] * differences[j];
    }
    double rounding = DEVIATIONS * noise * length(nodes->side, nodes->count);
    return (gt_fit_side){slope / step, (fabs(slope - lower) + rounding) / step};
}

/* ---- both sides ---------------------------------------------------------------------------- */

/* The largest coefficient of the series of degrees [from, to). */
static double largest_term(const gt_fit_nodes *nodes, const double *right, const double *left, int from, int to)
{
    double largest = 0;
    for (int k = from; k < to; k++) {
        double term = 0;
        for (int j = 0; j < nodes->count; j++)
            term += nodes->series[k][j] * (right[j] + (k % 2 == 1 ? left[j] : -left[j]));
        largest = fmax(largest, fabs(term));
    }
    return largest;
}

gt_fit gt_fit_differences(const gt_fit_nodes *nodes, double step, const double *right, const double *left, double noise,
                          double wobble, double unnoticed)
{
    int count = nodes->count, all = 2 * count + 1, last = count > 4 ? 4 : 3;
    gt_fit fit = {0};
    for (int j = 0; j < count; j++)
        fit.slope += nodes->slope[j] * (right[j] + left[j]);
    fit.slope /= step;
    noise = hypot(noise, wobble * fit.slope);
    double end = largest_term(nodes, right, left, all - last, all);
    double before = largest_term(nodes, right, left, all - 2 * last, all - last);
    /* Rounding errors of deviation s are terms of deviation s sqrt(2 / all). */
    fit.found = end * sqrt(all / 2.0);
    fit.amplified = DEVIATIONS * sqrt(2) * length(nodes->slope, count) / step;
    fit.rounding = fit.amplified * noise;
    fit.error = fit.amplified * fmax(noise, fit.found);
    fit.quiet = fit.found <= ROUNDING * noise;
    fit.rounded = fit.quiet || fit.found <= unnoticed;
    fit.smooth = fit.rounded || end <= before / QUICKLY;
    fit.right = fit_side(nodes, step, right, noise);
    fit.left = fit_side(nodes, step, left, noise);
    return fit;
}
