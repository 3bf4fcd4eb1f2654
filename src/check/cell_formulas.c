/* The handwritten formulas of a cell against its tape: per step, then all of them alone. */
#include "check/cell_check.h"

#include "base/memory.h"
#include "check/arrays.h"
#include "check/conditioning.h"
#include "check/convention.h"
#include "check/evidence.h"
#include "check/missing.h"
#include "check/report.h"
#include "check/rounding.h"

#include <math.h>
#include <string.h>

typedef struct work {
    gt_step step;
    gt_formulas formulas;
    const gt_check_options *options;
    gt_report *report;
    gt_error *error;
    double floor;                 /* the least scale */
    gt_var *roles;                /* by formula: the node whose value a local should have had */
    gt_diagnosis *diagnoses;      /* by formula */
    gt_conditioning conditioning; /* measured where the whole sequence disagrees */
} work;

/* Differences that rounding is asked about, relative to the largest entry; and how much of it may be. */
#define SMALL 1e-4
#define TIMES_ROUNDING 64

/* ---- findings ------------------------------------------------------------------------------ */

/* An array of all steps, one behind the other. */
static double *join(const work *w, double *const *rows, size_t count)
{
    double *all = gt_memory_new((uint64_t)w->step.steps * count, sizeof *all);
    for (int64_t t = 0; all != NULL && t < w->step.steps; t++)
        memcpy(all + (size_t)t * count, rows[t], count * sizeof *all);
    return all;
}

static gt_status compare(work *w, double *const *value, double *const *expected, gt_shape shape, double rounding,
                         gt_finding *f)
{
    size_t count = (size_t)gt_shape_count(shape);
    double *a = join(w, value, count), *b = join(w, expected, count);
    gt_status status = GT_OK;
    if (a == NULL || b == NULL) {
        status = gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory to compare formulas");
    } else {
        gt_arrays arrays = {.value = a,
                            .expected = b,
                            .in_time = true,
                            .scale = w->floor,
                            .shape = GT_SHAPE(shape.size[0], shape.size[1], w->step.steps),
                            .rounding = rounding,
                            .tolerance = w->options->tolerance};
        gt_arrays_compare(&arrays, f);
        f->shape = f->expected_shape = GT_SHAPE(shape.size[0], shape.size[1]);
    }
    gt_memory_free(a);
    gt_memory_free(b);
    return status;
}

/* What the adjoint at a node of the reverse replay is the adjoint of, on the forward pass. */
static gt_var adjoint_of(gt_var node)
{
    int32_t slot = -1;
    gt_var origin = gt_var_origin(node, &slot);
    return gt_var_valid(origin) && slot >= 0 ? gt_var_input(origin, (uint32_t)slot) : GT_NONE;
}

/* Of an input the equation that reads it is not a gate. */
static bool has_gate(const gt_step_name *name)
{
    return name->kind != GT_NAME_INPUT;
}

static void describe(const work *w, uint32_t i, gt_finding *f)
{
    const gt_step *s = &w->step;
    const gt_formula_state *state = &w->formulas.list[i];
    const gt_equation *equation = &s->handwritten->backward[i];
    f->array = equation->name;
    f->formula = equation->text;
    f->place = equation->place;
    if (state->subject >= 0) {
        const gt_step_name *subject = &s->names[state->subject];
        f->of = subject->name;
        if (has_gate(subject))
            f->gate = gt_step_gate(s, subject->v);
        return;
    }
    gt_var role = w->roles[i];
    for (uint32_t n = 0; n < s->given_first; n++)
        if (gt_var_valid(role) && s->names[n].gradient.index == role.index)
            f->of = s->names[n].name;
    gt_var of = adjoint_of(role);
    f->gate = gt_step_gate(s, of);
}

static void report_shape(const work *w, uint32_t i, gt_finding *f)
{
    const gt_formula_state *state = &w->formulas.list[i];
    f->verdict = GT_WRONG;
    f->shape = gt_formulas_name(&w->formulas, i)->shape;
    f->expected_shape = state->subject >= 0 ? w->step.names[state->subject].shape : state->shape;
    f->pattern = GT_PATTERN_SHAPE;
    f->wrong_count = f->entry_count = (uint64_t)gt_shape_count(f->expected_shape);
    f->value = NAN;
}

