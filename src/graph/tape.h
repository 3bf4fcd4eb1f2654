/*
 * The tape from the inside: flat arrays of nodes, edges and attributes.
 *
 * A node is identified by its index, from 1; 0 is no node. Inputs of a node
 * always have smaller indices, so the order of recording is a topological order
 * and every walk is a loop.
 */
#ifndef GT_GRAPH_TAPE_H
#define GT_GRAPH_TAPE_H

#include "gradtape/op.h"
#include "gradtape/scan.h"
#include "gradtape/tape.h"
#include "graph/intern.h"

typedef struct gt_node {
    const gt_op *op;
    uint32_t first_input; /* in tape->edges */
    uint32_t input_count;
    uint32_t first_attribute; /* in tape->attributes */
    uint16_t attribute_count;
    uint8_t dtype;
    uint8_t role;
    uint32_t shape;  /* in tape->shapes */
    uint32_t name;   /* in tape->names, 0: none */
    uint32_t scope;  /* in tape->names, 0: none */
    int32_t step;    /* time step, -1: none */
    uint32_t origin; /* forward node on tape->origin_tape, 0: none */
    int32_t origin_slot;
} gt_node;

_Static_assert(sizeof(gt_node) <= 64, "a node takes at most 64 bytes");

/* Where newly recorded nodes belong. */
typedef struct gt_place {
    uint32_t scope;
    int32_t step;
    uint32_t origin;
    int32_t origin_slot;
} gt_place;

/* How a var of the tape around a scan enters its body: recording stands below scans and cannot know. */
typedef gt_var gt_capture(gt_scan *owner, gt_var outer);

struct gt_tape {
    gt_dtype dtype;
    gt_tape *parent;      /* of a scan's body: the tape that holds the scan */
    gt_scan *owner;       /* of a scan's body: the scan */
    gt_capture *capture;  /* of a scan's body: makes a var of an enclosing tape one of this */
    gt_tape *origin_tape; /* what `origin` of its nodes refers to: itself, or the body it reverses */
    uint32_t depth;       /* number of enclosing tapes */
    bool closed;          /* a body after gt_scan_end: nothing is recorded any more but parts of scans */

    gt_node *nodes;
    size_t node_count, node_capacity;
    uint32_t *edges;
    size_t edge_count, edge_capacity;
    int64_t *attributes;
    size_t attribute_count, attribute_capacity;
    gt_scan **scans;
    size_t scan_count, scan_capacity;
    gt_var **lists; /* what gt_tape_vars gave */
    size_t list_count, list_capacity, list_bytes;

    gt_shape_table shapes;
    gt_text_table names;
    gt_constant_table constants;

    gt_place place;
    gt_error error;
};

static inline const gt_node *gt_tape_node(const gt_tape *tape, uint32_t index)
{
    return &tape->nodes[index - 1];
}

static inline gt_shape gt_node_shape(const gt_tape *tape, const gt_node *node)
{
    return tape->shapes.list[node->shape];
}

/* NULL + 0 is undefined in C11, hence the question: a tape of leaves has no edges. */
static inline const uint32_t *gt_node_inputs(const gt_tape *tape, const gt_node *node)
{
    return tape->edges == NULL ? NULL : tape->edges + node->first_input;
}

static inline const int64_t *gt_node_attributes(const gt_tape *tape, const gt_node *node)
{
    return tape->attributes == NULL ? NULL : tape->attributes + node->first_attribute;
}

static inline gt_var gt_tape_at(gt_tape *tape, uint32_t index)
{
    return (gt_var){tape, index};
}

/* Every node but a leaf that waits for a value, and classes without a value of their own. */
static inline bool gt_class_is_tuple(gt_op_class op_class)
{
    return op_class == GT_CLASS_TUPLE || op_class == GT_CLASS_SCAN;
}

/* A body tape for a scan of `parent`. */
gt_tape *gt_tape_new_body(gt_tape *parent, gt_scan *owner, gt_capture *capture);

/* An invalid var that remembers its tape. */
static inline gt_var gt_tape_none(gt_tape *tape)
{
    return (gt_var){tape, 0};
}

/* Puts GT_ERROR_MEMORY on the tape. */
void gt_tape_fail_memory(gt_tape *tape);

/*
 * The number of a shape on the tape; most often it is that of an operand, which
 * saves the checks. False, with the error on the tape, on an impossible shape
 * and on no memory.
 */
bool gt_tape_shape_number(gt_tape *tape, gt_shape shape, const uint32_t *inputs, uint32_t input_count,
                          uint32_t *number);

/*
 * Appends a node: the only place where nodes are made. `tape` is open or the
 * node is a part of a scan. Returns its var, invalid on no memory.
 */
gt_var gt_tape_append(gt_tape *tape, const gt_op *op, uint32_t shape, gt_dtype dtype, const uint32_t *inputs,
                      uint32_t input_count, const int64_t *attributes, uint32_t attribute_count);

#endif
