/* Reports: a list of findings behind one verdict. */
#include "gradtape/report.h"

#include "base/memory.h"

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
    static const char *const names[GT_CHECK_KINDS] = {
        "forward", "forms", "numeric", "rule", "formula", "backward", "against"};
    return (unsigned)kind < GT_CHECK_KINDS ? names[kind] : "unknown kind";
}

const char *gt_pattern_name(gt_pattern pattern)
{
    static const char *const names[] = {"none",  "everywhere", "rows",     "columns",
                                        "steps", "shape",      "scattered"};
    return (unsigned)pattern < sizeof names / sizeof *names ? names[pattern] : "unknown pattern";
}

void gt_report_free(gt_report *report)
{
    if (report == NULL)
        return;
    gt_memory_free(report->findings);
    *report = (gt_report){0};
}

gt_status gt_report_add(gt_report *report, const gt_finding *finding, gt_error *error)
{
    if (!GT_RESERVE(report->findings, report->capacity, (size_t)report->finding_count + 1))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a finding");
    report->findings[report->finding_count++] = *finding;
    if (finding->verdict == GT_WRONG ||
        (finding->verdict == GT_UNDECIDABLE && report->verdict == GT_RIGHT))
        report->verdict = finding->verdict;
    return GT_OK;
}
