/* Nodes, by the forms of their ops. */
#include "onnx/emission.h"
#include "ops/rule.h"

#include <string.h>

/* ---- element by element ------------------------------------------------------------------------ */

static void emit_plain(const gt_emission *e)
{
    uint32_t count = gt_var_input_count(e->v);
    gt_onnx_name names[3];
    for (uint32_t i = 0; i < count && i < 3; i++)
        names[i] = gt_emission_name(e, i);
    gt_emission_write(e, e->op->onnx, names[0].text, count > 1 ? names[1].text : NULL,
                      count > 2 ? names[2].text : NULL);
}

static gt_onnx_name cast(const gt_emission *e, const char *from, int32_t type)
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
static void emit_truth(const gt_emission *e)
{
    bool turned = e->op->onnx_form == GT_ONNX_UNTRUTH;
    gt_onnx_name truth = gt_onnx_new_name(e->graph, "truth"), opposite = truth;
    gt_onnx_node(e->graph, e->op->onnx, gt_emission_name(e, 0).text, gt_emission_name(e, 1).text, NULL, truth.text);
    if (turned) {
        opposite = gt_onnx_new_name(e->graph, "truth");
        gt_onnx_node(e->graph, "Not", truth.text, NULL, NULL, opposite.text);
    }
    gt_onnx_name number = cast(e, opposite.text, gt_onnx_type(gt_var_dtype(e->v)));
    gt_emission_write(e, "Identity", number.text, NULL, NULL);
}

static void emit_choice(const gt_emission *e)
{
    gt_onnx_name truth = cast(e, gt_emission_name(e, 0).text, DATA_BOOL);
    gt_emission_write(e, e->op->onnx, truth.text, gt_emission_name(e, 1).text, gt_emission_name(e, 2).text);
}

static void emit_power(const gt_emission *e)
{
    gt_onnx_name exponent = gt_onnx_number(e->graph, gt_unpack_double(gt_var_attribute(e->v, 0)));
    gt_emission_write(e, e->op->onnx, gt_emission_name(e, 0).text, exponent.text, NULL);
}

static gt_onnx_name apply(const gt_emission *e, const char *operator_name, gt_onnx_name a, const gt_onnx_name *b)
{
    gt_onnx_name result = gt_onnx_new_name(e->graph, "gelu");
    gt_onnx_node(e->graph, operator_name, a.text, b == NULL ? NULL : b->text, NULL, result.text);
    return result;
}

/* x sigmoid(2 sqrt(2 / pi) x (1 + 0.044715 x^2)): ONNX has it only from version 20 on. */
static void emit_gelu(const gt_emission *e)
{
    const double scale = 1.5957691216057308; /* 2 sqrt(2 / pi) */
    gt_onnx_name x = gt_emission_name(e, 0);
    gt_onnx_name first = gt_onnx_number(e->graph, scale), third = gt_onnx_number(e->graph, scale * 0.044715);
    gt_onnx_name square = apply(e, "Mul", x, &x), scaled = apply(e, "Mul", square, &third);
    gt_onnx_name sum = apply(e, "Add", scaled, &first), inside = apply(e, "Mul", sum, &x);
    gt_onnx_name gate = apply(e, "Sigmoid", inside, NULL);
    gt_emission_write(e, "Mul", gate.text, x.text, NULL);
}

static void emit_number(const gt_emission *e)
{
    gt_onnx_name value = gt_onnx_number(e->graph, gt_unpack_double(gt_var_attribute(e->v, GT_SHAPE_ATTRIBUTES)));
    if (gt_emission_rank(e) == 0) {
        gt_emission_write(e, "Identity", value.text, NULL, NULL);
        return;
    }
    gt_onnx_name shape = gt_onnx_shape(e->graph, e->index);
    gt_emission_write(e, e->op->onnx, value.text, shape.text, NULL);
}

/* ---- matrices ---------------------------------------------------------------------------------- */

static gt_onnx_name transposed(const gt_emission *e, gt_onnx_name name)
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
static gt_onnx_name factor(const gt_emission *e, uint32_t slot, bool may_be_more)
{
    int32_t rank = gt_emission_shape(e, slot).rank;
    bool turned = gt_var_attribute(e->v, slot) != 0;
    if (rank > 2 && (turned || !may_be_more))
        gt_onnx_fail(
            e->graph, GT_ERROR_ARGUMENT,
            "a product that sums over the examples of every step cannot be exported: it belongs to a gradient");
    gt_onnx_name name = gt_onnx_ranked(e->graph, gt_emission_name(e, slot), rank, rank < 2 ? 2 : rank);
    return turned ? transposed(e, name) : name;
}

