/* The products of a bound, each in its fastest way on this machine, run one after the other. */
#ifndef GT_CLI_BENCH_BOUND_RUNNER_H
#define GT_CLI_BENCH_BOUND_RUNNER_H

#include "cli/bench/multiply.h"
#include "plan/describe/bound.h"

typedef struct gt_bound_runner {
    gt_bound *bound;
    uint32_t count;
    int threads;
    gt_libraries libraries;
    gt_way *best;    /* for each product */
    gt_way *foreign; /* for each product: the best of the libraries of others; gradtape's own where there are none */
    bool differs;    /* between the two, anywhere */
    double flops;
    void *left, *right, *output, *workspace;
} gt_bound_runner;

/*
 * Finds the products of what the outputs need, takes memory, and chooses: each
 * way in turn does the product, or a part of a large one, a few times. Close it in
 * any case.
 */
gt_status gt_bound_runner_open(gt_bound_runner *runner, const gt_var *outputs, uint32_t output_count, int threads,
                               gt_error *error);
void gt_bound_runner_close(gt_bound_runner *runner);

/* Does all products; returns the microseconds that it took. */
double gt_bound_runner_run(const gt_bound_runner *runner, bool foreign);

#endif
