/* gt_cell_parse: see gradtape/lang.h. */
#include "lang/parsed.h"

#include "base/hash.h"
#include "base/memory.h"
#include "gradtape/nearest.h"
#include "lang/handwritten.h"
#include "lang/parse.h"
#include "lang/set_constants.h"

#include <stdio.h>
#include <string.h>

/* ---- which cell ---------------------------------------------------------------------------- */

/* The first cell of a name. */
typedef struct named_cell {
    uint32_t line;
    bool added;
    UT_hash_handle hh;
} named_cell;

/* Says which names are there already; false without memory. */
static bool compare_names(gt_parsed_cell *parsed, named_cell *entries, named_cell **table)
{
    const gt_lang_file *file = parsed->file;
    for (uint32_t i = 0; i < file->cell_count && !gt_lang_enough(&parsed->diagnostics); i++) {
        const char *name = file->cells[i].name;
        named_cell *first, *entry = &entries[i];
        HASH_FIND_STR(*table, name, first);
        if (first != NULL)
            gt_lang_error(&parsed->diagnostics, file->cells[i].place, "the cell %s is there already, in line %u", name,
                          first->line);
        if (first != NULL || *name == '\0')
            continue;
        *entry = (named_cell){.line = file->cells[i].place.line, .added = true};
        HASH_ADD_KEYPTR(hh, *table, name, strlen(name), entry);
        if (!entry->added)
            return false;
    }
    return true;
}

static bool check_names(gt_parsed_cell *parsed)
{
    named_cell *entries = gt_pool_new(&parsed->pool, parsed->file->cell_count, sizeof *entries), *table = NULL;
    if (entries == NULL)
        return false;
    bool enough = compare_names(parsed, entries, &table);
    HASH_CLEAR(hh, table);
    return enough;
}

