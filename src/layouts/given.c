#include "layouts/given.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define MODEL_PREFIX "parameter/" /* of the parameters in a model file */
#define BEST_PREFIX "best/"       /* of those of the best validation, if they were kept: what the model is used with */

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* ---- names of PyTorch: PREFIX weight_ih _l 0 _reverse ------------------------------------------ */

/* Behind the kind: "_l0", "_l0_reverse". */
static bool read_place(const char *text, gt_given_array *array)
{
    const gt_layout_framework *own = &gt_layout_frameworks[GT_FRAMEWORK_PYTORCH];
    if (!begins_with(text, own->layer))
        return false;
    const char *digits = text + strlen(own->layer);
    char *end;
    unsigned long layer = strtoul(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || layer >= GT_LAYOUT_NUMBERS)
        return false;
    array->layer = (uint32_t)layer;
    array->reverse = strcmp(end, own->reverse) == 0;
    return array->reverse || *end == '\0';
}

/* Where the kind begins in a name of PyTorch, after whatever stands before it; NULL: it is none. */
static const char *find_kind(const char *name, gt_given_array *array, const gt_layout_form **form)
{
    const gt_layout_form *forms = gt_layout_frameworks[GT_FRAMEWORK_PYTORCH].forms;
    for (uint32_t i = 0; i < GT_LAYOUT_FORMS && forms[i].name != NULL; i++)
        for (const char *at = strstr(name, forms[i].name); at != NULL; at = strstr(at + 1, forms[i].name))
            if (read_place(at + strlen(forms[i].name), array)) {
                *form = &forms[i];
                return at;
            }
    return NULL;
}

static const char *kind_of_pytorch(const char *name, gt_given_array *array, size_t *size)
{
    const gt_layout_form *form;
    const char *at = find_kind(name, array, &form);
    if (at != name)
        return NULL;
    *size = strlen(form->name);
    return at;
}

/* ---- names of the others: layer1_reverse . Wf -------------------------------------------------- */

/* The digits at the end of the layer's name: "lstm_1/lstm_cell" is 1, "lstm" is 0. */
static uint32_t number_of(const char *group, size_t size)
{
    size_t end = strcspn(group, "/");
    end = end < size ? end : size;
    static const char *const marks[] = {"_reverse", "_backward", "_forward"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (end > strlen(marks[i]) && strncmp(group + end - strlen(marks[i]), marks[i], strlen(marks[i])) == 0)
            end -= strlen(marks[i]);
    size_t start = end;
    while (start > 0 && group[start - 1] >= '0' && group[start - 1] <= '9')
        start--;
    unsigned long number = start < end ? strtoul(group + start, NULL, 10) : 0;
    return number < GT_LAYOUT_NUMBERS ? (uint32_t)number : GT_LAYOUT_NUMBERS - 1;
}

static bool contains(const char *text, size_t size, const char *word)
{
    const char *found = strstr(text, word);
    return found != NULL && found + strlen(word) <= text + size;
}

static const char *kind_of_others(const char *name, gt_given_array *array, size_t *size)
{
    const char *kind = name;
    for (const char *c = name; *c != '\0'; c++)
        if (*c == '/' || *c == '.')
            kind = c + 1;
    size_t group = (size_t)(kind - name);
    group -= group > 0;
    array->layer = number_of(name, group);
    array->reverse = contains(name, group, "backward") || contains(name, group, "reverse");
    *size = strcspn(kind, ":"); /* TensorFlow's "kernel:0" */
    return kind;
}

/* ---- all names --------------------------------------------------------------------------------- */

/* `name` is without the prefix. */
static int32_t extra_of(const gt_given *given, const char *name)
{
    if (given->framework == GT_FRAMEWORK_GRADTAPE && given->cell->output_weight != NULL &&
        strcmp(name, given->cell->output_weight) == 0)
        return GT_LAYOUT_OUTPUT_WEIGHT;
    for (int32_t i = 0; i < GT_LAYOUT_EXTRAS; i++)
        if (strcmp(name, gt_layout_extras[i].names[given->framework]) == 0)
            return i;
    return -1;
}

static bool is_kind(const gt_given *given, const char *kind, size_t size)
{
    const gt_layout_form *forms = gt_layout_frameworks[given->framework].forms;
    for (uint32_t i = 0; i < GT_LAYOUT_FORMS && forms[i].name != NULL; i++)
        if (strlen(forms[i].name) == size && strncmp(forms[i].name, kind, size) == 0)
            return true;
    for (uint32_t i = 0; i < given->cell->gate_count && given->framework == GT_FRAMEWORK_GRADTAPE; i++)
        for (int k = 0; k < GT_LAYOUT_KINDS; k++) {
            const char *name = given->cell->gates[i].names[k];
            if (name != NULL && strlen(name) == size && strncmp(name, kind, size) == 0)
                return true;
        }
    return false;
}

static gt_status understand(gt_given *given, gt_given_array *array, const char *prefix, gt_error *error)
{
    array->extra = extra_of(given, array->name);
    array->read = array->extra >= 0 || begins_with(array->name, prefix);
    if (array->extra >= 0 || !array->read)
        return GT_OK;
    const char *name = array->name + strlen(prefix);
    array->extra = extra_of(given, name);
    if (array->extra >= 0)
        return GT_OK;
    size_t size = 0;
    const char *kind =
        (given->framework == GT_FRAMEWORK_PYTORCH ? kind_of_pytorch : kind_of_others)(name, array, &size);
    if (kind == NULL || !is_kind(given, kind, size))
        return GT_OK;
    array->kind = gt_memory_new((uint64_t)size + 1, 1);
    if (array->kind == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the names of arrays");
    memcpy(array->kind, kind, size);
    return GT_OK;
}

/* What stands before the names: a copy. Of a module inside another one, what its first array has. */
static char *find_prefix(const gt_given *given, const gt_archive *archive, const gt_convert_options *options)
{
    bool ours = given->framework == GT_FRAMEWORK_GRADTAPE;
    if (!ours && options->prefix != NULL)
        return gt_memory_text(options->prefix);
    for (uint32_t i = 0; ours && i < gt_archive_count(archive); i++)
        if (begins_with(gt_archive_name(archive, i), BEST_PREFIX))
            return gt_memory_text(BEST_PREFIX);
    for (uint32_t i = 0; i < gt_archive_count(archive); i++) {
        const char *name = gt_archive_name(archive, i);
        gt_given_array ignored;
        const gt_layout_form *form;
        if (ours && begins_with(name, MODEL_PREFIX))
            return gt_memory_text(MODEL_PREFIX);
        const char *at = given->framework == GT_FRAMEWORK_PYTORCH ? find_kind(name, &ignored, &form) : NULL;
        if (at == NULL)
            continue;
        char *prefix = gt_memory_text(name);
        if (prefix != NULL)
            prefix[at - name] = '\0';
        return prefix;
    }
    return gt_memory_text("");
}

/* ---- layers ------------------------------------------------------------------------------------ */

/* From the numbers in names to places: 1, 2 or lstm, lstm_1 are 0, 1. */
static gt_status number_layers(gt_given *given, gt_error *error)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (uint32_t i = 0; i < given->count; i++) {
        const gt_given_array *array = &given->list[i];
        if (array->kind == NULL)
            continue;
        low = array->layer < low ? array->layer : low;
        high = array->layer > high ? array->layer : high;
        given->direction_count = array->reverse ? 2 : given->direction_count;
    }
    if (low == UINT32_MAX)
        return GT_OK;
    if (high - low >= given->count)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "layers are numbered from %u to %u, but there are only %u arrays",
                            low, high, given->count);
    given->layer_count = high - low + 1;
    for (uint32_t i = 0; i < given->count; i++)
        given->list[i].layer -= given->list[i].kind != NULL ? low : 0;
    return GT_OK;
}

