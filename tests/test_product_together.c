/* Several products done as one: the bits of one after the other, and nothing written elsewhere. */
#include "exec/product.h"

#include "support/product_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 3 };

/* Any numbers will do, soon. */
static void *draw(gt_dtype dtype, int64_t count, uint32_t *state)
{
    char *values = product_test_memory((size_t)count * gt_dtype_size(dtype), 0);
    for (int64_t i = 0; i < count; i++) {
        *state = *state * 1664525u + 1013904223u;
        if (dtype == GT_F64)
            ((double *)values)[i] = (double)*state / UINT32_MAX - 0.5;
        else
            ((float *)values)[i] = (float)*state / (float)UINT32_MAX - 0.5f;
    }
    return values;
}

/* An operand of (rows, columns) in memory of its own, or packed. */
static gt_product_operand operand(const gt_product_kernels *kernels, gt_dtype dtype, int64_t rows, int64_t columns,
                                  gt_product_layout layout, uint32_t *state)
{
    int64_t leading = layout == GT_PRODUCT_TRANSPOSED ? columns : rows;
    void *values = draw(dtype, rows * columns, state);
    if (layout != GT_PRODUCT_PACKED)
        return (gt_product_operand){values, leading, layout};
    void *packed = product_test_memory(gt_product_left_size(kernels, rows, columns), 0);
    gt_product_part part = {values, leading, false, rows, columns};
    gt_product_pack_left(kernels, packed, rows, columns, 0, 0, &part);
    free(values);
    return (gt_product_operand){packed, 0, GT_PRODUCT_PACKED};
}

typedef struct shape {
    int64_t rows, inner, columns;
} shape;

static void one_after_the_other(const gt_product *product, const gt_product_member *members, void *const *outputs,
                                bool added, void *workspace)
{
    for (int k = 0; k < MEMBERS; k++) {
        gt_product each = *product;
        gt_product_member member = members[k];
        each.accumulate = product->accumulate || (added && k > 0);
        member.output = outputs[added ? 0 : k];
        member.left_sums = NULL;
        if (member.addend == members[k].output)
            member.addend = member.output;
        gt_product_run_together(&each, &member, 1, false, product->rows, workspace);
    }
}

/* Members start at a matrix, at their output, or at a column; the first of several that are added does. */
static void draw_addend(gt_product_member *member, void **addend, const gt_product *product, gt_dtype dtype, int k,
                        uint32_t *state)
{
    *addend = draw(dtype, product->rows * product->columns, state);
    member->addend = k == 1 ? member->output : *addend;
    member->addend_leading = k == 2 ? 0 : product->rows;
}

static double entry(gt_dtype dtype, const void *values, int64_t i)
{
    return dtype == GT_F64 ? ((const double *)values)[i] : (double)((const float *)values)[i];
}

/* The sums of the rows of a plain left operand, and nothing behind them; entries are at most 1/2. */
static void check_left_sums(gt_dtype dtype, const gt_product_member *member, shape size)
{
    double most = (double)size.inner * (dtype == GT_F64 ? 1e-15 : 1e-6);
    for (int64_t i = 0; i < size.rows; i++) {
        double sum = 0;
        for (int64_t k = 0; k < size.inner; k++)
            sum += entry(dtype, member->left.data, i + k * member->left.leading);
        double off = fabs(entry(dtype, member->left_sums, i) - sum);
        cr_assert(off <= most, "row %d of (%d, %d) is off by %g", (int)i, (int)size.rows, (int)size.inner, off);
    }
    size_t bytes = (size_t)size.rows * gt_dtype_size(dtype);
    cr_assert_eq(((unsigned char *)member->left_sums)[bytes], 0xff, "written past the sums of rows");
}

static void check(gt_dtype dtype, const gt_product_kernels *kernels, shape size, gt_product_layout left,
                  gt_product_layout right, int kind, uint32_t *state)
{
    bool added = kind & 1;
    gt_product product = {kernels, size.rows, size.inner, size.columns, .accumulate = kind & 2};
    size_t bytes = (size_t)(size.rows * size.columns) * gt_dtype_size(dtype);
    gt_product_member members[MEMBERS];
    void *outputs[MEMBERS], *addends[MEMBERS] = {NULL};
    for (int k = 0; k < MEMBERS; k++) {
        members[k].left = operand(kernels, dtype, size.rows, size.inner, left, state);
        members[k].right =
            k > 0 && !added ? members[0].right : operand(kernels, dtype, size.inner, size.columns, right, state);
        outputs[k] = draw(dtype, size.rows * size.columns, state);
        members[k].output = product_test_memory(bytes, 0);
        memcpy(members[k].output, outputs[k], bytes);
        members[k].left_sums = NULL;
        if (kind & 8)
            members[k].left_sums = product_test_memory((size_t)size.rows * gt_dtype_size(dtype), 0);
        members[k].addend = NULL;
        members[k].addend_leading = 0;
        if ((kind & 4) && (k == 0 || !added))
            draw_addend(&members[k], &addends[k], &product, dtype, k, state);
    }
    gt_product whole = product;
    whole.rows *= added ? 1 : MEMBERS;
    size_t needed = gt_product_workspace_size(&whole, left, right);
    unsigned char *workspace = product_test_memory(needed, 0);
    one_after_the_other(&product, members, outputs, added, workspace);
    void *written[MEMBERS];
    for (int k = 0; k < MEMBERS; k++) {
        written[k] = members[k].output;
        members[k].output = members[added ? 0 : k].output;
    }
    gt_product_run_together(&product, members, MEMBERS, added, size.rows, workspace);
    cr_assert_eq(workspace[needed], 0xff, "written past the end of the workspace");
    for (int k = 0; k < MEMBERS; k++)
        cr_assert_arr_eq(written[k], outputs[k], bytes + 1, "%s, member %d of kind %d of (%d, %d, %d)",
                         gt_product_kernels_name(kernels), k, kind, (int)size.rows, (int)size.inner, (int)size.columns);
    for (int k = 0; k < MEMBERS; k++) {
        if (kind & 8)
            check_left_sums(dtype, &members[k], size);
        free(members[k].left_sums);
        free((void *)(uintptr_t)members[k].left.data);
        if (k == 0 || added)
            free((void *)(uintptr_t)members[k].right.data);
        free(outputs[k]);
        free(addends[k]);
        free(written[k]);
    }
    free(workspace);
}

Test(product_together, same_bits_as_one_after_the_other, .timeout = 120)
{
    static const shape shapes[] = {{5, 5, 10},   {1, 7, 1},    {128, 70, 30},  {80, 1100, 9},
                                   {9, 20, 620}, {530, 30, 9}, {100, 520, 540}};
    uint32_t state = 9;
    for (int d = 0; d < 2; d++)
        for (int i = 0; gt_product_kernels_at((gt_dtype)d, i) != NULL; i++)
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
                for (int layouts = 0; layouts < 6; layouts++)
                    for (int kind = 0; kind < (layouts % 3 == 0 ? 14 : 6); kind++)
                        check((gt_dtype)d, gt_product_kernels_at((gt_dtype)d, i), shapes[s],
                              (gt_product_layout)(layouts % 3), (gt_product_layout)(layouts / 3), kind, &state);
}
