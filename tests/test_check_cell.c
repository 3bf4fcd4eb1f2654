/* gt_check_cell: correct cells raise no alarm, planted mistakes are found where they are. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(check_cell, .timeout = 120);

static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};

static gt_status try_check(const gt_cell *cell, gt_check_problem problem, uint32_t seed, gt_report *report,
                           gt_error *error)
{
    if (problem.dimensions == NULL) {
        problem.dimensions = sizes;
        problem.dimension_count = 3;
    }
    gt_check_options options = {.seed = seed};
    return gt_check_cell(cell, &problem, &options, report, error);
}

static gt_report check(const gt_cell *cell, gt_check_problem problem, uint32_t seed)
{
    gt_report report = {0};
    gt_error error = {0};
    cr_assert_eq(try_check(cell, problem, seed, &report, &error), GT_OK, "%s", error.message);
    return report;
}

static void expect_right(const gt_report *report, const char *what, uint32_t seed)
{
    char text[2000];
    gt_report_format(report, text, sizeof text);
    cr_expect_eq(report->verdict, GT_RIGHT, "%s, seed %u: %s", what, seed, text);
    cr_expect_eq(report->finding_count, 0);
}

/* ---- the library's cells ------------------------------------------------------------------- */

Test(check_cell, the_librarys_cells_are_right)
{
    for (uint32_t i = 0; i < gt_cell_count(); i++)
        for (uint32_t seed = 0; seed < 10; seed++) {
            gt_report report = check(gt_cell_at(i), (gt_check_problem){.examples = 4, .steps = 3}, seed);
            expect_right(&report, gt_cell_at(i)->name, seed);
            cr_expect_gt(report.counts[GT_CHECK_FORWARD].entries, 0);
            cr_expect_gt(report.counts[GT_CHECK_FORMS].entries, 0);
            cr_expect_gt(report.counts[GT_CHECK_NUMERIC].entries, 150);
            gt_report_free(&report);
        }
}

Test(check_cell, large_cells_are_projected)
{
    const gt_dimension large[] = {{"n_x", 20}, {"n_a", 24}, {"n_y", 4}};
    gt_report report = check(&gt_cell_gru, (gt_check_problem){0, large, 3, 4, 5, NULL, NULL}, 1);
    expect_right(&report, "gru", 1);
    cr_expect_gt(report.counts[GT_CHECK_NUMERIC].projections, 0);
    gt_report_free(&report);
}

Test(check_cell, the_same_seed_gives_the_same_report)
{
    gt_report a = check(&gt_cell_rnn, (gt_check_problem){.steps = 2}, 5);
    gt_report b = check(&gt_cell_rnn, (gt_check_problem){.steps = 2}, 5);
    cr_expect(memcmp(a.counts, b.counts, sizeof a.counts) == 0);
    gt_report_free(&a);
    gt_report_free(&b);
}

