/*
 * An op with its operands as people write it: "1 − g²", "tanh(c)", "Wfᵀ @", by the printer of formulas.
 * It goes by the op's label, not by the op: that of an operator of formulas stands between two operands,
 * before one or behind it; any other is a function.
 */
#ifndef GT_DUMP_FORMULA_H
#define GT_DUMP_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GT_FORMULA_SIZE 96
#define GT_FORMULA_OPERANDS 4

typedef struct gt_formula {
    char text[GT_FORMULA_SIZE];
    size_t length; /* in bytes; more than the text holds if it was cut */
    int binding;   /* how tightly its outermost op binds; large: no parentheses are ever needed */
} gt_formula;

/* The first `length` bytes of a name. */
void gt_formula_set(gt_formula *formula, const char *text, size_t length);
void gt_formula_number(gt_formula *formula, double value);

/*
 * The op on operands, of which those with an empty text are left out: "⊙ f" is
 * a product whose first operand is drawn. `detail` is what the op's attributes
 * say; "A.T" and "B.T" in it transpose an operand.
 */
void gt_formula_apply(gt_formula *formula, const char *label, const char *detail, const gt_formula *operands,
                      uint32_t count);

#endif
