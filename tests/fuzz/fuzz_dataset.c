/*
 * Sequences to learn from: arrays of any shapes under the names that --data may have, read for every
 * task. What is read fits together; otherwise the error says what is wrong.
 */
#include "array_writer.h"
#include "fuzz.h"
#include "io/members.h"

#include "data/dataset.h"
#include "gradtape/lang.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char two_inputs[] = "cell two\n  input x[n_x], c[n_c]\n  state a[n_a]\n"
                                 "  param W[n_a, n_x], V[n_a, n_c]\n  a' = tanh(W @ x + V @ c + a)\n";

/* ---- an archive ---------------------------------------------------------------------------- */

/* The arrays of a set that fits: the fuzzer then changes some of them. */
static void add_fitting(gt_archive *archive, gt_data_kind kind, fuzz_bytes *bytes)
{
    int64_t n = 1 + fuzz_choose(bytes, 4), steps = 1 + fuzz_choose(bytes, 4);
    bool tokens = fuzz_choose(bytes, 2) == 1;
    if (tokens)
        array_add(archive, "x", GT_I32, GT_SHAPE(n, steps), bytes);
    else
        array_add(archive, "x", GT_F32, GT_SHAPE(1 + fuzz_choose(bytes, 2), n, steps), bytes);
    array_add(archive, "c", GT_F64, GT_SHAPE(2, n, steps), bytes);
    if (kind == GT_DATA_CLASSIFY)
        array_add(archive, "y", GT_I32, GT_SHAPE(n), bytes);
    else if (kind == GT_DATA_TAG)
        array_add(archive, "y", GT_I32, GT_SHAPE(n, steps), bytes);
    else if (fuzz_choose(bytes, 2) == 0)
        array_add(archive, "y", GT_F64, GT_SHAPE(2, n, steps), bytes);
    else
        array_add(archive, "y", GT_F64, GT_SHAPE(2, n), bytes);
    if (fuzz_choose(bytes, 2) == 1)
        array_add(archive, "lengths", GT_I32, GT_SHAPE(n), bytes);
    else if (fuzz_choose(bytes, 2) == 1)
        array_add(archive, "mask", GT_F32, GT_SHAPE(n, steps), bytes);
}

static gt_archive *write_arrays(gt_data_kind kind, fuzz_bytes *bytes)
{
    static const char *const names[] = {"x", "c", "y", "lengths", "mask"};
    gt_archive *archive = gt_archive_new();
    if (archive == NULL)
        abort();
    if (fuzz_choose(bytes, 4) != 3)
        add_fitting(archive, kind, bytes);
    for (uint32_t i = fuzz_choose(bytes, 4); i > 0; i--)
        array_add_any(archive, names[fuzz_choose(bytes, 5)], bytes);
    return archive;
}

/* ---- what was read ------------------------------------------------------------------------- */

static void check_places(const gt_dataset *d)
{
    int64_t places = d->examples * d->steps;
    bool at_the_end = d->kind == GT_DATA_CLASSIFY;
    for (int64_t i = 0; i < places; i++) {
        if (!(d->weights[i] >= 0 && isfinite(d->weights[i])))
            abort();
        if (d->tokens != NULL && (d->tokens[i] < 0 || d->tokens[i] >= d->vocabulary))
            abort();
        if (d->classes != NULL && (d->classes[i] < 0 || d->classes[i] >= d->outputs))
            abort();
        for (int64_t k = 0; d->numbers != NULL && k < d->outputs; k++)
            if (!isfinite(gt_dataset_get(d, d->numbers, i * d->outputs + k)))
                abort();
    }
    for (int64_t n = 0; n < d->examples && at_the_end; n++) {
        int counted = 0;
        for (int64_t t = 0; t < d->steps; t++)
            counted += d->weights[t * d->examples + n] > 0;
        if (counted > 1)
            abort();
    }
}

static void check_inputs(const gt_dataset *d)
{
    if ((d->tokens != NULL) != (d->vocabulary > 0) || (d->classes != NULL) == (d->numbers != NULL))
        abort();
    for (uint32_t i = d->tokens != NULL ? 1 : 0; i < d->input_count; i++)
        for (int64_t k = 0; k < d->rows[i] * d->examples * d->steps; k++)
            if (!isfinite(gt_dataset_get(d, d->inputs[i], k)))
                abort();
}

/* Two parts are the whole: each example is in the place that it had. */
static void check_parts(const gt_dataset *d)
{
    int64_t cut = d->examples / 2;
    for (int64_t first = 0; first < d->examples && cut > 0; first = first == 0 ? cut : d->examples) {
        gt_dataset part;
        int64_t count = first == 0 ? cut : d->examples - cut;
        if (!gt_dataset_part(d, first, count, &part, NULL) || part.examples != count)
            abort();
        for (int64_t t = 0; t < d->steps; t++)
            for (int64_t n = 0; n < count; n++)
                if (part.weights[t * count + n] != d->weights[t * d->examples + first + n])
                    abort();
        gt_dataset_free(&part);
    }
}

static void check(const gt_dataset *d)
{
    gt_baseline baseline;
    gt_error error = {0};
    check_inputs(d);
    check_places(d);
    check_parts(d);
    if (!gt_dataset_baseline(d, &baseline, &error) ? error.message[0] == '\0' : baseline.accuracy > 1 + 1e-9)
        abort();
    if (gt_dataset_hash(d, 1) != gt_dataset_hash(d, 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static gt_parsed_cell *two;
    if (two == NULL)
        two = gt_cell_parse(two_inputs, sizeof two_inputs - 1, NULL);
    fuzz_bytes bytes = {data, data + size};
    gt_data_kind kind = (gt_data_kind)fuzz_choose(&bytes, GT_DATA_FORECAST + 1);
    uint32_t flags = fuzz_choose(&bytes, 256);
    const gt_cell *cell = (flags & 1) != 0 ? gt_parsed_cell_get(two) : gt_cell_find("gru");
    gt_archive *archive = write_arrays(kind, &bytes);
    char *zip;
    size_t zip_size;
    if (gt_archive_render(archive, false, &zip, &zip_size, NULL) != GT_OK)
        abort();
    gt_dataset set;
    gt_error error = {0};
    if (gt_dataset_read(&set, fuzz_file(zip, zip_size), kind, cell, (flags & 2) != 0 ? GT_F32 : GT_F64, &error))
        check(&set);
    else if (error.status == GT_OK || error.message[0] == '\0')
        abort();
    gt_dataset_free(&set);
    gt_archive_bytes_free(zip);
    gt_archive_free(archive);
    return 0;
}
