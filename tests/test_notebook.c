/*
 * The notebook's exercises. fixtures/notebook.npz has every input and output of
 * each in full, computed by the notebook's own functions under NumPy 1.24.
 */
#include "cli/notebook/verdict.h"
#include "program.h"

#include <math.h>

static const char *const long_names[][2] = {
    {"xt", "x"},        {"a_prev", "a0"},        {"c_prev", "c0"},        {"da_next", "da"}, {"dc_next", "dc"},
    {"a_next", "a"},    {"c_next", "c"},         {"yt_pred", "y"},        {"yt", "y"},       {"y_pred", "y"},
    {"grad_dxt", "dx"}, {"grad_da_prev", "da0"}, {"grad_dc_prev", "dc0"},
};

/* "rnn_cell_forward/param_Wax" -> "Wax", if it belongs to the exercise; else NULL. */
static const char *short_name(const char *key, const char *exercise)
{
    size_t length = strlen(exercise);
    if (strncmp(key, exercise, length) != 0 || key[length] != '/')
        return NULL;
    const char *name = key + length + 1;
    for (size_t i = 0; i < sizeof long_names / sizeof *long_names; i++)
        if (strcmp(name, long_names[i][0]) == 0)
            return long_names[i][1];
    if (strncmp(name, "param_", 6) == 0)
        return name + 6;
    return strncmp(name, "grad_", 5) == 0 ? name + 5 : name;
}

static gt_archive *read_expected(void)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(GT_FIXTURES "/notebook.npz", &error);
    if (error.status == GT_ERROR_UNSUPPORTED)
        cr_skip_test("%s", error.message);
    cr_assert_not_null(archive, "%s", error.message);
    return archive;
}

static gt_testimony hear(const gt_exercise *exercise)
{
    gt_testimony testimony;
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_testimony_hear(&testimony, exercise, &error), GT_OK, "%s: %s", exercise->name, error.message);
    return testimony;
}

/* The entries of `expected` in front, which are all unless the witness has more steps. */
static gt_array front(gt_array array, gt_array expected)
{
    cr_assert_geq(gt_shape_count(array.shape), gt_shape_count(expected.shape));
    array.shape = expected.shape;
    return array;
}

Test(notebook, inputs_and_results_are_those_of_the_notebook)
{
    gt_archive *expected = read_expected();
    for (uint32_t e = 0; e < GT_EXERCISE_COUNT; e++) {
        const gt_exercise *exercise = gt_exercise_at(e);
        gt_testimony testimony = hear(exercise);
        uint32_t inputs = 0, results = 0;
        for (uint32_t i = 0; gt_archive_name(expected, i) != NULL; i++) {
            const char *key = gt_archive_name(expected, i), *name = short_name(key, exercise->name);
            if (name == NULL)
                continue;
            gt_array should_be = gt_archive_find(expected, key);
            gt_array given = gt_archive_find(testimony.given, name);
            if (given.data != NULL) { /* bit for bit */
                cr_assert(gt_shape_equal(given.shape, should_be.shape), "%s", key);
                cr_expect(gt_relative_disagreement(given, should_be) == 0, "%s", key);
                inputs++;
                continue;
            }
            for (int w = 0; w <= GT_WITNESS_HANDWRITTEN; w++) {
                gt_array is = gt_archive_find(testimony.results[w], name);
                cr_assert_not_null(is.data, "%s, witness %d", key, w);
                double off = gt_relative_disagreement(front(is, should_be), should_be);
                cr_expect(off <= 1e-13, "%s, witness %d: off %g", key, w, off);
            }
            results++;
        }
        cr_expect_eq(inputs, exercise->draw_count, "%s", exercise->name);
        cr_expect_geq(results, exercise->backward ? 5 : 2, "%s", exercise->name);
        gt_testimony_free(&testimony);
    }
    gt_archive_free(expected);
}

Test(notebook, all_witnesses_agree)
{
    for (uint32_t e = 0; e < GT_EXERCISE_COUNT; e++) {
        gt_testimony testimony = hear(gt_exercise_at(e));
        gt_notebook_verdict verdict;
        gt_verdict_reach(&verdict, &testimony);
        cr_expect(verdict.good, "%s", gt_exercise_at(e)->name);
        cr_expect(verdict.same_bits, "%s", gt_exercise_at(e)->name);
        cr_expect_gt(verdict.values, 0);
        cr_expect_gt(verdict.arrays, 0);
        if (gt_exercise_at(e)->backward)
            cr_expect(verdict.worst[GT_WITNESS_DIFFERENCES] > 0);
        gt_testimony_free(&testimony);
    }
}

/* ---- the verdict itself is tested: planted errors ----------------------------------------------
 */

typedef void plant(double *entries, int64_t count);

