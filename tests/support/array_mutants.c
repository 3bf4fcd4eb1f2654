#include "support/array_mutants.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

static const char *const names[LOOP_SLIP_COUNT] = {
    [LOOP_RIGHT] = "right",
    [LOOP_NOTHING_CARRIED] = "nothing carried",
    [LOOP_STATE_NOT_CARRIED] = "one state not carried",
    [LOOP_CARRIED_TWICE] = "carried twice",
    [LOOP_CARRIED_SUM] = "carried gradients added up",
    [LOOP_FIRST_ROW] = "first row for all",
    [LOOP_FLOW_CLIPPED] = "carried gradients clipped",
    [LOOP_PIECES] = "truncated into pieces",
    [LOOP_WINDOW] = "truncated to a window",
    [LOOP_ASSIGNED] = "assigned, not added up",
    [LOOP_FIRST_STEP_LEFT_OUT] = "first step left out",
    [LOOP_LAST_STEP_LEFT_OUT] = "last step left out",
    [LOOP_LAST_STEP_ONLY] = "last step only",
    [LOOP_FORWARD] = "loop runs forward",
    [LOOP_NEXT_CACHE] = "cache of the next step",
    [LOOP_PREVIOUS_CACHE] = "cache of the step before",
    [LOOP_LAST_CACHE] = "last cache in all steps",
    [LOOP_NO_UPSTREAM] = "upstream gradient not added",
    [LOOP_UPSTREAM_AT_LAST] = "upstream at the last step only",
    [LOOP_UPSTREAM_LATE] = "upstream of the step before",
    [LOOP_UPSTREAM_REVERSED] = "upstream in reverse order",
    [LOOP_ONE_EXAMPLE] = "one example counts",
    [LOOP_MEAN_OVER_BATCH] = "mean over the batch",
    [LOOP_MEAN_OVER_TIME] = "mean over the steps",
    [LOOP_MEAN_OVER_EVERYTHING] = "mean over batch and steps",
    [LOOP_BIAS_MEAN] = "mean in the biases",
    [LOOP_SIGN] = "sign of all",
    [LOOP_CLIPPED] = "gradients clipped",
    [LOOP_EXCHANGED] = "two weights exchanged",
    [LOOP_TRANSPOSED] = "transposed",
    [LOOP_BIAS_ROWS] = "biases as rows",
    [LOOP_TIME_REVERSED] = "dx in reverse order",
    [LOOP_ROUNDED] = "rounded",
};

const char *loop_slip_name(loop_slip slip)
{
    return names[slip];
}

/* ---- the step ------------------------------------------------------------------------------ */

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

static size_t count_of(gt_shape shape)
{
    return (size_t)gt_shape_count(shape);
}

static void *room(size_t count)
{
    void *memory = calloc(count > 0 ? count : 1, sizeof(double));
    if (memory == NULL)
        abort();
    return memory;
}

static void resize(array *a, gt_var gradient)
{
    if (!gt_var_valid(gradient) || gt_shape_equal(gt_var_shape(gradient), a->step_shape))
        return;
    free(a->gradient);
    a->gradient_shape = gt_var_shape(gradient);
    a->gradient = room(count_of(a->gradient_shape));
}

static gt_var lookup(void *context, const char *name)
{
    loop *l = context;
    for (uint32_t i = l->name_count; i-- > 0;)
        if (strcmp(l->names[i].name, name) == 0)
            return l->names[i].v;
    return GT_NONE;
}

static gt_var enter(loop *l, const char *prefix, const char *name, const char *suffix, gt_var v)
{
    named *n = &l->names[l->name_count++];
    snprintf(n->name, sizeof n->name, "%s%.30s%s", prefix, name, suffix);
    n->v = v;
    return v;
}

static void fill(gt_random *random, array *a, double times)
{
    gt_random_fill_normal(random, a->shape, a->data);
    for (size_t k = 0; k < count_of(a->shape); k++)
        a->data[k] *= times;
}

static void make_array(loop *l, gt_random *random, array *a, const gt_cell_array *row, const char *prefix,
                       const char *suffix, int64_t columns, bool in_time, double times)
{
    const array_setting *s = l->setting;
    snprintf(a->name, sizeof a->name, "%s%.30s%s", prefix, row->name, suffix);
    if (gt_cell_array_shape(row, s->dimensions, s->dimension_count, columns, &a->step_shape, NULL) != GT_OK)
        abort();
    a->shape = a->step_shape;
    if (in_time)
        a->shape = GT_SHAPE(a->shape.size[0], a->shape.size[1], s->steps);
    a->gradient_shape = a->shape;
    a->data = room(count_of(a->shape));
    a->gradient = room(count_of(a->shape));
    fill(random, a, times);
}

