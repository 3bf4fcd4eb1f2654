/*
 * What can be seen in the numbers alone: the given array and the right one are
 * the same but for a sign, a factor, a transpose, a shift by a step, a missing
 * sum, or another gate.
 */
#include "diagnose/array_mistake.h"

#include "base/memory.h"
#include "diagnose/mistake.h"
#include "diagnose/replay_slips.h"
#include "gradtape/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct look {
    const gt_evidence *evidence;
    gt_diagnosis *diagnosis;
    const double *given;
    gt_shape shape;      /* of given */
    gt_shape step_shape; /* of one step's share */
    size_t share;        /* entries of it */
    int64_t steps;
    double *sum;   /* of the shares */
    double *trial; /* room for what is compared: steps * share */
    double before;
} look;

static size_t count_of(gt_shape shape)
{
    return (size_t)gt_shape_count(shape);
}

/* Relative to the largest entry of `right`; INFINITY if something is not a number. */
static double distance(const double *value, const double *right, size_t count)
{
    double scale = 0, largest = 0;
    for (size_t k = 0; k < count; k++) {
        double difference = fabs(value[k] - right[k]);
        if (!isfinite(difference))
            return INFINITY;
        largest = fmax(largest, difference);
        scale = fmax(scale, fabs(right[k]));
    }
    return scale > 0 ? largest / scale : INFINITY;
}

/* The first that fits is claimed: they are tried in the order of their likelihood. */
__attribute__((format(printf, 6, 7))) static bool claim(look *l, gt_mistake_kind kind,
                                                        const double *value, const double *right,
                                                        size_t count, const char *format, ...)
{
    double after = distance(value, right, count);
    if (l->diagnosis->kind[0] != '\0' || !(after <= fmax(l->evidence->tolerance, 1e-9) * 10) ||
        !(after <= l->before / 10)) /* it must explain something */
        return false;
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(l->diagnosis->text, sizeof l->diagnosis->text, format, arguments);
    va_end(arguments);
    gt_utf8_format(l->diagnosis->kind, sizeof l->diagnosis->kind, "%s", gt_mistake_kind_name(kind));
    l->diagnosis->before = l->before;
    l->diagnosis->after = after;
    return true;
}

static bool is_sequence(const look *l)
{
    return l->steps > 1 && l->shape.rank == 3 && l->shape.size[2] == l->steps;
}

/* What the array should be: the sum of the shares, or all of them one behind the other. */
static const double *right_array(look *l)
{
    if (!is_sequence(l))
        return l->sum;
    for (int64_t t = 0; t < l->steps; t++)
        memcpy(l->trial + (size_t)t * l->share, l->evidence->expected[t].data,
               l->share * sizeof *l->trial);
    return l->trial;
}

/* ---- the same numbers ---------------------------------------------------------------------- */

static double best_factor(const double *value, const double *right, size_t count)
{
    double up = 0, down = 0;
    for (size_t k = 0; k < count; k++) {
        up += value[k] * right[k];
        down += right[k] * right[k];
    }
    return down > 0 ? up / down : NAN;
}

/* A row of a bias, say: nothing is wrong with its numbers. */
static void look_for_shape(look *l, const double *right, size_t count)
{
    if (!is_sequence(l) && (l->shape.size[0] != l->step_shape.size[0] || l->shape.size[1] != l->step_shape.size[1]) &&
        (l->step_shape.size[0] == 1 || l->step_shape.size[1] == 1))
        claim(l, GT_MISTAKE_TRANSPOSED, l->given, right, count,
              l->step_shape.size[1] == 1 ? "its numbers are right: it is a row and should be a column"
                                         : "its numbers are right: it is a column and should be a row");
}

