/*
 * Initial values that are computed, of kind GT_INITIALIZE_FORMULA: made by the room that knows
 * formulas, called by those that fill arrays.
 */
#ifndef GT_BASE_INITIALIZER_FORMULA_H
#define GT_BASE_INITIALIZER_FORMULA_H

#include "gradtape/cell.h"

struct gt_initializer_formula {
    /*
     * With the values of its dimensions: *resolved is a number or a distribution where it comes
     * to that, and otherwise a formula that needs nothing else, to be released.
     */
    gt_status (*resolve)(const gt_initializer_formula *formula, const gt_dimension *dimensions,
                         uint32_t dimension_count, gt_initializer *resolved, gt_error *error);
    /* Of a resolved one. An entry that is not finite in the array's type is an error that says where. */
    gt_status (*fill)(const gt_initializer_formula *formula, uint64_t seed, const char *name, gt_array array,
                      gt_error *error);
    /* A resolved one of its own; NULL on no memory. */
    const gt_initializer_formula *(*copy)(const gt_initializer_formula *formula);
    void (*release)(const gt_initializer_formula *formula);
};

/* Of any initializer; what is no formula is what it was. Release the result with gt_initializer_release. */
static inline gt_status gt_initializer_resolve(gt_initializer initializer, const gt_dimension *dimensions,
                                               uint32_t dimension_count, gt_initializer *resolved, gt_error *error)
{
    *resolved = initializer;
    if (initializer.kind != GT_INITIALIZE_FORMULA)
        return GT_OK;
    *resolved = (gt_initializer){.kind = GT_INITIALIZE_ZEROS};
    return initializer.formula->resolve(initializer.formula, dimensions, dimension_count, resolved, error);
}

static inline void gt_initializer_release(gt_initializer resolved)
{
    if (resolved.kind == GT_INITIALIZE_FORMULA)
        resolved.formula->release(resolved.formula);
}

#endif