static void make_arrays(loop *l)
{
    const gt_cell *c = l->cell;
    int64_t m = l->setting->examples;
    gt_random random;
    gt_random_seed(&random, l->setting->seed);
    for (uint32_t i = 0; i < c->input_count; i++)
        make_array(l, &random, &l->inputs[i], &c->inputs[i], "", "", m, true, 1);
    for (uint32_t i = 0; i < c->state_count; i++) {
        make_array(l, &random, &l->states[i], &c->states[i], "", "0", m, false, 1);
        make_array(l, &random, &l->state_upstream[i], &c->states[i], "d", "", m, true, 1);
        size_t count = count_of(l->states[i].shape);
        l->values[i] = room(count * (size_t)(l->setting->steps + 1));
        l->flow[i] = room(count);
        l->total[i] = room(count);
        memcpy(l->values[i], l->states[i].data, count * sizeof(double));
    }
    for (uint32_t i = 0; i < c->parameter_count; i++)
        make_array(l, &random, &l->parameters[i], &c->parameters[i], "", "", 1, false, 0.5);
    for (uint32_t i = 0; i < c->output_count; i++)
        make_array(l, &random, &l->output_upstream[i], &c->outputs[i], "d", "", m, true, 1);
}

static void record_leaves(loop *l)
{
    const gt_cell *c = l->cell;
    for (uint32_t i = 0; i < c->input_count; i++)
        l->input_vars[i] =
            enter(l, "", c->inputs[i].name, "", gt_input(l->tape, c->inputs[i].name, l->inputs[i].step_shape));
    for (uint32_t i = 0; i < c->state_count; i++)
        l->state_vars[i] =
            enter(l, "", c->states[i].name, "", gt_input(l->tape, c->states[i].name, l->states[i].shape));
    for (uint32_t i = 0; i < c->parameter_count; i++)
        l->parameter_vars[i] =
            enter(l, "", c->parameters[i].name, "", gt_input(l->tape, c->parameters[i].name, l->parameters[i].shape));
    for (uint32_t i = 0; i < c->state_count; i++)
        l->state_given[i] = enter(l, "d", c->states[i].name, "'", gt_input(l->tape, "given", l->states[i].shape));
    for (uint32_t i = 0; i < c->output_count; i++)
        l->output_given[i] =
            enter(l, "d", c->outputs[i].name, "", gt_input(l->tape, "given", l->output_upstream[i].step_shape));
}

static gt_var gradient_of(loop *l, const char *name)
{
    char text[40];
    snprintf(text, sizeof text, "d%.38s", name);
    for (uint32_t i = 0; i < l->cell->handwritten->backward_count; i++)
        if (strcmp(l->cell->handwritten->backward[i].name, text) == 0)
            return lookup(l, text);
    return GT_NONE;
}

/* A loop needs what it hands on, and what it puts into one step of dx, in their right shapes. */
static bool has_shapes(const loop *l)
{
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        if (!gt_shape_equal(gt_var_shape(l->gradients[2 * MOST + i]), l->states[i].shape))
            return false;
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        if (!gt_shape_equal(gt_var_shape(l->gradients[MOST + i]), l->inputs[i].step_shape))
            return false;
    return true;
}

