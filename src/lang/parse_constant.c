/* const dt = 0.1, const F[n, n] = cos(2 * pi * i * j / n): names for numbers that are not learnt. */
#include "lang/chain.h"
#include "lang/copy.h"
#include "lang/initial.h"
#include "lang/parser.h"
#include "lang/repetition.h"

bool gt_lang_at_constant(const gt_lang_parser *p)
{
    gt_lang_lexer ahead = p->lexer;
    return gt_lang_at_word(p, "const") && gt_lang_lex(&ahead).kind == GT_TOKEN_NAME;
}

/* ---- indices ------------------------------------------------------------------------------- */

/* The row i of an entry of an array of n rows is arange(n), a column; its column j is a row. */
gt_lang_expression *gt_lang_parse_index(gt_lang_parser *p, const gt_lang_expression *size, bool column,
                                        gt_lang_place place)
{
    gt_lang_expression *argument = gt_lang_copy(p->pool, size);
    gt_lang_expression *index = argument == NULL ? NULL : gt_lang_new_call(p->pool, GT_LANG_ARANGE, &argument, 1);
    if (index != NULL)
        index->place = index->operator_place = place;
    if (index != NULL && column)
        index = gt_lang_new_transpose(p->pool, index); /* in the same place */
    p->no_memory = p->no_memory || index == NULL;
    return index;
}

/* An index of what has one entry in that direction is 0. */
static gt_lang_expression *index_or_nothing(gt_lang_parser *p, const gt_lang_expression *size, bool column,
                                            gt_lang_place place)
{
    return size == NULL ? gt_lang_new_number(p->pool, 0, place) : gt_lang_parse_index(p, size, column, place);
}

/* value + 0 * (i + j), which has the whole shape and the same numbers. */
static gt_lang_expression *widen(gt_lang_parser *p, const gt_lang_equation *constant)
{
    gt_lang_place place = constant->value->place;
    gt_lang_expression *sum =
        gt_lang_new_binary(p->pool, GT_LANG_ADD, index_or_nothing(p, constant->rows, false, place),
                           index_or_nothing(p, constant->columns, true, place));
    gt_lang_expression *nothing =
        gt_lang_new_binary(p->pool, GT_LANG_MULTIPLY, gt_lang_new_number(p->pool, 0, place), sum);
    gt_lang_expression *whole = gt_lang_new_binary(p->pool, GT_LANG_ADD, constant->value, nothing);
    p->no_memory = p->no_memory || whole == NULL;
    return whole;
}

/* ---- one constant -------------------------------------------------------------------------- */

static bool parse_sizes(gt_lang_parser *p, gt_lang_equation *constant)
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_accept(p, "["))
        return true;
    constant->rows = gt_lang_parse_sum(p);
    if (constant->rows != NULL && gt_lang_accept(p, ","))
        constant->columns = gt_lang_parse_sum(p);
    if (p->failed || p->no_memory)
        return false;
    if (gt_lang_at_symbol(p, ","))
        return gt_lang_parse_fail(p, p->token.place, "a constant has at most two sizes");
    return gt_lang_expect_close(p, "]", open, "] behind the size");
}

static bool parse_value(gt_lang_parser *p, gt_lang_equation *constant)
{
    if (!gt_lang_expect(p, "=", "and the value of the constant"))
        return false;
    p->indexed = constant->rows != NULL ? constant : NULL;
    constant->value = gt_lang_parse_expression(p);
    p->indexed = NULL;
    if (constant->value == NULL)
        return false;
    constant->widened =
        constant->rows != NULL && !(constant->has_row && (constant->has_column || constant->columns == NULL));
    if (constant->widened)
        constant->value = widen(p, constant);
    return constant->value != NULL;
}

static bool parse_constant(gt_lang_parser *p, gt_lang_cell *cell)
{
    gt_lang_equation constant = {.target = GT_LANG_LOCAL, .constant = true, .name_place = p->token.place};
    constant.name = gt_lang_parse_new_name(p, "the name of the constant");
    if (constant.name == NULL)
        return false;
    if (gt_lang_is_primed(constant.name))
        return gt_lang_parse_fail(p, constant.name_place, "the name of a constant has no prime");
    bool understood = parse_sizes(p, &constant) && parse_value(p, &constant);
    constant.place = gt_lang_place_from(p, constant.name_place);
    constant.known = understood && constant.rows == NULL && gt_lang_known_number(p, constant.value, &constant.number);
    if (!understood)
        constant.value = NULL; /* kept all the same, so that uses of the name are not errors, too */
    return gt_lang_keep_equation(p, cell, constant, false) && understood;
}

bool gt_lang_parse_constants(gt_lang_parser *p, gt_lang_cell *cell)
{
    gt_lang_advance(p);
    do
        if (!parse_constant(p, cell))
            return false;
    while (gt_lang_accept(p, ","));
    return true;
}
