/* The tables of a gt_cell, from the declarations. */
#include "lang/parsed.h"

#include "lang/initial.h"
#include "lang/run_cell.h"

#include <string.h>

/* As gt_size_evaluate reads it; NULL on no memory. */
static const char *size_text(const gt_lang_size *size, gt_pool *pool)
{
    char text[GT_LANG_SIZE_TEXT];
    gt_lang_size_format(size, true, text, sizeof text);
    char *copy = gt_pool_new(pool, strlen(text) + 1, 1);
    return copy == NULL ? NULL : strcpy(copy, text);
}

bool gt_lang_write_sizes(const gt_lang_shape *shape, gt_pool *pool, const char *sizes[GT_MAX_SIZES])
{
    _Static_assert(GT_LANG_MAX_AXES <= GT_MAX_SIZES, "as many as the language has");
    for (uint32_t i = 0; shape->axes != NULL && i < shape->axes->count; i++)
        if ((sizes[i] = size_text(&shape->axes->sizes[i], pool)) == NULL)
            return false;
    return true;
}

static bool make_row(const gt_lang_meaning *meaning, const gt_lang_declaration *d, uint32_t index, gt_pool *pool,
                     gt_cell_array *row)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&meaning->symbols, d->name);
    *row = (gt_cell_array){.name = d->name, .rows = size_text(&symbol->shape.rows, pool)};
    if (!gt_lang_write_sizes(&symbol->shape, pool, row->sizes) ||
        !gt_lang_make_initializer(meaning, d, pool, &row->initializer))
        return false;
    if (d->columns != NULL)
        row->columns = size_text(&symbol->shape.columns, pool);
    row->drawn = d->drawn;
    row->begins_with = d->begins_with;
    if (d->role == GT_LANG_PARAMETER)
        row->output_only = meaning->parameter_for_outputs[index] && !meaning->parameter_for_states[index];
    return row->rows != NULL && (d->columns == NULL || row->columns != NULL);
}

/* The rows of one role in the order of the text. */
static bool make_table(const gt_lang_meaning *meaning, gt_lang_role role, gt_pool *pool, const gt_cell_array **table,
                       uint32_t *count)
{
    const gt_lang_cell *cell = meaning->cell;
    gt_cell_array *rows = gt_pool_new(pool, cell->declaration_count, sizeof *rows);
    *table = rows;
    *count = 0;
    if (rows == NULL)
        return false;
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        if (cell->declarations[i].role != role)
            continue;
        if (!make_row(meaning, &cell->declarations[i], *count, pool, &rows[*count]))
            return false;
        ++*count;
    }
    return true;
}

static bool make_outputs(const gt_lang_meaning *meaning, gt_pool *pool, gt_cell *made)
{
    const gt_lang_cell *cell = meaning->cell;
    gt_cell_array *rows = gt_pool_new(pool, GT_MAX_CELL_ARRAYS, sizeof *rows);
    made->outputs = rows;
    if (rows == NULL)
        return false;
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        if (cell->equations[i].target != GT_LANG_OUTPUT)
            continue;
        const char *size = size_text(&meaning->equations[i].shape.rows, pool);
        if (size == NULL)
            return false;
        rows[made->output_count] = (gt_cell_array){.name = cell->equations[i].name,
                                                   .rows = size,
                                                   .hidden = cell->equations[i].hidden,
                                                   .loss = cell->equations[i].loss};
        if (!gt_lang_write_sizes(&meaning->equations[i].shape, pool, rows[made->output_count++].sizes))
            return false;
    }
    return true;
}

bool gt_lang_make_cell(const gt_lang_meaning *meaning, gt_pool *pool, gt_cell *cell)
{
    *cell = (gt_cell){.name = meaning->cell->name,
                      .documentation = meaning->cell->documentation,
                      .step = gt_lang_step,
                      .begin = gt_lang_begin,
                      .context = (void *)meaning};
    if (!make_table(meaning, GT_LANG_INPUT, pool, &cell->inputs, &cell->input_count) ||
        !make_table(meaning, GT_LANG_STATE, pool, &cell->states, &cell->state_count) ||
        !make_table(meaning, GT_LANG_PARAMETER, pool, &cell->parameters, &cell->parameter_count) ||
        !make_outputs(meaning, pool, cell))
        return false;
    if (cell->output_count > 0)
        cell->output = gt_lang_output;
    return true;
}
