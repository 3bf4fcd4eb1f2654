/* Initial values: numbers, distributions, and expressions of them. */
#include "lang/draws.h"
#include "lang/functions.h"
#include "lang/parse.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/record.h"
#include "lang/repetition.h"

#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

/* ---- draws --------------------------------------------------------------------------------- */

/* A number of a distribution, which may be an expression. */
static gt_lang_expression *parse_number(gt_lang_parser *p)
{
    double value;
    gt_lang_expression *e = gt_lang_parse_sum(p);
    if (e != NULL && gt_lang_number(NULL, e, &value) && !isfinite(value)) {
        gt_lang_parse_fail(p, e->place, "the number is not finite");
        return NULL;
    }
    return e;
}

static bool parse_drawn(gt_lang_parser *p, gt_lang_expression *draw)
{
    const gt_lang_draw_entry *entry = gt_lang_draw_at(draw->draw);
    gt_lang_place open = p->token.place;
    if (!gt_lang_expect(p, "(", entry->count == 1 ? "and a number" : "and two numbers"))
        return false;
    for (uint32_t i = 0; i < entry->count; i++)
        if ((i > 0 && !gt_lang_expect(p, ",", "and a second number: uniform(low, high)")) ||
            !gt_lang_parse_operand(p, draw, parse_number(p)))
            return false;
    if (draw->draw == GT_LANG_DRAW_NORMAL && gt_lang_at_symbol(p, ",")) {
        gt_lang_parse_fail(p, p->token.place, "normal takes one number, the standard deviation");
        gt_lang_parse_hint(p, "the mean is 0: write normal(deviation)");
        return false;
    }
    return gt_lang_expect_close(p, ")", open, ")");
}

bool gt_lang_check_drawn(gt_lang_parser *p, const gt_lang_expression *draw)
{
    double numbers[GT_LANG_MOST_DRAWN] = {0, 0};
    if (!gt_lang_drawn_numbers(NULL, draw, numbers))
        return true; /* known when arrays are made */
    const char *problem = gt_lang_draw_problem(draw->draw, numbers);
    if (problem != NULL)
        gt_lang_parse_fail(p, draw->place, "%s", problem);
    return problem == NULL;
}

gt_lang_expression *gt_lang_parse_draw(gt_lang_parser *p, gt_lang_draw draw, gt_lang_place start)
{
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_DRAW, start);
    if (node == NULL)
        return NULL;
    node->draw = draw;
    node->site = p->draws++;
    if (!parse_drawn(p, node))
        return NULL;
    node->place = gt_lang_place_from(p, start);
    return gt_lang_check_drawn(p, node) ? node : NULL;
}

/* ---- distributions -------------------------------------------------------------------------- */

/* Those of whole arrays, by their kind or as the formula of an entry. */
static const struct {
    const char *name;
    gt_initializer_kind kind;
    const char *formula;
} initializers[] = {
    {"glorot", GT_INITIALIZE_GLOROT, NULL},
    {"orthogonal", GT_INITIALIZE_ORTHOGONAL, NULL},
    {"identity", GT_INITIALIZE_FORMULA, "i == j"},
    /* HiPPO-LegS: Gu et al. 2020, equation 4 */
    {"hippo", GT_INITIALIZE_FORMULA, "where(i > j, -sqrt((2 * i + 1) * (2 * j + 1)), where(i == j, -(i + 1), 0))"},
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
    {"eye", "write ~ identity"},
    {"HiPPO", "write ~ hippo"},
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
    for (int i = 0; i < GT_LANG_DRAW_COUNT; i++)
        gt_nearest_offer(&nearest, gt_lang_draw_at((gt_lang_draw)i)->name);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "glorot, orthogonal, identity, normal(deviation), uniform(low, high), or = for numbers "
                              "and formulas");
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

static bool fail_sign(gt_lang_parser *p, gt_lang_place place)
{
    gt_lang_parse_fail(p, place, "a distribution stands behind ~, and a constant behind =");
    gt_lang_parse_hint(p, "write ~ in place of =");
    return true;
}

/* "= glorot": the sign is wrong; "= zeros" is a constant in the words of others. */
static bool is_distribution(gt_lang_parser *p)
{
    if (p->token.kind != GT_TOKEN_NAME)
        return false;
    const char *name = gt_lang_token_name(p, &p->token);
    if (name == NULL)
        return true;
    for (int i = 0; i < INITIALIZERS; i++)
        if (strcmp(name, initializers[i].name) == 0)
            return fail_sign(p, p->token.place);
    for (size_t i = 0; i < sizeof initializers_elsewhere / sizeof *initializers_elsewhere; i++)
        if (strcmp(name, initializers_elsewhere[i].name) == 0)
            return unknown_initializer(p), true;
    return false;
}

/* What was read, as a number or a distribution if it is one, and otherwise as a formula. */
static bool take(gt_lang_parser *p, gt_lang_declaration *d, gt_lang_expression *e)
{
    double numbers[GT_LANG_MOST_DRAWN] = {0, 0};
    const gt_lang_environment known = gt_lang_known_numbers(p);
    bool drawn = e->kind == GT_LANG_DRAW && gt_lang_drawn_numbers(&known, e, numbers);
    if (drawn)
        d->initializer = gt_lang_draw_initializer(e->draw, numbers);
    else if (gt_lang_number(&known, e, &numbers[0]))
        d->initializer = (gt_initializer){.kind = GT_INITIALIZE_CONSTANT, .a = numbers[0]};
    else
        d->initializer.kind = GT_INITIALIZE_FORMULA;
    d->initial = e;
    if (!isfinite(numbers[0]))
        gt_lang_parse_fail(p, e->place, "the number is not finite");
    return isfinite(numbers[0]);
}

