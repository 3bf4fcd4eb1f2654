#include "check/convention.h"

#include "base/utf8.h"
#include "check/arrays.h"
#include "check/report.h"

#include <string.h>

/* A formula that is right as it stands means what its name says, whatever reads it. */
static bool may_be_before(const gt_formulas *f, uint32_t i)
{
    const gt_formula_state *state = &f->list[i];
    return state->subject >= 0 && state->wrong && !state->misshapen &&
           gt_var_valid(f->step->names[state->subject].before);
}

static gt_status count_wrong(gt_formulas *f, double floor, double tolerance, uint32_t *wrong, gt_error *error)
{
    gt_status status = gt_formulas_run(f, 0, error);
    if (status == GT_OK)
        *wrong = gt_formulas_mark(f, floor, tolerance);
    return status;
}

gt_status gt_convention_find(gt_formulas *f, double floor, double tolerance, uint32_t *wrong, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i<f->count && * wrong> 0 && status == GT_OK; i++) {
        if (!may_be_before(f, i))
            continue;
        uint32_t then = 0;
        gt_step_exchange_before(&f->step->names[f->list[i].subject]);
        status = count_wrong(f, floor, tolerance, &then, error);
        f->list[i].before = status == GT_OK && then < *wrong;
        if (f->list[i].before) {
            *wrong = then;
            continue;
        }
        gt_step_exchange_before(&f->step->names[f->list[i].subject]);
        if (status == GT_OK)
            status = count_wrong(f, floor, tolerance, wrong, error);
    }
    return status;
}

/* ---- in words ------------------------------------------------------------------------------ */

static const gt_step_name *subject_of(const gt_formulas *f, uint32_t i)
{
    return &f->step->names[f->list[i].subject];
}

/* "dft, dit and dot" */
static void list_names(const gt_formulas *f, bool gradients, uint32_t count, char *text, size_t size)
{
    uint32_t listed = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < f->count; i++) {
        if (!f->list[i].before)
            continue;
        size_t used = strlen(text);
        gt_utf8_format(text + used, size - used, "%s%s%s",
                       listed == 0           ? ""
                       : listed + 1 == count ? " and "
                                             : ", ",
                       gradients ? "d" : "", subject_of(f, i)->name);
        listed++;
    }
}

gt_status gt_convention_report(const gt_formulas *f, gt_report *report, gt_error *error)
{
    uint32_t count = 0, first = 0;
    for (uint32_t i = f->count; i-- > 0;)
        if (f->list[i].before) {
            count++;
            first = i;
        }
    if (count == 0)
        return GT_OK;
    gt_remark r = {.kind = GT_REMARK_CONVENTION, .place = f->step->handwritten->backward[first].place};
    r.array = f->step->handwritten->backward[first].name;
    char gradients[140], names[120];
    list_names(f, true, count, gradients, sizeof gradients);
    list_names(f, false, count, names, sizeof names);
    if (count == 1)
        r.text = gt_report_write(report, "here %s is the gradient of what goes into %s's %.*s", gradients, names,
                                 gt_utf8_fit(gt_var_op(subject_of(f, first)->v)->name, 40),
                                 gt_var_op(subject_of(f, first)->v)->name);
    else
        r.text = gt_report_write(
            report, "here %s are the gradients of what goes into the activations of %s, not of their values", gradients,
            names);
    return gt_report_remark(report, &r, error);
}
