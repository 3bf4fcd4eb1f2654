#include "lang/set_constants.h"

#include "formula/print.h"
#include "gradtape/nearest.h"
#include "lang/names.h"

#include <math.h>
#include <string.h>

static void unknown(const gt_lang_cell *cell, const char *name, gt_lang_diagnostics *diagnostics)
{
    gt_nearest nearest = {.wanted = name};
    uint32_t count = 0;
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        if (!cell->equations[i].constant)
            continue;
        gt_nearest_offer(&nearest, cell->equations[i].name);
        count++;
    }
    gt_lang_error(diagnostics, cell->place, "the cell %s has no constant %s to be set", cell->name, name);
    if (nearest.best != NULL)
        gt_lang_hint(diagnostics, "did you mean %s?", nearest.best);
    else if (count == 0)
        gt_lang_hint(diagnostics, "it has none: write const %s = 0.1 among its declarations", name);
}

static void check(const gt_lang_cell *cell, const gt_constant_value *value, gt_lang_diagnostics *diagnostics)
{
    const gt_lang_equation *constant = gt_lang_find_constant(cell, value->name);
    if (constant == NULL)
        unknown(cell, value->name, diagnostics);
    else if (constant->rows != NULL)
        gt_lang_error(diagnostics, constant->name_place, "%s is an array, and only a number is set", value->name);
    else if (!isfinite(value->value))
        gt_lang_error(diagnostics, constant->name_place, "%s cannot be set: the number is not finite", value->name);
}

/* The value of a constant, if it is set: the last that says so. */
static const gt_constant_value *value_of(const gt_lang_equation *constant, const gt_constant_value *values,
                                         uint32_t count)
{
    for (uint32_t i = count; i-- > 0;)
        if (constant->constant && strcmp(values[i].name, constant->name) == 0)
            return &values[i];
    return NULL;
}

enum { LONGEST = 32 }; /* of a number */

char *gt_lang_set_constants(const gt_lang_file *file, const gt_lang_cell *cell, const gt_constant_value *values,
                            uint32_t count, gt_lang_diagnostics *diagnostics, size_t *size)
{
    size_t read = 0, used = 0;
    char *text = gt_pool_new(file->pool, file->size + (size_t)cell->equation_count * LONGEST + 1, 1);
    if (text == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        check(cell, &values[i], diagnostics);
    for (uint32_t i = 0; i < cell->equation_count && diagnostics->error_count == 0; i++) {
        const gt_lang_equation *constant = &cell->equations[i];
        const gt_constant_value *value = value_of(constant, values, count);
        if (value == NULL)
            continue;
        gt_lang_place place = constant->value->place;
        memcpy(text + used, file->text + read, place.offset - read);
        used += place.offset - read;
        gt_formula_print_number(value->value, 0, text + used);
        used += strlen(text + used);
        read = (size_t)place.offset + place.length;
    }
    memcpy(text + used, file->text + read, file->size - read);
    *size = used + file->size - read;
    return text;
}
