/* What is done with the gradients of a loop, and wrongly. */
#include "support/mutant_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void scale(array *a, double factor)
{
    for (size_t k = 0; k < count_of(a->shape); k++)
        a->gradient[k] *= factor;
}

static bool is_bias(const array *a)
{
    return a->shape.size[1] == 1 && a->shape.size[0] > 1;
}

static void scale_all(loop *l, double factor)
{
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        scale(&l->inputs[i], factor);
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        scale(&l->states[i], factor);
}

static void scale_parameters(loop *l, double factor, bool biases_only)
{
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        if (!biases_only || is_bias(&l->parameters[i]))
            scale(&l->parameters[i], factor);
}

static void clip_parameters(loop *l)
{
    double largest = 0;
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        for (size_t k = 0; k < count_of(l->parameters[i].shape); k++)
            largest = fmax(largest, fabs(l->parameters[i].gradient[k]));
    double bound = largest > 2 ? floor(largest / 2) : floor(5 * largest) / 10;
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        for (size_t k = 0; k < count_of(l->parameters[i].shape); k++) {
            double *g = &l->parameters[i].gradient[k];
            *g = fmax(-bound, fmin(bound, *g));
        }
}

static void transpose(array *a)
{
    int64_t n = a->shape.size[0];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            double kept = a->gradient[i + n * j];
            a->gradient[i + n * j] = a->gradient[j + n * i];
            a->gradient[j + n * i] = kept;
        }
}

static void reverse_time(array *a, int64_t steps)
{
    size_t count = count_of(a->step_shape);
    for (int64_t t = 0; t < steps / 2; t++)
        for (size_t k = 0; k < count; k++) {
            double *first = &a->gradient[(size_t)t * count + k],
                   *last = &a->gradient[(size_t)(steps - 1 - t) * count + k], kept = *first;
            *first = *last;
            *last = kept;
        }
}

static void round_array(array *a)
{
    for (size_t k = 0; k < count_of(a->shape); k++)
        a->gradient[k] = round(a->gradient[k] * 1e8) / 1e8;
}

static void round_all(loop *l)
{
    for (uint32_t i = 0; i < l->cell->parameter_count; i++)
        round_array(&l->parameters[i]);
    for (uint32_t i = 0; i < l->cell->input_count; i++)
        round_array(&l->inputs[i]);
    for (uint32_t i = 0; i < l->cell->state_count; i++)
        round_array(&l->states[i]);
}

/* The place of another weight of the same shape; -1: there is none. */
static int64_t twin_of(const loop *l, uint32_t weight)
{
    for (uint32_t i = weight + 1; i < l->cell->parameter_count; i++)
        if (gt_shape_equal(l->parameters[i].shape, l->parameters[weight].shape))
            return i;
    return -1;
}

void loop_finish(loop *l)
{
    double m = (double)l->setting->examples, T = (double)l->setting->steps;
    array *weight = &l->parameters[l->mutant->which];
    switch (l->mutant->slip) {
    case LOOP_MEAN_OVER_BATCH:
        scale_parameters(l, 1 / m, false);
        break;
    case LOOP_MEAN_OVER_TIME:
        scale_parameters(l, 1 / T, false);
        break;
    case LOOP_BIAS_MEAN:
        scale_parameters(l, 1 / m, true);
        break;
    case LOOP_MEAN_OVER_EVERYTHING:
        scale_all(l, 1 / (m * T));
        scale_parameters(l, 1 / (m * T), false);
        break;
    case LOOP_SIGN:
        scale_all(l, -1);
        scale_parameters(l, -1, false);
        break;
    case LOOP_CLIPPED:
        clip_parameters(l);
        break;
    case LOOP_EXCHANGED: {
        array *other = &l->parameters[twin_of(l, (uint32_t)l->mutant->which)];
        double *kept = weight->gradient;
        weight->gradient = other->gradient;
        other->gradient = kept;
        break;
    }
    case LOOP_TRANSPOSED:
        transpose(weight);
        break;
    case LOOP_BIAS_ROWS:
        for (uint32_t i = 0; i < l->cell->parameter_count; i++)
            if (is_bias(&l->parameters[i]))
                l->parameters[i].gradient_shape = GT_SHAPE(1, l->parameters[i].shape.size[0]);
        break;
    case LOOP_TIME_REVERSED:
        reverse_time(&l->inputs[0], l->setting->steps);
        break;
    case LOOP_ROUNDED:
        round_all(l);
        break;
    default:
        break;
    }
}
