/* A cell's gradients by its tape, rolled, unrolled and planned, against each other and numbers. */
#include "check/cell_check.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/conditioning.h"
#include "check/frozen.h"
#include "check/gradients.h"
#include "check/report.h"
#include "check/weigh.h"
#include "gradtape/grad.h"
#include "problem/tape.h"

#include <math.h>
#include <string.h>

enum { UNROLLED, ROLLED, PLANNED, FORMS };

static const char *const form_names[FORMS] = {"unrolled", "rolled", "planned"};

typedef struct work {
    const gt_cell_problem *data;
    const gt_check_options *options;
    const char *stage;
    gt_report *report;
    gt_error *error;
    gt_cell_tape tapes[2]; /* unrolled, rolled */
    gt_var *gradients[2];
    double *y[FORMS], *exact[FORMS];
    bool has_form[FORMS];
    gt_check_array *arrays;
    bool *in_time;
    gt_conditioning conditioning; /* measured where forms differ */
    gt_plan_options plan_options; /* of the planned form */
} work;

/* ---- values -------------------------------------------------------------------------------- */

static gt_status record(work *w, int form)
{
    const gt_cell_problem *d = w->data;
    gt_cell_tape *t = &w->tapes[form];
    gt_status status = gt_cell_tape_open(t, d, form == UNROLLED, w->error);
    if (status != GT_OK)
        return status;
    status = gt_grad(t->results, t->arrays + d->differentiated, t->result_count, t->arrays, d->differentiated,
                     w->gradients[form]);
    return status == GT_OK ? GT_OK : gt_error_set(w->error, status, "%s: %s", d->cell->name, gt_tape_message(t->tape));
}

static gt_status bind_upstream(const work *w, gt_forward *forward, const gt_cell_tape *t)
{
    const gt_cell_problem *d = w->data;
    gt_status status = GT_OK;
    for (uint32_t i = d->differentiated; i < d->array_count && status == GT_OK; i++)
        status = gt_forward_bind(forward, t->arrays[i], d->arrays[i].data, w->error);
    return status;
}

/* What is not finite is a finding: no derivative can be looked at there. */
static gt_status report_not_finite(work *w, gt_check_kind kind, const gt_forward *forward, const char *message)
{
    gt_finding f = {.kind = kind, .verdict = GT_UNDECIDABLE};
    f.step = gt_interpreter_failed_step(forward->run);
    gt_var node = gt_interpreter_failed_node(forward->run);
    f.gate = gt_var_op(node) != NULL ? gt_var_op(node)->name : "";
    if (kind == GT_CHECK_FORWARD) {
        f.array = gt_var_name(node);
        f.text = gt_report_write(w->report, "the forward pass is not finite, so nothing can be checked: %.*s",
                                 gt_utf8_fit(message, 300), message);
    } else {
        int32_t slot;
        gt_var origin = gt_var_origin(node, &slot);
        f.array = "the gradient";
        if (gt_var_valid(origin))
            f.gate = gt_var_op(origin)->name;
        f.text = gt_report_write(w->report,
                                 "%s: the gradient is not finite, so it cannot be checked: in the "
                                 "derivative of %s: %.*s",
                                 w->stage, f.gate, gt_utf8_fit(message, 200), message);
    }
    gt_report_count(w->report, &f, 0);
    return gt_report_add(w->report, &f, w->error);
}

/* Larger than this, derivatives and sums of squares are soon not finite. */
#define EXPLODED 1e100

/* The first entry of the results that is too large, if there is one, is a finding. */
static gt_status report_explosion(work *w, bool *finite)
{
    const gt_cell_problem *d = w->data;
    const double *y = w->y[UNROLLED];
    gt_finding f = {.kind = GT_CHECK_FORWARD, .verdict = GT_UNDECIDABLE, .step = INT64_MAX};
    double largest = 0;
    for (uint32_t i = d->differentiated; i < d->array_count; i++) {
        const gt_problem_array *array = &d->arrays[i];
        size_t entries = array->count / (size_t)d->steps;
        for (size_t k = 0; k < array->count; k++, y++) {
            largest = fmax(largest, fabs(*y));
            if (fabs(*y) <= EXPLODED || (int64_t)(k / entries) >= f.step)
                continue;
            f.step = (int64_t)(k / entries);
            f.array = array->row->name;
        }
    }
    *finite = f.step == INT64_MAX;
    if (*finite)
        return GT_OK;
    f.text =
        gt_report_write(w->report,
                        "the forward pass explodes, so nothing can be checked: %s is beyond 1e100 "
                        "from time step %lld on, and results grow to %.0e; take fewer steps (--steps), or a smaller "
                        "start of parameters",
                        f.array, (long long)f.step, largest);
    return gt_report_add(w->report, &f, w->error);
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k]))
            return false;
    return true;
}

