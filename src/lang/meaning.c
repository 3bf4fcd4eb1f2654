/* The meaning of a cell: declarations first, then the equations, then the backward block. */
#include "lang/meaning_parts.h"

#include "base/utf8.h"
#include "lang/check_axes.h"
#include "lang/initial.h"
#include "lang/parse.h"

#include <stdio.h>
#include <string.h>

gt_lang_symbol *gt_lang_define(gt_lang_checker *checker, gt_lang_symbol symbol)
{
    gt_lang_symbol *added = gt_lang_symbols_add(&checker->meaning->symbols, symbol);
    checker->no_memory = checker->no_memory || added == NULL;
    return added;
}

char *gt_lang_joined(gt_lang_checker *checker, const char *before, const char *name, const char *after)
{
    size_t length = strlen(before) + strlen(name) + strlen(after);
    char *text = gt_pool_new(checker->meaning->symbols.pool, length + 1, 1);
    checker->no_memory = checker->no_memory || text == NULL;
    if (text != NULL)
        snprintf(text, length + 1, "%s%s%s", before, name, after);
    return text;
}

/* ---- equations ----------------------------------------------------------------------------- */

/* Names that are assigned below are known from the beginning, so that a use too early is told apart. */
static bool announce(gt_lang_checker *c, const gt_lang_equation *e, gt_lang_symbol_kind kind, uint32_t index)
{
    const gt_lang_symbol *before = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    if (before == NULL)
        return gt_lang_define(
                   c, (gt_lang_symbol){.name = e->name, .kind = kind, .index = index, .place = e->name_place}) != NULL;
    if (e->value == NULL)
        return true; /* a mistake of this statement is told of already */
    if (before->kind == GT_LANG_SYMBOL_EQUATION || before->kind == GT_LANG_SYMBOL_BACKWARD) {
        gt_lang_error(c->diagnostics, e->name_place, "%s is assigned twice, first in line %u", e->name,
                      before->place.line);
        gt_lang_hint(c->diagnostics, "give one of them another name");
        return true;
    }
    gt_lang_error(c->diagnostics, e->name_place, "%s is %s and cannot be assigned", e->name,
                  gt_lang_symbol_kind_name(before->kind));
    if (before->kind == GT_LANG_SYMBOL_STATE)
        gt_lang_hint(c->diagnostics, "its next value is %s': write %s' = ...", e->name, e->name);
    return true;
}

bool gt_lang_announce_all(gt_lang_checker *c, const gt_lang_equation *equations, uint32_t count,
                          gt_lang_symbol_kind kind)
{
    for (uint32_t i = 0; i < count && !gt_lang_enough(c->diagnostics); i++)
        if (!announce(c, &equations[i], kind, i))
            return false;
    return true;
}

/* A primed name is the next value of a state. */
static const gt_lang_symbol *state_of(const gt_lang_checker *c, const char *primed)
{
    char name[GT_LANG_MAX_NAME + 2];
    gt_utf8_format(name, sizeof name, "%.*s", (int)strlen(primed) - 1, primed);
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, name);
    return symbol != NULL && symbol->kind == GT_LANG_SYMBOL_STATE ? symbol : NULL;
}

static void check_next(gt_lang_checker *c, const gt_lang_equation *e, const gt_lang_shape *shape)
{
    const gt_lang_symbol *state = state_of(c, e->name);
    char is[400], expected[400];
    if (state == NULL) {
        int length = (int)strlen(e->name) - 1;
        const gt_lang_symbol *other = gt_lang_symbol_of(c, e->name, (size_t)length, "");
        if (e->value == NULL)
            return;
        gt_lang_error(c->diagnostics, e->name_place, "%.*s is no state, so it has no next value", length, e->name);
        if (other != NULL)
            gt_lang_hint(c->diagnostics, "%s is %s; another value needs another name", other->name,
                         gt_lang_symbol_kind_name(other->kind));
        else
            gt_lang_hint(c->diagnostics, "declare it, state %.*s[n], or leave the prime out", length, e->name);
        return;
    }
    if (!shape->known || !state->shape.known || (!shape->number && gt_lang_shape_equal(shape, &state->shape)))
        return;
    gt_lang_error(c->diagnostics, e->value->place, "the next value of state %s is %s, and must be %s", state->name,
                  gt_lang_shape_format(c, shape, is, sizeof is),
                  gt_lang_shape_format(c, &state->shape, expected, sizeof expected));
}

