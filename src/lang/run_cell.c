#include "lang/run_cell.h"

#include "base/memory.h"
#include "gradtape/ops.h"
#include "lang/meaning.h"
#include "lang/record.h"

#include <math.h>
#include <string.h>

/* One time step being recorded. */
typedef struct recorder {
    const gt_lang_meaning *meaning;
    gt_cell_step *step;
    gt_var *values;  /* of the equations, as far as they are recorded; they belong to the tape */
    double *numbers; /* of those that are constants */
} recorder;

/* ---- what names stand for ------------------------------------------------------------------ */

static gt_var variable(void *context, const char *name)
{
    const recorder *r = context;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&r->meaning->symbols, name);
    if (symbol == NULL)
        return GT_NONE;
    switch (symbol->kind) {
    case GT_LANG_SYMBOL_INPUT:
        return r->step->inputs[symbol->index];
    case GT_LANG_SYMBOL_STATE:
        return r->step->states[symbol->index];
    case GT_LANG_SYMBOL_PARAMETER:
        return r->step->parameters[symbol->index];
    case GT_LANG_SYMBOL_EQUATION:
        return r->values[symbol->index];
    default:
        return GT_NONE;
    }
}

static bool dimension(const gt_cell_step *step, const char *name, double *value)
{
    for (uint32_t i = 0; i < step->dimension_count; i++) {
        if (strcmp(step->dimensions[i].name, name) != 0)
            continue;
        *value = (double)step->dimensions[i].size;
        return true;
    }
    return false;
}

static bool number(void *context, const char *name, double *value)
{
    const recorder *r = context;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&r->meaning->symbols, name);
    if (symbol == NULL || !symbol->shape.number)
        return false;
    switch (symbol->kind) {
    case GT_LANG_SYMBOL_DIMENSION:
        return dimension(r->step, name, value);
    case GT_LANG_SYMBOL_EXAMPLES:
        *value = (double)gt_var_shape(r->step->inputs[0]).size[1];
        return true;
    case GT_LANG_SYMBOL_EQUATION:
        *value = r->numbers[symbol->index];
        return !isnan(*value);
    default:
        return false;
    }
}

static gt_lang_environment environment_of(recorder *r)
{
    return (gt_lang_environment){
        .tape = r->step->tape, .context = r, .variable = variable, .number = number, .meaning = r->meaning};
}

/* ---- recording ----------------------------------------------------------------------------- */

/* The constants of the cell, in the order in which they use each other; NaN where a size is not known. */
static bool find_numbers(recorder *r)
{
    const gt_lang_cell *cell = r->meaning->cell;
    gt_lang_environment environment = environment_of(r);
    r->numbers = gt_memory_new(cell->equation_count, sizeof *r->numbers);
    for (uint32_t i = 0; r->numbers != NULL && i < cell->equation_count; i++)
        if (r->meaning->equations[i].shape.number &&
            !gt_lang_number(&environment, cell->equations[i].value, &r->numbers[i]))
            r->numbers[i] = NAN;
    return r->numbers != NULL;
}

static void record_equation(recorder *r, uint32_t i)
{
    const gt_lang_equation *equation = &r->meaning->cell->equations[i];
    gt_lang_environment environment = environment_of(r);
    if (r->meaning->equations[i].shape.number)
        return; /* recorded where it is used */
    gt_var v = gt_lang_record(&environment, equation->value);
    /* "b = a" gives the var of a second name, which is not to hide the first. */
    if (gt_var_valid(v) && *gt_var_name(v) == '\0' && gt_var_role(v) == GT_ROLE_NONE)
        gt_name(v, equation->name);
    r->values[i] = v;
}

/* The place in the cell's table of the state whose next value has this name. */
static uint32_t state_of(const gt_lang_meaning *meaning, const char *primed)
{
    char name[GT_LANG_MAX_NAME + 2];
    size_t length = strlen(primed) - 1;
    memcpy(name, primed, length);
    name[length] = '\0';
    return gt_lang_symbols_find(&meaning->symbols, name)->index;
}

static void record_states(recorder *r)
{
    for (uint32_t i = 0; i < r->meaning->cell->equation_count; i++) {
        const gt_lang_equation *equation = &r->meaning->cell->equations[i];
        if (!r->meaning->equations[i].for_states)
            continue;
        record_equation(r, i);
        if (equation->target == GT_LANG_NEXT)
            r->step->next_states[state_of(r->meaning, equation->name)] = r->values[i];
    }
}

