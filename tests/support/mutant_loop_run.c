/* The steps of a loop, forward and backward. */
#include "support/mutant_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void bind_values(loop *l, int64_t t)
{
    const gt_cell *c = l->cell;
    for (uint32_t i = 0; i < c->input_count; i++)
        gt_interpreter_bind(l->run, l->input_vars[i],
                            l->inputs[i].data + (size_t)t * count_of(l->inputs[i].step_shape));
    for (uint32_t i = 0; i < c->state_count; i++)
        gt_interpreter_bind(l->run, l->state_vars[i], l->values[i] + (size_t)t * count_of(l->states[i].shape));
    for (uint32_t i = 0; i < c->parameter_count; i++)
        gt_interpreter_bind(l->run, l->parameter_vars[i], l->parameters[i].data);
}

void loop_run_forward(loop *l)
{
    for (int64_t t = 0; t < l->setting->steps; t++) {
        bind_values(l, t);
        if (gt_interpreter_evaluate(l->run, l->next_states, l->cell->state_count) != GT_OK)
            abort();
        for (uint32_t i = 0; i < l->cell->state_count; i++) {
            size_t count = count_of(l->states[i].shape);
            memcpy(l->values[i] + (size_t)(t + 1) * count, gt_interpreter_value(l->run, l->next_states[i]),
                   count * sizeof(double));
        }
    }
}

/* ---- backward ------------------------------------------------------------------------------ */

static int64_t cache_at(const loop *l, int64_t t)
{
    int64_t last = l->setting->steps - 1;
    if (loop_is(l, LOOP_NEXT_CACHE))
        return t < last ? t + 1 : last;
    if (loop_is(l, LOOP_PREVIOUS_CACHE))
        return t > 0 ? t - 1 : last;
    return loop_is(l, LOOP_LAST_CACHE) ? last : t;
}

/* -1: none */
static int64_t upstream_at(const loop *l, int64_t t)
{
    int64_t last = l->setting->steps - 1;
    if (loop_is(l, LOOP_NO_UPSTREAM) || (loop_is(l, LOOP_UPSTREAM_AT_LAST) && t < last))
        return -1;
    if (loop_is(l, LOOP_UPSTREAM_LATE))
        return t > 0 ? t - 1 : last;
    return loop_is(l, LOOP_UPSTREAM_REVERSED) ? last - t : t;
}

static double carried(const loop *l, uint32_t state, size_t k)
{
    size_t rows = (size_t)l->states[state].shape.size[0];
    double flow = l->flow[state][k];
    if (loop_is(l, LOOP_NOTHING_CARRIED) || (loop_is(l, LOOP_STATE_NOT_CARRIED) && l->mutant->which == state))
        return 0;
    if (loop_is(l, LOOP_CARRIED_TWICE) && state == 0)
        return 2 * flow;
    return loop_is(l, LOOP_FIRST_ROW) && state == 0 ? l->flow[state][k / rows * rows] : flow;
}

/* What reaches the step from after it; with_outside: and from outside. */
static void bind_given(loop *l, int64_t t, bool with_outside)
{
    static double zeros[1 << 12];
    int64_t at = upstream_at(l, t);
    for (uint32_t i = 0; i < l->cell->state_count; i++) {
        size_t count = count_of(l->states[i].shape);
        bool all = loop_is(l, LOOP_NO_UPSTREAM) || loop_is(l, LOOP_UPSTREAM_AT_LAST) ||
                   loop_is(l, LOOP_UPSTREAM_LATE) || loop_is(l, LOOP_UPSTREAM_REVERSED);
        int64_t own = all && i == 0 ? at : t; /* the mistake is in that of the first state */
        for (size_t k = 0; k < count; k++) {
            double outside = own >= 0 && with_outside ? l->state_upstream[i].data[(size_t)own * count + k] : 0;
            l->total[i][k] = outside + carried(l, i, k);
        }
        gt_interpreter_bind(l->run, l->state_given[i], l->total[i]);
    }
    for (uint32_t i = 0; i < l->cell->output_count; i++)
        gt_interpreter_bind(l->run, l->output_given[i],
                            with_outside && !l->setting->without_outputs
                                ? l->output_upstream[i].data + (size_t)t * count_of(l->output_upstream[i].step_shape)
                                : zeros);
}

static void take_flow(loop *l, uint32_t i, const double *value)
{
    for (size_t k = 0; k < count_of(l->states[i].shape); k++) {
        double next = value[k];
        if (loop_is(l, LOOP_CARRIED_SUM))
            next += l->flow[i][k];
        if (loop_is(l, LOOP_FLOW_CLIPPED))
            next = fmax(-1, fmin(1, next));
        l->flow[i][k] = next;
    }
}

