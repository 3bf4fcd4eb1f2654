/* The symbols that a model knows, in ascending order; a token is a symbol's place among them. */
#ifndef GT_TRAINING_VOCABULARY_H
#define GT_TRAINING_VOCABULARY_H

#include "training/text.h"

typedef struct gt_vocabulary {
    uint32_t *symbols;
    uint32_t count;
    bool bytes; /* symbols are bytes, not characters */
} gt_vocabulary;

/* Every symbol of the text, once. Needs gt_vocabulary_free also after an error. */
bool gt_vocabulary_find(gt_vocabulary *vocabulary, const gt_corpus *text, bool bytes, gt_error *error);
void gt_vocabulary_free(gt_vocabulary *vocabulary);

/* The token of a symbol, -1 if it has none. */
int32_t gt_vocabulary_token(const gt_vocabulary *vocabulary, uint32_t symbol);
/* The tokens of symbols that all have one. NULL on no memory. */
int32_t *gt_vocabulary_tokens(const gt_vocabulary *vocabulary, const gt_symbols *symbols);

/* The bits per token of always predicting the frequencies in the list itself. False: no memory. */
bool gt_vocabulary_entropy(const gt_vocabulary *vocabulary, const int32_t *tokens, int64_t count, double *bits);

/* A token as text: UTF-8 or one byte, and a 0 behind it; returns the number of bytes. */
#define GT_SYMBOL_SIZE 5
size_t gt_vocabulary_text(const gt_vocabulary *vocabulary, int32_t token, char text[GT_SYMBOL_SIZE]);

#endif
