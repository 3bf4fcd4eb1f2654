/*
 * gradtape grad, as a user runs it: against results of PyTorch's autograd
 * (fixtures/make_grad.py), and with everything wrong that can be.
 */
#include "program.h"

#include "gradtape/archive.h"

#include <math.h>

TestSuite(grad, .init = make_folder, .fini = remove_folder);

static const char *fixture(const char *name)
{
    static char path[4][512];
    static int next;
    char *result = path[next++ % 4];
    snprintf(result, sizeof path[0], "%s/grad_%s.npz", GT_FIXTURES, name);
    return result;
}

/* Where results go. */
static const char *result_path(void)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/result.npz", folder);
    return path;
}

static gt_archive *load(const char *path)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path, &error);
    cr_assert_not_null(archive, "%s", error.message);
    return archive;
}

static double entry(gt_array array, int64_t i)
{
    return array.dtype == GT_F32 ? (double)((const float *)array.data)[i] : ((const double *)array.data)[i];
}

/* The same names, shapes and, within a tolerance relative to the largest entry, numbers. */
static void expect_same(const char *path, const char *expected_path, gt_dtype dtype, double tolerance)
{
    gt_archive *got = load(path), *expected = load(expected_path);
    cr_expect_eq(gt_archive_count(got), gt_archive_count(expected));
    for (uint32_t k = 0; gt_archive_name(expected, k) != NULL; k++) {
        const char *name = gt_archive_name(expected, k);
        gt_array a = gt_archive_find(got, name), b = gt_archive_find(expected, name);
        cr_assert_not_null(a.data, "%s is not in %s", name, path);
        cr_expect_eq(a.dtype, dtype, "%s", name);
        cr_assert(gt_shape_equal(a.shape, b.shape), "%s", name);
        cr_expect_eq(a.shape.rank, b.shape.rank, "%s", name);
        double worst = 0, largest = 0;
        for (int64_t i = 0; i < gt_shape_count(b.shape); i++) {
            double difference = fabs(entry(a, i) - entry(b, i));
            worst = difference <= worst ? worst : difference; /* keeps a NaN */
            largest = fmax(largest, fabs(entry(b, i)));
        }
        cr_expect(worst <= tolerance * largest, "%s: off %g of %g", name, worst, largest);
    }
    gt_archive_free(got);
    gt_archive_free(expected);
}

static const struct {
    const char *cell, *name;
} cases[] = {{"rnn", "rnn"}, {"lstm", "lstm"}, {"gru", "gru"}, {"lstm", "step"}, {"rnn", "single"}};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

static void check_all(const char *form, const char *dtype_name, gt_dtype dtype, double tolerance)
{
    for (size_t k = 0; k < CASE_COUNT; k++) {
        char in[16], out[16];
        snprintf(in, sizeof in, "%s_in", cases[k].name);
        snprintf(out, sizeof out, "%s_out", cases[k].name);
        const char *result = result_path();
        program_run run = RUN("grad", cases[k].cell, "--in", fixture(in), "--out", result, form, "--dtype", dtype_name);
        cr_assert_eq(run.status, 0, "%s: %s", cases[k].name, run.errors);
        cr_expect_str_eq(run.errors, "");
        expect_same(result, fixture(out), dtype, tolerance);
        free_run(run);
    }
}

Test(grad, rolled_as_pytorch)
{
    check_all("--rolled", "f64", GT_F64, 1e-13);
}

Test(grad, unrolled_as_pytorch)
{
    check_all("--unrolled", "f64", GT_F64, 1e-13);
}

Test(grad, single_precision)
{
    check_all("--rolled", "f32", GT_F32, 1e-5);
    check_all("--unrolled", "f32", GT_F32, 1e-5);
}

