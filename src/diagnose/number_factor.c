/* A gradient that is a multiple of the right one, and of what size the multiple is. */
#include "diagnose/number_look.h"

#include "base/utf8.h"

#include <math.h>

double gt_number_factor(const double *value, const double *right, size_t count)
{
    double up = 0, down = 0;
    for (size_t k = 0; k < count; k++) {
        up += value[k] * right[k];
        down += right[k] * right[k];
    }
    return down > 0 ? up / down : NAN;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-4 * fabs(b);
}

/* What a person may have multiplied with: 2, 3, 4, 10, or one of these below 1. */
static bool is_simple(double k)
{
    static const double simple[] = {1, 2, 3, 4, 10};
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (near(fabs(k), simple[i]) || near(fabs(k), 1 / simple[i]))
            return true;
    return false;
}

/* A size that the factor, or one over it, is: "5, the size of axis 1 of W". 0: none. */
static double find_size(const gt_evidence *e, double k, char *text, size_t size)
{
    for (uint32_t i = 0; i < e->argument_count; i++) {
        const gt_argument *a = &e->arguments[i];
        for (int32_t axis = 0; axis < a->value.shape.rank; axis++) {
            double n = (double)a->value.shape.size[axis];
            if (n < 2 || (!near(k, n) && !near(k, 1 / n)))
                continue;
            gt_utf8_format(text, size, "%.0f, the number of %s of %s", n, gt_number_axes[axis], a->name);
            return n;
        }
    }
    double all = (double)gt_shape_count(e->arguments[e->wrong].value.shape), results = (double)e->result_count;
    double n = near(k, all) || near(k, 1 / all) ? all : near(k, results) || near(k, 1 / results) ? results : 0;
    gt_utf8_format(text, size, n == all ? "%.0f, the number of its entries" : "%.0f, the number of results", n);
    return n > 1 ? n : 0;
}

static double distance_from(const double *given, const double *right, double k, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = fabs(given[i] / k - right[i]);
        if (!(difference <= largest))
            largest = isfinite(difference) ? difference : INFINITY;
    }
    return largest;
}

/* What is wrong with a multiple of k, in words, and the kind of mistake. False: nothing worth saying. */
static bool describe(const gt_number_look *l, double k, gt_mistake_kind *kind, char *text, size_t size)
{
    char what[120];
    double n = find_size(l->evidence, fabs(k), what, sizeof what);
    const char *sign = k < 0 ? ", and its sign is wrong" : "";
    *kind = n > 2 ? GT_MISTAKE_MEAN : near(k, -1) ? GT_MISTAKE_SIGN : GT_MISTAKE_FACTOR;
    if (near(k, -1))
        gt_utf8_format(text, size, "its sign is wrong");
    else if (n > 2 && fabs(k) < 1)
        gt_utf8_format(text, size, "it is divided by %s: a mean in place of a sum%s", what, sign);
    else if (n > 2)
        gt_utf8_format(text, size, "it is multiplied by %s: a sum in place of a mean%s", what, sign);
    else if (near(fabs(k), 0.5))
        gt_utf8_format(text, size, "it is half of what it should be%s", sign);
    else
        gt_utf8_format(text, size, "it is %.6g times what it should be", k);
    return n > 2 || is_simple(k) || l->count >= 3;
}

bool gt_number_fits(gt_number_look *l, const double *given, const double *right, gt_mistake_kind kind,
                    const char *about)
{
    char text[200];
    gt_mistake_kind of_factor;
    double k = gt_number_factor(given, right, l->count);
    if (!isfinite(k) || k == 0)
        return false;
    double after = distance_from(given, right, k, l->count);
    if (!(after <= l->tolerance))
        return false;
    if (near(k, 1))
        return about != NULL && gt_number_claim(l, kind, after, "%s", about);
    if (!describe(l, k, &of_factor, text, sizeof text))
        return false;
    if (about == NULL)
        return gt_number_claim(l, of_factor, after, "%s", text);
    return l->count >= 3 && gt_number_claim(l, kind, after, "%s; and %s", about, text);
}
