/* Calls of functions. */
#include "lang/advice.h"
#include "lang/chain.h"
#include "lang/copy.h"
#include "lang/definitions.h"
#include "lang/draws.h"
#include "lang/functions.h"
#include "lang/names.h"
#include "lang/parser.h"

#include "gradtape/nearest.h"

#include <math.h>
#include <string.h>

/* ---- functions that are not there ---------------------------------------------------------- */

static void advise_declared(gt_lang_parser *p, const gt_lang_declaration *d, const gt_lang_written *written)
{
    gt_lang_piece argument = written->arguments[0];
    bool step =
        argument.length > 0 && argument.text[0] == 't' && (argument.length == 1 || strchr(" +-", argument.text[1]));
    bool own = written->count == 1 && argument.length <= 40;
    if (step)
        gt_lang_advise_step(p, d->name, strlen(d->name));
    else
        gt_lang_parse_hint(p, "a product needs its operator: %s %c %s%.*s%s", d->name, d->columns != NULL ? '@' : '*',
                           !own || gt_lang_has_operator(argument) ? "(" : "", own ? (int)argument.length : 3,
                           own ? argument.text : "...", !own || gt_lang_has_operator(argument) ? ")" : "");
}

/* The name of a call that is of no function; what is written in the parentheses is next. */
static void fail_unknown(gt_lang_parser *p, gt_lang_place place, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    gt_lang_written written;
    gt_lang_read_written(p->lexer, p->token, &written);
    const gt_lang_declaration *declared = gt_lang_find_declaration(p->cell, name, strlen(name));
    if (declared != NULL) {
        gt_lang_parse_fail(p, place, "%s is no function", name);
        advise_declared(p, declared, &written);
        return;
    }
    if (p->defined != NULL && strcmp(p->defined->name, name) == 0) {
        gt_lang_parse_fail(p, place, "%s cannot call itself", name);
        gt_lang_parse_hint(p, "a function is a formula of those above it; what is repeated stands behind repeat");
        return;
    }
    gt_lang_parse_fail(p, place, "there is no function %s", name);
    if (gt_lang_advise_call(p, name, &written))
        return;
    for (uint32_t i = 0; i < p->definition_count; i++)
        gt_nearest_offer(&nearest, p->definitions[i].name);
    for (uint32_t i = 0; gt_lang_composition_at(i, NULL) != NULL; i++)
        gt_nearest_offer(&nearest, gt_lang_composition_at(i, NULL));
    for (int i = 0; i < GT_LANG_FUNCTION_COUNT; i++)
        gt_nearest_offer(&nearest, gt_lang_function_at((gt_lang_function)i)->name);
    if ((unsigned char)*name > 127)
        gt_lang_parse_hint(p, "functions have names: tanh, sigmoid, relu, softplus, exp, ...");
    else if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else
        gt_lang_parse_hint(p, "a product needs its operator: %s * (...), or @ for matrices", name);
}

/* σ(h) is sigmoid(h); any other letter is only that. */
static const char *function_name(gt_lang_parser *p, const gt_lang_token *name)
{
    const char *text = gt_lang_token_name(p, name);
    return text != NULL && strcmp(text, "σ") == 0 ? "sigma" : text;
}

/* ---- arguments ----------------------------------------------------------------------------- */

/* -2 and 0 are features, -1 and 1 are examples, as in NumPy. */
static bool set_axis(gt_lang_parser *p, gt_lang_expression *call, double axis, gt_lang_place place)
{
    if (axis != -1 && axis != -2 && !(axis >= 0 && axis <= GT_LANG_MAX_AXES && axis == floor(axis)))
        return gt_lang_parse_fail(p, place, "axis is 0, over the features, or 1, over the examples");
    call->axis_from_end = axis < 0;
    call->axis = axis < 0 ? (int)axis + 2 : (int)axis;
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
    if (gt_lang_at_symbol(p, "[") || gt_lang_at_symbol(p, "(") || gt_lang_at_word(p, "None")) {
        gt_lang_parse_fail(p, place, "axis is 0, over the features, or 1, over the examples");
        gt_lang_parse_hint(p, "over both it is left out: %s(u)", gt_lang_function_at(call->function)->name);
        return false;
    }
    gt_lang_expression *value = gt_lang_parse_sum(p);
    if (value == NULL)
        return false;
    return set_axis(p, call, integer_of(value, &axis) ? axis : NAN, place);
}

