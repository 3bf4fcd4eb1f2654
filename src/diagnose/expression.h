/*
 * Formulas as trees that are never changed, only built anew around a change.
 *
 * A formula shares the parts that a change leaves as they are, so that a
 * candidate costs its path to the root. A place in a formula is the pointer to
 * its node: in what was read from a file every node occurs once.
 */
#ifndef GT_DIAGNOSE_EXPRESSION_H
#define GT_DIAGNOSE_EXPRESSION_H

#include "diagnose/arena.h"
#include "lang/functions.h"

#include <stdint.h>

typedef enum gt_expression_kind {
    GT_EXPRESSION_NUMBER,
    GT_EXPRESSION_NAME,
    GT_EXPRESSION_NEGATE,
    GT_EXPRESSION_ADD,
    GT_EXPRESSION_SUBTRACT,
    GT_EXPRESSION_MULTIPLY,
    GT_EXPRESSION_DIVIDE,
    GT_EXPRESSION_MATMUL,
    GT_EXPRESSION_POWER,
    GT_EXPRESSION_TRANSPOSE,
    GT_EXPRESSION_SLICE, /* operands: what is cut; from and to along axis 0, from and to along axis
                            1, NULL: left out */
    GT_EXPRESSION_CALL,
    GT_EXPRESSION_COMPARE
} gt_expression_kind;

enum { GT_EXPRESSION_ALL_AXES = 7 };

typedef struct gt_expression gt_expression;
struct gt_expression {
    gt_expression_kind kind;
    uint8_t detail; /* of a call its gt_lang_function, of a comparison its gt_lang_operation */
    bool implied;   /* of a call: as of gt_lang_expression */
    uint8_t axis;   /* of sum and mean: 0 features, 1 examples, of several sizes the axis; or all of them */
    uint32_t count; /* operands */
    uint32_t name;  /* of a name: its place in the list of names */
    int32_t line, column;
    double number;
    const gt_expression *operands[];
};

/* One node as in the language, with its place there; the caller fills in the operands, and of a name which it is. */
gt_expression *gt_expression_of_lang(gt_arena *arena, const gt_lang_expression *expression);

/*
 * Builders. An operand that is NULL for lack of memory gives NULL; the arena
 * remembers the failure. Lines and columns are those of the first operand.
 */
const gt_expression *gt_expression_new_number(gt_arena *arena, double number);
const gt_expression *gt_expression_new_name(gt_arena *arena, uint32_t name);
const gt_expression *gt_expression_unary(gt_arena *arena, gt_expression_kind kind, const gt_expression *a);
const gt_expression *gt_expression_binary(gt_arena *arena, gt_expression_kind kind, const gt_expression *a,
                                          const gt_expression *b);
const gt_expression *gt_expression_compare(gt_arena *arena, gt_lang_operation relation, const gt_expression *a,
                                           const gt_expression *b);
const gt_expression *gt_expression_call(gt_arena *arena, gt_lang_function function, const gt_expression *a);
const gt_expression *gt_expression_reduce(gt_arena *arena, gt_lang_function function, const gt_expression *a,
                                          unsigned axis);
/* bounds: four, NULL where left out */
const gt_expression *gt_expression_slice(gt_arena *arena, const gt_expression *a, const gt_expression *const bounds[4]);
/* A node with room for operands, which the caller fills in; everything else as in `like`. */
gt_expression *gt_expression_like(gt_arena *arena, const gt_expression *like, uint32_t count);

/* The formula with `with` in the place of the node `place`; the formula itself if it has no such
 * node. */
const gt_expression *gt_expression_replace(gt_arena *arena, const gt_expression *formula, const gt_expression *place,
                                           const gt_expression *with);
/* With `with` in the place of every node that equals `what`. */
const gt_expression *gt_expression_replace_all(gt_arena *arena, const gt_expression *formula, const gt_expression *what,
                                               const gt_expression *with);
/* With double negations and negated summands written as a person would. */
const gt_expression *gt_expression_tidy(gt_arena *arena, const gt_expression *formula);

bool gt_expression_equal(const gt_expression *a, const gt_expression *b);
bool gt_expression_has_name(const gt_expression *formula, uint32_t name);
bool gt_expression_contains(const gt_expression *formula, const gt_expression *place);
/* The number of nodes. */
uint32_t gt_expression_size(const gt_expression *formula);
/* How many of its operands are values: no bounds of slices, no exponents, no sizes. */
uint32_t gt_expression_value_count(const gt_expression *formula);
/* Calls visit for each node that is a value, outside in. */
typedef void gt_expression_visit(void *context, const gt_expression *place);
void gt_expression_each(const gt_expression *formula, gt_expression_visit *visit, void *context);

/* Writes the formula with as few parentheses as it needs; cut to fit. Returns text. */
char *gt_expression_print(const gt_expression *formula, const char *const *names, char *text, size_t size);

#endif
