#include "derive/dimensions.h"

#include <string.h>

typedef struct search {
    gt_derivation *d;
    gt_derive_source *found;
    uint32_t count;
} search;

static bool is_known(const search *s, const char *dimension)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->found[i].dimension, dimension) == 0)
            return true;
    return false;
}

static bool is_name(const gt_lang_term *term, const char *dimension)
{
    return term->factors[0] != NULL && strcmp(term->factors[0], dimension) == 0 && term->factors[1] == NULL;
}

static bool all_known(const search *s, const gt_lang_term *term)
{
    for (int i = 0; i < GT_LANG_MAX_FACTORS && term->factors[i] != NULL; i++)
        if (!is_known(s, term->factors[i]))
            return false;
    return true;
}

/* Whether the size is factor * dimension + rest with a rest that is known. */
static bool solve(const search *s, const gt_lang_size *size, const char *dimension, gt_derive_source *source)
{
    source->factor = 0;
    source->rest = (gt_lang_size){.term_count = 0};
    for (uint32_t i = 0; i < size->term_count; i++)
        if (is_name(&size->terms[i], dimension))
            source->factor = size->terms[i].coefficient;
        else if (all_known(s, &size->terms[i]))
            source->rest.terms[source->rest.term_count++] = size->terms[i];
        else
            return false;
    return source->factor != 0;
}

static void try(search *s, const gt_lang_declaration *array, int axis, const char *dimension, bool alone)
{
    const gt_lang_expression *e = axis == 0 ? array->rows : array->columns, *where;
    gt_lang_size size;
    gt_derive_source source = {.dimension = dimension, .array = array, .axis = axis};
    if (e == NULL || is_known(s, dimension) || gt_lang_size_of(e, &size, &where) != GT_LANG_SIZE_GOOD)
        return;
    if (solve(s, &size, dimension, &source) && (!alone || (source.factor == 1 && source.rest.term_count == 0)))
        s->found[s->count++] = source;
}

/* Sizes that are a dimension alone first. */
static void look(search *s, bool alone)
{
    const gt_lang_cell *cell = s->d->cell;
    for (uint32_t k = 0; k < s->d->meaning.dimension_count; k++)
        for (uint32_t i = 0; i < cell->declaration_count; i++)
            for (int axis = 0; axis < 2; axis++)
                try(s, &cell->declarations[i], axis, s->d->meaning.dimensions[k], alone);
}

const gt_derive_source *gt_derive_find_dimensions(gt_derivation *d, uint32_t *count)
{
    search s = {.d = d, .found = gt_pool_new(&d->pool, d->meaning.dimension_count + 1, sizeof *s.found)};
    d->no_memory = d->no_memory || s.found == NULL;
    for (uint32_t before = UINT32_MAX; s.found != NULL && before != s.count;) {
        before = s.count;
        look(&s, true);
        look(&s, false);
    }
    *count = s.count;
    return s.found;
}
