/* Arrays as loops with mistakes in them compute them, all explained together. */
#include "asked_arrays.h"

#include <math.h>

static const gt_dimension one[] = {{"n_x", 1}, {"n_a", 1}, {"n_y", 1}};

static void expect_loop(const char *cell, loop_slip slip, int64_t which, const char *kind, const char *says)
{
    expect(cell, (array_mutant){.slip = slip, .which = which}, NULL, NULL, kind, says);
}

/* ---- loops --------------------------------------------------------------------------------- */

Test(diagnose_loops, what_is_carried)
{
    expect_loop("lstm", LOOP_NOTHING_CARRIED, 0, "missing state path", "nothing is carried from step to step");
    expect_loop("lstm", LOOP_STATE_NOT_CARRIED, 1, "missing state path", "what flows back through c from the step");
    expect_loop("gru", LOOP_CARRIED_TWICE, 0, "constant factor", "2 times what flows back through a");
    expect_loop("rnn", LOOP_CARRIED_SUM, 0, "wrongly carried", "added up over the steps (+=)");
    expect_loop("lstm", LOOP_FIRST_ROW, 0, "one row or example for all", "only the first row is used");
    expect_loop("mgu", LOOP_FLOW_CLIPPED, 0, "clipped", "clipped at -1 and 1");
}

Test(diagnose_loops, how_far_it_goes)
{
    expect_loop("rnn", LOOP_PIECES, 3, "truncated", "from one piece of 3 steps to the one before it");
    expect_loop("lstm", LOOP_WINDOW, 2, "truncated", "flows back through 2 steps only");
    expect_loop("gru", LOOP_ASSIGNED, 0, "steps left out", "the share of step 0 alone: assigned (=)");
    expect_loop("lstm", LOOP_FIRST_STEP_LEFT_OUT, 0, "steps left out", "the first step is not run");
    expect_loop("mgu", LOOP_LAST_STEP_ONLY, 0, "steps left out", "only the last step is run");
    expect_loop("rnn", LOOP_FORWARD, 0, "time reversed", "from the first step to the last");
}

Test(diagnose_loops, which_numbers_it_reads)
{
    expect_loop("lstm", LOOP_NEXT_CACHE, 0, "off by one step", "those of the step after");
    expect_loop("gru", LOOP_LAST_CACHE, 0, "one step for all", "those of the last step, at every step");
    expect_loop("lstm", LOOP_UPSTREAM_AT_LAST, 0, "upstream gradient not added", "da is added at the last step only");
    expect_loop("rnn", LOOP_UPSTREAM_REVERSED, 0, "time reversed", "in reverse order");
    expect_loop("mgu", LOOP_ONE_EXAMPLE, 0, "one row or example for all", "only example 0 of 5 counts");
}

Test(diagnose_loops, what_is_made_of_the_results)
{
    expect_loop("gru", LOOP_MEAN_OVER_BATCH, 0, "mean for sum", "divided by m = 5");
    expect_loop("lstm", LOOP_MEAN_OVER_EVERYTHING, 0, "mean for sum", "divided by m T = 30");
    expect_loop("lstm", LOOP_EXCHANGED, 0, "swapped gates", "are exchanged");
    expect_loop("rnn", LOOP_TRANSPOSED, 0, "transposed", "transposed");
    expect_loop("gru", LOOP_BIAS_ROWS, 0, "transposed", "a row where a column should be");
    expect_loop("lstm", LOOP_CLIPPED, 0, "clipped", "clipped at -");
    expect_loop("lstm", LOOP_ROUNDED, 0, "rounded", "digits");
}

