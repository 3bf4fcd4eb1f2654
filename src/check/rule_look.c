/* What a reverse rule returns, before anything is computed with it. */
#include "check/rules.h"

#include "base/utf8.h"
#include "check/arrays.h"
#include "check/report.h"
#include "grad/replay.h"

typedef struct look {
    const gt_rule *rule;
    gt_tape *tape;
    gt_var operands[GT_RULE_MOST_OPERANDS], output, returned;
} look;

/* One operand after the other: a rule that fails for one leaves its error on the tape. */
static gt_status call_rule(look *l, uint32_t slot, gt_error *error)
{
    const gt_rule *rule = l->rule;
    gt_replay replay;
    char name[24];
    for (uint32_t i = 0; i < rule->input_count; i++) {
        gt_utf8_format(name, sizeof name, "x%u", i + 1);
        l->operands[i] = gt_input_of(l->tape, name, rule->dtypes != NULL ? rule->dtypes[i] : GT_F64, rule->shapes[i]);
    }
    l->output = gt_apply(rule->op, l->operands, rule->input_count, rule->attributes, rule->attribute_count);
    gt_var cotangent = gt_input(l->tape, "dy", gt_var_shape(l->output));
    if (gt_tape_status(l->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(l->tape), "check: %s", gt_tape_message(l->tape));
    if (!gt_replay_open(&replay, l->tape, l->tape, cotangent.index))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a rule");
    gt_replay_add(&replay, l->output.index, cotangent);
    gt_reverse r = {.replay = &replay, .node = l->output.index};
    l->returned = rule->op->reverse(&r, slot);
    gt_replay_close(&replay);
    return gt_tape_status(l->tape) == GT_ERROR_MEMORY
               ? gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a rule")
               : GT_OK;
}

/* Like the operand, or like the output where the operand is stretched: the replay adds that up. */
static bool fits(gt_shape given, gt_shape operand, gt_shape output)
{
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        if (given.size[axis] != operand.size[axis] &&
            (operand.size[axis] != 1 || given.size[axis] != output.size[axis]))
            return false;
    return true;
}

/* What is wrong with what it returned, in words; false: nothing. */
static bool describe(const look *l, uint32_t slot, gt_report *report, gt_finding *f)
{
    gt_var v = l->returned;
    gt_shape operand = l->rule->shapes[slot];
    f->shape = f->expected_shape = operand;
    if (gt_tape_status(l->tape) != GT_OK) {
        gt_finding_append(report, f, "it cannot be recorded: %s", gt_tape_message(l->tape));
    } else if (v.tape == NULL) {
        return false; /* no gradient: numbers tell whether there is none */
    } else if (v.tape != l->tape || !gt_var_valid(v)) {
        gt_finding_append(report, f, "it returns a var of another tape: record on gt_reverse_tape");
    } else if (gt_var_dtype(v) != GT_F64) {
        gt_finding_append(report, f, "it returns %s, and should return f64", gt_dtype_name(gt_var_dtype(v)));
    } else if (!fits(gt_var_shape(v), operand, gt_var_shape(l->output))) {
        f->shape = gt_var_shape(v);
        f->pattern = GT_PATTERN_SHAPE;
    } else {
        return false;
    }
    return true;
}

static gt_status report_slot(const look *l, uint32_t slot, gt_report *report, bool *stopped, gt_error *error)
{
    gt_finding f = {.kind = GT_CHECK_RULE, .verdict = GT_WRONG, .step = -1};
    f.array = gt_report_write(report, "dx%u", slot + 1);
    f.of = gt_report_write(report, "x%u", slot + 1);
    f.gate = l->rule->op->name;
    f.text = gt_report_write(report, "the reverse rule of the op %s for operand x%u", l->rule->op->name, slot + 1);
    if (!describe(l, slot, report, &f))
        return GT_OK;
    *stopped = true;
    gt_report_count(report, &f, 0);
    return gt_report_add(report, &f, error);
}

gt_status gt_rule_look(const gt_rule *rule, gt_report *report, bool *stopped, gt_error *error)
{
    gt_status status = GT_OK;
    *stopped = false;
    for (uint32_t slot = 0; slot < rule->input_count && status == GT_OK && rule->op->reverse != NULL; slot++) {
        look l = {.rule = rule};
        if (rule->dtypes != NULL && rule->dtypes[slot] != GT_F64)
            continue;
        l.tape = gt_tape_new(NULL);
        if (l.tape == NULL)
            return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a tape");
        status = call_rule(&l, slot, error);
        if (status == GT_OK)
            status = report_slot(&l, slot, report, stopped, error);
        gt_tape_free(l.tape);
    }
    return status;
}
