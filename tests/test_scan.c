/* Scans: values, gradients rolled against unrolled, nesting, second order, errors. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 3, M = 2, T = 5 };

/* A recurrence in which the state is used several times, so that the order of sums matters. */
static gt_var cell(gt_var W, gt_var U, gt_var b, gt_var a, gt_var x)
{
    gt_var r = gt_sigmoid(gt_add(gt_matmul(W, a), x));
    gt_var g = gt_tanh(gt_add(gt_add(gt_matmul(U, gt_mul(r, a)), gt_matmul(W, x)), b));
    return gt_add(gt_mul(r, a), gt_mul(gt_sub(gt_constant(a.tape, 1.0), r), g));
}

typedef struct problem {
    gt_tape *tape;
    gt_var W, U, b, a0, x;
    gt_var states, final, loss;
    double W_data[N * N], U_data[N * N], b_data[N], a0_data[N * M], x_data[N * M * T];
} problem;

static void fill(double *data, int count, double seed)
{
    for (int i = 0; i < count; i++)
        data[i] = sin(seed + 1.7 * i) * 0.8;
}

static void begin(problem *p, gt_dtype dtype)
{
    p->tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    p->W = gt_parameter(p->tape, "W", GT_SHAPE(N, N));
    p->U = gt_parameter(p->tape, "U", GT_SHAPE(N, N));
    p->b = gt_parameter(p->tape, "b", GT_SHAPE(N, 1));
    p->a0 = gt_state(p->tape, "a0", GT_SHAPE(N, M));
    p->x = gt_input(p->tape, "x", GT_SHAPE(N, M, T));
    fill(p->W_data, N * N, 0.3);
    fill(p->U_data, N * N, 1.1);
    fill(p->b_data, N, 2.0);
    fill(p->a0_data, N * M, 0.7);
    fill(p->x_data, N * M * T, 5.0);
}

static void record(problem *p, bool unrolled, gt_direction direction)
{
    begin(p, GT_F64);
    if (unrolled) {
        gt_var x[T], a[T], before = p->a0;
        cr_assert_eq(gt_unstack(p->x, x, T), GT_OK);
        for (int i = 0; i < T; i++) {
            int t = direction == GT_FORWARD ? i : T - 1 - i;
            before = a[t] = cell(p->W, p->U, p->b, before, x[t]);
        }
        p->states = gt_stack(a, T);
        p->final = before;
    } else {
        gt_scan *s = gt_scan_begin(p->tape, T, direction);
        gt_var a = gt_scan_carry(s, "a", p->a0);
        gt_var x = gt_scan_input(s, "x", p->x);
        gt_var next = cell(p->W, p->U, p->b, a, x);
        gt_scan_next(s, a, next);
        cr_assert_eq(gt_scan_end(s), GT_OK, "%s", gt_tape_message(p->tape));
        p->states = gt_scan_stack(s, next);
        p->final = gt_scan_final(s, a);
    }
    p->loss = gt_sum(gt_mul(p->states, gt_sin(p->states)), GT_ALL_AXES);
    cr_assert_eq(gt_tape_status(p->tape), GT_OK, "%s", gt_tape_message(p->tape));
}

static gt_interpreter *interpreter(problem *p)
{
    gt_interpreter *run = gt_interpreter_new(p->tape);
    gt_interpreter_bind(run, p->W, p->W_data);
    gt_interpreter_bind(run, p->U, p->U_data);
    gt_interpreter_bind(run, p->b, p->b_data);
    gt_interpreter_bind(run, p->a0, p->a0_data);
    cr_assert_eq(gt_interpreter_bind(run, p->x, p->x_data), GT_OK, "%s", gt_interpreter_message(run));
    return run;
}

static void evaluate(gt_interpreter *run, const gt_var *vars, uint32_t count)
{
    cr_assert_eq(gt_interpreter_evaluate(run, vars, count), GT_OK, "%s", gt_interpreter_message(run));
}

