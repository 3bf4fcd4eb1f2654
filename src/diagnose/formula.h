/*
 * Formulas as trees that are never changed, only built anew around a change.
 *
 * A formula shares the parts that a change leaves as they are, so that a
 * candidate costs its path to the root. A place in a formula is the pointer to
 * its node: in what was read from a file every node occurs once.
 */
#ifndef GT_DIAGNOSE_FORMULA_H
#define GT_DIAGNOSE_FORMULA_H

#include "diagnose/arena.h"

#include <stdint.h>

typedef enum gt_formula_kind {
    GT_FORMULA_NUMBER,
    GT_FORMULA_NAME,
    GT_FORMULA_NEGATE,
    GT_FORMULA_ADD,
    GT_FORMULA_SUBTRACT,
    GT_FORMULA_MULTIPLY,
    GT_FORMULA_DIVIDE,
    GT_FORMULA_MATMUL,
    GT_FORMULA_POWER,
    GT_FORMULA_TRANSPOSE,
    GT_FORMULA_SLICE, /* operands: what is cut; from and to along axis 0, from and to along axis 1, NULL: left out */
    GT_FORMULA_CALL,
    GT_FORMULA_COMPARE
} gt_formula_kind;

typedef enum gt_formula_function {
    GT_FUNCTION_TANH,
    GT_FUNCTION_SIGMOID,
    GT_FUNCTION_SOFTMAX,
    GT_FUNCTION_RELU,
    GT_FUNCTION_SOFTPLUS,
    GT_FUNCTION_EXP,
    GT_FUNCTION_LOG,
    GT_FUNCTION_SQRT,
    GT_FUNCTION_ABS,
    GT_FUNCTION_SIN,
    GT_FUNCTION_COS,
    GT_FUNCTION_CONCAT,
    GT_FUNCTION_MAXIMUM,
    GT_FUNCTION_MINIMUM,
    GT_FUNCTION_SUM,  /* over `axis` */
    GT_FUNCTION_MEAN, /* over `axis` */
    GT_FUNCTION_LAYERNORM,
    GT_FUNCTION_STOP_GRADIENT,
    GT_FUNCTION_WHERE,
    GT_FUNCTION_COUNT
} gt_formula_function;

typedef enum gt_formula_relation {
    GT_RELATION_LESS,
    GT_RELATION_LESS_EQUAL,
    GT_RELATION_GREATER,
    GT_RELATION_GREATER_EQUAL,
    GT_RELATION_EQUAL,
    GT_RELATION_NOT_EQUAL
} gt_formula_relation;

typedef struct gt_formula gt_formula;
struct gt_formula {
    gt_formula_kind kind;
    uint8_t detail; /* of a call its function, of a comparison its relation */
    uint8_t axis;   /* of sum and mean: 0 features, 1 examples, 2 both */
    uint32_t count; /* operands */
    uint32_t name;  /* of a name: its place in the list of names */
    int32_t line, column;
    double number;
    const gt_formula *operands[];
};

/* The name of a function, as the language writes it, and back; GT_FUNCTION_COUNT for none. */
const char *gt_formula_function_name(gt_formula_function function);
gt_formula_function gt_formula_function_find(const char *name);
const char *gt_formula_relation_name(gt_formula_relation relation);

/*
 * Builders. An operand that is NULL for lack of memory gives NULL; the arena
 * remembers the failure. Lines and columns are those of the first operand.
 */
const gt_formula *gt_formula_number(gt_arena *arena, double number);
const gt_formula *gt_formula_name(gt_arena *arena, uint32_t name);
const gt_formula *gt_formula_unary(gt_arena *arena, gt_formula_kind kind, const gt_formula *a);
const gt_formula *gt_formula_binary(gt_arena *arena, gt_formula_kind kind, const gt_formula *a,
                                    const gt_formula *b);
const gt_formula *gt_formula_call(gt_arena *arena, gt_formula_function function, const gt_formula *a);
const gt_formula *gt_formula_reduce(gt_arena *arena, gt_formula_function function, const gt_formula *a,
                                    unsigned axis);
/* bounds: four, NULL where left out */
const gt_formula *gt_formula_slice(gt_arena *arena, const gt_formula *a, const gt_formula *const bounds[4]);
/* A node with room for operands, which the caller fills in; everything else as in `like`. */
gt_formula *gt_formula_like(gt_arena *arena, const gt_formula *like, uint32_t count);

/* The formula with `with` in the place of the node `place`; the formula itself if it has no such node. */
const gt_formula *gt_formula_replace(gt_arena *arena, const gt_formula *formula, const gt_formula *place,
                                     const gt_formula *with);
/* With `with` in the place of every node that equals `what`. */
const gt_formula *gt_formula_replace_all(gt_arena *arena, const gt_formula *formula, const gt_formula *what,
                                         const gt_formula *with);
/* With double negations and negated summands written as a person would. */
const gt_formula *gt_formula_tidy(gt_arena *arena, const gt_formula *formula);

bool gt_formula_equal(const gt_formula *a, const gt_formula *b);
bool gt_formula_has_name(const gt_formula *formula, uint32_t name);
bool gt_formula_contains(const gt_formula *formula, const gt_formula *place);
/* The number of nodes. */
uint32_t gt_formula_size(const gt_formula *formula);
/* Calls visit for each node that is a value (no bounds of slices, no exponents), outside in. */
typedef void gt_formula_visit(void *context, const gt_formula *place);
void gt_formula_each(const gt_formula *formula, gt_formula_visit *visit, void *context);

/* Writes the formula with as few parentheses as it needs; cut to fit. Returns text. */
char *gt_formula_print(const gt_formula *formula, const char *const *names, char *text, size_t size);

#endif
