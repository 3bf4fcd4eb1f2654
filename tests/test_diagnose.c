/* The likely mistake: planted by hand in the LSTM's backward block, one of each kind. */
#include <criterion/criterion.h>
#include <gradtape.h>

#include "texts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct slip {
    const char *right, *written; /* a piece of the text, and what it is replaced by */
    const char *kind, *repaired;
    const char *name; /* of the equation that is to be found */
} slip;

static char *lstm;

static void read_lstm(void)
{
    lstm = backward_text("lstm", NULL, NULL);
}

/* Owns the words of diagnoses. */
static gt_report words;

static void free_lstm(void)
{
    gt_report_free(&words);
    free(lstm);
}

TestSuite(diagnose, .init = read_lstm, .fini = free_lstm);

static uint32_t diagnose(const char *text, gt_diagnosis *list, uint32_t capacity)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    uint32_t count;
    gt_status status = gt_diagnose_cell(parsed, &words, list, capacity, &count, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_parsed_cell_free(parsed);
    return count;
}

static const slip slips[] = {
    {"dc' + o", "dc' - o", "wrong sign", "s = dc' + o * (1 - tanh(c')**2) * da'", "s "},
    {"dc   = s * f", "dc   = 2 * s * f", "constant factor", "dc = s * f", "dc "},
    {"dWf  = df_z @ z.T", "dWf  = z @ df_z.T", "transposed", "dWf = df_z @ z.T", "dWf"},
    {"Wi[:, :n_a].T @ di_z", "Wi[:, :n_a] @ di_z", "transposed", NULL, "da "},
    {"dbo  = sum(do_z, axis=1)", "dbo  = do_z", "bias not summed", "dbo = sum(do_z, axis=1)", "dbo"},
    {"dbo  = sum(do_z, axis=1)", "dbo  = mean(do_z, axis=1)", "mean for sum", "dbo = sum(do_z, axis=1)", "dbo"},
    {"s * i * (1 - g**2)", "s * i", "missing derivative", "dg_z = s * i * (1 - g**2)", "dg_z"},
    {"(1 - tanh(c')**2)", "(1 - c'**2)", "wrong argument", "s = dc' + o * (1 - tanh(c')**2) * da'", "s "},
    {"s * g * i * (1 - i)", "s * g * i * (1 - i) * i * (1 - i)", "derivative twice", "di_z = s * g * i * (1 - i)",
     "di_z"},
    {"s * g * i * (1 - i)", "s * g * f * (1 - f)", "wrong activation", "di_z = s * g * i * (1 - i)", "di_z"},
    {"dWi  = di_z", "dWi  = df_z", "swapped gates", "dWi = di_z @ z.T", "dWi"},
    {" + Wo[:, n_a:].T @ do_z", "", "missing term", NULL, "dx "},
    {"s    = dc' + ", "s    = ", "missing state path", "s = o * (1 - tanh(c')**2) * da' + dc'", "s "},
    {"df_z = s * c *", "df_z = s * c' *", "off by one step", "df_z = s * c * f * (1 - f)", "df_z"},
    {"(1 - tanh(c')**2)", "(1 - tanh(c)**2)", "old state for new", "s = dc' + o * (1 - tanh(c')**2) * da'", "s "},
    {"Wf[:, :n_a]", "Wf[:, n_a:]", "wrong slice", NULL, "da "},
    {"o * (1 - o)", "o * 1 - o", "parentheses", "do_z = da' * tanh(c') * o * (1 - o)", "do_z"},
};

Test(diagnose, one_of_each_kind)
{
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        gt_diagnosis list[4];
        char *text = replaced(lstm, slips[i].right, slips[i].written);
        uint32_t count = diagnose(text, list, 4);
        cr_assert_eq(count, 1, "%s: %u diagnoses", slips[i].written, count);
        cr_assert_str_eq(list[0].kind, slips[i].kind, "%s: %s", slips[i].written, list[0].text);
        if (slips[i].repaired != NULL)
            cr_assert_str_eq(list[0].repaired, slips[i].repaired);
        char name[16];
        snprintf(name, sizeof name, "\n  %s", slips[i].name);
        cr_assert_eq(list[0].place.line, line_of(text, name) + 1, "%s: in line %u", slips[i].written,
                     list[0].place.line);
        cr_assert(list[0].before > 1e-3 && list[0].after < 1e-9);
        cr_assert(*list[0].text != '\0');
        free(text);
    }
}

