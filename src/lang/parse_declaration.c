/* Inputs, states and parameters: names, sizes and initial values. */
#include "lang/functions.h"
#include "lang/parser.h"
#include "lang/record.h"

#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

/* ---- initial values ------------------------------------------------------------------------ */

static bool parse_constant(gt_lang_parser *p, double *value)
{
    if (gt_lang_at_symbol(p, "["))
        return gt_lang_parse_fail(p, p->token.place, "an initial value is one number, the same for all entries");
    gt_lang_expression *e = gt_lang_parse_sum(p);
    if (e == NULL)
        return false;
    if (!gt_lang_number(NULL, e, value)) {
        gt_lang_parse_fail(p, e->place, "an initial value is made of numbers alone");
        gt_lang_parse_hint(p, "what depends on sizes is ~ glorot or ~ orthogonal");
        return false;
    }
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

/* glorot, glorot() */
static bool parse_no_numbers(gt_lang_parser *p, const char *name)
{
    if (!gt_lang_accept(p, "(") || gt_lang_accept(p, ")"))
        return true;
    gt_lang_parse_fail(p, p->token.place, "%s takes no numbers", name);
    gt_lang_parse_hint(p, "write ~ %s; a deviation of your own is ~ normal(deviation)", name);
    return false;
}

static bool parse_numbers(gt_lang_parser *p, int count, double numbers[2])
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_expect(p, "(", count == 1 ? "and a number" : "and two numbers"))
        return false;
    for (int i = 0; i < count; i++)
        if ((i > 0 && !gt_lang_expect(p, ",", "and a second number: uniform(low, high)")) ||
            !parse_constant(p, &numbers[i]))
            return false;
    if (count == 1 && gt_lang_at_symbol(p, ",")) {
        gt_lang_parse_fail(p, p->token.place, "normal takes one number, the standard deviation");
        gt_lang_parse_hint(p, "the mean is 0: write normal(deviation)");
        return false;
    }
    return gt_lang_expect_close(p, ")", open, ")");
}

/* What others call them. */
static const struct {
    const char *name, *hint;
} initializers_elsewhere[] = {
    {"xavier", "write ~ glorot"},
    {"xavier_uniform", "write ~ glorot"},
    {"glorot_uniform", "write ~ glorot"},
    {"xavier_normal", "write ~ glorot"},
    {"kaiming", "write ~ glorot, or ~ normal(deviation)"},
    {"he", "write ~ glorot, or ~ normal(deviation)"},
    {"lecun", "write ~ glorot, or ~ normal(deviation)"},
    {"zeros", "write = 0"},
    {"zero", "write = 0"},
    {"ones", "write = 1"},
    {"constant", "write = and the number"},
    {"gaussian", "write ~ normal(deviation)"},
    {"randn", "write ~ normal(1)"},
    {"rand", "write ~ uniform(0, 1)"},
    {"eye", "write ~ orthogonal"},
    {"identity", "write ~ orthogonal"},
};

static void advise_initializer(gt_lang_parser *p, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (size_t i = 0; i < sizeof initializers_elsewhere / sizeof *initializers_elsewhere; i++)
        if (strcmp(name, initializers_elsewhere[i].name) == 0) {
            gt_lang_parse_hint(p, "%s", initializers_elsewhere[i].hint);
            return;
        }
    for (int i = 0; i < INITIALIZERS; i++)
        gt_nearest_offer(&nearest, initializers[i].name);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "glorot, orthogonal, normal(deviation), uniform(low, high), or = for a constant");
}

static bool unknown_initializer(gt_lang_parser *p)
{
    const char *name = gt_lang_token_name(p, &p->token);
    if (name == NULL)
        return false;
    gt_lang_tell(p, &p->token);
    gt_lang_parse_fail(p, p->token.place, "there is no initializer %s", name);
    advise_initializer(p, name);
    return false;
}

