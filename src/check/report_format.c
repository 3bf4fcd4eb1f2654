/* A report in words. */
#include "check/report.h"
#include "check/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct writer {
    char *text;
    size_t size, used; /* used may go beyond size: what the whole would take */
} writer;

static void put(writer *w, const char *format, ...) GT_PRINTF(2, 3);

static void put(writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool room = w->used < w->size;
    int length = vsnprintf(room ? w->text + w->used : NULL, room ? w->size - w->used : 0, format, arguments);
    va_end(arguments);
    if (length > 0)
        w->used += (size_t)length;
}

uint32_t gt_finding_indices(const gt_finding *f, int64_t indices[GT_FINDING_INDICES])
{
    uint32_t count = 0;
    int64_t row = f->index[0];
    bool several = f->shape.rank > 0 && f->shape.size[0] == gt_shape_count(f->sizes);
    for (int32_t i = several ? f->sizes.rank : 0; i-- > 0; row /= f->sizes.size[i])
        indices[i] = row % f->sizes.size[i];
    if (several)
        count = (uint32_t)f->sizes.rank;
    for (int32_t axis = count > 0 ? 1 : 0; axis < f->shape.rank; axis++)
        indices[count++] = f->index[axis];
    return count;
}

/* "Wf[0, 3]": an index as NumPy writes it. */
static void put_entry(writer *w, const gt_finding *f)
{
    int64_t indices[GT_FINDING_INDICES];
    uint32_t count = gt_finding_indices(f, indices);
    put(w, "%s", f->array);
    for (uint32_t i = 0; i < count; i++)
        put(w, "%s%lld", i == 0 ? "[" : ", ", (long long)indices[i]);
    if (count > 0)
        put(w, "]");
}

static bool is_of_op(const gt_finding *f)
{
    return f->kind == GT_CHECK_RULE || f->kind == GT_CHECK_SECOND;
}

/* "lstm.cell:24:3: wrong: di_z, gate i" */
static void put_title(writer *w, const gt_finding *f)
{
    if (f->place.line > 0)
        put(w, "%s:%u:%u: ", f->place.file != NULL ? f->place.file : "", f->place.line, f->place.column);
    put(w, "%s: %s", gt_verdict_name(f->verdict), gt_is_said(f->array) ? f->array : "the forward pass");
    if (gt_is_said(f->of))
        put(w, ", the gradient of %s", f->of);
    if (gt_is_said(f->gate) && (f->of == NULL || strcmp(f->gate, f->of) != 0))
        put(w, is_of_op(f) ? ", op %s" : ", gate %s", f->gate);
    put(w, "\n");
    if (gt_is_said(f->formula))
        put(w, "    %s\n", f->formula);
}

/* "in rows 2 to 4 alone" */
static void put_range(writer *w, const gt_finding *f)
{
    const char *name = gt_pattern_name(f->pattern);
    if (f->to - f->from == 1)
        put(w, "    in %.*s %lld alone\n", (int)strlen(name) - 1, name, (long long)f->from);
    else
        put(w, "    in %s %lld to %lld alone\n", name, (long long)f->from, (long long)f->to - 1);
}

static void put_pattern(writer *w, const gt_finding *f)
{
    switch (f->pattern) {
    case GT_PATTERN_EVERYWHERE:
        put(w, "    everywhere\n");
        break;
    case GT_PATTERN_ROWS:
    case GT_PATTERN_COLUMNS:
    case GT_PATTERN_STEPS:
        put_range(w, f);
        break;
    case GT_PATTERN_SCATTERED:
        put(w, "    in %llu of %llu entries\n", (unsigned long long)f->wrong_count, (unsigned long long)f->entry_count);
        break;
    case GT_PATTERN_SHAPE: {
        char is[80], expected[80];
        put(w, "    it is %s and should be %s\n", gt_shape_format(f->shape, is, sizeof is),
            gt_shape_format(f->expected_shape, expected, sizeof expected));
        break;
    }
    case GT_PATTERN_NONE:
        break;
    }
}

static void put_worst(writer *w, const gt_finding *f)
{
    if (f->pattern == GT_PATTERN_SHAPE || f->entry_count == 0)
        return;
    put(w, "    ");
    put_entry(w, f);
    if (f->step >= 0)
        put(w, " at time step %lld", (long long)f->step);
    put(w, f->verdict == GT_WRONG ? " is %.10g; it should be %.10g" : " is %.10g; numbers give %.10g", f->value + 0.0,
        f->expected + 0.0); /* no -0 */
    if (f->error_bar > 0)
        put(w, " +- %.1g", f->error_bar);
    put(w, "\n");
    if (f->kink)
        put(w, "    a kink: the slope is %.6g on the left and %.6g on the right\n", f->left, f->right);
}

