/* Values of the ops that move, select and add up entries, and of the matrix product. */
#include "support/values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* ---- matrix products ----------------------------------------------------------------------- */

/* op(a) @ op(b) of stored matrices, in long double. */
static void multiply(const double *a, int a_rows, int a_columns, bool transpose_a, const double *b, int b_rows,
                     int b_columns, bool transpose_b, double *c)
{
    int rows = transpose_a ? a_columns : a_rows, inner = transpose_a ? a_rows : a_columns;
    int columns = transpose_b ? b_rows : b_columns;
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) {
            long double sum = 0;
            for (int l = 0; l < inner; l++)
                sum += (long double)a[transpose_a ? l + i * a_rows : i + l * a_rows] *
                       b[transpose_b ? j + l * b_rows : l + j * b_rows];
            c[i + j * rows] = (double)sum;
        }
}

static void expect_product(gt_dtype dtype, gt_shape a, bool transpose_a, gt_shape b, bool transpose_b,
                           gt_shape expected)
{
    double x[4096], y[4096], z[4096];
    gt_random random;
    gt_random_seed(&random, 11);
    for (int i = 0; i < 4096; i++) {
        x[i] = (double)(float)gt_random_normal(&random);
        y[i] = (double)(float)gt_random_normal(&random);
    }
    int a_rows = (int)a.size[0], b_rows = (int)b.size[0];
    multiply(x, a_rows, (int)gt_shape_count(a) / a_rows, transpose_a, y, b_rows, (int)gt_shape_count(b) / b_rows,
             transpose_b, z);
    probe *p = probe_new(dtype);
    gt_var product = gt_matmul_transposed(give(p, "a", a, x), transpose_a, give(p, "b", b, y), transpose_b);
    expect_value(p, product, expected, z, dtype == GT_F64 ? 1e-13 : 2e-5);
    probe_free(p);
}

Test(ops_arrays, matmul)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        expect_product(dtype, GT_SHAPE(1, 1), false, GT_SHAPE(1, 1), false, GT_SHAPE(1, 1));
        expect_product(dtype, GT_SHAPE(5, 7), false, GT_SHAPE(7, 3), false, GT_SHAPE(5, 3));
        expect_product(dtype, GT_SHAPE(5, 7), false, GT_SHAPE(7), false, GT_SHAPE(5));
        expect_product(dtype, GT_SHAPE(5, 7), false, GT_SHAPE(7, 3, 4), false, GT_SHAPE(5, 3, 4));
        expect_product(dtype, GT_SHAPE(5, 7), false, GT_SHAPE(7, 3, 2, 2), false, GT_SHAPE(5, 3, 2, 2));
        expect_product(dtype, GT_SHAPE(7, 5), true, GT_SHAPE(7, 3, 4), false, GT_SHAPE(5, 3, 4));
        expect_product(dtype, GT_SHAPE(5, 7), false, GT_SHAPE(3, 7), true, GT_SHAPE(5, 3));
        expect_product(dtype, GT_SHAPE(5, 7, 4), false, GT_SHAPE(3, 7, 4), true, GT_SHAPE(5, 3));
        expect_product(dtype, GT_SHAPE(7, 5), true, GT_SHAPE(3, 7), true, GT_SHAPE(5, 3));
        expect_product(dtype, GT_SHAPE(40, 60), false, GT_SHAPE(60, 50), false, GT_SHAPE(40, 50));
        expect_product(dtype, GT_SHAPE(60, 40), true, GT_SHAPE(60, 50), false, GT_SHAPE(40, 50));
        expect_product(dtype, GT_SHAPE(40, 60), false, GT_SHAPE(50, 60), true, GT_SHAPE(40, 50));
        expect_product(dtype, GT_SHAPE(60, 40), true, GT_SHAPE(50, 60), true, GT_SHAPE(40, 50));
    }
}

