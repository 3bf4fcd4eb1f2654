/* A cell with numbers, from arrays in memory: what is read, refused and computed. */
#include "gradtape.h"
#include "problem/differences.h"
#include "problem/tape.h"

#include <criterion/criterion.h>
#include <string.h>

enum { X = 2, A = 3, M = 4, T = 5 };

static void add(gt_archive *archive, const char *name, gt_shape shape, uint32_t seed)
{
    double data[256];
    gt_random random;
    gt_error error = {0};
    gt_random_seed(&random, seed);
    cr_assert(gt_shape_count(shape) <= 256);
    for (int64_t i = 0; i < gt_shape_count(shape); i++)
        data[i] = gt_random_normal(&random);
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){data, GT_F64, shape}, &error), GT_OK, "%s", error.message);
}

/* An RNN without its output layer. */
static gt_archive *arrays(void)
{
    gt_archive *archive = gt_archive_new();
    add(archive, "x", GT_SHAPE(X, M, T), 1);
    add(archive, "Waa", GT_SHAPE(A, A), 2);
    add(archive, "Wax", GT_SHAPE(A, X), 3);
    add(archive, "ba", GT_SHAPE(A, 1), 4);
    add(archive, "da", GT_SHAPE(A, M, T), 5);
    return archive;
}

static gt_archive *run(const gt_problem_way *way)
{
    gt_archive *given = arrays(), *results = gt_archive_new();
    gt_cell_problem problem;
    gt_error error = {0};
    cr_assert_eq(gt_cell_problem_read(&problem, &gt_cell_rnn, given, GT_F64, &error), GT_OK, "%s", error.message);
    gt_archive_free(given);
    cr_expect(!problem.with_outputs);
    cr_expect_eq(problem.examples, M);
    cr_expect_eq(problem.steps, T);
    cr_expect(gt_cell_problem_has_upstream(&problem));
    cr_assert_eq(gt_cell_problem_run(&problem, way, results, &error), GT_OK, "%s", error.message);
    gt_cell_problem_free(&problem);
    return results;
}

static void expect_near(gt_archive *a, gt_archive *b, double tolerance)
{
    cr_assert(gt_archive_count(a) > 0);
    for (uint32_t i = 0; gt_archive_name(a, i) != NULL; i++) {
        gt_array x = gt_archive_find(a, gt_archive_name(a, i)), y = gt_archive_find(b, gt_archive_name(a, i));
        cr_assert(y.data != NULL && gt_shape_equal(x.shape, y.shape), "%s", gt_archive_name(a, i));
        for (int64_t k = 0; k < gt_shape_count(x.shape); k++) {
            double difference = ((double *)x.data)[k] - ((double *)y.data)[k];
            cr_assert(difference <= tolerance && -difference <= tolerance, "%s differs by %g", gt_archive_name(a, i),
                      difference);
        }
    }
}

Test(problem, all_ways_give_the_same)
{
    gt_archive *reference = run(&(gt_problem_way){.unrolled = true, .engine = GT_ENGINE_INTERPRETER});
    gt_archive *exact = run(&(gt_problem_way){.engine = GT_ENGINE_EXACT}), *usual = run(NULL);
    cr_expect_eq(gt_archive_count(reference), 6); /* a, dx, da0, dWaa, dWax, dba */
    expect_near(reference, exact, 0);
    expect_near(reference, usual, 1e-12);
    gt_archive_free(reference);
    gt_archive_free(exact);
    gt_archive_free(usual);
}

Test(problem, central_differences_agree)
{
    gt_archive *given = arrays(), *tape = gt_archive_new(), *numbers = gt_archive_new();
    gt_cell_problem problem;
    gt_error error = {0};
    cr_assert_eq(gt_cell_problem_read(&problem, &gt_cell_rnn, given, GT_F64, &error), GT_OK);
    cr_assert_eq(gt_cell_problem_run(&problem, NULL, tape, &error), GT_OK);
    cr_assert_eq(gt_cell_problem_differences(&problem, numbers, &error), GT_OK);
    expect_near(numbers, tape, 1e-9);
    gt_cell_problem_free(&problem);
    gt_archive_free(given);
    gt_archive_free(tape);
    gt_archive_free(numbers);
}

static void expect_refused(gt_archive *given, gt_status status, const char *words)
{
    gt_cell_problem problem;
    gt_error error = {0};
    cr_expect_eq(gt_cell_problem_read(&problem, &gt_cell_rnn, given, GT_F64, &error), status);
    cr_expect(strstr(error.message, words) != NULL, "%s", error.message);
    cr_expect_eq(problem.array_count, 0);
    gt_archive_free(given);
}

