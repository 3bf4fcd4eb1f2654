/* Nodes, by the forms of their ops. */
#include "base/memory.h"
#include "onnx/build.h"
#include "ops/part.h"
#include "ops/reduce.h"
#include "ops/rule.h"

#include <string.h>

/* A node of the tape, with what its emission needs. */
typedef struct emission {
    gt_onnx_graph *graph;
    uint32_t index;
    gt_var v;
    const gt_op *op;
    gt_onnx_name result;
} emission;

static uint32_t operand(const emission *e, uint32_t slot)
{
    return gt_node_inputs(e->graph->tape, gt_tape_node(e->graph->tape, e->index))[slot];
}

static gt_onnx_name operand_name(const emission *e, uint32_t slot)
{
    return gt_onnx_value(e->graph, operand(e, slot));
}

static gt_shape operand_shape(const emission *e, uint32_t slot)
{
    return gt_var_shape(gt_tape_at(e->graph->tape, operand(e, slot)));
}

static int32_t rank_of(const emission *e)
{
    return gt_var_shape(e->v).rank;
}

/* The place of an axis of an array of so many. */
static int64_t axis_of(int32_t rank, int64_t axis)
{
    return rank - 1 - axis;
}

/* Operator and operands, the result being the node's. */
static void emit(const emission *e, const char *operator_name, const char *a, const char *b, const char *c)
{
    gt_onnx_node(e->graph, operator_name, a, b, c, e->result.text);
}

/* ---- element by element ------------------------------------------------------------------------ */

static void emit_plain(const emission *e)
{
    uint32_t count = gt_var_input_count(e->v);
    gt_onnx_name names[3];
    for (uint32_t i = 0; i < count && i < 3; i++)
        names[i] = operand_name(e, i);
    emit(e, e->op->onnx, names[0].text, count > 1 ? names[1].text : NULL, count > 2 ? names[2].text : NULL);
}

static gt_onnx_name cast(const emission *e, const char *from, int32_t type)
{
    gt_onnx_name result = gt_onnx_new_name(e->graph, "cast");
    size_t node = gt_onnx_open(e->graph, "Cast");
    gt_onnx_input(e->graph, from);
    gt_onnx_output(e->graph, result.text);
    gt_onnx_integer(e->graph, "to", type);
    gt_onnx_close(e->graph, node);
    return result;
}

/* Truth values become 1 and 0. */
static void emit_truth(const emission *e, bool turned)
{
    gt_onnx_name truth = gt_onnx_new_name(e->graph, "truth"), opposite = truth;
    gt_onnx_node(e->graph, e->op->onnx, operand_name(e, 0).text, operand_name(e, 1).text, NULL, truth.text);
    if (turned) {
        opposite = gt_onnx_new_name(e->graph, "truth");
        gt_onnx_node(e->graph, "Not", truth.text, NULL, NULL, opposite.text);
    }
    gt_onnx_name number = cast(e, opposite.text, gt_onnx_type(gt_var_dtype(e->v)));
    emit(e, "Identity", number.text, NULL, NULL);
}

static void emit_choice(const emission *e)
{
    gt_onnx_name truth = cast(e, operand_name(e, 0).text, DATA_BOOL);
    emit(e, e->op->onnx, truth.text, operand_name(e, 1).text, operand_name(e, 2).text);
}

static void emit_power(const emission *e)
{
    gt_onnx_name exponent = gt_onnx_number(e->graph, gt_unpack_double(gt_var_attribute(e->v, 0)));
    emit(e, e->op->onnx, operand_name(e, 0).text, exponent.text, NULL);
}

static gt_onnx_name apply(const emission *e, const char *operator_name, gt_onnx_name a, const gt_onnx_name *b)
{
    gt_onnx_name result = gt_onnx_new_name(e->graph, "gelu");
    gt_onnx_node(e->graph, operator_name, a.text, b == NULL ? NULL : b->text, NULL, result.text);
    return result;
}

