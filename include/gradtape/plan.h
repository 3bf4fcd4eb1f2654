/*
 * gradtape/plan.h: from a tape to a fast program.
 *
 * A plan is made once from the values that are wanted, gradients among them. It
 * takes out of the loops what need not be in them, turns sums over time steps
 * into single products, joins element-by-element ops into runs over tiles that
 * stay in the cache, and knows beforehand where every value will be. It is
 * immutable and may be shared between threads; a workspace holds the numbers of
 * one execution, and running it takes no memory. A run may use several threads.
 *
 *     gt_plan *plan = gt_plan_new(outputs, 2, NULL, &error);
 *     gt_workspace *work = gt_workspace_new(plan);
 *     gt_workspace_bind(work, x, x_data);              // borrowed, column-major
 *     gt_workspace_run(work);
 *     const float *loss = gt_workspace_value(work, 0); // outputs[0]
 *
 * The tape may change or be freed once the plan is made. Sums are reassociated:
 * values agree with the interpreter's to rounding, not bit for bit, unless the plan
 * is asked to be exact.
 */
#ifndef GRADTAPE_PLAN_H
#define GRADTAPE_PLAN_H

#include "gradtape/interpreter.h"
#include "gradtape/tape.h"
#include "gradtape/threads.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_plan gt_plan;
typedef struct gt_workspace gt_workspace;

typedef struct gt_plan_options {
    const char *const *skip; /* names of passes to leave out, ending with NULL; NULL: none */
    /*
     * The interpreter's bits: no pass that changes the order of a sum or the shape of a product,
     * and the interpreter's own kernels and products. What keeps bits remains: dead code, common
     * subexpressions, runs of element-by-element ops, memory. A sequence rolled or unrolled then
     * gives the same bits planned and interpreted.
     */
    bool exact;
    /*
     * A plan in two halves: so many inputs that are known late, such as the cotangents of outputs, which somebody else
     * computes from those; see "two halves" below. Borrowed for the call. 0: one program.
     */
    const gt_var *late;
    uint32_t late_count;
    bool bind_outputs; /* outputs are written where gt_workspace_bind_output says, without a copy where that can be */
    bool repeatable;   /* of a plan in two halves: the backward half may run again, at the price of some memory */
    bool prepared;     /* the same, again and again: the forward half does all that waits for no late input */
    size_t memory;     /* most bytes of a workspace on one thread, see "a memory budget"; 0: as many as are fastest */
} gt_plan_options;

/*
 * The names of the passes in their order; NULL past the end. A name may stand more than once.
 *
 *   roll            what a loop of yours recorded again and again becomes a scan
 *   simplify        identities, views of views, common subexpressions, what does not change in a loop
 *   segment         under a memory budget: loops are cut into segments whose first states alone are kept
 *   join-pads       sums of padded gradients of slices become one concat
 *   split-products  W @ concat(a, x) becomes a sum of two products
 *   narrow-ops      a matrix divided by a row is multiplied by the reciprocals; r sum(x) for a sum of r x
 *   recompute       what the gradient reads is computed again where that is cheaper than a stack
 *   accumulate      sums over the steps of a loop, such as weight gradients, become one product or sum
 *   reorder-sums    W @ x + U @ a + b becomes U @ a + (W @ x + b), where only a is a state
 *   fission         products that no state waits for are done for all steps at once
 *   multiply-tables  W @ gather(E, i) becomes gather(W @ E, i), where E has fewer columns, and so do its gradients
 *   stack-products  products that share an operand or a result are done as one
 *   start-sums      products start at what is added to them
 *   sum-with-products  sums of the columns of what a product multiplies are taken by it in passing
 *   shift-states    old and new values of a state share one stack
 *   join-concats    the parts of a concat are written where they belong, or read where they are
 *   reuse-memory    values are written over what nobody needs any more; a sum over steps is added to where it is
 *   fuse-columns    sums of columns, and rows cut or joined, are done within runs
 *   compile-runs    runs are compiled to loops of the processor's own (x86-64 with AVX2 or AVX-512)
 *   compile-products  small products are compiled to functions of the processor's own
 *   compile-steps     the same of all steps of a loop, if each is nothing but what is compiled
 *   accompany-loops  products beside a loop of one thread are done by the others meanwhile, part by part
 *   fetch-ahead     products fetch from memory what comes after them
 */