/* Planned exactly, rolled or not: the interpreter's bits. Planned: its numbers, on one thread and on several. */
Test(grad, by_every_engine)
{
    static const char *const forms[] = {"--rolled", "--unrolled"};
    for (size_t k = 0; k < CASE_COUNT; k++) {
        char in[16];
        snprintf(in, sizeof in, "%s_in", cases[k].name);
        const char *result = result_path();
        char reference[512];
        snprintf(reference, sizeof reference, "%s/reference.npz", folder);
        program_run run =
            RUN("grad", cases[k].cell, "--in", fixture(in), "--out", reference, "--engine", "interpreter");
        cr_assert_eq(run.status, 0, "%s", run.errors);
        free_run(run);
        for (int form = 0; form < 2; form++) {
            run = RUN("grad", cases[k].cell, "--in", fixture(in), "--out", result, forms[form], "--engine", "exact");
            cr_assert_eq(run.status, 0, "%s", run.errors);
            free_run(run);
            expect_same(result, reference, GT_F64, 0);
            run = RUN("grad", cases[k].cell, "--in", fixture(in), "--out", result, forms[form], "--threads",
                      form == 0 ? "1" : "3");
            cr_assert_eq(run.status, 0, "%s", run.errors);
            free_run(run);
            expect_same(result, reference, GT_F64, 1e-13);
        }
    }
}

Test(grad, says_what_it_did)
{
    const char *result = result_path();
    program_run run = RUN("grad", "gru", "--in", fixture("gru_in"), "--out", result);
    cr_assert_eq(run.status, 0);
    cr_expect_not_null(strstr(run.output, "m = 5 examples, T = 6 steps, n_x = 3, n_a = 4, n_y = 2"), "%s", run.output);
    cr_expect_not_null(strstr(run.output, "not given, so at its default: a0\n"), "%s", run.output);
    cr_expect_not_null(strstr(run.output, "dWu        (4, 7)"), "%s", run.output);
    free_run(run);
    run = RUN("grad", "lstm", "--in", fixture("step_in"), "--out", result);
    cr_expect_not_null(strstr(run.output, "without y: none of the output's parameters was given"), "%s", run.output);
    free_run(run);
}

