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
    return (gt_lang_lexer){.text = text,
                           .size = size,
                           .begin = marked ? 3 : 0,
                           .offset = marked ? 3 : 0,
                           .line = 1,
                           .line_start = marked ? 3 : 0,
                           .fresh_line = true};
}

/* The byte `ahead` of the next one; 0 past the end. */
static char peek(const gt_lang_lexer *l, uint32_t ahead)
{
    return ahead < l->size - l->offset ? l->text[l->offset + ahead] : '\0';
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static uint32_t character(const gt_lang_lexer *l, uint32_t ahead, unsigned *code)
{
    uint32_t at = l->offset + ahead;
    return at < l->size ? (uint32_t)gt_lang_character(l->text + at, l->size - at, code) : (*code = 0, 1);
}

static const gt_lang_spelling *spelling_at(const gt_lang_lexer *l, uint32_t ahead)
{
    uint32_t at = l->offset + ahead;
    return at < l->size ? gt_lang_spelling_find(l->text + at, l->size - at) : NULL;
}

static gt_lang_place place_here(const gt_lang_lexer *l, uint32_t length)
{
    return (gt_lang_place){
        .offset = l->offset, .length = length, .line = l->line, .column = l->offset - l->line_start + 1};
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

/* ---- what no token is made of -------------------------------------------------------------- */

/* Something wrong that is passed: the next token tells of it, so that it is not told twice. */
static void note(gt_lang_lexer *l, uint32_t length, const char *problem, const char *hint)
{
    if (l->noted.problem == NULL)
        l->noted = (gt_lang_remark){.problem = problem, .hint = hint, .place = place_here(l, length)};
}

/* A \ at the end of a line, with which other languages go on in the next. */
static bool skip_continuation(gt_lang_lexer *l)
{
    uint32_t length = 1;
    if (peek(l, 0) != '\\')
        return false;
    while (peek(l, length) == ' ' || peek(l, length) == '\t')
        length++;
    if (l->offset + length < l->size && !ends_line(peek(l, length)))
        return false;
    note(l, 1, "a line goes on while a bracket is open; no \\ is needed",
         "put the expression in parentheses, without the \\");
    l->offset += length;
    bool fresh = l->fresh_line;
    skip_line_end(l);
    l->fresh_line = fresh;
    return true;
}

static bool skip_character(gt_lang_lexer *l)
{
    unsigned code;
    uint32_t length = character(l, 0, &code);
    bool invisible = gt_lang_is_invisible(code);
    if (l->offset == l->size || !(invisible || gt_lang_is_blank(code)))
        return skip_continuation(l);
    if (invisible)
        note(l, length, "an invisible character", "delete it and write the line anew");
    l->offset += length;
    return true;
}

static void skip_blank(gt_lang_lexer *l)
{
    while (skip_character(l))
        ;
    if (peek(l, 0) == '#')
        while (l->offset < l->size && !ends_line(peek(l, 0)))
            l->offset++;
}

/* ---- tokens -------------------------------------------------------------------------------- */

static gt_lang_token token_of(gt_lang_lexer *l, gt_lang_token_kind kind, uint32_t length)
{
    gt_lang_token token = {
        .kind = kind, .place = place_here(l, length), .first_on_line = l->fresh_line, .remark = l->noted};
    l->noted = (gt_lang_remark){0};
    l->offset += length;
    l->fresh_line = false;
    return token;
}

static void remark(gt_lang_token *token, gt_lang_place place, const char *problem, const char *hint)
{
    if (token->remark.problem == NULL)
        token->remark = (gt_lang_remark){.problem = problem, .hint = hint, .place = place};
}

static gt_lang_token wrong(gt_lang_lexer *l, uint32_t length, const char *problem, const char *hint)
{
    gt_lang_token token = token_of(l, GT_TOKEN_WRONG, length);
    remark(&token, token.place, problem, hint);
    return token;
}

static void remark_spelling(gt_lang_token *token, gt_lang_place place, const gt_lang_spelling *spelling)
{
    bool free = token->remark.problem == NULL;
    remark(token, place, spelling->problem, spelling->hint);
    if (free)
        token->remark.spelling = spelling;
}

/* ---- names and numbers --------------------------------------------------------------------- */

/* A letter of a name in any alphabet; 0 if there is none. */
static uint32_t letter_length(const gt_lang_lexer *l, uint32_t ahead)
{
    char c = peek(l, ahead);
    unsigned code;
    if (is_letter(c) || is_digit(c))
        return 1;
    if ((unsigned char)c < 0x80 || spelling_at(l, ahead) != NULL)
        return 0;
    uint32_t length = character(l, ahead, &code);
    return length == 1 || gt_lang_is_blank(code) || gt_lang_is_invisible(code) ? 0 : length;
}

/* The braces behind the letters of h_{t-1}; 0 if there are none. */
static uint32_t subscript_length(const gt_lang_lexer *l, uint32_t ahead)
{
    uint32_t length = 0;
    if (peek(l, ahead) != '{' || peek(l, ahead - 1) != '_')
        return 0;
    while (peek(l, ahead + length) != '\0' && !ends_line(peek(l, ahead + length)) && peek(l, ahead + length) != '}')
        length++;
    return peek(l, ahead + length) == '}' ? length + 1 : 0;
}

/* The bytes of a prime, or of what is meant to be one; 0 if there is none. */
static uint32_t prime_length(const gt_lang_lexer *l, uint32_t ahead, const gt_lang_spelling **spelling)
{
    *spelling = NULL;
    if (peek(l, ahead) == '\'')
        return 1;
    *spelling = spelling_at(l, ahead);
    if (*spelling != NULL && (*spelling)->meant != NULL && strcmp((*spelling)->meant, "'") == 0)
        return (uint32_t)strlen((*spelling)->written);
    return 0;
}

static gt_lang_place part_of(const gt_lang_token *token, uint32_t from, uint32_t length)
{
    gt_lang_place place = token->place;
    place.offset += from;
    place.column += from;
    place.length = length;
    return place;
}

/* Primes that are no single ' directly behind the name: h ’, h''. */
static void lex_primes(gt_lang_lexer *l, gt_lang_token *token)
{
    const gt_lang_spelling *spelling;
    uint32_t blanks = 0;
    while (peek(l, blanks) == ' ' || peek(l, blanks) == '\t')
        blanks++;
    uint32_t length = prime_length(l, blanks, &spelling);
    if (length == 0 || (blanks > 0 && letter_length(l, blanks + length) > 0))
        return;
    uint32_t from = token->place.length + blanks;
    token->primed = true;
    token->place.length += blanks + length;
    l->offset += blanks + length;
    if (spelling != NULL)
        remark_spelling(token, part_of(token, from, length), spelling);
    else if (blanks > 0)
        remark(token, part_of(token, from, length), "a prime belongs directly behind the name of a state", NULL);
    if ((length = prime_length(l, 0, &spelling)) == 0)
        return;
    remark(token, part_of(token, token->place.length, length), "a name has one prime",
           "h is the state before the step, and h' the one after it");
    token->place.length += length;
    l->offset += length;
}

static gt_lang_token lex_name(gt_lang_lexer *l)
{
    uint32_t length = 0, more;
    bool other = false;
    for (; (more = letter_length(l, length)) > 0; length += more)
        other = other || more > 1;
    uint32_t braces = subscript_length(l, length);
    if (length + braces > GT_LANG_MAX_NAME)
        return wrong(l, length + braces, "a name has at most 48 letters", NULL);
    gt_lang_token token = token_of(l, GT_TOKEN_NAME, length + braces);
    token.letters = length + braces;
    token.odd = braces > 0 ? GT_LANG_ODD_SUBSCRIPT : other ? GT_LANG_ODD_LETTER : GT_LANG_ODD_NOTHING;
    lex_primes(l, &token);
    return token;
}

static uint32_t skip_digits(const gt_lang_lexer *l, uint32_t length)
{
    while (is_digit(peek(l, length)))
        length++;
    return length;
}

/* 1.2.3: what goes on behind a number with another point and digits. */
static uint32_t skip_points(const gt_lang_lexer *l, uint32_t length)
{
    while (peek(l, length) == '.' && is_digit(peek(l, length + 1)))
        length = skip_digits(l, length + 1);
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
    uint32_t more = skip_points(l, length);
    if (more == length && !is_letter(peek(l, length)))
        return token_of(l, GT_TOKEN_NUMBER, length);
    for (length = more; is_letter(peek(l, length)) || is_digit(peek(l, length)); length++)
        ;
    return wrong(l, length, "a name cannot begin with a digit, and a product needs its *", NULL);
}

/* ---- symbols ------------------------------------------------------------------------------- */

static bool is_double(const gt_lang_lexer *l)
{
    static const char *const doubles[] = {"**", "<=", ">=", "==", "!="};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        if (peek(l, 0) == doubles[i][0] && peek(l, 1) == doubles[i][1])
            return true;
    return false;
}

/* The symbol that `length` bytes stand for. */
static gt_lang_token symbol_of(gt_lang_lexer *l, const char symbol[3], uint32_t length)
{
    if (symbol[0] == '(' || symbol[0] == '[')
        l->open_brackets++;
    if ((symbol[0] == ')' || symbol[0] == ']') && l->open_brackets > 0)
        l->open_brackets--;
    gt_lang_token token = token_of(l, GT_TOKEN_SYMBOL, length);
    memcpy(token.symbol, symbol, sizeof token.symbol);
    return token;
}

static gt_lang_token lex_symbol(gt_lang_lexer *l)
{
    uint32_t length = is_double(l) ? 2 : 1;
    const char symbol[3] = {peek(l, 0), length == 2 ? peek(l, 1) : '\0', '\0'};
    return symbol_of(l, symbol, length);
}

/* ---- what is not of the language ----------------------------------------------------------- */

/* To the quotation mark that closes the one here, over lines only for three of them; to the end of the line if none
 * does. */
static uint32_t string_length(const gt_lang_lexer *l, uint32_t quotes)
{
    uint32_t to_end = 0;
    for (uint32_t i = quotes; l->offset + i < l->size; i++) {
        if (ends_line(peek(l, i)) && to_end == 0)
            to_end = i;
        if (to_end != 0 && quotes < 3)
            return to_end;
        if (l->size - l->offset - i >= quotes && memcmp(l->text + l->offset, l->text + l->offset + i, quotes) == 0)
            return i + quotes;
    }
    return to_end != 0 ? to_end : l->size - l->offset;
}

/* A line that begins within the token ends the lines before it. */
static void count_lines(gt_lang_lexer *l, uint32_t from)
{
    gt_lang_lexer inside = *l;
    for (inside.offset = from; inside.offset < l->offset;)
        if (!skip_line_end(&inside))
            inside.offset++;
    l->line = inside.line;
    l->line_start = inside.line_start;
}

static gt_lang_token lex_string(gt_lang_lexer *l, uint32_t quotes, const char *problem, const char *hint)
{
    uint32_t from = l->offset;
    gt_lang_token token = wrong(l, string_length(l, quotes), problem, hint);
    count_lines(l, from);
    return token;
}

static gt_lang_token lex_spelling(gt_lang_lexer *l, const gt_lang_spelling *spelling)
{
    uint32_t length = (uint32_t)strlen(spelling->written);
    if (spelling->written[0] == '"')
        return lex_string(l, length, spelling->problem, spelling->hint);
    char symbol[3] = "";
    if (spelling->meant != NULL)
        strncpy(symbol, spelling->meant, 2);
    bool understood = spelling->meant != NULL && spelling->meant[0] != '\'';
    gt_lang_token token = understood ? symbol_of(l, symbol, length) : token_of(l, GT_TOKEN_WRONG, length);
    remark_spelling(&token, token.place, spelling);
    return token;
}

static gt_lang_token lex_backslash(gt_lang_lexer *l)
{
    uint32_t length = 1;
    while (is_letter(peek(l, length)))
        length++;
    return wrong(l, length, "there is no \\ in a cell",
                 "formulas are written as NumPy has them: tanh(u), sigmoid(u), u * v, W @ u");
}

static gt_lang_token lex_wrong(gt_lang_lexer *l)
{
    unsigned code;
    uint32_t length = character(l, 0, &code);
    if (code == 0)
        return wrong(l, 1, "a NUL character: this is no text", NULL);
    if (code < 32 || (code >= 127 && code < 160))
        return wrong(l, length, "a control character", "delete it");
    if (code == '\'' && peek(l, 1) == '\'' && peek(l, 2) == '\'')
        return lex_string(l, 3, "there are no strings in a cell", "a comment begins with #");
    if (code == '\'' && is_letter(peek(l, 1)))
        return lex_string(l, 1, "there are no strings in a cell", "a comment begins with #");
    if (code == '\'')
        return wrong(l, 1, "a prime belongs directly behind the name of a state", NULL);
    if (code == '\\')
        return lex_backslash(l);
    return wrong(l, length, "a character that has no meaning here", NULL);
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
        l->noted = before.noted;
        return token;
    }
    char c = peek(l, 0);
    const gt_lang_spelling *spelling;
    if (l->offset == l->size)
        return token_of(l, GT_TOKEN_END, 0);
    if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
        return lex_number(l);
    if (letter_length(l, 0) > 0)
        return lex_name(l);
    if (!is_double(l) && (spelling = spelling_at(l, 0)) != NULL)
        return lex_spelling(l, spelling);
    if (is_double(l) || (c != '\0' && strchr("()[],:.=~+-*/@<>", c) != NULL))
        return lex_symbol(l);
    return lex_wrong(l);
}