static void take_step(loop *l, int64_t t)
{
    const gt_cell *c = l->cell;
    for (uint32_t i = 0; i < c->parameter_count; i++) {
        const double *value = gt_interpreter_value(l->run, l->gradients[i]);
        for (size_t k = 0; value != NULL && k < count_of(l->parameters[i].gradient_shape); k++)
            l->parameters[i].gradient[k] = (loop_is(l, LOOP_ASSIGNED) ? 0 : l->parameters[i].gradient[k]) + value[k];
    }
    for (uint32_t i = 0; i < c->input_count; i++) {
        const double *value = gt_interpreter_value(l->run, l->gradients[MOST + i]);
        size_t count = count_of(l->inputs[i].step_shape);
        for (size_t k = 0; value != NULL && k < count; k++)
            l->inputs[i].gradient[(size_t)t * count + k] += value[k];
    }
    for (uint32_t i = 0; i < c->state_count; i++)
        take_flow(l, i, gt_interpreter_value(l->run, l->gradients[2 * MOST + i]));
}

static bool run_step(loop *l, int64_t t, bool with_outside)
{
    gt_var wanted[3 * MOST];
    uint32_t count = 0;
    for (uint32_t i = 0; i < 3 * MOST; i++)
        if (gt_var_valid(l->gradients[i]))
            wanted[count++] = l->gradients[i];
    bind_values(l, cache_at(l, t));
    bind_given(l, t, with_outside);
    if (gt_interpreter_evaluate(l->run, wanted, count) != GT_OK)
        return false;
    take_step(l, t);
    return true;
}

static void clear_flow(loop *l)
{
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        memset(l->flow[i], 0, count_of(l->states[i].shape) * sizeof(double));
}

static void keep_initial(loop *l, bool add)
{
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        for (size_t k = 0; k < count_of(l->states[i].shape); k++)
            l->states[i].gradient[k] = (add ? l->states[i].gradient[k] : 0) + l->flow[i][k];
}

/* Each step's own gradient by itself. */
static bool run_windows(loop *l)
{
    bool done = true;
    for (int64_t own = 0; own < l->setting->steps && done; own++) {
        clear_flow(l);
        for (int64_t t = own; t >= 0 && t > own - l->mutant->which && done; t--)
            done = run_step(l, t, t == own);
        if (own < l->mutant->which)
            keep_initial(l, true);
    }
    return done;
}

bool loop_run_backward(loop *l)
{
    int64_t steps = l->setting->steps, from = loop_is(l, LOOP_FIRST_STEP_LEFT_OUT) ? 1 : 0, to = steps;
    bool done = true;
    if (loop_is(l, LOOP_WINDOW))
        return run_windows(l);
    if (loop_is(l, LOOP_LAST_STEP_LEFT_OUT))
        to = steps - 1;
    if (loop_is(l, LOOP_LAST_STEP_ONLY))
        from = steps - 1;
    for (int64_t k = from; k < to && done; k++) {
        int64_t t = loop_is(l, LOOP_FORWARD) ? k : from + to - 1 - k;
        if (loop_is(l, LOOP_PIECES) && (t + 1) % l->mutant->which == 0)
            clear_flow(l);
        done = run_step(l, t, true);
    }
    keep_initial(l, false);
    return done;
}

/* Of the parameters' gradients from the first example alone: all others' upstream gradients are 0. */
bool loop_run_one_example(loop *l)
{
    array saved[2 * MOST];
    uint32_t states = l->cell->state_count;
    for (uint32_t i = 0; i < states + l->cell->output_count; i++) {
        array *a = i < states ? &l->state_upstream[i] : &l->output_upstream[i - states];
        size_t rows = (size_t)a->shape.size[0], columns = (size_t)a->shape.size[1];
        saved[i] = *a;
        a->data = loop_room(count_of(a->shape));
        for (size_t k = 0; k < count_of(a->shape); k++)
            a->data[k] = k / rows % columns == 0 ? saved[i].data[k] : 0;
    }
    bool done = loop_run_backward(l);
    for (uint32_t i = 0; i < states + l->cell->output_count; i++) {
        array *a = i < states ? &l->state_upstream[i] : &l->output_upstream[i - states];
        free(a->data);
        *a = saved[i];
    }
    clear_flow(l);
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        memset(l->inputs[i].gradient, 0, count_of(l->inputs[i].shape) * sizeof(double));
    double *kept[MOST];
    for (uint32_t i = 0; i < l->cell->parameter_count; i++) {
        kept[i] = l->parameters[i].gradient;
        l->parameters[i].gradient = loop_room(count_of(l->parameters[i].shape));
    }
    done = done && loop_run_backward(l);
    for (uint32_t i = 0; i < l->cell->parameter_count; i++) {
        free(l->parameters[i].gradient);
        l->parameters[i].gradient = kept[i];
    }
    return done;
}