#ifdef GT_HAVE_JANSSON
Test(grad, json)
{
    const char *result = result_path();
    program_run run = RUN("grad", "gru", "--in", fixture("gru_in"), "--out", result, "--json", "--unrolled");
    cr_assert_eq(run.status, 0);
    const char *const parts[] = {"\"version\": 1",    "\"cell\": \"gru\"",     "\"T\": 6", "\"not_given\": [", "\"a0\"",
                                 "\"name\": \"dWu\"", "\"form\": \"unrolled\""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect_not_null(strstr(run.output, parts[i]), "no %s in %s", parts[i], run.output);
    free_run(run);
}
#endif

/* ---- what is wrong --------------------------------------------------------------------------- */

/* The LSTM's fixture without the array `dropped`, and with another array added. */
static const char *spoilt(const char *dropped, const char *added, gt_array array)
{
    gt_archive *good = load(fixture("lstm_in")), *bad = gt_archive_new();
    cr_assert_not_null(bad);
    gt_error error = {GT_OK, ""};
    for (uint32_t i = 0; gt_archive_name(good, i) != NULL; i++) {
        const char *name = gt_archive_name(good, i);
        if (dropped == NULL || strcmp(name, dropped) != 0)
            cr_assert_eq(gt_archive_add(bad, name, gt_archive_find(good, name), &error), GT_OK);
    }
    if (added != NULL)
        cr_assert_eq(gt_archive_add(bad, added, array, &error), GT_OK, "%s", error.message);
    const char *path = path_of("in.npz");
    cr_assert_eq(gt_archive_write(bad, path, false, &error), GT_OK, "%s", error.message);
    gt_archive_free(good);
    gt_archive_free(bad);
    return path;
}

static double ones[256];

static gt_array array_of(gt_shape shape)
{
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        ones[i] = 1;
    return (gt_array){ones, GT_F64, shape};
}

/* Refused with this message, and nothing is written. */
static void refuse(const char *path, const char *text)
{
    const char *result = result_path();
    expect_failure(RUN("grad", "lstm", "--in", path, "--out", result), 2, text);
    cr_expect_neq(access(result, F_OK), 0, "something was written after: %s", text);
}

Test(grad, missing_arrays)
{
    gt_array none = {NULL, GT_F64, GT_SCALAR};
    refuse(spoilt("x", NULL, none), "the array 'x' is missing: the input of lstm, (n_x, m, T) or (n_x, m)");
    refuse(spoilt("Wi", NULL, none), "the array 'Wi' is missing: a parameter of lstm, (n_a, n_a + n_x)");
    refuse(spoilt("bc", NULL, none), "the array 'bc' is missing: a parameter of lstm, (n_a, 1)");
    refuse(spoilt("by", NULL, none), "the array 'by' is missing: a parameter of lstm, (n_y, 1)");
}

Test(grad, arrays_that_are_extra)
{
    gt_array array = array_of(GT_SHAPE(4, 7));
    refuse(spoilt(NULL, "Wff", array), "the array 'Wff' is extra: lstm reads no such name; did you mean 'Wf'?");
    refuse(spoilt(NULL, "momentum", array),
           "the array 'momentum' is extra: lstm reads x, a0, c0, Wf, bf, Wi, bi, Wc, bc, Wo, bo, "
           "Wy, by, da, dc, dy");
}

Test(grad, misshapen_arrays)
{
    refuse(spoilt("Wi", "Wi", array_of(GT_SHAPE(4, 8))),
           "the array 'Wi' is (4, 8); expected (4, 7): a parameter of lstm, (n_a, n_a + n_x) "
           "(n_x is 3 by x, n_a is 4 by Wf)");
    refuse(spoilt("Wo", "Wo", array_of(GT_SHAPE(7, 4))), "the array 'Wo' is (7, 4); expected (4, 7)");
    refuse(spoilt("bf", "bf", array_of(GT_SHAPE(1, 4))), "the array 'bf' is (1, 4); expected (4, 1)");
    refuse(spoilt("a0", "a0", array_of(GT_SHAPE(4, 6))),
           "the array 'a0' is (4, 6); expected (4, 5): the initial state of lstm, (n_a, m)");
    refuse(spoilt("c0", "c0", array_of(GT_SHAPE(6, 5))),
           "the array 'c0' is (6, 5); expected (4, 5): the initial state of lstm, (n_a, m) "
           "(n_a is 4 by Wf, m is 5 by x)");
    refuse(spoilt("x", "x", array_of(GT_SHAPE(3))), "the array 'x' is (3); expected (n_x, m, T)");
    refuse(spoilt("x", "x", array_of(GT_SHAPE(1, 3, 2, 2))), "the array 'x' is (1, 3, 2, 2); expected (n_x, m, T)");
}

Test(grad, misshapen_upstream_gradients)
{
    refuse(spoilt("da", "da", array_of(GT_SHAPE(4, 5, 7))),
           "the array 'da' is (4, 5, 7); expected (4, 5, T') with T' from 1 to 6: the upstream "
           "gradient of a");
    refuse(spoilt("dy", "dy", array_of(GT_SHAPE(3, 5, 1))), "the array 'dy' is (3, 5, 1); expected (2, 5, T')");
    /* Which step would it be? */
    refuse(spoilt("da", "da", array_of(GT_SHAPE(4, 5))), "the array 'da' is (4, 5); expected (4, 5, T')");
}

Test(grad, entries_that_are_not_finite)
{
    gt_array array = array_of(GT_SHAPE(4, 7));
    ones[9] = NAN;
    refuse(spoilt("Wc", "Wc", array), "the array 'Wc' has nan at Wc[1][2]; expected finite numbers");
    ones[9] = -INFINITY;
    refuse(spoilt("Wc", "Wc", array), "the array 'Wc' has -inf at Wc[1][2]");
}

/* The planner's own results are looked at; the interpreter says where it began. */
Test(grad, results_that_are_not_finite)
{
    static double large[2 * 4];
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        large[i] = i % 2 == 0 ? 1.5e308 : -1.5e308;
    refuse(spoilt("Wy", "Wy", (gt_array){large, GT_F64, GT_SHAPE(2, 4)}), "inf");
}

Test(grad, numbers_too_large_for_single_precision)
{
    gt_array array = array_of(GT_SHAPE(4, 1));
    ones[3] = 1e300;
    const char *path = spoilt("bo", "bo", array), *result = result_path();
    expect_failure(RUN("grad", "lstm", "--in", path, "--out", result, "--dtype", "f32"), 2,
                   "the array 'bo' has 1e+300 at bo[3][0]; this is too large for f32");
    cr_expect_neq(access(result, F_OK), 0);
}

/* They are numbers like others, if they are exact. */
Test(grad, whole_numbers)
{
    static int32_t whole[4] = {1, -2, 3, 0};
    static double real[4] = {1, -2, 3, 0};
    char expected[512];
    snprintf(expected, sizeof expected, "%s/expected.npz", folder);
    const char *result = result_path();
    program_run run =
        RUN("grad", "lstm", "--in", spoilt("bi", "bi", (gt_array){real, GT_F64, GT_SHAPE(4, 1)}), "--out", expected);
    cr_assert_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    const char *in = spoilt("bi", "bi", (gt_array){whole, GT_I32, GT_SHAPE(4, 1)});
    run = RUN("grad", "lstm", "--in", in, "--out", result);
    cr_assert_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    expect_same(result, expected, GT_F64, 0);
    cr_assert_eq(unlink(result), 0);
    whole[2] = (1 << 24) + 1;
    in = spoilt("bi", "bi", (gt_array){whole, GT_I32, GT_SHAPE(4, 1)});
    expect_failure(RUN("grad", "lstm", "--in", in, "--out", result, "--dtype", "f32"), 2,
                   "the array 'bi' has 16777217 at bi[2][0]; no number of f32 is that one: use --dtype f64");
}

/* ---- axes in another order ----------------------------------------------------------------- */

/* The axes of arrays in time (3) and of one step (2) in another order: the new axis i is the old from[i]. */
static gt_archive *turned(const gt_archive *archive, const int from[3], bool of_one_step)
{
    gt_archive *other = gt_archive_new();
    for (uint32_t k = 0; gt_archive_name(archive, k) != NULL; k++) {
        const char *name = gt_archive_name(archive, k);
        gt_array array = gt_archive_find(archive, name);
        bool initial = strlen(name) == 2 && name[1] == '0';
        int64_t old[3] = {array.shape.size[0], array.shape.size[1], array.shape.size[2]}, new[3], stride[3];
        int order[3] = {0, 1, 2};
        if (array.shape.rank == 3)
            memcpy(order, from, sizeof order);
        else if (initial && of_one_step)
            order[0] = 1, order[1] = 0;
        for (int i = 0; i < 3; i++) {
            new[i] = old[order[i]];
            stride[i] = order[i] == 0 ? 1 : order[i] == 1 ? old[0] : old[0] * old[1];
        }
        double *data = malloc((size_t)(old[0] * old[1] * old[2]) * sizeof *data), *next = data;
        cr_assert_not_null(data);
        for (int64_t c = 0; c < new[2]; c++)
            for (int64_t b = 0; b < new[1]; b++)
                for (int64_t a = 0; a < new[0]; a++)
                    *next++ = ((const double *)array.data)[a * stride[0] + b * stride[1] + c * stride[2]];
        gt_shape shape = array.shape.rank == 3 ? GT_SHAPE(new[0], new[1], new[2]) : GT_SHAPE(new[0], new[1]);
        cr_assert_eq(gt_archive_add(other, name, (gt_array){data, GT_F64, shape}, NULL), GT_OK);
        free(data);
    }
    return other;
}

Test(grad, axes_in_another_order_are_recognised)
{
    static const struct {
        int from[3];
        bool of_one_step;
        const char *words;
    } turns[] = {
        {{2, 1, 0}, true, "this looks like (T, m, n_x), PyTorch's order: the array 'x' is ("},
        {{1, 2, 0}, true, "this looks like (m, T, n_x), the order of Keras, and of PyTorch with batch_first=True"},
        {{1, 0, 2}, true, "this looks like (m, n_x, T)"},
        {{2, 0, 1}, false, "this looks like (T, n_x, m)"},
        {{0, 2, 1}, false, "this looks like (n_x, T, m)"},
    };
    gt_archive *right = load(fixture("lstm_in"));
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        gt_archive *other = turned(right, turns[i].from, turns[i].of_one_step);
        char in[512];
        snprintf(in, sizeof in, "%s", path_of("in.npz"));
        cr_assert_eq(gt_archive_write(other, in, false, NULL), GT_OK);
        expect_failure(RUN("grad", "lstm", "--in", in, "--out", result_path()), 2, turns[i].words);
        expect_failure(RUN("check", "lstm", "--against", in), 2, turns[i].words);
        gt_archive_free(other);
    }
    gt_archive_free(right);
}

