/*
 * Compiles the steps of a loop over time whose body is nothing but compiled functions
 * (compile.h, product.h) to one function that goes through them: it moves the addresses of all
 * arrays on, a vector of them at a time, and calls what is done at a step.
 */
#ifndef GT_NATIVE_STEPS_H
#define GT_NATIVE_STEPS_H

#include "native/compile.h"

/* Functions of a step, at most; of more the way to each is what matters least. */
#define GT_MOST_STEP_CALLS 128
/* Addresses are moved so many at a time: the places of each call are a multiple of it. */
#define GT_STEP_PLACES 8
/* Arrays of a function that is called, at most. */
#define GT_MOST_STEP_ARRAYS 64

/* A function that is called at each step: where it begins in the encoder, and where its arrays are in `here`. */
typedef struct gt_step_call {
    size_t begin;
    size_t place; /* the first of its places, a multiple of GT_STEP_PLACES */
    uint32_t array_count;
} gt_step_call;

/* What the function is given. All lists but `given` go by places. */
typedef struct gt_steps_frame {
    _Alignas(64) char *arrays[GT_MOST_STEP_ARRAYS]; /* of the function that is called, which may change them */
    uintptr_t *here;                                /* where the arrays are: at the next step, when it returns */
    const int64_t *advance[2];                      /* bytes to the next step, from the first step on by turns */
    const int64_t (*given)[2];                      /* with what each function is called behind its arrays */
} gt_steps_frame;

/* So many steps, 1 or more. */
typedef void gt_steps_function(gt_steps_frame *frame, int64_t steps);

/*
 * Appends the function to the encoder, which holds those that are called, and returns where it
 * begins; (size_t)-1 if there is no memory (then the encoder has failed).
 */
size_t gt_compile_steps(gt_encoder *e, const gt_step_call *calls, uint32_t count);

#endif
