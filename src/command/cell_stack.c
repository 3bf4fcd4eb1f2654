#include "command/cell_stack.h"

#include "base/utf8.h"
#include "command/constants.h"
#include "command/files.h"
#include "gradtape/nearest.h"
#include "models/dimensions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- whether it is one cell ---------------------------------------------------------------- */

/* Some letters as a text of their own; NULL on no memory. */
static char *copy_of(const char *letters, size_t length)
{
    char *text = malloc(length + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, letters, length);
    text[length] = '\0';
    return text;
}

/* "FILE" or "FILE:NAME", whatever is in the file's name. */
static bool is_file(const char *text)
{
    struct stat about;
    char *path = NULL;
    bool found =
        stat(text, &about) == 0 || (gt_cell_source_path(text, &path) && path != NULL && stat(path, &about) == 0);
    free(path);
    return found;
}

static bool is_one_cell(const char *text)
{
    return strpbrk(text, ",() \t\n") == NULL || is_file(text);
}

/* ---- finding ------------------------------------------------------------------------------- */

typedef struct finding {
    gt_cell_source *source;
    gt_cell_stack *stack;
    gt_cell_finder *finder;
    void *context;
    const gt_layer_text *first_of[GT_MAX_LAYERS]; /* where each different cell comes up first */
    uint32_t count;
    const char *set;                       /* constants of those cells that have them; NULL: none */
    gt_constants constants;                /* the same, read */
    bool fits[GT_MOST_CONSTANTS];          /* some cell has it */
    gt_nearest nearest[GT_MOST_CONSTANTS]; /* of those that the cells have */
    char near[GT_MOST_CONSTANTS][GT_SIZE_NAME];
} finding;

static bool same_word(const gt_layer_text *a, const gt_layer_text *b)
{
    return a->length == b->length && memcmp(a->cell, b->cell, a->length) == 0;
}

/* ---- constants ------------------------------------------------------------------------------ */

static bool has_constant(finding *f, const gt_parsed_cell *parsed, uint32_t wanted)
{
    const char *name;
    bool has = false;
    for (uint32_t i = 0; (name = gt_parsed_cell_constant(parsed, i)) != NULL; i++) {
        has = has || strcmp(name, f->constants.list[wanted].name) == 0;
        gt_nearest_offer(&f->nearest[wanted], name);
    }
    if (f->nearest[wanted].best != NULL && f->nearest[wanted].best != f->near[wanted]) { /* the name is the cell's */
        gt_utf8_format(f->near[wanted], GT_SIZE_NAME, "%s", f->nearest[wanted].best);
        f->nearest[wanted].best = f->near[wanted];
    }
    f->fits[wanted] = f->fits[wanted] || has;
    return has;
}

/* Of the constants that are set those that this cell has, as they are written; NULL where there is none. */
static bool choose_constants(finding *f, const char *word, char **chosen, gt_error *error)
{
    gt_cell_source plain = {.set = NULL};
    *chosen = NULL;
    if (f->set == NULL)
        return true;
    if (gt_file_is_standard(word)) { /* it is read once: that one must have all */
        memset(f->fits, true, sizeof f->fits);
        *chosen = copy_of(f->set, strlen(f->set));
        return *chosen != NULL || gt_error_set(error, GT_ERROR_MEMORY, "no memory for the constants") == GT_OK;
    }
    if (!gt_cell_source_find(&plain, word, NULL)) { /* what is wrong with it is said when it is wanted */
        gt_cell_source_free(&plain);
        return true;
    }
    char *text = calloc(strlen(f->set) + 1, 1);
    const char *item = f->set;
    for (uint32_t i = 0; text != NULL && i < f->constants.count; i++) {
        item += strspn(item, ",");
        size_t length = strcspn(item, ",");
        if (has_constant(f, plain.parsed, i)) {
            strcat(text, *text == '\0' ? "" : ",");
            strncat(text, item, length);
        }
        item += length;
    }
    gt_cell_source_free(&plain);
    if (text == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the constants") == GT_OK;
    *chosen = text;
    return true;
}

/* Each is of some cell. */
static bool check_constants(const finding *f, gt_error *error)
{
    for (uint32_t i = 0; i < f->constants.count; i++) {
        const char *near = f->nearest[i].best;
        if (!f->fits[i])
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "--set %s: none of the layers' cells has a constant of that name%s%s%s",
                                f->constants.list[i].name, near == NULL ? "" : "; did you mean ",
                                near == NULL ? "" : near, near == NULL ? "" : "?") == GT_OK;
    }
    return true;
}

/* ---- layers --------------------------------------------------------------------------------- */

