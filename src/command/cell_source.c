#include "command/cell_source.h"

#include "base/utf8.h"
#include "command/cell_stack.h"
#include "command/constants.h"
#include "command/dimensions.h"
#include "command/files.h"
#include "command/terminal.h"
#include "models/dimensions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST 1048576 /* bytes of a file; the parser takes no more */

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_all(FILE *file, const char *path, char **text, size_t *size, gt_error *error)
{
    *text = malloc(LARGEST + 1);
    if (*text == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory") == GT_OK;
    *size = fread(*text, 1, LARGEST + 1, file);
    if (ferror(file))
        return gt_error_set(error, GT_ERROR_FILE, "%s: %s", path, strerror(errno)) == GT_OK;
    if (*size > LARGEST)
        return gt_error_set(error, GT_ERROR_SIZE, "%s is larger than %d bytes: is it a cell?", path, LARGEST) == GT_OK;
    return true;
}

static bool read_file(const char *path, char **text, size_t *size, gt_error *error)
{
    struct stat about;
    if (gt_file_is_standard(path))
        return read_all(stdin, "stdin", text, size, error);
    FILE *file = fopen(path, "rb");
    *text = NULL;
    if (file != NULL && fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) {
        fclose(file);
        return gt_error_set(error, GT_ERROR_FILE, "%s is a folder", path) == GT_OK;
    }
    if (file == NULL)
        return gt_error_set(error, GT_ERROR_FILE, "%s: %s", path, strerror(errno)) == GT_OK;
    bool good = read_all(file, path, text, size, error);
    fclose(file);
    return good;
}

/* ---- what was written ---------------------------------------------------------------------- */

/* A name has letters, digits and _ alone; anything else is a path. */
static bool is_path(const char *text)
{
    return gt_file_is_standard(text) || strpbrk(text, "./:\\") != NULL;
}

/* "FILE:NAME" in two, unless there is a file with the whole name; *cell is NULL without a NAME. */
static char *split(const char *text, const char **cell)
{
    char *path = strdup(text);
    *cell = NULL;
    struct stat about;
    char *colon = path == NULL ? NULL : strrchr(path, ':');
    if (colon == NULL || stat(path, &about) == 0)
        return path;
    *colon = '\0';
    *cell = colon + 1;
    return path;
}

bool gt_cell_source_path(const char *text, char **path)
{
    const char *cell;
    *path = NULL;
    if (!is_path(text))
        return true;
    *path = split(text, &cell);
    return *path != NULL;
}

/* With the constants that are set. */
static bool parse_set(gt_cell_source *source, const char *text, size_t size, gt_cell_parse_options options,
                      gt_error *error)
{
    gt_constants constants;
    bool good = gt_constants_read(&constants, source->set, error);
    if (good) {
        options.constants = constants.list;
        options.constant_count = constants.count;
        source->parsed = gt_cell_parse(text, size, &options);
        source->cell = gt_parsed_cell_get(source->parsed);
        good = gt_parsed_cell_status(source->parsed, error) == GT_OK;
    }
    gt_constants_free(&constants);
    return good;
}

static bool parse_file(gt_cell_source *source, const char *text, const gt_dimensions *sizes, gt_error *error)
{
    const char *cell;
    char *path = split(text, &cell), *content = NULL;
    size_t size = 0;
    if (path == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory") == GT_OK;
    bool good = read_file(path, &content, &size, error);
    if (good) {
        gt_cell_parse_options options = {.file = gt_file_is_standard(path) ? "<stdin>" : path,
                                         .cell = cell,
                                         .dimensions = sizes->list,
                                         .dimension_count = sizes->count};
        good = parse_set(source, content, size, options, error);
    }
    free(content);
    free(path);
    return good;
}

static bool unknown(const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    struct stat about;
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        gt_nearest_offer(&nearest, gt_zoo_at(i)->name);
    if (stat(name, &about) == 0)
        gt_error_set(error, GT_ERROR_ARGUMENT, "there is no cell '%s'; for the file of that name write ./%s", name,
                     name);
    else if (nearest.best != NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "there is no cell '%s'; did you mean '%s'?", name, nearest.best);
    else
        gt_error_set(error, GT_ERROR_ARGUMENT, "there is no cell '%s'; a cell of your own is a file, such as %s.cell",
                     name, name);
    return false;
}

static bool find_in_zoo(gt_cell_source *source, const char *name, gt_error *error)
{
    const gt_zoo_entry *entry = gt_zoo_find(name);
    return entry != NULL ? gt_cell_source_parse(source, name, entry->text, error) : unknown(name, error);
}

bool gt_cell_source_parse(gt_cell_source *source, const char *name, const char *text, gt_error *error)
{
    char file[128];
    gt_utf8_format(file, sizeof file, "%s.cell", name);
    *source = (gt_cell_source){.set = source->set};
    return parse_set(source, text, strlen(text), (gt_cell_parse_options){.file = file}, error);
}

static bool find(gt_cell_source *source, const char *text, const gt_dimensions *sizes, gt_error *error)
{
    *source = (gt_cell_source){.set = source->set};
    return is_path(text) ? parse_file(source, text, sizes, error) : find_in_zoo(source, text, error);
}

bool gt_cell_source_find(gt_cell_source *source, const char *text, gt_error *error)
{
    gt_dimensions none = {0};
    return find(source, text, &none, error);
}

bool gt_cell_source_find_sized(gt_cell_source *source, const char *text, const char *dims, gt_error *error)
{
    gt_dimensions sizes;
    gt_dimensions_guess(&sizes, dims);
    return find(source, text, &sizes, error);
}

static bool open_with(gt_cell_source *source, const gt_command *command, const char *text, const gt_dimensions *sizes)
{
    gt_error error = {0};
    bool good = find(source, text, sizes, &error);
    size_t count = 0;
    gt_parsed_cell_diagnostics(source->parsed, &count);
    if (count > 0)
        gt_cell_source_print(source->parsed);
    else if (!good)
        gt_command_fail_error(command, &error);
    if (!good)
        gt_cell_source_free(source);
    return good;
}

bool gt_cell_source_open(gt_cell_source *source, const gt_command *command, const char *text)
{
    gt_dimensions none = {0};
    return open_with(source, command, text, &none);
}

bool gt_cell_source_open_sized(gt_cell_source *source, const gt_command *command, const char *text, const char *dims)
{
    gt_dimensions sizes;
    gt_dimensions_guess(&sizes, dims);
    return open_with(source, command, text, &sizes);
}

void gt_cell_source_free(gt_cell_source *source)
{
    gt_parsed_cell_free(source->parsed);
    for (uint32_t i = 0; source->stack != NULL && i < source->stack->further_count; i++)
        gt_parsed_cell_free(source->stack->further[i].parsed);
    free(source->stack);
    *source = (gt_cell_source){0};
}
