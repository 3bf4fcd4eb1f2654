#include "check/missing.h"

#include "base/utf8.h"
#include "check/arrays.h"
#include "check/report.h"
#include "gradtape/nearest.h"

#include <ctype.h>
#include <string.h>

typedef struct work {
    const gt_formulas *f;
    double floor;
    const gt_check_options *options;
    gt_report *report;
    gt_error *error;
} work;

gt_status gt_missing_add(gt_check_kind kind, const char *of, const char *text, const gt_check_options *options,
                         gt_report *report, gt_error *error)
{
    gt_remark r = {.kind = GT_REMARK_NOT_VERIFIED};
    r.array = gt_report_write(report, "d%.*s", GT_NAME_SIZE - 2, of);
    if (!options->require_all) {
        r.text = gt_report_write(report, "%s: %.*s", r.array, gt_utf8_fit(text, 300), text);
        return gt_report_remark(report, &r, error);
    }
    gt_finding f = {.kind = kind, .verdict = GT_WRONG, .step = -1};
    f.array = r.array;
    f.of = of;
    f.text = gt_report_write(report, "missing: %.*s", gt_utf8_fit(text, 300), text);
    report->counts[kind].arrays++;
    report->counts[kind].wrong++;
    return gt_report_add(report, &f, error);
}

/* ---- gradients ----------------------------------------------------------------------------- */

static bool is_defined(const gt_formulas *f, uint32_t name)
{
    for (uint32_t i = 0; i < f->count; i++)
        if (f->list[i].subject == (int64_t)name)
            return true;
    return false;
}

/* A gradient that is 0 throughout, such as that of a mask, needs no formula. */
static bool is_needed(const gt_step *s, const gt_step_name *n)
{
    for (int64_t t = 0; n->gradients != NULL && t < s->steps; t++)
        if (gt_arrays_largest(n->gradients[t], gt_step_count(n)) > 0)
            return true;
    return false;
}

static bool is_missing(const gt_formulas *f, uint32_t name)
{
    return name < f->step->equation_first && is_needed(f->step, &f->step->names[name]) && !is_defined(f, name);
}

static gt_status report_gradients(const work *w)
{
    const gt_step *s = w->f->step;
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < s->equation_first && status == GT_OK; i++)
        if (is_missing(w->f, i))
            status = gt_missing_add(GT_CHECK_BACKWARD, s->names[i].name,
                                    s->names[i].kind == GT_NAME_STATE
                                        ? "the block does not define it; the tape's was put in its place"
                                        : "the block does not define it",
                                    w->options, w->report, w->error);
    return status;
}

/* What only an output depends on, if no formula reads that output's gradient. */
static gt_status report_outputs(const work *w)
{
    const gt_step *s = w->f->step;
    const gt_cell *cell = s->data->cell;
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->output_count && s->data->with_outputs && status == GT_OK; i++) {
        char text[GT_SENTENCE_SIZE];
        if (s->uses_output[i])
            continue;
        gt_utf8_format(text, sizeof text, "the block does not read it, so nothing that %.*s adds was looked at",
                       gt_utf8_fit(cell->outputs[i].name, 60), cell->outputs[i].name);
        gt_check_options remark = *w->options;
        remark.require_all = false; /* it may well be part of what is given for the state */
        status = gt_missing_add(GT_CHECK_BACKWARD, cell->outputs[i].name, text, &remark, w->report, w->error);
    }
    return status;
}

/* ---- locals that nothing reads -------------------------------------------------------------- */

static bool is_read(const gt_formulas *f, uint32_t local)
{
    for (uint32_t i = local + 1; i < f->count; i++)
        if (f->list[i].reads[f->step->formula_first + local])
            return true;
    return false;
}

/* A constant, "two = 2", reads nothing, and is a number where it is read. */
static bool is_constant(const gt_formulas *f, uint32_t local)
{
    for (uint32_t n = 0; n < f->step->name_count; n++)
        if (f->list[local].reads[n])
            return false;
    return true;
}

