/* The whole file: what it says of itself, and the graph. */
#include "onnx/model.h"

#include "base/memory.h"
#include "gradtape/convert.h"

#include <string.h>

enum { USUAL_OPSET = 17 };

/* The version of the file's format that came with a version of the operators: onnx/docs/Versioning.md. */
static int64_t format_version(int64_t opset)
{
    return opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : 7;
}

/* ---- what is needed ---------------------------------------------------------------------------- */

static bool is_constant(const gt_onnx_graph *graph, gt_var v)
{
    return gt_var_role(v) == GT_ROLE_PARAMETER && graph->model->values != NULL &&
           gt_parameters_find(graph->model->values, gt_var_name(v)) >= 0;
}

/* Inputs under their names, in the order in which they were recorded, whether they are read or not. */
static void write_inputs(gt_onnx_graph *graph, gt_protobuf *out)
{
    for (uint32_t i = 1; i <= gt_tape_node_count(graph->tape); i++) {
        gt_var v = gt_tape_at(graph->tape, i);
        if (gt_var_op(v)->onnx_form != GT_ONNX_GIVEN || is_constant(graph, v))
            continue;
        if (*gt_var_name(v) == '\0')
            gt_onnx_fail(graph, GT_ERROR_ARGUMENT, "an input of the tape has no name, by which it would be given");
        gt_onnx_describe(graph, out, GRAPH_INPUT, gt_var_name(v), i);
    }
}

static void write_outputs(gt_onnx_graph *graph, const gt_onnx_result *results, uint32_t count, gt_protobuf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        gt_onnx_node(graph, "Identity", gt_onnx_value(graph, results[i].var.index).text, NULL, NULL, results[i].name);
        gt_onnx_describe(graph, out, GRAPH_OUTPUT, results[i].name, results[i].var.index);
    }
}

/* ---- the file ---------------------------------------------------------------------------------- */

static void write_header(gt_protobuf *file, const gt_onnx_options *options, int64_t opset)
{
    gt_protobuf_integer(file, MODEL_IR_VERSION, format_version(opset));
    gt_protobuf_text(file, MODEL_PRODUCER_NAME, "gradtape");
    gt_protobuf_text(file, MODEL_PRODUCER_VERSION, gt_version());
    size_t import = gt_protobuf_open(file, MODEL_OPSET_IMPORT);
    gt_protobuf_text(file, OPSET_DOMAIN, "");
    gt_protobuf_integer(file, OPSET_VERSION, opset);
    gt_protobuf_close(file, import);
    for (uint32_t i = 0; i < options->metadata_count; i++) {
        size_t entry = gt_protobuf_open(file, MODEL_METADATA_PROPS);
        gt_protobuf_text(file, ENTRY_KEY, options->metadata[i][0]);
        gt_protobuf_text(file, ENTRY_VALUE, options->metadata[i][1]);
        gt_protobuf_close(file, entry);
    }
}

static void write_graph(gt_onnx_graph *graph, const gt_onnx_recording *r, const char *title, gt_protobuf *file)
{
    gt_protobuf links = {.bytes = NULL};
    if (!gt_onnx_check_twin(graph))
        return;
    for (uint32_t i = 0; i < r->count; i++)
        gt_onnx_need(graph, r->results[i].var.index);
    gt_onnx_emit(graph);
    write_inputs(graph, &links);
    write_outputs(graph, r->results, r->count, &links);
    size_t message = gt_protobuf_open(file, MODEL_GRAPH);
    gt_protobuf_append(file, &graph->nodes);
    gt_protobuf_text(file, GRAPH_NAME, title);
    gt_protobuf_append(file, &graph->model->initializers);
    gt_protobuf_append(file, &links);
    gt_protobuf_close(file, message);
    gt_protobuf_free(&links);
}

static gt_status finish(gt_onnx_graph *graph, gt_protobuf *file, char **bytes, size_t *size)
{
    if (file->failed)
        gt_onnx_fail(graph, GT_ERROR_MEMORY, "no memory for the ONNX model");
    if (file->size > INT32_MAX)
        gt_onnx_fail(graph, GT_ERROR_SIZE, "the ONNX model would have %zu bytes; Protocol Buffers allow 2^31 - 1",
                     file->size);
    if (graph->model->status != GT_OK) {
        gt_protobuf_free(file);
        return graph->model->status;
    }
    *bytes = (char *)file->bytes;
    *size = file->size;
    return GT_OK;
}

static gt_status check_options(const gt_onnx_options *options, int64_t opset, gt_error *error)
{
    (void)options;
    if (opset >= GT_ONNX_LEAST_OPSET && opset <= GT_ONNX_MOST_OPSET)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT, "version %lld of ONNX's operators is not written; %d to %d are",
                        (long long)opset, GT_ONNX_LEAST_OPSET, GT_ONNX_MOST_OPSET);
}

gt_status gt_onnx_write(const gt_onnx_recording *r, const gt_parameters *values, const gt_onnx_options *options,
                        const char *title, char **bytes, size_t *size, gt_error *error)
{
    int64_t opset = options->opset == 0 ? USUAL_OPSET : options->opset;
    gt_status status = check_options(options, opset, error);
    if (status != GT_OK)
        return status;
    gt_onnx_model model = {
        .values = values,
        .opset = opset,
        .plain = options->scans,
        .examples = r->examples,
        .steps = r->steps,
        .other_examples = r->other_examples,
        .other_steps = r->other_steps,
        .written = gt_memory_new(gt_tape_node_count(r->tape), sizeof(bool)),
        .error = error,
    };
    gt_onnx_graph graph = {.model = &model, .tape = r->tape, .twin = r->twin};
    graph.needed = gt_memory_new(gt_tape_node_count(r->tape), sizeof *graph.needed);
    gt_protobuf file = {.bytes = NULL};
    if (model.written == NULL || graph.needed == NULL)
        gt_onnx_fail(&graph, GT_ERROR_MEMORY, "no memory for the ONNX model");
    else {
        write_header(&file, options, opset);
        write_graph(&graph, r, options->title == NULL ? title : options->title, &file);
    }
    status = finish(&graph, &file, bytes, size);
    gt_protobuf_free(&graph.nodes);
    gt_protobuf_free(&model.initializers);
    gt_memory_free(graph.needed);
    gt_memory_free(model.written);
    return status;
}
