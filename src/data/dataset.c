#include "data/dataset.h"

#include "base/entry.h"
#include "base/fnv.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

const char *const gt_data_kinds[] = {"lm", "classify", "tag", "regress", "forecast", NULL};

const char *gt_data_kind_name(gt_data_kind kind)
{
    return kind >= GT_DATA_LM && kind <= GT_DATA_FORECAST ? gt_data_kinds[kind] : NULL;
}

bool gt_data_kind_has_classes(gt_data_kind kind)
{
    return kind == GT_DATA_LM || kind == GT_DATA_CLASSIFY || kind == GT_DATA_TAG;
}

/* ---- memory -------------------------------------------------------------------------------- */

void gt_dataset_free(gt_dataset *data)
{
    for (uint32_t i = 0; i < data->input_count; i++)
        gt_memory_free(data->inputs[i]);
    gt_memory_free(data->tokens);
    gt_memory_free(data->classes);
    gt_memory_free(data->numbers);
    gt_memory_free(data->weights);
    *data = (gt_dataset){0};
}

/* Zeroed room for rows x N x T entries; NULL if there is none. */
static void *room(const gt_dataset *data, int64_t rows, size_t size)
{
    int64_t count;
    if (rows < 1 || data->examples < 1 || data->steps < 1 || __builtin_mul_overflow(rows, data->examples, &count) ||
        __builtin_mul_overflow(count, data->steps, &count) || (uint64_t)count > SIZE_MAX / size)
        return NULL;
    return gt_memory_new((uint64_t)count, size);
}

bool gt_dataset_allocate(gt_dataset *data, gt_error *error)
{
    size_t size = gt_dtype_size(data->dtype);
    bool good = (data->weights = room(data, 1, sizeof *data->weights)) != NULL;
    if (data->vocabulary > 0)
        good = good && (data->tokens = room(data, 1, sizeof *data->tokens)) != NULL;
    for (uint32_t i = data->vocabulary > 0 ? 1 : 0; i < data->input_count; i++)
        good = good && (data->inputs[i] = room(data, data->rows[i], size)) != NULL;
    if (gt_data_kind_has_classes(data->kind))
        good = good && (data->classes = room(data, 1, sizeof *data->classes)) != NULL;
    else
        good = good && (data->numbers = room(data, data->outputs, size)) != NULL;
    if (!good)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for %lld sequences of %lld steps", (long long)data->examples,
                     (long long)data->steps);
    return good;
}

void gt_dataset_set(const gt_dataset *data, void *array, int64_t place, double value)
{
    gt_entry_set(array, data->dtype, place, value);
}

double gt_dataset_get(const gt_dataset *data, const void *array, int64_t place)
{
    return gt_entry_at(array, data->dtype, place);
}

gt_train_data gt_dataset_view(const gt_dataset *data)
{
    gt_train_data view = GT_TRAIN_DATA_INIT;
    view.examples = data->examples;
    view.steps = data->steps;
    view.tokens = data->tokens;
    view.inputs = (const void *const *)data->inputs;
    view.classes = data->classes;
    view.numbers = data->numbers;
    view.weights = data->weights;
    return view;
}

/* ---- parts --------------------------------------------------------------------------------- */

/* Copies `count` examples of rows x size bytes each; nothing where there is no array. */
static void copy_part(const gt_dataset *data, const void *from, int64_t first, const gt_dataset *part, void *to,
                      size_t bytes)
{
    for (int64_t t = 0; from != NULL && t < data->steps; t++)
        memcpy((char *)to + (size_t)(t * part->examples) * bytes,
               (const char *)from + (size_t)(t * data->examples + first) * bytes, (size_t)part->examples * bytes);
}

bool gt_dataset_part(const gt_dataset *data, int64_t first, int64_t count, gt_dataset *part, gt_error *error)
{
    size_t size = gt_dtype_size(data->dtype);
    *part = *data;
    memset(part->inputs, 0, sizeof part->inputs);
    part->tokens = part->classes = NULL;
    part->numbers = NULL;
    part->weights = NULL;
    part->examples = count;
    if (!gt_dataset_allocate(part, error))
        return false;
    copy_part(data, data->tokens, first, part, part->tokens, sizeof *data->tokens);
    copy_part(data, data->classes, first, part, part->classes, sizeof *data->classes);
    copy_part(data, data->numbers, first, part, part->numbers, (size_t)data->outputs * size);
    copy_part(data, data->weights, first, part, part->weights, sizeof *data->weights);
    for (uint32_t i = 0; i < data->input_count; i++)
        copy_part(data, data->inputs[i], first, part, part->inputs[i], (size_t)data->rows[i] * size);
    return true;
}

/* ---- what it is ---------------------------------------------------------------------------- */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, int64_t count, size_t size)
{
    hash = bytes == NULL ? hash : gt_fnv_bytes(hash, bytes, (size_t)count * size);
    return gt_fnv_byte(hash, 0xFF);
}

uint64_t gt_dataset_hash(const gt_dataset *data, uint64_t hash)
{
    int64_t places = data->examples * data->steps;
    size_t size = gt_dtype_size(data->dtype);
    hash = hash_bytes(hash, data->tokens, places, sizeof *data->tokens);
    for (uint32_t i = 0; i < data->input_count; i++)
        hash = hash_bytes(hash, data->inputs[i], data->inputs[i] == NULL ? 0 : places * data->rows[i], size);
    hash = hash_bytes(hash, data->classes, places, sizeof *data->classes);
    hash = hash_bytes(hash, data->numbers, places * data->outputs, size);
    return hash_bytes(hash, data->weights, places, sizeof *data->weights);
}

bool gt_dataset_ends(const gt_dataset *data)
{
    for (int64_t i = 0; i < data->examples; i++) {
        int64_t counted = 0;
        for (int64_t t = 0; t < data->steps; t++)
            counted += data->weights[t * data->examples + i] > 0;
        if (counted > 1)
            return false;
    }
    return true;
}

static bool class_baseline(const gt_dataset *data, gt_baseline *baseline)
{
    double *weight = gt_memory_new((uint64_t)data->outputs, sizeof *weight), total = 0, largest = 0, entropy = 0;
    if (weight == NULL)
        return false;
    for (int64_t i = 0; i < data->examples * data->steps; i++) {
        weight[data->classes[i]] += data->weights[i];
        total += data->weights[i];
    }
    for (int64_t k = 0; k < data->outputs; k++) {
        double part = weight[k] / total;
        largest = fmax(largest, part);
        entropy -= part > 0 ? part * log2(part) : 0;
    }
    gt_memory_free(weight);
    *baseline = (gt_baseline){entropy, largest};
    return true;
}

static gt_baseline number_baseline(const gt_dataset *data)
{
    double error = 0;
    for (int64_t k = 0; k < data->outputs; k++) {
        double total = 0, mean = 0, squares = 0; /* West's way: no large squares are subtracted */
        for (int64_t i = 0; i < data->examples * data->steps; i++) {
            double weight = data->weights[i], value = gt_dataset_get(data, data->numbers, i * data->outputs + k);
            if (weight == 0)
                continue;
            total += weight;
            double off = value - mean;
            mean += off * weight / total;
            squares += weight * off * (value - mean);
        }
        error += squares / total;
    }
    return (gt_baseline){error / (double)data->outputs, NAN};
}

bool gt_dataset_baseline(const gt_dataset *data, gt_baseline *baseline, gt_error *error)
{
    if (!gt_data_kind_has_classes(data->kind)) {
        *baseline = number_baseline(data);
        return true;
    }
    if (class_baseline(data, baseline))
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for %lld classes", (long long)data->outputs);
    return false;
}
