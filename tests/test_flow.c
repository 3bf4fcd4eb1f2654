/* Where gradients go: norms over time, paths, and the derivative of the last state by earlier ones. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 12 };

static gt_parsed_cell *parse(const char *text)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    return parsed;
}

static double *add(gt_archive *archive, const char *name, gt_shape shape, gt_random *random)
{
    double *data = malloc((size_t)gt_shape_count(shape) * sizeof *data);
    cr_assert_not_null(data);
    gt_random_fill_normal(random, shape, data);
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){data, GT_F64, shape}, NULL), GT_OK);
    return data;
}

static void put(gt_archive *archive, const char *name, gt_shape shape, const double *data)
{
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){(void *)(uintptr_t)data, GT_F64, shape}, NULL), GT_OK);
}

static gt_flow *flow_of(const gt_cell *cell, gt_archive *given, gt_cell_problem *problem)
{
    gt_error error = {0};
    cr_assert_eq(gt_cell_problem_read(problem, cell, given, GT_F64, &error), GT_OK, "%s", error.message);
    gt_flow *flow = gt_flow_new(problem, NULL, &error);
    cr_assert_not_null(flow, "%s", error.message);
    return flow;
}

/* ---- what is known ---------------------------------------------------------------------------- */

/* rho times a rotation in two planes. */
static void rotations(double rho, double matrix[16])
{
    memset(matrix, 0, 16 * sizeof *matrix);
    for (int plane = 0; plane < 2; plane++) {
        double angle = 0.4 + plane, *m = matrix + plane * 10;
        m[0] = m[5] = rho * cos(angle);
        m[1] = rho * sin(angle);
        m[4] = -rho * sin(angle);
    }
}

/* Every step multiplies by rho times a matrix that keeps lengths: so do gradients, and all singular values are powers.
 */
Test(flow, of_a_linear_cell_is_a_power)
{
    gt_parsed_cell *parsed = parse("cell linear\ninput x[n]\nstate h[n]\nparam W[n, n]\nh' = W @ h + x\n");
    const double rhos[] = {0.5, 0.97, 1.3};
    for (int i = 0; i < 3; i++) {
        double matrix[16], upstream[4 * 2 * STEPS] = {0};
        gt_random random;
        gt_random_seed(&random, 3);
        rotations(rhos[i], matrix);
        for (int k = 0; k < 8; k++)
            upstream[8 * (STEPS - 1) + k] = gt_random_normal(&random);
        gt_archive *given = gt_archive_new();
        free(add(given, "x", GT_SHAPE(4, 2, STEPS), &random));
        put(given, "W", GT_SHAPE(4, 4), matrix);
        put(given, "dh", GT_SHAPE(4, 2, STEPS), upstream);
        gt_cell_problem problem;
        gt_flow *flow = flow_of(gt_parsed_cell_get(parsed), given, &problem);
        cr_assert_eq(flow->series_count, 2);
        cr_expect_str_eq(flow->series[0].name, "h");
        cr_expect_eq(flow->series[0].kind, GT_FLOW_STATE);
        cr_expect_float_eq(flow->series[0].slope, log10(rhos[i]), 1e-12);
        cr_expect_float_eq(flow->series[1].slope, log10(rhos[i]), 1e-12);
        cr_assert_eq(flow->singular_count, 4);
        for (int t = 0; t < STEPS; t++)
            for (int k = 0; k < 4; k++)
                cr_expect_float_eq(flow->singular[4 * t + k] / pow(rhos[i], STEPS - 1 - t), 1, 1e-12);
        gt_flow_free(flow);
        gt_cell_problem_free(&problem);
        gt_archive_free(given);
    }
    gt_parsed_cell_free(parsed);
}

