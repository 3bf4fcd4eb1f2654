#include "cli/notebook/witnesses.h"

#include "command/engine.h"
#include "handwritten/handwritten.h"
#include "problem/differences.h"

#include <stdlib.h>
#include <string.h>

static gt_status no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
}

static gt_shape shape_of(const int64_t sizes[3])
{
    return sizes[2] > 0 ? GT_SHAPE(sizes[0], sizes[1], sizes[2]) : GT_SHAPE(sizes[0], sizes[1]);
}

/* ---- inputs -------------------------------------------------------------------------------- */

static gt_status draw(const gt_exercise_draw *what, gt_random *random, gt_archive *given, gt_error *error)
{
    gt_shape shape = shape_of(what->sizes);
    double *entries = calloc((size_t)gt_shape_count(shape), sizeof *entries);
    if (entries == NULL)
        return no_memory(error);
    if (!what->zeros)
        gt_random_fill_normal(random, shape, entries);
    gt_status status = gt_archive_add(given, what->name, (gt_array){entries, GT_F64, shape}, error);
    free(entries);
    return status;
}

gt_archive *gt_exercise_draw_inputs(const gt_exercise *exercise, gt_error *error)
{
    gt_archive *given = gt_archive_new();
    if (given == NULL) {
        no_memory(error);
        return NULL;
    }
    gt_random random;
    gt_random_seed(&random, 1);
    for (uint32_t i = 0; i < exercise->draw_count; i++) {
        if (draw(&exercise->draws[i], &random, given, error) != GT_OK) {
            gt_archive_free(given);
            return NULL;
        }
    }
    return given;
}

/* ---- the tape ------------------------------------------------------------------------------ */

static gt_status hear_tape(gt_testimony *testimony, gt_error *error)
{
    gt_cell_problem problem;
    gt_status status =
        gt_cell_problem_read(&problem, gt_cell_find(testimony->exercise->cell), testimony->given, GT_F64, error);
    if (status != GT_OK)
        return status;
    gt_archive **results = testimony->results;
    gt_problem_way way = {.unrolled = true, .engine = GT_ENGINE_INTERPRETER};
    status = gt_cell_problem_run(&problem, &way, results[GT_WITNESS_UNROLLED], error);
    way.unrolled = false;
    if (status == GT_OK)
        status = gt_cell_problem_run(&problem, &way, results[GT_WITNESS_ROLLED], error);
    if (status == GT_OK && testimony->exercise->backward)
        status = gt_cell_problem_differences(&problem, results[GT_WITNESS_DIFFERENCES], error);
    gt_cell_problem_free(&problem);
    return status;
}

/* ---- the formulas -------------------------------------------------------------------------- */

static gt_handwritten_sizes sizes_of(const gt_testimony *testimony)
{
    gt_shape x = gt_archive_find(testimony->given, "x").shape;
    gt_shape a0 = gt_archive_find(testimony->given, "a0").shape;
    gt_shape by = gt_archive_find(testimony->given, "by").shape;
    return (gt_handwritten_sizes){(size_t)x.size[0], (size_t)a0.size[0], (size_t)by.size[0], (size_t)x.size[1],
                                  (size_t)x.size[2]};
}

/* Without the axis of time where the exercise is one step. */
static gt_shape result_shape(const gt_handwritten *h, const gt_handwritten_row *row, bool one_step)
{
    size_t sizes[3];
    gt_handwritten_shape(h, row, sizes);
    bool over_time = strchr(row->shape, 't') != NULL && !one_step;
    return shape_of((int64_t[3]){(int64_t)sizes[0], (int64_t)sizes[1], over_time ? (int64_t)sizes[2] : 0});
}

static gt_status compute_by_hand(const gt_testimony *testimony, const gt_handwritten_cell *cell, gt_handwritten *h,
                                 gt_error *error)
{
    for (uint32_t i = 0; gt_archive_name(testimony->given, i) != NULL; i++) {
        const char *name = gt_archive_name(testimony->given, i);
        gt_array array = gt_archive_find(testimony->given, name);
        /* Steps are the last axis, so a shorter upstream gradient is the front of a longer one. */
        memcpy(gt_handwritten_array(h, name), array.data, (size_t)gt_shape_count(array.shape) * sizeof(double));
    }
    gt_handwritten_forward(h);
    gt_handwritten_backward(h);
    bool one_step = gt_archive_find(testimony->given, "x").shape.rank == 2;
    gt_status status = GT_OK;
    for (size_t i = 0; i < cell->row_count && status == GT_OK; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind == GT_HANDWRITTEN_FORWARD ||
            (row->kind == GT_HANDWRITTEN_GRADIENT && testimony->exercise->backward))
            status = gt_archive_add(
                testimony->results[GT_WITNESS_HANDWRITTEN], row->name,
                (gt_array){gt_handwritten_array(h, row->name), GT_F64, result_shape(h, row, one_step)}, error);
    }
    return status;
}

static gt_status hear_formulas(gt_testimony *testimony, gt_error *error)
{
    const gt_handwritten_cell *cell = gt_handwritten_find(testimony->exercise->cell);
    gt_handwritten *h = gt_handwritten_new(cell, sizes_of(testimony));
    if (h == NULL)
        return no_memory(error);
    gt_status status = compute_by_hand(testimony, cell, h, error);
    gt_handwritten_free(h);
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

gt_status gt_testimony_hear(gt_testimony *testimony, const gt_exercise *exercise, gt_error *error)
{
    *testimony = (gt_testimony){.exercise = exercise};
    testimony->given = gt_exercise_draw_inputs(exercise, error);
    if (testimony->given == NULL)
        return GT_ERROR_MEMORY;
    for (int w = 0; w < GT_WITNESS_COUNT; w++) {
        testimony->results[w] = gt_archive_new();
        if (testimony->results[w] == NULL)
            return no_memory(error);
    }
    gt_status status = hear_tape(testimony, error);
    return status == GT_OK ? hear_formulas(testimony, error) : status;
}

void gt_testimony_free(gt_testimony *testimony)
{
    gt_archive_free(testimony->given);
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        gt_archive_free(testimony->results[w]);
}
