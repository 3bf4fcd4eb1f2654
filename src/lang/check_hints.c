#include "lang/check_hints.h"

#include "lang/print.h"

#include "base/utf8.h"

#include <string.h>

const char *gt_lang_words(const gt_lang_expression *e, const char *otherwise, char text[GT_LANG_WORDS])
{
    return gt_lang_print(e, text, GT_LANG_WORDS) < GT_LANG_WORDS ? text : otherwise;
}

bool gt_lang_stretch(const gt_lang_size *a, const gt_lang_size *b, gt_lang_size *size)
{
    *size = gt_lang_size_is(a, 1) ? *b : *a;
    return gt_lang_size_is(a, 1) || gt_lang_size_is(b, 1) || gt_lang_size_equal(a, b);
}

static bool fits_product(const gt_lang_shape *left, const gt_lang_shape *right)
{
    return gt_lang_size_equal(&left->columns, &right->rows);
}

static bool has_examples(const gt_lang_shape *shape)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    return gt_lang_size_equal(&shape->columns, &examples);
}

/* b @ h, h @ b: one of them is a column, and no matrix is there. */
static bool fits_elements(const gt_lang_shape *left, const gt_lang_shape *right)
{
    gt_lang_size rows;
    return (gt_lang_size_is(&left->columns, 1) || (has_examples(left) && gt_lang_size_is(&right->columns, 1))) &&
           gt_lang_stretch(&left->rows, &right->rows, &rows);
}

/* W, W.T: short enough for a hint. */
static bool is_named(const gt_lang_expression *e)
{
    return (e->kind == GT_LANG_TRANSPOSE ? e->arguments[0] : e)->kind == GT_LANG_NAME;
}

typedef struct words {
    char plain[GT_LANG_WORDS + 2], transposed[GT_LANG_WORDS + 2];
} words;

/* An operand, and its transpose: W.T of W, and W of W.T. */
static words words_of(const gt_lang_expression *e, bool named, const char *letter)
{
    words w;
    bool transposed = named && e->kind == GT_LANG_TRANSPOSE;
    const char *name = named ? (transposed ? e->arguments[0] : e)->name : letter;
    gt_utf8_format(w.plain, sizeof w.plain, "%s%s", name, transposed ? ".T" : "");
    gt_utf8_format(w.transposed, sizeof w.transposed, "%s%s", name, transposed ? "" : ".T");
    return w;
}

/* What would be a product: as it stands, the other way round, as PyTorch has it, or with one of them transposed. */
void gt_lang_hint_matmul(gt_lang_checker *c, const gt_lang_expression *a, const gt_lang_shape *left,
                         const gt_lang_expression *b, const gt_lang_shape *right)
{
    bool named = is_named(a) && is_named(b);
    words u = words_of(a, named, "u"), v = words_of(b, named, "v");
    if (has_examples(left) && !has_examples(right) && fits_product(right, left))
        gt_lang_hint(c->diagnostics, "the matrix stands on the left: %s @ %s", v.plain, u.plain);
    else if (has_examples(left) && !has_examples(right) && gt_lang_size_equal(&left->rows, &right->rows) &&
             !gt_lang_size_is(&right->columns, 1))
        gt_lang_hint(c->diagnostics, "the examples are columns, and the matrix stands on the left: %s @ %s",
                     v.transposed, u.plain);
    else if (gt_lang_shape_equal(left, right) || fits_elements(left, right))
        gt_lang_hint(c->diagnostics, "element by element it is %s * %s", u.plain, v.plain);
    else if (gt_lang_size_equal(&left->rows, &right->rows))
        gt_lang_hint(c->diagnostics, "%s @ %s would fit", u.transposed, v.plain);
    else if (gt_lang_size_equal(&left->columns, &right->columns))
        gt_lang_hint(c->diagnostics, "%s @ %s would fit", u.plain, v.transposed);
}

/* W * x where W @ x is meant. */
void gt_lang_hint_elements(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *left,
                           const gt_lang_shape *right)
{
    char u[GT_LANG_WORDS], v[GT_LANG_WORDS];
    if (e->kind != GT_LANG_BINARY || e->operation != GT_LANG_MULTIPLY)
        return;
    gt_lang_words(e->arguments[0], "u", u);
    gt_lang_words(e->arguments[1], "v", v);
    bool short_words = strlen(u) + strlen(v) < GT_LANG_WORDS;
    const char *first = short_words ? u : "u", *second = short_words ? v : "v";
    if (fits_product(left, right))
        gt_lang_hint(c->diagnostics, "the product of matrices is written @: %s @ %s", first, second);
    else if (fits_product(right, left))
        gt_lang_hint(c->diagnostics, "the product of matrices is written @, with the matrix on the left: %s @ %s",
                     second, first);
    else if (!has_examples(left) && has_examples(right) && gt_lang_size_equal(&left->rows, &right->rows))
        gt_lang_hint(c->diagnostics, "a product of matrices that fits is %s.T @ %s", first, second);
    else if (!has_examples(left) && has_examples(right))
        gt_lang_hint(c->diagnostics, "the product of matrices is written @; for these it does not fit either");
}

void gt_lang_hint_number(gt_lang_checker *c, const gt_lang_expression *e)
{
    char u[GT_LANG_WORDS], v[GT_LANG_WORDS];
    const char *first = gt_lang_words(e->arguments[0], "u", u), *second = gt_lang_words(e->arguments[1], "v", v);
    gt_lang_hint(c->diagnostics, "a product with a number is written *: %s * %s", first, second);
}