/* x sigmoid(2 sqrt(2 / pi) x (1 + 0.044715 x^2)): ONNX has it only from version 20 on. */
static void emit_gelu(const emission *e)
{
    const double scale = 1.5957691216057308; /* 2 sqrt(2 / pi) */
    gt_onnx_name x = operand_name(e, 0);
    gt_onnx_name first = gt_onnx_number(e->graph, scale), third = gt_onnx_number(e->graph, scale * 0.044715);
    gt_onnx_name square = apply(e, "Mul", x, &x), scaled = apply(e, "Mul", square, &third);
    gt_onnx_name sum = apply(e, "Add", scaled, &first), inside = apply(e, "Mul", sum, &x);
    gt_onnx_name gate = apply(e, "Sigmoid", inside, NULL);
    emit(e, "Mul", gate.text, x.text, NULL);
}

static void emit_number(const emission *e)
{
    gt_onnx_name value = gt_onnx_number(e->graph, gt_unpack_double(gt_var_attribute(e->v, GT_SHAPE_ATTRIBUTES)));
    if (rank_of(e) == 0) {
        emit(e, "Identity", value.text, NULL, NULL);
        return;
    }
    gt_onnx_name shape = gt_onnx_shape(e->graph, e->index);
    emit(e, e->op->onnx, value.text, shape.text, NULL);
}

/* ---- matrices ---------------------------------------------------------------------------------- */

static gt_onnx_name transposed(const emission *e, gt_onnx_name name)
{
    static const int64_t order[] = {1, 0};
    gt_onnx_name result = gt_onnx_new_name(e->graph, "transposed");
    size_t node = gt_onnx_open(e->graph, "Transpose");
    gt_onnx_input(e->graph, name.text);
    gt_onnx_output(e->graph, result.text);
    gt_onnx_integers(e->graph, "perm", order, 2);
    gt_onnx_close(e->graph, node);
    return result;
}

/* One operand of a product, as a matrix; a second one may have further axes of columns. */
static gt_onnx_name factor(const emission *e, uint32_t slot, bool may_be_more)
{
    int32_t rank = operand_shape(e, slot).rank;
    bool turned = gt_var_attribute(e->v, slot) != 0;
    if (rank > 2 && (turned || !may_be_more))
        gt_onnx_fail(
            e->graph, GT_ERROR_ARGUMENT,
            "a product that sums over the examples of every step cannot be exported: it belongs to a gradient");
    gt_onnx_name name = gt_onnx_ranked(e->graph, operand_name(e, slot), rank, rank < 2 ? 2 : rank);
    return turned ? transposed(e, name) : name;
}

/* With axes turned round, (a b)' is b' a'. */
static void emit_product(const emission *e)
{
    int32_t columns = operand_shape(e, 1).rank, rank = columns > 2 ? columns : 2;
    gt_onnx_name a = factor(e, 0, false), b = factor(e, 1, true);
    if (rank == rank_of(e)) {
        emit(e, e->op->onnx, b.text, a.text, NULL);
        return;
    }
    gt_onnx_name product = gt_onnx_new_name(e->graph, "product");
    gt_onnx_node(e->graph, e->op->onnx, b.text, a.text, NULL, product.text);
    gt_onnx_name ranked = gt_onnx_ranked(e->graph, product, rank, rank_of(e));
    emit(e, "Identity", ranked.text, NULL, NULL);
}

static void emit_transpose(const emission *e)
{
    gt_onnx_name x = gt_onnx_ranked(e->graph, operand_name(e, 0), operand_shape(e, 0).rank, 2);
    gt_onnx_name result = transposed(e, x);
    emit(e, "Identity", gt_onnx_ranked(e->graph, result, 2, rank_of(e)).text, NULL, NULL);
}

/* Rows of a table whose columns are here; the indices are whole numbers. */
static void emit_table(const emission *e)
{
    emit(e, e->op->onnx, operand_name(e, 0).text, operand_name(e, 1).text, NULL);
}

