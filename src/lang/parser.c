/* What all of the parser needs: tokens, errors, recovery. */
#include "lang/parser.h"

#include "gradtape/utf8.h"
#include "lang/copy.h"
#include "lang/functions.h"

#include <stdarg.h>
#include <string.h>

/* ---- tokens -------------------------------------------------------------------------------- */

void gt_lang_advance(gt_lang_parser *p)
{
    if (p->token.kind != GT_TOKEN_NEWLINE)
        p->last_end = p->token.place.offset + p->token.place.length;
    p->token = gt_lang_lex(&p->lexer);
}

bool gt_lang_at_symbol(const gt_lang_parser *p, const char *symbol)
{
    return p->token.kind == GT_TOKEN_SYMBOL && strcmp(p->token.symbol, symbol) == 0;
}

static bool is_word(const gt_lang_parser *p, gt_lang_token token, const char *word)
{
    return token.kind == GT_TOKEN_NAME && token.place.length == strlen(word) &&
           memcmp(p->lexer.text + token.place.offset, word, token.place.length) == 0;
}

bool gt_lang_at_word(const gt_lang_parser *p, const char *word)
{
    return is_word(p, p->token, word);
}

bool gt_lang_accept(gt_lang_parser *p, const char *symbol)
{
    if (!gt_lang_at_symbol(p, symbol))
        return false;
    gt_lang_advance(p);
    return true;
}

bool gt_lang_expect(gt_lang_parser *p, const char *symbol, const char *where)
{
    char what[80];
    if (gt_lang_accept(p, symbol))
        return true;
    gt_utf8_format(what, sizeof what, "%s %s", symbol, where);
    return gt_lang_unexpected(p, what);
}

bool gt_lang_expect_close(gt_lang_parser *p, const char *symbol, gt_lang_place open,
                          const char *alternatives)
{
    if (gt_lang_accept(p, symbol))
        return true;
    if (p->token.kind == GT_TOKEN_END || p->token.kind == GT_TOKEN_NEWLINE || gt_lang_at_statement(p))
        return gt_lang_parse_fail(p, open, "this bracket is never closed");
    return gt_lang_unexpected(p, alternatives);
}

bool gt_lang_at_statement(const gt_lang_parser *p)
{
    static const char *const words[] = {"cell", "input", "state", "param", "output", "backward"};
    if (!p->token.first_on_line || p->token.kind != GT_TOKEN_NAME)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_lang_at_word(p, words[i]))
            return true;
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token next = gt_lang_lex(&ahead);
    return next.kind == GT_TOKEN_SYMBOL && strcmp(next.symbol, "=") == 0;
}

const char *gt_lang_place_text(gt_lang_parser *p, gt_lang_place place)
{
    const char *text = gt_lang_text(p->pool, p->lexer.text + place.offset, place.length);
    p->no_memory = p->no_memory || text == NULL;
    return text;
}

gt_lang_place gt_lang_place_from(const gt_lang_parser *p, gt_lang_place start)
{
    start.length = p->last_end > start.offset ? p->last_end - start.offset : 1;
    return start;
}

/* ---- errors -------------------------------------------------------------------------------- */

bool gt_lang_parse_fail(gt_lang_parser *p, gt_lang_place place, const char *format, ...)
{
    char message[400];
    va_list arguments;
    if (p->failed || p->no_memory)
        return false;
    va_start(arguments, format);
    gt_utf8_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    gt_lang_error(p->diagnostics, place, "%s", message);
    p->failed = true;
    return false;
}

void gt_lang_parse_hint(gt_lang_parser *p, const char *format, ...)
{
    char hint[300];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(hint, sizeof hint, format, arguments);
    va_end(arguments);
    gt_lang_hint(p->diagnostics, "%s", hint);
}

bool gt_lang_unexpected(gt_lang_parser *p, const char *what)
{
    gt_lang_place place = p->token.place;
    switch (p->token.kind) {
    case GT_TOKEN_WRONG: return gt_lang_parse_fail(p, place, "%s", p->token.problem);
    case GT_TOKEN_END: return gt_lang_parse_fail(p, place, "expected %s, not the end of the text", what);
    case GT_TOKEN_NEWLINE:
        place.length = 1;
        return gt_lang_parse_fail(p, place, "expected %s, not the end of the line", what);
    default: break;
    }
    return gt_lang_parse_fail(p, place, "expected %s, not '%.*s'", what,
                              place.length > 60 ? 60 : (int)place.length,
                              p->lexer.text + place.offset);
}

void gt_lang_recover(gt_lang_parser *p)
{
    for (; p->token.kind != GT_TOKEN_END; gt_lang_advance(p)) {
        if (p->token.place.line > p->statement_line && gt_lang_at_statement(p))
            break;
        if (p->token.kind == GT_TOKEN_NEWLINE) {
            gt_lang_advance(p);
            break;
        }
    }
    p->lexer.open_brackets = gt_lang_at_symbol(p, "(") || gt_lang_at_symbol(p, "[");
    p->failed = false;
}

/* ---- memory -------------------------------------------------------------------------------- */

/* The capacity is the smallest power of two that holds `count`, and never below 4. */
void *gt_lang_grow(gt_lang_parser *p, void **array, uint32_t count, size_t size)
{
    bool full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (full) {
        size_t capacity = count == 0 ? 4 : 2 * (size_t)count;
        void *larger = gt_pool_new(p->pool, capacity, size);
        if (larger == NULL) {
            p->no_memory = true;
            return NULL;
        }
        if (count > 0)
            memcpy(larger, *array, count * size);
        *array = larger;
    }
    return (char *)*array + count * size;
}

bool gt_lang_enter(gt_lang_parser *p)
{
    if (++p->depth <= GT_LANG_MAX_DEPTH)
        return true;
    p->depth--;
    return gt_lang_parse_fail(p, p->token.place, "the expression nests more than %d levels deep",
                              GT_LANG_MAX_DEPTH);
}

void gt_lang_leave(gt_lang_parser *p)
{
    p->depth--;
}
