/*
 * Matrix products: every kernel that this machine can run, against plain loops.
 * Every element must be the sum in the documented order, bit for bit, and within
 * the error bound of that sum of the sum in long double.
 */
#include "exec/product.h"

#include "gradtape/random.h"
#include "support/product_case.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))

static const gt_dtype dtypes[] = {GT_F32, GT_F64};

static int64_t pick(gt_random *random, const int64_t *choices, int count)
{
    return choices[gt_random_integer(random, 0, count)];
}

/* Runs `check` on all kernels of both types. */
static void for_all_kernels(void (*check)(gt_dtype dtype, const gt_product_kernels *kernels))
{
    for (int d = 0; d < LENGTH(dtypes); d++) {
        const gt_product_kernels *kernels;
        for (int i = 0; (kernels = gt_product_kernels_at(dtypes[d], i)) != NULL; i++)
            check(dtypes[d], kernels);
    }
}

static void check_random_cases(gt_dtype dtype, const gt_product_kernels *kernels)
{
    static const int64_t rows[] = {1,  2,  3,  5,  7,  8,  9,  13, 15, 16, 17, 20,  31, 32,
                                   33, 40, 47, 48, 49, 56, 63, 64, 65, 80, 97, 128, 131};
    static const int64_t columns[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 18, 23, 24, 25, 67};
    static const int64_t inners[] = {0, 1, 2, 3, 5, 8, 17, 31, 64, 113};
    static const int64_t gaps[] = {0, 0, 1, 3, 16};
    gt_random random;
    gt_random_seed(&random, 3);
    for (int i = 0; i < 2000; i++) {
        product_case test = {
            .dtype = dtype,
            .kernels = kernels,
            .rows = pick(&random, rows, LENGTH(rows)),
            .inner = pick(&random, inners, LENGTH(inners)),
            .columns = pick(&random, columns, LENGTH(columns)),
            .left = (gt_product_layout)gt_random_integer(&random, 0, 3),
            .right = (gt_product_layout)gt_random_integer(&random, 0, 3),
            .accumulate = gt_random_integer(&random, 0, 2) == 1,
            .left_gap = pick(&random, gaps, LENGTH(gaps)),
            .right_gap = pick(&random, gaps, LENGTH(gaps)),
            .output_gap = pick(&random, gaps, LENGTH(gaps)),
            .addend = (product_addend)gt_random_integer(&random, 0, ADDENDS),
            .addend_gap = pick(&random, gaps, LENGTH(gaps)),
            .offset = gt_random_integer(&random, 0, 5),
            .special = gt_random_integer(&random, 0, 4) == 0,
        };
        if (test.accumulate)
            test.addend = NO_ADDEND;
        product_case_check(&test, &random);
    }
}

Test(product, random_shapes_layouts_and_values)
{
    for_all_kernels(check_random_cases);
}

/* In blocks of as few columns as there are, and of a size that is no power of two. */
Test(product, blocks_of_a_small_cache, .timeout = 120)
{
    setenv("GRADTAPE_CACHE", "16K", 1);
    for_all_kernels(check_random_cases);
}

Test(product, blocks_of_an_odd_cache, .timeout = 120)
{
    setenv("GRADTAPE_CACHE", "200001", 1);
    for_all_kernels(check_random_cases);
    gt_product product = {gt_product_kernels_best(GT_F32), 64, 1024, 1000, .accumulate = false};
    cr_expect_eq(gt_product_columns_at_once(&product, GT_PRODUCT_PLAIN, GT_PRODUCT_PLAIN), 96);
    cr_expect_eq(gt_product_columns_at_once(&product, GT_PRODUCT_TRANSPOSED, GT_PRODUCT_PLAIN), 48);
    product.columns = 96;
    cr_expect_eq(gt_product_columns_at_once(&product, GT_PRODUCT_PLAIN, GT_PRODUCT_PLAIN), 96);
}

