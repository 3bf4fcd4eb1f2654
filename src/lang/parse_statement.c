/* Declarations and equations. */
#include "lang/functions.h"
#include "lang/parser.h"
#include "lang/record.h"

#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

/* ---- names that are given ------------------------------------------------------------------ */

/* A new name: no keyword and no function. NULL after an error. */
static const char *parse_new_name(gt_lang_parser *p, const char *what)
{
    gt_lang_function function;
    if (p->token.kind != GT_TOKEN_NAME) {
        gt_lang_unexpected(p, what);
        return NULL;
    }
    const char *name = gt_lang_place_text(p, p->token.place);
    if (name == NULL)
        return NULL;
    if (gt_lang_is_keyword(name)) {
        gt_lang_parse_fail(p, p->token.place, "%s is a word of the language and names nothing else", name);
        return NULL;
    }
    if (gt_lang_function_find(name, &function)) {
        gt_lang_parse_fail(p, p->token.place, "%s is a function; choose another name", name);
        return NULL;
    }
    gt_lang_advance(p);
    return name;
}

static bool is_primed(const char *name)
{
    return name[strlen(name) - 1] == '\'';
}

/* ---- initial values ------------------------------------------------------------------------ */

static bool parse_constant(gt_lang_parser *p, double *value)
{
    gt_lang_expression *e = gt_lang_parse_sum(p);
    if (e == NULL)
        return false;
    if (!gt_lang_number(NULL, e, value))
        return gt_lang_parse_fail(p, e->place, "an initial value is made of numbers alone");
    return isfinite(*value) || gt_lang_parse_fail(p, e->place, "the number is not finite");
}

static const struct {
    const char *name;
    gt_initializer_kind kind;
    int count; /* of numbers in parentheses */
} initializers[] = {
    {"glorot", GT_INITIALIZE_GLOROT, 0},
    {"orthogonal", GT_INITIALIZE_ORTHOGONAL, 0},
    {"normal", GT_INITIALIZE_NORMAL, 1},
    {"uniform", GT_INITIALIZE_UNIFORM, 2},
};
enum { INITIALIZERS = sizeof initializers / sizeof *initializers };

static bool parse_numbers(gt_lang_parser *p, int count, double numbers[2])
{
    gt_lang_place open = p->token.place;
    if (count == 0) {
        if (gt_lang_accept(p, "(")) /* glorot() */
            return gt_lang_expect_close(p, ")", open, ")");
        return true;
    }
    if (!gt_lang_expect(p, "(", count == 1 ? "and a number" : "and two numbers"))
        return false;
    for (int i = 0; i < count; i++)
        if ((i > 0 && !gt_lang_expect(p, ",", "and a second number")) || !parse_constant(p, &numbers[i]))
            return false;
    return gt_lang_expect_close(p, ")", open, ")");
}

static bool unknown_initializer(gt_lang_parser *p)
{
    gt_lang_place place = p->token.place;
    const char *name = gt_lang_place_text(p, place);
    gt_nearest nearest = {.wanted = name};
    if (name == NULL || p->failed)
        return false;
    for (int i = 0; i < INITIALIZERS; i++)
        gt_nearest_offer(&nearest, initializers[i].name);
    gt_lang_parse_fail(p, place, "there is no initializer %s", name);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "glorot, orthogonal, normal(deviation), uniform(low, high), or = for a constant");
    return false;
}

static bool check_limits(gt_lang_parser *p, gt_lang_place place, gt_initializer initializer)
{
    if (initializer.kind == GT_INITIALIZE_NORMAL && initializer.a < 0)
        return gt_lang_parse_fail(p, place, "a standard deviation is not negative");
    if (initializer.kind == GT_INITIALIZE_UNIFORM && initializer.a > initializer.b)
        return gt_lang_parse_fail(p, place, "the lower limit comes first");
    return true;
}

static bool parse_distribution(gt_lang_parser *p, gt_initializer *initializer)
{
    gt_lang_place start = p->token.place;
    if (p->token.kind != GT_TOKEN_NAME)
        return gt_lang_unexpected(p, "glorot, orthogonal, normal(deviation) or uniform(low, high)");
    for (int i = 0; i < INITIALIZERS; i++) {
        if (!gt_lang_at_word(p, initializers[i].name))
            continue;
        double numbers[2] = {0, 0};
        gt_lang_advance(p);
        if (!parse_numbers(p, initializers[i].count, numbers))
            return false;
        *initializer = (gt_initializer){initializers[i].kind, numbers[0], numbers[1]};
        return check_limits(p, gt_lang_place_from(p, start), *initializer);
    }
    return unknown_initializer(p);
}

