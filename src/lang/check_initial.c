/* What initial values may be made of. */
#include "lang/check_axes.h"
#include "lang/functions.h"
#include "lang/initial.h"

#include "gradtape/nearest.h"

#include <string.h>

static bool is_index(const char *name)
{
    return strcmp(name, GT_LANG_ROW_INDEX) == 0 || strcmp(name, GT_LANG_COLUMN_INDEX) == 0;
}

static void advise(gt_lang_checker *c, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (const gt_lang_symbol *s = c->meaning->symbols.table; s != NULL; s = s->hh.next)
        if (s->kind == GT_LANG_SYMBOL_DIMENSION)
            gt_nearest_offer(&nearest, s->name);
    if (nearest.best != NULL)
        gt_lang_hint(c->diagnostics, "did you mean %s?", nearest.best);
    else
        gt_lang_hint(c->diagnostics,
                     "it is made of numbers, dimensions, and the row i and the column j of an entry, from 0");
}

/* A mean, and what is kept from step to step, are of all entries alike. */
static void check_drawn(gt_lang_checker *c, const gt_lang_expression *e)
{
    const gt_lang_symbol *symbol = e->kind == GT_LANG_NAME ? gt_lang_symbols_find(&c->meaning->symbols, e->name) : NULL;
    if (e->kind == GT_LANG_NAME && (symbol == NULL ? is_index(e->name) : symbol->kind == GT_LANG_SYMBOL_PARAMETER))
        gt_lang_error(c->diagnostics, e->place, "what is drawn is drawn by one law for all entries, without %s",
                      e->name);
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        check_drawn(c, gt_lang_operand(e, i));
}

/* Entry by entry another parameter, whose formula is known and has as many entries. */
static void check_parameter(gt_lang_checker *c, const gt_lang_declaration *of, const gt_lang_expression *e,
                            const gt_lang_symbol *symbol)
{
    const gt_lang_declaration *list = c->meaning->cell->declarations, *other = list;
    const gt_lang_symbol *own = gt_lang_symbols_find(&c->meaning->symbols, of->name);
    while (strcmp(other->name, e->name) != 0)
        other++;
    if (other >= of) {
        gt_lang_error(c->diagnostics, e->place, "an initial value knows the parameters above it, and not %s", e->name);
    } else if (other->initial == NULL) {
        gt_lang_error(c->diagnostics, e->place, "%s begins with no formula, so no entry of it is known", e->name);
        gt_lang_hint(c->diagnostics, "write what it begins with: = and a formula, ~ normal(...) or ~ uniform(...)");
    } else if (own->shape.known && symbol->shape.known &&
               (!gt_lang_size_equal(&own->shape.rows, &symbol->shape.rows) ||
                !gt_lang_size_equal(&own->shape.columns, &symbol->shape.columns))) {
        gt_lang_error(c->diagnostics, e->place, "%s has other sizes than %s", e->name, of->name);
        gt_lang_hint(c->diagnostics, "each entry is made of the entry of the other parameter in its place");
    }
}

static void check_name(gt_lang_checker *c, const gt_lang_declaration *of, const gt_lang_expression *e)
{
    gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    bool number = symbol != NULL && (symbol->kind == GT_LANG_SYMBOL_DIMENSION ||
                                     (symbol->kind == GT_LANG_SYMBOL_EQUATION && symbol->shape.number));
    if (number)
        symbol->used = true;
    if (number || is_index(e->name))
        return;
    if (symbol == NULL) {
        gt_lang_error(c->diagnostics, e->place, "an initial value knows no %s", e->name);
        advise(c, e->name);
        return;
    }
    if (of->role == GT_LANG_PARAMETER && symbol->kind == GT_LANG_SYMBOL_PARAMETER) {
        check_parameter(c, of, e, symbol);
        return;
    }
    gt_lang_error(c->diagnostics, e->place, "%s is %s, and no part of an initial value", e->name,
                  gt_lang_symbol_kind_name(symbol->kind));
    gt_lang_hint(c->diagnostics,
                 "it is made of numbers, dimensions, and the row i and the column j of an entry, from 0");
}

static void fail_array(gt_lang_checker *c, gt_lang_place place, const char *what)
{
    gt_lang_error(c->diagnostics, place, "an initial value is a number for each entry, and %s is of arrays", what);
    gt_lang_hint(c->diagnostics, "write a formula of the row i and the column j: i == j is the identity");
}

static void check_value(gt_lang_checker *c, const gt_lang_declaration *of, const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_NAME)
        check_name(c, of, e);
    else if (e->kind == GT_LANG_TRANSPOSE || e->kind == GT_LANG_SLICE)
        fail_array(c, e->operator_place, e->kind == GT_LANG_SLICE ? "a slice" : ".T");
    else if (e->kind == GT_LANG_CALL && gt_lang_function_at(e->function)->op == NULL)
        fail_array(c, e->operator_place, gt_lang_function_at(e->function)->name);
    for (uint32_t i = 0; e->kind == GT_LANG_BINARY && i < e->chain_length; i++)
        if (e->chain[i]->operation == GT_LANG_MATMUL)
            fail_array(c, e->chain[i]->operator_place, "@");
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        check_value(c, of, gt_lang_operand(e, i));
}

