/* What constants may depend on, and their shapes. */
#include "lang/functions.h"
#include "lang/meaning_parts.h"

static bool is_constant(const gt_lang_checker *c, const gt_lang_symbol *symbol)
{
    return symbol->kind == GT_LANG_SYMBOL_DIMENSION || symbol->kind == GT_LANG_SYMBOL_EXAMPLES ||
           (symbol->kind == GT_LANG_SYMBOL_EQUATION && c->meaning->cell->equations[symbol->index].constant);
}

/* Reports the first name in it that is not known beforehand; false if there is one. */
static bool check_names(gt_lang_checker *c, const char *constant, const gt_lang_expression *e)
{
    const gt_lang_symbol *symbol = e->kind == GT_LANG_NAME ? gt_lang_symbols_find(&c->meaning->symbols, e->name) : NULL;
    if (symbol != NULL && !is_constant(c, symbol)) {
        gt_lang_error(c->diagnostics, e->place, "%s is %s, and the constant %s is known before the first step", e->name,
                      gt_lang_symbol_kind_name(symbol->kind), constant);
        gt_lang_hint(c->diagnostics, "it is made of numbers, dimensions and constants above it");
        return false;
    }
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        if (!check_names(c, constant, gt_lang_operand(e, i)))
            return false;
    return true;
}

static void report_shape(gt_lang_checker *c, const gt_lang_equation *e, const gt_lang_shape *shape,
                         const gt_lang_shape *declared)
{
    char is[400], expected[400];
    gt_lang_error(c->diagnostics, e->value->place, "the constant %s is %s, and must be %s", e->name,
                  gt_lang_shape_format(c, shape, is, sizeof is),
                  declared == NULL ? "a number" : gt_lang_shape_format(c, declared, expected, sizeof expected));
    if (declared == NULL)
        gt_lang_hint(c->diagnostics, "the sizes of an array stand behind its name: const %s[n, k] = ...", e->name);
    else if (!e->has_row && !e->has_column && e->columns != NULL)
        gt_lang_hint(c->diagnostics, "write it by its entries, of which i is the row and j the column");
}

/* Whether what is written stretches along an axis only because it has the index of the other. */
static bool fits(const gt_lang_equation *e, const gt_lang_shape *shape, const gt_lang_shape *declared)
{
    gt_lang_size one = gt_lang_size_number(1);
    gt_lang_shape column = {.rows = declared->rows, .columns = one}, row = {.rows = one, .columns = declared->columns};
    return shape->number || gt_lang_shape_equal(shape, declared) ||
           (e->has_row && !e->has_column && gt_lang_shape_equal(shape, &column)) ||
           (e->has_column && !e->has_row && gt_lang_shape_equal(shape, &row));
}

gt_lang_shape gt_lang_check_constant(gt_lang_checker *checker, const gt_lang_equation *e)
{
    const gt_lang_shape unknown = {.known = false};
    if (e->value == NULL)
        return unknown;
    const gt_lang_expression *written = e->widened ? e->value->arguments[0] : e->value;
    gt_lang_shape shape = gt_lang_check_expression(checker, written);
    if (!check_names(checker, e->name, written) || !shape.known)
        return shape;
    if (e->rows == NULL) {
        if (!shape.number)
            report_shape(checker, e, &shape, NULL);
        return shape;
    }
    gt_lang_shape declared = gt_lang_declared_sizes(checker, e->rows, e->columns);
    if (!declared.known || fits(e, &shape, &declared))
        return e->widened ? gt_lang_check_expression(checker, e->value) : shape;
    report_shape(checker, e, &shape, &declared);
    return declared;
}