static bool record(loop *l)
{
    const gt_cell *c = l->cell;
    const gt_handwritten *h = c->handwritten;
    gt_var values[MOST];
    gt_dimension dimensions[MOST];
    uint32_t count = l->setting->dimension_count;
    memcpy(dimensions, l->setting->dimensions, count * sizeof *dimensions);
    dimensions[count++] = (gt_dimension){"m", l->setting->examples};
    l->tape = gt_tape_new(NULL);
    record_leaves(l);
    gt_cell_step step = {.tape = l->tape,
                         .inputs = l->input_vars,
                         .states = l->state_vars,
                         .parameters = l->parameter_vars,
                         .next_states = l->next_states,
                         .outputs = l->outputs,
                         .context = c->context,
                         .dimensions = dimensions,
                         .dimension_count = count};
    h->record_forward(h, &step, values);
    for (uint32_t i = 0; i < h->forward_count; i++)
        enter(l, "", h->forward[i].name, "", values[i]);
    gt_handwritten_scope scope = {
        .tape = l->tape, .lookup = lookup, .names = l, .dimensions = dimensions, .dimension_count = count};
    for (uint32_t i = 0; i < h->backward_count; i++)
        enter(l, "", h->backward[i].name, "", h->record_backward(h, i, &scope));
    for (uint32_t i = 0; i < c->parameter_count; i++)
        resize(&l->parameters[i], l->gradients[i] = gradient_of(l, c->parameters[i].name));
    for (uint32_t i = 0; i < c->input_count; i++)
        l->gradients[MOST + i] = gradient_of(l, c->inputs[i].name);
    for (uint32_t i = 0; i < c->state_count; i++)
        l->gradients[2 * MOST + i] = gradient_of(l, c->states[i].name);
    l->run = gt_interpreter_new(l->tape);
    return gt_tape_status(l->tape) == GT_OK && l->run != NULL && has_shapes(l);
}

/* ---- forward ------------------------------------------------------------------------------- */

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

static void run_forward(loop *l)
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

static bool is(const loop *l, loop_slip slip)
{
    return l->mutant->slip == slip;
}

static int64_t cache_at(const loop *l, int64_t t)
{
    int64_t last = l->setting->steps - 1;
    if (is(l, LOOP_NEXT_CACHE))
        return t < last ? t + 1 : last;
    if (is(l, LOOP_PREVIOUS_CACHE))
        return t > 0 ? t - 1 : last;
    return is(l, LOOP_LAST_CACHE) ? last : t;
}

/* -1: none */
static int64_t upstream_at(const loop *l, int64_t t)
{
    int64_t last = l->setting->steps - 1;
    if (is(l, LOOP_NO_UPSTREAM) || (is(l, LOOP_UPSTREAM_AT_LAST) && t < last))
        return -1;
    if (is(l, LOOP_UPSTREAM_LATE))
        return t > 0 ? t - 1 : last;
    return is(l, LOOP_UPSTREAM_REVERSED) ? last - t : t;
}

static double carried(const loop *l, uint32_t state, size_t k)
{
    size_t rows = (size_t)l->states[state].shape.size[0];
    double flow = l->flow[state][k];
    if (is(l, LOOP_NOTHING_CARRIED) || (is(l, LOOP_STATE_NOT_CARRIED) && l->mutant->which == state))
        return 0;
    if (is(l, LOOP_CARRIED_TWICE) && state == 0)
        return 2 * flow;
    return is(l, LOOP_FIRST_ROW) && state == 0 ? l->flow[state][k / rows * rows] : flow;
}

