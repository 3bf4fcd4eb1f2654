/* gt_derivation: the walk over the equations, from the last to the first. */
#include "derive/derivation.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "derive/rules.h"
#include "derive/verify.h"
#include "lang/chain.h"
#include "lang/functions.h"
#include "lang/parse.h"

#include <string.h>

/* What recurs into expressions must not go deeper. */
enum { DEEPEST = 4 * GT_LANG_MAX_DEPTH, MOST_EQUATIONS = 2000 };

/* ---- totals -------------------------------------------------------------------------------- */

/* All that reaches a name; the pieces among it are terms afterwards. */
static gt_expr total(gt_derivation *d, const char *name, gt_derive_name *of)
{
    gt_derive_join_pieces(d, name, of);
    return gt_derive_combine(d, of->terms, of->count);
}

static const char *total_name(gt_derivation *d, const char *of)
{
    char base[GT_LANG_MAX_NAME + 4];
    if (d->total_count == 1 && gt_lang_symbols_find(&d->meaning.symbols, "s") == NULL)
        return "s";
    gt_utf8_format(base, sizeof base, "s_%.*s", (int)strcspn(of, "'"), of);
    return gt_derive_new_name(d, "s_", base + 2);
}

static bool is_taken(const gt_derivation *d, const char *name)
{
    return gt_lang_symbols_find(&d->meaning.symbols, name) != NULL;
}

/* A line for all that reaches a name of the forward pass. */
static gt_expr add_gradient(gt_derivation *d, const char *of, gt_derived_kind kind, gt_expr value,
                            const gt_derive_name *from)
{
    const char *name = kind == GT_DERIVED_TOTAL ? total_name(d, of) : gt_derive_gradient_name(d, of);
    if (name == NULL || is_taken(d, name)) {
        d->too_complicated = d->too_complicated == NULL && name != NULL
                                 ? "a gradient would have a name that the cell has given to something else"
                                 : d->too_complicated;
        return NULL;
    }
    return gt_derive_add_line(d, (gt_derived_line){.kind = kind,
                                                   .name = name,
                                                   .of = of,
                                                   .value = gt_derive_stretched(d, value, gt_build_name(d, of)),
                                                   .terms = from->terms,
                                                   .term_count = from->count});
}

/* ---- equations ----------------------------------------------------------------------------- */

/* What reaches a next state or an output from outside of the step. */
static void add_given(gt_derivation *d, const gt_lang_equation *e, gt_derive_name *of)
{
    const char *name = gt_derive_gradient_name(d, e->name);
    const gt_lang_symbol *symbol = name == NULL ? NULL : gt_lang_symbols_find(&d->meaning.symbols, name);
    if (symbol == NULL || symbol->kind != GT_LANG_SYMBOL_GIVEN) {
        d->too_complicated = "a gradient from outside has a name that the cell has given to something else";
        return;
    }
    gt_derive_add_term(d, of, (gt_derived_term){gt_build_name(d, name), -1, ""});
}

static void derive_equation(gt_derivation *d, uint32_t i)
{
    const gt_lang_equation *e = &d->cell->equations[i];
    gt_derive_name *of = gt_derive_name_of(d, e->name);
    if (of == NULL || !of->flows)
        return;
    if (e->target != GT_LANG_LOCAL)
        add_given(d, e, of);
    bool apart = of->pieces == NULL && of->count > 0 && gt_derive_hands_on_each(d, e->value, of->terms, of->count);
    if (apart) {
        gt_derive_push_equation(d, i, of->terms, of->count);
        return;
    }
    gt_expr value = total(d, e->name, of);
    bool one = of->count == 1 || gt_build_is_binary(value, GT_LANG_MULTIPLY); /* s * (g - a) of two terms is one */
    bool once = one && !d->by_op && gt_derive_reads(d, e->value) <= 1;
    if (value != NULL && !once && (of->count > 1 || !gt_derive_is_short(value)))
        value =
            add_gradient(d, e->name, e->target == GT_LANG_LOCAL ? GT_DERIVED_GRADIENT : GT_DERIVED_TOTAL, value, of);
    gt_derived_term whole = {value, of->count == 1 ? of->terms[0].equation : -1, ""};
    if (value != NULL && !d->no_memory)
        gt_derive_push_equation(d, i, &whole, 1);
}

