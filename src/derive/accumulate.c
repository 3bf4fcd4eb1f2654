#include "derive/accumulate.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "lang/copy.h"
#include "lang/functions.h"
#include "lang/meaning_parts.h"

#include <string.h>

gt_derive_name *gt_derive_name_of(gt_derivation *d, const char *name)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&d->meaning.symbols, name);
    bool forward = symbol != NULL && (symbol->kind == GT_LANG_SYMBOL_INPUT || symbol->kind == GT_LANG_SYMBOL_STATE ||
                                      symbol->kind == GT_LANG_SYMBOL_PARAMETER ||
                                      (symbol->kind == GT_LANG_SYMBOL_EQUATION && !symbol->shape.number));
    return forward ? &d->names[symbol->place_in_list] : NULL;
}

void gt_derive_add_term(gt_derivation *d, gt_derive_name *to, gt_derived_term term)
{
    if (to == NULL || term.value == NULL)
        return;
    if (!GT_RESERVE(to->terms, to->capacity, to->count + 1)) {
        d->no_memory = true;
        return;
    }
    /* In the order of the equations that read it, which are walked backward. */
    uint32_t place = to->count++;
    for (; place > 0 && to->terms[place - 1].equation > term.equation; place--)
        to->terms[place] = to->terms[place - 1];
    to->terms[place] = term;
}

void gt_derive_add_piece(gt_derivation *d, gt_derive_name *to, gt_derived_term term, const gt_build_range ranges[2])
{
    gt_derive_piece *piece = gt_pool_new(&d->pool, 1, sizeof *piece), **end = &to->pieces;
    d->no_memory = d->no_memory || piece == NULL;
    if (piece == NULL)
        return;
    *piece = (gt_derive_piece){NULL, term, {ranges[0], ranges[1]}};
    while (*end != NULL)
        end = &(*end)->next;
    *end = piece;
}

/* ---- pieces -------------------------------------------------------------------------------- */

static bool same_range(const gt_build_range *a, const gt_build_range *b)
{
    return gt_lang_size_equal(&a->from, &b->from) && gt_lang_size_equal(&a->to, &b->to);
}

static bool covers(const gt_build_range *range, const gt_lang_size *size)
{
    return gt_lang_size_is(&range->from, 0) && gt_lang_size_equal(&range->to, size);
}

static gt_expr turned(gt_derivation *d, gt_expr a, unsigned axis)
{
    return axis == 0 ? a : gt_build_transpose(d, a);
}

/* Parts side by side along an axis. */
static gt_expr beside(gt_derivation *d, gt_expr *parts, uint32_t count, unsigned axis)
{
    if (count == 1)
        return parts[0];
    if (axis == 1 && gt_build_shape(d, parts[0]).axes != NULL && d->too_complicated == NULL)
        d->too_complicated = "what reaches a slice of the second of several sizes has no form in the language";
    for (uint32_t i = 0; i < count; i++)
        parts[i] = turned(d, parts[i], axis);
    return turned(d, gt_build_call_of(d, GT_LANG_CONCAT, parts, count), axis);
}

static gt_expr zeros(gt_derivation *d, gt_expr whole, unsigned axis, gt_lang_size from, gt_lang_size to)
{
    const gt_build_range range = {from, to};
    return gt_build_product(d, gt_build_number(d, 0), gt_build_slice(d, whole, axis, &range));
}

static gt_expr pad_axis(gt_derivation *d, gt_expr whole, gt_expr value, unsigned axis, const gt_build_range *range)
{
    gt_lang_shape shape = gt_build_shape(d, whole);
    gt_lang_size size = gt_build_size_along(&shape, axis);
    gt_expr parts[3];
    uint32_t count = 0;
    if (!gt_lang_size_is(&range->from, 0))
        parts[count++] = zeros(d, whole, axis, gt_lang_size_number(0), range->from);
    parts[count++] = value;
    if (!gt_lang_size_equal(&range->to, &size))
        parts[count++] = zeros(d, whole, axis, range->to, size);
    return beside(d, parts, count, axis);
}

gt_expr gt_derive_pad(gt_derivation *d, gt_expr whole, gt_expr value, const gt_build_range ranges[2])
{
    value = pad_axis(d, gt_build_slice(d, whole, 0, &ranges[0]), value, 1, &ranges[1]);
    return pad_axis(d, whole, value, 0, &ranges[0]);
}

