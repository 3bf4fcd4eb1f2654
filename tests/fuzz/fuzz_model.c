/*
 * A model file: any members under any names in an archive that is one, so that the
 * fuzzer need not find checksums. The bytes are sections, each behind the mark
 * below: the name of a member up to the end of its line, then what is in it.
 */
#define _GNU_SOURCE /* memmem */
#include "fuzz.h"
#include "zip_builder.h"

#include "training/model.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_MEMBERS = 15, MOST_BYTES = 24000, MARK_SIZE = 3 };
static const uint8_t mark[MARK_SIZE] = {0xFF, 0xFE, '\n'};

typedef struct sections {
    zip_part parts[MOST_MEMBERS];
    char names[MOST_MEMBERS][80];
    uint32_t count;
} sections;

static void add(sections *s, const uint8_t *from, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(from, '\n', size) : NULL;
    size_t length = line == NULL ? size : (size_t)(line - from);
    if (s->count == MOST_MEMBERS || length >= sizeof s->names[0])
        return;
    char *name = s->names[s->count];
    if (length > 0)
        memcpy(name, from, length);
    name[length] = '\0';
    size_t start = line == NULL ? size : length + 1;
    s->parts[s->count++] = (zip_part){.name = name, .bytes = from + start, .size = (uint32_t)(size - start)};
}

static void split(sections *s, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    while (data < end) {
        const uint8_t *next = memmem(data, (size_t)(end - data), mark, MARK_SIZE);
        add(s, data, (size_t)((next == NULL ? end : next) - data));
        data = next == NULL ? end : next + MARK_SIZE;
    }
}

static void load(const char *path, bool for_training)
{
    gt_model model;
    gt_error error = {0};
    if (gt_model_load(&model, path, for_training, &error)) {
        char *text = gt_model_describe(&model, &error);
        if (model.vocabulary.count < 1 || model.parameters == NULL || (for_training && model.optimizer == NULL))
            abort();
        free(text);
    } else if (error.status == GT_OK || error.message[0] == '\0') {
        abort();
    }
    gt_model_free(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static zip_builder zip;
    sections s = {.count = 0};
    if (size > MOST_BYTES)
        return 0;
    split(&s, data, size);
    zip_build(&zip, s.parts, s.count);
    const char *path = fuzz_file(zip.bytes, zip.size);
    load(path, fuzz_hash(data, size) % 4 != 0);
    return 0;
}
