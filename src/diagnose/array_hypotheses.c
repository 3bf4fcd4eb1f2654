/*
 * What can be seen in the numbers of one array: it is the right one but for a
 * sign, a factor, a transpose, a shift by a step, a missing sum, a bound, or it is
 * that of another gate. Where several arrays show the same, the words are the same.
 */
#include "base/memory.h"
#include "base/utf8.h"
#include "diagnose/joint.h"
#include "diagnose/number_look.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* Relative to the largest entry: numbers that are off by less were rounded. */
#define NEARLY_RIGHT 1e-6

typedef struct look {
    gt_joint *joint;
    const gt_evidence *evidence;
    const gt_evidence_array *array;
    uint32_t place;
    const double *given, *right;
    size_t count, share; /* entries of the right array, and of one step's part of it */
    int64_t steps;       /* with a share each; 1 for an initial state */
    double *trial;       /* room for an array like the right one */
    bool claimed;
} look;

static size_t count_of(gt_shape shape)
{
    return (size_t)gt_shape_count(shape);
}

static bool is_sequence(const look *l)
{
    return l->array->shape.rank == 3;
}

static bool has_right_shape(const look *l)
{
    return gt_shape_equal(l->array->given.shape, l->array->shape);
}

/* Relative to the largest entry of `right`; INFINITY if something is not a number. */
static double distance(const look *l, const double *value, const double *right, size_t count)
{
    double scale = l->joint->scale;
    for (size_t k = 0; k < count; k++)
        scale = fmax(scale, fabs(right[k]));
    return scale > 0 ? gt_number_distance(value, right, count) / scale : INFINITY;
}

/* The first that fits is claimed: they are tried in the order of their likelihood. */
static void claim(look *l, gt_mistake_kind kind, double after, const char *format, ...) GT_PRINTF(4, 5);