Test(check_cell, arguments)
{
    gt_report report = {0};
    gt_error error = {0};
    cr_expect_eq(try_check(&gt_cell_rnn, (gt_check_problem){0, sizes, 1, 0, 0, NULL, NULL}, 1, &report, &error),
                 GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "n_a"), "%s", error.message);
    cr_expect_eq(try_check(&gt_cell_rnn, (gt_check_problem){.steps = -1}, 1, &report, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(try_check(NULL, (gt_check_problem){0}, 1, &report, &error), GT_ERROR_ARGUMENT);
    gt_report_free(&report);
}

/* ---- cells as text ------------------------------------------------------------------------- */

static const char lstm[] = "cell lstm\n"
                           "  input x[n_x]\n"
                           "  state a[n_a], c[n_a]\n"
                           "  param Wf[n_a, n_a + n_x], bf[n_a] = 1, Wi[n_a, n_a + n_x], bi[n_a]\n"
                           "  param Wc[n_a, n_a + n_x], bc[n_a], Wo[n_a, n_a + n_x], bo[n_a], Wy[n_y, n_a], by[n_y]\n"
                           "  z  = concat(a, x)\n"
                           "  f  = sigmoid(Wf @ z + bf)\n"
                           "  i  = sigmoid(Wi @ z + bi)\n"
                           "  g  = tanh(Wc @ z + bc)\n"
                           "  o  = sigmoid(Wo @ z + bo)\n"
                           "  c' = f * c + i * g\n"
                           "  a' = o * tanh(c')\n"
                           "  v  = Wy @ a' + by\n"
                           "  output y = softmax(v)\n"
                           "backward\n"
                           "  dv   = y * (dy - sum(dy * y, axis=0))\n"
                           "  dWy  = dv @ a'.T\n"
                           "  dby  = sum(dv, axis=1)\n"
                           "  h    = da' + Wy.T @ dv\n"
                           "  do_z = h * tanh(c') * o * (1 - o)\n"
                           "  s    = dc' + h * o * (1 - tanh(c')**2)\n"
                           "  dg_z = s * i * (1 - g**2)\n"
                           "  di_z = s * g * i * (1 - i)\n"
                           "  df_z = s * c * f * (1 - f)\n"
                           "  dWf  = df_z @ z.T\n"
                           "  dWi  = di_z @ z.T\n"
                           "  dWc  = dg_z @ z.T\n"
                           "  dWo  = do_z @ z.T\n"
                           "  dbf  = sum(df_z, axis=1)\n"
                           "  dbi  = sum(di_z, axis=1)\n"
                           "  dbc  = sum(dg_z, axis=1)\n"
                           "  dbo  = sum(do_z, axis=1)\n"
                           "  dz   = Wf.T @ df_z + Wi.T @ di_z + Wc.T @ dg_z + Wo.T @ do_z\n"
                           "  da   = dz[:n_a, :]\n"
                           "  dc   = s * f\n"
                           "  dx   = dz[n_a:, :]\n";

static gt_parsed_cell *parse(const char *text)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), &(gt_cell_parse_options){.file = "lstm.cell"});
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    return parsed;
}

static gt_report check_text(const char *text, gt_check_problem problem, uint32_t seed, gt_parsed_cell **kept)
{
    *kept = parse(text);
    return check(gt_parsed_cell_get(*kept), problem, seed);
}

Test(check_cell, right_formulas_are_right)
{
    for (uint32_t seed = 0; seed < 40; seed++) {
        gt_parsed_cell *parsed;
        gt_report report =
            check_text(lstm, (gt_check_problem){.examples = 1 + seed % 4, .steps = 1 + seed % 3}, seed, &parsed);
        expect_right(&report, "lstm", seed);
        cr_expect_eq(report.counts[GT_CHECK_FORMULA].arrays, 15);
        cr_expect_eq(report.counts[GT_CHECK_BACKWARD].arrays, 13);
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
    }
}

/* The text with one piece replaced, which must be there. */
static char *mutate(const char *from, const char *to)
{
    const char *place = strstr(lstm, from);
    cr_assert_not_null(place, "%s", from);
    char *text = malloc(sizeof lstm + strlen(to));
    cr_assert_not_null(text);
    sprintf(text, "%.*s%s%s", (int)(place - lstm), lstm, to, place + strlen(from));
    return text;
}

typedef struct planted {
    const char *from, *to; /* in the text */
    const char *name;      /* of the equation to be found */
    const char *gate;      /* of the finding */
} planted;

/* One mistake in every equation. */
static const planted mistakes[] = {
    {"y * (dy - sum(dy * y, axis=0))", "y * (dy + sum(dy * y, axis=0))", "dv", "v"},
    {"dv @ a'.T", "-dv @ a'.T", "dWy", "v"},
    {"dby  = sum(dv, axis=1)", "dby  = sum(dv, axis=1) / m", "dby", "v"},
    {"da' + Wy.T @ dv", "da'", "h", "a'"},
    {"h * tanh(c') * o * (1 - o)", "h * c' * o * (1 - o)", "do_z", "o"},
    {"dc' + h * o * (1 - tanh(c')**2)", "dc' + h * (1 - tanh(c')**2)", "s", "c'"},
    {"s * i * (1 - g**2)", "s * i * (1 - g)", "dg_z", "g"},
    {"s * g * i * (1 - i)", "s * g * i", "di_z", "i"},
    {"s * c * f * (1 - f)", "s * c' * f * (1 - f)", "df_z", "f"},
    {"dWf  = df_z", "dWf  = di_z", "dWf", "f"},
    {"dWi  = di_z", "dWi  = 2 * di_z", "dWi", "i"},
    {"dWc  = dg_z @", "dWc  = dg_z * 0.5 @", "dWc", "g"},
    {"dWo  = do_z @ z.T", "dWo  = do_z @ concat(a', x).T", "dWo", "o"},
    {"dbf  = sum(df_z", "dbf  = mean(df_z", "dbf", "f"},
    {"dbi  = sum(di_z", "dbi  = sum(dg_z", "dbi", "i"},
    {"dbc  = sum(dg_z, axis=1)", "dbc  = dg_z", "dbc", "g"},
    {"dbo  = sum(do_z", "dbo  = -sum(do_z", "dbo", "o"},
    {"Wf.T @ df_z + Wi.T", "Wi.T", "dz", NULL},
    {"da   = dz[:n_a, :]", "da   = dz[n_x:, :]", "da", NULL},
    {"dc   = s * f", "dc   = s", "dc", "c'"},
    {"dx   = dz[n_a:, :]", "dx   = dz[:n_x, :]", "dx", NULL},
};

