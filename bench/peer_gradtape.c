/*
 * gradtape as compare.py asks for it: a training step of a cell, or nothing but
 * the matrix products of one. Answers every line on standard input with one:
 *
 *   run K      runs K times and answers the microseconds of one
 *   library K  the same; of a bound, without gradtape's own products
 *   plan       plans once and answers the microseconds
 *   memory     answers by how many bytes the process has grown at most
 *   cost       answers the bytes of the workspace and of what is given, together
 *
 * Usage: peer_gradtape CELL DIMS m T f32|f64 THREADS planned[:BYTES]|unrolled|bound [PASS...]
 * CELL is one of cells.c, of the zoo, or a file. Passes that are named are left out, and
 * the plan is kept within a memory budget of BYTES.
 */
#include "cells.h"

#include "cli/bench/bound_runner.h"
#include "cli/bench/clock.h"
#include "cli/bench/training_step.h"
#include "command/cell_source.h"
#include "plan/describe/bound.h"
#include "plan/describe/description.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct peer {
    gt_step_settings settings;
    gt_training_step step;
    gt_plan *plan;
    gt_threads *threads;
    gt_workspace *workspace;
    gt_step_data data;
    gt_plan_options options;
    gt_bound_runner bound;
    bool is_bound;
    long begin_bytes;
} peer;

static void fail(const char *message)
{
    fprintf(stderr, "peer_gradtape: %s\n", message);
    exit(2);
}

/* A line of /proc/self/status, "VmHWM:" for the most memory that the process has had at a time. */
static long status_bytes(const char *name)
{
    char line[256];
    long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            sscanf(line + strlen(name), "%ld", &kilobytes);
    if (file != NULL)
        fclose(file);
    return kilobytes * 1024;
}

static void prepare(peer *p, int threads)
{
    gt_error error = {0};
    if (gt_training_step_record(&p->step, &p->settings, &error) != GT_OK)
        fail(error.message);
    if (p->is_bound) {
        if (gt_bound_runner_open(&p->bound, p->step.outputs, p->step.output_count, threads, &error) != GT_OK)
            fail(error.message);
        return;
    }
    p->plan = gt_plan_new(p->step.outputs, p->step.output_count, &p->options, &error);
    p->threads = threads > 1 ? gt_threads_new((uint32_t)threads, &error) : NULL;
    p->workspace = threads > 1 && p->threads == NULL ? NULL : gt_step_workspace_new(p->plan, p->threads, &error);
    if (p->workspace == NULL || gt_step_data_bind(&p->data, &p->step, &p->settings, p->workspace, &error) != GT_OK)
        fail(error.message);
}

static double run(peer *p, bool foreign, long times)
{
    double begin = gt_now_us();
    for (long k = 0; k < times; k++) {
        if (p->is_bound)
            gt_bound_runner_run(&p->bound, foreign);
        else if (gt_workspace_run(p->workspace) != GT_OK)
            fail(gt_workspace_message(p->workspace));
    }
    return (gt_now_us() - begin) / (double)times;
}

static double plan_once(peer *p)
{
    double begin = gt_now_us();
    gt_plan_free(gt_plan_new(p->step.outputs, p->step.output_count, &p->options, NULL));
    return gt_now_us() - begin;
}

static double cost(const peer *p)
{
    gt_plan_cost c;
    gt_plan_find_cost(p->plan, &c);
    return (double)(c.workspace_bytes + c.input_bytes);
}

static void answer(peer *p)
{
    char line[64];
    long times;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "run %ld", &times) == 1 && times > 0)
            printf("%.4f\n", run(p, false, times));
        else if (p->is_bound && sscanf(line, "library %ld", &times) == 1 && times > 0)
            printf("%.4f\n", run(p, true, times));
        else if (strcmp(line, "plan\n") == 0)
            printf("%.3f\n", plan_once(p));
        else if (strcmp(line, "memory\n") == 0)
            printf("%ld\n", status_bytes("VmHWM:") - p->begin_bytes);
        else if (strcmp(line, "cost\n") == 0)
            printf("%.0f\n", cost(p));
        else
            fail("expected run K, plan, memory or cost");
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc < 8)
        fail("usage: peer_gradtape CELL DIMS m T f32|f64 THREADS planned[:BYTES]|unrolled|bound [PASS...]");
    static peer p;
    gt_error error = {0};
    gt_cell_source source = {0};
    const gt_cell *cell = bench_cell_find(argv[1]);
    if (cell == NULL && !gt_cell_source_find(&source, argv[1], &error))
        fail(error.message);
    p.begin_bytes = status_bytes("VmRSS:");
    p.is_bound = strcmp(argv[7], "bound") == 0;
    p.settings = (gt_step_settings){.cell = cell != NULL ? cell : source.cell,
                                    .batch = atoll(argv[3]),
                                    .steps = atoll(argv[4]),
                                    .dtype = strcmp(argv[5], "f64") == 0 ? GT_F64 : GT_F32,
                                    .unrolled = strcmp(argv[7], "unrolled") == 0};
    if (p.settings.batch < 1 || p.settings.steps < 1 || atoi(argv[6]) < 1)
        fail("a size must be 1 or more");
    if (gt_step_read_dimensions(&p.settings, argv[2], &error) != GT_OK)
        fail(error.message);
    if (strncmp(argv[7], "planned:", strlen("planned:")) == 0)
        p.settings.memory = strtoll(argv[7] + strlen("planned:"), NULL, 10);
    p.options = gt_step_plan_options(&p.settings);
    p.options.skip = (const char *const *)argv + 8; /* which ends with NULL */
    prepare(&p, atoi(argv[6]));
    answer(&p);
    gt_bound_runner_close(&p.bound);
    gt_step_data_free(&p.data);
    gt_workspace_free(p.workspace);
    gt_threads_free(p.threads);
    gt_plan_free(p.plan);
    gt_training_step_free(&p.step);
    gt_cell_source_free(&source);
    return 0;
}
