/* Calls of functions. */
#include "lang/functions.h"
#include "lang/parser.h"

#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

/* ---- functions that are not there ---------------------------------------------------------- */

/* What NumPy, PyTorch and the like call what is written otherwise here. */
static const struct {
    const char *name, *hint;
} elsewhere[] = {
    {"dot", "a product of matrices is written u @ v"},
    {"matmul", "a product of matrices is written u @ v"},
    {"multiply", "element by element: u * v"},
    {"concatenate", "write concat(u, v)"},
    {"cat", "write concat(u, v)"},
    {"hstack", "only the feature axis can be joined, by concat(u, v)"},
    {"vstack", "write concat(u, v)"},
    {"transpose", "write u.T"},
    {"square", "write u**2"},
    {"power", "write u**2, with a constant exponent"},
    {"pow", "write u**2, with a constant exponent"},
    {"max", "of two arrays, element by element: maximum(u, v)"},
    {"min", "of two arrays, element by element: minimum(u, v)"},
    {"clip", "write minimum(maximum(u, low), high)"},
    {"sigma", "write sigmoid(u)"},
    {"logistic", "write sigmoid(u)"},
    {"expit", "write sigmoid(u)"},
    {"log1p", "write log(1 + u)"},
    {"reciprocal", "write 1 / u"},
    {"layer_norm", "write layernorm(u)"},
    {"detach", "write stop_gradient(u)"},
};

static void explain_unknown(gt_lang_parser *p, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        if (strcmp(elsewhere[i].name, name) != 0)
            continue;
        gt_lang_parse_hint(p, "%s", elsewhere[i].hint);
        return;
    }
    for (int i = 0; i < GT_LANG_FUNCTION_COUNT; i++)
        gt_nearest_offer(&nearest, gt_lang_function_at((gt_lang_function)i)->name);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "a product needs its operator: %s * (...), or @ for matrices", name);
}

/* ---- arguments ----------------------------------------------------------------------------- */

/* -2 and 0 are features, -1 and 1 are examples, as in NumPy. */
static bool set_axis(gt_lang_parser *p, gt_lang_expression *call, double axis, gt_lang_place place)
{
    if (axis != 0 && axis != 1 && axis != -1 && axis != -2)
        return gt_lang_parse_fail(p, place, "axis is 0, over the features, or 1, over the examples");
    call->axis = axis == 0 || axis == -2 ? 0 : 1;
    return true;
}

/* A number as it is written, with or without a minus. */
static bool integer_of(const gt_lang_expression *e, double *value)
{
    double sign = 1;
    if (e->kind == GT_LANG_NEGATE) {
        e = e->arguments[0];
        sign = -1;
    }
    if (e->kind != GT_LANG_NUMBER)
        return false;
    *value = sign * e->number;
    return true;
}

static bool parse_axis(gt_lang_parser *p, gt_lang_expression *call)
{
    gt_lang_place place = p->token.place;
    double axis;
    gt_lang_expression *value = gt_lang_parse_sum(p);
    if (value == NULL)
        return false;
    return set_axis(p, call, integer_of(value, &axis) ? axis : NAN, place);
}

/* keepdims=True is how it is anyway. */
static bool parse_keepdims(gt_lang_parser *p)
{
    if (!gt_lang_at_word(p, "True"))
        return gt_lang_parse_fail(p, p->token.place, "sums and means always keep their axis: keepdims=True");
    gt_lang_advance(p);
    return true;
}

/* "axis=1", if that is next; *found says so. */
static bool parse_keyword(gt_lang_parser *p, gt_lang_expression *call, bool *found)
{
    gt_lang_place name = p->token.place;
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token next = gt_lang_lex(&ahead);
    *found = p->token.kind == GT_TOKEN_NAME && next.kind == GT_TOKEN_SYMBOL &&
             strcmp(next.symbol, "=") == 0 && !p->token.first_on_line;
    if (!*found)
        return true;
    const gt_lang_function_entry *function = gt_lang_function_at(call->function);
    bool axis = gt_lang_at_word(p, "axis"), keepdims = gt_lang_at_word(p, "keepdims");
    if (!function->has_axis || !(axis || keepdims))
        return gt_lang_parse_fail(p, name, "%s takes no '%.*s='", function->name,
                                  (int)name.length, p->lexer.text + name.offset);
    gt_lang_advance(p);
    gt_lang_advance(p);
    return axis ? parse_axis(p, call) : parse_keepdims(p);
}

static bool parse_arguments(gt_lang_parser *p, gt_lang_expression *call, gt_lang_place open)
{
    bool keyword = false;
    if (gt_lang_accept(p, ")"))
        return true;
    do {
        if (!parse_keyword(p, call, &keyword))
            return false;
        if (!keyword && !gt_lang_parse_operand(p, call, gt_lang_parse_expression(p)))
            return false;
    } while (gt_lang_accept(p, ",") && !gt_lang_at_symbol(p, ")"));
    return gt_lang_expect_close(p, ")", open, ", or ) behind the argument");
}

/* sum(u, 1) is sum(u, axis=1). */
static bool take_axis(gt_lang_parser *p, gt_lang_expression *call)
{
    double axis;
    if (!gt_lang_function_at(call->function)->has_axis || call->argument_count != 2 ||
        !integer_of(call->arguments[1], &axis))
        return true;
    call->argument_count = 1;
    return set_axis(p, call, axis, call->arguments[1]->place);
}

static bool check_count(gt_lang_parser *p, const gt_lang_expression *call)
{
    static const char *const counts[] = {"no argument", "one argument", "two arguments", "three arguments"};
    const gt_lang_function_entry *function = gt_lang_function_at(call->function);
    uint32_t count = call->argument_count;
    if (count >= function->least && count <= function->most)
        return true;
    return gt_lang_parse_fail(p, call->place, "%s takes %s%s, not %u", function->name,
                              function->most > 3 ? "at least " : "", counts[function->least], count);
}

gt_lang_expression *gt_lang_parse_call(gt_lang_parser *p, gt_lang_place name, gt_lang_place open)
{
    gt_lang_expression *call = gt_lang_parse_node(p, GT_LANG_CALL, name);
    const char *text = gt_lang_place_text(p, name);
    if (call == NULL || text == NULL)
        return NULL;
    if (!gt_lang_function_find(text, &call->function)) {
        if (!p->failed) {
            gt_lang_parse_fail(p, name, "there is no function %s", text);
            explain_unknown(p, text);
        }
        return NULL;
    }
    if (!parse_arguments(p, call, open))
        return NULL;
    call->place = gt_lang_place_from(p, name);
    return take_axis(p, call) && check_count(p, call) ? call : NULL;
}