/* All pieces of the range that begins at `at`, together; NULL if there is none. */
static gt_expr pieces_at(gt_derivation *d, gt_derive_name *of, unsigned axis, const gt_lang_size *at,
                         const gt_build_range **range)
{
    gt_expr sum = NULL;
    *range = NULL;
    for (gt_derive_piece *p = of->pieces; p != NULL; p = p->next)
        if (gt_lang_size_equal(&p->ranges[axis].from, at)) {
            if (*range != NULL && !same_range(*range, &p->ranges[axis]))
                return NULL;
            *range = &p->ranges[axis];
            sum = sum == NULL ? p->term.value : gt_build_sum(d, sum, p->term.value);
        }
    return sum;
}

/* The pieces one behind the other; NULL if they do not fill the axis. */
static gt_expr tiled(gt_derivation *d, gt_derive_name *of, const gt_lang_shape *shape, unsigned axis)
{
    gt_lang_size size = gt_build_size_along(shape, axis), across = gt_build_size_along(shape, 1 - axis);
    uint32_t piece_count = 0, count = 0;
    gt_lang_size at = gt_lang_size_number(0);
    for (gt_derive_piece *p = of->pieces; p != NULL; p = p->next, piece_count++)
        if (!covers(&p->ranges[1 - axis], &across))
            return NULL;
    gt_expr *parts = gt_pool_new(&d->pool, piece_count, sizeof *parts);
    d->no_memory = d->no_memory || parts == NULL;
    while (parts != NULL && count < piece_count && !gt_lang_size_equal(&at, &size)) {
        const gt_build_range *range;
        gt_expr part = pieces_at(d, of, axis, &at, &range);
        if (part == NULL)
            return NULL;
        parts[count++] = part;
        at = range->to;
    }
    return parts != NULL && gt_lang_size_equal(&at, &size) ? beside(d, parts, count, axis) : NULL;
}

/* Whether a walk from 0 to the end meets every piece: none lies across another. */
static bool meets_all(gt_derivation *d, gt_derive_name *of, const gt_lang_shape *shape, unsigned axis)
{
    gt_lang_size size = gt_build_size_along(shape, axis);
    for (gt_derive_piece *p = of->pieces; p != NULL; p = p->next) {
        gt_lang_size at = gt_lang_size_number(0);
        const gt_build_range *range;
        while (!gt_lang_size_equal(&at, &p->ranges[axis].from)) {
            if (gt_lang_size_equal(&at, &size) || pieces_at(d, of, axis, &at, &range) == NULL)
                return false;
            at = range->to;
        }
    }
    return true;
}

void gt_derive_join_pieces(gt_derivation *d, const char *name, gt_derive_name *of)
{
    gt_expr whole = gt_build_name(d, name);
    gt_lang_shape shape = gt_build_shape(d, whole);
    if (of->pieces == NULL || whole == NULL)
        return;
    for (unsigned axis = 0; axis < 2; axis++) {
        gt_expr value = tiled(d, of, &shape, axis);
        if (value == NULL || !meets_all(d, of, &shape, axis))
            continue;
        gt_derived_term term = of->pieces->term;
        term.value = value;
        gt_derive_add_term(d, of, term);
        of->pieces = NULL;
        return;
    }
    for (gt_derive_piece *p = of->pieces; p != NULL; p = p->next) {
        p->term.value = gt_derive_pad(d, whole, p->term.value, p->ranges);
        gt_derive_add_term(d, of, p->term);
    }
    of->pieces = NULL;
}

/* ---- sums ---------------------------------------------------------------------------------- */

static gt_expr leftmost(gt_expr a)
{
    while (gt_build_is_binary(a, GT_LANG_MULTIPLY) || gt_build_is_binary(a, GT_LANG_DIVIDE))
        a = a->arguments[0];
    return a;
}

/* A product without its first factor; NULL if nothing is left. */
static gt_expr without_first(gt_derivation *d, gt_expr a)
{
    gt_expr left = a->arguments[0];
    bool product = gt_build_is_binary(left, GT_LANG_MULTIPLY) || gt_build_is_binary(left, GT_LANG_DIVIDE);
    gt_expr rest = product ? without_first(d, left) : NULL;
    if (a->operation == GT_LANG_MULTIPLY)
        return rest == NULL ? a->arguments[1] : gt_build_product(d, rest, a->arguments[1]);
    return gt_build_quotient(d, rest == NULL ? gt_build_number(d, 1) : rest, a->arguments[1]);
}

