/* The shapes of expressions. */
#include "lang/meaning_parts.h"

#include "base/memory.h"
#include "lang/check_axes.h"
#include "lang/check_hints.h"
#include "lang/functions.h"

#include <string.h>

#define SHAPE_SIZE 400 /* of the text of a shape */

static const gt_lang_shape unknown = {.known = false};

static gt_lang_shape scalar(bool number)
{
    return (gt_lang_shape){
        .known = true, .number = number, .rows = gt_lang_size_number(1), .columns = gt_lang_size_number(1)};
}

/* ---- words --------------------------------------------------------------------------------- */

/* "matmul: Wf is (n_a, n_a+n_x) but z is (9, m)" */
static void report_pair(gt_lang_checker *c, const gt_lang_expression *e, const char *what, const gt_lang_expression *a,
                        const gt_lang_shape *a_shape, const gt_lang_expression *b, const gt_lang_shape *b_shape)
{
    char first[GT_LANG_WORDS], second[GT_LANG_WORDS], first_shape[SHAPE_SIZE], second_shape[SHAPE_SIZE];
    gt_lang_error(c->diagnostics, e->place, "%s: %s is %s but %s is %s", what,
                  gt_lang_words(a, "the left operand", first),
                  gt_lang_shape_format(c, a_shape, first_shape, sizeof first_shape),
                  gt_lang_words(b, "the right operand", second),
                  gt_lang_shape_format(c, b_shape, second_shape, sizeof second_shape));
}

/* ---- names --------------------------------------------------------------------------------- */

/* What is drawn has the shape of an array of the examples. */
static gt_lang_shape check_like(gt_lang_checker *c, const gt_lang_symbol *drawn)
{
    gt_lang_shape shape = gt_lang_check_expression(c, drawn->like);
    char is[SHAPE_SIZE];
    if (!shape.known || (!shape.number && gt_lang_has_examples(&shape)))
        return shape;
    gt_lang_error(c->diagnostics, drawn->like->place,
                  "a draw is for each of the m examples, and has the shape of an array of theirs, not of %s",
                  shape.number ? "a number" : gt_lang_shape_format(c, &shape, is, sizeof is));
    gt_lang_hint(c->diagnostics, "the last argument says the shape: bernoulli(p, u), normal(deviation, u)");
    return unknown;
}

static gt_lang_shape check_name(gt_lang_checker *c, const gt_lang_expression *e)
{
    gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    if (symbol == NULL) {
        gt_lang_unknown_name(c, e->name, e->place);
        return unknown;
    }
    symbol->used = true;
    if (symbol->like != NULL && !symbol->shape.known)
        symbol->shape = check_like(c, symbol);
    if (symbol->defined)
        return symbol->shape;
    if (symbol->place.offset <= e->place.offset)
        gt_lang_error(c->diagnostics, e->place, "%s is used in its own equation", e->name);
    else
        gt_lang_error(c->diagnostics, e->place, "%s is used before it is assigned, in line %u", e->name,
                      symbol->place.line);
    size_t length = strlen(e->name);
    if (e->name[length - 1] == '\'')
        gt_lang_hint(c->diagnostics, "the old state is %.*s", (int)length - 1, e->name);
    return unknown;
}

/* ---- products ------------------------------------------------------------------------------ */

static gt_lang_shape check_matmul(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *left,
                                  const gt_lang_shape *right)
{
    if (left->number || right->number) {
        gt_lang_error(c->diagnostics, e->place, "matmul: an operand is a number, not a matrix");
        gt_lang_hint_number(c, e);
        return unknown;
    }
    gt_lang_shape result = {.known = true, .rows = left->rows, .columns = right->columns};
    bool plain = left->axes == NULL && right->axes == NULL;
    if (plain ? gt_lang_size_equal(&left->columns, &right->rows) : gt_lang_multiply_axes(c, e, left, right, &result))
        return result;
    report_pair(c, e, "matmul", e->arguments[0], left, e->arguments[1], right);
    if (plain)
        gt_lang_hint_matmul(c, e->arguments[0], left, e->arguments[1], right);
    else
        gt_lang_hint(c->diagnostics, "of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are products, and "
                                     "W[n_h, n_k, n_x] @ x[n_x] of a parameter");
    return unknown;
}

/* ---- element by element -------------------------------------------------------------------- */

/* The shape of all operands together; reports the first two that do not go together. */
static gt_lang_shape broadcast(gt_lang_checker *c, const gt_lang_expression *e, const char *what,
                               const gt_lang_shape *shapes)
{
    gt_lang_shape result = shapes[0];
    for (uint32_t i = 1; i < e->argument_count; i++) {
        gt_lang_shape both = {.known = true, .number = result.number && shapes[i].number};
        bool fits = gt_lang_needs_axes(&result, &shapes[i])
                        ? gt_lang_stretch_axes(c, e, i, &result, &shapes[i], &both)
                        : gt_lang_stretch(&result.rows, &shapes[i].rows, &both.rows) &&
                              gt_lang_stretch(&result.columns, &shapes[i].columns, &both.columns);
        if (!fits) {
            report_pair(c, e, what, e->arguments[i - 1], &shapes[i - 1], e->arguments[i], &shapes[i]);
            gt_lang_hint_elements(c, e, &shapes[0], &shapes[i]);
            return unknown;
        }
        result = both;
    }
    return result;
}