/* "= glorot": the sign is wrong; "= zeros" is a constant in the words of others. */
static bool is_distribution(gt_lang_parser *p)
{
    if (p->token.kind != GT_TOKEN_NAME)
        return false;
    const char *name = gt_lang_token_name(p, &p->token);
    if (name == NULL)
        return true;
    for (int i = 0; i < INITIALIZERS; i++) {
        if (strcmp(name, initializers[i].name) != 0)
            continue;
        gt_lang_parse_fail(p, p->token.place, "a distribution stands behind ~, and a constant behind =");
        gt_lang_parse_hint(p, "write ~ in place of =");
        return true;
    }
    for (size_t i = 0; i < sizeof initializers_elsewhere / sizeof *initializers_elsewhere; i++)
        if (strcmp(name, initializers_elsewhere[i].name) == 0)
            return unknown_initializer(p), true;
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
        if (initializers[i].count == 0 ? !parse_no_numbers(p, initializers[i].name)
                                       : !parse_numbers(p, initializers[i].count, numbers))
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
        if (is_distribution(p) || !parse_constant(p, &d->initializer.a))
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

/* W(n_a, n_x), W n_a: sizes that are not in brackets. */
static bool fail_sizes(gt_lang_parser *p, const gt_lang_declaration *d)
{
    bool parameter = d->role == GT_LANG_PARAMETER;
    gt_lang_tell(p, &p->token);
    if (gt_lang_at_symbol(p, "(")) {
        gt_lang_parse_fail(p, p->token.place, "sizes stand in brackets [ ]");
        gt_lang_parse_hint(p, parameter ? "%s[n_a, n_x] is a matrix, %s[n_a] a vector" : "write %s[n]", d->name,
                           d->name);
        return false;
    }
    gt_lang_parse_fail(p, d->place, "%s needs a size", d->name);
    gt_lang_parse_hint(p, parameter ? "%s[n_a, n_x] is a matrix, %s[n_a] a vector" : "write %s[n]", d->name, d->name);
    return false;
}

static bool is_batch(const gt_lang_expression *size)
{
    static const char *const names[] = {"m", "batch", "batch_size", "B", "N", "T", "t", "time", "steps", "seq_len"};
    for (size_t i = 0; i < sizeof names / sizeof *names && size->kind == GT_LANG_NAME; i++)
        if (strcmp(size->name, names[i]) == 0)
            return true;
    return false;
}

/* x[m, n_x] of PyTorch, x[n_x, batch]: the examples are no size that is declared. The features are understood. */
static bool fail_second_size(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_token comma = p->token;
    gt_lang_pass(p);
    gt_lang_expression *second = gt_lang_parse_sum(p);
    if (second == NULL)
        return false;
    if (is_batch(d->rows))
        d->rows = second;
    gt_lang_parse_fail(p, comma.place, "an input or a state has one size; its columns are the examples");
    if (d->rows->place.length <= 40)
        gt_lang_parse_hint(p, "write %s[%.*s], with the number of features alone", d->name, (int)d->rows->place.length,
                           p->lexer.text + d->rows->place.offset);
    return true;
}

static bool parse_sizes(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_at_symbol(p, "["))
        return fail_sizes(p, d);
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, "]")) /* x[] */
        return fail_sizes(p, d);
    d->rows = gt_lang_parse_sum(p);
    if (d->rows == NULL)
        return false;
    if (d->role != GT_LANG_PARAMETER && gt_lang_at_symbol(p, ",") && !fail_second_size(p, d))
        return false;
    if (gt_lang_accept(p, ",") || gt_lang_accept(p, ";")) {
        d->columns = gt_lang_parse_sum(p);
        if (d->columns == NULL)
            return false;
        if (gt_lang_at_symbol(p, ","))
            return gt_lang_parse_fail(p, p->token.place, "a parameter has at most two sizes");
    }
    if (p->token.kind == GT_TOKEN_NAME && !p->token.first_on_line) {
        gt_lang_parse_fail(p, p->token.place, "sizes have a comma between them");
        gt_lang_parse_hint(p, "write a comma before %.*s", (int)p->token.letters,
                           p->lexer.text + p->token.place.offset);
        return false;
    }
    return gt_lang_expect_close(p, "]", open, "] behind the size");
}

/* Goes on with the next declaration of the line, so that one mistake costs one name alone. */
static bool recover_declaration(gt_lang_parser *p)
{
    uint32_t depth = 0;
    for (; p->token.kind != GT_TOKEN_END && p->token.kind != GT_TOKEN_NEWLINE; gt_lang_pass(p)) {
        if (p->token.place.line > p->statement_line && gt_lang_at_statement(p))
            return false;
        depth += gt_lang_at_symbol(p, "(") || gt_lang_at_symbol(p, "[");
        depth -= depth > 0 && (gt_lang_at_symbol(p, ")") || gt_lang_at_symbol(p, "]"));
        bool inside = p->lexer.open_brackets > 0;
        bool separates = gt_lang_at_symbol(p, ",") && (!inside || (depth == 0 && gt_lang_followed_by_declaration(p)));
        if (separates) {
            p->failed = false;
            p->lexer.open_brackets = 0;
            return true;
        }
    }
    return false;
}

static void keep_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration d)
{
    gt_lang_declaration *room = GT_LANG_GROW(p, cell->declarations, cell->declaration_count);
    if (room == NULL)
        return;
    *room = d;
    cell->declaration_count++;
}

static bool parse_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    gt_lang_declaration d = {.role = role, .place = p->token.place};
    d.name = gt_lang_parse_new_name(p, "a name");
    if (d.name == NULL)
        return false;
    if (gt_lang_is_primed(d.name))
        return gt_lang_parse_fail(p, d.place, "a declared name has no prime");
    bool sized = parse_sizes(p, &d), understood = sized && parse_initializer(p, &d);
    if (!sized)
        d.rows = NULL; /* kept all the same, so that uses of the name are not errors, too */
    keep_declaration(p, cell, d);
    return understood;
}

/* "W[n, k] U[n, n]", "W[n, k]; U[n, n]" */
static bool separated(gt_lang_parser *p)
{
    if (gt_lang_accept(p, ","))
        return true;
    if (gt_lang_at_symbol(p, ";") && gt_lang_followed_by_declaration(p)) {
        gt_lang_parse_fail(p, p->token.place, "names of one line have a comma between them");
        gt_lang_advance(p);
        return true;
    }
    if (p->token.kind != GT_TOKEN_NAME || p->token.first_on_line || !gt_lang_followed_by(p, "["))
        return false;
    gt_lang_parse_fail(p, p->token.place, "names of one line have a comma between them");
    gt_lang_parse_hint(p, "write a comma before %.*s", (int)p->token.letters, p->lexer.text + p->token.place.offset);
    return true;
}

bool gt_lang_parse_declarations(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    bool good = true;
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, ":")) {
        gt_lang_parse_fail(p, p->token.place, "the names follow without a colon");
        gt_lang_advance(p);
    }
    do {
        if (!good)
            gt_lang_advance(p); /* the comma */
        good = parse_declaration(p, cell, role);
    } while (good ? separated(p) : recover_declaration(p));
    return good;
}