/* The rule of a product with transposes has products with transposes, and no transpose. */
Test(ops_arrays, matmul_gradient_copies_no_transpose)
{
    for (int flags = 0; flags < 4; flags++) {
        probe *p = probe_new(GT_F64);
        gt_var inputs[] = {give(p, "a", GT_SHAPE(3, 3), NULL), give(p, "b", GT_SHAPE(3, 3), NULL)}, gradients[2];
        gt_var y = gt_matmul_transposed(inputs[0], flags & 1, inputs[1], flags & 2);
        cr_assert_eq(gt_grad(&y, NULL, 1, inputs, 2, gradients), GT_OK);
        for (uint32_t i = 0; i < gt_tape_node_count(p->tape); i++)
            cr_expect_str_neq(gt_var_op(gt_tape_var(p->tape, i))->name, "transpose");
        probe_free(p);
    }
}

Test(ops_arrays, transpose)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        probe *p = probe_new(dtype);
        gt_var x = give(p, "x", GT_SHAPE(2, 3), NULL), v = give(p, "v", GT_SHAPE(3), NULL);
        expect_value(p, gt_transpose(x), GT_SHAPE(3, 2), (double[]){1, 3, 5, 2, 4, 6}, 0);
        expect_value(p, gt_transpose(v), GT_SHAPE(1, 3), (double[]){1, 2, 3}, 0);
        double expected[37 * 41];
        for (int i = 0; i < 37; i++)
            for (int j = 0; j < 41; j++)
                expected[j + i * 41] = 1 + i + j * 37;
        expect_value(p, gt_transpose(give(p, "large", GT_SHAPE(37, 41), NULL)), GT_SHAPE(41, 37), expected, 0);
        probe_free(p);
    }
}

/* ---- joining and cutting ------------------------------------------------------------------- */

Test(ops_arrays, concat)
{
    probe *p = probe_new(GT_F64);
    const gt_var a = give(p, "a", GT_SHAPE(2, 2), (double[]){1, 2, 3, 4}),
                 b = give(p, "b", GT_SHAPE(1, 2), (double[]){5, 6});
    const gt_var c = give(p, "c", GT_SHAPE(2), (double[]){7, 8});
    expect_value(p, gt_concat((gt_var[]){a, b}, 2, 0), GT_SHAPE(3, 2), (double[]){1, 2, 5, 3, 4, 6}, 0);
    expect_value(p, gt_concat((gt_var[]){c, a}, 2, 1), GT_SHAPE(2, 3), (double[]){7, 8, 1, 2, 3, 4}, 0);
    expect_value(p, gt_concat((gt_var[]){a, a}, 2, 2), GT_SHAPE(2, 2, 2), (double[]){1, 2, 3, 4, 1, 2, 3, 4}, 0);
    expect_value(p, gt_concat(&a, 1, 0), GT_SHAPE(2, 2), (double[]){1, 2, 3, 4}, 0);
    expect_value(p, gt_stack((gt_var[]){c, c, c}, 3), GT_SHAPE(2, 3), (double[]){7, 8, 7, 8, 7, 8}, 0);
    expect_value(p, gt_stack((gt_var[]){a, gt_neg(a)}, 2), GT_SHAPE(2, 2, 2), (double[]){1, 2, 3, 4, -1, -2, -3, -4},
                 0);
    gt_var number = gt_constant(p->tape, 9);
    expect_value(p, gt_stack((gt_var[]){number, number}, 2), GT_SHAPE(2), (double[]){9, 9}, 0);
    probe_free(p);
}

