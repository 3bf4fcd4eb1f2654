#include "support/op_check.h"

#include "support/probe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * y = op(x), gradients = J(y, x).T u, seconds = J(gradients, (x, u)).T v. The real
 * inputs of the probe are x, u, v in this order.
 */
typedef struct problem {
    probe *p;
    double step;
    gt_var x[CASE_INPUTS], y[CASE_PARTS], u[CASE_PARTS], v[CASE_INPUTS];
    gt_var gradients[CASE_INPUTS], seconds[CASE_INPUTS + CASE_PARTS];
    uint32_t x_vars, y_vars;
    size_t nx, ny;
} problem;

/* ---- inputs -------------------------------------------------------------------------------- */

/*
 * Entries of operand `slot` out of `slots`. Where the domain wants them apart,
 * they lie on a grid of which every operand has its own lines, and 0 none.
 */
static void draw(gt_random *random, gt_domain domain, uint32_t slot, uint32_t slots, double *x,
                 size_t count)
{
    double low = domain.low, high = domain.high;
    if (low == 0 && high == 0) {
        low = -2;
        high = 2;
    }
    double spacing = domain.apart * (slots + 1);
    for (size_t i = 0; i < count; i++) {
        x[i] = low + (high - low) * gt_random_uniform(random);
        if (domain.apart > 0)
            x[i] = floor(x[i] / spacing) * spacing + (slot + 1) * domain.apart;
        x[i] = (double)(float)x[i];
    }
}

static void draw_normal(gt_random *random, double *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (double)(float)gt_random_normal(random);
}

static void declare_inputs(problem *q, const op_case *c, gt_random *random, gt_var *inputs)
{
    static const char *const names[CASE_INPUTS] = {"x1", "x2", "x3"};
    q->step = 0x1p-4;
    for (uint32_t i = 0; i < c->input_count; i++) {
        gt_domain domain = c->op->domain[i];
        if (domain.apart > 0)
            q->step = fmin(q->step, domain.apart / 4);
        if (c->below[i] == 0) {
            double *values = q->p->x + q->p->count;
            inputs[i] = q->x[q->x_vars++] = probe_real(q->p, names[i], c->shapes[i]);
            draw(random, domain, i, c->input_count, values, probe_entries(&inputs[i], 1));
        } else {
            int32_t *values;
            inputs[i] = probe_whole(q->p, names[i], c->shapes[i], &values);
            for (size_t k = 0; k < probe_entries(&inputs[i], 1); k++)
                values[k] = (int32_t)gt_random_integer(random, 0, c->below[i]);
        }
    }
}

/* ---- recording ----------------------------------------------------------------------------- */

static void declare_cotangents(probe *p, const char *name, const gt_var *of, uint32_t count,
                               gt_random *random, gt_var *cotangents)
{
    for (uint32_t i = 0; i < count; i++) {
        double *values = p->x + p->count;
        cotangents[i] = probe_real(p, name, gt_var_shape(of[i]));
        draw_normal(random, values, probe_entries(&cotangents[i], 1));
    }
}

static void close_problem(problem *q)
{
    probe_free(q->p);
}

static bool recorded(problem *q, const char *what, char *why)
{
    if (gt_tape_status(q->p->tape) == GT_OK)
        return true;
    snprintf(why, WHY_SIZE, "%s: %s", what, gt_tape_message(q->p->tape));
    return false;
}

static bool gradients_have_shapes(const problem *q, char *why)
{
    for (uint32_t i = 0; i < q->x_vars; i++) {
        gt_shape a = gt_var_shape(q->gradients[i]), b = gt_var_shape(q->x[i]);
        if (!gt_shape_equal(a, b) || a.rank != b.rank) {
            snprintf(why, WHY_SIZE, "gradient %u does not have the shape of its input", i);
            return false;
        }
    }
    return true;
}

