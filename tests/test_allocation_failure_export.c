/* Every allocation made to fail in turn: weights in other layouts, ONNX models. */
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(allocation_failure_export, .timeout = 300);

/* A sum over the bytes, in which each place counts otherwise. */
static double sum_of(const char *bytes, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)(i % 97 + 1) * (unsigned char)bytes[i];
    return sum;
}

/* ---- layouts ------------------------------------------------------------------------------- */

static gt_status add(gt_archive *archive, const char *name, gt_shape shape, gt_error *error)
{
    static const double numbers[64] = {1, -2, 3, 4.5, -0.0};
    return gt_archive_add(archive, name, (gt_array){(void *)(uintptr_t)numbers, GT_F64, shape}, error);
}

/* Two directions of a GRU with a bias that is a sum, to the layout of `to` and back. */
static gt_status convert_twice(const void *to, double *result)
{
    gt_error error = {0};
    gt_archive *given = gt_archive_new(), *there = NULL, *back = NULL;
    gt_status status = given == NULL ? GT_ERROR_MEMORY : GT_OK;
    for (int direction = 0; direction < 2 && status == GT_OK; direction++) {
        const char *const names[2][4] = {
            {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"},
            {"weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse"}};
        const gt_shape shapes[4] = {GT_SHAPE(6, 3), GT_SHAPE(6, 2), GT_SHAPE(6), GT_SHAPE(6)};
        for (int i = 0; i < 4 && status == GT_OK; i++)
            status = add(given, names[direction][i], shapes[i], &error);
    }
    if (status == GT_OK) {
        there = gt_convert(
            given,
            &(gt_convert_options){.from = GT_FRAMEWORK_PYTORCH, .to = *(const gt_framework *)to, .cell = "gru_after"},
            &error);
        status = there == NULL ? error.status : GT_OK;
    }
    if (status == GT_OK) {
        back = gt_convert(
            there,
            &(gt_convert_options){.from = *(const gt_framework *)to, .to = GT_FRAMEWORK_PYTORCH, .cell = "gru_after"},
            &error);
        status = back == NULL ? error.status : GT_OK;
    }
    if (status == GT_OK)
        *result =
            sum_of(gt_archive_find(back, "bias_ih_l0_reverse").data, 6 * sizeof(double)) + gt_archive_count(there);
    gt_archive_free(given);
    gt_archive_free(there);
    gt_archive_free(back);
    return status;
}

Test(allocation_failure_export, layouts)
{
    static const gt_framework frameworks[] = {GT_FRAMEWORK_GRADTAPE, GT_FRAMEWORK_KERAS, GT_FRAMEWORK_ONNX};
    for (size_t i = 0; i < sizeof frameworks / sizeof *frameworks; i++)
        cr_expect_gt(fail_every_allocation(gt_framework_name(frameworks[i]), convert_twice, &frameworks[i], NULL), 30);
}

/* ---- ONNX ---------------------------------------------------------------------------------- */

typedef struct exporting {
    const gt_cell *cell;
    bool scans;
} exporting;

/* Takes a model that was exported, if one was; a set that it was of is freed, too. */
static gt_status take(gt_status status, char *bytes, size_t size, gt_parameters *set, double *result)
{
    if (status == GT_OK)
        *result = sum_of(bytes, size);
    else
        cr_assert_null(bytes);
    gt_archive_bytes_free(bytes);
    gt_parameters_free(set);
    return status;
}

static gt_status export_network(const void *context, double *result)
{
    const exporting *e = context;
    gt_error error = {0};
    const gt_network network = {
        .cell = e->cell, .layer_count = 1, .vocabulary = 4, .embedding = 2, .hidden = 3, .dropout = 0.1};
    const char *const metadata[][2] = {{"vocabulary", "[1,2,3,4]"}};
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    options.scans = e->scans;
    options.metadata = metadata;
    options.metadata_count = 1;
    gt_parameters *set = gt_parameters_new(GT_F32);
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = gt_network_declare(&network, set, &error);
    if (status == GT_OK)
        status = gt_parameters_initialize(set, 1);
    if (status == GT_OK)
        status = gt_onnx_network(&network, set, &options, &bytes, &size, &error);
    return take(status, bytes, size, set, result);
}

/* A cell of the zoo, and two of ONNX's: one that the library has in C, too, and one that it has as a text. */
Test(allocation_failure_export, onnx)
{
    static const char *const names[] = {"mgu", "gru_after"};
    exporting e = {&gt_cell_rnn, false};
    cr_expect_gt(fail_every_allocation("rnn", export_network, &e, NULL), 100);
    for (int i = 0; i < 2; i++) {
        const gt_zoo_entry *entry = gt_zoo_find(names[i]);
        gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
        e = (exporting){gt_parsed_cell_get(parsed), false};
        cr_expect_gt(fail_every_allocation(names[i], export_network, &e, NULL), 100);
        gt_parsed_cell_free(parsed);
    }
}

/* Cells whose loops are scans over many operators. */
static gt_status export_cell(const void *context, double *result)
{
    const gt_cell *cell = context;
    gt_parameters *set = gt_parameters_new(GT_F32);
    gt_dimensions d;
    gt_error error = {0};
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = gt_dimensions_find(&d, cell, true, &error);
    gt_dimensions_usual(&d, 0);
    if (status == GT_OK)
        status = gt_cell_declare(cell, d.list, d.count, true, NULL, set, &error);
    if (status == GT_OK)
        status = gt_onnx_cell(cell, d.list, d.count, set, NULL, &bytes, &size, &error);
    return take(status, bytes, size, set, result);
}

Test(allocation_failure_export, scans)
{
    static const char *const names[] = {"layernorm_lstm", "slstm", "sru", "indrnn", "peephole_lstm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const gt_zoo_entry *entry = gt_zoo_find(names[i]);
        gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
        cr_expect_gt(fail_some_allocations(names[i], export_cell, gt_parsed_cell_get(parsed), NULL, 4), 100);
        gt_parsed_cell_free(parsed);
    }
}
