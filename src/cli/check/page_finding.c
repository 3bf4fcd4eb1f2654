/* What is wrong, where, and what should stand there. */
#include "check/report.h"
#include "cli/check/page.h"
#include "command/markup.h"

#include <string.h>

static void put_code(FILE *file, const char *class, const char *text)
{
    fprintf(file, "<code class=\"code %s\">", class);
    gt_markup_text(file, text);
    fputs("</code>", file);
}

void gt_check_page_row(FILE *file, const char *term, const char *class, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    fprintf(file, "<dt>%s</dt><dd>", term);
    if (class != NULL)
        put_code(file, class, text);
    else
        gt_markup_text(file, text);
    fputs("</dd>\n", file);
}

const char *gt_check_page_class(gt_verdict verdict)
{
    return verdict == GT_WRONG ? "bad" : verdict == GT_RIGHT ? "good" : "note";
}

const char *gt_check_page_glyph(gt_verdict verdict)
{
    return verdict == GT_WRONG ? "✗" : verdict == GT_RIGHT ? "✓" : "?";
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void put_index(FILE *file, const gt_finding *f)
{
    int64_t indices[GT_FINDING_INDICES];
    uint32_t count = gt_finding_indices(f, indices);
    gt_markup_text(file, f->array);
    for (uint32_t i = 0; i < count; i++)
        fprintf(file, "%s%lld", i == 0 ? "[" : ", ", (long long)indices[i]);
    fputs(count > 0 ? "]" : "", file);
}

/* Which entry, when, what it is and what it should be. */
static void put_entry(FILE *file, const gt_finding *f)
{
    if (f->entry_count == 0 || f->pattern == GT_PATTERN_SHAPE)
        return;
    fputs("<dt>entry</dt><dd><code>", file);
    put_index(file, f);
    fputs("</code></dd>\n", file);
    if (f->step >= 0)
        fprintf(file, "<dt>time step</dt><dd>%lld, counted from 0</dd>\n", (long long)f->step);
    fprintf(file, "<dt>it is</dt><dd><code>%.10g</code></dd>\n<dt>%s</dt><dd><code>%.10g</code>", f->value + 0.0,
            f->verdict == GT_WRONG ? "it should be" : "numbers give", f->expected + 0.0);
    if (f->error_bar > 0)
        fprintf(file, " ± %.1g", f->error_bar);
    fputs("</dd>\n", file);
}

static void put_pattern(FILE *file, const gt_finding *f)
{
    char is[80], expected[80];
    const char *name = gt_pattern_name(f->pattern);
    if (f->pattern == GT_PATTERN_NONE)
        return;
    fputs("<dt>where</dt><dd>", file);
    if (f->pattern == GT_PATTERN_SHAPE)
        fprintf(file, "it is %s and should be %s", gt_shape_format(f->shape, is, sizeof is),
                gt_shape_format(f->expected_shape, expected, sizeof expected));
    else if (f->pattern == GT_PATTERN_EVERYWHERE)
        fputs("everywhere", file);
    else if (f->pattern == GT_PATTERN_SCATTERED)
        fprintf(file, "in %llu of %llu entries", (unsigned long long)f->wrong_count,
                (unsigned long long)f->entry_count);
    else
        fprintf(file, "in %s %lld to %lld alone", name, (long long)f->from, (long long)f->to - 1);
    fputs("</dd>\n", file);
}

/* The part of the formula that is at issue, where it is not the whole. */
static void put_term(FILE *file, const gt_finding *f)
{
    const gt_diagnosis *d = &f->diagnosis;
    if (d->place.line == 0 || d->place.column == 0 || d->part == NULL || *d->part == '\0')
        return;
    fprintf(file, "<dt>term</dt><dd>line %u, from column %u: <code>", d->place.line, d->place.column);
    gt_markup_text(file, d->part);
    fputs("</code></dd>\n", file);
}

static void put_title(FILE *file, const gt_finding *f)
{
    fprintf(file, "<span class=\"%s\">%s ", gt_check_page_class(f->verdict), gt_check_page_glyph(f->verdict));
    gt_markup_text(file, f->array[0] != '\0' ? f->array : "the forward pass");
    fprintf(file, " is %s</span>", gt_verdict_name(f->verdict));
    if (f->place.line > 0)
        fprintf(file, ", line %u", f->place.line);
}

static void put_finding(FILE *file, const gt_finding *f)
{
    fputs("<dl>\n", file);
    gt_check_page_row(file, "as it is written", gt_check_page_class(f->verdict), f->formula);
    gt_check_page_row(file, "should read", "good", f->diagnosis.repaired);
    gt_check_page_row(file, "likely", NULL, f->diagnosis.text);
    gt_check_page_row(file, "the gradient of", NULL, f->of);
    gt_check_page_row(file, "gate", NULL, f->gate);
    if (f->diagnosis.kind[0] != '\0')
        put_term(file, f);
    put_entry(file, f);
    gt_check_page_row(file, "written out", gt_check_page_class(f->verdict), f->arithmetic);
    gt_check_page_row(file, "what it should be", "good", f->expected_arithmetic);
    put_pattern(file, f);
    gt_check_page_row(file, "and", NULL, f->text);
    fputs("</dl>\n", file);
}

void gt_check_page_findings(FILE *file, const gt_check_result *r)
{
    const gt_report *report = r->report;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        fprintf(file, i == 0 ? "<section id=\"wrong\"><h2>" : "<details%s><summary>", i < 3 ? " open" : "");
        put_title(file, &report->findings[i]);
        fputs(i == 0 ? "</h2>\n" : "</summary>\n", file);
        put_finding(file, &report->findings[i]);
        fputs(i == 0 ? "</section>\n" : "</details>\n", file);
    }
}