static bool record_all(problem *q, const op_case *c, gt_random *random, int order, char *why)
{
    gt_var inputs[CASE_INPUTS];
    declare_inputs(q, c, random, inputs);
    q->y_vars = op_case_record(c, inputs, q->y);
    if (!recorded(q, "recording", why) || q->y_vars == 0)
        return false;
    q->nx = probe_entries(q->x, q->x_vars);
    q->ny = probe_entries(q->y, q->y_vars);
    declare_cotangents(q->p, "u", q->y, q->y_vars, random, q->u);
    if (q->x_vars == 0)
        return true;
    gt_grad(q->y, q->u, q->y_vars, q->x, q->x_vars, q->gradients);
    if (!recorded(q, "gradient", why) || !gradients_have_shapes(q, why))
        return false;
    declare_cotangents(q->p, "v", q->gradients, q->x_vars, random, q->v);
    if (order == 1)
        return true;
    gt_var wrt[CASE_INPUTS + CASE_PARTS];
    memcpy(wrt, q->x, q->x_vars * sizeof *wrt);
    memcpy(wrt + q->x_vars, q->u, q->y_vars * sizeof *wrt);
    gt_grad(q->gradients, q->v, q->x_vars, wrt, q->x_vars + q->y_vars, q->seconds);
    return recorded(q, "second gradient", why);
}

static bool open_problem(problem *q, const op_case *c, gt_dtype dtype, uint32_t seed, int order,
                         char *why)
{
    gt_random random;
    gt_random_seed(&random, seed);
    memset(q, 0, sizeof *q);
    q->p = probe_new(dtype);
    if (record_all(q, c, &random, order, why))
        return true;
    close_problem(q);
    return false;
}

static bool evaluate(problem *q, const gt_var *vars, uint32_t count, double *values, char *why)
{
    gt_error error = {0};
    if (probe_evaluate(q->p, vars, count, values, &error) == GT_OK)
        return true;
    snprintf(why, WHY_SIZE, "evaluation: %s", error.message);
    return false;
}

/* ---- comparison ---------------------------------------------------------------------------- */

static bool agree(const char *what, const double *exact, const double *values, const double *errors,
                  size_t count, char *why)
{
    gt_comparison c = gt_compare(exact, values, errors, count, 1.0, 1e-9);
    if (c.agreement == GT_AGREES)
        return true;
    snprintf(why, WHY_SIZE, "%s: entry %zu %s: %.15g, numerically %.15g +- %.2g", what, c.worst,
             gt_agreement_name(c.agreement), exact[c.worst], values[c.worst], errors[c.worst]);
    return false;
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* gt_stop_gradient is there to have another derivative than its value says. */
static bool is_blocked(const op_case *c)
{
    return strcmp(c->op->name, "stop_gradient") == 0;
}

static void block(const op_case *c, double *values, double *errors, size_t count)
{
    for (size_t i = 0; is_blocked(c) && i < count; i++)
        values[i] = errors[i] = 0;
}

static double *numbers(size_t count)
{
    double *list = calloc(count + 1, sizeof *list);
    if (list == NULL)
        abort();
    return list;
}

/* ---- full Jacobians ------------------------------------------------------------------------ */

/* Rows of a Jacobian (rows, columns): each by a unit cotangent, `cotangent` being its place in
 * p->x. */
static bool exact_rows(problem *q, const gt_var *products, uint32_t product_count,
                       double *cotangent, size_t rows, size_t columns, double *jacobian, char *why)
{
    double *row = numbers(columns);
    memset(cotangent, 0, rows * sizeof *cotangent);
    bool good = true;
    for (size_t i = 0; i < rows && good; i++) {
        cotangent[i] = 1;
        good = evaluate(q, products, product_count, row, why);
        cotangent[i] = 0;
        for (size_t j = 0; j < columns; j++)
            jacobian[i + j * rows] = row[j];
    }
    free(row);
    return good;
}

/* The numeric Jacobian of vars by the first `columns` entries of p->x against rows of products. */
static bool jacobians_agree(problem *q, const op_case *c, const char *what, const gt_var *vars,
                            uint32_t var_count, const gt_var *products, uint32_t product_count,
                            size_t columns, size_t cotangent, char *why)
{
    size_t rows = probe_entries(vars, var_count);
    double *values = numbers(rows * columns), *errors = numbers(rows * columns),
           *exact = numbers(rows * columns);
    probe_function f = {.p = q->p, .vars = vars, .count = var_count, .x_count = columns};
    gt_numeric numeric = {.function = probe_call,
                          .context = &f,
                          .x = q->p->x,
                          .input_count = columns,
                          .output_count = rows,
                          .step = q->step};
    double *at = numbers(columns);
    memcpy(at, q->p->x, columns * sizeof *at);
    numeric.x = at;
    gt_error error = {0};
    bool good = gt_numeric_jacobian(&numeric, values, errors, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s: %s", what, error.message);
    block(c, values, errors, rows * columns);
    good = good &&
           exact_rows(q, products, product_count, q->p->x + cotangent, rows, columns, exact, why) &&
           agree(what, exact, values, errors, rows * columns, why);
    free(at);
    free(values);
    free(errors);
    free(exact);
    return good;
}

bool check_jacobian(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good = q.x_vars == 0 || jacobians_agree(&q, c, "Jacobian", q.y, q.y_vars, q.gradients,
                                                 q.x_vars, q.nx, q.nx, why);
    close_problem(&q);
    return good;
}

bool check_second_jacobian(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 2, why))
        return false;
    bool good = q.x_vars == 0 ||
                jacobians_agree(&q, c, "Jacobian of the gradient", q.gradients, q.x_vars, q.seconds,
                                q.x_vars + q.y_vars, q.nx + q.ny, q.nx + q.ny, why);
    close_problem(&q);
    return good;
}

