/* Calls that fail in turn: of the system, or of a library. A program is linked with -Wl,--wrap=NAME for each. */
#ifndef GT_TESTS_FAILING_CALLS_H
#define GT_TESTS_FAILING_CALLS_H

#include "gradtape/base.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>

static long until_failure = -1; /* calls that still succeed; negative: all do */
static int with;                /* errno of the one that fails */
static bool failed, of_a_stream;
static const char *failing; /* its name */

static inline bool refuse(const char *name)
{
    if (until_failure < 0)
        return false;
    if (until_failure-- > 0)
        return false;
    failed = true;
    failing = name;
    errno = with;
    return true;
}

#define WRAP(type, name, parameters, arguments, failure)                                                               \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return refuse(#name) ? failure : __real_##name arguments;                                                      \
    }

/* ---- making each fail ---------------------------------------------------------------------- */

typedef gt_status scenario(const void *context, double *result, gt_error *error);
typedef void check(const void *context, gt_status status);

static inline gt_status run(scenario *s, const void *context, long n, int number, double *result, gt_error *error)
{
    *error = (gt_error){GT_OK, ""};
    failed = of_a_stream = false;
    with = number;
    until_failure = n;
    gt_status status = s(context, result, error);
    until_failure = -1;
    of_a_stream = false;
    return status;
}

/* What is interrupted is tried again; every other failure is told, or does not matter. Returns the calls. */
static inline long fail_every_call(const char *label, scenario *s, const void *context, check *afterwards)
{
    static const int numbers[] = {EIO, EINTR, EAGAIN, EINVAL, ENODATA};
    double expected = 0;
    gt_error error;
    cr_assert_eq(run(s, context, -1, 0, &expected, &error), GT_OK, "%s: %s", label, error.message);
    for (long n = 0;; n++)
        for (int k = 0; k < 5; k++) {
            double result = 0;
            gt_status status = run(s, context, n, numbers[k], &result, &error);
            if (status == GT_OK)
                cr_assert(result == expected || numbers[k] == ENODATA, "%s: %g after %s", label, result, failing);
            else
                cr_assert(failed && error.status == status && error.message[0] != '\0', "%s: %s: %s", label, failing,
                          error.message);
            if (afterwards != NULL)
                afterwards(context, status);
            if (!failed)
                return n;
        }
}

#endif
