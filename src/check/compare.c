/* Derivatives against numeric derivatives. Every comparison is written so that NaN fails it. */
#include "gradtape/check.h"

#include <math.h>

const char *gt_verdict_name(gt_verdict verdict)
{
    switch (verdict) {
    case GT_AGREES:
        return "agrees";
    case GT_DIFFERS:
        return "differs";
    case GT_UNDECIDED:
        return "undecided";
    }
    return "unknown verdict";
}

static gt_comparison compare_entry(double exact, double value, double error, double tolerance)
{
    gt_comparison c = {.difference = fabs(exact - value), .allowed = 2 * error + tolerance};
    bool sharp = 2 * error <= 1000 * tolerance;
    if (!isfinite(exact) || c.difference > c.allowed)
        c.verdict = GT_DIFFERS;
    else
        c.verdict = sharp && c.difference <= c.allowed ? GT_AGREES : GT_UNDECIDED;
    return c;
}

static int severity(gt_verdict verdict)
{
    return verdict == GT_DIFFERS ? 2 : verdict == GT_UNDECIDED ? 1 : 0;
}

/* Whether a is further off than b, of the same verdict. */
static bool further(const gt_comparison *a, const gt_comparison *b)
{
    return !(a->difference / a->allowed <= b->difference / b->allowed);
}

gt_comparison gt_compare(const double *exact, const double *values, const double *errors,
                         size_t count, double scale, double tolerance)
{
    gt_comparison worst = {.verdict = GT_AGREES, .allowed = 1};
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) > scale && isfinite(values[i]))
            scale = fabs(values[i]);
    for (size_t i = 0; i < count; i++) {
        gt_comparison c = compare_entry(exact[i], values[i], errors[i], tolerance * scale);
        c.worst = i;
        int difference = severity(c.verdict) - severity(worst.verdict);
        if (i == 0 || difference > 0 || (difference == 0 && further(&c, &worst)))
            worst = c;
    }
    return worst;
}
