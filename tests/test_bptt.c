/*
 * Backpropagation through time by the tape against the handwritten formulas: on
 * random sizes, batches and lengths, rolled and unrolled, for every cell.
 */
#include "command/engine.h"
#include "handwritten/handwritten.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static gt_shape shape_of(const gt_handwritten *h, const gt_handwritten_row *row)
{
    size_t n[3];
    gt_handwritten_shape(h, row, n);
    return strlen(row->shape) == 3 ? GT_SHAPE((int64_t)n[0], (int64_t)n[1], (int64_t)n[2])
                                   : GT_SHAPE((int64_t)n[0], (int64_t)n[1]);
}

/* Random numbers in all that is given, the same for the formulas and, in the archive, for the tape.
 */
static gt_archive *draw(gt_handwritten *h, const gt_handwritten_cell *cell, gt_random *random)
{
    gt_archive *given = gt_archive_new();
    cr_assert_not_null(given);
    for (size_t i = 0; i < cell->row_count; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind != GT_HANDWRITTEN_GIVEN && row->kind != GT_HANDWRITTEN_UPSTREAM)
            continue;
        double *entries = gt_handwritten_array(h, row->name);
        gt_random_fill_normal(random, shape_of(h, row), entries);
        gt_error error = {GT_OK, ""};
        cr_assert_eq(gt_archive_add(given, row->name, (gt_array){entries, GT_F64, shape_of(h, row)}, &error), GT_OK);
    }
    return given;
}

static gt_archive *run(const gt_cell_problem *problem, bool unrolled, gt_engine engine)
{
    const gt_problem_way way = {.unrolled = unrolled, .engine = engine};
    gt_archive *results = gt_archive_new();
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_cell_problem_run(problem, &way, results, &error), GT_OK, "%s", error.message);
    return results;
}

/* All results and gradients, entry by entry, relative to the largest of the array. */
static void compare(gt_handwritten *h, const gt_handwritten_cell *cell, const gt_archive *results)
{
    uint32_t compared = 0;
    for (size_t i = 0; i < cell->row_count; i++) {
        const gt_handwritten_row *row = &cell->rows[i];
        if (row->kind != GT_HANDWRITTEN_FORWARD && row->kind != GT_HANDWRITTEN_GRADIENT)
            continue;
        gt_array got = gt_archive_find(results, row->name);
        cr_assert_not_null(got.data, "%s %s", cell->name, row->name);
        cr_assert(gt_shape_equal(got.shape, shape_of(h, row)), "%s %s", cell->name, row->name);
        const double *expected = gt_handwritten_array(h, row->name), *value = got.data;
        double worst = 0, largest = 1e-30;
        for (int64_t k = 0; k < gt_shape_count(got.shape); k++) {
            double difference = fabs(value[k] - expected[k]);
            worst = difference <= worst ? worst : difference; /* keeps a NaN */
            largest = fmax(largest, fabs(expected[k]));
        }
        cr_expect(worst <= 1e-12 * largest, "%s %s: %g", cell->name, row->name, worst / largest);
        compared++;
    }
    cr_expect_eq(compared, gt_archive_count(results));
}

static void expect_same_bits(const gt_archive *a, const gt_archive *b)
{
    for (uint32_t i = 0; gt_archive_name(a, i) != NULL; i++) {
        gt_array first = gt_archive_find(a, gt_archive_name(a, i));
        gt_array second = gt_archive_find(b, gt_archive_name(a, i));
        cr_assert_not_null(second.data);
        cr_expect_eq(memcmp(first.data, second.data, (size_t)gt_shape_count(first.shape) * sizeof(double)), 0, "%s",
                     gt_archive_name(a, i));
    }
}

static void check(const char *name, gt_handwritten_sizes sizes, gt_random *random)
{
    const gt_handwritten_cell *cell = gt_handwritten_find(name);
    cr_assert_not_null(cell, "no formulas for %s", name);
    gt_handwritten *h = gt_handwritten_new(cell, sizes);
    cr_assert_not_null(h);
    gt_archive *given = draw(h, cell, random);
    gt_handwritten_forward(h);
    gt_handwritten_backward(h);
    gt_cell_problem problem;
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_cell_problem_read(&problem, gt_cell_find(name), given, GT_F64, &error), GT_OK, "%s", error.message);
    gt_archive *reference = run(&problem, false, GT_ENGINE_INTERPRETER);
    compare(h, cell, reference);
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        gt_archive *planned = run(&problem, unrolled, GT_ENGINE_PLANNER);
        gt_archive *exact = run(&problem, unrolled, GT_ENGINE_EXACT);
        gt_archive *interpreted = run(&problem, unrolled, GT_ENGINE_INTERPRETER);
        compare(h, cell, planned);
        expect_same_bits(reference, exact);
        expect_same_bits(reference, interpreted);
        gt_archive_free(planned);
        gt_archive_free(exact);
        gt_archive_free(interpreted);
    }
    gt_archive_free(reference);
    gt_cell_problem_free(&problem);
    gt_archive_free(given);
    gt_handwritten_free(h);
}

/* Every cell of the library has its formulas: a new cell without any fails here. */
Test(bptt, random_sizes)
{
    gt_random random;
    gt_random_seed(&random, 7);
    cr_assert_geq(gt_cell_count(), 3);
    for (uint32_t c = 0; c < gt_cell_count(); c++) {
        const char *name = gt_cell_at(c)->name;
        check(name, (gt_handwritten_sizes){1, 1, 1, 1, 1}, &random);
        check(name, (gt_handwritten_sizes){3, 5, 2, 1, 40}, &random);
        check(name, (gt_handwritten_sizes){2, 9, 7, 33, 2}, &random);
        for (int round = 0; round < 12; round++) {
            gt_handwritten_sizes sizes = {
                (size_t)gt_random_integer(&random, 1, 8), (size_t)gt_random_integer(&random, 1, 10),
                (size_t)gt_random_integer(&random, 1, 6), (size_t)gt_random_integer(&random, 1, 9),
                (size_t)gt_random_integer(&random, 1, 12)};
            check(name, sizes, &random);
        }
    }
}