/*
 * Values of the vars, or a finding. A branch that is not taken may be what it wants; where a
 * result is not finite, it is computed again to see at which op that begins.
 */
static gt_status take_finite(work *w, gt_check_kind kind, gt_forward *forward, const gt_var *vars, uint32_t count,
                             double *values, bool *finite)
{
    gt_error inside = {0};
    gt_status status = gt_forward_values(forward, vars, count, values, w->error);
    *finite = status == GT_OK && all_finite(values, gt_forward_entries(vars, count));
    if (status != GT_OK || *finite)
        return status;
    gt_interpreter_check_finite(forward->run, true);
    status = gt_forward_values(forward, vars, count, values, &inside);
    if (status == GT_ERROR_NOT_FINITE)
        status = report_not_finite(w, kind, forward, inside.message);
    else if (status == GT_OK)
        *finite = true; /* an array of the user's that is not finite: every comparison fails */
    else
        gt_error_set(w->error, status, "%s", inside.message);
    gt_interpreter_check_finite(forward->run, false);
    return status;
}

/* *finite: go on. */
static gt_status evaluate(work *w, int form, bool *finite)
{
    const gt_cell_problem *d = w->data;
    gt_cell_tape *t = &w->tapes[form];
    gt_forward forward = {0};
    gt_status status = gt_forward_open(&forward, t->results, t->result_count, t->arrays, d->differentiated, d->buffer,
                                       false, w->error);
    if (status == GT_OK)
        status = bind_upstream(w, &forward, t);
    if (status == GT_OK)
        status = take_finite(w, GT_CHECK_FORWARD, &forward, t->results, t->result_count, w->y[form], finite);
    if (status == GT_OK && *finite)
        status =
            take_finite(w, GT_CHECK_FORMS, &forward, w->gradients[form], d->differentiated, w->exact[form], finite);
    gt_forward_close(&forward);
    return status;
}

static void gather(const gt_workspace *run, const gt_var *vars, uint32_t first, uint32_t count, double *values)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t entries = gt_forward_entries(&vars[i], 1);
        memcpy(values, gt_workspace_value(run, first + i), entries * sizeof *values);
        values += entries;
    }
}

/* The planned program of the rolled tape: what training runs. A tape that cannot be planned is no finding. */
static gt_status evaluate_planned(work *w)
{
    const gt_cell_problem *d = w->data;
    gt_cell_tape *t = &w->tapes[ROLLED];
    uint32_t count = t->result_count + d->differentiated;
    gt_var *outputs = gt_memory_new(count, sizeof *outputs);
    if (outputs == NULL)
        return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for a plan");
    memcpy(outputs, t->results, t->result_count * sizeof *outputs);
    memcpy(outputs + t->result_count, w->gradients[ROLLED], d->differentiated * sizeof *outputs);
    gt_error inside = {0};
    gt_plan *plan = gt_plan_new(outputs, count, &w->plan_options, &inside);
    gt_workspace *run = plan != NULL ? gt_workspace_new(plan) : NULL;
    gt_status status = run != NULL ? GT_OK : plan != NULL ? GT_ERROR_MEMORY : inside.status;
    for (uint32_t i = 0; i < d->array_count && status == GT_OK; i++)
        status = gt_workspace_bind(run, t->arrays[i], d->arrays[i].data);
    if (status == GT_OK)
        status = gt_workspace_run(run);
    w->has_form[PLANNED] = status == GT_OK;
    if (status == GT_OK) {
        gather(run, t->results, 0, t->result_count, w->y[PLANNED]);
        gather(run, w->gradients[ROLLED], t->result_count, d->differentiated, w->exact[PLANNED]);
    }
    gt_workspace_free(run);
    gt_plan_free(plan);
    gt_memory_free(outputs);
    return status == GT_ERROR_MEMORY ? gt_error_set(w->error, status, "check: no memory for a plan") : GT_OK;
}

/* ---- form against form --------------------------------------------------------------------- */

/* An array by one form, and by the unrolled sequence. */
typedef struct pair {
    gt_check_kind kind;
    uint32_t array; /* of the data */
    const double *value, *expected;
} pair;

static void compare_pair(const work *w, const pair *p, double rounding, gt_finding *f)
{
    const gt_problem_array *array = &w->data->arrays[p->array];
    gt_arrays arrays = {.value = p->value,
                        .expected = p->expected,
                        .shape = array->shape,
                        .in_time = array->kind == GT_PROBLEM_INPUT || p->kind == GT_CHECK_FORWARD,
                        .scale = 1e-3,
                        .rounding = rounding,
                        .tolerance = w->options->tolerance};
    gt_arrays_compare(&arrays, f);
}

