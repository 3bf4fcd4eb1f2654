/* Reports: a list of findings behind one verdict. */
#include "check/words.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/report.h"

#include <stdarg.h>
#include <string.h>

const char *gt_verdict_name(gt_verdict verdict)
{
    switch (verdict) {
    case GT_RIGHT:
        return "right";
    case GT_WRONG:
        return "wrong";
    case GT_UNDECIDABLE:
        return "undecidable";
    }
    return "unknown verdict";
}

const char *gt_check_kind_name(gt_check_kind kind)
{
    static const char *const names[GT_CHECK_KINDS] = {"forward",  "forms",   "numeric", "rule",      "formula",
                                                      "backward", "against", "jvp",     "transpose", "second order"};
    return (unsigned)kind < GT_CHECK_KINDS ? names[kind] : "unknown kind";
}

const char *gt_pattern_name(gt_pattern pattern)
{
    static const char *const names[] = {"none", "everywhere", "rows", "columns", "steps", "shape", "scattered"};
    return (unsigned)pattern < sizeof names / sizeof *names ? names[pattern] : "unknown pattern";
}

const char *gt_remark_kind_name(gt_remark_kind kind)
{
    static const char *const names[] = {"not verified", "not seen", "not read", "convention"};
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "unknown kind";
}

void gt_report_free(gt_report *report)
{
    if (report == NULL)
        return;
    gt_memory_free(report->remarks);
    gt_memory_free(report->findings);
    gt_words_free(report);
    *report = (gt_report){0};
}

gt_status gt_report_add(gt_report *report, const gt_finding *finding, gt_error *error)
{
    gt_finding own = *finding;
    const char **words[] = {
        &own.array, &own.of, &own.gate, &own.formula, &own.text, &own.arithmetic, &own.expected_arithmetic};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = gt_words_keep(report, *words[i]);
    gt_words_keep_diagnosis(report, &own.diagnosis);
    if (report->speechless || !GT_RESERVE(report->findings, report->capacity, (size_t)report->finding_count + 1))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a finding");
    report->findings[report->finding_count++] = own;
    if (finding->verdict == GT_WRONG || (finding->verdict == GT_UNDECIDABLE && report->verdict == GT_RIGHT))
        report->verdict = finding->verdict;
    return GT_OK;
}

gt_status gt_report_remark(gt_report *report, const gt_remark *remark, gt_error *error)
{
    gt_remark own = *remark;
    own.array = gt_words_keep(report, remark->array);
    own.text = gt_words_keep(report, remark->text);
    for (uint32_t i = 0; i < report->remark_count && !report->speechless; i++)
        if (report->remarks[i].kind == own.kind && report->remarks[i].array == own.array &&
            report->remarks[i].text == own.text)
            return GT_OK;
    if (report->speechless || !GT_RESERVE(report->remarks, report->remark_capacity, (size_t)report->remark_count + 1))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a remark");
    report->remarks[report->remark_count++] = own;
    return GT_OK;
}

static uint32_t count_remarks(const gt_report *report, gt_remark_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->remark_count; i++)
        count += report->remarks[i].kind == kind;
    return count;
}

bool gt_report_complete(const gt_report *report)
{
    return count_remarks(report, GT_REMARK_NOT_VERIFIED) + count_remarks(report, GT_REMARK_NOT_SEEN) == 0;
}

/* ---- the verdict in words ------------------------------------------------------------------ */

static void append(char *text, size_t size, const char *format, ...) GT_PRINTF(3, 4);

static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(text + used, size - used, format, arguments);
    va_end(arguments);
}

enum { FEW = 6 }; /* names that a verdict lists */

/* "dx, dh and dWf"; "dx, dh and 9 more" */
static void append_missing(const gt_report *report, char *text, size_t size, uint32_t count)
{
    uint32_t listed = 0, most = count > FEW ? FEW - 1 : count;
    for (uint32_t i = 0; i < report->remark_count && listed < most; i++) {
        if (report->remarks[i].kind != GT_REMARK_NOT_VERIFIED)
            continue;
        bool last = listed + 1 == count;
        append(text, size, "%s%s", listed == 0 ? "" : last ? " and " : ", ", report->remarks[i].array);
        listed++;
    }
    if (listed < count)
        append(text, size, " and %u more", count - listed);
}

char *gt_report_summary(const gt_report *report, char *text, size_t size)
{
    uint32_t missing = count_remarks(report, GT_REMARK_NOT_VERIFIED);
    if (size == 0)
        return text;
    text[0] = '\0';
    append(text, size, "%s%s", gt_verdict_name(report->verdict),
           report->precision == GT_F32 ? " in single precision" : "");
    if (report->verdict == GT_RIGHT && missing > 0) {
        append(text, size, ", but ");
        append_missing(report, text, size, missing);
        append(text, size, missing == 1 ? " is not verified" : " are not verified");
    } else if (report->verdict == GT_RIGHT && !gt_report_complete(report)) {
        append(text, size, ", but not everything could be seen");
    }
    return text;
}
