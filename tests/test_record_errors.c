/*
 * What recording must refuse: the status, and a message with the op, the shapes
 * and the names involved. Nothing here may crash.
 */
#include "addresses.h"
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* A fresh tape for every refusal, with vars to refuse. */
typedef struct bench {
    gt_tape *tape;
    gt_var W, x, v, index, cube, hyper; /* (5, 8), (9, 10), (5), i32 (10), (2, 3, 4), (2, 1, 2, 2) */
} bench;

static bench b;

static void begin(void)
{
    b.tape = gt_tape_new(NULL);
    b.W = gt_parameter(b.tape, "Wf", GT_SHAPE(5, 8));
    b.x = gt_input(b.tape, "x", GT_SHAPE(9, 10));
    b.v = gt_state(b.tape, "a0", GT_SHAPE(5));
    b.index = gt_input_i32(b.tape, "labels", GT_SHAPE(10));
    b.cube = gt_input(b.tape, "cube", GT_SHAPE(2, 3, 4));
    b.hyper = gt_input(b.tape, "hyper", GT_SHAPE(2, 1, 2, 2));
    cr_assert_eq(gt_tape_status(b.tape), GT_OK, "%s", gt_tape_message(b.tape));
}

/* The tape holds this error, and the message has all the words (up to NULL). */
static void refused(gt_var result, gt_status status, const char *const *words)
{
    const char *message = gt_tape_message(b.tape);
    cr_expect(!gt_var_valid(result), "a valid var in spite of: %s", message);
    cr_expect_eq(gt_tape_status(b.tape), status, "\"%s\" is %s, not %s", message,
                 gt_status_name(gt_tape_status(b.tape)), gt_status_name(status));
    for (; *words != NULL; words++)
        cr_expect(strstr(message, *words) != NULL, "no \"%s\" in: %s", *words, message);
    cr_expect(strlen(message) < GT_MESSAGE_SIZE - 1, "cut: %s", message);
    gt_tape_free(b.tape);
    begin();
}

#define REFUSED(result, status, ...) refused(result, status, (const char *const[]){__VA_ARGS__, NULL})

TestSuite(record_errors, .init = begin);

/* ---- shapes that cannot be ----------------------------------------------------------------- */

/* Some rows are possible, as many columns as well are not. */
static const int64_t HUGE_SIZE = FEW_ADDRESSES ? INT64_C(1) << 20 : INT64_C(1) << 40;

Test(record_errors, sizes_of_zero_and_below)
{
    REFUSED(gt_input(b.tape, "x", GT_SHAPE(3, 2, 0)), GT_ERROR_SHAPE, "'x'", "at least 1");
    REFUSED(gt_input(b.tape, "x", GT_SHAPE(3, 0)), GT_ERROR_SHAPE, "'x'", "at least 1");
    REFUSED(gt_parameter(b.tape, "Wy", GT_SHAPE(-3, 2)), GT_ERROR_SHAPE, "'Wy'", "at least 1");
    REFUSED(gt_fill(b.tape, GT_SHAPE(0), 1), GT_ERROR_SHAPE, "fill", "at least 1");
    REFUSED(gt_reshape(b.x, GT_SHAPE(90, 0)), GT_ERROR_SHAPE, "reshape", "'x' (9, 10)");
    REFUSED(gt_broadcast(b.v, GT_SHAPE(5, -1)), GT_ERROR_SHAPE, "broadcast", "'a0' (5)");
    REFUSED(gt_sum_to(b.x, GT_SHAPE(0)), GT_ERROR_SHAPE, "sum", "'x' (9, 10)");
    REFUSED(gt_one_hot(b.index, 0), GT_ERROR_SHAPE, "one_hot", "'labels' (10)");
    REFUSED(gt_scatter_add(b.x, b.index, 0), GT_ERROR_SHAPE, "scatter_add");
    gt_scan_begin(b.tape, 0, GT_FORWARD);
    REFUSED(GT_NONE, GT_ERROR_ARGUMENT, "step");
}