static uint32_t line_of(const char *text, const char *name)
{
    char start[40];
    snprintf(start, sizeof start, "\n  %s ", name);
    uint32_t line = 1;
    const char *place = strstr(strstr(text, "backward"), start);
    cr_assert_not_null(place, "%s", name);
    for (const char *c = text; c <= place; c++)
        line += *c == '\n';
    return line;
}

Test(check_cell, a_mistake_in_each_equation_is_found_where_it_is)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const planted *p = &mistakes[i];
        char *text = mutate(p->from, p->to);
        gt_parsed_cell *parsed;
        gt_report report = check_text(text, (gt_check_problem){.steps = 3}, 1, &parsed);
        cr_assert_eq(report.verdict, GT_WRONG, "%s", p->to);
        char found[4000];
        gt_report_format(&report, found, sizeof found);
        cr_expect_eq(report.finding_count, 1, "%s", found);
        const gt_finding *f = &report.findings[0];
        cr_expect_eq(f->kind, GT_CHECK_FORMULA);
        cr_expect_str_eq(f->array, p->name, "%s\n%s", p->to, found);
        cr_expect_eq(f->place.line, line_of(text, p->name), "%s", found);
        cr_expect_eq(f->place.column, 3);
        cr_expect_str_eq(f->place.file, "lstm.cell");
        if (p->gate != NULL)
            cr_expect_str_eq(f->gate, p->gate, "%s", found);
        cr_expect_neq(f->pattern, GT_PATTERN_NONE);
        cr_expect(strncmp(f->formula, p->name, strlen(p->name)) == 0, "%s", f->formula);
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
        free(text);
    }
}

Test(check_cell, two_mistakes_are_two_findings)
{
    char *one = mutate("s * g * i * (1 - i)", "s * g * i");
    char *place = strstr(one, "dc   = s * f");
    cr_assert_not_null(place);
    memcpy(place, "dc   = s * i", 12);
    gt_parsed_cell *parsed;
    gt_report report = check_text(one, (gt_check_problem){.steps = 2}, 3, &parsed);
    cr_assert_eq(report.finding_count, 2);
    cr_expect_str_eq(report.findings[0].array, "di_z");
    cr_expect_str_eq(report.findings[1].array, "dc");
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    free(one);
}

/* A block of rows: the formula is right but for two units. */
Test(check_cell, a_block_is_seen_as_one)
{
    char *text =
        mutate("dbo  = sum(do_z, axis=1)", "dbo  = concat(sum(do_z, axis=1)[:3, :], 2 * sum(do_z, axis=1)[3:, :])");
    gt_parsed_cell *parsed;
    gt_report report = check_text(text, (gt_check_problem){.steps = 2}, 1, &parsed);
    cr_assert_eq(report.finding_count, 1);
    cr_expect_eq(report.findings[0].pattern, GT_PATTERN_ROWS);
    cr_expect(report.findings[0].from == 3 && report.findings[0].to == 5);
    cr_expect_geq(report.findings[0].index[0], 3);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    free(text);
}

/* A block that never mentions dy is about the states alone. */
Test(check_cell, without_dy_its_gradient_is_zero)
{
    char *text = mutate("  dv   = y * (dy - sum(dy * y, axis=0))\n  dWy  = dv @ a'.T\n  dby  = sum(dv, axis=1)\n"
                        "  h    = da' + Wy.T @ dv\n",
                        "  h    = da'\n");
    gt_parsed_cell *parsed;
    gt_report report = check_text(text, (gt_check_problem){.steps = 3}, 1, &parsed);
    expect_right(&report, "without dy", 1);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    free(text);
}

