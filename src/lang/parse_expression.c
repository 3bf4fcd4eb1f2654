/* Expressions, with Python's precedence. */
#include "lang/advice.h"
#include "lang/chain.h"
#include "lang/copy.h"
#include "lang/definitions.h"
#include "lang/draws.h"
#include "lang/functions.h"
#include "lang/names.h"
#include "lang/parser.h"
#include "lang/repetition.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gt_lang_expression *parse_binary(gt_lang_parser *p, int strength);

/* ---- nodes --------------------------------------------------------------------------------- */

gt_lang_expression *gt_lang_parse_node(gt_lang_parser *p, gt_lang_kind kind, gt_lang_place start)
{
    gt_lang_expression *node = gt_pool_new(p->pool, 1, sizeof *node);
    if (node == NULL) {
        p->no_memory = true;
        return NULL;
    }
    if (p->expansion != NULL && ++p->expanded > GT_LANG_MOST_EXPANDED) {
        gt_lang_parse_fail(p, *p->expansion, "the functions of this text make more than %d operations",
                           GT_LANG_MOST_EXPANDED);
        return NULL;
    }
    *node = (gt_lang_expression){.kind = kind,
                                 .axis = GT_LANG_ALL_AXES,
                                 .depth = 1,
                                 .place = gt_lang_place_from(p, start),
                                 .operator_place = gt_lang_here(p, start)};
    return node;
}

gt_lang_expression *gt_lang_new_named(gt_lang_parser *p, const char *name, gt_lang_place place)
{
    gt_lang_expression *node = name == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_NAME, place);
    if (node == NULL)
        return NULL;
    node->name = name;
    node->place = place;
    return node;
}

bool gt_lang_parse_operand(gt_lang_parser *p, gt_lang_expression *node, gt_lang_expression *operand)
{
    if (node == NULL || operand == NULL)
        return false;
    gt_lang_expression **room = GT_LANG_GROW(p, node->arguments, node->argument_count);
    if (room == NULL)
        return false;
    *room = operand;
    node->argument_count++;
    gt_lang_deepen(node, operand);
    if (node->depth <= GT_LANG_MAX_DEPTH)
        return true;
    return gt_lang_parse_fail(p, node->operator_place, "the expression nests more than %d levels deep",
                              GT_LANG_MAX_DEPTH);
}

/* ---- numbers and names --------------------------------------------------------------------- */

/* strtod, whatever the locale takes for a decimal point. */
static bool read_number(gt_lang_parser *p, gt_lang_place place, double *number)
{
    const char *point = localeconv()->decimal_point;
    size_t used = 0, point_length = strlen(point);
    char *text = gt_pool_new(p->pool, place.length + point_length + 1, 1);
    if (text == NULL) {
        p->no_memory = true;
        return false;
    }
    for (uint32_t i = 0; i < place.length; i++) {
        char c = p->lexer.text[place.offset + i];
        if (c == '.')
            used += (size_t)snprintf(text + used, point_length + 1, "%s", point);
        else
            text[used++] = c;
    }
    *number = strtod(text, NULL);
    return isfinite(*number) || gt_lang_parse_fail(p, place, "the number is too large");
}

static gt_lang_expression *parse_number(gt_lang_parser *p)
{
    gt_lang_place place = p->token.place;
    double number;
    if (!read_number(p, place, &number))
        return NULL;
    gt_lang_advance(p);
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NUMBER, place);
    if (node != NULL)
        node->number = number;
    return node;
}

static bool find_draw(gt_lang_parser *p, const gt_lang_token *name, gt_lang_draw *draw)
{
    const char *text = gt_lang_token_name(p, name);
    return text != NULL && gt_lang_draw_find(text, draw);
}

static gt_lang_expression *parse_pi(gt_lang_parser *p, gt_lang_place place)
{
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NUMBER, place);
    if (node != NULL)
        node->number = 3.141592653589793;
    return node;
}

/* The number, unless the cell has given the name another meaning. */
static bool is_pi(const gt_lang_parser *p, const gt_lang_token *name)
{
    if (name->letters != 2 || name->primed || memcmp(p->lexer.text + name->place.offset, "pi", 2) != 0)
        return false;
    return p->bindings != NULL ? !gt_lang_is_bound(p, "pi") : !gt_lang_has_name(p->cell, "pi");
}

