#include "check/report.h"
#include "cli/check/settings.h"

static void write_sizes(const gt_check_sizes *s, gt_json *json)
{
    gt_json_object(json, "sizes");
    gt_json_integer(json, "m", s->examples);
    gt_json_integer(json, "T", s->steps);
    gt_json_dimensions(&s->dimensions, json);
    gt_json_close(json);
}

static void write_counts(const gt_report *report, gt_json *json)
{
    gt_json_object(json, "compared");
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++) {
        const gt_check_count *count = &report->counts[kind];
        if (count->arrays == 0)
            continue;
        gt_json_object(json, gt_check_kind_name((gt_check_kind)kind));
        gt_json_integer(json, "arrays", (int64_t)count->arrays);
        gt_json_integer(json, "entries", (int64_t)count->entries);
        gt_json_integer(json, "projections", (int64_t)count->projections);
        gt_json_integer(json, "wrong", (int64_t)count->wrong);
        gt_json_integer(json, "undecidable", (int64_t)count->undecidable);
        gt_json_real(json, "largest_excess", count->largest_excess);
        gt_json_close(json);
    }
    gt_json_close(json);
}

/* An empty text is null. */
static void write_text(gt_json *json, const char *key, const char *text)
{
    gt_json_text(json, key, text != NULL && *text != '\0' ? text : NULL);
}

static void write_place(gt_json *json, const char *key, gt_text_place place)
{
    if (place.line == 0) {
        gt_json_null(json, key);
        return;
    }
    gt_json_object(json, key);
    write_text(json, "file", place.file);
    gt_json_integer(json, "line", place.line);
    gt_json_integer(json, "column", place.column);
    gt_json_close(json);
}

static void write_worst(const gt_finding *f, gt_json *json)
{
    int64_t indices[GT_FINDING_INDICES];
    uint32_t count = gt_finding_indices(f, indices);
    gt_json_object(json, "worst");
    gt_json_array(json, "index");
    for (uint32_t i = 0; i < count; i++)
        gt_json_integer(json, NULL, indices[i]);
    gt_json_close(json);
    if (f->step >= 0)
        gt_json_integer(json, "step", f->step);
    else
        gt_json_null(json, "step");
    gt_json_real(json, "value", f->value);
    gt_json_real(json, "expected", f->expected);
    gt_json_real(json, "error_bar", f->error_bar);
    gt_json_real(json, "allowed", f->allowed);
    gt_json_boolean(json, "kink", f->kink);
    if (f->kink) {
        gt_json_real(json, "left", f->left);
        gt_json_real(json, "right", f->right);
    }
    gt_json_close(json);
}

static void write_pattern(const gt_finding *f, gt_json *json)
{
    gt_json_object(json, "pattern");
    gt_json_text(json, "kind", gt_pattern_name(f->pattern));
    gt_json_integer(json, "from", f->from);
    gt_json_integer(json, "to", f->to);
    gt_json_integer(json, "wrong_entries", (int64_t)f->wrong_count);
    gt_json_integer(json, "entries", (int64_t)f->entry_count);
    gt_json_close(json);
}

static void write_diagnosis(const gt_diagnosis *d, const char *key, gt_json *json)
{
    if (d->kind[0] == '\0') {
        gt_json_null(json, key);
        return;
    }
    gt_json_object(json, key);
    gt_json_text(json, "kind", d->kind);
    write_text(json, "text", d->text);
    write_text(json, "repaired", d->repaired);
    write_place(json, "place", d->place);
    gt_json_real(json, "before", d->before);
    gt_json_real(json, "after", d->after);
    gt_json_integer(json, "alternatives", d->alternatives);
    gt_json_close(json);
}

static void write_finding(const gt_finding *f, gt_json *json)
{
    gt_json_object(json, NULL);
    gt_json_text(json, "check", gt_check_kind_name(f->kind));
    gt_json_text(json, "verdict", gt_verdict_name(f->verdict));
    write_text(json, "array", f->array);
    write_text(json, "of", f->of);
    write_text(json, "gate", f->gate);
    write_place(json, "place", f->place);
    write_text(json, "formula", f->formula);
    write_text(json, "text", f->text);
    gt_json_shape(json, "shape", f->shape);
    gt_json_shape(json, "expected_shape", f->expected_shape);
    write_worst(f, json);
    write_text(json, "arithmetic", f->arithmetic);
    write_text(json, "expected_arithmetic", f->expected_arithmetic);
    write_pattern(f, json);
    if (f->diagnosis.explanation > 0) { /* said once, in "explanations" */
        gt_json_null(json, "diagnosis");
        gt_json_integer(json, "explanation", f->diagnosis.explanation);
    } else {
        write_diagnosis(&f->diagnosis, "diagnosis", json);
    }
    gt_json_close(json);
}