/* The singular values of a matrix that is not normal, against its trace and determinant. */
Test(flow, singular_values)
{
    gt_parsed_cell *parsed = parse("cell linear\ninput x[n]\nstate h[n]\nparam W[n, n]\nh' = W @ h + x\n");
    gt_archive *given = gt_archive_new();
    put(given, "x", GT_SHAPE(2, 1, 2), (double[]){1, 2, 3, 4});
    put(given, "W", GT_SHAPE(2, 2), (double[]){3, 4, 0, 5});
    put(given, "dh", GT_SHAPE(2, 1, 2), (double[]){1, 1, 1, 1});
    gt_cell_problem problem;
    gt_flow *flow = flow_of(gt_parsed_cell_get(parsed), given, &problem);
    cr_expect_float_eq(flow->singular[0], sqrt(45), 1e-13);
    cr_expect_float_eq(flow->singular[1], sqrt(5), 1e-13);
    cr_expect_float_eq(flow->singular[2], 1, 0);
    gt_flow_free(flow);
    gt_cell_problem_free(&problem);
    gt_archive_free(given);
    gt_parsed_cell_free(parsed);
}

/* ---- any cell --------------------------------------------------------------------------------- */

static gt_archive *numbers_for(const gt_cell *cell, uint32_t seed)
{
    gt_error error = {0};
    gt_dimensions dimensions;
    gt_cell_problem shapes;
    gt_random random;
    gt_random_seed(&random, seed);
    cr_assert_eq(gt_dimensions_find(&dimensions, cell, true, &error), GT_OK);
    gt_dimensions_usual(&dimensions, 2);
    cr_assert_eq(gt_cell_problem_shape(&shapes, cell, GT_F64, &dimensions, 2, 6, true, &error), GT_OK);
    gt_archive *given = gt_archive_new();
    for (uint32_t i = 0; i < shapes.array_count; i++)
        free(add(given, shapes.arrays[i].name, shapes.arrays[i].shape, &random));
    cr_assert_eq(gt_cell_problem_tell_sizes(given, shapes.sizes, shapes.size_count, &error), GT_OK);
    gt_cell_problem_free(&shapes);
    return given;
}

static const gt_flow_series *series_of(const gt_flow *flow, const char *name)
{
    for (uint32_t i = 0; i < flow->series_count; i++)
        if (strcmp(flow->series[i].name, name) == 0)
            return &flow->series[i];
    cr_assert_fail("there is no %s", name);
    return NULL;
}

/* The gradients of inputs are those of the tape over the whole sequence. */
static void compare_inputs(const gt_flow *flow, const gt_cell_problem *problem)
{
    gt_archive *results = gt_archive_new();
    gt_error error = {0};
    cr_assert_eq(gt_cell_problem_run(problem, NULL, results, &error), GT_OK, "%s", error.message);
    for (uint32_t i = 0; i < problem->cell->input_count; i++) {
        const gt_flow_series *series = series_of(flow, problem->cell->inputs[i].name);
        char name[80] = "d";
        strcat(name, series->name);
        gt_array expected = gt_archive_find(results, name);
        int64_t count = series->units * flow->examples;
        for (int64_t t = 0; t < flow->steps; t++) {
            const double *entries = (const double *)expected.data + t * count;
            double squares = 0, first = fabs(entries[0]);
            for (int64_t k = 0; k < count; k++)
                squares += entries[k] * entries[k];
            cr_expect_float_eq(series->norm[t], sqrt(squares), 1e-10 * (1 + sqrt(squares)), "%s", flow->cell);
            cr_expect_float_eq(fabs(series->signed_entry[t * series->units]), first, 1e-10 * (1 + first));
        }
    }
    gt_archive_free(results);
}

/* Losses and uses at the same step are what is within the step; all of them together are the whole. */
static void compare_paths(const gt_flow *flow)
{
    cr_assert_gt(flow->paths_count, 0, "%s", flow->cell);
    for (uint32_t p = 0; p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        double whole = 0, same = 0, size = 1, sum = paths->within + paths->mixed;
        for (int64_t s = 0; s < flow->steps; s++)
            for (int64_t t = 0; t < flow->steps; t++) {
                double share = paths->triangle[s * flow->steps + t];
                whole += share;
                same += s == t ? share : 0;
                size += fabs(share);
                cr_expect(t <= s || share == 0);
            }
        for (uint32_t i = 0; i < flow->state_count; i++)
            sum += paths->alone[i];
        cr_expect_float_eq(sum, 1, 1e-12 * size);
        cr_expect_float_eq(whole, 1, 1e-9 * size, "%s, %s: %g", flow->cell, paths->name, whole);
        cr_expect_float_eq(same, paths->within, 1e-9 * size, "%s, %s: %g, not %g", flow->cell, paths->name, same,
                           paths->within);
    }
    cr_expect_str_eq(flow->paths[flow->paths_count - 1].name, "all");
}