/* What reaches the step from after it; with_outside: and from outside. */
static void bind_given(loop *l, int64_t t, bool with_outside)
{
    static double zeros[1 << 12];
    int64_t at = upstream_at(l, t);
    for (uint32_t i = 0; i < l->cell->state_count; i++) {
        size_t count = count_of(l->states[i].shape);
        bool all = is(l, LOOP_NO_UPSTREAM) || is(l, LOOP_UPSTREAM_AT_LAST) || is(l, LOOP_UPSTREAM_LATE) ||
                   is(l, LOOP_UPSTREAM_REVERSED);
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
        if (is(l, LOOP_CARRIED_SUM))
            next += l->flow[i][k];
        if (is(l, LOOP_FLOW_CLIPPED))
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
            l->parameters[i].gradient[k] = (is(l, LOOP_ASSIGNED) ? 0 : l->parameters[i].gradient[k]) + value[k];
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

static bool run_backward(loop *l)
{
    int64_t steps = l->setting->steps, from = is(l, LOOP_FIRST_STEP_LEFT_OUT) ? 1 : 0, to = steps;
    bool done = true;
    if (is(l, LOOP_WINDOW))
        return run_windows(l);
    if (is(l, LOOP_LAST_STEP_LEFT_OUT))
        to = steps - 1;
    if (is(l, LOOP_LAST_STEP_ONLY))
        from = steps - 1;
    for (int64_t k = from; k < to && done; k++) {
        int64_t t = is(l, LOOP_FORWARD) ? k : from + to - 1 - k;
        if (is(l, LOOP_PIECES) && (t + 1) % l->mutant->which == 0)
            clear_flow(l);
        done = run_step(l, t, true);
    }
    keep_initial(l, false);
    return done;
}

/* Of the parameters' gradients from the first example alone: all others' upstream gradients are 0. */
static bool run_one_example(loop *l)
{
    array saved[2 * MOST];
    uint32_t states = l->cell->state_count;
    for (uint32_t i = 0; i < states + l->cell->output_count; i++) {
        array *a = i < states ? &l->state_upstream[i] : &l->output_upstream[i - states];
        size_t rows = (size_t)a->shape.size[0], columns = (size_t)a->shape.size[1];
        saved[i] = *a;
        a->data = room(count_of(a->shape));
        for (size_t k = 0; k < count_of(a->shape); k++)
            a->data[k] = k / rows % columns == 0 ? saved[i].data[k] : 0;
    }
    bool done = run_backward(l);
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
        l->parameters[i].gradient = room(count_of(l->parameters[i].shape));
    }
    done = done && run_backward(l);
    for (uint32_t i = 0; i < l->cell->parameter_count; i++) {
        free(l->parameters[i].gradient);
        l->parameters[i].gradient = kept[i];
    }
    return done;
}

/* ---- afterwards ---------------------------------------------------------------------------- */

static void scale(array *a, double factor)
{
    for (size_t k = 0; k < count_of(a->shape); k++)
        a->gradient[k] *= factor;
}

static bool is_bias(const array *a)
{
    return a->shape.size[1] == 1 && a->shape.size[0] > 1;
}

static void scale_all(loop *l, double factor)
{
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        scale(&l->inputs[i], factor);
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        scale(&l->states[i], factor);
}

static void scale_parameters(loop *l, double factor, bool biases_only)
{
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        if (!biases_only || is_bias(&l->parameters[i]))
            scale(&l->parameters[i], factor);
}

static void clip_parameters(loop *l)
{
    double largest = 0;
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        for (size_t k = 0; k < count_of(l->parameters[i].shape); k++)
            largest = fmax(largest, fabs(l->parameters[i].gradient[k]));
    double bound = largest > 2 ? floor(largest / 2) : floor(5 * largest) / 10;
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        for (size_t k = 0; k < count_of(l->parameters[i].shape); k++) {
            double *g = &l->parameters[i].gradient[k];
            *g = fmax(-bound, fmin(bound, *g));
        }
}

static void transpose(array *a)
{
    int64_t n = a->shape.size[0];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            double kept = a->gradient[i + n * j];
            a->gradient[i + n * j] = a->gradient[j + n * i];
            a->gradient[j + n * i] = kept;
        }
}

static void reverse_time(array *a, int64_t steps)
{
    size_t count = count_of(a->step_shape);
    for (int64_t t = 0; t < steps / 2; t++)
        for (size_t k = 0; k < count; k++) {
            double *first = &a->gradient[(size_t)t * count + k],
                   *last = &a->gradient[(size_t)(steps - 1 - t) * count + k], kept = *first;
            *first = *last;
            *last = kept;
        }
}

static void round_array(array *a)
{
    for (size_t k = 0; k < count_of(a->shape); k++)
        a->gradient[k] = round(a->gradient[k] * 1e8) / 1e8;
}

static void round_all(loop *l)
{
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        round_array(&l->parameters[i]);
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        round_array(&l->inputs[i]);
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        round_array(&l->states[i]);
}

/* The place of another weight of the same shape; -1: there is none. */
static int64_t twin_of(const loop *l, uint32_t weight)
{
    for (uint32_t i = weight + 1; i < l->cell->parameter_count; i++)
        if (gt_shape_equal(l->parameters[i].shape, l->parameters[weight].shape))
            return i;
    return -1;
}

static void finish(loop *l)
{
    double m = (double)l->setting->examples, T = (double)l->setting->steps;
    array *weight = &l->parameters[l->mutant->which];
    switch (l->mutant->slip) {
    case LOOP_MEAN_OVER_BATCH:
        scale_parameters(l, 1 / m, false);
        break;
    case LOOP_MEAN_OVER_TIME:
        scale_parameters(l, 1 / T, false);
        break;
    case LOOP_BIAS_MEAN:
        scale_parameters(l, 1 / m, true);
        break;
    case LOOP_MEAN_OVER_EVERYTHING:
        scale_all(l, 1 / (m * T));
        scale_parameters(l, 1 / (m * T), false);
        break;
    case LOOP_SIGN:
        scale_all(l, -1);
        scale_parameters(l, -1, false);
        break;
    case LOOP_CLIPPED:
        clip_parameters(l);
        break;
    case LOOP_EXCHANGED: {
        array *other = &l->parameters[twin_of(l, (uint32_t)l->mutant->which)];
        double *kept = weight->gradient;
        weight->gradient = other->gradient;
        other->gradient = kept;
        break;
    }
    case LOOP_TRANSPOSED:
        transpose(weight);
        break;
    case LOOP_BIAS_ROWS:
        for (uint32_t i = 0; i < l->cell->parameter_count; i++)
            if (is_bias(&l->parameters[i]))
                l->parameters[i].gradient_shape = GT_SHAPE(1, l->parameters[i].shape.size[0]);
        break;
    case LOOP_TIME_REVERSED:
        reverse_time(&l->inputs[0], l->setting->steps);
        break;
    case LOOP_ROUNDED:
        round_all(l);
        break;
    default:
        break;
    }
}