Test(ops_arrays, split)
{
    probe *p = probe_new(GT_F32);
    gt_var x = give(p, "x", GT_SHAPE(3, 2, 2), NULL), parts[3];
    cr_assert_eq(gt_split(x, 0, (int64_t[]){1, 2}, 2, parts), GT_OK);
    expect_value(p, parts[0], GT_SHAPE(1, 2, 2), (double[]){1, 4, 7, 10}, 0);
    expect_value(p, parts[1], GT_SHAPE(2, 2, 2), (double[]){2, 3, 5, 6, 8, 9, 11, 12}, 0);
    cr_assert_eq(gt_split(x, 1, (int64_t[]){1, 1}, 2, parts), GT_OK);
    expect_value(p, parts[1], GT_SHAPE(3, 1, 2), (double[]){4, 5, 6, 10, 11, 12}, 0);
    cr_assert_eq(gt_unstack(x, parts, 2), GT_OK);
    expect_value(p, parts[0], GT_SHAPE(3, 2), (double[]){1, 2, 3, 4, 5, 6}, 0);
    expect_value(p, parts[1], GT_SHAPE(3, 2), (double[]){7, 8, 9, 10, 11, 12}, 0);
    expect_value(p, gt_stack(parts, 2), GT_SHAPE(3, 2, 2), (double[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 0);
    gt_var v = give(p, "v", GT_SHAPE(2), NULL);
    cr_assert_eq(gt_unstack(v, parts, 2), GT_OK);
    expect_value(p, parts[1], GT_SCALAR, (double[]){2}, 0);
    probe_free(p);
}

/* Gradients that reach the first, the middle, the last part only: zeros for the others. */
Test(ops_arrays, split_gradient_with_missing_parts)
{
    for (unsigned used = 1; used < 16; used++) {
        probe *p = probe_new(GT_F64);
        gt_var x = give(p, "x", GT_SHAPE(2, 4), NULL), parts[4], sum = gt_constant(p->tape, 0), gradient;
        double expected[8] = {0};
        cr_assert_eq(gt_unstack(x, parts, 4), GT_OK);
        for (int i = 0; i < 4; i++)
            if (used >> i & 1) {
                sum = gt_add(sum, gt_mul(parts[i], gt_constant(p->tape, i + 1)));
                expected[2 * i] = expected[2 * i + 1] = i + 1;
            }
        cr_assert_eq(gt_grad(&sum, NULL, 1, &x, 1, &gradient), GT_OK, "%s", gt_tape_message(p->tape));
        expect_value(p, gradient, GT_SHAPE(2, 4), expected, 0);
        probe_free(p);
    }
}

/* The output is itself a part, so that later parts are recorded after it. */
Test(ops_arrays, split_gradient_of_one_part)
{
    for (int k = 0; k < 3; k++) {
        probe *p = probe_new(GT_F64);
        gt_var x = give(p, "x", GT_SHAPE(6, 1), NULL), parts[3], gradient;
        cr_assert_eq(gt_split(x, 0, (int64_t[]){1, 2, 3}, 3, parts), GT_OK);
        cr_assert_eq(gt_grad(&parts[k], NULL, 1, &x, 1, &gradient), GT_OK, "%s", gt_tape_message(p->tape));
        double expected[6] = {k == 0, k == 1, k == 1, k == 2, k == 2, k == 2};
        expect_value(p, gradient, GT_SHAPE(6, 1), expected, 0);
        probe_free(p);
    }
}

Test(ops_arrays, slice_and_pad)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give(p, "x", GT_SHAPE(3, 2), NULL);
    expect_value(p, gt_slice(x, 0, 1, 3), GT_SHAPE(2, 2), (double[]){2, 3, 5, 6}, 0);
    expect_value(p, gt_slice(x, 1, 1, 2), GT_SHAPE(3, 1), (double[]){4, 5, 6}, 0);
    expect_value(p, gt_pad(x, 0, 1, 0), GT_SHAPE(4, 2), (double[]){0, 1, 2, 3, 0, 4, 5, 6}, 0);
    expect_value(p, gt_pad(x, 1, 0, 1), GT_SHAPE(3, 3), (double[]){1, 2, 3, 4, 5, 6, 0, 0, 0}, 0);
    expect_value(p, gt_pad(gt_slice(x, 0, 1, 2), 2, 1, 0), GT_SHAPE(1, 2, 2), (double[]){0, 0, 2, 5}, 0);
    probe_free(p);
}

Test(ops_arrays, reshape_and_broadcast)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give(p, "x", GT_SHAPE(3, 2), NULL);
    expect_value(p, gt_reshape(x, GT_SHAPE(2, 3)), GT_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6}, 0);
    cr_expect_eq(gt_reshape(x, GT_SHAPE(3, 2)).index, x.index);
    expect_value(p, gt_reshape(x, GT_SHAPE(3, 2, 1)), GT_SHAPE(3, 2, 1), (double[]){1, 2, 3, 4, 5, 6}, 0);
    gt_var column = give(p, "column", GT_SHAPE(2), NULL), line = give(p, "line", GT_SHAPE(1, 2), NULL);
    expect_value(p, gt_broadcast(column, GT_SHAPE(2, 3)), GT_SHAPE(2, 3), (double[]){1, 2, 1, 2, 1, 2}, 0);
    expect_value(p, gt_broadcast(line, GT_SHAPE(3, 2)), GT_SHAPE(3, 2), (double[]){1, 1, 1, 2, 2, 2}, 0);
    expect_value(p, gt_broadcast(line, GT_SHAPE(1, 2, 2)), GT_SHAPE(1, 2, 2), (double[]){1, 2, 1, 2}, 0);
    cr_expect_eq(gt_broadcast(line, GT_SHAPE(1, 2)).index, line.index);
    probe_free(p);
}

