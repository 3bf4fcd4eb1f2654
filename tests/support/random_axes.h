/*
 * Random cells whose arrays have several sizes for each example: heads with a matrix memory and what
 * belongs to them, of all forms that the language has for such arrays. They have no backward block.
 */
#ifndef TESTS_SUPPORT_RANDOM_AXES_H
#define TESTS_SUPPORT_RANDOM_AXES_H

#include <stddef.h>
#include <stdint.h>

/* Writes the cell of this seed into text, with a NUL; the program ends if it does not fit. */
void random_axes_cell(uint32_t seed, char *text, size_t size);

#endif
