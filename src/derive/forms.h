/* A derivation as text, in each of its forms. */
#ifndef GT_DERIVE_FORMS_H
#define GT_DERIVE_FORMS_H

#include "derive/derivation.h"
#include "dump/text.h"
#include "formula/print.h"

/* An expression of the derivation in a notation. */
void gt_derive_put(gt_derivation *d, gt_text *text, const gt_formula_job *job, const gt_lang_expression *e);

/* The functions that the file defines before the cell, which begins at `begin`, as they are written. */
void gt_derive_put_definitions(const gt_derivation *d, uint32_t begin, gt_text *text);

void gt_derive_write_cell(gt_derivation *d, const gt_derive_options *options, gt_text *text);
void gt_derive_write_numpy(gt_derivation *d, const gt_derive_options *options, gt_text *text);
void gt_derive_write_c(gt_derivation *d, const gt_derive_options *options, gt_text *text);
void gt_derive_write_torch(gt_derivation *d, const gt_derive_options *options, gt_text *text);
/* In LaTeX, Markdown and HTML. */
void gt_derive_write_document(gt_derivation *d, const gt_derive_options *options, gt_text *text);

#endif