static void record_outputs(recorder *r, bool anew)
{
    uint32_t output = 0;
    for (uint32_t i = 0; i < r->meaning->cell->equation_count; i++) {
        const gt_lang_equation *equation = &r->meaning->cell->equations[i];
        const gt_lang_equation_meaning *meaning = &r->meaning->equations[i];
        if (equation->target == GT_LANG_NEXT)
            r->values[i] = r->step->next_states[state_of(r->meaning, equation->name)];
        else if (meaning->for_outputs && (anew || !meaning->for_states))
            record_equation(r, i);
        if (equation->target == GT_LANG_OUTPUT)
            r->step->outputs[output++] = r->values[i];
    }
}

/* ---- the callbacks ------------------------------------------------------------------------- */

static bool start(recorder *r)
{
    if (r->values == NULL)
        r->values = gt_tape_vars(r->step->tape, r->meaning->cell->equation_count);
    if (r->values != NULL && find_numbers(r))
        return true;
    gt_tape_fail(r->step->tape, GT_ERROR_MEMORY, "no memory to record a cell");
    return false;
}

void gt_lang_step(gt_cell_step *step)
{
    recorder r = {.meaning = step->context, .step = step};
    if (start(&r)) {
        record_states(&r);
        step->memory = r.values;
    }
    gt_memory_free(r.numbers);
}

/* Where `step` left nothing, what the outputs need is recorded once more. */
void gt_lang_output(gt_cell_step *step)
{
    recorder r = {.meaning = step->context, .step = step, .values = step->memory};
    bool anew = r.values == NULL;
    if (start(&r))
        record_outputs(&r, anew);
    gt_memory_free(r.numbers);
}

/* ---- what states begin with ------------------------------------------------------------------ */

/* Constants that are arrays are recorded when they are wanted. */
static gt_var variable_of_beginning(void *context, const char *name)
{
    recorder *r = context;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&r->meaning->symbols, name);
    if (symbol == NULL || symbol->kind != GT_LANG_SYMBOL_EQUATION)
        return variable(context, name);
    if (r->values[symbol->index].index == 0)
        record_equation(r, symbol->index);
    return r->values[symbol->index];
}

static const gt_lang_declaration *declaration_of_state(const gt_lang_cell *cell, uint32_t state)
{
    const gt_lang_declaration *d = cell->declarations;
    for (;; d++)
        if (d->role == GT_LANG_STATE && state-- == 0)
            return d;
}

/* The column of a state: of one number for all entries, or of the matrix of a parameter where it has several sizes. */
static gt_var as_column(const recorder *r, const gt_lang_declaration *state, gt_var v)
{
    const gt_lang_shape *shape = &gt_lang_symbols_find(&r->meaning->symbols, state->name)->shape;
    int64_t rows;
    if (!gt_var_valid(v))
        return v;
    if (!gt_lang_size_value(&shape->rows, r->step->dimensions, r->step->dimension_count, &rows)) {
        gt_tape_fail(r->step->tape, GT_ERROR_SIZE, "the rows of state %s are not known", state->name);
        return GT_NONE;
    }
    if (gt_var_shape(v).rank == 2 && gt_var_shape(v).size[1] > 1)
        v = gt_transpose(v); /* the last size runs fastest */
    const gt_shape column = GT_SHAPE(rows, 1);
    if (gt_shape_equal(gt_var_shape(v), column))
        return v;
    return gt_shape_count(gt_var_shape(v)) == rows ? gt_reshape(v, column) : gt_broadcast(v, column);
}

gt_var gt_lang_begin(gt_cell_step *step, uint32_t state)
{
    recorder r = {.meaning = step->context, .step = step};
    gt_var column = GT_NONE;
    if (start(&r)) {
        const gt_lang_declaration *of = declaration_of_state(r.meaning->cell, state);
        gt_lang_environment environment = environment_of(&r);
        environment.variable = variable_of_beginning;
        gt_var v = gt_lang_record(&environment, of->initial);
        column = as_column(&r, of, v);
    }
    gt_memory_free(r.numbers);
    return column;
}

void gt_lang_record_whole(gt_cell_step *step, gt_var *values)
{
    recorder r = {.meaning = step->context, .step = step, .values = values};
    uint32_t output = 0;
    bool started = start(&r);
    for (uint32_t i = 0; started && i < r.meaning->cell->equation_count; i++) {
        const gt_lang_equation *equation = &r.meaning->cell->equations[i];
        uint32_t before = gt_tape_node_count(step->tape);
        record_equation(&r, i);
        /* A second name, "b = a", has a gradient of its own: what flows through it. */
        if (gt_var_valid(values[i]) && values[i].index <= before)
            values[i] = gt_name(gt_concat(&values[i], 1, 0), equation->name);
        if (equation->target == GT_LANG_NEXT)
            step->next_states[state_of(r.meaning, equation->name)] = values[i];
        if (equation->target == GT_LANG_OUTPUT)
            step->outputs[output++] = values[i];
    }
    gt_memory_free(r.numbers);
}