static void derive_declared(gt_derivation *d, gt_lang_role role)
{
    for (uint32_t i = 0; i < d->cell->declaration_count && !d->no_memory; i++) {
        const char *name = d->cell->declarations[i].name;
        gt_derive_name *of = gt_derive_name_of(d, name);
        gt_expr value = d->cell->declarations[i].role == role && of != NULL ? total(d, name, of) : NULL;
        if (value != NULL)
            add_gradient(d, name, GT_DERIVED_GRADIENT, value, of);
    }
}

/* Parts that are computed once more stand before all that reads them. */
static void put_values_first(gt_derivation *d)
{
    uint32_t first = d->line_count;
    for (uint32_t i = 0; i < d->part_count && !d->no_memory; i++) {
        const gt_derived_part *part = &d->parts[i];
        if (part->is_read && GT_RESERVE(d->lines, d->line_capacity, d->line_count + 1))
            d->lines[d->line_count++] = (gt_derived_line){.kind = GT_DERIVED_VALUE,
                                                          .name = part->name,
                                                          .of = part->name,
                                                          .value = part->node,
                                                          .shape = gt_build_shape(d, part->node)};
        else
            d->no_memory = d->no_memory || part->is_read;
    }
    uint32_t values = d->line_count - first;
    d->value_count = values;
    gt_derived_line *sorted = gt_pool_new(&d->pool, d->line_count, sizeof *sorted);
    d->no_memory = d->no_memory || sorted == NULL;
    if (sorted == NULL || values == 0)
        return;
    memcpy(sorted, d->lines + first, values * sizeof *sorted);
    memcpy(sorted + values, d->lines, first * sizeof *sorted);
    memcpy(d->lines, sorted, d->line_count * sizeof *sorted);
}

static void derive_all(gt_derivation *d)
{
    for (uint32_t i = d->cell->equation_count; i-- > 0 && !d->no_memory && d->too_complicated == NULL;)
        derive_equation(d, i);
    derive_declared(d, GT_LANG_PARAMETER);
    derive_declared(d, GT_LANG_STATE);
    derive_declared(d, GT_LANG_INPUT);
    put_values_first(d);
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool understand(gt_derivation *d)
{
    d->bare = *d->cell;
    d->bare.backward_count = 0;
    d->bare.has_backward = true; /* so that the gradients from outside have names */
    d->cell = &d->bare;
    d->meaning.symbols.pool = &d->pool;
    d->diagnostics.pool = &d->pool;
    d->checker = (gt_lang_checker){.meaning = &d->meaning, .diagnostics = &d->diagnostics};
    return gt_lang_understand(&d->checker, &d->bare) && !d->checker.no_memory && !d->diagnostics.no_memory;
}

/* How many next states and outputs are read by other equations: one is s, several are s_c and s_a. */
static void count_totals(gt_derivation *d)
{
    for (uint32_t i = 0; i < d->cell->equation_count; i++) {
        const gt_lang_symbol *symbol = gt_lang_symbols_find(&d->meaning.symbols, d->cell->equations[i].name);
        d->total_count += d->cell->equations[i].target != GT_LANG_LOCAL && symbol->used;
    }
}

static bool parse_slopes(gt_derivation *d)
{
    for (int f = 0; f < GT_LANG_FUNCTION_COUNT; f++) {
        const char *text = gt_lang_function_at((gt_lang_function)f)->derivative;
        d->slopes[f] = text == NULL ? NULL : gt_lang_parse_formula(&d->pool, text);
        if (text != NULL && d->slopes[f] == NULL)
            return false;
    }
    return true;
}

/* Declared names can have a gradient; equations if what they are made of has one. */
static bool find_flow(gt_derivation *d)
{
    d->name_count = d->meaning.symbols.count;
    d->names = gt_pool_new(&d->pool, d->name_count, sizeof *d->names);
    for (uint32_t i = 0; d->names != NULL && i < d->cell->declaration_count; i++)
        gt_derive_name_of(d, d->cell->declarations[i].name)->flows = true;
    for (uint32_t i = 0; d->names != NULL && i < d->cell->equation_count; i++) {
        gt_derive_name *name = gt_derive_name_of(d, d->cell->equations[i].name);
        if (name != NULL)
            name->flows = gt_derive_flows(d, d->cell->equations[i].value);
    }
    return d->names != NULL;
}

static bool is_too_deep(const gt_lang_cell *cell, const char **name)
{
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        *name = cell->equations[i].name;
        if (gt_lang_height(cell->equations[i].value) > DEEPEST)
            return true;
    }
    return false;
}

