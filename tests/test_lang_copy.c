/* Making, copying and comparing expressions: also where every allocation fails in turn. */
#include "base/memory.h"
#include "lang/copy.h"
#include "lang/parse.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef struct parsed {
    gt_pool pool;
    gt_lang_diagnostics diagnostics;
} parsed;

/* The expression in an equation of a cell; NULL without memory. */
static gt_lang_expression *parse(parsed *p, const char *expression)
{
    char text[1024];
    int size = snprintf(text, sizeof text, "cell c\n  y = %s\n", expression);
    *p = (parsed){.diagnostics.pool = &p->pool};
    gt_lang_file *file = gt_lang_parse(&p->pool, "test.cell", text, (size_t)size, &p->diagnostics);
    bool whole = file != NULL && !p->diagnostics.no_memory;
    cr_assert(!whole || (p->diagnostics.count == 0 && file->cells[0].equation_count == 1), "%s", expression);
    return whole ? file->cells[0].equations[0].value : NULL;
}

static void done(parsed *p)
{
    gt_lang_diagnostics_free(&p->diagnostics);
    gt_pool_free(&p->pool);
}

/* ---- comparing ----------------------------------------------------------------------------- */

static void expect_equal(const char *one, const char *other, bool equal)
{
    parsed a, b;
    const gt_lang_expression *x = parse(&a, one), *y = parse(&b, other);
    cr_expect(gt_lang_equal(x, x));
    cr_expect_eq(gt_lang_equal(x, y), equal, "%s and %s", one, other);
    cr_expect_eq(gt_lang_equal(y, x), equal, "%s and %s", other, one);
    done(&a);
    done(&b);
}

Test(lang_copy, equal_are_trees_not_texts)
{
    expect_equal("h + (x * 2)", "h+x*2", true);
    expect_equal("sum(h, axis=0)", "sum(h, 0)", true);
    expect_equal("h[:, 0:1]", "h[ : , 0 : 1 ]", true);
    expect_equal("h + x", "x + h", false);
    expect_equal("h + x", "h - x", false);
    expect_equal("h + x", "h + x + x", false);
    expect_equal("h + x - h", "h - x + h", false);
    expect_equal("h", "h.T", false);
    expect_equal("2", "3", false);
    expect_equal("-h", "-x", false);
    expect_equal("tanh(h)", "sigmoid(h)", false);
    expect_equal("sum(h, axis=0)", "sum(h, axis=1)", false);
    expect_equal("concat(h, x)", "concat(h, x, x)", false);
    expect_equal("h[1:2]", "h[1:]", false);
    expect_equal("h[1:2]", "h[:2]", false);
    expect_equal("h[1:2]", "h[1:3]", false);
    expect_equal("h[1:2]", "x[1:2]", false);
    expect_equal("h[1:2]", "h[1:2, :]", false);
}

/* ---- copying ------------------------------------------------------------------------------- */

static const char everything[] = "where(h < 1, -concat(h, x)[n:, 0:m].T @ W, sum(h + x * h - 2, axis=0)) ** 2";

static gt_status copy(const void *context, double *result)
{
    parsed p;
    const gt_lang_expression *expression = parse(&p, context);
    gt_lang_expression *made = expression != NULL ? gt_lang_copy(&p.pool, expression) : NULL;
    if (made != NULL)
        *result = gt_lang_equal(made, expression) && made != expression;
    done(&p);
    return made == NULL ? GT_ERROR_MEMORY : GT_OK;
}

Test(lang_copy, a_copy_is_whole_or_nothing)
{
    double result = 0;
    cr_expect_eq(copy(everything, &result), GT_OK);
    cr_expect_eq(result, 1);
    cr_expect_gt(fail_every_allocation("copy", copy, everything, NULL), 40);
}