/* ---- random cotangents --------------------------------------------------------------------- */

bool check_gradient(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 1, why))
        return false;
    double *values = numbers(q.nx), *errors = numbers(q.nx), *exact = numbers(q.nx),
           *at = numbers(q.nx);
    memcpy(at, q.p->x, q.nx * sizeof *at);
    probe_function f = {q.p, q.y, q.y_vars, q.nx, q.p->x + q.nx};
    gt_numeric numeric = {probe_call, &f, at, q.nx, 1, q.step, 0};
    gt_error error = {0};
    bool good = gt_numeric_jacobian(&numeric, values, errors, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s", error.message);
    block(c, values, errors, q.nx);
    good = good && (q.x_vars == 0 || evaluate(&q, q.gradients, q.x_vars, exact, why)) &&
           agree("gradient", exact, values, errors, q.nx, why);
    free(values);
    free(errors);
    free(exact);
    free(at);
    close_problem(&q);
    return good;
}

bool check_zero_cotangent(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 1, why))
        return false;
    double *gradient = numbers(q.nx);
    memset(q.p->x + q.nx, 0, q.ny * sizeof *q.p->x);
    bool good = q.x_vars == 0 || evaluate(&q, q.gradients, q.x_vars, gradient, why);
    for (size_t i = 0; i < q.nx && good; i++) {
        good = gradient[i] == 0;
        if (!good)
            snprintf(why, WHY_SIZE, "zero cotangent: entry %zu of the gradient is %g", i,
                     gradient[i]);
    }
    free(gradient);
    close_problem(&q);
    return good;
}

/* ---- random projections -------------------------------------------------------------------- */

/* d/ds of weights . vars along a random direction in the first `count` entries, against products .
 * direction. */
static bool projections_agree(problem *q, const op_case *c, const char *what, const gt_var *vars,
                              uint32_t var_count, const double *weights, const gt_var *products,
                              uint32_t product_count, size_t count, uint32_t seed, char *why)
{
    double *direction = numbers(count), *product = numbers(count), *at = numbers(count);
    gt_random random;
    gt_random_seed(&random, seed + 1000);
    for (size_t i = 0; i < count; i++)
        direction[i] = 2 * gt_random_uniform(&random) - 1;
    memcpy(at, q->p->x, count * sizeof *at);
    probe_function f = {q->p, vars, var_count, count, weights};
    gt_numeric numeric = {probe_call, &f, at, count, 1, q->step, 0};
    double value = NAN, uncertainty = NAN;
    gt_error error = {0};
    bool good = gt_numeric_directional(&numeric, direction, &value, &uncertainty, &error) == GT_OK;
    if (!good)
        snprintf(why, WHY_SIZE, "%s: %s", what, error.message);
    good = good && evaluate(q, products, product_count, product, why);
    double exact = dot(product, direction, count);
    block(c, &value, &uncertainty, 1);
    good = good && agree(what, &exact, &value, &uncertainty, 1, why);
    free(direction);
    free(product);
    free(at);
    return good;
}

