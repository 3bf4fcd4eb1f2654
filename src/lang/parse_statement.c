/* Names that are given, and equations. */
#include "lang/advice.h"
#include "lang/functions.h"
#include "lang/parser.h"
#include "lang/repetition.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"

#include <string.h>

/* ---- names that are given ------------------------------------------------------------------ */

static bool was_comma(const gt_lang_parser *p)
{
    return p->before.kind == GT_TOKEN_SYMBOL && strcmp(p->before.symbol, ",") == 0 && gt_lang_at_end(p);
}

static const char *fail_name(gt_lang_parser *p, const char *name)
{
    gt_lang_function function;
    if (p->composing)
        return name;
    if (gt_lang_is_keyword(name)) {
        gt_lang_parse_fail(p, p->token.place, "%s is a word of the language and names nothing else", name);
        return NULL;
    }
    if (!gt_lang_function_find(name, &function))
        return name;
    if (gt_lang_followed_by(p, "(")) {
        gt_lang_parse_fail(p, p->token.place, "the value of %s(...) has no name", name);
        gt_lang_parse_hint(p, "an equation is written name = %s(...)", name);
    } else {
        gt_lang_parse_fail(p, p->token.place, "%s is a function; choose another name", name);
    }
    return NULL;
}

const char *gt_lang_parse_new_name(gt_lang_parser *p, const char *what)
{
    if (p->token.kind != GT_TOKEN_NAME) {
        bool comma = was_comma(p), operation = p->token.kind == GT_TOKEN_SYMBOL && strchr("+-*/@<>", *p->token.symbol);
        gt_lang_unexpected(p, what);
        if (comma)
            gt_lang_parse_hint(p, "leave the comma out; each line of declarations begins with its word");
        else if (gt_lang_at_symbol(p, "=") && p->before.kind == GT_TOKEN_NAME)
            gt_lang_parse_hint(p, "a name stands before the =: output y = ...");
        else if (gt_lang_at_symbol(p, "("))
            gt_lang_parse_hint(p, "an equation begins with the name of its one value: name = ...");
        else if (operation)
            gt_lang_parse_hint(p, "a line goes on only while a bracket is open: ( ... )");
        return NULL;
    }
    const char *name = gt_lang_token_name(p, &p->token);
    if (name == NULL || fail_name(p, name) == NULL)
        return NULL;
    gt_lang_advance(p);
    return name;
}

/* ---- equations ----------------------------------------------------------------------------- */

static bool next_is(const gt_lang_parser *p, const char *first, const char *second)
{
    return gt_lang_at_symbol(p, first) && gt_lang_followed_by(p, second);
}

/* What is meant to be =: the equation is read all the same. */
static bool accept_other_equals(gt_lang_parser *p, const char *name)
{
    bool arrow = gt_lang_at_symbol(p, "<") && gt_lang_followed_by(p, "-");
    if (!arrow && !gt_lang_at_symbol(p, "=="))
        return false;
    gt_lang_parse_fail(p, p->token.place, "an equation is written with =");
    gt_lang_parse_hint(p, "write %s = ...", name);
    gt_lang_advance(p);
    if (arrow)
        gt_lang_advance(p);
    return true;
}

/* "parm W[n, k]", "inputs x[n]", "weight W[n, k]" */
static void advise_keyword(gt_lang_parser *p, const char *name)
{
    static const char *const words[] = {"cell", "input", "state", "param", "output", "hidden", "loss", "backward"};
    gt_nearest nearest = {.wanted = name};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        gt_nearest_offer(&nearest, words[i]);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "an equation is written %s = ...", name);
}

