/*
 * gradtape/interpreter.h: evaluates a tape node by node.
 *
 * The interpreter is the reference for everything faster: it computes exactly
 * what the tape says in the order in which it says it, and keeps every value.
 * It needs no other library, and gives the same bits on every machine whose libm does.
 *
 *     gt_interpreter *run = gt_interpreter_new(t);
 *     gt_interpreter_bind(run, x, x_data);       // borrowed, column-major
 *     gt_interpreter_evaluate(run, &loss, 1);
 *     const double *value = gt_interpreter_value(run, loss);
 *     gt_interpreter_free(run);
 */
#ifndef GRADTAPE_INTERPRETER_H
#define GRADTAPE_INTERPRETER_H

#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_interpreter gt_interpreter;

/* NULL on no memory or a NULL tape. The tape must outlive it and may still grow. */
GT_API gt_interpreter *gt_interpreter_new(gt_tape *tape);
GT_API void gt_interpreter_free(gt_interpreter *run);

/*
 * Gives an input its value: gt_shape_count(gt_var_shape(input)) entries of the
 * input's type, column-major. The data is borrowed: it is read at each
 * evaluation and must live until then.
 */
GT_API gt_status gt_interpreter_bind(gt_interpreter *run, gt_var input, const void *data);

/*
 * Evaluates outputs and whatever they depend on; nothing else. Each call
 * evaluates anew, from the data bound at that time, reusing the memory of the call before.
 * Errors: an input that is needed and not bound, an index out of range, no
 * memory, or, if asked for, a value that is not finite.
 */
GT_API gt_status gt_interpreter_evaluate(gt_interpreter *run, const gt_var *outputs, uint32_t count);

/* The value of v from the last evaluation, or NULL if that did not need v. It lives until the next. */
GT_API const void *gt_interpreter_value(const gt_interpreter *run, gt_var v);
/* The same with its type and shape; data is not to be written to, and NULL where the value is. */
GT_API gt_array gt_interpreter_array(const gt_interpreter *run, gt_var v);

/* From the last call that failed; "" after one that did not. */
GT_API const char *gt_interpreter_message(const gt_interpreter *run);

/*
 * With check on, an evaluation ends with GT_ERROR_NOT_FINITE at the first node
 * whose value has a NaN or an infinity, naming the op, its name, the time step
 * and whether its operands were finite. Off by default.
 */
GT_API void gt_interpreter_check_finite(gt_interpreter *run, bool check);

/* The node at which the last evaluation failed, or GT_NONE: also a node of a scan's body. */
GT_API gt_var gt_interpreter_failed_node(const gt_interpreter *run);
/* The time step of that failure, counted from 0; -1 outside of a sequence. */
GT_API int64_t gt_interpreter_failed_step(const gt_interpreter *run);

/*
 * Called between time steps of scans and between nodes; a result of true ends
 * the evaluation with GT_ERROR_INTERRUPTED. For Ctrl-C and progress.
 */
typedef bool gt_interrupt(void *context);
GT_API void gt_interpreter_on_interrupt(gt_interpreter *run, gt_interrupt *interrupt, void *context);

#ifdef __cplusplus
}
#endif
#endif
