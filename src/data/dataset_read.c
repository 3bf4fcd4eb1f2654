/* Sequences from an archive: every array is compared with what the task and the cell need. */
#include "base/entry.h"
#include "base/types.h"
#include "base/utf8.h"
#include "data/dataset.h"
#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

#define MOST_CLASSES 1000000

typedef struct reading {
    gt_dataset *data;
    const char *path;
    gt_archive *archive;
    const gt_cell *cell;
    gt_error *error;
    const char *first; /* the name of the array of the first input */
    int64_t whole;     /* steps in the file: one more than in the set where what follows is predicted */
} reading;

static bool fail(const reading *r, const char *name, gt_array array, const char *expected)
{
    char shape[96];
    gt_error_set(r->error, GT_ERROR_SHAPE, "%s: %s is %s, but %s is expected", r->path, name,
                 gt_shape_format(array.shape, shape, sizeof shape), expected);
    return false;
}

static double number_of(gt_array array, int64_t place)
{
    return gt_entry_at(array.data, array.dtype, place);
}

static bool is_whole(gt_array array)
{
    return !gt_type_is_real(array.dtype);
}

/* The shape without axes of size 1 at its end, which change nothing. */
static bool has_shape(gt_array array, int64_t a, int64_t b, int64_t c)
{
    return gt_shape_equal(array.shape, gt_shape_make(a, b, c, GT_NO_SIZE, GT_NO_SIZE));
}

/* ---- sizes --------------------------------------------------------------------------------- */

static bool follows(const gt_dataset *data)
{
    return data->kind == GT_DATA_LM || data->kind == GT_DATA_FORECAST;
}

static bool take_first(reading *r)
{
    gt_dataset *d = r->data;
    r->first = r->cell->inputs[0].name;
    gt_array x = gt_archive_find(r->archive, r->first);
    if (x.data == NULL) {
        r->first = "x";
        x = gt_archive_find(r->archive, "x");
    }
    if (x.data == NULL) {
        gt_error_set(r->error, GT_ERROR_FORMAT,
                     "%s has no array %s%s: the sequences, (features, examples, T), or tokens (examples, T)", r->path,
                     r->cell->inputs[0].name, strcmp(r->cell->inputs[0].name, "x") == 0 ? "" : " or x");
        return false;
    }
    bool tokens = x.shape.rank == 2 && is_whole(x);
    if (!tokens && x.shape.rank != 3)
        return fail(r, r->first, x, "(features, examples, T), or whole numbers (examples, T), which are tokens,");
    d->examples = x.shape.size[tokens ? 0 : 1];
    r->whole = x.shape.size[tokens ? 1 : 2];
    d->rows[0] = tokens ? 0 : x.shape.size[0];
    d->vocabulary = tokens ? 1 : 0; /* its size follows */
    d->steps = r->whole - follows(d);
    if (tokens ? d->kind == GT_DATA_FORECAST : d->kind == GT_DATA_LM)
        return fail(r, r->first, x,
                    tokens ? "for the task forecast (features, examples, T)" : "for the task lm tokens (examples, T)");
    if (d->steps < 1)
        return fail(r, r->first, x, "more than one step, since the next is to be predicted,");
    return true;
}

static bool take_further(const reading *r)
{
    gt_dataset *d = r->data;
    for (uint32_t i = 1; i < gt_cell_given_inputs(r->cell); i++) {
        const char *name = r->cell->inputs[i].name;
        gt_array array = gt_archive_find(r->archive, name);
        if (array.data == NULL) {
            gt_error_set(r->error, GT_ERROR_FORMAT, "%s has no array %s, which is an input of cell %s", r->path, name,
                         r->cell->name);
            return false;
        }
        char expected[160];
        gt_utf8_format(expected, sizeof expected, "(features, %lld, %lld), as many examples and steps as %s,",
                       (long long)d->examples, (long long)r->whole, r->first);
        if (array.shape.rank != 3 || array.shape.size[1] != d->examples || array.shape.size[2] != r->whole)
            return fail(r, name, array, expected);
        d->rows[i] = array.shape.size[0];
    }
    return true;
}

/* Classes and tokens: from 0 on, and not too many; *below becomes one more than the largest. */
static bool count_classes(const reading *r, const char *name, gt_array array, int64_t *below)
{
    for (int64_t i = 0; i < gt_shape_count(array.shape); i++) {
        int32_t value = ((const int32_t *)array.data)[i];
        if (value < 0 || value >= MOST_CLASSES) {
            gt_error_set(r->error, GT_ERROR_VALUE,
                         "%s: %s has %d; classes and tokens are numbered from 0 (to %d at most)", r->path, name,
                         (int)value, MOST_CLASSES - 1);
            return false;
        }
        *below = value >= *below ? value + 1 : *below;
    }
    return true;
}

