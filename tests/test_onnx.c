/* ONNX models, looked at as the messages that they are. What their numbers are, python/tests/test_export.py compares.
 */
#include "onnx_messages.h"

/* ---- networks ------------------------------------------------------------------------------ */

static const gt_network network = {
    .cell = &gt_cell_lstm, .layer_count = 2, .vocabulary = 7, .embedding = 3, .hidden = 5, .dropout = 0.5};

static gt_status export(const gt_network *n, const gt_onnx_options *options, char **bytes, size_t *size,
                        gt_error *error)
{
    gt_parameters *set = gt_parameters_new(GT_F32);
    cr_assert_eq(gt_network_declare(n, set, error), GT_OK, "%s", error->message);
    cr_assert_eq(gt_parameters_initialize(set, 1), GT_OK);
    gt_status status = gt_onnx_network(n, set, options, bytes, size, error);
    gt_parameters_free(set);
    return status;
}

static told exported(const gt_network *n, const gt_onnx_options *options)
{
    gt_error error = {0};
    char *bytes;
    size_t size;
    cr_assert_eq(export(n, options, &bytes, &size, &error), GT_OK, "%s", error.message);
    return read_model(bytes, size);
}

Test(onnx, a_network)
{
    told t = exported(&network, NULL);
    cr_expect_str_eq(t.inputs, "tokens layer1.a0 layer1.c0 layer2.a0 layer2.c0 ");
    cr_expect_str_eq(t.outputs, "logits layer1.a_final layer1.c_final layer2.a_final layer2.c_final ");
    cr_expect_eq(t.opset, 17);
    cr_expect_eq(t.format, 8);
    cr_expect_eq(t.initializers, 3 + 2 * 3); /* embedding, Wy, by; W, R and B of each layer */
    cr_expect_not_null(strstr(t.operators, "LSTM "), "%s", t.operators);
    cr_expect_null(strstr(t.operators, "Scan "), "%s", t.operators);
}

Test(onnx, options)
{
    const char *const metadata[][2] = {{"vocabulary", "[1,2]"}, {"by", "me"}};
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    options.opset = 19;
    options.scans = true;
    options.metadata = metadata;
    options.metadata_count = 2;
    told t = exported(&network, &options);
    cr_expect_str_eq(t.metadata, "vocabulary [1,2] by me ");
    cr_expect_eq(t.opset, 19);
    cr_expect_eq(t.format, 9);
    cr_expect_eq(t.initializers, 3 + 2 * 8);
    cr_expect_null(strstr(t.operators, "LSTM "), "%s", t.operators);
    cr_expect_not_null(strstr(t.operators, "Scan "), "%s", t.operators);
    options.size = sizeof(size_t) + sizeof(int64_t); /* of a program that knows the version alone */
    t = exported(&network, &options);
    cr_expect_eq(t.opset, 19);
    cr_expect_str_eq(t.metadata, "");
    cr_expect_not_null(strstr(t.operators, "LSTM "), "%s", t.operators);
}

Test(onnx, the_same_every_time)
{
    gt_error error = {0};
    char *bytes[2];
    size_t size[2];
    for (int i = 0; i < 2; i++)
        cr_assert_eq(export(&network, NULL, &bytes[i], &size[i], &error), GT_OK, "%s", error.message);
    cr_expect_eq(size[0], size[1]);
    cr_expect_eq(memcmp(bytes[0], bytes[1], size[0]), 0);
    gt_archive_bytes_free(bytes[0]);
    gt_archive_bytes_free(bytes[1]);
}

Test(onnx, numbers_in_and_out)
{
    gt_network n = network;
    n.reads_numbers = n.predicts_numbers = true;
    n.vocabulary = 0;
    n.outputs = 2;
    told t = exported(&n, NULL);
    cr_expect_str_eq(t.inputs, "x layer1.a0 layer1.c0 layer2.a0 layer2.c0 ");
    cr_expect_eq(strncmp(t.outputs, "predictions ", 12), 0, "%s", t.outputs);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void expect_refused(gt_status status, gt_status wanted, const gt_error *error, const char *words,
                           const char *bytes)
{
    cr_expect_eq(status, wanted, "%s", error->message);
    cr_expect_not_null(strstr(error->message, words), "%s", error->message);
    cr_expect_null(bytes);
}

Test(onnx, versions)
{
    static const int64_t versions[] = {-1, 1, 12, 22, INT64_MAX};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        gt_error error = {0};
        gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
        char *bytes;
        size_t size;
        options.opset = versions[i];
        gt_status status = export(&network, &options, &bytes, &size, &error);
        expect_refused(status, GT_ERROR_ARGUMENT, &error, "13 to 21 are", bytes);
    }
}

