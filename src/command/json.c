#include "command/json.h"

#include "base/utf8.h"

#ifdef GT_HAVE_JANSSON

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LEVELS 16

struct gt_json {
    const gt_command *command;
    json_t *levels[MOST_LEVELS]; /* the open objects and arrays; the outermost owns all */
    int depth;
    bool failed;
};

gt_json *gt_json_new(void)
{
    gt_json *json = calloc(1, sizeof *json);
    if (json != NULL)
        json->levels[0] = json_object();
    if (json == NULL || json->levels[0] == NULL) {
        free(json);
        return NULL;
    }
    json->depth = 1;
    return json;
}

gt_json *gt_json_begin(const gt_command *command, int version)
{
    gt_json *json = gt_json_new();
    if (json == NULL) {
        gt_command_fail(command, "out of memory");
        return NULL;
    }
    json->command = command;
    gt_json_text(json, "command", command->name);
    gt_json_integer(json, "version", version);
    return json;
}

/* Puts a value into the innermost open object or array; takes over the reference. */
static bool put(gt_json *json, const char *key, json_t *value)
{
    json_t *inside = json->levels[json->depth - 1];
    int result = key == NULL ? json_array_append_new(inside, value) : json_object_set_new(inside, key, value);
    if (result != 0)
        json->failed = true;
    return result == 0;
}

static void open_level(gt_json *json, const char *key, json_t *value)
{
    if (json->depth == MOST_LEVELS) {
        json_decref(value);
        json->failed = true;
        return;
    }
    if (put(json, key, value))
        json->levels[json->depth++] = value;
}

void gt_json_object(gt_json *json, const char *key)
{
    if (json != NULL && !json->failed)
        open_level(json, key, json_object());
}

void gt_json_array(gt_json *json, const char *key)
{
    if (json != NULL && !json->failed)
        open_level(json, key, json_array());
}

void gt_json_close(gt_json *json)
{
    if (json != NULL && !json->failed && json->depth > 1)
        json->depth--;
}

/* In a text that is no UTF-8, as a file's name may be, U+FFFD stands for each byte that is none. */
static json_t *text_of(const char *value)
{
    size_t size = strlen(value), used = 0;
    char *text = size < SIZE_MAX / 3 ? malloc(3 * size + GT_UTF8_SIZE) : NULL;
    for (size_t place = 0; text != NULL && place < size;) {
        uint32_t character = 0xFFFD;
        if (!gt_utf8_decode(value, size, &place, &character))
            place++;
        used += gt_utf8_encode(character, text + used);
    }
    json_t *result = text != NULL ? json_stringn(text, used) : NULL;
    free(text);
    return result;
}

void gt_json_text(gt_json *json, const char *key, const char *value)
{
    if (json != NULL && !json->failed)
        put(json, key, value != NULL ? text_of(value) : json_null());
}

void gt_json_integer(gt_json *json, const char *key, int64_t value)
{
    if (json != NULL && !json->failed)
        put(json, key, json_integer(value));
}

void gt_json_real(gt_json *json, const char *key, double value)
{
    if (json != NULL && !json->failed)
        put(json, key, isfinite(value) ? json_real(value) : json_null());
}

void gt_json_boolean(gt_json *json, const char *key, bool value)
{
    if (json != NULL && !json->failed)
        put(json, key, json_boolean(value));
}

void gt_json_null(gt_json *json, const char *key)
{
    if (json != NULL && !json->failed)
        put(json, key, json_null());
}

void gt_json_shape(gt_json *json, const char *key, gt_shape shape)
{
    gt_json_array(json, key);
    for (int i = 0; i < shape.rank; i++)
        gt_json_integer(json, NULL, shape.size[i]);
    gt_json_close(json);
}

void gt_json_drop(gt_json *json)
{
    if (json != NULL)
        json_decref(json->levels[0]);
    free(json);
}

/* Whether the text says what the document says: jansson may lose a part when it has no memory. */
static bool says(const char *text, const json_t *document)
{
    json_t *again = json_loads(text, 0, NULL);
    bool same = again != NULL && json_equal(again, document);
    json_decref(again);
    return same;
}

char *gt_json_take(gt_json *json, int indent)
{
    if (json == NULL)
        return NULL;
    char *text = json->failed ? NULL : json_dumps(json->levels[0], JSON_INDENT(indent));
    if (text != NULL && !says(text, json->levels[0])) {
        free(text);
        text = NULL;
    }
    gt_json_drop(json);
    return text;
}

int gt_json_finish(gt_json *json, int status)
{
    if (json == NULL)
        return GT_EXIT_USAGE;
    const gt_command *command = json->command;
    char *text = gt_json_take(json, 2);
    if (text == NULL)
        return gt_command_fail(command, "the JSON output could not be made: out of memory");
    puts(text); /* what could not be written is found and reported when the program ends */
    free(text);
    return status;
}

#else /* no jansson: gt_json_begin says so, and nothing else is ever given a document */

gt_json *gt_json_begin(const gt_command *command, int version)
{
    (void)version;
    gt_command_fail(command, "--json needs the library jansson, which this build does not have: "
                             "install libjansson-dev and build with -Djson=enabled");
    return NULL;
}

gt_json *gt_json_new(void)
{
    return NULL;
}

char *gt_json_take(gt_json *json, int indent)
{
    (void)json, (void)indent;
    return NULL;
}

void gt_json_object(gt_json *json, const char *key)
{
    (void)json, (void)key;
}

void gt_json_array(gt_json *json, const char *key)
{
    (void)json, (void)key;
}

void gt_json_close(gt_json *json)
{
    (void)json;
}

void gt_json_text(gt_json *json, const char *key, const char *value)
{
    (void)json, (void)key, (void)value;
}

void gt_json_integer(gt_json *json, const char *key, int64_t value)
{
    (void)json, (void)key, (void)value;
}

void gt_json_real(gt_json *json, const char *key, double value)
{
    (void)json, (void)key, (void)value;
}

void gt_json_boolean(gt_json *json, const char *key, bool value)
{
    (void)json, (void)key, (void)value;
}

void gt_json_null(gt_json *json, const char *key)
{
    (void)json, (void)key;
}

void gt_json_shape(gt_json *json, const char *key, gt_shape shape)
{
    (void)json, (void)key, (void)shape;
}

int gt_json_finish(gt_json *json, int status)
{
    (void)json, (void)status;
    return GT_EXIT_USAGE;
}

void gt_json_drop(gt_json *json)
{
    (void)json;
}

#endif
