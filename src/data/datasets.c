/* The sets that a task is learnt from: read or made, and what they say together. */
#include "base/fnv.h"
#include "base/sized.h"
#include "base/utf8.h"
#include "data/tasks.h"
#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

#define LEAST_VALIDATION 100
#define MOST_VALIDATION 1000

/* ---- which task ---------------------------------------------------------------------------- */

static bool unknown_task(const char *task, gt_error *error)
{
    gt_nearest nearest = {.wanted = task};
    for (int i = 0; gt_data_kinds[i] != NULL; i++)
        gt_nearest_offer(&nearest, gt_data_kinds[i]);
    for (uint32_t i = 0; gt_task_at(i) != NULL; i++)
        gt_nearest_offer(&nearest, gt_task_at(i)->name);
    gt_error_set(
        error, GT_ERROR_ARGUMENT,
        "there is no task '%.*s'%s%s: classify, tag, regress, forecast and lm are for --data, and 'gradtape tasks' "
        "lists those that make their sequences",
        gt_utf8_fit(task, 60), task, nearest.best == NULL ? "" : "; did you mean ",
        nearest.best == NULL ? "" : nearest.best);
    return false;
}

static bool find_kind(const char *task, gt_data_kind *kind, gt_error *error)
{
    for (int i = 0; gt_data_kinds[i] != NULL; i++)
        if (strcmp(task, gt_data_kinds[i]) == 0) {
            *kind = (gt_data_kind)i;
            return true;
        }
    return unknown_task(task, error);
}

