/* The step of a loop: its arrays and its tape. */
#include "support/mutant_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *loop_room(size_t count)
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
    a->gradient = loop_room(count_of(a->gradient_shape));
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
    a->data = loop_room(count_of(a->shape));
    a->gradient = loop_room(count_of(a->shape));
    fill(random, a, times);
}

void loop_make_arrays(loop *l)
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
        l->values[i] = loop_room(count * (size_t)(l->setting->steps + 1));
        l->flow[i] = loop_room(count);
        l->total[i] = loop_room(count);
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

bool loop_record(loop *l)
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
