/* Every allocation made to fail in turn: a page in which a cell is stepped through. */
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>

TestSuite(allocation_failure_stepper, .timeout = 300);

static gt_archive *numbers_of(const gt_cell_problem *shapes)
{
    gt_archive *archive = gt_archive_new();
    gt_random random;
    double data[64];
    gt_random_seed(&random, 4);
    for (uint32_t i = 0; i < shapes->array_count; i++) {
        const gt_problem_array *array = &shapes->arrays[i];
        cr_assert_leq(array->count, sizeof data / sizeof *data);
        for (size_t k = 0; k < array->count; k++)
            data[k] = gt_random_normal(&random);
        cr_assert_eq(gt_archive_add(archive, array->name, (gt_array){data, GT_F64, array->shape}, NULL), GT_OK);
    }
    return archive;
}

static void fill(gt_cell_problem *problem)
{
    gt_dimensions dimensions;
    gt_cell_problem shapes = {0};
    cr_assert_eq(gt_dimensions_find(&dimensions, &gt_cell_rnn, true, NULL), GT_OK);
    gt_dimensions_usual(&dimensions, 0);
    cr_assert_eq(gt_cell_problem_shape(&shapes, &gt_cell_rnn, GT_F64, &dimensions, 1, 2, true, NULL), GT_OK);
    gt_archive *archive = numbers_of(&shapes);
    cr_assert_eq(gt_cell_problem_read(problem, &gt_cell_rnn, archive, GT_F64, NULL), GT_OK);
    gt_archive_free(archive);
    gt_cell_problem_free(&shapes);
}

static gt_status write(const void *context, double *result)
{
    char *page;
    size_t size = 0;
    gt_error error = {0};
    gt_status status = gt_stepper(context, NULL, &page, &size, &error);
    cr_assert(status == GT_OK || error.message[0] != '\0');
    if (status == GT_OK)
        gt_stepper_free(page);
    *result = (double)size;
    return status;
}

Test(allocation_failure_stepper, page)
{
    gt_cell_problem problem = {0};
    fill(&problem);
    cr_expect_gt(fail_every_allocation("gt_stepper", write, &problem, NULL), 100);
    gt_cell_problem_free(&problem);
}

static gt_status write_without_an_error(const void *context, double *result)
{
    char *page;
    size_t size = 0;
    gt_status status = gt_stepper(context, NULL, &page, &size, NULL);
    if (status == GT_OK)
        gt_stepper_free(page);
    *result = (double)size;
    return status;
}

Test(allocation_failure_stepper, page_without_an_error)
{
    gt_cell_problem problem = {0};
    fill(&problem);
    cr_expect_gt(fail_every_allocation("gt_stepper", write_without_an_error, &problem, NULL), 100);
    gt_cell_problem_free(&problem);
}

Test(allocation_failure_stepper, without_an_error)
{
    gt_cell_problem problem = {0};
    char *page;
    size_t size;
    fill(&problem);
    cr_expect_eq(gt_stepper(&problem, NULL, &page, &size, NULL), GT_OK);
    gt_stepper_free(page);
    for (uint32_t i = 0; i < problem.array_count; i++)
        problem.arrays[i].given = problem.arrays[i].given && i < problem.differentiated;
    cr_expect_eq(gt_stepper(&problem, NULL, &page, &size, NULL), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_stepper(NULL, NULL, &page, &size, NULL), GT_ERROR_ARGUMENT);
    gt_cell_problem_free(&problem);
}

static gt_status ask(const void *context, double *result)
{
    gt_quiz *quiz = gt_quiz_new(context, NULL);
    *result = quiz != NULL ? gt_quiz_count(quiz) : 0;
    gt_status status = quiz != NULL ? GT_OK : GT_ERROR_MEMORY;
    gt_quiz_free(quiz);
    return status;
}

Test(allocation_failure_stepper, quiz)
{
    static const char text[] = "cell c\n input x[n]\n state a[n]\n param W[n, n]\n a' = tanh(W @ x + a)\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    cr_expect_gt(fail_every_allocation("gt_quiz_new", ask, parsed, NULL), 100);
    gt_parsed_cell_free(parsed);
}

Test(allocation_failure_stepper, quiz_of_what_cannot_be_derived)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse("cell c", 6, NULL);
    cr_expect_null(gt_quiz_new(parsed, &error));
    cr_expect_str_not_empty(error.message);
    gt_parsed_cell_free(parsed);
}
