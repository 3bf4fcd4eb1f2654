/* The numbers of a check, to be stepped through: the stepper's page in a frame of the report's. */
#include "base/utf8.h"
#include "check/cell_check.h"
#include "cli/check/page.h"
#include "command/markup.h"
#include "command/steps.h"

#include <string.h>

/* The first finding about an entry of something with a name. */
static const gt_finding *first_of(const gt_report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const gt_finding *f = &report->findings[i];
        if (f->array[0] == 'd' && f->entry_count > 0 && f->pattern != GT_PATTERN_SHAPE)
            return f;
    }
    return NULL;
}

/* What the finding is the gradient of, where the page knows it by that name. */
static gt_stepper_place place_of(const gt_finding *f, char *name, size_t size)
{
    gt_stepper_place place = {.name = name, .step = f->step};
    bool of = f->kind != GT_CHECK_AGAINST && f->of[0] != '\0';
    gt_utf8_format(name, size, "%s%s", of ? "d" : "", of ? f->of : f->array);
    place.entry = (uint64_t)(f->index[0] + f->index[1] * f->shape.size[0]);
    return place;
}

static gt_status make(const gt_check_result *r, char **page, gt_error *error)
{
    const gt_finding *f = first_of(r->report);
    gt_cell_problem point = {0};
    char name[160];
    size_t size;
    gt_stepper_place start = {.name = ""};
    if (f != NULL)
        start = place_of(f, name, sizeof name);
    gt_status status =
        gt_cell_point_open(&point, r->sizes->cell, r->problem, r->report->seed, f != NULL ? f->point : 0, error);
    gt_stepper_options options = {.forward_only = r->no_repair,
                                  .all_steps = r->sizes->steps <= GT_STEPS_DRAWN,
                                  .start = f != NULL ? &start : NULL};
    if (status == GT_OK)
        status = gt_steps_page(r->parsed, &point, &options, page, &size, error);
    gt_cell_problem_free(&point);
    return status;
}

static void put_why_not(FILE *file, const gt_error *error)
{
    fputs("<p>There are no steps in this page: ", file);
    gt_markup_text(file, error->message);
    fputs("</p>\n", file);
}

void gt_check_page_stepper(FILE *file, const gt_check_result *r)
{
    gt_error error = {0};
    char *page = NULL;
    fputs("<section><h2>Step by step, at these numbers</h2>\n", file);
    if (make(r, &page, &error) != GT_OK) {
        put_why_not(file, &error);
    } else {
        fprintf(file,
                "<p>%s of the cell with the numbers of this check%s. Time steps and entries are counted from 1 in it: "
                "⟨1⟩ is time step 0.</p>\n<iframe title=\"The cell step by step\" sandbox=\"allow-scripts\" srcdoc=\"",
                r->no_repair ? "The forward pass" : "The forward and the backward pass",
                first_of(r->report) != NULL && !r->no_repair ? "; it opens at what should have come out" : "");
        gt_markup_text(file, page);
        fputs("\"></iframe>\n", file);
    }
    fputs("</section>\n", file);
    gt_stepper_free(page);
}