/* A cell that did not come up yet. */
static bool find_new(finding *f, const gt_layer_text *layer, gt_error *error)
{
    char *word = copy_of(layer->cell, layer->length);
    gt_cell_source *into = f->count == 0 ? f->source : &f->stack->further[f->count - 1];
    if (word == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the layers") == GT_OK;
    char *chosen;
    bool good = choose_constants(f, word, &chosen, error);
    into->set = chosen == NULL || *chosen == '\0' ? NULL : chosen;
    good = good && f->finder(f->context, into, word, f->count, error);
    into->set = f->set;
    free(chosen);
    free(word);
    if (f->count > 0)
        f->stack->further_count++; /* found or not, it is to be freed */
    f->first_of[f->count++] = layer;
    return good;
}

static bool find_layer(finding *f, const gt_layer_text *layer, gt_error *error)
{
    uint32_t place = 0;
    while (place < f->count && !same_word(layer, f->first_of[place]))
        place++;
    if (place == f->count && !find_new(f, layer, error))
        return false;
    const gt_cell_source *found = place == 0 ? f->source : &f->stack->further[place - 1];
    f->stack->layers[f->stack->layer_count++] = (gt_network_layer){found->cell, layer->hidden, layer->bidirectional};
    return true;
}

bool gt_cell_stack_read(gt_cell_source *source, const char *text, gt_cell_finder *finder, void *context,
                        gt_error *error)
{
    gt_layer_text layers[GT_MAX_LAYERS];
    uint32_t count;
    *source = (gt_cell_source){.set = source->set};
    if (gt_layers_read(text, layers, &count, error) != GT_OK)
        return false;
    gt_cell_stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the layers") == GT_OK;
    finding f = {.source = source, .stack = stack, .finder = finder, .context = context, .set = source->set};
    bool good = gt_constants_read(&f.constants, f.set, error);
    for (uint32_t i = 0; i < f.constants.count; i++)
        f.nearest[i].wanted = f.constants.list[i].name;
    for (uint32_t i = 0; i < count && good; i++)
        good = find_layer(&f, &layers[i], error);
    good = good && check_constants(&f, error);
    gt_constants_free(&f.constants);
    source->stack = stack;
    return good;
}

static bool find_one(void *context, gt_cell_source *source, const char *word, uint32_t place, gt_error *error)
{
    (void)context;
    (void)place;
    return gt_cell_source_find(source, word, error);
}

bool gt_cell_stack_find(gt_cell_source *source, const char *text, gt_error *error)
{
    return is_one_cell(text) ? gt_cell_source_find(source, text, error)
                             : gt_cell_stack_read(source, text, find_one, NULL, error);
}

/* Says itself what is wrong. */
static bool open_one(void *context, gt_cell_source *source, const char *word, uint32_t place, gt_error *error)
{
    (void)place;
    error->message[0] = '\0';
    return gt_cell_source_open(source, context, word);
}

bool gt_cell_stack_open(gt_cell_source *source, const gt_command *command, const char *text)
{
    gt_error error = {0};
    if (is_one_cell(text))
        return gt_cell_source_open(source, command, text);
    if (gt_cell_stack_read(source, text, open_one, (void *)(uintptr_t)command, &error))
        return true;
    if (error.message[0] != '\0')
        gt_command_fail_error(command, &error);
    gt_cell_source_free(source);
    return false;
}

/* ---- what was found ------------------------------------------------------------------------ */

uint32_t gt_cell_stack_count(const gt_cell_source *source)
{
    return 1 + (source->stack == NULL ? 0 : source->stack->further_count);
}

const gt_cell_source *gt_cell_stack_at(const gt_cell_source *source, uint32_t place)
{
    return place == 0 ? source : &source->stack->further[place - 1];
}

void gt_cell_stack_label(const gt_cell_source *source, char label[GT_CELL_LABEL])
{
    size_t used = 0;
    label[0] = '\0';
    for (uint32_t i = 0; source->stack != NULL && i < source->stack->layer_count && used < GT_CELL_LABEL; i++) {
        gt_network_layer layer = source->stack->layers[i];
        char units[24] = "";
        if (layer.hidden > 0)
            gt_utf8_format(units, sizeof units, " %lld", (long long)layer.hidden);
        used +=
            gt_utf8_format(label + used, GT_CELL_LABEL - used, "%s%s%s%s%s", i > 0 ? ", " : "",
                           layer.bidirectional ? "bi(" : "", layer.cell->name, units, layer.bidirectional ? ")" : "");
    }
    if (source->stack == NULL)
        gt_utf8_format(label, GT_CELL_LABEL, "%s", source->cell->name);
}

gt_status gt_cell_stack_dimensions(const gt_cell_source *source, bool ignores_outputs, gt_dimensions *dimensions,
                                   gt_error *error)
{
    *dimensions = (gt_dimensions){0};
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_cell_stack_count(source) && status == GT_OK; i++) {
        const gt_cell *cell = gt_cell_stack_at(source, i)->cell;
        status = gt_dimensions_add(dimensions, cell, !ignores_outputs && gt_cell_has_read_outputs(cell), error);
    }
    return status;
}
