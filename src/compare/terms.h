/* The losses that the cells of an experiment declare ('loss name = ...'). */
#ifndef GT_COMPARE_TERMS_H
#define GT_COMPARE_TERMS_H

#include "compare/experiment.h"

/* Loss `k` of a cell of the experiment, in the order of its network's terms; NULL past the last. */
const char *gt_experiment_term(const gt_experiment *experiment, uint32_t cell, uint32_t k);
/* Which of a cell's losses has that name; -1: none. */
int32_t gt_experiment_find_term(const gt_experiment *experiment, uint32_t cell, const char *name);
/* Lists those of all cells, each name once. False, with *error: they are too many for a table. */
bool gt_experiment_list_terms(gt_experiment *experiment, gt_error *error);

#endif