static void put_finding(writer *w, const gt_finding *f)
{
    put_title(w, f);
    put_worst(w, f);
    put_pattern(w, f);
    if (gt_is_said(f->text))
        put(w, "    %s\n", f->text);
    if (gt_is_said(f->diagnosis.kind))
        put(w, "    likely: %s\n", f->diagnosis.text);
    if (gt_is_said(f->diagnosis.repaired))
        put(w, "    should read: %s\n", f->diagnosis.repaired);
}

size_t gt_finding_entry(const gt_finding *finding, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0)
        text[0] = '\0';
    put_entry(&w, finding);
    return w.used;
}

size_t gt_finding_format(const gt_finding *finding, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0)
        text[0] = '\0';
    put_finding(&w, finding);
    return w.used;
}

/* ---- findings with one explanation ---------------------------------------------------------- */

static bool are_explained_together(const gt_report *r, uint32_t i, uint32_t k)
{
    const gt_diagnosis *a = &r->findings[i].diagnosis, *b = &r->findings[k].diagnosis;
    return i == k || (a->explanation > 0 && a->explanation == b->explanation);
}

uint32_t gt_report_explained(const gt_report *report, uint32_t i)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < report->finding_count; k++)
        count += are_explained_together(report, i, k);
    return count;
}

bool gt_report_said_before(const gt_report *report, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (are_explained_together(report, i, k))
            return true;
    return false;
}

/* "wrong: 3 of 11 arrays that are wrong: dbo, dWo and dx" */
static void put_names(writer *w, const gt_report *r, uint32_t i, uint32_t count)
{
    uint32_t wrong = 0, left = count;
    for (uint32_t k = 0; k < r->finding_count; k++)
        wrong += r->findings[k].kind == r->findings[i].kind && r->findings[k].verdict == GT_WRONG;
    put(w, "%s: ", gt_verdict_name(r->findings[i].verdict));
    if (count < wrong)
        put(w, "%u of %u arrays that are wrong: ", count, wrong);
    else
        put(w, "%u arrays: ", count);
    for (uint32_t k = 0; k < r->finding_count; k++)
        if (are_explained_together(r, i, k)) {
            left--;
            put(w, "%s%s", r->findings[k].array, left > 1 ? ", " : left == 1 ? " and " : "\n");
        }
}

static void put_explained(writer *w, const gt_report *r, uint32_t i, uint32_t count)
{
    const gt_finding *f = &r->findings[i];
    put_names(w, r, i, count);
    put(w, "    likely: %s\n", f->diagnosis.text);
    put_worst(w, f);
}

static void put_finding_of(writer *w, const gt_report *r, uint32_t i)
{
    uint32_t count = gt_report_explained(r, i);
    if (gt_report_said_before(r, i))
        return;
    if (count > 1)
        put_explained(w, r, i, count);
    else
        put_finding(w, &r->findings[i]);
}

size_t gt_report_format_finding(const gt_report *report, uint32_t i, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0)
        text[0] = '\0';
    put_finding_of(&w, report, i);
    return w.used;
}

static void put_remark(writer *w, const gt_remark *r)
{
    if (r->place.line > 0)
        put(w, "%s:%u:%u: ", r->place.file != NULL ? r->place.file : "", r->place.line, r->place.column);
    bool left_out = r->kind == GT_REMARK_NOT_VERIFIED || r->kind == GT_REMARK_NOT_SEEN;
    put(w, "%s: %s\n", left_out ? gt_remark_kind_name(r->kind) : "remark", r->text);
}

size_t gt_remark_format(const gt_remark *remark, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0)
        text[0] = '\0';
    put_remark(&w, remark);
    return w.used;
}

size_t gt_report_format(const gt_report *report, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0)
        text[0] = '\0';
    char verdict[GT_REPORT_SUMMARY_SIZE];
    put(&w, "%s", gt_report_summary(report, verdict, sizeof verdict));
    uint64_t entries = 0, projections = 0;
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++) {
        entries += report->counts[kind].entries;
        projections += report->counts[kind].projections;
    }
    put(&w, ": %llu entries compared", (unsigned long long)entries);
    if (projections > 0)
        put(&w, ", and %llu random projections", (unsigned long long)projections);
    put(&w, "\n");
    for (uint32_t i = 0; i < report->finding_count; i++)
        put_finding_of(&w, report, i);
    for (uint32_t i = 0; i < report->remark_count; i++)
        put_remark(&w, &report->remarks[i]);
    return w.used;
}
