#include "check/weigh.h"

#include "base/utf8.h"
#include "check/arrays.h"
#include "check/report.h"
#include "check/rules.h"
#include "check/ties.h"

#include <math.h>
#include <string.h>

static uint32_t count_wrong(const gt_report *report, uint32_t first, uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t i = first; i < end; i++)
        count += report->findings[i].verdict == GT_WRONG;
    return count;
}

static void doubt(gt_report *report, gt_finding *f, bool kinks)
{
    gt_report_doubt(report, f,
                    f->kink || kinks ? "kinks of several ops meet here, and no rule of an op is wrong"
                                     : "numbers disagree, but the rule of every op is right at its values: rather "
                                       "the forward pass varies too fast for them");
}

/* The largest entry of the results at the values themselves; 0 if they cannot be had. */
static double largest_result(gt_forward *forward)
{
    double largest = 0;
    if (gt_interpreter_evaluate(forward->run, forward->outputs, forward->output_count) != GT_OK)
        return 0;
    for (uint32_t i = 0; i < forward->output_count; i++)
        largest = fmax(largest, gt_arrays_largest(gt_interpreter_value(forward->run, forward->outputs[i]),
                                                  gt_forward_entries(&forward->outputs[i], 1)));
    return largest;
}

/*
 * A difference that nobody could see in the results: within a saturated function the results stand
 * still, to the last bit, over steps of any length, which looks like a slope of 0 that is certain.
 */
static bool is_lost(const gt_finding *f, double largest)
{
    const double least = 0x1p-40;
    return fabs(f->value - f->expected) <= least * largest;
}

gt_status gt_weigh_findings(gt_forward *forward, uint32_t first, const gt_check_options *options, gt_report *report,
                            gt_error *error)
{
    uint32_t end = report->finding_count;
    gt_verdict rules = GT_RIGHT;
    bool kinks = false;
    if (count_wrong(report, first, end) == 0)
        return GT_OK;
    gt_status status = gt_rules_check_tape(forward, options, report, &rules, &kinks, error);
    double largest = largest_result(forward);
    for (uint32_t i = first; i < end && status == GT_OK && rules != GT_WRONG; i++) {
        gt_finding *f = &report->findings[i];
        if (f->verdict == GT_WRONG && (rules == GT_RIGHT || kinks || f->kink || is_lost(f, largest)))
            doubt(report, f, kinks);
    }
    gt_report_settle(report);
    return status == GT_OK ? gt_words_status(report, error) : status;
}

/* ---- rounding errors ----------------------------------------------------------------------- */

static gt_status drop(gt_report *report, uint32_t first, gt_error *error)
{
    gt_remark remark = {.kind = GT_REMARK_NOT_SEEN};
    const gt_finding *f = &report->findings[first];
    remark.array = f->array;
    remark.text = gt_report_write(
        report,
        "rounding errors drown the last digits of %s: numbers tell it only to +- %.0e; as far as they go they "
        "agree, and the rule of every op is right at its values",
        f->array, f->error_bar);
    for (uint32_t i = first; i < report->finding_count; i++) {
        gt_check_count *count = &report->counts[report->findings[i].kind];
        count->wrong -= report->findings[i].verdict == GT_WRONG;
        count->undecidable -= report->findings[i].verdict == GT_UNDECIDABLE;
    }
    report->finding_count = first;
    return gt_report_remark(report, &remark, error);
}

gt_status gt_weigh_rough(gt_forward *forward, uint32_t first, uint32_t rough, const gt_check_options *options,
                         gt_report *report, gt_error *error)
{
    gt_verdict rules = GT_RIGHT;
    bool kinks = false;
    uint32_t found = report->finding_count - first;
    if (found == 0 || rough < found)
        return GT_OK;
    gt_status status = gt_rules_check_tape(forward, options, report, &rules, &kinks, error);
    if (status == GT_OK && rules == GT_RIGHT)
        status = drop(report, first, error);
    gt_report_settle(report);
    return status;
}

