/* Any text as model.json: what is understood of it is described as it was understood. */
#include "fuzz.h"

#include "training/model.h"

#include <stdlib.h>
#include <string.h>

/* With a NUL behind it, in memory of its own size. */
static char *text_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* NULL unless it is understood. */
static char *describe_again(const char *text)
{
    gt_model model = {.settings = gt_settings_defaults()};
    gt_error error = {0};
    gt_cell_names names;
    char *description = NULL;
    if (gt_model_understand(&model, text, &names, &error))
        description = gt_model_describe(&model, &error);
    else if (error.status == GT_OK || error.message[0] == '\0')
        abort();
    gt_cell_names_free(&names);
    gt_model_free(&model);
    return description;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size), *once = describe_again(text), *twice = NULL;
    if (once != NULL) {
        twice = describe_again(once);
        if (twice == NULL || strcmp(once, twice) != 0)
            abort();
    }
    free(text);
    free(once);
    free(twice);
    return 0;
}
