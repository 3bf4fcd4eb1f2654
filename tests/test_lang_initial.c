/* Initial values that are expressions: what arrays are filled with. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 4}};

/* A cell whose parameter W begins so. */
static gt_parsed_cell *cell_with(const char *initial)
{
    char text[512];
    int size = snprintf(text, sizeof text,
                        "cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_x] %s\n h' = h + W @ x\n", initial);
    gt_parsed_cell *parsed = gt_cell_parse(text, (size_t)size, NULL);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    return parsed;
}

/* The set, which needs the cell no more. */
static gt_parameters *filled(const char *initial, gt_dtype dtype, uint64_t seed)
{
    gt_parsed_cell *parsed = cell_with(initial);
    gt_parameters *set = gt_parameters_new(dtype);
    gt_error error = {0};
    gt_status status = gt_cell_declare(gt_parsed_cell_get(parsed), sizes, 2, true, "", set, &error);
    gt_parsed_cell_free(parsed);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_parameters_initialize(set, seed);
    return set;
}

static const double *entries(const gt_parameters *set)
{
    cr_assert_eq(gt_parameters_status(set), GT_OK, "%s", gt_parameters_message(set));
    return gt_parameters_array(set, 0).data;
}

static void expect_formula(const char *initial, double (*formula)(int i, int j))
{
    gt_parameters *set = filled(initial, GT_F64, 7);
    const double *w = entries(set);
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 4; i++)
            cr_expect(fabs(w[i + 4 * j] - formula(i, j)) <= 1e-15, "%s: W[%d][%d] is %g", initial, i, j, w[i + 4 * j]);
    gt_parameters_free(set);
}

static double identity(int i, int j)
{
    return i == j;
}

static double hippo(int i, int j)
{
    return i > j ? -sqrt((2 * i + 1) * (2 * j + 1)) : i == j ? -(i + 1) : 0;
}

static double wave(int i, int j)
{
    return cos(2 * 3.141592653589793 * i * j / 4);
}

static double half(int i, int j)
{
    (void)i, (void)j;
    return 0.5;
}

Test(lang_initial, formulas_of_the_indices)
{
    expect_formula("~ identity", identity);
    expect_formula("= i == j", identity);
    expect_formula("= (i == j)", identity);
    expect_formula("~ hippo", hippo);
    expect_formula("= cos(2 * pi * i * j / n_a)", wave);
    expect_formula("= 2 / n_a", half);
    expect_formula("= 1 / sqrt(n_a)", half);
}

/* A distribution whose numbers are known is the one that is written with them. */
Test(lang_initial, distributions_are_those_of_numbers)
{
    static const char *const pairs[][2] = {{"~ normal(1 / sqrt(n_a))", "~ normal(0.5)"},
                                           {"~ uniform(-1 / n_a, n_x)", "~ uniform(-0.25, 3)"},
                                           {"~ uniform(n_x, n_x)", "= 3"}};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        gt_parameters *a = filled(pairs[k][0], GT_F64, 3), *b = filled(pairs[k][1], GT_F64, 3);
        cr_expect(memcmp(entries(a), entries(b), 12 * sizeof(double)) == 0, "%s", pairs[k][0]);
        gt_parameters_free(a);
        gt_parameters_free(b);
    }
}

/* The first draw of a formula is the array's own, and a second one has numbers of its own. */
Test(lang_initial, draws_in_formulas)
{
    gt_parameters *set = filled("= log(uniform(1, 783))", GT_F64, 5), *plain = filled("~ uniform(1, 783)", GT_F64, 5);
    for (int k = 0; k < 12; k++)
        cr_expect(fabs(entries(set)[k] - log(entries(plain)[k])) <= 1e-14);
    gt_parameters_free(set);
    gt_parameters_free(plain);
    set = filled("= normal(1) - normal(1)", GT_F64, 5);
    for (int k = 0; k < 12; k++)
        cr_expect(fabs(entries(set)[k]) > 1e-9);
    gt_parameters_free(set);
    set = filled("~ bernoulli(0.5)", GT_F64, 5);
    double sum = 0;
    for (int k = 0; k < 12; k++) {
        cr_expect(entries(set)[k] == 0 || entries(set)[k] == 1);
        sum += entries(set)[k];
    }
    cr_expect(sum > 0 && sum < 12);
    gt_parameters_free(set);
}

Test(lang_initial, in_single_precision)
{
    gt_parameters *set = filled("= i - j / 3", GT_F32, 5);
    const float *w = gt_parameters_array(set, 0).data;
    for (int k = 0; k < 12; k++)
        cr_expect_eq(w[k], (float)(k % 4 - (k / 4) / 3.0));
    gt_parameters_free(set);
}

Test(lang_initial, what_is_not_finite_is_told_with_its_place)
{
    gt_parameters *set = filled("= log(j - 1)", GT_F64, 5);
    cr_expect_eq(gt_parameters_status(set), GT_ERROR_NOT_FINITE);
    cr_expect_str_eq(gt_parameters_message(set), "parameter 'W' cannot be initialized: its formula gives nan at "
                                                 "[0][0], and initial values are finite");
    gt_parameters_free(set);
    set = filled("= 1e39 * (i + 1)", GT_F32, 5);
    cr_expect_eq(gt_parameters_status(set), GT_ERROR_NOT_FINITE);
    gt_parameters_free(set);
    set = filled("= 1 * bernoulli(i)", GT_F64, 5); /* 2 is no probability */
    cr_expect_eq(gt_parameters_status(set), GT_ERROR_NOT_FINITE);
    gt_parameters_free(set);
}