/* In h + x * h, one after another is replaced. */
Test(lang_copy, a_part_is_replaced_where_it_stands)
{
    parsed p, q;
    const gt_lang_expression *sum = parse(&p, "h + x * h - h[x:]");
    static const char *const expected[] = {"w + x * h - h[x:]", "h + w - h[x:]", "h + x * h - w"};
    for (uint32_t i = 0; i < 3; i++) {
        gt_lang_expression *w = gt_lang_new_name(&p.pool, "w", sum->place);
        const gt_lang_expression *made = gt_lang_copy_with(&p.pool, sum, gt_lang_operand(sum, i), w);
        cr_expect(gt_lang_equal(made, parse(&q, expected[i])), "%s", expected[i]);
        done(&q);
    }
    gt_lang_expression *w = gt_lang_new_name(&p.pool, "w", sum->place);
    const gt_lang_expression *slice = gt_lang_operand(sum, 2);
    cr_expect(gt_lang_equal(gt_lang_copy_with(&p.pool, sum, slice->bounds[0], w), parse(&q, "h + x * h - h[w:]")));
    done(&q);
    cr_expect(gt_lang_equal(gt_lang_copy_with(&p.pool, sum, sum->chain[0], w), parse(&q, "w - h[x:]")));
    done(&q);
    cr_expect_eq(gt_lang_copy_with(&p.pool, sum, sum, w), w);
    done(&p);
}

/* ---- new ones ------------------------------------------------------------------------------ */

/* -(tanh(h.T) + 2 * x), from its leaves. */
static gt_status make(const void *context, double *result)
{
    parsed p;
    gt_lang_place place = {0};
    (void)context;
    const gt_lang_expression *expected = parse(&p, "-(tanh(h.T) + 2 * x)");
    gt_pool *pool = &p.pool;
    gt_lang_expression *h = gt_lang_new_transpose(pool, gt_lang_new_name(pool, "h", place));
    gt_lang_expression *product = gt_lang_new_binary(pool, GT_LANG_MULTIPLY, gt_lang_new_number(pool, 2, place),
                                                     gt_lang_new_name(pool, "x", place));
    gt_lang_expression *sum =
        gt_lang_new_binary(pool, GT_LANG_ADD, gt_lang_new_call(pool, GT_LANG_TANH, &h, 1), product);
    gt_lang_expression *made = gt_lang_new_negation(pool, sum);
    bool whole = expected != NULL && made != NULL;
    if (whole)
        *result = gt_lang_equal(made, expected);
    done(&p);
    return whole ? GT_OK : GT_ERROR_MEMORY;
}

Test(lang_copy, new_expressions_are_whole_or_nothing)
{
    double result = 0;
    cr_expect_eq(make(NULL, &result), GT_OK);
    cr_expect_eq(result, 1);
    cr_expect_gt(fail_every_allocation("make", make, NULL, NULL), 15);
}

/* ---- draws --------------------------------------------------------------------------------- */

/* What a parameter begins with. */
static const gt_lang_expression *initial(parsed *p, const char *value)
{
    char text[256];
    int size = snprintf(text, sizeof text, "cell c\n  param b[n] = %s\n  y = b\n", value);
    *p = (parsed){.diagnostics.pool = &p->pool};
    gt_lang_file *file = gt_lang_parse(&p->pool, "test.cell", text, (size_t)size, &p->diagnostics);
    cr_assert(file != NULL && p->diagnostics.count == 0 && file->cells[0].declaration_count == 1, "%s", value);
    return file->cells[0].declarations[0].initial;
}

Test(lang_copy, draws_are_equal_at_the_same_site)
{
    static const struct {
        const char *one, *other;
        bool equal;
    } rows[] = {
        {"i + normal(1)", "i + normal(1)", true},
        {"i + normal(1)", "i + normal(2)", false},
        {"i * normal(0.5)", "i * bernoulli(0.5)", false},
        {"i * normal(1) + normal(1)", "i * normal(1) + normal(1)", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        parsed a, b;
        const gt_lang_expression *x = initial(&a, rows[i].one), *y = initial(&b, rows[i].other);
        cr_expect_eq(gt_lang_equal(x, y), rows[i].equal, "%s and %s", rows[i].one, rows[i].other);
        done(&a);
        done(&b);
    }
    parsed p;
    const gt_lang_expression *sum = initial(&p, "i * normal(1) + normal(1)");
    const gt_lang_expression *first = gt_lang_operand(sum, 1), *second = gt_lang_operand(sum, 2);
    cr_expect(first->kind == GT_LANG_DRAW && second->kind == GT_LANG_DRAW);
    cr_expect(!gt_lang_equal(first, second), "two draws of one law are two numbers");
    done(&p);
}