Test(record_errors, more_than_four_axes)
{
    REFUSED(gt_input(b.tape, "x", GT_SHAPE(1, 2, 3, 4, 5)), GT_ERROR_SHAPE, "'x'", "4 axes");
    REFUSED(gt_stack((gt_var[]){b.hyper, b.hyper}, 2), GT_ERROR_ARGUMENT, "concat", "axis 4", "'hyper' (2, 1, 2, 2)");
    gt_shape wrong = {7, {1, 1, 1, 1}};
    REFUSED(gt_input(b.tape, "x", wrong), GT_ERROR_SHAPE, "'x'", "4 axes");
    wrong = (gt_shape){1, {2, 2, 1, 1}};
    REFUSED(gt_reshape(b.x, wrong), GT_ERROR_SHAPE, "reshape", "4 axes");
    gt_var four = gt_input_i32(b.tape, "four", GT_SHAPE(2, 2, 2, 2));
    REFUSED(gt_one_hot(four, 3), GT_ERROR_SHAPE, "one_hot", "'four' (2, 2, 2, 2)", "at most 3 axes");
}

Test(record_errors, sizes_that_overflow)
{
    REFUSED(gt_input(b.tape, "x", GT_SHAPE(HUGE_SIZE, HUGE_SIZE)), GT_ERROR_SIZE, "'x'",
            FEW_ADDRESSES ? "(1048576, " : "(1099511627776, ");
    REFUSED(gt_fill(b.tape, GT_SHAPE(HUGE_SIZE, HUGE_SIZE), 0), GT_ERROR_SIZE, "fill");
    gt_var column = gt_input(b.tape, "column", GT_SHAPE(HUGE_SIZE, 1));
    gt_var line = gt_input(b.tape, "line", GT_SHAPE(1, HUGE_SIZE));
    REFUSED(gt_add(column, line), GT_ERROR_SIZE, "add", "'column'", "'line'");
    column = gt_input(b.tape, "column", GT_SHAPE(HUGE_SIZE, 1));
    line = gt_input(b.tape, "line", GT_SHAPE(1, HUGE_SIZE));
    REFUSED(gt_matmul(column, line), GT_ERROR_SIZE, "matmul", "'column'", "'line'");
    column = gt_input(b.tape, "column", GT_SHAPE(HUGE_SIZE, 1));
    REFUSED(gt_matmul_transposed(column, false, column, true), GT_ERROR_SIZE, "matmul", "'column'");
    gt_var long_one = gt_input(b.tape, "long", GT_SHAPE(FEW_ADDRESSES ? INT32_MAX / 16 : INT64_MAX / 16));
    REFUSED(gt_concat((gt_var[]){long_one, long_one}, 2, 0), GT_ERROR_SIZE, "concat", "'long'");
    REFUSED(gt_pad(b.v, 0, INT64_MAX, 0), GT_ERROR_SIZE, "pad", "'a0' (5)");
    REFUSED(gt_pad(b.v, 0, INT64_MAX - 5, INT64_MAX), GT_ERROR_SIZE, "pad", "'a0' (5)");
    REFUSED(gt_pad(b.v, 0, INT64_MAX / 2, 0), GT_ERROR_SIZE, "pad", "'a0' (5)");
    REFUSED(gt_broadcast(b.v, GT_SHAPE(5, INT64_MAX)), GT_ERROR_SIZE, "broadcast", "'a0' (5)");
    REFUSED(gt_one_hot(b.index, INT64_MAX), GT_ERROR_SIZE, "one_hot", "'labels' (10)");
    REFUSED(gt_scatter_add(b.x, b.index, INT64_MAX), GT_ERROR_SIZE, "scatter_add", "'x' (9, 10)");
}

/* ---- shapes that do not fit together ------------------------------------------------------- */

Test(record_errors, broadcasting)
{
    REFUSED(gt_add(b.W, b.x), GT_ERROR_SHAPE, "add", "'Wf' (5, 8)", "'x' (9, 10)", "axis 0");
    REFUSED(gt_maximum(b.v, b.x), GT_ERROR_SHAPE, "maximum", "'a0' (5)", "'x' (9, 10)");
    REFUSED(gt_where(b.W, b.W, b.x), GT_ERROR_SHAPE, "where", "'Wf' (5, 8)", "'x' (9, 10)");
    REFUSED(gt_mul(gt_tanh(b.W), b.x), GT_ERROR_SHAPE, "mul", "tanh (5, 8)");
    REFUSED(gt_mul(gt_name(gt_tanh(b.W), "candidate"), b.x), GT_ERROR_SHAPE, "mul", "'candidate' (5, 8)");
}

