/*
 * The reverse replay of the forward equations, as formulas: what contributes to
 * the adjoint of every part of them. A missing term of a handwritten formula is
 * one of these. An adjoint is written with the name that the block has for it,
 * which is found by its value.
 */
#include "diagnose/search.h"

#include "base/memory.h"
#include "diagnose/value_axes.h"

#include <math.h>
#include <string.h>

/* Formulas of unnamed adjoints grow with every step back; longer ones help nobody. */
enum { LARGEST_TERM = 60, MOST_TERMS_OF_ONE = 32, MOST_PAIRED = 6 };

/* The terms of one adjoint; those of sums are handed on one by one. */
typedef struct adjoint {
    const gt_expression *terms[MOST_TERMS_OF_ONE];
    uint32_t count;
    bool through_state;
    struct slice_piece *pieces; /* of slices of it */
} adjoint;

/* What reaches the rows (axis 0) or columns (axis 1) from to to - 1 alone. */
typedef struct slice_piece {
    struct slice_piece *next;
    const gt_expression *term;
    unsigned axis;
    uint32_t from, to;
} slice_piece;

typedef struct replay {
    gt_search *search;
    gt_arena *arena;
    adjoint *of_name; /* per name */
    bool limited;     /* only names that the equation at hand may read */
} replay;

static void push(replay *r, const gt_expression *f, const adjoint *a);

static bool value_of(replay *r, const gt_expression *f, gt_value *value)
{
    return f != NULL && gt_expression_evaluate(r->arena, f, r->search->values[0], value);
}

static const gt_expression *binary(replay *r, gt_expression_kind kind, const gt_expression *a, const gt_expression *b)
{
    return a == NULL ? NULL : gt_expression_binary(r->arena, kind, a, b);
}

static const gt_expression *unary(replay *r, gt_expression_kind kind, const gt_expression *a)
{
    return gt_expression_tidy(r->arena, gt_expression_unary(r->arena, kind, a));
}

/* ---- naming -------------------------------------------------------------------------------- */

/* The name in the backward block with this value; NULL if there is none. */
static const gt_expression *named(replay *r, gt_value value)
{
    const gt_question *question = r->search->question;
    double scale = gt_value_magnitude(value);
    for (uint32_t i = 0; i < question->name_count && scale > 0; i++) {
        gt_question_role role = question->names[i].role;
        if (role != GT_ROLE_OF_LOCAL && role != GT_ROLE_OF_GRADIENT && role != GT_ROLE_OF_UPSTREAM)
            continue;
        if (r->limited && !gt_search_usable(r->search, i))
            continue;
        if (!(gt_value_distance(r->search->values[0][i], value) <= 1e-9 * scale))
            continue;
        r->search->is_adjoint[i] = true;
        return gt_expression_new_name(r->arena, i);
    }
    return NULL;
}

/* The whole adjoint as one formula. */
static const gt_expression *whole(replay *r, const adjoint *a)
{
    const gt_expression *sum = NULL;
    for (uint32_t i = 0; i < a->count; i++)
        sum = sum == NULL ? a->terms[i] : binary(r, GT_EXPRESSION_ADD, sum, a->terms[i]);
    sum = gt_expression_tidy(r->arena, sum);
    gt_value value;
    const gt_expression *name = value_of(r, sum, &value) ? named(r, value) : NULL;
    return name != NULL ? name : gt_expression_size(sum) <= LARGEST_TERM ? sum : NULL;
}

/* ---- handing on ---------------------------------------------------------------------------- */

static void remember(replay *r, const gt_expression *term, bool through_state)
{
    gt_search *search = r->search;
    for (size_t i = 0; i < search->term_count; i++)
        if (gt_expression_equal(search->terms[i].formula, term))
            return;
    if (!GT_RESERVE(search->terms, search->term_capacity, search->term_count + 1)) {
        search->scratch.failed = true;
        return;
    }
    search->terms[search->term_count++] = (gt_search_term){term, through_state};
}