static void flip_a_sign(double *entries, int64_t count)
{
    entries[count - 1] = -entries[count - 1];
}

static void flip_all_signs(double *entries, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        entries[i] = -entries[i];
}

static void multiply(double *entries, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        entries[i] *= 1.001;
}

static void zero(double *entries, int64_t count)
{
    entries[count / 2] = 0;
}

static void not_a_number(double *entries, int64_t count)
{
    entries[count - 1] = NAN;
}

static void all_nan(double *entries, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        entries[i] = NAN;
}

static void swap(double *entries, int64_t count)
{
    double first = entries[0];
    entries[0] = entries[count - 1];
    entries[count - 1] = first;
}

static void nudge(double *entries, int64_t count)
{
    entries[count - 1] *= 1 + 1e-9; /* beyond what is printed */
}

static plant *const plants[] = {flip_a_sign, flip_all_signs, multiply, zero, not_a_number, all_nan, swap, nudge};

static void spoil(gt_testimony *testimony, int witness, const char *name, plant *how)
{
    gt_array array = gt_archive_find(testimony->results[witness], name);
    cr_assert_not_null(array.data);
    int64_t count = gt_shape_count(array.shape);
    double *entries = malloc((size_t)count * sizeof *entries);
    cr_assert_not_null(entries);
    memcpy(entries, array.data, (size_t)count * sizeof *entries);
    how(entries, count);
    array.data = entries;
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_archive_add(testimony->results[witness], name, array, &error), GT_OK);
    free(entries);
}

static const gt_exercise *exercise_named(const char *name)
{
    for (uint32_t i = 0; gt_exercise_at(i) != NULL; i++)
        if (strcmp(gt_exercise_at(i)->name, name) == 0)
            return gt_exercise_at(i);
    cr_assert_fail("no exercise %s", name);
    return NULL;
}

/* An entry of the witness's array changed, judged, and put back. */
static bool good_with(gt_testimony *testimony, int witness, const char *name, plant *how)
{
    gt_array array = gt_archive_find(testimony->results[witness], name);
    cr_assert_not_null(array.data);
    size_t size = (size_t)gt_shape_count(array.shape) * sizeof(double);
    double *kept = malloc(size);
    cr_assert_not_null(kept);
    memcpy(kept, array.data, size);
    spoil(testimony, witness, name, how);
    gt_notebook_verdict verdict;
    gt_verdict_reach(&verdict, testimony);
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_archive_add(testimony->results[witness], name, (gt_array){kept, GT_F64, array.shape}, &error),
                 GT_OK);
    free(kept);
    return verdict.good;
}

static void nothing(double *entries, int64_t count)
{
    (void)entries, (void)count;
}

Test(notebook, planted_errors_are_caught)
{
    const gt_exercise *exercise = exercise_named("lstm_cell_backward");
    gt_testimony testimony = hear(exercise);
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        for (uint32_t i = 0; i < exercise->print_count; i++) {
            const char *name = exercise->prints[i].array;
            cr_expect(good_with(&testimony, w, name, nothing));
            for (size_t p = 0; p < sizeof plants / sizeof *plants; p++) {
                if (plants[p] == nudge && w == GT_WITNESS_DIFFERENCES)
                    continue; /* smaller than their tolerance */
                cr_expect_not(good_with(&testimony, w, name, plants[p]), "plant %zu in %s of witness %d was missed", p,
                              name, w);
            }
        }
    gt_testimony_free(&testimony);
}

Test(notebook, the_same_error_everywhere_is_caught_by_the_printed_digits)
{
    gt_testimony testimony = hear(exercise_named("rnn_backward"));
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        spoil(&testimony, w, "dWaa", multiply);
    gt_notebook_verdict verdict;
    gt_verdict_reach(&verdict, &testimony);
    cr_expect_eq(verdict.good_arrays, verdict.arrays);
    cr_expect_eq(verdict.good_values, verdict.values - 1);
    cr_expect_not(verdict.good);
    gt_testimony_free(&testimony);
}

Test(notebook, a_missing_array_and_a_wrong_shape_are_caught)
{
    for (int w = 0; w < GT_WITNESS_COUNT; w++) {
        gt_testimony testimony = hear(exercise_named("rnn_cell_backward"));
        gt_archive_free(testimony.results[w]);
        testimony.results[w] = gt_archive_new();
        gt_notebook_verdict verdict;
        gt_verdict_reach(&verdict, &testimony);
        cr_expect_not(verdict.good, "witness %d says nothing", w);
        gt_testimony_free(&testimony);

        testimony = hear(exercise_named("rnn_cell_backward"));
        gt_array array = gt_archive_find(testimony.results[w], "dWax");
        double entries[15];
        memcpy(entries, array.data, sizeof entries);
        gt_error error = {GT_OK, ""};
        cr_assert_eq(gt_archive_add(testimony.results[w], "dWax", (gt_array){entries, GT_F64, GT_SHAPE(3, 5)}, &error),
                     GT_OK);
        gt_verdict_reach(&verdict, &testimony);
        cr_expect_not(verdict.good, "witness %d has another shape", w);
        gt_testimony_free(&testimony);
    }
}