/* keepdims=True is how it is anyway. */
static bool parse_keepdims(gt_lang_parser *p)
{
    if (!gt_lang_at_word(p, "True")) {
        gt_lang_parse_fail(p, p->token.place, "sums and means always keep their axis: keepdims=True");
        gt_lang_parse_hint(p, "leave it out: an axis of size 1 stretches");
        return false;
    }
    gt_lang_advance(p);
    return true;
}

/* What to write in place of an axis that the function does not take. */
static void advise_without_axis(gt_lang_parser *p, const gt_lang_expression *call, const gt_lang_token *keyword,
                                const gt_lang_token *value)
{
    const char *name = gt_lang_function_at(call->function)->name, *text = p->lexer.text;
    const gt_lang_expression *first = call->argument_count > 0 ? call->arguments[0] : NULL;
    bool short_one = first != NULL && first->place.length <= 40;
    int length = short_one ? (int)first->place.length : 1;
    const char *argument = short_one ? text + first->place.offset : "u";
    bool numpy = keyword == NULL || keyword->letters == strlen("axis") /* not dim */;
    bool examples = numpy && value->place.length == 1 && text[value->place.offset] == '1';
    if (call->function == GT_LANG_CONCAT)
        gt_lang_parse_hint(p, examples ? "the examples, axis 1, cannot be joined; concat(u, v) joins the features"
                                       : "features, the rows, are joined as it is: leave it out");
    else if (!gt_lang_goes_down(call->function))
        gt_lang_parse_hint(p, "leave it out");
    else if (examples)
        gt_lang_parse_hint(p,
                           "it is over the features, the rows: write %s(%.*s); over the examples, axis 1, there is "
                           "%s(u.T).T",
                           name, length, argument, name);
    else
        gt_lang_parse_hint(p, "it is over the features, the rows, as it is: write %s(%.*s)", name, length, argument);
}

/* dim=0 of sum and mean, which is axis=0; PyTorch counts axes the other way, so that nothing is guessed. */
static bool fail_dim(gt_lang_parser *p, const gt_lang_expression *call)
{
    const char *name = gt_lang_function_at(call->function)->name;
    gt_lang_parse_fail(p, p->token.place, "%s takes no '%.*s='", name, (int)p->token.letters,
                       p->lexer.text + p->token.place.offset);
    gt_lang_parse_hint(
        p, "write axis=0 for the sum over the features, the rows, and axis=1 over the examples, the columns; "
           "the axis is kept");
    return false;
}

static bool fail_keyword(gt_lang_parser *p, const gt_lang_expression *call)
{
    gt_lang_token keyword = p->token;
    gt_lang_lexer ahead = p->lexer;
    gt_lang_lex(&ahead); /* = */
    gt_lang_token value = gt_lang_lex(&ahead);
    bool axis = gt_lang_at_word(p, "axis") || gt_lang_at_word(p, "dim");
    if (gt_lang_function_at(call->function)->has_axis && (gt_lang_at_word(p, "dim") || gt_lang_at_word(p, "keepdim")))
        return fail_dim(p, call);
    gt_lang_parse_fail(p, keyword.place, "%s takes no '%.*s='", gt_lang_function_at(call->function)->name,
                       (int)keyword.letters, p->lexer.text + keyword.place.offset);
    if (axis)
        advise_without_axis(p, call, &keyword, &value);
    return false;
}