/*
 * A small difference may be that of a formula which is right, but subtracts what is
 * nearly equal: then it cannot be told.
 */
static gt_status consider_rounding(work *w, uint32_t i, gt_finding *f)
{
    double difference = fabs(f->value - f->expected), rounding = 0;
    double scale = f->allowed / w->options->tolerance;
    if (f->verdict != GT_WRONG || !(difference <= SMALL * scale))
        return GT_OK;
    gt_status status = gt_formulas_rounding(&w->formulas, i, f->step, &rounding, w->error);
    if (status != GT_OK || !(difference <= TIMES_ROUNDING * rounding))
        return status;
    f->verdict = GT_UNDECIDABLE;
    f->error_bar = TIMES_ROUNDING * rounding;
    f->text = "rounding alone may explain the difference: the formula subtracts what is nearly equal";
    return GT_OK;
}

static gt_status check_formula(work *w, uint32_t i)
{
    const gt_formula_state *state = &w->formulas.list[i];
    gt_finding f = {.kind = GT_CHECK_FORMULA, .step = -1};
    if ((state->subject < 0 && !state->wrong) || gt_formulas_reads_misshapen(&w->formulas, i))
        return GT_OK;
    gt_status status = GT_OK;
    double **expected =
        state->subject >= 0 ? w->step.names[state->subject].gradients : gt_formulas_name(&w->formulas, i)->values;
    if (state->misshapen)
        report_shape(w, i, &f);
    else
        status = compare(w, state->own, expected, gt_formulas_name(&w->formulas, i)->shape, 0, &f);
    if (status == GT_OK && !state->misshapen)
        status = consider_rounding(w, i, &f);
    if (status != GT_OK)
        return status;
    gt_report_count(w->report, &f, 0);
    if (f.verdict == GT_RIGHT)
        return GT_OK;
    describe(w, i, &f);
    if (f.verdict == GT_WRONG)
        f.diagnosis = w->diagnoses[i];
    if (w->options->arithmetic != NULL && !state->misshapen)
        status = gt_evidence_write_entry(&w->formulas, w->options, w->report, &f, w->error);
    return status == GT_OK ? gt_report_add(w->report, &f, w->error) : status;
}

/* ---- per step ------------------------------------------------------------------------------ */

/* Numbers of this size are nothing beside the others: what cancels leaves them. */
static double floor_of(const gt_step *s)
{
    double largest = 0, upstream = 0;
    for (uint32_t i = 0; i < s->given_first; i++)
        for (int64_t t = 0; s->names[i].gradients != NULL && t < s->steps; t++)
            largest = fmax(largest, gt_arrays_largest(s->names[i].gradients[t], gt_step_count(&s->names[i])));
    for (uint32_t i = s->given_first; i < s->given_first + s->given_count; i++)
        for (int64_t t = 0; s->names[i].values != NULL && t < s->steps; t++)
            upstream = fmax(upstream, gt_arrays_largest(s->names[i].values[t], gt_step_count(&s->names[i])));
    if (largest > 0 && largest < 1e-10 * upstream) /* all of them are 0 but for rounding */
        return upstream / 1000000;
    return largest > 0 ? largest / 10000 : 1;
}

/* Formulas that are wrong without a diagnosis: some local before them may be at fault. */
static uint32_t unexplained(const work *w)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->formulas.count; i++)
        count += w->formulas.list[i].subject >= 0 && w->formulas.list[i].wrong && !gt_is_said(w->diagnoses[i].kind);
    return count;
}

