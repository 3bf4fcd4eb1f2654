/*
 * Compiles a small matrix product, or several that are done together, to a function for the
 * processor at hand. Of a product of a few vectors the way to the tiles of exec/product.h takes
 * longer than its arithmetic: here all that is known when the plan is made is in the code, and
 * several products that read one right operand share what they read of it.
 *
 * Every sum is in the order of `inner`, from its addend on, as that header promises: so the bits
 * are those of its kernels, whichever columns a call does.
 */
#ifndef GT_NATIVE_PRODUCT_H
#define GT_NATIVE_PRODUCT_H

#include "native/compile.h"

/* So many products at most are done together. */
#define GT_MOST_COMPILED_MEMBERS 16
/* The number of an array that there is not. */
#define GT_NO_ARRAY UINT32_MAX

/* How the left operands lie in memory. */
typedef enum gt_compiled_left {
    GT_LEFT_PLAIN,      /* columns, `left_leading` entries apart */
    GT_LEFT_TRANSPOSED, /* the same of the transpose, of which each column is a row here */
    GT_LEFT_PACKED      /* panels of `left_panel` rows, as gt_product_pack_left makes them */
} gt_compiled_left;

/* One of the products: the numbers of its arrays. */
typedef struct gt_compiled_member {
    uint32_t left, right, output;
    uint32_t addend;        /* what the sums start at, perhaps the output; GT_NO_ARRAY: zero */
    int64_t addend_leading; /* entries from one column of it to the next: `rows`, or 0 if it is one column */
    uint32_t left_sums;     /* where the sums of left's rows go, of plain ones; GT_NO_ARRAY: not wanted */
} gt_compiled_member;

/*
 * Products of one shape, whose columns are `rows` entries apart in their outputs. `added`: all add
 * to the output of the first, whose addend they have, one after the other. Otherwise they have one right operand.
 */
typedef struct gt_compiled_product {
    gt_dtype dtype; /* GT_F32 or GT_F64 */
    int64_t rows, inner;
    int64_t columns; /* as many as a call is likely to have: any other number is right, too */
    gt_compiled_left left_kind;
    int64_t left_leading, left_panel;
    int64_t right_inner, right_column; /* entries of right from one inner position, or column, to the next */
    bool added;
    const gt_compiled_member *members;
    uint32_t member_count;
} gt_compiled_product;

/* Whether it is small enough for its code to be short and to win. */
bool gt_compiled_product_is_small(const gt_compiled_product *product);

/*
 * Appends the function, a gt_loop_function, to the encoder and returns where it begins; (size_t)-1 if
 * the product is not small, or if there is no memory (then the encoder has failed, too). It is
 * called with where each array begins (at the first of the columns to be done), which it leaves as they are;
 * the number of columns, 0 or more; and whether the sums of left's rows are wanted, 1 or 0.
 */
size_t gt_compile_product(gt_encoder *e, const gt_compiled_product *product);

#endif
