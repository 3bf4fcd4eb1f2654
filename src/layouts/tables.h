/* What the frameworks call the arrays of a layer, and how they lie in them. */
#ifndef GT_LAYOUTS_TABLES_H
#define GT_LAYOUTS_TABLES_H

#include "gradtape/convert.h"

/* What a part of an array is to one gate. */
typedef enum gt_layout_kind {
    GT_LAYOUT_INPUT = 0,      /* (n, n_x): on the input */
    GT_LAYOUT_RECURRENT,      /* (n, n): on the hidden state */
    GT_LAYOUT_BIAS,           /* (n): with the input */
    GT_LAYOUT_RECURRENT_BIAS, /* (n): with the hidden state; inside of the reset gate */
    GT_LAYOUT_DIAGONAL,       /* (n): on the cell, a peephole */
    GT_LAYOUT_NONE
} gt_layout_kind;

enum { GT_LAYOUT_KINDS = GT_LAYOUT_NONE, GT_LAYOUT_GATES = 4 };

typedef struct gt_layout_gate {
    char letter;                        /* as the orders of the frameworks have it */
    const char *names[GT_LAYOUT_KINDS]; /* our array with each kind; input and recurrent may share one, (a, x) */
    bool negated;                       /* ours is 1 - theirs: all of it changes its sign */
} gt_layout_gate;

typedef struct gt_layout_cell {
    const char *name; /* in the zoo */
    uint32_t gate_count;
    gt_layout_gate gates[GT_LAYOUT_GATES];   /* in the order of our arrays */
    const char *orders[GT_FRAMEWORK_COUNT];  /* of gates; NULL: the framework has no such cell */
    const char *diagonals;                   /* order of peepholes in ONNX */
    bool rows_of_biases;                     /* Keras has both biases, as two rows */
    const char *output_weight, *output_bias; /* our output layer's */
} gt_layout_cell;

/* How a framework arranges a matrix (rows of all gates, columns). */
typedef enum gt_layout_arrangement {
    GT_LAYOUT_GATES_FIRST,     /* (G n, columns); one bias an array */
    GT_LAYOUT_GATES_LAST,      /* (columns, G n); two biases are two rows */
    GT_LAYOUT_DIRECTIONS_FIRST /* (D, G n, columns); two biases one behind the other */
} gt_layout_arrangement;

/* An array of a layer. */
typedef struct gt_layout_form {
    const char *name;
    gt_layout_kind kind, second; /* second: of biases in the same array, or GT_LAYOUT_NONE */
    bool optional;
} gt_layout_form;

enum { GT_LAYOUT_FORMS = 4 };

typedef struct gt_layout_framework {
    const char *name, *title;
    gt_layout_arrangement arrangement;
    gt_layout_form forms[GT_LAYOUT_FORMS]; /* ends with a NULL name; ours has none: its gates name its arrays */
    /* "layer1" separator "kernel", of layers from `first`; PyTorch has its numbers behind the kind. */
    const char *layer, *reverse, *separator;
    uint32_t first;
} gt_layout_framework;

/* An array of a whole network: our name, then theirs. */
typedef struct gt_layout_extra {
    const char *names[GT_FRAMEWORK_COUNT];
    bool transposed[GT_FRAMEWORK_COUNT];
    bool vector; /* (n) there and (n, 1) here */
} gt_layout_extra;

enum { GT_LAYOUT_EMBEDDING, GT_LAYOUT_OUTPUT_WEIGHT, GT_LAYOUT_OUTPUT_BIAS, GT_LAYOUT_EXTRAS };

extern const gt_layout_framework gt_layout_frameworks[GT_FRAMEWORK_COUNT];
extern const gt_layout_extra gt_layout_extras[GT_LAYOUT_EXTRAS];

/* NULL if there is none. */
const gt_layout_cell *gt_layout_cell_find(const char *name);

#endif
