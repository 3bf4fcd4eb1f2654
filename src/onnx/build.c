#include "onnx/build.h"

#include "base/entry.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <string.h>

gt_status gt_onnx_fail(gt_onnx_graph *graph, gt_status status, const char *format, ...)
{
    gt_onnx_model *model = graph->model;
    char text[GT_MESSAGE_SIZE];
    va_list list;
    if (model->status != GT_OK)
        return model->status;
    va_start(list, format);
    gt_utf8_format_list(text, sizeof text, format, list);
    va_end(list);
    return model->status = gt_error_set(model->error, status, "%s", text);
}

bool gt_onnx_check_twin(gt_onnx_graph *graph)
{
    bool same = graph->tape->node_count == graph->twin->node_count;
    for (uint32_t i = 1; same && i <= graph->tape->node_count; i++) {
        const gt_node *node = gt_tape_node(graph->tape, i), *twin = gt_tape_node(graph->twin, i);
        same = node->op == twin->op && node->input_count == twin->input_count &&
               node->attribute_count == twin->attribute_count;
    }
    if (!same)
        gt_onnx_fail(graph, GT_ERROR_ARGUMENT, "what is computed depends on the number of examples or steps");
    return same;
}

/* ---- names ------------------------------------------------------------------------------------- */

static gt_onnx_name number_name(const gt_onnx_graph *graph, const char *what, const char *mark, uint32_t number)
{
    gt_onnx_name name;
    gt_utf8_format(name.text, sizeof name.text, "%s%.*s%s%u", graph->prefix, gt_utf8_fit(what, 80), what, mark, number);
    return name;
}

gt_onnx_name gt_onnx_new_name(gt_onnx_graph *graph, const char *what)
{
    return number_name(graph, what, "..", graph->model->count++);
}

/* What a person gave a name keeps it. */
static gt_onnx_name leaf_name(gt_onnx_graph *graph, uint32_t index)
{
    gt_onnx_model *model = graph->model;
    gt_var v = gt_tape_at(graph->tape, index);
    gt_onnx_name name;
    gt_utf8_format(name.text, sizeof name.text, "%s", gt_var_name(v));
    int64_t place = gt_var_role(v) == GT_ROLE_PARAMETER && model->values != NULL
                        ? gt_parameters_find(model->values, gt_var_name(v))
                        : -1;
    if (place < 0 || model->written[index - 1])
        return name;
    model->written[index - 1] = true;
    gt_onnx_initializer(graph, name.text, gt_parameters_array(model->values, (uint32_t)place), false);
    return name;
}

gt_onnx_name gt_onnx_value(gt_onnx_graph *graph, uint32_t index)
{
    gt_var v = gt_tape_at(graph->tape, index);
    const gt_op *op = gt_var_op(v);
    bool leaf = op->onnx_form == GT_ONNX_GIVEN;
    if (leaf && graph->outer == NULL)
        return leaf_name(graph, index);
    const gt_scan_link *link = leaf ? gt_scan_find_invariant(graph->scan, index) : NULL;
    if (link != NULL)
        return gt_onnx_value(graph->outer, link->outside);
    return number_name(graph, *gt_var_name(v) != '\0' ? gt_var_name(v) : op->name, ".", index);
}

/* ---- nodes ------------------------------------------------------------------------------------- */

size_t gt_onnx_open(gt_onnx_graph *graph, const char *operator_name)
{
    size_t node = gt_protobuf_open(&graph->nodes, GRAPH_NODE);
    gt_protobuf_text(&graph->nodes, NODE_OP_TYPE, operator_name);
    return node;
}

void gt_onnx_close(gt_onnx_graph *graph, size_t node)
{
    gt_protobuf_close(&graph->nodes, node);
}

void gt_onnx_input(gt_onnx_graph *graph, const char *name)
{
    gt_protobuf_text(&graph->nodes, NODE_INPUT, name);
}

void gt_onnx_output(gt_onnx_graph *graph, const char *name)
{
    gt_protobuf_text(&graph->nodes, NODE_OUTPUT, name);
}

static size_t open_attribute(gt_onnx_graph *graph, const char *name, int type)
{
    size_t attribute = gt_protobuf_open(&graph->nodes, NODE_ATTRIBUTE);
    gt_protobuf_text(&graph->nodes, ATTRIBUTE_NAME, name);
    gt_protobuf_integer(&graph->nodes, ATTRIBUTE_TYPE, type);
    return attribute;
}

