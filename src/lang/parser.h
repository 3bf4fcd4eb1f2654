/* The state of the parser, shared by its files. */
#ifndef GT_LANG_PARSER_H
#define GT_LANG_PARSER_H

#include "lang/diagnostics.h"
#include "lang/lex.h"

#include <string.h>

/* An array of a number of steps ago, which prev has asked for. */
typedef struct gt_lang_past {
    const char *name;
    uint32_t steps;
    gt_lang_place place;
} gt_lang_past;

typedef struct gt_lang_definition gt_lang_definition; /* lang/definitions.h */
typedef struct gt_lang_binding gt_lang_binding;
typedef struct gt_lang_stack gt_lang_stack; /* lang/repetition.h */
typedef struct gt_lang_variable gt_lang_variable;
typedef struct gt_lang_carried gt_lang_carried;

typedef struct gt_lang_parser {
    gt_pool *pool;
    gt_lang_diagnostics *diagnostics;
    gt_lang_lexer lexer;
    gt_lang_token token;  /* the next one */
    gt_lang_token before; /* the one before */
    uint32_t last_end;    /* where that one ended */
    uint32_t depth;       /* of the recursion */
    uint32_t statement_line;
    bool failed;        /* in this statement: what follows in it is not reported */
    bool unfinished;    /* the statement ended too early: the next line may belong to it */
    bool reported;      /* the last failure was: hints belong to it */
    gt_lang_cell *cell; /* so far; NULL outside of one */
    const gt_lang_spelling *told[GT_LANG_MAX_ERRORS]; /* once is enough */
    uint32_t told_count;
    gt_lang_past *past; /* of this cell */
    uint32_t past_count;
    gt_lang_definition *definitions; /* those of the text so far that can be seen here */
    uint32_t definition_count;
    const gt_lang_binding *bindings; /* in the formula of a function: its parameters; NULL outside of one */
    uint32_t binding_count;
    const gt_lang_definition *defined; /* whose formula is looked at for the first time */
    const gt_lang_place *expansion;    /* the call whose formula is read: the place of all in it */
    bool composing;                    /* the signature of a function that is always there */
    uint32_t expanded;                 /* operations that functions have made so far */
    gt_lang_stack *stacks;             /* of this cell */
    gt_lang_variable *variables;       /* of the loops around */
    gt_lang_carried *carried;          /* names of this cell that rounds have assigned */
    uint32_t stack_count, variable_count, carried_count;
    uint32_t repetitions;      /* that are around */
    bool again;                /* in a round after the first */
    gt_lang_cell *assigns;     /* takes equations for arguments; NULL where there can be none */
    bool initial;              /* in an initial value: there may be draws */
    uint32_t draws;            /* in it so far */
    gt_lang_equation *indexed; /* the constant array whose value is read: i and j are its indices */
    bool no_memory;
} gt_lang_parser;

/* ---- tokens -------------------------------------------------------------------------------- */

/* To the next token; what is wrong with the one that is passed is reported. */
void gt_lang_advance(gt_lang_parser *p);
/* Without a report, where a better one may follow. */
void gt_lang_pass(gt_lang_parser *p);
/* Reports what is wrong with a token, if anything is. */
void gt_lang_tell(gt_lang_parser *p, const gt_lang_token *token);
/* Whether the symbol stands behind the next token. */
bool gt_lang_followed_by(const gt_lang_parser *p, const char *symbol);
/* Whether the end of the line does. */
bool gt_lang_followed_by_end(const gt_lang_parser *p);
/* Whether a name and a size do: W[ */
bool gt_lang_followed_by_declaration(const gt_lang_parser *p);
bool gt_lang_at_symbol(const gt_lang_parser *p, const char *symbol);
bool gt_lang_at_word(const gt_lang_parser *p, const char *word);
/* Whether "hidden y" is next, an equation: hidden alone is a name as any other. So it is with "loss y". */
bool gt_lang_at_hidden(const gt_lang_parser *p);
bool gt_lang_at_loss(const gt_lang_parser *p);
/* Whether one of both is, or an output. */
bool gt_lang_at_output(const gt_lang_parser *p);
/* Passes the symbol if it is next. */
bool gt_lang_accept(gt_lang_parser *p, const char *symbol);
/* The same; if it is not next, an error: "expected ) behind the arguments, not 'x'". */
bool gt_lang_expect(gt_lang_parser *p, const char *symbol, const char *where);
/* Passes the closing symbol of the bracket that stands at `open`. */
bool gt_lang_expect_close(gt_lang_parser *p, const char *symbol, gt_lang_place open, const char *alternatives);
/* Whether the statement ends here. */
bool gt_lang_at_end(const gt_lang_parser *p);
/* Whether the next token is the first of its line and begins a statement. */
bool gt_lang_at_statement(const gt_lang_parser *p);
/* A name with its prime, in the pool; NULL on no memory, which is noted. */
const char *gt_lang_token_name(gt_lang_parser *p, const gt_lang_token *token);
/* From `start` to the end of the last token. */
gt_lang_place gt_lang_place_from(const gt_lang_parser *p, gt_lang_place start);

/* Reports an error unless this statement already has one; false for `return`. */
bool gt_lang_parse_fail(gt_lang_parser *p, gt_lang_place place, const char *format, ...) GT_PRINTF(3, 4);
/* A hint for the error just reported. */
void gt_lang_parse_hint(gt_lang_parser *p, const char *format, ...) GT_PRINTF(2, 3);
/* "expected WHAT, not 'x'" at the next token. */
bool gt_lang_unexpected(gt_lang_parser *p, const char *what);
/* Goes on behind what could not be understood, with the next statement. */
void gt_lang_recover(gt_lang_parser *p);

