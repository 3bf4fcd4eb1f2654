/* Slices, W[i:j, :], and what is written in their place. */
#include "lang/advice.h"
#include "lang/chain.h"
#include "lang/functions.h"
#include "lang/parser.h"

#include <math.h>
#include <string.h>

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

gt_lang_expression *gt_lang_parse_slice(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start)
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