bool check_projection(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good =
        q.x_vars == 0 || projections_agree(&q, c, "projection", q.y, q.y_vars, q.p->x + q.nx,
                                           q.gradients, q.x_vars, q.nx, seed, why);
    close_problem(&q);
    return good;
}

bool check_second_projection(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 2, why))
        return false;
    bool good = q.x_vars == 0 || projections_agree(&q, c, "second projection", q.gradients,
                                                   q.x_vars, q.p->x + q.nx + q.ny, q.seconds,
                                                   q.x_vars + q.y_vars, q.nx + q.ny, seed, why);
    close_problem(&q);
    return good;
}

/* ---- f32 ----------------------------------------------------------------------------------- */

/* `terms` is how many numbers are added up in one entry: rounding errors grow like its root. */
static bool close_enough(const char *what, const double *wide, const double *narrow, size_t count,
                         double terms, char *why)
{
    double scale = sqrt(fmax(1, terms));
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(wide[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(wide[i] - narrow[i]) <= 5e-6 * scale)) {
            snprintf(why, WHY_SIZE, "%s: entry %zu is %.9g in f32 and %.9g in f64", what, i,
                     narrow[i], wide[i]);
            return false;
        }
    return true;
}

bool check_f32(const op_case *c, uint32_t seed, char why[WHY_SIZE])
{
    problem wide, narrow;
    if (!open_problem(&wide, c, GT_F64, seed, 1, why))
        return false;
    if (!open_problem(&narrow, c, GT_F32, seed, 1, why)) {
        close_problem(&wide);
        return false;
    }
    double *a = numbers(wide.ny + wide.nx), *b = numbers(wide.ny + wide.nx);
    bool good = wide.ny == narrow.ny && wide.nx == narrow.nx &&
                evaluate(&wide, wide.y, wide.y_vars, a, why) &&
                evaluate(&narrow, narrow.y, narrow.y_vars, b, why) &&
                close_enough("value", a, b, wide.ny, (double)wide.nx / (double)wide.ny, why);
    if (good && wide.x_vars > 0)
        good = evaluate(&wide, wide.gradients, wide.x_vars, a, why) &&
               evaluate(&narrow, narrow.gradients, narrow.x_vars, b, why) &&
               close_enough("gradient", a, b, wide.nx, (double)wide.ny / (double)wide.nx, why);
    free(a);
    free(b);
    close_problem(&wide);
    close_problem(&narrow);
    return good;
}

/* ---- forward derivatives ------------------------------------------------------------------- */

/* J v of the tape: v is the tangent, which the probe holds behind x and u. */
static bool forward_agrees(problem *q, const op_case *c, char *why)
{
    gt_var tangents[CASE_PARTS];
    gt_jvp(q->y, q->y_vars, q->x, q->v, q->x_vars, tangents);
    if (!recorded(q, "forward derivative", why))
        return false;
    const double *u = q->p->x + q->nx, *v = u + q->ny;
    double *forward = numbers(q->ny), *gradient = numbers(q->nx), *at = numbers(q->nx);
    double *values = numbers(q->ny), *errors = numbers(q->ny);
    memcpy(at, q->p->x, q->nx * sizeof *at);
    probe_function f = {q->p, q->y, q->y_vars, q->nx, NULL};
    gt_numeric numeric = {probe_call, &f, at, q->nx, q->ny, q->step, 0};
    gt_error error = {0};
    bool good = evaluate(q, tangents, q->y_vars, forward, why) &&
                evaluate(q, q->gradients, q->x_vars, gradient, why) &&
                gt_numeric_directional(&numeric, v, values, errors, &error) == GT_OK;
    block(c, values, errors, q->ny);
    good = good && agree("forward derivative", forward, values, errors, q->ny, why);
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
    problem q;
    if (!open_problem(&q, c, GT_F64, seed, 1, why))
        return false;
    bool good = q.x_vars == 0 || forward_agrees(&q, c, why);
    close_problem(&q);
    return good;
}