static gt_lang_shape check_power(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *base,
                                 const gt_lang_shape *exponent)
{
    if (exponent->number)
        return *base;
    gt_lang_error(c->diagnostics, e->arguments[1]->place, "the exponent of ** is not a constant");
    gt_lang_hint(c->diagnostics, "for positive u, u to the power of v is exp(v * log(u))");
    return unknown;
}

static const char *operation_name(gt_lang_operation operation)
{
    switch (operation) {
    case GT_LANG_ADD:
        return "add";
    case GT_LANG_SUBTRACT:
        return "subtract";
    case GT_LANG_MULTIPLY:
        return "multiply";
    case GT_LANG_DIVIDE:
        return "divide";
    default:
        return gt_lang_operation_text(operation);
    }
}

/* ---- calls --------------------------------------------------------------------------------- */

static gt_lang_shape check_concat(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shapes)
{
    gt_lang_shape result = shapes[0];
    for (uint32_t i = 0; i < e->argument_count; i++) {
        if (shapes[i].number) {
            gt_lang_error(c->diagnostics, e->arguments[i]->place, "concat joins arrays, and this is a number");
            return unknown;
        }
        if (!gt_lang_size_equal(&shapes[i].columns, &result.columns) ||
            !gt_lang_same_sizes(&shapes[i], &result, 1, GT_LANG_MAX_AXES)) {
            report_pair(c, e, "concat", e->arguments[i - 1], &shapes[i - 1], e->arguments[i], &shapes[i]);
            return unknown;
        }
        gt_lang_size size = gt_lang_axis_size(&result, 0), more = gt_lang_axis_size(&shapes[i], 0);
        if (i > 0 && !gt_lang_size_add(&size, &more, 1, &size)) {
            gt_lang_error(c->diagnostics, e->place, "the size of this array is too complicated");
            return unknown;
        }
        if (!gt_lang_resize_axis(c, e->place, &result, 0, size, &result))
            return unknown;
    }
    return result;
}

/* Over one of its sizes, over its columns, or over all. */
static gt_lang_shape check_sum(gt_lang_checker *c, const gt_lang_expression *e, gt_lang_shape shape)
{
    uint32_t count = gt_lang_axis_count(&shape);
    shape.number = false;
    if (e->axis == GT_LANG_ALL_AXES)
        return scalar(false);
    if (e->axis > (int)count || (count > 1 && e->axis_from_end)) {
        gt_lang_error(c->diagnostics, e->place,
                      count > 1 ? "axis is one of the %u sizes, from 0, or %u, the examples"
                                : "axis is 0, over the features, or 1, over the examples",
                      count, count);
        return unknown;
    }
    bool fits = e->axis < (int)count ? gt_lang_sum_axis(c, e->place, &shape, (uint32_t)e->axis, &shape)
                                     : gt_lang_sum_columns(c, e->place, &shape, &shape);
    return fits ? shape : unknown;
}

static gt_lang_shape check_arange(gt_lang_checker *c, const gt_lang_expression *e)
{
    const gt_lang_expression *size = e->arguments[0], *where;
    gt_lang_shape shape = {.known = true, .columns = gt_lang_size_number(1)};
    gt_lang_size_problem problem = gt_lang_size_of(size, &shape.rows, &where);
    if (problem == GT_LANG_SIZE_GOOD && gt_lang_has_dimensions_alone(c, size) && !gt_lang_size_below(&shape.rows, 1))
        return shape;
    gt_lang_error(c->diagnostics, size->place, "arange(n) is of a size: whole numbers and dimensions with + - *");
    return unknown;
}

static gt_lang_shape check_call(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shapes)
{
    gt_lang_shape result = shapes[0];
    switch (e->function) {
    case GT_LANG_CONCAT:
        return check_concat(c, e, shapes);
    case GT_LANG_MAXIMUM:
    case GT_LANG_MINIMUM:
    case GT_LANG_WHERE:
        return broadcast(c, e, gt_lang_function_at(e->function)->name, shapes);
    case GT_LANG_SUM:
    case GT_LANG_MEAN:
        return check_sum(c, e, result);
    case GT_LANG_OUTER:
        return gt_lang_check_outer(c, e, shapes);
    case GT_LANG_RESHAPE:
        return gt_lang_check_reshape(c, e, shapes);
    case GT_LANG_ARANGE:
        return check_arange(c, e);
    case GT_LANG_SOFTMAX:
    case GT_LANG_CUMSUM:
    case GT_LANG_LAYERNORM:
        result.number = false;
        return result;
    default:
        return result;
    }
}

