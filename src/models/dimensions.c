/* The dimensions of a cell: their names, what a text and what arrays say of them. */
#include "gradtape/dimensions.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"
#include "models/dimensions.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

static const gt_dimension usual[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
enum { USUAL_COUNT = sizeof usual / sizeof *usual };

static int place_of(const gt_dimensions *d, const char *name)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (strcmp(d->names[i], name) == 0)
            return (int)i;
    return -1;
}

gt_dimension *gt_dimensions_at(gt_dimensions *d, const char *name)
{
    int place = place_of(d, name);
    return place < 0 ? NULL : &d->list[place];
}

void gt_dimensions_drop(gt_dimensions *d, const char *name)
{
    int place = place_of(d, name);
    if (place < 0)
        return;
    d->count--;
    for (uint32_t i = (uint32_t)place; i < d->count; i++) {
        memcpy(d->names[i], d->names[i + 1], GT_SIZE_NAME);
        d->list[i] = (gt_dimension){d->names[i], d->list[i + 1].size};
        d->from[i] = d->from[i + 1];
    }
}

uint32_t gt_dimensions_known(const gt_dimensions *d, gt_dimension *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->from[i] != NULL)
            list[count++] = d->list[i];
    return count;
}

/* ---- finding ------------------------------------------------------------------------------- */

static bool add(gt_dimensions *d, const char *name, size_t length)
{
    char text[GT_SIZE_NAME];
    if (length >= sizeof text)
        return false;
    memcpy(text, name, length);
    text[length] = '\0';
    if (place_of(d, text) >= 0)
        return true;
    if (d->count == GT_MAX_CELL_ARRAYS)
        return false;
    memcpy(d->names[d->count], text, sizeof text);
    d->list[d->count] = (gt_dimension){d->names[d->count], 0};
    d->count++;
    return true;
}

/* The names in a size such as "n_a + 4 * n_x". */
static bool add_names(gt_dimensions *d, const char *size)
{
    for (const char *c = size == NULL ? "" : size; *c != '\0';) {
        size_t length = strspn(c, NAME_LETTERS);
        bool is_name = length > 0 && strchr("0123456789", *c) == NULL;
        if (is_name && !add(d, c, length))
            return false;
        c += length > 0 ? length : 1;
    }
    return true;
}

static bool add_table(gt_dimensions *d, const gt_cell_array *rows, uint32_t count, bool with_outputs)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].output_only && !with_outputs)
            continue;
        if (!add_names(d, rows[i].rows) || !add_names(d, rows[i].columns))
            return false;
    }
    return true;
}

gt_status gt_dimensions_add(gt_dimensions *d, const gt_cell *cell, bool with_outputs, gt_error *error)
{
    if (add_table(d, cell->inputs, cell->input_count, with_outputs) &&
        add_table(d, cell->states, cell->state_count, with_outputs) &&
        add_table(d, cell->parameters, cell->parameter_count, with_outputs) &&
        (!with_outputs || add_table(d, cell->outputs, cell->output_count, true)))
        return GT_OK;
    return gt_error_set(error, GT_ERROR_SIZE, "cell %s has too many dimensions, or too long a name of one", cell->name);
}

gt_status gt_dimensions_find(gt_dimensions *d, const gt_cell *cell, bool with_outputs, gt_error *error)
{
    *d = (gt_dimensions){0};
    return gt_dimensions_add(d, cell, with_outputs, error);
}

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct reading {
    gt_dimensions *dimensions;
    const gt_cell *cell;
    const char *what;
    gt_error *error;
} reading;

static gt_status unknown(const reading *r, const char *name)
{
    const gt_dimensions *d = r->dimensions;
    gt_nearest nearest = {.wanted = name};
    char list[200] = "";
    for (uint32_t i = 0; i < d->count; i++) {
        size_t used = strlen(list);
        gt_nearest_offer(&nearest, d->names[i]);
        gt_utf8_format(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", d->names[i]);
    }
    if (nearest.best != NULL)
        return gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s: %s has no dimension '%s'; did you mean '%s'?", r->what,
                            r->cell->name, name, nearest.best);
    return gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s: %s has no dimension '%s'; it has %s", r->what, r->cell->name,
                        name, d->count > 0 ? list : "none to be given");
}

