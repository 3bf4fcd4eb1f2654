#include "command/steps.h"

/* What cannot be derived has neither; for lack of memory nothing is left out. */
static gt_status derive(const gt_parsed_cell *parsed, char **derivation, gt_quiz **quiz, gt_error *error)
{
    const gt_derive_options form = {.form = GT_DERIVE_HTML, .fragment = true, .tagged = true};
    gt_error inside = {0};
    gt_status status = gt_derive(parsed, &form, derivation, NULL, &inside);
    *quiz = status == GT_OK ? gt_quiz_new(parsed, &inside) : NULL;
    if (inside.status == GT_ERROR_MEMORY)
        return gt_error_set(error, inside.status, "%s", inside.message);
    return GT_OK;
}

gt_status gt_steps_page(const gt_parsed_cell *parsed, const gt_cell_problem *problem, const gt_stepper_options *options,
                        char **page, size_t *size, gt_error *error)
{
    gt_stepper_options complete = *options;
    char *derivation = NULL;
    gt_quiz *quiz = NULL;
    gt_status status = GT_OK;
    if (parsed != NULL && !options->forward_only)
        status = derive(parsed, &derivation, &quiz, error);
    complete.derivation = derivation;
    complete.questions = quiz != NULL ? gt_quiz_at(quiz, 0) : NULL;
    complete.question_count = quiz != NULL ? gt_quiz_count(quiz) : 0;
    if (status == GT_OK)
        status = gt_stepper(problem, &complete, page, size, error);
    gt_quiz_free(quiz);
    gt_derive_free(derivation);
    return status;
}