/* Behind a name: "y[n]" alone, which declares no one knows what, and "y[0:2] = ...". */
static void fail_brackets(gt_lang_parser *p, const char *name)
{
    gt_lang_place place = p->token.place;
    while (!gt_lang_at_end(p) && !gt_lang_at_symbol(p, "]"))
        gt_lang_pass(p);
    if (gt_lang_at_symbol(p, "]"))
        gt_lang_pass(p);
    if (gt_lang_at_end(p)) {
        gt_lang_parse_fail(p, place, "%s is not declared by this line, nor assigned", name);
        gt_lang_parse_hint(p, "each line of declarations begins with its word: input, state or param");
    } else {
        gt_lang_parse_fail(p, place, "a part of an array cannot be assigned; concat joins parts");
    }
}

static bool parse_equals(gt_lang_parser *p, const char *name)
{
    static const char *const updates[] = {"+", "-", "*", "/", "@"};
    if (gt_lang_accept(p, "=") || accept_other_equals(p, name))
        return true;
    if (gt_lang_at_symbol(p, "[")) {
        fail_brackets(p, name);
        return false;
    }
    for (const char *sign = "+-"; *sign != '\0'; sign++)
        if (next_is(p, (const char[2]){*sign, '\0'}, (const char[2]){*sign, '\0'})) {
            gt_lang_parse_fail(p, p->token.place, "a name is assigned once; there is no %c%c", *sign, *sign);
            gt_lang_parse_hint(p, "give the result another name: %s_2 = %s %c 1", name, name, *sign);
            return false;
        }
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
        if (next_is(p, updates[i], "=")) {
            gt_lang_parse_fail(p, p->token.place, "a name is assigned once; there is no %s=", updates[i]);
            gt_lang_parse_hint(p, "give the result another name: %s_2 = %s %s ...", name, name, updates[i]);
            return false;
        }
    if (gt_lang_at_symbol(p, "~"))
        return gt_lang_parse_fail(p, p->token.place, "only a param has an initializer");
    if (gt_lang_at_symbol(p, ",")) {
        gt_lang_parse_fail(p, p->token.place, "an equation gives one name its value");
        gt_lang_parse_hint(p, "write %s = ..., and the next name in a line of its own", name);
        return false;
    }
    if (p->token.kind != GT_TOKEN_NAME)
        return gt_lang_unexpected(p, "= behind the name");
    gt_lang_tell(p, &p->token);
    gt_lang_parse_fail(p, p->token.place, "expected = behind the name, not '%.*s'", (int)p->token.letters,
                       p->lexer.text + p->token.place.offset);
    advise_keyword(p, name);
    return false;
}

/* ---- words of others ----------------------------------------------------------------------- */

/* What in other words declares: the line is understood all the same. False if it is nothing of that kind. */
static bool declares_otherwise(gt_lang_parser *p, gt_lang_role *role)
{
    static const struct {
        const char *words;
        gt_lang_role role;
    } others[] = {{" inputs Input in ", GT_LANG_INPUT},
                  {" states State hidden carry memory ", GT_LANG_STATE},
                  {" params Param parameter parameters weight weights bias parm ", GT_LANG_PARAMETER}};
    static const char *const names[] = {"input", "state", "param"};
    char word[GT_LANG_MAX_NAME + 3];
    gt_lang_lexer ahead = p->lexer;
    if (p->token.kind != GT_TOKEN_NAME || gt_lang_lex(&ahead).kind != GT_TOKEN_NAME)
        return false;
    gt_utf8_format(word, sizeof word, " %.*s ", (int)p->token.letters, p->lexer.text + p->token.place.offset);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strstr(others[i].words, word) == NULL)
            continue;
        *role = others[i].role;
        gt_lang_parse_fail(p, p->token.place, "there is no word%.*s in a cell", (int)strlen(word) - 1, word);
        gt_lang_parse_hint(p, "write %s", names[i]);
        return true;
    }
    return false;
}

/* self.h = ...: the name stands alone. */
static void pass_owner(gt_lang_parser *p)
{
    gt_lang_place place = p->token.place;
    while (p->token.kind == GT_TOKEN_NAME && gt_lang_followed_by(p, ".")) {
        gt_lang_advance(p);
        gt_lang_advance(p);
    }
    if (p->token.place.offset == place.offset || p->token.kind != GT_TOKEN_NAME)
        return;
    place.length = p->token.place.offset - place.offset;
    gt_lang_parse_fail(p, place, "a name has no point");
    gt_lang_parse_hint(p, "write %.*s = ...", (int)p->token.place.length, p->lexer.text + p->token.place.offset);
}

