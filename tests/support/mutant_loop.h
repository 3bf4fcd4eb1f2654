/* A backward block run in a loop of its own, with a slip in it: what the files of array_mutants.h share. */
#ifndef TESTS_SUPPORT_MUTANT_LOOP_H
#define TESTS_SUPPORT_MUTANT_LOOP_H

#include "support/array_mutants.h"

enum { MOST = 64 };

typedef struct array {
    char name[40]; /* "x", "a0", "Wf", "da" */
    gt_shape shape;
    gt_shape step_shape;     /* of what one step reads; the same but for time */
    gt_shape gradient_shape; /* as the block has it; for inputs with time */
    double *data, *gradient;
} array;

typedef struct names_of_step {
    char name[40];
    gt_var v;
} named;

typedef struct loop {
    const array_setting *setting;
    const array_mutant *mutant;
    const gt_cell *cell;
    gt_tape *tape;
    gt_interpreter *run;
    array inputs[MOST], states[MOST], parameters[MOST], state_upstream[MOST], output_upstream[MOST];
    gt_var input_vars[MOST], state_vars[MOST], parameter_vars[MOST], state_given[MOST], output_given[MOST];
    gt_var next_states[MOST], outputs[MOST];
    named names[4 * MOST];
    uint32_t name_count;
    gt_var gradients[3 * MOST]; /* of parameters, inputs, states; GT_NONE where there is no formula */
    double *values[MOST];       /* of states: T + 1 of them */
    double *flow[MOST], *total[MOST];
} loop;

static inline size_t count_of(gt_shape shape)
{
    return (size_t)gt_shape_count(shape);
}

static inline bool loop_is(const loop *l, loop_slip slip)
{
    return l->mutant->slip == slip;
}

/* So many zeros. */
void *loop_room(size_t count);

/* The arrays, random; then the tape of one step. False: the block cannot be evaluated. */
void loop_make_arrays(loop *l);
bool loop_record(loop *l);

/* All steps forward; then backward with the slips that are in the loop, or for one example alone. */
void loop_run_forward(loop *l);
bool loop_run_backward(loop *l);
bool loop_run_one_example(loop *l);

/* The slips that are in what is done with the gradients afterwards. */
void loop_finish(loop *l);

#endif
