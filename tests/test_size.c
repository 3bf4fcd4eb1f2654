/* Sizes such as "n_a + n_x": their values, and what is refused with which words. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const gt_dimension dimensions[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};

static int64_t value_of(const char *size)
{
    gt_error error = {0};
    int64_t value = -1;
    gt_status status = gt_size_evaluate(size, dimensions, 3, &value, &error);
    cr_assert(status == GT_OK, "%s: %s", size, error.message);
    return value;
}

Test(size, values)
{
    static const struct {
        const char *size;
        int64_t value;
    } cases[] = {
        {"7", 7},
        {"n_a", 5},
        {"n_a + n_x", 8},
        {"n_a+n_x", 8},
        {"4 * n_a", 20},
        {"4*n_a+1", 21},
        {"1 + 4 * n_a", 21},
        {"(1 + 4) * n_a", 25},
        {"n_a - n_x - 1", 1},
        {"n_a - (n_x - 1)", 3},
        {"  n_x\t*\n2 ", 6},
        {"((((n_y))))", 2},
        {"n_y * n_y * n_y * n_y", 16},
        {"1 - 5 + 10", 6},
        {"2 * (n_a - n_x) * 3 - 1", 11},
        {"9223372036854775807", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect(value_of(cases[i].size) == cases[i].value, "%s is %lld, not %lld", cases[i].size,
                  (long long)value_of(cases[i].size), (long long)cases[i].value);
}

static void expect_refused(const char *size, gt_status status, const char *words)
{
    gt_error error = {0};
    int64_t value = 42;
    cr_expect(gt_size_evaluate(size, dimensions, 3, &value, &error) == status, "%.40s: %s", size, error.message);
    cr_expect(strstr(error.message, words) != NULL, "%.40s: \"%s\" lacks \"%s\"", size, error.message, words);
    cr_expect(value == 42, "%s: the value was changed", size);
}

Test(size, refused)
{
    expect_refused("n_q", GT_ERROR_ARGUMENT, "n_q has no value; the dimensions are n_x, n_a and n_y");
    expect_refused("", GT_ERROR_ARGUMENT, "expected a whole number");
    expect_refused("n_a +", GT_ERROR_ARGUMENT, "character 6");
    expect_refused("* n_a", GT_ERROR_ARGUMENT, "character 1");
    expect_refused("(n_a", GT_ERROR_ARGUMENT, "closing parenthesis");
    expect_refused("n_a)", GT_ERROR_ARGUMENT, "character 4");
    expect_refused("n_a n_x", GT_ERROR_ARGUMENT, "expected + - * or the end");
    expect_refused("n_a / 2", GT_ERROR_ARGUMENT, "expected + - * or the end");
    expect_refused("n_x - n_a", GT_ERROR_SIZE, "is -2; a size is at least 1");
    expect_refused("0", GT_ERROR_SIZE, "is 0; a size is at least 1");
    expect_refused("9223372036854775808", GT_ERROR_SIZE, "the number is too large");
    expect_refused("9223372036854775807 + 1", GT_ERROR_SIZE, "the sum is too large");
    expect_refused("1 - 9223372036854775807 - 3", GT_ERROR_SIZE, "the sum is too large");
    expect_refused("4294967296 * 4294967296", GT_ERROR_SIZE, "the product is too large");
    expect_refused("n_a\xc3\xa9", GT_ERROR_ARGUMENT, "expected + - * or the end");
}

Test(size, null_and_no_error_wanted)
{
    int64_t value;
    gt_error error = {0};
    cr_expect(gt_size_evaluate(NULL, dimensions, 3, &value, &error) == GT_ERROR_ARGUMENT);
    cr_expect(gt_size_evaluate("n_q", dimensions, 3, &value, NULL) == GT_ERROR_ARGUMENT);
    cr_expect(gt_size_evaluate("n_q", NULL, 0, &value, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "the dimensions are none") != NULL);
}

/* A text of nothing but parentheses must not exhaust the stack. */
Test(size, depth_is_limited)
{
    static char deep[200001];
    memset(deep, '(', 100000);
    deep[100000] = '\0';
    expect_refused(deep, GT_ERROR_SIZE, "too deeply");
    char allowed[70] = "";
    memset(allowed, '(', 31);
    strcat(allowed, "n_a");
    memset(allowed + 34, ')', 31);
    cr_expect(value_of(allowed) == 5);
    gt_error error = {0};
    int64_t value;
    memset(deep, 'q', 200000); /* and a name of any length is only quoted in part */
    cr_expect(gt_size_evaluate(deep, dimensions, 3, &value, &error) == GT_ERROR_ARGUMENT);
}

