#include "run_cell.h"

#include "lang/meaning.h"
#include "lang/parsed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4 * GT_MAX_CELL_ARRAYS, LARGEST_ARRAY = 4096, MOST_NODES = 20000, MOST_PASSES = 32 };
#define LARGEST_VALUE 1e8
#define NUDGE 1e-12 /* of an input, relative */

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recording {
    gt_tape *tape;
    gt_dimension dimensions[GT_MAX_CELL_ARRAYS];
    uint32_t dimension_count;
    gt_var given[MOST];
    double *data[MOST];
    uint32_t given_count;
    gt_var outputs[MOST];
    uint32_t output_count;
} recording;

static int64_t count_of(gt_var v)
{
    return gt_shape_count(gt_var_shape(v));
}

/* Inputs of all rows of a table, and numbers for them; false where one would be too large. */
static bool make_inputs(recording *r, const gt_cell_array *rows, uint32_t count, int64_t columns, int64_t steps,
                        gt_random *random)
{
    for (uint32_t i = 0; i < count; i++) {
        gt_shape shape;
        if (gt_cell_array_shape(&rows[i], r->dimensions, r->dimension_count, columns, &shape, NULL) != GT_OK ||
            shape.size[0] > LARGEST_ARRAY || shape.size[1] > LARGEST_ARRAY || gt_shape_count(shape) > LARGEST_ARRAY)
            return false;
        if (steps > 0)
            shape = GT_SHAPE(shape.size[0], shape.size[1], steps);
        double *data = calloc((size_t)gt_shape_count(shape), sizeof *data);
        if (data == NULL)
            abort();
        for (int64_t k = 0; k < gt_shape_count(shape); k++)
            data[k] = 2 * gt_random_uniform(random) - 1;
        r->data[r->given_count] = data;
        r->given[r->given_count++] = gt_input(r->tape, rows[i].name, shape);
    }
    return true;
}

/* Gradients of the sum of all outputs, and, if asked for, those of the sum of their squares. */
static void differentiate(recording *r, bool second_order)
{
    gt_var sums[MOST];
    uint32_t first = r->output_count;
    if (gt_grad(r->outputs, NULL, first, r->given, r->given_count, r->outputs + first) != GT_OK)
        return;
    r->output_count += r->given_count;
    if (!second_order || r->output_count + r->given_count > MOST)
        return;
    for (uint32_t i = 0; i < r->given_count; i++)
        sums[i] = gt_mul(r->outputs[first + i], r->outputs[first + i]);
    if (gt_grad(sums, NULL, r->given_count, r->given, r->given_count, r->outputs + r->output_count) == GT_OK)
        r->output_count += r->given_count;
}

static bool record(recording *r, const gt_cell *cell, const run_settings *s)
{
    gt_random random;
    gt_random_seed(&random, s->seed);
    if (!make_inputs(r, cell->inputs, cell->input_count, s->examples, s->steps, &random) ||
        !make_inputs(r, cell->states, cell->state_count, s->examples, 0, &random) ||
        !make_inputs(r, cell->parameters, cell->parameter_count, 1, 0, &random))
        return false;
    gt_var outputs[GT_MAX_CELL_ARRAYS];
    gt_sequence sequence = {
        .cell = cell,
        .unrolled = s->unrolled,
        .with_outputs = cell->output_count > 0,
        .inputs = r->given,
        .initial = r->given + cell->input_count,
        .parameters = r->given + cell->input_count + cell->state_count,
        .states = r->outputs,
        .outputs = outputs,
    };
    if (gt_sequence_record(&sequence) != GT_OK)
        return false;
    memcpy(r->outputs + cell->state_count, outputs, cell->output_count * sizeof *outputs);
    r->output_count = cell->state_count + cell->output_count;
    differentiate(r, s->second_order);
    return gt_tape_status(r->tape) == GT_OK && gt_tape_node_count(r->tape) < MOST_NODES;
}

static void forget(recording *r)
{
    for (uint32_t i = 0; i < r->given_count; i++)
        free(r->data[i]);
    gt_tape_free(r->tape);
    free(r);
}