static gt_status look_for_factor(look *l, const double *right, size_t count)
{
    double k = best_factor(l->given, right, count);
    if (count < 2 || fabs(k - 1) < 1e-6) /* any number is some other times something; 1 times is none */
        return GT_OK;
    double *scaled = gt_memory_new(count, sizeof *scaled);
    double m = (double)l->evidence->examples, T = (double)l->steps;
    if (scaled != NULL && isfinite(k) && k != 0) {
        for (size_t i = 0; i < count; i++)
            scaled[i] = l->given[i] / k;
        if (fabs(k + 1) < 1e-6)
            claim(l, GT_MISTAKE_SIGN, scaled, right, count, "the sign of the whole array is wrong");
        else if (fabs(k * m - 1) < 1e-6 && m > 1)
            claim(l, GT_MISTAKE_MEAN, scaled, right, count,
                  "a mean over the batch in place of the sum: it is divided by m = %g", m);
        else if (fabs(k * T - 1) < 1e-6 && T > 1)
            claim(l, GT_MISTAKE_MEAN, scaled, right, count,
                  "a mean over the steps in place of the sum: it is divided by T = %g", T);
        else if (fabs(k * m * T - 1) < 1e-6 && m * T > 1)
            claim(l, GT_MISTAKE_MEAN, scaled, right, count,
                  "a mean over batch and steps in place of the sum: it is divided by m T = %g",
                  m * T);
        else
            claim(l, GT_MISTAKE_FACTOR, scaled, right, count, "it is %.6g times what it should be",
                  k);
    }
    gt_memory_free(scaled);
    return scaled != NULL ? GT_OK : GT_ERROR_MEMORY;
}

static void look_for_transpose(look *l)
{
    int64_t rows = l->step_shape.size[0], columns = l->step_shape.size[1];
    if (is_sequence(l) || l->shape.size[0] != columns || l->shape.size[1] != rows ||
        rows * columns == 1)
        return;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            l->trial[i + j * rows] = l->given[j + i * columns];
    claim(l, GT_MISTAKE_TRANSPOSED, l->trial, l->sum, l->share, "it is transposed");
}

/* (n, m) in place of (n, 1). */
static void look_for_batch_sum(look *l)
{
    int64_t rows = l->step_shape.size[0];
    if (l->step_shape.size[1] != 1 || l->shape.size[0] != rows || count_of(l->shape) <= l->share)
        return;
    memset(l->trial, 0, l->share * sizeof *l->trial);
    for (size_t k = 0; k < count_of(l->shape); k++)
        l->trial[k % (size_t)rows] += l->given[k];
    claim(l, GT_MISTAKE_BIAS_SUM, l->trial, l->sum, l->share,
          "it is not summed over the batch: its columns add up to what it should be");
}

/* ---- steps --------------------------------------------------------------------------------- */

static void look_for_steps(look *l)
{
    if (is_sequence(l)) {
        size_t rest = (size_t)(l->steps - 1) * l->share;
        const double *right = right_array(l);
        claim(l, GT_MISTAKE_OFF_BY_ONE_STEP, l->given, right + l->share, rest,
              "off by one time step: at each step it is what the next step should have");
        claim(l, GT_MISTAKE_OFF_BY_ONE_STEP, l->given + l->share, right, rest,
              "off by one time step: at each step it is what the step before should have");
        return;
    }
    for (int64_t t = 0; t < l->steps && l->steps > 1; t++)
        claim(l, GT_MISTAKE_MISSING_TERM, l->given, l->evidence->expected[t].data, l->share,
              "it is the share of step %lld alone; those of the other steps are not added",
              (long long)t);
    /* One step left out: the given array lacks that step's share. */
    for (int64_t t = 0; t < l->steps && l->steps > 1; t++) {
        const double *share = l->evidence->expected[t].data;
        for (size_t k = 0; k < l->share; k++)
            l->trial[k] = l->given[k] + share[k];
        claim(l, GT_MISTAKE_MISSING_TERM, l->trial, l->sum, l->share,
              "the share of step %lld is missing", (long long)t);
    }
}

/* ---- another gate -------------------------------------------------------------------------- */