/* i or j in the value of a constant array. */
static bool is_index(const gt_lang_parser *p, const gt_lang_token *name)
{
    const char text[2] = {p->lexer.text[name->place.offset], '\0'};
    return name->letters == 1 && !name->primed && (*text == 'i' || *text == 'j') && !gt_lang_has_number(p->cell, text);
}

static gt_lang_expression *parse_index(gt_lang_parser *p, const gt_lang_token *name)
{
    gt_lang_equation *array = p->indexed;
    bool column = p->lexer.text[name->place.offset] == 'j';
    const gt_lang_expression *size = column ? array->columns : array->rows;
    *(column ? &array->has_column : &array->has_row) = true;
    if (size != NULL)
        return gt_lang_parse_index(p, size, column, name->place);
    gt_lang_parse_fail(p, name->place, "%s has one size, and no column j", array->name);
    gt_lang_parse_hint(p, "i is the row");
    return NULL;
}

/* The variable of a loop is its number in this round. */
static gt_lang_expression *parse_variable(gt_lang_parser *p, const gt_lang_variable *variable, gt_lang_place place)
{
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NUMBER, place);
    if (node == NULL)
        return NULL;
    node->number = fabs(variable->value);
    if (variable->value >= 0)
        return node;
    node = gt_lang_new_negation(p->pool, node);
    p->no_memory = p->no_memory || node == NULL;
    return node;
}

static gt_lang_expression *parse_name(gt_lang_parser *p)
{
    gt_lang_token name = p->token;
    gt_lang_draw draw;
    gt_lang_pass(p);
    if (p->initial && gt_lang_at_symbol(p, "(") && find_draw(p, &name, &draw))
        return gt_lang_parse_draw(p, draw, name.place);
    gt_lang_place open = p->token.place;
    if (gt_lang_at_symbol(p, "(") && !name.primed) {
        gt_lang_pass(p);
        return gt_lang_parse_call(p, &name, open);
    }
    gt_lang_tell(p, &name);
    if (is_pi(p, &name))
        return parse_pi(p, name.place);
    if (p->bindings != NULL)
        return gt_lang_parse_bound(p, &name);
    if (p->indexed != NULL && is_index(p, &name))
        return parse_index(p, &name);
    const char *text = gt_lang_token_name(p, &name);
    const gt_lang_variable *variable = text == NULL ? NULL : gt_lang_find_variable(p, text);
    const gt_lang_stack *stack = text == NULL ? NULL : gt_lang_find_stack(p, text);
    if (variable != NULL)
        return parse_variable(p, variable, name.place);
    if (stack != NULL)
        text = gt_lang_parse_stacked(p, stack, text);
    gt_lang_expression *node = text == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_NAME, name.place);
    if (node != NULL)
        node->name = gt_lang_carried_name(p, text);
    return node == NULL || node->name == NULL ? NULL : node;
}

/* [u, v], and (u, v) at its comma: arrays are joined by concat. */
static gt_lang_expression *fail_list(gt_lang_parser *p, gt_lang_place place, const char *what, gt_lang_lexer lexer,
                                     gt_lang_token first)
{
    gt_lang_written written;
    gt_lang_read_written(lexer, first, &written);
    gt_lang_parse_fail(p, place, "there are no %s in a cell", what);
    gt_lang_advise_call(p, "concat", &written);
    return NULL;
}

static gt_lang_expression *parse_enclosed(gt_lang_parser *p)
{
    gt_lang_place open = p->token.place;
    gt_lang_advance(p);
    gt_lang_lexer lexer = p->lexer;
    gt_lang_token first = p->token;
    if (gt_lang_at_symbol(p, ")")) {
        gt_lang_unexpected(p, "an expression");
        return NULL;
    }
    gt_lang_expression *inner = gt_lang_parse_expression(p);
    if (inner != NULL && gt_lang_at_symbol(p, ","))
        return fail_list(p, open, "tuples", lexer, first);
    if (inner == NULL || !gt_lang_expect_close(p, ")", open, ") or an operator"))
        return NULL;
    return inner;
}

