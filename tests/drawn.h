/* Plans compared bit by bit: inputs with the same numbers for every run, and all outputs one after the other. */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include "gradtape.h"

#include "base/entry.h"

#include <stdlib.h>
#include <string.h>

typedef struct values {
    char *bytes; /* to be freed */
    size_t count;
} values;

static inline size_t bytes_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v)) * gt_dtype_size(gt_var_dtype(v));
}

/* Numbers for an input; to be freed. */
static inline void *draw(gt_var input, uint32_t seed)
{
    gt_random random;
    gt_random_seed(&random, seed);
    void *data = calloc(1, bytes_of(input));
    for (int64_t i = 0; i < gt_shape_count(gt_var_shape(input)); i++)
        gt_entry_set(data, gt_var_dtype(input), i, gt_random_normal(&random));
    return data;
}

static inline values values_of(const gt_var *outputs, uint32_t count, const gt_workspace *work)
{
    values v = {NULL, 0};
    for (uint32_t k = 0; k < count; k++) {
        v.bytes = realloc(v.bytes, v.count + bytes_of(outputs[k]));
        memcpy(v.bytes + v.count, gt_workspace_value(work, k), bytes_of(outputs[k]));
        v.count += bytes_of(outputs[k]);
    }
    return v;
}

#endif
