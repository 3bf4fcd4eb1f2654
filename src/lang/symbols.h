/* The names of a cell and what is known of them. */
#ifndef GT_LANG_SYMBOLS_H
#define GT_LANG_SYMBOLS_H

#include "base/hash.h"
#include "lang/size.h"

/* The sizes whose product is the rows of an array of several sizes: n_k and n_v of S[n_k, n_v]. */
typedef struct gt_lang_axes {
    uint32_t count; /* 2 to GT_LANG_MAX_AXES */
    gt_lang_size sizes[GT_LANG_MAX_AXES];
} gt_lang_axes;

/*
 * What an expression is worth: rows and columns, or a number of no shape. An array
 * of several sizes has their product for its rows, the last size running fastest
 * (NumPy's order), so that everything that goes entry by entry sees an array as any
 * other.
 */
typedef struct gt_lang_shape {
    bool known;  /* false after an error, which is then not reported again */
    bool number; /* made of numbers and dimensions alone; rows and columns are 1 */
    gt_lang_size rows, columns;
    const gt_lang_axes *axes; /* of the pool; NULL: one size, the rows */
} gt_lang_shape;

#define GT_LANG_EXAMPLES "m" /* the name of the number of examples */

typedef enum gt_lang_symbol_kind {
    GT_LANG_SYMBOL_DIMENSION,
    GT_LANG_SYMBOL_EXAMPLES, /* m, where the cell gives no other meaning to it */
    GT_LANG_SYMBOL_INPUT,
    GT_LANG_SYMBOL_STATE,
    GT_LANG_SYMBOL_PARAMETER,
    GT_LANG_SYMBOL_EQUATION, /* a local, a next state or an output */
    GT_LANG_SYMBOL_GIVEN,    /* in the backward block: dS', dY */
    GT_LANG_SYMBOL_BACKWARD  /* assigned there */
} gt_lang_symbol_kind;

typedef struct gt_lang_symbol {
    const char *name; /* borrowed from the tree, or of the pool */
    gt_lang_symbol_kind kind;
    uint32_t index;         /* in the list of its kind: the cell's table, the equations */
    uint32_t place_in_list; /* in the order of all symbols */
    gt_lang_place place;
    gt_lang_shape shape;
    bool defined; /* so far in the text; false while an equation below is to assign it */
    bool used;
    const gt_lang_expression *like; /* of a drawn input: whose shape it has */
    const char *begins;             /* of a parameter that no equation reads: a state that begins with it; NULL: none */
    bool added;
    UT_hash_handle hh;
} gt_lang_symbol;

typedef struct gt_lang_symbols {
    gt_pool *pool;
    gt_lang_symbol *table;
    uint32_t count;
} gt_lang_symbols;

gt_lang_symbol *gt_lang_symbols_find(const gt_lang_symbols *symbols, const char *name);
/* NULL on no memory. The name must be new. */
gt_lang_symbol *gt_lang_symbols_add(gt_lang_symbols *symbols, gt_lang_symbol symbol);
/* Frees the hash table; the symbols belong to the pool. */
void gt_lang_symbols_free(gt_lang_symbols *symbols);

/* "an input", "a state", ... */
const char *gt_lang_symbol_kind_name(gt_lang_symbol_kind kind);

#endif
