/* Numbers, names and what stands in parentheses. */
#include "lang/advice.h"
#include "lang/copy.h"
#include "lang/definitions.h"
#include "lang/draws.h"
#include "lang/names.h"
#include "lang/parser.h"
#include "lang/repetition.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (!isfinite(*number))
        gt_lang_parse_fail(p, place, "the number is too large");
    return isfinite(*number);
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
    p->no_memory = node == NULL;
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
    return node;
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

gt_lang_expression *gt_lang_parse_atom(gt_lang_parser *p)
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
