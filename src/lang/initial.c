/* Initial values that are expressions, filled into arrays. */
#include "lang/initial.h"

#include "base/entry.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "lang/copy.h"
#include "lang/draws.h"

#include <math.h>
#include <string.h>

/* As the cell has it, in the pool of the cell. */
typedef struct cell_formula {
    gt_initializer_formula formula;
    const gt_lang_meaning *meaning;
    const gt_lang_expression *value;
} cell_formula;

/* With nothing but numbers, indices and draws in it; on its own. */
typedef struct own_formula {
    gt_initializer_formula formula;
    gt_pool pool;
    gt_lang_expression *value;
} own_formula;

/* ---- one entry ----------------------------------------------------------------------------- */

typedef struct entry {
    gt_stream stream;
    uint64_t place;
    int64_t row, column;
    const gt_lang_environment *names; /* what else is known; NULL: nothing */
} entry;

static bool number_of_entry(void *context, const char *name, double *value)
{
    const entry *e = context;
    if (e->names != NULL && e->names->number(e->names->context, name, value))
        return true;
    if (strcmp(name, GT_LANG_ROW_INDEX) == 0)
        *value = (double)e->row;
    else if (strcmp(name, GT_LANG_COLUMN_INDEX) == 0)
        *value = (double)e->column;
    else
        return false;
    return true;
}

static bool draw_of_entry(void *context, const gt_lang_expression *draw, const double *numbers, double *value)
{
    const entry *e = context;
    gt_stream stream = gt_stream_at(e->stream, draw->site);
    *value = gt_lang_draw_number(draw->draw, numbers, &stream, e->place);
    return gt_lang_draw_problem(draw->draw, numbers) == NULL;
}

bool gt_lang_initial_number(const gt_lang_environment *environment, const gt_lang_expression *formula, uint64_t seed,
                            const char *name, int64_t rows, int64_t place, double *value)
{
    entry e = {gt_stream_of(seed, name), (uint64_t)place, place % rows, place / rows, environment};
    const gt_lang_environment own = {.context = &e, .number = number_of_entry, .draw = draw_of_entry};
    return gt_lang_number(&own, formula, value) && isfinite(*value);
}

/* ---- whole arrays -------------------------------------------------------------------------- */

static gt_status bad_entry(const char *name, const entry *e, double value, gt_error *error)
{
    return gt_error_set(error, GT_ERROR_NOT_FINITE,
                        "parameter '%.*s' cannot be initialized: its formula gives %g at [%lld][%lld], and initial "
                        "values are finite",
                        gt_utf8_fit(name, 100), name, isnan(value) ? fabs(value) : value, (long long)e->row,
                        (long long)e->column);
}

static gt_status fill(const gt_initializer_formula *formula, uint64_t seed, const char *name, gt_array array,
                      gt_error *error)
{
    const own_formula *own = (const own_formula *)formula;
    entry e = {.stream = gt_stream_of(seed, name)};
    gt_lang_environment environment = {.context = &e, .number = number_of_entry, .draw = draw_of_entry};
    int64_t rows = array.shape.size[0], count = gt_shape_count(array.shape);
    for (int64_t i = 0; i < count; i++) {
        double value = NAN;
        e.place = (uint64_t)i;
        e.row = i % rows;
        e.column = i / rows;
        if (!gt_lang_number(&environment, own->value, &value))
            value = NAN;
        gt_entry_set(array.data, array.dtype, i, value);
        if (!isfinite(gt_entry_rounded(array.dtype, value)))
            return bad_entry(name, &e, value, error);
    }
    return GT_OK;
}

/* ---- with the values of the dimensions ------------------------------------------------------ */

typedef struct values {
    const gt_lang_meaning *meaning;
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    double *constants; /* of the equations; NaN for those that are none */
} values;

static bool number_of_name(void *context, const char *name, double *value)
{
    const values *v = context;
    for (uint32_t i = 0; i < v->dimension_count; i++)
        if (strcmp(v->dimensions[i].name, name) == 0) {
            *value = (double)v->dimensions[i].size;
            return true;
        }
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&v->meaning->symbols, name);
    if (symbol == NULL || symbol->kind != GT_LANG_SYMBOL_EQUATION || isnan(v->constants[symbol->index]))
        return false;
    *value = v->constants[symbol->index];
    return true;
}

/* Puts numbers in the place of names. */
static void put_numbers(const gt_lang_environment *environment, gt_lang_expression *e)
{
    double value;
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        put_numbers(environment, (gt_lang_expression *)gt_lang_operand(e, i));
    if (e->kind != GT_LANG_NAME || !environment->number(environment->context, e->name, &value))
        return;
    e->kind = GT_LANG_NUMBER;
    e->number = value;
}

