#include "compare/terms.h"

#include <string.h>

static bool has_term(const char *const *names, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Each name once, in the order of the layers, as gt_network_term_name has them: at most GT_MAX_LOSS_TERMS. */
static uint32_t list_of_cell(const gt_cell_source *source, const char *names[GT_MAX_LOSS_TERMS])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_cell_stack_count(source); i++) {
        const gt_cell *cell = gt_cell_stack_at(source, i)->cell;
        for (uint32_t k = 0; k < cell->output_count; k++)
            if (cell->outputs[k].loss && count < GT_MAX_LOSS_TERMS && !has_term(names, count, cell->outputs[k].name))
                names[count++] = cell->outputs[k].name;
    }
    return count;
}

const char *gt_experiment_term(const gt_experiment *e, uint32_t cell, uint32_t k)
{
    const char *names[GT_MAX_LOSS_TERMS];
    return k < list_of_cell(&e->sources[cell], names) ? names[k] : NULL;
}

int32_t gt_experiment_find_term(const gt_experiment *e, uint32_t cell, const char *name)
{
    const char *names[GT_MAX_LOSS_TERMS];
    uint32_t count = list_of_cell(&e->sources[cell], names);
    for (uint32_t k = 0; k < count; k++)
        if (strcmp(names[k], name) == 0)
            return (int32_t)k;
    return -1;
}

static bool refuse(gt_error *error)
{
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "the cells have losses of more than %d names, and a table a column for each: give losses of several "
                 "cells the same name, or compare fewer cells",
                 GT_MOST_TERMS);
    return false;
}

bool gt_experiment_list_terms(gt_experiment *e, gt_error *error)
{
    for (uint32_t cell = 0; cell < e->cell_count; cell++) {
        const char *names[GT_MAX_LOSS_TERMS];
        uint32_t count = list_of_cell(&e->sources[cell], names);
        for (uint32_t k = 0; k < count; k++) {
            if (has_term(e->terms, e->term_count, names[k]))
                continue;
            if (e->term_count == GT_MOST_TERMS)
                return refuse(error);
            e->terms[e->term_count++] = names[k];
        }
    }
    return true;
}
