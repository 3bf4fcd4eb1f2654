#include "diagnose/number_mistake.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "diagnose/number_look.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

double gt_number_distance(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = fabs(a[i] - b[i]);
        if (!isfinite(difference))
            return INFINITY;
        largest = fmax(largest, difference);
    }
    return largest;
}

bool gt_number_claim(gt_number_look *l, gt_mistake_kind kind, double after, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    l->diagnosis->text = gt_words_write(l->evidence->report, format, arguments);
    va_end(arguments);
    l->diagnosis->kind = gt_mistake_kind_name(kind);
    l->diagnosis->after = l->scale > 0 ? after / l->scale : 0;
    return true;
}

static bool is_all(const double *values, size_t count, double number)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != number)
            return false;
    return true;
}

/* ---- without the right one --------------------------------------------------------------------- */

static bool look_for_cotangent(gt_number_look *l)
{
    const gt_evidence *e = l->evidence;
    const char *what = e->tangent ? "tangent" : "cotangent";
    if (e->cotangent_power == 0)
        return gt_number_claim(l, GT_MISTAKE_COTANGENT_IGNORED, 0, "the %s is ignored: it is the same for twice the %s",
                               what, what);
    if (e->cotangent_power >= 2)
        return gt_number_claim(l, GT_MISTAKE_COTANGENT_TWICE, 0,
                               "the %s is multiplied in %.0f times: it is %.0f times as large for twice the %s", what,
                               e->cotangent_power, exp2(e->cotangent_power), what);
    return false;
}

static bool look_for_nothing(gt_number_look *l)
{
    const gt_evidence *e = l->evidence;
    const char *name = e->arguments[e->wrong].name;
    if (!is_all(l->given, l->count, 0))
        return false;
    return gt_number_claim(l, GT_MISTAKE_MISSING_GRADIENT, 0,
                           e->tangent ? "what the tangent of %s does is missing: it is 0"
                                      : "the gradient of %s is missing: it is 0",
                           name);
}

/* ---- another argument's -------------------------------------------------------------------------- */

static bool is_of_size(const gt_evidence *e, uint32_t i, size_t count)
{
    return i != e->wrong && e->expected[i].data != NULL && (size_t)gt_shape_count(e->expected[i].shape) == count;
}

static bool look_for_argument(gt_number_look *l)
{
    const gt_evidence *e = l->evidence;
    for (uint32_t i = 0; i < e->argument_count && !e->tangent; i++) {
        char text[GT_SENTENCE_SIZE];
        const char *mine = e->arguments[e->wrong].name, *theirs = e->arguments[i].name;
        if (!is_of_size(e, i, l->count) || gt_number_distance(l->given, e->expected[i].data, l->count) > l->tolerance)
            continue;
        bool both =
            e->given[i].data != NULL && gt_number_distance(e->given[i].data, l->right, l->count) <= l->tolerance;
        gt_utf8_format(text, sizeof text,
                       both ? "the gradients of %s and %s are exchanged"
                            : "where the gradient of %s belongs stands that of %s",
                       mine, theirs);
        return gt_number_claim(l, GT_MISTAKE_OTHER_ARGUMENT, 0, "%s", text);
    }
    return false;
}

/* ---- axes in another order ------------------------------------------------------------------------ */

/* The given entries, taken to be stored with the axes in this order, the fastest first; in trial. */
static void reorder(gt_number_look *l, const int *order)
{
    size_t step[GT_MAX_RANK], stride = 1;
    for (int k = 0; k < GT_MAX_RANK; k++) {
        step[order[k]] = stride;
        stride *= (size_t)l->shape.size[order[k]];
    }
    for (size_t i = 0; i < l->count; i++) {
        size_t rest = i, from = 0;
        for (int axis = 0; axis < GT_MAX_RANK; axis++) {
            from += rest % (size_t)l->shape.size[axis] * step[axis];
            rest /= (size_t)l->shape.size[axis];
        }
        l->trial[i] = l->given[from];
    }
}

static bool look_for_order(gt_number_look *l)
{
    static const int orders[][GT_MAX_RANK] = {{1, 0, 2, 3}, {2, 1, 0, 3}, {0, 2, 1, 3},
                                              {1, 2, 0, 3}, {2, 0, 1, 3}, {3, 2, 1, 0}};
    bool matrix = l->shape.size[2] == 1 && l->shape.size[3] == 1;
    if (matrix && (l->shape.size[0] == 1 || l->shape.size[1] == 1))
        return false;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        reorder(l, orders[i]);
        if (gt_number_fits(l, l->trial, l->right, GT_MISTAKE_TRANSPOSED,
                           !matrix ? "its axes are in another order: arrays here are column-major, the first index "
                                     "the fastest"
                           : l->shape.size[0] == l->shape.size[1]
                               ? "it is transposed"
                               : "it is transposed, or stored by rows: arrays here are column-major"))
            return true;
        if (matrix)
            return false;
    }
    return false;
}