/* Only what the states need: a student's file without an output layer. */
Test(diagnose_loops, without_the_output_layer)
{
    gt_parsed_cell *parsed;
    gt_error error = {0};
    char *text = read_text(GT_FIXTURES "/../../cells/lstm.cell");
    parsed = gt_cell_parse(text, strlen(text), NULL);
    array_setting setting = {.cell = gt_parsed_cell_get(parsed),
                             .dimensions = sizes,
                             .dimension_count = 3,
                             .examples = 5,
                             .steps = 6,
                             .seed = 3,
                             .without_outputs = true};
    for (int slip = LOOP_RIGHT; slip <= LOOP_NOTHING_CARRIED; slip++) {
        gt_report report = {0};
        gt_archive *archive = array_mutant_make(&setting, &(array_mutant){.slip = (loop_slip)slip});
        gt_check_problem problem = {
            .dimensions = sizes, .dimension_count = 3, .examples = 5, .steps = 6, .given = archive};
        gt_check_options options = {.diagnose = gt_diagnose};
        cr_assert_eq(gt_check_cell(setting.cell, &problem, &options, &report, &error), GT_OK, "%s", error.message);
        cr_expect_eq(report.verdict, slip == LOOP_RIGHT ? GT_RIGHT : GT_WRONG);
        if (report.finding_count > 0) {
            cr_expect_str_eq(report.findings[0].diagnosis.kind, "missing state path");
            cr_expect_eq(gt_report_explained(&report, 0), report.finding_count);
        }
        gt_report_free(&report);
        gt_archive_free(archive);
    }
    gt_parsed_cell_free(parsed);
    free(text);
}

/* ---- steps --------------------------------------------------------------------------------- */

Test(diagnose_loops, slips_in_the_step)
{
    expect("lstm", right_loop, "di_z = s * g * i * (1 - i)", "di_z = s * g * i", "missing derivative",
           "the derivative of sigmoid in the equation of i is i; it should be i * (1 - i)");
    expect("lstm", right_loop, "df_z = s * c * f", "df_z = s * c' * f", "off by one step",
           "c' is used; it should be c");
    expect("gru", right_loop, "+ Wu[:, :n_a].T @ du_z", "- Wu[:, :n_a].T @ du_z", "wrong sign",
           "the sign of what reaches a through Wu @ z");
    expect("rnn", right_loop, "(1 - a'**2) * da_y", "da_y", "missing derivative", "the derivative of tanh");
}

Test(diagnose_loops, a_slip_in_the_step_and_one_in_the_loop)
{
    expect("lstm", (array_mutant){.slip = LOOP_NOTHING_CARRIED}, "di_z = s * g * i * (1 - i)", "di_z = s * g * i",
           "several slips", "two mistakes: the derivative of sigmoid in the equation of i");
}

/* ---- nothing to be found ------------------------------------------------------------------- */

Test(diagnose_loops, right_arrays_have_no_finding)
{
    static const char *const cells[] = {"rnn", "lstm", "gru", "mgu", "peephole"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        asked a;
        ask(&a, cells[i], sizes, 6, right_loop, NULL, NULL);
        cr_expect_eq(a.report.verdict, GT_RIGHT, "%s", cells[i]);
        cr_expect_eq(a.report.finding_count, 0);
        done(&a);
    }
}

/* One step: nothing can be carried. That the arrays cannot show it is said, and nothing is claimed. */
Test(diagnose_loops, what_one_step_cannot_show)
{
    asked a;
    ask(&a, "lstm", sizes, 1, (array_mutant){.slip = LOOP_NOTHING_CARRIED}, NULL, NULL);
    cr_expect_eq(a.report.verdict, GT_RIGHT);
    cr_expect(!gt_report_complete(&a.report));
    done(&a);
}

/* Arrays of one entry: a slip that scales one of them by any number is no factor of it. */
Test(diagnose_loops, no_factor_of_a_single_number)
{
    asked a;
    ask(&a, "rnn", one, 4, right_loop, "dba  = sum", "dba  = 1.37 * sum");
    cr_assert_eq(a.report.verdict, GT_WRONG);
    cr_expect(strstr(a.report.findings[0].diagnosis.text, "1.37") == NULL, "%s", a.report.findings[0].diagnosis.text);
    done(&a);
}

/* A mistake that nothing in the catalogue is: nothing is claimed of it. */
Test(diagnose_loops, what_is_not_in_the_catalogue_is_not_explained)
{
    expect_nothing("lstm", "di_z = s * g * i", "di_z = s * (g + 0.01 * c * f) * i");
}
