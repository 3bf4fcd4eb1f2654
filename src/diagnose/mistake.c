#include "diagnose/mistake.h"

static const char *const names[GT_MISTAKE_KIND_COUNT] = {
    [GT_MISTAKE_NONE] = "unknown",
    [GT_MISTAKE_SIGN] = "wrong sign",
    [GT_MISTAKE_FACTOR] = "constant factor",
    [GT_MISTAKE_TRANSPOSED] = "transposed",
    [GT_MISTAKE_BATCH_SUM] = "missing batch sum",
    [GT_MISTAKE_MEAN] = "mean for sum",
    [GT_MISTAKE_MISSING_DERIVATIVE] = "missing derivative",
    [GT_MISTAKE_WRONG_ARGUMENT] = "wrong argument",
    [GT_MISTAKE_DERIVATIVE_TWICE] = "derivative twice",
    [GT_MISTAKE_WRONG_ACTIVATION] = "wrong activation",
    [GT_MISTAKE_SWAPPED_GATES] = "swapped gates",
    [GT_MISTAKE_MISSING_TERM] = "missing term",
    [GT_MISTAKE_MISSING_STATE] = "missing state path",
    [GT_MISTAKE_OFF_BY_ONE_STEP] = "off by one step",
    [GT_MISTAKE_OLD_STATE] = "old state for new",
    [GT_MISTAKE_WRONG_SLICE] = "wrong slice",
    [GT_MISTAKE_BIAS_SUM] = "bias not summed",
    [GT_MISTAKE_PARENTHESES] = "parentheses",
    [GT_MISTAKE_EXTRA_TERM] = "extra term",
    [GT_MISTAKE_MISSING_FACTOR] = "missing factor",
    [GT_MISTAKE_EXTRA_FACTOR] = "extra factor",
    [GT_MISTAKE_WRONG_NAME] = "wrong name",
    [GT_MISTAKE_POWER] = "wrong power",
    [GT_MISTAKE_COMPLEMENT] = "f for 1 - f",
    [GT_MISTAKE_PRODUCT] = "wrong product",
    [GT_MISTAKE_DIVIDED] = "divided for multiplied",
    [GT_MISTAKE_SOFTMAX] = "softmax",
    [GT_MISTAKE_MASK] = "wrong mask",
    [GT_MISTAKE_CLIPPED] = "clipped",
    [GT_MISTAKE_SEVERAL] = "several slips",
    [GT_MISTAKE_OTHER_FORMULA] = "another formula",
    [GT_MISTAKE_MISSING_GRADIENT] = "missing gradient",
    [GT_MISTAKE_OTHER_ARGUMENT] = "another argument",
    [GT_MISTAKE_WRONG_ORDER] = "wrong order",
    [GT_MISTAKE_COTANGENT_IGNORED] = "cotangent ignored",
    [GT_MISTAKE_COTANGENT_TWICE] = "cotangent twice",
};

const char *gt_mistake_kind_name(gt_mistake_kind kind)
{
    return kind < GT_MISTAKE_KIND_COUNT ? names[kind] : "?";
}
