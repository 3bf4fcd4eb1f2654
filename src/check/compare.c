/* Derivatives against numeric derivatives. Every comparison is written so that NaN fails it. */
#include "gradtape/check.h"

#include <math.h>

const char *gt_agreement_name(gt_agreement agreement)
{
    switch (agreement) {
    case GT_AGREES:
        return "agrees";
    case GT_DIFFERS:
        return "differs";
    case GT_UNDECIDED:
        return "undecided";
    }
    return "unknown agreement";
}

static gt_comparison compare_entry(double exact, double value, double error, double tolerance)
{
    gt_comparison c = {.difference = fabs(exact - value), .allowed = 2 * error + tolerance};
    bool sharp = 2 * error <= 1000 * tolerance;
    if (!isfinite(exact) || c.difference > (sharp ? 1 : 100) * 2 * error + tolerance)
        c.agreement = GT_DIFFERS;
    else
        c.agreement = sharp && c.difference <= c.allowed ? GT_AGREES : GT_UNDECIDED;
    return c;
}

static int severity(gt_agreement agreement)
{
    return agreement == GT_DIFFERS ? 2 : agreement == GT_UNDECIDED ? 1 : 0;
}

/* Whether a is further off than b, of the same agreement. */
static bool further(const gt_comparison *a, const gt_comparison *b)
{
    return !(a->difference / a->allowed <= b->difference / b->allowed);
}

gt_comparison gt_compare(const double *exact, const double *values, const double *errors, size_t count, double scale,
                         double tolerance)
{
    gt_comparison worst = {.agreement = GT_AGREES, .allowed = 1};
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) > scale && isfinite(values[i]))
            scale = fabs(values[i]);
    for (size_t i = 0; i < count; i++) {
        gt_comparison c = compare_entry(exact[i], values[i], errors[i], tolerance * scale);
        c.worst = i;
        int difference = severity(c.agreement) - severity(worst.agreement);
        if (i == 0 || difference > 0 || (difference == 0 && further(&c, &worst)))
            worst = c;
    }
    return worst;
}