Test(flow, of_every_cell_of_the_zoo)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        for (uint32_t seed = 1; seed <= 3; seed++) {
            gt_parsed_cell *parsed = parse(gt_zoo_at(i)->text);
            gt_archive *given = numbers_for(gt_parsed_cell_get(parsed), seed);
            gt_cell_problem problem;
            gt_flow *flow = flow_of(gt_parsed_cell_get(parsed), given, &problem);
            compare_inputs(flow, &problem);
            compare_paths(flow);
            gt_flow_free(flow);
            gt_cell_problem_free(&problem);
            gt_archive_free(given);
            gt_parsed_cell_free(parsed);
        }
}

static const char stopped[] =
    "cell stopped\ninput x[n_x]\nstate a[n_a], c[n_a]\nparam W[n_a, n_a], V[n_a, n_x], u[n_a]\n"
    "g = tanh(W @ a + V @ x)\nc' = u * %s + g\na' = tanh(c')\n";

/* A carried edge that passes no gradient has no share, and neither have paths through it and another. */
Test(flow, a_stopped_state_has_no_share)
{
    for (int stops = 0; stops < 2; stops++) {
        char text[sizeof stopped + 20];
        snprintf(text, sizeof text, stopped, stops ? "stop_gradient(c)" : "c");
        gt_parsed_cell *parsed = parse(text);
        gt_archive *given = numbers_for(gt_parsed_cell_get(parsed), 4);
        gt_cell_problem problem;
        gt_flow *flow = flow_of(gt_parsed_cell_get(parsed), given, &problem);
        const gt_flow_paths *all = &flow->paths[flow->paths_count - 1];
        cr_expect_str_eq(flow->states[1], "c");
        if (stops) {
            cr_expect_float_eq(all->alone[1], 0, 1e-13);
            cr_expect_float_eq(all->mixed, 0, 1e-13);
        } else {
            cr_expect_gt(fabs(all->alone[1]), 1e-6);
            cr_expect_gt(fabs(all->mixed), 1e-6);
        }
        cr_expect_gt(fabs(all->alone[0]), 1e-6);
        gt_flow_free(flow);
        gt_cell_problem_free(&problem);
        gt_archive_free(given);
        gt_parsed_cell_free(parsed);
    }
}

/* ---- errors ----------------------------------------------------------------------------------- */

static bool stop(void *context, int64_t done, int64_t all)
{
    cr_expect_leq(done, all);
    return ++*(int *)context == 3;
}

Test(flow, errors)
{
    gt_error error = {0};
    gt_cell_problem problem;
    gt_archive *given = numbers_for(gt_cell_find("lstm"), 1);
    cr_assert_eq(gt_cell_problem_read(&problem, gt_cell_find("lstm"), given, GT_F64, &error), GT_OK);
    int calls = 0;
    gt_flow_options options = {.progress = stop, .context = &calls};
    cr_expect_null(gt_flow_new(&problem, &options, &error));
    cr_expect_eq(error.status, GT_ERROR_INTERRUPTED);
    cr_expect_eq(calls, 3);
    for (uint32_t i = problem.differentiated; i < problem.array_count; i++)
        problem.arrays[i].given = false;
    cr_expect_null(gt_flow_new(&problem, NULL, &error));
    cr_expect_eq(error.status, GT_ERROR_ARGUMENT);
    gt_cell_problem_free(&problem);
    gt_archive_free(given);
    gt_flow_free(NULL);
}

Test(flow, words)
{
    char text[80];
    static const struct {
        double slope;
        const char *words;
    } cases[] = {
        {-0.30103, "halves each step back"}, {-0.15, "halves every 2 steps back"}, {0, "stays"},
        {0.1, "doubles every 3 steps back"}, {-1, "falls 10-fold each step back"}, {0.6, "grows 4-fold each step back"},
        {NAN, "reaches no other step"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_flow_words(cases[i].slope, text, sizeof text);
        cr_expect_str_eq(text, cases[i].words);
    }
}
