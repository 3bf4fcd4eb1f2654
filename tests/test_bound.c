/* The matrix products that a computation cannot do without. */
#include "gradtape.h"
#include "plan/describe/bound.h"

#include <criterion/criterion.h>
#include <math.h>

enum { N_X = 6, N_A = 5, M = 3, T = 4, MOST = 32 };

typedef struct recorded {
    gt_tape *tape;
    gt_var outputs[MOST];
    uint32_t count;
} recorded;

/* A training step: gradients of everything from a cotangent of the hidden state. */
static recorded record(const gt_cell *cell, bool backward)
{
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}};
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var given[MOST], parameters[MOST], states[MOST], initial[MOST];
    uint32_t count = 0;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        parameters[k] = GT_NONE;
        if (cell->parameters[k].output_only)
            continue;
        cr_assert(gt_cell_array_shape(&cell->parameters[k], dimensions, 2, 1, &shape, NULL) == GT_OK);
        parameters[k] = given[count++] = gt_parameter(r.tape, cell->parameters[k].name, shape);
    }
    gt_var x = given[count++] = gt_input(r.tape, "x", GT_SHAPE(N_X, M, T));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = given[count++] = gt_state(r.tape, cell->states[k].name, GT_SHAPE(N_A, M));
    gt_sequence_record(
        &(gt_sequence){.cell = cell, .inputs = &x, .initial = initial, .parameters = parameters, .states = states});
    gt_var cotangent = gt_input(r.tape, "da", GT_SHAPE(N_A, M, T));
    if (backward)
        gt_grad(states, &cotangent, 1, given, count, r.outputs);
    r.count = backward ? count : 0;
    r.outputs[r.count++] = states[0];
    cr_assert(gt_tape_status(r.tape) == GT_OK, "%s", gt_tape_message(r.tape));
    return r;
}

typedef struct expected {
    int64_t times, rows, inner, columns;
} expected;

/* Each expected product is there once, in any order, and nothing else. */
static void expect_products(const recorded *r, const expected *list, uint32_t count)
{
    gt_error error = {0};
    gt_bound *bound = gt_bound_new(r->outputs, r->count, &error);
    cr_assert_not_null(bound, "%s", error.message);
    cr_expect_eq(gt_bound_count(bound), count);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t found = 0;
        for (uint32_t i = 0; i < gt_bound_count(bound); i++) {
            const gt_bound_product *p = gt_bound_at(bound, i);
            found += p->times == list[k].times && p->rows == list[k].rows && p->inner == list[k].inner &&
                     p->columns == list[k].columns && p->dtype == GT_F64;
            cr_expect(p->text[0] != '\0');
        }
        cr_expect_eq(found, 1, "product %u was found %u times", k, found);
    }
    cr_expect_null(gt_bound_at(bound, gt_bound_count(bound)));
    gt_bound_free(bound);
}

/* Input projection, recurrent product, their adjoints, two weight gradients: gates stacked. */
Test(bound, lstm)
{
    recorded r = record(&gt_cell_lstm, true);
    const expected list[] = {{1, 4 * N_A, N_X, M * T}, {T, 4 * N_A, N_A, M},     {T, N_A, 4 * N_A, M},
                             {1, N_X, 4 * N_A, M * T}, {1, 4 * N_A, M * T, N_A}, {1, 4 * N_A, M * T, N_X}};
    expect_products(&r, list, 6);
    gt_tape_free(r.tape);
}

static uint32_t count_recurrent(const gt_bound *bound)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_bound_count(bound); i++)
        count += gt_bound_at(bound, i)->times == T;
    return count;
}

Test(bound, rnn)
{
    recorded r = record(&gt_cell_rnn, true);
    gt_bound *bound = gt_bound_new(r.outputs, r.count, NULL);
    cr_expect_eq(count_recurrent(bound), 2);
    cr_expect_eq(gt_bound_count(bound), 6);
    gt_bound_free(bound);
    gt_tape_free(r.tape);
}

/* r * a waits for r: its product is one of its own, forward and backward. */
Test(bound, gru)
{
    recorded r = record(&gt_cell_gru, true);
    gt_bound *bound = gt_bound_new(r.outputs, r.count, NULL);
    double flops = 0;
    for (uint32_t i = 0; i < gt_bound_count(bound); i++)
        flops += gt_bound_flops(gt_bound_at(bound, i));
    cr_expect_eq(count_recurrent(bound), 4);
    cr_expect_eq(flops, 2.0 * 3 * 3 * N_A * (N_X + N_A) * M * T, "%g", flops);
    gt_bound_free(bound);
    gt_tape_free(r.tape);
}