/* ---- something too much --------------------------------------------------------------------------- */

/* The same number, or the same multiple of the argument, added to every entry. */
static bool look_for_term(gt_number_look *l, const double *term, const char *name)
{
    double up = 0, down = 0, largest = 0, size = 0;
    for (size_t i = 0; i < l->count; i++) {
        double value = term != NULL ? term[i] : 1;
        up += (l->given[i] - l->right[i]) * value;
        down += value * value;
    }
    double k = down > 0 ? up / down : NAN;
    for (size_t i = 0; i < l->count; i++) {
        double value = k * (term != NULL ? term[i] : 1);
        largest = fmax(largest, fabs(l->given[i] - l->right[i] - value));
        size = fmax(size, fabs(value));
    }
    if (l->count < 3 || !isfinite(k) || !(largest <= l->tolerance) || !(size > 100 * l->tolerance))
        return false;
    return term == NULL
               ? gt_number_claim(l, GT_MISTAKE_EXTRA_TERM, largest, "%.6g is added to every entry", k)
               : gt_number_claim(l, GT_MISTAKE_EXTRA_TERM, largest, "an extra term: %.6g times %s is added", k, name);
}

static bool look_for_argument_factor(gt_number_look *l, const double *x, const char *name)
{
    double missing = 0, extra = 0;
    if (l->count < 3)
        return false;
    for (size_t i = 0; i < l->count; i++) {
        missing = fmax(missing, fabs(l->given[i] * x[i] - l->right[i]));
        extra = fmax(extra, fabs(l->given[i] - l->right[i] * x[i]));
    }
    if (missing <= l->tolerance)
        return gt_number_claim(l, GT_MISTAKE_MISSING_FACTOR, missing, "the factor %s is missing", name);
    return extra <= l->tolerance &&
           gt_number_claim(l, GT_MISTAKE_EXTRA_FACTOR, extra, "the factor %s is too many", name);
}

static bool look_for_more(gt_number_look *l)
{
    const gt_argument *a = &l->evidence->arguments[l->evidence->wrong];
    const double *x = a->value.data;
    if (look_for_term(l, NULL, NULL))
        return true;
    return !l->evidence->tangent && x != NULL && !is_all(x, l->count, x[0]) &&
           (look_for_term(l, x, a->name) || look_for_argument_factor(l, x, a->name));
}

/* ---- all of them ---------------------------------------------------------------------------------- */

static void look_at_both(gt_number_look *l)
{
    l->diagnosis->before = l->scale > 0 ? gt_number_distance(l->given, l->right, l->count) / l->scale : INFINITY;
    const gt_evidence *e = l->evidence;
    bool projected = !e->tangent && !gt_shape_equal(e->given[e->wrong].shape, e->arguments[e->wrong].value.shape);
    (void)(gt_number_fits(l, l->given, l->right, GT_MISTAKE_FACTOR, NULL) || projected || look_for_argument(l) ||
           look_for_order(l) || gt_number_look_for_slices(l) || look_for_more(l));
}

gt_status gt_diagnose_numbers(const gt_evidence *e, gt_diagnosis *diagnosis)
{
    const gt_array *given = &e->given[e->wrong], *right = &e->expected[e->wrong];
    if (given->data == NULL || given->dtype != GT_F64)
        return GT_OK;
    gt_number_look l = {.evidence = e,
                        .diagnosis = diagnosis,
                        .given = given->data,
                        .right = right->data,
                        .shape = given->shape,
                        .count = (size_t)gt_shape_count(given->shape)};
    for (size_t i = 0; i < l.count; i++)
        if (!isfinite(l.given[i]) || (l.right != NULL && !isfinite(l.right[i])))
            return GT_OK; /* the finding says so */
    if (look_for_cotangent(&l) || look_for_nothing(&l) || l.right == NULL)
        return GT_OK;
    for (size_t i = 0; i < l.count; i++)
        l.scale = fmax(l.scale, fabs(l.right[i]));
    l.tolerance = 10 * fmax(e->tolerance, 1e-9) * l.scale;
    l.trial = gt_memory_new(l.count, sizeof *l.trial);
    l.places = gt_memory_new(l.count, sizeof *l.places);
    bool memory = l.trial != NULL && l.places != NULL;
    if (memory && l.scale > 0)
        look_at_both(&l);
    gt_memory_free(l.places);
    gt_memory_free(l.trial);
    return memory ? GT_OK : GT_ERROR_MEMORY;
}
