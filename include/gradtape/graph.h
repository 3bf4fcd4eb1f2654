/*
 * gradtape/graph.h: the graph of a tape, as a model to look at, a picture, and JSON.
 *
 *     gt_graph_output outputs[] = {{a, "a"}, {dW, "dW"}};
 *     gt_graph *graph = gt_graph_new(outputs, 2, NULL, &error);
 *     gt_graph_write(graph, "cell.svg", NULL, &error);
 *     gt_graph_free(graph);
 *
 * A graph is collected from outputs: the nodes of a tape that they depend on,
 * with the bodies of scans. It is a copy; the tape may change or be freed
 * afterwards. Nodes, edges and clusters are numbered from 0 and always come out
 * in the same order. SVG is drawn by the library, PNG and PDF by Graphviz's program
 * `dot`, JSON is written by jansson; without one of them, what needs it returns
 * GT_ERROR_UNSUPPORTED.
 */
#ifndef GRADTAPE_GRAPH_H
#define GRADTAPE_GRAPH_H

#include "gradtape/cell.h"
#include "gradtape/interpreter.h"
#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_graph gt_graph;

#define GT_GRAPH_NONE UINT32_MAX /* no node, no cluster */

/* ---- the model ----------------------------------------------------------------------------- */

typedef enum gt_graph_kind {
    GT_GRAPH_OP = 0,
    GT_GRAPH_INPUT,
    GT_GRAPH_PARAMETER,
    GT_GRAPH_STATE,    /* an initial state, or a carried state before the step */
    GT_GRAPH_CONSTANT, /* an op without inputs */
    GT_GRAPH_RESULT    /* not on the tape: stands for an output whose node has another name */
} gt_graph_kind;

typedef struct gt_graph_node {
    gt_graph_kind kind;
    bool backward;      /* recorded by a reverse rule, or read by such nodes alone */
    bool output;        /* one of the outputs, or its value at one step */
    bool plumbing;      /* moves entries between a sequence and its steps; never in a tidy graph */
    const char *op;     /* the op's name in messages; "" for a result */
    const char *label;  /* the op's label in pictures */
    const char *detail; /* what the op's attributes say; often "" */
    const char *name;   /* as shown, "a⟨2⟩" for example; "" if it has none */
    const char *scope;  /* "" if it has none */
    gt_shape shape;
    gt_dtype dtype;
    int32_t step;        /* -1: none */
    uint32_t cluster;    /* GT_GRAPH_NONE: outside of all */
    uint32_t origin;     /* of a backward node: the node whose reverse rule recorded it; or GT_GRAPH_NONE */
    int32_t origin_slot; /* the input slot to whose adjoint it contributes, -1: several or none */
    bool has_value;      /* a constant whose entries are all `value` */
    double value;
    const int64_t *attributes; /* of the op */
    uint32_t attribute_count;
    const double *values; /* column-major, one for each entry; NULL: none were given, or there are too many */
    /*
     * The place on the tape, as gt_tape_var takes it, of what has the node's value; GT_GRAPH_NONE for
     * a result, and for a node of a loop's body.
     */
    uint32_t place;
} gt_graph_node;

#define GT_GRAPH_MOST_VALUES 1024 /* entries of a node whose values are kept */

typedef enum gt_graph_edge_kind {
    GT_GRAPH_VALUE = 0, /* `to` reads `from` in input slot `slot` */
    GT_GRAPH_NEXT,      /* back edge of a scan: the value after a step is the state before the next */
    GT_GRAPH_INITIAL,   /* from outside into a scan: the carried state starts as `from` */
    GT_GRAPH_ENTER,     /* from outside into a scan: a sequence, a slice of which each step reads,
                           or a value that all steps read */
    GT_GRAPH_LEAVE      /* out of a scan: the value at all steps, or after the last */
} gt_graph_edge_kind;

typedef struct gt_graph_edge {
    gt_graph_edge_kind kind;
    uint32_t from, to;
    uint32_t slot; /* of GT_GRAPH_VALUE; otherwise 0 */
} gt_graph_edge;

typedef enum gt_graph_cluster_kind {
    GT_GRAPH_STEP = 0, /* the nodes of one time step of an unrolled loop */
    GT_GRAPH_SCAN      /* the body of a scan; in a tidy graph with that of its reverse scan */
} gt_graph_cluster_kind;

