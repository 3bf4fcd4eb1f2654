/* Shares of paths: the replay with carried edges cut, and with the loss of one step alone. */
#include "flow/flow.h"

#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += a[k] * b[k];
    return sum;
}

static const gt_step_name *parameter(const gt_flow_run *run, uint32_t p)
{
    return &run->step.names[run->first + p];
}

/* What the pass that has just been run gives of each parameter, at one step (or -1: summed over all), times its
 * gradient. */
static double part_of(const gt_flow_run *run, uint32_t p, int64_t at)
{
    const gt_step_name *name = parameter(run, p);
    double sum = 0;
    for (int64_t t = 0; t < run->flow.steps; t++)
        if (name->gradients != NULL && (at < 0 || t == at))
            sum += dot(name->gradients[t], run->total[p], gt_step_count(name));
    return sum;
}

/* The gradients of the whole pass, which all shares are taken of. */
static gt_status keep_totals(gt_flow_run *run, gt_error *error)
{
    run->first = run->step.parameter_first;
    run->count = run->step.equation_first - run->step.parameter_first;
    run->total = gt_pool_new(&run->pool, run->count, sizeof *run->total);
    for (uint32_t p = 0; p < run->count && run->total != NULL; p++) {
        const gt_step_name *name = parameter(run, p);
        run->total[p] = gt_pool_new(&run->pool, gt_step_count(name), sizeof **run->total);
        if (run->total[p] == NULL)
            return gt_flow_no_memory(error);
        for (int64_t t = 0; t < run->flow.steps && name->gradients != NULL; t++)
            for (size_t k = 0; k < gt_step_count(name); k++)
                run->total[p][k] += name->gradients[t][k];
    }
    return run->total == NULL ? gt_flow_no_memory(error) : GT_OK;
}

/* The lists of one entry; the last is that of all parameters together. */
typedef struct entry {
    double *alone, *triangle;
} entry;

/* A share of parameter p, and its part in that of all. Parts add up; they are divided when all are there. */
static void add(double *one, double *all, double part)
{
    *one += part;
    *all += part;
}

static gt_status cut_edges(gt_flow_run *run, gt_flow_paths *paths, const entry *entries, gt_error *error)
{
    bool cut[GT_MAX_CELL_ARRAYS];
    uint32_t states = run->flow.state_count, all = run->count;
    for (uint32_t i = 0; i < states; i++)
        cut[i] = true;
    gt_status status = gt_flow_pass(run, &(gt_step_pass){.cut = cut}, error);
    for (uint32_t p = 0; p < run->count && status == GT_OK; p++)
        add(&paths[p].within, &paths[all].within, part_of(run, p, -1));
    for (uint32_t i = 0; i < states && states > 1 && status == GT_OK; i++) {
        cut[i] = false;
        status = gt_flow_pass(run, &(gt_step_pass){.cut = cut}, error);
        cut[i] = true;
        for (uint32_t p = 0; p < run->count && status == GT_OK; p++)
            add(&entries[p].alone[i], &entries[all].alone[i], part_of(run, p, -1) - paths[p].within);
    }
    return status;
}

static gt_status take_steps(gt_flow_run *run, const entry *entries, gt_error *error)
{
    int64_t steps = run->flow.steps;
    gt_status status = GT_OK;
    for (int64_t s = 0; s < steps && status == GT_OK; s++) {
        status = gt_flow_pass(run, &(gt_step_pass){.only = s + 1}, error);
        for (uint32_t p = 0; p < run->count && status == GT_OK; p++)
            for (int64_t t = 0; t <= s; t++)
                add(&entries[p].triangle[s * steps + t], &entries[run->count].triangle[s * steps + t],
                    part_of(run, p, t));
    }
    return status;
}

/* From parts to shares. What goes through one state alone is all that is carried, where there is but one. */
static void divide(const gt_flow_run *run, gt_flow_paths *paths, const entry *e)
{
    uint32_t states = run->flow.state_count;
    double squares = paths->norm * paths->norm;
    double rest = squares - paths->within;
    if (states == 1)
        e->alone[0] = rest;
    for (uint32_t i = 0; i < states; i++) {
        rest -= e->alone[i];
        e->alone[i] /= squares;
    }
    paths->within /= squares;
    paths->mixed = states == 1 ? 0 : rest / squares;
    for (int64_t k = 0; k < run->flow.steps * run->flow.steps && e->triangle != NULL; k++)
        e->triangle[k] /= squares;
}

static gt_status make_lists(gt_flow_run *run, gt_flow_paths *paths, entry *entries, gt_error *error)
{
    size_t squares = (size_t)(run->flow.steps * run->flow.steps);
    double all = 0;
    for (uint32_t p = 0; p <= run->count; p++) {
        const char *name = p < run->count ? parameter(run, p)->name : "all";
        double own = p < run->count ? dot(run->total[p], run->total[p], gt_step_count(parameter(run, p))) : all;
        char *copy = gt_pool_new(&run->pool, strlen(name) + 1, 1);
        entries[p].alone = gt_pool_new(&run->pool, run->flow.state_count, sizeof(double));
        if (!run->options->no_triangle)
            entries[p].triangle = gt_pool_new(&run->pool, squares, sizeof(double));
        if (copy == NULL || entries[p].alone == NULL || (!run->options->no_triangle && entries[p].triangle == NULL))
            return gt_flow_no_memory(error);
        all += own;
        paths[p] = (gt_flow_paths){
            .name = strcpy(copy, name), .norm = sqrt(own), .alone = entries[p].alone, .triangle = entries[p].triangle};
    }
    return GT_OK;
}

gt_status gt_flow_find_paths(gt_flow_run *run, gt_error *error)
{
    gt_status status = keep_totals(run, error);
    if (status != GT_OK)
        return status;
    gt_flow_paths *paths = gt_pool_new(&run->pool, (size_t)run->count + 1, sizeof *paths);
    entry *entries = gt_pool_new(&run->pool, (size_t)run->count + 1, sizeof *entries);
    if (paths == NULL || entries == NULL)
        return gt_flow_no_memory(error);
    status = make_lists(run, paths, entries, error);
    if (status == GT_OK)
        status = cut_edges(run, paths, entries, error);
    if (status == GT_OK && !run->options->no_triangle)
        status = take_steps(run, entries, error);
    /* Those without a gradient have no shares. */
    for (uint32_t p = 0; p <= run->count && status == GT_OK; p++) {
        if (!(paths[p].norm > 0))
            continue;
        divide(run, &paths[p], &entries[p]);
        paths[run->flow.paths_count++] = paths[p];
    }
    run->flow.paths = paths;
    return status;
}
