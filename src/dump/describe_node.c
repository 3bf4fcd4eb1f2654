#include "dump/describe_node.h"

#include "base/entry.h"
#include "base/memory.h"
#include "gradtape/op.h"

#define LARGEST_CONSTANT 65536 /* entries that are looked at */
#define MOST_CONSTANT_ATTRIBUTES 16

/* Runs the op's own kernel: whatever op it is, if all entries are equal they are the value. */
static bool evaluate(gt_var v, void *data, int64_t count, double *value)
{
    int64_t attributes[MOST_CONSTANT_ATTRIBUTES];
    uint32_t attribute_count = gt_var_attribute_count(v);
    for (uint32_t i = 0; i < attribute_count; i++)
        attributes[i] = gt_var_attribute(v, i);
    gt_array output = {data, gt_var_dtype(v), gt_var_shape(v)};
    gt_kernel kernel = {
        .outputs = &output, .output_count = 1, .attributes = attributes, .attribute_count = attribute_count};
    if (gt_var_op(v)->evaluate(&kernel) != GT_OK)
        return false;
    *value = gt_entry_at(data, output.dtype, 0);
    for (int64_t i = 1; i < count; i++)
        if (!(gt_entry_at(data, output.dtype, i) == *value))
            return false;
    return true;
}

static bool find_value(gt_var v, gt_graph_node *node)
{
    int64_t count = gt_shape_count(gt_var_shape(v));
    if (gt_var_op(v)->evaluate == NULL || count < 1 || count > LARGEST_CONSTANT ||
        gt_var_attribute_count(v) > MOST_CONSTANT_ATTRIBUTES)
        return true;
    void *data = gt_memory_new((uint64_t)count, gt_dtype_size(gt_var_dtype(v)));
    if (data == NULL)
        return false;
    node->has_value = evaluate(v, data, count, &node->value);
    gt_memory_free(data);
    return true;
}

static bool copy_attributes(gt_graph *graph, gt_var v, gt_graph_node *node)
{
    node->attribute_count = gt_var_attribute_count(v);
    int64_t *attributes = gt_pool_new(&graph->texts, node->attribute_count, sizeof *attributes);
    for (uint32_t i = 0; attributes != NULL && i < node->attribute_count; i++)
        attributes[i] = gt_var_attribute(v, i);
    node->attributes = attributes;
    return attributes != NULL;
}

bool gt_describe_values(gt_graph *graph, const gt_interpreter *values, gt_var v, gt_graph_node *node)
{
    int64_t count = gt_shape_count(node->shape);
    if (values == NULL || count > GT_GRAPH_MOST_VALUES)
        return true;
    gt_array array = gt_interpreter_array(values, v);
    if (array.data == NULL || gt_shape_count(array.shape) != count)
        return true;
    double *copy = gt_pool_new(&graph->texts, (size_t)count, sizeof *copy);
    for (int64_t i = 0; copy != NULL && i < count; i++)
        copy[i] = gt_entry_at(array.data, array.dtype, i);
    node->values = copy;
    return copy != NULL;
}

bool gt_describe_node(gt_graph *graph, gt_var v, gt_graph_node *node)
{
    const gt_op *op = gt_var_op(v);
    char detail[64] = "";
    if (op->detail != NULL)
        op->detail(v, detail, sizeof detail);
    node->op = gt_graph_text(graph, op->name);
    node->label = gt_graph_text(graph, op->label != NULL ? op->label : op->name);
    node->detail = gt_graph_text(graph, detail);
    node->scope = gt_graph_text(graph, gt_var_scope(v));
    if (node->op == NULL || node->label == NULL || node->detail == NULL || node->scope == NULL ||
        !copy_attributes(graph, v, node))
        return false;
    return node->kind != GT_GRAPH_CONSTANT || find_value(v, node);
}
