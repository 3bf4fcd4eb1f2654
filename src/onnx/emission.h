/* Writing one node of a tape: what the files emit.c and emit_axes.c share. */
#ifndef GT_ONNX_EMISSION_H
#define GT_ONNX_EMISSION_H

#include "onnx/build.h"

/* A node of the tape, with what its emission needs. */
typedef struct gt_emission {
    gt_onnx_graph *graph;
    uint32_t index;
    gt_var v;
    const gt_op *op;
    gt_onnx_name result;
} gt_emission;

static inline uint32_t gt_emission_operand(const gt_emission *e, uint32_t slot)
{
    return gt_node_inputs(e->graph->tape, gt_tape_node(e->graph->tape, e->index))[slot];
}

static inline gt_onnx_name gt_emission_name(const gt_emission *e, uint32_t slot)
{
    return gt_onnx_value(e->graph, gt_emission_operand(e, slot));
}

static inline gt_shape gt_emission_shape(const gt_emission *e, uint32_t slot)
{
    return gt_var_shape(gt_tape_at(e->graph->tape, gt_emission_operand(e, slot)));
}

static inline int32_t gt_emission_rank(const gt_emission *e)
{
    return gt_var_shape(e->v).rank;
}

/* Operator and operands, the result being the node's. */
static inline void gt_emission_write(const gt_emission *e, const char *operator_name, const char *a, const char *b,
                                     const char *c)
{
    gt_onnx_node(e->graph, operator_name, a, b, c, e->result.text);
}

/* Forms that have to do with axes. */
void gt_emit_columns(const gt_emission *e);
void gt_emit_concat(const gt_emission *e);
void gt_emit_reduction(const gt_emission *e);
void gt_emit_slice(const gt_emission *e);
void gt_emit_part(const gt_emission *e);
void gt_emit_so_far(const gt_emission *e);
void gt_emit_padding(const gt_emission *e);
void gt_emit_shape(const gt_emission *e);

#endif
