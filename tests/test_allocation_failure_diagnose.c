/* Every allocation made to fail in turn: explaining a wrong backward block. */
#include <gradtape.h>

#include "support/allocation.h"
#include "texts.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many calls tell one allocation from another: see support/allocation.h. */
enum { CALLS = 3 };

TestSuite(allocation_failure_diagnose, .timeout = 300);

static const char *const wrong_cell = "cell rnn\n"
                                      "  input x[n_x]\n"
                                      "  state a[n_a]\n"
                                      "  param W[n_a, n_a + n_x], b[n_a]\n"
                                      "  z = concat(a, x)\n"
                                      "  a' = tanh(W @ z + b)\n"
                                      "backward\n"
                                      "  dh = (1 - a'**2) * da'\n"
                                      "  dW = dh @ z.T\n"
                                      "  db = -sum(dh, axis=1)\n"
                                      "  da = W[:, :n_a].T @ dh\n";

static gt_status explain(const void *context, double *result)
{
    (void)context;
    gt_error error = {0};
    gt_report words = {0};
    gt_diagnosis diagnosis;
    uint32_t count;
    gt_parsed_cell *parsed = gt_cell_parse(wrong_cell, strlen(wrong_cell), NULL);
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    gt_status status = gt_diagnose_cell(parsed, &words, &diagnosis, 1, &count, &error);
    if (status == GT_OK) {
        cr_assert_eq(count, 1);
        cr_assert_str_eq(diagnosis.kind, "wrong sign");
        *result = count;
    } else {
        cr_assert(error.message[0] != '\0');
    }
    gt_report_free(&words);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_diagnose, a_formula)
{
    cr_expect_gt(fail_some_allocations("a diagnosis", explain, NULL, NULL, CALLS), 100);
}

/* ---- mistakes of all kinds ----------------------------------------------------------------- */

/* All that is said of a block, and that may be left out where there is no memory for it. */
static gt_status explain_all(const void *context, double *result)
{
    enum { MOST = 4 };
    const char *text = context;
    gt_error error = {0};
    gt_report words = {0};
    gt_diagnosis list[MOST];
    uint32_t count = 0;
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    gt_status status = gt_diagnose_cell(parsed, &words, list, MOST, &count, &error);
    cr_assert(status == GT_OK || error.message[0] != '\0');
    for (uint32_t i = 0; i < count && status == GT_OK; i++)
        *result = *result / 2 + (double)strlen(list[i].text) + (double)strlen(list[i].kind);
    gt_report_free(&words);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_diagnose, mistakes_of_all_kinds)
{
    static const struct {
        const char *cell, *right, *wrong;
    } slips[] = {
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * f * (1 - i)"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * 1 - g**2"},
        {"lstm", "s    = dc' + o", "s    = o"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z", "+ Wi[:, n_x:].T @ df_z"},
        {"lstm", "dbi  = sum(di_z, axis=1)", "dbi  = mean(di_z, axis=1)"},
        {"lstm", "dc   = s * f", "dc   = s + 0.3 * c"},
        {"rnn", "dy_z = y * (dy - sum(dy * y, axis=0))", "dy_z = y * dy - sum(dy * y, axis=0)"},
        {"rnn", "dWaa = da_z @ a.T", "dWaa = a @ da_z.T"},
        {"gru", "du_z = da' * (g - a) * u", "du_z = da' * (g + a') * u"},
        {"gru", "+ dra * r + Wr", "+ dra * u - Wr"},
        {"mgu", "df_z = (da' * (g - a) + dfa * a)", "df_z = (da' * (g - a) - dfa)"},
        {"peephole", "dpo  = sum(do_z * c', axis=1)", "dpo  = sum(do_z * c, axis=0)"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        char *wrong = backward_text(slips[i].cell, slips[i].right, slips[i].wrong);
        cr_expect_gt(fail_some_allocations(slips[i].wrong, explain_all, wrong, NULL, CALLS), 100);
        free(wrong);
    }
}

/* The derived block of a cell whose arrays have several sizes, with the first of these pieces of it exchanged. */
static char *derived_with(const char *cell, const char *piece, const char *by)
{
    gt_error error = {0};
    char *derived;
    size_t size;
    gt_parsed_cell *parsed = gt_cell_parse(cell, strlen(cell), NULL);
    cr_assert_eq(gt_derive(parsed, &(gt_derive_options){.form = GT_DERIVE_CELL}, &derived, &size, &error), GT_OK, "%s",
                 error.message);
    const char *at = strstr(strstr(derived, "backward"), piece);
    cr_assert_not_null(at, "there is no '%s' in\n%s", piece, derived);
    char *text = malloc(size + strlen(by) + 1);
    sprintf(text, "%.*s%s%s", (int)(at - derived), derived, by, at + strlen(piece));
    gt_derive_free(derived);
    gt_parsed_cell_free(parsed);
    return text;
}

Test(allocation_failure_diagnose, arrays_of_several_sizes)
{
    static const char cell[] = "cell c\n input x[n]\n state S[h, k], z[k]\n param W[h, n], V[k, n], d[h]\n"
                               " q = V @ x\n S' = exp(-d) * S + outer(W @ x, q)\n z' = S'.T @ (W @ x) + z[:k] * 0.5\n";
    static const char *const slips[][2] = {{"exp(-d)", "exp(d)"},
                                           {"dS' + outer", "dS' - outer"},
                                           {"outer(z_1, dz')", "outer(z_1, q)"},
                                           {"s * exp(-d)\n", "s\n"},
                                           {"0.5 * ", ""}};
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        char *wrong = derived_with(cell, slips[i][0], slips[i][1]);
        gt_parsed_cell *parsed = gt_cell_parse(wrong, strlen(wrong), NULL);
        cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK, "%s", wrong);
        cr_expect_gt(fail_some_allocations(slips[i][0], explain_all, wrong, NULL, CALLS), 100);
        gt_parsed_cell_free(parsed);
        free(wrong);
    }
}

