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
    const gt_lang_declaration *declaration;
} cell_formula;

/* A parameter and what its entries begin with. */
typedef struct term {
    const char *name;
    gt_lang_expression *value;
} term;

/*
 * With nothing but numbers, indices, draws and terms above in it; on its own. The last term
 * is the parameter that is filled; those before it are the ones that it is made of.
 */
typedef struct own_formula {
    gt_initializer_formula formula;
    gt_pool pool;
    term *terms;
    uint32_t count;
} own_formula;

/* ---- one entry ----------------------------------------------------------------------------- */

typedef struct entry {
    const own_formula *own;
    gt_stream *streams; /* of the terms: each has the numbers that its own array is filled with */
    double *numbers;    /* of the terms so far */
    uint32_t term;      /* which is being computed */
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
        return *value = (double)e->row, true;
    if (strcmp(name, GT_LANG_COLUMN_INDEX) == 0)
        return *value = (double)e->column, true;
    for (uint32_t k = 0; k < e->term; k++)
        if (strcmp(name, e->own->terms[k].name) == 0)
            return *value = e->numbers[k], true;
    return false;
}

static bool draw_of_entry(void *context, const gt_lang_expression *draw, const double *numbers, double *value)
{
    const entry *e = context;
    gt_stream stream = gt_stream_at(e->streams[e->term], draw->site);
    *value = gt_lang_draw_number(draw->draw, numbers, &stream, e->place);
    return gt_lang_draw_problem(draw->draw, numbers) == NULL;
}

static double value_of_entry(entry *e)
{
    gt_lang_environment environment = {.context = e, .number = number_of_entry, .draw = draw_of_entry};
    for (e->term = 0; e->term < e->own->count; e->term++)
        if (!gt_lang_number(&environment, e->own->terms[e->term].value, &e->numbers[e->term]))
            e->numbers[e->term] = NAN;
    return e->numbers[e->own->count - 1];
}

