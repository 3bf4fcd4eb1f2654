#include "check/formulas.h"

#include "base/memory.h"
#include "check/arrays.h"

#include <math.h>
#include <string.h>

gt_step_name *gt_formulas_name(const gt_formulas *f, uint32_t i)
{
    return &f->step->names[f->step->formula_first + i];
}

/* ---- recording ----------------------------------------------------------------------------- */

/* Formulas see names of the forward pass, what is given, and formulas before them. */
static gt_var lookup(void *context, const char *name)
{
    gt_formulas *f = context;
    gt_step *s = f->step;
    int64_t found = -1;
    for (uint32_t i = 0; i < s->formula_first + f->reader; i++)
        if (strcmp(s->names[i].name, name) == 0)
            found = i;
    if (found < 0 || s->names[found].values == NULL)
        return GT_NONE;
    gt_step_name *n = &s->names[found];
    f->list[f->reader].reads[found] = true;
    if (n->kind == GT_NAME_GIVEN_OUTPUT)
        s->uses_output[n->place] = true;
    if (!gt_var_valid(f->leaves[found]))
        f->leaves[found] = gt_input(f->tape, n->name, n->shape);
    return f->leaves[found];
}

/* What a formula reads itself, and what the locals among that read. */
static void find_dependencies(gt_formulas *f, uint32_t i)
{
    gt_formula_state *state = &f->list[i];
    memcpy(state->depends, state->reads, f->step->name_count * sizeof *state->reads);
    for (uint32_t k = 0; k < i; k++)
        if (state->reads[f->step->formula_first + k] && f->list[k].subject < 0)
            for (uint32_t n = 0; n < f->step->name_count; n++)
                state->depends[n] = state->depends[n] || f->list[k].depends[n];
}