/* "axis=1", if that is next; *found says so. Another name that begins a line is the equation behind an open bracket. */
static bool parse_keyword(gt_lang_parser *p, gt_lang_expression *call, bool *found)
{
    bool axis = gt_lang_at_word(p, "axis"), keepdims = gt_lang_at_word(p, "keepdims");
    bool own = axis || keepdims || !p->token.first_on_line;
    *found = p->token.kind == GT_TOKEN_NAME && own && gt_lang_followed_by(p, "=");
    if (!*found)
        return true;
    bool over = gt_lang_function_at(call->function)->has_axis || (axis && call->function == GT_LANG_SOFTMAX);
    if (!over || !(axis || keepdims))
        return fail_keyword(p, call);
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
        if (!keyword && gt_lang_at_statement(p))
            return gt_lang_parse_fail(p, open, "this bracket is never closed");
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

/* softmax(u, 0), sum(u, axis), max of three: what may be meant. */
static void advise_count(gt_lang_parser *p, const gt_lang_expression *call)
{
    const gt_lang_function_entry *function = gt_lang_function_at(call->function);
    const char *name = function->name;
    gt_lang_token number = {.kind = GT_TOKEN_NUMBER};
    if (call->argument_count == 2)
        number.place = call->arguments[1]->place;
    if (call->argument_count == 0)
        gt_lang_parse_hint(p, "write %s(u)", name);
    else if (function->has_axis)
        gt_lang_parse_hint(p, "write %s(u, axis=0) over the features, axis=1 over the examples, %s(u) over both", name,
                           name);
    else if (call->argument_count == 2 && gt_lang_goes_down(call->function))
        advise_without_axis(p, call, NULL, &number);
    else if (function->most == 2 && call->argument_count > 2)
        gt_lang_parse_hint(p, "write %s(u, %s(v, w))", name, name);
    else if (call->function == GT_LANG_WHERE)
        gt_lang_parse_hint(p, "where(mask, u, v) is u where the mask is not 0, and v elsewhere");
    else if (function->most == 2)
        gt_lang_parse_hint(p, "it is of two arrays, element by element: write %s(u, v)", name);
}

static bool check_count(gt_lang_parser *p, const gt_lang_expression *call)
{
    static const char *const counts[] = {"no argument", "one argument", "two arguments", "three arguments"};
    const gt_lang_function_entry *function = gt_lang_function_at(call->function);
    uint32_t count = call->argument_count;
    if (count >= function->least && count <= function->most)
        return true;
    gt_lang_parse_fail(p, call->place, "%s takes %s%s, not %u", function->name, function->most > 3 ? "at least " : "",
                       counts[function->least], count);
    advise_count(p, call);
    return false;
}

/* A number that is rather meant as an axis than as an eps. */
static bool is_axis(const gt_lang_expression *e)
{
    double number;
    return integer_of(e, &number) && number == floor(number) && fabs(number) <= 2;
}

/* layernorm(u, eps) */
static gt_lang_expression *expand_layernorm(gt_lang_parser *p, const gt_lang_expression *call)
{
    gt_lang_definition built_in;
    const gt_lang_definition *definition = gt_lang_composition(p, "layernorm", &built_in);
    call->arguments[1]->eps = true;
    return definition == NULL ? NULL : gt_lang_expand(p, definition, call->arguments, call->place);
}

/* Over the examples it is that of the transpose, down its columns. */
static gt_lang_expression *turn_softmax(gt_lang_parser *p, gt_lang_expression *call)
{
    int axis = call->axis;
    call->axis = GT_LANG_ALL_AXES;
    call->axis_from_end = false;
    if (axis == GT_LANG_ALL_AXES || axis == 0)
        return call;
    if (axis != 1) {
        gt_lang_parse_fail(p, call->place, "softmax is over axis 0, the features, or 1, the examples");
        return NULL;
    }
    call->arguments[0] = gt_lang_new_transpose(p->pool, call->arguments[0]);
    if (call->arguments[0] != NULL)
        gt_lang_deepen(call, call->arguments[0]);
    gt_lang_expression *turned = call->arguments[0] == NULL ? NULL : gt_lang_new_transpose(p->pool, call);
    p->no_memory = turned == NULL;
    if (turned != NULL)
        turned->place = turned->operator_place = call->place;
    return turned;
}

gt_lang_expression *gt_lang_parse_call(gt_lang_parser *p, const gt_lang_token *name, gt_lang_place open)
{
    const char *text = function_name(p, name);
    if (text != NULL && strcmp(text, "prev") == 0)
        return gt_lang_parse_prev(p, name, open);
    gt_lang_expression *call = gt_lang_parse_node(p, GT_LANG_CALL, name->place);
    if (call == NULL || text == NULL)
        return NULL;
    if (!gt_lang_function_find(text, &call->function)) {
        gt_lang_definition built_in;
        const gt_lang_definition *definition = gt_lang_definition_find(p, text, &built_in);
        if (definition != NULL && definition->wrong) {
            p->failed = true;
            return NULL;
        }
        if (definition != NULL)
            return gt_lang_parse_defined_call(p, definition, name->place, open);
        gt_lang_draw draw;
        if (gt_lang_draw_find(text, &draw))
            return gt_lang_parse_random(p, name, draw, open);
        if (!p->no_memory)
            fail_unknown(p, name->place, text);
        return NULL;
    }
    if (!parse_arguments(p, call, open))
        return NULL;
    call->place = gt_lang_place_from(p, name->place);
    if (call->function == GT_LANG_LAYERNORM && call->argument_count == 2 && !is_axis(call->arguments[1]))
        return expand_layernorm(p, call);
    if (!take_axis(p, call) || !check_count(p, call))
        return NULL;
    return call->function == GT_LANG_SOFTMAX ? turn_softmax(p, call) : call;
}