/* 2h, 5f, 1_000 */
static void fail_digits(gt_lang_parser *p)
{
    const char *text = p->lexer.text + p->token.place.offset;
    int length = (int)p->token.place.length, digits = 0;
    while (digits < length && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
        digits++;
    bool number = length > GT_LANG_MAX_NAME || digits == length || strchr("_xe", text[digits]) != NULL;
    if (number) {
        gt_lang_parse_fail(p, p->token.place, "this is no number");
        gt_lang_parse_hint(p, "numbers are written 12, 0.5 or 1e-3");
        return;
    }
    gt_lang_tell(p, &p->token);
    gt_lang_parse_hint(p, "write %.*s * %.*s", digits, text, length - digits, text + digits);
}

static gt_lang_expression *parse_atom(gt_lang_parser *p)
{
    if (p->token.kind == GT_TOKEN_NUMBER)
        return parse_number(p);
    if (p->token.kind == GT_TOKEN_NAME)
        return parse_name(p);
    if (gt_lang_at_symbol(p, "("))
        return parse_enclosed(p);
    char first = p->lexer.text[p->token.place.offset];
    if (gt_lang_at_symbol(p, "[")) {
        gt_lang_lexer lexer = p->lexer;
        gt_lang_token behind = gt_lang_lex(&lexer);
        return fail_list(p, p->token.place, "lists", lexer, behind);
    }
    if (p->token.kind == GT_TOKEN_WRONG && p->token.remark.spelling == NULL &&
        ((first >= '0' && first <= '9') || first == '.'))
        fail_digits(p);
    else
        gt_lang_unexpected(p, "an expression");
    return NULL;
}

/* ---- what stands behind -------------------------------------------------------------------- */

/* Writes the bound, if there is one, and what it makes of the depth. */
static bool parse_bound(gt_lang_parser *p, gt_lang_expression *slice, int place)
{
    if (gt_lang_at_symbol(p, ":") || gt_lang_at_symbol(p, ",") || gt_lang_at_symbol(p, "]"))
        return true;
    gt_lang_expression *bound = gt_lang_parse_sum(p);
    slice->bounds[place] = bound;
    if (bound != NULL)
        gt_lang_deepen(slice, bound);
    return bound != NULL;
}

/* h[t - 1]: an index of time. */
static bool is_time(const gt_lang_expression *bound)
{
    const gt_lang_expression *first = bound->kind == GT_LANG_BINARY ? gt_lang_operand(bound, 0) : bound;
    return first->kind == GT_LANG_NAME && strcmp(first->name, "t") == 0;
}

static bool is_small_integer(const gt_lang_expression *e)
{
    return e->kind == GT_LANG_NUMBER && e->number == floor(e->number) && e->number < 1e9;
}

/* A row or a column alone is a slice of length 1: h[0:1], h[-2:-1], h[n:n + 1]. */
static void advise_index(gt_lang_parser *p, const gt_lang_expression *slice, const gt_lang_expression *bound)
{
    const gt_lang_expression *of = slice->arguments[0];
    bool negative = bound->kind == GT_LANG_NEGATE && is_small_integer(bound->arguments[0]);
    double number = negative ? -bound->arguments[0]->number : bound->number;
    const char *name = of->kind == GT_LANG_NAME ? of->name : "W", *other = slice->axis_count > 0 ? ":, " : "",
               *what = slice->axis_count > 0 ? "column" : "row", *text = p->lexer.text + bound->place.offset;
    int length = (int)bound->place.length;
    if (bound->kind == GT_LANG_NAME && (strcmp(bound->name, "None") == 0 || strcmp(bound->name, "newaxis") == 0))
        gt_lang_parse_hint(p, "nor added: everything is a matrix");
    else if (negative && number == -1)
        gt_lang_parse_hint(p, "the last %s alone is %s[%s-1:]", what, name, other);
    else if (negative || is_small_integer(bound))
        gt_lang_parse_hint(p, "%s %.0f alone is %s[%s%.0f:%.0f]", what, number, name, other, number, number + 1);
    else if (bound->kind != GT_LANG_NUMBER && length <= 24)
        gt_lang_parse_hint(p, "%s %.*s alone is %s[%s%.*s:%.*s + 1]", what, length, text, name, other, length, text,
                           length, text);
    else
        gt_lang_parse_hint(p, "row i alone is W[i:i+1, :]");
}

/* h[0], h[:, -1], h[t]: an index where a slice is meant. */
static bool fail_index(gt_lang_parser *p, const gt_lang_expression *slice, const gt_lang_expression *bound)
{
    const gt_lang_expression *of = slice->arguments[0];
    const char *name = of->kind == GT_LANG_NAME ? of->name : "W";
    if (is_time(bound)) {
        gt_lang_parse_fail(p, bound->place, "a cell is one time step: there is no index of time");
        gt_lang_advise_step(p, name, strlen(name));
    } else {
        gt_lang_parse_fail(p, bound->place, "a slice needs its colon: an axis is never dropped");
        advise_index(p, slice, bound);
    }
    return false;
}

static bool parse_axis(gt_lang_parser *p, gt_lang_expression *slice)
{
    int place = 2 * (int)slice->axis_count;
    if (!parse_bound(p, slice, place))
        return false;
    if (!gt_lang_accept(p, ":")) {
        if (slice->bounds[place] == NULL || !(gt_lang_at_symbol(p, ",") || gt_lang_at_symbol(p, "]")))
            return gt_lang_unexpected(p, ": in the slice");
        return fail_index(p, slice, slice->bounds[place]);
    }
    if (!parse_bound(p, slice, place + 1))
        return false;
    slice->axis_count++;
    if (!gt_lang_at_symbol(p, ":"))
        return true;
    gt_lang_parse_fail(p, p->token.place, "a slice has no step");
    gt_lang_parse_hint(p, "parts are contiguous: W[i:j]; what is taken by steps is a product with a mask, or an input");
    return false;
}

static gt_lang_expression *parse_slice(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start)
{
    gt_lang_place open = p->token.place;
    gt_lang_function function;
    gt_lang_advance(p);
    if (operand->kind == GT_LANG_NAME && gt_lang_function_find(operand->name, &function)) {
        gt_lang_written written;
        gt_lang_read_written(p->lexer, p->token, &written);
        gt_lang_parse_fail(p, open, "the argument of %s stands in parentheses ( )", operand->name);
        gt_lang_advise_call(p, operand->name, &written);
        return NULL;
    }
    gt_lang_expression *slice = gt_lang_parse_node(p, GT_LANG_SLICE, start);
    if (!gt_lang_parse_operand(p, slice, operand))
        return NULL;
    slice->operator_place = gt_lang_here(p, open);
    do {
        if (slice->axis_count == 2) {
            gt_lang_parse_fail(p, p->token.place, "a slice has at most two axes");
            gt_lang_parse_hint(p, "everything is a matrix: rows are features, columns are examples");
            return NULL;
        }
        if (!parse_axis(p, slice))
            return NULL;
    } while (gt_lang_accept(p, ","));
    if (!gt_lang_expect_close(p, "]", open, ", or ] in the slice"))
        return NULL;
    slice->place = gt_lang_place_from(p, start);
    return slice;
}

static gt_lang_expression *parse_attribute(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start)
{
    gt_lang_place dot = p->token.place;
    gt_lang_advance(p);
    if (!gt_lang_at_word(p, "T")) {
        gt_lang_fail_point(p, operand);
        return NULL;
    }
    gt_lang_advance(p);
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_TRANSPOSE, start);
    if (!gt_lang_parse_operand(p, node, operand))
        return NULL;
    node->operator_place = gt_lang_place_from(p, dot);
    return node;
}