/* In ONNX both directions are in one array. */
static void count_directions(gt_given *given)
{
    for (uint32_t i = 0; i < given->count && given->framework == GT_FRAMEWORK_ONNX; i++)
        if (given->list[i].kind != NULL && given->list[i].array.shape.rank == 3 &&
            given->list[i].array.shape.size[0] == 2)
            given->direction_count = 2;
}

/* ---- life -------------------------------------------------------------------------------------- */

gt_status gt_given_open(gt_given *given, const gt_archive *archive, const gt_convert_options *options,
                        const gt_layout_cell *cell, gt_error *error)
{
    uint32_t count = gt_archive_count(archive);
    *given = (gt_given){.framework = options->from, .cell = cell, .direction_count = 1};
    given->list = gt_memory_new((uint64_t)count + 1, sizeof *given->list);
    char *prefix = find_prefix(given, archive, options);
    gt_status status = GT_OK;
    if (given->list == NULL || prefix == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a list of arrays");
    for (uint32_t i = 0; i < count && status == GT_OK; i++, given->count++) {
        const char *name = gt_archive_name(archive, i);
        given->list[i] = (gt_given_array){.name = name, .array = gt_archive_find(archive, name)};
        status = understand(given, &given->list[i], prefix, error);
    }
    gt_memory_free(prefix);
    if (status == GT_OK)
        status = number_layers(given, error);
    count_directions(given);
    if (status != GT_OK)
        gt_given_close(given);
    return status;
}

void gt_given_close(gt_given *given)
{
    for (uint32_t i = 0; given->list != NULL && i < given->count; i++)
        gt_memory_free(given->list[i].kind);
    gt_memory_free(given->list);
    given->list = NULL;
    given->count = 0;
}

gt_given_array *gt_given_find(const gt_given *given, uint32_t layer, bool reverse, const char *kind)
{
    for (uint32_t i = 0; i < given->count; i++) {
        gt_given_array *array = &given->list[i];
        if (array->kind != NULL && array->layer == layer && array->reverse == reverse && strcmp(array->kind, kind) == 0)
            return array;
    }
    return NULL;
}
