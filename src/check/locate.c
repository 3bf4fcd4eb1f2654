/*
 * Which local is to blame.
 *
 * A local of a backward pass has no name that says what it should be. But it
 * plays a part: where a formula reads it, the tape's own backward pass has some
 * value in its place. So each value of the step's tape is tried in the place of
 * each local: if formulas that were wrong become right, and none becomes wrong,
 * then that value is what the local should have been.
 */
#include "check/formulas.h"

#include "base/memory.h"
#include "check/arrays.h"

#include <math.h>
#include <string.h>

typedef struct search {
    gt_formulas *f;
    double floor, tolerance;
    uint32_t local;
    double *scratch; /* of any formula */
    gt_error *error;
} search;

/* ---- one trial ----------------------------------------------------------------------------- */

static bool agrees_at(const search *s, uint32_t i, int64_t t, const double *value)
{
    const gt_step_name *subject = &s->f->step->names[s->f->list[i].subject];
    size_t count = gt_step_count(subject);
    double scale = s->floor;
    for (int64_t k = 0; k < s->f->step->steps; k++)
        scale = fmax(scale, gt_arrays_largest(subject->gradients[k], count));
    for (size_t k = 0; k < count; k++)
        if (!(fabs(value[k] - subject->gradients[t][k]) <= s->tolerance * scale))
            return false;
    return true;
}

/* Locals behind the one tried take their own values again. */
static void restore(const search *s, int64_t t)
{
    uint32_t name = s->f->step->formula_first + s->local;
    for (uint32_t i = s->local; i < s->f->count; i++)
        if (i == s->local || (s->f->list[i].depends[name] && s->f->list[i].subject < 0))
            memcpy(gt_formulas_name(s->f, i)->values[t], s->f->list[i].own[t],
                   gt_step_count(gt_formulas_name(s->f, i)) * sizeof(double));
}

/*
 * Puts `value` in the local's place at step t. *fixed becomes how many formulas
 * that were wrong are right there; false: one that was right is wrong.
 */
static gt_status try_value(search *s, int64_t t, const double *value, uint32_t *fixed, bool *harmless)
{
    gt_formulas *f = s->f;
    uint32_t name = f->step->formula_first + s->local;
    gt_status status = GT_OK;
    *fixed = 0;
    *harmless = true;
    memcpy(gt_formulas_name(f, s->local)->values[t], value,
           gt_step_count(gt_formulas_name(f, s->local)) * sizeof *value);
    for (uint32_t i = s->local + 1; i < f->count && *harmless && status == GT_OK; i++) {
        const gt_formula_state *state = &f->list[i];
        if (!state->depends[name] || state->misshapen)
            continue;
        double *to = state->subject < 0 ? gt_formulas_name(f, i)->values[t] : s->scratch;
        status = gt_formulas_evaluate(f, i, t, to, s->error);
        if (status != GT_OK || state->subject < 0)
            continue;
        bool right = agrees_at(s, i, t, to);
        *fixed += right && state->wrong;
        *harmless = right || state->wrong;
    }
    restore(s, t);
    return status;
}

/* ---- candidates ---------------------------------------------------------------------------- */

static gt_status run_step(search *s, int64_t t, const gt_var *vars, uint32_t count)
{
    gt_step *step = s->f->step;
    gt_status status = gt_step_bind(step, t, s->error);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(step->run, vars, count);
    if (status == GT_OK || s->error == NULL || s->error->status != GT_OK)
        return status;
    return gt_error_set(s->error, status, "check: %s", gt_interpreter_message(step->run));
}

/* Nodes of the local's shape, all evaluated at step t. */
static gt_status list_candidates(search *s, int64_t t, gt_var *candidates, uint32_t *count)
{
    gt_step *step = s->f->step;
    const gt_step_name *local = gt_formulas_name(s->f, s->local);
    *count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(step->tape); i++) {
        gt_var v = gt_tape_var(step->tape, i);
        gt_op_class class = gt_var_op(v)->op_class;
        if (gt_var_dtype(v) == GT_F64 && class != GT_CLASS_TUPLE && class != GT_CLASS_SCAN &&
            gt_shape_equal(gt_var_shape(v), local->shape))
            candidates[(*count)++] = v;
    }
    return run_step(s, t, candidates, *count);
}

/* Whether a candidate that fits at one step fits at all of them. */
static gt_status fits_always(search *s, gt_var candidate, bool *fits)
{
    gt_status status = GT_OK;
    *fits = true;
    for (int64_t t = 0; t < s->f->step->steps && *fits && status == GT_OK; t++) {
        uint32_t fixed;
        status = run_step(s, t, &candidate, 1);
        if (status == GT_OK)
            status = try_value(s, t, gt_interpreter_value(s->f->step->run, candidate), &fixed, fits);
        *fits = *fits && fixed > 0;
    }
    return status;
}

