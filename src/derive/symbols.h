/* The symbols of a written derivation: what c', dc' and df_z look like in a markup. */
#ifndef GT_DERIVE_SYMBOLS_H
#define GT_DERIVE_SYMBOLS_H

#include "derive/markup.h"
#include "dump/text.h"
#include "formula/print.h"

/*
 * Of a cell whose arrays have several sizes, sums are over axis 0, 1, ... rather than over rows or
 * examples: the axes of notations from here on.
 */
enum { GT_DOCUMENT_SEVERAL = 4 };

typedef struct gt_document {
    gt_derivation *d;
    const gt_markup *markup;
    gt_derive_notation notation;
    gt_text *text;
} gt_document;

/* The symbol of a name of the forward pass, with `above` above it. */
const char *gt_document_forward(const gt_document *doc, const char *name, const char *above);
/* The symbol of its gradient. */
const char *gt_document_gradient(const gt_document *doc, const char *name, const char *above);
/* That of any name of the derivation. */
const char *gt_document_symbol(const gt_document *doc, const char *name);

void gt_document_put(const gt_document *doc, const gt_lang_expression *e);

#endif
