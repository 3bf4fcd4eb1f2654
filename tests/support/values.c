#include "support/values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

gt_var give(probe *p, const char *name, gt_shape shape, const double *values)
{
    double *x = p->x + p->count;
    gt_var v = probe_real(p, name, shape);
    for (size_t i = 0; i < probe_entries(&v, 1); i++)
        x[i] = values == NULL ? (double)(i + 1) : values[i];
    return v;
}

gt_var give_whole(probe *p, const char *name, gt_shape shape, const int32_t *values)
{
    int32_t *x;
    gt_var v = probe_whole(p, name, shape, &x);
    for (size_t i = 0; i < probe_entries(&v, 1); i++)
        x[i] = values == NULL ? (int32_t)(i + 1) : values[i];
    return v;
}

const double *value_of(probe *p, gt_var v)
{
    static double values[PROBE_ENTRIES];
    gt_error error = {0};
    cr_assert(gt_var_valid(v), "%s", gt_tape_message(p->tape));
    cr_assert_leq(probe_entries(&v, 1), PROBE_ENTRIES);
    cr_assert_eq(probe_evaluate(p, &v, 1, values, &error), GT_OK, "%s", error.message);
    return values;
}

static bool same_number(double value, double expected, double tolerance)
{
    if (isnan(expected))
        return isnan(value);
    if (isinf(expected))
        return value == expected;
    return fabs(value - expected) <= tolerance * fmax(1, fabs(expected));
}

void expect_value(probe *p, gt_var v, gt_shape shape, const double *expected, double tolerance)
{
    const double *values = value_of(p, v);
    char a[64], b[64];
    gt_shape given = gt_var_shape(v);
    cr_assert(given.rank == shape.rank && gt_shape_equal(given, shape), "%s has the shape %s, not %s",
              gt_var_op(v)->name, gt_shape_format(given, a, sizeof a), gt_shape_format(shape, b, sizeof b));
    for (int64_t i = 0; i < gt_shape_count(shape); i++)
        cr_assert(same_number(values[i], expected[i], tolerance), "%s: entry %lld is %.17g, not %.17g",
                  gt_var_op(v)->name, (long long)i, values[i], expected[i]);
}

void expect_failure(probe *p, gt_var v, gt_status status, const char *const *words)
{
    double values[64];
    gt_error error = {0};
    cr_assert(gt_var_valid(v), "%s", gt_tape_message(p->tape));
    gt_status given = probe_evaluate(p, &v, 1, values, &error);
    cr_assert_eq(given, status, "%s, not %s: %s", gt_status_name(given), gt_status_name(status), error.message);
    for (; *words != NULL; words++)
        cr_expect(strstr(error.message, *words) != NULL, "no \"%s\" in: %s", *words, error.message);
}
