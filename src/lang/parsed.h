/* A text that was parsed and understood: what gt_parsed_cell is inside. */
#ifndef GT_LANG_PARSED_H
#define GT_LANG_PARSED_H

#include "lang/meaning.h"

struct gt_parsed_cell {
    gt_pool pool; /* of all below but the lists of diagnostics and names */
    gt_lang_diagnostics diagnostics;
    gt_lang_file *file;
    gt_lang_meaning *meanings; /* one for each cell of the file */
    uint32_t chosen;           /* the cell that was asked for */
    gt_cell cell;              /* made of it if there is no error */
    bool has_cell;
};

/* The tree and the meaning of the chosen cell; NULL after an error. */
const gt_lang_cell *gt_parsed_cell_tree(const gt_parsed_cell *parsed);
const gt_lang_meaning *gt_parsed_cell_meaning(const gt_parsed_cell *parsed);

/*
 * Makes *cell of a meaning without errors, with tables in the pool and the
 * meaning as its context. False on no memory.
 */
bool gt_lang_make_cell(const gt_lang_meaning *meaning, gt_pool *pool, gt_cell *cell);
/* The sizes of an array that has several, as gt_cell_array has them. False on no memory. */
bool gt_lang_write_sizes(const gt_lang_shape *shape, gt_pool *pool, const char *sizes[GT_MAX_SIZES]);

#endif
