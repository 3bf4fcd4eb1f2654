/* Weights in the layouts of other frameworks: the same bits there and back, and what does not fit. */
#include "base/utf8.h"

#include <criterion/criterion.h>
#include <gradtape.h>
#include <stdio.h>
#include <string.h>

enum { N = 3, N_X = 2 };

static gt_archive *convert(const gt_archive *given, const char *cell, gt_framework from, gt_framework to)
{
    gt_error error = {0};
    const gt_convert_options options = {.from = from, .to = to, .cell = cell, .layers = true};
    gt_archive *result = gt_convert(given, &options, &error);
    cr_assert_not_null(result, "%s: %s", cell, error.message);
    return result;
}

/* The cell's parameters behind "layerL." and "layerL_reverse.", every number another. */
static gt_archive *make(const char *name, gt_dtype dtype, int layers, int directions)
{
    const gt_zoo_entry *entry = gt_zoo_find(name);
    gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
    gt_archive *archive = gt_archive_new();
    for (int layer = 1; layer <= layers; layer++)
        for (int direction = 0; direction < directions; direction++) {
            char prefix[64];
            snprintf(prefix, sizeof prefix, "layer%d%s.", layer, direction == 0 ? "" : "_reverse");
            const gt_dimension own[] = {{"n_x", layer == 1 ? N_X : N * directions}, {"n_a", N}};
            gt_parameters *set = gt_parameters_new(dtype);
            cr_assert_eq(gt_cell_declare(gt_parsed_cell_get(parsed), own, 2, false, prefix, set, NULL), GT_OK);
            for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
                gt_array array = gt_parameters_array(set, i);
                for (int64_t k = 0; k < gt_shape_count(array.shape); k++) {
                    double number = k == 0 ? -0.0 : 0.5 + (double)k + 100.0 * i + 1000.0 * layer;
                    if (dtype == GT_F64)
                        ((double *)array.data)[k] = number;
                    else
                        ((float *)array.data)[k] = (float)number;
                }
            }
            cr_assert_eq(gt_parameters_store(set, archive, NULL, NULL), GT_OK);
            gt_parameters_free(set);
        }
    gt_parsed_cell_free(parsed);
    return archive;
}

static void expect_same(const gt_archive *a, const gt_archive *b)
{
    cr_assert_eq(gt_archive_count(a), gt_archive_count(b));
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        gt_array x = gt_archive_find(a, gt_archive_name(a, i)), y = gt_archive_find(b, gt_archive_name(a, i));
        cr_assert_not_null(y.data, "%s", gt_archive_name(a, i));
        cr_assert_eq(x.dtype, y.dtype);
        cr_assert(gt_shape_equal(x.shape, y.shape));
        cr_assert_eq(memcmp(x.data, y.data, (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype)), 0, "%s",
                     gt_archive_name(a, i));
    }
}

Test(convert, there_and_back)
{
    for (uint32_t c = 0; gt_convert_cell(c) != NULL; c++)
        for (int f = 1; f < GT_FRAMEWORK_COUNT; f++) {
            gt_convert_options options = {.to = (gt_framework)f, .cell = gt_convert_cell(c)};
            for (int form = 0; form < 8; form++) {
                gt_archive *mine =
                    make(gt_convert_cell(c), form & 1 ? GT_F32 : GT_F64, form & 2 ? 3 : 1, form & 4 ? 2 : 1);
                gt_archive *theirs = gt_convert(mine, &options, NULL);
                if (theirs != NULL) { /* otherwise the framework has no such cell */
                    gt_archive *back = convert(theirs, gt_convert_cell(c), (gt_framework)f, GT_FRAMEWORK_GRADTAPE);
                    expect_same(mine, back);
                    gt_archive_free(back);
                }
                cr_expect_eq(theirs == NULL,
                             (f == GT_FRAMEWORK_PYTORCH && strcmp(gt_convert_cell(c), "gru") == 0) ||
                                 (f != GT_FRAMEWORK_ONNX && strcmp(gt_convert_cell(c), "peephole_lstm") == 0));
                gt_archive_free(theirs);
                gt_archive_free(mine);
            }
        }
}

