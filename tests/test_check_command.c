/* gradtape check, as a user runs it: verdicts, exit statuses, reports, and other people's arrays. */
#include "program.h"
#include "xml.h"

#include "gradtape.h"

#include <math.h>

TestSuite(check_command, .init = make_folder, .fini = remove_folder, .timeout = 100);

/* The command must end with `status` and say each of the texts, the last of them NULL, on stdout. */
static void expect_output(program_run run, int status, const char *const *texts)
{
    cr_expect_eq(run.status, status, "status %d, not %d: %s%s", run.status, status, run.output, run.errors);
    for (int i = 0; texts[i] != NULL; i++)
        cr_expect_not_null(strstr(run.output, texts[i]), "expected: %s\nbut it said: %s", texts[i], run.output);
    free_run(run);
}
#define SAYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A small cell with a handwritten backward pass in a file; `formula` is that of dW. */
static const char *cell_file(const char *formula)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/small.cell", folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "cell small\n  input x[n_x]\n  state a[n_a]\n  param W[n_a, n_a + n_x], b[n_a]\n"
            "  z  = concat(a, x)\n  a' = tanh(W @ z + b)\n"
            "backward\n  dt = da' * (1 - a'**2)\n  dW = %s\n  db = sum(dt, axis=1)\n"
            "  da = W[:, :n_a].T @ dt\n  dx = W[:, n_a:].T @ dt\n",
            formula);
    cr_assert_eq(fclose(file), 0);
    return path;
}

/* ---- verdicts ------------------------------------------------------------------------------ */

Test(check_command, the_verdict_comes_first)
{
    program_run run = RUN("check", "lstm");
    cr_expect(strncmp(run.output, "right: lstm", 11) == 0, "%s", run.output);
    expect_output(run, 0, SAYS("tape against numbers", "n_a = 5", "m = 10", "T = 7", "seed 1"));
    run = RUN("check", cell_file("dt @ z.T"));
    cr_expect(strncmp(run.output, "right: small", 12) == 0, "%s", run.output);
    expect_output(run, 0, SAYS("formulas, step by step", "formulas, whole sequence"));
    run = RUN("check", cell_file("-dt @ z.T"), "--dims", "n_x=2,n_a=4");
    cr_expect(strncmp(run.output, "wrong: small", 12) == 0, "%s", run.output);
    expect_output(run, 1,
                  SAYS("small.cell:9:3: wrong: dW, the gradient of W, gate a'", "dW = -dt @ z.T", "it should be",
                       "everywhere", "the sign of", "should read: dW = ", "n_a = 4"));
}

Test(check_command, what_cannot_be_decided_is_no_success)
{
    FILE *file = fopen(path_of("root.cell"), "w");
    cr_assert_not_null(file);
    fputs("cell root\n input x[n]\n state a[n]\n a' = sqrt(x) + a\n", file);
    cr_assert_eq(fclose(file), 0);
    expect_output(RUN("check", path_of("root.cell")), 2, SAYS("undecidable: root", "not finite", "sqrt"));
}

Test(check_command, bad_arguments)
{
    expect_failure(RUN("check"), 2, "CELL");
    expect_failure(RUN("check", "lsmt"), 2, "lstm");
    expect_failure(RUN("check", "lstm", "--dims", "n_b=3"), 2, "no dimension 'n_b'");
    expect_failure(RUN("check", "lstm", "--dims", "n_a=0"), 2, "whole number");
    expect_failure(RUN("check", "lstm", "--dims", "n_a=3x"), 2, "whole number");
    expect_failure(RUN("check", "lstm", "--dims", "n_a"), 2, "sizes such as n_a=128, not 'n_a'");
    expect_failure(RUN("check", "lstm", "--dims", "n_a=3,n_a=4"), 2, "twice");
    expect_failure(RUN("check", "lstm", "--batch", "0"), 2, "batch");
    expect_failure(RUN("check", "lstm", "--against", path_of("none.npz")), 2, "none.npz");
    expect_failure(RUN("check", "lstm", "--against", path_of("none.npz"), "--steps", "3"), 2, "--steps");
    expect_failure(RUN("check", "rnn", "--junit", path_of("no/such/folder.xml")), 2, "no/such/folder.xml");
}

/* Everything but the time that it took. */
static void cut_seconds(char *text)
{
    char *last = strrchr(text, ',');
    cr_assert_not_null(last);
    *last = '\0';
}