/* NULL if the cell cannot be recorded so. */
static recording *record_cell(const gt_parsed_cell *parsed, const run_settings *s)
{
    const gt_lang_meaning *meaning = gt_parsed_cell_meaning(parsed);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    recording *r = calloc(1, sizeof *r);
    if (r == NULL)
        abort();
    r->tape = gt_tape_new(NULL);
    r->dimension_count = meaning->dimension_count;
    for (uint32_t i = 0; i < meaning->dimension_count; i++)
        r->dimensions[i] = (gt_dimension){meaning->dimensions[i], s->sizes[i % 4]};
    if (record(r, cell, s))
        return r;
    forget(r);
    return NULL;
}

/* ---- the interpreter ----------------------------------------------------------------------- */

static gt_interpreter *interpret(const recording *r)
{
    gt_interpreter *run = gt_interpreter_new(r->tape);
    for (uint32_t i = 0; i < r->given_count; i++)
        if (gt_interpreter_bind(run, r->given[i], r->data[i]) != GT_OK)
            abort();
    if (gt_interpreter_evaluate(run, r->outputs, r->output_count) != GT_OK) {
        fprintf(stderr, "interpreter: %s\n", gt_interpreter_message(run));
        abort();
    }
    return run;
}

/* The largest entry of all values on the tape; more than LARGEST_VALUE if one is no number. */
static double largest_value(const recording *r, const gt_interpreter *run)
{
    double largest = 1;
    for (uint32_t i = 0; i < gt_tape_node_count(r->tape); i++) {
        gt_var v = gt_tape_var(r->tape, i);
        const double *value = gt_var_dtype(v) == GT_F64 ? gt_interpreter_value(run, v) : NULL;
        for (int64_t k = 0; value != NULL && k < count_of(v); k++)
            largest = fabs(value[k]) <= LARGEST_VALUE ? fmax(largest, fabs(value[k])) : INFINITY;
    }
    return largest;
}

static double difference(gt_var v, const double *a, const double *b)
{
    double largest = 0;
    for (int64_t k = 0; k < count_of(v); k++)
        largest = fabs(a[k] - b[k]) <= largest ? largest : fabs(a[k] - b[k]);
    return largest;
}

static void nudge(const recording *r, double part, uint32_t seed)
{
    gt_random random;
    gt_random_seed(&random, seed);
    for (uint32_t i = 0; i < r->given_count; i++)
        for (int64_t k = 0; k < count_of(r->given[i]); k++)
            r->data[i][k] += part * (2 * gt_random_uniform(&random) - 1);
}

/*
 * How much each output may differ: roundings are like changes of the inputs in
 * their last places, and what those do is measured. False where they do so much
 * that nothing can be compared.
 */
static bool find_tolerances(const recording *r, const gt_interpreter *run, double tolerances[MOST])
{
    double largest = largest_value(r, run);
    double *kept[MOST];
    for (uint32_t i = 0; i < r->output_count; i++)
        tolerances[i] = 1e-11 * largest;
    for (uint32_t i = 0; i < r->given_count; i++) {
        kept[i] = malloc((size_t)count_of(r->given[i]) * sizeof **kept);
        memcpy(kept[i], r->data[i], (size_t)count_of(r->given[i]) * sizeof **kept);
    }
    for (uint32_t attempt = 0; attempt < 2 && largest <= LARGEST_VALUE; attempt++) {
        nudge(r, NUDGE, attempt + 1);
        gt_interpreter *nudged = interpret(r);
        for (uint32_t i = 0; i < r->output_count; i++)
            tolerances[i] += 10 * difference(r->outputs[i], gt_interpreter_value(run, r->outputs[i]),
                                             gt_interpreter_value(nudged, r->outputs[i]));
        gt_interpreter_free(nudged);
    }
    bool good = largest <= LARGEST_VALUE;
    for (uint32_t i = 0; i < r->given_count; i++) {
        memcpy(r->data[i], kept[i], (size_t)count_of(r->given[i]) * sizeof **kept);
        free(kept[i]);
    }
    for (uint32_t i = 0; i < r->output_count; i++)
        good = good && tolerances[i] <= 1e-4 * largest;
    return good;
}

/* ---- plans --------------------------------------------------------------------------------- */

static void fail(const char *what, uint32_t output, const char *message)
{
    fprintf(stderr, "%s, output %u: %s\n", what, output, message);
    abort();
}