static void claim(look *l, gt_mistake_kind kind, double after, const char *format, ...)
{
    char text[GT_SENTENCE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    gt_joint_claim(l->joint, l->place, kind, text, after);
    l->claimed = true;
}

/* Whether the numbers, in whatever shape, are those; of an array of its shape: only if they were not before. */
static bool fits(const look *l, const double *value, const double *right, size_t count, double *after)
{
    *after = distance(l, value, right, count);
    double before = has_right_shape(l) ? distance(l, l->given, l->right, l->count) : INFINITY;
    return !l->claimed && *after <= fmax(l->evidence->tolerance, 1e-9) * 10 && *after <= before / 10;
}

/* ---- the same numbers ---------------------------------------------------------------------- */

/* A row of a bias, say: nothing is wrong with its numbers. */
static void look_for_shape(look *l)
{
    gt_shape given = l->array->given.shape, right = l->array->shape;
    double after;
    if (!is_sequence(l) && (given.size[0] != right.size[0] || given.size[1] != right.size[1]) &&
        (right.size[0] == 1 || right.size[1] == 1) && fits(l, l->given, l->right, l->count, &after))
        claim(l, GT_MISTAKE_TRANSPOSED, after,
              right.size[1] == 1 ? "the numbers are right: a row where a column should be"
                                 : "the numbers are right: a column where a row should be");
}

static bool is_close(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fabs(b);
}

/* A factor that a person would write: a small whole number, the inverse of one, a power of ten. */
static bool is_simple(double k)
{
    static const double simple[] = {2, 3, 4, 5, 10, 100, 1000, 10000, 1.5};
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (is_close(fabs(k), simple[i]) || is_close(fabs(k), 1 / simple[i]))
            return true;
    return false;
}

static void claim_factor(look *l, double k, double after)
{
    double m = (double)l->evidence->examples, T = (double)l->evidence->steps;
    if (is_close(k, -1))
        claim(l, GT_MISTAKE_SIGN, after, "the sign of the whole array is wrong");
    else if (m > 1 && is_close(k, 1 / m))
        claim(l, GT_MISTAKE_MEAN, after, "a mean over the batch in place of the sum: divided by m = %g", m);
    else if (T > 1 && is_close(k, 1 / T))
        claim(l, GT_MISTAKE_MEAN, after, "a mean over the steps in place of the sum: divided by T = %g", T);
    else if (m * T > 1 && is_close(k, 1 / (m * T)))
        claim(l, GT_MISTAKE_MEAN, after, "a mean over batch and steps in place of the sum: divided by m T = %g", m * T);
    else if (m > 1 && is_close(k, m))
        claim(l, GT_MISTAKE_MEAN, after, "the division by m = %g is missing, or it is multiplied by m", m);
    else if (T > 1 && is_close(k, T))
        claim(l, GT_MISTAKE_FACTOR, after, "T = %g times what it should be", T);
    else
        claim(l, GT_MISTAKE_FACTOR, after, "%s what it should be", gt_times(k).text);
}

/* Whether another wrong array is just so many times what it should be, too. */
static bool is_shared(const look *l, double k)
{
    for (uint32_t a = 0; a < l->evidence->array_count; a++) {
        const gt_evidence_array *other = &l->evidence->arrays[a];
        size_t count = count_of(other->shape);
        if (a != l->place && other->verdict == GT_WRONG && count > 1 &&
            gt_shape_equal(other->given.shape, other->shape) &&
            is_close(gt_number_factor(other->given.data, other->expected, count), k))
            return true;
    }
    return false;
}

/* Any number is some other times something; 1 times is none. */
static void look_for_factor(look *l)
{
    double k = gt_number_factor(l->given, l->right, l->count), m = (double)l->evidence->examples,
           T = (double)l->evidence->steps, after;
    bool known = is_simple(k) || is_close(k, -1) || is_close(k, m) || is_close(k, 1 / m) || is_close(k, T) ||
                 is_close(k, 1 / T) || is_close(k, 1 / (m * T));
    if (l->count < 2 || !isfinite(k) || k == 0 || fabs(k - 1) < 1e-6 || !(known || is_shared(l, k)))
        return;
    for (size_t i = 0; i < l->count; i++)
        l->trial[i] = l->given[i] / k;
    if (fits(l, l->trial, l->right, l->count, &after))
        claim_factor(l, k, after);
}

static void look_for_transpose(look *l)
{
    int64_t rows = l->array->shape.size[0], columns = l->array->shape.size[1];
    double after;
    if (is_sequence(l) || l->array->given.shape.size[0] != columns || l->array->given.shape.size[1] != rows ||
        rows * columns == 1)
        return;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            l->trial[i + j * rows] = l->given[j + i * columns];
    if (fits(l, l->trial, l->right, l->count, &after))
        claim(l, GT_MISTAKE_TRANSPOSED, after, "transposed");
}

/* (n, m) in place of (n, 1). */
static void look_for_batch_sum(look *l)
{
    int64_t rows = l->array->shape.size[0];
    size_t count = count_of(l->array->given.shape);
    double after;
    if (is_sequence(l) || l->array->shape.size[1] != 1 || l->array->given.shape.size[0] != rows || count <= l->count)
        return;
    memset(l->trial, 0, l->count * sizeof *l->trial);
    for (size_t k = 0; k < count; k++)
        l->trial[k % (size_t)rows] += l->given[k];
    if (fits(l, l->trial, l->right, l->count, &after))
        claim(l, GT_MISTAKE_BIAS_SUM, after, "not summed over the batch: the columns add up to what it should be");
}

static double sum_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += values[k];
    return sum;
}

/* (1, m) in place of (n, 1): in all it is the same sum. */
static void look_for_other_axis(look *l)
{
    gt_shape given = l->array->given.shape;
    size_t count = count_of(given);
    double right = sum_of(l->right, l->count), scale = 0;
    for (size_t k = 0; k < l->count; k++)
        scale += fabs(l->right[k]);
    if (!l->claimed && !is_sequence(l) && l->array->shape.size[1] == 1 && given.size[0] == 1 && given.size[1] > 1 &&
        given.size[1] == l->evidence->examples && fabs(sum_of(l->given, count) - right) <= 1e-9 * scale)
        claim(l, GT_MISTAKE_BIAS_SUM, 0,
              "summed over the wrong axis: over the rows (axis 0), not over the examples (axis 1)");
}

/* ---- bounds and digits --------------------------------------------------------------------- */

/* Two digits at most. */
static bool is_round(double x)
{
    double unit = pow(10, floor(log10(x)) - 1);
    return is_close(round(x / unit) * unit, x);
}

static void look_for_bound(look *l)
{
    double bound = 0, after;
    size_t at_bound = 0;
    for (size_t k = 0; k < l->count; k++)
        bound = fmax(bound, fabs(l->given[k]));
    for (size_t k = 0; k < l->count; k++) {
        at_bound += fabs(l->given[k]) == bound;
        l->trial[k] = fmax(-bound, fmin(bound, l->right[k]));
    }
    if (bound > 0 && (at_bound > 2 || is_round(bound)) && fits(l, l->given, l->trial, l->count, &after))
        claim(l, GT_MISTAKE_CLIPPED, after, "clipped at -%.6g and %.6g", bound, bound);
}

