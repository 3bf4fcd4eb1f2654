/*
 * Weights between the layouts of frameworks: those of a network go to a framework and come back bit
 * for bit; those that are damaged are refused with a word, or converted without harm.
 */
#include "array_writer.h"
#include "fuzz.h"

#include "gradtape/convert.h"
#include "layouts/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 64 };

/* ---- arrays -------------------------------------------------------------------------------- */

/* Names that mean something in one layout or another, and some that do not. */
static const char *const words[] = {"Wf",
                                    "layer2.Wf",
                                    "layer1_reverse.bf",
                                    "weight_ih_l0",
                                    "rnn.weight_hh_l1",
                                    "bias_ih_l0",
                                    "bias_hh_l0_reverse",
                                    "lstm/kernel:0",
                                    "layer1/kernel",
                                    "gru_2/gru_cell/recurrent_kernel",
                                    "layer1/bias",
                                    "W",
                                    "layer2.R",
                                    "B",
                                    "P",
                                    "linear.weight",
                                    "embedding",
                                    "by",
                                    "weight_ih_l999999",
                                    "model.json",
                                    "Wya",
                                    "encoder.linear.weight"};
enum { WORDS = sizeof words / sizeof *words };

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, what);
    abort();
}

static gt_archive *new_archive(void)
{
    gt_archive *archive = gt_archive_new();
    if (archive == NULL)
        abort();
    return archive;
}

static void add_layer(gt_archive *archive, const gt_layout_cell *cell, uint32_t layer, const gt_layout_sizes *sizes,
                      gt_dtype dtype, fuzz_bytes *bytes)
{
    gt_layout layout;
    gt_layout_describe(GT_FRAMEWORK_GRADTAPE, cell, sizes, &layout);
    for (uint32_t i = 0; i < layout.array_count; i++) {
        char name[NAME];
        snprintf(name, sizeof name, "layer%u%s.%s", layer + 1, sizes->direction == 1 ? "_reverse" : "",
                 layout.arrays[i].name);
        array_add(archive, name, dtype, layout.arrays[i].shape, bytes);
    }
}

/* All parameters of a network of this cell. */
static gt_archive *write_network(const gt_layout_cell *cell, fuzz_bytes *bytes)
{
    gt_archive *archive = new_archive();
    uint32_t layers = 1 + fuzz_choose(bytes, 3);
    gt_dtype dtype = fuzz_choose(bytes, 2) == 0 ? GT_F32 : GT_F64;
    gt_layout_sizes sizes = {.hidden = 1 + fuzz_choose(bytes, 3), .direction_count = 1 + fuzz_choose(bytes, 2)};
    for (uint32_t layer = 0; layer < layers; layer++) {
        sizes.input = layer == 0 ? 1 + fuzz_choose(bytes, 3) : sizes.hidden * sizes.direction_count;
        for (sizes.direction = 0; sizes.direction < sizes.direction_count; sizes.direction++)
            add_layer(archive, cell, layer, &sizes, dtype, bytes);
    }
    if (fuzz_choose(bytes, 2) == 1) {
        array_add(archive, "embedding", dtype, GT_SHAPE(2, 3), bytes);
        array_add(archive, "Wy", dtype, GT_SHAPE(3, 2), bytes);
        array_add(archive, "by", dtype, GT_SHAPE(3, 1), bytes);
    }
    return archive;
}

/* A copy in which some arrays are missing, others, or under other names. */
static gt_archive *damage(const gt_archive *from, fuzz_bytes *bytes)
{
    gt_archive *copy = new_archive();
    for (uint32_t i = 0; i < gt_archive_count(from); i++) {
        const char *name = gt_archive_name(from, i);
        uint32_t choice = fuzz_choose(bytes, 16);
        if (choice == 1)
            array_add_any(copy, name, bytes);
        else if (choice != 2)
            gt_archive_add(copy, choice == 3 ? words[fuzz_choose(bytes, WORDS)] : name, gt_archive_find(from, name),
                           NULL);
    }
    for (uint32_t i = fuzz_choose(bytes, 4); i > 0; i--)
        array_add_any(copy, words[fuzz_choose(bytes, WORDS)], bytes);
    return copy;
}