/* The cell with the formula in the place of its %s. */
static gt_report check_with(const char *cell, const char *formula, gt_parsed_cell **parsed)
{
    char text[400];
    snprintf(text, sizeof text, cell, formula);
    return check_text(text, (gt_check_problem){.steps = 2}, 1, parsed);
}

/* A right formula that loses its digits; the same loss does not hide a real mistake. */
Test(check_cell, a_formula_that_cancels_is_undecidable)
{
    const char *const text = "cell one\n input x[n_x]\n state a[n_a]\n param w[n_a, n_x]\n"
                             " a' = tanh(w @ x + a)\nbackward\n u = da' * (1 - a'**2)\n"
                             " dw = u @ x.T\n da = (%s + 1e9) - 1e9\n";
    static const char *const formulas[] = {"u", "1.01 * u"};
    for (int i = 0; i < 2; i++) {
        gt_parsed_cell *parsed;
        gt_report report = check_with(text, formulas[i], &parsed);
        cr_expect_eq(report.verdict, i == 0 ? GT_UNDECIDABLE : GT_WRONG);
        cr_assert_eq(report.finding_count, 1);
        cr_expect_str_eq(report.findings[0].array, "da");
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
    }
}

/* A second name of a state has a gradient of its own: what flows through it. */
Test(check_cell, second_names)
{
    const char *const text = "cell two\n input x[n_x]\n state a[n_a]\n param W[n_a, n_x]\n"
                             " q = a\n h = tanh(W @ x + q)\n a' = h + 0.5 * a\nbackward\n"
                             " dq = da' * (1 - h**2)\n da = %s\n dW = dq @ x.T\n";
    static const char *const formulas[] = {"dq + 0.5 * da'", "0.5 * da'"};
    for (int i = 0; i < 2; i++) {
        gt_parsed_cell *parsed;
        gt_report report = check_with(text, formulas[i], &parsed);
        cr_expect_eq(report.counts[GT_CHECK_FORMULA].arrays, 3);
        cr_expect_eq(report.verdict, i == 0 ? GT_RIGHT : GT_WRONG);
        cr_assert_eq(report.finding_count, (uint32_t)i);
        if (i == 1)
            cr_expect_str_eq(report.findings[0].array, "da");
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
    }
}

/* ---- what cannot be decided ------------------------------------------------------------------ */

