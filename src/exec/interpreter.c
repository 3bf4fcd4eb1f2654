/* The public side of the interpreter: binding, evaluating, asking for values. */
#include "exec/interpreter.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "graph/describe.h"

gt_interpreter *gt_interpreter_new(gt_tape *tape)
{
    if (tape == NULL)
        return NULL;
    gt_interpreter *run = gt_memory_new(1, sizeof *run);
    if (run == NULL)
        return NULL;
    run->step = run->failed_step = -1;
    run->frame = gt_frame_new(tape);
    if (run->frame == NULL) {
        gt_memory_free(run);
        return NULL;
    }
    return run;
}

void gt_interpreter_free(gt_interpreter *run)
{
    if (run == NULL)
        return;
    gt_frame_free(run->frame);
    gt_memory_free(run->arrays);
    gt_memory_free(run->part_attributes);
    gt_memory_free(run);
}

static void forget_failure(gt_interpreter *run)
{
    run->error = (gt_error){0};
    run->failed = GT_NONE;
    run->failed_step = -1;
    run->step = -1;
}

/* Is v a value of the interpreter's tape? If not, says so. */
static gt_status check_var(gt_interpreter *run, const char *what, gt_var v)
{
    char description[GT_DESCRIPTION_SIZE];
    if (!gt_var_valid(v))
        return gt_error_set(&run->error, GT_ERROR_TAPE, "%s is an invalid var", what);
    if (v.tape != run->frame->tape)
        return gt_error_set(&run->error, GT_ERROR_TAPE, "%s, %s, belongs to another tape", what,
                            gt_var_describe(v, description));
    if (gt_class_is_tuple(gt_var_op(v)->op_class))
        return gt_error_set(&run->error, GT_ERROR_ARGUMENT, "%s is a whole %s, not one of its parts", what,
                            gt_var_op(v)->name);
    return GT_OK;
}

static gt_status check_tape(gt_interpreter *run)
{
    const gt_tape *tape = run->frame->tape;
    if (tape->error.status == GT_OK)
        return GT_OK;
    return gt_error_set(&run->error, tape->error.status, "the tape has an error: %.*s",
                        gt_utf8_fit(tape->error.message, 400), tape->error.message);
}

gt_status gt_interpreter_bind(gt_interpreter *run, gt_var input, const void *data)
{
    if (run == NULL)
        return GT_ERROR_ARGUMENT;
    forget_failure(run);
    gt_status status = check_tape(run);
    if (status == GT_OK)
        status = check_var(run, "the var to bind", input);
    if (status != GT_OK)
        return status;
    char description[GT_DESCRIPTION_SIZE];
    gt_var_describe(input, description);
    if (gt_var_role(input) == GT_ROLE_NONE)
        return gt_error_set(&run->error, GT_ERROR_ARGUMENT, "%s is computed by the tape; only inputs are bound",
                            description);
    if (data == NULL)
        return gt_error_set(&run->error, GT_ERROR_ARGUMENT, "the data for input %s is NULL", description);
    gt_frame *frame = run->frame;
    if ((input.index > frame->count || frame->bound == NULL) && !gt_frame_begin(frame))
        return gt_error_set(&run->error, GT_ERROR_MEMORY, "no memory to bind input %s", description);
    frame->bound[input.index] = data;
    return GT_OK;
}

gt_status gt_interpreter_evaluate(gt_interpreter *run, const gt_var *outputs, uint32_t count)
{
    if (run == NULL || (outputs == NULL && count > 0))
        return GT_ERROR_ARGUMENT;
    forget_failure(run);
    gt_status status = check_tape(run);
    for (uint32_t i = 0; i < count && status == GT_OK; i++)
        status = check_var(run, "an output to evaluate", outputs[i]);
    if (status != GT_OK)
        return status;
    if (!gt_frame_begin(run->frame))
        return gt_error_set(&run->error, GT_ERROR_MEMORY, "no memory to evaluate a tape of %zu nodes",
                            run->frame->tape->node_count);
    for (uint32_t i = 0; i < count; i++)
        run->frame->wanted[outputs[i].index] = 1;
    gt_frame_mark(run->frame);
    return gt_exec_frame(run, run->frame);
}

const void *gt_interpreter_value(const gt_interpreter *run, gt_var v)
{
    if (run == NULL || v.tape != run->frame->tape || v.index < 1 || v.index > run->frame->count ||
        run->frame->data == NULL)
        return NULL;
    return run->frame->data[v.index];
}

gt_array gt_interpreter_array(const gt_interpreter *run, gt_var v)
{
    const void *value = gt_interpreter_value(run, v);
    if (value == NULL)
        return (gt_array){0};
    return (gt_array){(void *)(uintptr_t)value, gt_var_dtype(v), gt_var_shape(v)}; /* the cast takes off a const */
}

const char *gt_interpreter_message(const gt_interpreter *run)
{
    return run == NULL ? "no memory for an interpreter" : run->error.message;
}

void gt_interpreter_check_finite(gt_interpreter *run, bool check)
{
    if (run != NULL)
        run->check_finite = check;
}

gt_var gt_interpreter_failed_node(const gt_interpreter *run)
{
    return run == NULL ? GT_NONE : run->failed;
}

int64_t gt_interpreter_failed_step(const gt_interpreter *run)
{
    return run == NULL ? -1 : run->failed_step;
}

void gt_interpreter_on_interrupt(gt_interpreter *run, gt_interrupt *interrupt, void *context)
{
    if (run == NULL)
        return;
    run->interrupt = interrupt;
    run->interrupt_context = context;
}
