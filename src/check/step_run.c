/* The values and gradients of a step at every time. */
#include "check/step.h"

#include <string.h>

static gt_status failed(const gt_step *s, gt_status status, gt_error *error)
{
    return gt_error_set(error, status, "%s: %s", s->data->cell->name, gt_interpreter_message(s->run));
}

static void keep(const gt_step *s, gt_var v, double *values, size_t count)
{
    memcpy(values, gt_interpreter_value(s->run, v), count * sizeof *values);
}

gt_status gt_step_bind(gt_step *s, int64_t t, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < s->formula_first && status == GT_OK; i++)
        if (s->names[i].kind != GT_NAME_EQUATION)
            status = gt_interpreter_bind(s->run, s->names[i].v, s->names[i].values[t]);
    return status == GT_OK ? GT_OK : failed(s, status, error);
}

/* ---- forward ------------------------------------------------------------------------------- */

/* What a state begins with that is computed of parameters, for each of the examples. */
static gt_status fill_beginning(const gt_step *s, gt_step_name *n, gt_error *error)
{
    const gt_cell *cell = s->data->cell;
    gt_array parameters[GT_MAX_CELL_ARRAYS];
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        const gt_problem_array *parameter = gt_problem_array_at(s->data, GT_PROBLEM_PARAMETER, i);
        parameters[i] = parameter == NULL
                            ? (gt_array){0}
                            : (gt_array){.dtype = GT_F64, .shape = parameter->shape, .data = parameter->data};
    }
    size_t rows = (size_t)n->shape.size[0];
    gt_array column = {.dtype = GT_F64, .shape = GT_SHAPE(n->shape.size[0], 1), .data = n->values[0]};
    gt_status status =
        gt_cell_compute_beginning(cell, n->place, parameters, s->data->sizes, s->data->size_count, column, error);
    for (size_t k = rows; k < gt_step_count(n) && status == GT_OK; k++)
        n->values[0][k] = n->values[0][k - rows];
    return status;
}

/* What does not depend on the steps before: inputs, parameters, the initial states. */
static gt_status fill_leaves(gt_step *s, gt_error *error)
{
    for (uint32_t i = 0; i < s->equation_first; i++) {
        gt_step_name *n = &s->names[i];
        if (n->kind == GT_NAME_STATE && s->data->cell->states[n->place].begins_with != NULL) {
            gt_status status = fill_beginning(s, n, error);
            if (status != GT_OK)
                return status;
            continue;
        }
        gt_problem_kind kind = n->kind == GT_NAME_INPUT   ? GT_PROBLEM_INPUT
                               : n->kind == GT_NAME_STATE ? GT_PROBLEM_INITIAL
                                                          : GT_PROBLEM_PARAMETER;
        const double *data = gt_problem_array_at(s->data, kind, n->place)->data;
        size_t count = gt_step_count(n);
        for (int64_t t = 0; t < s->steps; t++) {
            if (n->kind == GT_NAME_STATE && t > 0)
                break;
            size_t first = n->kind == GT_NAME_INPUT ? (size_t)t * count : 0;
            memcpy(n->values[t], data + first, count * sizeof *data);
        }
    }
    return GT_OK;
}

static gt_status forward(gt_step *s, int64_t t, gt_error *error)
{
    const gt_cell *cell = s->data->cell;
    gt_status status = gt_step_bind(s, t, error);
    if (status != GT_OK)
        return status;
    status = gt_interpreter_evaluate(s->run, s->wanted, s->wanted_count);
    if (status != GT_OK)
        return failed(s, status, error);
    for (uint32_t i = s->equation_first; i < s->given_first; i++)
        if (gt_var_valid(s->names[i].v))
            keep(s, s->names[i].v, s->names[i].values[t], gt_step_count(&s->names[i]));
    if (t + 1 == s->steps)
        return GT_OK;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        gt_step_name *n = &s->names[s->state_first + i];
        keep(s, s->next_states[i], n->values[t + 1], gt_step_count(n));
    }
    return GT_OK;
}

/* ---- backward ------------------------------------------------------------------------------ */

static double upstream_at(const gt_step *s, const gt_step_pass *pass, const gt_step_name *n, const double *upstream,
                          int64_t t, size_t k)
{
    if (pass->seeded)
        return n->kind == GT_NAME_GIVEN_STATE && n->place == pass->state && k == pass->entry && t + 1 == s->steps;
    return pass->only == 0 || pass->only == t + 1 ? upstream[k] : 0;
}

/* What reaches step t from outside: the upstream gradient, and what step t + 1 hands down. */
static void fill_given(gt_step *s, const gt_step_pass *pass, int64_t t)
{
    for (uint32_t i = s->given_first; i < s->formula_first; i++) {
        gt_step_name *n = &s->names[i];
        bool state = n->kind == GT_NAME_GIVEN_STATE;
        size_t count = gt_step_count(n);
        gt_problem_kind kind = state ? GT_PROBLEM_STATE_UPSTREAM : GT_PROBLEM_OUTPUT_UPSTREAM;
        const double *upstream = gt_problem_array_at(s->data, kind, n->place)->data;
        upstream += (size_t)t * count;
        const double *later = state && t + 1 < s->steps ? s->names[s->state_first + n->place].gradients[t + 1] : NULL;
        bool zero = !state && !s->uses_output[n->place];
        if (state && pass->cut != NULL && pass->cut[n->place])
            later = NULL;
        for (size_t k = 0; k < count; k++)
            n->values[t][k] = zero ? 0 : upstream_at(s, pass, n, upstream, t, k) + (later != NULL ? later[k] : 0);
    }
}

static gt_status backward(gt_step *s, const gt_step_pass *pass, int64_t t, gt_error *error)
{
    fill_given(s, pass, t);
    gt_status status = gt_step_bind(s, t, error);
    if (status != GT_OK)
        return status;
    status = gt_interpreter_evaluate(s->run, s->wanted_gradients, s->wanted_gradient_count);
    if (status != GT_OK)
        return failed(s, status, error);
    for (uint32_t i = 0; i < s->given_first; i++)
        if (gt_var_valid(s->names[i].gradient))
            keep(s, s->names[i].gradient, s->names[i].gradients[t], gt_step_count(&s->names[i]));
    for (uint32_t i = s->equation_first; i < s->given_first; i++)
        if (gt_var_valid(s->names[i].before))
            keep(s, s->names[i].before, s->names[i].before_gradients[t], gt_step_count(&s->names[i]));
    return GT_OK;
}

gt_status gt_step_run_forward(gt_step *s, gt_error *error)
{
    gt_status status = fill_leaves(s, error);
    for (int64_t t = 0; t < s->steps && status == GT_OK; t++)
        status = forward(s, t, error);
    return status;
}

gt_status gt_step_run_backward(gt_step *s, const gt_step_pass *pass, gt_error *error)
{
    gt_status status = GT_OK;
    for (int64_t t = s->steps - 1; t >= 0 && status == GT_OK; t--)
        status = backward(s, pass, t, error);
    return status;
}

gt_status gt_step_run(gt_step *s, gt_error *error)
{
    gt_status status = gt_step_run_forward(s, error);
    return status == GT_OK ? gt_step_run_backward(s, &(gt_step_pass){0}, error) : status;
}