/* Of several sizes: each that f has not is summed over, the last first; then the examples. */
static const gt_expression *summed_axes(replay *r, const gt_expression *term, gt_value of_term, gt_value of_f)
{
    bool lifted = gt_value_is_shared(of_f), columns = lifted || of_f.columns == 1;
    uint32_t last = gt_value_axis_count(of_f);
    for (uint32_t axis = gt_value_axis_count(of_term); axis-- > 0;) {
        uint32_t own = lifted && axis == last ? of_f.columns : gt_value_axis_size(of_f, axis);
        if (own == 1 && gt_value_axis_size(of_term, axis) > 1)
            term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, axis);
    }
    if (!columns || gt_value_is_shared(of_term) || !value_of(r, term, &of_term))
        return term;
    return gt_expression_reduce(r->arena, GT_LANG_SUM, term, gt_value_axis_count(of_term));
}

/* A term of the shape of f: broadcasting undone. */
static const gt_expression *summed_to(replay *r, const gt_expression *term, const gt_expression *f)
{
    gt_value of_term, of_f;
    if (term != NULL && term->kind == GT_EXPRESSION_NEGATE)
        return unary(r, GT_EXPRESSION_NEGATE, summed_to(r, term->operands[0], f));
    if (!value_of(r, term, &of_term) || !value_of(r, f, &of_f))
        return NULL;
    if (r->search->question->several && (of_term.count > 1 || of_f.count > 1))
        return summed_axes(r, term, of_term, of_f);
    if (of_f.rows == 1 && of_term.rows > 1)
        term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, 0);
    if (of_f.columns == 1 && of_term.columns > 1)
        term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, 1);
    return term;
}

static void add_term(replay *r, adjoint *to, const gt_expression *term, const gt_expression *f)
{
    term = term == NULL ? NULL : summed_to(r, gt_expression_tidy(r->arena, term), f);
    if (term != NULL && to->count < MOST_TERMS_OF_ONE)
        to->terms[to->count++] = term;
}

static void push_one(replay *r, const gt_expression *f, const gt_expression *term, bool through_state)
{
    adjoint a = {.through_state = through_state};
    add_term(r, &a, term, f);
    if (a.count > 0)
        push(r, f, &a);
}

/* Every term through a function of one formula. */
static void push_each(replay *r, const gt_expression *f, const adjoint *a, gt_expression_kind kind)
{
    adjoint changed = {.through_state = a->through_state};
    for (uint32_t i = 0; i < a->count; i++)
        add_term(r, &changed,
                 kind == GT_EXPRESSION_ADD ? a->terms[i] : gt_expression_unary(r->arena, kind, a->terms[i]), f);
    push(r, f, &changed);
}

/* ---- sizes and slices ------------------------------------------------------------------------ */

static const gt_expression *size_formula(replay *r, uint32_t size)
{
    const gt_search *search = r->search;
    for (uint32_t i = 0; i < search->question->size_count; i++) {
        gt_value value;
        if (value_of(r, search->question->sizes[i], &value) && value.data[0] == size)
            return search->question->sizes[i];
    }
    return gt_expression_new_number(r->arena, size);
}

/* Zeros in place of rows or columns, or those of a term. */
static const gt_expression *block(replay *r, uint32_t name, unsigned axis, uint32_t from, uint32_t to, uint32_t size)
{
    const gt_expression *bounds[4] = {NULL, NULL, NULL, NULL};
    bounds[2 * axis] = from == 0 ? NULL : size_formula(r, from);
    bounds[2 * axis + 1] = to == size ? NULL : size_formula(r, to);
    const gt_expression *part = gt_expression_new_name(r->arena, name);
    return binary(r, GT_EXPRESSION_MULTIPLY, gt_expression_new_number(r->arena, 0),
                  gt_expression_slice(r->arena, part, bounds));
}

