/* A cell as a program: recorded, differentiated, planned and run, and compared with the interpreter. */
#ifndef GT_TESTS_FUZZ_RUN_CELL_H
#define GT_TESTS_FUZZ_RUN_CELL_H

#include "gradtape.h"

typedef struct run_settings {
    int64_t sizes[4]; /* of the cell's dimensions in their order, and again from the first */
    int64_t examples, steps;
    bool unrolled, second_order;
    uint32_t skip; /* bit i: without the i-th pass */
    uint32_t seed; /* of the numbers */
} run_settings;

/*
 * Ends the program, with a word on stderr, where a plan differs from the
 * interpreter by more than roundings, an exact one by a bit, or the rolled sequence
 * from the unrolled by a bit. What overflows, or where a change of the inputs' last
 * places changes much, says nothing of a plan and is left. False if the
 * cell cannot be recorded with these sizes.
 */
bool run_cell(const gt_parsed_cell *parsed, const run_settings *settings);

#endif
