#include "cli/check/settings.h"

#include "gradtape/utf8.h"

#include <string.h>

/* The usual names have the notebook's sizes; others get what no other has. */
static int64_t usual_size(const gt_cell_dimensions *d, uint32_t place)
{
    static const gt_dimension usual[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(usual[i].name, d->names[place]) == 0)
            return usual[i].size;
    for (int64_t size = 4;; size++) {
        bool taken = size == 5;
        for (uint32_t i = 0; i < place; i++)
            taken = taken || d->list[i].size == size;
        if (!taken)
            return size;
    }
}

gt_status gt_check_sizes_read(gt_check_sizes *s, const gt_cell *cell, const char *text,
                              gt_error *error)
{
    s->cell = cell;
    gt_cell_dimensions *d = &s->dimensions;
    gt_status status = gt_cell_dimensions_find(d, cell, true, 0, error);
    for (uint32_t i = 0; i < d->count; i++)
        d->list[i].size = usual_size(d, i);
    return status == GT_OK ? gt_cell_dimensions_read(d, cell, text, error) : status;
}

/* ---- what arrays tell ---------------------------------------------------------------------- */

/* A size that is one name tells that dimension; "n_a + n_x" tells nothing by itself. */
static void learn(gt_cell_dimensions *d, const char *size, int64_t value)
{
    gt_dimension *dimension = size != NULL ? gt_cell_dimensions_at(d, size) : NULL;
    if (dimension == NULL || d->given[dimension - d->list])
        return;
    d->given[dimension - d->list] = true;
    dimension->size = value;
}

static void learn_table(gt_check_sizes *s, const gt_archive *arrays, const gt_cell_array *rows,
                        uint32_t count, const char *before, const char *behind)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[2 * GT_DIMENSION_NAME];
        gt_utf8_format(name, sizeof name, "%s%s%s", before, rows[i].name, behind);
        gt_array array = gt_archive_find(arrays, name);
        if (array.data == NULL)
            continue;
        learn(&s->dimensions, rows[i].rows, array.shape.size[0]);
        learn(&s->dimensions, rows[i].columns, array.shape.size[1]);
    }
}

gt_status gt_check_sizes_learn(gt_check_sizes *s, const gt_archive *arrays, bool whole,
                               gt_error *error)
{
    const gt_cell *cell = s->cell;
    for (uint32_t i = 0; i < cell->input_count; i++) {
        gt_array input = gt_archive_find(arrays, cell->inputs[i].name);
        if (input.data == NULL && !whole)
            continue;
        if (input.data == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' is missing: the input of %s, (%s, m, T) or (%s, m)",
                                cell->inputs[i].name, cell->name, cell->inputs[i].rows,
                                cell->inputs[i].rows);
        s->examples = input.shape.size[1];
        s->steps = input.shape.size[2];
    }
    learn_table(s, arrays, cell->inputs, cell->input_count, "", "");
    learn_table(s, arrays, cell->parameters, cell->parameter_count, "", "");
    learn_table(s, arrays, cell->states, cell->state_count, "", "0");
    learn_table(s, arrays, cell->states, cell->state_count, "d", "");
    learn_table(s, arrays, cell->outputs, cell->output_count, "d", "");
    return GT_OK;
}
