/*
 * Three gradients to be verified: of an expression on a tape, of an op with a rule
 * of its own, and of a function whose gradient was written by hand, with a mistake.
 */
#include <gradtape.h>
#include <math.h>
#include <stdio.h>

/* ---- an op: softsign(x) = x / (1 + |x|), whose derivative is 1 / (1 + |x|)^2 -------------------- */

static void softsign_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++) {
        double x = k->inputs[0][i * k->strides[0]];
        k->output[i] = x / (1 + fabs(x));
    }
}

static gt_var softsign_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var d = gt_add(gt_constant(gt_reverse_tape(r), 1.0), gt_abs(gt_reverse_input(r, 0)));
    return gt_div(gt_reverse_cotangent(r), gt_mul(d, d));
}

static const gt_op softsign = {.name = "softsign",
                               .arity = 1,
                               .op_class = GT_CLASS_ELEMENTWISE,
                               .shape = gt_shape_rule_elementwise,
                               .run_f64 = softsign_f64,
                               .reverse = softsign_reverse};

/* ---- a function: y = a^2 sin(b), with a wrong sign in its gradient ------------------------------ */

static gt_status value(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    *y = x[0] * x[0] * sin(x[1]);
    return GT_OK;
}

static gt_status gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    g[0] = u[0] * 2 * x[0] * sin(x[1]);
    g[1] = -u[0] * x[0] * x[0] * cos(x[1]); /* the sign is wrong */
    return GT_OK;
}

/* ---- checks -------------------------------------------------------------------------------------- */

static gt_verdict print(const char *what, gt_report *report)
{
    char text[2000];
    gt_report_format(report, text, sizeof text);
    printf("%s: %s", what, text);
    gt_verdict verdict = report->verdict;
    gt_report_free(report);
    return verdict;
}

int main(void)
{
    gt_error error = {0};
    gt_report report = {0};

    gt_tape *tape = gt_tape_new(NULL);
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(2, 3)), x = gt_input(tape, "x", GT_SHAPE(3));
    gt_var h = gt_matmul(W, x), y = gt_apply(&softsign, &h, 1, NULL, 0);
    const double W_data[] = {1, 2, 3, 4, 5, 6}, x_data[] = {0.1, -0.2, 0.3};
    gt_status status = gt_check(&y, 1, (gt_var[]){W, x}, (const void *[]){W_data, x_data}, 2, NULL, &report, &error);
    gt_tape_free(tape);
    if (status != GT_OK)
        return puts(error.message), 1;
    gt_verdict on_tape = print("softsign(W x)", &report);

    if (gt_check_op(&softsign, (gt_shape[]){GT_SHAPE(3, 4)}, 1, NULL, 0, NULL, &report, &error) != GT_OK)
        return puts(error.message), 1;
    gt_verdict of_op = print("softsign", &report);

    const gt_check_array arrays[] = {{"a", GT_SHAPE(1)}, {"b", GT_SHAPE(1)}};
    gt_check_gradient mine = {.function = value,
                              .gradient = gradient,
                              .arrays = arrays,
                              .array_count = 2,
                              .x = (double[]){1.5, 0.4},
                              .output_count = 1};
    if (gt_check_function(&mine, NULL, &report, &error) != GT_OK)
        return puts(error.message), 1;
    gt_verdict by_hand = print("a^2 sin(b)", &report);

    return on_tape == GT_RIGHT && of_op == GT_RIGHT && by_hand == GT_WRONG ? 0 : 1;
}