void gt_onnx_integer(gt_onnx_graph *graph, const char *name, int64_t value)
{
    size_t attribute = open_attribute(graph, name, TYPE_INT);
    gt_protobuf_integer(&graph->nodes, ATTRIBUTE_I, value);
    gt_protobuf_close(&graph->nodes, attribute);
}

void gt_onnx_integers(gt_onnx_graph *graph, const char *name, const int64_t *values, uint32_t count)
{
    size_t attribute = open_attribute(graph, name, TYPE_INTS);
    for (uint32_t i = 0; i < count; i++)
        gt_protobuf_integer(&graph->nodes, ATTRIBUTE_INTS, values[i]);
    gt_protobuf_close(&graph->nodes, attribute);
}

void gt_onnx_text(gt_onnx_graph *graph, const char *name, const char *text)
{
    size_t attribute = open_attribute(graph, name, TYPE_STRING);
    gt_protobuf_text(&graph->nodes, ATTRIBUTE_S, text);
    gt_protobuf_close(&graph->nodes, attribute);
}

void gt_onnx_node(gt_onnx_graph *graph, const char *operator_name, const char *a, const char *b, const char *c,
                  const char *output)
{
    const char *const inputs[] = {a, b, c};
    size_t node = gt_onnx_open(graph, operator_name);
    for (int i = 0; i < 3 && inputs[i] != NULL; i++)
        gt_onnx_input(graph, inputs[i]);
    gt_onnx_output(graph, output);
    gt_onnx_close(graph, node);
}

/* ---- tensors ----------------------------------------------------------------------------------- */

int32_t gt_onnx_type(gt_dtype dtype)
{
    static const int32_t types[] = {[GT_F64] = DATA_DOUBLE, [GT_F32] = DATA_FLOAT, [GT_I32] = DATA_INT32};
    return types[dtype];
}

/* One entry, its lowest byte first. */
static void put_entry(uint8_t *to, const void *from, size_t size)
{
    uint64_t bits = 0;
    if (size == sizeof(uint64_t))
        memcpy(&bits, from, size);
    else {
        uint32_t half;
        memcpy(&half, from, sizeof half);
        bits = half;
    }
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(bits >> (8 * i));
}

static void put_entries(uint8_t *to, gt_array array)
{
    size_t size = gt_dtype_size(array.dtype);
    for (int64_t i = 0; to != NULL && i < gt_shape_count(array.shape); i++)
        put_entry(to + (size_t)i * size, (const char *)array.data + (size_t)i * size, size);
}

/* Row-major: the last index moves fastest. */
static void put_turned(uint8_t *to, gt_array array)
{
    size_t size = gt_dtype_size(array.dtype);
    int64_t count = gt_shape_count(array.shape);
    for (int64_t i = 0; to != NULL && i < count; i++) {
        int64_t rest = i, place = 0;
        for (int axis = GT_MAX_RANK - 1; axis >= 0; axis--) {
            int64_t stride = 1;
            for (int below = 0; below < axis; below++)
                stride *= array.shape.size[below];
            place += rest % array.shape.size[axis] * stride;
            rest /= array.shape.size[axis];
        }
        put_entry(to + (size_t)i * size, (const char *)array.data + (size_t)place * size, size);
    }
}

void gt_onnx_initializer(gt_onnx_graph *graph, const char *name, gt_array array, bool turned)
{
    gt_protobuf *out = &graph->model->initializers;
    size_t tensor = gt_protobuf_open(out, GRAPH_INITIALIZER);
    for (int axis = 0; axis < array.shape.rank; axis++)
        gt_protobuf_integer(out, TENSOR_DIMS, array.shape.size[turned ? axis : array.shape.rank - 1 - axis]);
    gt_protobuf_integer(out, TENSOR_DATA_TYPE, gt_onnx_type(array.dtype));
    gt_protobuf_text(out, TENSOR_NAME, name);
    uint8_t *to =
        gt_protobuf_room(out, TENSOR_RAW_DATA, (size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype));
    (turned ? put_turned : put_entries)(to, array);
    gt_protobuf_close(out, tensor);
}

/* ---- constants --------------------------------------------------------------------------------- */