/* All pieces one behind the other, and what is between; NULL if some overlap. */
static const gt_expression *joined(replay *r, uint32_t name)
{
    enum { MOST_PIECES = 16 };
    const slice_piece *first = r->of_name[name].pieces;
    const gt_expression *parts[2 * MOST_PIECES + 1];
    gt_value value = r->search->values[0][name];
    uint32_t count = 0, at = 0, size = first->axis == 0 ? value.rows : value.columns;
    while (at < size && count + 2 < 2 * MOST_PIECES) {
        const slice_piece *next = NULL;
        for (const slice_piece *p = first; p != NULL; p = p->next)
            if (p->axis != first->axis || (p->from < at && p->to > at))
                return NULL;
            else if (p->from >= at && (next == NULL || p->from < next->from))
                next = p;
        uint32_t gap = next == NULL ? size : next->from;
        if (gap > at)
            parts[count++] = block(r, name, first->axis, at, gap, size);
        if (next != NULL) {
            const gt_expression *term = next->term;
            for (const slice_piece *p = first; p != NULL; p = p->next)
                if (p != next && p->from == next->from && p->to == next->to)
                    term = binary(r, GT_EXPRESSION_ADD, term, p->term);
            parts[count++] = term;
        }
        at = next == NULL ? size : next->to;
    }
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_CONCAT};
    gt_expression *f = at < size ? NULL : gt_expression_like(r->arena, &model, count);
    for (uint32_t i = 0; f != NULL && i < count; i++)
        f->operands[i] = first->axis == 0 ? parts[i] : unary(r, GT_EXPRESSION_TRANSPOSE, parts[i]);
    return f == NULL || first->axis == 0 ? f : unary(r, GT_EXPRESSION_TRANSPOSE, f);
}

static bool bound_of(replay *r, const gt_expression *bound, uint32_t size, uint32_t missing, uint32_t *at)
{
    gt_value value;
    *at = missing;
    if (bound == NULL)
        return true;
    if (!value_of(r, bound, &value))
        return false;
    double place = value.data[0] < 0 ? value.data[0] + size : value.data[0];
    *at = (uint32_t)place;
    return place >= 0 && place <= size;
}

static void push_slice(replay *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *whole = f->operands[0];
    if (whole->kind != GT_EXPRESSION_NAME || g == NULL || r->search->values[0][whole->name].count > 1)
        return;
    gt_value value = r->search->values[0][whole->name];
    unsigned axis = f->operands[3] != NULL || f->operands[4] != NULL;
    uint32_t size = axis == 0 ? value.rows : value.columns;
    slice_piece *p = gt_arena_new(r->arena, 1, sizeof *p);
    if (p == NULL || (axis == 1 && (f->operands[1] != NULL || f->operands[2] != NULL)))
        return;
    *p = (slice_piece){r->of_name[whole->name].pieces, g, axis, 0, 0};
    if (bound_of(r, f->operands[1 + 2 * axis], size, 0, &p->from) &&
        bound_of(r, f->operands[2 + 2 * axis], size, size, &p->to) && p->from < p->to)
        r->of_name[whole->name].pieces = p;
}

/* ---- rules --------------------------------------------------------------------------------- */

static void push_product(replay *r, const gt_expression *f, const gt_expression *g, bool through)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1];
    push_one(r, a, binary(r, GT_EXPRESSION_MULTIPLY, g, b), through);
    push_one(r, b, binary(r, GT_EXPRESSION_MULTIPLY, g, a), through);
}

static void push_quotient(replay *r, const gt_expression *f, const gt_expression *g, bool through)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1], *two = gt_expression_new_number(r->arena, 2);
    push_one(r, a, binary(r, GT_EXPRESSION_DIVIDE, g, b), through);
    const gt_expression *up =
        gt_expression_unary(r->arena, GT_EXPRESSION_NEGATE, binary(r, GT_EXPRESSION_MULTIPLY, g, a));
    push_one(r, b, binary(r, GT_EXPRESSION_DIVIDE, up, binary(r, GT_EXPRESSION_POWER, b, two)), through);
}

static const gt_expression *outer(replay *r, const gt_expression *u, const gt_expression *v)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_OUTER};
    gt_expression *f = u == NULL || v == NULL ? NULL : gt_expression_like(r->arena, &model, 2);
    if (f == NULL)
        return NULL;
    f->operands[0] = u;
    f->operands[1] = v;
    return f;
}

