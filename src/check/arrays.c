#include "check/arrays.h"

#include <math.h>
#include <string.h>

double gt_arrays_largest(const double *values, size_t count)
{
    double result = 0;
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) > result && isfinite(values[i]))
            result = fabs(values[i]);
    return result;
}

/* ---- one entry ----------------------------------------------------------------------------- */

typedef struct entry {
    gt_verdict verdict;
    double difference, allowed;
} entry;

/* Comparisons are written so that NaN fails them. */
static entry compare_entry(const gt_arrays *a, size_t i, double slack)
{
    double error = (a->error != NULL ? 2 * a->error[i] : 0) + a->rounding;
    double reach = a->reach != NULL ? a->reach[i] : 0;
    entry e = {GT_UNDECIDABLE, fabs(a->value[i] - a->expected[i]), error + reach + slack};
    if (!isfinite(a->expected[i]) || !isfinite(error) || !isfinite(reach))
        return e;
    bool blunt = !(error <= GT_CHECK_BLUNT * slack);
    if (!(e.difference <= (blunt ? GT_CHECK_BEYOND_DOUBT : 1) * error + reach + slack))
        e.verdict = GT_WRONG;
    else if (!blunt && reach <= GT_CHECK_BLUNT * slack && e.difference <= e.allowed)
        e.verdict = GT_RIGHT;
    return e;
}

/* Relative to the scale: what an error bar may be, and what entries may be off beyond it. */
#define ROUGH_BAR 1e-2
#define ROUGH 1e-4

bool gt_arrays_agree_roughly(const gt_arrays *a)
{
    size_t count = (size_t)gt_shape_count(a->shape);
    double scale = fmax(a->scale, gt_arrays_largest(a->expected, count));
    for (size_t i = 0; i < count; i++) {
        double error = (a->error != NULL ? 2 * a->error[i] : 0) + a->rounding;
        bool sharp = a->reach == NULL || a->reach[i] == 0;
        if (!sharp || !(error <= ROUGH_BAR * scale) || !(fabs(a->value[i] - a->expected[i]) <= error + ROUGH * scale))
            return false;
    }
    return true;
}

static int severity(gt_verdict verdict)
{
    return verdict == GT_WRONG ? 2 : verdict == GT_UNDECIDABLE ? 1 : 0;
}

static double excess(entry e)
{
    double ratio = e.difference / e.allowed;
    return isnan(ratio) ? INFINITY : ratio;
}

/* ---- where --------------------------------------------------------------------------------- */

enum { AXES = 3 };

/* Wrong entries seen along one axis: which places have any, as a range. */
typedef struct span {
    int64_t from, to, size;
} span;

static void stretch(span *s, int64_t place)
{
    if (s->to == 0 || place < s->from)
        s->from = place;
    if (place >= s->to)
        s->to = place + 1;
}

/* Most of the entries between: the others may be small by themselves. */
static bool fills(uint64_t wrong, int64_t entries)
{
    return (double)wrong >= 0.8 * (double)entries;
}

static void find_pattern(gt_finding *f, const span spans[AXES], bool in_time)
{
    static const gt_pattern blocks[AXES] = {GT_PATTERN_ROWS, GT_PATTERN_COLUMNS, GT_PATTERN_STEPS};
    int64_t entries = spans[0].size * spans[1].size * spans[2].size;
    f->from = f->to = 0;
    f->pattern = fills(f->wrong_count, entries) ? GT_PATTERN_EVERYWHERE : GT_PATTERN_SCATTERED;
    if (f->wrong_count == 0)
        f->pattern = GT_PATTERN_NONE;
    if (f->pattern != GT_PATTERN_SCATTERED)
        return;
    for (int axis = in_time ? 2 : 1; axis >= 0; axis--) {
        int64_t length = spans[axis].to - spans[axis].from;
        if (length == spans[axis].size || !fills(f->wrong_count, entries / spans[axis].size * length))
            continue;
        f->pattern = blocks[axis];
        f->from = spans[axis].from;
        f->to = spans[axis].to;
        return;
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static void keep_worst(gt_finding *f, const gt_arrays *a, size_t i, const int64_t place[AXES], entry e)
{
    f->verdict = e.verdict;
    f->value = a->value[i];
    f->expected = a->expected[i];
    f->error_bar = (a->error != NULL ? a->error[i] : 0) + (a->reach != NULL ? a->reach[i] : 0);
    f->allowed = e.allowed;
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        f->index[axis] = axis < AXES ? place[axis] : 0;
    if (a->in_time)
        f->step = place[2];
}

void gt_arrays_compare(const gt_arrays *a, gt_finding *f)
{
    span spans[AXES] = {
        {0, 0, a->shape.size[0]}, {0, 0, a->shape.size[1]}, {0, 0, a->shape.size[2] * a->shape.size[3]}};
    size_t count = (size_t)gt_shape_count(a->shape);
    double scale = fmax(a->scale, gt_arrays_largest(a->expected, count));
    double slack = a->tolerance * scale, worst = -1;
    f->verdict = GT_RIGHT;
    f->shape = f->expected_shape = a->shape;
    f->wrong_count = 0;
    f->entry_count = count;
    for (size_t i = 0; i < count; i++) {
        int64_t column = (int64_t)i / spans[0].size;
        int64_t place[AXES] = {(int64_t)i % spans[0].size, column % spans[1].size, column / spans[1].size};
        entry e = compare_entry(a, i, slack);
        int more = severity(e.verdict) - severity(f->verdict);
        if (e.verdict == GT_WRONG) {
            f->wrong_count++;
            for (int axis = 0; axis < AXES; axis++)
                stretch(&spans[axis], place[axis]);
        }
        if (more > 0 || (more == 0 && excess(e) > worst)) {
            keep_worst(f, a, i, place, e);
            worst = excess(e);
        }
    }
    find_pattern(f, spans, a->in_time);
}

void gt_report_count(gt_report *report, const gt_finding *f, uint64_t projections)
{
    gt_check_count *count = &report->counts[f->kind];
    count->arrays++;
    if (projections > 0)
        count->projections += projections;
    else
        count->entries += f->entry_count;
    count->wrong += f->verdict == GT_WRONG;
    count->undecidable += f->verdict == GT_UNDECIDABLE;
    double excess_now = fabs(f->value - f->expected) / f->allowed;
    if (f->verdict != GT_UNDECIDABLE && excess_now > count->largest_excess)
        count->largest_excess = excess_now;
}

void gt_report_settle(gt_report *report)
{
    report->verdict = GT_RIGHT;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        gt_verdict v = report->findings[i].verdict;
        if (v == GT_WRONG || (v == GT_UNDECIDABLE && report->verdict == GT_RIGHT))
            report->verdict = v;
    }
}

void gt_report_doubt(gt_report *report, gt_finding *f, const char *why)
{
    gt_check_count *count = &report->counts[f->kind];
    f->verdict = GT_UNDECIDABLE;
    f->pattern = GT_PATTERN_NONE;
    count->wrong--;
    count->undecidable++;
    gt_finding_append(report, f, "%s", why);
    gt_report_settle(report);
}