/* The name in front of a product of at least two factors; NULL if there is none. */
static gt_expr common_factor(gt_expr a)
{
    if (!gt_build_is_binary(a, GT_LANG_MULTIPLY) && !gt_build_is_binary(a, GT_LANG_DIVIDE))
        return NULL;
    gt_expr first = leftmost(a);
    return first->kind == GT_LANG_NEGATE ? first->arguments[0] : first;
}

/* s * g - s * a is s * (g - a); of the rest none may be a mere broadcast, or shapes would change. */
static gt_expr factored(gt_derivation *d, const gt_derived_term *terms, uint32_t count)
{
    gt_expr factor = common_factor(terms[0].value), sum = NULL;
    if (factor == NULL || factor->kind != GT_LANG_NAME || count < 2)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        gt_expr other = common_factor(terms[i].value);
        if (other == NULL || !gt_lang_equal(factor, other))
            return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        gt_expr rest = without_first(d, terms[i].value);
        if (gt_build_is_negative(terms[i].value))
            rest = gt_build_negation(d, rest);
        sum = sum == NULL ? rest : gt_build_sum(d, sum, rest);
    }
    return gt_build_product(d, factor, sum);
}

gt_expr gt_derive_combine(gt_derivation *d, const gt_derived_term *terms, uint32_t count)
{
    gt_expr sum = count == 0 ? NULL : factored(d, terms, count);
    for (uint32_t i = 0; sum == NULL && i < count; i++) {
        sum = terms[0].value;
        for (uint32_t k = 1; k < count; k++)
            sum = gt_build_sum(d, sum, terms[k].value);
    }
    return sum;
}

/* ---- lines --------------------------------------------------------------------------------- */

gt_expr gt_derive_add_line(gt_derivation *d, gt_derived_line line)
{
    gt_derived_term *terms = gt_pool_new(&d->pool, line.term_count + 1, sizeof *terms);
    line.shape = gt_build_shape(d, line.value);
    if (line.name == NULL || line.value == NULL || terms == NULL ||
        !GT_RESERVE(d->lines, d->line_capacity, d->line_count + 1)) {
        d->no_memory = true;
        return NULL;
    }
    if (line.term_count > 0)
        memcpy(terms, line.terms, line.term_count * sizeof *terms);
    line.terms = terms;
    d->lines[d->line_count++] = line;
    gt_lang_define(&d->checker, (gt_lang_symbol){.name = line.name,
                                                 .kind = GT_LANG_SYMBOL_BACKWARD,
                                                 .index = d->line_count - 1,
                                                 .defined = true,
                                                 .shape = line.shape});
    return gt_build_name(d, line.name);
}

const char *gt_derive_gradient_name(gt_derivation *d, const char *of)
{
    const char *name = gt_lang_joined(&d->checker, "d", of, "");
    d->no_memory = d->no_memory || name == NULL;
    return name;
}

static bool is_free(gt_derivation *d, const char *name)
{
    gt_lang_function function;
    const char *gradient = gt_derive_gradient_name(d, name);
    return gradient != NULL && gt_lang_symbols_find(&d->meaning.symbols, name) == NULL &&
           gt_lang_symbols_find(&d->meaning.symbols, gradient) == NULL && !gt_lang_function_find(name, &function) &&
           !gt_lang_is_keyword(name);
}

const char *gt_derive_new_name(gt_derivation *d, const char *base, const char *ending)
{
    char text[2 * GT_LANG_MAX_NAME];
    int letters = (int)strcspn(base, "'");
    if (letters > GT_LANG_MAX_NAME - 12)
        letters = GT_LANG_MAX_NAME - 12;
    for (uint32_t number = 0; !d->no_memory; number++) {
        if (number == 0 && *ending != '\0')
            gt_utf8_format(text, sizeof text, "%.*s%s", letters, base, ending);
        else
            gt_utf8_format(text, sizeof text, "%.*s_%u", letters, base, number + (*ending == '\0'));
        if (is_free(d, text))
            break;
    }
    const char *name = gt_lang_text(&d->pool, text, strlen(text));
    d->no_memory = d->no_memory || name == NULL;
    return name;
}