/* Under these sizes; what has them stays as it is. */
static const gt_expression *reshaped(replay *r, const gt_expression *a, const uint32_t *size, uint32_t count)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_RESHAPE};
    gt_value value;
    if (a != NULL && a->kind == GT_EXPRESSION_NEGATE)
        return unary(r, GT_EXPRESSION_NEGATE, reshaped(r, a->operands[0], size, count));
    if (!value_of(r, a, &value))
        return NULL;
    bool same = gt_value_axis_count(value) == count && !gt_value_is_shared(value);
    for (uint32_t i = 0; i < count; i++)
        same = same && gt_value_axis_size(value, i) == size[i];
    gt_expression *f = same ? NULL : gt_expression_like(r->arena, &model, count + 1);
    if (f == NULL)
        return same ? a : NULL;
    f->operands[0] = a;
    for (uint32_t i = 0; i < count; i++)
        f->operands[i + 1] = size[i] == 1 ? gt_expression_new_number(r->arena, 1) : size_formula(r, size[i]);
    return f;
}

/* What reaches the one x that all heads read: the sum of what each of them hands back. */
static const gt_expression *of_all_heads(replay *r, const gt_expression *w, const gt_expression *g, uint32_t size)
{
    const gt_expression *all = binary(r, GT_EXPRESSION_MATMUL, unary(r, GT_EXPRESSION_TRANSPOSE, w), g);
    return reshaped(r, all == NULL ? NULL : gt_expression_reduce(r->arena, GT_LANG_SUM, all, 0), &size, 1);
}

/* Products of arrays of several sizes. False: it is none. */
static bool push_several(replay *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *left = f->operands[0], *b = f->operands[1];
    bool turned = left->kind == GT_EXPRESSION_TRANSPOSE;
    const gt_expression *a = turned ? left->operands[0] : left;
    gt_value of_a, of_b;
    if (!r->search->question->several || !value_of(r, a, &of_a) || !value_of(r, b, &of_b) ||
        (of_a.count <= 1 && of_b.count <= 1))
        return false;
    if (gt_value_is_shared(of_a) && of_b.count <= 1) {
        push_one(r, a, binary(r, GT_EXPRESSION_MATMUL, g, unary(r, GT_EXPRESSION_TRANSPOSE, b)), false);
        push_one(r, b, of_all_heads(r, a, g, of_a.columns), false);
        return true;
    }
    if (gt_value_is_shared(of_b)) {
        push_one(r, a, binary(r, GT_EXPRESSION_MATMUL, g, unary(r, GT_EXPRESSION_TRANSPOSE, b)), false);
        return true;
    }
    push_one(r, a, turned ? outer(r, b, g) : outer(r, g, b), false);
    push_one(r, b, binary(r, GT_EXPRESSION_MATMUL, turned ? a : unary(r, GT_EXPRESSION_TRANSPOSE, a), g), false);
    return true;
}

static void push_outer(replay *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *u = f->operands[0], *v = f->operands[1];
    push_one(r, u, binary(r, GT_EXPRESSION_MATMUL, g, v), false);
    push_one(r, v, binary(r, GT_EXPRESSION_MATMUL, unary(r, GT_EXPRESSION_TRANSPOSE, g), u), false);
}

static void push_reshape(replay *r, const gt_expression *f, const gt_expression *g, bool through)
{
    gt_value u;
    uint32_t size[GT_LANG_MAX_AXES + 1];
    if (!value_of(r, f->operands[0], &u))
        return;
    uint32_t count = gt_value_axis_count(u);
    for (uint32_t i = 0; i < count; i++)
        size[i] = gt_value_axis_size(u, i);
    size[count] = u.columns;
    if (gt_value_is_shared(u) && count == GT_LANG_MAX_AXES)
        return;
    push_one(r, f->operands[0], reshaped(r, g, size, count + gt_value_is_shared(u)), through);
}

