/*
 * ONNX's own layers. A scan is one of them if its body is, node for node, what a cell of the zoo records that
 * has a layer there (gradtape/convert.h): names do not count, and what is only nearly the same stays a Scan.
 */
#include "gradtape/convert.h"
#include "gradtape/lang.h"
#include "gradtape/zoo.h"
#include "onnx/build.h"

#include <string.h>

static const struct {
    const char *cell, *operator_name;
    uint32_t parameters, states;
    bool before_reset; /* the attribute linear_before_reset */
    bool peepholes;
} layers[] = {
    {"lstm", "LSTM", 8, 2, false, false},
    {"gru_after", "GRU", 8, 1, true, false},
    {"gru", "GRU", 6, 1, false, false},
    {"rnn", "RNN", 3, 1, false, false},
    {"peephole_lstm", "LSTM", 11, 2, false, true},
};

/* ---- the same body ----------------------------------------------------------------------------- */

static bool same_node(const gt_tape *a, const gt_tape *b, uint32_t index)
{
    const gt_node *x = gt_tape_node(a, index), *y = gt_tape_node(b, index);
    return x->op == y->op && x->input_count == y->input_count && x->attribute_count == y->attribute_count &&
           x->dtype == y->dtype && gt_shape_equal(gt_node_shape(a, x), gt_node_shape(b, y)) &&
           memcmp(gt_node_inputs(a, x), gt_node_inputs(b, y), x->input_count * sizeof(uint32_t)) == 0 &&
           memcmp(gt_node_attributes(a, x), gt_node_attributes(b, y), x->attribute_count * sizeof(int64_t)) == 0;
}

static bool same_body(const gt_scan *a, const gt_scan *b)
{
    if (a->carry_count != b->carry_count || a->input_count != b->input_count ||
        a->invariant_count != b->invariant_count || a->body->node_count != b->body->node_count)
        return false;
    for (uint32_t i = 1; i <= a->body->node_count; i++)
        if (!same_node(a->body, b->body, i))
            return false;
    for (size_t k = 0; k < a->carry_count; k++)
        if (a->carries[k].before != b->carries[k].before || a->carries[k].after != b->carries[k].after)
            return false;
    for (size_t k = 0; k < a->invariant_count; k++)
        if (a->invariants[k].inside != b->invariants[k].inside)
            return false;
    return a->inputs[0].inside == b->inputs[0].inside;
}

/* ---- what the zoo records ---------------------------------------------------------------------- */

/* Shapes as those of the scan. */
static gt_scan *record(gt_tape *tape, const gt_cell *cell, const gt_scan *like)
{
    gt_shape x = gt_var_shape(gt_tape_at(like->body, like->inputs[0].inside));
    gt_shape a = gt_var_shape(gt_tape_at(like->body, like->carries[0].before));
    const gt_dimension sizes[] = {{"n_x", x.size[0]}, {"n_a", a.size[0]}};
    gt_var input = gt_input(tape, "x", GT_SHAPE(x.size[0], x.size[1], like->steps));
    gt_var initial[GT_MAX_CELL_ARRAYS], parameters[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS];
    for (uint32_t i = 0; i < cell->state_count; i++)
        initial[i] = gt_state(tape, cell->states[i].name, GT_SHAPE(a.size[0], x.size[1]));
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        gt_shape shape = GT_SCALAR;
        parameters[i] = GT_NONE;
        if (!cell->parameters[i].output_only &&
            gt_cell_array_shape(&cell->parameters[i], sizes, 2, 1, &shape, NULL) == GT_OK)
            parameters[i] = gt_parameter(tape, cell->parameters[i].name, shape);
    }
    gt_sequence sequence = {.cell = cell,
                            .inputs = &input,
                            .initial = initial,
                            .parameters = parameters,
                            .dimensions = sizes,
                            .dimension_count = 2,
                            .states = states};
    return gt_sequence_record(&sequence) == GT_OK ? gt_var_scan(states[0]) : NULL;
}

/* Whether the scan is the cell's; then the archive gets its parameters under the cell's names. */
static bool is_cell(gt_onnx_graph *graph, const gt_scan *scan, const gt_cell *cell, gt_archive *arrays)
{
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = gt_tape_dtype(graph->tape)});
    const gt_scan *own = tape == NULL || cell == NULL ? NULL : record(tape, cell, scan);
    gt_status status = gt_tape_status(tape);
    bool same = own != NULL && same_body(scan, own);
    for (size_t k = 0; same && status == GT_OK && k < scan->invariant_count; k++) {
        gt_var outside = gt_tape_at(graph->tape, scan->invariants[k].outside);
        int64_t place = gt_parameters_find(graph->model->values, gt_var_name(outside));
        const char *name = gt_var_name(gt_tape_at(tape, own->invariants[k].outside));
        same = gt_var_role(outside) == GT_ROLE_PARAMETER && place >= 0;
        if (same)
            status = gt_archive_add(arrays, name, gt_parameters_array(graph->model->values, (uint32_t)place), NULL);
    }
    if (status == GT_ERROR_MEMORY) /* otherwise what is not the same only is no layer */
        gt_onnx_fail(graph, status, "no memory to compare a cell with ONNX's layers");
    gt_tape_free(tape);
    return same && status == GT_OK;
}