Test(onnx, a_cell_needs_its_parameters)
{
    const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    gt_error error = {0};
    gt_parameters *set = gt_parameters_new(GT_F64);
    char *bytes;
    size_t size;
    gt_status status = gt_onnx_cell(&gt_cell_gru, sizes, 3, set, NULL, &bytes, &size, &error);
    expect_refused(status, GT_ERROR_ARGUMENT, &error, "the parameter Wr is missing", bytes);
    cr_assert_eq(gt_cell_declare(&gt_cell_gru, sizes, 3, false, NULL, set, &error), GT_OK);
    status = gt_onnx_cell(&gt_cell_gru, sizes, 1, set, NULL, &bytes, &size, &error);
    expect_refused(status, GT_ERROR_ARGUMENT, &error, "n_a", bytes);
    cr_expect_eq(gt_onnx_cell(&gt_cell_gru, sizes, 2, set, NULL, &bytes, &size, &error), GT_OK, "%s", error.message);
    told t = read_model(bytes, size);
    cr_expect_str_eq(t.inputs, "x a0 ");
    cr_expect_str_eq(t.outputs, "a a_final ");
    cr_expect_not_null(strstr(t.operators, "GRU "), "%s", t.operators);
    gt_parameters_free(set);
}

Test(onnx, a_tape)
{
    gt_tape *tape = gt_tape_new(NULL), *other = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 4)), W = gt_parameter(tape, "W", GT_SHAPE(2, 3));
    gt_onnx_result results[] = {{gt_tanh(gt_matmul(W, x)), "y"}, {x, "x again"}};
    gt_error error = {0};
    char *bytes;
    size_t size;
    cr_assert_eq(gt_onnx_tape(results, 2, NULL, NULL, &bytes, &size, &error), GT_OK, "%s", error.message);
    told t = read_model(bytes, size);
    cr_expect_str_eq(t.inputs, "x W ");
    cr_expect_str_eq(t.outputs, "y x again ");
    cr_expect_str_eq(t.operators, "MatMul Tanh Identity Identity ");
    gt_status status = gt_onnx_tape(results, 0, NULL, NULL, &bytes, &size, &error);
    expect_refused(status, GT_ERROR_ARGUMENT, &error, "nothing to export", bytes);
    results[1].var = gt_input(other, "x", GT_SHAPE(3));
    status = gt_onnx_tape(results, 2, NULL, NULL, &bytes, &size, &error);
    expect_refused(status, GT_ERROR_TAPE, &error, "several tapes", bytes);
    results[0].var = gt_scatter_add(gt_input(tape, "d", GT_SHAPE(3, 2)), gt_input_i32(tape, "i", GT_SHAPE(2)), 4);
    status = gt_onnx_tape(results, 1, NULL, NULL, &bytes, &size, &error);
    expect_refused(status, GT_ERROR_ARGUMENT, &error, "no operator for scatter_add", bytes);
    gt_tape_free(tape);
    gt_tape_free(other);
}

/* Everything of an op says how it is written: with an operator, or by whom, or not at all. */
Test(onnx, every_op_has_a_form)
{
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        bool without = op->onnx_form == GT_ONNX_NONE || op->onnx_form == GT_ONNX_GIVEN ||
                       op->onnx_form == GT_ONNX_WITHIN || op->onnx_form == GT_ONNX_GELU;
        cr_expect(op->onnx != NULL || without, "%s", op->name);
        cr_expect(op->onnx_form != GT_ONNX_PLAIN || op->op_class == GT_CLASS_ELEMENTWISE, "%s", op->name);
    }
}