/* ---- what the numbers are ------------------------------------------------------------------ */

static void add(gt_archive *archive, const char *name, gt_shape shape, double first)
{
    double numbers[512];
    for (int64_t i = 0; i < gt_shape_count(shape); i++)
        numbers[i] = first + (double)i;
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){numbers, GT_F64, shape}, NULL), GT_OK);
}

/* One layer of PyTorch's LSTM: gates i f g o, one below the other. */
static gt_archive *make_pytorch(void)
{
    gt_archive *archive = gt_archive_new();
    add(archive, "weight_ih_l0", GT_SHAPE(4 * N, N_X), 1);
    add(archive, "weight_hh_l0", GT_SHAPE(4 * N, N), 1001);
    add(archive, "bias_ih_l0", GT_SHAPE(4 * N), 2001);
    add(archive, "bias_hh_l0", GT_SHAPE(4 * N), 3001);
    return archive;
}

static double at(const gt_archive *archive, const char *name, int64_t row, int64_t column)
{
    gt_array array = gt_archive_find(archive, name);
    cr_assert_not_null(array.data, "%s", name);
    return ((const double *)array.data)[row + column * array.shape.size[0]];
}

Test(convert, every_entry_is_where_it_belongs)
{
    static const char *const W[] = {"layer1.Wi", "layer1.Wf", "layer1.Wc", "layer1.Wo"};
    static const char *const b[] = {"layer1.bi", "layer1.bf", "layer1.bc", "layer1.bo"};
    gt_archive *theirs = make_pytorch();
    gt_archive *mine = convert(theirs, "lstm", GT_FRAMEWORK_PYTORCH, GT_FRAMEWORK_GRADTAPE);
    for (int gate = 0; gate < 4; gate++)
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++)
                cr_expect_eq(at(mine, W[gate], i, j), at(theirs, "weight_hh_l0", gate * N + i, j));
            for (int j = 0; j < N_X; j++)
                cr_expect_eq(at(mine, W[gate], i, N + j), at(theirs, "weight_ih_l0", gate * N + i, j));
            cr_expect_eq(at(mine, b[gate], i, 0),
                         at(theirs, "bias_ih_l0", gate * N + i, 0) + at(theirs, "bias_hh_l0", gate * N + i, 0));
        }
    gt_archive *keras = convert(mine, "lstm", GT_FRAMEWORK_GRADTAPE, GT_FRAMEWORK_KERAS);
    for (int i = 0; i < 4 * N; i++) /* i f c o, as PyTorch's, transposed */
        cr_expect_eq(at(keras, "layer1/kernel", 1, i), at(theirs, "weight_ih_l0", i, 1));
    gt_archive_free(keras);
    gt_archive_free(mine);
    gt_archive_free(theirs);
}

/* Both biases stay what they are where both sides have them. */
Test(convert, between_others)
{
    gt_archive *theirs = make_pytorch();
    gt_archive *onnx = convert(theirs, "lstm", GT_FRAMEWORK_PYTORCH, GT_FRAMEWORK_ONNX);
    gt_archive *back = convert(onnx, "lstm", GT_FRAMEWORK_ONNX, GT_FRAMEWORK_PYTORCH);
    expect_same(theirs, back);
    gt_archive_free(back);
    gt_archive_free(onnx);
    back = convert(theirs, NULL, GT_FRAMEWORK_KERAS, GT_FRAMEWORK_KERAS); /* a copy */
    expect_same(theirs, back);
    gt_archive_free(back);
    gt_archive_free(theirs);
}

/* ---- what does not fit --------------------------------------------------------------------- */

typedef struct noted {
    char text[4096];
    int count;
} noted;