/* Room for one more element at the end of an array in the pool: the element, zero; NULL on no memory. */
void *gt_lang_grow(gt_lang_parser *p, void **array, uint32_t count, size_t size);
#define GT_LANG_GROW(p, array, count) gt_lang_grow(p, (void **)&(array), count, sizeof *(array))

/* ---- expressions and what they are made of --------------------------------------------------- */

/* NULL after an error. */
gt_lang_expression *gt_lang_parse_expression(gt_lang_parser *p);
/* A number, a name, a call, or an expression in parentheses. */
gt_lang_expression *gt_lang_parse_atom(gt_lang_parser *p);
/* The slice of `operand`, which begins at `start`; its [ is next. */
gt_lang_expression *gt_lang_parse_slice(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start);
/* The same without comparisons: a size, a bound of a slice, a constant. */
gt_lang_expression *gt_lang_parse_sum(gt_lang_parser *p);
/* The product of sizes that stand in a list, one or more. NULL after an error. */
gt_lang_expression *gt_lang_parse_product(gt_lang_parser *p, gt_lang_expression *const *sizes, uint32_t count);
/* The arguments and the closing parenthesis of a call; the name and the ( are passed. */
gt_lang_expression *gt_lang_parse_call(gt_lang_parser *p, const gt_lang_token *name, gt_lang_place open);
/* The rest of prev(x, steps), behind its parenthesis: a name. */
gt_lang_expression *gt_lang_parse_prev(gt_lang_parser *p, const gt_lang_token *prev, gt_lang_place open);
/* The rest of bernoulli(p, u) in an equation, behind its parenthesis: the name of the input that is drawn. */
gt_lang_expression *gt_lang_parse_random(gt_lang_parser *p, const gt_lang_token *name, gt_lang_draw draw,
                                         gt_lang_place open);
/* Behind the last line of a cell: the next values of drawn states. */
void gt_lang_add_kept(gt_lang_parser *p, gt_lang_cell *cell);
/* Behind the last line of a cell: the states that prev and t stand for. */
void gt_lang_add_time(gt_lang_parser *p, gt_lang_cell *cell);
/* left operation right, from `start`, the sign at `sign`. NULL if an operand is, or after an error. */
gt_lang_expression *gt_lang_parse_join(gt_lang_parser *p, gt_lang_operation operation, gt_lang_place start,
                                       gt_lang_place sign, gt_lang_expression *left, gt_lang_expression *right);
/* Reports what follows the point behind `operand`, which is no T. */
void gt_lang_fail_point(gt_lang_parser *p, const gt_lang_expression *operand);
/* Makes a node of kind `kind` from `start` to the last token. */
gt_lang_expression *gt_lang_parse_node(gt_lang_parser *p, gt_lang_kind kind, gt_lang_place start);
/* A name that nobody wrote, in the place of what it stands for; NULL if the name is NULL, or on no memory. */
gt_lang_expression *gt_lang_new_named(gt_lang_parser *p, const char *name, gt_lang_place place);
/* Adds an operand. False after an error, also if operand is NULL. */
bool gt_lang_parse_operand(gt_lang_parser *p, gt_lang_expression *node, gt_lang_expression *operand);
/* True if the recursion may go one level deeper; gt_lang_leave goes back. */
bool gt_lang_enter(gt_lang_parser *p);
void gt_lang_leave(gt_lang_parser *p);

/* A new name: no keyword and no function. NULL after an error. */
const char *gt_lang_parse_new_name(gt_lang_parser *p, const char *what);
static inline bool gt_lang_is_primed(const char *name)
{
    return name[strlen(name) - 1] == '\'';
}

/* What a declared array begins with, if anything is said. False after an error. */
bool gt_lang_parse_initial(gt_lang_parser *p, gt_lang_declaration *d);
/* The numbers of a draw, whose name is passed. */
gt_lang_expression *gt_lang_parse_draw(gt_lang_parser *p, gt_lang_draw draw, gt_lang_place start);
/* Reports a probability above 1 and the like, as far as the numbers are known. */
bool gt_lang_check_drawn(gt_lang_parser *p, const gt_lang_expression *draw);

/* Whether the next token is the word of a line of constants, which begin behind it. */
bool gt_lang_at_constant(const gt_lang_parser *p);
bool gt_lang_parse_constants(gt_lang_parser *p, gt_lang_cell *cell);
/* The indices of the entries of an array, down its rows or along its columns. NULL on no memory. */
gt_lang_expression *gt_lang_parse_index(gt_lang_parser *p, const gt_lang_expression *size, bool column,
                                        gt_lang_place place);

/* def NAME( is next; and the statement. */
bool gt_lang_at_definition(const gt_lang_parser *p);
bool gt_lang_parse_definition(gt_lang_parser *p);
/* A copy in the pool; NULL on no memory, which is noted. */
const char *gt_lang_keep_text(gt_lang_parser *p, const char *text);
/* Adds a declaration; an equation, forward or backward. False on no memory, which is noted. */
bool gt_lang_keep_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration declaration);
bool gt_lang_keep_equation(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_equation equation, bool backward);
/* Where something in a formula is: there, or at the call whose formula it is. */
gt_lang_place gt_lang_here(const gt_lang_parser *p, gt_lang_place place);

/* A line of declarations or an equation into the cell. False after an error. */
bool gt_lang_parse_declarations(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role);
bool gt_lang_parse_equation(gt_lang_parser *p, gt_lang_cell *cell, bool is_output, bool backward);

#endif
