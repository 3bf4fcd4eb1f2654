/*
 * Any lines as the arguments of a command: those of `train`, those of a table with
 * every kind of option, the list of sizes that --dims takes, and layers. Nothing is run.
 */
#include "fuzz.h"

#include "command/dimensions.h"
#include "models/dimensions.h"
#include "training/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARGUMENTS = 64 };

static const gt_command command = {.name = "fuzz", .summary = "reads its arguments"};

/* ---- arguments ----------------------------------------------------------------------------- */

typedef struct arguments {
    char *text; /* of all, each with a NUL behind it */
    char *list[MOST_ARGUMENTS + 1];
    int count;
} arguments;

/* Each in memory of its own size, so that a read beyond it is seen. */
static void add(arguments *a, const uint8_t *from, size_t size)
{
    if (a->count == MOST_ARGUMENTS)
        return;
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, from, size);
    text[size] = '\0';
    a->list[a->count++] = text;
}

static void split(arguments *a, const uint8_t *data, size_t size)
{
    add(a, (const uint8_t *)"fuzz", 4);
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end == NULL ? size : (size_t)(end - data);
        add(a, data, length);
        length += end != NULL;
        data += length;
        size -= length;
    }
}

static void forget(arguments *a)
{
    for (int i = 0; i < a->count; i++)
        free(a->list[i]);
}

/* ---- readers ------------------------------------------------------------------------------- */

static void read_settings(arguments *a)
{
    gt_settings s = gt_settings_defaults();
    int status = -1;
    if (!gt_settings_parse(&s, &command, a->count, a->list, &status)) {
        if (s.text.items != NULL || (status != GT_EXIT_GOOD && status != GT_EXIT_USAGE))
            abort();
        return;
    }
    if (s.save == NULL || s.hidden < 1 || s.hidden > 65536 || s.batch < 1 || isnan(s.dropout))
        abort();
    gt_text_list_free(&s.text);
}

static void read_table(arguments *a)
{
    static const char *const fruits[] = {"apple", "pear", "plum", NULL};
    struct {
        const char *cell, *name;
        gt_text_list list;
        int64_t count;
        double part;
        int fruit, mode;
        bool flag, given;
    } s = {.count = 3, .part = 0.5};
    const gt_option operands[] = {GT_OPERAND_TEXT("CELL", &s.cell, "a cell"),
                                  GT_OPERAND_CHOICE("FRUIT", &s.fruit, fruits, "a fruit"), GT_OPTION_END};
    const gt_option options[] = {
        GT_OPTION_TEXTS("list", "FILE", &s.list, "files"),
        GT_OPTION_TEXT("name", "NAME", &s.name, "a name", .letter = 'n', .required = true),
        GT_OPTION_INTEGER("count", "N", &s.count, -5, 100, "a number", .letter = 'c', .given = &s.given),
        GT_OPTION_REAL("part", "P", &s.part, -1, INFINITY, "a part"),
        GT_OPTION_SET("fast", &s.mode, 1, "fast"),
        GT_OPTION_SET("slow", &s.mode, 2, "slow"),
        GT_OPTION_FLAG("flag", &s.flag, "a flag", .letter = 'f'),
        GT_OPTION_END,
    };
    const gt_usage usage = {.command = &command, .operands = operands, .options = options};
    int status = -1;
    bool good = gt_usage_parse(&usage, a->count, a->list, &status);
    if (good && (s.cell == NULL || s.name == NULL || s.count < -5 || s.count > 100 || !(s.part >= -1)))
        abort();
    if (!good && (s.list.items != NULL || (status != GT_EXIT_GOOD && status != GT_EXIT_USAGE)))
        abort();
    gt_text_list_free(&s.list);
}

static void read_dimensions(const arguments *a)
{
    const gt_cell *cell = gt_cell_find("lstm");
    for (int i = 1; i < a->count; i++) {
        gt_dimensions d = {0};
        gt_error error = {0};
        if (gt_dimensions_find(&d, cell, true, &error) != GT_OK)
            abort();
        gt_status status = gt_dimensions_read(&d, cell, "--dims", a->list[i], &error);
        gt_dimensions_usual(&d, 0);
        if (status != GT_OK && error.message[0] == '\0')
            abort();
        for (uint32_t k = 0; status == GT_OK && k < d.count; k++)
            if (d.list[k].size < 1 || d.list[k].size > GT_MAX_DIMENSION)
                abort();
        gt_dimensions_guess(&d, a->list[i]);
    }
}

/* What is read lies in the text, and its words are such. */
static void read_layers(const arguments *a)
{
    for (int i = 1; i < a->count; i++) {
        gt_layer_text layers[GT_MAX_LAYERS];
        gt_error error = {0};
        uint32_t count = 0;
        const char *text = a->list[i];
        gt_status status = gt_layers_read(text, layers, &count, &error);
        if ((status == GT_OK) != (error.message[0] == '\0') || count > GT_MAX_LAYERS || (status == GT_OK && count < 1))
            abort();
        for (uint32_t k = 0; status == GT_OK && k < count; k++)
            if (layers[k].cell < text || layers[k].cell + layers[k].length > text + strlen(text) ||
                layers[k].length < 1 || layers[k].hidden < 0 || layers[k].hidden > 65536)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    arguments a = {0};
    split(&a, data + 1, size - 1);
    if (data[0] % 3 == 0)
        read_settings(&a);
    else if (data[0] % 3 == 1)
        read_table(&a);
    else
        read_dimensions(&a);
    read_layers(&a);
    forget(&a);
    return 0;
}
