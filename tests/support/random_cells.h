/*
 * Random cells in the cell language with a right backward block, both written
 * from a small grammar: gates, products, sums, convex combinations, functions of
 * one value or two. Every derivative is written here from the calculus of that grammar.
 */
#ifndef TESTS_SUPPORT_RANDOM_CELLS_H
#define TESTS_SUPPORT_RANDOM_CELLS_H

#include <stddef.h>
#include <stdint.h>

/* What its functions are. Each kind but the first has all smooth functions as well. */
typedef enum random_cell_kind {
    RANDOM_CELL_PLAIN,       /* tanh, sigmoid, sin, softplus: mistakes are planted in these */
    RANDOM_CELL_SMOOTH,      /* roots, logarithms, normalisation, softmax */
    RANDOM_CELL_SMOOTH_ONCE, /* softsign, elu, relu^2, celu, |u|^3, huber, running maximum */
    RANDOM_CELL_KINKED,      /* relu, abs, clips, maximum, minimum */
    RANDOM_CELL_WILD,        /* oscillating, narrow, steep, with jumps */
    RANDOM_CELL_KIND_COUNT
} random_cell_kind;

const char *random_cell_kind_name(random_cell_kind kind);

/* Writes the cell of this seed into text, with a NUL; the program ends if it does not fit. */
void random_cell(random_cell_kind kind, uint32_t seed, char *text, size_t size);

#endif
