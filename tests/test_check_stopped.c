/*
 * Checks that are stopped at every moment: by the callback that may interrupt them, and by the user's
 * function, which fails at its n-th call. The status and the words are what was told, nothing is leaked
 * or half done, and what runs through has the verdict of a check that nobody stops.
 */
#include "texts.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(check_stopped, .timeout = 300);

/* What counts down, and whether it came to its end. */
typedef struct stop {
    long left; /* negative: never */
    bool came;
} stop;

static bool count_down(stop *s)
{
    s->came = s->came || s->left == 0;
    s->left -= s->left >= 0;
    return s->came;
}

static bool interrupt(void *context, const char *stage, double done)
{
    cr_assert(*stage != '\0' && done >= 0 && done <= 1, "%s: %g", stage, done);
    return count_down(context);
}

/* Checks something while `s` counts its moments. */
typedef gt_status scenario(const void *context, stop *s, gt_report *report, gt_error *error);

/* Ends it at one moment after the other; returns how many there are. */
static long stop_everywhere(scenario *check, const void *context, gt_status expected_status, const char *words)
{
    gt_verdict expected = GT_RIGHT;
    for (long n = -1;; n++) {
        stop s = {.left = n};
        gt_report report = {0};
        gt_error error = {0};
        gt_status status = check(context, &s, &report, &error);
        if (n < 0) {
            cr_assert_eq(status, GT_OK, "%s", error.message);
            expected = report.verdict;
        } else if (s.came) {
            cr_assert_eq(status, expected_status, "%ld: %s", n, gt_status_name(status));
            cr_assert_not_null(strstr(error.message, words), "%ld: %s", n, error.message);
        } else {
            cr_assert(status == GT_OK && report.verdict == expected, "%ld: %s", n, error.message);
        }
        gt_report_free(&report);
        if (n >= 0 && !s.came)
            return n;
    }
}

/* ---- cells --------------------------------------------------------------------------------- */

typedef struct cell_case {
    const char *text;
    gt_archive *given;
    int64_t steps;
    bool diagnoses;
} cell_case;

static const gt_dimension sizes[] = {{"n_x", 2}, {"n_a", 2}, {"n_y", 2}};

static gt_status check_cell(const void *context, stop *s, gt_report *report, gt_error *error)
{
    const cell_case *c = context;
    gt_parsed_cell *parsed = gt_cell_parse(c->text, strlen(c->text), NULL);
    const gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = 3, .examples = 2, .steps = c->steps, .given = c->given};
    const gt_check_options options = {
        .interrupt = interrupt, .context = s, .diagnose = c->diagnoses ? gt_diagnose : NULL};
    cr_assert_not_null(gt_parsed_cell_get(parsed));
    gt_status status = gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, report, error);
    gt_parsed_cell_free(parsed);
    return status;
}

static void stop_cell(const char *name, const char *piece, const char *by, bool diagnoses)
{
    char *text = backward_text(name, piece, by);
    const cell_case c = {.text = text, .steps = 2, .diagnoses = diagnoses};
    cr_expect_gt(stop_everywhere(check_cell, &c, GT_ERROR_INTERRUPTED, "interrupted"), 5, "%s", name);
    free(text);
}

Test(check_stopped, cells)
{
    stop_cell("lstm", NULL, NULL, false);
    stop_cell("rnn", NULL, NULL, false);
    stop_cell("lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i", false);
    stop_cell("rnn", "da_y = da' + Wya", "da_y = 2 * da' + Wya", true);
    stop_cell("gru", "dra * a * r", "dra * a", true);
}

Test(check_stopped, a_cell_without_a_block)
{
    const cell_case c = {.text = "cell one\n input x[n_x]\n state a[n_a]\n param W[n_a, n_x]\n a' = relu(W @ x + a)\n",
                         .steps = 3};
    cr_expect_gt(stop_everywhere(check_cell, &c, GT_ERROR_INTERRUPTED, "interrupted"), 5);
}

/* ---- a tape, an op ------------------------------------------------------------------------- */

static void cube_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = pow(k->inputs[0][i * k->strides[0]], 3);
}

static gt_var cube_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var x = gt_reverse_input(r, slot);
    return gt_mul(gt_reverse_cotangent(r), gt_mul(gt_constant(gt_reverse_tape(r), 3), gt_mul(x, x)));
}

static gt_var wrong_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var x = gt_reverse_input(r, slot);
    return gt_mul(gt_reverse_cotangent(r), gt_mul(x, x));
}

static gt_op cube_with(gt_reverse_rule *rule)
{
    return (gt_op){.name = "cube",
                   .arity = 1,
                   .op_class = GT_CLASS_ELEMENTWISE,
                   .shape = gt_shape_rule_elementwise,
                   .run_f64 = cube_f64,
                   .reverse = rule};
}

static gt_status check_op(const void *context, stop *s, gt_report *report, gt_error *error)
{
    const gt_check_options options = {
        .interrupt = interrupt, .context = s, .second_order = true, .diagnose = gt_diagnose};
    return gt_check_op(context, (gt_shape[]){GT_SHAPE(2)}, 1, NULL, 0, &options, report, error);
}