static void same_bits(gt_interpreter *a, gt_var va, gt_interpreter *b, gt_var vb, const char *what)
{
    cr_assert(gt_shape_equal(gt_var_shape(va), gt_var_shape(vb)), "%s: shapes differ", what);
    size_t bytes = (size_t)gt_shape_count(gt_var_shape(va)) * sizeof(double);
    cr_assert(memcmp(gt_interpreter_value(a, va), gt_interpreter_value(b, vb), bytes) == 0, "%s differs", what);
}

static void compare_rolled_and_unrolled(gt_direction direction)
{
    problem rolled, unrolled;
    record(&rolled, false, direction);
    record(&unrolled, true, direction);
    gt_var out[2][8];
    problem *p[2] = {&rolled, &unrolled};
    gt_interpreter *run[2];
    for (int k = 0; k < 2; k++) {
        gt_var wrt[5] = {p[k]->W, p[k]->U, p[k]->b, p[k]->a0, p[k]->x};
        cr_assert_eq(gt_grad(&p[k]->loss, NULL, 1, wrt, 5, out[k]), GT_OK, "%s", gt_tape_message(p[k]->tape));
        out[k][5] = p[k]->states;
        out[k][6] = p[k]->final;
        out[k][7] = p[k]->loss;
        run[k] = interpreter(p[k]);
        evaluate(run[k], out[k], 8);
    }
    static const char *const names[8] = {"dW", "dU", "db", "da0", "dx", "states", "final", "loss"};
    for (int i = 0; i < 8; i++)
        same_bits(run[0], out[0][i], run[1], out[1][i], names[i]);
    for (int k = 0; k < 2; k++) {
        gt_interpreter_free(run[k]);
        gt_tape_free(p[k]->tape);
    }
}

Test(scan, rolled_equals_unrolled_bit_for_bit)
{
    compare_rolled_and_unrolled(GT_FORWARD);
}

Test(scan, rolled_equals_unrolled_backward_in_time)
{
    compare_rolled_and_unrolled(GT_BACKWARD);
}

/* The derivative of a scalar by one entry, from two evaluations. */
static double central_difference(gt_interpreter *run, gt_var loss, double *entry)
{
    const double h = 1e-5, kept = *entry;
    double at[2];
    for (int side = 0; side < 2; side++) {
        *entry = side == 0 ? kept + h : kept - h;
        evaluate(run, &loss, 1);
        at[side] = *(const double *)gt_interpreter_value(run, loss);
    }
    *entry = kept;
    return (at[0] - at[1]) / (2 * h);
}

static void check_against_numbers(gt_interpreter *run, gt_var loss, gt_var gradient, double *data, const char *what)
{
    double analytic[N * M * T];
    int64_t count = gt_shape_count(gt_var_shape(gradient));
    evaluate(run, &gradient, 1);
    memcpy(analytic, gt_interpreter_value(run, gradient), (size_t)count * sizeof *analytic);
    for (int64_t i = 0; i < count; i++) {
        double numeric = central_difference(run, loss, &data[i]);
        cr_assert(fabs(analytic[i] - numeric) <= 1e-7 * (1 + fabs(numeric)), "%s[%d]: %.12g, numeric %.12g", what,
                  (int)i, analytic[i], numeric);
    }
}

Test(scan, gradient_of_states_and_final_agrees_with_numbers)
{
    problem p;
    record(&p, false, GT_FORWARD);
    gt_var both = gt_add(p.loss, gt_sum(gt_exp(p.final), GT_ALL_AXES));
    gt_var wrt[5] = {p.W, p.U, p.b, p.a0, p.x}, d[5];
    cr_assert_eq(gt_grad(&both, NULL, 1, wrt, 5, d), GT_OK, "%s", gt_tape_message(p.tape));
    gt_interpreter *run = interpreter(&p);
    check_against_numbers(run, both, d[0], p.W_data, "dW");
    check_against_numbers(run, both, d[1], p.U_data, "dU");
    check_against_numbers(run, both, d[2], p.b_data, "db");
    check_against_numbers(run, both, d[3], p.a0_data, "da0");
    check_against_numbers(run, both, d[4], p.x_data, "dx");
    gt_interpreter_free(run);
    gt_tape_free(p.tape);
}

