/*
 * Any bytes as a cell: parsed, understood, printed and read back, and, where they
 * are a cell, recorded over two time steps with its gradients, its parameters given
 * their initial values, and read once more with another value of a constant.
 */
#include "fuzz.h"

#include "gradtape.h"
#include "lang/copy.h"
#include "lang/parse.h"
#include "lang/parsed.h"
#include "lang/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 2, STEPS = 2, LARGEST_ARRAY = 4096 };

/* ---- printing ------------------------------------------------------------------------------ */

/* What is printed must read back as the same tree. */
static void print_and_read(const gt_lang_equation *equation)
{
    char text[8192] = "cell c\n param pi[1], t[1]\n z = "; /* the names, where the cell has them, are read as names */
    size_t used = strlen(text);
    size_t length = gt_lang_print(equation->value, text + used, sizeof text - used);
    if (length >= sizeof text - used)
        return;
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, NULL, text, used + length, &diagnostics);
    if (file == NULL || diagnostics.error_count > 0 || file->cells[0].equation_count != 1 ||
        !gt_lang_equal(file->cells[0].equations[0].value, equation->value))
        abort();
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
}

static void print_all(const gt_parsed_cell *parsed)
{
    const gt_lang_cell *cell = gt_parsed_cell_tree(parsed);
    for (uint32_t i = 0; i < cell->equation_count; i++)
        print_and_read(&cell->equations[i]);
    for (uint32_t i = 0; i < cell->backward_count; i++)
        print_and_read(&cell->backward[i]);
}

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recording {
    gt_tape *tape;
    gt_dimension dimensions[GT_MAX_CELL_ARRAYS];
    uint32_t dimension_count;
    gt_var given[3 * GT_MAX_CELL_ARRAYS];
    uint32_t given_count;
} recording;

/* Inputs of all rows of a table; false where one would be too large, or of no size. */
static bool make_inputs(recording *r, const gt_cell_array *rows, uint32_t count, int64_t columns, bool steps)
{
    for (uint32_t i = 0; i < count; i++) {
        gt_shape shape;
        if (gt_cell_array_shape(&rows[i], r->dimensions, r->dimension_count, columns, &shape, NULL) != GT_OK)
            return false;
        if (shape.size[0] > LARGEST_ARRAY || shape.size[1] > LARGEST_ARRAY)
            return false;
        if (steps)
            shape = GT_SHAPE(shape.size[0], shape.size[1], STEPS);
        r->given[r->given_count++] = gt_input(r->tape, rows[i].name, shape);
    }
    return true;
}

/* Every number is finite, or the error says where one is not. */
static void initialize(const recording *r, const gt_cell *cell)
{
    gt_error error = {0};
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = gt_cell_declare(cell, r->dimensions, r->dimension_count, true, "", set, &error);
    if (status == GT_OK)
        status = gt_parameters_initialize(set, 1);
    for (uint32_t i = 0; status == GT_OK && i < gt_parameters_count(set); i++) {
        gt_array array = gt_parameters_array(set, i);
        for (int64_t k = 0; k < gt_shape_count(array.shape); k++)
            if (!isfinite(((const double *)array.data)[k]))
                abort();
    }
    gt_parameters_free(set);
}

static void differentiate(recording *r, const gt_var *states, uint32_t count)
{
    gt_var gradients[3 * GT_MAX_CELL_ARRAYS];
    if (gt_tape_status(r->tape) == GT_OK)
        gt_grad(states, NULL, count, r->given, r->given_count, gradients);
}

static void record(recording *r, const gt_cell *cell, bool unrolled)
{
    gt_var states[GT_MAX_CELL_ARRAYS], finals[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    if (!make_inputs(r, cell->inputs, cell->input_count, EXAMPLES, true) ||
        !make_inputs(r, cell->states, cell->state_count, EXAMPLES, false) ||
        !make_inputs(r, cell->parameters, cell->parameter_count, 1, false))
        return;
    initialize(r, cell);
    gt_sequence sequence = {
        .cell = cell,
        .unrolled = unrolled,
        .with_outputs = cell->output_count > 0,
        .inputs = r->given,
        .initial = r->given + cell->input_count,
        .parameters = r->given + cell->input_count + cell->state_count,
        .states = states,
        .finals = finals,
        .outputs = outputs,
    };
    if (gt_sequence_record(&sequence) == GT_OK)
        differentiate(r, states, cell->state_count);
}

static void record_cell(const gt_parsed_cell *parsed, bool unrolled)
{
    const gt_lang_meaning *meaning = gt_parsed_cell_meaning(parsed);
    recording *r = calloc(1, sizeof *r);
    if (r == NULL)
        return;
    r->tape = gt_tape_new(NULL);
    r->dimension_count = meaning->dimension_count;
    for (uint32_t i = 0; i < meaning->dimension_count; i++)
        r->dimensions[i] = (gt_dimension){meaning->dimensions[i], 2 + (int64_t)(i % 4)};
    record(r, gt_parsed_cell_get(parsed), unrolled);
    gt_tape_free(r->tape);
    free(r);
}

/* ---- constants ----------------------------------------------------------------------------- */

static const char *constant_of(const gt_lang_cell *cell, uint32_t choice)
{
    const char *found = NULL;
    for (uint32_t i = 0; i < cell->equation_count; i++)
        if (cell->equations[i].constant && (found == NULL || choice-- > 0))
            found = cell->equations[i].name;
    return found;
}

/* What a value gave is a text that has it: read again, it is as good or as bad. */
static void set_constant(const gt_parsed_cell *parsed, uint32_t hash, const gt_cell_parse_options *usual)
{
    static const double values[] = {2, 0, -1, 0.1, 1e300, 4, -0.0, NAN};
    const char *name = constant_of(gt_parsed_cell_tree(parsed), hash / 8 % 3);
    if (name == NULL)
        return;
    const gt_constant_value value = {name, values[hash % 8]};
    gt_cell_parse_options options = *usual;
    options.constants = &value;
    options.constant_count = 1;
    size_t size;
    const char *text = gt_parsed_cell_text(parsed, &size);
    gt_parsed_cell *set = gt_cell_parse(text, size, &options);
    if (set == NULL)
        return;
    text = gt_parsed_cell_text(set, &size);
    gt_parsed_cell *again = gt_cell_parse(text, size, usual);
    bool good = gt_parsed_cell_get(set) != NULL;
    if (again != NULL && good && gt_parsed_cell_get(again) == NULL)
        abort();
    gt_parsed_cell_free(again);
    gt_parsed_cell_free(set);
}

/* ---- all of it ----------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
    const gt_cell_parse_options options = {.file = "fuzz.cell", .dimensions = sizes, .dimension_count = 2};
    gt_parsed_cell *parsed = gt_cell_parse((const char *)data, size, &options);
    if (parsed == NULL)
        return 0;
    gt_error error = {0};
    size_t count;
    gt_parsed_cell_diagnostics(parsed, &count);
    bool good = gt_parsed_cell_status(parsed, &error) == GT_OK;
    if (good != (gt_parsed_cell_get(parsed) != NULL) || (!good && count == 0))
        abort();
    if (good) {
        print_all(parsed);
        record_cell(parsed, fuzz_hash(data, size) % 4 == 0);
        set_constant(parsed, fuzz_hash(data, size) / 4, &options);
    }
    gt_parsed_cell_free(parsed);
    return 0;
}