/* What moves entries moves whole numbers, too. */
Test(ops_arrays, whole_numbers)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give_whole(p, "x", GT_SHAPE(2, 3), NULL), parts[3];
    cr_assert_eq(gt_unstack(x, parts, 3), GT_OK);
    cr_expect_eq(gt_var_dtype(parts[0]), GT_I32);
    expect_value(p, parts[2], GT_SHAPE(2), (double[]){5, 6}, 0);
    expect_value(p, gt_transpose(x), GT_SHAPE(3, 2), (double[]){1, 3, 5, 2, 4, 6}, 0);
    expect_value(p, gt_concat((gt_var[]){x, x}, 2, 0), GT_SHAPE(4, 3), (double[]){1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6},
                 0);
    expect_value(p, gt_pad(parts[0], 0, 1, 1), GT_SHAPE(4), (double[]){0, 1, 2, 0}, 0);
    expect_value(p, gt_broadcast(parts[0], GT_SHAPE(2, 2)), GT_SHAPE(2, 2), (double[]){1, 2, 1, 2}, 0);
    probe_free(p);
}

/* ---- sums ---------------------------------------------------------------------------------- */

static void expect_sum(gt_dtype dtype, gt_shape x, gt_shape kept)
{
    probe *p = probe_new(dtype);
    gt_var v = give(p, "x", x, NULL);
    double *expected = calloc((size_t)gt_shape_count(kept), sizeof *expected);
    for (int64_t place = 0; place < gt_shape_count(x); place++) {
        int64_t rest = place, to = 0, step = 1;
        for (int axis = 0; axis < GT_MAX_RANK; axis++) {
            to += (kept.size[axis] == 1 ? 0 : rest % x.size[axis]) * step;
            rest /= x.size[axis];
            step *= kept.size[axis];
        }
        expected[to] += (double)(place + 1);
    }
    expect_value(p, gt_sum_to(v, kept), kept, expected, 0);
    free(expected);
    probe_free(p);
}

/* Whole numbers small enough to be exact in either type, over every set of axes. */
Test(ops_arrays, sums_over_all_sets_of_axes)
{
    static const gt_shape shapes[] = {{4, {3, 2, 4, 2}}, {4, {37, 3, 10, 2}}, {3, {130, 5, 3, 1}}, {4, {1, 7, 1, 20}}};
    for (int i = 0; i < 4; i++)
        for (unsigned axes = 0; axes < 16; axes++) {
            gt_shape kept = shapes[i];
            for (int axis = 0; axis < GT_MAX_RANK; axis++)
                kept.size[axis] = axes >> axis & 1 ? 1 : kept.size[axis];
            expect_sum(GT_F64, shapes[i], kept);
            expect_sum(GT_F32, shapes[i], kept);
        }
}