static bool take_named(gt_lang_parser *p, gt_lang_declaration *d, int i)
{
    gt_lang_place place = p->token.place;
    gt_lang_advance(p);
    d->initializer.kind = initializers[i].kind;
    if (!parse_no_numbers(p, initializers[i].name) || initializers[i].formula == NULL)
        return !p->failed;
    if (d->columns == NULL) {
        gt_lang_parse_fail(p, place, "%s is of a matrix, and %s has one size", initializers[i].name, d->name);
        gt_lang_parse_hint(p, "a vector begins with = and a number, or a formula of the row i");
        return false;
    }
    d->initial = (gt_lang_expression *)gt_lang_parse_formula(p->pool, initializers[i].formula);
    p->no_memory = p->no_memory || d->initial == NULL;
    return d->initial != NULL;
}

static bool parse_distribution(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_place start = p->token.place;
    if (p->token.kind != GT_TOKEN_NAME)
        return gt_lang_unexpected(p, "glorot, orthogonal, normal(deviation) or uniform(low, high)");
    for (int i = 0; i < INITIALIZERS; i++) {
        if (!gt_lang_at_word(p, initializers[i].name))
            continue;
        if (d->role == GT_LANG_PARAMETER)
            return take_named(p, d, i);
        gt_lang_parse_fail(p, start, "%s is no parameter that begins %s",
                           d->role == GT_LANG_INPUT ? "an input" : "a state", initializers[i].name);
        gt_lang_parse_hint(p, "what %s it is normal(deviation), uniform(low, high) or bernoulli(p)",
                           d->role == GT_LANG_INPUT ? "check draws for" : "a sequence draws for");
        return false;
    }
    for (int i = 0; i < GT_LANG_DRAW_COUNT; i++) {
        if (!gt_lang_at_word(p, gt_lang_draw_at((gt_lang_draw)i)->name))
            continue;
        gt_lang_advance(p);
        gt_lang_expression *e = gt_lang_parse_draw(p, (gt_lang_draw)i, start);
        if (e == NULL)
            return false;
        return take(p, d, e);
    }
    return unknown_initializer(p);
}

/* ---- formulas ------------------------------------------------------------------------------ */

static const gt_lang_expression *find_draw(const gt_lang_expression *e)
{
    const gt_lang_expression *found = e->kind == GT_LANG_DRAW ? e : NULL;
    for (uint32_t i = 0; i < gt_lang_operand_count(e) && found == NULL; i++)
        found = find_draw(gt_lang_operand(e, i));
    return found;
}

/* state h[n] = tanh(h0): what its names are is known when all are declared. */
static bool take_computed(gt_lang_parser *p, gt_lang_declaration *d, const gt_lang_expression *e)
{
    d->initializer.kind = GT_INITIALIZE_ZEROS;
    const gt_lang_expression *draw = find_draw(e);
    if (draw != NULL) {
        d->initial = NULL;
        gt_lang_parse_fail(p, draw->place, "a state is drawn as a whole, and not in a formula");
        gt_lang_parse_hint(p, "what a sequence draws stands behind ~: state %s[...] ~ normal(deviation)", d->name);
        return false;
    }
    size_t size = gt_lang_print(e, NULL, 0) + 1;
    char *text = gt_pool_new(p->pool, size, 1);
    p->no_memory = p->no_memory || text == NULL;
    if (text == NULL)
        return false;
    gt_lang_print(e, text, size);
    d->begins_with = text;
    return true;
}

static bool parse_formula(gt_lang_parser *p, gt_lang_declaration *d)
{
    if (gt_lang_at_symbol(p, "["))
        return gt_lang_parse_fail(p, p->token.place, "an initial value is one number, the same for all entries");
    gt_lang_expression *e = gt_lang_parse_expression(p);
    if (e == NULL)
        return false;
    if (e->kind == GT_LANG_DRAW)
        return !fail_sign(p, e->place);
    if (!take(p, d, e))
        return false;
    return d->role != GT_LANG_STATE || d->initializer.kind != GT_INITIALIZE_FORMULA || take_computed(p, d, e);
}

static bool parse_value(gt_lang_parser *p, gt_lang_declaration *d)
{
    if (!gt_lang_accept(p, "=")) {
        gt_lang_advance(p);
        return parse_distribution(p, d);
    }
    return !is_distribution(p) && parse_formula(p, d);
}

bool gt_lang_parse_initial(gt_lang_parser *p, gt_lang_declaration *d)
{
    bool matrix = d->role == GT_LANG_PARAMETER && d->columns != NULL;
    gt_lang_place start = p->token.place;
    d->initializer.kind = matrix ? GT_INITIALIZE_GLOROT : GT_INITIALIZE_ZEROS;
    d->initialized = gt_lang_at_symbol(p, "=") || gt_lang_at_symbol(p, "~");
    if (!d->initialized)
        return true;
    if (d->role == GT_LANG_INPUT && gt_lang_at_symbol(p, "=")) {
        gt_lang_parse_fail(p, start, "an input has no initial value");
        gt_lang_parse_hint(p, "what check draws for it stands behind ~: %s[...] ~ bernoulli(0.5)", d->name);
        return false;
    }
    d->drawn = d->role == GT_LANG_STATE && gt_lang_at_symbol(p, "~");
    p->initial = true;
    p->draws = 0;
    bool understood = parse_value(p, d);
    p->initial = false;
    d->initializer_place = gt_lang_place_from(p, start);
    return understood;
}
