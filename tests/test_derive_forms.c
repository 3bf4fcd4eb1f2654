/*
 * Cells with a feature each, derived in every form: what is derived as a cell is right, and the other forms are
 * written. The programs that they are run in tests/derive_programs.py.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(derive_forms, .timeout = 300);

static gt_parsed_cell *parse(const char *text)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s\n%s", error.message, text);
    return parsed;
}

static char *derive(const char *text, gt_derive_options options)
{
    gt_error error = {0};
    char *derived = NULL;
    size_t size = 0;
    gt_parsed_cell *parsed = parse(text);
    cr_assert_eq(gt_derive(parsed, &options, &derived, &size, &error), GT_OK, "%s\n%s", error.message, text);
    cr_assert(size > 0 && strlen(derived) == size);
    gt_parsed_cell_free(parsed);
    return derived;
}

/* Every gradient that is written is that of the tape. */
static void check_right(const char *text)
{
    static const gt_dimension sizes[] = {{"n", 2}, {"h", 3}, {"k", 4}};
    char *derived = derive(text, (gt_derive_options){.form = GT_DERIVE_CELL});
    gt_parsed_cell *parsed = parse(derived);
    const gt_check_problem problem = {.dimensions = sizes, .dimension_count = 3, .examples = 2, .steps = 2};
    const gt_check_options options = {.seed = 3, .require_all = true};
    gt_report report = {0};
    gt_error error = {0};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s\n%s",
                 error.message, derived);
    cr_expect_eq(report.verdict, GT_RIGHT, "%s", derived);
    cr_expect_gt(report.counts[GT_CHECK_FORMULA].arrays, 0, "%s", derived);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    gt_derive_free(derived);
}

static void check_forms_but(const char *text, gt_derive_form left_out)
{
    check_right(text);
    for (int form = GT_DERIVE_NUMPY; form <= GT_DERIVE_HTML; form++)
        for (int fragment = 0; fragment < 2 && form != (int)left_out; fragment++)
            gt_derive_free(derive(text, (gt_derive_options){.form = (gt_derive_form)form, .fragment = fragment == 1}));
}

static void check_forms(const char *text)
{
    check_forms_but(text, GT_DERIVE_CELL); /* that is no other form */
}

static void expect_words(const char *text, gt_derive_form form, const char *words)
{
    char *derived = derive(text, (gt_derive_options){.form = form});
    cr_expect_not_null(strstr(derived, words), "expected: %s\nbut it wrote: %s", words, derived);
    gt_derive_free(derived);
}

/* Every array, of one size or the sizes n, h and k. */
#define CELL(equations)                                                                                                \
    "cell c\n input x[n]\n state a[n], b[h]\n param W[n, h], V[h, n], u[n], g[1]\n" equations " b' = V @ a'\n"

Test(derive_forms, matrices)
{
    static const char *const cells[] = {
        CELL(" a' = W @ (V @ x) + u\n"),
        CELL(" a' = V.T @ b * u - -x\n"),
        CELL(" a' = (x * u).T.T + a / 2\n"),
        CELL(" a' = x - (u - a) / g\n"),
        CELL(" a' = tanh(x + u)**2 * (-1 * a)\n"),
        CELL(" a' = (a * 1) * (1 * u) + 0.5 * x / 1\n"),
        CELL(" a' = sum(V, axis=0).T * a + x * u\n"),
        CELL(" a' = x * mean(u * a, axis=0) + W @ b\n"),
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_forms(cells[i]);
}

/* What is constant has no gradient: the other side of a product has one. */
Test(derive_forms, constants)
{
    static const char *const cells[] = {
        "cell c\n input x[n]\n state a[n]\n param W[n, n]\n const F[n, n] = cos(i * j)\n a' = tanh(F @ (W @ a) + x)\n",
        "cell c\n input x[n]\n state a[n]\n param W[n, n]\n const F[n, n] = cos(i * j)\n a' = tanh(W @ (F @ a) * x)\n",
        ("cell c\n input x[n]\n state a[n]\n param W[n, n], v[n]\n const s = 0.3\n"
         " a' = s * tanh(W @ x) + (1 - s) * a * v\n"),
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_forms_but(cells[i], GT_DERIVE_TORCH); /* arrays of constants have no type there */
}

/* A parameter that a state begins with has the gradient of that. */
Test(derive_forms, a_learnt_beginning)
{
    static const char text[] = "cell c\n input x[n]\n state a[n] = a0, b[n]\n param W[n, n], a0[n]\n"
                               " a' = tanh(W @ x + a)\n b' = a' * b\n";
    check_forms(text);
    expect_words(text, GT_DERIVE_NUMPY, "a0");
    expect_words(text, GT_DERIVE_TORCH, "a0");
}

/* No array is of the size n alone: programs find it from another size. */
Test(derive_forms, sizes_that_are_parts)
{
    static const char *const cells[] = {
        "cell c\n input x[2 * n]\n state a[2 * n]\n param W[2 * n, 2 * n]\n a' = tanh(W @ x + a / n)\n",
        "cell c\n input x[n + h]\n state a[n + h]\n param v[h]\n y = a[h:] * x[:n]\n a' = concat(y, v * x[n:])\n",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_forms(cells[i]);
}

/* Lines may end as elsewhere, and the last one not at all. */
Test(derive_forms, ends_of_lines)
{
    static const char *const cells[] = {
        "cell c\r\n input x[n]\r\n state a[n]\r\n param W[n, n]\r\n a' = tanh(W @ x + a)\r\n",
        "cell c\r\n input x[n]\r\n state a[n]\r\n param W[n, n]\r\n a' = tanh(W @ x + a)",
        "cell c\n input x[n]\n state a[n]\n param W[n, n]\n a' = tanh(W @ x + a)   ",
        "cell c\r\n input x[n]\r\n state a[n]\r\n param W[n, n]\r\n a' = tanh(W @ x + a)\r\nbackward\r\n da = da'\r\n",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_right(cells[i]);
}

/* States of two and three sizes, products of them with matrices, and what is the same for all of a size. Only documents
 * have them. */
Test(derive_forms, several_sizes)
{
    static const char *const cells[] = {
        "cell c\n input x[n]\n state S[h, k]\n param W[h, n], V[k, n], g[1]\n"
        " S' = sum(g, axis=0) * S + outer(W @ x, V @ x)\n",
        "cell c\n input x[n]\n state S[h, k]\n param W[h, n], V[k, n], P[k, k]\n"
        " S' = tanh(S @ P + outer(W @ x, V @ x))\n",
        "cell c\n input x[n]\n state S[h, k], y[h]\n param W[h, n], V[k, n]\n"
        " q = V @ x\n S' = S - outer(S @ q, q) + outer(W @ x, q)\n y' = S' @ q\n",
        "cell c\n input x[n]\n state S[h, k], z[k]\n param W[h, n], V[k, n], d[h]\n"
        " S' = exp(-d) * S + outer(W @ x, V @ x)\n z' = S'.T @ (W @ x)\n",
        "cell c\n input x[n]\n state S[2, h, k], z[2, h]\n param W[2, h, n], V[2, k, n]\n"
        " q = V @ x\n S' = 0.9 * S + outer(W @ x, q)\n z' = S' @ q / k\n",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        check_right(cells[i]);
        for (int form = GT_DERIVE_LATEX; form <= GT_DERIVE_HTML; form++)
            gt_derive_free(derive(cells[i], (gt_derive_options){.form = (gt_derive_form)form}));
    }
}