static bool size_targets(const reading *r)
{
    gt_dataset *d = r->data;
    gt_array y = gt_archive_find(r->archive, "y");
    if (follows(d)) {
        d->outputs = d->kind == GT_DATA_LM ? d->vocabulary : d->rows[0];
        return true;
    }
    if (y.data == NULL) {
        gt_error_set(r->error, GT_ERROR_FORMAT, "%s has no array y: what is to be predicted in the task %s", r->path,
                     gt_data_kinds[d->kind]);
        return false;
    }
    char expected[200];
    if (d->kind == GT_DATA_REGRESS) {
        gt_utf8_format(expected, sizeof expected,
                       "(outputs, %lld, %lld), numbers at every step, or (outputs, %lld), at the end,",
                       (long long)d->examples, (long long)d->steps, (long long)d->examples);
        bool one = y.shape.rank == 1 && y.shape.size[0] == d->examples;
        d->outputs = one ? 1 : y.shape.size[0];
        bool fits = one || has_shape(y, d->outputs, d->examples, d->steps) ||
                    (y.shape.rank == 2 && y.shape.size[1] == d->examples);
        return fits || fail(r, "y", y, expected);
    }
    bool tag = d->kind == GT_DATA_TAG;
    if (tag)
        gt_utf8_format(expected, sizeof expected, "(%lld, %lld), a class from 0 for each example and step,",
                       (long long)d->examples, (long long)d->steps);
    else
        gt_utf8_format(expected, sizeof expected, "(%lld), a class from 0 for each example,", (long long)d->examples);
    bool fits = tag ? has_shape(y, d->examples, d->steps, 1)
                    : has_shape(y, d->examples, 1, 1) || has_shape(y, 1, d->examples, 1);
    if (!fits || !is_whole(y))
        return fail(r, is_whole(y) ? "y" : "y, of real numbers,", y, expected);
    d->outputs = 2;
    return count_classes(r, "y", y, &d->outputs);
}

/* ---- weights ------------------------------------------------------------------------------- */

/* 1 up to the length of each sequence, or what the mask says. */
static bool take_weights(const reading *r)
{
    gt_dataset *d = r->data;
    gt_array lengths = gt_archive_find(r->archive, "lengths"), mask = gt_archive_find(r->archive, "mask");
    int64_t shift = follows(d);
    char expected[160];
    if (lengths.data != NULL && mask.data != NULL)
        return fail(r, "mask", mask, "either lengths or a mask, not both,");
    gt_utf8_format(expected, sizeof expected, "(%lld), a number of steps from 1 to %lld for each example,",
                   (long long)d->examples, (long long)r->whole);
    if (lengths.data != NULL && (!has_shape(lengths, d->examples, 1, 1) || !is_whole(lengths)))
        return fail(r, is_whole(lengths) ? "lengths" : "lengths, of real numbers,", lengths, expected);
    gt_utf8_format(expected, sizeof expected, "(%lld, %lld), what each step counts, 0 and more,",
                   (long long)d->examples, (long long)r->whole);
    if (mask.data != NULL && !has_shape(mask, d->examples, r->whole, 1))
        return fail(r, "mask", mask, expected);
    for (int64_t i = 0; i < d->examples; i++) {
        int64_t length = lengths.data == NULL ? r->whole : ((const int32_t *)lengths.data)[i];
        if (length < 1 || length > r->whole) {
            gt_error_set(r->error, GT_ERROR_VALUE, "%s: lengths has %lld for example %lld; it must be from 1 to %lld",
                         r->path, (long long)length, (long long)i, (long long)r->whole);
            return false;
        }
        for (int64_t t = 0; t < d->steps; t++) {
            int64_t place = t * d->examples + i;
            double weight = mask.data == NULL ? t + shift < length : number_of(mask, place + shift * d->examples);
            if (!(weight >= 0 && isfinite(weight))) {
                gt_error_set(r->error, GT_ERROR_VALUE,
                             "%s: mask has %g at step %lld of example %lld; it says what a step counts, 0 and more",
                             r->path, isnan(weight) ? fabs(weight) : weight, (long long)(t + shift), (long long)i);
                return false;
            }
            d->weights[place] = weight;
        }
    }
    return true;
}

