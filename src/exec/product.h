/*
 * Products of column-major matrices for planned programs:
 *
 *   output (rows, columns) = [addend +] left (rows, inner) @ right (inner, columns)
 *
 * in float or double. The addend is a matrix, one column that is added to every column
 * (a bias), or the output itself. An operand lies in memory as it is, or transposed, or was
 * packed beforehand: copied once into the order in which the kernels read it,
 * which pays when it takes part in many products, like the weights of a
 * recurrence. Nothing here allocates, keeps state or can fail; everything may be
 * called from several threads at once, each with an output and a workspace of its
 * own.
 *
 * Every element of the output is one sum in the order of `inner`, which starts at
 * zero, at the addend or, when accumulating, at the element itself. So its bits depend neither on
 * how the operands are laid out or packed, nor on how the output is split between
 * threads, nor on how `inner` is split into several accumulating products. Kernels
 * that round once for a multiplication and an addition (all but the portable ones
 * on some machines) all give the same bits.
 */
#ifndef GT_EXEC_PRODUCT_H
#define GT_EXEC_PRODUCT_H

#include "gradtape/base.h"

/* Where packed operands and workspaces start: at a multiple of this many bytes. */
#define GT_PRODUCT_ALIGNMENT 64

/* The machine's instructions for one type; see gt_product_kernels_best. Constant, never freed. */
typedef struct gt_product_kernels gt_product_kernels;

/* The fastest kernels that this machine can run, GT_F32 or GT_F64. Never NULL. */
const gt_product_kernels *gt_product_kernels_best(gt_dtype dtype);
/* All kernels that this machine can run, the fastest first, for tests; NULL after the last. */
const gt_product_kernels *gt_product_kernels_at(gt_dtype dtype, int position);
/* "avx512", "avx2" or "portable". */
const char *gt_product_kernels_name(const gt_product_kernels *kernels);

typedef enum gt_product_layout {
    GT_PRODUCT_PLAIN,      /* column-major, as it is multiplied */
    GT_PRODUCT_TRANSPOSED, /* column-major, its transpose is multiplied */
    GT_PRODUCT_PACKED,     /* by gt_product_pack_left or gt_product_pack_right */
} gt_product_layout;

/*
 * An operand. `leading` is the distance between the columns that lie in memory,
 * in elements, at least the number of rows that lie in memory; packed operands
 * have none.
 */
typedef struct gt_product_operand {
    const void *data;
    int64_t leading;
    gt_product_layout layout;
} gt_product_operand;

/* Memory that is wanted soon. */
typedef struct gt_product_range {
    const char *data;
    size_t bytes;
} gt_product_range;

/*
 * It is fetched into a near cache while a product runs, as far as that takes long enough: the
 * first `early` ranges at once, the others when tiles have gone through `wait` inner positions,
 * so that what the product itself reads does not drive them out again.
 */
typedef struct gt_product_soon {
    const gt_product_range *ranges;
    uint32_t count, early;
    int64_t wait;
    size_t done; /* bytes of ranges[0]; a range that is done is left behind */
} gt_product_soon;

/* What is multiplied, but for the numbers. */
typedef struct gt_product {
    const gt_product_kernels *kernels;
    int64_t rows, inner, columns;
    bool accumulate;       /* add to the output, rather than replace it */
    gt_product_soon *soon; /* changed by a run; NULL: nothing */
    /* Called between the blocks of a large product, some hundred microseconds each; NULL: nobody is. */
    void (*between)(void *context);
    void *of_between; /* what it is given */
} gt_product;

/*
 * Bytes of workspace for operands of these layouts: at most 5 MiB, and 0 if left is
 * packed and right is not transposed. It does not shrink when rows, inner or columns
 * grow, so what suffices for a product suffices for every part of it.
 */
size_t gt_product_workspace_size(const gt_product *product, gt_product_layout left, gt_product_layout right);

/* Columns that are multiplied while a panel of left stays in a near cache; all of them, if there are few. */
int64_t gt_product_columns_at_once(const gt_product *product, gt_product_layout left, gt_product_layout right);

/*
 * Multiplies. `output` has columns `output_leading` elements apart and overlaps
 * neither operand; nothing outside of its rows and columns is read or written.
 * The workspace is aligned and as large as gt_product_workspace_size says, or NULL if
 * that is 0.
 */
void gt_product_run(const gt_product *product, const gt_product_operand *left, const gt_product_operand *right,
                    void *output, int64_t output_leading, void *workspace);

/* One of several products of one shape, layouts and distances between columns. */
typedef struct gt_product_member {
    gt_product_operand left, right;
    void *output;
    const void *addend;     /* what the sums start at, unless they accumulate; NULL: zero */
    int64_t addend_leading; /* elements between its columns; 0: one column, added to all */
    /*
     * `rows` numbers: where the sums of left's rows over inner go, which cost next to nothing while
     * left is read anyway. NULL: not wanted. Only of a left operand that is GT_PRODUCT_PLAIN; it
     * overlaps nothing else. Each is a sum of sums of some hundred terms in order.
     */
    void *left_sums;
} gt_product_member;

/*
 * Several products as one, or one with an addend, with the bits of one after the other. Either
 * all have the same right operand, which is then read from far, and packed, once; or, `added`,
 * all have the same output, to which all but the first add, and which then stays near. No output
 * is an operand of another member. An addend is the output of its member, if their columns are
 * equally far apart, or overlaps no output; members that accumulate have none. The workspace is
 * that of one product, which has the rows of all members unless they are added.
 */
void gt_product_run_together(const gt_product *product, const gt_product_member *members, uint32_t count, bool added,
                             int64_t output_leading, void *workspace);

/*
 * The operand from `row` on (left) or from `column` on (right), to split a product
 * between threads: each runs a gt_product of fewer rows or columns on it. Of a
 * packed operand, `row` must be a multiple of gt_product_row_unit and `column` of
 * gt_product_column_unit, and so must every end of a part but the last.
 */
gt_product_operand gt_product_left_from(const gt_product *product, const gt_product_operand *left, int64_t row);
gt_product_operand gt_product_right_from(const gt_product *product, const gt_product_operand *right, int64_t column);
int64_t gt_product_row_unit(const gt_product_kernels *kernels);
int64_t gt_product_column_unit(const gt_product_kernels *kernels);

/* Bytes of a packed left operand (rows, inner) and of a packed right operand (inner, columns). */
size_t gt_product_left_size(const gt_product_kernels *kernels, int64_t rows, int64_t inner);
size_t gt_product_right_size(const gt_product_kernels *kernels, int64_t inner, int64_t columns);

/* A matrix in memory that becomes a part of a packed operand, transposed first if asked for. */
typedef struct gt_product_part {
    const void *data;
    int64_t leading;
    bool transposed;
    int64_t rows, columns; /* after transposition */
} gt_product_part;

/*
 * Copies `part` to the rows from `first_row` and the inner positions from
 * `first_inner` on of a packed left operand (rows, inner). Four weight matrices
 * (n, k) stacked to one (4n, k) are four calls with first_row = 0, n, 2n, 3n; side
 * by side, as in the adjoint, four calls with first_inner = 0, n, 2n, 3n. Parts may be
 * packed by several threads at once.
 */
void gt_product_pack_left(const gt_product_kernels *kernels, void *packed, int64_t rows, int64_t inner,
                          int64_t first_row, int64_t first_inner, const gt_product_part *part);
/* The same for a packed right operand (inner, columns). */
void gt_product_pack_right(const gt_product_kernels *kernels, void *packed, int64_t inner, int64_t columns,
                           int64_t first_inner, int64_t first_column, const gt_product_part *part);

#endif
