/* What all of the parser needs: tokens, errors, recovery. */
#include "lang/parser.h"

#include "base/utf8.h"
#include "lang/advice.h"
#include "lang/copy.h"
#include "lang/functions.h"
#include "lang/repetition.h"

#include <stdarg.h>
#include <string.h>

/* ---- tokens -------------------------------------------------------------------------------- */

void gt_lang_pass(gt_lang_parser *p)
{
    if (p->token.kind != GT_TOKEN_NEWLINE)
        p->last_end = p->token.place.offset + p->token.place.length;
    p->before = p->token;
    p->token = gt_lang_lex(&p->lexer);
    p->token.place.again = p->again;
}

void gt_lang_advance(gt_lang_parser *p)
{
    gt_lang_tell(p, &p->token);
    gt_lang_pass(p);
}

bool gt_lang_at_symbol(const gt_lang_parser *p, const char *symbol)
{
    return p->token.kind == GT_TOKEN_SYMBOL && strcmp(p->token.symbol, symbol) == 0;
}

static bool is_word(const gt_lang_parser *p, gt_lang_token token, const char *word)
{
    return token.kind == GT_TOKEN_NAME && token.letters == strlen(word) && !token.primed &&
           memcmp(p->lexer.text + token.place.offset, word, token.letters) == 0;
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

bool gt_lang_expect_close(gt_lang_parser *p, const char *symbol, gt_lang_place open, const char *alternatives)
{
    if (gt_lang_accept(p, symbol))
        return true;
    if (p->token.kind == GT_TOKEN_END || gt_lang_at_statement(p))
        return gt_lang_parse_fail(p, open, "this bracket is never closed");
    return gt_lang_unexpected(p, alternatives);
}

bool gt_lang_at_end(const gt_lang_parser *p)
{
    return p->token.kind == GT_TOKEN_END || p->token.kind == GT_TOKEN_NEWLINE || gt_lang_at_symbol(p, ";");
}

bool gt_lang_at_statement(const gt_lang_parser *p)
{
    static const char *const words[] = {"cell", "input", "state", "param", "output", "backward"};
    if (!p->token.first_on_line || p->token.kind != GT_TOKEN_NAME)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_lang_at_word(p, words[i]))
            return true;
    return gt_lang_followed_by(p, "=") || gt_lang_at_output(p) || gt_lang_at_constant(p) || gt_lang_at_definition(p) ||
           gt_lang_at_repetition(p);
}

static bool at_named(const gt_lang_parser *p, const char *word)
{
    gt_lang_lexer ahead = p->lexer;
    if (!gt_lang_at_word(p, word) || gt_lang_lex(&ahead).kind != GT_TOKEN_NAME)
        return false;
    gt_lang_token behind = gt_lang_lex(&ahead);
    return behind.kind != GT_TOKEN_SYMBOL || strcmp(behind.symbol, "[") != 0; /* hidden h[n] means state h[n] */
}

bool gt_lang_at_hidden(const gt_lang_parser *p)
{
    return at_named(p, "hidden");
}

bool gt_lang_at_loss(const gt_lang_parser *p)
{
    return at_named(p, "loss");
}

bool gt_lang_at_output(const gt_lang_parser *p)
{
    return gt_lang_at_word(p, "output") || gt_lang_at_hidden(p) || gt_lang_at_loss(p);
}

bool gt_lang_followed_by(const gt_lang_parser *p, const char *symbol)
{
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token next = gt_lang_lex(&ahead);
    return next.kind == GT_TOKEN_SYMBOL && strcmp(next.symbol, symbol) == 0;
}

bool gt_lang_followed_by_end(const gt_lang_parser *p)
{
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token_kind kind = gt_lang_lex(&ahead).kind;
    return kind == GT_TOKEN_END || kind == GT_TOKEN_NEWLINE;
}

bool gt_lang_followed_by_declaration(const gt_lang_parser *p)
{
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token name = gt_lang_lex(&ahead), bracket = gt_lang_lex(&ahead);
    return name.kind == GT_TOKEN_NAME && bracket.kind == GT_TOKEN_SYMBOL && strcmp(bracket.symbol, "[") == 0;
}