Test(check_command, a_seed_reproduces)
{
    const char *wrong = cell_file("dt @ z.T * 1.5");
    program_run a = RUN("check", wrong, "--seed", "4"), b = RUN("check", wrong, "--seed", "4"),
                c = RUN("check", wrong, "--seed", "5");
    cut_seconds(a.output);
    cut_seconds(b.output);
    cut_seconds(c.output);
    cr_expect_str_eq(a.output, b.output);
    cr_expect_str_neq(a.output, c.output);
    free_run(a);
    free_run(b);
    free_run(c);
}

/* ---- reports for machines -------------------------------------------------------------------- */

static void expect_junit(const char *cell, int status, const char *const *texts)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/report.xml", folder);
    program_run run = RUN("check", cell, "--junit", path);
    cr_expect_eq(run.status, status, "%s", run.errors);
    free_run(run);
    char *text = read_text(path);
    cr_expect(xml_is_well_formed(text), "%s", text);
    for (int i = 0; texts[i] != NULL; i++)
        cr_expect_not_null(strstr(text, texts[i]), "expected: %s\nin: %s", texts[i], text);
    free(text);
}

Test(check_command, junit_is_well_formed)
{
    expect_junit("rnn", 0, SAYS("failures=\"0\" errors=\"0\"", "name=\"numeric\""));
    expect_junit(cell_file("dt @ z.T * where(z.T < 1, 1, 2)[:1, :]"), 1,
                 SAYS("failures=\"1\" errors=\"0\"", "name=\"formula\"", "<failure type=\"wrong\"", "&lt; 1"));
    cr_expect_not(xml_is_well_formed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a><b></a></b>"));
    cr_expect_not(xml_is_well_formed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"<\"/>"));
    cr_expect_not(xml_is_well_formed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>&</a>"));
}

Test(check_command, json)
{
    program_run run = RUN("check", cell_file("dt @ z.T * 2"), "--json");
    if (strstr(run.errors, "jansson") != NULL) { /* a build without it says so */
        cr_expect_eq(run.status, 2);
        free_run(run);
        return;
    }
    expect_output(run, 1,
                  SAYS("\"verdict\": \"wrong\"", "\"array\": \"dW\"", "\"line\": 9", "\"gate\": \"a'\"",
                       "\"kind\": \"everywhere\"", "\"findings\": [", "\"diagnosis\": {"));
    expect_output(RUN("check", "gru", "--json"), 0, SAYS("\"verdict\": \"right\"", "\"findings\": []"));
}

/* ---- other people's arrays ------------------------------------------------------------------- */

static const char *fixture(void)
{
    return GT_FIXTURES "/check_lstm.npz";
}

static gt_archive *load_fixture(void)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(fixture(), &error);
    cr_assert_not_null(archive, "%s", error.message);
    return archive;
}

/* Runs the check on an archive, and frees it. */
static program_run check_archive(gt_archive *archive)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/theirs.npz", folder);
    cr_assert_eq(gt_archive_write(archive, path, false, NULL), GT_OK);
    gt_archive_free(archive);
    return RUN("check", "lstm", "--against", path);
}

Test(check_command, numpys_gradients_are_right)
{
    expect_output(RUN("check", "lstm", "--against", fixture()), 0,
                  SAYS("right: lstm", "268 entries of 13 arrays", "n_a = 4", "m = 5", "T = 6"));
}

/* The array of that name with every entry in [from, from + count) multiplied. */
static gt_archive *with_factor(const char *name, double factor, int64_t from, int64_t count)
{
    gt_archive *archive = load_fixture();
    double *entries = gt_archive_find(archive, name).data;
    cr_assert_not_null(entries, "%s", name);
    if (count == 0)
        count = gt_shape_count(gt_archive_find(archive, name).shape);
    for (int64_t i = from; i < from + count; i++)
        entries[i] *= factor;
    return archive;
}

Test(check_command, planted_mistakes_in_arrays_are_found)
{
    expect_output(check_archive(with_factor("dWf", -1, 0, 0)), 1,
                  SAYS("wrong: dWf, the gradient of Wf, gate f", "everywhere", "the sign of"));
    expect_output(check_archive(with_factor("dbi", 0.2, 0, 0)), 1,
                  SAYS("wrong: dbi, the gradient of bi, gate i", "mean"));
    expect_output(check_archive(with_factor("dWo", 3, 4, 4)), 1, SAYS("wrong: dWo", "dWo[", "in column 1 alone"));
    expect_output(check_archive(with_factor("dx", 2, 0, 2 * 15)), 1,
                  SAYS("wrong: dx", "at time step", "in steps 0 to 1 alone"));
    expect_output(check_archive(with_factor("dWy", 1 + 1e-6, 0, 1)), 1, SAYS("dWy[0, 0]", "in 1 of 8"));
}

