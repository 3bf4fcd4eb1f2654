/* Expressions, with Python's precedence. */
#include "lang/chain.h"
#include "lang/functions.h"
#include "lang/parser.h"

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
    *node = (gt_lang_expression){.kind = kind, .axis = GT_LANG_ALL_AXES, .depth = 1,
                                 .place = gt_lang_place_from(p, start), .operator_place = start};
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
    return gt_lang_parse_fail(p, node->operator_place,
                              "the expression nests more than %d levels deep", GT_LANG_MAX_DEPTH);
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

static gt_lang_expression *parse_name(gt_lang_parser *p)
{
    gt_lang_place place = p->token.place;
    gt_lang_advance(p);
    gt_lang_place open = p->token.place;
    if (gt_lang_accept(p, "("))
        return gt_lang_parse_call(p, place, open);
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NAME, place);
    if (node != NULL)
        node->name = gt_lang_place_text(p, place);
    return node == NULL || node->name == NULL ? NULL : node;
}

static gt_lang_expression *parse_enclosed(gt_lang_parser *p)
{
    gt_lang_place open = p->token.place;
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, ")")) {
        gt_lang_unexpected(p, "an expression");
        return NULL;
    }
    gt_lang_expression *inner = gt_lang_parse_expression(p);
    if (inner == NULL || !gt_lang_expect_close(p, ")", open, ") or an operator"))
        return NULL;
    return inner;
}

static gt_lang_expression *parse_atom(gt_lang_parser *p)
{
    if (p->token.kind == GT_TOKEN_NUMBER)
        return parse_number(p);
    if (p->token.kind == GT_TOKEN_NAME)
        return parse_name(p);
    if (gt_lang_at_symbol(p, "("))
        return parse_enclosed(p);
    if (gt_lang_at_symbol(p, "[")) {
        gt_lang_parse_fail(p, p->token.place, "there are no lists in a cell");
        gt_lang_parse_hint(p, "arrays are joined by concat(u, v)");
        return NULL;
    }
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

static bool parse_axis(gt_lang_parser *p, gt_lang_expression *slice)
{
    int place = 2 * (int)slice->axis_count;
    gt_lang_place start = p->token.place;
    if (!parse_bound(p, slice, place))
        return false;
    if (!gt_lang_accept(p, ":")) {
        if (slice->bounds[place] == NULL || !(gt_lang_at_symbol(p, ",") || gt_lang_at_symbol(p, "]")))
            return gt_lang_unexpected(p, ": in the slice");
        gt_lang_parse_fail(p, gt_lang_place_from(p, start), "a slice needs its colon: an axis is never dropped");
        gt_lang_parse_hint(p, "row i alone is W[i:i+1, :]");
        return false;
    }
    if (!parse_bound(p, slice, place + 1))
        return false;
    slice->axis_count++;
    if (gt_lang_at_symbol(p, ":"))
        return gt_lang_parse_fail(p, p->token.place, "a slice has no step");
    return true;
}

static gt_lang_expression *parse_slice(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start)
{
    gt_lang_place open = p->token.place;
    gt_lang_advance(p);
    gt_lang_expression *slice = gt_lang_parse_node(p, GT_LANG_SLICE, start);
    if (!gt_lang_parse_operand(p, slice, operand))
        return NULL;
    slice->operator_place = open;
    do {
        if (slice->axis_count == 2) {
            gt_lang_parse_fail(p, p->token.place, "a slice has at most two axes");
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

static gt_lang_expression *parse_attribute(gt_lang_parser *p, gt_lang_expression *operand,
                                           gt_lang_place start)
{
    gt_lang_place dot = p->token.place;
    gt_lang_advance(p);
    if (!gt_lang_at_word(p, "T")) {
        bool module = operand->kind == GT_LANG_NAME &&
                      (strcmp(operand->name, "np") == 0 || strcmp(operand->name, "numpy") == 0 ||
                       strcmp(operand->name, "torch") == 0);
        gt_lang_parse_fail(p, gt_lang_place_from(p, start), "only .T, the transpose, can follow a point");
        if (module && p->failed)
            gt_lang_parse_hint(p, "functions are written without %s.", operand->name);
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

static gt_lang_expression *join(gt_lang_parser *p, gt_lang_operation operation, gt_lang_place start,
                                gt_lang_place sign, gt_lang_expression *left,
                                gt_lang_expression *right)
{
    gt_lang_expression *node = right == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_BINARY, start);
    if (node == NULL)
        return NULL;
    node->operation = operation;
    node->operator_place = sign;
    if (!gt_lang_parse_operand(p, node, left) || !gt_lang_parse_operand(p, node, right))
        return NULL;
    p->no_memory = p->no_memory || !gt_lang_enchain(p->pool, node);
    return p->no_memory ? NULL : node;
}

static gt_lang_expression *parse_signed(gt_lang_parser *p);

static gt_lang_expression *parse_power(gt_lang_parser *p)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *base = parse_postfix(p);
    gt_lang_place sign = p->token.place;
    if (base == NULL || !gt_lang_accept(p, "**"))
        return base;
    return join(p, GT_LANG_POWER, start, sign, base, parse_signed(p));
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

static gt_lang_expression *parse_binary(gt_lang_parser *p, int strength)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *left = parse_signed(p);
    gt_lang_operation operation;
    while (left != NULL && find_operation(p, &operation)) {
        int binds = gt_lang_operation_strength(operation);
        if (binds < strength)
            break;
        gt_lang_place sign = p->token.place;
        if (binds == GT_LANG_BINDS_COMPARISON && left->kind == GT_LANG_BINARY &&
            gt_lang_operation_strength(left->operation) == binds && left->place.offset == start.offset) {
            gt_lang_parse_fail(p, sign, "comparisons do not chain");
            gt_lang_parse_hint(p, "a < b and b < c are two comparisons; their product is 1 where both hold");
            return NULL;
        }
        gt_lang_advance(p);
        left = join(p, operation, start, sign, left, parse_binary(p, binds + 1));
    }
    return left;
}

gt_lang_expression *gt_lang_parse_sum(gt_lang_parser *p)
{
    return parse_binary(p, GT_LANG_BINDS_SUM);
}

gt_lang_expression *gt_lang_parse_expression(gt_lang_parser *p)
{
    return parse_binary(p, GT_LANG_BINDS_COMPARISON);
}