Test(ops_arrays, sum_and_mean)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give(p, "x", GT_SHAPE(2, 3), NULL), ones = gt_fill(p->tape, GT_SHAPE(7, 7), 1);
    expect_value(p, gt_sum(x, 0), GT_SHAPE(1, 3), (double[]){3, 7, 11}, 0);
    expect_value(p, gt_sum(x, 1), GT_SHAPE(2, 1), (double[]){9, 12}, 0);
    expect_value(p, gt_sum(x, GT_ALL_AXES), GT_SHAPE(1, 1), (double[]){21}, 0);
    expect_value(p, gt_mean(x, 1), GT_SHAPE(2, 1), (double[]){3, 4}, 0);
    expect_value(p, gt_mean(x, GT_ALL_AXES), GT_SHAPE(1, 1), (double[]){3.5}, 0);
    expect_value(p, gt_mean(ones, GT_ALL_AXES), GT_SHAPE(1, 1), (double[]){1}, 0);
    expect_value(p, gt_sum_to(x, GT_SHAPE(2)), GT_SHAPE(2), (double[]){9, 12}, 0);
    expect_value(p, gt_sum_to(x, GT_SHAPE(2, 3, 1)), GT_SHAPE(2, 3, 1), (double[]){1, 2, 3, 4, 5, 6}, 0);
    cr_expect_eq(gt_sum_to(x, GT_SHAPE(2, 3)).index, x.index);
    gt_var infinite = give(p, "infinite", GT_SHAPE(3), (double[]){1, INFINITY, 2});
    expect_value(p, gt_sum(infinite, 0), GT_SHAPE(1), (double[]){INFINITY}, 0);
    gt_var wrong = give(p, "wrong", GT_SHAPE(2, 2), (double[]){1, NAN, 2, 3});
    expect_value(p, gt_sum(wrong, 0), GT_SHAPE(1, 2), (double[]){NAN, 5}, 0);
    probe_free(p);
}

Test(ops_arrays, sums_so_far)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give(p, "x", GT_SHAPE(2, 3), NULL), deep = give(p, "deep", GT_SHAPE(2, 1, 3), NULL);
    expect_value(p, gt_cumsum(x, 0, false), GT_SHAPE(2, 3), (double[]){1, 3, 3, 7, 5, 11}, 0);
    expect_value(p, gt_cumsum(x, 0, true), GT_SHAPE(2, 3), (double[]){3, 2, 7, 4, 11, 6}, 0);
    expect_value(p, gt_cumsum(x, 1, false), GT_SHAPE(2, 3), (double[]){1, 2, 4, 6, 9, 12}, 0);
    expect_value(p, gt_cumsum(deep, 2, true), GT_SHAPE(2, 1, 3), (double[]){9, 12, 8, 10, 5, 6}, 0);
    expect_value(p, gt_cumsum(x, 3, false), GT_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6}, 0);
    probe_free(p);
}

/* Forward derivatives are the reverse rule's own adjoint: of sums so far, those of the tangent, from the same end. */
Test(ops_arrays, sums_so_far_forward)
{
    for (int axis = 0; axis < 3; axis++)
        for (int reversed = 0; reversed < 2; reversed++) {
            probe *p = probe_new(GT_F64);
            const double numbers[] = {0.3, -1.5, 2, 0.25, 7, -0.125, 1, 3, -2, 5, 0.5, 4};
            gt_var x = give(p, "x", GT_SHAPE(2, 3, 2), NULL), v = give(p, "v", GT_SHAPE(2, 3, 2), numbers);
            gt_var y = gt_cumsum(x, axis, reversed == 1), tangent;
            cr_assert_eq(gt_jvp(&y, 1, &x, &v, 1, &tangent), GT_OK, "%s", gt_tape_message(p->tape));
            const size_t strides[] = {1, 2, 6}, sizes[] = {2, 3, 2};
            double expected[12];
            for (size_t i = 0; i < 12; i++) {
                size_t place = i / strides[axis] % sizes[axis], first = i - place * strides[axis];
                expected[i] = 0;
                for (size_t k = 0; k < sizes[axis]; k++)
                    if (reversed == 1 ? k >= place : k <= place)
                        expected[i] += numbers[first + k * strides[axis]];
            }
            expect_value(p, tangent, GT_SHAPE(2, 3, 2), expected, 1e-15);
            probe_free(p);
        }
}