static gt_lang_expression *parse_postfix(gt_lang_parser *p)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *node = parse_atom(p);
    while (node != NULL) {
        if (gt_lang_at_symbol(p, "."))
            node = parse_attribute(p, node, start);
        else if (gt_lang_at_symbol(p, "["))
            node = parse_slice(p, node, start);
        else
            break;
    }
    return node;
}

/* ---- operators ----------------------------------------------------------------------------- */

gt_lang_expression *gt_lang_parse_join(gt_lang_parser *p, gt_lang_operation operation, gt_lang_place start,
                                       gt_lang_place sign, gt_lang_expression *left, gt_lang_expression *right)
{
    gt_lang_expression *node = right == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_BINARY, start);
    if (node == NULL)
        return NULL;
    node->operation = operation;
    node->operator_place = gt_lang_here(p, sign);
    if (!gt_lang_parse_operand(p, node, left) || !gt_lang_parse_operand(p, node, right))
        return NULL;
    p->no_memory = p->no_memory || !gt_lang_enchain(p->pool, node);
    return p->no_memory ? NULL : node;
}

gt_lang_expression *gt_lang_parse_product(gt_lang_parser *p, gt_lang_expression *const *sizes, uint32_t count)
{
    gt_lang_expression *product = sizes[0];
    for (uint32_t i = 1; i < count && product != NULL; i++)
        product = gt_lang_parse_join(p, GT_LANG_MULTIPLY, sizes[0]->place, sizes[i]->place, product, sizes[i]);
    return product;
}