bool gt_lang_initial_number(const gt_lang_environment *environment, const gt_lang_expression *formula, uint64_t seed,
                            const char *name, int64_t rows, int64_t place, double *value)
{
    gt_stream stream = gt_stream_of(seed, name);
    const own_formula own = {.terms = &(term){name, (gt_lang_expression *)formula}, .count = 1};
    entry e = {.own = &own,
               .streams = &stream,
               .numbers = value,
               .place = (uint64_t)place,
               .row = place % rows,
               .column = place / rows,
               .names = environment};
    return isfinite(value_of_entry(&e));
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

static gt_status fill_entries(entry *e, const char *name, gt_array array, gt_error *error)
{
    int64_t rows = array.shape.size[0], count = gt_shape_count(array.shape);
    for (int64_t i = 0; i < count; i++) {
        e->place = (uint64_t)i;
        e->row = i % rows;
        e->column = i / rows;
        double value = value_of_entry(e);
        gt_entry_set(array.data, array.dtype, i, value);
        if (!isfinite(gt_entry_rounded(array.dtype, value)))
            return bad_entry(name, e, value, error);
    }
    return GT_OK;
}

/* The array of a term is called as the one that is filled, "layer1.gamma": "layer1.nu". False on no memory. */
static bool find_streams(entry *e, uint64_t seed, const char *name)
{
    const term *last = &e->own->terms[e->own->count - 1];
    size_t length = strlen(name), own = strlen(last->name);
    size_t prefix = own <= length && strcmp(name + length - own, last->name) == 0 ? length - own : 0;
    for (uint32_t k = 0; k + 1 < e->own->count; k++) {
        const char *other = e->own->terms[k].name;
        char *full = gt_memory_new(prefix + strlen(other) + 1, 1);
        if (full == NULL)
            return false;
        memcpy(full, name, prefix);
        strcpy(full + prefix, other);
        e->streams[k] = gt_stream_of(seed, full);
        gt_memory_free(full);
    }
    e->streams[e->own->count - 1] = gt_stream_of(seed, name);
    return true;
}

static gt_status fill(const gt_initializer_formula *formula, uint64_t seed, const char *name, gt_array array,
                      gt_error *error)
{
    entry e = {.own = (const own_formula *)formula};
    e.streams = gt_memory_new(e.own->count, sizeof *e.streams);
    e.numbers = gt_memory_new(e.own->count, sizeof *e.numbers);
    gt_status status = e.streams == NULL || e.numbers == NULL || !find_streams(&e, seed, name)
                           ? gt_error_set(error, GT_ERROR_MEMORY, "no memory for an initial value")
                           : fill_entries(&e, name, array, error);
    gt_memory_free(e.streams);
    gt_memory_free(e.numbers);
    return status;
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

static own_formula *new_own(uint32_t capacity)
{
    own_formula *own = gt_memory_new(1, sizeof *own);
    if (own == NULL)
        return NULL;
    own->formula = (gt_initializer_formula){resolve_own, fill, copy_own, release};
    own->terms = gt_pool_new(&own->pool, capacity, sizeof *own->terms);
    if (own->terms != NULL)
        return own;
    release(&own->formula);
    return NULL;
}

/* False on no memory. */
static bool add_term(own_formula *own, const char *name, const gt_lang_expression *value)
{
    term *added = &own->terms[own->count++];
    added->name = gt_lang_text(&own->pool, name, strlen(name));
    added->value = gt_lang_copy(&own->pool, value);
    return added->name != NULL && added->value != NULL;
}

static const gt_initializer_formula *copy_own(const gt_initializer_formula *formula)
{
    const own_formula *from = (const own_formula *)formula;
    own_formula *to = new_own(from->count);
    for (uint32_t k = 0; to != NULL && k < from->count; k++)
        if (!add_term(to, from->terms[k].name, from->terms[k].value)) {
            release(&to->formula);
            return NULL;
        }
    return to == NULL ? NULL : &to->formula;
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
    if (e->kind != GT_LANG_DRAW || !gt_lang_drawn_numbers(NULL, e, numbers))
        return false;
    *simple = gt_lang_draw_initializer(e->draw, numbers);
    return true;
}

/* ---- of a declaration ----------------------------------------------------------------------- */

typedef struct search {
    const gt_lang_meaning *meaning;
    const gt_lang_declaration *list;
    uint32_t *parameters; /* of each parameter its declaration */
    bool *needed;         /* by declaration */
    uint32_t current;     /* the declaration that is read */
} search;

/* What is checked already: parameters above it, with formulas. An index may have the name of another one. */
static void mark_needed(search *s, const gt_lang_expression *e)
{
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        mark_needed(s, gt_lang_operand(e, i));
    const gt_lang_symbol *symbol = e->kind == GT_LANG_NAME ? gt_lang_symbols_find(&s->meaning->symbols, e->name) : NULL;
    if (symbol == NULL || symbol->kind != GT_LANG_SYMBOL_PARAMETER)
        return;
    uint32_t place = s->parameters[symbol->index];
    if (place < s->current && s->list[place].initial != NULL)
        s->needed[place] = true;
}

/* Which of the first `count` declarations the last of them is made of, itself included. False on no memory. */
static bool find_needed(const gt_lang_meaning *meaning, uint32_t count, bool *needed)
{
    search s = {.meaning = meaning, .list = meaning->cell->declarations, .needed = needed};
    uint32_t parameters = 0;
    s.parameters = gt_memory_new(meaning->cell->declaration_count, sizeof *s.parameters);
    if (s.parameters == NULL)
        return false;
    for (uint32_t i = 0; i < meaning->cell->declaration_count; i++)
        if (s.list[i].role == GT_LANG_PARAMETER)
            s.parameters[parameters++] = i;
    needed[count - 1] = true;
    for (s.current = count; s.current-- > 0;)
        if (needed[s.current])
            mark_needed(&s, s.list[s.current].initial);
    gt_memory_free(s.parameters);
    return true;
}

/* As it is written, with those parameters that it is made of; NULL on no memory. */
static own_formula *own_as_written(const cell_formula *of_cell)
{
    const gt_lang_declaration *list = of_cell->meaning->cell->declarations;
    uint32_t count = (uint32_t)(of_cell->declaration - list) + 1;
    bool *needed = gt_memory_new(count, sizeof *needed);
    own_formula *own = needed != NULL && find_needed(of_cell->meaning, count, needed) ? new_own(count) : NULL;
    bool good = own != NULL;
    for (uint32_t i = 0; good && i < count; i++)
        good = !needed[i] || add_term(own, list[i].name, list[i].initial);
    gt_memory_free(needed);
    if (own == NULL || good)
        return own;
    release(&own->formula);
    return NULL;
}

static gt_status resolve(const gt_initializer_formula *formula, const gt_dimension *dimensions,
                         uint32_t dimension_count, gt_initializer *resolved, gt_error *error)
{
    const cell_formula *of_cell = (const cell_formula *)formula;
    values v = {.meaning = of_cell->meaning, .dimensions = dimensions, .dimension_count = dimension_count};
    gt_lang_environment environment = {.context = &v, .number = number_of_name};
    own_formula *own = find_constants(&v, &environment) ? own_as_written(of_cell) : NULL;
    for (uint32_t k = 0; own != NULL && k < own->count; k++)
        put_numbers(&environment, own->terms[k].value);
    gt_memory_free(v.constants);
    if (own == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for an initial value");
    if (own->count == 1 && is_simple(own->terms[0].value, resolved))
        release(&own->formula);
    else
        *resolved = (gt_initializer){.kind = GT_INITIALIZE_FORMULA, .formula = &own->formula};
    return GT_OK;
}

/* One that nobody gave dimensions to: as far as it is known. */
static const gt_initializer_formula *copy(const gt_initializer_formula *formula)
{
    own_formula *own = own_as_written((const cell_formula *)formula);
    return own == NULL ? NULL : &own->formula;
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
    *formula = (cell_formula){{resolve, fill, copy, keep}, meaning, declaration};
    initializer->formula = &formula->formula;
    return true;
}
