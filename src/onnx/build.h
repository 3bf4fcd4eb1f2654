/*
 * A graph of ONNX being built: of a tape, or of the body of a scan, which is a graph inside a node.
 *
 * Arrays have their axes in reverse order there: (n, m, T) here is (T, m, n) there, which is the same
 * memory, since arrays are column-major here and row-major there. An axis of size 1 that a shape does not
 * name stands behind the others here and before them there, so that broadcasting is the same, too.
 */
#ifndef GT_ONNX_BUILD_H
#define GT_ONNX_BUILD_H

#include "gradtape/onnx.h"
#include "graph/scan.h"
#include "onnx/protobuf.h"
#include "onnx/schema.h"

/* The name of a value. */
typedef struct gt_onnx_name {
    char text[200];
} gt_onnx_name;

/* What all graphs of a model share. */
typedef struct gt_onnx_model {
    const gt_parameters *values; /* of parameters, by name */
    int64_t opset;
    bool plain;                          /* no LSTM, GRU and RNN: scans */
    int64_t examples, steps;             /* on the tape */
    int64_t other_examples, other_steps; /* on its twin */
    bool *written;                       /* of the outer tape's nodes: parameters that are initializers already */
    gt_protobuf initializers;
    bool has_sizes; /* the values of m and T are in the outer graph */
    uint32_t count; /* of values without a node */
    gt_status status;
    gt_error *error;
} gt_onnx_model;

typedef struct gt_onnx_graph {
    gt_onnx_model *model;
    struct gt_onnx_graph *outer; /* NULL: this is the whole graph */
    gt_tape *tape;
    gt_tape *twin; /* the same, recorded with other m and T: what differs there depends on them */
    gt_scan *scan; /* whose body it is */
    bool *needed;  /* of the tape's nodes */
    char prefix[80];
    gt_protobuf nodes;
} gt_onnx_graph;

/* Puts an error on the model, unless there is one. */
gt_status gt_onnx_fail(gt_onnx_graph *graph, gt_status status, const char *format, ...) GT_PRINTF(3, 4);

/* The tape and its twin have the same ops, node for node: otherwise an error. */
bool gt_onnx_check_twin(gt_onnx_graph *graph);

/* ---- names ------------------------------------------------------------------------------------- */

/* The value of node `index`, of the graph's tape; a parameter becomes an initializer by this. */
gt_onnx_name gt_onnx_value(gt_onnx_graph *graph, uint32_t index);
/* A value that no node stands for. */
gt_onnx_name gt_onnx_new_name(gt_onnx_graph *graph, const char *what);

/* ---- nodes ------------------------------------------------------------------------------------- */

/* Between open and close: inputs, outputs and attributes. */
size_t gt_onnx_open(gt_onnx_graph *graph, const char *operator_name);
void gt_onnx_input(gt_onnx_graph *graph, const char *name);
void gt_onnx_output(gt_onnx_graph *graph, const char *name);
void gt_onnx_integer(gt_onnx_graph *graph, const char *name, int64_t value);
void gt_onnx_integers(gt_onnx_graph *graph, const char *name, const int64_t *values, uint32_t count);
void gt_onnx_text(gt_onnx_graph *graph, const char *name, const char *text);
void gt_onnx_close(gt_onnx_graph *graph, size_t node);

/* A node with these inputs, up to three and NULL behind them, and one output. */
void gt_onnx_node(gt_onnx_graph *graph, const char *operator_name, const char *a, const char *b, const char *c,
                  const char *output);

/* ---- constants --------------------------------------------------------------------------------- */

/* One whole number without axes. */
gt_onnx_name gt_onnx_whole_number(gt_onnx_graph *graph, int64_t value);
gt_onnx_name gt_onnx_whole(gt_onnx_graph *graph, const int64_t *values, uint32_t count);
/* A number in the tape's type, without axes. */
gt_onnx_name gt_onnx_number(gt_onnx_graph *graph, double value);
/* The shape of node `index` as a value: what is m or T is taken from the inputs. */
gt_onnx_name gt_onnx_shape(gt_onnx_graph *graph, uint32_t index);

/* ---- arrays ------------------------------------------------------------------------------------ */

/* `name` with as many axes as wanted: those of size 1 before the others are added or taken away. */
gt_onnx_name gt_onnx_ranked(gt_onnx_graph *graph, gt_onnx_name name, int32_t rank, int32_t wanted);

int32_t gt_onnx_type(gt_dtype dtype);
/* An array as an initializer; turned: its axes are in their own order, and the entries are moved. */
void gt_onnx_initializer(gt_onnx_graph *graph, const char *name, gt_array array, bool turned);
/* The name, type and shape of node `index` in `field` of a graph's message. */
void gt_onnx_describe(gt_onnx_graph *graph, gt_protobuf *out, uint32_t field, const char *name, uint32_t index);

/* ---- all of it --------------------------------------------------------------------------------- */

/* The nodes that are needed, in their order. */
void gt_onnx_emit(gt_onnx_graph *graph);
/* One node, by the form of its op. */
void gt_onnx_emit_node(gt_onnx_graph *graph, uint32_t index);
void gt_onnx_emit_scan(gt_onnx_graph *graph, uint32_t index);
/* True: the scan is one of ONNX's own layers, and is written as that. */
bool gt_onnx_emit_layer(gt_onnx_graph *graph, uint32_t index);
/* Marks what node `index` needs. */
void gt_onnx_need(gt_onnx_graph *graph, uint32_t index);

#endif
