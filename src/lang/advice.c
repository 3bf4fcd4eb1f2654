#include "lang/advice.h"

#include "lang/definitions.h"
#include "lang/functions.h"
#include "lang/names.h"

#include "base/utf8.h"

#include <string.h>

enum { LONGEST_PIECE = 48, LONGEST_HINT = 360 };

/* ---- what is written ----------------------------------------------------------------------- */

static bool is_symbol(const gt_lang_token *token, const char *symbol)
{
    return token->kind == GT_TOKEN_SYMBOL && strcmp(token->symbol, symbol) == 0;
}

static bool opens(const gt_lang_token *token)
{
    return is_symbol(token, "(") || is_symbol(token, "[");
}

static bool closes(const gt_lang_token *token)
{
    return is_symbol(token, ")") || is_symbol(token, "]") || token->kind == GT_TOKEN_END;
}

static uint32_t end_of(const gt_lang_token *token)
{
    return token->place.offset + token->place.length;
}

static gt_lang_piece piece(const gt_lang_lexer *lexer, uint32_t from, uint32_t to)
{
    return (gt_lang_piece){lexer->text + from, to - from};
}

static void add(gt_lang_written *written, gt_lang_piece argument)
{
    if (written->count < GT_LANG_MOST_WRITTEN)
        written->arguments[written->count] = argument;
    written->count++;
}

/* From `token`, of which `lexer` is behind: to the end of the argument, whose last token is *last. */
static gt_lang_token pass_argument(gt_lang_lexer *lexer, gt_lang_token token, gt_lang_token *last)
{
    for (uint32_t depth = 0; token.kind != GT_TOKEN_END; token = gt_lang_lex(lexer)) {
        if (depth == 0 && (closes(&token) || is_symbol(&token, ",") || is_symbol(&token, ";")))
            break;
        if (opens(&token))
            depth++;
        if (closes(&token))
            depth--;
        *last = token;
    }
    return token;
}

/* Goes into a list or a tuple that is the only argument: cat([u, v]). */
static bool enter_list(gt_lang_lexer *lexer, gt_lang_token *token)
{
    gt_lang_lexer ahead = *lexer;
    gt_lang_token last = *token, next;
    if (!opens(token))
        return false;
    next = pass_argument(&ahead, *token, &last);
    if (!(closes(&last) && (closes(&next) || is_symbol(&next, ","))))
        return false;
    ahead = *lexer;
    next = gt_lang_lex(&ahead);
    last = next;
    gt_lang_token behind = pass_argument(&ahead, next, &last);
    if (is_symbol(token, "(") && !is_symbol(&behind, ","))
        return false; /* parentheses */
    *token = gt_lang_lex(lexer);
    return true;
}

void gt_lang_read_written(gt_lang_lexer lexer, gt_lang_token token, gt_lang_written *written)
{
    *written = (gt_lang_written){.count = 0};
    enter_list(&lexer, &token);
    while (!closes(&token)) {
        gt_lang_token first = token, last = token;
        gt_lang_lexer ahead = lexer;
        gt_lang_token next = gt_lang_lex(&ahead);
        bool keyword = first.kind == GT_TOKEN_NAME && is_symbol(&next, "=");
        token = pass_argument(&lexer, token, &last);
        if (keyword && written->keywords.length == 0)
            written->keywords.text = piece(&lexer, first.place.offset, end_of(&last)).text;
        if (written->keywords.text != NULL)
            written->keywords.length = (uint32_t)(lexer.text + end_of(&last) - written->keywords.text);
        if (!keyword && token.place.offset > first.place.offset) /* nothing stands in f(, u) */
            add(written, piece(&lexer, first.place.offset, end_of(&last)));
        if (!closes(&token))
            token = gt_lang_lex(&lexer);
    }
}

void gt_lang_put_first(gt_lang_written *written, gt_lang_piece first)
{
    for (uint32_t i = GT_LANG_MOST_WRITTEN - 1; i > 0; i--)
        written->arguments[i] = written->arguments[i - 1];
    written->arguments[0] = first;
    written->count++;
}

