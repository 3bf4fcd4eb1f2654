/* What to write instead, in the user's own words. */
#ifndef GT_LANG_ADVICE_H
#define GT_LANG_ADVICE_H

#include "lang/parser.h"

/* ---- calls --------------------------------------------------------------------------------- */

enum { GT_LANG_MOST_WRITTEN = 3 };

/* A piece of the text; the arguments of a call as they are written. */
typedef struct gt_lang_piece {
    const char *text;
    uint32_t length; /* 0: there is none */
} gt_lang_piece;

typedef struct gt_lang_written {
    gt_lang_piece arguments[GT_LANG_MOST_WRITTEN]; /* without those that have a keyword */
    gt_lang_piece keywords;                        /* from the first of those to the last argument */
    uint32_t count;
} gt_lang_written;

/* Reads what stands between a bracket and the one that closes it; `first` is the token behind the bracket, `lexer`
 * behind that. */
void gt_lang_read_written(gt_lang_lexer lexer, gt_lang_token first, gt_lang_written *written);
/* Puts what stands before a point in front: h.dot(U) is dot(h, U). */
void gt_lang_put_first(gt_lang_written *written, gt_lang_piece first);

/* A hint how to write the function `name` of these arguments; false if nothing is known of it. */
bool gt_lang_advise_call(gt_lang_parser *p, const char *name, const gt_lang_written *written);

/* ---- the rest ------------------------------------------------------------------------------ */

/* A hint for the next token, which cannot stand where it does. */
void gt_lang_advise_unexpected(gt_lang_parser *p);
/* The same where a statement should end. */
void gt_lang_advise_end(gt_lang_parser *p);
/* Whether an operator stands in a piece outside of brackets. */
bool gt_lang_has_operator(gt_lang_piece piece);
/* A hint for a name with an index of time, h_{t-1}: `base` is h. */
void gt_lang_advise_step(gt_lang_parser *p, const char *base, size_t length);
/*
 * Reports a statement that begins with a word of another language, at the next token.
 * False if it is none; *goes_on says that an equation follows the word: let y = ...
 */
bool gt_lang_tell_word(gt_lang_parser *p, bool *goes_on);

#endif
