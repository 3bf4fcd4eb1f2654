#include "dump/formula.h"

#include "formula/notation.h"

#include <stdio.h>
#include <string.h>

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

/* Signs and symbols are no letters; ASCII letters are, and so are Greek ones such as σ and Σ. */
static bool is_sign(const char *label)
{
    unsigned char first = (unsigned char)label[0];
    bool letter = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
    bool greek = first == 0xCE || first == 0xCF;
    return !letter && !greek && first != '|' && strlen(label) <= 3;
}

static int binding_of(const char *label)
{
    return strcmp(label, "+") == 0 || strcmp(label, "−") == 0 ? GT_FORMULA_BINDS_SUM : GT_FORMULA_BINDS_PRODUCT;
}

/* Operand `k`, transposed and in parentheses as needed. */
static void write_operand(char out[2 * GT_FORMULA_SIZE], const gt_formula *operand, uint32_t k, const char *detail,
                          int binding)
{
    const char transposed[] = {(char)('A' + (int)k), '.', 'T', '\0'};
    bool turned = strstr(detail, transposed) != NULL;
    bool close = operand->text[0] != '\0' && operand->binding <= (turned ? GT_FORMULA_BINDS_PRODUCT : binding);
    snprintf(out, 2 * GT_FORMULA_SIZE, "%s%s%s%s", close ? "(" : "", operand->text, close ? ")" : "",
             turned && operand->text[0] != '\0' ? "ᵀ" : "");
}

static void write_between(gt_formula *formula, const char *label, const char *detail, const gt_formula *operands)
{
    char left[2 * GT_FORMULA_SIZE], right[2 * GT_FORMULA_SIZE];
    int binding = binding_of(label);
    /* On the left, and where the same op follows, no parentheses are needed. */
    write_operand(left, &operands[0], 0, detail, binding - 1);
    write_operand(right, &operands[1], 1, detail, strcmp(label, "⊙") == 0 ? binding - 1 : binding);
    if (strcmp(label, "⊙") == 0 && left[0] != '\0' && strcmp(left, right) == 0) {
        write_operand(left, &operands[0], 0, detail, GT_FORMULA_BINDS_PRODUCT);
        finish(formula, snprintf(formula->text, sizeof formula->text, "%s²", left), GT_FORMULA_BINDS_POSTFIX);
        return;
    }
    int written = snprintf(formula->text, sizeof formula->text, "%s%s%s%s%s", left, left[0] != '\0' ? " " : "", label,
                           right[0] != '\0' ? " " : "", right);
    finish(formula, written, binding);
}

static void write_function(gt_formula *formula, const char *label, const gt_formula *operands, uint32_t count)
{
    char list[GT_FORMULA_SIZE] = "";
    size_t used = 0;
    for (uint32_t k = 0; k < count && used < sizeof list; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", k > 0 ? ", " : "",
                                 operands[k].text[0] != '\0' ? operands[k].text : "·");
    int written = snprintf(formula->text, sizeof formula->text, "%s(%s)", label, list);
    finish(formula, used < sizeof list ? written : GT_FORMULA_SIZE, GT_FORMULA_BINDS_POSTFIX);
}

void gt_formula_apply(gt_formula *formula, const char *label, const char *detail, const gt_formula *operands,
                      uint32_t count)
{
    char operand[2 * GT_FORMULA_SIZE];
    if (count == 2 && is_sign(label)) {
        write_between(formula, label, detail, operands);
    } else if (count == 1 && is_sign(label)) {
        write_operand(operand, &operands[0], 0, detail, GT_FORMULA_BINDS_PRODUCT);
        finish(formula, snprintf(formula->text, sizeof formula->text, "%s%s", label, operand),
               GT_FORMULA_BINDS_PRODUCT);
    } else {
        write_function(formula, label, operands, count);
    }
}