static void push_matmul(replay *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1];
    if (g == NULL || push_several(r, f, g))
        return;
    push_one(r, a, binary(r, GT_EXPRESSION_MATMUL, g, unary(r, GT_EXPRESSION_TRANSPOSE, b)), false);
    push_one(r, b, binary(r, GT_EXPRESSION_MATMUL, unary(r, GT_EXPRESSION_TRANSPOSE, a), g), false);
}

static void push_power(replay *r, const gt_expression *f, const gt_expression *g, bool through)
{
    gt_value exponent;
    if (!value_of(r, f->operands[1], &exponent))
        return;
    double n = exponent.data[0];
    const gt_expression *base = f->operands[0], *rest = base;
    if (n != 2)
        rest = binary(r, GT_EXPRESSION_POWER, base, gt_expression_new_number(r->arena, n - 1));
    const gt_expression *slope = binary(r, GT_EXPRESSION_MULTIPLY, gt_expression_new_number(r->arena, n), rest);
    push_one(r, base, binary(r, GT_EXPRESSION_MULTIPLY, g, slope), through);
}

/* Rows of a term; of a product those of its left factor, which is how a person writes it. */
static const gt_expression *rows(replay *r, const gt_expression *term, const gt_expression *from,
                                 const gt_expression *to)
{
    if (term->kind != GT_EXPRESSION_MATMUL)
        return gt_expression_slice(r->arena, term, (const gt_expression *const[4]){from, to, NULL, NULL});
    const gt_expression *left = term->operands[0];
    if (left->kind == GT_EXPRESSION_TRANSPOSE)
        left = unary(
            r, GT_EXPRESSION_TRANSPOSE,
            gt_expression_slice(r->arena, left->operands[0], (const gt_expression *const[4]){NULL, NULL, from, to}));
    else
        left = gt_expression_slice(r->arena, left, (const gt_expression *const[4]){from, to, NULL, NULL});
    return binary(r, GT_EXPRESSION_MATMUL, left, term->operands[1]);
}

static void push_concat(replay *r, const gt_expression *f, const adjoint *a)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        gt_value part;
        if (!value_of(r, f->operands[i], &part))
            return;
        adjoint piece = {.through_state = a->through_state};
        const gt_expression *start = i == 0 ? NULL : size_formula(r, from);
        const gt_expression *end = i + 1 == f->count ? NULL : size_formula(r, from + part.rows);
        for (uint32_t k = 0; k < a->count; k++)
            add_term(r, &piece, rows(r, a->terms[k], start, end), f->operands[i]);
        push(r, f->operands[i], &piece);
        from += part.rows;
    }
}

/* Of a mean: what reaches each entry. A sum over as many entries is again a mean. */
static const gt_expression *divided(replay *r, const gt_expression *f, const gt_expression *g)
{
    if (g == NULL)
        return NULL;
    if (g->kind == GT_EXPRESSION_NEGATE)
        return unary(r, GT_EXPRESSION_NEGATE, divided(r, f, g->operands[0]));
    if (g->kind == GT_EXPRESSION_CALL && g->detail == GT_LANG_SUM && g->axis == f->axis)
        return gt_expression_reduce(r->arena, GT_LANG_MEAN, g->operands[0], g->axis);
    gt_value u;
    if (!value_of(r, f->operands[0], &u))
        return NULL;
    if (u.count > 1 && f->axis < u.count)
        return binary(r, GT_EXPRESSION_DIVIDE, g, size_formula(r, u.size[f->axis]));
    const gt_expression *examples = size_formula(r, u.columns);
    uint32_t m = gt_question_find(r->search->question, "m");
    if (m != GT_QUESTION_NO_NAME && f->axis != 0)
        examples = gt_expression_new_name(r->arena, m);
    if (f->axis != 1)
        g = binary(r, GT_EXPRESSION_DIVIDE, g, size_formula(r, u.rows));
    return f->axis == 0 ? g : binary(r, GT_EXPRESSION_DIVIDE, g, examples);
}

