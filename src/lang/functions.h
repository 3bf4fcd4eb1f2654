/* The functions and operators of the cell language: their names and how many arguments they take. */
#ifndef GT_LANG_FUNCTIONS_H
#define GT_LANG_FUNCTIONS_H

#include "formula/notation.h"
#include "gradtape/op.h"
#include "lang/ast.h"

typedef struct gt_lang_function_entry {
    const char *name;
    uint32_t least, most; /* arguments; most is UINT32_MAX for any number */
    bool has_axis;
    const gt_op *op;           /* element by element; NULL: it is more than one op, or needs an array */
    const char *derivative;    /* of v = f(u), in the cell language: "1 - v**2"; NULL: there is no such short form */
    const char *documentation; /* NULL: that of the op */
} gt_lang_function_entry;

/* NULL past the end. */
const gt_lang_function_entry *gt_lang_function_at(gt_lang_function function);
/* One sentence or two. */
const char *gt_lang_function_documentation(gt_lang_function function);
/* Whether it is a function of one array and of nothing else. */
bool gt_lang_takes_one(gt_lang_function function);
/* Whether it takes one array and goes down its columns, whose entries depend on each other: softmax. */
bool gt_lang_goes_down(gt_lang_function function);
/* False if there is none of that name. */
bool gt_lang_function_find(const char *name, gt_lang_function *function);

/* A function of other libraries, which has another name here or is written with operators. */
typedef struct gt_lang_elsewhere {
    const char *names;       /* with blanks between them */
    uint32_t argument_count; /* that the words are for; 0: any */
    /* Its words: $1 is the first argument, &1 the same as an operand, $* are all of them. NULL: there are none. */
    const char *words;
    const char *note; /* or NULL */
} gt_lang_elsewhere;

/* NULL if nothing is known of it. */
const gt_lang_elsewhere *gt_lang_elsewhere_find(const char *name);

/* How a constant of other languages is written here: pi, inf, True. NULL if it is none. */
const char *gt_lang_constant_hint(const char *name);

const char *gt_lang_operation_text(gt_lang_operation operation); /* "+" */
/* NULL for @, and for **, whose exponent is no operand. */
const gt_op *gt_lang_operation_op(gt_lang_operation operation);
gt_formula_kind gt_lang_operation_kind(gt_lang_operation operation);
int gt_lang_operation_strength(gt_lang_operation operation); /* GT_FORMULA_BINDS_... */

/* cell, input, state, param, output, backward; NULL past the end. */
const char *gt_lang_keyword_at(uint32_t i);
bool gt_lang_is_keyword(const char *name);

#endif
