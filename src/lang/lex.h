/* From text to tokens, one at a time. */
#ifndef GT_LANG_LEX_H
#define GT_LANG_LEX_H

#include "lang/ast.h"
#include "lang/spelling.h"

typedef enum gt_lang_token_kind {
    GT_TOKEN_END,     /* of the text */
    GT_TOKEN_NEWLINE, /* the end of a statement: a line's end where no bracket is open */
    GT_TOKEN_NAME,    /* with a prime, if one follows, or what is meant to be one */
    GT_TOKEN_NUMBER,
    GT_TOKEN_SYMBOL, /* ( ) [ ] , : . = ~ + - * / @ ** < <= > >= == != ; */
    GT_TOKEN_WRONG   /* what no token begins with; the remark says why */
} gt_lang_token_kind;

/* What is wrong with a token, which all the same stands for what was meant, or with what was passed before it. */
typedef struct gt_lang_remark {
    const char *problem;              /* NULL: nothing */
    const char *hint;                 /* what to write instead, or NULL */
    const gt_lang_spelling *spelling; /* of what it is a spelling; NULL if of none */
    gt_lang_place place;
} gt_lang_remark;

/* A name that is none of the language's, but plainly meant as one. */
typedef enum gt_lang_odd { GT_LANG_ODD_NOTHING, GT_LANG_ODD_LETTER, GT_LANG_ODD_SUBSCRIPT } gt_lang_odd;

typedef struct gt_lang_token {
    gt_lang_token_kind kind;
    gt_lang_place place;
    char symbol[3];     /* GT_TOKEN_SYMBOL: its one or two characters */
    bool first_on_line; /* no token before it on its line */
    uint32_t letters;   /* GT_TOKEN_NAME: the bytes of the name without its prime */
    bool primed;
    gt_lang_odd odd;
    gt_lang_remark remark;
} gt_lang_token;

typedef struct gt_lang_lexer {
    const char *text; /* size bytes and a NUL */
    uint32_t size;
    uint32_t begin;                    /* where it begins behind a byte order mark */
    uint32_t offset, line, line_start; /* the next byte, its line, where that line begins */
    uint32_t open_brackets;            /* while there are any, lines go on */
    bool fresh_line;                   /* no token of this line has been read */
    gt_lang_remark noted;              /* for the next token */
} gt_lang_lexer;

gt_lang_lexer gt_lang_lexer_start(const char *text, uint32_t size);
/* Past the end there are GT_TOKEN_ENDs for ever. */
gt_lang_token gt_lang_lex(gt_lang_lexer *lexer);

/*
 * The comment in the lines directly above the line that begins at `line_start`,
 * from the # of the first of them; *length becomes 0 if there is none.
 */
const char *gt_lang_comment_above(const gt_lang_lexer *lexer, uint32_t line_start, size_t *length);

#endif