/* Each step by itself. */
Test(ops_arrays, sums_so_far_in_a_loop)
{
    probe *p = probe_new(GT_F64);
    gt_var xs = give(p, "xs", GT_SHAPE(2, 1, 3), NULL);
    gt_scan *scan = gt_scan_begin(p->tape, 3, GT_FORWARD);
    gt_var sums = gt_cumsum(gt_scan_input(scan, "x", xs), 0, false);
    cr_assert_eq(gt_scan_end(scan), GT_OK);
    gt_var stack = gt_scan_stack(scan, sums);
    expect_value(p, stack, GT_SHAPE(2, 1, 3), (double[]){1, 3, 3, 7, 5, 11}, 0);
    probe_free(p);
}

/* Two million times 0.1 in f32: added one by one the sum is off by percents. */
Test(ops_arrays, long_sums_keep_their_digits)
{
    const gt_shape shapes[] = {GT_SHAPE(1 << 21), GT_SHAPE(1, 1 << 21), GT_SHAPE(2, 1 << 20)};
    for (int i = 0; i < 3; i++) {
        probe *p = probe_new(GT_F32);
        gt_shape kept = {shapes[i].rank, {1, 1, 1, 1}};
        double exact = (double)0.1f * (1 << 21);
        gt_var x = gt_fill(p->tape, shapes[i], 0.1);
        expect_value(p, gt_sum_to(x, kept), kept, &exact, 1e-6);
        expect_value(p, gt_sum_to(gt_sum(x, 1), kept), kept, &exact, 1e-6);
        probe_free(p);
    }
}

/* ---- tables -------------------------------------------------------------------------------- */

Test(ops_arrays, tables)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        probe *p = probe_new(dtype);
        gt_var table = give(p, "table", GT_SHAPE(2, 3), NULL);
        gt_var flat = give_whole(p, "flat", GT_SHAPE(4), (int32_t[]){2, 0, 2, 1});
        gt_var square = give_whole(p, "square", GT_SHAPE(2, 2), (int32_t[]){2, 0, 2, 1});
        const double gathered[] = {5, 6, 1, 2, 5, 6, 3, 4};
        expect_value(p, gt_gather(table, flat), GT_SHAPE(2, 4), gathered, 0);
        expect_value(p, gt_gather(table, square), GT_SHAPE(2, 2, 2), gathered, 0);
        gt_var x = give(p, "x", GT_SHAPE(2, 4), NULL);
        expect_value(p, gt_scatter_add(x, flat, 4), GT_SHAPE(2, 4), (double[]){3, 4, 7, 8, 6, 8, 0, 0}, 0);
        expect_value(p, gt_one_hot(flat, 3), GT_SHAPE(3, 4), (double[]){0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0}, 0);
        probe_free(p);
    }
}

Test(ops_arrays, indices_out_of_range)
{
    probe *p = probe_new(GT_F64);
    gt_var table = give(p, "table", GT_SHAPE(2, 3), NULL), x = give(p, "x", GT_SHAPE(2, 2), NULL);
    gt_var high = give_whole(p, "high", GT_SHAPE(2), (int32_t[]){0, 3});
    gt_var low = give_whole(p, "low", GT_SHAPE(2), (int32_t[]){-5, 0});
    expect_failure(p, gt_gather(table, high), GT_ERROR_VALUE,
                   (const char *[]){"gather", "index 3", "position 1", "0 to 2", NULL});
    expect_failure(p, gt_gather(table, low), GT_ERROR_VALUE,
                   (const char *[]){"gather", "index -5", "position 0", "0 to 2", NULL});
    expect_failure(p, gt_scatter_add(x, high, 3), GT_ERROR_VALUE,
                   (const char *[]){"scatter_add", "index 3", "position 1", NULL});
    expect_failure(p, gt_one_hot(low, 4), GT_ERROR_VALUE,
                   (const char *[]){"one_hot", "index -5", "position 0", "0 to 3", NULL});
    probe_free(p);
}