static void emit_one_hot(const emission *e)
{
    const int64_t classes = gt_var_attribute(e->v, 0), axes[] = {0};
    gt_onnx_name depth = gt_onnx_whole(e->graph, &classes, 1), axis = gt_onnx_whole(e->graph, axes, 1);
    gt_onnx_name ends[2], both[2], values = gt_onnx_new_name(e->graph, "values");
    for (int i = 0; i < 2; i++) {
        ends[i] = gt_onnx_number(e->graph, i);
        both[i] = gt_onnx_new_name(e->graph, "values");
        gt_onnx_node(e->graph, "Unsqueeze", ends[i].text, axis.text, NULL, both[i].text);
    }
    size_t node = gt_onnx_open(e->graph, "Concat");
    gt_onnx_input(e->graph, both[0].text);
    gt_onnx_input(e->graph, both[1].text);
    gt_onnx_output(e->graph, values.text);
    gt_onnx_integer(e->graph, "axis", 0);
    gt_onnx_close(e->graph, node);
    gt_onnx_name index = cast(e, operand_name(e, 0).text, DATA_INT64); /* of the depth's type */
    emit(e, e->op->onnx, index.text, depth.text, values.text);
}

/* ---- axes -------------------------------------------------------------------------------------- */

static void emit_columns(const emission *e)
{
    gt_onnx_name x = operand_name(e, 0);
    size_t node = gt_onnx_open(e->graph, e->op->onnx);
    gt_onnx_input(e->graph, x.text);
    gt_onnx_output(e->graph, e->result.text);
    gt_onnx_integer(e->graph, "axis", -1);
    gt_onnx_close(e->graph, node);
}

