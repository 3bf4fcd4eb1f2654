/* Initializers. Entry i (in column-major order) of an array is drawn from its place in the array's stream. */
#include "models/initializers.h"

#include "base/entry.h"
#include "base/initializer_formula.h"
#include "base/memory.h"
#include "base/stream.h"
#include "base/types.h"
#include "base/utf8.h"
#include "models/orthogonal.h"

#include <math.h>

static void put(gt_array array, int64_t i, double value)
{
    gt_entry_set(array.data, array.dtype, i, value);
}

static void fill_constant(gt_array array, double value)
{
    for (int64_t i = 0, count = gt_shape_count(array.shape); i < count; i++)
        put(array, i, value);
}

/* Uniform on [a, b). Rounding must not give b, in neither type. */
static void fill_uniform(const gt_stream *stream, gt_array array, double a, double b)
{
    if (a == b) {
        fill_constant(array, a);
        return;
    }
    for (int64_t i = 0, count = gt_shape_count(array.shape); i < count; i++) {
        double uniform[2];
        gt_stream_draw(stream, (uint64_t)i, uniform);
        double value = a + (b - a) * uniform[0];
        if (gt_entry_rounded(array.dtype, value) >= b)
            GT_FOR_REAL(array.dtype, value = nextafter(b, a), value = nextafterf((float)value, (float)a));
        put(array, i, value);
    }
}

static void fill_normal(const gt_stream *stream, gt_array array, double deviation)
{
    for (int64_t i = 0, count = gt_shape_count(array.shape); i < count; i++)
        put(array, i, deviation * gt_stream_normal(stream, (uint64_t)i));
}

static void fill_bernoulli(const gt_stream *stream, gt_array array, double probability)
{
    for (int64_t i = 0, count = gt_shape_count(array.shape); i < count; i++) {
        double uniform[2];
        gt_stream_draw(stream, (uint64_t)i, uniform);
        put(array, i, uniform[0] < probability);
    }
}

/* Orthonormal columns, or their transpose where there are fewer rows than columns. */
static gt_status fill_orthogonal(const gt_stream *stream, gt_array array)
{
    int64_t rows = array.shape.size[0], columns = array.shape.size[1];
    bool wide = rows < columns;
    int64_t height = wide ? columns : rows, width = wide ? rows : columns;
    double *matrix = gt_memory_new((uint64_t)(height * width), sizeof *matrix);
    if (matrix == NULL)
        return GT_ERROR_MEMORY;
    for (int64_t i = 0; i < height * width; i++)
        matrix[i] = gt_stream_normal(stream, (uint64_t)i);
    bool done = gt_orthogonalize(matrix, height, width);
    for (int64_t j = 0; j < columns && done; j++)
        for (int64_t i = 0; i < rows; i++)
            put(array, i + j * rows, wide ? matrix[j + i * height] : matrix[i + j * height]);
    gt_memory_free(matrix);
    return done ? GT_OK : GT_ERROR_MEMORY;
}

gt_status gt_initializer_fill(gt_initializer initializer, uint64_t seed, const char *name, gt_array array,
                              gt_error *error)
{
    gt_stream stream = gt_stream_of(seed, name);
    double limit;
    switch (initializer.kind) {
    case GT_INITIALIZE_ZEROS:
        fill_constant(array, 0);
        break;
    case GT_INITIALIZE_CONSTANT:
        fill_constant(array, initializer.a);
        break;
    case GT_INITIALIZE_UNIFORM:
        fill_uniform(&stream, array, initializer.a, initializer.b);
        break;
    case GT_INITIALIZE_NORMAL:
        fill_normal(&stream, array, initializer.a);
        break;
    case GT_INITIALIZE_BERNOULLI:
        fill_bernoulli(&stream, array, initializer.a);
        break;
    case GT_INITIALIZE_GLOROT:
        limit = sqrt(6 / ((double)array.shape.size[0] + (double)array.shape.size[1]));
        fill_uniform(&stream, array, -limit, limit);
        break;
    case GT_INITIALIZE_ORTHOGONAL:
        if (fill_orthogonal(&stream, array) != GT_OK)
            return gt_error_set(error, GT_ERROR_MEMORY, "no memory to initialize parameter '%.*s'",
                                gt_utf8_fit(name, 100), name);
        break;
    case GT_INITIALIZE_FORMULA:
        return initializer.formula->fill(initializer.formula, seed, name, array, error);
    }
    return GT_OK;
}

/* ---- checks -------------------------------------------------------------------------------- */

static bool fits(double value, gt_dtype dtype)
{
    return isfinite(gt_entry_rounded(dtype, value));
}

gt_status gt_initializer_check(gt_initializer initializer, const char *name, gt_dtype dtype, gt_shape shape,
                               gt_error *error)
{
    double a = initializer.a, b = initializer.b;
    const char *reason = NULL;
    switch (initializer.kind) {
    case GT_INITIALIZE_ZEROS:
        break;
    case GT_INITIALIZE_CONSTANT:
        if (!fits(a, dtype))
            reason = "a constant must be finite";
        break;
    case GT_INITIALIZE_UNIFORM:
        if (!fits(a, dtype) || !fits(b, dtype) || !fits(b - a, dtype) || a > b)
            reason = "a uniform initializer needs finite limits, the lower one first";
        break;
    case GT_INITIALIZE_NORMAL:
        /* No normal number of 53 bits is beyond 9 deviations. */
        if (!fits(9 * a, dtype) || a < 0)
            reason = "a standard deviation must be finite and not negative";
        break;
    case GT_INITIALIZE_BERNOULLI:
        if (!(a >= 0 && a <= 1))
            reason = "a probability is from 0 to 1";
        break;
    case GT_INITIALIZE_GLOROT:
    case GT_INITIALIZE_ORTHOGONAL:
        if (shape.size[2] != 1 || shape.size[3] != 1)
            reason = "a Glorot or orthogonal initializer needs a matrix";
        break;
    case GT_INITIALIZE_FORMULA:
        if (initializer.formula == NULL)
            reason = "it has no formula";
        break;
    default:
        reason = "unknown kind of initializer";
    }
    if (reason == NULL)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT, "parameter '%.*s' cannot be initialized: %s", gt_utf8_fit(name, 100),
                        name, reason);
}
