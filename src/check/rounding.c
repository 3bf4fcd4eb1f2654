#include "check/rounding.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* The formula on a tape of one type, with a leaf for each name that it reads. */
typedef struct twin {
    gt_formulas *formulas;
    uint32_t formula;
    gt_tape *tape;
    gt_interpreter *run;
    gt_var v, *leaves;
} twin;

static gt_var lookup(void *context, const char *name)
{
    twin *w = context;
    const gt_step *s = w->formulas->step;
    for (uint32_t i = s->formula_first + w->formula; i-- > 0;) {
        if (strcmp(s->names[i].name, name) != 0 || s->names[i].values == NULL)
            continue;
        if (!gt_var_valid(w->leaves[i]))
            w->leaves[i] = gt_input(w->tape, name, s->names[i].shape);
        return w->leaves[i];
    }
    return GT_NONE;
}

static bool record(twin *w)
{
    const gt_step *s = w->formulas->step;
    gt_handwritten_scope scope = {.tape = w->tape,
                                  .lookup = lookup,
                                  .names = w,
                                  .dimensions = s->data->sizes,
                                  .dimension_count = s->data->size_count};
    w->v = s->handwritten->record_backward(s->handwritten, w->formula, &scope);
    return gt_tape_status(w->tape) == GT_OK && gt_var_valid(w->v) &&
           gt_shape_equal(gt_var_shape(w->v), gt_formulas_name(w->formulas, w->formula)->shape);
}

/* Values in single precision, and the same ones for the formula in double precision. */
static bool round_values(twin *w, int64_t t, float **narrow, double **kept)
{
    const gt_step *s = w->formulas->step;
    for (uint32_t i = 0; i < s->formula_first + w->formula; i++) {
        if (!gt_var_valid(w->leaves[i]))
            continue;
        size_t count = gt_step_count(&s->names[i]);
        narrow[i] = gt_memory_new(count, sizeof **narrow);
        kept[i] = gt_memory_new(count, sizeof **kept);
        if (narrow[i] == NULL || kept[i] == NULL)
            return false;
        memcpy(kept[i], s->names[i].values[t], count * sizeof **kept);
        for (size_t k = 0; k < count; k++)
            s->names[i].values[t][k] = narrow[i][k] = (float)kept[i][k];
        if (gt_interpreter_bind(w->run, w->leaves[i], narrow[i]) != GT_OK)
            return false;
    }
    return true;
}

static void give_back(const twin *w, int64_t t, float **narrow, double **kept)
{
    const gt_step *s = w->formulas->step;
    for (uint32_t i = 0; i < s->name_count; i++) {
        if (narrow[i] != NULL && kept[i] != NULL)
            memcpy(s->names[i].values[t], kept[i], gt_step_count(&s->names[i]) * sizeof **kept);
        gt_memory_free(narrow[i]);
        gt_memory_free(kept[i]);
    }
}

static gt_status compare(twin *w, int64_t t, double *rounding, gt_error *error)
{
    size_t count = gt_step_count(gt_formulas_name(w->formulas, w->formula));
    double *wide = gt_memory_new(count, sizeof *wide);
    if (wide == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for rounding errors");
    gt_status status = gt_formulas_evaluate(w->formulas, w->formula, t, wide, error);
    if (status == GT_OK && gt_interpreter_evaluate(w->run, &w->v, 1) == GT_OK) {
        const float *narrow = gt_interpreter_value(w->run, w->v);
        for (size_t k = 0; k < count; k++)
            if (isfinite(wide[k]) && isfinite(narrow[k]))
                *rounding = fmax(*rounding, 0x1p-29 * fabs(wide[k] - (double)narrow[k]));
    }
    gt_memory_free(wide);
    return status;
}

gt_status gt_formulas_rounding(gt_formulas *formulas, uint32_t i, int64_t t, double *rounding, gt_error *error)
{
    uint32_t names = formulas->step->name_count;
    twin w = {.formulas = formulas, .formula = i, .tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F32})};
    w.run = gt_interpreter_new(w.tape);
    w.leaves = gt_memory_new(names, sizeof *w.leaves);
    float **narrow = gt_memory_new(names, sizeof *narrow);
    double **kept = gt_memory_new(names, sizeof *kept);
    gt_status status = GT_OK;
    *rounding = 0;
    if (w.tape == NULL || w.run == NULL || w.leaves == NULL || narrow == NULL || kept == NULL) {
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for rounding errors");
    } else if (record(&w)) {
        status = round_values(&w, t, narrow, kept)
                     ? compare(&w, t, rounding, error)
                     : gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for rounding errors");
        give_back(&w, t, narrow, kept);
    } else if (gt_tape_status(w.tape) == GT_ERROR_MEMORY) {
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for rounding errors");
    }
    gt_memory_free(narrow);
    gt_memory_free(kept);
    gt_memory_free(w.leaves);
    gt_interpreter_free(w.run);
    gt_tape_free(w.tape);
    return status;
}
