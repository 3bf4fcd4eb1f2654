#include "diagnose/describe.h"

#include "gradtape/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One sentence: %s is the term, factor or name at issue. */
static const char *const sentences[GT_MISTAKE_KIND_COUNT] = {
    [GT_MISTAKE_NONE] = "no single change makes it right",
    [GT_MISTAKE_SIGN] = "the sign of %s is wrong",
    [GT_MISTAKE_FACTOR] = "%s is wrong by a constant factor",
    [GT_MISTAKE_TRANSPOSED] = "%s is transposed wrongly",
    [GT_MISTAKE_BATCH_SUM] = "%s should be summed over the batch",
    [GT_MISTAKE_MEAN] = "the sum over the batch is meant, not the mean: %s",
    [GT_MISTAKE_MISSING_DERIVATIVE] = "the derivative of the activation is missing: %s",
    [GT_MISTAKE_WRONG_ARGUMENT] =
        "the derivative of the activation is taken at the wrong value: it should be %s",
    [GT_MISTAKE_DERIVATIVE_TWICE] =
        "the derivative of the activation is applied twice: %s is too many",
    [GT_MISTAKE_WRONG_ACTIVATION] = "the activation of the wrong gate is used: it should be %s",
    [GT_MISTAKE_SWAPPED_GATES] = "gates are swapped: it should be %s",
    [GT_MISTAKE_MISSING_TERM] = "a term is missing: %s",
    [GT_MISTAKE_MISSING_STATE] = "what comes through a state is missing: %s",
    [GT_MISTAKE_OFF_BY_ONE_STEP] =
        "off by one time step: it should be %s, the state before the step",
    [GT_MISTAKE_OLD_STATE] = "the old state is used for the new: it should be %s",
    [GT_MISTAKE_WRONG_SLICE] = "the wrong block of a weight is used: it should be %s",
    [GT_MISTAKE_BIAS_SUM] = "the gradient of a bias is the sum over the batch: %s is not summed",
    [GT_MISTAKE_PARENTHESES] = "parentheses are missing or in the wrong place: %s",
    [GT_MISTAKE_EXTRA_TERM] = "the term %s is too many",
    [GT_MISTAKE_MISSING_FACTOR] = "the factor %s is missing",
    [GT_MISTAKE_EXTRA_FACTOR] = "the factor %s is too many",
    [GT_MISTAKE_WRONG_NAME] = "the wrong value is used: it should be %s",
    [GT_MISTAKE_POWER] = "the power of %s is wrong",
};

__attribute__((format(printf, 3, 0))) static void print(char *text, size_t size, const char *format,
                                                        ...)
{
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(text, size, format, arguments);
    va_end(arguments);
}

bool gt_mistake_describe(gt_problem *problem, const gt_mistake *mistake, gt_diagnosis *diagnosis)
{
    const char **names = gt_arena_new(&problem->arena, problem->name_count, sizeof *names);
    if (names == NULL)
        return false;
    for (uint32_t i = 0; i < problem->name_count; i++)
        names[i] = problem->names[i].text;
    *diagnosis =
        (gt_diagnosis){.before = mistake->before,
                       .after = mistake->after,
                       .alternatives = mistake->alternatives,
                       .place = {NULL, (uint32_t)mistake->line, (uint32_t)mistake->column}};
    char about[GT_FINDING_TEXT_SIZE / 2] = "it";
    if (mistake->about != NULL)
        gt_expression_print(mistake->about, names, about, sizeof about);
    print(diagnosis->text, sizeof diagnosis->text, sentences[mistake->kind], about);
    if (mistake->kind == GT_MISTAKE_NONE)
        return true;
    gt_utf8_format(diagnosis->kind, sizeof diagnosis->kind, "%s", gt_mistake_kind_name(mistake->kind));
    size_t length = gt_utf8_format(diagnosis->repaired, sizeof diagnosis->repaired,
                                "%s = ", names[problem->equations[mistake->equation].target]);
    gt_expression_print(mistake->repaired, names, diagnosis->repaired + length, sizeof diagnosis->repaired - length);
    return true;
}
