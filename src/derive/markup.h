/*
 * Markup languages of a written derivation: what stands around titles, lines and symbols. A markup is a
 * table like a notation; what is written in it is in document.c.
 */
#ifndef GT_DERIVE_MARKUP_H
#define GT_DERIVE_MARKUP_H

#include "derive/derivation.h"
#include "formula/notation.h"

/* The parts of a symbol: W with f below it, c with t below and "ext" above. */
typedef struct gt_symbol {
    const char *base, *below, *above; /* "": nothing */
    bool word;                        /* the base is a word of several letters */
} gt_symbol;

typedef struct gt_markup {
    const gt_notation *notation;
    /* Of the symbol; in the pool, NULL on no memory. */
    const char *(*symbol)(gt_derivation *d, const gt_symbol *symbol);
    const char *gradients[3][2]; /* before and behind a symbol, by gt_derive_notation */
    const char *document[3];     /* before and behind the title at the top; at the end */
    const char *fragment[2];     /* around a part of a document, which has no title */
    const char *heading[2];
    const char *paragraph[2];
    const char *math[2];  /* a formula within text */
    const char *lines[2]; /* around all lines of a section */
    const char *line[4];  /* before the label, the formula, the reason, and behind it */
    const char *rows[2];  /* around the rows of a formula that has several */
    const char *row[4];   /* before and behind what is equal, before the words of a row, behind them */
    const char *row_break;
    const char *equals, *plus, *minus, *by; /* n by m */
    const char *ratio[3];                   /* of two partial derivatives: before, between, behind */
    const char *diagonal[2], *juxtaposed, *identity;
    const char *total[2]; /* the sum over all steps of what is between */
    const char *blank;    /* a gap to be filled in */
    const char *code[2];
    bool escapes;        /* a _ in words has a \ before it */
    uint32_t most_lines; /* within `lines`, which then begin anew; 0: any number */
} gt_markup;

extern const gt_markup gt_markup_latex, gt_markup_beamer, gt_markup_markdown, gt_markup_html;

#endif
