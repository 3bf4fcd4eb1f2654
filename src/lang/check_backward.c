/* The backward block of a cell. */
#include "lang/meaning_parts.h"

#include <string.h>

/* What reaches the step from outside: dS' for each state S, dY for each output Y. */
static bool define_given(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        const gt_lang_equation *e = &cell->equations[i];
        if (e->target == GT_LANG_LOCAL)
            continue;
        const char *name = gt_lang_joined(c, "d", e->name, "");
        if (name == NULL)
            return false;
        if (gt_lang_symbols_find(&c->meaning->symbols, name) != NULL)
            continue; /* a name of the forward pass: it stays what it is */
        gt_lang_symbol given = {.name = name,
                                .kind = GT_LANG_SYMBOL_GIVEN,
                                .index = i,
                                .place = e->name_place,
                                .defined = true,
                                .shape = c->meaning->equations[i].shape};
        if (gt_lang_define(c, given) == NULL)
            return false;
    }
    return true;
}

/* A gradient of another shape than its variable is a mistake for the verifier to explain. */
static void check_gradient(gt_lang_checker *c, const gt_lang_equation *e, const gt_lang_shape *shape)
{
    const gt_lang_symbol *of =
        e->name[0] == 'd' && e->name[1] != '\0' ? gt_lang_symbols_find(&c->meaning->symbols, e->name + 1) : NULL;
    char is[400], expected[400];
    if (of == NULL || of->kind == GT_LANG_SYMBOL_BACKWARD || of->kind == GT_LANG_SYMBOL_GIVEN ||
        of->kind == GT_LANG_SYMBOL_DIMENSION || of->kind == GT_LANG_SYMBOL_EXAMPLES || !shape->known ||
        !of->shape.known || of->shape.number || (!shape->number && gt_lang_shape_equal(shape, &of->shape)))
        return;
    gt_lang_warning(c->diagnostics, e->name_place, "%s is %s but %s is %s", e->name,
                    gt_lang_shape_format(c, shape, is, sizeof is), of->name,
                    gt_lang_shape_format(c, &of->shape, expected, sizeof expected));
    gt_lang_hint(c->diagnostics, "a gradient has the shape of what it belongs to");
}

/* dh0 of state h[n] = h0: what a step would add to it is 0. */
static void check_beginning(gt_lang_checker *c, const gt_lang_equation *e)
{
    const gt_lang_symbol *of = e->name[0] == 'd' ? gt_lang_symbol_of(c, e->name + 1, strlen(e->name) - 1, "") : NULL;
    if (of == NULL || of->begins == NULL)
        return;
    gt_lang_error(c->diagnostics, e->name_place,
                  "%s is read before the first step alone: its gradient is d%s there, summed over the examples, and "
                  "not of a step",
                  of->name, of->begins);
    gt_lang_hint(c->diagnostics, "leave %s out: it follows from d%s", e->name, of->begins);
}

static void check_backward_equation(gt_lang_checker *c, const gt_lang_equation *e)
{
    gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    gt_lang_shape shape = {0};
    if (e->value != NULL)
        shape = gt_lang_check_expression(c, e->value);
    check_gradient(c, e, &shape);
    check_beginning(c, e);
    if (symbol->place.offset != e->name_place.offset)
        return;
    symbol->shape = shape;
    symbol->defined = true;
    if (e->name[strlen(e->name) - 1] == '\'')
        gt_lang_error(c->diagnostics, e->name_place, "%s: only states have a next value", e->name);
}

bool gt_lang_check_backward(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    if (!cell->has_backward)
        return true;
    if (!define_given(c) || !gt_lang_announce_all(c, cell->backward, cell->backward_count, GT_LANG_SYMBOL_BACKWARD))
        return false;
    for (uint32_t i = 0; i < cell->backward_count && !gt_lang_enough(c->diagnostics); i++)
        check_backward_equation(c, &cell->backward[i]);
    return !c->no_memory;
}
