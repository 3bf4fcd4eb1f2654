/*
 * QR by Householder reflections (Golub and Van Loan, Matrix Computations,
 * section 5.2), whose Q is orthogonal to rounding whatever the matrix. Choosing
 * the Q that goes with a positive diagonal of R makes it uniform among all
 * orthogonal matrices if the matrix is normal (Mezzadri 2007, "How to generate
 * random matrices from the classical compact groups").
 */
#include "models/orthogonal.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Four sums at a time: they do not wait for each other. */
static double dot(const double *x, const double *y, int64_t count)
{
    double sum[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += x[i + k] * y[i + k];
    for (; i < count; i++)
        sum[0] += x[i] * y[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* y -= scale (v . y) v: the reflection I - scale v v.T applied to y. */
static void reflect(const double *v, double scale, double *y, int64_t count)
{
    double factor = scale * dot(v, y, count);
    for (int64_t i = 0; i < count; i++)
        y[i] -= factor * v[i];
}

/*
 * Turns x into the v of the reflection that maps x to (r, 0, 0, ...); returns r
 * and sets *scale to 2 / (v . v). For x = 0 the reflection is the identity.
 */
static double find_reflection(double *x, int64_t count, double *scale)
{
    double r = sqrt(dot(x, x, count));
    if (r == 0) {
        *scale = 0;
        return 0;
    }
    if (x[0] > 0)
        r = -r; /* of opposite sign, so that nothing cancels */
    x[0] -= r;
    *scale = 2 / dot(x, x, count);
    return r;
}

bool gt_orthogonalize(double *matrix, int64_t rows, int64_t columns)
{
    size_t count = (size_t)columns;
    double *vectors = gt_memory_new((uint64_t)rows * count, sizeof *vectors);
    double *scale = gt_memory_new(count, sizeof *scale), *r = gt_memory_new(count, sizeof *r);
    bool done = vectors != NULL && scale != NULL && r != NULL;
    if (done) {
        memcpy(vectors, matrix, (size_t)rows * count * sizeof *vectors);
        memset(matrix, 0, (size_t)rows * count * sizeof *matrix);
        for (int64_t j = 0; j < columns; j++) {
            double *v = vectors + j * rows + j;
            r[j] = find_reflection(v, rows - j, &scale[j]);
            for (int64_t k = j + 1; k < columns; k++)
                reflect(v, scale[j], vectors + k * rows + j, rows - j);
        }
        /* Q is the product of all reflections; column k is touched by the first k + 1 alone. */
        for (int64_t k = 0; k < columns; k++) {
            matrix[k * rows + k] = r[k] < 0 ? -1 : 1;
            for (int64_t j = k; j >= 0; j--)
                reflect(vectors + j * rows + j, scale[j], matrix + k * rows + j, rows - j);
        }
    }
    gt_memory_free(vectors);
    gt_memory_free(scale);
    gt_memory_free(r);
    return done;
}