static bool find_constants(values *v, const gt_lang_environment *environment)
{
    const gt_lang_cell *cell = v->meaning->cell;
    v->constants = gt_memory_new((uint64_t)cell->equation_count + 1, sizeof *v->constants);
    for (uint32_t i = 0; v->constants != NULL && i < cell->equation_count; i++)
        v->constants[i] = NAN;
    for (uint32_t i = 0; v->constants != NULL && i < cell->equation_count; i++)
        if (!v->meaning->equations[i].shape.number ||
            !gt_lang_number(environment, cell->equations[i].value, &v->constants[i]))
            v->constants[i] = NAN;
    return v->constants != NULL;
}

static void release(const gt_initializer_formula *formula)
{
    own_formula *own = (own_formula *)formula;
    gt_pool_free(&own->pool);
    gt_memory_free(own);
}

static gt_status resolve_own(const gt_initializer_formula *formula, const gt_dimension *dimensions,
                             uint32_t dimension_count, gt_initializer *resolved, gt_error *error);

static const gt_initializer_formula *copy_own(const gt_initializer_formula *formula);

static own_formula *new_own(const gt_lang_expression *value)
{
    own_formula *own = gt_memory_new(1, sizeof *own);
    if (own == NULL)
        return NULL;
    own->formula = (gt_initializer_formula){resolve_own, fill, copy_own, release};
    own->value = gt_lang_copy(&own->pool, value);
    if (own->value != NULL)
        return own;
    release(&own->formula);
    return NULL;
}

static const gt_initializer_formula *copy_own(const gt_initializer_formula *formula)
{
    own_formula *copy = new_own(((const own_formula *)formula)->value);
    return copy == NULL ? NULL : &copy->formula;
}

static gt_status resolve_own(const gt_initializer_formula *formula, const gt_dimension *dimensions,
                             uint32_t dimension_count, gt_initializer *resolved, gt_error *error)
{
    (void)dimensions, (void)dimension_count;
    const gt_initializer_formula *copy = copy_own(formula);
    if (copy == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for an initial value");
    *resolved = (gt_initializer){.kind = GT_INITIALIZE_FORMULA, .formula = copy};
    return GT_OK;
}

/* A number for all entries, or a distribution that is the same for all. */
static bool is_simple(const gt_lang_expression *e, gt_initializer *simple)
{
    double numbers[GT_LANG_MOST_DRAWN] = {0, 0};
    if (gt_lang_number(NULL, e, &numbers[0])) {
        *simple = (gt_initializer){.kind = GT_INITIALIZE_CONSTANT, .a = numbers[0]};
        return true;
    }
    return e->kind == GT_LANG_DRAW && gt_lang_drawn_numbers(NULL, e, numbers) &&
           gt_lang_draw_initializer(e->draw, numbers, simple);
}

static gt_status resolve(const gt_initializer_formula *formula, const gt_dimension *dimensions,
                         uint32_t dimension_count, gt_initializer *resolved, gt_error *error)
{
    const cell_formula *of_cell = (const cell_formula *)formula;
    values v = {.meaning = of_cell->meaning, .dimensions = dimensions, .dimension_count = dimension_count};
    gt_lang_environment environment = {.context = &v, .number = number_of_name};
    own_formula *own = find_constants(&v, &environment) ? new_own(of_cell->value) : NULL;
    if (own != NULL)
        put_numbers(&environment, own->value);
    gt_memory_free(v.constants);
    if (own == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for an initial value");
    if (is_simple(own->value, resolved))
        release(&own->formula);
    else
        *resolved = (gt_initializer){.kind = GT_INITIALIZE_FORMULA, .formula = &own->formula};
    return GT_OK;
}

/* ---- of a declaration ----------------------------------------------------------------------- */

/* One that nobody gave dimensions to: as far as it is known. */
static const gt_initializer_formula *copy(const gt_initializer_formula *formula)
{
    return copy_own(&(own_formula){.value = (gt_lang_expression *)((const cell_formula *)formula)->value}.formula);
}

static void keep(const gt_initializer_formula *formula)
{
    (void)formula; /* the pool of the cell has it */
}

bool gt_lang_make_initializer(const gt_lang_meaning *meaning, const gt_lang_declaration *declaration, gt_pool *pool,
                              gt_initializer *initializer)
{
    *initializer = declaration->initializer;
    if (initializer->kind != GT_INITIALIZE_FORMULA)
        return true;
    cell_formula *formula = gt_pool_new(pool, 1, sizeof *formula);
    if (formula == NULL)
        return false;
    *formula = (cell_formula){{resolve, fill, copy, keep}, meaning, declaration->initial};
    initializer->formula = &formula->formula;
    return true;
}