/* ---- states that begin with what is computed of parameters ----------------------------------- */

static void advise_beginning(gt_lang_checker *c, const gt_lang_declaration *state, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (const gt_lang_symbol *s = c->meaning->symbols.table; s != NULL; s = s->hh.next)
        if (s->kind == GT_LANG_SYMBOL_PARAMETER)
            gt_nearest_offer(&nearest, s->name);
    if (nearest.best != NULL)
        gt_lang_hint(c->diagnostics, "did you mean %s?", nearest.best);
    else
        gt_lang_hint(c->diagnostics, "declare it, of the size of the state: param %s0[n]", state->name);
}

static bool is_of_the_cell(const gt_lang_checker *c, const gt_lang_symbol *symbol)
{
    return symbol->kind == GT_LANG_SYMBOL_DIMENSION || symbol->kind == GT_LANG_SYMBOL_PARAMETER ||
           (symbol->kind == GT_LANG_SYMBOL_EQUATION && c->meaning->cell->equations[symbol->index].constant);
}

/* It is the same before every sequence: of parameters, constants and numbers. `state` is for the words. */
static bool check_beginning_names(gt_lang_checker *c, const gt_lang_declaration *state, const gt_lang_expression *e)
{
    bool good = true;
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        good = check_beginning_names(c, state, gt_lang_operand(e, i)) && good;
    if (e->kind != GT_LANG_NAME)
        return good;
    gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    if (symbol != NULL && is_of_the_cell(c, symbol)) {
        if (symbol->kind == GT_LANG_SYMBOL_PARAMETER && !symbol->used)
            symbol->begins = state->name;
        return good;
    }
    if (symbol != NULL)
        gt_lang_error(c->diagnostics, e->place,
                      "%s is %s, and state %s begins with a number, a parameter or a formula of them", symbol->name,
                      gt_lang_symbol_kind_name(symbol->kind), state->name);
    else
        gt_lang_error(c->diagnostics, e->place, "there is no parameter %s for state %s to begin with", e->name,
                      state->name);
    advise_beginning(c, state, e->name);
    return false;
}

/* S[n_k, n_v] of a matrix with these rows and columns, as a parameter is. */
static bool is_matrix_of(const gt_lang_shape *state, const gt_lang_shape *is)
{
    uint32_t last = gt_lang_axis_count(state) - 1;
    gt_lang_size columns = gt_lang_axis_size(state, last);
    return last > 0 && gt_lang_axis_count(is) == last && gt_lang_same_sizes(state, is, 0, last) &&
           gt_lang_size_equal(&is->columns, &columns);
}

/* One column, which all examples begin with, or one number for all entries. */
static bool fits_beginning(const gt_lang_shape *state, const gt_lang_shape *is)
{
    const gt_lang_size one = gt_lang_size_number(1);
    if (is->number || is_matrix_of(state, is))
        return true;
    return gt_lang_size_equal(&is->columns, &one) &&
           (gt_lang_size_equal(&is->rows, &one) ||
            (gt_lang_size_equal(&is->rows, &state->rows) &&
             (is->axes == NULL || gt_lang_same_sizes(state, is, 0, gt_lang_axis_count(state)))));
}

static void check_beginning(gt_lang_checker *c, const gt_lang_declaration *state)
{
    const gt_lang_expression *e = state->initial;
    char is[400], size[400];
    if (!check_beginning_names(c, state, e))
        return;
    gt_lang_shape shape = gt_lang_check_expression(c, e);
    gt_lang_shape column = gt_lang_symbols_find(&c->meaning->symbols, state->name)->shape;
    if (!shape.known || !column.known || fits_beginning(&column, &shape))
        return;
    column.columns = gt_lang_size_number(1);
    gt_lang_error(c->diagnostics, e->place, "state %s begins with %s, which is %s, and must be %s", state->name,
                  state->begins_with, gt_lang_shape_format(c, &shape, is, sizeof is),
                  gt_lang_shape_format(c, &column, size, sizeof size));
    gt_lang_size_format(&column.rows, false, size, sizeof size);
    if (e->kind == GT_LANG_NAME)
        gt_lang_hint(c->diagnostics, "declare it with one size, all examples begin with it: param %s[%s]", e->name,
                     size);
    else
        gt_lang_hint(c->diagnostics, "a formula of one column, which all examples begin with, of the sizes of %s",
                     state->name);
}

void gt_lang_check_initial_values(gt_lang_checker *checker)
{
    const gt_lang_cell *cell = checker->meaning->cell;
    for (uint32_t i = 0; i < cell->declaration_count && !gt_lang_enough(checker->diagnostics); i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (d->begins_with != NULL && !d->implied)
            check_beginning(checker, d);
        else if (d->initial != NULL && d->begins_with == NULL)
            check_value(checker, d, d->initial);
        if (d->drawn && d->initial != NULL)
            check_drawn(checker, d->initial);
    }
}