/* ---- words --------------------------------------------------------------------------------- */

typedef struct hint {
    char text[LONGEST_HINT];
    size_t used;
} hint;

static void put(hint *h, const char *text, size_t length)
{
    for (size_t i = 0; i < length && h->used + 1 < sizeof h->text; i++) {
        char c = text[i];
        bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (blank && h->used > 0 && h->text[h->used - 1] == ' ')
            continue;
        h->text[h->used++] = blank ? ' ' : c;
    }
    h->text[h->used] = '\0';
}

static bool is_usable(gt_lang_piece argument)
{
    return argument.length > 0 && argument.length <= LONGEST_PIECE &&
           memchr(argument.text, '#', argument.length) == NULL;
}

bool gt_lang_has_operator(gt_lang_piece argument)
{
    int depth = 0;
    for (uint32_t i = 0; i < argument.length; i++) {
        char c = argument.text[i];
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (depth == 0 && strchr("+-*/@<>=!", c) != NULL)
            return true;
    }
    return false;
}

static void put_argument(hint *h, const gt_lang_written *written, uint32_t i, bool own, bool operand)
{
    static const char *const letters[GT_LANG_MOST_WRITTEN] = {"u", "v", "w"};
    bool enclosed = own && operand && gt_lang_has_operator(written->arguments[i]);
    put(h, "(", enclosed);
    if (own)
        put(h, written->arguments[i].text, written->arguments[i].length);
    else
        put(h, letters[i], 1);
    put(h, ")", enclosed);
}

/* The user's own arguments if there are as many as the words need, and none is long. */
static bool has_own(const gt_lang_elsewhere *function, const gt_lang_written *written)
{
    bool own = written->count > 0 && (function->argument_count == 0 || written->count == function->argument_count);
    for (uint32_t i = 0; i < written->count && i < GT_LANG_MOST_WRITTEN; i++)
        own = own && is_usable(written->arguments[i]);
    return own;
}

static void put_all(hint *h, const gt_lang_written *written, bool own)
{
    if (!own || written->count > GT_LANG_MOST_WRITTEN)
        put(h, "u, v", 4);
    for (uint32_t i = 0; own && i < written->count && written->count <= GT_LANG_MOST_WRITTEN; i++) {
        put(h, ", ", i > 0 ? 2 : 0);
        put_argument(h, written, i, true, false);
    }
}

static void put_words(hint *h, const gt_lang_elsewhere *function, const gt_lang_written *written)
{
    bool own = has_own(function, written);
    for (const char *c = function->words; *c != '\0'; c++) {
        if ((*c == '$' || *c == '&') && c[1] >= '1' && c[1] <= '3')
            put_argument(h, written, (uint32_t)(c[1] - '1'), own, *c == '&');
        else if (*c == '$')
            put_all(h, written, own);
        else
            put(h, c, 1);
        c += *c == '$' || *c == '&';
    }
}

bool gt_lang_advise_call(gt_lang_parser *p, const char *name, const gt_lang_written *written)
{
    const gt_lang_elsewhere *function = gt_lang_elsewhere_find(name);
    gt_lang_function own = GT_LANG_FUNCTION_COUNT;
    hint h = {.used = 0};
    if (gt_lang_function_find(name, &own) || gt_lang_knows_function(p, name)) {
        put(&h, name, strlen(name));
        put(&h, "(", 1);
        put_all(&h, written, has_own(&(gt_lang_elsewhere){.argument_count = 0}, written));
        if (own != GT_LANG_FUNCTION_COUNT && gt_lang_function_at(own)->has_axis && is_usable(written->keywords)) {
            put(&h, ", ", 2);
            put(&h, written->keywords.text, written->keywords.length);
        }
        put(&h, ")", 1);
        gt_lang_parse_hint(p, "write %s", h.text);
        return true;
    }
    if (function == NULL)
        return false;
    if (function->words != NULL)
        put_words(&h, function, written);
    gt_lang_parse_hint(p, "%s%s%s%s", function->words != NULL ? "write " : "", h.text,
                       function->words != NULL && function->note != NULL ? ": " : "",
                       function->note != NULL ? function->note : "");
    return true;
}