static void free_names(gt_derivation *d)
{
    for (uint32_t i = 0; d->names != NULL && i < d->name_count; i++)
        gt_memory_free(d->names[i].terms);
}

gt_status gt_derivation_open(gt_derivation *derivation, const gt_lang_file *file, const gt_lang_cell *cell, bool by_op,
                             gt_error *error)
{
    gt_derivation *d = derivation;
    const char *deep;
    *d = (gt_derivation){.file = file, .cell = cell, .by_op = by_op};
    if (cell->equation_count > MOST_EQUATIONS)
        return gt_error_set(error, GT_ERROR_SIZE, "%s has more than %d equations", cell->name, MOST_EQUATIONS);
    if (is_too_deep(cell, &deep))
        return gt_error_set(error, GT_ERROR_SIZE, "the equation of %s has more than %d operations in a row", deep,
                            DEEPEST);
    if (!understand(d))
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the derivation of %s", cell->name);
    if (!parse_slopes(d) || !find_flow(d))
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the derivation of %s", cell->name);
    count_totals(d);
    derive_all(d);
    if (d->no_memory || d->checker.no_memory)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the derivation of %s", cell->name);
    if (d->too_complicated != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s cannot be derived: %s", cell->name, d->too_complicated);
    return gt_derivation_verify(d, error);
}

void gt_derivation_close(gt_derivation *derivation)
{
    free_names(derivation);
    gt_memory_free(derivation->lines);
    gt_memory_free(derivation->parts);
    gt_lang_meaning_free(&derivation->meaning);
    gt_lang_diagnostics_free(&derivation->diagnostics);
    gt_pool_free(&derivation->pool);
}

/* ---- what is asked of it ------------------------------------------------------------------- */

/* A line by the number that its symbol has from when it was added; values have been put before all. */
const gt_derived_line *gt_derivation_line(const gt_derivation *derivation, const char *name)
{
    const gt_derivation *d = derivation;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&d->meaning.symbols, name);
    if (symbol == NULL || symbol->kind != GT_LANG_SYMBOL_BACKWARD)
        return NULL;
    uint32_t place = symbol->index + d->value_count;
    if (place < d->line_count && strcmp(d->lines[place].name, name) == 0)
        return &d->lines[place];
    for (uint32_t i = 0; i < d->value_count; i++)
        if (strcmp(d->lines[i].name, name) == 0)
            return &d->lines[i];
    return NULL;
}

bool gt_derivation_reaches(const gt_derivation *derivation, const char *name)
{
    for (uint32_t i = 0; i < derivation->line_count; i++)
        if (derivation->lines[i].kind == GT_DERIVED_GRADIENT && strcmp(derivation->lines[i].of, name) == 0)
            return true;
    return false;
}