Test(record_errors, matrix_products)
{
    REFUSED(gt_matmul(b.W, b.x), GT_ERROR_SHAPE, "matmul", "'Wf' (5, 8)", "'x' (9, 10)", "columns of operand 1 (8)",
            "rows of operand 2 (9)");
    REFUSED(gt_matmul_transposed(b.W, true, b.x, false), GT_ERROR_SHAPE, "matmul", "rows of operand 1 (5)",
            "rows of operand 2 (9)");
    REFUSED(gt_matmul_transposed(b.W, true, b.x, true), GT_ERROR_SHAPE, "matmul", "rows of operand 1 (5)",
            "columns of operand 2 (10)");
    REFUSED(gt_matmul_transposed(b.W, false, b.x, true), GT_ERROR_SHAPE, "matmul", "all axes but the first");
    REFUSED(gt_matmul(b.cube, b.x), GT_ERROR_SHAPE, "matmul", "operand 1", "'cube' (2, 3, 4)");
    REFUSED(gt_matmul_transposed(b.cube, true, b.cube, false), GT_ERROR_SHAPE, "matmul", "operand 1");
    gt_var A = gt_input(b.tape, "A", GT_SHAPE(3, 2));
    REFUSED(gt_matmul_transposed(A, true, b.cube, true), GT_ERROR_SHAPE, "matmul", "operand 2");
    REFUSED(gt_transpose(b.cube), GT_ERROR_SHAPE, "transpose", "'cube' (2, 3, 4)");
}

Test(record_errors, shapes_of_moving_ops)
{
    REFUSED(gt_concat((gt_var[]){b.W, b.x}, 2, 0), GT_ERROR_SHAPE, "concat", "'Wf' (5, 8)", "'x' (9, 10)", "axis 1");
    REFUSED(gt_stack((gt_var[]){b.W, b.x}, 2), GT_ERROR_SHAPE, "concat", "'Wf' (5, 8)", "'x' (9, 10)");
    REFUSED(gt_reshape(b.W, GT_SHAPE(7, 6)), GT_ERROR_SHAPE, "reshape", "'Wf' (5, 8)", "(7, 6)");
    REFUSED(gt_broadcast(b.W, GT_SHAPE(5, 9)), GT_ERROR_SHAPE, "broadcast", "'Wf' (5, 8)", "(5, 9)");
    REFUSED(gt_sum_to(b.W, GT_SHAPE(5, 4)), GT_ERROR_SHAPE, "sum", "'Wf' (5, 8)", "(5, 4)");
    REFUSED(gt_sum_to(b.v, GT_SHAPE(5, 4)), GT_ERROR_SHAPE, "sum", "'a0' (5)", "(5, 4)");
    REFUSED(gt_cross_entropy(b.W, b.index), GT_ERROR_SHAPE, "cross_entropy", "'Wf' (5, 8)", "'labels' (10)");
    REFUSED(gt_gather(b.cube, b.index), GT_ERROR_SHAPE, "gather", "'cube' (2, 3, 4)");
    REFUSED(gt_scatter_add(b.W, b.index, 4), GT_ERROR_SHAPE, "scatter_add", "'Wf' (5, 8)", "'labels' (10)");
    REFUSED(gt_dropout_mask(b.index, GT_SHAPE(2), 0.5, 0), GT_ERROR_SHAPE, "dropout_mask", "'labels' (10)");
}

Test(record_errors, empty_lists)
{
    cr_expect(!gt_var_valid(gt_concat(NULL, 0, 0)));
    cr_expect(!gt_var_valid(gt_concat(&b.W, 0, 0)));
    cr_expect(!gt_var_valid(gt_concat(NULL, 3, 0)));
    cr_expect(!gt_var_valid(gt_stack(NULL, 0)));
    cr_expect(!gt_var_valid(gt_stack(NULL, 2)));
    /* Such a var has no tape; where it is used, the tape hears of it. */
    REFUSED(gt_add(b.W, gt_concat(&b.W, 0, 0)), GT_ERROR_TAPE, "add", "operand 2", "invalid");
}

/* ---- slices, parts, axes ------------------------------------------------------------------- */

