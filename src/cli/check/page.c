/* The result of a check as a page that opens at what is wrong, and asks for nothing from anywhere. */
#include "cli/check/page.h"
#include "command/markup.h"
#include "command/shell.h"

#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    /* The frame inside allows its own program alone, by its digest. */
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n<style>\n"
    ":root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#f3f4f6;--line:#8a8f98;--faint:#595959;"
    "--bad:#b3261e;--good:#0a6b3d;--note:#7a5200;--mark:#fde7e5}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#16181c;--soft:#22262d;--line:#7d838d;"
    "--faint:#b4b4b4;--bad:#ff8a80;--good:#6fd89f;--note:#f0c060;--mark:#4a2320}}\n"
    "*{box-sizing:border-box}body{margin:0;color:var(--ink);background:var(--paper);font:15px/1.45 'DejaVu "
    "Sans',Verdana,system-ui,sans-serif}main{max-width:78rem;padding:.6rem 1rem}h1{font-size:1.3rem;margin:.3rem "
    "0}h2{font-size:1.05rem;margin:1.2rem 0 .3rem}p{margin:.3rem 0}.bad{color:var(--bad)}.good{color:var(--good)}"
    ".note{color:var(--note)}.faint{color:var(--faint)}code,.code{font-family:'DejaVu Sans "
    "Mono',ui-monospace,monospace;font-size:.88rem;overflow-wrap:anywhere}.code{white-space:pre-wrap;display:block;"
    "background:var(--soft);padding:.3rem .6rem;margin:.25rem 0;border-left:3px solid var(--line)}"
    ".code.bad{border-color:var(--bad);color:inherit;background:var(--mark)}.code.good{border-color:var(--good);"
    "color:inherit}dl{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:.25rem .8rem;margin:.4rem 0}"
    "dt{color:var(--faint)}dd{margin:0;min-width:0}table{border-collapse:collapse;margin:.3rem 0}th,td{padding:.1rem "
    ".7rem .1rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:normal}"
    "td.number{text-align:right;font-variant-numeric:tabular-nums}tr.wrong td{background:var(--mark)}"
    ".scroll{overflow-x:auto}summary{cursor:pointer;padding:.3rem 0;font-weight:bold}iframe{width:100%;height:48rem;"
    "border:1px solid var(--line);background:var(--paper)}@media (max-width:40rem){dl{grid-template-columns:1fr}"
    "dt{margin-top:.3rem}}\n</style>\n<title>";

/* ---- everything else --------------------------------------------------------------------------- */

static bool is_in(const char *name, const gt_cell_array *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

/* A gradient has the tape's to be compared with; any other name is seen through what reads it. */
static bool is_gradient(const gt_cell *cell, const char *name)
{
    const gt_handwritten *h = cell->handwritten;
    if (name[0] != 'd')
        return false;
    for (uint32_t i = 0; i < h->forward_count; i++)
        if (strcmp(h->forward[i].name, name + 1) == 0)
            return true;
    return is_in(name + 1, cell->inputs, cell->input_count) || is_in(name + 1, cell->states, cell->state_count) ||
           is_in(name + 1, cell->parameters, cell->parameter_count);
}

static const gt_finding *finding_at(const gt_report *report, const gt_equation *equation)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (report->findings[i].place.line == equation->place.line && equation->place.line > 0)
            return &report->findings[i];
    return NULL;
}

static void put_line(FILE *file, const gt_check_result *r, const gt_equation *equation)
{
    const gt_finding *f = finding_at(r->report, equation);
    bool looked = r->report->counts[GT_CHECK_FORMULA].arrays > 0;
    bool judged = f != NULL || (looked && is_gradient(r->sizes->cell, equation->name));
    gt_verdict verdict = f != NULL ? f->verdict : GT_RIGHT;
    fprintf(file, "<tr%s><td class=\"number\">%u<td><code>", f != NULL ? " class=\"wrong\"" : "", equation->place.line);
    gt_markup_text(file, equation->text != NULL ? equation->text : equation->name);
    fprintf(file, "</code><td class=\"%s\">%s %s</tr>\n", judged ? gt_check_page_class(verdict) : "faint",
            judged ? gt_check_page_glyph(verdict) : "–",
            judged   ? gt_verdict_name(verdict)
            : looked ? "a name for a part: seen through what reads it"
                     : "not looked at");
}

static void put_block(FILE *file, const gt_check_result *r)
{
    const gt_handwritten *h = r->sizes->cell->handwritten;
    if (h == NULL || h->backward_count == 0)
        return;
    fputs("<section><h2>All formulas</h2>\n<div class=\"scroll\"><table><tbody>\n", file);
    for (uint32_t i = 0; i < h->backward_count; i++)
        put_line(file, r, &h->backward[i]);
    fputs("</tbody></table></div></section>\n", file);
}