Test(grad, nothing_to_differentiate)
{
    gt_archive *archive = load(fixture("rnn_in")), *without = gt_archive_new();
    gt_error error = {GT_OK, ""};
    for (uint32_t i = 0; gt_archive_name(archive, i) != NULL; i++) {
        const char *name = gt_archive_name(archive, i);
        if (name[0] != 'd')
            cr_assert_eq(gt_archive_add(without, name, gt_archive_find(archive, name), &error), GT_OK);
    }
    const char *path = path_of("in.npz"), *result = result_path();
    cr_assert_eq(gt_archive_write(without, path, false, &error), GT_OK);
    expect_failure(RUN("grad", "rnn", "--in", path, "--out", result), 2,
                   "has nothing to differentiate: it needs an upstream gradient, one or more of "
                   "da, dy");
    gt_archive_free(archive);
    gt_archive_free(without);
}

Test(grad, files_that_cannot_be_used)
{
    const char *result = result_path(), *in = fixture("lstm_in");
    expect_failure(RUN("grad", "lstm", "--in", "/nonexistent/in.npz", "--out", result), 2, "/nonexistent/in.npz");
    expect_failure(RUN("grad", "lstm", "--in", in, "--out", "/nonexistent/out.npz"), 2, "/nonexistent/out.npz");
    const char *garbage = path_of("garbage.npz");
    write_file(garbage, "this is no archive", 18);
    expect_failure(RUN("grad", "lstm", "--in", garbage, "--out", result), 2, "garbage.npz");
    expect_failure(RUN("grad", "lstm", "--in", in, "--out", in), 2, "--in and --out are the same file");
    cr_expect_neq(access(result, F_OK), 0);
}

Test(grad, wrong_arguments)
{
    expect_failure(RUN("grad", "lsmt", "--in", "a", "--out", "b"), 2, "there is no cell 'lsmt'; did you mean 'lstm'?");
    expect_failure(RUN("grad", "--in", "a", "--out", "b"), 2, "CELL is missing");
    expect_failure(RUN("grad", "rnn", "--in", "a"), 2, "--out FILE.npz is missing");
    expect_failure(RUN("grad", "rnn", "--in", "a", "--out", "b", "--rolled", "--unrolled"), 2,
                   "--rolled and --unrolled exclude each other");
    expect_failure(RUN("grad", "rnn", "--in", "a", "--out", "b", "--dtype", "double"), 2,
                   "--dtype expects f64 or f32, not 'double'");
    expect_failure(RUN("grda"), 2, "unknown command 'grda'; did you mean 'grad'?");
}

Test(grad, output_that_cannot_be_written)
{
    const char *result = result_path();
    program_run run = run_program(
        (const char *const[]){"grad", "gru", "--in", fixture("gru_in"), "--out", result, NULL}, "/dev/full");
    expect_failure(run, 2, "standard output could not be written: No space left on device");
}