/* Where an exact plan agrees, the order of sums has made the difference, not a fault. */
static gt_status blame(work *w, int form, const pair *p, gt_finding *f)
{
    const char *fault = "either the cell records something else from step to step, or gradtape has a "
                        "fault, which please report";
    if (form == PLANNED && !w->plan_options.exact) {
        gt_finding exact = *f;
        w->plan_options.exact = true;
        gt_status status = evaluate_planned(w);
        if (status != GT_OK || !w->has_form[PLANNED])
            return status;
        compare_pair(w, p, w->conditioning.allowed[p->array], &exact);
        if (exact.verdict != GT_WRONG) {
            f->verdict = GT_UNDECIDABLE;
            fault = "sums are taken in another order there, which decides where large terms cancel; taken in "
                    "the same order they agree";
        }
    }
    f->text =
        gt_report_write(w->report, "%s: the value is that of the %s sequence, the expected one of the unrolled: %s",
                        w->stage, form_names[form], fault);
    return GT_OK;
}

/* Chaotic cells amplify rounding: what differs by no more than that tells nothing. */
static gt_status consider_rounding(work *w, int form, const pair *p, gt_finding *f)
{
    gt_status status = gt_conditioning_measure(&w->conditioning, w->data, w->error);
    if (status != GT_OK)
        return status;
    compare_pair(w, p, w->conditioning.allowed[p->array], f);
    if (f->verdict == GT_WRONG)
        return blame(w, form, p, f);
    f->text = gt_report_write(w->report, "%s: the value is that of the %s sequence, the other of the unrolled; %s",
                              w->stage, form_names[form], gt_conditioning_describe(&w->conditioning, w->report));
    return GT_OK;
}

static gt_status compare_array(work *w, int form, const pair *p)
{
    const gt_problem_array *array = &w->data->arrays[p->array];
    gt_finding f = {.kind = p->kind, .step = -1};
    compare_pair(w, p, 0, &f);
    gt_status status = f.verdict == GT_RIGHT ? GT_OK : consider_rounding(w, form, p, &f);
    gt_report_count(w->report, &f, 0);
    if (status != GT_OK || f.verdict == GT_RIGHT)
        return status;
    if (p->kind == GT_CHECK_FORMS)
        f.array = gt_report_write(w->report, "d%s", array->name);
    else
        f.array = array->row->name;
    f.of = p->kind == GT_CHECK_FORMS ? array->name : "";
    return gt_report_add(w->report, &f, w->error);
}

