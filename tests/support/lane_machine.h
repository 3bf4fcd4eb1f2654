/* Evaluates recorded lanes one entry at a time, in plain C. Uses the library's inside. */
#ifndef TESTS_SUPPORT_LANE_MACHINE_H
#define TESTS_SUPPORT_LANE_MACHINE_H

#include "ops/lanes.h"

/*
 * Entry i of all arrays: reads slots of inputs, writes slots of outputs. `values` has room for
 * lanes->count entries. There must be no sums.
 */
void lane_machine_run(const gt_lanes *lanes, char *const *arrays, int64_t i, uint64_t *values);

#endif
