#include "ops/reduce.h"

#include "base/types.h"
#include "gradtape/ops.h"
#include "ops/rule.h"

enum { ALL_AXES = (1 << GT_MAX_RANK) - 1 };

int64_t gt_reduce_axes(int axis)
{
    if (axis == GT_ALL_AXES)
        return ALL_AXES;
    return axis >= 0 && axis < GT_MAX_RANK ? 1 << axis : 0;
}

bool gt_reduce_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, GT_REDUCE_ATTRIBUTES) || !gt_rule_real(query, 0))
        return false;
    int64_t axes = query->attributes[GT_REDUCE_AXES], rank = query->attributes[GT_REDUCE_RANK];
    if (axes < 1 || axes > ALL_AXES)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "the axis must be 0 to %d or GT_ALL_AXES", GT_MAX_RANK - 1);
    gt_shape shape = gt_var_shape(query->inputs[0]);
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        if (axes >> axis & 1)
            shape.size[axis] = 1;
    if (rank < gt_shape_least_rank(shape) || rank > GT_MAX_RANK)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "the result cannot have %lld axes", (long long)rank);
    shape.rank = (int32_t)rank;
    return gt_rule_answer(query, shape);
}

/*
 * What is summed for one column of the output. The first axis is either kept,
 * and the terms are columns of `lanes` entries, or summed, and the terms are
 * runs of `run` neighbours (lanes is 1 then). Terms lie at the positions of the
 * other summed axes.
 */
typedef struct terms {
    size_t lanes, run;
    size_t count;              /* number of terms */
    size_t sizes[GT_MAX_RANK]; /* of the other summed axes; 1 for a kept one */
    size_t steps[GT_MAX_RANK]; /* distance of neighbours along each axis */
} terms;

static terms terms_of(gt_shape x, gt_shape output)
{
    terms t = {.lanes = 1, .run = 1, .count = 1};
    if (output.size[0] == 1)
        t.run = (size_t)x.size[0];
    else
        t.lanes = (size_t)x.size[0];
    size_t step = 1;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        bool summed = axis > 0 && output.size[axis] == 1;
        t.sizes[axis] = summed ? (size_t)x.size[axis] : 1;
        t.steps[axis] = step;
        t.count *= t.sizes[axis];
        step *= (size_t)x.size[axis];
    }
    return t;
}

/* Where the i-th term starts. */
static size_t term_place(const terms *t, size_t i)
{
    size_t place = 0;
    for (int axis = 1; axis < GT_MAX_RANK; axis++) {
        place += i % t->sizes[axis] * t->steps[axis];
        i /= t->sizes[axis];
    }
    return place;
}

enum { LANES = 32, FEW = 8 };

/*
 * sum_run: a run of neighbours. sum_terms: terms first to first + count - 1,
 * `lanes` <= LANES of each, into total. Both halve until few are left; the
 * depth is the logarithm of the count.
 */
#define SUMS(TYPE, SUFFIX)                                                                                             \
    static TYPE sum_run_##SUFFIX(const TYPE *x, size_t count)                                                          \
    {                                                                                                                  \
        if (count > 4 * LANES)                                                                                         \
            return sum_run_##SUFFIX(x, count / 2) + sum_run_##SUFFIX(x + count / 2, count - count / 2);                \
        TYPE sums[FEW] = {0}, rest = 0;                                                                                \
        size_t i = 0;                                                                                                  \
        for (; i + FEW <= count; i += FEW)                                                                             \
            for (size_t lane = 0; lane < FEW; lane++)                                                                  \
                sums[lane] += x[i + lane];                                                                             \
        for (; i < count; i++)                                                                                         \
            rest += x[i];                                                                                              \
        return (((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))) + rest;     \
    }                                                                                                                  \
    static void sum_terms_##SUFFIX(const TYPE *x, const terms *t, size_t first, size_t count, size_t lanes,            \
                                   TYPE *total)                                                                        \
    {                                                                                                                  \
        if (count <= FEW) {                                                                                            \
            for (size_t i = 0; i < count; i++) {                                                                       \
                const TYPE *term = x + term_place(t, first + i);                                                       \
                if (t->run > 1)                                                                                        \
                    total[0] = (i == 0 ? 0 : total[0]) + sum_run_##SUFFIX(term, t->run);                               \
                else                                                                                                   \
                    for (size_t lane = 0; lane < lanes; lane++)                                                        \
                        total[lane] = (i == 0 ? 0 : total[lane]) + term[lane];                                         \
            }                                                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        TYPE right[LANES];                                                                                             \
        sum_terms_##SUFFIX(x, t, first, count / 2, lanes, total);                                                      \
        sum_terms_##SUFFIX(x, t, first + count / 2, count - count / 2, lanes, right);                                  \
        for (size_t lane = 0; lane < lanes; lane++)                                                                    \
            total[lane] += right[lane];                                                                                \
    }                                                                                                                  \
    static void reduce_column_##SUFFIX(const TYPE *x, const terms *t, TYPE *output, double divisor)                    \
    {                                                                                                                  \
        for (size_t start = 0; start < t->lanes; start += LANES) {                                                     \
            size_t lanes = t->lanes - start < LANES ? t->lanes - start : LANES;                                        \
            TYPE total[LANES];                                                                                         \
            sum_terms_##SUFFIX(x + start, t, 0, t->count, lanes, total);                                               \
            for (size_t lane = 0; lane < lanes; lane++)                                                                \
                output[start + lane] = (TYPE)(total[lane] / divisor);                                                  \
        }                                                                                                              \
    }
SUMS(double, f64)
SUMS(float, f32)

void gt_reduce(gt_array x, gt_array output, double divisor)
{
    terms t = terms_of(x.shape, output.shape);
    const int64_t *kept = output.shape.size;
    size_t written = 0;
    for (size_t l = 0; l < (size_t)kept[3]; l++)
        for (size_t k = 0; k < (size_t)kept[2]; k++)
            for (size_t j = 0; j < (size_t)kept[1]; j++, written += t.lanes) {
                size_t place = j * t.steps[1] + k * t.steps[2] + l * t.steps[3];
                GT_FOR_REAL(
                    x.dtype,
                    reduce_column_f64((const double *)x.data + place, &t, (double *)output.data + written, divisor),
                    reduce_column_f32((const float *)x.data + place, &t, (float *)output.data + written, divisor));
            }
}
