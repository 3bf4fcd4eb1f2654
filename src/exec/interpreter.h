/* The interpreter from the inside. */
#ifndef GT_EXEC_INTERPRETER_H
#define GT_EXEC_INTERPRETER_H

#include "exec/frame.h"
#include "gradtape/interpreter.h"

struct gt_interpreter {
    gt_frame *frame;
    gt_error error;
    gt_var failed;
    int64_t failed_step;
    int64_t step; /* of the innermost scan that runs; -1 outside */
    bool check_finite;
    gt_interrupt *interrupt;
    void *interrupt_context;
    /* Operands and results of the kernel being called. */
    gt_array *arrays;
    size_t array_capacity;
    const int64_t **part_attributes;
    size_t part_capacity;
};

/* Evaluates one wanted node of the frame, whose inputs have been evaluated. */
gt_status gt_exec_node(gt_interpreter *run, gt_frame *frame, uint32_t index);
/* Evaluates all wanted nodes in order. */
gt_status gt_exec_frame(gt_interpreter *run, gt_frame *frame);
/* Runs a scan node and fills its wanted parts. */
gt_status gt_exec_scan(gt_interpreter *run, gt_frame *frame, uint32_t index);
/* Whether an element-by-element op computes entries of this type. */
bool gt_exec_has_kernel(const gt_op *op, gt_dtype dtype);
/* Runs an element-by-element op with broadcasting. */
void gt_exec_elementwise(const gt_op *op, const gt_array *inputs, uint32_t input_count, gt_array output,
                         const int64_t *attributes);

/* Notes the failure of a node: "OP 'name' (shape) in step t: message". Returns status. */
gt_status gt_exec_fail(gt_interpreter *run, gt_frame *frame, uint32_t index, gt_status status, const char *format, ...)
    GT_PRINTF(5, 6);
/* Fails at the first entry of the node's value that is a NaN or an infinity. */
gt_status gt_exec_check_finite(gt_interpreter *run, gt_frame *frame, uint32_t index);
/* GT_ERROR_INTERRUPTED if the user's callback asks for it. */
gt_status gt_exec_poll(gt_interpreter *run);

#endif