/* A node without inputs, whose attribute is a tensor of so many entries; `vector` says whether it has an axis. */
static gt_onnx_name constant(gt_onnx_graph *graph, int32_t type, const void *entries, size_t size, uint32_t count,
                             bool vector)
{
    gt_onnx_name name = gt_onnx_new_name(graph, "constant");
    size_t node = gt_onnx_open(graph, "Constant");
    gt_onnx_output(graph, name.text);
    size_t attribute = open_attribute(graph, "value", TYPE_TENSOR_VALUE);
    size_t tensor = gt_protobuf_open(&graph->nodes, ATTRIBUTE_T);
    if (vector)
        gt_protobuf_integer(&graph->nodes, TENSOR_DIMS, count);
    gt_protobuf_integer(&graph->nodes, TENSOR_DATA_TYPE, type);
    uint8_t *to = gt_protobuf_room(&graph->nodes, TENSOR_RAW_DATA, count * size);
    for (uint32_t i = 0; to != NULL && i < count; i++)
        put_entry(to + i * size, (const char *)entries + i * size, size);
    gt_protobuf_close(&graph->nodes, tensor);
    gt_protobuf_close(&graph->nodes, attribute);
    gt_onnx_close(graph, node);
    return name;
}

gt_onnx_name gt_onnx_whole(gt_onnx_graph *graph, const int64_t *values, uint32_t count)
{
    return constant(graph, DATA_INT64, values, sizeof *values, count, true);
}

gt_onnx_name gt_onnx_whole_number(gt_onnx_graph *graph, int64_t value)
{
    return constant(graph, DATA_INT64, &value, sizeof value, 1, false);
}

gt_onnx_name gt_onnx_number(gt_onnx_graph *graph, double value)
{
    gt_dtype dtype = gt_tape_dtype(graph->tape);
    double entry; /* with room for any type */
    gt_entry_set(&entry, dtype, 0, value);
    return constant(graph, gt_onnx_type(dtype), &entry, gt_dtype_size(dtype), 1, false);
}

gt_onnx_name gt_onnx_ranked(gt_onnx_graph *graph, gt_onnx_name name, int32_t rank, int32_t wanted)
{
    static const int64_t first[] = {0, 1, 2, 3};
    if (rank == wanted)
        return name;
    gt_onnx_name axes = gt_onnx_whole(graph, first, (uint32_t)(rank > wanted ? rank - wanted : wanted - rank));
    gt_onnx_name result = gt_onnx_new_name(graph, "ranked");
    gt_onnx_node(graph, rank > wanted ? "Squeeze" : "Unsqueeze", name.text, axes.text, NULL, result.text);
    return result;
}

/* ---- sizes that are not known ------------------------------------------------------------------ */

static const char examples_name[] = "examples", steps_name[] = "steps";

/* Whether sizes here and on the twin are the same number of times what those two are. */
static bool is_multiple(int64_t size, int64_t there, int64_t of, int64_t of_there, int64_t *times)
{
    *times = size / of;
    return size % of == 0 && of != of_there && *times * of_there == there;
}

/*
 * "examples" or "steps" for a size that is m or T, or that many times it; NULL for one that is the same whatever
 * they are.
 */
static const char *dynamic(gt_onnx_graph *graph, uint32_t index, int axis, int64_t *times)
{
    const gt_onnx_model *model = graph->model;
    gt_var v = gt_tape_at(graph->tape, index), other = gt_tape_at(graph->twin, index);
    int64_t size = gt_var_shape(v).size[axis], there = gt_var_shape(other).size[axis];
    if (size == there)
        return NULL;
    if (is_multiple(size, there, model->examples, model->other_examples, times))
        return examples_name;
    if (is_multiple(size, there, model->steps, model->other_steps, times))
        return steps_name;
    gt_onnx_fail(graph, GT_ERROR_ARGUMENT,
                 "%s has an axis whose size depends on the number of examples or steps, without being one of them",
                 gt_var_op(v)->name);
    return NULL;
}