/* What stands in the file beside the cell's own arrays is a gradient, or a result. */
static void put_array(FILE *file, const gt_report *report, const char *name)
{
    gt_verdict verdict = GT_RIGHT;
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (strcmp(report->findings[i].array, name) == 0)
            verdict = report->findings[i].verdict;
    fputs("<tr><td><code>", file);
    gt_markup_text(file, name);
    fprintf(file, "</code><td class=\"%s\">%s %s</tr>\n", gt_check_page_class(verdict), gt_check_page_glyph(verdict),
            gt_verdict_name(verdict));
}

/* "dW", "dx", "da0": those that are compared with the tape's. */
static bool is_compared(const gt_cell *cell, const char *name)
{
    if (name[0] != 'd')
        return false;
    size_t length = strlen(name);
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (strlen(cell->states[i].name) + 2 == length && name[length - 1] == '0' &&
            strncmp(cell->states[i].name, name + 1, length - 2) == 0)
            return true;
    return is_in(name + 1, cell->inputs, cell->input_count) || is_in(name + 1, cell->parameters, cell->parameter_count);
}

static void put_arrays(FILE *file, const gt_check_result *r)
{
    if (r->against == NULL || r->report->counts[GT_CHECK_AGAINST].arrays == 0)
        return;
    fputs("<section><h2>All arrays</h2>\n<table><tbody>\n", file);
    for (uint32_t i = 0; gt_archive_name(r->arrays, i) != NULL; i++)
        if (is_compared(r->sizes->cell, gt_archive_name(r->arrays, i)))
            put_array(file, r->report, gt_archive_name(r->arrays, i));
    fputs("</tbody></table></section>\n", file);
}

static void put_counts(FILE *file, const gt_report *report)
{
    fputs("<section><h2>What was compared</h2>\n<div class=\"scroll\"><table><thead><tr><th>what<th>arrays<th>"
          "entries<th>verdict</tr></thead><tbody>\n",
          file);
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++) {
        const gt_check_count *c = &report->counts[kind];
        if (c->arrays == 0 || gt_check_part_name((gt_check_kind)kind) == NULL)
            continue;
        gt_verdict verdict = c->wrong > 0 ? GT_WRONG : c->undecidable > 0 ? GT_UNDECIDABLE : GT_RIGHT;
        fprintf(file, "<tr><td>%s<td class=\"number\">%llu<td class=\"number\">%llu<td class=\"%s\">%s ",
                gt_check_part_name((gt_check_kind)kind), (unsigned long long)c->arrays,
                (unsigned long long)(c->entries + c->projections), gt_check_page_class(verdict),
                gt_check_page_glyph(verdict));
        if (c->wrong > 0)
            fprintf(file, "%llu wrong", (unsigned long long)c->wrong);
        else if (c->undecidable > 0)
            fprintf(file, "%llu undecidable", (unsigned long long)c->undecidable);
        else
            fputs("right", file);
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
    for (uint32_t i = 0; i < report->remark_count; i++) {
        char text[1024];
        gt_remark_format(&report->remarks[i], text, sizeof text);
        text[strcspn(text, "\n")] = '\0';
        fputs("<p class=\"note\">", file);
        gt_markup_text(file, text);
        fputs("</p>\n", file);
    }
    fputs("</section>\n", file);
}

/* ---- again ----------------------------------------------------------------------------------- */

/* Each file of a list "a.npy, b.npy" has the option before it. */
static void put_files(FILE *file, const char *option, const gt_text_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        fprintf(file, " --%s ", option);
        gt_shell_word(file, files->items[i], gt_markup_bytes);
    }
}

