#include "check/evidence.h"

#include "base/memory.h"

#include <string.h>

/* Behind a gt_evidence. */
typedef struct source {
    gt_step *step;
    gt_formulas *formulas; /* NULL: none */
    const gt_check_options *options;
    double floor; /* the least scale of formulas */
    bool *was;    /* by formula: it was wrong before a local's values were changed */
    bool interrupted;
} source;

static const gt_array nothing = {NULL, GT_F64, {0, {1, 1, 1, 1}}};

static gt_array rows_of(const gt_step_name *name, double *const *rows, int64_t step)
{
    return rows != NULL ? (gt_array){rows[step], GT_F64, name->shape} : nothing;
}

/* A formula's own name comes after the right gradients, which it may be meant to be. */
static gt_array find(const gt_evidence *evidence, const char *name, int64_t step)
{
    const source *s = evidence->context;
    if (step < 0 || step >= s->step->steps)
        return nothing;
    int64_t found = gt_step_find(s->step, name);
    if (found >= 0 && s->step->names[found].kind != GT_NAME_FORMULA)
        return rows_of(&s->step->names[found], s->step->names[found].values, step);
    int64_t subject = gt_step_subject(s->step, name);
    if (subject >= 0)
        return rows_of(&s->step->names[subject], s->step->names[subject].gradients, step);
    if (found < 0)
        return nothing;
    return rows_of(&s->step->names[found], s->step->names[found].values, step);
}

static bool certain(const gt_evidence *evidence, const char *name)
{
    const source *s = evidence->context;
    int64_t found = gt_step_find(s->step, name);
    if (found < 0 || s->step->names[found].kind != GT_NAME_FORMULA || s->formulas == NULL)
        return found >= 0 || gt_step_subject(s->step, name) >= 0;
    return s->formulas->list[found - s->step->formula_first].certain;
}

static void complete(source *s, gt_evidence *evidence, const gt_check_options *options, gt_report *report)
{
    const gt_cell_problem *data = s->step->data;
    evidence->cell = data->cell;
    evidence->dimensions = data->sizes;
    evidence->dimension_count = data->size_count;
    evidence->examples = data->examples;
    evidence->steps = s->step->steps;
    evidence->report = report;
    evidence->tolerance = options->tolerance;
    evidence->find = find;
    evidence->certain = certain;
    evidence->context = s;
}

static bool interrupt(const gt_evidence *evidence, double done)
{
    source *s = evidence->context;
    s->interrupted = s->options->interrupt(s->options->context, "looking for the mistake", done);
    return s->interrupted;
}

static gt_status judge(gt_status status, gt_error *error)
{
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "check: no memory for a diagnosis");
}

/* Runs all behind formula i anew. False: one that was right has become wrong. */
static bool run_behind(const source *s, uint32_t i)
{
    gt_formulas *f = s->formulas;
    bool harmless = gt_formulas_run(f, i + 1, NULL) == GT_OK;
    for (uint32_t k = 0; k < f->count; k++)
        s->was[k] = f->list[k].wrong;
    gt_formulas_mark(f, s->floor, s->options->tolerance);
    for (uint32_t k = i + 1; k < f->count; k++)
        harmless = harmless && (s->was[k] || !f->list[k].wrong);
    return harmless;
}

static void take_back(const source *s, uint32_t i)
{
    gt_step_name *name = gt_formulas_name(s->formulas, i);
    gt_formula_state *state = &s->formulas->list[i];
    for (int64_t t = 0; t < s->step->steps; t++)
        memcpy(name->values[t], state->own[t], gt_step_count(name) * sizeof(double));
    state->wrong = state->certain = false;
    if (gt_formulas_run(s->formulas, i + 1, NULL) == GT_OK)
        gt_formulas_mark(s->formulas, s->floor, s->options->tolerance);
}

/*
 * Those behind the last step read what was put. What makes a formula wrong that was right is no
 * explanation, whatever the samples say on which it was found.
 */
static bool put(const gt_evidence *evidence, int64_t equation, int64_t step, gt_array value)
{
    const source *s = evidence->context;
    uint32_t i = (uint32_t)equation;
    gt_step_name *name = gt_formulas_name(s->formulas, i);
    gt_formula_state *state = &s->formulas->list[i];
    if (state->subject >= 0)
        return false;
    if (!gt_shape_equal(value.shape, name->shape)) { /* those behind it read nothing that they could */
        state->misshapen = state->wrong = state->certain = true;
        state->shape = value.shape;
        return true;
    }
    memcpy(name->values[step], value.data, gt_step_count(name) * sizeof(double));
    state->wrong = state->certain = true;
    bool taken = step + 1 < s->step->steps || run_behind(s, i);
    if (!taken)
        take_back(s, i);
    return taken;
}

gt_status gt_evidence_diagnose_block(gt_formulas *formulas, double floor, const gt_check_options *options,
                                     gt_report *report, gt_diagnosis *diagnoses, gt_error *error)
{
    source s = {.step = formulas->step, .formulas = formulas, .options = options, .floor = floor};
    bool *before = gt_memory_new(2 * (uint64_t)formulas->count, sizeof *before);
    if (before == NULL)
        return judge(GT_ERROR_MEMORY, error);
    s.was = before + formulas->count;
    for (uint32_t i = 0; i < formulas->count; i++)
        before[i] = formulas->list[i].before;
    gt_evidence evidence = {.equation = GT_EVIDENCE_BLOCK, .put = put, .before = before};
    complete(&s, &evidence, options, report);
    gt_status status = options->diagnose(&evidence, diagnoses);
    gt_memory_free(before);
    return judge(status, error);
}

gt_status gt_evidence_diagnose_arrays(gt_step *step, const gt_evidence_array *arrays, uint32_t count,
                                      const gt_check_options *options, gt_report *report, gt_diagnosis *diagnoses,
                                      gt_error *error)
{
    source s = {.step = step, .options = options};
    gt_evidence evidence = {.equation = GT_EVIDENCE_ARRAYS,
                            .arrays = arrays,
                            .array_count = count,
                            .interrupt = options->interrupt != NULL ? interrupt : NULL};
    complete(&s, &evidence, options, report);
    gt_status status = options->diagnose(&evidence, diagnoses);
    if (s.interrupted)
        return gt_error_set(error, GT_ERROR_INTERRUPTED, "check: interrupted");
    return judge(status, error);
}

gt_status gt_evidence_write_entry(gt_formulas *formulas, const gt_check_options *options, gt_report *report,
                                  gt_finding *finding, gt_error *error)
{
    source s = {.step = formulas->step, .formulas = formulas, .options = options};
    gt_evidence evidence = {.equation = GT_EVIDENCE_BLOCK, .finding = finding};
    complete(&s, &evidence, options, report);
    gt_status status = options->arithmetic(&evidence, finding->formula, &finding->arithmetic);
    if (status == GT_OK && gt_is_said(finding->diagnosis.repaired))
        status = options->arithmetic(&evidence, finding->diagnosis.repaired, &finding->expected_arithmetic);
    return judge(status, error);
}
