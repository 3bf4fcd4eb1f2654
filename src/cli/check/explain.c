#include "cli/check/explain.h"

#include "command/terminal.h"

#include <stdio.h>

void gt_check_explanation_print(const gt_diagnosis *explanation)
{
    gt_terminal_say(stderr, "%s:%u:%u: ", explanation->place.file, explanation->place.line, explanation->place.column);
    fputs(gt_terminal_style(stderr, GT_STYLE_STRONG), stderr);
    gt_terminal_say(stderr, "likely: %s", explanation->text);
    fprintf(stderr, "%s\n", gt_terminal_style(stderr, GT_STYLE_PLAIN));
    fprintf(stderr, "    should read: %s%s%s\n", gt_terminal_style(stderr, GT_STYLE_GOOD), explanation->repaired,
            gt_terminal_style(stderr, GT_STYLE_PLAIN));
}

bool gt_check_explain(const gt_parsed_cell *parsed, gt_report *report, gt_diagnosis *explanations, uint32_t *count,
                      gt_error *error)
{
    gt_diagnosis found[GT_MOST_EXPLANATIONS];
    uint32_t found_count = 0;
    gt_error why = {0};
    *count = 0;
    if (parsed != NULL)
        gt_diagnose_cell(parsed, report, found, GT_MOST_EXPLANATIONS, &found_count, &why);
    for (uint32_t i = 0; i < found_count; i++)
        if (found[i].kind[0] != '\0')
            explanations[(*count)++] = found[i];
    return why.status != GT_ERROR_MEMORY || gt_error_set(error, why.status, "%s", why.message) == GT_OK;
}
