/*
 * The handwritten gradients, tested before anything is tested against them:
 * by central differences of their own forward pass on random sizes.
 */
#include "gradtape.h"
#include "handwritten/handwritten.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const char *const cell_names[] = {"rnn", "lstm", "gru"};
#define CELL_COUNT (sizeof cell_names / sizeof *cell_names)

/* Random numbers for everything that is given from outside, upstream gradients included. */
static void fill_given(gt_handwritten *h, const gt_handwritten_cell *cell, gt_random *random, double scale)
{
    for (size_t i = 0; i < cell->row_count; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind != GT_HANDWRITTEN_GIVEN && row->kind != GT_HANDWRITTEN_UPSTREAM)
            continue;
        double *entries = gt_handwritten_array(h, row->name);
        for (size_t k = 0; k < gt_handwritten_count(h, row); k++)
            entries[k] = scale * gt_random_normal(random);
    }
}

/* sum over outputs of upstream gradient times output: what the backward pass differentiates. */
static double objective(gt_handwritten *h, const gt_handwritten_cell *cell)
{
    double sum = 0;
    gt_handwritten_forward(h);
    for (size_t i = 0; i < cell->row_count; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind != GT_HANDWRITTEN_UPSTREAM)
            continue;
        const double *upstream = gt_handwritten_array(h, row->name);
        const double *output = gt_handwritten_array(h, row->name + 1); /* "da" -> "a" */
        for (size_t k = 0; k < gt_handwritten_count(h, row); k++)
            sum += upstream[k] * output[k];
    }
    return sum;
}

static double central_difference(gt_handwritten *h, const gt_handwritten_cell *cell, double *entry, double step)
{
    double middle = *entry;
    *entry = middle + step;
    double above = objective(h, cell);
    *entry = middle - step;
    double below = objective(h, cell);
    *entry = middle;
    return (above - below) / (2 * step);
}

/* Every gradient array of the cell against differences, all entries. */
static void check_gradients(const gt_handwritten_cell *cell, gt_handwritten_sizes sizes, gt_random *random)
{
    gt_handwritten *h = gt_handwritten_new(cell, sizes);
    cr_assert_not_null(h);
    fill_given(h, cell, random, 0.7);
    gt_handwritten_forward(h);
    gt_handwritten_backward(h);
    size_t checked = 0;
    for (size_t i = 0; i < cell->row_count; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind != GT_HANDWRITTEN_GRADIENT)
            continue;
        const double *gradient = gt_handwritten_array(h, row->name);
        double *value = gt_handwritten_array(h, row->name + 1);
        cr_assert_not_null(value, "%s: nothing for %s", cell->name, row->name);
        double disagreement = 0, largest = 1e-3;
        for (size_t k = 0; k < gt_handwritten_count(h, row); k++) {
            /* Two step sizes remove the error of second order (Richardson). */
            double wide = central_difference(h, cell, &value[k], 2e-3);
            double narrow = central_difference(h, cell, &value[k], 1e-3);
            double difference = narrow + (narrow - wide) / 3;
            double error = fabs(difference - gradient[k]);
            disagreement = error <= disagreement ? disagreement : error; /* keeps a NaN */
            largest = fmax(largest, fabs(difference));
            checked++;
        }
        cr_expect(disagreement <= 1e-8 * largest, "%s %s with n_x %zu n_a %zu n_y %zu m %zu T %zu: %g", cell->name,
                  row->name, sizes.n_x, sizes.n_a, sizes.n_y, sizes.m, sizes.T, disagreement / largest);
    }
    cr_expect_gt(checked, 0);
    gt_handwritten_free(h);
}

Test(handwritten, gradients_are_those_of_the_forward_pass)
{
    gt_random random;
    gt_random_seed(&random, 20);
    for (size_t c = 0; c < CELL_COUNT; c++) {
        const gt_handwritten_cell *cell = gt_handwritten_find(cell_names[c]);
        cr_assert_not_null(cell);
        check_gradients(cell, (gt_handwritten_sizes){1, 1, 1, 1, 1}, &random);
        for (int round = 0; round < 6; round++) {
            gt_handwritten_sizes sizes = {
                (size_t)gt_random_integer(&random, 1, 5), (size_t)gt_random_integer(&random, 1, 6),
                (size_t)gt_random_integer(&random, 1, 4), (size_t)gt_random_integer(&random, 1, 5),
                (size_t)gt_random_integer(&random, 1, 6)};
            check_gradients(cell, sizes, &random);
        }
    }
}