static void emit_concat(const emission *e)
{
    uint32_t count = gt_var_input_count(e->v);
    gt_onnx_name *parts = gt_memory_new(count, sizeof *parts);
    if (parts == NULL) {
        gt_onnx_fail(e->graph, GT_ERROR_MEMORY, "no memory to export a %s", e->op->name);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        parts[i] = gt_onnx_ranked(e->graph, operand_name(e, i), operand_shape(e, i).rank, rank_of(e));
    size_t node = gt_onnx_open(e->graph, e->op->onnx);
    for (uint32_t i = 0; i < count; i++)
        gt_onnx_input(e->graph, parts[i].text);
    gt_onnx_output(e->graph, e->result.text);
    gt_onnx_integer(e->graph, "axis", axis_of(rank_of(e), gt_var_attribute(e->v, 0)));
    gt_onnx_close(e->graph, node);
    gt_memory_free(parts);
}

static uint32_t reduced_axes(const emission *e, int64_t axes[GT_MAX_RANK])
{
    int32_t rank = operand_shape(e, 0).rank;
    uint32_t count = 0;
    for (int32_t axis = rank - 1; axis >= 0; axis--)
        if ((gt_var_attribute(e->v, GT_REDUCE_AXES) >> axis & 1) != 0)
            axes[count++] = axis_of(rank, axis);
    return count;
}

/* The mean takes its axes as an attribute before version 18, and as an operand, as the sum does, from then on. */
static void emit_reduction(const emission *e)
{
    enum { AXES_ARE_OPERANDS = 18 };
    int64_t axes[GT_MAX_RANK];
    uint32_t count = reduced_axes(e, axes);
    bool operand_axes = strcmp(e->op->onnx, "ReduceSum") == 0 || e->graph->model->opset >= AXES_ARE_OPERANDS;
    gt_onnx_name x = operand_name(e, 0), which, sum = gt_onnx_new_name(e->graph, "reduced");
    if (operand_axes && count > 0)
        which = gt_onnx_whole(e->graph, axes, count);
    size_t node = gt_onnx_open(e->graph, count > 0 ? e->op->onnx : "Identity");
    gt_onnx_input(e->graph, x.text);
    if (operand_axes && count > 0)
        gt_onnx_input(e->graph, which.text);
    gt_onnx_output(e->graph, sum.text);
    if (count > 0)
        gt_onnx_integer(e->graph, "keepdims", 1);
    if (count > 0 && !operand_axes)
        gt_onnx_integers(e->graph, "axes", axes, count);
    gt_onnx_close(e->graph, node);
    gt_onnx_name ranked = gt_onnx_ranked(e->graph, sum, operand_shape(e, 0).rank, rank_of(e));
    emit(e, "Identity", ranked.text, NULL, NULL);
}

/* `from` is an array with so many axes. */
static void emit_interval(const emission *e, gt_onnx_name from, int32_t rank, int64_t axis, int64_t start, int64_t stop)
{
    int64_t place = axis_of(rank, axis);
    gt_onnx_name names[] = {gt_onnx_whole(e->graph, &start, 1), gt_onnx_whole(e->graph, &stop, 1),
                            gt_onnx_whole(e->graph, &place, 1)};
    gt_onnx_name part = gt_onnx_new_name(e->graph, "part");
    size_t node = gt_onnx_open(e->graph, "Slice");
    gt_onnx_input(e->graph, from.text);
    for (int i = 0; i < 3; i++)
        gt_onnx_input(e->graph, names[i].text);
    gt_onnx_output(e->graph, part.text);
    gt_onnx_close(e->graph, node);
    emit(e, "Identity", gt_onnx_ranked(e->graph, part, rank, rank_of(e)).text, NULL, NULL);
}

static void emit_slice(const emission *e)
{
    gt_shape shape = operand_shape(e, 0);
    int64_t axis = gt_var_attribute(e->v, 0);
    int32_t rank = axis >= shape.rank ? (int32_t)axis + 1 : shape.rank;
    gt_onnx_name from = gt_onnx_ranked(e->graph, operand_name(e, 0), shape.rank, rank);
    emit_interval(e, from, rank, axis, gt_var_attribute(e->v, 1), gt_var_attribute(e->v, 2));
}

/* A part of a split is a slice of what was split. */
static void emit_part(const emission *e)
{
    gt_var whole = gt_var_input(gt_var_input(e->v, 0), 0);
    int64_t start = gt_var_attribute(e->v, GT_PART_START), size = gt_var_attribute(e->v, GT_PART_SIZE);
    emit_interval(e, gt_onnx_value(e->graph, whole.index), gt_var_shape(whole).rank,
                  gt_var_attribute(e->v, GT_PART_AXIS), start, start + size);
}

static void emit_so_far(const emission *e)
{
    int64_t axis = gt_var_attribute(e->v, 0);
    gt_onnx_name x = operand_name(e, 0), which = {0};
    bool sums = axis < rank_of(e); /* an axis that is not there has one entry */
    if (sums)
        which = gt_onnx_whole_number(e->graph, axis_of(rank_of(e), axis));
    size_t node = gt_onnx_open(e->graph, sums ? e->op->onnx : "Identity");
    gt_onnx_input(e->graph, x.text);
    if (sums)
        gt_onnx_input(e->graph, which.text);
    gt_onnx_output(e->graph, e->result.text);
    if (sums)
        gt_onnx_integer(e->graph, "reverse", gt_var_attribute(e->v, 1));
    gt_onnx_close(e->graph, node);
}

static void emit_padding(const emission *e)
{
    gt_shape shape = operand_shape(e, 0);
    int64_t pads[2 * GT_MAX_RANK] = {0}, place = axis_of(rank_of(e), gt_var_attribute(e->v, 0));
    pads[place] = gt_var_attribute(e->v, 1);
    pads[rank_of(e) + place] = gt_var_attribute(e->v, 2);
    gt_onnx_name from = gt_onnx_ranked(e->graph, operand_name(e, 0), shape.rank, rank_of(e));
    gt_onnx_name amounts = gt_onnx_whole(e->graph, pads, 2 * (uint32_t)rank_of(e));
    emit(e, e->op->onnx, from.text, amounts.text, NULL);
}

static void emit_shape(const emission *e)
{
    gt_onnx_name shape = gt_onnx_shape(e->graph, e->index);
    emit(e, e->op->onnx, operand_name(e, 0).text, shape.text, NULL);
}

/* ---- all --------------------------------------------------------------------------------------- */

static void emit_form(const emission *e)
{
    switch (e->op->onnx_form) {
    case GT_ONNX_PLAIN:
        emit_plain(e);
        break;
    case GT_ONNX_TRUTH:
    case GT_ONNX_UNTRUTH:
        emit_truth(e, e->op->onnx_form == GT_ONNX_UNTRUTH);
        break;
    case GT_ONNX_CHOICE:
        emit_choice(e);
        break;
    case GT_ONNX_POWER:
        emit_power(e);
        break;
    case GT_ONNX_GELU:
        emit_gelu(e);
        break;
    case GT_ONNX_NUMBER:
        emit_number(e);
        break;
    case GT_ONNX_PRODUCT:
        emit_product(e);
        break;
    case GT_ONNX_TRANSPOSE:
        emit_transpose(e);
        break;
    case GT_ONNX_TABLE:
        emit_table(e);
        break;
    case GT_ONNX_ONE_HOT:
        emit_one_hot(e);
        break;
    case GT_ONNX_COLUMNS:
        emit_columns(e);
        break;
    case GT_ONNX_AXIS:
        emit_concat(e);
        break;
    case GT_ONNX_REDUCTION:
        emit_reduction(e);
        break;
    case GT_ONNX_SO_FAR:
        emit_so_far(e);
        break;
    case GT_ONNX_INTERVAL:
        emit_slice(e);
        break;
    case GT_ONNX_PART:
        emit_part(e);
        break;
    case GT_ONNX_PADDING:
        emit_padding(e);
        break;
    case GT_ONNX_SHAPE:
        emit_shape(e);
        break;
    case GT_ONNX_LOOP:
        if (!gt_onnx_emit_layer(e->graph, e->index))
            gt_onnx_emit_scan(e->graph, e->index);
        break;
    case GT_ONNX_GIVEN:
    case GT_ONNX_WITHIN:
        break;
    case GT_ONNX_NONE:
        gt_onnx_fail(e->graph, GT_ERROR_ARGUMENT, "ONNX has no operator for %s", e->op->name);
        break;
    }
}

/* A number that is another one on the twin was computed from m or T; shapes are looked at where they are written. */
static bool is_fixed(const gt_onnx_graph *graph, uint32_t index)
{
    const gt_node *node = gt_tape_node(graph->tape, index), *twin = gt_tape_node(graph->twin, index);
    gt_onnx_form form = node->op->onnx_form;
    uint32_t first = form == GT_ONNX_NUMBER ? GT_SHAPE_ATTRIBUTES : 0;
    if (form == GT_ONNX_SHAPE || form == GT_ONNX_LOOP)
        return true;
    return memcmp(gt_node_attributes(graph->tape, node) + first, gt_node_attributes(graph->twin, twin) + first,
                  (node->attribute_count - first) * sizeof(int64_t)) == 0;
}

void gt_onnx_emit_node(gt_onnx_graph *graph, uint32_t index)
{
    emission e = {.graph = graph, .index = index, .v = gt_tape_at(graph->tape, index)};
    e.op = gt_var_op(e.v);
    if (e.op->onnx_form == GT_ONNX_GIVEN)
        return;
    e.result = gt_onnx_value(graph, index);
    if (!is_fixed(graph, index))
        gt_onnx_fail(graph, GT_ERROR_ARGUMENT,
                     "%s computes with the number of examples or steps itself, which is open in an exported model",
                     e.op->name);
    else if (e.op->onnx == NULL && e.op->onnx_form == GT_ONNX_PLAIN)
        gt_onnx_fail(graph, GT_ERROR_ARGUMENT, "ONNX has no operator for %s", e.op->name);
    else
        emit_form(&e);
}

void gt_onnx_need(gt_onnx_graph *graph, uint32_t index)
{
    graph->needed[index - 1] = true;
}

/* Inputs stand before what reads them, so one walk backward finds all. */
static void need_inputs(gt_onnx_graph *graph)
{
    for (uint32_t index = gt_tape_node_count(graph->tape); index > 0; index--) {
        const gt_node *node = gt_tape_node(graph->tape, index);
        for (uint32_t slot = 0; graph->needed[index - 1] && slot < node->input_count; slot++)
            gt_onnx_need(graph, gt_node_inputs(graph->tape, node)[slot]);
    }
}

void gt_onnx_emit(gt_onnx_graph *graph)
{
    need_inputs(graph);
    for (uint32_t index = 1; index <= gt_tape_node_count(graph->tape); index++)
        if (graph->needed[index - 1] && graph->model->status == GT_OK)
            gt_onnx_emit_node(graph, index);
}