/* where(c, a, b), maximum(a, b), minimum(a, b) */
static void push_choice(replay *r, const gt_expression *f, const gt_expression *g, bool through)
{
    bool where = f->detail == GT_LANG_WHERE;
    const gt_expression *a = f->operands[where], *b = f->operands[1 + where];
    const gt_expression *mask =
        where ? f->operands[0]
              : gt_expression_compare(r->arena, f->detail == GT_LANG_MAXIMUM ? GT_LANG_GREATER : GT_LANG_LESS, a, b);
    if (where && mask->kind != GT_EXPRESSION_COMPARE && mask->kind != GT_EXPRESSION_NAME)
        return;
    const gt_expression *other =
        gt_expression_binary(r->arena, GT_EXPRESSION_SUBTRACT, gt_expression_new_number(r->arena, 1), mask);
    push_one(r, a, binary(r, GT_EXPRESSION_MULTIPLY, g, mask), through);
    push_one(r, b, binary(r, GT_EXPRESSION_MULTIPLY, g, other), through);
}

/* The axis of what is done with each column, or with the last of several sizes. */
static unsigned down(replay *r, const gt_expression *u)
{
    gt_value value;
    return value_of(r, u, &value) ? gt_value_axis_count(value) - 1 : 0;
}

/* (g - mean(g) - y * mean(g * y)) / sqrt(variance + 1e-5) */
static void push_layernorm(replay *r, const gt_expression *u, const gt_expression *y, const gt_expression *g,
                           bool through)
{
    gt_arena *arena = r->arena;
    if (g == NULL)
        return;
    unsigned axis = down(r, u);
    const gt_expression *two = gt_expression_new_number(arena, 2);
    const gt_expression *centred =
        binary(r, GT_EXPRESSION_SUBTRACT, u, gt_expression_reduce(arena, GT_LANG_MEAN, u, axis));
    const gt_expression *variance =
        gt_expression_reduce(arena, GT_LANG_MEAN, binary(r, GT_EXPRESSION_POWER, centred, two), axis);
    const gt_expression *deviation = gt_expression_call(
        arena, GT_LANG_SQRT, binary(r, GT_EXPRESSION_ADD, variance, gt_expression_new_number(arena, 1e-5)));
    const gt_expression *shared =
        binary(r, GT_EXPRESSION_MULTIPLY, y,
               gt_expression_reduce(arena, GT_LANG_MEAN, binary(r, GT_EXPRESSION_MULTIPLY, g, y), axis));
    const gt_expression *rest =
        binary(r, GT_EXPRESSION_SUBTRACT, g, gt_expression_reduce(arena, GT_LANG_MEAN, g, axis));
    push_one(r, u, binary(r, GT_EXPRESSION_DIVIDE, binary(r, GT_EXPRESSION_SUBTRACT, rest, shared), deviation),
             through);
}

static void push_call(replay *r, const gt_expression *f, const gt_expression *value, const adjoint *a)
{
    gt_lang_function function = (gt_lang_function)f->detail;
    if (function == GT_LANG_CONCAT) {
        push_concat(r, f, a);
        return;
    }
    const gt_expression *g = whole(r, a), *u = f->operands[0];
    if (function == GT_LANG_SOFTMAX) {
        const gt_expression *sum =
            gt_expression_reduce(r->arena, GT_LANG_SUM, binary(r, GT_EXPRESSION_MULTIPLY, g, value), down(r, u));
        remember(r, unary(r, GT_EXPRESSION_NEGATE, sum), false);
        push_one(r, u, binary(r, GT_EXPRESSION_MULTIPLY, value, binary(r, GT_EXPRESSION_SUBTRACT, g, sum)),
                 a->through_state);
        return;
    }
    if (function == GT_LANG_CUMSUM) { /* sums from the other end */
        const gt_expression *sum = gt_expression_reduce(r->arena, GT_LANG_SUM, g, down(r, u));
        const gt_expression *above = gt_expression_call(r->arena, GT_LANG_CUMSUM, g);
        push_one(r, u, binary(r, GT_EXPRESSION_ADD, binary(r, GT_EXPRESSION_SUBTRACT, sum, above), g),
                 a->through_state);
        return;
    }
    if (function == GT_LANG_OUTER) {
        push_outer(r, f, g);
        return;
    }
    if (function == GT_LANG_RESHAPE) {
        push_reshape(r, f, g, a->through_state);
        return;
    }
    if (function == GT_LANG_SUM || function == GT_LANG_MEAN) {
        push_one(r, u, function == GT_LANG_SUM ? g : divided(r, f, g), false);
        return;
    }
    if (function == GT_LANG_WHERE || function == GT_LANG_MAXIMUM || function == GT_LANG_MINIMUM) {
        push_choice(r, f, g, a->through_state);
        return;
    }
    if (function == GT_LANG_LAYERNORM) {
        push_layernorm(r, u, value, g, a->through_state);
        return;
    }
    const gt_expression *slope = gt_search_derivative(r->search, r->arena, function, value, u);
    if (slope != NULL)
        push_one(r, u, binary(r, GT_EXPRESSION_MULTIPLY, g, slope), a->through_state);
}

