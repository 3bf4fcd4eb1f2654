/* What the handwritten cells share among themselves. Matrices are column-major. */
#ifndef GT_HANDWRITTEN_CELLS_H
#define GT_HANDWRITTEN_CELLS_H

#include "handwritten/handwritten.h"

extern const gt_handwritten_cell gt_handwritten_rnn, gt_handwritten_lstm, gt_handwritten_gru;

/* ---- products: out has rows x columns entries ----------------------------------------------- */

/* out += A @ B                 A (rows, inner), B (inner, columns) */
void gt_handwritten_product(double *out, size_t rows, size_t columns, size_t inner, const double *A, const double *B);
/* out += A.T @ B               A (inner, rows), B (inner, columns) */
void gt_handwritten_product_At(double *out, size_t rows, size_t columns, size_t inner, const double *A,
                               const double *B);
/* out += A @ B.T               A (rows, inner), B (columns, inner) */
void gt_handwritten_product_Bt(double *out, size_t rows, size_t columns, size_t inner, const double *A,
                               const double *B);
/* out (rows, 1) += sum of A's columns: the sum over the batch */
void gt_handwritten_row_sums(double *out, size_t rows, size_t columns, const double *A);

/* out (rows, columns) = b (rows, 1) in every column */
void gt_handwritten_spread(double *out, size_t rows, size_t columns, const double *b);
/* out (n_a + n_x, m) = [a; x] */
void gt_handwritten_concat(double *out, const gt_handwritten_sizes *s, const double *a, const double *x);

double gt_handwritten_sigmoid(double z);

/* ---- the output layer y = softmax(Wy a + by), the same for every cell ------------------------ */

/* y (n_y, m) from a (n_a, m) */
void gt_handwritten_output(const gt_handwritten_sizes *s, const double *Wy, const double *by, const double *a,
                           double *y);
/*
 * Adds to dWy, dby and da (n_a, m) what reaches them from dy (n_y, m).
 * The notebook leaves this part out. dz (n_y, m) is scratch.
 */
void gt_handwritten_output_backward(const gt_handwritten_sizes *s, const double *Wy, const double *a, const double *y,
                                    const double *dy, double *dz, double *dWy, double *dby, double *da);

#endif
