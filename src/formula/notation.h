/*
 * Notations of formulas: what stands before, between and behind the operands of
 * each operator and function. A notation is a table; the printer (formula/print.h)
 * knows none by itself.
 */
#ifndef GT_FORMULA_NOTATION_H
#define GT_FORMULA_NOTATION_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gt_formula_kind {
    GT_FORMULA_LESS,
    GT_FORMULA_LESS_EQUAL,
    GT_FORMULA_GREATER,
    GT_FORMULA_GREATER_EQUAL,
    GT_FORMULA_EQUAL,
    GT_FORMULA_NOT_EQUAL,
    GT_FORMULA_ADD,
    GT_FORMULA_SUBTRACT,
    GT_FORMULA_MULTIPLY, /* element by element */
    GT_FORMULA_DIVIDE,
    GT_FORMULA_MATMUL,
    GT_FORMULA_POWER, /* the last of those with two operands */
    GT_FORMULA_NEGATE,
    GT_FORMULA_TRANSPOSE,
    GT_FORMULA_SLICE, /* operands: what is cut; from and to along axis 0, from and to along axis 1 */
    GT_FORMULA_CALL,
    GT_FORMULA_NUMBER,
    GT_FORMULA_NAME,
    GT_FORMULA_KIND_COUNT
} gt_formula_kind;

/* How strongly operators bind, as in Python: the greater the stronger. */
enum {
    GT_FORMULA_BINDS_COMPARISON = 1,
    GT_FORMULA_BINDS_SUM,
    GT_FORMULA_BINDS_PRODUCT,
    GT_FORMULA_BINDS_NEGATION,
    GT_FORMULA_BINDS_POWER,
    GT_FORMULA_BINDS_POSTFIX /* .T, slices, calls, names and numbers */
};

int gt_formula_strength(gt_formula_kind kind);

typedef struct gt_formula_marks {
    const char *before, *between, *behind; /* NULL: nothing */
    /* Its marks are parentheses enough, for itself and for its operands: \frac{a}{b}, pow(a, b). */
    bool encloses;
} gt_formula_marks;

enum { GT_FORMULA_NO_AXIS = -2, GT_FORMULA_ALL_AXES = -1 };

typedef struct gt_formula_function {
    const char *name; /* in the cell language; NULL ends a list */
    int axis;         /* of sum and mean: 0, 1, GT_FORMULA_ALL_AXES; of others GT_FORMULA_NO_AXIS */
    gt_formula_marks marks;
} gt_formula_function;

/* Arithmetic as Python and the cell language write it; for the operators of a notation. */
#define GT_NOTATION_ARITHMETIC                                                                                         \
    [GT_FORMULA_ADD] = {.between = " + "}, [GT_FORMULA_SUBTRACT] = {.between = " - "},                                 \
    [GT_FORMULA_MULTIPLY] = {.between = " * "}, [GT_FORMULA_DIVIDE] = {.between = " / "},                              \
    [GT_FORMULA_MATMUL] = {.between = " @ "}, [GT_FORMULA_POWER] = {.between = "**"},                                  \
    [GT_FORMULA_NEGATE] = {.before = "-"}, [GT_FORMULA_TRANSPOSE] = {.behind = ".T"}

typedef struct gt_notation {
    const char *open, *close; /* parentheses */
    gt_formula_marks operators[GT_FORMULA_SLICE];
    gt_formula_marks scaled; /* a product with a number; without marks as any product */
    gt_formula_marks bounds; /* before, between and behind the axes of a slice */
    const char *to;          /* between the bounds of one axis */
    gt_formula_marks call;   /* of a function that is not in the list, behind its name; between its arguments */
    const char *axes[4];     /* behind the arguments of such a function: of axis 0 to 3 */
    const char *function[2]; /* around the name of such a function; NULL: nothing */
    const gt_formula_function *functions; /* NULL: none has marks of its own */
    const char *number[2];                /* around a number; NULL: nothing */
    const char *exponent[2];              /* around the exponent of 1e-05 in place of its e; NULL: it stays an e */
    bool fractional;                      /* every number has a point or an exponent: 2 is 2.0 */
} gt_notation;

/* The cell language, which is NumPy's notation with functions of its own. */
extern const gt_notation gt_notation_cell;

#endif
