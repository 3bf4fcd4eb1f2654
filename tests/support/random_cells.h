/*
 * Random cells in the cell language with a right backward block, both written
 * from a small grammar: gates, products, sums, convex combinations, functions of
 * one value. Every derivative is written here from the calculus of that grammar.
 */
#ifndef TESTS_SUPPORT_RANDOM_CELLS_H
#define TESTS_SUPPORT_RANDOM_CELLS_H

#include <stddef.h>
#include <stdint.h>

/* Writes the cell of this seed into text, with a NUL; the program ends if it does not fit. */
void random_cell(uint32_t seed, char *text, size_t size);

#endif
