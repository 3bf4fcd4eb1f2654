/*
 * Memory that fails on demand and is counted. The test program is linked with
 * the static library and -Wl,--wrap=malloc and the like, so that every call of
 * the library's goes through here. (libzip's own calls do not.)
 */
#ifndef TESTS_SUPPORT_ALLOCATION_H
#define TESTS_SUPPORT_ALLOCATION_H

#include "gradtape/base.h"

#include <stdbool.h>

/* Something that takes memory and gives all of it back; sets *result where it succeeds. */
typedef gt_status allocation_scenario(const void *context, double *result);

/*
 * Called after every run, also the first one, in which nothing fails; ends the
 * test if something is not as it should be.
 */
typedef void allocation_check(const void *context, gt_status status);

/* Asks whether an allocation fails; for wrappers of what takes memory in larger pieces and hands it out. */
bool refuse_allocation(void);

/*
 * Runs the scenario with the n-th allocation failing, for n = 0, 1, 2, ... until
 * it runs through, once with that one failing alone and once with all from the
 * n-th on. Each time the scenario must give GT_ERROR_MEMORY, or GT_OK with the
 * same result as when nothing fails, and must give back all memory. `check` may
 * be NULL. Returns the number of allocations.
 */
long fail_every_allocation(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check);

/*
 * The same for one allocation of each place that asks for memory, where a run takes long and has very many; a place is
 * a function with those that have called it, so many `calls` in all. What has failed in this program before does not
 * fail again, so that scenarios that are much alike cost little.
 */
long fail_some_allocations(const char *label, allocation_scenario *scenario, const void *context,
                           allocation_check *check, int calls);

#endif
