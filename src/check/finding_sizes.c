/* Which sizes the rows of a finding's array are the product of. */
#include "check/cell_check.h"
#include "check/words.h"
#include "gradtape/handwritten.h"

#include <string.h>

typedef const char *const *sizes_of;

static sizes_of find_row(const gt_cell_array *rows, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].sizes;
    return NULL;
}

static sizes_of find_equation(const gt_equation *equations, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(equations[i].name, name) == 0)
            return equations[i].sizes;
    return NULL;
}

/* NULL if the cell has no such name. */
static sizes_of find(const gt_cell *cell, const char *name)
{
    const gt_handwritten *block = cell->handwritten;
    sizes_of found = find_row(cell->states, cell->state_count, name);
    if (found == NULL)
        found = find_row(cell->inputs, cell->input_count, name);
    if (found == NULL)
        found = find_row(cell->parameters, cell->parameter_count, name);
    if (found == NULL)
        found = find_row(cell->outputs, cell->output_count, name);
    if (found == NULL && block != NULL)
        found = find_equation(block->forward, block->forward_count, name);
    if (found == NULL && block != NULL)
        found = find_equation(block->backward, block->backward_count, name);
    return found;
}

void gt_finding_find_sizes(gt_finding *f, const gt_cell_problem *data)
{
    sizes_of sizes = find(data->cell, gt_is_said(f->of) ? f->of : gt_is_said(f->array) ? f->array : "");
    gt_shape shape = GT_SHAPE(1);
    shape.rank = 0;
    for (; sizes != NULL && shape.rank < GT_MAX_SIZES && sizes[shape.rank] != NULL; shape.rank++)
        if (gt_size_evaluate(sizes[shape.rank], data->sizes, data->size_count, &shape.size[shape.rank], NULL) != GT_OK)
            return;
    f->sizes = shape;
}
