/*
 * What the numbers at hand cannot show.
 *
 * A mistake is seen only where it makes a difference: not in the formula of a branch
 * that no entry takes, and not beside a factor that is 0 at every step.
 */
#include "check/cell_check.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"
#include "check/branches.h"
#include "check/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct work {
    const gt_cell_problem *data;
    const gt_check_problem *problem;
    const gt_check_options *options;
    gt_report *report;
    gt_error *error;
    gt_branches branches;
    unsigned points;
} work;

/* ---- arrays that hide ---------------------------------------------------------------------- */

static bool is_all(const gt_step *s, const gt_step_name *n, double value)
{
    for (int64_t t = 0; t < s->steps; t++)
        for (size_t k = 0; k < gt_step_count(n); k++)
            if (n->values[t][k] != value)
                return false;
    return true;
}

static gt_status remark(work *w, const char *array, const char *format, ...) GT_PRINTF(3, 4);

static gt_status remark(work *w, const char *array, const char *format, ...)
{
    gt_remark r = {.kind = GT_REMARK_NOT_SEEN};
    va_list arguments;
    va_start(arguments, format);
    r.array = array;
    r.text = gt_words_write(w->report, format, arguments);
    va_end(arguments);
    return gt_report_remark(w->report, &r, w->error);
}

/* A vector of one row is no matrix that could be transposed. */
static bool is_symmetric(const work *w, const gt_step_name *n)
{
    int64_t size = n->shape.size[0];
    if (n->kind != GT_NAME_PARAMETER || size != n->shape.size[1] || w->data->cell->parameters[n->place].columns == NULL)
        return false;
    for (int64_t i = 0; i < size; i++)
        for (int64_t k = 0; k < i; k++)
            if (n->values[0][i + k * size] != n->values[0][k + i * size])
                return false;
    return true;
}

static gt_status look_for_blanks(work *w, const gt_step *s)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < s->formula_first && status == GT_OK; i++) {
        const gt_step_name *n = &s->names[i];
        if (n->values == NULL)
            continue;
        if (is_all(s, n, 0))
            status = remark(w, n->name,
                            "%s is 0 at every step: a mistake beside which it is a factor, or "
                            "in what it hands on, cannot be seen",
                            n->name);
        else if (n->kind == GT_NAME_EQUATION && is_all(s, n, 1))
            status = remark(w, n->name,
                            "%s is 1 at every step: whether it is there as a factor cannot be "
                            "seen",
                            n->name);
        else if (is_symmetric(w, n))
            status = remark(w, n->name, "%s is its own transpose: whether it is transposed cannot be seen", n->name);
    }
    return status;
}

static gt_status look_at_sizes(work *w)
{
    gt_status status = GT_OK;
    if (w->data->examples == 1)
        status = remark(w, "m",
                        "there is one example: a sum over examples that is missing, or a mean in "
                        "its place, cannot be seen; take two or more");
    if (status == GT_OK && w->data->steps == 1)
        status = remark(w, "T",
                        "there is one time step: what a step hands to the one before it cannot be "
                        "seen; take two or more");
    return status;
}

/* ---- further points ------------------------------------------------------------------------ */

static const gt_draw draws[] = {
    {.inputs = 1, .parameters = 1},
    {.inputs = 1, .parameters = 1, .zeros = true},
    {.inputs = 4, .parameters = 1},
    {.inputs = 1, .parameters = 4},
    {.inputs = 2, .parameters = 1, .whole = true},
    {.inputs = 16, .parameters = 1},
    {.inputs = 8, .parameters = 4, .zeros = true},
    {.inputs = 64, .parameters = 1},
    {.inputs = 1.0 / 16, .parameters = 0.25},
    {.inputs = 1024, .parameters = 1},
};

enum { DRAWS = sizeof draws / sizeof *draws };

/* As sequences begin: what is special in the first steps is seen there alone. */
static const gt_draw beginning = {.inputs = 1, .parameters = 1, .start = true};

/* The further points of a check, from 1 on: the beginning, then those that are sought for their branches. */
static const gt_draw *draw_of(uint32_t point)
{
    return point == 1 ? &beginning : &draws[(point - 2) % DRAWS];
}

static uint32_t seed_of(uint32_t point, uint32_t seed)
{
    return seed + 1000003u * (point - 1);
}

gt_status gt_cell_point_open(gt_cell_problem *data, const gt_cell *cell, const gt_check_problem *problem, uint32_t seed,
                             uint32_t point, gt_error *error)
{
    if (point == 0)
        return gt_cell_data_open(data, cell, problem, seed, NULL, error);
    return gt_cell_data_open(data, cell, problem, seed_of(point, seed), draw_of(point), error);
}

static const char *describe_point(const work *w, const gt_draw *draw, uint32_t seed)
{
    if (draw->start)
        return gt_report_write(w->report,
                               "at a further point (seed %u), where the states begin as the cell says, as they do "
                               "in every sequence",
                               seed);
    return gt_report_write(w->report, "at a further point (seed %u), which takes a branch that the first did not",
                           seed);
}