/* ---- jumps --------------------------------------------------------------------------------- */

/* "c == 0": what a comparison compares, in the names of the cell. */
static const char *describe_tie(gt_var v, gt_report *report)
{
    gt_var a = gt_var_input(v, 0);
    const char *name = gt_var_name(a);
    return gt_report_write(report,
                           "%s%s sits exactly on a comparison (%s): if it is a counter or a clock, "
                           "where(stop_gradient(%s) ...) says so",
                           name[0] != '\0' ? name : "a value", "", gt_var_op(v)->name, name[0] != '\0' ? name : "...");
}

gt_status gt_weigh_jumps(gt_forward *forward, uint32_t first, gt_report *report, gt_error *error)
{
    bool jumps = false;
    for (uint32_t i = first; i < report->finding_count; i++)
        jumps = jumps || report->findings[i].jump != 0;
    if (!jumps)
        return GT_OK;
    gt_status status = gt_interpreter_evaluate(forward->run, forward->outputs, forward->output_count);
    if (status != GT_OK)
        return gt_error_set(error, status, "check: %s", gt_interpreter_message(forward->run));
    gt_tape *tape = forward->outputs[0].tape;
    const char *text = "";
    for (uint32_t i = 0; i < gt_tape_node_count(tape) && text[0] == '\0'; i++) {
        gt_var v = gt_tape_var(tape, i);
        if (gt_is_comparison(v) && gt_interpreter_value(forward->run, v) != NULL && gt_is_tie(forward->run, v))
            text = describe_tie(v, report);
    }
    for (uint32_t i = first; i < report->finding_count && text[0] != '\0'; i++)
        if (report->findings[i].jump != 0)
            gt_finding_append(report, &report->findings[i], "%s", text);
    return gt_words_status(report, error);
}

/* ---- masks --------------------------------------------------------------------------------- */

/* An input, or a drawn state, that the cell says to draw from a few values, as a mask is. */
static bool is_mask(const gt_cell_problem *data, const gt_finding *f)
{
    for (uint32_t i = 0; i < data->array_count; i++) {
        const gt_problem_array *array = &data->arrays[i];
        bool draws = array->kind == GT_PROBLEM_INPUT || (array->kind == GT_PROBLEM_INITIAL && array->row->drawn);
        if (draws && strcmp(array->name, f->of) == 0)
            return array->row->initializer.kind == GT_INITIALIZE_BERNOULLI ||
                   array->row->initializer.kind == GT_INITIALIZE_FORMULA;
    }
    return false;
}

static gt_status remark_mask(gt_report *report, const gt_finding *f, gt_error *error)
{
    gt_remark r = {.kind = GT_REMARK_NOT_SEEN, .array = f->array};
    for (uint32_t i = 0; i < report->remark_count; i++)
        if (report->remarks[i].kind == r.kind && strcmp(report->remarks[i].array, r.array) == 0)
            return GT_OK;
    r.text = gt_report_write(report,
                             "the forward pass jumps between the values that the cell says to draw for %s, as it does "
                             "with a mask: no number can tell %s",
                             f->of, f->array);
    return gt_report_remark(report, &r, error);
}

gt_status gt_weigh_masks(const gt_cell_problem *data, uint32_t first, gt_report *report, gt_error *error)
{
    gt_status status = GT_OK;
    uint32_t kept = first;
    for (uint32_t i = first; i < report->finding_count && status == GT_OK; i++) {
        const gt_finding *f = &report->findings[i];
        if (f->verdict == GT_UNDECIDABLE && f->jump != 0 && is_mask(data, f)) {
            report->counts[f->kind].undecidable--;
            status = remark_mask(report, f, error);
        } else {
            report->findings[kept++] = *f;
        }
    }
    if (status != GT_OK)
        return status;
    report->finding_count = kept;
    gt_report_settle(report);
    return gt_words_status(report, error);
}
