#include "lang/lex.h"

/* Where the line before the one that begins at `start` begins. start > 0. */
static uint32_t line_before(const gt_lang_lexer *l, uint32_t start)
{
    uint32_t at = start - 1;
    if (at > 0 && l->text[at] == '\n' && l->text[at - 1] == '\r')
        at--;
    while (at > l->begin && l->text[at - 1] != '\n' && l->text[at - 1] != '\r')
        at--;
    return at;
}

static uint32_t first_character(const gt_lang_lexer *l, uint32_t start)
{
    while (l->text[start] == ' ' || l->text[start] == '\t')
        start++;
    return start;
}

const char *gt_lang_comment_above(const gt_lang_lexer *lexer, uint32_t line_start, size_t *length)
{
    uint32_t begin = line_start;
    while (begin > lexer->begin) {
        uint32_t before = line_before(lexer, begin);
        if (lexer->text[first_character(lexer, before)] != '#')
            break;
        begin = before;
    }
    *length = line_start - begin;
    return lexer->text + begin;
}