/* ---- the archive --------------------------------------------------------------------------- */

static void add(gt_archive *archive, const char *prefix, const array *a, gt_shape shape, double *data)
{
    char name[44];
    snprintf(name, sizeof name, "%s%s", prefix, a->name);
    if (gt_archive_add(archive, name, (gt_array){data, GT_F64, shape}, NULL) != GT_OK)
        abort();
}

static gt_archive *archive_of(loop *l)
{
    const gt_cell *c = l->cell;
    gt_archive *archive = gt_archive_new();
    for (uint32_t i = 0; i < c->input_count; i++) {
        add(archive, "", &l->inputs[i], l->inputs[i].shape, l->inputs[i].data);
        if (gt_var_valid(l->gradients[MOST + i]))
            add(archive, "d", &l->inputs[i], l->inputs[i].shape, l->inputs[i].gradient);
    }
    for (uint32_t i = 0; i < c->state_count; i++) {
        add(archive, "", &l->states[i], l->states[i].shape, l->states[i].data);
        add(archive, "", &l->state_upstream[i], l->state_upstream[i].shape, l->state_upstream[i].data);
        if (gt_var_valid(l->gradients[2 * MOST + i]))
            add(archive, "d", &l->states[i], l->states[i].shape, l->states[i].gradient);
    }
    bool outputs = !l->setting->without_outputs;
    for (uint32_t i = 0; i < c->parameter_count; i++) {
        if (c->parameters[i].output_only && !outputs)
            continue;
        add(archive, "", &l->parameters[i], l->parameters[i].shape, l->parameters[i].data);
        if (gt_var_valid(l->gradients[i]))
            add(archive, "d", &l->parameters[i], l->parameters[i].gradient_shape, l->parameters[i].gradient);
    }
    for (uint32_t i = 0; i < c->output_count && outputs; i++)
        add(archive, "", &l->output_upstream[i], l->output_upstream[i].shape, l->output_upstream[i].data);
    return archive;
}

static void free_arrays(array *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(list[i].data);
        free(list[i].gradient);
    }
}

static void free_loop(loop *l)
{
    const gt_cell *c = l->cell;
    free_arrays(l->inputs, c->input_count);
    free_arrays(l->states, c->state_count);
    free_arrays(l->parameters, c->parameter_count);
    free_arrays(l->state_upstream, c->state_count);
    free_arrays(l->output_upstream, c->output_count);
    for (uint32_t i = 0; i < c->state_count; i++) {
        free(l->values[i]);
        free(l->flow[i]);
        free(l->total[i]);
    }
    gt_interpreter_free(l->run);
    gt_tape_free(l->tape);
    free(l);
}

gt_archive *array_mutant_make(const array_setting *setting, const array_mutant *mutant)
{
    loop *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    l->setting = setting;
    l->mutant = mutant;
    l->cell = setting->cell;
    gt_archive *archive = NULL;
    make_arrays(l);
    if (record(l)) {
        run_forward(l);
        if (is(l, LOOP_ONE_EXAMPLE) ? run_one_example(l) : run_backward(l)) {
            finish(l);
            archive = archive_of(l);
        }
    }
    free_loop(l);
    return archive;
}

/* ---- all of them --------------------------------------------------------------------------- */

