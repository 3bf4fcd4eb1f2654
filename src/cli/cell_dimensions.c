#include "cli/cell_dimensions.h"

#include "cli/page.h"
#include "gradtape/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

static int place_of(const gt_cell_dimensions *d, const char *name)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (strcmp(d->names[i], name) == 0)
            return (int)i;
    return -1;
}

gt_dimension *gt_cell_dimensions_at(gt_cell_dimensions *dimensions, const char *name)
{
    int place = place_of(dimensions, name);
    return place < 0 ? NULL : &dimensions->list[place];
}

void gt_cell_dimensions_drop(gt_cell_dimensions *d, const char *name)
{
    int place = place_of(d, name);
    if (place < 0)
        return;
    d->count--;
    for (uint32_t i = (uint32_t)place; i < d->count; i++) {
        memcpy(d->names[i], d->names[i + 1], GT_DIMENSION_NAME);
        d->list[i] = (gt_dimension){d->names[i], d->list[i + 1].size};
        d->given[i] = d->given[i + 1];
    }
}

void gt_cell_dimensions_print(const gt_cell_dimensions *dimensions)
{
    for (uint32_t i = 0; i < dimensions->count; i++)
        gt_page_print("%s = %lld, ", dimensions->list[i].name, (long long)dimensions->list[i].size);
}

void gt_cell_dimensions_json(const gt_cell_dimensions *dimensions, gt_json *json)
{
    for (uint32_t i = 0; i < dimensions->count; i++)
        gt_json_integer(json, dimensions->list[i].name, dimensions->list[i].size);
}

/* ---- finding ------------------------------------------------------------------------------- */

static bool add(gt_cell_dimensions *d, const char *name, size_t length, int64_t usual)
{
    char text[GT_DIMENSION_NAME];
    if (length >= sizeof text)
        return false;
    memcpy(text, name, length);
    text[length] = '\0';
    if (place_of(d, text) >= 0)
        return true;
    if (d->count == GT_MAX_CELL_ARRAYS)
        return false;
    memcpy(d->names[d->count], text, sizeof text);
    d->list[d->count] = (gt_dimension){d->names[d->count], usual};
    d->count++;
    return true;
}

/* The names in a size such as "n_a + 4 * n_x". */
static bool add_names(gt_cell_dimensions *d, const char *size, int64_t usual)
{
    for (const char *c = size == NULL ? "" : size; *c != '\0';) {
        size_t length = strspn(c, NAME_LETTERS);
        bool is_name = length > 0 && strchr("0123456789", *c) == NULL;
        if (is_name && !add(d, c, length, usual))
            return false;
        c += length > 0 ? length : 1;
    }
    return true;
}

static bool add_table(gt_cell_dimensions *d, const gt_cell_array *rows, uint32_t count, bool with_outputs,
                      int64_t usual)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].output_only && !with_outputs)
            continue;
        if (!add_names(d, rows[i].rows, usual) || !add_names(d, rows[i].columns, usual))
            return false;
    }
    return true;
}

gt_status gt_cell_dimensions_find(gt_cell_dimensions *d, const gt_cell *cell, bool with_outputs,
                                  int64_t usual, gt_error *error)
{
    *d = (gt_cell_dimensions){0};
    if (add_table(d, cell->inputs, cell->input_count, with_outputs, usual) &&
        add_table(d, cell->states, cell->state_count, with_outputs, usual) &&
        add_table(d, cell->parameters, cell->parameter_count, with_outputs, usual) &&
        (!with_outputs || add_table(d, cell->outputs, cell->output_count, true, usual)))
        return GT_OK;
    return gt_error_set(error, GT_ERROR_SIZE, "cell %s has too many dimensions, or too long a name of one",
                        cell->name);
}

/* ---- reading ------------------------------------------------------------------------------- */

static gt_status unknown(const gt_cell_dimensions *d, const gt_cell *cell, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    char list[200] = "";
    for (uint32_t i = 0; i < d->count; i++) {
        size_t used = strlen(list);
        gt_nearest_offer(&nearest, d->names[i]);
        gt_utf8_format(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", d->names[i]);
    }
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s has no dimension '%s'; did you mean '%s'?",
                            cell->name, name, nearest.best);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s has no dimension '%s'; it has %s", cell->name,
                        name, d->count > 0 ? list : "none to be given");
}

/* One "name=size" of `length` letters. */
static gt_status read_one(gt_cell_dimensions *d, const gt_cell *cell, const char *text, size_t length,
                          gt_error *error)
{
    char word[2 * GT_DIMENSION_NAME], *end = NULL;
    gt_utf8_format(word, sizeof word, "%.*s", length < sizeof word ? (int)length : (int)sizeof word - 1, text);
    char *equals = strchr(word, '=');
    if (equals == NULL || equals == word)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims expects sizes such as n_a=128, not '%s'", word);
    *equals = '\0';
    int place = place_of(d, word);
    if (place < 0)
        return unknown(d, cell, word, error);
    if (d->given[place])
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims gives %s twice", word);
    long long size = strtoll(equals + 1, &end, 10);
    if (equals[1] < '0' || equals[1] > '9' || *end != '\0' || size < 1 || size > GT_DIMENSION_LARGEST)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s is a whole number from 1 to %d, not '%s'",
                            word, GT_DIMENSION_LARGEST, equals + 1);
    d->list[place].size = size;
    d->given[place] = true;
    return GT_OK;
}

gt_status gt_cell_dimensions_read(gt_cell_dimensions *dimensions, const gt_cell *cell, const char *text,
                                  gt_error *error)
{
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        gt_status status = read_one(dimensions, cell, text, length, error);
        if (status != GT_OK)
            return status;
        text += length;
        text += *text == ',';
    }
    return GT_OK;
}

void gt_cell_dimensions_guess(gt_cell_dimensions *dimensions, const char *text)
{
    static const gt_dimension usual[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    *dimensions = (gt_cell_dimensions){0};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        add(dimensions, usual[i].name, strlen(usual[i].name), usual[i].size);
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ","), name = strcspn(text, "=,");
        long long size = text[name] == '=' ? strtoll(text + name + 1, NULL, 10) : 0;
        if (size >= 1 && name > 0 && add(dimensions, text, name, size)) {
            char word[GT_DIMENSION_NAME];
            gt_utf8_format(word, sizeof word, "%.*s", (int)name, text);
            gt_cell_dimensions_at(dimensions, word)->size = size;
        }
        text += length;
        text += *text == ',';
    }
}
