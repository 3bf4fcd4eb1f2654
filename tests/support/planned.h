/* What a plan computes of a tape must be what the interpreter does: the one place where tests compare them. */
#ifndef TESTS_SUPPORT_PLANNED_H
#define TESTS_SUPPORT_PLANNED_H

#include "gradtape.h"

/* A tape of one type with what matters on it. Zero-initialised, all but the lists is at its default. */
typedef struct planned_tape {
    gt_tape *tape;
    const gt_var *inputs, *outputs;
    uint32_t input_count, output_count;
    void *const *data;       /* by input; NULL: random numbers of each, and 0 where they are whole */
    double low, high;        /* between which; both 0: 0.5 and 1.5 */
    double tolerance;        /* times 1 + |value|; 0: 1e-5 in single precision, 1e-12 in double */
    bool by_largest;         /* times 1 + the largest |value| of the output instead */
    bool exact;              /* the same bits: an exact plan */
    const char *const *skip; /* passes that are left out */
    const char *what;        /* for messages; NULL: nothing */
} planned_tape;

/*
 * Runs the plan, or that of the tape if it is NULL, twice on one thread and twice on two: nothing of a
 * run may be left for the next. Ends the test where an entry of an output differs.
 */
void planned_compare(const planned_tape *tape, const gt_plan *plan);

#endif