static gt_lang_expression *parse_signed(gt_lang_parser *p);

static gt_lang_expression *parse_power(gt_lang_parser *p)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *base = parse_postfix(p);
    gt_lang_place sign = p->token.place;
    if (base == NULL || !gt_lang_accept(p, "**"))
        return base;
    return gt_lang_parse_join(p, GT_LANG_POWER, start, sign, base, parse_signed(p));
}

static gt_lang_expression *parse_negation(gt_lang_parser *p)
{
    gt_lang_place sign = p->token.place;
    gt_lang_advance(p);
    gt_lang_expression *operand = parse_signed(p);
    if (operand == NULL)
        return NULL;
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NEGATE, sign);
    return gt_lang_parse_operand(p, node, operand) ? node : NULL;
}

static gt_lang_expression *parse_signed(gt_lang_parser *p)
{
    gt_lang_expression *node = NULL;
    if (!gt_lang_enter(p))
        return NULL;
    while (gt_lang_accept(p, "+"))
        ; /* +x is x */
    node = gt_lang_at_symbol(p, "-") ? parse_negation(p) : parse_power(p);
    gt_lang_leave(p);
    return node;
}

/* The binary operator that is next, ** aside. */
static bool find_operation(const gt_lang_parser *p, gt_lang_operation *operation)
{
    for (int i = 0; i < GT_LANG_POWER; i++) {
        if (!gt_lang_at_symbol(p, gt_lang_operation_text((gt_lang_operation)i)))
            continue;
        *operation = (gt_lang_operation)i;
        return true;
    }
    return false;
}

/* u % v, which no operator of the tree is; elsewhere a % is what begins a comment in other languages. */
static bool at_remainder(const gt_lang_parser *p)
{
    return p->token.kind == GT_TOKEN_WRONG && p->lexer.text[p->token.place.offset] == '%' && !p->token.first_on_line;
}

static gt_lang_expression *parse_remainder(gt_lang_parser *p, gt_lang_place start, gt_lang_expression *left)
{
    gt_lang_definition built_in;
    gt_lang_pass(p);
    gt_lang_expression *arguments[] = {left, parse_binary(p, GT_FORMULA_BINDS_PRODUCT + 1)};
    if (arguments[1] == NULL)
        return NULL;
    const gt_lang_definition *mod = gt_lang_composition(p, "mod", &built_in);
    return mod == NULL ? NULL : gt_lang_expand(p, mod, arguments, gt_lang_place_from(p, start));
}

static gt_lang_expression *parse_binary(gt_lang_parser *p, int strength)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *left = parse_signed(p);
    gt_lang_operation operation;
    for (;;) {
        if (left != NULL && strength <= GT_FORMULA_BINDS_PRODUCT && at_remainder(p)) {
            left = parse_remainder(p, start, left);
            continue;
        }
        if (left == NULL || !find_operation(p, &operation))
            break;
        int binds = gt_lang_operation_strength(operation);
        if (binds < strength)
            break;
        gt_lang_place sign = p->token.place;
        if (binds == GT_FORMULA_BINDS_COMPARISON && p->expansion == NULL && left->kind == GT_LANG_BINARY &&
            gt_lang_operation_strength(left->operation) == binds && left->place.offset == start.offset) {
            gt_lang_parse_fail(p, sign, "comparisons do not chain");
            gt_lang_parse_hint(p, "a < b and b < c are two comparisons; their product is 1 where both hold");
            return NULL;
        }
        gt_lang_advance(p);
        left = gt_lang_parse_join(p, operation, start, sign, left, parse_binary(p, binds + 1));
    }
    return left;
}

gt_lang_expression *gt_lang_parse_sum(gt_lang_parser *p)
{
    return parse_binary(p, GT_FORMULA_BINDS_SUM);
}

gt_lang_expression *gt_lang_parse_expression(gt_lang_parser *p)
{
    return parse_binary(p, GT_FORMULA_BINDS_COMPARISON);
}
