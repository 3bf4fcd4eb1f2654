/* Which names a cell that is being read has given. */
#include "lang/parser.h"

/* In a size: every name there is a dimension. */
static bool mentions(const gt_lang_expression *e, const char *name)
{
    if (e == NULL)
        return false;
    if (e->kind == GT_LANG_NAME)
        return strcmp(e->name, name) == 0;
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        if (mentions(gt_lang_operand(e, i), name))
            return true;
    return false;
}

bool gt_lang_has_number(const gt_lang_cell *cell, const char *name)
{
    for (uint32_t i = 0; cell != NULL && i < cell->declaration_count; i++)
        if (mentions(cell->declarations[i].rows, name) || mentions(cell->declarations[i].columns, name))
            return true;
    for (uint32_t i = 0; cell != NULL && i < cell->equation_count; i++)
        if (cell->equations[i].constant && strcmp(cell->equations[i].name, name) == 0)
            return true;
    return false;
}

bool gt_lang_has_name(const gt_lang_cell *cell, const char *name)
{
    for (uint32_t i = 0; cell != NULL && i < cell->declaration_count; i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (strcmp(d->name, name) == 0 || mentions(d->rows, name) || mentions(d->columns, name))
            return true;
    }
    for (uint32_t i = 0; cell != NULL && i < cell->equation_count; i++)
        if (strcmp(cell->equations[i].name, name) == 0)
            return true;
    for (uint32_t i = 0; cell != NULL && i < cell->backward_count; i++)
        if (strcmp(cell->backward[i].name, name) == 0)
            return true;
    return false;
}
