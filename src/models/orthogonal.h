/* Orthonormal columns from a matrix of independent normal numbers. */
#ifndef GT_MODELS_ORTHOGONAL_H
#define GT_MODELS_ORTHOGONAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Replaces the matrix (rows, columns), rows >= columns, column-major, by the Q of
 * its QR decomposition in which R has a positive diagonal. False on no memory.
 */
bool gt_orthogonalize(double *matrix, int64_t rows, int64_t columns);

#endif
