/* Derivatives for the user: the reverse replay over one tape, and forward derivatives from two of them. */
#include "gradtape/grad.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "grad/replay.h"
#include "gradtape/ops.h"
#include "graph/describe.h"

static bool usable(gt_tape *tape, const char *what, uint32_t i, gt_var v)
{
    char description[GT_DESCRIPTION_SIZE];
    gt_var_describe(v, description);
    if (!gt_var_valid(v))
        gt_tape_fail(tape, GT_ERROR_TAPE, "%s %u is an invalid var", what, (unsigned)i + 1);
    else if (v.tape != tape)
        gt_tape_fail(tape, GT_ERROR_TAPE, "%s %u, %s, belongs to another tape", what, (unsigned)i + 1, description);
    else if (gt_var_dtype(v) != tape->dtype)
        gt_tape_fail(tape, GT_ERROR_TYPE, "%s %u, %s, is %s: only %s values have gradients here", what, (unsigned)i + 1,
                     description, gt_dtype_name(gt_var_dtype(v)), gt_dtype_name(tape->dtype));
    else if (gt_class_is_tuple(gt_var_op(v)->op_class))
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s %u is a whole %s, not one of its parts", what, (unsigned)i + 1,
                     gt_var_op(v)->name);
    else
        return true;
    return false;
}

/* The values of `direction` must be like those of `base`: a cotangent, or a tangent. */
static bool matches(gt_tape *tape, const char *what, uint32_t i, gt_var direction, gt_var base)
{
    if (!usable(tape, what, i, direction))
        return false;
    char a[GT_DESCRIPTION_SIZE], b[GT_DESCRIPTION_SIZE];
    if (gt_shape_equal(gt_var_shape(direction), gt_var_shape(base)))
        return true;
    gt_tape_fail(tape, GT_ERROR_SHAPE, "%s %u, %s, must have the shape of %s", what, (unsigned)i + 1,
                 gt_var_describe(direction, a), gt_var_describe(base, b));
    return false;
}

static gt_tape *tape_of(const gt_var *vars, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (vars[i].tape != NULL)
            return vars[i].tape;
    return NULL;
}

static void seed(gt_replay *replay, const gt_var *outputs, const gt_var *cotangents, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool given = cotangents != NULL && cotangents[i].tape != NULL;
        gt_var cotangent = given ? cotangents[i] : gt_fill(replay->target, gt_var_shape(outputs[i]), 1.0);
        gt_replay_add(replay, outputs[i].index, cotangent);
    }
}

/* Gives the gradient of a named var the name dVAR, for pictures and messages. */
static void name_gradient(gt_var gradient, gt_var v)
{
    char name[128];
    if (gt_var_name(v)[0] == '\0' || gt_var_name(gradient)[0] != '\0')
        return;
    gt_utf8_format(name, sizeof name, "d%s", gt_var_name(v));
    gt_name(gradient, name);
}

static void collect(gt_replay *replay, const gt_var *wrt, uint32_t count, gt_var *gradients)
{
    for (uint32_t j = 0; j < count; j++) {
        gradients[j] = gt_replay_adjoint(replay, wrt[j].index);
        if (gradients[j].tape == NULL)
            gradients[j] = gt_fill(replay->target, gt_var_shape(wrt[j]), 0.0);
        name_gradient(gradients[j], wrt[j]);
    }
}

static void replay_tape(gt_tape *tape, const gt_var *outputs, const gt_var *cotangents, uint32_t output_count,
                        const gt_var *wrt, uint32_t wrt_count, gt_var *gradients)
{
    /* Nothing recorded after the last of these vars can matter. */
    uint32_t limit = 0;
    for (uint32_t i = 0; i < output_count; i++)
        limit = outputs[i].index > limit ? outputs[i].index : limit;
    for (uint32_t j = 0; j < wrt_count; j++)
        limit = wrt[j].index > limit ? wrt[j].index : limit;

    gt_replay replay;
    if (!gt_replay_open(&replay, tape, tape, limit))
        return;
    for (uint32_t j = 0; j < wrt_count; j++)
        replay.needed[wrt[j].index] = 1;
    gt_replay_mark_needed(tape, limit, replay.needed);
    seed(&replay, outputs, cotangents, output_count);
    gt_replay_run(&replay);
    collect(&replay, wrt, wrt_count, gradients);
    gt_replay_close(&replay);
}

