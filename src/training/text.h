/* The text that a model learns from: files, read as characters or bytes, and split. */
#ifndef GT_TRAINING_TEXT_H
#define GT_TRAINING_TEXT_H

#include "command/options.h"

/* Symbols are Unicode code points or, with bytes, numbers from 0 to 255. */
typedef struct gt_symbols {
    uint32_t *list;
    size_t count, capacity;
} gt_symbols;

typedef struct gt_corpus {
    gt_symbols training, validation;
    uint64_t hash; /* of both, to know the text again */
} gt_corpus;

/* As gt_corpus_read's `most`: whatever can be read, pipes too. */
#define GT_ANY_SIZE SIZE_MAX

/*
 * Reads the files one after the other. With `most` other than GT_ANY_SIZE they are
 * not the user's choice: each must be a regular file of at most so many bytes. The last `validation` part (0 <= part <
 * 1) of each file is kept for validation, so that every file has its say in
 * both. False: *error says which file and why. Free with gt_corpus_free either way.
 */
bool gt_corpus_read(gt_corpus *text, const gt_text_list *files, bool bytes, double validation, size_t most,
                    gt_error *error);
void gt_corpus_free(gt_corpus *text);

/* Appends the symbols of `size` bytes of text; `what` says in messages what it is. */
bool gt_symbols_append(gt_symbols *symbols, const char *what, const unsigned char *text, size_t size, bool bytes,
                       gt_error *error);
void gt_symbols_free(gt_symbols *symbols);

#endif
