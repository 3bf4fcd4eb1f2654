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

void gt_lang_check_constant(gt_lang_checker *checker, const gt_lang_equation *e, gt_lang_shape *shape)
{
    char is[400], expected[400];
    if (e->value == NULL || !check_names(checker, e->name, e->value) || !shape->known)
        return;
    if (e->rows == NULL) {
        if (shape->number)
            return;
        gt_lang_error(checker->diagnostics, e->value->place, "the constant %s is %s, and must be a number", e->name,
                      gt_lang_shape_format(checker, shape, is, sizeof is));
        gt_lang_hint(checker->diagnostics, "the sizes of an array stand behind its name: const %s[n, k] = ...",
                     e->name);
        return;
    }
    gt_lang_shape declared = gt_lang_declared_sizes(checker, e->rows, e->columns);
    if (!declared.known || gt_lang_shape_equal(shape, &declared))
        return;
    gt_lang_error(checker->diagnostics, e->value->place, "the constant %s is %s, and must be %s", e->name,
                  gt_lang_shape_format(checker, shape, is, sizeof is),
                  gt_lang_shape_format(checker, &declared, expected, sizeof expected));
}