/* One "name=size" of `length` letters. */
static gt_status read_one(const reading *r, const char *text, size_t length)
{
    gt_dimensions *d = r->dimensions;
    char word[2 * GT_SIZE_NAME], *end = NULL;
    gt_utf8_format(word, sizeof word, "%.*s", length < sizeof word ? (int)length : (int)sizeof word - 1, text);
    char *equals = strchr(word, '=');
    if (equals == NULL || equals == word)
        return gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s expects sizes such as n_a=128, not '%s'", r->what, word);
    *equals = '\0';
    int place = place_of(d, word);
    if (place < 0)
        return unknown(r, word);
    if (d->from[place] == r->what)
        return gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s gives %s twice", r->what, word);
    long long size = strtoll(equals + 1, &end, 10);
    if (equals[1] < '0' || equals[1] > '9' || *end != '\0' || size < 1 || size > GT_MAX_DIMENSION)
        return gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s: %s is a whole number from 1 to %d, not '%s'", r->what,
                            word, GT_MAX_DIMENSION, equals + 1);
    d->list[place].size = size;
    d->from[place] = r->what;
    return GT_OK;
}

gt_status gt_dimensions_read(gt_dimensions *dimensions, const gt_cell *cell, const char *what, const char *text,
                             gt_error *error)
{
    reading r = {dimensions, cell, what, error};
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        gt_status status = read_one(&r, text, length);
        if (status != GT_OK)
            return status;
        text += length;
        text += *text == ',';
    }
    return GT_OK;
}

void gt_dimensions_guess(gt_dimensions *d, const char *text)
{
    *d = (gt_dimensions){0};
    for (size_t i = 0; i < USUAL_COUNT; i++)
        add(d, usual[i].name, strlen(usual[i].name));
    gt_dimensions_usual(d, 0);
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ","), name = strcspn(text, "=,");
        long long size = text[name] == '=' ? strtoll(text + name + 1, NULL, 10) : 0;
        if (size >= 1 && name > 0 && add(d, text, name)) {
            char word[GT_SIZE_NAME];
            gt_utf8_format(word, sizeof word, "%.*s", (int)name, text);
            gt_dimensions_at(d, word)->size = size;
        }
        text += length;
        text += *text == ',';
    }
}

/* ---- learning ------------------------------------------------------------------------------ */

static void tell(gt_dimensions *d, const char *name, int64_t size, const char *from)
{
    int place = place_of(d, name);
    if (place < 0 || d->from[place] != NULL)
        return;
    d->list[place].size = size;
    d->from[place] = from;
}

static void solve(gt_dimensions *d, const gt_size_fact *fact)
{
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    char name[GT_SIZE_NAME];
    int64_t size;
    if (gt_size_solve(fact->size, fact->value, known, gt_dimensions_known(d, known), name, &size))
        tell(d, name, size, fact->from);
}

void gt_dimensions_take(gt_dimensions *d, const gt_dimension *list, uint32_t count, const char *from)
{
    for (uint32_t i = 0; i < count; i++)
        tell(d, list[i].name, list[i].size, from);
}

void gt_dimensions_learn(gt_dimensions *d, const gt_size_fact *facts, size_t count)
{
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    for (size_t i = 0; i < count; i++)
        if (facts[i].size != NULL)
            tell(d, facts[i].size, facts[i].value, facts[i].from);
    /* Each dimension that is found may make another one the only open one of its size. */
    for (uint32_t before = UINT32_MAX, now; (now = gt_dimensions_known(d, known)) != before && now < d->count;
         before = now)
        for (size_t i = 0; i < count; i++)
            solve(d, &facts[i]);
}

/* ---- sizes that nobody told ---------------------------------------------------------------- */

static int64_t notebook_size(const char *name)
{
    for (size_t i = 0; i < USUAL_COUNT; i++)
        if (strcmp(usual[i].name, name) == 0)
            return usual[i].size;
    return 0;
}

static bool is_taken(const gt_dimensions *d, uint32_t count, int64_t size)
{
    bool taken = false;
    for (size_t i = 0; i < USUAL_COUNT; i++)
        taken = taken || usual[i].size == size;
    for (uint32_t i = 0; i < count; i++)
        taken = taken || d->list[i].size == size;
    return taken;
}

void gt_dimensions_usual(gt_dimensions *d, int64_t other_than)
{
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->from[i] != NULL)
            continue;
        int64_t size = notebook_size(d->names[i]);
        if (size == 0)
            for (size = 4; size == other_than || is_taken(d, i, size);)
                size++;
        d->list[i].size = size;
    }
}

void gt_dimensions_all(gt_dimensions *d, int64_t size)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (d->from[i] == NULL)
            d->list[i].size = size;
}