Test(check_cell, a_forward_pass_that_is_not_finite_is_undecidable)
{
    gt_parsed_cell *parsed;
    gt_report report = check_text("cell roots\n input x[n_x]\n state a[n_a]\n param W[n_a, n_x]\n"
                                  " h = sqrt(W @ x)\n a' = h + a\n",
                                  (gt_check_problem){.steps = 2}, 1, &parsed);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    cr_assert_geq(report.finding_count, 1);
    cr_expect_not_null(strstr(report.findings[0].text, "not finite"), "%s", report.findings[0].text);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* relu at exactly 0: neither of the slopes is the derivative. */
static const char kinked[] = "cell kinked\n input x[n_x]\n state a[n_a]\n param W[n_a, n_x], k[n_a]\n"
                             " a' = tanh(W @ x) + relu(k - stop_gradient(k))\n";

Test(check_cell, a_kink_is_reported)
{
    gt_parsed_cell *parsed;
    gt_report report = check_text(kinked, (gt_check_problem){.steps = 2}, 1, &parsed);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    cr_assert_geq(report.finding_count, 1);
    cr_expect(report.findings[0].kink);
    cr_expect_str_eq(report.findings[0].array, "dk");
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* Random points are tried anew, for a kink may be bad luck; a point that was given is not. */
Test(check_cell, other_points_are_tried_at_a_kink)
{
    gt_parsed_cell *parsed;
    gt_report report = check_text(kinked, (gt_check_problem){.steps = 2}, 7, &parsed);
    cr_expect_eq(report.points, 3);
    cr_expect_eq(report.seed, 7 + 2);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);

    double k[5] = {1, 2, 3, 4, 5};
    gt_archive *at = gt_archive_new();
    cr_assert_eq(gt_archive_add(at, "k", (gt_array){k, GT_F64, GT_SHAPE(5, 1)}, NULL), GT_OK);
    report = check_text(kinked, (gt_check_problem){.steps = 2, .at = at}, 7, &parsed);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    cr_expect_eq(report.points, 1);
    cr_expect_eq(report.seed, 7);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    gt_archive_free(at);

    report = check(&gt_cell_rnn, (gt_check_problem){.steps = 2}, 7);
    cr_expect_eq(report.points, 1);
    cr_expect_eq(report.seed, 7);
    gt_report_free(&report);
}

Test(check_cell, kinks_elsewhere_do_no_harm)
{
    for (uint32_t seed = 0; seed < 20; seed++) {
        gt_parsed_cell *parsed;
        gt_report report = check_text("cell relu\n input x[n_x]\n state a[n_a]\n param W[n_a, n_a + n_x], b[n_a]\n"
                                      " h = relu(W @ concat(a, x) + b)\n a' = maximum(h, 0.5 * abs(a) - 1)\n",
                                      (gt_check_problem){.steps = 4}, seed, &parsed);
        cr_expect_neq(report.verdict, GT_WRONG, "seed %u", seed);
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
    }
}

Test(check_cell, stop_gradient_is_no_mistake)
{
    gt_parsed_cell *parsed;
    gt_report report = check_text("cell held\n input x[n_x]\n state a[n_a]\n param W[n_a, n_a + n_x]\n"
                                  " h = tanh(W @ concat(a, x))\n a' = h * stop_gradient(1 + h**2)\n"
                                  "backward\n u = da' * (1 + h**2) * (1 - h**2)\n dW = u @ concat(a, x).T\n",
                                  (gt_check_problem){.steps = 3}, 1, &parsed);
    expect_right(&report, "stop_gradient", 1);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* ---- arrays of several sizes ------------------------------------------------------------------- */

/* A row of S[n_k, n_v] is told as in NumPy's order: n_v * k + v. */
Test(check_cell, entries_of_several_sizes_have_all_their_indices)
{
    static const gt_dimension several[] = {{"n_x", 2}, {"n_k", 3}, {"n_v", 4}};
    static const char text[] =
        "cell c\n input x[n_x]\n state S[n_k, n_v]\n param W[n_k, n_v, n_x], P[n_k, n_v], u[n_k]\n"
        " q = W @ x\n S' = tanh(S * P + q) * u\nbackward\n dS = 2 * dS'\n dq = 3 * dS'\n"
        " dW = dS' @ x.T\n dP = 4 * P\n du = u * 5\n";
    gt_parsed_cell *parsed;
    gt_check_problem problem = {.examples = 5, .steps = 2, .dimensions = several, .dimension_count = 3};
    gt_report report = check_text(text, problem, 1, &parsed);
    uint32_t told = 0;
    for (uint32_t i = 0; i < report.finding_count; i++) {
        const gt_finding *f = &report.findings[i];
        char words[2000], entry[100];
        gt_finding_format(f, words, sizeof words);
        bool parts = strcmp(f->array, "dP") != 0 && strcmp(f->array, "du") != 0;
        int64_t row = f->index[0];
        if (parts)
            snprintf(entry, sizeof entry, "%s[%d, %d, %d] at", f->array, (int)(row / 4), (int)(row % 4),
                     (int)f->index[1]);
        else
            snprintf(entry, sizeof entry, "%s[%d, %d] at", f->array, (int)row, (int)f->index[1]);
        cr_expect_not_null(strstr(words, entry), "no '%s' in %s", entry, words);
        told++;
    }
    cr_expect_eq(told, 5);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* ---- a cell in C whose op has a wrong rule --------------------------------------------------- */

static void cube_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++) {
        double x = k->inputs[0][i * k->strides[0]];
        k->output[i] = x * x * x;
    }
}

/* 3 x, for 3 x^2 */
static gt_var cube_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var x = gt_reverse_input(r, 0);
    return gt_mul(gt_reverse_cotangent(r), gt_add(gt_add(x, x), x));
}

static const gt_op cube = {.name = "cube",
                           .arity = 1,
                           .op_class = GT_CLASS_ELEMENTWISE,
                           .shape = gt_shape_rule_elementwise,
                           .run_f64 = cube_f64,
                           .reverse = cube_reverse};

static void cubic_step(gt_cell_step *step)
{
    gt_var h = gt_tanh(gt_add(gt_matmul(step->parameters[0], step->inputs[0]), step->states[0]));
    step->next_states[0] = gt_apply(&cube, &h, 1, NULL, 0);
}

