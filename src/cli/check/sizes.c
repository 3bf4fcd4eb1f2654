#include "cli/check/settings.h"

#include "base/utf8.h"
#include "models/dimensions.h"

/* m and T. */
static gt_status learn_sequence(gt_check_sizes *s, const gt_archive *arrays, bool whole, gt_error *error)
{
    const gt_cell *cell = s->cell;
    for (uint32_t i = 0; i < gt_cell_given_inputs(cell); i++) {
        gt_array input = gt_archive_find(arrays, cell->inputs[i].name);
        if (input.data == NULL && !whole)
            continue;
        if (input.data == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' is missing: the input of %s, (%s, m, T) or (%s, m)",
                                cell->inputs[i].name, cell->name, cell->inputs[i].rows, cell->inputs[i].rows);
        s->examples = input.shape.size[1];
        s->steps = input.shape.size[2];
    }
    return GT_OK;
}

typedef struct facts {
    gt_size_fact list[2 * 5 * GT_MAX_CELL_ARRAYS];
    size_t count;
} facts;

static void collect(facts *f, const gt_archive *arrays, const gt_cell_array *rows, uint32_t count, const char *before,
                    const char *behind)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[2 * GT_SIZE_NAME];
        gt_utf8_format(name, sizeof name, "%s%s%s", before, rows[i].name, behind);
        gt_array array = gt_archive_find(arrays, name);
        if (array.data == NULL)
            continue;
        f->list[f->count++] = (gt_size_fact){rows[i].rows, array.shape.size[0], rows[i].name};
        f->list[f->count++] = (gt_size_fact){rows[i].columns, array.shape.size[1], rows[i].name};
    }
}

/* Parameters are believed before states: where the two contradict, a state is the likelier slip. */
static void learn(gt_check_sizes *s, const gt_archive *arrays)
{
    const gt_cell *cell = s->cell;
    facts f = {.count = 0};
    collect(&f, arrays, cell->inputs, cell->input_count, "", "");
    collect(&f, arrays, cell->parameters, cell->parameter_count, "", "");
    collect(&f, arrays, cell->states, cell->state_count, "", "0");
    collect(&f, arrays, cell->states, cell->state_count, "d", "");
    collect(&f, arrays, cell->outputs, cell->output_count, "d", "");
    gt_dimensions_learn(&s->dimensions, f.list, f.count);
}

gt_status gt_check_sizes_find(gt_check_sizes *s, const gt_cell *cell, const char *dims, const gt_archive *arrays,
                              bool whole, gt_error *error)
{
    s->cell = cell;
    gt_status status = gt_dimensions_find(&s->dimensions, cell, true, error);
    if (status == GT_OK)
        status = gt_dimensions_read(&s->dimensions, cell, "--dims", dims, error);
    if (status == GT_OK && arrays != NULL)
        status = learn_sequence(s, arrays, whole, error);
    if (status != GT_OK)
        return status;
    if (arrays != NULL)
        learn(s, arrays);
    gt_dimensions_usual(&s->dimensions, 0);
    return GT_OK;
}