static void visit_weights(const array_setting *s, array_mutant_visit *visit, void *context)
{
    gt_shape shapes[MOST];
    bool exchanged = false;
    for (uint32_t i = 0; i < s->cell->parameter_count; i++)
        gt_cell_array_shape(&s->cell->parameters[i], s->dimensions, s->dimension_count, 1, &shapes[i], NULL);
    for (uint32_t i = 0; i < s->cell->parameter_count; i++) {
        bool twin = false;
        for (uint32_t k = i + 1; k < s->cell->parameter_count; k++)
            twin = twin || gt_shape_equal(shapes[i], shapes[k]);
        if (twin && !exchanged && shapes[i].size[1] > 1)
            visit(context, &(array_mutant){LOOP_EXCHANGED, i, GT_MISTAKE_SWAPPED_GATES, false});
        exchanged = exchanged || (twin && shapes[i].size[1] > 1);
        if (shapes[i].size[0] == shapes[i].size[1] && shapes[i].size[0] > 1)
            visit(context, &(array_mutant){LOOP_TRANSPOSED, i, GT_MISTAKE_TRANSPOSED, false});
    }
}

void each_array_mutant(const array_setting *s, array_mutant_visit *visit, void *context)
{
    const array_mutant always[] = {
        {LOOP_NOTHING_CARRIED, 0, GT_MISTAKE_MISSING_STATE, false},
        {LOOP_CARRIED_TWICE, 0, GT_MISTAKE_FACTOR, false},
        {LOOP_CARRIED_SUM, 0, GT_MISTAKE_CARRIED, false},
        {LOOP_FIRST_ROW, 0, GT_MISTAKE_EXAMPLES, false},
        {LOOP_FLOW_CLIPPED, 0, GT_MISTAKE_CLIPPED, true},
        {LOOP_ASSIGNED, 0, GT_MISTAKE_STEPS, false},
        {LOOP_FIRST_STEP_LEFT_OUT, 0, GT_MISTAKE_STEPS, false},
        {LOOP_LAST_STEP_LEFT_OUT, 0, GT_MISTAKE_STEPS, false},
        {LOOP_LAST_STEP_ONLY, 0, GT_MISTAKE_STEPS, false},
        {LOOP_FORWARD, 0, GT_MISTAKE_TIME_REVERSED, false},
        {LOOP_NEXT_CACHE, 0, GT_MISTAKE_OFF_BY_ONE_STEP, false},
        {LOOP_PREVIOUS_CACHE, 0, GT_MISTAKE_OFF_BY_ONE_STEP, false},
        {LOOP_LAST_CACHE, 0, GT_MISTAKE_ONE_STEP, false},
        {LOOP_NO_UPSTREAM, 0, GT_MISTAKE_UPSTREAM, false},
        {LOOP_UPSTREAM_AT_LAST, 0, GT_MISTAKE_UPSTREAM, false},
        {LOOP_UPSTREAM_LATE, 0, GT_MISTAKE_OFF_BY_ONE_STEP, false},
        {LOOP_UPSTREAM_REVERSED, 0, GT_MISTAKE_TIME_REVERSED, false},
        {LOOP_ONE_EXAMPLE, 0, GT_MISTAKE_EXAMPLES, false},
        {LOOP_MEAN_OVER_BATCH, 0, GT_MISTAKE_MEAN, false},
        {LOOP_MEAN_OVER_TIME, 0, GT_MISTAKE_MEAN, false},
        {LOOP_MEAN_OVER_EVERYTHING, 0, GT_MISTAKE_MEAN, false},
        {LOOP_BIAS_MEAN, 0, GT_MISTAKE_MEAN, false},
        {LOOP_SIGN, 0, GT_MISTAKE_SIGN, false},
        {LOOP_CLIPPED, 0, GT_MISTAKE_CLIPPED, false},
        {LOOP_BIAS_ROWS, 0, GT_MISTAKE_TRANSPOSED, false},
        {LOOP_TIME_REVERSED, 0, GT_MISTAKE_TIME_REVERSED, false},
        {LOOP_ROUNDED, 0, GT_MISTAKE_ROUNDED, true},
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        visit(context, &always[i]);
    for (uint32_t i = 0; i < s->cell->state_count && s->cell->state_count > 1; i++)
        visit(context, &(array_mutant){LOOP_STATE_NOT_CARRIED, i, GT_MISTAKE_MISSING_STATE, false});
    for (int64_t k = 2; k < s->steps; k++) {
        visit(context, &(array_mutant){LOOP_PIECES, k, GT_MISTAKE_TRUNCATED, false});
        visit(context, &(array_mutant){LOOP_WINDOW, k, GT_MISTAKE_TRUNCATED, false});
    }
    visit_weights(s, visit, context);
}