GT_API const char *gt_plan_pass(uint32_t i);

/* NULL on an error: an invalid output, an error on the tape, no memory. options may be NULL. */
GT_API gt_plan *gt_plan_new(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                            gt_error *error);
/* After all of its workspaces. NULL is allowed. */
GT_API void gt_plan_free(gt_plan *plan);
/* Bytes that a workspace takes for values; what the user binds is not among them. */
GT_API size_t gt_plan_bytes(const gt_plan *plan);

/*
 * ---- a memory budget ------------------------------------------------------------------------
 *
 * A gradient reads what the forward pass computed, at every step: memory for T steps of it. With
 * gt_plan_options.memory a plan whose workspace would be larger cuts its loops into segments. The states where
 * segments begin are kept; going backward, the steps of a segment are computed once more from there. One cut costs the
 * time of one forward pass and needs memory for about the square root of T steps; segments are cut again where the
 * budget needs it. The passes are the same otherwise, so that an exact plan has the interpreter's bits under any
 * budget; of others sums over time go from segment to segment and differ by rounding. Threads divide what is done
 * for a segment as they divide what is done for all steps.
 *
 * Counted is what the plan takes for itself on one thread; each more takes what a step of a loop needs. The arrays that
 * are bound are yours. Outputs count where they are in the workspace: an output of T steps, such as the gradient of an
 * input, is left out with gt_plan_options.bind_outputs. A budget that no cut keeps is GT_ERROR_MEMORY, with the least
 * that was found.
 */

/* ---- running ------------------------------------------------------------------------------- */

/* NULL on no memory. The plan must outlive it. It runs on the thread that calls gt_workspace_run. */
GT_API gt_workspace *gt_workspace_new(const gt_plan *plan);
/*
 * The same on the threads of a pool, which must outlive it too and may be shared by
 * several workspaces: their runs wait for each other. A loop whose examples, the
 * columns of its states, do not depend on each other is divided by examples: every
 * thread goes through all of its steps with its own. A loop without states is
 * divided by steps, what is outside of loops by columns or rows. So hardly a sum is divided: values have
 * the bits of those of one thread, but for sums over examples, such as the gradient of a gain, whose order depends on
 * the number of threads. It never depends on when which thread runs.
 *
 * What does not gain by it runs on one thread: a program of less than about 60
 * microseconds, one operation of less than about 10, a loop that mixes its examples
 * (normalisation over the batch), a batch of one example, and an exact plan. Whether a program of less than some
 * milliseconds gains is tried: its first runs are on all threads and on one, and what was faster is kept for some
 * hundred runs. How long threads take to hand each other what they wrote depends on the machine and on where memory
 * lies. NULL threads: one thread.
 */
GT_API gt_workspace *gt_workspace_new_on(const gt_plan *plan, gt_threads *threads);
/* How many threads its runs use: those of its pool, or 1. */
GT_API uint32_t gt_workspace_threads(const gt_workspace *workspace);
GT_API void gt_workspace_free(gt_workspace *workspace);

/*
 * Gives an input of the tape that was planned its value: entries of its type,
 * column-major, borrowed until the last run. An input that the outputs do not
 * depend on is accepted and ignored.
 */
GT_API gt_status gt_workspace_bind(gt_workspace *workspace, gt_var input, const void *data);
/*
 * Of a plan with gt_plan_options.bind_outputs: the memory for output `i`, of its type and size, column-major, borrowed
 * until the last run, or until NULL takes its place; it overlaps no input and no other output. gt_workspace_value gives
 * it then. An output that is not bound is in the workspace, but for those that the plan has no memory for itself:
 * they must be bound when their half is run.
 */