/* Files and tasks need each other, or exclude each other. */
static bool check_file(const gt_data_source *source, const gt_task *task, gt_error *error)
{
    bool wanted = task == NULL || task->fill == NULL;
    if (wanted && source->training == NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task %s: give the sequences with --data FILE.npz",
                     task == NULL ? source->task : task->name);
    else if (!wanted && source->training != NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task %s makes its sequences: leave --data out", task->name);
    else if (task != NULL && source->test != NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--test-data is for sequences that are given with --data");
    else if (task != NULL && gt_cell_given_inputs(source->cell) != 1)
        gt_error_set(error, GT_ERROR_ARGUMENT, "the task %s has one input, cell %s has %u", task->name,
                     source->cell->name, gt_cell_given_inputs(source->cell));
    else
        return true;
    return false;
}

/* What follows is not to be seen by what predicts it. */
static bool check_directions(const gt_data_source *source, gt_data_kind kind, gt_error *error)
{
    if (!source->bidirectional || (kind != GT_DATA_LM && kind != GT_DATA_FORECAST))
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "the task %s predicts what follows, and a layer in both directions, bi( ), would see it: give layers "
                 "in one direction",
                 gt_data_kinds[kind]);
    return false;
}

/* ---- reading and making -------------------------------------------------------------------- */

/* The part at the end is kept for validation. */
static bool split(gt_datasets *sets, gt_dataset *all, double part, gt_error *error)
{
    int64_t kept = (int64_t)((double)all->examples * part);
    if (kept == 0) {
        sets->training = *all;
        *all = (gt_dataset){0};
        return true;
    }
    return gt_dataset_part(all, 0, all->examples - kept, &sets->training, error) &&
           gt_dataset_part(all, all->examples - kept, kept, &sets->validation, error);
}

static bool read_files(gt_datasets *sets, const gt_data_source *source, gt_data_kind kind, gt_error *error)
{
    if (source->test != NULL && !gt_dataset_read(&sets->test, source->test, kind, source->cell, source->dtype, error))
        return false;
    if (source->validation != NULL)
        return gt_dataset_read(&sets->training, source->training, kind, source->cell, source->dtype, error) &&
               gt_dataset_read(&sets->validation, source->validation, kind, source->cell, source->dtype, error);
    gt_dataset all = {0};
    bool good = gt_dataset_read(&all, source->training, kind, source->cell, source->dtype, error) &&
                split(sets, &all, source->validation_part, error);
    gt_dataset_free(&all);
    return good;
}

static bool make(gt_datasets *sets, const gt_data_source *source, const gt_task *task, const int64_t sizes[2],
                 gt_error *error)
{
    gt_dataset *const made[] = {&sets->training, &sets->validation, &sets->test};
    int64_t kept = source->examples / 10;
    kept = kept < LEAST_VALIDATION ? LEAST_VALIDATION : kept > MOST_VALIDATION ? MOST_VALIDATION : kept;
    if (task->fill == NULL) /* it has a file */
        return gt_task_read_rows(made[0], source->training, false, source->dtype, error) &&
               gt_task_read_rows(made[1], source->training, true, source->dtype, error);
    bool good = true;
    for (uint32_t i = 0; i < (source->makes_test ? 3 : 2) && good; i++)
        good =
            gt_task_make(task, sizes, source->seed, i, i == 0 ? source->examples : kept, source->dtype, made[i], error);
    return good;
}

/* ---- what they say together ---------------------------------------------------------------- */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool unlike(const char *path, const char *what, int64_t has, int64_t training, gt_error *error)
{
    gt_error_set(error, GT_ERROR_SHAPE, "%s: its sequences have %lld %s, and those to train on %lld: both have as many",
                 path, (long long)has, what, (long long)training);
    return false;
}

/* A network reads and predicts as many numbers of every set: the training data say how many. */
static bool check_alike(const gt_dataset *training, const gt_dataset *set, const char *path, const gt_cell *cell,
                        gt_error *error)
{
    char what[160];
    if (set->examples == 0)
        return true;
    if ((set->vocabulary == 0) != (training->vocabulary == 0)) {
        gt_error_set(error, GT_ERROR_SHAPE, "%s: its sequences are of %s, and those to train on of %s", path,
                     set->vocabulary == 0 ? "numbers" : "tokens", training->vocabulary == 0 ? "numbers" : "tokens");
        return false;
    }
    for (uint32_t i = 0; i < training->input_count; i++) {
        gt_utf8_format(what, sizeof what, "features of %s", cell->inputs[i].name);
        if (set->rows[i] != training->rows[i])
            return unlike(path, what, set->rows[i], training->rows[i], error);
    }
    bool numbers = !gt_data_kind_has_classes(training->kind);
    return !numbers || set->outputs == training->outputs ||
           unlike(path, "numbers to predict", set->outputs, training->outputs, error);
}

static void describe(gt_datasets *sets)
{
    const gt_dataset *a = &sets->training, *b = &sets->validation, *c = &sets->test;
    sets->reads_numbers = a->vocabulary == 0;
    sets->predicts_numbers = !gt_data_kind_has_classes(a->kind);
    sets->at_the_end = gt_dataset_ends(a);
    sets->further_inputs = a->input_count - 1;
    sets->vocabulary = larger(larger(a->vocabulary, b->vocabulary), c->vocabulary);
    sets->outputs = sets->predicts_numbers ? a->outputs : larger(larger(a->outputs, b->outputs), c->outputs);
    if (a->kind == GT_DATA_LM)
        sets->outputs = sets->vocabulary = larger(sets->vocabulary, sets->outputs);
}

/* What the scores at the end are about. */
static const gt_dataset *last_of(const gt_datasets *sets)
{
    return sets->test.examples > 0 ? &sets->test : sets->validation.examples > 0 ? &sets->validation : &sets->training;
}

static bool get(gt_datasets *sets, const gt_data_source *source, gt_error *error)
{
    const gt_task *task;
    int64_t sizes[2];
    gt_data_kind kind = GT_DATA_LM;
    if (!gt_task_find(source->task, &task, sizes, error) || (task == NULL && !find_kind(source->task, &kind, error)) ||
        !check_file(source, task, error) || !check_directions(source, task == NULL ? kind : task->kind, error))
        return false;
    sets->optimum = task == NULL ? NAN : task->optimum;
    if (!(task != NULL ? make(sets, source, task, sizes, error) : read_files(sets, source, kind, error)))
        return false;
    if (!check_alike(&sets->training, &sets->validation, source->validation, source->cell, error) ||
        !check_alike(&sets->training, &sets->test, source->test, source->cell, error))
        return false;
    describe(sets);
    return gt_dataset_baseline(last_of(sets), &sets->baseline, error);
}

/* ---- all ----------------------------------------------------------------------------------- */

gt_status gt_datasets_get(gt_datasets *sets, const gt_data_source *given, gt_error *error)
{
    gt_data_source source;
    gt_error inner = {0};
    gt_take_sized(&source, given, sizeof source);
    *sets = (gt_datasets){.optimum = NAN, .baseline = {NAN, NAN}};
    if (source.task == NULL || source.cell == NULL || source.cell->input_count < 1 || source.examples < 1 ||
        !(source.validation_part >= 0 && source.validation_part < 1))
        return gt_error_set(
            error, GT_ERROR_ARGUMENT,
            "sequences need a task, a cell that has an input, at least one example, and a part from 0 to below 1 "
            "to validate on");
    return get(sets, &source, &inner) ? GT_OK : gt_error_set(error, inner.status, "%s", inner.message);
}

void gt_datasets_free(gt_datasets *sets)
{
    gt_dataset_free(&sets->training);
    gt_dataset_free(&sets->validation);
    gt_dataset_free(&sets->test);
}

_Static_assert(GT_HASH_START == GT_FNV_START, "the public name of where a hash begins");

uint64_t gt_symbols_hash(uint64_t hash, const uint32_t *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int shift = 0; shift < 32; shift += 8)
            hash = gt_fnv_byte(hash, (unsigned char)(symbols[i] >> shift & 0xFF));
    return gt_fnv_byte(hash, 0xFF);
}

uint64_t gt_datasets_hash(const gt_datasets *sets)
{
    uint64_t hash = gt_dataset_hash(&sets->training, GT_FNV_START);
    if (sets->validation.examples > 0)
        hash = gt_dataset_hash(&sets->validation, hash);
    return sets->test.examples > 0 ? gt_dataset_hash(&sets->test, hash) : hash;
}
