#include "formula/notation.h"

static const int strengths[GT_FORMULA_KIND_COUNT] = {
    [GT_FORMULA_LESS] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_LESS_EQUAL] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_GREATER] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_GREATER_EQUAL] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_EQUAL] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_NOT_EQUAL] = GT_FORMULA_BINDS_COMPARISON,
    [GT_FORMULA_ADD] = GT_FORMULA_BINDS_SUM,
    [GT_FORMULA_SUBTRACT] = GT_FORMULA_BINDS_SUM,
    [GT_FORMULA_MULTIPLY] = GT_FORMULA_BINDS_PRODUCT,
    [GT_FORMULA_DIVIDE] = GT_FORMULA_BINDS_PRODUCT,
    [GT_FORMULA_MATMUL] = GT_FORMULA_BINDS_PRODUCT,
    [GT_FORMULA_NEGATE] = GT_FORMULA_BINDS_NEGATION,
    [GT_FORMULA_POWER] = GT_FORMULA_BINDS_POWER,
    [GT_FORMULA_TRANSPOSE] = GT_FORMULA_BINDS_POSTFIX,
    [GT_FORMULA_SLICE] = GT_FORMULA_BINDS_POSTFIX,
    [GT_FORMULA_CALL] = GT_FORMULA_BINDS_POSTFIX,
    [GT_FORMULA_NUMBER] = GT_FORMULA_BINDS_POSTFIX,
    [GT_FORMULA_NAME] = GT_FORMULA_BINDS_POSTFIX,
};

int gt_formula_strength(gt_formula_kind kind)
{
    return strengths[kind];
}

const gt_notation gt_notation_cell = {
    .open = "(",
    .close = ")",
    .operators =
        {
            [GT_FORMULA_LESS] = {.between = " < "},
            [GT_FORMULA_LESS_EQUAL] = {.between = " <= "},
            [GT_FORMULA_GREATER] = {.between = " > "},
            [GT_FORMULA_GREATER_EQUAL] = {.between = " >= "},
            [GT_FORMULA_EQUAL] = {.between = " == "},
            [GT_FORMULA_NOT_EQUAL] = {.between = " != "},
            GT_NOTATION_ARITHMETIC,
        },
    .bounds = {"[", ", ", "]", false},
    .to = ":",
    .call = {"(", ", ", ")", false},
    .axes = {", axis=0", ", axis=1", ", axis=2", ", axis=3"},
};
