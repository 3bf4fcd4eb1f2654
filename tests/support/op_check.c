#include "support/op_check.h"

#include "support/op_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* ---- full Jacobians ------------------------------------------------------------------------ */

/* Rows of a Jacobian (rows, columns): each by a unit cotangent, `cotangent` being its place in
 * p->x. */
static bool exact_rows(op_problem *q, const gt_var *products, uint32_t product_count, double *cotangent, size_t rows,
                       size_t columns, double *jacobian, char *why)
{
    double *row = op_problem_numbers(columns);
    memset(cotangent, 0, rows * sizeof *cotangent);
    bool good = true;
    for (size_t i = 0; i < rows && good; i++) {
        cotangent[i] = 1;
        good = op_problem_evaluate(q, products, product_count, row, why);
        cotangent[i] = 0;
        for (size_t j = 0; j < columns; j++)
            jacobian[i + j * rows] = row[j];
    }
    free(row);
    return good;
}

/* The numeric Jacobian of vars by the first `columns` entries of p->x against rows of products. */
static bool jacobians_agree(op_problem *q, const op_case *c, const char *what, const gt_var *vars, uint32_t var_count,
                            const gt_var *products, uint32_t product_count, size_t columns, size_t cotangent, char *why)
{
    size_t rows = probe_entries(vars, var_count);
    double *values = op_problem_numbers(rows * columns), *errors = op_problem_numbers(rows * columns),
           *exact = op_problem_numbers(rows * columns);
    probe_function f = {.p = q->p, .vars = vars, .count = var_count, .x_count = columns};
    gt_numeric numeric = {.function = probe_call,
                          .context = &f,
                          .x = q->p->x,
                          .input_count = columns,
                          .output_count = rows,
                          .step = q->step};
    double *at = op_problem_numbers(columns);
    memcpy(at, q->p->x, columns * sizeof *at);
    numeric.x = at;
    gt_error error = {0};
    bool good = gt_numeric_jacobian(&numeric, values, errors, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s: %s", what, error.message);
    op_problem_block(c, values, errors, rows * columns);
    good = good && exact_rows(q, products, product_count, q->p->x + cotangent, rows, columns, exact, why) &&
           op_problem_agree(what, exact, values, errors, rows * columns, why);
    free(at);
    free(values);
    free(errors);
    free(exact);
    return good;
}

bool check_jacobian(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good =
        q.x_vars == 0 || jacobians_agree(&q, c, "Jacobian", q.y, q.y_vars, q.gradients, q.x_vars, q.nx, q.nx, why);
    op_problem_close(&q);
    return good;
}

bool check_second_jacobian(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 2, why))
        return false;
    bool good = q.x_vars == 0 || jacobians_agree(&q, c, "Jacobian of the gradient", q.gradients, q.x_vars, q.seconds,
                                                 q.x_vars + q.y_vars, q.nx + q.ny, q.nx + q.ny, why);
    op_problem_close(&q);
    return good;
}

/* ---- random cotangents --------------------------------------------------------------------- */

bool check_gradient(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 1, why))
        return false;
    double *values = op_problem_numbers(q.nx), *errors = op_problem_numbers(q.nx), *exact = op_problem_numbers(q.nx),
           *at = op_problem_numbers(q.nx);
    memcpy(at, q.p->x, q.nx * sizeof *at);
    probe_function f = {q.p, q.y, q.y_vars, q.nx, q.p->x + q.nx};
    gt_numeric numeric = {
        .function = probe_call, .context = &f, .x = at, .input_count = q.nx, .output_count = 1, .step = q.step};
    gt_error error = {0};
    bool good = gt_numeric_jacobian(&numeric, values, errors, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s", error.message);
    op_problem_block(c, values, errors, q.nx);
    good = good && (q.x_vars == 0 || op_problem_evaluate(&q, q.gradients, q.x_vars, exact, why)) &&
           op_problem_agree("gradient", exact, values, errors, q.nx, why);
    free(values);
    free(errors);
    free(exact);
    free(at);
    op_problem_close(&q);
    return good;
}

bool check_zero_cotangent(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 1, why))
        return false;
    double *gradient = op_problem_numbers(q.nx);
    memset(q.p->x + q.nx, 0, q.ny * sizeof *q.p->x);
    bool good = q.x_vars == 0 || op_problem_evaluate(&q, q.gradients, q.x_vars, gradient, why);
    for (size_t i = 0; i < q.nx && good; i++) {
        good = gradient[i] == 0;
        if (!good)
            snprintf(why, WHY_SIZE, "zero cotangent: entry %zu of the gradient is %g", i, gradient[i]);
    }
    free(gradient);
    op_problem_close(&q);
    return good;
}

/* ---- random projections -------------------------------------------------------------------- */

/* d/ds of weights . vars along a random direction in the first `count` entries, against products .
 * direction. */