static gt_status check_formulas(work *w)
{
    gt_formulas *f = &w->formulas;
    gt_status status = gt_formulas_run(f, 0, w->error);
    if (status != GT_OK)
        return status;
    w->floor = floor_of(&w->step);
    uint32_t wrong = gt_formulas_mark(f, w->floor, w->options->tolerance);
    if (wrong > 0)
        status = gt_convention_find(f, w->floor, w->options->tolerance, &wrong, w->error);
    if (status == GT_OK && wrong > 0 && w->options->diagnose != NULL) {
        status = gt_evidence_diagnose_block(f, w->floor, w->options, w->report, w->diagnoses, w->error);
        gt_formulas_mark(f, w->floor, w->options->tolerance);
        wrong = unexplained(w);
        for (uint32_t i = 0; i < f->count && status == GT_OK; i++)
            if (f->list[i].subject < 0 && f->list[i].wrong && !f->list[i].misshapen)
                status = gt_formulas_role(f, i, w->options->tolerance, &w->roles[i], w->error);
    }
    for (uint32_t next = 0; wrong > 0 && next < f->count && status == GT_OK; next++) {
        gt_var role;
        status = gt_formulas_locate(f, next, w->floor, w->options->tolerance, &next, &role, w->error);
        if (status == GT_OK && next < f->count)
            w->roles[next] = role;
    }
    for (uint32_t i = 0; i < f->count && status == GT_OK; i++)
        status = check_formula(w, i);
    return status;
}

/* ---- the sequence, by the formulas alone ---------------------------------------------------- */

/* The formula for the gradient of the name, or -1. */
static int64_t formula_of(const gt_formulas *f, uint32_t name)
{
    int64_t found = -1;
    for (uint32_t i = 0; i < f->count; i++)
        if (f->list[i].subject == (int64_t)name)
            found = i;
    return found;
}

/* Hands down what the formulas of step t + 1 gave; without a formula, what the tape gave. */
static void give(work *w, int64_t t)
{
    const gt_step *s = &w->step;
    for (uint32_t k = 0; k < s->data->cell->state_count; k++) {
        gt_step_name *given = &s->names[s->given_first + k];
        int64_t formula = formula_of(&w->formulas, s->state_first + k);
        if (formula < 0 || t + 1 == s->steps)
            continue;
        size_t count = gt_step_count(given);
        const double *upstream = gt_problem_array_at(s->data, GT_PROBLEM_STATE_UPSTREAM, k)->data;
        const double *later = w->formulas.list[formula].own[t + 1];
        for (size_t e = 0; e < count; e++)
            given->values[t][e] = upstream[(size_t)t * count + e] + later[e];
    }
}

static gt_status run_alone(work *w)
{
    gt_formulas *f = &w->formulas;
    gt_status status = GT_OK;
    for (int64_t t = w->step.steps - 1; t >= 0 && status == GT_OK; t--) {
        give(w, t);
        for (uint32_t i = 0; i < f->count && status == GT_OK; i++) {
            status = gt_formulas_evaluate(f, i, t, f->list[i].own[t], w->error);
            if (status == GT_OK)
                memcpy(gt_formulas_name(f, i)->values[t], f->list[i].own[t],
                       gt_step_count(gt_formulas_name(f, i)) * sizeof(double));
        }
    }
    return status;
}

/* Sums shares over steps into the first of them. */
static void accumulate(const work *w, double **rows, size_t count)
{
    for (int64_t t = 1; t < w->step.steps; t++)
        for (size_t k = 0; k < count; k++)
            rows[0][k] += rows[t][k];
}

static gt_status compare_sequence(work *w, uint32_t i, double rounding, gt_finding *f)
{
    const gt_formula_state *state = &w->formulas.list[i];
    const gt_step_name *subject = &w->step.names[state->subject];
    if (subject->kind == GT_NAME_INPUT)
        return compare(w, state->own, subject->gradients, subject->shape, rounding, f);
    gt_arrays arrays = {.value = state->own[0],
                        .expected = subject->gradients[0],
                        .shape = subject->shape,
                        .scale = w->floor,
                        .rounding = rounding,
                        .tolerance = w->options->tolerance};
    gt_arrays_compare(&arrays, f);
    return GT_OK;
}