/* With a' for a it would be right as well, but one dropped factor is the smaller slip; the part is what is written. */
Test(diagnose, a_dropped_factor_before_another_state)
{
    gt_diagnosis list[4];
    char *text = backward_text("gru", "(g - a) * u * (1 - u)", "(g - a) * u");
    cr_assert_eq(diagnose(text, list, 4), 1);
    cr_expect_str_eq(list[0].kind, "missing derivative");
    cr_expect_str_eq(list[0].text, "the factor 1 - u is missing");
    cr_expect_str_eq(list[0].repaired, "du_z = da' * (g - a) * u * (1 - u)");
    cr_expect_str_eq(list[0].part, "da' * (g - a) * u");
    free(text);
    text = backward_text("gru", "da' * (g - a) * u", "da' * (g - a') * u");
    cr_assert_eq(diagnose(text, list, 4), 1);
    cr_expect_str_eq(list[0].part, "a'");
    cr_expect_str_eq(list[0].repaired, "du_z = da' * (g - a) * u * (1 - u)");
    free(text);
}

Test(diagnose, nothing_is_claimed_of_what_is_right)
{
    static const char *const cells[] = {"rnn", "lstm", "gru", "peephole", "mgu"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        gt_diagnosis list[4];
        char *text = backward_text(cells[i], NULL, NULL);
        cr_assert_eq(diagnose(text, list, 4), 0, "%s: %s", cells[i], list[0].text);
        free(text);
    }
}

Test(diagnose, two_mistakes_are_two_diagnoses)
{
    gt_diagnosis list[4];
    char *one = replaced(lstm, "dWf  = df_z", "dWf  = -df_z");
    char *two = replaced(one, "o * (1 - o)", "o");
    cr_assert_eq(diagnose(two, list, 4), 2);
    cr_assert_str_eq(list[0].kind, "missing derivative"); /* what explains more comes first */
    cr_assert_str_eq(list[1].kind, "wrong sign");
    cr_assert_eq(list[1].place.line, line_of(two, "dWf "));
    free(one);
    free(two);
}

Test(diagnose, what_no_slip_explains_has_the_right_formula)
{
    gt_diagnosis list[4];
    char *text = replaced(lstm, "s * i * (1 - g**2)", "exp(c) * sin(dc' * a) - 0.3");
    cr_assert_eq(diagnose(text, list, 4), 1);
    cr_assert_str_eq(list[0].kind, "another formula");
    cr_assert_str_eq(list[0].repaired, "dg_z = s * i * (1 - g**2)");
    cr_assert_eq(list[0].place.line, line_of(text, "dg_z"));
    free(text);
}

Test(diagnose, mistakes_elsewhere_are_said)
{
    gt_error error = {0};
    gt_diagnosis list[1];
    uint32_t count = 7;
    char *text = replaced(lstm, "Wf @ z + bf", "Wf @ x + bf");
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, &words, list, 1, &count, &error), GT_ERROR_FORMAT);
    cr_assert_eq(count, 0);
    cr_assert(strstr(error.message, "Wf") != NULL);
    gt_parsed_cell_free(parsed);
    free(text);
    text = replaced(lstm, "dc   = s * f", "dc   = s * forget");
    parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, &words, list, 1, &count, &error), GT_ERROR_FORMAT);
    cr_assert(strstr(error.message, "forget") != NULL);
    gt_parsed_cell_free(parsed);
    free(text);
}

/* ---- reverse rules ------------------------------------------------------------------------- */

static void cube_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++) {
        double x = k->inputs[0][i * k->strides[0]];
        k->output[i] = x * x * x;
    }
}

/* 3 x**2 is right. */
static gt_var cube_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var x = gt_reverse_input(r, slot), three = gt_constant(gt_reverse_tape(r), 3);
    return gt_neg(gt_mul(gt_reverse_cotangent(r), gt_mul(three, gt_mul(x, x))));
}

static const gt_op cube = {.name = "cube",
                           .arity = 1,
                           .op_class = GT_CLASS_ELEMENTWISE,
                           .shape = gt_shape_rule_elementwise,
                           .run_f64 = cube_f64,
                           .reverse = cube_reverse};

Test(diagnose, the_rule_of_an_op_of_ones_own)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.diagnose = gt_diagnose};
    cr_assert_eq(gt_check_op(&cube, (gt_shape[]){GT_SHAPE(3, 4)}, 1, NULL, 0, &options, &report, &error), GT_OK, "%s",
                 error.message);
    cr_assert_eq(report.verdict, GT_WRONG);
    const gt_diagnosis *diagnosis = &report.findings[0].diagnosis;
    cr_assert_str_eq(diagnosis->kind, "wrong sign");
    cr_assert_str_eq(diagnosis->repaired, "dx1 = dy * 3 * x1 * x1");
    cr_assert(diagnosis->after < 1e-6);
    gt_report_free(&report);
}

/* ---- arrays -------------------------------------------------------------------------------- */

typedef struct arrays {
    gt_array given;
    double right[3][6], wrong[6], sum[6], other[3][6], other_sum[6];
} arrays;