/* ---- all of them --------------------------------------------------------------------------- */

/* Not inlined: what it and those above have on the stack is not to be there at every level of an expression. */
__attribute__((noinline)) static gt_lang_shape check_binary(gt_lang_checker *c, const gt_lang_expression *e,
                                                            const gt_lang_shape *shapes)
{
    if (e->operation == GT_LANG_MATMUL)
        return check_matmul(c, e, &shapes[0], &shapes[1]);
    if (e->operation == GT_LANG_POWER)
        return check_power(c, e, &shapes[0], &shapes[1]);
    return broadcast(c, e, operation_name(e->operation), shapes);
}

static gt_lang_shape check_transpose(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *of)
{
    gt_lang_shape shape = {.known = true, .rows = of->columns, .columns = of->rows};
    if (of->axes != NULL && !gt_lang_transpose_axes(c, e->place, of, &shape))
        return unknown;
    if (of->axes == NULL || e == c->factor || (gt_lang_is_line(of) && !gt_lang_is_shared_matrix(of)))
        return shape;
    gt_lang_error(c->diagnostics, e->place, "an array of several sizes is transposed only on the left of a product");
    gt_lang_hint(c->diagnostics, "S.T @ k is one; the transpose of outer(u, v) is outer(v, u)");
    return unknown;
}

__attribute__((noinline)) static gt_lang_shape check_known(gt_lang_checker *c, const gt_lang_expression *e,
                                                           const gt_lang_shape *shapes)
{
    if (e->kind == GT_LANG_CALL)
        return check_call(c, e, shapes);
    if (e->kind == GT_LANG_SLICE)
        return gt_lang_check_slice(c, e, shapes[0]);
    if (e->kind == GT_LANG_TRANSPOSE)
        return check_transpose(c, e, &shapes[0]);
    return shapes[0]; /* -x */
}

/* From left to right, with the shape of all so far. */
static gt_lang_shape check_chain(gt_lang_checker *c, const gt_lang_expression *e)
{
    const gt_lang_expression *first = gt_lang_operand(e, 0);
    c->factor = e->chain[0]->operation == GT_LANG_MATMUL && first->kind == GT_LANG_TRANSPOSE ? first : NULL;
    gt_lang_shape shapes[2] = {gt_lang_check_expression(c, first)};
    for (uint32_t i = 0; i < e->chain_length; i++) {
        shapes[1] = gt_lang_check_expression(c, gt_lang_operand(e, i + 1));
        shapes[0] = shapes[0].known && shapes[1].known ? check_binary(c, e->chain[i], shapes) : unknown;
    }
    return shapes[0];
}

static gt_lang_shape check_operands(gt_lang_checker *c, const gt_lang_expression *e)
{
    enum { FEW = 3 };
    gt_lang_shape few[FEW], *shapes = few;
    if (e->argument_count > FEW)
        shapes = gt_memory_new(e->argument_count, sizeof *shapes);
    if (shapes == NULL) {
        c->no_memory = true;
        return unknown;
    }
    bool known = true, factor = e == c->factor;
    for (uint32_t i = 0; i < e->argument_count; i++) {
        shapes[i] = gt_lang_check_expression(c, e->arguments[i]);
        known = known && shapes[i].known;
    }
    c->factor = factor ? e : NULL; /* chains inside of it had theirs */
    gt_lang_shape result = known ? check_known(c, e, shapes) : unknown;
    if (shapes != few)
        gt_memory_free(shapes);
    return result;
}

static gt_lang_shape check_any(gt_lang_checker *c, const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_NUMBER)
        return scalar(true);
    if (e->kind == GT_LANG_NAME)
        return check_name(c, e);
    if (e->kind == GT_LANG_BINARY)
        return check_chain(c, e);
    return check_operands(c, e);
}

/* layernorm(h, x): a second array where its number is meant. */
__attribute__((noinline)) static gt_lang_shape fail_eps(gt_lang_checker *c, const gt_lang_expression *e,
                                                        const gt_lang_shape *shape)
{
    char is[SHAPE_SIZE], words[GT_LANG_WORDS];
    gt_lang_error(c->diagnostics, e->place, "the eps of layernorm is a number, and %s is %s",
                  gt_lang_words(e, "this", words), gt_lang_shape_format(c, shape, is, sizeof is));
    gt_lang_hint(c->diagnostics, "layernorm(u) is of one array; its gain and its shift are written behind it: "
                                 "g * layernorm(u) + b");
    return unknown;
}

gt_lang_shape gt_lang_check_expression(gt_lang_checker *checker, const gt_lang_expression *expression)
{
    gt_lang_shape shape = check_any(checker, expression);
    return expression->eps && shape.known && !shape.number ? fail_eps(checker, expression, &shape) : shape;
}
