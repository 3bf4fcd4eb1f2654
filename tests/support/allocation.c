#include "support/allocation.h"

#include <criterion/criterion.h>
#include <execinfo.h>
#include <stdint.h>
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

/* ---- the places that ask for memory ---- */

/* The calls of this file are not looked at. */
enum { MOST_CALLS = 32, OWN_CALLS = 3 };

typedef struct place {
    uint64_t hash; /* of the calls around an allocation */
    long number;   /* of the allocation */
} place;

static struct {
    place *list;
    long count, room;
    int calls; /* they are being noted, and so many calls tell one from another; 0: they are not */
} places;

static void note_place(void)
{
    void *calls[OWN_CALLS + MOST_CALLS];
    int count = backtrace(calls, OWN_CALLS + places.calls);
    uint64_t hash = 14695981039346656037U;
    for (int i = OWN_CALLS; i < count; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)calls[i]) * 1099511628211U;
    if (places.count == places.room) {
        places.room = 2 * places.room + 1024;
        places.list = __real_realloc(places.list, (size_t)places.room * sizeof *places.list);
        cr_assert_not_null(places.list);
    }
    places.list[places.count] = (place){hash, places.count};
    places.count++;
}

static int by_place(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* Places that have been made to fail before, by this or another scenario. */
static struct {
    uint64_t *list;
    long count, room;
} tried;

static bool has_been_tried(uint64_t hash)
{
    for (long i = 0; i < tried.count; i++)
        if (tried.list[i] == hash)
            return true;
    return false;
}

static void try_place(uint64_t hash)
{
    if (tried.count == tried.room) {
        tried.room = 2 * tried.room + 1024;
        tried.list = __real_realloc(tried.list, (size_t)tried.room * sizeof *tried.list);
        cr_assert_not_null(tried.list);
    }
    tried.list[tried.count++] = hash;
}

/* Leaves the first allocation of each new place, in order. */
static void keep_new_places(void)
{
    long kept = 0;
    qsort(places.list, (size_t)places.count, sizeof *places.list, by_place);
    for (long i = 0; i < places.count; i++)
        if ((i == 0 || places.list[i - 1].hash != places.list[i].hash) && !has_been_tried(places.list[i].hash))
            places.list[kept++] = places.list[i];
    places.count = kept;
    qsort(places.list, (size_t)places.count, sizeof *places.list, by_number);
}

/* ---- allocations ---- */

bool refuse_allocation(void)
{
    if (places.calls > 0)
        note_place();
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
    return refuse_allocation() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse_allocation() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (refuse_allocation())
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

/* With allocation n failing, alone and with all behind it; false if there are not so many. */
static bool fail_one(const char *label, allocation_scenario *scenario, const void *context, allocation_check *check,
                     long n, double expected)
{
    bool refused = true;
    for (int after = 0; after < 2 && refused; after++) {
        double result = 0;
        gt_status status;
        refused = run(label, scenario, context, n, after == 1, &result, &status);
        if (status == GT_OK)
            cr_assert(result == expected, "%s: %.17g, not %.17g, after allocation %ld failed", label, result, expected,
                      n);
        else
            cr_assert(refused && status == GT_ERROR_MEMORY, "%s: %s after allocation %ld failed", label,
                      gt_status_name(status), n);
        if (check != NULL)
            check(context, status);
    }
    return refused;
}

/* What it gives when nothing fails. */
static double run_whole(const char *label, allocation_scenario *scenario, const void *context, allocation_check *check)
{
    double expected = 0;
    gt_status status;
    taken = 0;
    run(label, scenario, context, -1, false, &expected, &status);
    cr_assert_eq(status, GT_OK, "%s: %s when nothing fails", label, gt_status_name(status));
    cr_assert_gt(taken, 0, "%s takes no memory through the library", label);
    if (check != NULL)
        check(context, status);
    return expected;
}

long fail_every_allocation(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check)
{
    double expected = run_whole(label, scenario, context, check);
    long n = 0;
    while (fail_one(label, scenario, context, check, n, expected))
        n++;
    return n;
}

long fail_some_allocations(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check, int calls)
{
    places.count = 0;
    cr_assert(0 < calls && calls <= MOST_CALLS);
    places.calls = calls;
    double expected = run_whole(label, scenario, context, check);
    places.calls = 0;
    long count = places.count;
    keep_new_places();
    for (long i = 0; i < places.count; i++) {
        try_place(places.list[i].hash);
        fail_one(label, scenario, context, check, places.list[i].number, expected);
    }
    return count;
}