/* A Hessian-vector product: the gradient of the gradient's projection. */
Test(scan, differentiates_twice)
{
    problem p;
    record(&p, false, GT_FORWARD);
    gt_var wrt[3] = {p.W, p.a0, p.x}, first[3], second[3];
    cr_assert_eq(gt_grad(&p.loss, NULL, 1, wrt, 3, first), GT_OK);
    gt_var projection = gt_sum(gt_mul(first[0], gt_cos(first[0])), GT_ALL_AXES);
    projection = gt_add(projection, gt_sum(gt_mul(first[1], first[1]), GT_ALL_AXES));
    projection = gt_add(projection, gt_sum(gt_tanh(first[2]), GT_ALL_AXES));
    cr_assert_eq(gt_grad(&projection, NULL, 1, wrt, 3, second), GT_OK, "%s", gt_tape_message(p.tape));
    gt_interpreter *run = interpreter(&p);
    check_against_numbers(run, projection, second[0], p.W_data, "dW");
    check_against_numbers(run, projection, second[1], p.a0_data, "da0");
    check_against_numbers(run, projection, second[2], p.x_data, "dx");
    gt_interpreter_free(run);
    gt_tape_free(p.tape);
}

Test(scan, forward_derivative_agrees_with_reverse)
{
    problem p;
    record(&p, false, GT_FORWARD);
    double tangent_data[N * N];
    fill(tangent_data, N * N, 9.0);
    gt_var tangent = gt_input(p.tape, "tangent", GT_SHAPE(N, N)), directional, dW;
    cr_assert_eq(gt_jvp(&p.loss, 1, &p.W, &tangent, 1, &directional), GT_OK, "%s", gt_tape_message(p.tape));
    cr_assert_eq(gt_grad(&p.loss, NULL, 1, &p.W, 1, &dW), GT_OK);
    gt_var both[2] = {directional, gt_sum(gt_mul(dW, tangent), GT_ALL_AXES)};
    gt_interpreter *run = interpreter(&p);
    gt_interpreter_bind(run, tangent, tangent_data);
    evaluate(run, both, 2);
    double forward = *(const double *)gt_interpreter_value(run, both[0]);
    double reverse = *(const double *)gt_interpreter_value(run, both[1]);
    cr_assert(fabs(forward - reverse) <= 1e-12 * fabs(reverse), "%.17g and %.17g", forward, reverse);
    cr_assert(fabs(reverse) > 1e-3);
    gt_interpreter_free(run);
    gt_tape_free(p.tape);
}

/* The cost of recording and differentiating does not depend on the number of steps. */
Test(scan, nodes_do_not_grow_with_steps)
{
    uint32_t counts[2];
    size_t bytes[2];
    int64_t steps[2] = {7, 1000000};
    for (int k = 0; k < 2; k++) {
        gt_tape *t = gt_tape_new(NULL);
        gt_var W = gt_parameter(t, "W", GT_SHAPE(N, N)), U = gt_parameter(t, "U", GT_SHAPE(N, N));
        gt_var b = gt_parameter(t, "b", GT_SHAPE(N, 1)), a0 = gt_state(t, "a0", GT_SHAPE(N, M));
        gt_var xs = gt_input(t, "x", GT_SHAPE(N, M, steps[k]));
        gt_scan *s = gt_scan_begin(t, steps[k], GT_FORWARD);
        gt_var a = gt_scan_carry(s, "a", a0);
        gt_var next = cell(W, U, b, a, gt_scan_input(s, "x", xs));
        gt_scan_next(s, a, next);
        gt_scan_end(s);
        gt_var loss = gt_sum(gt_scan_stack(s, next), GT_ALL_AXES), d[2], wrt[2] = {W, xs};
        cr_assert_eq(gt_grad(&loss, NULL, 1, wrt, 2, d), GT_OK, "%s", gt_tape_message(t));
        counts[k] = gt_tape_node_count(t);
        bytes[k] = gt_tape_total_bytes(t);
        gt_tape_free(t);
    }
    cr_assert_eq(counts[0], counts[1]);
    cr_assert_eq(bytes[0], bytes[1]);
}

