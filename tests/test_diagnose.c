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
    lstm = read_text(GT_FIXTURES "/backward/lstm.cell");
}

static void free_lstm(void)
{
    free(lstm);
}

TestSuite(diagnose, .init = read_lstm, .fini = free_lstm);

static uint32_t diagnose(const char *text, gt_diagnosis *list, uint32_t capacity)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    uint32_t count;
    gt_status status = gt_diagnose_cell(parsed, list, capacity, &count, &error);
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
    {"dbo  = sum(do_z, axis=1)", "dbo  = mean(do_z, axis=1)", "mean for sum",
     "dbo = sum(do_z, axis=1)", "dbo"},
    {"s * i * (1 - g**2)", "s * i", "missing derivative", "dg_z = s * i * (1 - g**2)", "dg_z"},
    {"(1 - tanh(c')**2)", "(1 - c'**2)", "wrong argument", "s = dc' + o * (1 - tanh(c')**2) * da'",
     "s "},
    {"s * g * i * (1 - i)", "s * g * i * (1 - i) * i * (1 - i)", "derivative twice",
     "di_z = s * g * i * (1 - i)", "di_z"},
    {"s * g * i * (1 - i)", "s * g * f * (1 - f)", "wrong activation",
     "di_z = s * g * i * (1 - i)", "di_z"},
    {"dWi  = di_z", "dWi  = df_z", "swapped gates", "dWi = di_z @ z.T", "dWi"},
    {" + Wo[:, n_a:].T @ do_z", "", "missing term", NULL, "dx "},
    {"s    = dc' + ", "s    = ", "missing state path", "s = o * (1 - tanh(c')**2) * da' + dc'", "s "},
    {"df_z = s * c *", "df_z = s * c' *", "off by one step", "df_z = s * c * f * (1 - f)", "df_z"},
    {"(1 - tanh(c')**2)", "(1 - tanh(c)**2)", "old state for new", "s = dc' + o * (1 - tanh(c')**2) * da'",
     "s "},
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

Test(diagnose, nothing_is_claimed_of_what_is_right)
{
    static const char *const cells[] = {"rnn", "lstm", "gru", "peephole", "mgu"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char path[256];
        gt_diagnosis list[4];
        snprintf(path, sizeof path, GT_FIXTURES "/backward/%s.cell", cells[i]);
        char *text = read_text(path);
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

Test(diagnose, what_nothing_explains_has_a_place_and_no_kind)
{
    gt_diagnosis list[4];
    char *text = replaced(lstm, "s * i * (1 - g**2)", "exp(c) * sin(dc' * a) - 0.3");
    cr_assert_eq(diagnose(text, list, 4), 1);
    cr_assert_str_eq(list[0].kind, "");
    cr_assert_str_eq(list[0].repaired, "");
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
    cr_assert_eq(gt_diagnose_cell(parsed, list, 1, &count, &error), GT_ERROR_FORMAT);
    cr_assert_eq(count, 0);
    cr_assert(strstr(error.message, "Wf") != NULL);
    gt_parsed_cell_free(parsed);
    free(text);
    text = replaced(lstm, "dc   = s * f", "dc   = s * forget");
    parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, list, 1, &count, &error), GT_ERROR_FORMAT);
    cr_assert(strstr(error.message, "forget") != NULL);
    gt_parsed_cell_free(parsed);
    free(text);
}
