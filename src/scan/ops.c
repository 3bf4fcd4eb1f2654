/* The descriptors of the scan node and of the nodes that read it. */
#include "graph/scan.h"
#include "scan/reverse.h"

static gt_scan *query_scan(const gt_shape_query *query)
{
    gt_var tuple = query->inputs[0];
    return gt_node_scan(tuple.tape, gt_tape_node(tuple.tape, tuple.index));
}

static bool final_shape(gt_shape_query *query)
{
    const gt_scan *scan = query_scan(query);
    gt_var before = gt_tape_at(scan->body, scan->carries[query->attributes[0]].before);
    query->shape = gt_var_shape(before);
    query->dtype = gt_var_dtype(before);
    return true;
}

static bool stack_shape(gt_shape_query *query)
{
    const gt_scan *scan = query_scan(query);
    gt_var v = gt_tape_at(scan->body, (uint32_t)query->attributes[0]);
    gt_shape shape = gt_var_shape(v);
    if (shape.rank == GT_MAX_RANK)
        return gt_shape_fail(query, GT_ERROR_SIZE,
                             "a value of the body already has %d axes, so it cannot be kept for every step",
                             GT_MAX_RANK);
    shape.size[shape.rank++] = scan->steps;
    query->shape = shape;
    query->dtype = gt_var_dtype(v);
    return true;
}

const gt_op gt_op_scan = {
    .name = "scan",
    .label = "scan",
    .onnx = "Scan",
    .onnx_form = GT_ONNX_LOOP,
    .documentation = "Runs a body tape once for every time step, carrying states from one to the next.",
    .arity = GT_VARIADIC,
    .op_class = GT_CLASS_SCAN,
    .reverse = gt_scan_reverse,
};

const gt_op gt_op_scan_final = {
    .name = "final",
    .label = "final",
    .onnx_form = GT_ONNX_WITHIN,
    .documentation = "The value of a scan's carried state after the last step.",
    .arity = 1,
    .op_class = GT_CLASS_PART,
    .shape = final_shape,
};

const gt_op gt_op_scan_stack = {
    .name = "stack",
    .label = "stack",
    .onnx_form = GT_ONNX_WITHIN,
    .documentation = "The values of a body var of a scan at all steps, along a new last axis.",
    .arity = 1,
    .op_class = GT_CLASS_PART,
    .shape = stack_shape,
};