/* The candidate that makes most formulas right. */
static gt_status best_candidate(search *s, gt_var *candidates, gt_var *best)
{
    gt_step *step = s->f->step;
    int64_t t = step->steps / 2;
    uint32_t count, most = 0;
    gt_status status = list_candidates(s, t, candidates, &count);
    size_t entries = gt_step_count(gt_formulas_name(s->f, s->local));
    double *values = gt_memory_new((uint64_t)count * entries + 1, sizeof *values);
    if (values == NULL)
        return gt_error_set(s->error, GT_ERROR_MEMORY, "check: no memory for candidates");
    for (uint32_t i = 0; i < count && status == GT_OK; i++)
        memcpy(values + i * entries, gt_interpreter_value(step->run, candidates[i]), entries * sizeof *values);
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        uint32_t fixed;
        bool fits;
        status = try_value(s, t, values + i * entries, &fixed, &fits);
        if (status != GT_OK || !fits || fixed <= most)
            continue;
        status = fits_always(s, candidates[i], &fits);
        if (status == GT_OK && fits) {
            most = fixed;
            *best = candidates[i];
        }
    }
    gt_memory_free(values);
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static bool is_suspect(const gt_formulas *f, uint32_t local)
{
    uint32_t name = f->step->formula_first + local;
    if (f->list[local].subject >= 0 || f->list[local].certain)
        return false;
    for (uint32_t i = local + 1; i < f->count; i++)
        if (f->list[i].subject >= 0 && f->list[i].wrong && f->list[i].depends[name])
            return true;
    return false;
}

static gt_status settle(search *s, gt_var role)
{
    gt_formulas *f = s->f;
    gt_step_name *name = gt_formulas_name(f, s->local);
    f->list[s->local].wrong = f->list[s->local].certain = true;
    gt_status status = GT_OK;
    for (int64_t t = 0; t < f->step->steps && status == GT_OK; t++) {
        status = run_step(s, t, &role, 1);
        if (status == GT_OK)
            memcpy(name->values[t], gt_interpreter_value(f->step->run, role), gt_step_count(name) * sizeof(double));
    }
    if (status == GT_OK)
        status = gt_formulas_run(f, s->local + 1, s->error);
    if (status == GT_OK)
        gt_formulas_mark(f, s->floor, s->tolerance);
    return status;
}

gt_status gt_formulas_locate(gt_formulas *f, uint32_t first, double floor, double tolerance, uint32_t *found,
                             gt_var *role, gt_error *error)
{
    size_t most = 1;
    for (uint32_t i = 0; i < f->count; i++)
        most = gt_step_count(gt_formulas_name(f, i)) > most ? gt_step_count(gt_formulas_name(f, i)) : most;
    gt_var *candidates = gt_memory_new(gt_tape_node_count(f->step->tape), sizeof *candidates);
    search s = {.f = f,
                .floor = floor,
                .tolerance = tolerance,
                .error = error,
                .scratch = gt_memory_new(most, sizeof *s.scratch)};
    gt_status status = GT_OK;
    if (candidates == NULL || s.scratch == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for candidates");
    *role = GT_NONE;
    for (*found = first; *found < f->count && status == GT_OK; (*found)++) {
        if (!is_suspect(f, *found))
            continue;
        s.local = *found;
        status = best_candidate(&s, candidates, role);
        if (status == GT_OK && gt_var_valid(*role)) {
            status = settle(&s, *role);
            break;
        }
    }
    gt_memory_free(candidates);
    gt_memory_free(s.scratch);
    return status;
}

/* ---- the part of one that is known --------------------------------------------------------- */

static bool has_values(const search *s, int64_t t, gt_var v)
{
    const gt_step_name *local = gt_formulas_name(s->f, s->local);
    const double *value = gt_interpreter_value(s->f->step->run, v);
    size_t count = gt_step_count(local);
    double scale = gt_arrays_largest(local->values[t], count);
    for (size_t k = 0; k < count; k++)
        if (!(fabs(value[k] - local->values[t][k]) <= s->tolerance * scale))
            return false;
    return true;
}

gt_status gt_formulas_role(gt_formulas *f, uint32_t i, double tolerance, gt_var *role, gt_error *error)
{
    gt_var *candidates = gt_memory_new(gt_tape_node_count(f->step->tape), sizeof *candidates);
    search s = {.f = f, .tolerance = tolerance, .local = i, .error = error};
    *role = GT_NONE;
    if (candidates == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for candidates");
    uint32_t count, left = 0;
    gt_status status = list_candidates(&s, 0, candidates, &count);
    for (uint32_t k = 0; k < count && status == GT_OK; k++)
        if (has_values(&s, 0, candidates[k]))
            candidates[left++] = candidates[k];
    if (status == GT_OK)
        status = run_step(&s, f->step->steps - 1, candidates, left);
    for (uint32_t k = 0; k < left && status == GT_OK && !gt_var_valid(*role); k++)
        if (has_values(&s, f->step->steps - 1, candidates[k]))
            *role = candidates[k];
    gt_memory_free(candidates);
    return status;
}