static void invalidate(gt_tape *tape, gt_var *vars, uint32_t count)
{
    for (uint32_t i = 0; i < count && vars != NULL; i++)
        vars[i] = gt_tape_none(tape);
}

gt_status gt_grad(const gt_var *outputs, const gt_var *cotangents, uint32_t output_count, const gt_var *wrt,
                  uint32_t wrt_count, gt_var *gradients)
{
    gt_tape *tape = outputs == NULL ? NULL : tape_of(outputs, output_count);
    if (gradients != NULL)
        invalidate(tape, gradients, wrt_count);
    if (tape == NULL || wrt == NULL || gradients == NULL)
        return GT_ERROR_ARGUMENT;
    if (tape->error.status != GT_OK)
        return tape->error.status;
    if (tape->closed)
        gt_tape_fail(tape, GT_ERROR_TAPE, "gt_grad: on the body of a scan that has ended");
    for (uint32_t i = 0; i < output_count; i++)
        if (usable(tape, "gt_grad: output", i, outputs[i]) && cotangents != NULL && cotangents[i].tape != NULL)
            matches(tape, "gt_grad: cotangent", i, cotangents[i], outputs[i]);
    for (uint32_t j = 0; j < wrt_count; j++)
        usable(tape, "gt_grad: var", j, wrt[j]);
    if (tape->error.status == GT_OK)
        replay_tape(tape, outputs, cotangents, output_count, wrt, wrt_count, gradients);
    if (tape->error.status != GT_OK)
        invalidate(tape, gradients, wrt_count);
    return tape->error.status;
}

/* ---- forward derivatives ------------------------------------------------------------------- */

static void record_jvp(gt_tape *tape, const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                       const gt_var *tangents, uint32_t input_count, gt_var *output_tangents, gt_var *cotangents,
                       gt_var *products)
{
    /* The value of these cotangents does not matter: the products are linear in them. */
    for (uint32_t i = 0; i < output_count; i++)
        cotangents[i] = gt_fill(tape, gt_var_shape(outputs[i]), 0.0);
    if (gt_grad(outputs, cotangents, output_count, inputs, input_count, products) == GT_OK)
        gt_grad(products, tangents, input_count, cotangents, output_count, output_tangents);
}

gt_status gt_jvp(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const gt_var *tangents,
                 uint32_t input_count, gt_var *output_tangents)
{
    gt_tape *tape = outputs == NULL ? NULL : tape_of(outputs, output_count);
    if (output_tangents != NULL)
        invalidate(tape, output_tangents, output_count);
    if (tape == NULL || inputs == NULL || tangents == NULL || output_tangents == NULL || input_count == 0)
        return GT_ERROR_ARGUMENT;
    if (tape->error.status != GT_OK)
        return tape->error.status;
    for (uint32_t i = 0; i < output_count; i++)
        usable(tape, "gt_jvp: output", i, outputs[i]);
    for (uint32_t j = 0; j < input_count; j++)
        if (usable(tape, "gt_jvp: input", j, inputs[j]))
            matches(tape, "gt_jvp: tangent", j, tangents[j], inputs[j]);
    if (tape->error.status != GT_OK)
        return tape->error.status;

    gt_var *cotangents = gt_memory_new(output_count, sizeof *cotangents);
    gt_var *products = gt_memory_new(input_count, sizeof *products);
    if (cotangents == NULL || products == NULL)
        gt_tape_fail_memory(tape);
    else
        record_jvp(tape, outputs, output_count, inputs, tangents, input_count, output_tangents, cotangents, products);
    gt_memory_free(cotangents);
    gt_memory_free(products);
    if (tape->error.status != GT_OK)
        invalidate(tape, output_tangents, output_count);
    return tape->error.status;
}