/* What is told at the end alone: the last step that counts keeps its weight. Returns it; -1: none does. */
static int64_t keep_end(gt_dataset *d, int64_t example)
{
    int64_t end = -1;
    for (int64_t t = d->steps - 1; t >= 0; t--) {
        double *weight = &d->weights[t * d->examples + example];
        if (*weight > 0 && end < 0)
            end = t;
        else
            *weight = 0;
    }
    return end;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Whether some step of the example counts from t on, so that what is read at t has a part in it. */
static bool is_read(const gt_dataset *d, int64_t example, int64_t t)
{
    for (; t < d->steps; t++)
        if (d->weights[t * d->examples + example] > 0)
            return true;
    return false;
}

static bool is_predicted(const gt_dataset *d, int64_t example, int64_t t)
{
    return d->weights[t * d->examples + example] > 0;
}

static bool not_finite(const reading *r, const char *name, double value, int64_t place)
{
    int64_t example = place % r->data->examples, t = place / r->data->examples;
    bool masked = !is_predicted(r->data, example, t);
    gt_error_set(r->error, GT_ERROR_NOT_FINITE, "%s: %s has %g at step %lld of example %lld, which is not finite%s",
                 r->path, name, value, (long long)t, (long long)example,
                 isfinite(value) ? " in f32: use --dtype f64"
                 : masked        ? "; it does not count, but what is read there has a part in later steps: put a number"
                                 : "; what does not count is left out with lengths or a mask");
    return false;
}

/* Arrays (rows, N, T) from an offset on; what has no part in any loss, as where sequences were padded, becomes 0. */
static bool copy_numbers(const reading *r, const char *name, gt_array from, int64_t offset, void *to, int64_t rows,
                         bool (*has_part)(const gt_dataset *, int64_t example, int64_t t))
{
    gt_dataset *d = r->data;
    int64_t padded = -1; /* a place that has no part */
    for (int64_t i = 0; i < rows * d->examples * d->steps; i++) {
        double value = number_of(from, offset + i);
        int64_t place = i / rows;
        gt_dataset_set(d, to, i, value);
        if (isfinite(gt_dataset_get(d, to, i)))
            continue;
        if (place != padded && has_part(d, place % d->examples, place / d->examples))
            return not_finite(r, name, value, place);
        padded = place;
        gt_dataset_set(d, to, i, 0);
    }
    return true;
}

static bool take_inputs(const reading *r)
{
    gt_dataset *d = r->data;
    gt_array x = gt_archive_find(r->archive, r->first);
    if (d->tokens != NULL)
        memcpy(d->tokens, x.data, (size_t)(d->examples * d->steps) * sizeof *d->tokens);
    else if (!copy_numbers(r, r->first, x, 0, d->inputs[0], d->rows[0], is_read))
        return false;
    for (uint32_t i = 1; i < d->input_count; i++) {
        const char *name = r->cell->inputs[i].name;
        if (!copy_numbers(r, name, gt_archive_find(r->archive, name), 0, d->inputs[i], d->rows[i], is_read))
            return false;
    }
    return true;
}

/* The numbers of one example, to be predicted at its end. */
static bool copy_end(const reading *r, gt_array y, int64_t example, int64_t place)
{
    gt_dataset *d = r->data;
    for (int64_t k = 0; k < d->outputs; k++) {
        double value = number_of(y, example * d->outputs + k);
        gt_dataset_set(d, d->numbers, place * d->outputs + k, value);
        if (!isfinite(gt_dataset_get(d, d->numbers, place * d->outputs + k)))
            return not_finite(r, "y", value, place);
    }
    return true;
}

static bool take_at_the_end(const reading *r, gt_array y)
{
    gt_dataset *d = r->data;
    for (int64_t i = 0; i < d->examples; i++) {
        int64_t end = keep_end(d, i), place = end * d->examples + i;
        if (end < 0)
            continue;
        if (d->classes != NULL)
            d->classes[place] = ((const int32_t *)y.data)[i];
        else if (!copy_end(r, y, i, place))
            return false;
    }
    return true;
}

static bool take_targets(const reading *r)
{
    gt_dataset *d = r->data;
    gt_array x = gt_archive_find(r->archive, r->first), y = gt_archive_find(r->archive, "y");
    int64_t places = d->examples * d->steps;
    switch (d->kind) {
    case GT_DATA_LM:
        memcpy(d->classes, (const int32_t *)x.data + d->examples, (size_t)places * sizeof *d->classes);
        return true;
    case GT_DATA_FORECAST:
        return copy_numbers(r, r->first, x, d->examples * d->rows[0], d->numbers, d->outputs, is_predicted);
    case GT_DATA_TAG:
        memcpy(d->classes, y.data, (size_t)places * sizeof *d->classes);
        return true;
    case GT_DATA_REGRESS:
        if (y.shape.rank == 3)
            return copy_numbers(r, "y", y, 0, d->numbers, d->outputs, is_predicted);
        break;
    case GT_DATA_CLASSIFY:
        break;
    }
    return take_at_the_end(r, y);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool take_all(reading *r)
{
    gt_dataset *d = r->data;
    if (!take_first(r) || !take_further(r))
        return false;
    if (d->vocabulary > 0 && !count_classes(r, r->first, gt_archive_find(r->archive, r->first), &d->vocabulary))
        return false;
    return size_targets(r) && gt_dataset_allocate(d, r->error) && take_weights(r) && take_inputs(r) && take_targets(r);
}

bool gt_dataset_read(gt_dataset *data, const char *path, gt_data_kind kind, const gt_cell *cell, gt_dtype dtype,
                     gt_error *error)
{
    *data = (gt_dataset){.kind = kind, .dtype = dtype, .input_count = gt_cell_given_inputs(cell)};
    gt_error inner = {0};
    reading r = {.data = data, .path = path, .cell = cell, .error = &inner};
    r.archive = gt_archive_read(path, &inner);
    bool good = r.archive != NULL && take_all(&r);
    gt_archive_free(r.archive);
    if (!good)
        gt_error_set(error, inner.status, "%s", inner.message);
    return good;
}