GT_API gt_status gt_workspace_bind_output(gt_workspace *workspace, uint32_t i, void *data);
/* Runs the program. Errors: an input that is not bound, an index out of range. */
GT_API gt_status gt_workspace_run(gt_workspace *workspace);

/* ---- two halves ---------------------------------------------------------------------------- */

/*
 * Where the gradient of a loss is wanted that is computed elsewhere, its cotangents come when the outputs
 * have been read. A plan with gt_plan_options.late runs in two halves over one workspace:
 *
 *     gt_plan_options options = {.late = &dy, .late_count = 1};
 *     gt_plan *plan = gt_plan_new((gt_var[]){y, dx}, 2, &options, &error); // dx by gt_grad from y and dy
 *     gt_workspace *work = gt_workspace_new(plan);
 *     gt_workspace_bind(work, x, x_data);
 *     gt_workspace_run_forward(work);  // gt_workspace_value(work, 0) is there, and what the other half reads is kept
 *     gt_workspace_bind(work, dy, dy_data);
 *     gt_workspace_run_backward(work); // gt_workspace_value(work, 1), too
 *
 * The forward half computes the outputs that depend on no late input. The backward half does all else; it
 * reads the inputs again, where they are bound by then, with the same numbers (of a prepared plan, what is late may
 * have others each time: it is for functions of which some operands, such as parameters, stay as they are). What it
 * reads of the forward half is kept where that wrote it, and is as little as in a plan of one program: what is cheap is
 * computed again. In between other workspaces of the plan may run: one for each forward half that waits for its
 * backward one. A forward program alone, which keeps nothing, is a plan of its own, without the gradients among its
 * outputs.
 *
 * gt_workspace_run runs both halves. Errors of both functions: as gt_workspace_run, of the inputs that the
 * half reads, and GT_ERROR_ARGUMENT where the plan has no halves.
 */
GT_API gt_status gt_workspace_run_forward(gt_workspace *workspace);
/*
 * After a forward half that ended well: else GT_ERROR_ARGUMENT. It writes over what the forward half has kept, so that
 * another one must come before the next, unless the plan was asked to be repeatable. The
 * values of the forward half's outputs stay.
 */
GT_API gt_status gt_workspace_run_backward(gt_workspace *workspace);
/*
 * As gt_interpreter_on_interrupt: called between instructions, between the steps of
 * loops and between the blocks of large products, on the thread that runs the workspace; a result of true ends the run
 * with GT_ERROR_INTERRUPTED. NULL: nobody is asked.
 */
GT_API void gt_workspace_on_interrupt(gt_workspace *workspace, gt_interrupt *interrupt, void *context);
/*
 * An output may be complete long before the run ends, such as the gradients of the last layers of a network before
 * those of the first are begun. Called for each output of a run, or of a half, once and as soon as that may be,
 * between instructions and on the thread that runs the workspace: gt_workspace_value gives the output then, and what
 * it points at stays as it is. Until the callback returns nothing goes on, and it runs and changes no workspace on
 * the same threads. A run that fails may have told of some outputs. NULL: nobody is told. GT_ERROR_MEMORY:
 * it is as it was.
 */
typedef void gt_output_complete(void *context, uint32_t output);
GT_API gt_status gt_workspace_on_output(gt_workspace *workspace, gt_output_complete *complete, void *context);
/* The part of a run's work that is done when output `i` is complete, as the planner estimates it: 0 to 1. */
GT_API double gt_workspace_work_until(const gt_workspace *workspace, uint32_t i);
/*
 * The value of output `i` from the last run; it lives until the next, and until the next forward half. NULL if there is
 * no such output, or none yet.
 */
GT_API const void *gt_workspace_value(const gt_workspace *workspace, uint32_t i);
/* The same with its type and shape; data is not to be written to, and NULL where the value is. */
GT_API gt_array gt_workspace_array(const gt_workspace *workspace, uint32_t i);
/* From the last call that failed; "" after one that did not. */
GT_API const char *gt_workspace_message(const gt_workspace *workspace);

#ifdef __cplusplus
}
#endif
#endif