static void check_output(gt_lang_checker *c, const gt_lang_equation *e, const gt_lang_shape *shape)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    char is[400];
    if (!shape->known || (!shape->number && gt_lang_size_equal(&shape->columns, &examples)))
        return;
    gt_lang_error(c->diagnostics, e->value->place,
                  "the output %s is %s, and must have a column for each of the m examples", e->name,
                  gt_lang_shape_format(c, shape, is, sizeof is));
}

/* What training sums over the steps, and of whose sums it takes the mean. */
static void check_loss(gt_lang_checker *c, const gt_lang_equation *e, const gt_lang_shape *shape)
{
    char is[400];
    if (!shape->known || (!shape->number && gt_lang_has_examples(shape) && gt_lang_size_is(&shape->rows, 1)))
        return;
    gt_lang_error(c->diagnostics, e->value->place, "the loss %s is %s, and must be a number for each example, (1, m)",
                  e->name, shape->number ? "one number" : gt_lang_shape_format(c, shape, is, sizeof is));
    gt_lang_hint(c->diagnostics,
                 "the mean or the sum over the features of each example: mean(u, axis=0), sum(u, axis=0)");
}

static void check_equation(gt_lang_checker *c, const gt_lang_equation *e, uint32_t index)
{
    gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    gt_lang_shape shape = {0};
    if (e->constant)
        shape = gt_lang_check_constant(c, e);
    else if (e->value != NULL)
        shape = gt_lang_check_expression(c, e->value);
    if (e->target == GT_LANG_NEXT)
        check_next(c, e, &shape);
    if (e->loss)
        check_loss(c, e, &shape);
    else if (e->target == GT_LANG_OUTPUT)
        check_output(c, e, &shape);
    c->meaning->equations[index].shape = shape;
    if (symbol->place.offset != e->name_place.offset)
        return; /* reported: assigned twice */
    symbol->shape = shape;
    symbol->defined = true;
}

/* A layer hands on one array. */
static void check_hidden(gt_lang_checker *c)
{
    const gt_lang_equation *first = NULL;
    for (uint32_t i = 0; i < c->meaning->cell->equation_count; i++) {
        const gt_lang_equation *e = &c->meaning->cell->equations[i];
        if (e->hidden && first != NULL) {
            gt_lang_error(c->diagnostics, e->name_place, "a layer hands on one array, which is %s, in line %u",
                          first->name, first->name_place.line);
            gt_lang_hint(c->diagnostics, "write output %s = ..., or join the two with concat", e->name);
        }
        if (e->hidden && first == NULL)
            first = e;
    }
}

static void check_output_count(gt_lang_checker *c)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->meaning->cell->equation_count; i++) {
        const gt_lang_equation *e = &c->meaning->cell->equations[i];
        if (e->target == GT_LANG_OUTPUT && ++count == GT_MAX_CELL_ARRAYS + 1)
            gt_lang_error(c->diagnostics, e->name_place, "a cell has at most %d outputs", GT_MAX_CELL_ARRAYS);
    }
}

/* h_new = ..., which is meant to be h' = ...; NULL if there is nothing of that kind. */
static const gt_lang_equation *next_by_another_name(const gt_lang_cell *cell, const char *state)
{
    for (uint32_t i = cell->equation_count; i-- > 0;) {
        const gt_lang_equation *e = &cell->equations[i];
        size_t letters = gt_lang_without_time(e->name);
        if (e->target == GT_LANG_LOCAL && letters == strlen(state) && memcmp(e->name, state, letters) == 0)
            return e;
    }
    return NULL;
}

static void check_next_state(gt_lang_checker *c, const gt_lang_declaration *d)
{
    char name[GT_LANG_MAX_NAME + 2];
    gt_utf8_format(name, sizeof name, "%s'", d->name);
    if (gt_lang_symbols_find(&c->meaning->symbols, name) != NULL)
        return;
    const gt_lang_equation *other = next_by_another_name(c->meaning->cell, d->name);
    gt_lang_error(c->diagnostics, d->place, "state %s gets no next value", d->name);
    if (other != NULL)
        gt_lang_hint(c->diagnostics, "write %s = ... in place of %s = ..., in line %u", name, other->name,
                     other->name_place.line);
    else
        gt_lang_hint(c->diagnostics, "add an equation %s = ...", name);
}

