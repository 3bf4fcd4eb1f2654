/* Which names a cell has given, also one that is still being read. */
#include "lang/names.h"

#include <string.h>

const gt_lang_expression *gt_lang_find_name(const gt_lang_expression *e, const char *name)
{
    if (e == NULL)
        return NULL;
    if (e->kind == GT_LANG_NAME)
        return strcmp(e->name, name) == 0 ? e : NULL;
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++) {
        const gt_lang_expression *found = gt_lang_find_name(gt_lang_operand(e, i), name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* In a size every name is a dimension. */
bool gt_lang_has_dimension(const gt_lang_cell *cell, const char *name)
{
    for (uint32_t i = 0; cell != NULL && i < cell->declaration_count; i++)
        if (gt_lang_find_name(cell->declarations[i].rows, name) != NULL ||
            gt_lang_find_name(cell->declarations[i].columns, name) != NULL)
            return true;
    return false;
}

const gt_lang_declaration *gt_lang_find_declaration(const gt_lang_cell *cell, const char *name, size_t length)
{
    for (uint32_t i = 0; cell != NULL && i < cell->declaration_count; i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (strlen(d->name) == length && memcmp(d->name, name, length) == 0)
            return d;
    }
    return NULL;
}

gt_lang_equation *gt_lang_find_constant(const gt_lang_cell *cell, const char *name)
{
    for (uint32_t i = 0; cell != NULL && i < cell->equation_count; i++)
        if (cell->equations[i].constant && strcmp(cell->equations[i].name, name) == 0)
            return &cell->equations[i];
    return NULL;
}

bool gt_lang_has_number(const gt_lang_cell *cell, const char *name)
{
    return gt_lang_has_dimension(cell, name) || gt_lang_find_constant(cell, name) != NULL;
}

bool gt_lang_has_name(const gt_lang_cell *cell, const char *name)
{
    if (gt_lang_find_declaration(cell, name, strlen(name)) != NULL || gt_lang_has_dimension(cell, name))
        return true;
    for (uint32_t i = 0; cell != NULL && i < cell->equation_count; i++)
        if (strcmp(cell->equations[i].name, name) == 0)
            return true;
    for (uint32_t i = 0; cell != NULL && i < cell->backward_count; i++)
        if (strcmp(cell->backward[i].name, name) == 0)
            return true;
    return false;
}
