/* Any bytes as a text to learn from: characters, vocabulary and tokens give the bytes back. */
#include "fuzz.h"

#include "base/utf8.h"
#include "training/text.h"
#include "training/vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* Every token of the text in letters again. */
static void compare(const gt_vocabulary *vocabulary, const gt_symbols *symbols, const uint8_t *data, size_t size)
{
    int32_t *tokens = gt_vocabulary_tokens(vocabulary, symbols);
    size_t place = 0;
    for (size_t i = 0; tokens != NULL && i < symbols->count; i++) {
        char text[GT_SYMBOL_SIZE];
        size_t length = tokens[i] < 0 ? 0 : gt_vocabulary_text(vocabulary, tokens[i], text);
        if (length == 0 || length > size - place || memcmp(text, data + place, length) != 0)
            abort();
        place += length;
    }
    if (tokens != NULL && place != size)
        abort();
    free(tokens);
}

static void find_vocabulary(const gt_symbols *symbols, bool bytes, const uint8_t *data, size_t size)
{
    gt_vocabulary vocabulary;
    gt_error error = {0};
    if (gt_vocabulary_find(&vocabulary, &(gt_corpus){.training = *symbols}, bytes, &error))
        compare(&vocabulary, symbols, data, size);
    gt_vocabulary_free(&vocabulary);
}

static void read_symbols(const uint8_t *data, size_t size, bool bytes, bool with_vocabulary)
{
    gt_symbols symbols = {0};
    gt_error error = {0};
    bool good = gt_symbols_append(&symbols, "fuzz", data, size, bytes, &error);
    if (good != (bytes || gt_utf8_valid((const char *)data, size)) || (!good && error.message[0] == '\0'))
        abort();
    if (good && with_vocabulary)
        find_vocabulary(&symbols, bytes, data, size);
    gt_symbols_free(&symbols);
}

/* As a file, part of which is for validation: no symbol is lost between the two. */
static void read_file(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gt_corpus text;
    gt_error error = {0};
    if (gt_corpus_read(&text, &(gt_text_list){&path, 1}, true, 0.25, GT_ANY_SIZE, &error) &&
        text.training.count + text.validation.count != size)
        abort();
    gt_corpus_free(&text);
}

/* In a buffer that may be too small, text is cut between characters. */
static void cut(const uint8_t *data, size_t size, size_t room)
{
    char *text = malloc(size + 1), out[64];
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    size_t length = strlen(text), written = gt_utf8_format(out, room, "%s", text);
    if (written >= room || written != strlen(out) || memcmp(out, text, written) != 0 ||
        (gt_utf8_valid(text, length) && !gt_utf8_valid(out, written)))
        abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t chosen = fuzz_hash(data, size);
    /* A vocabulary goes through all of Unicode, which takes a thousand times longer than the rest. */
    read_symbols(data, size, false, chosen % 16384 == 0);
    cut(data, size, 1 + chosen % 63);
    if (chosen % 256 == 1) {
        read_symbols(data, size, true, chosen % 65536 == 1);
        read_file(data, size);
    }
    return 0;
}