/* ---- all of an equation -------------------------------------------------------------------- */

/* After a name was understood its equation is kept, so that uses of it are not errors, too. */
bool gt_lang_keep_equation(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_equation equation, bool backward)
{
    gt_lang_equation *room = backward ? GT_LANG_GROW(p, cell->backward, cell->backward_count)
                                      : GT_LANG_GROW(p, cell->equations, cell->equation_count);
    if (room == NULL)
        return false;
    *room = equation;
    if (backward)
        cell->backward_count++;
    else
        cell->equation_count++;
    return true;
}

static bool parse_end_of_value(gt_lang_parser *p)
{
    if (gt_lang_at_end(p))
        return true;
    gt_lang_unexpected(p, "an operator or the end of the line");
    gt_lang_advise_end(p);
    return false;
}

static bool parse_named(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_equation equation, bool backward)
{
    bool understood = false;
    if (parse_equals(p, equation.name)) {
        p->assigns = cell;
        equation.value = gt_lang_parse_expression(p);
        p->assigns = NULL;
        understood = equation.value != NULL && parse_end_of_value(p);
    }
    equation.place = gt_lang_place_from(p, equation.name_place);
    if (equation.target == GT_LANG_LOCAL && !backward) {
        const char *name = gt_lang_carry(p, equation.name, equation.name_place);
        understood = understood && name != NULL;
        equation.name = name != NULL ? name : equation.name;
    }
    if (p->failed)
        equation.value = NULL; /* part of it was guessed */
    return gt_lang_keep_equation(p, cell, equation, backward) && understood;
}

/* A statement of which not even the name is known: what it would have said is not asked for. */
static bool lose(gt_lang_cell *cell)
{
    cell->incomplete = true;
    return false;
}

bool gt_lang_parse_equation(gt_lang_parser *p, gt_lang_cell *cell, bool is_output, bool backward)
{
    gt_lang_role role;
    bool goes_on, hidden = is_output && gt_lang_at_hidden(p), loss = is_output && gt_lang_at_loss(p);
    if (is_output)
        gt_lang_advance(p);
    else if (declares_otherwise(p, &role))
        return gt_lang_parse_declarations(p, cell, role);
    else if (gt_lang_tell_word(p, &goes_on)) {
        if (!goes_on)
            return lose(cell);
        gt_lang_advance(p);
    }
    pass_owner(p);
    gt_lang_equation equation = {.hidden = hidden, .loss = loss, .name_place = p->token.place};
    equation.name = gt_lang_parse_new_name(p, is_output ? "the name of the output" : "a statement");
    if (equation.name == NULL)
        return lose(cell);
    const gt_lang_stack *stack = gt_lang_find_stack(p, equation.name);
    if (stack != NULL && (equation.name = gt_lang_parse_stacked(p, stack, equation.name)) == NULL)
        return lose(cell);
    bool primed = gt_lang_is_primed(equation.name);
    equation.target = is_output ? GT_LANG_OUTPUT : primed && !backward ? GT_LANG_NEXT : GT_LANG_LOCAL;
    if (is_output && primed) {
        gt_lang_parse_fail(p, equation.name_place, "an output has no prime");
        gt_lang_parse_hint(p, "write %s y = %s", hidden ? "hidden" : loss ? "loss" : "output", equation.name);
        return lose(cell);
    }
    if (equation.target == GT_LANG_NEXT && p->repetitions > 0 && stack == NULL) {
        gt_lang_parse_fail(p, equation.name_place, "a next value is assigned once, and not in rounds");
        gt_lang_parse_hint(p, "carry a value, s = ..., and write %s = s below the repetition", equation.name);
        return lose(cell);
    }
    return parse_named(p, cell, equation, backward);
}