/* With axes turned round, (a b)' is b' a'. */
static void emit_product(const gt_emission *e)
{
    int32_t columns = gt_emission_shape(e, 1).rank, rank = columns > 2 ? columns : 2;
    gt_onnx_name a = factor(e, 0, false), b = factor(e, 1, true);
    if (rank == gt_emission_rank(e)) {
        gt_emission_write(e, e->op->onnx, b.text, a.text, NULL);
        return;
    }
    gt_onnx_name product = gt_onnx_new_name(e->graph, "product");
    gt_onnx_node(e->graph, e->op->onnx, b.text, a.text, NULL, product.text);
    gt_onnx_name ranked = gt_onnx_ranked(e->graph, product, rank, gt_emission_rank(e));
    gt_emission_write(e, "Identity", ranked.text, NULL, NULL);
}

static void emit_transpose(const gt_emission *e)
{
    gt_onnx_name x = gt_onnx_ranked(e->graph, gt_emission_name(e, 0), gt_emission_shape(e, 0).rank, 2);
    gt_onnx_name result = transposed(e, x);
    gt_emission_write(e, "Identity", gt_onnx_ranked(e->graph, result, 2, gt_emission_rank(e)).text, NULL, NULL);
}

/* Rows of a table whose columns are here; the indices are whole numbers. */
static void emit_table(const gt_emission *e)
{
    gt_emission_write(e, e->op->onnx, gt_emission_name(e, 0).text, gt_emission_name(e, 1).text, NULL);
}

static void emit_one_hot(const gt_emission *e)
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
    gt_onnx_name index = cast(e, gt_emission_name(e, 0).text, DATA_INT64); /* of the depth's type */
    gt_emission_write(e, e->op->onnx, index.text, depth.text, values.text);
}

/* ---- all --------------------------------------------------------------------------------------- */

static void emit_loop(const gt_emission *e)
{
    if (!gt_onnx_emit_layer(e->graph, e->index))
        gt_onnx_emit_scan(e->graph, e->index);
}

static void refuse(const gt_emission *e)
{
    gt_onnx_fail(e->graph, GT_ERROR_ARGUMENT, "ONNX has no operator for %s", e->op->name);
}

/* By form; NULL: nothing is written for the node itself. */
static void (*const writers[])(const gt_emission *e) = {
    [GT_ONNX_PLAIN] = emit_plain,
    [GT_ONNX_TRUTH] = emit_truth,
    [GT_ONNX_UNTRUTH] = emit_truth,
    [GT_ONNX_CHOICE] = emit_choice,
    [GT_ONNX_POWER] = emit_power,
    [GT_ONNX_GELU] = emit_gelu,
    [GT_ONNX_NUMBER] = emit_number,
    [GT_ONNX_PRODUCT] = emit_product,
    [GT_ONNX_TRANSPOSE] = emit_transpose,
    [GT_ONNX_TABLE] = emit_table,
    [GT_ONNX_ONE_HOT] = emit_one_hot,
    [GT_ONNX_COLUMNS] = gt_emit_columns,
    [GT_ONNX_AXIS] = gt_emit_concat,
    [GT_ONNX_REDUCTION] = gt_emit_reduction,
    [GT_ONNX_SO_FAR] = gt_emit_so_far,
    [GT_ONNX_INTERVAL] = gt_emit_slice,
    [GT_ONNX_PART] = gt_emit_part,
    [GT_ONNX_PADDING] = gt_emit_padding,
    [GT_ONNX_SHAPE] = gt_emit_shape,
    [GT_ONNX_LOOP] = emit_loop,
    [GT_ONNX_NONE] = refuse,
    [GT_ONNX_GIVEN] = NULL,
    [GT_ONNX_WITHIN] = NULL,
};

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
    gt_emission e = {.graph = graph, .index = index, .v = gt_tape_at(graph->tape, index)};
    e.op = gt_var_op(e.v);
    if (writers[e.op->onnx_form] == NULL)
        return;
    e.result = gt_onnx_value(graph, index);
    if (!is_fixed(graph, index))
        gt_onnx_fail(graph, GT_ERROR_ARGUMENT,
                     "%s computes with the number of examples or steps itself, which is open in an exported model",
                     e.op->name);
    else if (e.op->onnx == NULL && e.op->onnx_form == GT_ONNX_PLAIN)
        refuse(&e);
    else
        writers[e.op->onnx_form](&e);
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