/* Of the library in C, or of the zoo as a text: the ops are the same, their order may differ. */
static bool is_layer(gt_onnx_graph *graph, const gt_scan *scan, const char *name, gt_archive *arrays)
{
    if (gt_cell_find(name) != NULL && is_cell(graph, scan, gt_cell_find(name), arrays))
        return true;
    const gt_zoo_entry *entry = gt_zoo_find(name);
    if (entry == NULL)
        return false;
    gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
    bool good = gt_parsed_cell_status(parsed, NULL) == GT_OK;
    if (!good) /* the text is the library's own */
        gt_onnx_fail(graph, GT_ERROR_MEMORY, "no memory to compare a cell with ONNX's layers");
    bool same = good && is_cell(graph, scan, gt_parsed_cell_get(parsed), arrays);
    gt_parsed_cell_free(parsed);
    return same;
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* The layer has an axis for its directions: (1, m, n). */
static gt_onnx_name with_direction(gt_onnx_graph *graph, uint32_t initial)
{
    static const int64_t first = 0;
    gt_onnx_name axes = gt_onnx_whole(graph, &first, 1), result = gt_onnx_new_name(graph, "initial");
    gt_onnx_node(graph, "Unsqueeze", gt_onnx_value(graph, initial).text, axes.text, NULL, result.text);
    return result;
}

static void without_direction(gt_onnx_graph *graph, gt_onnx_name from, int64_t axis, uint32_t part)
{
    gt_onnx_name axes = gt_onnx_whole(graph, &axis, 1);
    gt_onnx_node(graph, "Squeeze", from.text, axes.text, NULL, gt_onnx_value(graph, part).text);
}

/* Y (T, 1, m, n), Y_h and Y_c (1, m, n) become what is read of the scan. */
static void write_results(gt_onnx_graph *graph, const gt_scan *scan, const gt_onnx_name results[3])
{
    for (size_t i = 0; i < scan->part_count; i++) {
        const gt_node *part = gt_tape_node(graph->tape, scan->parts[i]);
        if (!graph->needed[scan->parts[i] - 1])
            continue;
        bool stack = part->op == &gt_op_scan_stack;
        size_t k = stack ? 0 : (size_t)gt_node_attributes(graph->tape, part)[0];
        without_direction(graph, results[stack ? 0 : 1 + k], stack, scan->parts[i]);
    }
}

static void write_layer(gt_onnx_graph *graph, const gt_scan *scan, size_t which, const gt_archive *weights)
{
    static const char *const names[] = {"W", "R", "B", "P"}, *const outputs[] = {"Y", "Y_h", "Y_c"};
    gt_onnx_name inputs[4], initial[2], results[3];
    for (int i = 0; i < 4; i++) {
        gt_array array = gt_archive_find(weights, names[i]);
        inputs[i] = gt_onnx_new_name(graph, names[i]);
        if (array.data != NULL)
            gt_onnx_initializer(graph, inputs[i].text, array, true);
    }
    for (size_t k = 0; k < scan->carry_count; k++)
        initial[k] = with_direction(graph, scan->carries[k].initial);
    for (int i = 0; i < 3; i++)
        results[i] = gt_onnx_new_name(graph, outputs[i]);
    size_t node = gt_onnx_open(graph, layers[which].operator_name);
    gt_onnx_input(graph, gt_onnx_value(graph, scan->inputs[0].outside).text);
    for (int i = 0; i < 3; i++)
        gt_onnx_input(graph, inputs[i].text);
    gt_onnx_input(graph, ""); /* sequence_lens */
    for (size_t k = 0; k < scan->carry_count; k++)
        gt_onnx_input(graph, initial[k].text);
    if (layers[which].peepholes)
        gt_onnx_input(graph, inputs[3].text);
    for (int i = 0; i < 1 + (int)scan->carry_count; i++)
        gt_onnx_output(graph, results[i].text);
    gt_onnx_integer(graph, "hidden_size", gt_archive_find(weights, "R").shape.size[2]);
    gt_onnx_text(graph, "direction", scan->direction == GT_BACKWARD ? "reverse" : "forward");
    if (layers[which].before_reset)
        gt_onnx_integer(graph, "linear_before_reset", 1);
    gt_onnx_close(graph, node);
    write_results(graph, scan, results);
}

/* The layer gives its hidden state at all steps, and nothing else. */
static bool is_read_as_layer(const gt_onnx_graph *graph, const gt_scan *scan)
{
    for (size_t i = 0; i < scan->part_count; i++) {
        const gt_node *part = gt_tape_node(graph->tape, scan->parts[i]);
        if (graph->needed[scan->parts[i] - 1] && part->op == &gt_op_scan_stack &&
            (uint32_t)gt_node_attributes(graph->tape, part)[0] != scan->carries[0].after)
            return false;
    }
    return true;
}

static bool try_layer(gt_onnx_graph *graph, const gt_scan *scan, size_t which)
{
    const gt_convert_options options = {.to = GT_FRAMEWORK_ONNX, .cell = layers[which].cell};
    gt_error error = {0};
    gt_archive *arrays = gt_archive_new(), *weights = NULL;
    bool same = arrays != NULL && is_layer(graph, scan, layers[which].cell, arrays);
    if (same)
        weights = gt_convert(arrays, &options, &error);
    if (arrays == NULL || (same && weights == NULL))
        gt_onnx_fail(graph, same ? error.status : GT_ERROR_MEMORY, "a layer for ONNX: %s",
                     same ? error.message : "no memory");
    if (weights != NULL)
        write_layer(graph, scan, which, weights);
    gt_archive_free(arrays);
    gt_archive_free(weights);
    return same;
}

bool gt_onnx_emit_layer(gt_onnx_graph *graph, uint32_t index)
{
    const gt_scan *scan = gt_node_scan(graph->tape, gt_tape_node(graph->tape, index));
    if (graph->model->plain || graph->outer != NULL || graph->model->values == NULL || scan->input_count != 1 ||
        scan->carry_count == 0 || !is_read_as_layer(graph, scan))
        return false;
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (scan->invariant_count == layers[i].parameters && scan->carry_count == layers[i].states &&
            try_layer(graph, scan, i))
            return true;
    return false;
}