static gt_status record_one(gt_formulas *f, uint32_t i, gt_error *error)
{
    gt_step *s = f->step;
    gt_handwritten_scope scope = {.tape = f->tape,
                                  .lookup = lookup,
                                  .names = f,
                                  .dimensions = s->data->sizes,
                                  .dimension_count = s->data->size_count};
    gt_formula_state *state = &f->list[i];
    const gt_equation *equation = &s->handwritten->backward[i];
    state->reads = gt_memory_new(s->name_count, sizeof *state->reads);
    state->depends = gt_memory_new(s->name_count, sizeof *state->depends);
    if (state->reads == NULL || state->depends == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for formulas");
    f->reader = i;
    state->v = s->handwritten->record_backward(s->handwritten, i, &scope);
    if (gt_tape_status(f->tape) != GT_OK || !gt_var_valid(state->v))
        return gt_error_set(error, gt_tape_status(f->tape) != GT_OK ? gt_tape_status(f->tape) : GT_ERROR_TAPE,
                            "%s:%u:%u: %s: %s",
                            equation->place.file != NULL ? equation->place.file : s->data->cell->name,
                            equation->place.line, equation->place.column, equation->name, gt_tape_message(f->tape));
    find_dependencies(f, i);
    state->subject = gt_step_subject(s, equation->name);
    if (state->subject >= 0 && !gt_var_valid(s->names[state->subject].gradient))
        state->subject = -1;
    gt_shape shape = gt_var_shape(state->v);
    state->misshapen = state->subject >= 0 && !gt_shape_equal(shape, s->names[state->subject].shape);
    state->certain = state->subject >= 0;
    gt_status status = gt_step_make_room(s, s->formula_first + i, shape, error);
    state->own = gt_memory_new((uint64_t)s->steps, sizeof *state->own);
    for (int64_t t = 0; t < s->steps && state->own != NULL && status == GT_OK; t++)
        if ((state->own[t] = gt_memory_new((uint64_t)gt_shape_count(shape), sizeof **state->own)) == NULL)
            status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for formulas");
    if (state->own == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for formulas");
    return status;
}

gt_status gt_formulas_open(gt_formulas *f, gt_step *step, gt_error *error)
{
    *f = (gt_formulas){.step = step, .tape = gt_tape_new(NULL)};
    f->run = gt_interpreter_new(f->tape);
    f->leaves = gt_memory_new(step->name_count, sizeof *f->leaves);
    f->list = gt_memory_new(step->handwritten->backward_count, sizeof *f->list);
    if (f->tape == NULL || f->run == NULL || f->leaves == NULL || f->list == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for formulas");
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < step->handwritten->backward_count && status == GT_OK; i++) {
        f->count = i + 1;
        status = record_one(f, i, error);
    }
    return status;
}

void gt_formulas_close(gt_formulas *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        for (int64_t t = 0; f->list[i].own != NULL && t < f->step->steps; t++)
            gt_memory_free(f->list[i].own[t]);
        gt_memory_free(f->list[i].own);
        gt_memory_free(f->list[i].reads);
        gt_memory_free(f->list[i].depends);
    }
    gt_interpreter_free(f->run);
    gt_tape_free(f->tape);
    gt_memory_free(f->leaves);
    gt_memory_free(f->list);
    *f = (gt_formulas){0};
}

bool gt_formulas_reads_misshapen(const gt_formulas *f, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (f->list[k].subject < 0 && f->list[k].misshapen && f->list[i].depends[f->step->formula_first + k])
            return true;
    return false;
}

/* ---- evaluating ---------------------------------------------------------------------------- */

gt_status gt_formulas_evaluate(gt_formulas *f, uint32_t i, int64_t t, double *value, gt_error *error)
{
    const gt_formula_state *state = &f->list[i];
    gt_status status = GT_OK;
    for (uint32_t n = 0; n < f->step->name_count && status == GT_OK; n++)
        if (state->reads[n])
            status = gt_interpreter_bind(f->run, f->leaves[n], f->step->names[n].values[t]);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(f->run, &state->v, 1);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s: %s", gt_formulas_name(f, i)->name, gt_interpreter_message(f->run));
    memcpy(value, gt_interpreter_value(f->run, state->v), gt_step_count(gt_formulas_name(f, i)) * sizeof *value);
    return GT_OK;
}

gt_status gt_formulas_run(gt_formulas *f, uint32_t first, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = first; i < f->count; i++) {
        gt_formula_state *state = &f->list[i];
        gt_step_name *name = gt_formulas_name(f, i);
        size_t bytes = gt_step_count(name) * sizeof(double);
        for (int64_t t = 0; t < f->step->steps && status == GT_OK; t++) {
            status = gt_formulas_evaluate(f, i, t, state->own[t], error);
            if (state->subject >= 0 && !state->misshapen)
                memcpy(name->values[t], f->step->names[state->subject].gradients[t], bytes);
            else if (!state->certain || state->misshapen)
                memcpy(name->values[t], state->own[t], bytes);
        }
    }
    return status;
}

bool gt_formulas_agree(const gt_formulas *f, double *const *a, double *const *b, size_t count, double floor,
                       double tolerance)
{
    double scale = floor;
    for (int64_t t = 0; t < f->step->steps; t++)
        scale = fmax(scale, gt_arrays_largest(b[t], count));
    for (int64_t t = 0; t < f->step->steps; t++)
        for (size_t k = 0; k < count; k++)
            if (!(fabs(a[t][k] - b[t][k]) <= tolerance * scale))
                return false;
    return true;
}

uint32_t gt_formulas_mark(gt_formulas *f, double floor, double tolerance)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        gt_formula_state *state = &f->list[i];
        if (state->subject < 0)
            continue;
        const gt_step_name *subject = &f->step->names[state->subject];
        bool agrees = !state->misshapen &&
                      gt_formulas_agree(f, state->own, subject->gradients, gt_step_count(subject), floor, tolerance);
        state->wrong = !agrees && !gt_formulas_reads_misshapen(f, i);
        wrong += state->wrong;
    }
    return wrong;
}
