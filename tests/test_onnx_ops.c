/*
 * Every op in an ONNX model, with every kind of operands and attributes, and every cell of the zoo with
 * open numbers of examples and steps. What the numbers are, python/tests/test_export.py compares.
 */
#include "onnx_messages.h"
#include "support/op_cases.h"

#include <stdio.h>

TestSuite(onnx_ops, .timeout = 200);

/* The first output of the op, on inputs of its own. */
static gt_var record(gt_tape *tape, const op_case *c)
{
    static const char *const names[CASE_INPUTS] = {"u", "v", "w"};
    gt_var inputs[CASE_INPUTS], outputs[CASE_PARTS];
    for (uint32_t i = 0; i < c->input_count; i++)
        inputs[i] =
            c->below[i] != 0 ? gt_input_i32(tape, names[i], c->shapes[i]) : gt_input(tape, names[i], c->shapes[i]);
    return op_case_record(c, inputs, outputs) > 0 ? outputs[0] : GT_NONE;
}

/* By what name its operator is told, or NULL where there may be several or none of its own. */
static const char *operator_of(const gt_op *op)
{
    return op->onnx_form == GT_ONNX_PLAIN || op->onnx_form == GT_ONNX_TRUTH ? op->onnx : NULL;
}

static void expect_exported(const op_case *c, const char *label)
{
    gt_tape *tape = gt_tape_new(NULL);
    const gt_onnx_result result = {record(tape, c), "y"};
    gt_error error = {0};
    char *bytes;
    size_t size;
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s: %s", label, gt_tape_message(tape));
    gt_status status = gt_onnx_tape(&result, 1, NULL, NULL, &bytes, &size, &error);
    if (c->op->onnx_form == GT_ONNX_NONE || status != GT_OK) {
        cr_expect(c->op->onnx_form == GT_ONNX_NONE || strstr(error.message, "belongs to a gradient") != NULL, "%s: %s",
                  label, error.message);
        cr_expect(status == GT_ERROR_ARGUMENT && error.message[0] != '\0', "%s", label);
        cr_expect_null(bytes);
    } else {
        cr_assert_eq(status, GT_OK, "%s: %s", label, error.message);
        told t = read_model(bytes, size);
        cr_expect_str_eq(t.outputs, "y ", "%s: %s", label, t.outputs);
        cr_expect(t.operators[0] != '\0', "%s", label);
        if (operator_of(c->op) != NULL)
            cr_expect_not_null(strstr(t.operators, operator_of(c->op)), "%s: %s", label, t.operators);
    }
    gt_tape_free(tape);
}

Test(onnx_ops, each)
{
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        op_case cases[MAX_CASES];
        const gt_op *op = gt_op_at(i);
        uint32_t count = op_has_cases(op) ? op_cases(op, false, cases) : 0;
        for (uint32_t k = 0; k < count; k++) {
            char label[256];
            expect_exported(&cases[k], op_case_label(&cases[k], label, sizeof label));
        }
    }
}

/* ---- cells --------------------------------------------------------------------------------- */

static void export_cell(const gt_zoo_entry *entry, bool scans)
{
    gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    gt_parameters *set = gt_parameters_new(GT_F32);
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    gt_dimensions d;
    gt_error error = {0};
    char *bytes;
    size_t size;
    options.scans = scans;
    cr_assert_eq(gt_dimensions_find(&d, cell, true, &error), GT_OK, "%s", error.message);
    gt_dimensions_usual(&d, 0);
    cr_assert_eq(gt_cell_declare(cell, d.list, d.count, true, NULL, set, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_onnx_cell(cell, d.list, d.count, set, &options, &bytes, &size, &error), GT_OK, "%s: %s",
                 entry->name, error.message);
    told t = read_model(bytes, size);
    cr_expect(!scans || strstr(t.operators, "Scan ") != NULL, "%s: %s", entry->name, t.operators);
    cr_expect_eq(strncmp(t.inputs, "x ", 2), 0, "%s: %s", entry->name, t.inputs);
    gt_parameters_free(set);
    gt_parsed_cell_free(parsed);
}

Test(onnx_ops, cells_of_the_zoo)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        for (int scans = 0; scans < 2; scans++)
            export_cell(gt_zoo_at(i), scans == 1);
}

static gt_status export_text(const char *text, char **bytes, size_t *size, gt_error *error)
{
    const gt_dimension sizes[] = {{"n", 3}};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    cr_assert_eq(gt_parsed_cell_status(parsed, error), GT_OK, "%s", error->message);
    cr_assert_eq(gt_cell_declare(gt_parsed_cell_get(parsed), sizes, 1, true, NULL, set, error), GT_OK);
    gt_status status = gt_onnx_cell(gt_parsed_cell_get(parsed), sizes, 1, set, NULL, bytes, size, error);
    gt_parameters_free(set);
    gt_parsed_cell_free(parsed);
    return status;
}

/* What has to be stretched to as many examples as there are. */
Test(onnx_ops, open_sizes)
{
    static const char *const cells[] = {
        "cell c\n input x[n]\n state h[n]\n param b[n]\n h' = where(x > 0, b, h)\n",
        "cell c\n input x[n]\n state h[n]\n h' = sum(x, axis=0) + 0 * h + mean(h, axis=0)\n",
        "cell c\n input x[n]\n state h[n]\n param b[n]\n h' = softmax(cumsum(x)) * gelu(h) + maximum(b, h)**2\n",
        "cell c\n input x[n]\n state h[n]\n h' = concat(x[:1], h[1:])\n",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        gt_error error = {0};
        char *bytes;
        size_t size;
        cr_assert_eq(export_text(cells[i], &bytes, &size, &error), GT_OK, "%s: %s", cells[i], error.message);
        told t = read_model(bytes, size);
        cr_expect_not_null(strstr(t.operators, "Scan "), "%s", t.operators);
    }
}

/* The number of examples in a formula would be written as a constant. */
Test(onnx_ops, the_number_of_examples_is_no_constant)
{
    static const char *const cells[] = {
        "cell c\n input x[n]\n state h[n]\n h' = x / m + h\n",
        "cell c\n input x[n]\n state h[n]\n k = m - 1\n h' = k * x + h\n",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        gt_error error = {0};
        char *bytes;
        size_t size;
        gt_status status = export_text(cells[i], &bytes, &size, &error);
        cr_expect_eq(status, GT_ERROR_ARGUMENT, "%s", cells[i]);
        cr_expect_not_null(strstr(error.message, "number of examples"), "%s: %s", cells[i], error.message);
        cr_expect_null(bytes);
    }
}
