/* The state of the parser, shared by its files. */
#ifndef GT_LANG_PARSER_H
#define GT_LANG_PARSER_H

#include "lang/diagnostics.h"
#include "lang/lex.h"

typedef struct gt_lang_parser {
    gt_pool *pool;
    gt_lang_diagnostics *diagnostics;
    gt_lang_lexer lexer;
    gt_lang_token token; /* the next one */
    uint32_t last_end;   /* where the one before ended */
    uint32_t depth;      /* of the recursion */
    uint32_t statement_line;
    bool failed; /* in this statement: what follows in it is not reported */
    bool no_memory;
} gt_lang_parser;

/* ---- tokens -------------------------------------------------------------------------------- */

void gt_lang_advance(gt_lang_parser *p);
bool gt_lang_at_symbol(const gt_lang_parser *p, const char *symbol);
bool gt_lang_at_word(const gt_lang_parser *p, const char *word);
/* Passes the symbol if it is next. */
bool gt_lang_accept(gt_lang_parser *p, const char *symbol);
/* The same; if it is not next, an error: "expected ) behind the arguments, not 'x'". */
bool gt_lang_expect(gt_lang_parser *p, const char *symbol, const char *where);
/* Passes the closing symbol of the bracket that stands at `open`. */
bool gt_lang_expect_close(gt_lang_parser *p, const char *symbol, gt_lang_place open,
                          const char *alternatives);
/* Whether the next token is the first of its line and begins a statement. */
bool gt_lang_at_statement(const gt_lang_parser *p);
/* The text of a place, in the pool; NULL on no memory, which is noted. */
const char *gt_lang_place_text(gt_lang_parser *p, gt_lang_place place);
/* From `start` to the end of the last token. */
gt_lang_place gt_lang_place_from(const gt_lang_parser *p, gt_lang_place start);

/* Reports an error unless this statement already has one; false for `return`. */
bool gt_lang_parse_fail(gt_lang_parser *p, gt_lang_place place, const char *format, ...)
    GT_PRINTF(3, 4);
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
/* The same without comparisons: a size, a bound of a slice, a constant. */
gt_lang_expression *gt_lang_parse_sum(gt_lang_parser *p);
/* The arguments and the closing parenthesis of a call; the name and the ( are passed. */
gt_lang_expression *gt_lang_parse_call(gt_lang_parser *p, gt_lang_place name, gt_lang_place open);
/* Makes a node of kind `kind` from `start` to the last token. */
gt_lang_expression *gt_lang_parse_node(gt_lang_parser *p, gt_lang_kind kind, gt_lang_place start);
/* Adds an operand. False after an error, also if operand is NULL. */
bool gt_lang_parse_operand(gt_lang_parser *p, gt_lang_expression *node, gt_lang_expression *operand);
/* True if the recursion may go one level deeper; gt_lang_leave goes back. */
bool gt_lang_enter(gt_lang_parser *p);
void gt_lang_leave(gt_lang_parser *p);

/* A line of declarations or an equation into the cell. False after an error. */
bool gt_lang_parse_declarations(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role);
bool gt_lang_parse_equation(gt_lang_parser *p, gt_lang_cell *cell, bool is_output, bool backward);

#endif