Test(size, shapes_of_rows)
{
    gt_error error = {0};
    gt_shape shape;
    gt_cell_array weight = {.name = "Wf", .rows = "n_a", .columns = "n_a + n_x"};
    cr_assert(gt_cell_array_shape(&weight, dimensions, 3, 1, &shape, &error) == GT_OK);
    cr_expect(gt_shape_equal(shape, GT_SHAPE(5, 8)));
    gt_cell_array state = {.name = "a", .rows = "n_a"};
    cr_assert(gt_cell_array_shape(&state, dimensions, 3, 10, &shape, &error) == GT_OK);
    cr_expect(gt_shape_equal(shape, GT_SHAPE(5, 10)));
    gt_cell_array wrong = {.name = "Wq", .rows = "n_a", .columns = "n_q"};
    cr_expect(gt_cell_array_shape(&wrong, dimensions, 3, 1, &shape, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strncmp(error.message, "Wq: size \"n_q\"", 14) == 0, "%s", error.message);
    gt_cell_array large = {.name = "W", .rows = "9223372036854775807", .columns = "3"};
    cr_expect(gt_cell_array_shape(&large, dimensions, 3, 1, &shape, &error) == GT_ERROR_SIZE);
}

Test(size, every_cell_of_the_library_declares_its_table)
{
    cr_assert(gt_cell_count() >= 3);
    cr_expect_null(gt_cell_at(gt_cell_count()));
    cr_expect_null(gt_cell_find("lstn"));
    cr_expect_null(gt_cell_find(NULL));
    for (uint32_t i = 0; i < gt_cell_count(); i++) {
        const gt_cell *cell = gt_cell_at(i);
        cr_expect(gt_cell_find(cell->name) == cell);
        gt_parameters *set = gt_parameters_new(GT_F64);
        gt_error error = {0};
        cr_assert(gt_cell_declare(cell, dimensions, 3, true, "p.", set, &error) == GT_OK, "%s", error.message);
        cr_expect(gt_parameters_count(set) == cell->parameter_count);
        char name[64];
        snprintf(name, sizeof name, "p.%s", cell->parameters[0].name);
        cr_expect(gt_parameters_find(set, name) == 0, "%s", cell->name);
        /* The same names once more are an error that names the first of them. */
        cr_expect(gt_cell_declare(cell, dimensions, 3, true, "p.", set, &error) != GT_OK);
        cr_expect(strstr(error.message, name) != NULL, "%s", error.message);
        gt_parameters_free(set);

        set = gt_parameters_new(GT_F64);
        cr_assert(gt_cell_declare(cell, dimensions, 2, false, "", set, &error) == GT_OK,
                  "without outputs no n_y is needed: %s", error.message);
        cr_expect(gt_parameters_count(set) < cell->parameter_count);
        gt_parameters_free(set);
    }
}

Test(size, the_open_dimension_is_solved_for)
{
    const gt_dimension known[] = {{"n_a", 5}, {"n_x", 3}};
    char name[GT_SIZE_NAME];
    int64_t solution = 0;
    cr_expect(gt_size_solve("2 * n_c", 14, known, 2, name, &solution) && solution == 7);
    cr_expect_str_eq(name, "n_c");
    cr_expect(gt_size_solve("n_a + (k - n_x) * 4", 33, known, 2, name, &solution) && solution == 10);
    cr_expect(gt_size_solve("30 - k", 9, known, 2, name, &solution) == false, "cannot be evaluated far out");
    cr_expect_not(gt_size_solve("2 * n_c", 15, known, 2, name, &solution), "no whole number");
    cr_expect_not(gt_size_solve("n_c - 3", -3, known, 2, name, &solution), "below 1");
    cr_expect_not(gt_size_solve("n_a + n_x", 8, known, 2, name, &solution), "nothing is open");
    cr_expect_not(gt_size_solve("k + l", 8, known, 2, name, &solution), "two are open");
    cr_expect_not(gt_size_solve("k * k", 9, known, 2, name, &solution), "not even");
    cr_expect_not(gt_size_solve(NULL, 9, known, 2, name, &solution));
}