Test(notebook, later_steps_must_be_zero)
{
    gt_testimony testimony = hear(exercise_named("lstm_backward"));
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        spoil(&testimony, w, "dx", all_nan);
    gt_notebook_verdict verdict;
    gt_verdict_reach(&verdict, &testimony);
    cr_expect_not(verdict.good);
    gt_testimony_free(&testimony);

    testimony = hear(exercise_named("lstm_backward"));
    gt_array dx = gt_archive_find(testimony.results[GT_WITNESS_ROLLED], "dx");
    cr_assert_eq(gt_shape_count(dx.shape), 210);
    for (int64_t i = 120; i < 210; i++)
        cr_expect(((const double *)dx.data)[i] == 0);
    gt_testimony_free(&testimony);
}

Test(notebook, relative_disagreement)
{
    double a[] = {1, 2, -4}, b[] = {1, 2.5, -4}, zeros[] = {0, 0, 0}, nan[] = {1, NAN, -4};
    gt_shape three = GT_SHAPE(3), two = GT_SHAPE(2);
    gt_array first = {a, GT_F64, three}, second = {b, GT_F64, three};
    cr_expect(gt_relative_disagreement(first, first) == 0);
    cr_expect(gt_relative_disagreement(first, second) == 0.125);
    cr_expect(gt_relative_disagreement((gt_array){zeros, GT_F64, three}, (gt_array){zeros, GT_F64, three}) == 0);
    cr_expect(gt_relative_disagreement((gt_array){zeros, GT_F64, three}, first) == 1);
    cr_expect(isinf(gt_relative_disagreement((gt_array){nan, GT_F64, three}, first)));
    cr_expect(isinf(gt_relative_disagreement((gt_array){nan, GT_F64, three}, (gt_array){nan, GT_F64, three})));
    cr_expect(isinf(gt_relative_disagreement(first, (gt_array){a, GT_F64, two})));
    cr_expect(isinf(gt_relative_disagreement(first, (gt_array){NULL, GT_F64, three})));
}

/* ---- the command -------------------------------------------------------------------------------
 */

TestSuite(notebook_command, .init = make_folder, .fini = remove_folder);

Test(notebook_command, prints_a_table_and_a_verdict)
{
    program_run run = RUN("notebook");
    cr_expect_eq(run.status, 0);
    cr_expect_str_eq(run.errors, "");
    cr_expect_not_null(strstr(run.output, "verdict: good\n"));
    cr_expect_null(strchr(run.output, '!'));
    for (uint32_t e = 0; e < GT_EXERCISE_COUNT; e++)
        cr_expect_not_null(strstr(run.output, gt_exercise_at(e)->name));
    cr_expect_not_null(strstr(run.output, "dxt[1][2]          3.23055911511    3.23055911511"));
    for (const char *line = run.output; *line != '\0';) {
        size_t columns = strcspn(line, "\n");
        cr_expect_leq(columns, 100, "too long: %.*s", (int)columns, line);
        line += columns + (line[columns] == '\n');
    }
    free_run(run);
}

Test(notebook_command, one_exercise)
{
    program_run run = RUN("notebook", "--exercise", "rnn_backward", "--brief");
    cr_expect_eq(run.status, 0);
    cr_expect_not_null(strstr(run.output, "rnn_backward       good: 8/8 numbers and 5/5 arrays"), "%s", run.output);
    cr_expect_null(strstr(run.output, "lstm"));
    free_run(run);
    expect_failure(RUN("notebook", "--exercise", "lstm_backwards"), 2,
                   "not 'lstm_backwards'; did you mean 'lstm_backward'?");
}

Test(notebook_command, json)
{
    program_run run = RUN("notebook", "--exercise", "lstm_backward", "--json");
#ifdef GT_HAVE_JANSSON
    cr_expect_eq(run.status, 0);
    cr_expect_not_null(strstr(run.output, "\"verdict\": \"good\""));
    cr_expect_not_null(strstr(run.output, "\"notebook_full\": \"0.3127703102572603\""));
    cr_expect_not_null(strstr(run.output, "\"same_bits\": true"));
    free_run(run);
#else
    expect_failure(run, 2, "--json needs the library jansson");
#endif
}

Test(notebook_command, output_that_cannot_be_written)
{
    expect_failure(run_program((const char *const[]){"notebook", NULL}, "/dev/full"), 2,
                   "standard output could not be written");
}
