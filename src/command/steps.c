#include "command/steps.h"

gt_status gt_steps_page(const gt_parsed_cell *parsed, const gt_cell_problem *problem, const gt_stepper_options *options,
                        char **page, size_t *size, gt_error *error)
{
    gt_derive_options form = {.form = GT_DERIVE_HTML, .fragment = true, .tagged = true};
    gt_stepper_options complete = *options;
    char *derivation = NULL;
    gt_quiz *quiz = NULL;
    if (parsed != NULL && !options->forward_only && gt_derive(parsed, &form, &derivation, NULL, NULL) == GT_OK)
        quiz = gt_quiz_new(parsed, NULL);
    complete.derivation = derivation;
    complete.questions = quiz != NULL ? gt_quiz_at(quiz, 0) : NULL;
    complete.question_count = quiz != NULL ? gt_quiz_count(quiz) : 0;
    gt_status status = gt_stepper(problem, &complete, page, size, error);
    gt_quiz_free(quiz);
    gt_derive_free(derivation);
    return status;
}
