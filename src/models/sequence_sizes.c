/* The sizes of a sequence: dimensions inferred from its arrays, and every array checked. */
#include "models/sequence.h"

#include "base/utf8.h"

#include <string.h>

/* ---- inferring the dimensions -------------------------------------------------------------- */

enum { MOST_FACTS = 2 * 3 * GT_MAX_CELL_ARRAYS };

static size_t collect(const gt_cell_array *rows, const gt_var *vars, uint32_t count, gt_size_fact *facts)
{
    size_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!gt_var_valid(vars[i]))
            continue; /* reported, if it is an error, when the arrays are compared */
        gt_shape shape = gt_var_shape(vars[i]);
        facts[found++] = (gt_size_fact){rows[i].rows, shape.size[0], rows[i].name};
        facts[found++] = (gt_size_fact){rows[i].columns, shape.size[1], rows[i].name};
    }
    return found;
}

static bool learn_all(gt_sequence_sizes *sizes, gt_tape *tape, const gt_sequence *sequence)
{
    const gt_cell *cell = sequence->cell;
    gt_size_fact facts[MOST_FACTS];
    gt_error error = {0};
    if (gt_dimensions_find(&sizes->names, cell, sequence->with_outputs, &error) != GT_OK) {
        gt_tape_fail(tape, error.status, "%s", error.message);
        return false;
    }
    gt_dimensions_take(&sizes->names, sequence->dimensions, sequence->dimension_count, "what was given");
    size_t count = collect(cell->inputs, sequence->inputs, cell->input_count, facts);
    count += collect(cell->states, sequence->initial, cell->state_count, facts + count);
    count += collect(cell->parameters, sequence->parameters, cell->parameter_count, facts + count);
    gt_dimensions_learn(&sizes->names, facts, count);
    sizes->dimension_count = gt_dimensions_known(&sizes->names, sizes->dimensions);
    return true;
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* "; n_x = 3 from x, n_a = 5 from a": where the expectation comes from. */
static void list_origins(const gt_sequence_sizes *sizes, char *text, size_t size)
{
    const gt_dimensions *d = &sizes->names;
    size_t used = 0;
    *text = '\0';
    for (uint32_t i = 0; i < d->count && used < size; i++)
        if (d->from[i] != NULL)
            used += gt_utf8_format(text + used, size - used, "%s%s = %lld from %s", used == 0 ? "; " : ", ",
                                   d->names[i], (long long)d->list[i].size, d->from[i]);
}

static gt_status expected_shape(const gt_sequence_sizes *sizes, gt_row_kind kind, const gt_cell_array *row,
                                gt_shape *shape, gt_error *error)
{
    int64_t columns = kind == GT_ROW_PARAMETER ? 1 : sizes->examples;
    gt_status status = gt_cell_array_shape(row, sizes->dimensions, sizes->dimension_count, columns, shape, error);
    if (status == GT_OK && kind == GT_ROW_INPUT)
        *shape = GT_SHAPE(shape->size[0], shape->size[1], sizes->steps);
    return status;
}

/* The expected shape in the table's words: "(n_a, m)". */
static void describe_shape(gt_row_kind kind, const gt_cell_array *row, char *text, size_t size)
{
    const char *columns = row->columns != NULL ? row->columns : "1";
    const char *rest = kind == GT_ROW_INPUT ? "m, T" : kind == GT_ROW_PARAMETER ? columns : "m";
    gt_utf8_format(text, size, "(%s, %s)", row->rows, rest);
}

/* " ("layer2.Wf")" where the var goes by another name than its row. */
static void describe_name(const gt_cell_array *row, gt_var v, char *text, size_t size)
{
    const char *name = gt_var_name(v);
    *text = '\0';
    if (*name != '\0' && strcmp(name, row->name) != 0)
        gt_utf8_format(text, size, " (\"%.*s\")", gt_utf8_fit(name, 80), name);
}

bool gt_sequence_check_array(const gt_cell *cell, gt_tape *tape, const gt_sequence_sizes *sizes, gt_row_kind kind,
                             const char *what, const gt_cell_array *row, gt_var v)
{
    if (!gt_var_valid(v)) {
        /* An earlier error explains it and stays; otherwise it was never given. */
        gt_tape_fail(tape, GT_ERROR_TAPE, "cell %s: %s %s is missing", cell->name, what, row->name);
        return false;
    }
    gt_shape expected, given = gt_var_shape(v);
    gt_error error = {0};
    if (expected_shape(sizes, kind, row, &expected, &error) != GT_OK) {
        gt_tape_fail(tape, error.status, "cell %s: %s %s", cell->name, what, error.message);
        return false;
    }
    if (gt_shape_equal(given, expected))
        return true;
    char words[128], name[96], given_text[80], expected_text[80], origins[160];
    describe_shape(kind, row, words, sizeof words);
    describe_name(row, v, name, sizeof name);
    list_origins(sizes, origins, sizeof origins);
    gt_tape_fail(tape, GT_ERROR_SHAPE, "cell %s: %s %s%s is %s, expected %s = %s%s", cell->name, what, row->name, name,
                 gt_shape_format(given, given_text, sizeof given_text), words,
                 gt_shape_format(expected, expected_text, sizeof expected_text), origins);
    return false;
}

static bool check_all(const gt_sequence *sequence, gt_tape *tape, const gt_sequence_sizes *sizes)
{
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (!(cell->inputs[i].drawn && sequence->inputs[i].index == 0) &&
            !gt_sequence_check_array(cell, tape, sizes, GT_ROW_INPUT, "input", &cell->inputs[i], sequence->inputs[i]))
            return false;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (!((cell->states[i].begins_with != NULL || cell->states[i].drawn) && sequence->initial[i].index == 0) &&
            !gt_sequence_check_array(cell, tape, sizes, GT_ROW_STATE, "initial state", &cell->states[i],
                                     sequence->initial[i]))
            return false;
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        if (cell->parameters[i].output_only && !sequence->with_outputs)
            continue;
        if (!gt_sequence_check_array(cell, tape, sizes, GT_ROW_PARAMETER, "parameter", &cell->parameters[i],
                                     sequence->parameters[i]))
            return false;
    }
    return true;
}

bool gt_sequence_sizes_find(const gt_sequence *sequence, gt_tape *tape, gt_sequence_sizes *sizes)
{
    gt_shape first = gt_var_shape(sequence->inputs[0]);
    *sizes = (gt_sequence_sizes){.examples = first.size[1], .steps = first.size[2]};
    return learn_all(sizes, tape, sequence) && check_all(sequence, tape, sizes);
}