static gt_status write_entries(const void *context, double *result)
{
    static const gt_dimension sizes[] = {{"n_x", 1}, {"n_a", 2}};
    (void)context;
    gt_error error = {0};
    gt_report report = {0};
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 2, .examples = 2, .steps = 2};
    gt_check_options options = {.seed = 1, .diagnose = gt_diagnose, .arithmetic = gt_arithmetic};
    gt_parsed_cell *parsed = gt_cell_parse(wrong_cell, strlen(wrong_cell), NULL);
    if (parsed == NULL || gt_parsed_cell_get(parsed) == NULL) {
        gt_parsed_cell_free(parsed);
        return GT_ERROR_MEMORY;
    }
    gt_status status = gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error);
    for (uint32_t i = 0; i < report.finding_count && status == GT_OK; i++)
        *result = *result / 2 + (double)strlen(report.findings[i].arithmetic) +
                  3 * (double)strlen(report.findings[i].expected_arithmetic);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_diagnose, entries_written_out)
{
    double length = 0;
    cr_assert_eq(write_entries(NULL, &length), GT_OK);
    cr_assert_gt(length, 40);
    cr_expect_gt(fail_some_allocations("an entry written out", write_entries, NULL, NULL, CALLS), 100);
}

/* tanh with the sign of its derivative wrong. */
static gt_var wrong_rule(gt_reverse *r, uint32_t slot)
{
    gt_var y = gt_reverse_output(r), one = gt_constant(gt_reverse_tape(r), 1);
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_sub(gt_mul(y, y), one));
}

static gt_status explain_rule(const void *context, double *result)
{
    const gt_op *op = context;
    gt_error error = {0};
    gt_report report = {0};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_status status = gt_check_op(op, (gt_shape[]){GT_SHAPE(2)}, 1, NULL, 0, &options, &report, &error);
    if (status == GT_OK) /* a diagnosis for which there is no memory is none */
        *result = report.verdict;
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_diagnose, a_rule)
{
    gt_op op = {0};
    for (uint32_t i = 0; i < gt_op_count(); i++)
        if (strcmp(gt_op_at(i)->name, "tanh") == 0)
            op = *gt_op_at(i);
    op.reverse = wrong_rule;
    cr_expect_gt(fail_some_allocations("the diagnosis of a rule", explain_rule, &op, NULL, CALLS), 100);
}

/* Two steps of a' = tanh(W a + x), whose gradient by W lacks the derivative of tanh. */
typedef struct lacking {
    gt_parsed_cell *parsed;
    gt_archive *archive;
    double W, x[2], a0, da[2], dW;
} lacking;

static gt_status explain_array(const void *context, double *result)
{
    const lacking *l = context;
    gt_error error = {0};
    gt_report report = {0};
    gt_dimension dimension = {"n", 1};
    gt_check_problem problem = {
        .dimensions = &dimension, .dimension_count = 1, .examples = 1, .steps = 2, .given = l->archive};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_status status = gt_check_cell(gt_parsed_cell_get(l->parsed), &problem, &options, &report, &error);
    if (status == GT_OK) { /* with its explanation, or not at all */
        cr_assert_eq(report.finding_count, 1);
        cr_assert_str_eq(report.findings[0].diagnosis.kind, "missing derivative");
        *result = report.verdict;
    }
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_diagnose, an_array)
{
    static const char *const text = "cell one\n input x[n]\n state a[n]\n param W[n, n]\n"
                                    " a' = tanh(W @ a + x)\n";
    lacking l = {.W = 0.7, .x = {0.3, -0.4}, .a0 = 0.5, .da = {0.6, -0.9}};
    const double a1 = tanh(0.7 * 0.5 + 0.3);
    l.dW = l.da[1] * a1 + (l.da[0] + l.W * l.da[1]) * l.a0;
    const struct {
        const char *name;
        gt_shape shape;
        double *data;
    } arrays[] = {{"W", GT_SHAPE(1, 1), &l.W},
                  {"x", GT_SHAPE(1, 1, 2), l.x},
                  {"a0", GT_SHAPE(1, 1), &l.a0},
                  {"da", GT_SHAPE(1, 1, 2), l.da},
                  {"dW", GT_SHAPE(1, 1), &l.dW}};
    l.parsed = gt_cell_parse(text, strlen(text), NULL);
    l.archive = gt_archive_new();
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        gt_array array = {arrays[i].data, GT_F64, arrays[i].shape};
        cr_assert_eq(gt_archive_add(l.archive, arrays[i].name, array, NULL), GT_OK);
    }
    cr_expect_gt(fail_some_allocations("the diagnosis of an array", explain_array, &l, NULL, CALLS), 100);
    gt_archive_free(l.archive);
    gt_parsed_cell_free(l.parsed);
}
