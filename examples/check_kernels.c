/*
 * The kernels of a layer, y = tanh(W x + b), as somebody would write them for speed: its value and
 * gradient in single precision, and its Jacobian-vector product, verified against its value in double.
 * Then the same with mistakes.
 */
#include <gradtape.h>
#include <math.h>
#include <stdio.h>

enum { N = 3, K = 4, M = 5, W = 0, X = N * K, B = X + K * M, INPUTS = B + N, Y = N * M };

/* ---- the value, in both precisions --------------------------------------------------------------- */

static gt_status layer(void *context, const double *in, double *y, gt_error *error)
{
    (void)context, (void)error;
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++) {
            double z = in[B + i];
            for (int k = 0; k < K; k++)
                z += in[W + i + N * k] * in[X + k + K * j];
            y[i + N * j] = tanh(z);
        }
    return GT_OK;
}

static gt_status layer_f32(void *context, const float *in, float *y, gt_error *error)
{
    (void)context, (void)error;
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++) {
            float z = in[B + i];
            for (int k = 0; k < K; k++)
                z += in[W + i + N * k] * in[X + k + K * j];
            y[i + N * j] = tanhf(z);
        }
    return GT_OK;
}

/* ---- its derivatives ------------------------------------------------------------------------------ */

/* context: whether the mistakes are made. */
static gt_status gradient_f32(void *context, const float *in, const float *dy, float *d, gt_error *error)
{
    bool wrong = *(const bool *)context;
    float y[Y];
    layer_f32(context, in, y, error);
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++) {
            float dz = dy[i + N * j] * (1 - y[i + N * j] * y[i + N * j]);
            d[B + i] += wrong ? dz / M : dz; /* a mean over the examples */
            for (int k = 0; k < K; k++) {
                d[wrong ? W + k + K * i : W + i + N * k] += dz * in[X + k + K * j]; /* stored by rows */
                d[X + k + K * j] += dz * in[W + i + N * k];
            }
        }
    return GT_OK;
}

static gt_status product(void *context, const double *in, const double *v, double *dy, gt_error *error)
{
    bool wrong = *(const bool *)context;
    double y[Y];
    layer(context, in, y, error);
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++) {
            double dz = wrong ? 0 : v[B + i]; /* the bias is forgotten */
            for (int k = 0; k < K; k++)
                dz += v[W + i + N * k] * in[X + k + K * j] + in[W + i + N * k] * v[X + k + K * j];
            dy[i + N * j] = (1 - y[i + N * j] * y[i + N * j]) * dz;
        }
    return GT_OK;
}

/* ---- the check -------------------------------------------------------------------------------------- */

static int check(bool wrong, gt_verdict expected)
{
    const gt_check_array arrays[] = {{"W", GT_SHAPE(N, K)}, {"x", GT_SHAPE(K, M)}, {"b", GT_SHAPE(N)}};
    double in[INPUTS];
    gt_random random;
    gt_random_seed(&random, 1);
    for (int i = 0; i < INPUTS; i++)
        in[i] = gt_random_normal(&random);
    gt_check_gradient mine = {.function = layer,
                              .function_f32 = layer_f32,
                              .gradient_f32 = gradient_f32,
                              .jvp = product,
                              .context = &wrong,
                              .arrays = arrays,
                              .array_count = 3,
                              .x = in,
                              .output_count = Y,
                              .output_shape = GT_SHAPE(N, M)};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_report report = {0};
    gt_error error = {0};
    char text[4000];
    if (gt_check_function(&mine, &options, &report, &error) != GT_OK)
        return puts(error.message), 1;
    gt_report_format(&report, text, sizeof text);
    fputs(text, stdout);
    gt_verdict verdict = report.verdict;
    gt_report_free(&report);
    return verdict != expected;
}

int main(void)
{
    return check(false, GT_RIGHT) || check(true, GT_WRONG);
}
