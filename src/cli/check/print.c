/* The result of a check for people: the verdict first. */
#include "cli/check/settings.h"

#include "check/report.h"
#include "command/page.h"
#include "command/terminal.h"

#include <stdio.h>
#include <string.h>

/* Findings and remarks that are printed unless all are asked for. */
enum { FEW = 3, MOST_REMARKS = 5 };

static const char *style(gt_style wanted)
{
    return gt_terminal_style(stdout, wanted);
}

static gt_style style_of(const gt_report *report)
{
    if (report->verdict == GT_WRONG)
        return GT_STYLE_BAD;
    return report->verdict == GT_RIGHT && gt_report_complete(report) ? GT_STYLE_GOOD : GT_STYLE_NOTE;
}

static void print_lines(const char *text)
{
    for (size_t length; *text != '\0'; text += length) {
        length = strcspn(text, "\n");
        gt_terminal_text(gt_page(), text, length);
        if (text[length] == '\n')
            fputc(text[length++], gt_page());
    }
}

/* The title of a finding in strong letters, and the repair in those of what is good. */
static void print_finding(const gt_report *report, uint32_t i)
{
    char text[8192];
    gt_report_format_finding(report, i, text, sizeof text);
    const char *line = text;
    for (bool first = true; *line != '\0'; first = false) {
        size_t length = strcspn(line, "\n");
        bool repair = strncmp(line, "    should read", 15) == 0;
        fputs(first ? style(GT_STYLE_STRONG) : repair ? style(GT_STYLE_GOOD) : "", gt_page());
        gt_terminal_text(gt_page(), line, length);
        gt_page_print("%s\n", first || repair ? style(GT_STYLE_PLAIN) : "");
        line += length + (line[length] == '\n');
    }
}

static void print_sizes(const gt_check_result *r)
{
    const gt_check_sizes *s = r->sizes;
    gt_page_print("%s  ", style(GT_STYLE_FAINT));
    gt_print_dimensions(&s->dimensions);
    gt_page_print("m = %lld examples, T = %lld step%s", (long long)s->examples, (long long)s->steps,
                  s->steps == 1 ? "" : "s");
    if (r->against != NULL || r->at != NULL)
        gt_terminal_say(gt_page(), ", arrays of %s", r->against != NULL ? r->against : r->at);
    if (r->against == NULL)
        gt_page_print(", seed %u", r->report->seed);
    if (r->report->points > 1)
        gt_page_print(" (point %u of those tried)", r->report->points);
    gt_page_print(", %.2f s%s\n", r->seconds, style(GT_STYLE_PLAIN));
}

/* "  tape against numbers: 824 entries of 26 gradients" */
static void print_count(const gt_check_result *r, gt_check_kind kind)
{
    const gt_check_count *c = &r->report->counts[kind];
    if (c->arrays == 0 || gt_check_part_name(kind) == NULL)
        return;
    gt_page_print("  %-28s", gt_check_part_name(kind));
    if (c->entries > 0)
        gt_page_print("%llu entries", (unsigned long long)c->entries);
    if (c->projections > 0)
        gt_page_print("%s%llu random projections", c->entries > 0 ? " and " : "", (unsigned long long)c->projections);
    gt_page_print(" of %llu %s", (unsigned long long)c->arrays, gt_check_part_unit(kind));
    if (c->wrong > 0)
        gt_page_print(", %s%llu wrong%s", style(GT_STYLE_BAD), (unsigned long long)c->wrong, style(GT_STYLE_PLAIN));
    if (c->undecidable > 0)
        gt_page_print(", %s%llu undecidable%s", style(GT_STYLE_NOTE), (unsigned long long)c->undecidable,
                      style(GT_STYLE_PLAIN));
    gt_page_print("\n");
}

/* Those of what is not verified stand in the first line already. */
static void print_remarks(const gt_check_result *r)
{
    const gt_report *report = r->report;
    uint32_t shown = 0, left = 0;
    for (uint32_t i = 0; i < report->remark_count; i++) {
        char text[1024];
        bool said = report->remarks[i].kind == GT_REMARK_NOT_VERIFIED && report->verdict == GT_RIGHT;
        if (said || (!r->all && shown == MOST_REMARKS)) {
            left += !said;
            continue;
        }
        gt_remark_format(&report->remarks[i], text, sizeof text);
        print_lines(text);
        shown++;
    }
    if (left > 0)
        gt_page_print("and %u more remarks; --all shows them\n", left);
}

/* Those with one explanation count as one. */
static void print_findings(const gt_check_result *r)
{
    const gt_report *report = r->report;
    uint32_t shown = 0, left = 0;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        if (gt_report_said_before(report, i))
            continue;
        if (!r->all && shown == FEW) {
            left += gt_report_explained(report, i);
            continue;
        }
        print_finding(report, i);
        shown++;
    }
    if (left > 0)
        gt_page_print("and %u more, perhaps for the same reason; --all shows them\n", left);
}

void gt_check_print(const gt_check_result *r)
{
    const gt_report *report = r->report;
    char summary[GT_REPORT_SUMMARY_SIZE];
    gt_page_print("%s%s%s: %s", style(style_of(report)), gt_report_summary(report, summary, sizeof summary),
                  style(GT_STYLE_PLAIN), r->sizes->cell->name);
    if (strcmp(r->source, r->sizes->cell->name) != 0)
        gt_terminal_say(gt_page(), " (%s)", r->source);
    if (report->verdict == GT_RIGHT)
        gt_page_print(": %s", gt_check_right(r));
    gt_page_print("\n");
    print_findings(r);
    print_remarks(r);
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++)
        print_count(r, (gt_check_kind)kind);
    print_sizes(r);
}
