#include "support/allocation.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>

static long until_failure = -1; /* allocations that still succeed; negative: all do */
static bool ever_after;         /* all later ones fail, too */
static bool failed;
static long taken;       /* calls for memory in the first run */
static long outstanding; /* allocations that were not given back */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static bool refuse(void)
{
    taken++;
    if (until_failure < 0)
        return false;
    if (until_failure > 0) {
        until_failure--;
        return false;
    }
    failed = true;
    if (!ever_after)
        until_failure = -1;
    return true;
}

static void *counted(void *memory)
{
    outstanding += memory != NULL;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (refuse())
        return NULL;
    return memory == NULL ? counted(__real_malloc(size)) : __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    outstanding -= memory != NULL;
    __real_free(memory);
}

/* One run; true if an allocation was refused. */
static bool run(const char *label, allocation_scenario *scenario, const void *context, long n, bool after,
                double *result, gt_status *status)
{
    failed = false;
    outstanding = 0;
    ever_after = after;
    until_failure = n;
    *status = scenario(context, result);
    until_failure = -1;
    cr_assert_eq(outstanding, 0, "%s: %ld allocations are left after number %ld failed (%s)", label, outstanding, n,
                 gt_status_name(*status));
    return failed;
}

long fail_some_allocations(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check, long most)
{
    double expected = 0;
    gt_status status;
    taken = 0;
    run(label, scenario, context, -1, false, &expected, &status);
    long step = taken / most + 1;
    cr_assert_eq(status, GT_OK, "%s: %s when nothing fails", label, gt_status_name(status));
    if (check != NULL)
        check(context, status);
    for (long n = 0;; n += step)
        for (int after = 0; after < 2; after++) {
            double result = 0;
            bool refused = run(label, scenario, context, n, after == 1, &result, &status);
            if (status == GT_OK)
                cr_assert(result == expected, "%s: %.17g, not %.17g, after allocation %ld failed", label, result,
                          expected, n);
            else
                cr_assert(refused && status == GT_ERROR_MEMORY, "%s: %s after allocation %ld failed", label,
                          gt_status_name(status), n);
            if (check != NULL)
                check(context, status);
            if (!refused) {
                cr_assert_gt(n, 0, "%s takes no memory through the library", label);
                return n;
            }
        }
}

long fail_every_allocation(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check)
{
    return fail_some_allocations(label, scenario, context, check, LONG_MAX);
}
