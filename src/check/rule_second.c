/* The derivative of a reverse rule. */
#include "check/check_tape.h"
#include "check/rules.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"

static void describe(const gt_rule *rule, gt_report *report, gt_finding *f)
{
    if (f->kind != GT_CHECK_SECOND)
        return;
    f->gate = gt_words_keep(report, rule->op->name);
    gt_finding_append(report, f, "%s",
                      f->verdict == GT_WRONG ? "what the reverse rule of the op records has another derivative "
                                               "than it computes: gradients of gradients are wrong"
                                             : "what the reverse rule of the op records");
}

gt_status gt_rule_check_second(const gt_rule *rule, const gt_check_options *options, gt_report *report, gt_error *error)
{
    uint32_t before = report->finding_count;
    gt_var *operands = gt_memory_new(rule->input_count, sizeof *operands);
    gt_tape *tape = gt_tape_new(NULL);
    char name[24];
    if (operands == NULL || tape == NULL) {
        gt_memory_free(operands);
        gt_tape_free(tape);
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a tape");
    }
    for (uint32_t i = 0; i < rule->input_count; i++) {
        gt_utf8_format(name, sizeof name, "x%u", i + 1);
        operands[i] = gt_input_of(tape, name, rule->dtypes != NULL ? rule->dtypes[i] : GT_F64, rule->shapes[i]);
    }
    gt_var y = gt_apply(rule->op, operands, rule->input_count, rule->attributes, rule->attribute_count);
    gt_status status = gt_tape_status(tape);
    if (status != GT_OK)
        gt_error_set(error, status, "check: %s", gt_tape_message(tape));
    else
        status = gt_check_tape_second(&y, 1, operands, rule->operands, rule->input_count, options, report, error);
    for (uint32_t i = before; i < report->finding_count; i++)
        describe(rule, report, &report->findings[i]);
    gt_tape_free(tape);
    gt_memory_free(operands);
    return status == GT_OK ? gt_words_status(report, error) : status;
}