/* Whether the cell assigns the state itself, which is told of where it does. */
static bool assigns(const gt_lang_cell *cell, const char *state)
{
    for (uint32_t i = 0; i < cell->equation_count; i++)
        if (strcmp(cell->equations[i].name, state) == 0)
            return true;
    return false;
}

static void check_next_states(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].role == GT_LANG_STATE && !cell->incomplete &&
            !assigns(cell, cell->declarations[i].name))
            check_next_state(c, &cell->declarations[i]);
}

static bool check_equations(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    c->meaning->equations = gt_pool_new(c->meaning->symbols.pool, cell->equation_count, sizeof *c->meaning->equations);
    if (c->meaning->equations == NULL ||
        !gt_lang_announce_all(c, cell->equations, cell->equation_count, GT_LANG_SYMBOL_EQUATION))
        return false;
    for (uint32_t i = 0; i < cell->equation_count && !gt_lang_enough(c->diagnostics); i++)
        check_equation(c, &cell->equations[i], i);
    check_next_states(c);
    check_output_count(c);
    check_hidden(c);
    return !c->no_memory;
}

/* ---- what is drawn ------------------------------------------------------------------------- */

static const gt_lang_expression *expression_of(gt_lang_checker *c, const gt_lang_size *size)
{
    char text[GT_LANG_SIZE_TEXT];
    const gt_lang_expression *e =
        gt_lang_parse_formula(c->meaning->symbols.pool, gt_lang_size_format(size, true, text, sizeof text));
    c->no_memory = c->no_memory || e == NULL;
    return e;
}

/* The sizes of what is drawn are those of the array that it is like, for those who read declarations. */
static void declare_sizes(gt_lang_checker *c, gt_lang_declaration *d)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, d->name);
    if (symbol == NULL || !symbol->shape.known) /* not declared any more behind too many errors */
        return;
    d->rows = (gt_lang_expression *)expression_of(c, &symbol->shape.rows);
    d->axis_count = symbol->shape.axes == NULL ? 1 : symbol->shape.axes->count;
    d->axes[0] = d->rows;
    for (uint32_t i = 0; symbol->shape.axes != NULL && i < d->axis_count; i++)
        d->axes[i] = (gt_lang_expression *)expression_of(c, &symbol->shape.axes->sizes[i]);
}

static bool declare_draws(gt_lang_checker *c)
{
    for (uint32_t i = 0; i < c->meaning->cell->declaration_count && !c->no_memory; i++)
        if (c->meaning->cell->declarations[i].like != NULL && c->meaning->cell->declarations[i].rows == NULL)
            declare_sizes(c, &c->meaning->cell->declarations[i]);
    return !c->no_memory;
}

/* ---- what is never used -------------------------------------------------------------------- */

static void warn_unused(gt_lang_checker *c)
{
    for (gt_lang_symbol *s = c->meaning->symbols.table; s != NULL; s = s->hh.next) {
        /* A state may be there only to be read by the next layer. */
        bool declared = s->kind == GT_LANG_SYMBOL_INPUT || s->kind == GT_LANG_SYMBOL_PARAMETER;
        bool local =
            s->kind == GT_LANG_SYMBOL_EQUATION && c->meaning->cell->equations[s->index].target == GT_LANG_LOCAL;
        bool read = s->kind == GT_LANG_SYMBOL_EQUATION && c->meaning->cell->equations[s->index].read;
        if (!s->used && s->begins == NULL && !read && (declared || local))
            gt_lang_warning(c->diagnostics, s->place, "%s is never used", s->name);
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

bool gt_lang_understand(gt_lang_checker *checker, const gt_lang_cell *cell)
{
    checker->meaning->cell = cell;
    if (!gt_lang_check_declarations(checker) || !check_equations(checker))
        return false;
    gt_lang_check_initial_values(checker);
    if (!gt_lang_check_backward(checker) || !declare_draws(checker))
        return false;
    if (checker->diagnostics->error_count == 0) { /* then every equation has a value */
        warn_unused(checker);
        return gt_lang_find_dependencies(checker->meaning) && !checker->diagnostics->no_memory;
    }
    return !checker->diagnostics->no_memory;
}

void gt_lang_meaning_free(gt_lang_meaning *meaning)
{
    gt_lang_forms_free(meaning);
    gt_lang_symbols_free(&meaning->symbols);
}
