/*
 * Recurrent cells differentiated by hand: an independent witness.
 *
 * Forward and backward passes of the RNN, the LSTM and the GRU as plain loops
 * over column-major doubles, written from the formulas alone. Nothing here
 * uses the tape, the ops or a BLAS, and nothing in the library uses this. The
 * tests and `gradtape notebook` compare the tape with it.
 *
 *     const gt_handwritten_cell *cell = gt_handwritten_find("lstm");
 *     gt_handwritten *h = gt_handwritten_new(cell, (gt_handwritten_sizes){3, 5, 2, 10, 7});
 *     fill(gt_handwritten_array(h, "Wf"));        // every array starts as zeros
 *     gt_handwritten_forward(h);                  // x, a0, c0, parameters -> a, c, y
 *     gt_handwritten_backward(h);                 // da, dc, dy -> dx, da0, dc0, dWf, ...
 *     const double *dWf = gt_handwritten_array(h, "dWf");
 *     gt_handwritten_free(h);
 *
 * da, dc and dy are the upstream gradients of each step's own state and
 * output: what reaches them from outside of the recurrence. What flows back
 * from later steps is added here. Nothing is divided by the number of examples.
 */
#ifndef GT_HANDWRITTEN_H
#define GT_HANDWRITTEN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gt_handwritten_sizes {
    size_t n_x, n_a, n_y; /* entries of an input, a state and an output */
    size_t m;             /* examples: the columns */
    size_t T;             /* time steps */
} gt_handwritten_sizes;

/* A row of a cell's table. */
typedef struct gt_handwritten_row {
    const char *name;
    /*
     * One letter per axis: x, a, y for n_x, n_a, n_y; z for n_a + n_x; m; t for
     * T; 1. So "az" is (n_a, n_a + n_x), and "amt" is (n_a, m, T).
     */
    const char *shape;
    size_t offset; /* of the pointer in the cell's own struct */
    enum {
        GT_HANDWRITTEN_GIVEN,
        GT_HANDWRITTEN_UPSTREAM,
        GT_HANDWRITTEN_FORWARD,
        GT_HANDWRITTEN_GRADIENT,
        GT_HANDWRITTEN_SCRATCH
    } kind;
} gt_handwritten_row;

typedef struct gt_handwritten_cell {
    const char *name;
    const gt_handwritten_row *rows;
    size_t row_count;
    size_t size; /* of the cell's own struct, which starts with gt_handwritten_sizes */
    void (*forward)(void *cell);
    void (*backward)(void *cell);
} gt_handwritten_cell;

/* "rnn", "lstm" or "gru"; NULL for any other name. */
const gt_handwritten_cell *gt_handwritten_find(const char *name);

typedef struct gt_handwritten gt_handwritten;

/* All arrays of a cell, zero. NULL on no memory. */
gt_handwritten *gt_handwritten_new(const gt_handwritten_cell *cell, gt_handwritten_sizes sizes);
void gt_handwritten_free(gt_handwritten *h);

/* An array by name, column-major; NULL if the cell has none of that name. */
double *gt_handwritten_array(gt_handwritten *h, const char *name);
/* The number of its entries, and its sizes along three axes (1 where it has fewer). */
size_t gt_handwritten_count(const gt_handwritten *h, const gt_handwritten_row *row);
void gt_handwritten_shape(const gt_handwritten *h, const gt_handwritten_row *row, size_t shape[3]);

void gt_handwritten_forward(gt_handwritten *h);
/* Needs a forward pass before it. */
void gt_handwritten_backward(gt_handwritten *h);

#endif
