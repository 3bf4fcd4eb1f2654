/* The sizes of a sequence: dimensions inferred from its arrays, and every array checked. */
#include "models/sequence.h"

#include "gradtape/utf8.h"

#include <ctype.h>
#include <string.h>

/* ---- inferring the dimensions -------------------------------------------------------------- */

static bool is_bare_name(const char *size)
{
    if (isdigit((unsigned char)*size) || *size == '\0')
        return false;
    for (; *size != '\0'; size++)
        if (!isalnum((unsigned char)*size) && *size != '_')
            return false;
    return true;
}

static bool is_learnt(const gt_sequence_sizes *sizes, const char *name)
{
    for (uint32_t i = 0; i < sizes->dimension_count; i++)
        if (strcmp(sizes->dimensions[i].name, name) == 0)
            return true;
    return false;
}

static bool learn(gt_sequence_sizes *sizes, gt_tape *tape, const char *name, int64_t value,
                  const char *origin)
{
    if (sizes->dimension_count == GT_MAX_DIMENSIONS || strlen(name) >= GT_SIZE_NAME) {
        gt_tape_fail(tape, GT_ERROR_SIZE, "a cell has at most %d dimensions, of at most %d letters",
                     GT_MAX_DIMENSIONS, GT_SIZE_NAME - 1);
        return false;
    }
    char *kept = strcpy(sizes->names[sizes->dimension_count], name);
    sizes->dimensions[sizes->dimension_count] = (gt_dimension){kept, value};
    sizes->origins[sizes->dimension_count++] = origin;
    return true;
}

/*
 * A row whose size is one name alone says what that name is worth; the first such
 * row counts. Later, a size with one name that is still open says it, too.
 */
static bool learn_size(gt_sequence_sizes *sizes, gt_tape *tape, const char *size, int64_t value,
                       const char *origin, bool solve)
{
    char name[GT_SIZE_NAME];
    int64_t solution;
    if (size == NULL)
        return true;
    if (!solve)
        return !is_bare_name(size) || is_learnt(sizes, size) || learn(sizes, tape, size, value, origin);
    return !gt_size_solve(size, value, sizes->dimensions, sizes->dimension_count, name, &solution) ||
           learn(sizes, tape, name, solution, origin);
}

static bool learn_table(gt_sequence_sizes *sizes, gt_tape *tape, const gt_cell_array *rows,
                        const gt_var *vars, uint32_t count, bool solve)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!gt_var_valid(vars[i]))
            continue; /* reported, if it is an error, when the arrays are compared */
        gt_shape shape = gt_var_shape(vars[i]);
        if (!learn_size(sizes, tape, rows[i].rows, shape.size[0], rows[i].name, solve) ||
            !learn_size(sizes, tape, rows[i].columns, shape.size[1], rows[i].name, solve))
            return false;
    }
    return true;
}

static bool learn_tables(gt_sequence_sizes *sizes, gt_tape *tape, const gt_sequence *sequence, bool solve)
{
    const gt_cell *cell = sequence->cell;
    return learn_table(sizes, tape, cell->inputs, sequence->inputs, cell->input_count, solve) &&
           learn_table(sizes, tape, cell->states, sequence->initial, cell->state_count, solve) &&
           learn_table(sizes, tape, cell->parameters, sequence->parameters, cell->parameter_count, solve);
}

/* Each dimension that is found may make another one the only open one of its size. */
static bool learn_all(gt_sequence_sizes *sizes, gt_tape *tape, const gt_sequence *sequence)
{
    if (!learn_tables(sizes, tape, sequence, false))
        return false;
    for (uint32_t before = UINT32_MAX; before != sizes->dimension_count;) {
        before = sizes->dimension_count;
        if (!learn_tables(sizes, tape, sequence, true))
            return false;
    }
    return true;
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* "; n_x = 3 from x, n_a = 5 from a": where the expectation comes from. */
static void list_origins(const gt_sequence_sizes *sizes, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (uint32_t i = 0; i < sizes->dimension_count && used < size; i++)
        used += gt_utf8_format(text + used, size - used, "%s%s = %lld from %s", i == 0 ? "; " : ", ",
                               sizes->dimensions[i].name, (long long)sizes->dimensions[i].size, sizes->origins[i]);
}

static gt_status expected_shape(const gt_sequence_sizes *sizes, gt_row_kind kind,
                                const gt_cell_array *row, gt_shape *shape, gt_error *error)
{
    int64_t columns = kind == GT_ROW_PARAMETER ? 1 : sizes->examples;
    gt_status status = gt_cell_array_shape(row, sizes->dimensions, sizes->dimension_count, columns,
                                           shape, error);
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

bool gt_sequence_check_array(const gt_cell *cell, gt_tape *tape, const gt_sequence_sizes *sizes,
                             gt_row_kind kind, const char *what, const gt_cell_array *row,
                             gt_var v)
{
    if (!gt_var_valid(v)) {
        /* An earlier error explains it and stays; otherwise it was never given. */
        gt_tape_fail(tape, GT_ERROR_TAPE, "cell %s: %s %s is missing", cell->name, what,
                     row->name);
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
    gt_tape_fail(tape, GT_ERROR_SHAPE, "cell %s: %s %s%s is %s, expected %s = %s%s", cell->name,
                 what, row->name, name, gt_shape_format(given, given_text, sizeof given_text),
                 words, gt_shape_format(expected, expected_text, sizeof expected_text), origins);
    return false;
}

static bool check_all(const gt_sequence *sequence, gt_tape *tape, const gt_sequence_sizes *sizes)
{
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (!gt_sequence_check_array(cell, tape, sizes, GT_ROW_INPUT, "input", &cell->inputs[i],
                                     sequence->inputs[i]))
            return false;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (!gt_sequence_check_array(cell, tape, sizes, GT_ROW_STATE, "initial state",
                                     &cell->states[i], sequence->initial[i]))
            return false;
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        if (cell->parameters[i].output_only && !sequence->with_outputs)
            continue;
        if (!gt_sequence_check_array(cell, tape, sizes, GT_ROW_PARAMETER, "parameter",
                                     &cell->parameters[i], sequence->parameters[i]))
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
