/* JUnit's XML, as continuous integration reads it: one test case for each part of the check. */
#include "check/report.h"
#include "cli/check/settings.h"
#include "command/markup.h"

#include <stdio.h>
#include <string.h>

static void put_finding(FILE *file, const gt_report *report, const gt_finding *f)
{
    char text[8192];
    gt_report_format_finding(report, (uint32_t)(f - report->findings), text, sizeof text);
    const char *element = f->verdict == GT_WRONG ? "failure" : "error";
    fprintf(file, "      <%s type=\"%s\" message=\"", element, gt_verdict_name(f->verdict));
    size_t title = strcspn(text, "\n");
    char *rest = text + title + (text[title] == '\n');
    text[title] = '\0';
    gt_markup_text(file, text);
    fputs("\">", file);
    gt_markup_text(file, rest);
    fprintf(file, "</%s>\n", element);
}

/* At most one <failure> or <error> in each case, as the schema wants it: the worst comes first. */
static const gt_finding *worst_of(const gt_report *report, gt_check_kind kind)
{
    const gt_finding *worst = NULL;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const gt_finding *f = &report->findings[i];
        if (f->kind == kind && f->verdict != GT_RIGHT &&
            (worst == NULL || (worst->verdict != GT_WRONG && f->verdict == GT_WRONG)))
            worst = f;
    }
    return worst;
}

static void put_others(FILE *file, const gt_report *report, const gt_finding *worst)
{
    fputs("      <system-out>", file);
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const gt_finding *f = &report->findings[i];
        char text[8192];
        if (f->kind != worst->kind || f == worst)
            continue;
        gt_report_format_finding(report, i, text, sizeof text);
        gt_markup_text(file, text);
    }
    fputs("</system-out>\n", file);
}

static bool has_case(const gt_report *report, gt_check_kind kind)
{
    return report->counts[kind].arrays > 0 || worst_of(report, kind) != NULL;
}

static void put_case(FILE *file, const gt_check_result *r, gt_check_kind kind)
{
    const gt_finding *worst = worst_of(r->report, kind);
    fputs("    <testcase classname=\"gradtape.check.", file);
    gt_markup_text(file, r->sizes->cell->name);
    fprintf(file, "\" name=\"%s\" time=\"0\"%s>\n", gt_check_kind_name(kind), worst == NULL ? "/" : "");
    if (worst == NULL)
        return;
    put_finding(file, r->report, worst);
    put_others(file, r->report, worst);
    fputs("    </testcase>\n", file);
}

static void put_document(FILE *file, const gt_check_result *r)
{
    unsigned tests = 0, failures = 0, errors = 0;
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++) {
        const gt_finding *worst = worst_of(r->report, (gt_check_kind)kind);
        tests += has_case(r->report, (gt_check_kind)kind);
        failures += worst != NULL && worst->verdict == GT_WRONG;
        errors += worst != NULL && worst->verdict != GT_WRONG;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"gradtape check ", file);
    gt_markup_text(file, r->source);
    fprintf(file, "\" tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n", tests, failures, errors,
            r->seconds);
    fprintf(file, "    <properties>\n      <property name=\"seed\" value=\"%u\"/>\n    </properties>\n",
            r->report->seed);
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++)
        if (has_case(r->report, (gt_check_kind)kind))
            put_case(file, r, (gt_check_kind)kind);
    fputs("  </testsuite>\n</testsuites>\n", file);
}

/* ---- what could not be checked ------------------------------------------------------------- */

/* "bad.cell:5:8: there is no function 'tanhh'", a line for each. */
static void put_reasons(FILE *file, const gt_check_refusal *r)
{
    size_t count = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(r->parsed, &count);
    for (size_t i = 0; i < count; i++) {
        gt_markup_text(file, gt_parsed_cell_file(r->parsed));
        fprintf(file, ":%u:%u: %s", list[i].line, list[i].column,
                list[i].severity == GT_SEVERITY_ERROR ? "" : "warning: ");
        gt_markup_text(file, list[i].message);
        const char *hint = gt_check_hint(r, &list[i]);
        fputs(hint != NULL ? "; hint: " : "", file);
        gt_markup_text(file, hint != NULL ? hint : "");
        fputs("&#10;", file);
    }
    if (!gt_check_refused_text(r))
        gt_markup_text(file, r->error->message);
}

static const char *first_reason(const gt_check_refusal *r)
{
    size_t count = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(r->parsed, &count);
    for (size_t i = 0; i < count; i++)
        if (list[i].severity == GT_SEVERITY_ERROR)
            return list[i].message;
    return r->error->message;
}

static void put_refusal(FILE *file, const void *refusal)
{
    const gt_check_refusal *r = refusal;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"gradtape check ", file);
    gt_markup_text(file, r->source);
    fputs("\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"0\">\n    <testcase classname=\"gradtape.check.", file);
    gt_markup_text(file, r->source);
    fputs("\" name=\"text\" time=\"0\">\n      <error type=\"refused\" message=\"", file);
    gt_markup_text(file, first_reason(r));
    fputs("\">", file);
    put_reasons(file, r);
    fputs("</error>\n    </testcase>\n  </testsuite>\n</testsuites>\n", file);
}

/* ---- the file ------------------------------------------------------------------------------ */

static void put_result(FILE *file, const void *result)
{
    put_document(file, result);
}

gt_status gt_check_write_junit(const gt_check_result *r, const char *path, gt_error *error)
{
    return gt_markup_write(put_result, r, path, error);
}

gt_status gt_check_write_refusal_junit(const gt_check_refusal *r, const char *path, gt_error *error)
{
    return gt_markup_write(put_refusal, r, path, error);
}