Test(problem, what_is_refused_says_why)
{
    gt_archive *given = arrays();
    add(given, "Wya", GT_SHAPE(2, 4), 6); /* with it outputs are wanted */
    expect_refused(given, GT_ERROR_ARGUMENT, "the array 'by' is missing");
    given = arrays();
    add(given, "Wab", GT_SHAPE(2, 4), 6);
    expect_refused(given, GT_ERROR_ARGUMENT, "did you mean 'Waa'?");
    given = arrays();
    add(given, "a0", GT_SHAPE(A, M + 2), 6);
    expect_refused(given, GT_ERROR_SHAPE, "the array 'a0' is (3, 6); expected (3, 4)");

    given = gt_archive_new();
    add(given, "x", GT_SHAPE(T, M, X), 1);
    add(given, "Waa", GT_SHAPE(A, A), 2);
    add(given, "Wax", GT_SHAPE(A, X), 3);
    add(given, "ba", GT_SHAPE(A, 1), 4);
    expect_refused(given, GT_ERROR_SHAPE, "this looks like (T, m, n_x)");
}

/* Shapes alone are enough for a tape; what has no upstream gradient has no leaf for it. */
Test(problem, without_numbers)
{
    gt_dimensions d;
    gt_cell_problem problem;
    gt_cell_tape tape;
    gt_error error = {0};
    cr_assert_eq(gt_dimensions_find(&d, &gt_cell_lstm, true, &error), GT_OK);
    gt_dimensions_usual(&d, M);
    cr_assert_eq(gt_cell_problem_shape(&problem, &gt_cell_lstm, GT_F32, &d, M, T, true, &error), GT_OK, "%s",
                 error.message);
    for (uint32_t i = problem.differentiated; i < problem.array_count; i++)
        problem.arrays[i].given = problem.arrays[i].kind == GT_PROBLEM_OUTPUT_UPSTREAM;
    cr_assert_eq(gt_cell_tape_open(&tape, &problem, false, &error), GT_OK, "%s", error.message);
    cr_expect_eq(tape.result_count, 3); /* a, c, y */
    cr_expect_eq(tape.arrays[problem.differentiated].tape, NULL);
    cr_expect(gt_shape_equal(gt_var_shape(tape.results[2]), GT_SHAPE(2, M, T)));
    gt_var gradients[3 * GT_MAX_CELL_ARRAYS];
    cr_expect_eq(gt_cell_tape_differentiate(&tape, &problem, gradients), GT_OK);
    for (uint32_t i = 0; i < problem.differentiated; i++)
        cr_expect(gt_shape_equal(gt_var_shape(gradients[i]), problem.arrays[i].shape), "%s", problem.arrays[i].name);
    gt_cell_tape_close(&tape);
    gt_cell_problem_free(&problem);
}

static void product_step(gt_cell_step *step)
{
    step->next_states[0] = gt_tanh(gt_add(gt_mul(step->parameters[0], step->states[0]), step->inputs[0]));
}

/* No array is as large as n or k alone: what the user says of them is all there is. */
Test(problem, dimensions_that_no_array_tells)
{
    static const gt_cell_array input = {.name = "x", .rows = "n * k"}, state = {.name = "h", .rows = "n * k"},
                               parameter = {.name = "w", .rows = "n * k"};
    const gt_cell cell = {.name = "product",
                          .inputs = &input,
                          .input_count = 1,
                          .states = &state,
                          .state_count = 1,
                          .parameters = &parameter,
                          .parameter_count = 1,
                          .step = product_step};
    const gt_dimension dimensions[] = {{"n", 2}, {"k", 3}};
    gt_report report = {0};
    gt_error error = {0};
    gt_check_problem problem = GT_CHECK_PROBLEM_INIT;
    problem.dimensions = dimensions;
    problem.dimension_count = 2;
    cr_assert_eq(gt_check_cell(&cell, &problem, NULL, &report, &error), GT_OK, "%s", error.message);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
}

/* h0 is the initial state of h, also where a size is called so: its one entry says nothing of the size. */
Test(problem, an_array_is_no_size_of_its_name)
{
    static const char text[] = "cell c\n input x[h0]\n state h[h0]\n h' = x + h\n";
    double five[] = {5};
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    gt_archive *given = gt_archive_new();
    gt_cell_problem problem;
    gt_error error = {0};
    add(given, "x", GT_SHAPE(1, 1, T), 1);
    cr_assert_eq(gt_archive_add(given, "h0", (gt_array){five, GT_F64, GT_SHAPE(1, 1)}, &error), GT_OK);
    cr_assert_eq(gt_cell_problem_read(&problem, gt_parsed_cell_get(parsed), given, GT_F64, &error), GT_OK, "%s",
                 error.message);
    cr_expect_eq(problem.steps, T);
    gt_cell_problem_free(&problem);
    gt_archive_free(given);
    gt_parsed_cell_free(parsed);
}