static void note(void *context, const char *name, gt_shape shape, const char *reason)
{
    noted *n = context;
    n->count++;
    gt_utf8_append(n->text, sizeof n->text, "%s %d %s\n", name, (int)shape.rank, reason);
}

static void expect_misfits(gt_archive *archive, const char *cell, int count, const char *words)
{
    noted n = {.count = 0};
    gt_error error = {0};
    const gt_convert_options options = {.from = GT_FRAMEWORK_PYTORCH, .cell = cell, .misfit = note, .context = &n};
    cr_expect_null(gt_convert(archive, &options, &error));
    cr_expect_eq(error.status, GT_ERROR_SHAPE, "%s", error.message);
    cr_expect_eq(n.count, count, "%s", n.text);
    cr_expect_not_null(strstr(n.text, words), "%s", n.text);
    cr_expect_null(gt_convert(archive, &options, NULL));
    gt_archive_free(archive);
}

Test(convert, what_does_not_fit_is_listed)
{
    gt_archive *archive = make_pytorch();
    expect_misfits(archive, "gru_after", 4, "(9, 2) was expected of the weight_ih of layer 1");
    archive = make_pytorch();
    add(archive, "weight_hr_l0", GT_SHAPE(2, N), 0);
    expect_misfits(archive, "lstm", 1, "weight_hr_l0 2 means nothing in a lstm of PyTorch");
    archive = make_pytorch();
    add(archive, "weight_ih_l1", GT_SHAPE(4 * N, N), 0);
    expect_misfits(archive, "lstm", 2, "tell no sizes");
    archive = make_pytorch();
    add(archive, "other.weight_ih_l0", GT_SHAPE(4 * N, N), 0);
    expect_misfits(archive, "lstm", 1, "other.weight_ih_l0");
    archive = make_pytorch();
    add(archive, "weight_ih_l0_reverse", GT_SHAPE(4 * N, N_X), 0);
    add(archive, "weight_hh_l0_reverse", GT_SHAPE(4 * N, N - 1), 0);
    expect_misfits(archive, "lstm", 2, "weight_ih_l0_reverse");
}

static void expect_refused(const gt_archive *archive, gt_convert_options options, const char *words)
{
    gt_error error = {0};
    cr_expect_null(gt_convert(archive, &options, &error));
    cr_expect_eq(error.status, GT_ERROR_SHAPE);
    cr_expect_not_null(strstr(error.message, words), "%s", error.message);
}

/* In ONNX both directions are in one array, which has room for equal ones alone. */
Test(convert, directions_are_as_large_as_each_other)
{
    for (int wider = 0; wider < 2; wider++) {
        gt_archive *archive = gt_archive_new();
        int64_t n = 1 + wider, n_x = 3 - wider;
        add(archive, "layer1/kernel", GT_SHAPE(1, 1), 0);
        add(archive, "layer1/recurrent_kernel", GT_SHAPE(1, 1), 0);
        add(archive, "layer1_backward/kernel", GT_SHAPE(n_x, n), 0);
        add(archive, "layer1_backward/recurrent_kernel", GT_SHAPE(n, n), 0);
        for (int to = 0; to < GT_FRAMEWORK_COUNT; to++)
            if (to != GT_FRAMEWORK_KERAS)
                expect_refused(archive,
                               (gt_convert_options){
                                   .from = GT_FRAMEWORK_KERAS, .to = (gt_framework)to, .cell = "rnn", .layers = true},
                               "layer 1 has 1 units on 1 inputs, and its reverse direction");
        gt_archive_free(archive);
    }
}

