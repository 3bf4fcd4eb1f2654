/*
 * Values of formulas: small matrices of doubles, evaluated directly. A search
 * evaluates many thousands of formulas once each, which recording each of them
 * on a tape would make slow. The meaning is that of the cell language.
 */
#ifndef GT_DIAGNOSE_VALUE_H
#define GT_DIAGNOSE_VALUE_H

#include "diagnose/expression.h"

/* Which of rows and columns are the examples: told only where arrays have several sizes. */
enum { GT_VALUE_COLUMNS = 1, GT_VALUE_ROWS = 2 };

/* Column-major, borrowed. data is NULL where there is no value. */
typedef struct gt_value {
    uint32_t rows, columns;
    const double *data;
    uint8_t count; /* the sizes whose product is rows; 0 and 1: rows alone */
    uint8_t examples;
    uint32_t size[GT_LANG_MAX_AXES];
} gt_value;

static inline gt_value gt_value_of(uint32_t rows, uint32_t columns, const double *data)
{
    return (gt_value){.rows = rows, .columns = columns, .data = data};
}

/*
 * The value of a formula; values[name] is that of a name. False if a name has
 * no value, shapes do not fit, or there is no memory (then arena->failed). The
 * result may be the value of a name itself, or lie in the arena.
 */
bool gt_expression_evaluate(gt_arena *arena, const gt_expression *formula, const gt_value *values, gt_value *result);

/*
 * A bound of a slice of an axis of this size, as in Python counted from the end if it is negative;
 * `missing` where there is none (NULL). False if it is no place on the axis.
 */
bool gt_expression_bound(gt_arena *arena, const gt_expression *bound, const gt_value *values, double missing,
                         uint32_t size, uint32_t *answer);

/* The largest magnitude; NAN if some entry is not finite. */
double gt_value_magnitude(gt_value value);
/* The largest difference; INFINITY if the shapes or sizes differ or an entry is not finite. */
double gt_value_distance(gt_value a, gt_value b);

#endif
