#include "support/array_mutants.h"

#include "support/mutant_loop.h"

#include <stdio.h>
#include <stdlib.h>

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
    loop_make_arrays(l);
    if (loop_record(l)) {
        loop_run_forward(l);
        if (loop_is(l, LOOP_ONE_EXAMPLE) ? loop_run_one_example(l) : loop_run_backward(l)) {
            loop_finish(l);
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
