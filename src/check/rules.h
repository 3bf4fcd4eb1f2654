/* Reverse rules of single ops against numeric derivatives. */
#ifndef GT_CHECK_RULES_H
#define GT_CHECK_RULES_H

#include "check/forward.h"

/*
 * Checks the rule of `op` on operands of these values: `values` has them one behind
 * the other, those of GT_I32 aside, which are given by pointer. The tape is made for
 * it. Findings are of kind GT_CHECK_RULE.
 */
enum { GT_RULE_MOST_OPERANDS = 256 };

typedef struct gt_rule {
    const gt_op *op;
    const gt_shape *shapes;
    const gt_dtype *dtypes;      /* NULL: all GT_F64 */
    const void *const *operands; /* column-major */
    uint32_t input_count;
    const int64_t *attributes;
    uint32_t attribute_count;
    double step;      /* as in gt_numeric */
    const char *name; /* of the node, for the finding; may be "" */
    int64_t time;     /* its time step, or -1 */
} gt_rule;

gt_status gt_rule_check(const gt_rule *rule, const gt_check_options *options, gt_report *report, gt_error *error);

/*
 * Calls the reverse rule for every operand and looks at what it returns. *stopped: there is a
 * finding, about a shape, a type, or what the rule records, and no gradient to compute.
 */
gt_status gt_rule_look(const gt_rule *rule, gt_report *report, bool *stopped, gt_error *error);

/* The gradients that the rule gives, differentiated once more, against numbers; findings of kind GT_CHECK_SECOND. */
gt_status gt_rule_check_second(const gt_rule *rule, const gt_check_options *options, gt_report *report,
                               gt_error *error);

/* The op's run_f32 against its run_f64, if it has both; operands are of GT_F64. */
gt_status gt_rule_check_single(const gt_rule *rule, const gt_check_options *options, gt_report *report,
                               gt_error *error);

/*
 * Every node on which the outputs depend, the last first, at the values that the
 * forward pass gives it, until one rule is wrong. Only wrong ones are reported. *verdict:
 * GT_UNDECIDABLE if some could not be checked, or lie at a kink. *kinks: some do, and all others
 * are right.
 */
gt_status gt_rules_check_tape(gt_forward *forward, const gt_check_options *options, gt_report *report,
                              gt_verdict *verdict, bool *kinks, gt_error *error);

#endif
