/*
 * Values while an expression is recorded: an array on the tape is (rows, columns),
 * whatever sizes the rows are the product of. What needs the sizes (an operand that
 * stretches along one, a sum over one) sees the array under a shape of its own,
 * which is a reshape there and back; all else costs nothing.
 */
#ifndef GT_LANG_RECORD_AXES_H
#define GT_LANG_RECORD_AXES_H

#include "lang/meaning.h"
#include "lang/record.h"

typedef struct gt_lang_value {
    gt_var v; /* (rows, columns); a number may have no axes */
    uint32_t count;
    int64_t size[GT_LANG_MAX_AXES]; /* 1 behind the last */
} gt_lang_value;

/* An array with one size. */
gt_lang_value gt_lang_value_of(gt_var v);
/* What a name stands for, with the sizes that it was declared or assigned with. */
gt_lang_value gt_lang_value_of_name(const gt_lang_environment *e, const char *name, gt_var v);

/* An op element by element on up to GT_LANG_MOST_NUMBERS operands; `form` says which of them are lifted. */
gt_lang_value gt_lang_record_elements(const gt_op *op, const gt_lang_value *operands, uint32_t count, unsigned form);
/* Sums or means over one of the sizes, or over the columns behind them. */
gt_lang_value gt_lang_record_sum(gt_lang_value u, int axis, bool mean);
/* A function down what runs fastest: the last size. */
gt_lang_value gt_lang_record_down(gt_lang_value u, gt_var (*function)(gt_var u));
gt_lang_value gt_lang_record_cut(gt_lang_value u, uint32_t axis, int64_t start, int64_t stop);
gt_lang_value gt_lang_record_product(gt_lang_value left, bool transposed, gt_lang_value right, bool transpose_right,
                                     unsigned form);
gt_lang_value gt_lang_record_transposed(gt_lang_value u);
gt_lang_value gt_lang_record_outer(gt_lang_value u, gt_lang_value v);
gt_lang_value gt_lang_record_sizes(gt_lang_value u, const int64_t *sizes, uint32_t count, unsigned form);

#endif