/* An inner scan over features inside an outer scan over time, against nested loops. */
Test(scan, scans_nest_and_nested_scans_have_gradients)
{
    enum { OUTER = 3, INNER = 4 };
    double w_data = 0.7, x_data[INNER * OUTER], loss_value, dw_value, dx_value[INNER * OUTER];
    fill(x_data, INNER * OUTER, 0.2);
    gt_tape *t = gt_tape_new(NULL);
    gt_var w = gt_parameter(t, "w", GT_SHAPE(1));
    gt_var xs = gt_input(t, "x", GT_SHAPE(1, INNER, OUTER));
    gt_var zero = gt_fill(t, GT_SHAPE(1), 0.1);

    gt_scan *outer = gt_scan_begin(t, OUTER, GT_FORWARD);
    gt_var a = gt_scan_carry(outer, "a", zero);
    gt_var x = gt_scan_input(outer, "x", xs);
    gt_scan *inner = gt_scan_begin(gt_scan_body(outer), INNER, GT_BACKWARD);
    gt_var c = gt_scan_carry(inner, "c", a);
    gt_var y = gt_scan_input(inner, "y", x);
    gt_scan_next(inner, c, gt_tanh(gt_add(gt_mul(w, c), gt_mul(y, a)))); /* w and a from outside */
    cr_assert_eq(gt_scan_end(inner), GT_OK, "%s", gt_tape_message(t));
    gt_scan_next(outer, a, gt_sin(gt_scan_final(inner, c)));
    cr_assert_eq(gt_scan_end(outer), GT_OK, "%s", gt_tape_message(t));
    gt_var loss = gt_sum(gt_exp(gt_scan_final(outer, a)), GT_ALL_AXES);

    gt_var wrt[2] = {w, xs}, d[2], dd;
    cr_assert_eq(gt_grad(&loss, NULL, 1, wrt, 2, d), GT_OK, "%s", gt_tape_message(t));
    gt_var size = gt_sum(gt_mul(d[1], d[1]), GT_ALL_AXES);
    cr_assert_eq(gt_grad(&size, NULL, 1, &w, 1, &dd), GT_OK, "%s", gt_tape_message(t));

    gt_interpreter *run = gt_interpreter_new(t);
    gt_interpreter_bind(run, w, &w_data);
    gt_interpreter_bind(run, xs, x_data);
    gt_var outputs[4] = {loss, d[0], d[1], dd};
    evaluate(run, outputs, 4);
    loss_value = *(const double *)gt_interpreter_value(run, loss);
    dw_value = *(const double *)gt_interpreter_value(run, d[0]);
    memcpy(dx_value, gt_interpreter_value(run, d[1]), sizeof dx_value);
    double dd_value = *(const double *)gt_interpreter_value(run, dd);

    double plain = 0.1;
    for (int i = 0; i < OUTER; i++) {
        double kept = plain, value = plain;
        for (int j = INNER - 1; j >= 0; j--)
            value = tanh(w_data * value + x_data[i * INNER + j] * kept);
        plain = sin(value);
    }
    cr_assert(fabs(loss_value - exp(plain)) < 1e-14);
    double numeric = central_difference(run, loss, &w_data);
    cr_assert(fabs(dw_value - numeric) <= 1e-8 * (1 + fabs(numeric)), "%g %g", dw_value, numeric);
    for (int i = 0; i < INNER * OUTER; i++) {
        numeric = central_difference(run, loss, &x_data[i]);
        cr_assert(fabs(dx_value[i] - numeric) <= 1e-8 * (1 + fabs(numeric)), "%d: %g %g", i, dx_value[i], numeric);
    }
    numeric = central_difference(run, size, &w_data);
    cr_assert(fabs(dd_value - numeric) <= 1e-7 * (1 + fabs(numeric)), "%g %g", dd_value, numeric);
    gt_interpreter_free(run);
    gt_tape_free(t);
}

