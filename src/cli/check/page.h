/* Pieces of the page of a check. */
#ifndef GT_CLI_CHECK_PAGE_H
#define GT_CLI_CHECK_PAGE_H

#include "cli/check/settings.h"

#include <stdio.h>

/* The class and the glyph of a verdict. */
const char *gt_check_page_class(gt_verdict verdict);
const char *gt_check_page_glyph(gt_verdict verdict);
/* A row of a list of terms; of class "bad", "good" or "", a formula; NULL: words. Nothing for an empty text. */
void gt_check_page_row(FILE *file, const char *term, const char *class, const char *text);

/* All that is known of each finding, the first one at once. */
void gt_check_page_findings(FILE *file, const gt_check_result *result);
/* The stepper at the first finding, in a frame; or why there is none. */
void gt_check_page_stepper(FILE *file, const gt_check_result *result);

#endif