static double norm(const double *values, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += values[k] * values[k];
    return sqrt(sum);
}

/* Each array by itself: those of all together have one factor. */
static void look_for_norm(look *l)
{
    double size = norm(l->given, l->count), k = size / norm(l->right, l->count), after;
    if (l->count < 2 || !(k < 1) || !is_round(size))
        return;
    for (size_t i = 0; i < l->count; i++)
        l->trial[i] = l->right[i] * k;
    if (fits(l, l->given, l->trial, l->count, &after))
        claim(l, GT_MISTAKE_CLIPPED, after, "clipped: shrunk to a norm of %g", size);
}

/* How far the given array is off, relative to its largest entry; that of another array. */
static double off_by(const look *l, const gt_evidence_array *array)
{
    size_t count = count_of(array->shape);
    return gt_shape_equal(array->given.shape, array->shape) ? distance(l, array->given.data, array->expected, count)
                                                            : INFINITY;
}

/* The same words for all: how many digits are right in the worst of those that are nearly right. */
static void look_for_digits(look *l)
{
    double worst = 0;
    if (off_by(l, l->array) > NEARLY_RIGHT)
        return;
    for (uint32_t a = 0; a < l->evidence->array_count; a++) {
        double off = off_by(l, &l->evidence->arrays[a]);
        if (l->evidence->arrays[a].verdict == GT_WRONG && off <= NEARLY_RIGHT)
            worst = fmax(worst, off);
    }
    claim(l, GT_MISTAKE_ROUNDED, worst,
          "right to about %d digits: rounded when written, or computed in single precision", (int)floor(-log10(worst)));
}

/* ---- steps --------------------------------------------------------------------------------- */

static const double *share_at(const look *l, int64_t t)
{
    char name[GT_NAME_SIZE + 1];
    gt_utf8_format(name, sizeof name, "d%s", l->array->name);
    gt_array share = l->evidence->find(l->evidence, name, t);
    return share.dtype == GT_F64 && count_of(share.shape) == l->share ? share.data : NULL;
}

static void look_for_shift(look *l)
{
    size_t rest = l->count - l->share;
    double after;
    if (fits(l, l->given, l->right + l->share, rest, &after))
        claim(l, GT_MISTAKE_OFF_BY_ONE_STEP, after,
              "off by one time step: at each step what the next step should have");
    if (fits(l, l->given + l->share, l->right, rest, &after))
        claim(l, GT_MISTAKE_OFF_BY_ONE_STEP, after,
              "off by one time step: at each step what the step before should have");
    for (int64_t t = 0; t < l->steps; t++)
        memcpy(l->trial + (size_t)t * l->share, l->right + (size_t)(l->steps - 1 - t) * l->share,
               l->share * sizeof *l->trial);
    if (fits(l, l->given, l->trial, l->count, &after))
        claim(l, GT_MISTAKE_TIME_REVERSED, after, "the time steps are in reverse order");
}

static void look_for_one_step(look *l, int64_t t)
{
    const double *share = share_at(l, t);
    double after;
    if (share == NULL)
        return;
    if (fits(l, l->given, share, l->count, &after))
        claim(l, GT_MISTAKE_STEPS, after, "the share of step %lld alone: assigned (=), not added up (+=)",
              (long long)t);
    for (size_t k = 0; k < l->share; k++)
        l->trial[k] = l->given[k] + share[k];
    if (fits(l, l->trial, l->right, l->count, &after))
        claim(l, GT_MISTAKE_STEPS, after, "the share of step %lld is missing", (long long)t);
}

static void look_for_steps(look *l)
{
    if (is_sequence(l))
        look_for_shift(l);
    for (int64_t t = 0; t < l->steps && !is_sequence(l); t++)
        look_for_one_step(l, t);
}

/* ---- another gate -------------------------------------------------------------------------- */

static const char *parameter_that_fits(look *l, double *after)
{
    for (uint32_t a = 0; a < l->evidence->array_count; a++) {
        const gt_evidence_array *other = &l->evidence->arrays[a];
        if (a != l->place && gt_shape_equal(other->shape, l->array->shape) &&
            fits(l, l->given, other->expected, l->count, after))
            return other->name;
    }
    return NULL;
}