Test(check_command, a_nan_in_an_array_is_wrong)
{
    expect_output(check_archive(with_factor("dbf", NAN, 2, 1)), 1, SAYS("dbf[2, 0] is nan", "wrong: dbf"));
    expect_failure(check_archive(with_factor("Wf", NAN, 2, 1)), 2, "'Wf' has nan at Wf[2][0]; expected finite numbers");
}

Test(check_command, arrays_of_another_shape)
{
    gt_archive *archive = load_fixture();
    gt_array dWc = gt_archive_find(archive, "dWc");
    dWc.shape = GT_SHAPE(7, 4);
    double copy[28];
    memcpy(copy, dWc.data, sizeof copy);
    dWc.data = copy;
    cr_assert_eq(gt_archive_add(archive, "dWc", dWc, NULL), GT_OK);
    expect_output(check_archive(archive), 1, SAYS("wrong: dWc", "it is (7, 4) and should be (4, 7)"));
    archive = load_fixture();
    gt_array da0 = gt_archive_find(archive, "a0");
    da0.shape = GT_SHAPE(5, 4);
    memcpy(copy, da0.data, 20 * sizeof *copy);
    da0.data = copy;
    cr_assert_eq(gt_archive_add(archive, "a0", da0, NULL), GT_OK);
    expect_failure(check_archive(archive), 2, "'a0' is (5, 4); expected (4, 5)");
}

Test(check_command, arrays_that_are_missing_or_too_many)
{
    gt_archive *all = load_fixture();
    static const char *const left_out[] = {"Wf", "x"};
    for (int i = 0; i < 2; i++) {
        gt_archive *some = gt_archive_new();
        for (uint32_t k = 0; gt_archive_name(all, k) != NULL; k++)
            if (strcmp(gt_archive_name(all, k), left_out[i]) != 0)
                gt_archive_add(some, gt_archive_name(all, k), gt_archive_find(all, gt_archive_name(all, k)), NULL);
        expect_failure(check_archive(some), 2, left_out[i]);
    }
    gt_archive *inputs = gt_archive_new(), *results = gt_archive_new();
    for (uint32_t k = 0; gt_archive_name(all, k) != NULL; k++) {
        const char *name = gt_archive_name(all, k);
        bool upstream = strcmp(name, "da") == 0 || strcmp(name, "dc") == 0 || strcmp(name, "dy") == 0;
        if (name[0] != 'd' || upstream)
            gt_archive_add(inputs, name, gt_archive_find(all, name), NULL);
        if (!upstream)
            gt_archive_add(results, name, gt_archive_find(all, name), NULL);
    }
    expect_failure(check_archive(inputs), 2, "no gradient to compare");
    expect_failure(check_archive(results), 2, "no upstream gradient");
    double two[] = {1, 2};
    gt_archive_add(all, "dWz", (gt_array){two, GT_F64, GT_SHAPE(1, 2)}, NULL);
    expect_failure(check_archive(all), 2, "'dWz' is no array of lstm");
}

Test(check_command, a_number_beside_the_arrays_is_ignored)
{
    gt_archive *archive = load_fixture();
    double loss = 3.5, back[20] = {0};
    gt_archive_add(archive, "loss", (gt_array){&loss, GT_F64, GT_SCALAR}, NULL);
    expect_output(check_archive(archive), 0, SAYS("right: lstm", "remark: the number loss is no array of lstm"));
    archive = load_fixture();
    gt_archive_add(archive, "da_prev", (gt_array){back, GT_F64, GT_SHAPE(4, 5)}, NULL);
    expect_failure(check_archive(archive), 2, "did you mean 'da0'?");
}

Test(check_command, a_row_in_place_of_a_column_and_rounded_numbers)
{
    gt_archive *archive = load_fixture();
    gt_array dbf = gt_archive_find(archive, "dbf"), dWf = gt_archive_find(archive, "dWf");
    double row[4];
    memcpy(row, dbf.data, sizeof row);
    gt_archive_add(archive, "dbf", (gt_array){row, GT_F64, GT_SHAPE(1, 4)}, NULL);
    expect_output(check_archive(archive), 1, SAYS("a row where a column should be"));
    archive = load_fixture();
    dWf = gt_archive_find(archive, "dWf");
    for (int i = 0; i < 28; i++)
        ((double *)dWf.data)[i] = round(((double *)dWf.data)[i] * 1e8) / 1e8;
    expect_output(check_archive(archive), 1, SAYS("likely: right to about 8 digits: rounded"));
}