/* ---- tokens that cannot be where they are -------------------------------------------------- */

static bool ends_operand(const gt_lang_token *token)
{
    return token->kind == GT_TOKEN_NAME || token->kind == GT_TOKEN_NUMBER || is_symbol(token, ")") ||
           is_symbol(token, "]");
}

static bool begins_operand(const gt_lang_token *token)
{
    return token->kind == GT_TOKEN_NAME || token->kind == GT_TOKEN_NUMBER || is_symbol(token, "(");
}

/* "W x", "2 h", "tanh h": two operands with nothing between them. */
static void advise_product(gt_lang_parser *p)
{
    const gt_lang_token *left = &p->before, *right = &p->token;
    const char *text = p->lexer.text;
    bool named = left->kind == GT_TOKEN_NAME || left->kind == GT_TOKEN_NUMBER;
    int left_length = named ? (int)left->place.length : 1,
        right_length = is_symbol(right, "(") ? 5 : (int)right->place.length;
    const char *first = named ? text + left->place.offset : "u";
    const char *second = is_symbol(right, "(") ? "(...)" : text + right->place.offset;
    gt_lang_function function;
    char name[GT_LANG_MAX_NAME + 2];
    gt_utf8_format(name, sizeof name, "%.*s", left_length, first);
    const gt_lang_declaration *d = gt_lang_find_declaration(p->cell, first, (size_t)left_length);
    if (left->kind == GT_TOKEN_NAME && gt_lang_function_find(name, &function))
        gt_lang_parse_hint(p, "write %s(%.*s)", name, right_length, second);
    else if (d != NULL && d->columns != NULL)
        gt_lang_parse_hint(p, "the product of a matrix is written %s @ %.*s", name, right_length, second);
    else if (left->kind == GT_TOKEN_NUMBER)
        gt_lang_parse_hint(p, "a product needs its *: %s * %.*s", name, right_length, second);
    else
        gt_lang_parse_hint(p, "a product needs its operator: %.*s * %.*s element by element, or @ for matrices",
                           left_length, first, right_length, second);
}

static bool advise_word(gt_lang_parser *p)
{
    static const char *const words[][2] = {
        {"if", "where(mask, u, v) is u where the mask is not 0, and v elsewhere"},
        {"else", "where(mask, u, v) is u where the mask is not 0, and v elsewhere"},
        {"for", "a cell is one time step, which is repeated; over the features there is sum(u, axis=0)"},
        {"and", "a product of masks is 1 where both hold: (u > 0) * (v > 0)"},
        {"or", "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)"},
        {"not", "1 - mask is 1 where the mask is 0"},
        {"is", "to compare, write =="},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_lang_at_word(p, words[i][0])) {
            gt_lang_parse_hint(p, "%s", words[i][1]);
            return true;
        }
    return false;
}

void gt_lang_advise_unexpected(gt_lang_parser *p)
{
    const gt_lang_token *token = &p->token;
    bool behind = ends_operand(&p->before) && token->place.line == p->before.place.line;
    if (advise_word(p))
        return;
    if (behind && begins_operand(token))
        advise_product(p);
    else if (is_symbol(token, "~"))
        gt_lang_parse_hint(p, "1 - mask is 1 where the mask is 0");
    else if (is_symbol(token, "=") && !behind)
        gt_lang_parse_hint(p, "a name stands before the =, and an expression behind it");
}

void gt_lang_advise_end(gt_lang_parser *p)
{
    const gt_lang_token *token = &p->token;
    if (is_symbol(token, "="))
        gt_lang_parse_hint(p, "an equation has one =; to compare, write ==");
    else if (is_symbol(token, ":"))
        gt_lang_parse_hint(p, "no line ends with a colon");
    else if (is_symbol(token, ")") || is_symbol(token, "]"))
        gt_lang_parse_hint(p, "this bracket closes none");
    else if (is_symbol(token, ","))
        gt_lang_parse_hint(p, "an equation has one value; arrays are joined by concat(u, v)");
}

