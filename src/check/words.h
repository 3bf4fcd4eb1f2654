/*
 * The words of a report: every text once, valid until the report is freed. What cannot be kept for
 * lack of memory is "" and marks the report, which takes no more then.
 */
#ifndef GT_CHECK_WORDS_H
#define GT_CHECK_WORDS_H

#include "gradtape/report.h"

#include <stdarg.h>

/* Enough for most names and sentences, where some must be put together first; longer ones are cut. */
enum { GT_NAME_SIZE = 80, GT_SENTENCE_SIZE = 400 };

/* Whether there are words; before they are the report's, none may be NULL, too. */
static inline bool gt_is_said(const char *words)
{
    return words != NULL && words[0] != '\0';
}

/* The report's own copy of a text; "" for NULL. The same text has the same address. */
const char *gt_words_keep(gt_report *report, const char *text);
/* The same for the words of a diagnosis. */
void gt_words_keep_diagnosis(gt_report *report, gt_diagnosis *diagnosis);
void gt_words_free(gt_report *report);
/* As gt_report_write. */
const char *gt_words_write(gt_report *report, const char *format, va_list arguments) GT_PRINTF(2, 0);
/* The error of a report that lacks words; where findings were changed after they were added. */
gt_status gt_words_status(const gt_report *report, gt_error *error);

/* Adds to what else there is to say of a finding of the report, or of one that is being made, after a semicolon. */
void gt_finding_append(gt_report *report, gt_finding *finding, const char *format, ...) GT_PRINTF(3, 4);

#endif
