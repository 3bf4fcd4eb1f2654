/* From a problem to a page. */
#include "gradtape/stepper.h"

#include "base/memory.h"
#include "base/sized.h"
#include "problem/tape.h"
#include "stepper/stepping.h"

static gt_status no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
}

static gt_status check(const gt_cell_problem *problem, const gt_stepper_options *options, gt_error *error)
{
    if (problem->dtype != GT_F64)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the numbers of a page are of type f64");
    if (!options->forward_only && !gt_cell_problem_has_upstream(problem))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "there is no upstream gradient: give d%s or another, or step forward only",
                            problem->cell->states[0].name);
    return GT_OK;
}

static gt_status write(gt_stepping *s, gt_text *text, gt_error *error)
{
    gt_status status = gt_stepping_record(s, error);
    if (status == GT_OK &&
        !(gt_stepping_list(s) && gt_stepping_add_up(s) && gt_stepping_list_addends(s) && gt_stepping_name(s)))
        status = no_memory(error);
    if (status == GT_OK)
        status = gt_stepping_view_body(s, error);
    if (status == GT_OK && !s->options.forward_only && !s->options.no_differences)
        status = gt_stepping_differences(s, error);
    if (status == GT_OK)
        gt_stepping_write_page(s, text);
    return status;
}

static void close_view(gt_stepping_view *view)
{
    gt_graph_bytes_free(view->picture);
    gt_graph_free(view->graph);
    gt_memory_free(view->of);
}

static void close(gt_stepping *s)
{
    close_view(&s->cell);
    close_view(&s->rolled);
    gt_graph_bytes_free(s->picture);
    gt_graph_free(s->graph);
    gt_interpreter_free(s->run);
    gt_cell_tape_close(&s->record);
    gt_memory_free(s->items);
    gt_memory_free(s->item_of);
    gt_memory_free(s->addends);
    gt_memory_free(s->names);
    gt_memory_free(s->derivatives);
    gt_memory_free(s->errors);
    gt_pool_free(&s->pool);
    gt_memory_free(s);
}

gt_status gt_stepper(const gt_cell_problem *problem, const gt_stepper_options *options, char **page, size_t *size,
                     gt_error *error)
{
    static const gt_stepper_options defaults;
    if (problem == NULL || problem->cell == NULL || page == NULL || size == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "gt_stepper: no problem, or nowhere to put the page");
    gt_stepping *s = gt_memory_new(1, sizeof *s);
    if (s == NULL)
        return no_memory(error);
    gt_text text = {0};
    gt_error own = {0}; /* the parts read from it what went wrong */
    s->problem = problem;
    gt_take_sized(&s->options, options != NULL ? options : &defaults, sizeof s->options);
    gt_status status = check(problem, &s->options, &own);
    if (status == GT_OK)
        status = write(s, &text, &own);
    if (status == GT_OK && text.failed)
        status = no_memory(&own);
    if (status == GT_OK && text.count > GT_STEPPER_MOST_BYTES)
        status = gt_stepping_too_large(problem, (double)text.count, &own);
    close(s);
    if (status != GT_OK) {
        gt_text_free(&text);
        return gt_error_set(error, status, "%s", own.message);
    }
    *page = text.bytes;
    *size = text.count;
    return GT_OK;
}

void gt_stepper_free(char *page)
{
    gt_memory_free(page);
}
