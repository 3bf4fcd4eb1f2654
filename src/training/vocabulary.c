#include "training/vocabulary.h"

#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_LIMIT 0x110000 /* one more than the largest code point */

static void mark(unsigned char *seen, const gt_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        seen[symbols->list[i]] = 1;
}

bool gt_vocabulary_find(gt_vocabulary *vocabulary, const gt_corpus *text, bool bytes, gt_error *error)
{
    *vocabulary = (gt_vocabulary){.bytes = bytes};
    unsigned char *seen = calloc(SYMBOL_LIMIT, 1);
    if (seen != NULL) {
        mark(seen, &text->training);
        mark(seen, &text->validation);
        for (uint32_t i = 0; i < SYMBOL_LIMIT; i++)
            vocabulary->count += seen[i];
        vocabulary->symbols = calloc((size_t)vocabulary->count + 1, sizeof *vocabulary->symbols);
    }
    if (seen == NULL || vocabulary->symbols == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the vocabulary");
        free(seen);
        return false;
    }
    for (uint32_t i = 0, next = 0; i < SYMBOL_LIMIT; i++)
        if (seen[i])
            vocabulary->symbols[next++] = i;
    free(seen);
    return true;
}

void gt_vocabulary_free(gt_vocabulary *vocabulary)
{
    free(vocabulary->symbols);
    *vocabulary = (gt_vocabulary){0};
}

static int compare_symbols(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int32_t gt_vocabulary_token(const gt_vocabulary *vocabulary, uint32_t symbol)
{
    const uint32_t *found = bsearch(&symbol, vocabulary->symbols, vocabulary->count, sizeof symbol, compare_symbols);
    return found == NULL ? -1 : (int32_t)(found - vocabulary->symbols);
}

int32_t *gt_vocabulary_tokens(const gt_vocabulary *vocabulary, const gt_symbols *symbols)
{
    int32_t *tokens = calloc(symbols->count + 1, sizeof *tokens);
    for (size_t i = 0; tokens != NULL && i < symbols->count; i++)
        tokens[i] = gt_vocabulary_token(vocabulary, symbols->list[i]);
    return tokens;
}

size_t gt_vocabulary_text(const gt_vocabulary *vocabulary, int32_t token, char text[GT_SYMBOL_SIZE])
{
    uint32_t symbol = vocabulary->symbols[token];
    if (!vocabulary->bytes)
        return gt_utf8_encode(symbol, text);
    text[0] = (char)symbol;
    text[1] = '\0';
    return 1;
}

bool gt_vocabulary_entropy(const gt_vocabulary *vocabulary, const int32_t *tokens, int64_t count, double *bits)
{
    int64_t *counts = calloc((size_t)vocabulary->count + 1, sizeof *counts);
    if (counts == NULL)
        return false;
    for (int64_t i = 0; i < count; i++)
        counts[tokens[i]]++;
    *bits = 0;
    for (uint32_t k = 0; k < vocabulary->count; k++)
        if (counts[k] > 0)
            *bits -= (double)counts[k] / (double)count * log2((double)counts[k] / (double)count);
    free(counts);
    return true;
}
