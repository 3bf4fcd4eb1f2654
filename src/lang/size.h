/*
 * Sizes as polynomials of dimension names: n_a + 2 * n_x. Two sizes are the same
 * if their polynomials are, whatever the dimensions are worth.
 */
#ifndef GT_LANG_SIZE_H
#define GT_LANG_SIZE_H

#include "gradtape/cell.h"
#include "lang/ast.h"

enum { GT_LANG_MAX_TERMS = 8, GT_LANG_MAX_FACTORS = 4 };

/* coefficient * factors[0] * ...; factors sorted, NULL behind the last. */
typedef struct gt_lang_term {
    int64_t coefficient; /* not 0 */
    const char *factors[GT_LANG_MAX_FACTORS];
} gt_lang_term;

/* A sum of terms in the order in which they were written, no two with the same factors; none: 0. */
typedef struct gt_lang_size {
    gt_lang_term terms[GT_LANG_MAX_TERMS];
    uint32_t term_count;
} gt_lang_size;

gt_lang_size gt_lang_size_number(int64_t value);
gt_lang_size gt_lang_size_name(const char *name); /* borrowed */

/* False if the result has too many terms or factors, or a coefficient overflows. */
bool gt_lang_size_add(const gt_lang_size *a, const gt_lang_size *b, int64_t sign, gt_lang_size *sum);
bool gt_lang_size_multiply(const gt_lang_size *a, const gt_lang_size *b, gt_lang_size *product);

bool gt_lang_size_equal(const gt_lang_size *a, const gt_lang_size *b);
bool gt_lang_size_is(const gt_lang_size *size, int64_t value);
/* True if it is below `limit` whatever the dimensions are worth, each being at least 1. */
bool gt_lang_size_below(const gt_lang_size *size, int64_t limit);

/* Bytes that the text of any size has room in. */
#define GT_LANG_SIZE_TEXT (GT_LANG_MAX_TERMS * (GT_LANG_MAX_FACTORS * (GT_LANG_MAX_NAME + 4) + 24))
/* "n_a+2*n_x", or with spaces "n_a + 2 * n_x", as gt_size_evaluate reads it. Returns text. */
char *gt_lang_size_format(const gt_lang_size *size, bool spaces, char *text, size_t length);
/* What a dimension is worth; false if that is not known. */
typedef bool gt_lang_find_size(const void *context, const char *name, int64_t *size);
/* Its value; false if a dimension has none, or on an overflow. */
bool gt_lang_size_evaluate(const gt_lang_size *size, gt_lang_find_size *find, const void *context, int64_t *value);
/* The same, of dimensions that stand in a list. */
bool gt_lang_size_value(const gt_lang_size *size, const gt_dimension *dimensions, uint32_t dimension_count,
                        int64_t *value);

typedef enum gt_lang_size_problem {
    GT_LANG_SIZE_GOOD,
    GT_LANG_SIZE_WRONG,    /* *where is no whole number, no name, no + - * */
    GT_LANG_SIZE_TOO_LARGE /* too complicated, or a number too large */
} gt_lang_size_problem;

/* The polynomial of an expression; every name in it is a dimension. */
gt_lang_size_problem gt_lang_size_of(const gt_lang_expression *expression, gt_lang_size *size,
                                     const gt_lang_expression **where);

#endif
