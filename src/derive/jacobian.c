#include "derive/jacobian.h"

#include "derive/build.h"

#include <string.h>

enum { MOST_PATHS = 24, MOST_VISITS = 1000 };

typedef struct finder {
    gt_derivation *d;
    const char *from;
    gt_path *first, **last;
    uint32_t count, visits, equation;
    bool complete;
} finder;

static void follow(finder *f, gt_expr e, const gt_path_factor *right, bool negative, bool direct);

/* The next state whose gradient from outside a name is; NULL if it is none. */
static const char *state_of(const gt_derivation *d, const char *name)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&d->meaning.symbols, name);
    bool given = symbol != NULL && symbol->kind == GT_LANG_SYMBOL_GIVEN;
    return given && d->cell->equations[symbol->index].target == GT_LANG_NEXT ? name + 1 : NULL;
}

/* Whether the gradient of a next state is in an expression, or in the lines that it reads. */
static bool depends(const gt_derivation *d, gt_expr e)
{
    if (e->kind == GT_LANG_NAME) {
        const gt_derived_line *line = gt_derivation_line(d, e->name);
        if (line != NULL && line->kind != GT_DERIVED_VALUE)
            return line->of_states;
        return state_of(d, e->name) != NULL;
    }
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (depends(d, e->arguments[i]))
            return true;
    return false;
}

static const gt_path_factor *factor(finder *f, gt_expr value, bool diagonal, const gt_path_factor *right)
{
    gt_path_factor *made = gt_pool_new(&f->d->pool, 1, sizeof *made);
    f->d->no_memory = f->d->no_memory || made == NULL || value == NULL;
    if (made != NULL)
        *made = (gt_path_factor){value, diagonal, (gt_path_factor *)right};
    return made;
}

static void add(finder *f, const char *to, const gt_path_factor *factors, bool negative, bool direct)
{
    gt_path *path = f->count < MOST_PATHS ? gt_pool_new(&f->d->pool, 1, sizeof *path) : NULL;
    f->complete = f->complete && f->count < MOST_PATHS;
    f->count++;
    f->d->no_memory = f->d->no_memory || (path == NULL && f->complete);
    if (path == NULL)
        return;
    *path = (gt_path){to, f->from, factors, negative, direct, f->equation, NULL};
    *f->last = path;
    f->last = &path->next;
}

/* Of several sizes: a factor that is stretched, or a product of each example, is no matrix of the cell. */
static bool is_matrix_path(gt_derivation *d, gt_expr e, gt_expr linear, gt_expr other)
{
    gt_lang_shape whole = gt_build_shape(d, e), part = gt_build_shape(d, linear);
    if (other->kind == GT_LANG_TRANSPOSE)
        other = other->arguments[0];
    if (e->operation == GT_LANG_MATMUL)
        return part.axes == NULL && gt_build_shape(d, other).axes == NULL;
    return whole.axes == NULL || gt_lang_shape_equal(&whole, &part);
}

/* g * v, or g / v: a diagonal matrix to the right of what leads to g. */
static void follow_product(finder *f, gt_expr e, const gt_path_factor *right, bool negative, bool direct)
{
    gt_derivation *d = f->d;
    gt_expr a = e->arguments[0], b = e->arguments[1];
    bool left = depends(d, a), divides = e->operation == GT_LANG_DIVIDE;
    gt_expr linear = left ? a : b, other = left ? b : a;
    if ((left && depends(d, b)) || (!left && divides) || !is_matrix_path(d, e, linear, other)) {
        f->complete = false;
        return;
    }
    if (divides)
        other = gt_build_quotient(d, gt_build_number(d, 1), other);
    /* Neighbours on the diagonal are one matrix. */
    if (right != NULL && right->diagonal)
        right = factor(f, gt_build_product(d, other, right->value), true, right->next);
    else
        right = factor(f, other, true, right);
    follow(f, linear, right, negative, direct);
}

static void follow_binary(finder *f, gt_expr e, const gt_path_factor *right, bool negative, bool direct)
{
    gt_expr a = e->arguments[0], b = e->arguments[1];
    switch (e->operation) {
    case GT_LANG_ADD:
    case GT_LANG_SUBTRACT:
        follow(f, a, right, negative, direct);
        follow(f, b, right, negative != (e->operation == GT_LANG_SUBTRACT), direct);
        break;
    case GT_LANG_MULTIPLY:
    case GT_LANG_DIVIDE:
        follow_product(f, e, right, negative, direct);
        break;
    case GT_LANG_MATMUL:
        if (!depends(f->d, a) && is_matrix_path(f->d, e, b, a)) {
            follow(f, b, factor(f, gt_build_transpose(f->d, a), false, right), negative, false);
            break;
        }
        f->complete = false;
        break;
    default:
        f->complete = false;
        break;
    }
}

static void follow(finder *f, gt_expr e, const gt_path_factor *right, bool negative, bool direct)
{
    if (f->d->no_memory || f->count > MOST_PATHS || !depends(f->d, e))
        return;
    if (++f->visits > MOST_VISITS) {
        f->complete = false;
        return;
    }
    if (e->kind == GT_LANG_NAME) {
        const gt_derived_line *line = gt_derivation_line(f->d, e->name);
        if (line != NULL)
            follow(f, line->value, right, negative, direct);
        else
            add(f, state_of(f->d, e->name), right, negative, direct);
    } else if (e->kind == GT_LANG_NEGATE) {
        follow(f, e->arguments[0], right, !negative, direct);
    } else if (e->kind == GT_LANG_BINARY) {
        follow_binary(f, e, right, negative, direct);
    } else {
        f->complete = false;
    }
}

/* Each line reads those before it alone. */
static void mark_lines(gt_derivation *d)
{
    for (uint32_t i = 0; i < d->line_count; i++)
        d->lines[i].of_states = d->lines[i].kind != GT_DERIVED_VALUE && depends(d, d->lines[i].value);
}

const gt_path *gt_derive_find_paths(gt_derivation *d, const char *from, bool *complete)
{
    finder f = {.d = d, .from = from, .last = &f.first, .complete = true};
    mark_lines(d);
    for (uint32_t i = 0; i < d->line_count; i++) {
        const gt_derived_line *line = &d->lines[i];
        if (line->kind != GT_DERIVED_GRADIENT || strcmp(line->of, from) != 0)
            continue;
        for (uint32_t t = 0; t < line->term_count; t++) {
            f.equation = line->terms[t].equation < 0 ? 0 : (uint32_t)line->terms[t].equation;
            follow(&f, line->terms[t].value, NULL, false, true);
        }
    }
    *complete = f.complete;
    return f.first;
}