/* ---- converting ---------------------------------------------------------------------------- */

static void count_misfit(void *context, const char *name, gt_shape shape, const char *reason)
{
    (void)shape;
    if (name == NULL || reason[0] == '\0')
        abort();
    ++*(uint32_t *)context;
}

/* What is converted has the type of what was given; what is not, a reason. */
static gt_archive *convert(const gt_archive *given, gt_convert_options options)
{
    gt_error error = {0};
    uint32_t told = 0;
    options.misfit = count_misfit;
    options.context = &told;
    gt_archive *made = gt_convert(given, &options, &error);
    if (made == NULL && (error.status == GT_OK || error.message[0] == '\0'))
        abort();
    if (made == NULL && error.status == GT_ERROR_SHAPE && strstr(error.message, "units") == NULL && told == 0)
        abort();
    for (uint32_t i = 0; made != NULL && i < gt_archive_count(made); i++) {
        gt_array array = gt_archive_find(made, gt_archive_name(made, i));
        if (array.data == NULL || (array.dtype == GT_I32 && options.from != options.to))
            fail("a converted array is not there, or of whole numbers", gt_archive_name(made, i));
    }
    return made;
}

static void expect_same(const gt_archive *a, const gt_archive *b)
{
    if (gt_archive_count(a) != gt_archive_count(b))
        abort();
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        const char *name = gt_archive_name(a, i);
        gt_array x = gt_archive_find(a, name), y = gt_archive_find(b, name);
        if (y.data == NULL || x.dtype != y.dtype || !gt_shape_equal(x.shape, y.shape) ||
            memcmp(x.data, y.data, (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype)) != 0)
            fail("is not as before after coming back", name);
    }
}

/* There and back: nothing is lost. */
static void expect_round_trip(const gt_archive *network, gt_convert_options there)
{
    gt_convert_options back = there;
    back.from = there.to;
    back.to = GT_FRAMEWORK_GRADTAPE;
    back.layers = true;
    gt_archive *theirs = convert(network, there);
    gt_archive *ours = theirs == NULL ? NULL : convert(theirs, back);
    if (ours == NULL)
        abort();
    expect_same(network, ours);
    gt_archive_free(ours);
    gt_archive_free(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bytes bytes = {data, data + size};
    static const char *const prefixes[] = {NULL, "", "encoder.", "rnn/"};
    gt_convert_options options = {.cell = gt_convert_cell(fuzz_choose(&bytes, 5)),
                                  .to = (gt_framework)fuzz_choose(&bytes, GT_FRAMEWORK_COUNT),
                                  .prefix = prefixes[fuzz_choose(&bytes, 4)],
                                  .layers = fuzz_choose(&bytes, 2) == 1};
    const gt_layout_cell *cell = gt_layout_cell_find(options.cell);
    bool whole = fuzz_choose(&bytes, 2) == 0;
    gt_framework other = (gt_framework)fuzz_choose(&bytes, GT_FRAMEWORK_COUNT);
    options.partial = fuzz_choose(&bytes, 2) == 1;
    gt_archive *network = write_network(cell, &bytes);
    if (whole && cell->orders[options.to] != NULL)
        expect_round_trip(network, options);
    gt_archive *theirs = cell->orders[options.to] != NULL ? convert(network, options) : NULL;
    gt_archive *damaged = damage(theirs != NULL ? theirs : network, &bytes);
    options.from = theirs != NULL ? options.to : GT_FRAMEWORK_GRADTAPE;
    options.to = other;
    gt_archive_free(convert(damaged, options));
    gt_archive_free(damaged);
    gt_archive_free(theirs);
    gt_archive_free(network);
    return 0;
}