const char *gt_lang_token_name(gt_lang_parser *p, const gt_lang_token *token)
{
    char *text = gt_pool_new(p->pool, (size_t)token->letters + 2, 1);
    p->no_memory = p->no_memory || text == NULL;
    if (text == NULL)
        return NULL;
    memcpy(text, p->lexer.text + token->place.offset, token->letters);
    if (token->primed)
        text[token->letters] = '\'';
    return text;
}

const char *gt_lang_keep_text(gt_lang_parser *p, const char *text)
{
    const char *copy = gt_lang_text(p->pool, text, strlen(text));
    p->no_memory = p->no_memory || copy == NULL;
    return copy;
}

gt_lang_place gt_lang_here(const gt_lang_parser *p, gt_lang_place place)
{
    return p->expansion != NULL ? *p->expansion : place;
}

gt_lang_place gt_lang_place_from(const gt_lang_parser *p, gt_lang_place start)
{
    if (p->expansion != NULL)
        return *p->expansion;
    start.length = p->last_end > start.offset ? p->last_end - start.offset : 1;
    return start;
}

/* ---- errors -------------------------------------------------------------------------------- */

bool gt_lang_parse_fail(gt_lang_parser *p, gt_lang_place place, const char *format, ...)
{
    char message[400];
    va_list arguments;
    p->reported = !p->failed && !p->no_memory;
    if (!p->reported)
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
    char hint[600];
    va_list arguments;
    if (!p->reported)
        return; /* there is no error to give it to */
    va_start(arguments, format);
    gt_utf8_format_list(hint, sizeof hint, format, arguments);
    va_end(arguments);
    gt_lang_hint(p->diagnostics, "%s", hint);
}

bool gt_lang_unexpected(gt_lang_parser *p, const char *what)
{
    gt_lang_place place = p->token.place;
    gt_lang_tell(p, &p->token);
    switch (p->token.kind) {
    case GT_TOKEN_END:
        return gt_lang_parse_fail(p, place, "expected %s, not the end of the text", what);
    case GT_TOKEN_NEWLINE:
        place.length = 1;
        p->unfinished = p->before.kind == GT_TOKEN_SYMBOL;
        gt_lang_parse_fail(p, place, "expected %s, not the end of the line", what);
        if (p->unfinished)
            gt_lang_parse_hint(p, "a line goes on only while a bracket is open: ( ... )");
        return false;
    default:
        break;
    }
    if (p->failed)
        return false;
    const char *text = p->lexer.text + place.offset;
    gt_lang_parse_fail(p, place, "expected %s, not '%.*s'", what,
                       gt_utf8_fit(text, place.length > 60 ? 60 : place.length), text);
    gt_lang_advise_unexpected(p);
    return false;
}

void gt_lang_recover(gt_lang_parser *p)
{
    while (p->token.kind != GT_TOKEN_END) {
        if (p->token.place.line > p->statement_line && gt_lang_at_statement(p))
            break;
        bool ends = p->token.kind == GT_TOKEN_NEWLINE;
        gt_lang_pass(p);
        if (ends && !(p->unfinished && !gt_lang_at_statement(p)))
            break;
        p->unfinished = false;
    }
    p->unfinished = false;
    p->lexer.open_brackets = gt_lang_at_symbol(p, "(") || gt_lang_at_symbol(p, "[");
    p->failed = false;
}

/* ---- what is wrong with a token ------------------------------------------------------------ */

/* How often it is written from here on, comments aside. */
static uint32_t count_spelling(const gt_lang_parser *p, const gt_lang_spelling *spelling, uint32_t from)
{
    uint32_t count = 0;
    bool comment = false;
    size_t length = strlen(spelling->written);
    for (uint32_t i = from; i + length <= p->lexer.size; i++) {
        char c = p->lexer.text[i];
        comment = (comment || c == '#') && c != '\n' && c != '\r';
        if (comment || memcmp(p->lexer.text + i, spelling->written, length) != 0)
            continue;
        count++;
        i += (uint32_t)length - 1;
    }
    return count;
}