/* The sizes m and T as values, from the first input of the whole graph that has them. */
static void add_sizes(gt_onnx_graph *graph)
{
    if (graph->model->has_sizes)
        return;
    graph->model->has_sizes = true;
    bool found[2] = {false, false};
    for (uint32_t i = 1; i <= gt_tape_node_count(graph->tape); i++) {
        gt_var v = gt_tape_at(graph->tape, i);
        gt_shape shape = gt_var_shape(v);
        if (gt_var_op(v)->onnx_form != GT_ONNX_GIVEN || gt_var_role(v) == GT_ROLE_PARAMETER)
            continue;
        for (int axis = 0; axis < shape.rank; axis++) {
            int64_t times = 1;
            const char *name = dynamic(graph, i, axis, &times);
            if (name == NULL || times != 1 || found[name == steps_name])
                continue;
            found[name == steps_name] = true;
            gt_onnx_name whole = gt_onnx_new_name(graph, "shape");
            int64_t place = shape.rank - 1 - axis;
            gt_onnx_node(graph, "Shape", gt_onnx_value(graph, i).text, NULL, NULL, whole.text);
            gt_onnx_name at = gt_onnx_whole(graph, &place, 1);
            gt_onnx_node(graph, "Gather", whole.text, at.text, NULL, name == steps_name ? "T.." : "m..");
        }
    }
}

/* A value of m or of T, or so many times that. */
static gt_onnx_name size_value(gt_onnx_graph *graph, const char *name, int64_t times)
{
    const char *once = name == steps_name ? "T.." : "m..";
    gt_onnx_name result;
    gt_utf8_format(result.text, sizeof result.text, "%s", once);
    if (times == 1)
        return result;
    gt_onnx_name factor = gt_onnx_whole(graph, &times, 1);
    result = gt_onnx_new_name(graph, "size");
    gt_onnx_node(graph, "Mul", once, factor.text, NULL, result.text);
    return result;
}

gt_onnx_name gt_onnx_shape(gt_onnx_graph *graph, uint32_t index)
{
    gt_shape shape = gt_var_shape(gt_tape_at(graph->tape, index));
    int64_t sizes[GT_MAX_RANK], times[GT_MAX_RANK] = {1, 1, 1, 1};
    const char *names[GT_MAX_RANK];
    bool known = true;
    for (int i = 0; i < shape.rank; i++) {
        sizes[i] = shape.size[shape.rank - 1 - i];
        names[i] = dynamic(graph, index, shape.rank - 1 - i, &times[i]);
        known = known && names[i] == NULL;
    }
    if (known)
        return gt_onnx_whole(graph, sizes, (uint32_t)shape.rank);
    gt_onnx_graph *whole = graph;
    while (whole->outer != NULL)
        whole = whole->outer;
    add_sizes(whole);
    gt_onnx_name parts[GT_MAX_RANK], result = gt_onnx_new_name(graph, "shape");
    for (int i = 0; i < shape.rank; i++)
        parts[i] = names[i] == NULL ? gt_onnx_whole(graph, &sizes[i], 1) : size_value(graph, names[i], times[i]);
    size_t node = gt_onnx_open(graph, "Concat");
    for (int i = 0; i < shape.rank; i++)
        gt_onnx_input(graph, parts[i].text);
    gt_onnx_output(graph, result.text);
    gt_onnx_integer(graph, "axis", 0);
    gt_onnx_close(graph, node);
    return result;
}

void gt_onnx_describe(gt_onnx_graph *graph, gt_protobuf *out, uint32_t field, const char *name, uint32_t index)
{
    gt_var v = gt_tape_at(graph->tape, index);
    gt_shape shape = gt_var_shape(v);
    size_t value = gt_protobuf_open(out, field);
    gt_protobuf_text(out, VALUE_INFO_NAME, name);
    size_t type = gt_protobuf_open(out, VALUE_INFO_TYPE), tensor = gt_protobuf_open(out, TYPE_TENSOR);
    gt_protobuf_integer(out, TENSOR_TYPE_ELEM, gt_onnx_type(gt_var_dtype(v)));
    size_t sizes = gt_protobuf_open(out, TENSOR_TYPE_SHAPE);
    for (int axis = shape.rank - 1; axis >= 0; axis--) {
        int64_t times = 1;
        char words[60];
        const char *symbol = dynamic(graph, index, axis, &times);
        if (symbol != NULL && times != 1)
            gt_utf8_format(words, sizeof words, "%lld * %s", (long long)times, symbol);
        size_t dim = gt_protobuf_open(out, SHAPE_DIM);
        if (symbol == NULL)
            gt_protobuf_integer(out, DIM_VALUE, shape.size[axis]);
        else
            gt_protobuf_text(out, DIM_PARAM, times == 1 ? symbol : words);
        gt_protobuf_close(out, dim);
    }
    gt_protobuf_close(out, sizes);
    gt_protobuf_close(out, tensor);
    gt_protobuf_close(out, type);
    gt_protobuf_close(out, value);
}
