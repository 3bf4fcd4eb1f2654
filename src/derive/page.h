/* A document being written: its lines, and the sections behind the derivation of one step. */
#ifndef GT_DERIVE_PAGE_H
#define GT_DERIVE_PAGE_H

#include "derive/symbols.h"

typedef struct gt_page {
    gt_document doc;
    const gt_markup *m;
    const char *blank;     /* lines to leave out; NULL: none */
    uint32_t lines_in_row; /* since `lines` began; two rows of a formula are one more */
    uint32_t numbered;     /* lines of the section that have no number of their own */
    bool tagged;           /* as in gt_derive_options */
    const gt_text *tag;    /* attributes of the next line; NULL: none */
} gt_page;

void gt_page_put(gt_page *w, const char *text);
/* Names of a cell as they are written there. */
void gt_page_words(gt_page *w, const char *text);
void gt_page_heading(gt_page *w, const char *title);
/* The lines of a section. */
void gt_page_begin(gt_page *w);
/* A line up to its formula: "(B3)"; number 0: the next of its section. */
void gt_page_line(gt_page *w, char kind, uint32_t number);

/* The recursion through time, and the sums over the steps. */
void gt_page_time(gt_page *w);
/* The Jacobian of one step as a sum over paths. */
void gt_page_jacobian(gt_page *w);

#endif
