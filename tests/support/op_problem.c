#include "support/op_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- inputs -------------------------------------------------------------------------------- */

/*
 * Entries of operand `slot` out of `slots`. Where the domain wants them apart,
 * they lie on a grid of which every operand has its own lines, and 0 none.
 */
static void draw(gt_random *random, gt_domain domain, uint32_t slot, uint32_t slots, double *x, size_t count)
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

static void declare_inputs(op_problem *q, const op_case *c, gt_random *random, gt_var *inputs)
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

static void declare_cotangents(probe *p, const char *name, const gt_var *of, uint32_t count, gt_random *random,
                               gt_var *cotangents)
{
    for (uint32_t i = 0; i < count; i++) {
        double *values = p->x + p->count;
        cotangents[i] = probe_real(p, name, gt_var_shape(of[i]));
        draw_normal(random, values, probe_entries(&cotangents[i], 1));
    }
}

void op_problem_close(op_problem *q)
{
    probe_free(q->p);
}

bool op_problem_recorded(op_problem *q, const char *what, char *why)
{
    if (gt_tape_status(q->p->tape) == GT_OK)
        return true;
    snprintf(why, WHY_SIZE, "%s: %s", what, gt_tape_message(q->p->tape));
    return false;
}

static bool gradients_have_shapes(const op_problem *q, char *why)
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

static bool record_all(op_problem *q, const op_case *c, gt_random *random, int order, char *why)
{
    gt_var inputs[CASE_INPUTS];
    declare_inputs(q, c, random, inputs);
    q->y_vars = op_case_record(c, inputs, q->y);
    if (!op_problem_recorded(q, "recording", why) || q->y_vars == 0)
        return false;
    q->nx = probe_entries(q->x, q->x_vars);
    q->ny = probe_entries(q->y, q->y_vars);
    declare_cotangents(q->p, "u", q->y, q->y_vars, random, q->u);
    if (q->x_vars == 0)
        return true;
    gt_grad(q->y, q->u, q->y_vars, q->x, q->x_vars, q->gradients);
    if (!op_problem_recorded(q, "gradient", why) || !gradients_have_shapes(q, why))
        return false;
    declare_cotangents(q->p, "v", q->gradients, q->x_vars, random, q->v);
    if (order == 1)
        return true;
    gt_var wrt[CASE_INPUTS + CASE_PARTS];
    memcpy(wrt, q->x, q->x_vars * sizeof *wrt);
    memcpy(wrt + q->x_vars, q->u, q->y_vars * sizeof *wrt);
    gt_grad(q->gradients, q->v, q->x_vars, wrt, q->x_vars + q->y_vars, q->seconds);
    return op_problem_recorded(q, "second gradient", why);
}

bool op_problem_open(op_problem *q, const op_case *c, gt_dtype dtype, uint32_t seed, int order, char *why)
{
    gt_random random;
    gt_random_seed(&random, seed);
    memset(q, 0, sizeof *q);
    q->p = probe_new(dtype);
    if (record_all(q, c, &random, order, why))
        return true;
    op_problem_close(q);
    return false;
}

bool op_problem_evaluate(op_problem *q, const gt_var *vars, uint32_t count, double *values, char *why)
{
    gt_error error = {0};
    if (probe_evaluate(q->p, vars, count, values, &error) == GT_OK)
        return true;
    snprintf(why, WHY_SIZE, "evaluation: %s", error.message);
    return false;
}

/* ---- comparison ---------------------------------------------------------------------------- */

bool op_problem_agree(const char *what, const double *exact, const double *values, const double *errors, size_t count,
                      char *why)
{
    gt_comparison c = gt_compare(exact, values, errors, count, 1.0, 1e-9);
    if (c.agreement == GT_AGREES)
        return true;
    snprintf(why, WHY_SIZE, "%s: entry %zu %s: %.15g, numerically %.15g +- %.2g", what, c.worst,
             gt_agreement_name(c.agreement), exact[c.worst], values[c.worst], errors[c.worst]);
    return false;
}

/* gt_stop_gradient is there to have another derivative than its value says. */
static bool is_blocked(const op_case *c)
{
    return strcmp(c->op->name, "stop_gradient") == 0;
}

void op_problem_block(const op_case *c, double *values, double *errors, size_t count)
{
    for (size_t i = 0; is_blocked(c) && i < count; i++)
        values[i] = errors[i] = 0;
}

double *op_problem_numbers(size_t count)
{
    double *list = calloc(count + 1, sizeof *list);
    if (list == NULL)
        abort();
    return list;
}