typedef struct gt_graph_cluster {
    gt_graph_cluster_kind kind;
    const char *title; /* "t = 2", "t = 1, …, 5" */
    int32_t step;      /* of GT_GRAPH_STEP; otherwise -1 */
    int64_t steps;     /* of GT_GRAPH_SCAN; otherwise 1 */
    uint32_t parent;   /* the cluster around it, or GT_GRAPH_NONE */
} gt_graph_cluster;

/* ---- collecting ---------------------------------------------------------------------------- */

typedef struct gt_graph_output {
    gt_var var;
    const char *name; /* what to call it, "dW" for example; NULL: its own name */
} gt_graph_output;

typedef struct gt_graph_options {
    const char *title; /* NULL: none */
    /*
     * Everything: one node for every node of the tape. The default is tidy, for
     * the eye: what only moves entries between a sequence and its steps is left
     * out, and a loop's reverse scan is drawn in the box of its forward scan.
     */
    bool everything;
    bool hide_scan_bodies; /* a scan is one node */
    bool all_steps; /* pictures show all time steps; otherwise of more than six the first three and the last two */
    /*
     * Sizes that pictures write by name: a size of 5 as "n_a" if {"n_a", 5} is listed.
     * The first of that size holds; what is no name, as "4 n_a", is written as it is.
     */
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    const gt_interpreter
        *values; /* NULL, or what evaluated the outputs: nodes outside of scan bodies get their values */
} gt_graph_options;

/*
 * The nodes that the outputs depend on. The outputs belong to one tape, which has
 * no error. NULL on an error. options may be NULL. Nodes of the reverse replay
 * stand beside the forward nodes that they belong to only if these are collected
 * too: give the forward outputs as well as the gradients.
 */
GT_API gt_graph *gt_graph_new(const gt_graph_output *outputs, uint32_t output_count, const gt_graph_options *options,
                              gt_error *error);
GT_API void gt_graph_free(gt_graph *graph); /* NULL is allowed */

/* What is pointed to belongs to the graph. NULL past the end. */
GT_API uint32_t gt_graph_node_count(const gt_graph *graph);
GT_API uint32_t gt_graph_edge_count(const gt_graph *graph);
GT_API uint32_t gt_graph_cluster_count(const gt_graph *graph);
GT_API const gt_graph_node *gt_graph_node_at(const gt_graph *graph, uint32_t i);
GT_API const gt_graph_edge *gt_graph_edge_at(const gt_graph *graph, uint32_t i);
GT_API const gt_graph_cluster *gt_graph_cluster_at(const gt_graph *graph, uint32_t i);
GT_API const char *gt_graph_title(const gt_graph *graph); /* "" if it has none */

/* ---- writing ------------------------------------------------------------------------------- */

/* The formats that gt_graph_render knows: "svg", "png", "pdf", "dot", "json"; NULL past the end. */
GT_API const char *gt_graph_format(uint32_t i);

/* Larger pictures are not laid out: nobody could read them. */
#define GT_GRAPH_LARGEST_PICTURE 2000 /* nodes that are drawn */
/* What takes Graphviz longer to draw, or more than 2 GB of memory, is given up. */
#define GT_GRAPH_PICTURE_SECONDS 60

/*
 * The graph in `format`. *bytes becomes the text or image of *size bytes, to be
 * freed with gt_graph_bytes_free; text ends with a zero byte that is not counted.
 * "dot" is the description that Graphviz's programs read, with the places of
 * everything; "svg" and "dot" need no library, "json" is described in
 * docs/graph-json.md. The same graph gives the same bytes, apart from the date in
 * a PDF.
 *
 * For "png" and "pdf", `dot` is looked for in the folders of PATH, started and
 * waited for; it ends when this process does. What it prints is shown only in the
 * message of an error.
 *
 * Errors: GT_ERROR_ARGUMENT (no such format), GT_ERROR_SIZE (too many nodes for
 * a picture), GT_ERROR_UNSUPPORTED, GT_ERROR_MEMORY, GT_ERROR_FILE (`dot`
 * could not be started), GT_ERROR_FORMAT (it failed).
 */
GT_API gt_status gt_graph_render(const gt_graph *graph, const char *format, char **bytes, size_t *size,
                                 gt_error *error);
GT_API void gt_graph_bytes_free(char *bytes);

/*
 * Renders into a file; format NULL: the one that the path's extension names. The
 * file is replaced as a whole or not at all. Errors: as gt_graph_render, and
 * GT_ERROR_FILE.
 */
GT_API gt_status gt_graph_write(const gt_graph *graph, const char *path, const char *format, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