Test(record_errors, slices)
{
    REFUSED(gt_slice(b.x, 0, -3, 4), GT_ERROR_ARGUMENT, "slice", "-3:4", "'x' (9, 10)");
    REFUSED(gt_slice(b.x, 0, -3, -1), GT_ERROR_ARGUMENT, "slice", "-3:-1", "axis 0");
    REFUSED(gt_slice(b.x, 1, 3, 11), GT_ERROR_ARGUMENT, "slice", "3:11", "<= 10");
    REFUSED(gt_slice(b.x, 1, 4, 4), GT_ERROR_ARGUMENT, "slice", "4:4");
    REFUSED(gt_slice(b.x, 1, 5, 2), GT_ERROR_ARGUMENT, "slice", "5:2");
    REFUSED(gt_slice(b.x, 2, 1, 2), GT_ERROR_ARGUMENT, "slice", "axis 2", "<= 1");
    REFUSED(gt_slice(b.x, 0, INT64_MIN, INT64_MAX), GT_ERROR_ARGUMENT, "slice");
    REFUSED(gt_pad(b.x, 0, -1, 2), GT_ERROR_ARGUMENT, "pad", "-1", "'x' (9, 10)");
    REFUSED(gt_pad(b.x, 0, 0, -2), GT_ERROR_ARGUMENT, "pad", "-2");
}

Test(record_errors, axes)
{
    REFUSED(gt_slice(b.x, 4, 0, 1), GT_ERROR_ARGUMENT, "slice", "axis 4", "0 to 3");
    REFUSED(gt_slice(b.x, -1, 0, 1), GT_ERROR_ARGUMENT, "slice", "axis -1");
    REFUSED(gt_pad(b.x, 4, 0, 1), GT_ERROR_ARGUMENT, "pad", "axis 4");
    REFUSED(gt_concat(&b.x, 1, 4), GT_ERROR_ARGUMENT, "concat", "axis 4");
    REFUSED(gt_concat(&b.x, 1, -1), GT_ERROR_ARGUMENT, "concat", "axis -1");
    REFUSED(gt_sum(b.x, 4), GT_ERROR_ARGUMENT, "sum", "axis", "'x' (9, 10)");
    REFUSED(gt_sum(b.x, -2), GT_ERROR_ARGUMENT, "sum", "GT_ALL_AXES");
    REFUSED(gt_mean(b.x, 40), GT_ERROR_ARGUMENT, "mean", "axis");
}

static gt_var first_of(gt_status status, const gt_var *parts, uint32_t count)
{
    cr_expect_neq(status, GT_OK);
    for (uint32_t i = 0; i < count; i++)
        cr_expect(!gt_var_valid(parts[i]), "part %u is valid", i);
    return parts[0];
}

#define SPLIT(x, axis, count, ...) first_of(gt_split(x, axis, (int64_t[]){__VA_ARGS__}, count, parts), parts, count)

Test(record_errors, splits)
{
    gt_var parts[4] = {b.x, b.x, b.x, b.x};
    REFUSED(SPLIT(b.x, 0, 2, 4, 4), GT_ERROR_SHAPE, "split", "add up to 8", "axis 0", "'x' (9, 10)");
    REFUSED(SPLIT(b.x, 0, 3, 4, 4, 4), GT_ERROR_SHAPE, "split", "size 4 of part 2", "'x' (9, 10)");
    REFUSED(SPLIT(b.x, 0, 3, 10, -5, 4), GT_ERROR_SHAPE, "split", "size 10 of part 0");
    REFUSED(SPLIT(b.x, 0, 3, 4, 0, 5), GT_ERROR_SHAPE, "split", "size 0 of part 1");
    REFUSED(SPLIT(b.x, 0, 3, 4, -1, 6), GT_ERROR_SHAPE, "split", "size -1 of part 1");
    REFUSED(SPLIT(b.x, 0, 2, 1, INT64_MAX), GT_ERROR_SHAPE, "split", "part 1");
    REFUSED(SPLIT(b.x, 4, 1, 9), GT_ERROR_ARGUMENT, "split", "axis 4");
    REFUSED(first_of(gt_split(b.x, 0, NULL, 2, parts), parts, 2), GT_ERROR_ARGUMENT, "split", "no sizes");
    gt_split(b.x, 0, (int64_t[]){9}, 0, parts);
    REFUSED(GT_NONE, GT_ERROR_ARGUMENT, "split", "at least one part");
    gt_split(b.x, 0, (int64_t[]){4, 5}, 2, NULL);
    REFUSED(GT_NONE, GT_ERROR_ARGUMENT, "split");
    REFUSED(first_of(gt_unstack(b.x, parts, 3), parts, 3), GT_ERROR_SHAPE, "split", "3 parts", "'x' (9, 10)");
    REFUSED(first_of(gt_unstack(gt_constant(b.tape, 1), parts, 1), parts, 1), GT_ERROR_ARGUMENT, "split", "axis");
}

