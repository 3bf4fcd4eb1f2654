/* The list of cells, and what their tables say of shapes and parameters. */
#include "gradtape/cell.h"

#include "base/initializer_formula.h"
#include "models/initializers.h"

#include <stdio.h>
#include <string.h>

static const gt_cell *const cells[] = {&gt_cell_rnn, &gt_cell_lstm, &gt_cell_gru};

uint32_t gt_cell_count(void)
{
    return sizeof cells / sizeof *cells;
}

const gt_cell *gt_cell_at(uint32_t i)
{
    return i < gt_cell_count() ? cells[i] : NULL;
}

const gt_cell *gt_cell_find(const char *name)
{
    for (uint32_t i = 0; name != NULL && i < gt_cell_count(); i++)
        if (strcmp(cells[i]->name, name) == 0)
            return cells[i];
    return NULL;
}

bool gt_cell_is_output_layer(const gt_cell_array *output)
{
    return !output->hidden && strcmp(output->rows, "n_y") == 0;
}

int32_t gt_cell_handed_on(const gt_cell *cell)
{
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (cell->outputs[i].hidden)
            return (int32_t)i;
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (!cell->outputs[i].loss && !gt_cell_is_output_layer(&cell->outputs[i]))
            return (int32_t)i;
    return -1;
}

gt_status gt_cell_array_shape(const gt_cell_array *array, const gt_dimension *dimensions, uint32_t dimension_count,
                              int64_t columns_if_vector, gt_shape *shape, gt_error *error)
{
    gt_error inner = {0};
    int64_t rows = 0, columns = columns_if_vector;
    gt_status status = gt_size_evaluate(array->rows, dimensions, dimension_count, &rows, &inner);
    if (status == GT_OK && array->columns != NULL)
        status = gt_size_evaluate(array->columns, dimensions, dimension_count, &columns, &inner);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s: %s", array->name, inner.message);
    gt_shape result = GT_SHAPE(rows, columns);
    if (!gt_shape_valid(result))
        return gt_error_set(error, GT_ERROR_SIZE, "%s: (%lld, %lld) is no possible shape", array->name, (long long)rows,
                            (long long)columns);
    *shape = result;
    return GT_OK;
}

bool gt_cell_has_read_outputs(const gt_cell *cell)
{
    bool loss = false;
    for (uint32_t i = 0; i < cell->output_count; i++)
        loss = loss || cell->outputs[i].loss;
    return loss || gt_cell_handed_on(cell) >= 0;
}

uint32_t gt_cell_given_inputs(const gt_cell *cell)
{
    uint32_t count = cell->input_count;
    while (count > 0 && cell->inputs[count - 1].drawn)
        count--;
    return count;
}

static double mean_of(gt_initializer law)
{
    switch (law.kind) {
    case GT_INITIALIZE_CONSTANT:
    case GT_INITIALIZE_BERNOULLI:
        return law.a;
    case GT_INITIALIZE_UNIFORM:
        return (law.a + law.b) / 2;
    default:
        return 0;
    }
}

gt_status gt_cell_array_mean(const gt_cell_array *array, const gt_dimension *dimensions, uint32_t dimension_count,
                             double *mean, gt_error *error)
{
    gt_initializer law = {.kind = GT_INITIALIZE_ZEROS};
    gt_status status = gt_initializer_resolve(array->initializer, dimensions, dimension_count, &law, error);
    if (status == GT_OK && law.kind == GT_INITIALIZE_FORMULA)
        status =
            gt_error_set(error, GT_ERROR_ARGUMENT, "the law of %s depends on sizes that are not known", array->name);
    if (status == GT_OK)
        status = gt_initializer_check(law, array->name, GT_F64, GT_SHAPE(1, 1), error);
    gt_initializer_release(law);
    *mean = mean_of(law);
    return status;
}

static gt_status declare_one(const gt_cell_array *array, gt_initializer initializer, gt_shape shape, const char *prefix,
                             gt_parameters *set, gt_error *error)
{
    char name[256];
    int length = snprintf(name, sizeof name, "%s%s", prefix, array->name);
    if (length < 0 || (size_t)length >= sizeof name)
        return gt_error_set(error, GT_ERROR_SIZE, "%s: the name behind its prefix is too long", array->name);
    gt_status status = gt_parameters_add(set, name, shape, initializer);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_parameters_message(set));
}

gt_status gt_cell_declare(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                          bool with_outputs, const char *prefix, gt_parameters *set, gt_error *error)
{
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        const gt_cell_array *array = &cell->parameters[i];
        if (array->output_only && !with_outputs)
            continue;
        gt_shape shape;
        gt_status status = gt_cell_array_shape(array, dimensions, dimension_count, 1, &shape, error);
        gt_initializer initializer = {.kind = GT_INITIALIZE_ZEROS};
        if (status == GT_OK)
            status = gt_initializer_resolve(array->initializer, dimensions, dimension_count, &initializer, error);
        if (status == GT_OK)
            status = declare_one(array, initializer, shape, prefix == NULL ? "" : prefix, set, error);
        gt_initializer_release(initializer);
        if (status != GT_OK)
            return status;
    }
    return GT_OK;
}

/* Of the drawn rows of a table; steps 0: one column for each example. */
static gt_status declare_drawn(const gt_cell_array *rows, uint32_t count, const gt_dimension *dimensions,
                               uint32_t dimension_count, int64_t m, int64_t steps, const char *prefix,
                               gt_parameters *set, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        gt_shape shape;
        gt_initializer law = {.kind = GT_INITIALIZE_ZEROS};
        if (!rows[i].drawn)
            continue;
        status = gt_cell_array_shape(&rows[i], dimensions, dimension_count, m, &shape, error);
        if (status == GT_OK)
            status = gt_initializer_resolve(rows[i].initializer, dimensions, dimension_count, &law, error);
        if (status == GT_OK && steps > 0)
            shape = GT_SHAPE(shape.size[0], m, steps);
        if (status == GT_OK)
            status = declare_one(&rows[i], law, shape, prefix == NULL ? "" : prefix, set, error);
        gt_initializer_release(law);
    }
    return status;
}

gt_status gt_cell_declare_draws(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                                int64_t m, int64_t steps, const char *prefix, gt_parameters *set, gt_error *error)
{
    gt_status status =
        declare_drawn(cell->inputs, cell->input_count, dimensions, dimension_count, m, steps, prefix, set, error);
    if (status != GT_OK)
        return status;
    return declare_drawn(cell->states, cell->state_count, dimensions, dimension_count, m, 0, prefix, set, error);
}
