/* Gradients of an RNN computed by loops, with mistakes in the loops, against the tape. */
#include <criterion/criterion.h>
#include <gradtape.h>

#include <math.h>
#include <string.h>

enum { A = 3, X = 2, M = 2, T = 4 };

typedef enum slip { NO_SLIP, NO_DERIVATIVE, NOT_CARRIED, TWICE, NEW_FOR_OLD, TWO_SLIPS } slip;

typedef struct rnn {
    double Waa[A * A], Wax[A * X], ba[A], x[X * M * T], a0[A * M], da[A * M * T];
    double a[A * M * (T + 1)]; /* the initial state first */
    double dWaa[A * A], dWax[A * X], dba[A];
} rnn;

static void forward(rnn *r)
{
    gt_random random;
    gt_random_seed(&random, 5);
    gt_random_fill_normal(&random, GT_SHAPE(A, A), r->Waa);
    gt_random_fill_normal(&random, GT_SHAPE(A, X), r->Wax);
    gt_random_fill_normal(&random, GT_SHAPE(A), r->ba);
    gt_random_fill_normal(&random, GT_SHAPE(X, M, T), r->x);
    gt_random_fill_normal(&random, GT_SHAPE(A, M), r->a0);
    gt_random_fill_normal(&random, GT_SHAPE(A, M, T), r->da);
    memcpy(r->a, r->a0, sizeof r->a0);
    for (int t = 0; t < T; t++)
        for (int e = 0; e < M; e++)
            for (int i = 0; i < A; i++) {
                double z = r->ba[i];
                for (int j = 0; j < A; j++)
                    z += r->Waa[i + A * j] * r->a[j + A * (e + M * t)];
                for (int j = 0; j < X; j++)
                    z += r->Wax[i + A * j] * r->x[j + X * (e + M * t)];
                r->a[i + A * (e + M * (t + 1))] = tanh(z);
            }
}

static void backward(rnn *r, slip s)
{
    double flow[A * M] = {0};
    for (int t = T - 1; t >= 0; t--)
        for (int e = 0; e < M; e++) {
            double dz[A];
            for (int i = 0; i < A; i++) {
                double y = r->a[i + A * (e + M * (t + 1))], slope = 1 - y * y;
                slope = s == NO_DERIVATIVE || s == TWO_SLIPS ? 1 : s == TWICE ? slope * slope : slope;
                dz[i] = (r->da[i + A * (e + M * t)] + flow[i + A * e]) * slope;
                r->dba[i] += dz[i];
            }
            for (int j = 0; j < A; j++) {
                double back = 0, old = r->a[j + A * (e + M * (t + (s == NEW_FOR_OLD)))];
                for (int i = 0; i < A; i++) {
                    r->dWaa[i + A * j] += dz[i] * old;
                    back += r->Waa[i + A * j] * dz[i];
                }
                flow[j + A * e] = s == NOT_CARRIED || s == TWO_SLIPS ? 0 : back;
            }
            for (int i = 0; i < A; i++)
                for (int j = 0; j < X; j++)
                    r->dWax[i + A * j] += dz[i] * r->x[j + X * (e + M * t)];
        }
}

static void add(gt_archive *archive, const char *name, gt_shape shape, double *data)
{
    gt_array array = {data, GT_F64, shape};
    cr_assert_eq(gt_archive_add(archive, name, array, NULL), GT_OK);
}

static gt_archive *archive_of(rnn *r)
{
    gt_archive *archive = gt_archive_new();
    cr_assert_not_null(archive);
    add(archive, "Waa", GT_SHAPE(A, A), r->Waa);
    add(archive, "Wax", GT_SHAPE(A, X), r->Wax);
    add(archive, "ba", GT_SHAPE(A, 1), r->ba);
    add(archive, "x", GT_SHAPE(X, M, T), r->x);
    add(archive, "a0", GT_SHAPE(A, M), r->a0);
    add(archive, "da", GT_SHAPE(A, M, T), r->da);
    add(archive, "dWaa", GT_SHAPE(A, A), r->dWaa);
    add(archive, "dWax", GT_SHAPE(A, X), r->dWax);
    add(archive, "dba", GT_SHAPE(A, 1), r->dba);
    return archive;
}

static const char *const text = "cell rnn\n input x[n_x]\n state a[n_a]\n"
                                " param Waa[n_a, n_a], Wax[n_a, n_x], ba[n_a]\n"
                                " a' = tanh(Waa @ a + Wax @ x + ba)\n";

/* The kind named for an array; "right" if it is not reported. */
static void check(slip s, const char *array, const char *kind)
{
    static rnn r;
    r = (rnn){.ba = {0}};
    forward(&r);
    backward(&r, s);
    gt_archive *archive = archive_of(&r);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_dimension dimensions[] = {{"n_x", X}, {"n_a", A}};
    gt_check_problem problem = {
        .dimensions = dimensions, .dimension_count = 2, .examples = M, .steps = T, .given = archive};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_report report = {0};
    gt_error error = {0};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s",
                 error.message);
    const char *found = "right";
    for (uint32_t i = 0; i < report.finding_count; i++)
        if (strcmp(report.findings[i].array, array) == 0)
            found = report.findings[i].diagnosis.kind;
    cr_assert_str_eq(found, kind, "%s", array);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    gt_archive_free(archive);
}

Test(diagnose_arrays, what_is_right)
{
    check(NO_SLIP, "dWaa", "right");
}

Test(diagnose_arrays, the_derivative_is_missing)
{
    check(NO_DERIVATIVE, "dWaa", "missing derivative");
    check(NO_DERIVATIVE, "dba", "missing derivative");
}

Test(diagnose_arrays, the_derivative_is_there_twice)
{
    check(TWICE, "dWax", "derivative twice");
}

Test(diagnose_arrays, the_state_is_not_carried)
{
    check(NOT_CARRIED, "dWaa", "missing state path");
    check(NOT_CARRIED, "dWax", "missing state path");
}

Test(diagnose_arrays, the_new_state_for_the_old)
{
    check(NEW_FOR_OLD, "dWaa", "off by one step");
    check(NEW_FOR_OLD, "dWax", "right");
}

Test(diagnose_arrays, two_mistakes_are_not_claimed_to_be_one)
{
    check(TWO_SLIPS, "dWaa", "");
}