static void check_every_tile(gt_dtype dtype, const gt_product_kernels *kernels)
{
    gt_random random;
    gt_random_seed(&random, 4);
    for (int64_t rows = 1; rows <= gt_product_row_unit(kernels) + 1; rows++)
        for (int64_t columns = 1; columns <= 13; columns++) {
            product_case test = {.dtype = dtype, .kernels = kernels, .rows = rows, .inner = 3, .columns = columns};
            test.left = (gt_product_layout)(rows % 3);
            test.right = (gt_product_layout)(columns % 3);
            test.accumulate = (rows + columns) % 2 == 1;
            product_case_check(&test, &random);
            test.left = GT_PRODUCT_PLAIN;
            test.right = GT_PRODUCT_PLAIN;
            product_case_check(&test, &random);
            test.accumulate = false;
            for (test.addend = MATRIX_ADDEND; test.addend < ADDENDS; test.addend++)
                product_case_check(&test, &random);
        }
}

Test(product, every_tile)
{
    for_all_kernels(check_every_tile);
}

/* Kernels of their own multiply one column: rows around whole vectors, panels and several of them. */
static void check_one_column(gt_dtype dtype, const gt_product_kernels *kernels)
{
    static const int64_t rows[] = {1, 3, 4, 7, 8, 9, 15, 16, 31, 63, 64, 65, 96, 127, 128, 129, 191, 256, 257, 300};
    static const int64_t inners[] = {1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 24, 33, 100};
    gt_random random;
    gt_random_seed(&random, 9);
    for (int r = 0; r < LENGTH(rows); r++)
        for (int i = 0; i < LENGTH(inners); i++)
            for (int kind = 0; kind < 9; kind++) {
                product_case test = {.dtype = dtype, .kernels = kernels, .columns = 1};
                test.rows = rows[r];
                test.inner = inners[i];
                test.left = (gt_product_layout)(kind % 3);
                test.right = (gt_product_layout)(kind / 3);
                test.accumulate = (r + i) % 2 == 1;
                test.addend = test.accumulate ? NO_ADDEND : (product_addend)(gt_random_integer(&random, 0, ADDENDS));
                test.left_gap = gt_random_integer(&random, 0, 3);
                test.right_gap = gt_random_integer(&random, 0, 3);
                test.special = kind == r % 9;
                product_case_check(&test, &random);
            }
}

Test(product, one_column)
{
    for_all_kernels(check_one_column);
}

/* Large enough for several blocks of rows, inner and columns, and columns far apart. */
static void check_blocks(gt_dtype dtype, const gt_product_kernels *kernels)
{
    static const int64_t shapes[][3] = {
        {600, 40, 30}, {70, 1100, 26}, {70, 20, 600}, {300, 30, 511}, {3, 2100, 2}, {530, 1030, 7},
    };
    gt_random random;
    gt_random_seed(&random, 5);
    for (int i = 0; i < LENGTH(shapes); i++)
        for (int kind = 0; kind < 18; kind++) {
            product_case test = {.dtype = dtype,
                                 .kernels = kernels,
                                 .rows = shapes[i][0],
                                 .inner = shapes[i][1],
                                 .columns = shapes[i][2],
                                 .left = (gt_product_layout)(kind % 3),
                                 .right = (gt_product_layout)(kind / 3 % 3),
                                 .accumulate = kind % 2 == 1,
                                 .addend = kind % 2 == 1 ? NO_ADDEND : (product_addend)(kind / 2 % ADDENDS),
                                 .left_gap = kind < 9 ? 1 : 2100,
                                 .right_gap = kind < 9 ? 0 : 600};
            product_case_check(&test, &random);
        }
}

Test(product, several_blocks, .timeout = 120)
{
    for_all_kernels(check_blocks);
}

/* 0 * infinity is NaN, also where a library would skip a zero. */
static void check_not_finite(gt_dtype dtype, const gt_product_kernels *kernels)
{
    enum { ROWS = 70, INNER = 9, COLUMNS = 14 };
    static double left[ROWS * INNER], right[INNER * COLUMNS], output[ROWS * COLUMNS];
    float left_f32[ROWS * INNER] = {0}, right_f32[INNER * COLUMNS] = {0};
    float output_f32[ROWS * COLUMNS] = {0};
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    right[4 + 3 * INNER] = INFINITY;
    right_f32[4 + 3 * INNER] = INFINITY;
    left[50 + 2 * ROWS] = NAN;
    left_f32[50 + 2 * ROWS] = NAN;
    bool wide = dtype == GT_F64;
    gt_product product = {kernels, ROWS, INNER, COLUMNS, .accumulate = false};
    gt_product_operand a = {wide ? (void *)left : left_f32, ROWS, GT_PRODUCT_PLAIN};
    gt_product_operand b = {wide ? (void *)right : right_f32, INNER, GT_PRODUCT_PLAIN};
    void *workspace = product_test_memory(gt_product_workspace_size(&product, a.layout, b.layout), 0);
    gt_product_run(&product, &a, &b, wide ? (void *)output : output_f32, ROWS, workspace);
    free(workspace);
    for (int j = 0; j < COLUMNS; j++)
        for (int i = 0; i < ROWS; i++) {
            double value = wide ? output[i + j * ROWS] : (double)output_f32[i + j * ROWS];
            if (i == 50 || j == 3)
                cr_assert(isnan(value), "(%d, %d) is %g by %s", i, j, value, gt_product_kernels_name(kernels));
            else
                cr_assert(value == 0, "(%d, %d) is %g by %s", i, j, value, gt_product_kernels_name(kernels));
        }
}

