/* Words that all answers of a check have. */
#include "cli/check/settings.h"

static const struct {
    const char *name, *unit;
} parts[GT_CHECK_KINDS] = {[GT_CHECK_FORWARD] = {"forward pass", "arrays"},
                           [GT_CHECK_FORMS] = {"rolled, unrolled, planned", "gradients"},
                           [GT_CHECK_NUMERIC] = {"tape against numbers", "gradients"},
                           [GT_CHECK_RULE] = {"rules of ops", "operands"},
                           [GT_CHECK_FORMULA] = {"formulas, step by step", "formulas"},
                           [GT_CHECK_BACKWARD] = {"formulas, whole sequence", "gradients"},
                           [GT_CHECK_AGAINST] = {"your arrays", "arrays"}};

const char *gt_check_part_name(gt_check_kind kind)
{
    return parts[kind].name;
}

const char *gt_check_part_unit(gt_check_kind kind)
{
    return parts[kind].unit;
}

const char *gt_check_right(const gt_check_result *r)
{
    return r->against != NULL                               ? "your arrays are those of the tape"
           : r->report->counts[GT_CHECK_FORMULA].arrays > 0 ? "its tape and its formulas agree with numbers"
                                                            : "its tape agrees with numbers";
}

const char *gt_check_hint(const gt_check_refusal *refusal, const gt_diagnostic *diagnostic)
{
    return refusal->no_hints ? NULL : diagnostic->hint;
}
