/* Declarations: the names, and their sizes with the dimensions in them. */
#include "lang/check_axes.h"
#include "lang/functions.h"
#include "lang/meaning_parts.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"

#include <string.h>

/* ---- dimensions ---------------------------------------------------------------------------- */

static bool add_dimension(gt_lang_checker *c, const gt_lang_expression *e)
{
    gt_lang_meaning *meaning = c->meaning;
    gt_lang_shape number = {
        .known = true, .number = true, .rows = gt_lang_size_number(1), .columns = gt_lang_size_number(1)};
    gt_lang_symbol symbol = {.name = e->name,
                             .kind = GT_LANG_SYMBOL_DIMENSION,
                             .index = meaning->dimension_count,
                             .place = e->place,
                             .shape = number,
                             .defined = true};
    if (gt_lang_define(c, symbol) == NULL)
        return false;
    if (meaning->dimension_count == GT_MAX_CELL_ARRAYS) {
        gt_lang_error(c->diagnostics, e->place, "a cell has at most %d dimensions", GT_MAX_CELL_ARRAYS);
        return true;
    }
    meaning->dimensions[meaning->dimension_count++] = e->name;
    return true;
}

/* Every name in a size that is not declared is a dimension. */
static bool find_dimensions(gt_lang_checker *c, const gt_lang_expression *e)
{
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        if (!find_dimensions(c, gt_lang_operand(e, i)))
            return false;
    if (e->kind != GT_LANG_NAME)
        return true;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
    if (symbol != NULL && symbol->kind == GT_LANG_SYMBOL_DIMENSION)
        return true;
    if (symbol != NULL)
        gt_lang_error(c->diagnostics, e->place, "%s is %s, and no size", e->name,
                      gt_lang_symbol_kind_name(symbol->kind));
    else if (strcmp(e->name, GT_LANG_EXAMPLES) == 0)
        gt_lang_error(c->diagnostics, e->place, "m is the number of examples, and no size that is declared");
    else if (e->name[strlen(e->name) - 1] == '\'' || gt_lang_is_keyword(e->name))
        gt_lang_error(c->diagnostics, e->place, "%s cannot be the name of a dimension", e->name);
    else
        return add_dimension(c, e);
    return true;
}

/* ---- sizes --------------------------------------------------------------------------------- */

static bool find_size(gt_lang_checker *c, const gt_lang_expression *e, gt_lang_size *size)
{
    const gt_lang_expression *where;
    switch (gt_lang_size_of(e, size, &where)) {
    case GT_LANG_SIZE_WRONG:
        gt_lang_error(c->diagnostics, where->place, "a size is made of whole numbers and dimension names with + - *");
        return false;
    case GT_LANG_SIZE_TOO_LARGE:
        gt_lang_error(c->diagnostics, where->place, "the size is too large or too complicated");
        return false;
    case GT_LANG_SIZE_GOOD:
        break;
    }
    if (!gt_lang_has_dimensions_alone(c, e))
        return false; /* told of with the names */
    if (!gt_lang_size_below(size, 1))
        return true;
    gt_lang_error(c->diagnostics, e->place, "a size is at least 1");
    return false;
}

gt_lang_shape gt_lang_declared_sizes(gt_lang_checker *checker, const gt_lang_expression *rows,
                                     const gt_lang_expression *columns)
{
    gt_lang_shape shape = {.columns = gt_lang_size_number(1)};
    shape.known = find_size(checker, rows, &shape.rows);
    if (columns != NULL)
        shape.known = find_size(checker, columns, &shape.columns) && shape.known;
    return shape;
}

static gt_lang_shape declared_shape(gt_lang_checker *c, const gt_lang_declaration *d)
{
    if (d->rows == NULL)
        return (gt_lang_shape){.columns = gt_lang_size_number(1)};
    gt_lang_shape shape = gt_lang_declared_sizes(c, d->rows, d->columns);
    if (d->role != GT_LANG_PARAMETER)
        shape.columns = gt_lang_size_name(GT_LANG_EXAMPLES);
    gt_lang_size sizes[GT_LANG_MAX_AXES];
    for (uint32_t i = 0; shape.known && d->axis_count > 1 && i < d->axis_count; i++)
        shape.known = find_size(c, d->axes[i], &sizes[i]);
    if (shape.known && d->axis_count > 1)
        shape.known = gt_lang_make_shape(c, d->place, sizes, d->axis_count, shape.columns, &shape);
    return shape;
}

/* ---- names --------------------------------------------------------------------------------- */

static bool declare(gt_lang_checker *c, const gt_lang_declaration *d, uint32_t index)
{
    static const gt_lang_symbol_kind kinds[] = {GT_LANG_SYMBOL_INPUT, GT_LANG_SYMBOL_STATE, GT_LANG_SYMBOL_PARAMETER};
    const gt_lang_symbol *before = gt_lang_symbols_find(&c->meaning->symbols, d->name);
    if (before != NULL) {
        gt_lang_error(c->diagnostics, d->place, "%s is declared twice, first in line %u", d->name, before->place.line);
        return true;
    }
    return gt_lang_define(c, (gt_lang_symbol){.name = d->name,
                                              .kind = kinds[d->role],
                                              .index = index,
                                              .place = d->place,
                                              .like = d->like,
                                              .defined = true}) != NULL;
}