static gt_status check_tape(const void *context, stop *s, gt_report *report, gt_error *error)
{
    const double data[2] = {0.3, -0.4};
    const gt_check_options options = {.interrupt = interrupt, .context = s, .second_order = true};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2)), y = gt_mul(gt_apply(context, &x, 1, NULL, 0), gt_sin(x));
    gt_status status = gt_check(&y, 1, &x, (const void *[]){data}, 1, &options, report, error);
    gt_tape_free(tape);
    return status;
}

Test(check_stopped, ops_and_tapes)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        gt_op op = cube_with(wrong == 1 ? wrong_reverse : cube_reverse);
        cr_expect_gt(stop_everywhere(check_op, &op, GT_ERROR_INTERRUPTED, "interrupted"), 0);
        cr_expect_gt(stop_everywhere(check_tape, &op, GT_ERROR_INTERRUPTED, "interrupted"), 1);
    }
}

/* ---- functions ----------------------------------------------------------------------------- */

/* y = (a sin(b), a b, |a|), of which some part may be wrong, and which fails when its time has come. */
typedef struct function_case {
    stop *failing;
    bool wrong_gradient, wrong_product, single;
    double x[2];
} function_case;

static gt_status fail_in_time(const function_case *f, gt_error *error)
{
    return f->failing != NULL && count_down(f->failing) ? gt_error_set(error, GT_ERROR_ARGUMENT, "the function says no")
                                                        : GT_OK;
}

static gt_status value(void *context, const double *x, double *y, gt_error *error)
{
    y[0] = x[0] * sin(x[1]);
    y[1] = x[0] * x[1];
    y[2] = fabs(x[0]);
    return fail_in_time(context, error);
}

static gt_status gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    const function_case *f = context;
    g[0] = u[0] * sin(x[1]) + u[1] * x[1] + u[2] * copysign(1, x[0]);
    g[1] = (f->wrong_gradient ? -1 : 1) * (u[0] * x[0] * cos(x[1]) + u[1] * x[0]);
    return fail_in_time(f, error);
}

static gt_status product(void *context, const double *x, const double *v, double *dy, gt_error *error)
{
    const function_case *f = context;
    dy[0] = sin(x[1]) * v[0] + x[0] * cos(x[1]) * v[1];
    dy[1] = x[1] * v[0] + (f->wrong_product ? 2 : 1) * x[0] * v[1];
    dy[2] = copysign(1, x[0]) * v[0];
    return fail_in_time(f, error);
}

static gt_status value_f32(void *context, const float *x, float *y, gt_error *error)
{
    y[0] = x[0] * sinf(x[1]);
    y[1] = x[0] * x[1];
    y[2] = fabsf(x[0]);
    return fail_in_time(context, error);
}

static gt_status gradient_f32(void *context, const float *x, const float *u, float *g, gt_error *error)
{
    const function_case *f = context;
    g[0] = u[0] * sinf(x[1]) + u[1] * x[1] + u[2] * copysignf(1, x[0]);
    g[1] = u[0] * x[0] * cosf(x[1]) + (f->wrong_gradient ? 2 : 1) * u[1] * x[0];
    return fail_in_time(f, error);
}

static gt_status check_with(const function_case *f, const gt_check_options *options, gt_report *report, gt_error *error)
{
    static const gt_check_array arrays[] = {{"a", {0, {1, 1, 1, 1}}}, {"b", {1, {1, 1, 1, 1}}}};
    const gt_check_gradient mine = {.function = value,
                                    .gradient = gradient,
                                    .jvp = product,
                                    .function_f32 = f->single ? value_f32 : NULL,
                                    .gradient_f32 = f->single ? gradient_f32 : NULL,
                                    .context = (void *)f,
                                    .arrays = arrays,
                                    .array_count = 2,
                                    .x = f->x,
                                    .output_count = 3};
    return gt_check_function(&mine, options, report, error);
}

static gt_status check_failing(const void *context, stop *s, gt_report *report, gt_error *error)
{
    function_case f = *(const function_case *)context;
    f.failing = s;
    return check_with(&f, &(gt_check_options){.diagnose = gt_diagnose}, report, error);
}

static gt_status check_interrupted(const void *context, stop *s, gt_report *report, gt_error *error)
{
    const gt_check_options options = {.interrupt = interrupt, .context = s, .diagnose = gt_diagnose};
    return check_with(context, &options, report, error);
}

Test(check_stopped, functions)
{
    static const double points[][2] = {{1.5, 0.4}, {0, 0}};
    for (int i = 0; i < 16; i++) {
        function_case f = {.wrong_gradient = (i & 1) != 0, .wrong_product = (i & 2) != 0, .single = (i & 4) != 0};
        memcpy(f.x, points[i >> 3], sizeof f.x);
        cr_expect_gt(stop_everywhere(check_failing, &f, GT_ERROR_ARGUMENT, "the function says no"), 20);
        cr_expect_gt(stop_everywhere(check_interrupted, &f, GT_ERROR_INTERRUPTED, "interrupted"), 1);
    }
}