/* Parts recorded by hand: what gt_split does not let happen. */
static gt_var part(gt_var tuple, int64_t start, int64_t size, int64_t axis, int64_t drop)
{
    return gt_apply(gt_op_find("part"), &tuple, 1, (int64_t[]){0, start, size, axis, drop}, 5);
}

static gt_var cut(int64_t axis, int64_t drop)
{
    return gt_apply(gt_op_find("split"), &b.x, 1, (int64_t[]){axis, drop}, 2);
}

Test(record_errors, parts)
{
    REFUSED(part(cut(0, 0), 8, 2, 0, 0), GT_ERROR_ARGUMENT, "part", "start 8", "size 2", "0 to 9");
    REFUSED(part(cut(0, 0), 0, 10, 0, 0), GT_ERROR_ARGUMENT, "part", "size 10");
    REFUSED(part(cut(0, 0), 0, 0, 0, 0), GT_ERROR_ARGUMENT, "part", "size 0");
    REFUSED(part(cut(0, 0), -1, 2, 0, 0), GT_ERROR_ARGUMENT, "part", "start -1");
    REFUSED(part(cut(0, 0), INT64_MAX, INT64_MAX, 0, 0), GT_ERROR_ARGUMENT, "part");
    REFUSED(part(cut(0, 0), 0, 1, 1, 0), GT_ERROR_ARGUMENT, "part", "same axis");
    REFUSED(part(cut(1, 1), 0, 2, 1, 1), GT_ERROR_ARGUMENT, "part", "size 2", "dropped");
    REFUSED(part(cut(1, 1), 0, 1, 1, 0), GT_ERROR_ARGUMENT, "part");
    REFUSED(part(b.x, 0, 1, 0, 0), GT_ERROR_ARGUMENT, "part", "split");
    REFUSED(cut(0, 1), GT_ERROR_ARGUMENT, "split", "last axis");
    REFUSED(gt_tanh(cut(0, 0)), GT_ERROR_ARGUMENT, "tanh", "split");

    gt_var tuple = cut(0, 0), second = part(tuple, 4, 5, 0, 0), first = part(tuple, 0, 4, 0, 0), gradient;
    gt_var both = gt_concat((gt_var[]){second, first}, 2, 0);
    gt_grad(&both, NULL, 1, &b.x, 1, &gradient);
    REFUSED(gradient, GT_ERROR_ARGUMENT, "split", "out of order");
}

/* ---- types --------------------------------------------------------------------------------- */

Test(record_errors, types)
{
    REFUSED(gt_input_of(b.tape, "x", GT_F32, GT_SHAPE(2)), GT_ERROR_TYPE, "'x'", "f32", "f64");
    REFUSED(gt_tanh(b.index), GT_ERROR_TYPE, "tanh", "'labels' (10)", "i32", "f64");
    REFUSED(gt_add(b.v, b.index), GT_ERROR_TYPE, "add", "operand 2", "i32");
    REFUSED(gt_pow(b.index, 2), GT_ERROR_TYPE, "pow", "i32");
    REFUSED(gt_softmax(b.index), GT_ERROR_TYPE, "softmax", "i32");
    REFUSED(gt_cumsum(b.index, 0, false), GT_ERROR_TYPE, "cumsum", "i32");
    REFUSED(gt_log_softmax(b.index), GT_ERROR_TYPE, "log_softmax", "i32");
    REFUSED(gt_sum(b.index, 0), GT_ERROR_TYPE, "sum", "i32");
    REFUSED(gt_mean(b.index, 0), GT_ERROR_TYPE, "mean", "i32");
    REFUSED(gt_matmul(b.W, b.index), GT_ERROR_TYPE, "matmul", "operand 2", "i32");
    REFUSED(gt_cross_entropy(b.x, b.v), GT_ERROR_TYPE, "cross_entropy", "operand 2", "must be i32");
    REFUSED(gt_gather(b.x, b.v), GT_ERROR_TYPE, "gather", "operand 2", "must be i32");
    REFUSED(gt_gather(b.index, b.index), GT_ERROR_TYPE, "gather", "operand 1");
    REFUSED(gt_scatter_add(b.x, b.v, 3), GT_ERROR_TYPE, "scatter_add", "operand 2");
    REFUSED(gt_one_hot(b.v, 3), GT_ERROR_TYPE, "one_hot", "must be i32");
    REFUSED(gt_dropout(b.v, b.v, 0.5, 0), GT_ERROR_TYPE, "dropout_mask", "must be i32");
    REFUSED(gt_concat((gt_var[]){b.v, b.index}, 2, 0), GT_ERROR_TYPE, "concat", "i32", "f64", "'labels' (10)");
    gt_var gradient;
    gt_grad(&b.v, NULL, 1, &b.index, 1, &gradient);
    REFUSED(gradient, GT_ERROR_TYPE, "gt_grad", "'labels' (10)", "i32");
}