static gt_status compare_forms(work *w, int form)
{
    const gt_cell_problem *d = w->data;
    gt_status status = GT_OK;
    size_t first = 0;
    for (uint32_t i = d->differentiated; i < d->array_count && status == GT_OK; i++) {
        pair p = {GT_CHECK_FORWARD, i, w->y[form] + first, w->y[UNROLLED] + first};
        status = compare_array(w, form, &p);
        first += d->arrays[i].count;
    }
    first = 0;
    for (uint32_t i = 0; i < d->differentiated && status == GT_OK; i++) {
        pair p = {GT_CHECK_FORMS, i, w->exact[form] + first, w->exact[UNROLLED] + first};
        status = compare_array(w, form, &p);
        first += d->arrays[i].count;
    }
    return status;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* What the ops by themselves have to say about findings from `first` on. */
static gt_status weigh(work *w, uint32_t first, uint32_t rough)
{
    const gt_cell_problem *d = w->data;
    gt_cell_tape *t = &w->tapes[UNROLLED];
    gt_forward forward = {0};
    if (w->report->finding_count == first)
        return GT_OK;
    gt_status status = gt_forward_open(&forward, t->results, t->result_count, t->arrays, d->differentiated, d->buffer,
                                       false, w->error);
    if (status == GT_OK)
        status = gt_weigh_rough(&forward, first, rough, w->options, w->report, w->error);
    if (status == GT_OK)
        status = gt_weigh_findings(&forward, first, w->options, w->report, w->error);
    if (status == GT_OK)
        status = gt_weigh_jumps(&forward, first, w->report, w->error);
    if (status == GT_OK)
        status = gt_weigh_masks(d, first, w->report, w->error);
    gt_forward_close(&forward);
    return status;
}

/*
 * The forward pass that numbers come from: planned, since it is run so often. If it
 * has a stop_gradient, whose value must be held, it is unrolled and interpreted.
 */
static gt_status open_numbers(work *w, gt_forward *forward, gt_frozen *frozen)
{
    const gt_cell_problem *d = w->data;
    const gt_cell_tape *t = &w->tapes[UNROLLED];
    gt_status status =
        gt_forward_open(forward, t->results, t->result_count, t->arrays, d->differentiated, d->buffer, false, w->error);
    if (status == GT_OK)
        status = gt_frozen_begin(frozen, forward, w->error);
    if (status != GT_OK || frozen->count > 0)
        return status;
    gt_forward_close(forward);
    t = &w->tapes[ROLLED];
    return gt_forward_open(forward, t->results, t->result_count, t->arrays, d->differentiated, d->buffer,
                           w->has_form[PLANNED], w->error);
}

static gt_status compare_numbers(work *w)
{
    const gt_cell_problem *d = w->data;
    gt_gradient_form forms[FORMS];
    uint32_t form_count = 0;
    for (int k = 0; k < FORMS; k++)
        if (w->has_form[k])
            forms[form_count++] = (gt_gradient_form){form_names[k], w->exact[k]};
    if (w->report->verdict != GT_WRONG) { /* they all agree: one stands for all */
        form_count = 1;
        forms[0].name = NULL;
    }
    gt_forward forward = {0};
    gt_frozen frozen = {0};
    uint32_t first = w->report->finding_count, rough = 0;
    gt_status status = open_numbers(w, &forward, &frozen);
    if (status == GT_OK) {
        gt_gradients problem = {.function = gt_forward_call,
                                .context = &forward,
                                .x = d->buffer,
                                .output_count = d->y_count,
                                .weights = (const double *)d->buffer + d->x_count,
                                .arrays = w->arrays,
                                .in_time = w->in_time,
                                .array_count = d->differentiated,
                                .forms = forms,
                                .form_count = form_count,
                                .kind = GT_CHECK_NUMERIC,
                                .stage = w->stage,
                                .rough = &rough};
        status = gt_gradients_check(&problem, w->options, w->report, w->error);
    }
    gt_frozen_end(&frozen);
    gt_forward_close(&forward);
    return status == GT_OK ? weigh(w, first, rough) : status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static gt_status open_work(work *w)
{
    const gt_cell_problem *d = w->data;
    w->arrays = gt_memory_new(d->differentiated, sizeof *w->arrays);
    w->in_time = gt_memory_new(d->differentiated, sizeof *w->in_time);
    bool all = w->arrays != NULL && w->in_time != NULL;
    for (int k = 0; k < FORMS; k++) {
        w->y[k] = gt_memory_new(d->y_count, sizeof *w->y[k]);
        w->exact[k] = gt_memory_new(d->x_count, sizeof *w->exact[k]);
        if (k < 2)
            w->gradients[k] = gt_memory_new(d->differentiated, sizeof *w->gradients[k]);
        all = all && w->y[k] != NULL && w->exact[k] != NULL && (k >= 2 || w->gradients[k] != NULL);
    }
    if (!all)
        return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for gradients");
    for (uint32_t i = 0; i < d->differentiated; i++) {
        w->arrays[i] = (gt_check_array){d->arrays[i].name, d->arrays[i].shape};
        w->in_time[i] = d->arrays[i].kind == GT_PROBLEM_INPUT;
    }
    return GT_OK;
}

static void close_work(work *w)
{
    for (int k = 0; k < FORMS; k++) {
        gt_memory_free(w->y[k]);
        gt_memory_free(w->exact[k]);
        if (k < 2) {
            gt_memory_free(w->gradients[k]);
            gt_cell_tape_close(&w->tapes[k]);
        }
    }
    gt_memory_free(w->arrays);
    gt_memory_free(w->in_time);
    gt_conditioning_close(&w->conditioning);
}

gt_status gt_cell_check_numeric(const gt_cell_problem *data, const char *stage, const gt_check_options *options,
                                gt_report *report, gt_error *error)
{
    work w = {.data = data,
              .options = options,
              .stage = stage,
              .report = report,
              .error = error,
              .has_form = {true, true, false}};
    bool finite = true;
    gt_status status = open_work(&w);
    for (int form = UNROLLED; form <= ROLLED && status == GT_OK && finite; form++) {
        status = record(&w, form);
        if (status == GT_OK)
            status = evaluate(&w, form, &finite);
        if (status == GT_OK && finite && form == UNROLLED)
            status = report_explosion(&w, &finite);
    }
    if (status == GT_OK && finite)
        status = evaluate_planned(&w);
    for (int form = ROLLED; form < FORMS && status == GT_OK && finite; form++)
        if (w.has_form[form])
            status = compare_forms(&w, form);
    if (status == GT_OK && finite)
        status = compare_numbers(&w);
    close_work(&w);
    return status;
}
