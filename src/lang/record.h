/* From an expression to nodes of a tape. */
#ifndef GT_LANG_RECORD_H
#define GT_LANG_RECORD_H

#include "gradtape/tape.h"
#include "lang/ast.h"

enum { GT_LANG_MOST_NUMBERS = 3 }; /* operands of a function that numbers have, too */

struct gt_lang_meaning; /* lang/meaning.h */

/* What names stand for while an expression is recorded. */
typedef struct gt_lang_environment {
    gt_tape *tape;
    void *context;
    /* The var of a name; GT_NONE if there is none. */
    gt_var (*variable)(void *context, const char *name);
    /*
     * The value of a name that is a number: a dimension, m, or a constant of the
     * cell. False if there is none. Asked first. May be NULL.
     */
    bool (*number)(void *context, const char *name, double *value);
    /* What a draw gives, of these numbers. NULL: nothing is drawn. */
    bool (*draw)(void *context, const gt_lang_expression *draw, const double *numbers, double *value);
    /* What is known of the names' sizes and of the operations; NULL: every name has one size. */
    const struct gt_lang_meaning *meaning;
} gt_lang_environment;

/*
 * Records the expression, of forward equations and of backward ones alike: each
 * operand before its operator, left to right, numbers folded. A result that is a
 * number alone becomes a gt_constant. Errors (a name without a value, shapes that
 * do not fit, a slice beyond the end) are left on the tape, and the result is then
 * invalid.
 */
gt_var gt_lang_record(const gt_lang_environment *environment, const gt_lang_expression *expression);

/*
 * The value of an expression of numbers and names that are numbers. False if it
 * is not one. environment may be NULL: numbers alone.
 */
bool gt_lang_number(const gt_lang_environment *environment, const gt_lang_expression *expression, double *value);

/* The numbers that a GT_LANG_DRAW is given, up to the first that is none; then false. */
bool gt_lang_drawn_numbers(const gt_lang_environment *environment, const gt_lang_expression *draw, double *numbers);

/* Of numbers, as the operation has it of arrays. False for @. */
bool gt_lang_fold(gt_lang_operation operation, double left, double right, double *value);

/* ---- a scope: an environment that one fills ------------------------------------------------- */

typedef struct gt_lang_scope gt_lang_scope;

/* NULL on no memory. */
gt_lang_scope *gt_lang_scope_new(gt_tape *tape);
void gt_lang_scope_free(gt_lang_scope *scope);
/* The meaning of the equations to come, of the same tree; borrowed. Without it every name has one size. */
void gt_lang_scope_set_meaning(gt_lang_scope *scope, const struct gt_lang_meaning *meaning);
/* Sets or replaces a name (copied). False on no memory. */
bool gt_lang_scope_set(gt_lang_scope *scope, const char *name, gt_var v);
bool gt_lang_scope_set_number(gt_lang_scope *scope, const char *name, double value);
gt_var gt_lang_scope_find(const gt_lang_scope *scope, const char *name); /* GT_NONE if there is none */
/* The scope as an environment. */
gt_lang_environment gt_lang_scope_environment(gt_lang_scope *scope);

/*
 * Records one equation in the scope and sets its name: as a number if the value
 * is one, otherwise as a var that carries the name. Errors are left on the tape.
 */
void gt_lang_record_equation(gt_lang_scope *scope, const gt_lang_equation *equation);

#endif
