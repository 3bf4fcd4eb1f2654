/* Names, sizes and entries of arrays in C, and expressions element by element. */
#ifndef GT_DERIVE_C_ENTRIES_H
#define GT_DERIVE_C_ENTRIES_H

#include "derive/accumulate.h"
#include "derive/names.h"
#include "dump/text.h"

typedef struct gt_c_writer {
    gt_derivation *d;
    gt_derive_naming naming;
    const char *examples;          /* what their number is called */
    gt_text body, members, places; /* the functions, the struct, and where its arrays lie */
} gt_c_writer;

/* A text in the pool; "" on no memory. */
const char *gt_c_printed(gt_c_writer *w, const char *format, ...) GT_PRINTF(2, 3);
/* "s->Wf" */
const char *gt_c_member(gt_c_writer *w, const char *name);
/* "s->n_a + s->n_x" */
const char *gt_c_size(gt_c_writer *w, const gt_lang_size *size);
/* In parentheses if it is more than a name. */
const char *gt_c_grouped(gt_c_writer *w, const char *text);
bool gt_c_is_one(const gt_lang_size *size);
/* Entry (i, j) of an array. */
const char *gt_c_entry(gt_c_writer *w, const char *name, const gt_lang_shape *shape, const char *i, const char *j);
/* Writes the entry (i, j) of an expression, which needs no loops of its own, to the body. */
void gt_c_put_element(gt_c_writer *w, gt_expr e, const char *i, const char *j);

#endif
