/*
 * Cells of the zoo against independent implementations in PyTorch: states, outputs and
 * gradients at all steps. tests/fixtures/make_zoo.py made the numbers.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"cornn",       "exprnn",
                                    "fastgrnn",    "gated_deltanet",
                                    "gla",         "gru_d",
                                    "janet",       "lem",
                                    "lif",         "linear_attention",
                                    "lmu",         "lru",
                                    "ltc",         "mamba",
                                    "mlstm",       "mogrifier_lstm",
                                    "phased_lstm", "qrnn",
                                    "retnet",      "rg_lru",
                                    "rhn",         "rwkv4",
                                    "rwkv7",       "s5",
                                    "zoneout_lstm"};

/* The arrays whose names begin so, without that beginning. */
static gt_archive *part_of(gt_archive *all, const char *beginning)
{
    gt_archive *part = gt_archive_new();
    gt_error error = {0};
    for (uint32_t i = 0; gt_archive_name(all, i) != NULL; i++) {
        const char *name = gt_archive_name(all, i);
        if (strncmp(name, beginning, strlen(beginning)) != 0)
            continue;
        cr_assert(gt_archive_load(all, name, &error) == GT_OK, "%s", error.message);
        cr_assert(gt_archive_add(part, name + strlen(beginning), gt_archive_find(all, name), &error) == GT_OK);
    }
    return part;
}

static void compare(const char *cell, const char *name, gt_array is, gt_array expected)
{
    const double *a = is.data, *b = expected.data;
    size_t count = (size_t)gt_shape_count(expected.shape);
    double size = 0;
    cr_assert(a != NULL && is.dtype == GT_F64 && expected.dtype == GT_F64, "%s: %s", cell, name);
    cr_assert_eq((size_t)gt_shape_count(is.shape), count, "%s: %s", cell, name);
    for (size_t i = 0; i < count; i++)
        size = fmax(size, fabs(b[i]));
    for (size_t i = 0; i < count; i++)
        cr_assert(fabs(a[i] - b[i]) <= 1e-13 * size, "%s: %s, entry %zu is %.17g, by PyTorch %.17g", cell, name, i,
                  a[i], b[i]);
}

static void compare_cell(const char *name)
{
    char path[512];
    gt_error error = {0};
    snprintf(path, sizeof path, GT_FIXTURES "/zoo/%s.npz", name);
    gt_archive *all = gt_archive_open(path, &error);
    cr_assert_not_null(all, "%s", error.message);
    gt_archive *given = part_of(all, "in/"), *expected = part_of(all, "out/"), *results = gt_archive_new();
    const char *text = gt_zoo_find(name)->text;
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_cell_problem problem = {0};
    cr_assert(gt_cell_problem_read(&problem, gt_parsed_cell_get(parsed), given, GT_F64, &error) == GT_OK, "%s: %s",
              name, error.message);
    cr_assert(gt_cell_problem_run(&problem, NULL, results, &error) == GT_OK, "%s: %s", name, error.message);
    cr_assert_gt(gt_archive_count(expected), 4);
    for (uint32_t i = 0; i < gt_archive_count(expected); i++) {
        const char *array = gt_archive_name(expected, i);
        compare(name, array, gt_archive_find(results, array), gt_archive_find(expected, array));
    }
    gt_cell_problem_free(&problem);
    gt_parsed_cell_free(parsed);
    gt_archive_free(results);
    gt_archive_free(expected);
    gt_archive_free(given);
    gt_archive_free(all);
}

Test(zoo_fixtures, cells_agree_with_pytorch)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        compare_cell(names[i]);
}
