#include "check/words.h"

#include "base/memory.h"
#include "graph/intern.h"

#include <stdio.h>

const char *gt_words_keep(gt_report *report, const char *text)
{
    uint32_t number = 0;
    if (report->words == NULL)
        report->words = gt_memory_new(1, sizeof *report->words);
    if (report->words == NULL || !gt_intern_text(report->words, text, &number))
        report->speechless = true;
    return number == 0 ? "" : gt_intern_text_at(report->words, number);
}

void gt_words_keep_diagnosis(gt_report *report, gt_diagnosis *diagnosis)
{
    diagnosis->kind = gt_words_keep(report, diagnosis->kind);
    diagnosis->text = gt_words_keep(report, diagnosis->text);
    diagnosis->repaired = gt_words_keep(report, diagnosis->repaired);
}

void gt_words_free(gt_report *report)
{
    if (report->words != NULL)
        gt_intern_free_texts(report->words);
    gt_memory_free(report->words);
}

gt_status gt_words_status(const gt_report *report, gt_error *error)
{
    return report->speechless ? gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for the words of a finding")
                              : GT_OK;
}

const char *gt_words_write(gt_report *report, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : gt_memory_new((size_t)length + 1, 1);
    if (text == NULL) {
        report->speechless = true;
        return "";
    }
    vsnprintf(text, (size_t)length + 1, format, arguments);
    const char *kept = gt_words_keep(report, text);
    gt_memory_free(text);
    return kept;
}

const char *gt_report_write(gt_report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = gt_words_write(report, format, arguments);
    va_end(arguments);
    return text;
}

void gt_finding_append(gt_report *report, gt_finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = gt_words_write(report, format, arguments);
    va_end(arguments);
    finding->text = gt_is_said(finding->text) ? gt_report_write(report, "%s; %s", finding->text, text) : text;
}