/* Of two that are exchanged each has the same words. */
static void look_for_gate(look *l)
{
    double after, none;
    const char *name = parameter_that_fits(l, &after);
    if (name == NULL)
        return;
    look other = *l;
    for (uint32_t a = 0; a < l->evidence->array_count; a++)
        if (strcmp(l->evidence->arrays[a].name, name) == 0)
            other.place = a;
    other.array = &l->evidence->arrays[other.place];
    other.given = other.array->given.data;
    other.right = other.array->expected;
    const char *back =
        other.array->verdict == GT_WRONG && has_right_shape(&other) ? parameter_that_fits(&other, &none) : NULL;
    const char *own = l->array->name;
    if (back == NULL || strcmp(back, own) != 0)
        claim(l, GT_MISTAKE_SWAPPED_GATES, after, "gates are swapped: the gradient of %s", name);
    else
        claim(l, GT_MISTAKE_SWAPPED_GATES, after, "gates are swapped: the gradients of %s and %s are exchanged",
              l->place < other.place ? own : name, l->place < other.place ? name : own);
}

/* ---- rows, columns and steps --------------------------------------------------------------- */

static gt_mistake_kind kind_named(const char *name)
{
    int kind = GT_MISTAKE_KIND_COUNT - 1;
    while (kind > 0 && strcmp(gt_mistake_kind_name((gt_mistake_kind)kind), name) != 0)
        kind--;
    return (gt_mistake_kind)kind;
}

/* Where nothing else is seen: some slices along an axis are missing, negated, exchanged or shifted. */
static gt_status look_for_slices(look *l)
{
    gt_diagnosis d = {.kind = ""};
    gt_number_look numbers = {.evidence = l->evidence,
                              .diagnosis = &d,
                              .given = l->given,
                              .right = l->right,
                              .shape = l->array->shape,
                              .count = l->count,
                              .trial = l->trial};
    for (size_t k = 0; k < l->count; k++)
        numbers.scale = fmax(numbers.scale, fabs(l->right[k]));
    numbers.tolerance = 10 * fmax(l->evidence->tolerance, 1e-9) * numbers.scale;
    numbers.places = gt_memory_new(l->count, sizeof *numbers.places);
    if (numbers.places == NULL)
        return GT_ERROR_MEMORY;
    if (gt_number_distance(l->given, l->right, l->count) < INFINITY && gt_number_look_for_slices(&numbers))
        claim(l, kind_named(d.kind), d.after, "%s", d.text);
    gt_memory_free(numbers.places);
    return GT_OK;
}

/* ---- all of them --------------------------------------------------------------------------- */

static bool is_initial(const look *l)
{
    const gt_cell *cell = l->evidence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (strcmp(l->array->name, cell->states[i].name) == 0)
            return true;
    return false;
}

static gt_status look_at(look *l)
{
    if (count_of(l->array->given.shape) == l->count && !has_right_shape(l))
        look_for_shape(l);
    if (has_right_shape(l)) {
        look_for_digits(l);
        look_for_factor(l);
        look_for_bound(l);
        look_for_norm(l);
        if (l->steps > 1)
            look_for_steps(l);
        if (!is_sequence(l))
            look_for_gate(l);
    }
    look_for_transpose(l);
    look_for_batch_sum(l);
    look_for_other_axis(l);
    return has_right_shape(l) && !l->claimed ? look_for_slices(l) : GT_OK;
}

void gt_array_hypotheses(gt_joint *joint)
{
    const gt_evidence *e = joint->evidence;
    for (uint32_t a = 0; a < e->array_count && !joint->stopped; a++) {
        const gt_evidence_array *array = &e->arrays[a];
        if (array->verdict != GT_WRONG)
            continue;
        look l = {.joint = joint,
                  .evidence = e,
                  .array = array,
                  .place = a,
                  .given = array->given.data,
                  .right = array->expected,
                  .count = count_of(array->shape),
                  .steps = e->steps};
        if (is_initial(&l))
            l.steps = 1;
        l.share = is_sequence(&l) ? l.count / (size_t)l.steps : l.count;
        l.trial = gt_memory_new(l.count, sizeof *l.trial);
        if (l.trial == NULL || look_at(&l) != GT_OK) {
            joint->status = GT_ERROR_MEMORY;
            joint->stopped = true;
        }
        gt_memory_free(l.trial);
    }
}
