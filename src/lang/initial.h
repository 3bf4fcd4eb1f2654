/* Initial values that are expressions: of numbers, dimensions, constants, indices and draws. */
#ifndef GT_LANG_INITIAL_H
#define GT_LANG_INITIAL_H

#include "base/initializer_formula.h"
#include "lang/meaning.h"
#include "lang/record.h"

/* The indices of an entry, from 0, unless the cell gives the names another meaning. */
#define GT_LANG_ROW_INDEX "i"
#define GT_LANG_COLUMN_INDEX "j"

/* Reports what an initial value cannot have. */
void gt_lang_check_initial_values(gt_lang_checker *checker);

/* The initializer of a declaration that was understood; it belongs to the pool. False on no memory. */
bool gt_lang_make_initializer(const gt_lang_meaning *meaning, const gt_lang_declaration *declaration, gt_pool *pool,
                              gt_initializer *initializer);

/*
 * The number that the formula behind a declaration gives an entry of an array of `rows` rows, where
 * the environment knows what else it reads; false if it does not.
 */
bool gt_lang_initial_number(const gt_lang_environment *environment, const gt_lang_expression *formula, uint64_t seed,
                            const char *name, int64_t rows, int64_t place, double *value);

#endif