static bool projections_agree(op_problem *q, const op_case *c, const char *what, const gt_var *vars, uint32_t var_count,
                              const double *weights, const gt_var *products, uint32_t product_count, size_t count,
                              uint32_t seed, char *why)
{
    double *direction = op_problem_numbers(count), *product = op_problem_numbers(count),
           *at = op_problem_numbers(count);
    gt_random random;
    gt_random_seed(&random, seed + 1000);
    for (size_t i = 0; i < count; i++)
        direction[i] = 2 * gt_random_uniform(&random) - 1;
    memcpy(at, q->p->x, count * sizeof *at);
    probe_function f = {q->p, vars, var_count, count, weights};
    gt_numeric numeric = {
        .function = probe_call, .context = &f, .x = at, .input_count = count, .output_count = 1, .step = q->step};
    double value = NAN, uncertainty = NAN;
    gt_error error = {0};
    bool good = gt_numeric_directional(&numeric, direction, &value, &uncertainty, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s: %s", what, error.message);
    good = good && op_problem_evaluate(q, products, product_count, product, why);
    double exact = dot(product, direction, count);
    op_problem_block(c, &value, &uncertainty, 1);
    good = good && op_problem_agree(what, &exact, &value, &uncertainty, 1, why);
    free(direction);
    free(product);
    free(at);
    return good;
}

bool check_projection(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good = q.x_vars == 0 || projections_agree(&q, c, "projection", q.y, q.y_vars, q.p->x + q.nx, q.gradients,
                                                   q.x_vars, q.nx, seed, why);
    op_problem_close(&q);
    return good;
}

bool check_second_projection(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 2, why))
        return false;
    bool good =
        q.x_vars == 0 || projections_agree(&q, c, "second projection", q.gradients, q.x_vars, q.p->x + q.nx + q.ny,
                                           q.seconds, q.x_vars + q.y_vars, q.nx + q.ny, seed, why);
    op_problem_close(&q);
    return good;
}

/* ---- f32 ----------------------------------------------------------------------------------- */

/* `terms` is how many numbers are added up in one entry: rounding errors grow like its root. */
static bool close_enough(const char *what, const double *wide, const double *narrow, size_t count, double terms,
                         char *why)
{
    double scale = sqrt(fmax(1, terms));
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(wide[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(wide[i] - narrow[i]) <= 5e-6 * scale)) {
            snprintf(why, WHY_SIZE, "%s: entry %zu is %.9g in f32 and %.9g in f64", what, i, narrow[i], wide[i]);
            return false;
        }
    return true;
}

bool check_f32(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem wide, narrow;
    if (!op_problem_open(&wide, c, GT_F64, seed, 1, why))
        return false;
    if (!op_problem_open(&narrow, c, GT_F32, seed, 1, why)) {
        op_problem_close(&wide);
        return false;
    }
    double *a = op_problem_numbers(wide.ny + wide.nx), *b = op_problem_numbers(wide.ny + wide.nx);
    bool good = wide.ny == narrow.ny && wide.nx == narrow.nx &&
                op_problem_evaluate(&wide, wide.y, wide.y_vars, a, why) &&
                op_problem_evaluate(&narrow, narrow.y, narrow.y_vars, b, why) &&
                close_enough("value", a, b, wide.ny, (double)wide.nx / (double)wide.ny, why);
    if (good && wide.x_vars > 0)
        good = op_problem_evaluate(&wide, wide.gradients, wide.x_vars, a, why) &&
               op_problem_evaluate(&narrow, narrow.gradients, narrow.x_vars, b, why) &&
               close_enough("gradient", a, b, wide.nx, (double)wide.ny / (double)wide.nx, why);
    free(a);
    free(b);
    op_problem_close(&wide);
    op_problem_close(&narrow);
    return good;
}

/* ---- forward derivatives ------------------------------------------------------------------- */

/* J v of the tape: v is the tangent, which the probe holds behind x and u. */
static bool forward_agrees(op_problem *q, const op_case *c, char *why)
{
    gt_var tangents[CASE_PARTS];
    gt_jvp(q->y, q->y_vars, q->x, q->v, q->x_vars, tangents);
    if (!op_problem_recorded(q, "forward derivative", why))
        return false;
    const double *u = q->p->x + q->nx, *v = u + q->ny;
    double *forward = op_problem_numbers(q->ny), *gradient = op_problem_numbers(q->nx), *at = op_problem_numbers(q->nx);
    double *values = op_problem_numbers(q->ny), *errors = op_problem_numbers(q->ny);
    memcpy(at, q->p->x, q->nx * sizeof *at);
    probe_function f = {q->p, q->y, q->y_vars, q->nx, NULL};
    gt_numeric numeric = {
        .function = probe_call, .context = &f, .x = at, .input_count = q->nx, .output_count = q->ny, .step = q->step};
    gt_error error = {0};
    bool good = op_problem_evaluate(q, tangents, q->y_vars, forward, why) &&
                op_problem_evaluate(q, q->gradients, q->x_vars, gradient, why) &&
                gt_numeric_directional(&numeric, v, values, errors, &error) == GT_OK;
    op_problem_block(c, values, errors, q->ny);
    good = good && op_problem_agree("forward derivative", forward, values, errors, q->ny, why);
    double left = dot(u, forward, q->ny), right = dot(gradient, v, q->nx);
    if (good && !(fabs(left - right) <= 1e-12 * (1 + fabs(left)))) {
        snprintf(why, WHY_SIZE, "u . (J v) is %.17g and (J.T u) . v is %.17g", left, right);
        good = false;
    }
    free(forward);
    free(gradient);
    free(at);
    free(values);
    free(errors);
    return good;
}

bool check_forward(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    op_problem q;
    if (!op_problem_open(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good = q.x_vars == 0 || forward_agrees(&q, c, why);
    op_problem_close(&q);
    return good;
}