static void fail_at(const char *what, uint32_t output, int64_t place, double expected, double value)
{
    char message[120];
    snprintf(message, sizeof message, "[%lld] is %.17g, not %.17g", (long long)place, value, expected);
    fail(what, output, message);
}

static uint32_t choose_passes(uint32_t skip, const char *chosen[MOST_PASSES + 1])
{
    const char *name;
    uint32_t count = 0;
    for (uint32_t i = 0; i < MOST_PASSES && (name = gt_plan_pass(i)) != NULL; i++)
        if ((skip >> i & 1) != 0)
            chosen[count++] = name;
    chosen[count] = NULL;
    return count;
}

static void run_plan(const recording *r, gt_workspace *work)
{
    if (work == NULL)
        fail("plan", 0, "no workspace");
    for (uint32_t i = 0; i < r->given_count; i++)
        if (gt_workspace_bind(work, r->given[i], r->data[i]) != GT_OK)
            fail("plan", i, gt_workspace_message(work));
    for (int run = 0; run < 2; run++)
        if (gt_workspace_run(work) != GT_OK)
            fail("plan", 0, gt_workspace_message(work));
}

/* tolerances NULL: bit for bit. */
static void compare(const char *what, const recording *r, const gt_interpreter *run, const gt_workspace *work,
                    const double *tolerances)
{
    for (uint32_t i = 0; i < r->output_count; i++) {
        const double *expected = gt_interpreter_value(run, r->outputs[i]), *value = gt_workspace_value(work, i);
        for (int64_t k = 0; k < count_of(r->outputs[i]); k++) {
            bool same = tolerances != NULL ? fabs(expected[k] - value[k]) <= tolerances[i]
                                           : memcmp(&expected[k], &value[k], sizeof *value) == 0;
            if (!same && !(isnan(expected[k]) && isnan(value[k])))
                fail_at(what, i, k, expected[k], value[k]);
        }
    }
}

static void plan_and_compare(const char *what, const recording *r, const gt_interpreter *run,
                             const gt_plan_options *options, const double *tolerances)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(r->outputs, r->output_count, options, &error);
    if (plan == NULL)
        fail(what, 0, error.message);
    gt_workspace *work = gt_workspace_new(plan);
    run_plan(r, work);
    compare(what, r, run, work, tolerances);
    gt_workspace_free(work);
    gt_plan_free(plan);
}

/* ---- rolled and unrolled ------------------------------------------------------------------- */

static void compare_unrolled(const gt_parsed_cell *parsed, const run_settings *s, const recording *r,
                             const gt_interpreter *run)
{
    run_settings other = *s;
    other.unrolled = !s->unrolled;
    recording *again = record_cell(parsed, &other);
    if (again == NULL)
        return;
    gt_interpreter *other_run = interpret(again);
    for (uint32_t i = 0; i < r->output_count && i < again->output_count; i++) {
        const double *a = gt_interpreter_value(run, r->outputs[i]);
        const double *b = gt_interpreter_value(other_run, again->outputs[i]);
        for (int64_t k = 0; k < count_of(r->outputs[i]); k++)
            if (a[k] != b[k] && !(isnan(a[k]) && isnan(b[k])))
                fail_at("rolled and unrolled", i, k, a[k], b[k]);
    }
    gt_interpreter_free(other_run);
    forget(again);
}

bool run_cell(const gt_parsed_cell *parsed, const run_settings *settings)
{
    recording *r = record_cell(parsed, settings);
    if (r == NULL)
        return false;
    gt_interpreter *run = interpret(r);
    double tolerances[MOST];
    const char *skipped[MOST_PASSES + 1];
    choose_passes(settings->skip, skipped);
    if (find_tolerances(r, run, tolerances))
        plan_and_compare("plan", r, run, &(gt_plan_options){.skip = skipped}, tolerances);
    if (settings->seed % 4 == 0)
        plan_and_compare("exact plan", r, run, &(gt_plan_options){.exact = true, .skip = skipped}, NULL);
    if (settings->seed % 8 == 1 && !settings->second_order) /* sums of second derivatives have another order */
        compare_unrolled(parsed, settings, r, run);
    gt_interpreter_free(run);
    forget(r);
    return true;
}