static bool is_told(gt_lang_parser *p, const gt_lang_spelling *spelling)
{
    for (uint32_t i = 0; i < p->told_count; i++)
        if (p->told[i] == spelling)
            return true;
    if (p->told_count < GT_LANG_MAX_ERRORS)
        p->told[p->told_count++] = spelling;
    return false;
}

/* A character of no keyboard is told of once, wherever else it is. */
static void tell_spelling(gt_lang_parser *p, const gt_lang_remark *remark)
{
    const gt_lang_spelling *spelling = remark->spelling;
    unsigned code;
    gt_lang_character(spelling->written, strlen(spelling->written), &code);
    bool other = code > 127, told = other && is_told(p, spelling);
    if (told)
        p->failed = true; /* so that nothing is said of what may be a mistake of it */
    else if (other)
        gt_lang_parse_fail(p, remark->place, "%s (U+%04X) is %s", spelling->written, code, remark->problem);
    else
        gt_lang_parse_fail(p, remark->place, "%s", remark->problem);
    if (told || remark->hint == NULL)
        return;
    uint32_t count = other ? count_spelling(p, spelling, remark->place.offset) : 1;
    if (count > 1)
        gt_lang_parse_hint(p, "%s (%s is there %u times)", remark->hint, spelling->written, count);
    else
        gt_lang_parse_hint(p, "%s", remark->hint);
}

/* A name in letters of the language: alpha_1 of a name in Greek. False if there are letters without a usual name. */
static bool spell(const gt_lang_parser *p, const gt_lang_token *token, char name[GT_LANG_MAX_NAME + 1])
{
    const char *text = p->lexer.text + token->place.offset;
    size_t used = 0;
    for (uint32_t i = 0; i < token->letters;) {
        unsigned code;
        size_t length = gt_lang_character(text + i, token->letters - i, &code);
        const char *letter = length > 1 ? gt_lang_letter_name(text + i, length) : text + i;
        size_t letters = length > 1 && letter != NULL ? strlen(letter) : 1;
        if (letter == NULL || used + letters > GT_LANG_MAX_NAME)
            return false;
        memcpy(name + used, letter, letters);
        used += letters;
        i += (uint32_t)length;
    }
    name[used] = '\0';
    return true;
}

static void tell_name(gt_lang_parser *p, const gt_lang_token *token)
{
    char name[GT_LANG_MAX_NAME + 1];
    const char *text = p->lexer.text + token->place.offset;
    if (token->odd == GT_LANG_ODD_SUBSCRIPT) {
        gt_lang_parse_fail(p, token->place, "%.*s: a name has no subscript", (int)token->letters, text);
        gt_lang_advise_step(p, text, (size_t)((const char *)memchr(text, '{', token->letters) - text) - 1);
        return;
    }
    gt_lang_parse_fail(p, token->place, "%.*s: a name has the letters from a to z, digits and _", (int)token->letters,
                       text);
    if (spell(p, token, name))
        gt_lang_parse_hint(p, "write %s", name);
}

void gt_lang_tell(gt_lang_parser *p, const gt_lang_token *token)
{
    if (p->failed)
        return;
    if (token->odd != GT_LANG_ODD_NOTHING)
        tell_name(p, token);
    if (p->failed || token->remark.problem == NULL)
        return;
    if (token->remark.spelling != NULL) {
        tell_spelling(p, &token->remark);
        return;
    }
    gt_lang_parse_fail(p, token->remark.place, "%s", token->remark.problem);
    if (token->remark.hint != NULL)
        gt_lang_parse_hint(p, "%s", token->remark.hint);
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
    return gt_lang_parse_fail(p, p->token.place, "the expression nests more than %d levels deep", GT_LANG_MAX_DEPTH);
}

void gt_lang_leave(gt_lang_parser *p)
{
    p->depth--;
}