static bool parse_initializer(gt_lang_parser *p, gt_lang_declaration *d)
{
    bool matrix = d->role == GT_LANG_PARAMETER && d->columns != NULL;
    gt_lang_place start = p->token.place;
    d->initializer.kind = matrix ? GT_INITIALIZE_GLOROT : GT_INITIALIZE_ZEROS;
    d->initialized = gt_lang_at_symbol(p, "=") || gt_lang_at_symbol(p, "~");
    if (!d->initialized)
        return true;
    if (d->role == GT_LANG_INPUT)
        return gt_lang_parse_fail(p, start, "an input has no initial value");
    if (d->role == GT_LANG_STATE && gt_lang_at_symbol(p, "~"))
        return gt_lang_parse_fail(p, start, "a state begins with a constant: %s[...] = 0", d->name);
    if (gt_lang_accept(p, "=")) {
        d->initializer.kind = GT_INITIALIZE_CONSTANT;
        if (!parse_constant(p, &d->initializer.a))
            return false;
    } else {
        gt_lang_advance(p);
        if (!parse_distribution(p, &d->initializer))
            return false;
    }
    d->initializer_place = gt_lang_place_from(p, start);
    return true;
}

/* ---- declarations -------------------------------------------------------------------------- */

static bool parse_sizes(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_at_symbol(p, "[")) {
        gt_lang_parse_fail(p, d->place, "%s needs a size", d->name);
        if (p->failed)
            gt_lang_parse_hint(p, d->role == GT_LANG_PARAMETER ? "%s[n_a, n_x] is a matrix, %s[n_a] a vector"
                                                               : "write %s[n]", d->name, d->name);
        return false;
    }
    gt_lang_advance(p);
    d->rows = gt_lang_parse_sum(p);
    if (d->rows == NULL)
        return false;
    if (d->role != GT_LANG_PARAMETER && gt_lang_at_symbol(p, ",")) {
        gt_lang_parse_fail(p, p->token.place, "an input or a state has one size; its columns are the examples");
        return false;
    }
    if (gt_lang_accept(p, ",")) {
        d->columns = gt_lang_parse_sum(p);
        if (d->columns == NULL)
            return false;
        if (gt_lang_at_symbol(p, ","))
            return gt_lang_parse_fail(p, p->token.place, "a parameter has at most two sizes");
    }
    return gt_lang_expect_close(p, "]", open, "] behind the size");
}

static bool parse_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    gt_lang_declaration d = {.role = role, .place = p->token.place};
    d.name = parse_new_name(p, "a name");
    if (d.name == NULL)
        return false;
    if (is_primed(d.name))
        return gt_lang_parse_fail(p, d.place, "a declared name has no prime");
    bool understood = parse_sizes(p, &d) && parse_initializer(p, &d);
    if (!understood)
        d.rows = NULL; /* kept all the same, so that uses of the name are not errors, too */
    gt_lang_declaration *room = GT_LANG_GROW(p, cell->declarations, cell->declaration_count);
    if (room == NULL)
        return false;
    *room = d;
    cell->declaration_count++;
    return understood;
}

bool gt_lang_parse_declarations(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    gt_lang_advance(p);
    do {
        if (!parse_declaration(p, cell, role))
            return false;
    } while (gt_lang_accept(p, ","));
    return true;
}

/* ---- equations ----------------------------------------------------------------------------- */

static bool parse_equals(gt_lang_parser *p, const char *name)
{
    static const char *const updates[] = {"+", "-", "*", "/", "@"};
    if (gt_lang_accept(p, "="))
        return true;
    if (gt_lang_at_symbol(p, "["))
        return gt_lang_parse_fail(p, p->token.place, "a part of an array cannot be assigned; concat joins parts");
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        gt_lang_lexer ahead = p->lexer;
        gt_lang_token next = gt_lang_lex(&ahead);
        if (gt_lang_at_symbol(p, updates[i]) && next.kind == GT_TOKEN_SYMBOL && next.symbol[0] == '=')
            return gt_lang_parse_fail(p, p->token.place, "a name is assigned once; there is no %s=", updates[i]);
    }
    if (gt_lang_at_symbol(p, "~"))
        return gt_lang_parse_fail(p, p->token.place, "only a param has an initializer");
    if (p->token.kind == GT_TOKEN_NAME) { /* "parm W[n, k]" */
        static const char *const words[] = {"cell", "input", "state", "param", "output", "backward"};
        gt_nearest nearest = {.wanted = name};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            gt_nearest_offer(&nearest, words[i]);
        gt_lang_unexpected(p, "= behind the name");
        if (nearest.best != NULL)
            gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
        return false;
    }
    return gt_lang_unexpected(p, "= behind the name");
}

/* After a name was understood its equation is kept, so that uses of it are not errors, too. */
static bool keep(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_equation equation, bool backward)
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
    return equation.value != NULL;
}

bool gt_lang_parse_equation(gt_lang_parser *p, gt_lang_cell *cell, bool is_output, bool backward)
{
    if (is_output)
        gt_lang_advance(p);
    gt_lang_equation equation = {.name_place = p->token.place};
    equation.name = parse_new_name(p, is_output ? "the name of the output" : "a statement");
    if (equation.name == NULL)
        return false;
    bool primed = is_primed(equation.name);
    equation.target = is_output ? GT_LANG_OUTPUT : primed && !backward ? GT_LANG_NEXT : GT_LANG_LOCAL;
    if (is_output && primed)
        return gt_lang_parse_fail(p, equation.name_place, "an output has no prime");
    if (parse_equals(p, equation.name))
        equation.value = gt_lang_parse_expression(p);
    equation.place = gt_lang_place_from(p, equation.name_place);
    return keep(p, cell, equation, backward);
}
