/* A scan as the operator Scan, its body a graph inside. */
#include "base/memory.h"
#include "base/utf8.h"
#include "onnx/build.h"

#include <string.h>

/* What of the body leaves the scan besides its states: a stack on the tape outside. */
static bool is_stack(const gt_onnx_graph *graph, const gt_scan *scan, uint32_t part)
{
    return graph->needed[part - 1] && gt_tape_node(graph->tape, part)->op == &gt_op_scan_stack && scan != NULL;
}

static uint32_t inside_of(const gt_onnx_graph *graph, uint32_t part)
{
    return (uint32_t)gt_node_attributes(graph->tape, gt_tape_node(graph->tape, part))[0];
}

/* ---- the body ---------------------------------------------------------------------------------- */

/* A value that leaves the body gets a name of its own: the same one may leave twice, or come from outside. */
static void leave(gt_onnx_graph *body, gt_protobuf *outputs, uint32_t inside)
{
    gt_onnx_name from = gt_onnx_value(body, inside), name = gt_onnx_new_name(body, "out");
    gt_onnx_node(body, "Identity", from.text, NULL, NULL, name.text);
    gt_onnx_describe(body, outputs, GRAPH_OUTPUT, name.text, inside);
}

static void enter(gt_onnx_graph *body, gt_protobuf *inputs, uint32_t inside)
{
    gt_onnx_describe(body, inputs, GRAPH_INPUT, gt_onnx_value(body, inside).text, inside);
}

static void need_of_body(gt_onnx_graph *body, const gt_onnx_graph *graph, const gt_scan *scan)
{
    for (size_t k = 0; k < scan->carry_count; k++)
        gt_onnx_need(body, scan->carries[k].after);
    for (size_t k = 0; k < scan->part_count; k++)
        if (is_stack(graph, scan, scan->parts[k]))
            gt_onnx_need(body, inside_of(graph, scan->parts[k]));
}

/* The body's graph as a message: nodes, then what enters and leaves. */
static void build_body(gt_onnx_graph *body, const gt_onnx_graph *graph, const gt_scan *scan, gt_protobuf *out)
{
    gt_protobuf links = {.bytes = NULL};
    need_of_body(body, graph, scan);
    gt_onnx_emit(body);
    for (size_t k = 0; k < scan->carry_count; k++)
        enter(body, &links, scan->carries[k].before);
    for (size_t k = 0; k < scan->input_count; k++)
        enter(body, &links, scan->inputs[k].inside);
    for (size_t k = 0; k < scan->carry_count; k++)
        leave(body, &links, scan->carries[k].after);
    for (size_t k = 0; k < scan->part_count; k++)
        if (is_stack(graph, scan, scan->parts[k]))
            leave(body, &links, inside_of(graph, scan->parts[k]));
    gt_protobuf_append(out, &body->nodes);
    gt_protobuf_text(out, GRAPH_NAME, "step");
    gt_protobuf_append(out, &links);
    gt_protobuf_free(&links);
}

/* ---- the node ---------------------------------------------------------------------------------- */

/* The final value of carry k on the tape outside; 0: nobody reads it. */
static uint32_t final_of(const gt_onnx_graph *graph, const gt_scan *scan, size_t k)
{
    for (size_t i = 0; i < scan->part_count; i++) {
        uint32_t part = scan->parts[i];
        if (graph->needed[part - 1] && gt_tape_node(graph->tape, part)->op == &gt_op_scan_final &&
            inside_of(graph, part) == k)
            return part;
    }
    return 0;
}

static void write_outputs(gt_onnx_graph *graph, const gt_scan *scan)
{
    for (size_t k = 0; k < scan->carry_count; k++) {
        uint32_t final = final_of(graph, scan, k);
        gt_onnx_output(graph, final != 0 ? gt_onnx_value(graph, final).text : gt_onnx_new_name(graph, "unread").text);
    }
    for (size_t k = 0; k < scan->part_count; k++)
        if (is_stack(graph, scan, scan->parts[k]))
            gt_onnx_output(graph, gt_onnx_value(graph, scan->parts[k]).text);
}

static uint32_t count_stacks(const gt_onnx_graph *graph, const gt_scan *scan)
{
    uint32_t count = 0;
    for (size_t k = 0; k < scan->part_count; k++)
        count += is_stack(graph, scan, scan->parts[k]);
    return count;
}

/* The last step first; slices and stacks keep their places in time. */
static void write_direction(gt_onnx_graph *graph, const char *name, uint32_t count)
{
    int64_t *backward = gt_memory_new((uint64_t)count + 1, sizeof *backward);
    for (uint32_t i = 0; backward != NULL && i < count; i++)
        backward[i] = 1;
    if (backward == NULL)
        gt_onnx_fail(graph, GT_ERROR_MEMORY, "no memory to export a scan");
    else
        gt_onnx_integers(graph, name, backward, count);
    gt_memory_free(backward);
}

static void write_node(gt_onnx_graph *graph, const gt_scan *scan, const gt_protobuf *body)
{
    size_t node = gt_onnx_open(graph, "Scan");
    for (size_t k = 0; k < scan->carry_count; k++)
        gt_onnx_input(graph, gt_onnx_value(graph, scan->carries[k].initial).text);
    for (size_t k = 0; k < scan->input_count; k++)
        gt_onnx_input(graph, gt_onnx_value(graph, scan->inputs[k].outside).text);
    write_outputs(graph, scan);
    gt_onnx_integer(graph, "num_scan_inputs", (int64_t)scan->input_count);
    if (scan->direction == GT_BACKWARD) {
        write_direction(graph, "scan_input_directions", (uint32_t)scan->input_count);
        write_direction(graph, "scan_output_directions", count_stacks(graph, scan));
    }
    size_t attribute = gt_protobuf_open(&graph->nodes, NODE_ATTRIBUTE);
    gt_protobuf_text(&graph->nodes, ATTRIBUTE_NAME, "body");
    gt_protobuf_integer(&graph->nodes, ATTRIBUTE_TYPE, TYPE_GRAPH);
    size_t message = gt_protobuf_open(&graph->nodes, ATTRIBUTE_G);
    gt_protobuf_append(&graph->nodes, body);
    gt_protobuf_close(&graph->nodes, message);
    gt_protobuf_close(&graph->nodes, attribute);
    gt_onnx_close(graph, node);
}

void gt_onnx_emit_scan(gt_onnx_graph *graph, uint32_t index)
{
    gt_scan *scan = gt_node_scan(graph->tape, gt_tape_node(graph->tape, index));
    gt_scan *twin = gt_node_scan(graph->twin, gt_tape_node(graph->twin, index));
    if (scan->input_count == 0) {
        gt_onnx_fail(graph, GT_ERROR_ARGUMENT,
                     "a loop that reads no sequence cannot be exported: ONNX's Scan reads one");
        return;
    }
    gt_onnx_graph body = {.model = graph->model, .outer = graph, .tape = scan->body, .twin = twin->body, .scan = scan};
    gt_utf8_format(body.prefix, sizeof body.prefix, "%sloop%u/", graph->prefix, index);
    body.needed = gt_memory_new(gt_tape_node_count(scan->body), sizeof *body.needed);
    gt_protobuf message = {.bytes = NULL};
    if (body.needed == NULL)
        gt_onnx_fail(graph, GT_ERROR_MEMORY, "no memory to export a scan");
    else if (gt_onnx_check_twin(&body)) {
        build_body(&body, graph, scan, &message);
        write_node(graph, scan, &message);
    }
    gt_protobuf_free(&message);
    gt_protobuf_free(&body.nodes);
    gt_memory_free(body.needed);
}