Test(check_command, truncated_archives)
{
    file_bytes whole = read_file(fixture());
    for (size_t cut = 1; cut < whole.size; cut += whole.size / 7) {
        FILE *file = fopen(path_of("cut.npz"), "wb");
        cr_assert_not_null(file);
        cr_assert_eq(fwrite(whole.bytes, 1, cut, file), cut);
        fclose(file);
        expect_failure(RUN("check", "lstm", "--against", path_of("cut.npz")), 2, "cut.npz");
    }
    free(whole.bytes);
}

/* Single precision elsewhere is held to the precision of single numbers. */
Test(check_command, arrays_of_single_precision)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        gt_archive *archive = load_fixture();
        gt_array dWi = gt_archive_find(archive, "dWi");
        float narrow[28];
        for (int i = 0; i < 28; i++)
            narrow[i] = (float)(((double *)dWi.data)[i] * (wrong && i == 5 ? 1.001 : 1));
        cr_assert_eq(gt_archive_add(archive, "dWi", (gt_array){narrow, GT_F32, dWi.shape}, NULL), GT_OK);
        expect_output(check_archive(archive), wrong, SAYS(wrong ? "wrong: dWi" : "right: lstm"));
    }
}

/* ---- what was not verified -------------------------------------------------------------------- */

/* The small cell without a formula for dx. */
static const char *incomplete_file(void)
{
    static char path[512];
    char *text = read_text(cell_file("dt @ z.T"));
    *strstr(text, "  dx = ") = '\0';
    snprintf(path, sizeof path, "%s/incomplete.cell", folder);
    write_file(path, text, strlen(text));
    free(text);
    return path;
}

Test(check_command, the_first_line_says_what_is_not_verified)
{
    program_run run = RUN("check", incomplete_file());
    const char *first = "right, but dx is not verified: small";
    cr_expect(strncmp(run.output, first, strlen(first)) == 0, "%s", run.output);
    expect_output(run, 0, SAYS("tape against numbers"));
    expect_output(RUN("check", incomplete_file(), "--require-all"), 1,
                  SAYS("wrong: small", "wrong: dx, the gradient of x", "missing: the block does not define it"));
    expect_output(RUN("check", cell_file("dt @ z.T"), "--require-all"), 0, SAYS("right: small"));
}

Test(check_command, json_lists_what_is_not_verified)
{
    program_run run = RUN("check", incomplete_file(), "--json");
    if (strstr(run.errors, "jansson") != NULL) {
        free_run(run);
        return;
    }
    expect_output(run, 0,
                  SAYS("\"verdict\": \"right\"", "\"summary\": \"right, but dx is not verified\"",
                       "\"complete\": false", "\"not_verified\": [", "\"kind\": \"not verified\""));
    expect_output(RUN("check", "gru", "--json"), 0, SAYS("\"complete\": true", "\"remarks\": []"));
}

Test(check_command, arrays_that_are_not_in_the_file_are_not_verified)
{
    gt_archive *all = load_fixture(), *some = gt_archive_new();
    for (uint32_t k = 0; gt_archive_name(all, k) != NULL; k++)
        if (strcmp(gt_archive_name(all, k), "dbf") != 0)
            gt_archive_add(some, gt_archive_name(all, k), gt_archive_find(all, gt_archive_name(all, k)), NULL);
    gt_archive_free(all);
    expect_output(check_archive(some), 0, SAYS("right, but dbf is not verified: lstm"));
}

/* ---- a point of one's own ----------------------------------------------------------------------- */

static const char *point_file(gt_array array, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/point.npz", folder);
    gt_archive *archive = gt_archive_new();
    cr_assert_eq(gt_archive_add(archive, name, array, NULL), GT_OK);
    cr_assert_eq(gt_archive_write(archive, path, false, NULL), GT_OK);
    gt_archive_free(archive);
    return path;
}

Test(check_command, at_a_point_of_ones_own)
{
    double x[2 * 4 * 3];
    for (int i = 0; i < 24; i++)
        x[i] = 0.1 * i - 1;
    gt_array array = {x, GT_F64, GT_SHAPE(2, 4, 3)};
    expect_output(RUN("check", cell_file("dt @ z.T"), "--at", point_file(array, "x")), 0,
                  SAYS("right: small", "n_x = 2", "m = 4", "T = 3", "point.npz", "seed 1"));
    expect_failure(RUN("check", cell_file("dt @ z.T"), "--at", point_file(array, "dx")), 2, "'dx' is a gradient");
    expect_failure(RUN("check", cell_file("dt @ z.T"), "--at", point_file(array, "w")), 2, "did you mean 'W'?");
    expect_failure(RUN("check", "lstm", "--at", path_of("point.npz"), "--against", path_of("point.npz")), 2,
                   "--against and --at");
}
