/* The few matrix operations that the formulas need, as the textbook writes them. */
#include "handwritten/cells.h"

#include <math.h>

void gt_handwritten_product(double *out, size_t rows, size_t columns, size_t inner, const double *A, const double *B)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < inner; k++)
                out[i + rows * j] += A[i + rows * k] * B[k + inner * j];
}

void gt_handwritten_product_At(double *out, size_t rows, size_t columns, size_t inner, const double *A, const double *B)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < inner; k++)
                out[i + rows * j] += A[k + inner * i] * B[k + inner * j];
}

void gt_handwritten_product_Bt(double *out, size_t rows, size_t columns, size_t inner, const double *A, const double *B)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < inner; k++)
                out[i + rows * j] += A[i + rows * k] * B[j + columns * k];
}

void gt_handwritten_row_sums(double *out, size_t rows, size_t columns, const double *A)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            out[i] += A[i + rows * j];
}

void gt_handwritten_spread(double *out, size_t rows, size_t columns, const double *b)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            out[i + rows * j] = b[i];
}

void gt_handwritten_concat(double *out, const gt_handwritten_sizes *s, const double *a, const double *x)
{
    size_t n_z = s->n_a + s->n_x;
    for (size_t j = 0; j < s->m; j++) {
        for (size_t i = 0; i < s->n_a; i++)
            out[i + n_z * j] = a[i + s->n_a * j];
        for (size_t i = 0; i < s->n_x; i++)
            out[s->n_a + i + n_z * j] = x[i + s->n_x * j];
    }
}

double gt_handwritten_sigmoid(double z)
{
    return 1 / (1 + exp(-z));
}

void gt_handwritten_output(const gt_handwritten_sizes *s, const double *Wy, const double *by, const double *a,
                           double *y)
{
    gt_handwritten_spread(y, s->n_y, s->m, by);
    gt_handwritten_product(y, s->n_y, s->m, s->n_a, Wy, a);
    for (size_t j = 0; j < s->m; j++) { /* softmax down each column */
        double *column = y + s->n_y * j;
        double greatest = column[0], sum = 0;
        for (size_t i = 1; i < s->n_y; i++)
            greatest = fmax(greatest, column[i]);
        for (size_t i = 0; i < s->n_y; i++)
            sum += column[i] = exp(column[i] - greatest);
        for (size_t i = 0; i < s->n_y; i++)
            column[i] /= sum;
    }
}

void gt_handwritten_output_backward(const gt_handwritten_sizes *s, const double *Wy, const double *a, const double *y,
                                    const double *dy, double *dz, double *dWy, double *dby, double *da)
{
    /* With y_i = exp(z_i) / sum: dz_i = y_i (dy_i - sum_k dy_k y_k), column by column. */
    for (size_t j = 0; j < s->m; j++) {
        double along = 0;
        for (size_t i = 0; i < s->n_y; i++)
            along += dy[i + s->n_y * j] * y[i + s->n_y * j];
        for (size_t i = 0; i < s->n_y; i++)
            dz[i + s->n_y * j] = y[i + s->n_y * j] * (dy[i + s->n_y * j] - along);
    }
    gt_handwritten_product_Bt(dWy, s->n_y, s->n_a, s->m, dz, a);
    gt_handwritten_row_sums(dby, s->n_y, s->m, dz);
    gt_handwritten_product_At(da, s->n_a, s->m, s->n_y, Wy, dz);
}