Test(record_errors, rates)
{
    static const double rates[] = {1, -0.1, 1.5, NAN, INFINITY};
    for (int i = 0; i < 5; i++) {
        gt_var key = gt_input_i32(b.tape, "key", GT_SHAPE(1));
        REFUSED(gt_dropout(b.x, key, rates[i], 0), GT_ERROR_ARGUMENT, "dropout_mask", "rate", "'key' (1)");
    }
}

/* ---- tapes --------------------------------------------------------------------------------- */

Test(record_errors, another_tape)
{
    gt_tape *other = gt_tape_new(NULL);
    gt_var y = gt_input(other, "y", GT_SHAPE(9, 10));
    gt_var sum = gt_add(b.x, y);
    cr_expect(!gt_var_valid(sum));
    cr_expect_eq(gt_tape_status(other), GT_ERROR_TAPE);
    cr_expect(strstr(gt_tape_message(other), "'y' (9, 10)") != NULL, "%s", gt_tape_message(other));
    gt_tape_free(other);
    REFUSED(sum, GT_ERROR_TAPE, "add", "'y' (9, 10)", "another tape");

    other = gt_tape_new(NULL);
    y = gt_input(other, "y", GT_SHAPE(9, 10));
    gt_var gradient;
    cr_expect_eq(gt_grad(&b.x, NULL, 1, &y, 1, &gradient), GT_ERROR_TAPE);
    gt_tape_free(other);
    REFUSED(gradient, GT_ERROR_TAPE, "'y' (9, 10)", "another tape");
}

Test(record_errors, the_first_error_stays)
{
    gt_var wrong = gt_matmul(b.W, b.x), parts[2];
    gt_var after = gt_sigmoid(gt_add(gt_mul(wrong, b.v), gt_constant(b.tape, 1)));
    cr_expect(!gt_var_valid(after));
    cr_expect(!gt_var_valid(gt_tanh(b.v)), "nothing is recorded after an error");
    cr_expect_eq(gt_split(wrong, 0, (int64_t[]){1, 2}, 2, parts), GT_ERROR_SHAPE);
    cr_expect_eq(gt_grad(&after, NULL, 1, &b.W, 1, parts), GT_ERROR_SHAPE);
    cr_expect(!gt_var_valid(parts[0]));
    REFUSED(gt_cross_entropy(after, b.index), GT_ERROR_SHAPE, "matmul", "'Wf' (5, 8)");
}

/* Every function on nothing: an invalid var, and no crash. */
static void expect_nothing(gt_var v)
{
    cr_expect(!gt_var_valid(v));
}