/* value: what stands for f where it is the whole of an equation. */
static void push_inside(replay *r, const gt_expression *f, const gt_expression *value, const adjoint *a)
{
    switch (f->kind) {
    case GT_EXPRESSION_NEGATE:
        push_each(r, f->operands[0], a, GT_EXPRESSION_NEGATE);
        break;
    case GT_EXPRESSION_ADD:
    case GT_EXPRESSION_SUBTRACT:
        push_each(r, f->operands[0], a, GT_EXPRESSION_ADD);
        push_each(r, f->operands[1], a, f->kind == GT_EXPRESSION_ADD ? GT_EXPRESSION_ADD : GT_EXPRESSION_NEGATE);
        break;
    case GT_EXPRESSION_TRANSPOSE:
        push_each(r, f->operands[0], a, GT_EXPRESSION_TRANSPOSE);
        break;
    case GT_EXPRESSION_MULTIPLY:
        push_product(r, f, whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_DIVIDE:
        push_quotient(r, f, whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_MATMUL:
        push_matmul(r, f, whole(r, a));
        break;
    case GT_EXPRESSION_POWER:
        push_power(r, f, whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_CALL:
        push_call(r, f, value, a);
        break;
    case GT_EXPRESSION_SLICE:
        push_slice(r, f, whole(r, a));
        break;
    default: /* numbers; comparisons, which pass nothing on */
        break;
    }
}

static void push(replay *r, const gt_expression *f, const adjoint *a)
{
    if (a->count == 0 || f->kind == GT_EXPRESSION_NUMBER || r->search->scratch.failed)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        remember(r, a->terms[i], a->through_state);
    if (a->count > 1) {
        const gt_expression *sum = whole(r, a);
        if (sum != NULL && (sum->kind == GT_EXPRESSION_NAME || r->limited))
            remember(r, sum, a->through_state);
    }
    if (f->kind != GT_EXPRESSION_NAME) {
        push_inside(r, f, f, a);
        return;
    }
    adjoint *to = &r->of_name[f->name];
    for (uint32_t i = 0; i < a->count && to->count < MOST_TERMS_OF_ONE; i++)
        to->terms[to->count++] = a->terms[i];
}

/* ---- all equations ------------------------------------------------------------------------- */

static bool comes_through_state(const replay *r, const gt_expression *term)
{
    for (size_t i = 0; i < r->search->term_count; i++)
        if (r->search->terms[i].formula == term)
            return r->search->terms[i].through_state;
    return false;
}

/* Two of the terms as one: what came apart in a product with a sum. */
static void remember_pairs(replay *r, const adjoint *a)
{
    if (a->count < 3 || a->count > MOST_PAIRED)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t j = i + 1; j < a->count; j++) {
            const gt_expression *sum = binary(r, GT_EXPRESSION_ADD, a->terms[i], a->terms[j]);
            remember(r, gt_expression_tidy(r->arena, sum),
                     comes_through_state(r, a->terms[i]) && comes_through_state(r, a->terms[j]));
        }
}

static void join_pieces(replay *r, uint32_t name)
{
    adjoint *a = &r->of_name[name];
    const gt_expression *term = a->pieces == NULL ? NULL : joined(r, name);
    if (term == NULL || a->count >= MOST_TERMS_OF_ONE)
        return;
    remember(r, term, false);
    a->terms[a->count++] = term;
}

static void push_equation(replay *r, uint32_t name)
{
    const gt_question *question = r->search->question;
    join_pieces(r, name);
    adjoint a = r->of_name[name];
    a.through_state = question->names[name].role == GT_ROLE_OF_NEXT;
    for (uint32_t i = 0; i < question->name_count; i++)
        if (question->names[i].role == GT_ROLE_OF_UPSTREAM && question->names[i].about == name &&
            r->search->values[0][i].data != NULL && a.count < MOST_TERMS_OF_ONE) {
            a.terms[a.count++] = gt_expression_new_name(r->arena, i);
            remember(r, a.terms[a.count - 1], a.through_state);
        }
    if (a.count == 0)
        return;
    r->of_name[name] = a;
    remember_pairs(r, &a);
    const gt_expression *definition = question->names[name].definition;
    /* What has a name of its own is handed on by that. */
    const gt_expression *sum = whole(r, &a);
    if (sum != NULL && a.count > 1 && r->limited)
        remember(r, sum, a.through_state);
    if (sum != NULL && sum->kind == GT_EXPRESSION_NAME) {
        r->search->question->names[sum->name].adjoint_of = name + 1;
        a.terms[0] = sum;
        a.count = 1;
    }
    if (definition->kind == GT_EXPRESSION_NAME)
        push(r, definition, &a);
    else
        push_inside(r, definition, gt_expression_new_name(r->arena, name), &a);
}

static bool open(replay *r, gt_search *search, bool limited)
{
    gt_question *question = search->question;
    *r = (replay){search, &question->arena, NULL, limited};
    search->term_count = 0;
    memset(search->is_adjoint, 0, question->name_count * sizeof *search->is_adjoint);
    r->of_name = gt_arena_new(r->arena, question->name_count, sizeof *r->of_name);
    if (r->of_name == NULL)
        return false;
    memset(r->of_name, 0, question->name_count * sizeof *r->of_name);
    for (uint32_t i = 0; i < question->name_count; i++)
        question->names[i].adjoint_of = 0;
    return true;
}

static void push_all(replay *r)
{
    const gt_question *question = r->search->question;
    for (uint32_t i = question->forward_count; i-- > 0 && !r->search->scratch.failed;)
        push_equation(r, question->forward[i]);
    for (uint32_t i = 0; i < question->name_count && !r->search->scratch.failed; i++)
        if (question->names[i].definition == NULL)
            join_pieces(r, i);
}

bool gt_search_find_terms(gt_search *search)
{
    gt_question *question = search->question;
    replay r;
    if (!open(&r, search, false))
        return false;
    push_all(&r);
    /* Whatever has a name may be missing as it is. */
    for (uint32_t i = 0; i < question->name_count; i++) {
        gt_question_role role = question->names[i].role;
        if (role == GT_ROLE_OF_LOCAL || role == GT_ROLE_OF_GRADIENT || role == GT_ROLE_OF_UPSTREAM)
            remember(&r, gt_expression_new_name(r.arena, i), false);
    }
    return !search->scratch.failed && !question->arena.failed;
}

bool gt_search_find_right(gt_search *search, uint32_t limit, const gt_expression **right)
{
    gt_question *question = search->question;
    replay r;
    search->equation = limit;
    if (!open(&r, search, true))
        return false;
    push_all(&r);
    for (uint32_t i = 0; i < question->name_count; i++)
        right[i] = r.of_name[i].count > 0 ? whole(&r, &r.of_name[i]) : NULL;
    return !search->scratch.failed && !question->arena.failed;
}
