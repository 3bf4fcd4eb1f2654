/* From text to tokens, one at a time. */
#ifndef GT_LANG_LEX_H
#define GT_LANG_LEX_H

#include "lang/ast.h"

typedef enum gt_lang_token_kind {
    GT_TOKEN_END,     /* of the text */
    GT_TOKEN_NEWLINE, /* the end of a statement: a line's end where no bracket is open */
    GT_TOKEN_NAME,    /* with a prime, if one follows */
    GT_TOKEN_NUMBER,
    GT_TOKEN_SYMBOL, /* ( ) [ ] , : . = ~ + - * / @ ** < <= > >= == != */
    GT_TOKEN_WRONG   /* what no token begins with; `problem` says why */
} gt_lang_token_kind;

typedef struct gt_lang_token {
    gt_lang_token_kind kind;
    gt_lang_place place;
    char symbol[3];      /* GT_TOKEN_SYMBOL: its one or two characters */
    bool first_on_line;  /* no token before it on its line */
    const char *problem; /* GT_TOKEN_WRONG */
} gt_lang_token;

typedef struct gt_lang_lexer {
    const char *text; /* size bytes and a NUL */
    uint32_t size;
    uint32_t begin; /* where it begins behind a byte order mark */
    uint32_t offset, line, line_start; /* the next byte, its line, where that line begins */
    uint32_t open_brackets;            /* while there are any, lines go on */
    bool fresh_line;                   /* no token of this line has been read */
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
