/* A scan from the inside. */
#ifndef GT_GRAPH_SCAN_H
#define GT_GRAPH_SCAN_H

#include "graph/tape.h"

/* A body node and the outer node that it comes from. */
typedef struct gt_scan_link {
    uint32_t inside;
    uint32_t outside;
} gt_scan_link;

typedef struct gt_scan_carry_link {
    uint32_t before;  /* body: the input node */
    uint32_t after;   /* body: the value after the step, 0 until it is set */
    uint32_t initial; /* outer */
} gt_scan_carry_link;

/* Which parts have been made, by what they are of: outer nodes, 0 for none. */
typedef struct gt_scan_parts {
    uint32_t *of;
    size_t count;
} gt_scan_parts;

struct gt_scan {
    gt_tape *outer;
    gt_tape *body;
    int64_t steps;
    gt_direction direction;
    uint32_t node; /* outer; 0 until gt_scan_end */

    gt_scan_carry_link *carries;
    size_t carry_count, carry_capacity;
    gt_scan_link *inputs;
    size_t input_count, input_capacity;
    gt_scan_link *invariants;
    size_t invariant_count, invariant_capacity;
    uint32_t *parts; /* outer nodes that read the scan */
    size_t part_count, part_capacity;
    gt_scan_parts stacks, finals; /* of body nodes, and of states */
    gt_constant_table inside_of;  /* the body's node of an invariant, by its outer node */
};

/*
 * The scan node: its inputs are the carries' initial values, then the scanned
 * inputs, then the invariants; attribute 0 is its place in tape->scans. Its
 * parts: `final` (attribute 0: the carry) and `stack` (attribute 0: the body node).
 */
extern const gt_op gt_op_scan;
extern const gt_op gt_op_scan_final;
extern const gt_op gt_op_scan_stack;

static inline gt_scan *gt_node_scan(const gt_tape *tape, const gt_node *node)
{
    return tape->scans[gt_node_attributes(tape, node)[0]];
}

/* Where in the input list of the scan node each group starts. */
static inline uint32_t gt_scan_input_slot(const gt_scan *scan, uint32_t k)
{
    return (uint32_t)scan->carry_count + k;
}

static inline uint32_t gt_scan_invariant_slot(const gt_scan *scan, uint32_t k)
{
    return (uint32_t)(scan->carry_count + scan->input_count) + k;
}

/* The link of which `inside` is the body's node, in time log n: nodes of links come in order. NULL: there is none. */
const gt_scan_link *gt_scan_find_input(const gt_scan *scan, uint32_t inside);
const gt_scan_link *gt_scan_find_invariant(const gt_scan *scan, uint32_t inside);
gt_scan_carry_link *gt_scan_find_carry(const gt_scan *scan, uint32_t before);

void gt_scan_free(gt_scan *scan);
size_t gt_scan_bytes(const gt_scan *scan);

#endif
