#include "diagnose/mistake.h"

static const struct {
    const char *name, *sentence;
} kinds[GT_MISTAKE_KIND_COUNT] = {
    [GT_MISTAKE_NONE] = {"unknown", "nothing in the catalogue of mistakes fits"},
    [GT_MISTAKE_SIGN] = {"wrong-sign", "wrong sign"},
    [GT_MISTAKE_FACTOR] = {"constant-factor", "wrong by a constant factor"},
    [GT_MISTAKE_TRANSPOSED] = {"transposed", "transposed"},
    [GT_MISTAKE_BATCH_SUM] = {"missing-batch-sum", "the sum over the batch is missing"},
    [GT_MISTAKE_MEAN] = {"mean-for-sum", "a mean over the batch in place of the sum"},
    [GT_MISTAKE_MISSING_DERIVATIVE] = {"missing-derivative",
                                       "the derivative of an activation is missing"},
    [GT_MISTAKE_WRONG_ARGUMENT] = {"wrong-argument",
                                   "the derivative of an activation at the wrong argument"},
    [GT_MISTAKE_DERIVATIVE_TWICE] = {"derivative-twice",
                                     "the derivative of an activation is applied twice"},
    [GT_MISTAKE_WRONG_ACTIVATION] = {"wrong-activation", "the activation of the wrong gate"},
    [GT_MISTAKE_SWAPPED_GATES] = {"swapped-gates", "gates are swapped"},
    [GT_MISTAKE_MISSING_TERM] = {"missing-term", "a term is missing"},
    [GT_MISTAKE_MISSING_STATE] = {"missing-state-path", "what comes through a state is missing"},
    [GT_MISTAKE_OFF_BY_ONE_STEP] = {"off-by-one-step",
                                    "off by one time step: the new state used for the old"},
    [GT_MISTAKE_OLD_STATE] = {"old-state", "the old state used for the new"},
    [GT_MISTAKE_WRONG_SLICE] = {"wrong-slice", "the wrong block of a weight"},
    [GT_MISTAKE_BIAS_SUM] = {"bias-not-summed",
                             "the gradient of a bias is not summed over the batch"},
    [GT_MISTAKE_PARENTHESES] = {"parentheses", "parentheses are missing or in the wrong place"},
    [GT_MISTAKE_EXTRA_TERM] = {"extra-term", "a term too many"},
    [GT_MISTAKE_MISSING_FACTOR] = {"missing-factor", "a factor is missing"},
    [GT_MISTAKE_EXTRA_FACTOR] = {"extra-factor", "a factor too many"},
    [GT_MISTAKE_WRONG_NAME] = {"wrong-name", "the wrong name"},
    [GT_MISTAKE_POWER] = {"wrong-power", "the wrong power"},
};

const char *gt_mistake_kind_name(gt_mistake_kind kind)
{
    return kind < GT_MISTAKE_KIND_COUNT ? kinds[kind].name : "?";
}

const char *gt_mistake_kind_sentence(gt_mistake_kind kind)
{
    return kind < GT_MISTAKE_KIND_COUNT ? kinds[kind].sentence : "?";
}