/* What rounding errors may have done to the gradient: chaotic cells amplify them from step to step. */
static gt_status allow_rounding(work *w, const gt_step_name *subject, double *allowed)
{
    static const gt_problem_kind kinds[] = {[GT_NAME_INPUT] = GT_PROBLEM_INPUT,
                                            [GT_NAME_STATE] = GT_PROBLEM_INITIAL,
                                            [GT_NAME_PARAMETER] = GT_PROBLEM_PARAMETER};
    const gt_cell_problem *d = w->step.data;
    const gt_problem_array *array = gt_problem_array_at(d, kinds[subject->kind], subject->place);
    gt_status status = gt_conditioning_measure(&w->conditioning, d, w->error);
    if (status == GT_OK && array != NULL)
        *allowed = w->conditioning.allowed[array - d->arrays];
    return status;
}

/* One gradient of the whole sequence: a parameter's sum, an input's at every step, the initial state's. */
static gt_status compare_total(work *w, uint32_t i)
{
    gt_formula_state *state = &w->formulas.list[i];
    gt_step_name *subject = &w->step.names[state->subject];
    gt_finding f = {.kind = GT_CHECK_BACKWARD, .step = -1};
    double rounding = 0;
    if (subject->kind == GT_NAME_PARAMETER) {
        accumulate(w, state->own, gt_step_count(subject));
        accumulate(w, subject->gradients, gt_step_count(subject));
    }
    gt_status status = compare_sequence(w, i, 0, &f);
    if (status == GT_OK && f.verdict == GT_WRONG)
        status = allow_rounding(w, subject, &rounding);
    if (status == GT_OK && rounding > 0)
        status = compare_sequence(w, i, rounding, &f);
    if (status != GT_OK)
        return status;
    gt_report_count(w->report, &f, 0);
    const gt_check_count *formulas = &w->report->counts[GT_CHECK_FORMULA];
    if (f.verdict == GT_RIGHT || formulas->wrong > 0 || formulas->undecidable > 0)
        return GT_OK; /* the formulas at fault have been reported one by one */
    describe(w, i, &f);
    f.text = "over the whole sequence by the formulas alone, though each is right by itself";
    if (f.verdict == GT_UNDECIDABLE)
        gt_finding_append(w->report, &f, "%s", gt_conditioning_describe(&w->conditioning, w->report));
    return gt_report_add(w->report, &f, w->error);
}

static gt_status check_alone(work *w)
{
    for (uint32_t i = 0; i < w->formulas.count; i++)
        if (w->formulas.list[i].misshapen)
            return GT_OK;
    gt_status status = run_alone(w);
    for (uint32_t i = 0; i < w->formulas.count && status == GT_OK; i++) {
        int64_t subject = w->formulas.list[i].subject;
        if (subject >= 0 && w->step.names[subject].kind <= GT_NAME_PARAMETER)
            status = compare_total(w, i);
    }
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

gt_status gt_cell_check_formulas(const gt_cell_problem *data, const gt_check_options *options, gt_report *report,
                                 gt_error *error)
{
    work w = {.options = options, .report = report, .error = error};
    gt_status status = gt_step_open(&w.step, data, error);
    if (status == GT_OK)
        status = gt_formulas_open(&w.formulas, &w.step, error);
    if (status == GT_OK) {
        w.roles = gt_memory_new(w.formulas.count, sizeof *w.roles);
        w.diagnoses = gt_memory_new(w.formulas.count, sizeof *w.diagnoses);
        status = w.roles != NULL && w.diagnoses != NULL
                     ? gt_step_run(&w.step, error)
                     : gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for formulas");
    }
    if (status == GT_OK)
        status = check_formulas(&w);
    if (status == GT_OK)
        status = gt_convention_report(&w.formulas, report, error);
    if (status == GT_OK)
        status = gt_missing_report(&w.formulas, w.floor, options, report, error);
    if (status == GT_OK)
        status = check_alone(&w);
    gt_conditioning_close(&w.conditioning);
    gt_formulas_close(&w.formulas);
    gt_step_close(&w.step);
    gt_memory_free(w.roles);
    gt_memory_free(w.diagnoses);
    return status;
}