/* The output layer under two names: neither is written over the other. */
Test(convert, two_arrays_of_one_meaning)
{
    gt_archive *archive = make("rnn", GT_F64, 1, 1);
    add(archive, "Wya", GT_SHAPE(2, N), 0);
    gt_archive_free(convert(archive, "rnn", GT_FRAMEWORK_GRADTAPE, GT_FRAMEWORK_ONNX));
    add(archive, "Wy", GT_SHAPE(7, N), 0);
    for (int to = GT_FRAMEWORK_PYTORCH; to < GT_FRAMEWORK_COUNT; to++)
        expect_refused(archive, (gt_convert_options){.to = (gt_framework)to, .cell = "rnn"},
                       "'Wy' (7, 3): another array means the same");
    gt_archive_free(archive);
}

/* Names are written whole, or not at all. */
Test(convert, a_long_prefix)
{
    gt_archive *archive = make("rnn", GT_F64, 2, 2);
    char prefix[600];
    memset(prefix, 'p', sizeof prefix);
    for (size_t length = 300; length < sizeof prefix; length += 100) {
        prefix[length - 1] = '\0';
        gt_convert_options options = {.to = GT_FRAMEWORK_PYTORCH, .cell = "rnn", .prefix = prefix};
        gt_error error = {0};
        gt_archive *theirs = gt_convert(archive, &options, &error);
        cr_expect(theirs == NULL ? length > 300 && strstr(error.message, "prefix") != NULL
                                 : gt_archive_count(theirs) == 16,
                  "%zu: %s", length, error.message);
        gt_archive_free(theirs);
        prefix[length - 1] = 'p';
    }
    gt_archive_free(archive);
}

Test(convert, arguments)
{
    gt_archive *archive = make_pytorch();
    const struct {
        gt_convert_options options;
        gt_status status;
        const char *words;
    } cases[] = {
        {{.from = GT_FRAMEWORK_PYTORCH}, GT_ERROR_ARGUMENT, "which cell is it? One of lstm, gru_after"},
        {{.from = GT_FRAMEWORK_PYTORCH, .cell = "mgu"}, GT_ERROR_ARGUMENT, "'mgu' has no layout"},
        {{.from = GT_FRAMEWORK_PYTORCH, .cell = "gru"}, GT_ERROR_ARGUMENT, "PyTorch has no layer"},
        {{.from = (gt_framework)7, .cell = "lstm"}, GT_ERROR_ARGUMENT, "no framework of number 7"},
        {{.to = GT_FRAMEWORK_ONNX, .cell = "lstm"}, GT_ERROR_ARGUMENT, "none of the arrays is of a lstm"},
        {{.from = GT_FRAMEWORK_PYTORCH, .cell = "lstm", .prefix = "rnn."}, GT_ERROR_ARGUMENT, "none of the arrays"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_error error = {0};
        cr_expect_null(gt_convert(archive, &cases[i].options, &error));
        cr_expect_eq(error.status, cases[i].status);
        cr_expect_not_null(strstr(error.message, cases[i].words), "%s", error.message);
    }
    cr_expect_null(gt_convert(NULL, &cases[4].options, NULL));
    cr_expect_null(gt_framework_name((gt_framework)7));
    cr_expect_str_eq(gt_framework_name(GT_FRAMEWORK_KERAS), "keras");
    gt_archive_free(archive);
}

/* A name can claim to be of any layer, and a shape to be of any size. */
Test(convert, absurd_claims)
{
    static const char *const names[] = {"weight_ih_l1000000",    "weight_ih_l99999999999999999999",
                                        "weight_ih_l",           "_l0",
                                        "weight_ih_l0_reversed", "weight_ih_l-1",
                                        "weight_ihweight_ih_l1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        gt_archive *archive = make_pytorch();
        gt_error error = {0};
        const gt_convert_options options = {.from = GT_FRAMEWORK_PYTORCH, .cell = "lstm"};
        add(archive, names[i], GT_SHAPE(4 * N, N), 0);
        cr_expect_null(gt_convert(archive, &options, &error), "%s", names[i]);
        cr_expect(error.status == GT_ERROR_SHAPE || error.status == GT_ERROR_ARGUMENT, "%s", error.message);
        gt_archive_free(archive);
    }
}