/* The sum over the steps of a right gradient of the same shape, in trial. */
static bool sum_of(look *l, const char *name)
{
    char gradient[GT_FINDING_NAME_SIZE];
    gt_utf8_format(gradient, sizeof gradient, "d%s", name);
    memset(l->trial, 0, l->share * sizeof *l->trial);
    for (int64_t t = 0; t < l->steps; t++) {
        gt_array share = l->evidence->find(l->evidence, gradient, t);
        if (share.data == NULL || share.dtype != GT_F64 ||
            !gt_shape_equal(share.shape, l->step_shape))
            return false;
        for (size_t k = 0; k < l->share; k++)
            l->trial[k] += ((const double *)share.data)[k];
    }
    return true;
}

static void look_for_gate(look *l)
{
    const gt_cell *cell = l->evidence->cell;
    for (uint32_t p = 0; p < cell->parameter_count && !is_sequence(l); p++)
        if (strcmp(cell->parameters[p].name, l->evidence->finding->of) != 0 &&
            sum_of(l, cell->parameters[p].name))
            claim(l, GT_MISTAKE_SWAPPED_GATES, l->given, l->trial, l->share,
                  "gates are swapped: it is the gradient of %s", cell->parameters[p].name);
}

/* ---- all of them --------------------------------------------------------------------------- */

static bool is_initial_state(const gt_evidence *evidence)
{
    const gt_cell *cell = evidence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        size_t length = strlen(cell->states[i].name);
        const char *of = evidence->finding->of;
        if (strncmp(of, cell->states[i].name, length) == 0 &&
            (of[length] == '\0' || strcmp(of + length, "0") == 0))
            return true;
    }
    return false;
}

/* The sum stays NULL where there is nothing to look at. */
static gt_status open(look *l, const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    const gt_array *given = &evidence->given[0], *expected = evidence->expected;
    *l = (look){.evidence = evidence,
                .diagnosis = diagnosis,
                .given = given->data,
                .shape = given->shape,
                .steps = evidence->steps};
    if (given->data == NULL || given->dtype != GT_F64 || evidence->steps < 1)
        return GT_OK;
    for (int64_t t = 0; t < evidence->steps; t++)
        if (expected[t].data == NULL)
            return GT_OK;
    l->step_shape = expected[0].shape;
    if (is_initial_state(evidence)) /* what reaches the first step alone */
        l->steps = 1;
    l->share = count_of(l->step_shape);
    l->sum = gt_memory_new(l->share, sizeof *l->sum);
    l->trial = gt_memory_new(l->share * (size_t)l->steps, sizeof *l->trial);
    if (l->sum == NULL || l->trial == NULL)
        return GT_ERROR_MEMORY;
    for (int64_t t = 0; t < l->steps; t++)
        for (size_t k = 0; k < l->share; k++)
            l->sum[k] += ((const double *)expected[t].data)[k];
    return GT_OK;
}

static gt_status look_for_all(look *l)
{
    size_t count = is_sequence(l) ? l->share * (size_t)l->steps : l->share;
    bool comparable = count_of(l->shape) == count;
    gt_status status = GT_OK;
    l->before = INFINITY; /* of another shape */
    if (comparable) {
        if (is_sequence(l) || gt_shape_equal(l->shape, l->step_shape))
            l->before = distance(l->given, right_array(l), count);
        look_for_shape(l, right_array(l), count);
        status = look_for_factor(l, right_array(l), count);
        look_for_steps(l);
        look_for_gate(l);
    }
    look_for_transpose(l);
    look_for_batch_sum(l);
    if (status != GT_OK || l->diagnosis->kind[0] != '\0' || !comparable)
        return status;
    l->diagnosis->before = l->before;
    return gt_diagnose_replay(l->evidence, right_array(l), count, l->diagnosis);
}

gt_status gt_diagnose_array(const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    look l;
    gt_status status = open(&l, evidence, diagnosis);
    if (status == GT_OK && l.sum != NULL)
        status = look_for_all(&l);
    gt_memory_free(l.sum);
    gt_memory_free(l.trial);
    return status;
}
