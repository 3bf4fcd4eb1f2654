#include "cli/check/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SIZE = 1 << 20 };

/* ---- the names in a cell's tables ---------------------------------------------------------- */

static int64_t find(const gt_check_sizes *s, const char *name)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->dimensions[i].name, name) == 0)
            return i;
    return -1;
}

/* The usual names have the notebook's sizes; others get what no other has. */
static int64_t usual_size(const gt_check_sizes *s, const char *name)
{
    static const gt_dimension usual[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(usual[i].name, name) == 0)
            return usual[i].size;
    for (int64_t size = 4;; size++) {
        bool taken = size == 5;
        for (uint32_t i = 0; i < s->count; i++)
            taken = taken || s->dimensions[i].size == size;
        if (!taken)
            return size;
    }
}

static gt_status add_name(gt_check_sizes *s, const char *name, size_t length, gt_error *error)
{
    char text[GT_CHECK_NAME_SIZE];
    if (length >= sizeof text)
        return gt_error_set(error, GT_ERROR_SIZE, "the name of a dimension of %s is too long",
                            s->cell->name);
    memcpy(text, name, length);
    text[length] = '\0';
    if (find(s, text) >= 0)
        return GT_OK;
    if (s->count == GT_CHECK_DIMENSIONS)
        return gt_error_set(error, GT_ERROR_SIZE, "%s has more than %d dimensions", s->cell->name,
                            GT_CHECK_DIMENSIONS);
    memcpy(s->names[s->count], text, sizeof text);
    s->dimensions[s->count] = (gt_dimension){s->names[s->count], usual_size(s, text)};
    s->count++;
    return GT_OK;
}

/* The names in a size such as "n_a + 4 * n_x". */
static gt_status add_names(gt_check_sizes *s, const char *size, gt_error *error)
{
    gt_status status = GT_OK;
    for (const char *c = size == NULL ? "" : size; *c != '\0' && status == GT_OK;) {
        size_t length = strspn(c, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (length > 0 && !isdigit((unsigned char)*c))
            status = add_name(s, c, length, error);
        c += length > 0 ? length : 1;
    }
    return status;
}

static gt_status add_table(gt_check_sizes *s, const gt_cell_array *rows, uint32_t count,
                           gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        status = add_names(s, rows[i].rows, error);
        if (status == GT_OK)
            status = add_names(s, rows[i].columns, error);
    }
    return status;
}

/* ---- "n_x=64,n_a=128" ---------------------------------------------------------------------- */

static gt_status unknown(const gt_check_sizes *s, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    char list[200] = "";
    for (uint32_t i = 0; i < s->count; i++) {
        size_t used = strlen(list);
        gt_nearest_offer(&nearest, s->dimensions[i].name);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", s->dimensions[i].name);
    }
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "--dims: %s has no dimension '%s'; did you mean '%s'?", s->cell->name,
                            name, nearest.best);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s has no dimension '%s'; it has %s",
                        s->cell->name, name, list);
}

static gt_status read_one(gt_check_sizes *s, char *item, gt_error *error)
{
    char *equals = strchr(item, '=');
    if (equals == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: '%.60s' is not NAME=N", item);
    *equals = '\0';
    int64_t place = find(s, item);
    if (place < 0)
        return unknown(s, item, error);
    char *end;
    errno = 0;
    long long size = strtoll(equals + 1, &end, 10);
    if (end == equals + 1 || *end != '\0' || errno != 0 || size < 1 || size > LARGEST_SIZE)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "--dims: %s is '%.40s'; expected a whole number from 1 to %d", item,
                            equals + 1, LARGEST_SIZE);
    if (s->given[place])
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--dims: %s is given twice", item);
    s->given[place] = true;
    s->dimensions[place].size = size;
    return GT_OK;
}

static gt_status read_text(gt_check_sizes *s, const char *text, gt_error *error)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = GT_OK;
    for (char *item = copy, *next; item != NULL && status == GT_OK; item = next) {
        next = strchr(item, ',');
        if (next != NULL)
            *next++ = '\0';
        status = read_one(s, item, error);
    }
    free(copy);
    return status;
}

gt_status gt_check_sizes_read(gt_check_sizes *s, const gt_cell *cell, const char *text,
                              gt_error *error)
{
    s->cell = cell;
    gt_status status = add_table(s, cell->inputs, cell->input_count, error);
    if (status == GT_OK)
        status = add_table(s, cell->states, cell->state_count, error);
    if (status == GT_OK)
        status = add_table(s, cell->parameters, cell->parameter_count, error);
    if (status == GT_OK)
        status = add_table(s, cell->outputs, cell->output_count, error);
    return status == GT_OK && text != NULL ? read_text(s, text, error) : status;
}

/* ---- what arrays tell ---------------------------------------------------------------------- */

/* A size that is one name tells that dimension; "n_a + n_x" tells nothing by itself. */
static void learn(gt_check_sizes *s, const char *size, int64_t value)
{
    int64_t place = size != NULL ? find(s, size) : -1;
    if (place < 0 || s->given[place])
        return;
    s->given[place] = true;
    s->dimensions[place].size = value;
}

static void learn_table(gt_check_sizes *s, const gt_archive *arrays, const gt_cell_array *rows,
                        uint32_t count, const char *before, const char *behind)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[2 * GT_CHECK_NAME_SIZE];
        snprintf(name, sizeof name, "%s%s%s", before, rows[i].name, behind);
        gt_array array = gt_archive_find(arrays, name);
        if (array.data == NULL)
            continue;
        learn(s, rows[i].rows, array.shape.size[0]);
        learn(s, rows[i].columns, array.shape.size[1]);
    }
}

gt_status gt_check_sizes_learn(gt_check_sizes *s, const gt_archive *arrays, gt_error *error)
{
    const gt_cell *cell = s->cell;
    for (uint32_t i = 0; i < cell->input_count; i++) {
        gt_array input = gt_archive_find(arrays, cell->inputs[i].name);
        if (input.data == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' is missing: the input of %s, (%s, m, T) or (%s, m)",
                                cell->inputs[i].name, cell->name, cell->inputs[i].rows,
                                cell->inputs[i].rows);
        s->examples = input.shape.size[1];
        s->steps = input.shape.size[2];
    }
    learn_table(s, arrays, cell->inputs, cell->input_count, "", "");
    learn_table(s, arrays, cell->parameters, cell->parameter_count, "", "");
    learn_table(s, arrays, cell->states, cell->state_count, "", "0");
    learn_table(s, arrays, cell->states, cell->state_count, "d", "");
    learn_table(s, arrays, cell->outputs, cell->output_count, "d", "");
    return GT_OK;
}