/* States that swap, a state that becomes an invariant, and one that nobody reads. */
Test(scan, unusual_states)
{
    double u0 = 2, v0 = 3, w0 = 5;
    gt_tape *t = gt_tape_new(NULL);
    gt_var u_initial = gt_state(t, "u0", GT_SHAPE(1)), v_initial = gt_state(t, "v0", GT_SHAPE(1));
    gt_var w = gt_parameter(t, "w", GT_SHAPE(1));
    gt_scan *s = gt_scan_begin(t, 3, GT_FORWARD);
    gt_var u = gt_scan_carry(s, "u", u_initial), v = gt_scan_carry(s, "v", v_initial);
    gt_var k = gt_scan_carry(s, "k", w), unread = gt_scan_carry(s, "unread", w);
    gt_scan_next(s, u, v);
    gt_scan_next(s, v, u);
    gt_scan_next(s, k, w);
    gt_scan_next(s, unread, gt_mul(unread, unread));
    cr_assert_eq(gt_scan_end(s), GT_OK, "%s", gt_tape_message(t));
    gt_var stack = gt_scan_stack(s, u); /* u before each step: 2, 3, 2 */
    gt_var weights = gt_input(t, "weights", GT_SHAPE(1, 3));
    gt_var loss = gt_add(gt_sum(gt_mul(stack, weights), GT_ALL_AXES),
                         gt_mul(gt_constant(t, 10), gt_mul(gt_scan_final(s, v), gt_scan_final(s, k))));
    gt_var wrt[3] = {u_initial, v_initial, w}, d[3];
    cr_assert_eq(gt_grad(&loss, NULL, 1, wrt, 3, d), GT_OK, "%s", gt_tape_message(t));
    gt_interpreter *run = gt_interpreter_new(t);
    double weights_data[3] = {1, 100, 1000};
    gt_interpreter_bind(run, u_initial, &u0);
    gt_interpreter_bind(run, v_initial, &v0);
    gt_interpreter_bind(run, w, &w0);
    gt_interpreter_bind(run, weights, weights_data);
    gt_var outputs[4] = {loss, d[0], d[1], d[2]};
    evaluate(run, outputs, 4);
    /* After three swaps v holds u0: loss = u + 100 v + 1000 u + 10 u w */
    cr_assert_eq(*(const double *)gt_interpreter_value(run, loss), 2 + 300 + 2000 + 100);
    cr_assert_eq(*(const double *)gt_interpreter_value(run, d[0]), 1 + 1000 + 50);
    cr_assert_eq(*(const double *)gt_interpreter_value(run, d[1]), 100);
    cr_assert_eq(*(const double *)gt_interpreter_value(run, d[2]), 20);
    gt_interpreter_free(run);
    gt_tape_free(t);
}

/* Every backward node in a reverse scan refers to a node of the forward body. */
Test(scan, backward_nodes_know_their_origin)
{
    problem p;
    record(&p, false, GT_FORWARD);
    gt_var forward_scan = GT_NONE;
    for (uint32_t i = 0; i < gt_tape_node_count(p.tape); i++)
        if (gt_var_op(gt_tape_var(p.tape, i))->op_class == GT_CLASS_SCAN)
            forward_scan = gt_tape_var(p.tape, i);
    uint32_t before = gt_tape_node_count(p.tape);
    gt_var dW;
    gt_grad(&p.loss, NULL, 1, &p.W, 1, &dW);
    int bodies = 0;
    for (uint32_t i = before; i < gt_tape_node_count(p.tape); i++) {
        gt_var v = gt_tape_var(p.tape, i);
        if (gt_var_op(v)->op_class != GT_CLASS_SCAN)
            continue;
        bodies++;
        gt_tape *body = gt_scan_body(gt_var_scan(v));
        int with_origin = 0;
        for (uint32_t j = 0; j < gt_tape_node_count(body); j++) {
            gt_var origin = gt_var_origin(gt_tape_var(body, j), NULL);
            if (origin.tape == NULL)
                continue;
            with_origin++;
            cr_assert_eq(origin.tape, gt_scan_body(gt_var_scan(forward_scan)));
        }
        cr_assert_gt(with_origin, 10);
    }
    cr_assert_eq(bodies, 1);
    gt_tape_free(p.tape);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void expect_error(gt_tape *t, gt_status status, const char *words)
{
    cr_assert_eq(gt_tape_status(t), status, "%s: %s", gt_status_name(gt_tape_status(t)), gt_tape_message(t));
    cr_assert(strstr(gt_tape_message(t), words) != NULL, "'%s' is not in: %s", words, gt_tape_message(t));
    gt_tape_free(t);
}

Test(scan_errors, no_steps)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 0, GT_FORWARD);
    cr_assert_neq(gt_scan_end(s), GT_OK);
    expect_error(t, GT_ERROR_ARGUMENT, "0 steps");
}