/* Nothing is left over from one pass in the next. */
Test(handwritten, a_second_pass_gives_the_same)
{
    gt_random random;
    gt_random_seed(&random, 3);
    for (size_t c = 0; c < CELL_COUNT; c++) {
        const gt_handwritten_cell *cell = gt_handwritten_find(cell_names[c]);
        gt_handwritten *h = gt_handwritten_new(cell, (gt_handwritten_sizes){3, 4, 2, 5, 3});
        cr_assert_not_null(h);
        fill_given(h, cell, &random, 1);
        double first = objective(h, cell);
        gt_handwritten_backward(h);
        double gradient = gt_handwritten_array(h, "dWy") != NULL ? gt_handwritten_array(h, "dWy")[0]
                                                                 : gt_handwritten_array(h, "dWya")[0];
        double da0 = gt_handwritten_array(h, "da0")[7];
        cr_expect(objective(h, cell) == first);
        gt_handwritten_backward(h);
        cr_expect(gt_handwritten_array(h, "da0")[7] == da0);
        const char *name = gt_handwritten_array(h, "dWy") != NULL ? "dWy" : "dWya";
        cr_expect(gt_handwritten_array(h, name)[0] == gradient);
        cr_expect(gradient != 0 && da0 != 0);
        gt_handwritten_free(h);
    }
}

/* Later steps without an upstream gradient contribute nothing: the sequence could as well end. */
Test(handwritten, a_shorter_upstream_gradient_is_a_shorter_sequence)
{
    gt_random random;
    gt_random_seed(&random, 4);
    for (size_t c = 0; c < CELL_COUNT; c++) {
        const gt_handwritten_cell *cell = gt_handwritten_find(cell_names[c]);
        gt_handwritten *h = gt_handwritten_new(cell, (gt_handwritten_sizes){3, 4, 2, 5, 6});
        gt_handwritten *shorter = gt_handwritten_new(cell, (gt_handwritten_sizes){3, 4, 2, 5, 4});
        cr_assert(h != NULL && shorter != NULL);
        fill_given(shorter, cell, &random, 1);
        for (size_t i = 0; i < cell->row_count; i++)
            if (cell->rows[i].kind <= GT_HANDWRITTEN_UPSTREAM)
                memcpy(gt_handwritten_array(h, cell->rows[i].name), gt_handwritten_array(shorter, cell->rows[i].name),
                       gt_handwritten_count(shorter, &cell->rows[i]) * sizeof(double));
        gt_handwritten *both[] = {h, shorter};
        for (int k = 0; k < 2; k++) {
            gt_handwritten_forward(both[k]);
            gt_handwritten_backward(both[k]);
        }
        for (size_t i = 0; i < cell->row_count; i++) {
            const gt_handwritten_row *row = &cell->rows[i];
            if (row->kind != GT_HANDWRITTEN_GRADIENT)
                continue;
            size_t count = gt_handwritten_count(shorter, row);
            const double *a = gt_handwritten_array(h, row->name);
            const double *b = gt_handwritten_array(shorter, row->name);
            for (size_t k = 0; k < count; k++)
                cr_expect(a[k] == b[k], "%s %s[%zu]: %g, %g", cell->name, row->name, k, a[k], b[k]);
            for (size_t k = count; k < gt_handwritten_count(h, row); k++)
                cr_expect(a[k] == 0, "%s %s[%zu]: %g", cell->name, row->name, k, a[k]);
        }
        gt_handwritten_free(h);
        gt_handwritten_free(shorter);
    }
}

Test(handwritten, unknown_names)
{
    cr_expect_null(gt_handwritten_find("transformer"));
    gt_handwritten *h = gt_handwritten_new(gt_handwritten_find("rnn"), (gt_handwritten_sizes){1, 1, 1, 1, 1});
    cr_assert_not_null(h);
    cr_expect_null(gt_handwritten_array(h, "c0"));
    gt_handwritten_free(h);
    gt_handwritten_free(NULL);
}
