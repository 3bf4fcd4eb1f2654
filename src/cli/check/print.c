/* The result of a check for people: the verdict first. */
#include "cli/check/settings.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <string.h>

enum { FEW = 3 }; /* findings that are printed unless all are asked for */

static const char *style(gt_style wanted)
{
    return gt_terminal_style(stdout, wanted);
}

static gt_style style_of(gt_verdict verdict)
{
    return verdict == GT_RIGHT ? GT_STYLE_GOOD : verdict == GT_WRONG ? GT_STYLE_BAD : GT_STYLE_NOTE;
}

/* The title of a finding in strong letters, and the repair in those of what is good. */
static void print_finding(const gt_finding *finding)
{
    char text[4096];
    gt_finding_format(finding, text, sizeof text);
    const char *line = text;
    for (bool first = true; *line != '\0'; first = false) {
        size_t length = strcspn(line, "\n");
        bool repair = strncmp(line, "    should read", 15) == 0;
        printf("%s%.*s%s\n", first ? style(GT_STYLE_STRONG) : repair ? style(GT_STYLE_GOOD) : "",
               (int)length, line, first || repair ? style(GT_STYLE_PLAIN) : "");
        line += length + (line[length] == '\n');
    }
}

static void print_sizes(const gt_check_result *r)
{
    const gt_check_sizes *s = r->sizes;
    printf("%s  ", style(GT_STYLE_FAINT));
    gt_cell_dimensions_print(&s->dimensions);
    printf("m = %lld examples, T = %lld step%s", (long long)s->examples, (long long)s->steps,
           s->steps == 1 ? "" : "s");
    if (r->against != NULL)
        printf(", arrays of %s", r->against);
    else
        printf(", seed %u", r->seed);
    if (r->points > 1)
        printf(" (point %u of those tried)", r->points);
    printf(", %.2f s%s\n", r->seconds, style(GT_STYLE_PLAIN));
}

/* "  tape against numbers: 824 entries of 26 gradients" */
static void print_count(const gt_check_result *r, gt_check_kind kind, const char *what,
                        const char *unit)
{
    const gt_check_count *c = &r->report->counts[kind];
    if (c->arrays == 0)
        return;
    printf("  %-28s", what);
    if (c->entries > 0)
        printf("%llu entries", (unsigned long long)c->entries);
    if (c->projections > 0)
        printf("%s%llu random projections", c->entries > 0 ? " and " : "",
               (unsigned long long)c->projections);
    printf(" of %llu %s", (unsigned long long)c->arrays, unit);
    if (c->wrong > 0)
        printf(", %s%llu wrong%s", style(GT_STYLE_BAD), (unsigned long long)c->wrong,
               style(GT_STYLE_PLAIN));
    if (c->undecidable > 0)
        printf(", %s%llu undecidable%s", style(GT_STYLE_NOTE), (unsigned long long)c->undecidable,
               style(GT_STYLE_PLAIN));
    printf("\n");
}

static void print_counts(const gt_check_result *r)
{
    print_count(r, GT_CHECK_FORWARD, "forward pass", "arrays");
    print_count(r, GT_CHECK_FORMS, "rolled, unrolled, planned", "gradients");
    print_count(r, GT_CHECK_NUMERIC, "tape against numbers", "gradients");
    print_count(r, GT_CHECK_RULE, "rules of ops", "operands");
    print_count(r, GT_CHECK_FORMULA, "formulas, step by step", "formulas");
    print_count(r, GT_CHECK_BACKWARD, "formulas, whole sequence", "gradients");
    print_count(r, GT_CHECK_AGAINST, "your arrays", "arrays");
}

void gt_check_print(const gt_check_result *r)
{
    const gt_report *report = r->report;
    printf("%s%s%s: %s", style(style_of(report->verdict)), gt_verdict_name(report->verdict),
           style(GT_STYLE_PLAIN), r->sizes->cell->name);
    if (strcmp(r->source, r->sizes->cell->name) != 0)
        printf(" (%s)", r->source);
    if (report->verdict == GT_RIGHT)
        printf(": %s", r->against != NULL                       ? "your arrays are those of the tape"
                       : report->counts[GT_CHECK_FORMULA].arrays > 0 ? "its tape and its formulas agree with numbers"
                                                             : "its tape agrees with numbers");
    printf("\n");
    uint32_t shown = r->all || report->finding_count <= FEW ? report->finding_count : FEW;
    for (uint32_t i = 0; i < shown; i++)
        print_finding(&report->findings[i]);
    if (shown < report->finding_count)
        printf("and %u more, perhaps for the same reason; --all shows them\n",
               report->finding_count - shown);
    print_counts(r);
    print_sizes(r);
}
