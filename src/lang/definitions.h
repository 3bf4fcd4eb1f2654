/* Functions that are formulas: those of a text, def f(u) = ..., and those that are always there. */
#ifndef GT_LANG_DEFINITIONS_H
#define GT_LANG_DEFINITIONS_H

#include "lang/parser.h"

enum {
    GT_LANG_MOST_PARAMETERS = 8,
    GT_LANG_MOST_EXPANDED = 20000 /* operations that the functions of a text make */
};

struct gt_lang_definition {
    const char *name;
    const char *parameters[GT_LANG_MOST_PARAMETERS];
    gt_lang_expression *defaults[GT_LANG_MOST_PARAMETERS]; /* numbers; NULL where there is none */
    uint32_t parameter_count;
    gt_lang_lexer lexer; /* behind `body`, the first token of the formula */
    gt_lang_token body;
    gt_lang_place place; /* the name; of a text's own function */
    uint32_t start, end; /* the statement in the text */
    const char *remark;  /* for what is wrong where it is used: "in silu, of line 3" */
    bool wrong;          /* which has been said: nothing is said of its uses */
};

/* What a parameter stands for while a formula is read. */
struct gt_lang_binding {
    const char *name;
    const gt_lang_expression *value;
};

/* name(u, v = 1) = and then the formula, at which it stops. False after an error. */
bool gt_lang_parse_signature(gt_lang_parser *p, gt_lang_definition *definition);

/*
 * The function of that name, of the text or of those that are always there, which is then read into
 * *built_in. NULL if there is none, and on no memory, which is noted.
 */
const gt_lang_definition *gt_lang_definition_find(gt_lang_parser *p, const char *name, gt_lang_definition *built_in);
/* The same of those of the text alone, and of those that are always there alone. */
const gt_lang_definition *gt_lang_defined(const gt_lang_parser *p, const char *name);
const gt_lang_definition *gt_lang_composition(gt_lang_parser *p, const char *name, gt_lang_definition *built_in);
/* Whether there is a function of that name, of whatever kind. */
bool gt_lang_knows_function(const gt_lang_parser *p, const char *name);
/* The name of the i-th that is always there, and its formula; NULL past the end. */
const char *gt_lang_composition_at(uint32_t i, const char **signature);

/* The arguments and the closing parenthesis of a call, and the formula with them in it. NULL after an error. */
gt_lang_expression *gt_lang_parse_defined_call(gt_lang_parser *p, const gt_lang_definition *definition,
                                               gt_lang_place place, gt_lang_place open);
/* The formula with these arguments, as many as it has parameters. */
gt_lang_expression *gt_lang_expand(gt_lang_parser *p, const gt_lang_definition *definition,
                                   gt_lang_expression *const *arguments, gt_lang_place place);

/* Whether the formula that is read has a parameter of that name. */
bool gt_lang_is_bound(const gt_lang_parser *p, const char *name);
/* The value of a name in the formula of a function; NULL after an error: it is no parameter. */
gt_lang_expression *gt_lang_parse_bound(gt_lang_parser *p, const gt_lang_token *name);

#endif