/* ---- steps --------------------------------------------------------------------------------- */

void gt_lang_advise_step(gt_lang_parser *p, const char *base, size_t length)
{
    if (length == 0)
        return; /* _{t} */
    const gt_lang_declaration *d = gt_lang_find_declaration(p->cell, base, length);
    if (d != NULL && d->role == GT_LANG_STATE)
        gt_lang_parse_hint(p, "%s is the state before the step, and %s' the one after it", d->name, d->name);
    else if (d != NULL && d->role == GT_LANG_INPUT)
        gt_lang_parse_hint(p, "%s is the input of the step", d->name);
    else
        gt_lang_parse_hint(p,
                           "a name stands for its value at the step: write %.*s; what is needed at the next "
                           "step is a state",
                           (int)length, base);
}

/* ---- statements of other languages --------------------------------------------------------- */

static const struct {
    const char *word, *problem, *hint;
    bool goes_on;
} words[] = {
    {"for", "a loop is written for i in 0:4:",
     "a cell is one time step, which is repeated for each; what is repeated in it stands below, further to the right",
     false},
    {"while", "there are no loops in a cell but repeat 6: and for i in 0:6:",
     "a cell is one time step, which is repeated for each", false},
    {"if", "there is no if in a cell", "where(mask, u, v) is u where the mask is not 0, and v elsewhere", false},
    {"elif", "there is no elif in a cell", "where(mask, u, v) is u where the mask is not 0, and v elsewhere", false},
    {"else", "there is no else in a cell", "where(mask, u, v) is u where the mask is not 0, and v elsewhere", false},
    {"return", "nothing is returned by a cell",
     "the next state is assigned, h' = ..., and a result is declared, output y = ...", false},
    {"yield", "nothing is returned by a cell",
     "the next state is assigned, h' = ..., and a result is declared, output y = ...", false},
    {"def", "a function is defined by its formula", "write def f(u) = ...", false},
    {"function", "a function is defined by its formula", "write def f(u) = ...", false},
    {"lambda", "a function is defined by its formula", "write def f(u) = ...", false},
    {"class", "there are no classes", "a cell begins with 'cell NAME'; its equations follow", false},
    {"import", "nothing is imported", "all functions are there already: tanh, sigmoid, concat, ...", false},
    {"from", "nothing is imported", "all functions are there already: tanh, sigmoid, concat, ...", false},
    {"pass", "there is no pass in a cell", "leave the line out", false},
    {"print", "nothing is printed by a cell", "output y = u shows a value", false},
    {"assert", "nothing is asserted by a cell", "shapes are checked without being asked", false},
    {"end", "a cell has no end", "it ends where the next begins, or with the file", false},
    {"let", "an equation begins with the name of its value", NULL, true},
    {"var", "an equation begins with the name of its value", NULL, true},
    {"auto", "an equation begins with the name of its value", NULL, true},
    {"float", "an equation begins with the name of its value", NULL, true},
    {"double", "an equation begins with the name of its value", NULL, true},
    {"int", "an equation begins with the name of its value", NULL, true},
    {"local", "an equation begins with the name of its value", NULL, true},
};

bool gt_lang_tell_word(gt_lang_parser *p, bool *goes_on)
{
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token next = gt_lang_lex(&ahead);
    *goes_on = false;
    if (is_symbol(&next, "="))
        return false; /* a name like any other */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!gt_lang_at_word(p, words[i].word) || (words[i].goes_on && next.kind != GT_TOKEN_NAME))
            continue;
        *goes_on = words[i].goes_on;
        gt_lang_parse_fail(p, p->token.place, "%s", words[i].problem);
        if (*goes_on)
            gt_lang_parse_hint(p, "write %.*s = ..., without %s", (int)next.place.length,
                               p->lexer.text + next.place.offset, words[i].word);
        else
            gt_lang_parse_hint(p, "%s", words[i].hint);
        return true;
    }
    return false;
}