Test(product, zero_times_infinity)
{
    for_all_kernels(check_not_finite);
}

/* The same bits, however the work is divided: by columns, rows or inner. */
static void check_parts(gt_dtype dtype, const gt_product_kernels *kernels)
{
    gt_random random;
    gt_random_seed(&random, 6);
    for (int layouts = 0; layouts < 9; layouts++)
        for (int kind = 0; kind < 3; kind++) {
            product_case test = {.dtype = dtype, .kernels = kernels, .rows = 141, .inner = 50, .columns = 37};
            test.left = (gt_product_layout)(layouts % 3);
            test.right = (gt_product_layout)(layouts / 3);
            test.accumulate = kind == 1;
            test.left_gap = 2;
            test.right_gap = 1;
            product_case_check_parts(&test, (product_division)kind, &random);
        }
}

Test(product, parts_give_the_same_bits)
{
    for_all_kernels(check_parts);
}

/* A packed operand put together from parts is the one packed at once, byte for byte. */
static void check_stacking(gt_dtype dtype, const gt_product_kernels *kernels)
{
    static const int64_t sizes[] = {1, 5, 16, 21, 40};
    gt_random random;
    gt_random_seed(&random, 7);
    for (int s = 0; s < LENGTH(sizes); s++)
        for (int kind = 0; kind < 8; kind++)
            product_stack_check(dtype, kernels, sizes[s], kind & 1, kind & 2, kind & 4, &random);
}

Test(product, packed_from_parts)
{
    for_all_kernels(check_stacking);
}

Test(product, empty_products_touch_nothing)
{
    for (int d = 0; d < LENGTH(dtypes); d++) {
        gt_product product = {gt_product_kernels_best(dtypes[d]), 0, 5, 5, .accumulate = false};
        gt_product_operand none = {NULL, 5, GT_PRODUCT_PLAIN};
        gt_product_run(&product, &none, &none, NULL, 0, NULL);
        product.rows = 5;
        product.columns = 0;
        gt_product_run(&product, &none, &none, NULL, 5, NULL);
        /* An empty sum is zero. */
        double output[10];
        memset(output, 0xff, sizeof output);
        product.columns = 2;
        product.inner = 0;
        gt_product_run(&product, &none, &none, output, 5, NULL);
        static const double zeros[10];
        cr_assert_arr_eq(output, zeros, (size_t)(dtypes[d] == GT_F64 ? 80 : 40));
        product.accumulate = true;
        memset(output, 0x3f, sizeof output);
        double before[10];
        memcpy(before, output, sizeof before);
        gt_product_run(&product, &none, &none, output, 5, NULL);
        cr_assert_arr_eq(output, before, sizeof output);
        /* With an addend, it is that. */
        product.accumulate = false;
        double column[5] = {1.5, -2, 3, 4.25, 5};
        gt_product_member member = {.left = none, .right = none, .output = output, .addend = column};
        gt_product_run_together(&product, &member, 1, false, 5, NULL);
        size_t bytes = 5 * gt_dtype_size(dtypes[d]);
        cr_assert_arr_eq(output, column, bytes);
        cr_assert_arr_eq((char *)output + bytes, column, bytes);
    }
}

