#include "cli/bench/bound_runner.h"

#include "base/entry.h"
#include "cli/bench/clock.h"
#include "plan/describe/bound.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory -------------------------------------------------------------------------------- */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Entries of all matrices of one operand; what no memory can be had of where the product overflows. */
static uint64_t entries_of(int64_t rows, int64_t columns, bool fixed, int64_t times)
{
    uint64_t entries;
    bool overflow = __builtin_mul_overflow((uint64_t)rows, (uint64_t)columns, &entries) ||
                    __builtin_mul_overflow(entries, fixed ? 1 : (uint64_t)times, &entries);
    return overflow ? UINT64_MAX : entries;
}

/* Small numbers that are neither zero nor so small that they slow the processor down. */
static void *new_matrix(uint64_t entries, gt_dtype dtype)
{
    enum { ALIGNMENT = 64 };
    if (entries > PTRDIFF_MAX / 16)
        return NULL;
    size_t bytes = ((size_t)entries * gt_dtype_size(dtype) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *matrix = aligned_alloc(ALIGNMENT, bytes + ALIGNMENT);
    uint32_t bits = 1;
    for (size_t i = 0; matrix != NULL && i < entries; i++) {
        bits = bits * 1664525U + 1013904223U;
        double number = ((double)(bits >> 8) / (1 << 24) - 0.5) / 8;
        gt_entry_set(matrix, dtype, (int64_t)i, number);
    }
    return matrix;
}

static gt_status take_memory(gt_bound_runner *r, gt_error *error)
{
    uint64_t left = 0, right = 0, output = 0, workspace = 0;
    gt_dtype dtype = gt_bound_at(r->bound, 0)->dtype;
    for (uint32_t i = 0; i < r->count; i++) {
        const gt_bound_product *p = gt_bound_at(r->bound, i);
        left = larger(left, entries_of(p->rows, p->inner, p->left_fixed, p->times));
        right = larger(right, entries_of(p->inner, p->columns, p->right_fixed, p->times));
        output = larger(output, entries_of(p->rows, p->columns, false, p->times));
        for (int way = 0; way < GT_WAY_COUNT; way++)
            workspace = larger(workspace, gt_way_workspace(p, (gt_way)way));
        dtype = p->dtype;
    }
    r->left = new_matrix(left, dtype);
    r->right = new_matrix(right, dtype);
    r->output = new_matrix(output, dtype);
    r->workspace = new_matrix(workspace, GT_F32); /* four times too much, and only where a kernel packs */
    r->best = calloc(r->count, sizeof *r->best);
    r->foreign = calloc(r->count, sizeof *r->foreign);
    if (r->left != NULL && r->right != NULL && r->output != NULL && r->workspace != NULL && r->best != NULL &&
        r->foreign != NULL)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_MEMORY, "out of memory for the matrix products of the bound");
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* A part of a large product that takes some hundredths of a second, in the same proportions where they matter. */
static gt_bound_product sample_of(const gt_bound_product *whole)
{
    const double most = 1e9;
    enum { FEWEST_TIMES = 4, UNIT = 64 };
    gt_bound_product p = *whole;
    double excess = gt_bound_flops(&p) / most;
    if (excess <= 1)
        return p;
    if (p.times > FEWEST_TIMES) {
        int64_t times = (int64_t)((double)p.times / excess);
        p.times = times > FEWEST_TIMES ? times : FEWEST_TIMES;
        return p;
    }
    int64_t *longest = p.columns >= p.inner ? &p.columns : &p.inner;
    int64_t size = (int64_t)((double)*longest / excess) / UNIT * UNIT;
    if (size < *longest)
        *longest = size > 4 * UNIT ? size : 4 * UNIT;
    return p;
}

/* Every product once, by what `name` is asked for later. */
static void rehearse(const gt_libraries *libraries, gt_library_name name, void *context)
{
    const gt_bound_runner *r = context;
    for (uint32_t i = 0; i < r->count; i++) {
        const gt_bound_product sample = sample_of(gt_bound_at(r->bound, i));
        if (name == GT_OPENBLAS || sample.dtype == GT_F32)
            gt_library_multiply(libraries, name, &sample, r->left, r->right, r->output);
    }
}

static double time_way(const gt_bound_runner *r, const gt_bound_product *p, gt_way way)
{
    enum { FEWEST = 3, MOST = 50 };
    const double long_enough_us = 20000;
    double best = DBL_MAX, spent = 0;
    gt_way_run(&r->libraries, p, way, r->left, r->right, r->output, r->workspace);
    for (int k = 0; k < MOST && (k < FEWEST || spent < long_enough_us); k++) {
        double begin = gt_now_us();
        gt_way_run(&r->libraries, p, way, r->left, r->right, r->output, r->workspace);
        double time = gt_now_us() - begin;
        best = time < best ? time : best;
        spent += time;
    }
    return best;
}

static void choose(gt_bound_runner *r, uint32_t i)
{
    const gt_bound_product sample = sample_of(gt_bound_at(r->bound, i));
    double best = DBL_MAX, foreign = DBL_MAX;
    r->best[i] = GT_WAY_OWN;
    for (int k = 0; k < GT_WAY_COUNT; k++) {
        gt_way way = (gt_way)k;
        if (!gt_way_can(&r->libraries, r->threads, &sample, way))
            continue;
        double time = time_way(r, &sample, way);
        if (time < best) {
            best = time;
            r->best[i] = way;
        }
        if (!gt_way_is_own(way) && time < foreign) {
            foreign = time;
            r->foreign[i] = way;
        }
    }
    if (foreign == DBL_MAX)
        r->foreign[i] = r->best[i];
    r->differs |= r->foreign[i] != r->best[i];
}

/* ---- all ----------------------------------------------------------------------------------- */

gt_status gt_bound_runner_open(gt_bound_runner *r, const gt_var *outputs, uint32_t output_count, int threads,
                               gt_error *error)
{
    *r = (gt_bound_runner){0};
    r->bound = gt_bound_new(outputs, output_count, error);
    if (r->bound == NULL)
        return error->status;
    r->count = gt_bound_count(r->bound);
    if (r->count == 0)
        return GT_OK;
    r->threads = threads;
    gt_status status = take_memory(r, error);
    if (status == GT_OK)
        gt_libraries_open(&r->libraries, threads, rehearse, r);
    for (uint32_t i = 0; i < r->count && status == GT_OK; i++) {
        r->flops += gt_bound_flops(gt_bound_at(r->bound, i));
        choose(r, i);
    }
    return status;
}

void gt_bound_runner_close(gt_bound_runner *r)
{
    gt_bound_free(r->bound);
    gt_libraries_close(&r->libraries);
    free(r->best);
    free(r->foreign);
    free(r->left);
    free(r->right);
    free(r->output);
    free(r->workspace);
    *r = (gt_bound_runner){0};
}

double gt_bound_runner_run(const gt_bound_runner *r, bool foreign)
{
    double begin = gt_now_us();
    for (uint32_t i = 0; i < r->count; i++)
        gt_way_run(&r->libraries, gt_bound_at(r->bound, i), foreign ? r->foreign[i] : r->best[i], r->left, r->right,
                   r->output, r->workspace);
    double time = gt_now_us() - begin;
    return time;
}