Test(record_errors, invalid_vars_without_a_tape)
{
    gt_var (*const unary[])(gt_var) = {gt_neg,           gt_tanh,    gt_sigmoid,     gt_relu,     gt_softplus, gt_exp,
                                       gt_log,           gt_sqrt,    gt_abs,         gt_sign,     gt_sin,      gt_cos,
                                       gt_stop_gradient, gt_softmax, gt_log_softmax, gt_transpose};
    gt_var (*const binary[])(gt_var, gt_var) = {
        gt_add,     gt_sub,           gt_mul,   gt_div,       gt_maximum, gt_minimum,       gt_less,  gt_less_equal,
        gt_greater, gt_greater_equal, gt_equal, gt_not_equal, gt_matmul,  gt_cross_entropy, gt_gather};
    for (size_t i = 0; i < sizeof unary / sizeof unary[0]; i++)
        expect_nothing(unary[i](GT_NONE));
    for (size_t i = 0; i < sizeof binary / sizeof binary[0]; i++) {
        expect_nothing(binary[i](GT_NONE, GT_NONE));
        REFUSED(binary[i](b.x, GT_NONE), GT_ERROR_TAPE, "operand 2", "invalid");
        REFUSED(binary[i](GT_NONE, b.x), GT_ERROR_TAPE, "operand 1", "invalid");
    }
    gt_var parts[2];
    expect_nothing(gt_pow(GT_NONE, 2));
    expect_nothing(gt_where(GT_NONE, GT_NONE, GT_NONE));
    expect_nothing(gt_cross_entropy_weighted(GT_NONE, GT_NONE, GT_NONE));
    expect_nothing(gt_concat((gt_var[]){GT_NONE, GT_NONE}, 2, 0));
    expect_nothing(gt_stack((gt_var[]){GT_NONE}, 1));
    cr_expect_neq(gt_split(GT_NONE, 0, (int64_t[]){1}, 1, parts), GT_OK);
    cr_expect_neq(gt_split(GT_NONE, 0, NULL, 0, NULL), GT_OK);
    cr_expect_neq(gt_unstack(GT_NONE, parts, 2), GT_OK);
    expect_nothing(gt_slice(GT_NONE, 0, 0, 1));
    expect_nothing(gt_pad(GT_NONE, 0, 0, 1));
    expect_nothing(gt_reshape(GT_NONE, GT_SHAPE(1)));
    expect_nothing(gt_broadcast(GT_NONE, GT_SHAPE(1)));
    expect_nothing(gt_sum(GT_NONE, 0));
    expect_nothing(gt_mean(GT_NONE, 0));
    expect_nothing(gt_sum_to(GT_NONE, GT_SHAPE(1)));
    expect_nothing(gt_scatter_add(GT_NONE, GT_NONE, 1));
    expect_nothing(gt_one_hot(GT_NONE, 1));
    expect_nothing(gt_dropout_mask(GT_NONE, GT_SHAPE(1), 0.5, 0));
    expect_nothing(gt_dropout(GT_NONE, GT_NONE, 0.5, 0));
    gt_var key = gt_input_i32(b.tape, "key", GT_SHAPE(1));
    REFUSED(gt_dropout(GT_NONE, key, 0.5, 0), GT_ERROR_TAPE, "operand 1", "invalid");
}

Test(record_errors, no_tape)
{
    expect_nothing(gt_input(NULL, "x", GT_SHAPE(1)));
    expect_nothing(gt_parameter(NULL, "W", GT_SHAPE(1)));
    expect_nothing(gt_state(NULL, NULL, GT_SHAPE(1)));
    expect_nothing(gt_constant(NULL, 1));
    expect_nothing(gt_fill(NULL, GT_SHAPE(1), 1));
    expect_nothing(gt_name(GT_NONE, "nothing"));
    cr_expect_eq(gt_tape_status(NULL), GT_ERROR_MEMORY);
    cr_expect_eq(gt_var_shape(GT_NONE).rank, -1);
    cr_expect_null(gt_var_op(GT_NONE));
    gt_tape_free(NULL);
}

/* ---- going on ------------------------------------------------------------------------------ */

Test(record_errors, a_tape_that_recovers_is_as_it_was)
{
    uint32_t nodes = gt_tape_node_count(b.tape);
    cr_expect(!gt_var_valid(gt_matmul(b.W, b.x)));
    gt_tape_recover(b.tape);
    cr_expect_eq(gt_tape_status(b.tape), GT_OK);
    cr_expect_str_eq(gt_tape_message(b.tape), "");
    cr_expect_eq(gt_tape_node_count(b.tape), nodes);
    gt_var y = gt_matmul(b.W, gt_slice(b.x, 0, 0, 8)), dW;
    cr_expect(gt_var_valid(y));
    cr_expect_eq(gt_grad(&y, NULL, 1, &b.W, 1, &dW), GT_OK, "%s", gt_tape_message(b.tape));
    gt_tape_recover(NULL);
}

Test(record_errors, a_scan_recovers_with_its_tape)
{
    gt_scan *scan = gt_scan_begin(b.tape, 4, GT_FORWARD);
    gt_var v = gt_scan_carry(scan, "v", b.v), c = gt_scan_input(scan, "c", b.cube);
    cr_expect(!gt_var_valid(gt_matmul(c, v)));
    gt_tape_recover(gt_scan_body(scan));
    cr_expect_eq(gt_tape_status(b.tape), GT_OK);
    gt_scan_next(scan, v, gt_tanh(v));
    cr_expect_eq(gt_scan_end(scan), GT_OK, "%s", gt_tape_message(b.tape));
    cr_expect(gt_var_valid(gt_scan_final(scan, v)));
}