static const gt_cell_array x_row = {.name = "x", .rows = "n_x"}, a_row = {.name = "a", .rows = "n_a"},
                           W_row = {.name = "W", .rows = "n_a", .columns = "n_x"};
static const gt_cell cubic = {.name = "cubic",
                              .step = cubic_step,
                              .inputs = &x_row,
                              .input_count = 1,
                              .states = &a_row,
                              .state_count = 1,
                              .parameters = &W_row,
                              .parameter_count = 1};

Test(check_cell, a_wrong_rule_inside_a_cell_is_found)
{
    gt_report report = check(&cubic, (gt_check_problem){.steps = 3}, 1);
    cr_assert_eq(report.verdict, GT_WRONG);
    bool found = false;
    for (uint32_t i = 0; i < report.finding_count; i++)
        found = found || (report.findings[i].kind == GT_CHECK_RULE && strcmp(report.findings[i].gate, "cube") == 0);
    cr_expect(found);
    gt_report_free(&report);
}

/* A cell that records something else from step to step: rolled and unrolled cannot agree. */
static void fickle_step(gt_cell_step *step)
{
    int *calls = step->context;
    gt_var h = gt_add(gt_matmul(step->parameters[0], step->inputs[0]), step->states[0]);
    step->next_states[0] = ++*calls % 2 ? gt_tanh(h) : gt_sin(h);
}

Test(check_cell, a_cell_that_changes_from_step_to_step_is_found)
{
    int calls = 0;
    gt_cell fickle = cubic;
    fickle.step = fickle_step;
    fickle.context = &calls;
    gt_report report = check(&fickle, (gt_check_problem){.steps = 4}, 1);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.findings[0].kind, GT_CHECK_FORWARD);
    cr_expect_not_null(strstr(report.findings[0].text, "from step to step"), "%s", report.findings[0].text);
    gt_report_free(&report);
}

/* ---- formulas of a cell in C ------------------------------------------------------------------- */

/* a' = tanh(W x + a), and by hand du = da' (1 - a'^2), dW = du x.T, da = du; u is W x + a. */
static void plain_step(gt_cell_step *step)
{
    step->next_states[0] = gt_tanh(gt_add(gt_matmul(step->parameters[0], step->inputs[0]), step->states[0]));
}

static void plain_forward(const gt_handwritten *handwritten, gt_cell_step *step, gt_var *values)
{
    (void)handwritten;
    values[0] = gt_add(gt_matmul(step->parameters[0], step->inputs[0]), step->states[0]);
    values[1] = step->next_states[0] = gt_tanh(values[0]);
}

static gt_var plain_backward(const gt_handwritten *handwritten, uint32_t i, const gt_handwritten_scope *scope)
{
    double sign = *(const double *)handwritten->context;
    gt_var a = scope->lookup(scope->names, "a'"), one = gt_constant(scope->tape, 1.0);
    if (i == 0)
        return gt_mul(scope->lookup(scope->names, "da'"), gt_sub(one, gt_mul(a, a)));
    gt_var du = scope->lookup(scope->names, "du");
    if (i == 2)
        return gt_mul(du, gt_constant(scope->tape, sign));
    return gt_matmul(du, gt_transpose(scope->lookup(scope->names, "x")));
}

static const gt_equation plain_equations[] = {{.name = "u"}, {.name = "a'"}},
                         plain_formulas[] = {{.name = "du"}, {.name = "dW"}, {.name = "da"}};

Test(check_cell, formulas_in_c)
{
    for (double sign = 1; sign >= -1; sign -= 2) {
        gt_handwritten handwritten = {.forward = plain_equations,
                                      .forward_count = 2,
                                      .backward = plain_formulas,
                                      .backward_count = 3,
                                      .record_forward = plain_forward,
                                      .record_backward = plain_backward,
                                      .context = &sign};
        gt_cell plain = cubic;
        plain.step = plain_step;
        plain.handwritten = &handwritten;
        gt_report report = check(&plain, (gt_check_problem){.steps = 3}, 1);
        cr_expect_eq(report.counts[GT_CHECK_FORMULA].arrays, 3);
        cr_expect_eq(report.verdict, sign > 0 ? GT_RIGHT : GT_WRONG);
        cr_assert_eq(report.finding_count, sign > 0 ? 0 : 1);
        if (sign < 0)
            cr_expect_str_eq(report.findings[0].array, "da");
        gt_report_free(&report);
    }
}