/* What is wanted soon is fetched to its end, from any address, and changes no result. */
static void check_fetching(gt_dtype dtype, const gt_product_kernels *kernels)
{
    enum { ROWS = 130, INNER = 20, COLUMNS = 40 };
    static double left[ROWS * INNER], right[INNER * COLUMNS], plain[ROWS * COLUMNS], fetching[ROWS * COLUMNS];
    memset(plain, 0, sizeof plain);
    memset(fetching, 0, sizeof fetching);
    gt_random random;
    gt_random_seed(&random, 8);
    for (int i = 0; i < LENGTH(left); i++)
        left[i] = gt_random_normal(&random);
    for (int i = 0; i < LENGTH(right); i++)
        right[i] = gt_random_normal(&random);
    for (int rows = 1; rows <= ROWS; rows += ROWS - 1) {
        gt_product_operand a = {left, rows, GT_PRODUCT_PLAIN}, b = {right, INNER, GT_PRODUCT_PLAIN};
        gt_product product = {kernels, rows, INNER, COLUMNS, .accumulate = false};
        void *workspace = product_test_memory(gt_product_workspace_size(&product, a.layout, b.layout), 0);
        gt_product_run(&product, &a, &b, plain, rows, workspace);
        const gt_product_range ranges[] = {{(const char *)left, 64}, {(const char *)64, 1000}, {NULL, 1}};
        gt_product_soon soon = {.ranges = ranges, .count = LENGTH(ranges)};
        product.soon = &soon;
        gt_product_run(&product, &a, &b, fetching, rows, workspace);
        cr_assert_eq(soon.count, 0, "%u ranges are left", (unsigned)soon.count);
        /* What is wanted behind the product waits for its time. */
        soon = (gt_product_soon){.ranges = ranges, .count = LENGTH(ranges), .early = 1, .wait = INT64_MAX};
        gt_product_run(&product, &a, &b, fetching, rows, workspace);
        cr_assert_eq(soon.count, LENGTH(ranges) - 1, "%u ranges are left", (unsigned)soon.count);
        soon = (gt_product_soon){.ranges = ranges, .count = LENGTH(ranges), .early = 1, .wait = 2 * INNER};
        gt_product_run(&product, &a, &b, fetching, rows, workspace);
        cr_assert_leq(soon.count, 1, "%u ranges are left", (unsigned)soon.count);
        cr_assert_arr_eq(plain, fetching, (size_t)(rows * COLUMNS) * gt_dtype_size(dtype));
        free(workspace);
    }
}

Test(product, fetches_what_is_wanted_soon)
{
    for_all_kernels(check_fetching);
}

Test(product, kernels)
{
    for (int d = 0; d < LENGTH(dtypes); d++) {
        cr_assert_eq(gt_product_kernels_best(dtypes[d]), gt_product_kernels_at(dtypes[d], 0));
        cr_assert_null(gt_product_kernels_at(dtypes[d], -1));
        const gt_product_kernels *last = NULL, *kernels;
        for (int i = 0; (kernels = gt_product_kernels_at(dtypes[d], i)) != NULL; i++)
            last = kernels;
        cr_assert_str_eq(gt_product_kernels_name(last), "portable");
    }
}

/* A part of a product never needs more workspace than the whole. */
Test(product, workspace_does_not_shrink)
{
    static const int64_t sizes[] = {1, 7, 24, 64, 65, 512, 600, 1030, 2100};
    const gt_product_kernels *kernels = gt_product_kernels_best(GT_F32);
    for (int layouts = 0; layouts < 9; layouts++)
        for (int i = 0; i < LENGTH(sizes) * LENGTH(sizes); i++)
            for (int k = 0; k + 1 < LENGTH(sizes); k++) {
                int64_t one = sizes[i % LENGTH(sizes)], other = sizes[i / LENGTH(sizes)];
                gt_product parts[] = {{kernels, sizes[k], one, other, .accumulate = false},
                                      {kernels, one, sizes[k], other, .accumulate = false},
                                      {kernels, one, other, sizes[k], .accumulate = false}};
                gt_product wholes[] = {{kernels, sizes[k + 1], one, other, .accumulate = false},
                                       {kernels, one, sizes[k + 1], other, .accumulate = false},
                                       {kernels, one, other, sizes[k + 1], .accumulate = false}};
                for (int part = 0; part < 3; part++) {
                    gt_product_layout left = (gt_product_layout)(layouts % 3);
                    gt_product_layout right = (gt_product_layout)(layouts / 3);
                    size_t whole = gt_product_workspace_size(&wholes[part], left, right);
                    cr_assert(gt_product_workspace_size(&parts[part], left, right) <= whole);
                    cr_assert(whole <= (size_t)5 << 20);
                }
            }
}