static bool has_its_values(const work *w, uint32_t local, uint32_t name)
{
    const gt_step_name *n = &w->f->step->names[name];
    return gt_shape_equal(gt_formulas_name(w->f, local)->shape, n->shape) &&
           gt_formulas_agree(w->f, w->f->list[local].own, n->gradients, gt_step_count(n), w->floor,
                             w->options->tolerance);
}

/* "da_prev", "DA" and "dat" without what people put around a name: "da". */
static void strip(const char *name, char *plain, size_t size)
{
    static const char *const endings[] = {"prev", "next", "total", "grad", "t", "0"};
    size_t length = 0;
    for (; *name != '\0' && length + 1 < size; name++)
        if (*name != '_')
            plain[length++] = (char)tolower((unsigned char)*name);
    plain[length] = '\0';
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending + 1 && strcmp(plain + length - ending, endings[i]) == 0) {
            plain[length - ending] = '\0';
            return;
        }
    }
}

bool gt_missing_is_like(const char *local, const char *gradient)
{
    char a[GT_NAME_SIZE], b[GT_NAME_SIZE];
    strip(local, a, sizeof a);
    strip(gradient, b, sizeof b);
    return strcmp(a, b) == 0;
}

/* The missing gradient that a local may be meant to be: by its values, else by its name; -1: none. */
static int64_t meant(const work *w, uint32_t local, bool *equal)
{
    const gt_step *s = w->f->step;
    const char *name = gt_formulas_name(w->f, local)->name;
    char gradients[3 * GT_MAX_CELL_ARRAYS][GT_NAME_SIZE + 1];
    gt_nearest nearest = {.wanted = name};
    int64_t like = -1;
    for (uint32_t i = 0; i < s->equation_first && i < 3 * GT_MAX_CELL_ARRAYS; i++) {
        if (!is_missing(w->f, i))
            continue;
        *equal = has_its_values(w, local, i);
        if (*equal)
            return i;
        gt_utf8_format(gradients[i], sizeof *gradients, "d%s", s->names[i].name);
        if (like < 0 && gt_missing_is_like(name, gradients[i]))
            like = i;
        gt_nearest_offer(&nearest, gradients[i]);
    }
    return like >= 0 || nearest.best == NULL ? like : gt_step_find(s, nearest.best + 1);
}

static gt_status report_local(const work *w, uint32_t i)
{
    const gt_equation *equation = &w->f->step->handwritten->backward[i];
    gt_remark r = {.kind = GT_REMARK_NOT_READ, .place = equation->place};
    r.array = equation->name;
    bool equal = false;
    int64_t name = meant(w, i, &equal);
    if (name < 0) {
        r.text = gt_report_write(w->report, "nothing reads %s, and it is no gradient of the cell: it was not verified",
                                 r.array);
    } else {
        const char *of = w->f->step->names[name].name;
        r.text = gt_report_write(w->report,
                                 "nothing reads %s, so it was not verified; did you mean d%.*s, the gradient of %.*s? "
                                 "It %s",
                                 r.array, gt_utf8_fit(of, 60), of, gt_utf8_fit(of, 60), of,
                                 equal ? "has the right values for that" : "would be wrong as that");
    }
    return gt_report_remark(w->report, &r, w->error);
}

gt_status gt_missing_report(const gt_formulas *f, double floor, const gt_check_options *options, gt_report *report,
                            gt_error *error)
{
    work w = {f, floor, options, report, error};
    gt_status status = report_gradients(&w);
    if (status == GT_OK)
        status = report_outputs(&w);
    for (uint32_t i = 0; i < f->count && status == GT_OK; i++)
        if (f->list[i].subject < 0 && !is_read(f, i) && !is_constant(f, i))
            status = report_local(&w, i);
    return status;
}