static void put_command(FILE *file, const gt_check_result *r)
{
    const gt_check_sizes *s = r->sizes;
    fputs("<section><h2>Again</h2>\n<code class=\"code\">gradtape check ", file);
    gt_shell_word(file, r->source, gt_markup_bytes);
    fputs(s->dimensions.count > 0 && r->against == NULL ? " --dims " : "", file);
    for (uint32_t i = 0; r->against == NULL && i < s->dimensions.count; i++)
        fprintf(file, "%s%s=%lld", i > 0 ? "," : "", s->dimensions.list[i].name, (long long)s->dimensions.list[i].size);
    if (r->against == NULL)
        fprintf(file, " --batch %lld --steps %lld", (long long)s->examples, (long long)s->steps);
    if (r->set != NULL) {
        fputs(" --set ", file);
        gt_shell_word(file, r->set, gt_markup_bytes);
    }
    if (r->files != NULL)
        put_files(file, r->against != NULL ? "against" : "at", r->files);
    fprintf(file, " --seed %u</code>\n</section>\n", r->report->seed);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put_heading(FILE *file, const gt_check_result *r)
{
    char summary[GT_REPORT_SUMMARY_SIZE];
    gt_markup_text(file, r->sizes->cell->name);
    fputs(": ", file);
    gt_markup_text(file, gt_report_summary(r->report, summary, sizeof summary));
}

static void put_sizes(FILE *file, const gt_check_result *r)
{
    const gt_check_sizes *s = r->sizes;
    fputs("<p class=\"faint\">", file);
    gt_markup_text(file, r->source);
    if (r->against != NULL || r->at != NULL) {
        fputs(", arrays of ", file);
        gt_markup_text(file, r->against != NULL ? r->against : r->at);
    }
    fputs(": ", file);
    for (uint32_t i = 0; i < s->dimensions.count; i++)
        fprintf(file, "%s = %lld, ", s->dimensions.list[i].name, (long long)s->dimensions.list[i].size);
    fprintf(file, "m = %lld examples, T = %lld time steps", (long long)s->examples, (long long)s->steps);
    if (r->against == NULL)
        fprintf(file, ", seed %u", r->report->seed);
    fputs("</p>\n", file);
}

static void put_right(FILE *file, const gt_check_result *r)
{
    if (r->report->verdict != GT_RIGHT || r->report->finding_count > 0)
        return;
    fprintf(file, "<p>Right: %s.</p>\n", gt_check_right(r));
}

static void put_result(FILE *file, const void *result)
{
    const gt_check_result *r = result;
    bool complete = r->report->verdict != GT_RIGHT || gt_report_complete(r->report);
    fputs(head, file);
    put_heading(file, r);
    fprintf(file, "</title>\n</head>\n<body>\n<main>\n<h1 class=\"%s\">%s ",
            complete ? gt_check_page_class(r->report->verdict) : "note", gt_check_page_glyph(r->report->verdict));
    put_heading(file, r);
    fputs("</h1>\n", file);
    put_sizes(file, r);
    put_right(file, r);
    gt_check_page_findings(file, r);
    put_block(file, r);
    put_arrays(file, r);
    put_counts(file, r->report);
    put_command(file, r);
    gt_check_page_stepper(file, r);
    fputs("</main>\n</body>\n</html>\n", file);
}

gt_status gt_check_write_page(const gt_check_result *r, const char *path, gt_error *error)
{
    return gt_markup_write(put_result, r, path, error);
}

/* ---- what could not be checked ----------------------------------------------------------------- */

static void put_reason(FILE *file, const char *name, const gt_diagnostic *d, const char *hint)
{
    fprintf(file, "<p class=\"%s\">", d->severity == GT_SEVERITY_ERROR ? "bad" : "note");
    gt_markup_text(file, name);
    fprintf(file, ", line %u, column %u: ", d->line, d->column);
    gt_markup_text(file, d->message);
    fputs("</p>\n", file);
    if (hint != NULL) {
        fputs("<p>", file);
        gt_markup_text(file, hint);
        fputs("</p>\n", file);
    }
}

static void put_refusal(FILE *file, const void *refusal)
{
    const gt_check_refusal *r = refusal;
    size_t count = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(r->parsed, &count);
    fputs(head, file);
    gt_markup_text(file, r->source);
    fputs(": not checked</title>\n</head>\n<body>\n<main>\n<h1 class=\"note\">? ", file);
    gt_markup_text(file, r->source);
    fputs(" could not be checked</h1>\n", file);
    for (size_t i = 0; i < count; i++)
        put_reason(file, gt_parsed_cell_file(r->parsed), &list[i], gt_check_hint(r, &list[i]));
    if (!gt_check_refused_text(r)) {
        fputs("<p class=\"bad\">", file);
        gt_markup_text(file, r->error->message);
        fputs("</p>\n", file);
    }
    for (uint32_t i = 0; i < r->explanation_count; i++) {
        fprintf(file, "<section><h2>Line %u</h2>\n<dl>\n", r->explanations[i].place.line);
        gt_check_page_row(file, "likely", NULL, r->explanations[i].text);
        gt_check_page_row(file, "should read", "good", r->explanations[i].repaired);
        fputs("</dl></section>\n", file);
    }
    fputs("</main>\n</body>\n</html>\n", file);
}

gt_status gt_check_write_refusal_page(const gt_check_refusal *r, const char *path, gt_error *error)
{
    return gt_markup_write(put_refusal, r, path, error);
}