static gt_array find_array(const gt_evidence *evidence, const char *name, int64_t step)
{
    arrays *a = evidence->context;
    double *data = strcmp(name, "dW") == 0 ? a->right[step] : strcmp(name, "dV") == 0 ? a->other[step] : NULL;
    return (gt_array){data, GT_F64, GT_SHAPE(2, 3)};
}

static const gt_cell_array parameter_rows[] = {{.name = "W", .rows = "n", .columns = "k"},
                                               {.name = "V", .rows = "n", .columns = "k"}};
static const gt_cell bare_cell = {.name = "bare", .parameters = parameter_rows, .parameter_count = 2};

/* The gradients of two parameters (2, 3) over three steps. */
static void make_arrays(arrays *a)
{
    gt_random random;
    gt_random_seed(&random, 3);
    *a = (arrays){.given = {a->wrong, GT_F64, GT_SHAPE(2, 3)}};
    for (int t = 0; t < 3; t++) {
        gt_random_fill_normal(&random, GT_SHAPE(6), a->right[t]);
        gt_random_fill_normal(&random, GT_SHAPE(6), a->other[t]);
        for (int k = 0; k < 6; k++) {
            a->sum[k] += a->right[t][k];
            a->other_sum[k] += a->other[t][k];
        }
    }
}

static gt_diagnosis diagnose_arrays(arrays *a)
{
    const gt_evidence_array list[] = {
        {.name = "W", .given = a->given, .expected = a->sum, .shape = GT_SHAPE(2, 3), .verdict = GT_WRONG},
        {.name = "V",
         .given = {a->other_sum, GT_F64, GT_SHAPE(2, 3)},
         .expected = a->other_sum,
         .shape = GT_SHAPE(2, 3),
         .verdict = GT_RIGHT}};
    gt_evidence evidence = {.cell = &bare_cell,
                            .examples = 5,
                            .steps = 3,
                            .equation = GT_EVIDENCE_ARRAYS,
                            .arrays = list,
                            .array_count = 2,
                            .tolerance = 1e-9,
                            .find = find_array,
                            .report = &words,
                            .context = a};
    gt_diagnosis diagnoses[2] = {{.kind = ""}, {.kind = ""}};
    cr_assert_eq(gt_diagnose(&evidence, diagnoses), GT_OK);
    cr_assert_str_eq(diagnoses[1].kind, "", "what is right is not explained");
    return diagnoses[0];
}

Test(diagnose, arrays_by_what_they_are_made_of)
{
    arrays a;
    make_arrays(&a);
    for (int k = 0; k < 6; k++)
        a.wrong[k] = -a.sum[k];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "wrong sign");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = a.sum[k] / 5;
    cr_assert_str_eq(diagnose_arrays(&a).kind, "mean for sum");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = 3 * a.sum[k];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "constant factor");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = 2.71 * a.sum[k];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "", "nobody writes that factor");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = a.right[0][k];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "steps left out");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = a.other_sum[k];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "swapped gates");
    for (int k = 0; k < 6; k++)
        a.wrong[k] = sin(k); /* nothing */
    cr_assert_str_eq(diagnose_arrays(&a).kind, "");
    a.given.shape = GT_SHAPE(3, 2);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            a.wrong[j + 3 * i] = a.sum[i + 2 * j];
    cr_assert_str_eq(diagnose_arrays(&a).kind, "transposed");
}

/* The gradient of an input (2, 3, 3). */
static gt_diagnosis diagnose_sequence(arrays *a, double *wrong)
{
    const gt_evidence_array input = {.name = "x",
                                     .given = {wrong, GT_F64, GT_SHAPE(2, 3, 3)},
                                     .expected = a->right[0],
                                     .shape = GT_SHAPE(2, 3, 3),
                                     .verdict = GT_WRONG};
    gt_evidence evidence = {.cell = &bare_cell,
                            .examples = 3,
                            .steps = 3,
                            .equation = GT_EVIDENCE_ARRAYS,
                            .arrays = &input,
                            .array_count = 1,
                            .tolerance = 1e-9,
                            .find = find_array,
                            .report = &words,
                            .context = a};
    gt_diagnosis diagnosis = {.kind = ""};
    cr_assert_eq(gt_diagnose(&evidence, &diagnosis), GT_OK);
    return diagnosis;
}

Test(diagnose, arrays_of_a_sequence_a_step_off)
{
    arrays a;
    double wrong[18] = {0};
    make_arrays(&a);
    memcpy(wrong, a.right[1], 12 * sizeof *wrong);
    cr_assert_str_eq(diagnose_sequence(&a, wrong).kind, "off by one step");
    wrong[2] = NAN;
    cr_assert_str_eq(diagnose_sequence(&a, wrong).kind, "");
    for (int t = 0; t < 3; t++)
        memcpy(wrong + 6 * t, a.right[2 - t], 6 * sizeof *wrong);
    cr_assert_str_eq(diagnose_sequence(&a, wrong).kind, "time reversed");
}
