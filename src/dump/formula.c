#include "dump/formula.h"

#include "formula/print.h"

#include <stdio.h>
#include <string.h>

/* What people write on a board, in characters. */
static const gt_formula_function functions[] = {{"|·|", GT_FORMULA_NO_AXIS, {"|", NULL, "|", true}},
                                                {NULL, 0, {NULL, NULL, NULL, false}}};

static const gt_notation notation = {
    .open = "(",
    .close = ")",
    .operators =
        {
            [GT_FORMULA_LESS] = {.between = " < "},
            [GT_FORMULA_LESS_EQUAL] = {.between = " ≤ "},
            [GT_FORMULA_GREATER] = {.between = " > "},
            [GT_FORMULA_GREATER_EQUAL] = {.between = " ≥ "},
            [GT_FORMULA_EQUAL] = {.between = " = "},
            [GT_FORMULA_NOT_EQUAL] = {.between = " ≠ "},
            [GT_FORMULA_ADD] = {.between = " + "},
            [GT_FORMULA_SUBTRACT] = {.between = " − "},
            [GT_FORMULA_MULTIPLY] = {.between = " ⊙ "},
            [GT_FORMULA_DIVIDE] = {.between = " ÷ "},
            [GT_FORMULA_MATMUL] = {.between = " @ "},
            [GT_FORMULA_NEGATE] = {.before = "−"},
            [GT_FORMULA_TRANSPOSE] = {.behind = "ᵀ"},
        },
    .call = {"(", ", ", ")", false},
    .functions = functions,
};

/* x ⊙ x, whose exponent stands where a transpose would. */
static const gt_notation squared = {.open = "(", .close = ")", .operators = {[GT_FORMULA_TRANSPOSE] = {.behind = "²"}}};

/* ---- an op on texts as a tree -------------------------------------------------------------- */

typedef struct part part;
struct part {
    gt_formula_node seen;
    const part *operands[GT_FORMULA_OPERANDS];
};

static gt_formula_node look(const void *node)
{
    return ((const part *)node)->seen;
}

static const void *operand(const void *node, uint32_t i)
{
    return ((const part *)node)->operands[i];
}

static const void *itself(const void *node, uint32_t i)
{
    (void)i;
    return node;
}

static const gt_formula_reader reader = {look, operand, itself};

/* The kind of an op by its label; a function if it has none. */
static gt_formula_kind kind_of(const char *label, uint32_t count)
{
    static const struct {
        const char *label;
        uint32_t count;
        gt_formula_kind kind;
    } kinds[] = {{"+", 2, GT_FORMULA_ADD},       {"−", 2, GT_FORMULA_SUBTRACT},      {"⊙", 2, GT_FORMULA_MULTIPLY},
                 {"÷", 2, GT_FORMULA_DIVIDE},    {"@", 2, GT_FORMULA_MATMUL},        {"−", 1, GT_FORMULA_NEGATE},
                 {"ᵀ", 1, GT_FORMULA_TRANSPOSE}, {"<", 2, GT_FORMULA_LESS},          {"≤", 2, GT_FORMULA_LESS_EQUAL},
                 {">", 2, GT_FORMULA_GREATER},   {"≥", 2, GT_FORMULA_GREATER_EQUAL}, {"=", 2, GT_FORMULA_EQUAL},
                 {"≠", 2, GT_FORMULA_NOT_EQUAL}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].count == count && strcmp(kinds[i].label, label) == 0)
            return kinds[i].kind;
    return GT_FORMULA_CALL;
}

/* What is left out binds as a name; the right one of a product needs no parentheses for being one. */
static part leaf_of(const gt_formula *formula, gt_formula_kind kind, uint32_t k)
{
    bool grouped = kind == GT_FORMULA_MULTIPLY && k == 1 && formula->binding == GT_FORMULA_BINDS_PRODUCT;
    const char *text = formula->text[0] == '\0' && kind == GT_FORMULA_CALL ? "·" : formula->text;
    return (part){.seen = {.kind = GT_FORMULA_NAME,
                           .name = text,
                           .strength = text[0] == '\0' || grouped ? GT_FORMULA_BINDS_POSTFIX : formula->binding}};
}

static bool is_turned(const char *detail, uint32_t k)
{
    const char transposed[] = {(char)('A' + (int)k), '.', 'T', '\0'};
    return strstr(detail, transposed) != NULL;
}

/* ---- texts --------------------------------------------------------------------------------- */

static void finish(gt_formula *formula, int written, int binding)
{
    formula->length = written < 0 ? 0 : (size_t)written;
    formula->binding = binding;
}

void gt_formula_set(gt_formula *formula, const char *text, size_t length)
{
    int shown = length < GT_FORMULA_SIZE ? (int)length : GT_FORMULA_SIZE - 1;
    snprintf(formula->text, sizeof formula->text, "%.*s", shown, text);
    finish(formula, (int)(length < INT32_MAX ? length : INT32_MAX), GT_FORMULA_BINDS_POSTFIX);
}

void gt_formula_number(gt_formula *formula, double value)
{
    int written = snprintf(formula->text, sizeof formula->text, "%.6g", value);
    finish(formula, written, value < 0 ? GT_FORMULA_BINDS_SUM : GT_FORMULA_BINDS_POSTFIX);
}

/* Without the blanks at an operand that was left out. */
static void print(gt_formula *formula, const gt_notation *n, const part *tree)
{
    const gt_formula_job job = {.reader = &reader, .notation = n};
    size_t length = gt_formula_print(&job, tree, formula->text, sizeof formula->text);
    formula->binding = gt_formula_strength(tree->seen.kind);
    formula->length = length;
    if (length >= sizeof formula->text)
        return;
    size_t before = formula->text[0] == ' ';
    memmove(formula->text, formula->text + before, length - before + 1);
    formula->length -= before;
    if (formula->length > 0 && formula->text[formula->length - 1] == ' ')
        formula->text[--formula->length] = '\0';
}

void gt_formula_apply(gt_formula *formula, const char *label, const char *detail, const gt_formula *operands,
                      uint32_t count)
{
    gt_formula_kind kind = kind_of(label, count);
    part leaves[GT_FORMULA_OPERANDS], turned[GT_FORMULA_OPERANDS];
    part tree = {.seen = {.kind = kind, .name = label, .axis = GT_FORMULA_NO_AXIS, .count = count, .chain_length = 1}};
    for (uint32_t k = 0; k < count; k++) {
        bool turns = is_turned(detail, k) && operands[k].text[0] != '\0';
        leaves[k] = leaf_of(&operands[k], turns ? GT_FORMULA_TRANSPOSE : kind, k);
        turned[k] = (part){.seen = {.kind = GT_FORMULA_TRANSPOSE, .count = 1}, .operands = {&leaves[k]}};
        tree.operands[k] = turns ? &turned[k] : &leaves[k];
    }
    if (kind == GT_FORMULA_MULTIPLY && operands[0].text[0] != '\0' && strcmp(operands[0].text, operands[1].text) == 0) {
        leaves[0] = leaf_of(&operands[0], GT_FORMULA_TRANSPOSE, 0);
        tree = (part){.seen = {.kind = GT_FORMULA_TRANSPOSE, .count = 1}, .operands = {&leaves[0]}};
        print(formula, &squared, &tree);
        return;
    }
    print(formula, &notation, &tree);
}