/* What explains several findings, or one array, in the order of the numbers that findings have. */
static void write_explanations(const gt_report *report, gt_json *json)
{
    gt_json_array(json, "explanations");
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const gt_diagnosis *d = &report->findings[i].diagnosis;
        if (d->explanation == 0 || gt_report_said_before(report, i))
            continue;
        gt_json_object(json, NULL);
        gt_json_integer(json, "number", d->explanation);
        gt_json_array(json, "arrays");
        for (uint32_t k = i; k < report->finding_count; k++)
            if (report->findings[k].diagnosis.explanation == d->explanation)
                gt_json_text(json, NULL, report->findings[k].array);
        gt_json_close(json);
        write_diagnosis(d, "diagnosis", json);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void write_remarks(const gt_report *report, gt_json *json)
{
    gt_json_boolean(json, "complete", gt_report_complete(report));
    gt_json_array(json, "not_verified");
    for (uint32_t i = 0; i < report->remark_count; i++)
        if (report->remarks[i].kind == GT_REMARK_NOT_VERIFIED)
            gt_json_text(json, NULL, report->remarks[i].array);
    gt_json_close(json);
    gt_json_array(json, "remarks");
    for (uint32_t i = 0; i < report->remark_count; i++) {
        const gt_remark *remark = &report->remarks[i];
        gt_json_object(json, NULL);
        gt_json_text(json, "kind", gt_remark_kind_name(remark->kind));
        write_text(json, "array", remark->array);
        write_place(json, "place", remark->place);
        gt_json_text(json, "text", remark->text);
        gt_json_close(json);
    }
    gt_json_close(json);
}

void gt_check_write_json(const gt_check_result *r, gt_json *json)
{
    char summary[GT_REPORT_SUMMARY_SIZE];
    gt_json_text(json, "verdict", gt_verdict_name(r->report->verdict));
    gt_json_text(json, "summary", gt_report_summary(r->report, summary, sizeof summary));
    gt_json_text(json, "cell", r->sizes->cell->name);
    gt_json_text(json, "source", r->source);
    gt_json_text(json, "against", r->against);
    gt_json_text(json, "at", r->at);
    gt_json_integer(json, "seed", r->report->seed);
    gt_json_integer(json, "points", r->report->points);
    gt_json_real(json, "seconds", r->seconds);
    write_sizes(r->sizes, json);
    write_counts(r->report, json);
    gt_json_array(json, "findings");
    for (uint32_t i = 0; i < r->report->finding_count; i++)
        write_finding(&r->report->findings[i], json);
    gt_json_close(json);
    write_explanations(r->report, json);
    write_remarks(r->report, json);
}

/* ---- what could not be checked ------------------------------------------------------------- */

bool gt_check_refused_text(const gt_check_refusal *refusal)
{
    size_t count = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(refusal->parsed, &count);
    for (size_t i = 0; i < count; i++)
        if (list[i].severity == GT_SEVERITY_ERROR)
            return true;
    return false;
}

static void write_problem(gt_json *json, const char *message, const char *hint, gt_text_place place)
{
    gt_json_object(json, NULL);
    write_text(json, "message", message);
    write_text(json, "hint", hint);
    write_place(json, "place", place);
    gt_json_close(json);
}

static void write_diagnostics(const gt_check_refusal *r, gt_severity severity, const char *key, gt_json *json)
{
    size_t count = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(r->parsed, &count);
    gt_json_array(json, key);
    if (severity == GT_SEVERITY_ERROR && !gt_check_refused_text(r))
        write_problem(json, r->error->message, NULL, (gt_text_place){.line = 0});
    for (size_t i = 0; i < count; i++)
        if (list[i].severity == severity)
            write_problem(json, list[i].message, gt_check_hint(r, &list[i]),
                          (gt_text_place){
                              .file = gt_parsed_cell_file(r->parsed), .line = list[i].line, .column = list[i].column});
    gt_json_close(json);
}

void gt_check_write_refusal_json(const gt_check_refusal *r, gt_json *json)
{
    gt_json_null(json, "verdict");
    gt_json_text(json, "source", r->source);
    write_diagnostics(r, GT_SEVERITY_ERROR, "errors", json);
    write_diagnostics(r, GT_SEVERITY_WARNING, "warnings", json);
    gt_json_array(json, "explanations");
    for (uint32_t i = 0; i < r->explanation_count; i++)
        write_diagnosis(&r->explanations[i], NULL, json);
    gt_json_close(json);
}
