/* Hessian-vector products of whole sequences, by reverse over reverse and forward over reverse. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N_X = 3, N_A = 4, M = 2, T = 5, MOST = 16, ENTRIES = 400 };

typedef struct hessian {
    gt_tape *tape;
    gt_interpreter *run;
    gt_random random;
    uint32_t count;                            /* parameters */
    gt_var parameters[MOST], directions[MOST]; /* the Hessian acts on the parameters */
    gt_var gradients[MOST], by_reverse[MOST], by_forward[MOST];
    double data[MOST][ENTRIES], direction_data[MOST][ENTRIES], x_data[N_X * M * T], a0_data[MOST][N_A * M];
} hessian;

static void fill(gt_random *random, double *data, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        data[i] = 0.5 * gt_random_normal(random);
}

static int64_t entries(gt_var v)
{
    return gt_shape_count(gt_var_shape(v));
}

static gt_var record_loss(hessian *h, const gt_cell *cell, bool unrolled, gt_var *initial, gt_var *x)
{
    gt_error error = {0};
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}};
    gt_var parameters[MOST], states[MOST];
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        parameters[k] = GT_NONE;
        if (cell->parameters[k].output_only)
            continue;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 2, 1, &shape, &error), GT_OK);
        parameters[k] = h->parameters[h->count] = gt_parameter(h->tape, cell->parameters[k].name, shape);
        h->directions[h->count++] = gt_input(h->tape, "direction", shape);
    }
    *x = gt_input(h->tape, "x", GT_SHAPE(N_X, M, T));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = gt_state(h->tape, cell->states[k].name, GT_SHAPE(N_A, M));
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .inputs = x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(h->tape));
    return gt_sum(gt_mul(states[0], gt_exp(states[0])), GT_ALL_AXES);
}

static gt_var inner_product(const gt_var *a, const gt_var *b, uint32_t count)
{
    gt_var sum = gt_sum(gt_mul(a[0], b[0]), GT_ALL_AXES);
    for (uint32_t k = 1; k < count; k++)
        sum = gt_add(gt_reshape(sum, GT_SCALAR), gt_reshape(gt_sum(gt_mul(a[k], b[k]), GT_ALL_AXES), GT_SCALAR));
    return sum;
}

static hessian *begin(const gt_cell *cell, bool unrolled)
{
    hessian *h = calloc(1, sizeof *h);
    cr_assert_not_null(h);
    h->tape = gt_tape_new(NULL);
    gt_random_seed(&h->random, 7);
    gt_var initial[MOST], x;
    gt_var loss = record_loss(h, cell, unrolled, initial, &x);
    gt_grad(&loss, NULL, 1, h->parameters, h->count, h->gradients);
    gt_var slope = inner_product(h->gradients, h->directions, h->count);
    gt_grad(&slope, NULL, 1, h->parameters, h->count, h->by_reverse);
    gt_jvp(h->gradients, h->count, h->parameters, h->directions, h->count, h->by_forward);
    cr_assert_eq(gt_tape_status(h->tape), GT_OK, "%s", gt_tape_message(h->tape));

    h->run = gt_interpreter_new(h->tape);
    for (uint32_t k = 0; k < h->count; k++) {
        fill(&h->random, h->data[k], entries(h->parameters[k]));
        fill(&h->random, h->direction_data[k], entries(h->parameters[k]));
        gt_interpreter_bind(h->run, h->parameters[k], h->data[k]);
        gt_interpreter_bind(h->run, h->directions[k], h->direction_data[k]);
    }
    fill(&h->random, h->x_data, N_X * M * T);
    gt_interpreter_bind(h->run, x, h->x_data);
    for (uint32_t k = 0; k < cell->state_count; k++) {
        fill(&h->random, h->a0_data[k], N_A * M);
        gt_interpreter_bind(h->run, initial[k], h->a0_data[k]);
    }
    return h;
}

static void end(hessian *h)
{
    gt_interpreter_free(h->run);
    gt_tape_free(h->tape);
    free(h);
}

static void evaluate(hessian *h, const gt_var *vars, double out[MOST][ENTRIES])
{
    cr_assert_eq(gt_interpreter_evaluate(h->run, vars, h->count), GT_OK, "%s", gt_interpreter_message(h->run));
    for (uint32_t k = 0; k < h->count; k++)
        for (int64_t i = 0; i < entries(vars[k]); i++)
            out[k][i] = ((const double *)gt_interpreter_value(h->run, vars[k]))[i];
}

static void move(hessian *h, double distance)
{
    for (uint32_t k = 0; k < h->count; k++)
        for (int64_t i = 0; i < entries(h->parameters[k]); i++)
            h->data[k][i] += distance * h->direction_data[k][i];
}

/* (g(p + hv) - g(p - hv)) / 2h, improved once by Richardson's extrapolation: an error of order h^4. */
static void difference_of_gradients(hessian *h, double out[MOST][ENTRIES])
{
    static double at[4][MOST][ENTRIES];
    const double step = 1e-3, positions[4] = {-2 * step, -step, step, 2 * step};
    for (int p = 0; p < 4; p++) {
        move(h, positions[p]);
        evaluate(h, h->gradients, at[p]);
        move(h, -positions[p]);
    }
    for (uint32_t k = 0; k < h->count; k++)
        for (int64_t i = 0; i < entries(h->parameters[k]); i++)
            out[k][i] = (8 * (at[2][k][i] - at[1][k][i]) - (at[3][k][i] - at[0][k][i])) / (12 * step);
}

static void compare(const hessian *h, double a[MOST][ENTRIES], double b[MOST][ENTRIES], double tolerance,
                    const char *what)
{
    double size = 0;
    for (uint32_t k = 0; k < h->count; k++)
        for (int64_t i = 0; i < entries(h->parameters[k]); i++) {
            cr_assert(fabs(a[k][i] - b[k][i]) <= tolerance * (1 + fabs(b[k][i])), "%s: d%s[%d] is %.15g and %.15g",
                      what, gt_var_name(h->parameters[k]), (int)i, a[k][i], b[k][i]);
            size = fmax(size, fabs(a[k][i]));
        }
    cr_assert(size > 1e-2, "%s: the product vanishes, so it tests nothing", what);
}

static void check_cell(const gt_cell *cell, bool unrolled)
{
    static double reverse[MOST][ENTRIES], forward[MOST][ENTRIES], numeric[MOST][ENTRIES];
    hessian *h = begin(cell, unrolled);
    evaluate(h, h->by_reverse, reverse);
    evaluate(h, h->by_forward, forward);
    difference_of_gradients(h, numeric);
    compare(h, reverse, numeric, 1e-8, "reverse over reverse against numbers");
    compare(h, forward, reverse, 1e-12, "forward over reverse against reverse over reverse");
    end(h);
}

Test(second_order, hessian_vector_product_of_every_cell_rolled)
{
    for (uint32_t i = 0; i < gt_cell_count(); i++)
        check_cell(gt_cell_at(i), false);
}

Test(second_order, hessian_vector_product_of_every_cell_unrolled)
{
    for (uint32_t i = 0; i < gt_cell_count(); i++)
        check_cell(gt_cell_at(i), true);
}