/* h' = tanh(A @ B @ h + A @ x): the weight, and the gradient's way through it, are there once. */
static void computed_step(gt_cell_step *s)
{
    gt_var weight = gt_matmul(s->parameters[0], s->parameters[1]);
    gt_var z = gt_add(gt_matmul(weight, s->states[0]), gt_matmul(s->parameters[0], s->inputs[0]));
    s->next_states[0] = gt_tanh(z);
}

Test(bound, weight_that_is_computed)
{
    const gt_cell_array rows[] = {{.name = "x", .rows = "n_x"}, {.name = "h", .rows = "n_a"}};
    const gt_cell_array parameters[] = {{.name = "A", .rows = "n_a", .columns = "n_x"},
                                        {.name = "B", .rows = "n_x", .columns = "n_a"}};
    const gt_cell cell = {.name = "computed",
                          .step = computed_step,
                          .inputs = &rows[0],
                          .input_count = 1,
                          .states = &rows[1],
                          .state_count = 1,
                          .parameters = parameters,
                          .parameter_count = 2};
    recorded r = record(&cell, true);
    gt_bound *bound = gt_bound_new(r.outputs, r.count, NULL);
    double flops = 0;
    for (uint32_t i = 0; i < gt_bound_count(bound); i++)
        flops += gt_bound_flops(gt_bound_at(bound, i));
    double plain = 2.0 * 3 * N_A * (N_X + N_A) * M * T, once = 2.0 * 3 * N_A * N_X * N_A;
    cr_expect_eq(count_recurrent(bound), 2);
    cr_expect_eq(flops, plain + once, "%g, not %g", flops, plain + once);
    gt_bound_free(bound);
    gt_tape_free(r.tape);
}

Test(bound, forward_and_nothing)
{
    recorded r = record(&gt_cell_lstm, false);
    const expected list[] = {{1, 4 * N_A, N_X, M * T}, {T, 4 * N_A, N_A, M}};
    expect_products(&r, list, 2);
    gt_var sum = gt_tanh(gt_input(r.tape, "v", GT_SHAPE(3)));
    gt_bound *none = gt_bound_new(&sum, 1, NULL);
    cr_expect_not_null(none);
    cr_expect_eq(gt_bound_count(none), 0);
    gt_bound_free(none);
    gt_tape_free(r.tape);
    gt_error error = {0};
    cr_expect_null(gt_bound_new(&(gt_var){0}, 1, &error));
    cr_expect(error.status != GT_OK && error.message[0] != '\0');
}

/* ---- multiplying --------------------------------------------------------------------------- */

static double at(const double *matrix, int64_t rows, int64_t columns, bool transposed, int64_t i, int64_t j)
{
    return transposed ? matrix[i * columns + j] : matrix[j * rows + i];
}

static void fill(double *matrix, int64_t count, gt_random *random)
{
    for (int64_t i = 0; i < count; i++)
        matrix[i] = gt_random_normal(random);
}

static void expect_product(const gt_bound_product *p, gt_multiplier multiplier)
{
    static double left[2000], right[2000], output[2000];
    static _Alignas(64) char workspace[1 << 20];
    gt_random random;
    gt_random_seed(&random, 3);
    fill(left, 2000, &random);
    fill(right, 2000, &random);
    cr_assert_leq(gt_bound_workspace(p, multiplier), sizeof workspace);
    gt_bound_multiply(p, multiplier, left, right, output, workspace);
    for (int64_t t = 0; t < p->times; t++) {
        const double *a = left + (p->left_fixed ? 0 : t * p->rows * p->inner);
        const double *b = right + (p->right_fixed ? 0 : t * p->inner * p->columns);
        for (int64_t j = 0; j < p->columns; j++)
            for (int64_t i = 0; i < p->rows; i++) {
                double sum = 0;
                for (int64_t l = 0; l < p->inner; l++)
                    sum += at(a, p->rows, p->inner, p->left_transposed, i, l) *
                           at(b, p->inner, p->columns, p->right_transposed, l, j);
                double got = output[t * p->rows * p->columns + j * p->rows + i];
                cr_assert(fabs(got - sum) <= 1e-12 * (1 + fabs(sum)), "multiplier %d: %g, not %g", multiplier, got,
                          sum);
            }
    }
}

Test(bound, multiplies)
{
    for (int bits = 0; bits < 16; bits++)
        for (int multiplier = GT_MULTIPLIER_OWN; multiplier <= GT_MULTIPLIER_PACKED; multiplier++)
            expect_product(&(gt_bound_product){.dtype = GT_F64,
                                               .rows = 9,
                                               .inner = 7,
                                               .columns = 5,
                                               .times = 3,
                                               .left_transposed = (bits & 1) != 0,
                                               .right_transposed = (bits & 2) != 0,
                                               .left_fixed = (bits & 4) != 0,
                                               .right_fixed = (bits & 8) != 0},
                           (gt_multiplier)multiplier);
}