/* Only mistakes are taken over: at a point that was chosen for its branches much is undecidable. */
static gt_status take_over(work *w, const gt_report *there, const gt_draw *draw, uint32_t seed)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < there->finding_count && status == GT_OK; i++) {
        gt_finding f = there->findings[i];
        if (f.verdict != GT_WRONG)
            continue;
        if (f.text[0] == '\0')
            f.text = describe_point(w, draw, seed);
        f.point = w->points;
        w->report->counts[f.kind].wrong++;
        status = gt_report_add(w->report, &f, w->error);
    }
    return status;
}

/*
 * Whether the formulas could be told there: one that overflows, or is nothing but rounding, at a
 * point that was chosen for its branches says nothing.
 */
static bool can_tell(const gt_report *there)
{
    for (uint32_t i = 0; i < there->finding_count; i++) {
        const gt_finding *f = &there->findings[i];
        if (f->kind < GT_CHECK_FORMULA)
            continue;
        if (f->verdict == GT_UNDECIDABLE || (f->pattern != GT_PATTERN_SHAPE && !isfinite(f->value + f->expected)))
            return false;
    }
    return true;
}

/* Branches of a point that tells nothing do not count as seen. */
static gt_status check_there(work *w, const gt_cell_problem *data, const gt_draw *draw, uint32_t seed)
{
    gt_report there = {0};
    gt_check_options options = *w->options;
    gt_cell_problem first = {0};
    options.seed = seed;
    options.require_all = false; /* what is missing has been said */
    gt_status status = gt_cell_data_first_step(&first, data, w->error);
    if (status == GT_OK)
        status = gt_cell_check_numeric(&first, "one step", &options, &there, w->error);
    if (status == GT_OK && data->cell->handwritten != NULL && (data->with_outputs || data->cell->output_count == 0))
        status = gt_cell_check_formulas(data, &options, &there, w->error);
    if (status == GT_OK && can_tell(&there)) {
        gt_branches_take(&w->branches);
        status = take_over(w, &there, draw, seed);
    }
    gt_cell_problem_free(&first);
    gt_report_free(&there);
    return status;
}

static bool is_finite(const gt_step *s)
{
    for (uint32_t i = 0; i < s->given_first; i++)
        for (int64_t t = 0; s->names[i].values != NULL && t < s->steps; t++)
            for (size_t k = 0; k < gt_step_count(&s->names[i]); k++)
                if (!isfinite(s->names[i].values[t][k]))
                    return false;
    return true;
}

/* A further point; it is checked if it shows something new, and the beginning in any case. */
static gt_status try_point(work *w, const gt_draw *draw, uint32_t seed)
{
    gt_cell_problem data = {0};
    gt_step step = {0};
    bool news = false;
    gt_status status = gt_cell_data_open(&data, w->data->cell, w->problem, seed, draw, w->error);
    if (status == GT_OK)
        status = gt_step_open(&step, &data, w->error);
    if (status == GT_OK)
        status = gt_step_run(&step, w->error);
    bool finite = status == GT_OK && is_finite(&step);
    if (finite)
        status = gt_branches_look(&w->branches, &step, &news, w->error);
    news = news || (draw->start && finite && !gt_branches_meet(&w->branches, &step));
    if (status == GT_OK && news)
        status = check_there(w, &data, draw, seed);
    gt_step_close(&step);
    gt_cell_problem_free(&data);
    return status;
}

static gt_status look_further(work *w)
{
    gt_status status = GT_OK;
    for (uint32_t point = 1; point <= 1 + 2 * DRAWS && status == GT_OK; point++) {
        if (w->report->verdict == GT_WRONG || (point > 1 && gt_branches_all_seen(&w->branches)))
            break;
        status = try_point(w, draw_of(point), seed_of(point, w->options->seed));
        w->points++;
    }
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static gt_status look(work *w, gt_step *step)
{
    bool news;
    gt_status status = gt_branches_open(&w->branches, step, w->error);
    if (status == GT_OK)
        status = gt_branches_look(&w->branches, step, &news, w->error);
    gt_branches_take(&w->branches);
    if (status == GT_OK)
        status = look_at_sizes(w);
    if (status == GT_OK)
        status = look_for_blanks(w, step);
    if (status == GT_OK && w->problem->given == NULL)
        status = look_further(w);
    return status == GT_OK && w->report->verdict != GT_WRONG
               ? gt_branches_report(&w->branches, step, w->points, w->report, w->error)
               : status;
}

gt_status gt_cell_check_points(const gt_cell_problem *data, const gt_check_problem *problem,
                               const gt_check_options *options, gt_report *report, gt_error *error)
{
    work w = {.data = data, .problem = problem, .options = options, .report = report, .error = error, .points = 1};
    gt_step step = {0};
    gt_status status = gt_step_open(&step, data, error);
    for (uint32_t i = 0; i < data->cell->output_count && status == GT_OK; i++)
        step.uses_output[i] = true;
    if (status == GT_OK)
        status = gt_step_run(&step, error);
    if (status == GT_OK)
        status = look(&w, &step);
    gt_branches_close(&w.branches);
    gt_step_close(&step);
    return status;
}
