#include "lang/lex.h"

#include <string.h>

/* Of ASCII alone, in every locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

gt_lang_lexer gt_lang_lexer_start(const char *text, uint32_t size)
{
    bool marked = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0; /* a byte order mark */
    return (gt_lang_lexer){.text = text, .size = size, .begin = marked ? 3 : 0,
                           .offset = marked ? 3 : 0, .line = 1, .line_start = marked ? 3 : 0, .fresh_line = true};
}

/* The byte `ahead` of the next one; 0 past the end. */
static char peek(const gt_lang_lexer *l, uint32_t ahead)
{
    return ahead < l->size - l->offset ? l->text[l->offset + ahead] : '\0';
}

static void skip_blank(gt_lang_lexer *l)
{
    while (peek(l, 0) == ' ' || peek(l, 0) == '\t' || peek(l, 0) == '\f')
        l->offset++;
    if (peek(l, 0) == '#')
        while (l->offset < l->size && peek(l, 0) != '\n' && peek(l, 0) != '\r')
            l->offset++;
}

/* A line ends with \n, \r\n or \r. */
static bool skip_line_end(gt_lang_lexer *l)
{
    if (l->offset == l->size || (peek(l, 0) != '\n' && peek(l, 0) != '\r'))
        return false;
    l->offset += peek(l, 0) == '\r' && peek(l, 1) == '\n' ? 2 : 1;
    l->line++;
    l->line_start = l->offset;
    l->fresh_line = true;
    return true;
}

static gt_lang_token token_of(gt_lang_lexer *l, gt_lang_token_kind kind, uint32_t length)
{
    gt_lang_token token = {
        .kind = kind,
        .place = {.offset = l->offset, .length = length, .line = l->line,
                  .column = l->offset - l->line_start + 1},
        .first_on_line = l->fresh_line,
    };
    l->offset += length;
    l->fresh_line = false;
    return token;
}

static gt_lang_token wrong(gt_lang_lexer *l, uint32_t length, const char *problem)
{
    gt_lang_token token = token_of(l, GT_TOKEN_WRONG, length);
    token.problem = problem;
    return token;
}

/* ---- names and numbers --------------------------------------------------------------------- */

static gt_lang_token lex_name(gt_lang_lexer *l)
{
    uint32_t length = 0;
    while (is_letter(peek(l, length)) || is_digit(peek(l, length)))
        length++;
    if (length > GT_LANG_MAX_NAME)
        return wrong(l, length, "a name has at most 48 letters");
    if (peek(l, length) == '\'')
        length++;
    return token_of(l, GT_TOKEN_NAME, length);
}

static uint32_t skip_digits(const gt_lang_lexer *l, uint32_t length)
{
    while (is_digit(peek(l, length)))
        length++;
    return length;
}

/* 12, 1.5, .5, 1., 1e-3 */
static gt_lang_token lex_number(gt_lang_lexer *l)
{
    uint32_t length = skip_digits(l, 0);
    if (peek(l, length) == '.' && !is_letter(peek(l, length + 1)))
        length = skip_digits(l, length + 1);
    if (peek(l, length) == 'e' || peek(l, length) == 'E') {
        uint32_t sign = peek(l, length + 1) == '+' || peek(l, length + 1) == '-';
        if (is_digit(peek(l, length + 1 + sign)))
            length = skip_digits(l, length + 1 + sign);
    }
    if (!is_letter(peek(l, length)))
        return token_of(l, GT_TOKEN_NUMBER, length);
    while (is_letter(peek(l, length)) || is_digit(peek(l, length)))
        length++;
    return wrong(l, length, "a name cannot begin with a digit, and a product needs its *");
}

/* ---- symbols ------------------------------------------------------------------------------- */

static gt_lang_token lex_symbol(gt_lang_lexer *l)
{
    static const char *const doubles[] = {"**", "<=", ">=", "==", "!="};
    char first = peek(l, 0);
    uint32_t length = 1;
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        if (first == doubles[i][0] && peek(l, 1) == doubles[i][1])
            length = 2;
    if (first == '(' || first == '[')
        l->open_brackets++;
    if ((first == ')' || first == ']') && l->open_brackets > 0)
        l->open_brackets--;
    char symbol[3] = {first, length == 2 ? peek(l, 1) : '\0', '\0'};
    gt_lang_token token = token_of(l, GT_TOKEN_SYMBOL, length);
    memcpy(token.symbol, symbol, sizeof symbol);
    return token;
}

static gt_lang_token lex_wrong(gt_lang_lexer *l)
{
    unsigned char first = (unsigned char)peek(l, 0);
    uint32_t length = 1;
    if (first == 0)
        return wrong(l, 1, "a NUL character: this is no text");
    if (first < 32 || first == 127)
        return wrong(l, 1, "a control character");
    if (first < 128) {
        switch (first) {
        case '\'': return wrong(l, 1, "a prime belongs directly behind the name of a state");
        case '"': return wrong(l, 1, "there are no strings in a cell");
        case '\\': return wrong(l, 1, "a line goes on while a bracket is open; no \\ is needed");
        case '^': return wrong(l, 1, "a power is written **, as in x**2");
        case ';': return wrong(l, 1, "one statement per line, without ;");
        case '%': return wrong(l, 1, "there is no % in a cell");
        default: return wrong(l, 1, "a character that has no meaning here");
        }
    }
    while (((unsigned char)peek(l, length) & 0xC0) == 0x80)
        length++; /* all of one character in UTF-8 */
    return wrong(l, length, "outside of comments only ASCII characters are used");
}

gt_lang_token gt_lang_lex(gt_lang_lexer *l)
{
    for (skip_blank(l); l->offset < l->size; skip_blank(l)) {
        bool fresh = l->fresh_line;
        gt_lang_lexer before = *l;
        if (!skip_line_end(l))
            break;
        if (l->open_brackets > 0 || fresh)
            continue; /* a line that goes on, or an empty one */
        uint32_t after = l->offset;
        gt_lang_token token = token_of(&before, GT_TOKEN_NEWLINE, after - before.offset);
        return token;
    }
    char c = peek(l, 0);
    if (l->offset == l->size)
        return token_of(l, GT_TOKEN_END, 0);
    if (is_letter(c))
        return lex_name(l);
    if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
        return lex_number(l);
    if ((c != '\0' && strchr("()[],:.=~+-*/@<>", c) != NULL) || (c == '!' && peek(l, 1) == '='))
        return lex_symbol(l);
    return lex_wrong(l);
}

/* ---- comments ------------------------------------------------------------------------------ */

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
    while (start < l->size && (l->text[start] == ' ' || l->text[start] == '\t'))
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