static bool declare_all(gt_lang_checker *c, uint32_t counts[3])
{
    const gt_lang_cell *cell = c->meaning->cell;
    for (uint32_t i = 0; i < cell->declaration_count && !gt_lang_enough(c->diagnostics); i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (!declare(c, d, counts[d->role]++))
            return false;
        if (counts[d->role] == GT_MAX_CELL_ARRAYS + 1)
            gt_lang_error(c->diagnostics, d->place, "a cell has at most %d inputs, states or parameters",
                          GT_MAX_CELL_ARRAYS);
    }
    return true;
}

static bool find_all_dimensions(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    c->meaning->dimensions = gt_pool_new(c->meaning->symbols.pool, GT_MAX_CELL_ARRAYS, sizeof *c->meaning->dimensions);
    if (c->meaning->dimensions == NULL)
        return false;
    for (uint32_t i = 0; i < cell->declaration_count && !gt_lang_enough(c->diagnostics); i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (d->rows != NULL && !find_dimensions(c, d->rows))
            return false;
        if (d->rows != NULL && d->columns != NULL && !find_dimensions(c, d->columns))
            return false;
    }
    for (uint32_t i = 0; i < cell->equation_count && !gt_lang_enough(c->diagnostics); i++) {
        const gt_lang_equation *e = &cell->equations[i];
        if ((e->rows != NULL && !find_dimensions(c, e->rows)) ||
            (e->columns != NULL && !find_dimensions(c, e->columns)))
            return false;
    }
    return true;
}

/*
 * What tools name by the states: the initial value of h is h0, in archives and in pictures. A state that
 * begins with a parameter has no such array of its own.
 */
static void check_initial_names(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    char name[GT_LANG_MAX_NAME + 2];
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        const gt_lang_declaration *state = &cell->declarations[i];
        gt_utf8_format(name, sizeof name, "%s0", state->name);
        const gt_lang_symbol *other =
            state->role == GT_LANG_STATE ? gt_lang_symbols_find(&c->meaning->symbols, name) : NULL;
        if (other == NULL || other->kind < GT_LANG_SYMBOL_INPUT || state->begins_with != NULL)
            continue;
        gt_lang_error(c->diagnostics, other->place,
                      "%s is the name of the initial value of state %s, which is declared "
                      "in line %u",
                      name, state->name, state->place.line);
        if (other->kind == GT_LANG_SYMBOL_PARAMETER)
            gt_lang_hint(c->diagnostics,
                         "if %s begins with it write state %s[...] = %s; otherwise give one of the two another name",
                         state->name, state->name, name);
        else
            gt_lang_hint(c->diagnostics, "give one of the two another name");
    }
}

static void find_shapes(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, cell->declarations[i].name);
        if (symbol != NULL && symbol->place.offset == cell->declarations[i].place.offset)
            symbol->shape = declared_shape(c, &cell->declarations[i]);
        c->meaning->has_axes = c->meaning->has_axes || cell->declarations[i].axis_count > 1;
    }
}

/* m is a number, unless the cell or one of its equations gives the name another meaning. */
static bool define_examples(gt_lang_checker *c)
{
    const gt_lang_cell *cell = c->meaning->cell;
    if (gt_lang_symbols_find(&c->meaning->symbols, GT_LANG_EXAMPLES) != NULL)
        return true;
    for (uint32_t i = 0; i < cell->equation_count; i++)
        if (strcmp(cell->equations[i].name, GT_LANG_EXAMPLES) == 0)
            return true;
    for (uint32_t i = 0; i < cell->backward_count; i++)
        if (strcmp(cell->backward[i].name, GT_LANG_EXAMPLES) == 0)
            return true;
    gt_lang_shape number = {
        .known = true, .number = true, .rows = gt_lang_size_number(1), .columns = gt_lang_size_number(1)};
    return gt_lang_define(c, (gt_lang_symbol){.name = GT_LANG_EXAMPLES,
                                              .kind = GT_LANG_SYMBOL_EXAMPLES,
                                              .shape = number,
                                              .defined = true}) != NULL;
}

bool gt_lang_check_declarations(gt_lang_checker *checker)
{
    const gt_lang_cell *cell = checker->meaning->cell;
    uint32_t counts[3] = {0, 0, 0};
    if (!declare_all(checker, counts) || !find_all_dimensions(checker) || !define_examples(checker))
        return false;
    check_initial_names(checker);
    find_shapes(checker);
    if (*cell->name == '\0')
        return !checker->no_memory; /* told already; it may not be a cell */
    if (counts[GT_LANG_INPUT] == 0)
        gt_lang_error(checker->diagnostics, cell->place, "the cell %s has no input", cell->name);
    if (counts[GT_LANG_STATE] == 0)
        gt_lang_error(checker->diagnostics, cell->place, "the cell %s has no state", cell->name);
    return !checker->no_memory;
}