/* What depends on sizes is known when arrays are made. */
Test(lang_initial, limits_that_sizes_break)
{
    gt_parsed_cell *parsed = cell_with("~ normal(n_x - n_a)");
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_error error = {0};
    gt_status status = gt_cell_declare(gt_parsed_cell_get(parsed), sizes, 2, true, "", set, &error);
    cr_expect_eq(status, GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "a standard deviation must be finite and not negative"));
    gt_parameters_free(set);
    gt_parsed_cell_free(parsed);
}

/* A name of the cell hides an index only where it is a number. */
Test(lang_initial, names_that_are_indices)
{
    static const char text[] = "cell c\n input x[j]\n state h[4]\n param W[4, j] = j * i\n"
                               " i = sigmoid(h)\n h' = i * h + W @ x\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_cell_declare(gt_parsed_cell_get(parsed), &(gt_dimension){"j", 3}, 1, true, "", set, &error);
    gt_parsed_cell_free(parsed);
    gt_parameters_initialize(set, 1);
    for (int k = 0; k < 12; k++)
        cr_expect_eq(entries(set)[k], 3 * (k % 4));
    gt_parameters_free(set);
}

/* ---- made of other parameters -------------------------------------------------------------- */

/* Its parameters, in the order of the text, each of four entries, called as those of layer 2. */
static gt_parameters *filled_all(const char *declarations)
{
    char text[2048];
    int size =
        snprintf(text, sizeof text, "cell c\n input x[n_x]\n state h[n_a]\n param %s, W[n_a, n_x]\n h' = h + W @ x\n",
                 declarations);
    gt_parsed_cell *parsed = gt_cell_parse(text, (size_t)size, NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    gt_status status = gt_cell_declare(gt_parsed_cell_get(parsed), sizes, 2, true, "layer2.", set, &error);
    gt_parsed_cell_free(parsed);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    cr_assert_eq(gt_parameters_initialize(set, 9), GT_OK, "%s", gt_parameters_message(set));
    return set;
}

/* The numbers of the other parameter itself, whatever it is drawn from, also in the limits of a draw. */
Test(lang_initial, entries_of_parameters_above)
{
    gt_parameters *set = filled_all("a[n_a] ~ normal(2), b[n_a] = exp(uniform(0, 3)), c[n_a] = a * b + n_x, "
                                    "d[n_a] ~ uniform(10, 10 + b), e[n_a] = c - a * b");
    const double *entry[5];
    for (int k = 0; k < 5; k++)
        entry[k] = gt_parameters_array(set, k).data;
    for (int i = 0; i < 4; i++) {
        cr_expect(fabs(entry[2][i] - entry[0][i] * entry[1][i] - 3) <= 1e-14);
        cr_expect(entry[3][i] >= 10 && entry[3][i] < 10 + entry[1][i]);
        cr_expect(fabs(entry[4][i] - 3) <= 1e-14);
    }
    cr_expect(entry[0][0] != entry[0][1] && entry[1][0] != entry[1][1]);
    gt_parameters_free(set);
}

/* A parameter of the name of an index does not hide it. */
Test(lang_initial, parameters_that_are_called_as_indices)
{
    gt_parameters *set = filled_all("i[n_a], a[n_a] = 2 * i, b[n_a] ~ uniform(10 + i, 11 + i), c[n_a] = 5 + j, j[n_a]");
    for (int k = 0; k < 4; k++) {
        double b = ((const double *)gt_parameters_array(set, 2).data)[k];
        cr_expect_eq(((const double *)gt_parameters_array(set, 1).data)[k], 2 * k);
        cr_expect(b >= 10 + k && b < 11 + k);
        cr_expect_eq(((const double *)gt_parameters_array(set, 3).data)[k], 5);
    }
    gt_parameters_free(set);
}

/* Each is computed once for each entry, however often the next one reads it. */
Test(lang_initial, long_chains_of_parameters)
{
    char declarations[1024] = "p0[n_a] ~ uniform(0, 1)";
    for (int k = 1; k <= 40; k++)
        snprintf(declarations + strlen(declarations), sizeof declarations - strlen(declarations), ", p%d[n_a]=p%d+p%d",
                 k, k - 1, k - 1);
    gt_parameters *set = filled_all(declarations);
    const double *first = gt_parameters_array(set, 0).data, *last = gt_parameters_array(set, 40).data;
    for (int i = 0; i < 4; i++)
        cr_expect_eq(last[i], ldexp(first[i], 40));
    gt_parameters_free(set);
}

Test(lang_initial, what_of_other_parameters_cannot_be_read)
{
    static const char *const cases[][2] = {
        {"a[n_a] = b, b[n_a] = 1", "an initial value knows the parameters above it, and not b"},
        {"a[n_a] = a", "an initial value knows the parameters above it, and not a"},
        {"a[n_a], b[n_a] = a", "a begins with no formula, so no entry of it is known"},
        {"a[n_a, n_a] ~ orthogonal, b[n_a, n_a] = a", "a begins with no formula, so no entry of it is known"},
        {"a[n_x] = 1, b[n_a] = a", "a has other sizes than b"},
        {"a[n_a, n_x] = 1, b[n_a] = a", "a has other sizes than b"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[512];
        int size = snprintf(text, sizeof text,
                            "cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_x] = 1, %s\n h' = h + W @ x\n",
                            cases[k][0]);
        gt_parsed_cell *parsed = gt_cell_parse(text, (size_t)size, NULL);
        gt_error error = {0};
        cr_expect_neq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", cases[k][0]);
        cr_expect_not_null(strstr(error.message, cases[k][1]), "%s: %s", cases[k][0], error.message);
        gt_parsed_cell_free(parsed);
    }
}
