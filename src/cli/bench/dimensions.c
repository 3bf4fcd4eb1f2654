#include "cli/bench/training_step.h"

#include "gradtape/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_SIZE = 256, LARGEST_SIZE = 1 << 20 };

/* ---- the names in a cell's tables ---------------------------------------------------------- */

static gt_dimension *find(gt_step_settings *s, const char *name)
{
    for (uint32_t i = 0; i < s->dimension_count; i++)
        if (strcmp(s->dimensions[i].name, name) == 0)
            return &s->dimensions[i];
    return NULL;
}

static bool add_name(gt_step_settings *s, const char *name, size_t length)
{
    char text[GT_STEP_NAME_SIZE];
    if (length >= sizeof text)
        return false;
    memcpy(text, name, length);
    text[length] = '\0';
    if (find(s, text) != NULL)
        return true;
    if (s->dimension_count == GT_STEP_DIMENSIONS)
        return false;
    memcpy(s->names[s->dimension_count], text, sizeof text);
    s->dimensions[s->dimension_count] = (gt_dimension){s->names[s->dimension_count], USUAL_SIZE};
    s->dimension_count++;
    return true;
}

/* The names in a size such as "n_a + 4 * n_x". */
static bool add_names(gt_step_settings *s, const char *size)
{
    for (const char *c = size == NULL ? "" : size; *c != '\0';) {
        size_t length = strspn(c, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (length > 0 && !isdigit((unsigned char)*c) && !add_name(s, c, length))
            return false;
        c += length > 0 ? length : 1;
    }
    return true;
}

static bool add_table(gt_step_settings *s, const gt_cell_array *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!rows[i].output_only && (!add_names(s, rows[i].rows) || !add_names(s, rows[i].columns)))
            return false;
    return true;
}

/* ---- "n_x=64,n_a=128" ---------------------------------------------------------------------- */

static gt_status unknown(gt_step_settings *s, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    char list[200] = "";
    for (uint32_t i = 0; i < s->dimension_count; i++) {
        size_t used = strlen(list);
        gt_nearest_offer(&nearest, s->dimensions[i].name);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", s->dimensions[i].name);
    }
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s has no dimension '%s'; did you mean '%s'?",
                            s->cell->name, name, nearest.best);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s has no dimension '%s'; it has %s", s->cell->name, name,
                        list);
}

/* One "name=size"; *text moves behind it and the comma after it. */
static gt_status read_one(gt_step_settings *s, const char **text, gt_error *error)
{
    char name[GT_STEP_NAME_SIZE], *end;
    size_t length = strcspn(*text, ",");
    const char *equals = memchr(*text, '=', length);
    if (equals == NULL || equals == *text)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims expects sizes such as n_a=128, not '%.*s'", (int)length,
                            *text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - *text), *text);
    gt_dimension *dimension = find(s, name);
    if (dimension == NULL)
        return unknown(s, name, error);
    errno = 0;
    long long size = strtoll(equals + 1, &end, 10);
    if (end != *text + length || end == equals + 1 || errno != 0 || size < 1 || size > LARGEST_SIZE)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s expects a whole number from 1 to %d, not '%.*s'", name,
                            LARGEST_SIZE, (int)(*text + length - equals - 1), equals + 1);
    dimension->size = size;
    *text += length;
    *text += **text == ',';
    return GT_OK;
}

gt_status gt_step_read_dimensions(gt_step_settings *s, const char *text, gt_error *error)
{
    const gt_cell *cell = s->cell;
    s->dimension_count = 0;
    if (!add_table(s, cell->inputs, cell->input_count) || !add_table(s, cell->states, cell->state_count) ||
        !add_table(s, cell->parameters, cell->parameter_count))
        return gt_error_set(error, GT_ERROR_SIZE, "%s has more than %d dimensions, or one with a name longer than %d letters",
                            cell->name, GT_STEP_DIMENSIONS, GT_STEP_NAME_SIZE - 1);
    gt_status status = GT_OK;
    while (status == GT_OK && text != NULL && *text != '\0')
        status = read_one(s, &text, error);
    return status;
}