static void choose(gt_parsed_cell *parsed, const char *name)
{
    const gt_lang_file *file = parsed->file;
    gt_nearest nearest = {.wanted = name};
    if (name == NULL)
        return;
    for (uint32_t i = 0; i < file->cell_count; i++) {
        parsed->chosen = i;
        if (strcmp(file->cells[i].name, name) == 0)
            return;
        gt_nearest_offer(&nearest, file->cells[i].name);
    }
    gt_lang_error(&parsed->diagnostics, (gt_lang_place){.length = 1, .line = 1, .column = 1},
                  "there is no cell %s in this text", name);
    if (nearest.best != NULL)
        gt_lang_hint(&parsed->diagnostics, "did you mean %s?", nearest.best);
    else
        gt_lang_hint(&parsed->diagnostics, "the first one is %s", file->cells[0].name);
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool understand_all(gt_parsed_cell *parsed, const gt_cell_parse_options *options)
{
    uint32_t count = parsed->file->cell_count;
    parsed->meanings = gt_pool_new(&parsed->pool, count, sizeof *parsed->meanings);
    if (parsed->meanings == NULL) {
        parsed->file = NULL; /* so that no meanings are freed */
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        parsed->meanings[i].symbols.pool = &parsed->pool;
        parsed->meanings[i].file = parsed->file;
        gt_lang_checker checker = {.meaning = &parsed->meanings[i],
                                   .diagnostics = &parsed->diagnostics,
                                   .sizes = options->dimensions,
                                   .size_count = options->dimension_count};
        if (!gt_lang_enough(&parsed->diagnostics) && !gt_lang_understand(&checker, &parsed->file->cells[i]))
            return false;
    }
    return !parsed->diagnostics.no_memory;
}

/* Reads the text once more, with the constants that are set in it. */
static bool set_constants(gt_parsed_cell *parsed, const gt_cell_parse_options *options)
{
    size_t size;
    const char *text = gt_lang_set_constants(parsed->file, &parsed->file->cells[parsed->chosen], options->constants,
                                             options->constant_count, &parsed->diagnostics, &size);
    if (text == NULL)
        return false;
    if (parsed->diagnostics.error_count > 0)
        return true;
    parsed->file = gt_lang_parse(&parsed->pool, options->file, text, size, &parsed->diagnostics);
    return parsed->file != NULL;
}

static bool parse(gt_parsed_cell *parsed, const char *text, size_t size, const gt_cell_parse_options *options)
{
    parsed->diagnostics.pool = &parsed->pool;
    parsed->file = gt_lang_parse(&parsed->pool, options->file, text, size, &parsed->diagnostics);
    if (parsed->file == NULL)
        return false;
    if (parsed->file->cell_count > 0)
        choose(parsed, options->cell);
    if (options->constant_count > 0 && parsed->diagnostics.error_count == 0 && !set_constants(parsed, options))
        return false;
    if (!check_names(parsed) || !understand_all(parsed, options))
        return false;
    gt_lang_sort(&parsed->diagnostics);
    if (parsed->diagnostics.error_count > 0)
        return true;
    parsed->has_cell = gt_lang_make_cell(&parsed->meanings[parsed->chosen], &parsed->pool, &parsed->cell);
    if (parsed->has_cell && parsed->file->cells[parsed->chosen].has_backward)
        parsed->has_cell =
            gt_lang_make_handwritten(&parsed->meanings[parsed->chosen], parsed->file, &parsed->pool, &parsed->cell);
    return parsed->has_cell;
}

gt_parsed_cell *gt_cell_parse(const char *text, size_t size, const gt_cell_parse_options *options)
{
    gt_cell_parse_options none = {0};
    gt_parsed_cell *parsed = gt_memory_new(1, sizeof *parsed);
    if (parsed == NULL)
        return NULL;
    if (parse(parsed, text, size, options == NULL ? &none : options))
        return parsed;
    gt_parsed_cell_free(parsed);
    return NULL;
}

void gt_parsed_cell_free(gt_parsed_cell *parsed)
{
    if (parsed == NULL)
        return;
    for (uint32_t i = 0; parsed->file != NULL && parsed->meanings != NULL && i < parsed->file->cell_count; i++)
        gt_lang_meaning_free(&parsed->meanings[i]);
    gt_lang_diagnostics_free(&parsed->diagnostics);
    gt_pool_free(&parsed->pool);
    gt_memory_free(parsed);
}

/* ---- what is asked of it ------------------------------------------------------------------- */

const gt_cell *gt_parsed_cell_get(const gt_parsed_cell *parsed)
{
    return parsed != NULL && parsed->has_cell ? &parsed->cell : NULL;
}

gt_status gt_parsed_cell_status(const gt_parsed_cell *parsed, gt_error *error)
{
    if (parsed == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for a cell");
    for (size_t i = 0; i < parsed->diagnostics.count; i++) {
        const gt_diagnostic *d = &parsed->diagnostics.list[i];
        if (d->severity == GT_SEVERITY_ERROR)
            return gt_error_set(error, GT_ERROR_FORMAT, "%s:%u:%u: %s%s%s", parsed->file->name, d->line, d->column,
                                d->message, d->hint != NULL ? "; " : "", d->hint != NULL ? d->hint : "");
    }
    return GT_OK;
}

const gt_diagnostic *gt_parsed_cell_diagnostics(const gt_parsed_cell *parsed, size_t *count)
{
    *count = parsed == NULL ? 0 : parsed->diagnostics.count;
    return parsed == NULL ? NULL : parsed->diagnostics.list;
}

const char *gt_parsed_cell_text(const gt_parsed_cell *parsed, size_t *size)
{
    if (size != NULL)
        *size = parsed->file->size;
    return parsed->file->text;
}

const char *gt_parsed_cell_file(const gt_parsed_cell *parsed)
{
    return parsed->file->name;
}

const char *gt_parsed_cell_constant(const gt_parsed_cell *parsed, uint32_t i)
{
    const gt_lang_cell *cell = gt_parsed_cell_tree(parsed);
    for (uint32_t k = 0; cell != NULL && k < cell->equation_count; k++)
        if (cell->equations[k].constant && cell->equations[k].rows == NULL && i-- == 0)
            return cell->equations[k].name;
    return NULL;
}

const char *gt_parsed_cell_name(const gt_parsed_cell *parsed, uint32_t i)
{
    return i < parsed->file->cell_count ? parsed->file->cells[i].name : NULL;
}

bool gt_parsed_cell_has_backward(const gt_parsed_cell *parsed)
{
    const gt_lang_cell *cell = gt_parsed_cell_tree(parsed);
    return cell != NULL && cell->has_backward;
}

const gt_lang_cell *gt_parsed_cell_tree(const gt_parsed_cell *parsed)
{
    const gt_lang_meaning *meaning = gt_parsed_cell_meaning(parsed);
    return meaning == NULL ? NULL : meaning->cell;
}

const gt_lang_meaning *gt_parsed_cell_meaning(const gt_parsed_cell *parsed)
{
    return parsed == NULL || !parsed->has_cell ? NULL : &parsed->meanings[parsed->chosen];
}