Test(scan_errors, sequence_of_another_length)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 4, GT_FORWARD);
    gt_var x = gt_scan_input(s, "x", gt_input(t, "x", GT_SHAPE(3, 2, 5)));
    cr_assert(!gt_var_valid(x));
    cr_assert(!gt_var_valid(gt_tanh(x)));
    expect_error(t, GT_ERROR_SHAPE, "(3, 2, 5)");
}

Test(scan_errors, state_without_next_value)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 4, GT_FORWARD);
    gt_scan_carry(s, "hidden", gt_state(t, "h0", GT_SHAPE(3)));
    gt_scan_end(s);
    expect_error(t, GT_ERROR_ARGUMENT, "'hidden'");
}

Test(scan_errors, state_that_changes_shape)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 4, GT_FORWARD);
    gt_var h = gt_scan_carry(s, "h", gt_state(t, "h0", GT_SHAPE(3, 1)));
    gt_scan_next(s, h, gt_add(h, gt_input(t, "x", GT_SHAPE(3, 2))));
    gt_scan_end(s);
    expect_error(t, GT_ERROR_SHAPE, "(3, 2)");
}

Test(scan_errors, body_var_used_outside)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 4, GT_FORWARD);
    gt_var h0 = gt_state(t, "h0", GT_SHAPE(3));
    gt_var h = gt_scan_carry(s, "h", h0), next = gt_tanh(h);
    gt_scan_next(s, h, next);
    gt_scan_end(s);
    cr_assert(!gt_var_valid(gt_add(h0, next)));
    expect_error(t, GT_ERROR_TAPE, "gt_scan_stack");
}

Test(scan_errors, input_on_the_body)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_scan *s = gt_scan_begin(t, 4, GT_FORWARD);
    gt_input(gt_scan_body(s), "stray", GT_SHAPE(3));
    gt_scan_end(s);
    expect_error(t, GT_ERROR_ARGUMENT, "'stray'");
}

Test(scan_errors, null_scan)
{
    cr_assert_null(gt_scan_begin(NULL, 3, GT_FORWARD));
    cr_assert(!gt_var_valid(gt_scan_carry(NULL, "a", GT_NONE)));
    cr_assert(!gt_var_valid(gt_scan_stack(NULL, GT_NONE)));
    cr_assert_neq(gt_scan_end(NULL), GT_OK);
}

Test(scan_errors, first_value_that_is_not_finite_is_found_with_its_step)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_var xs = gt_input(t, "x", GT_SHAPE(1, 5));
    gt_scan *s = gt_scan_begin(t, 5, GT_FORWARD);
    gt_var a = gt_scan_carry(s, "a", gt_fill(t, GT_SHAPE(1), 1.0));
    gt_var ratio = gt_name(gt_log(gt_scan_input(s, "x", xs)), "ratio");
    gt_scan_next(s, a, gt_add(a, ratio));
    gt_scan_end(s);
    gt_var end = gt_scan_final(s, a);
    gt_interpreter *run = gt_interpreter_new(t);
    double x[5] = {1, 2, 3, -4, 5};
    gt_interpreter_bind(run, xs, x);
    cr_assert_eq(gt_interpreter_evaluate(run, &end, 1), GT_OK);
    gt_interpreter_check_finite(run, true);
    cr_assert_eq(gt_interpreter_evaluate(run, &end, 1), GT_ERROR_NOT_FINITE);
    cr_assert_eq(gt_interpreter_failed_step(run), 3);
    cr_assert_eq(gt_interpreter_failed_node(run).index, ratio.index);
    cr_assert(strstr(gt_interpreter_message(run), "log 'ratio'") != NULL, "%s", gt_interpreter_message(run));
    cr_assert(strstr(gt_interpreter_message(run), "step 3") != NULL, "%s", gt_interpreter_message(run));
    gt_interpreter_free(run);
    gt_tape_free(t);
}
