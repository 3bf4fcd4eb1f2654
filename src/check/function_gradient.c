/* A handwritten vector-Jacobian product: is it one, and that of the function? */
#include "check/function_check.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/function_evidence.h"
#include "check/function_rounding.h"
#include "check/report.h"
#include "gradtape/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Relative to the largest entry, beyond rounding: a gradient that bends so much is not linear. */
#define BENT 1e-3

typedef struct work {
    gt_function_check *check;
    gt_function_call call;
    bool single;
    double *x, *cotangent;         /* rounded to the precision at hand */
    double *gradient;              /* for the cotangent */
    double *doubled, *other, *sum; /* for twice as much, for another, and for other - 2 cotangent */
    double *numbers, *bars;        /* answered by the comparison */
    double *floors, *allowed;      /* by argument */
    double *reach;                 /* by argument: the largest gradient between x and 0 */
    bool *unwritten;               /* by entry */
    bool *bent;                    /* by argument: it is not linear in the cotangent */
    gt_function_rounding *rounding;
    bool repeatable;
} work;

static size_t entries_of(const work *w, uint32_t array)
{
    return (size_t)gt_shape_count(w->check->arrays[array].shape);
}

static void close_work(work *w)
{
    gt_function_call_close(&w->call);
    gt_memory_free(w->x);
    gt_memory_free(w->cotangent);
    gt_memory_free(w->gradient);
    gt_memory_free(w->floors);
    gt_memory_free(w->unwritten);
    gt_memory_free(w->bent);
    gt_memory_free(w->rounding);
}

static gt_status open_work(work *w)
{
    gt_function_check *c = w->check;
    uint32_t arrays = c->mine->array_count;
    gt_status status = gt_function_call_open(&w->call, c->mine, GT_CALLED_GRADIENT, w->single, c->error);
    w->x = gt_function_check_point(c, w->single);
    w->cotangent = gt_memory_new(c->y_count, sizeof *w->cotangent);
    w->gradient = gt_memory_new((uint64_t)c->x_count * 6, sizeof *w->gradient);
    w->floors = gt_memory_new((uint64_t)arrays * 3, sizeof *w->floors);
    w->unwritten = gt_memory_new(c->x_count, sizeof *w->unwritten);
    w->bent = gt_memory_new(arrays, sizeof *w->bent);
    w->rounding = gt_memory_new(arrays, sizeof *w->rounding);
    if (status == GT_OK && (w->x == NULL || w->cotangent == NULL || w->gradient == NULL || w->floors == NULL ||
                            w->unwritten == NULL || w->bent == NULL || w->rounding == NULL))
        status = gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for a gradient");
    if (status != GT_OK)
        return status;
    w->doubled = w->gradient + c->x_count;
    w->other = w->doubled + c->x_count;
    w->sum = w->other + c->x_count;
    w->numbers = w->sum + c->x_count;
    w->bars = w->numbers + c->x_count;
    w->allowed = w->floors + arrays;
    w->reach = w->allowed + arrays;
    for (size_t i = 0; i < c->y_count; i++)
        w->cotangent[i] = w->single ? (double)(float)c->second[i] : c->second[i];
    return GT_OK;
}

/* ---- one cotangent and another ------------------------------------------------------------- */

/* The gradient for first * cotangent + others. */
static gt_status run(work *w, const double *x, double first, const double *others, double *room, double *gradient)
{
    gt_function_check *c = w->check;
    for (size_t i = 0; i < c->y_count; i++)
        room[i] = first * w->cotangent[i] + (others != NULL ? others[i] : 0);
    return gt_function_call_run(&w->call, x, room, gradient, c->error);
}

static gt_status run_all(work *w, double *others, double *room)
{
    gt_random random;
    gt_random_seed(&random, w->check->options->seed + 1);
    for (size_t i = 0; i < w->check->y_count; i++)
        others[i] = w->single ? (double)(float)gt_random_normal(&random) : gt_random_normal(&random);
    gt_status status = run(w, w->x, 1, NULL, room, w->gradient);
    if (status == GT_OK)
        status = run(w, w->x, 1, NULL, room, w->sum);
    for (size_t i = 0; i < w->check->x_count && status == GT_OK; i++)
        w->repeatable = w->repeatable &&
                        !(fabs(w->sum[i] - w->gradient[i]) > 1e-5 * gt_arrays_largest(w->gradient, w->check->x_count));
    if (status == GT_OK)
        status = run(w, w->x, 2, NULL, room, w->doubled);
    if (status == GT_OK)
        status = run(w, w->x, 0, others, room, w->other);
    if (status == GT_OK)
        status = run(w, w->x, -2, others, room, w->sum);
    return status;
}

/* How far the gradient for other - 2 cotangent is from other's less twice the first, against the largest. */
static double bend_of(const work *w, uint32_t array, size_t first)
{
    size_t count = entries_of(w, array);
    double size = fmax(gt_arrays_largest(w->gradient + first, count), gt_arrays_largest(w->other + first, count));
    double largest = 0;
    for (size_t i = first; i < first + count; i++) {
        double bend = fabs(w->sum[i] - (w->other[i] - 2 * w->gradient[i]));
        largest = bend > largest ? bend : largest;
    }
    return size > 0 ? largest / size : 0;
}

static bool mark_bent(work *w, double beyond)
{
    size_t first = 0;
    bool any = false;
    for (uint32_t i = 0; i < w->check->mine->array_count; i++) {
        size_t count = entries_of(w, i);
        double size = gt_arrays_largest(w->gradient + first, count);
        double bend = bend_of(w, i, first);
        w->bent[i] = isfinite(bend) && bend > beyond + (size > 0 ? 4 * w->allowed[i] / size : 0);
        any = any || w->bent[i];
        first += count;
    }
    return any;
}

/* ---- what is allowed ----------------------------------------------------------------------- */

/*
 * Where a function saturates, single precision leaves nothing of its gradient: tanh(10) is 1. What is
 * small beside the gradients on the way to 0, and beside what the result's rounding errors make of
 * its slope, is then as good as 0. y_size: the results there, times the cotangent.
 */
static gt_status look_towards_zero(work *w, double *at, double *room, double *y_size)
{
    gt_function_check *c = w->check;
    gt_status status = GT_OK;
    for (double times = 1; times >= 1.0 / 16 && status == GT_OK; times /= 2) {
        double squares = 0;
        size_t first = 0;
        for (size_t i = 0; i < c->x_count; i++)
            at[i] = times * w->x[i];
        status = c->mine->function(c->mine->context, at, room, c->error);
        for (size_t i = 0; i < c->y_count && status == GT_OK; i++)
            squares += isfinite(room[i]) ? room[i] * room[i] * w->cotangent[i] * w->cotangent[i] : 0;
        if (status == GT_OK)
            status = run(w, at, 1, NULL, room, w->bars);
        for (uint32_t i = 0; i < c->mine->array_count && status == GT_OK; i++) {
            w->reach[i] = fmax(w->reach[i], gt_arrays_largest(w->bars + first, entries_of(w, i)));
            first += entries_of(w, i);
        }
        *y_size = fmax(*y_size, sqrt(squares));
    }
    return status;
}

static double weighted_size(const work *w)
{
    double squares = 0;
    for (size_t i = 0; i < w->check->y_count; i++)
        squares += w->check->y[i] * w->check->y[i] * w->cotangent[i] * w->cotangent[i];
    return sqrt(squares);
}

/* The numbers come from single precision themselves: also where nothing shows it but the gradient. */
static bool is_rough(const work *w)
{
    bool single = false;
    for (uint32_t i = 0; i < w->check->mine->array_count; i++)
        single = single || w->rounding[i].single;
    return w->check->noise > GT_FUNCTION_SINGLE_NOISE || (w->check->floats && single && !w->single);
}

static bool is_single(const work *w)
{
    bool single = w->single || is_rough(w);
    for (uint32_t i = 0; i < w->check->mine->array_count; i++)
        single = single || w->rounding[i].single;
    return single;
}

/* Single precision leaves nothing else to be known by where it leaves nothing at all. */
static bool is_nothing(const work *w)
{
    return gt_arrays_largest(w->gradient, w->check->x_count) == 0;
}

/* So many roundings, of a result or a gradient of size 1, may be what is left where a function saturates. */
#define LOST (128 * FLT_EPSILON)

static void allow(work *w, bool single, double y_size)
{
    const gt_function_check *c = w->check;
    size_t first = 0;
    for (uint32_t i = 0; i < c->mine->array_count; i++) {
        double slope = weighted_size(w) / c->scales[i];
        double largest = gt_arrays_largest(w->gradient + first, entries_of(w, i));
        w->floors[i] = 1e-6 * slope;
        w->allowed[i] = GT_FUNCTION_DEVIATIONS * w->rounding[i].deviation;
        if (single) {
            double lost = LOST * fmin(y_size / c->scales[i], w->reach[i]);
            /* A gradient of that size is right if it should be as small; a larger one cannot be decided. */
            if (largest <= lost)
                w->floors[i] = fmax(w->floors[i], 1100 * lost);
            w->allowed[i] = fmax(w->allowed[i], lost) + GT_FUNCTION_SINGLE * largest + 4 * c->excess * largest;
        }
        /* The error bars of such numbers are known less well. */
        if (is_rough(w))
            w->allowed[i] = fmax(w->allowed[i], 3e-4 * largest + LOST * slope);
        first += entries_of(w, i);
    }
}

static gt_status measure(work *w, double *room)
{
    gt_function_check *c = w->check;
    bool linear = !mark_bent(w, BENT);
    double y_size = 0, *at = w->numbers; /* free until numbers come */
    gt_status status = gt_function_rounding_measure(&w->call, w->x, w->cotangent, linear && w->repeatable, c->arrays,
                                                    c->mine->array_count, c->options->seed, w->rounding, c->error);
    if (status != GT_OK)
        return status;
    for (uint32_t i = 0; i < c->mine->array_count && !w->repeatable; i++)
        w->rounding[i] = (gt_function_rounding){0};
    bool single = is_single(w) || is_nothing(w);
    if (single)
        status = look_towards_zero(w, at, room, &y_size);
    allow(w, single, y_size);
    mark_bent(w, is_single(w) ? BENT : 1e-8);
    return status;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static gt_status compare(work *w)
{
    gt_function_check *c = w->check;
    gt_check_options o = *c->options;
    bool single = is_single(w);
    if (single)
        c->report->precision = GT_F32;
    if (single || is_nothing(w))
        o.tolerance = fmax(o.tolerance, GT_FUNCTION_SINGLE_TOLERANCE);
    gt_gradients problem = {.function = c->mine->function,
                            .context = c->mine->context,
                            .x = w->x,
                            .output_count = c->y_count,
                            .weights = w->cotangent,
                            .noise = is_rough(w) ? fmax(c->noise, FLT_EPSILON / 2) : c->noise,
                            .arrays = c->arrays,
                            .in_time = c->in_time,
                            .array_count = c->mine->array_count,
                            .forms = &(gt_gradient_form){NULL, w->gradient},
                            .form_count = 1,
                            .floors = w->floors,
                            .rounding = w->allowed,
                            .numbers = w->numbers,
                            .bars = w->bars,
                            .kind = GT_CHECK_NUMERIC,
                            .stage = single ? "in single precision" : NULL};
    return gt_gradients_check(&problem, &o, c->report, c->error);
}

/* ---- what else there is to say of findings ------------------------------------------------- */

static gt_status note(work *w, uint32_t array, size_t first, gt_finding *f)
{
    gt_report *report = w->check->report;
    size_t unwritten = 0, not_finite = 0, count = entries_of(w, array);
    for (size_t i = first; i < first + count; i++) {
        unwritten += w->unwritten[i];
        not_finite += !isfinite(w->gradient[i]);
    }
    if (!w->repeatable)
        gt_finding_append(report, f, "the gradient is another when it is called again with the same arguments");
    if (unwritten > 0 && f->verdict == GT_WRONG) {
        gt_finding_append(report, f, "%zu of its %zu entries are left as they were", unwritten, count);
    }
    if (not_finite > 0) {
        gt_finding_append(report, f, "%zu of its %zu entries are not finite", not_finite, count);
    }
    return gt_words_status(report, w->check->error);
}

static int64_t argument_of(const work *w, const gt_finding *f, size_t *first)
{
    *first = 0;
    for (uint32_t i = 0; i < w->check->mine->array_count; i++) {
        if (strcmp(w->check->arrays[i].name, f->of) == 0)
            return i;
        *first += entries_of(w, i);
    }
    return -1;
}

enum { PROJECTIONS = 8 };

/* Random projections of an array that is too large to be compared entry by entry. */
static gt_status project(work *w, uint32_t array, size_t first, double *given, double *numbers, double *bars)
{
    gt_function_check *c = w->check;
    double *direction = gt_memory_new(c->x_count, sizeof *direction);
    gt_status status =
        direction != NULL ? GT_OK : gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for projections");
    gt_random random;
    gt_random_seed(&random, c->options->seed + 3);
    gt_numeric numeric = {.function = c->mine->function,
                          .context = c->mine->context,
                          .x = w->x,
                          .input_count = c->x_count,
                          .output_count = c->y_count,
                          .weights = w->cotangent,
                          .noise = fmax(c->noise, 0x1p-53),
                          .scale = c->scales[array]};
    for (int k = 0; k < PROJECTIONS && status == GT_OK; k++) {
        given[k] = 0;
        for (size_t i = first; i < first + entries_of(w, array); i++) {
            direction[i] = gt_random_bits(&random) % 2 ? 1 : -1;
            given[k] += direction[i] * w->gradient[i];
        }
        status = gt_numeric_directional(&numeric, direction, &numbers[k], &bars[k], c->error);
    }
    gt_memory_free(direction);
    return status;
}

static gt_status diagnose(work *w, uint32_t array, size_t first, gt_finding *f)
{
    double given[PROJECTIONS], numbers[PROJECTIONS], bars[PROJECTIONS];
    size_t count = entries_of(w, array);
    double power = gt_function_check_power(w->gradient + first, w->doubled + first, count);
    gt_function_evidence evidence = {.given = w->gradient,
                                     .expected = w->numbers,
                                     .bars = w->bars,
                                     .x = w->x,
                                     .allowed = w->allowed[array],
                                     .wrong = array,
                                     .power = w->bent[array] || power != 1 ? power : 1};
    if (w->check->options->diagnose == NULL || !w->repeatable)
        return GT_OK;
    if (isnan(w->numbers[first])) {
        gt_status status = project(w, array, first, given, numbers, bars);
        if (status != GT_OK)
            return status;
        evidence.given = given;
        evidence.expected = numbers;
        evidence.bars = bars;
        evidence.allowed *= sqrt((double)count);
        evidence.projections = PROJECTIONS;
    }
    return gt_function_evidence_diagnose(w->check, &evidence, f);
}

/*
 * Whether differences over long steps contradict the number of the worst entry: single precision stands
 * on treads, and short steps along one of them show a slope that is none.
 */
static gt_status contradict(work *w, uint32_t array, size_t first, const gt_finding *f, bool *contradicted)
{
    gt_function_check *c = w->check;
    const int64_t *size = f->shape.size, *index = f->index;
    size_t entry = first + (size_t)(index[0] + size[0] * (index[1] + size[1] * index[2]));
    double least = INFINITY, most = -INFINITY, *at = gt_function_check_point(c, w->single);
    double *y = gt_memory_new((uint64_t)c->y_count * 2, sizeof *y), *below = y + c->y_count;
    gt_status status =
        at != NULL && y != NULL ? GT_OK : gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for differences");
    for (double step = c->scales[array] / 8; step > c->scales[array] / 40 && status == GT_OK; step /= 2) {
        at[entry] = w->x[entry] + step;
        status = c->mine->function(c->mine->context, at, y, c->error);
        at[entry] = w->x[entry] - step;
        if (status == GT_OK)
            status = c->mine->function(c->mine->context, at, below, c->error);
        double sum = 0;
        for (size_t i = 0; i < c->y_count && status == GT_OK; i++)
            sum += w->cotangent[i] * (y[i] - below[i]);
        least = fmin(least, sum / (2 * step));
        most = fmax(most, sum / (2 * step));
    }
    double spread = most - least;
    *contradicted = status == GT_OK && !(f->expected >= least - spread && f->expected <= most + spread);
    gt_memory_free(at);
    gt_memory_free(y);
    return status;
}

/* Larger numbers than floats can be are behind it. */
static bool is_huge(const work *w, const gt_finding *f)
{
    double y = gt_arrays_largest(w->check->y, w->check->y_count);
    return fmax(fmax(fabs(f->expected), f->error_bar), y) > FLT_MAX / 16;
}

/* What looks wrong, but may be single precision. */
static gt_status doubt(work *w, uint32_t array, size_t first, gt_finding *f)
{
    gt_report *report = w->check->report;
    bool contradicted = false;
    gt_status status = GT_OK;
    if (f->verdict == GT_WRONG && is_rough(w) && !f->kink && f->entry_count > 0)
        status = contradict(w, array, first, f, &contradicted);
    if (contradicted)
        gt_report_doubt(report, f,
                        "the function computes in single precision, in which short steps and long ones "
                        "give other slopes");
    else if (f->verdict == GT_WRONG && f->kink && is_rough(w))
        gt_report_doubt(report, f, "the function computes in single precision, in which a kink may be rounding");
    else if (f->verdict == GT_WRONG && is_single(w) && is_huge(w, f))
        gt_report_doubt(report, f, "it is larger than single precision can tell: choose another point");
    return status;
}

static gt_status explain(work *w, uint32_t from)
{
    gt_function_check *c = w->check;
    gt_status status = GT_OK;
    for (uint32_t i = from; i < c->report->finding_count && status == GT_OK; i++) {
        size_t first;
        gt_finding *f = &c->report->findings[i];
        int64_t array = argument_of(w, f, &first);
        if (array < 0)
            continue;
        status = note(w, (uint32_t)array, first, f);
        if (status == GT_OK)
            status = doubt(w, (uint32_t)array, first, f);
        if (status == GT_OK && f->verdict == GT_WRONG)
            status = diagnose(w, (uint32_t)array, first, f);
    }
    return status;
}

/* Right for one cotangent, but not for all. */
static gt_status report_bent(work *w, uint32_t from)
{
    gt_function_check *c = w->check;
    gt_status status = GT_OK;
    size_t first = 0;
    for (uint32_t i = 0; i < c->mine->array_count && status == GT_OK && w->repeatable; i++) {
        bool known = false;
        for (uint32_t k = from; k < c->report->finding_count; k++)
            known = known || strcmp(c->report->findings[k].of, c->arrays[i].name) == 0;
        char name[GT_NAME_SIZE];
        gt_utf8_format(name, sizeof name, "d%s", c->arrays[i].name);
        if (w->bent[i] && !known)
            status = gt_function_check_say(c, GT_CHECK_NUMERIC, GT_WRONG, name,
                                           "it is right for one cotangent, but not linear in it: for the sum of two it "
                                           "is off by %.2g of the largest entry; is something clipped, or rounded?",
                                           bend_of(w, i, first));
        first += entries_of(w, i);
    }
    return status;
}

/* ---- what cannot be seen here -------------------------------------------------------------- */

static bool is_all(const double *values, size_t count, double number)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != number)
            return false;
    return true;
}

static gt_status remark(gt_function_check *c, uint32_t array, const char *format)
{
    gt_remark r = {.kind = GT_REMARK_NOT_SEEN};
    const char *name = c->arrays[array].name;
    r.array = name;
    r.text = gt_report_write(c->report, format, name);
    return gt_report_remark(c->report, &r, c->error);
}

static gt_status remark_all(work *w)
{
    gt_function_check *c = w->check;
    gt_status status = GT_OK;
    size_t first = 0;
    for (uint32_t i = 0; i < c->mine->array_count && status == GT_OK; i++) {
        size_t count = entries_of(w, i);
        double largest =
            fmax(gt_arrays_largest(w->numbers + first, count), gt_arrays_largest(w->gradient + first, count));
        if (is_all(w->x + first, count, 0))
            status = remark(c, i,
                            "%s is all 0 at this point: what is multiplied by it cannot be seen; check at "
                            "another point, too");
        else if (is_all(w->x + first, count, 1))
            status = remark(c, i,
                            "%s is all 1 at this point: where it is a factor cannot be seen; check at another "
                            "point, too");
        if (status == GT_OK && isfinite(w->numbers[first]) && !(largest > w->allowed[i] + 1e-6 * w->floors[i]))
            status = remark(c, i,
                            "the function does not move with %s at this point: a gradient of 0 is right, but "
                            "shows nothing; check at another point, too");
        first += count;
    }
    return status;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static gt_status check_gradient(work *w, double *others)
{
    gt_function_check *c = w->check;
    uint32_t from = c->report->finding_count;
    gt_status status = gt_function_check_writing(c, &w->call, "gradient", w->x, w->cotangent, w->unwritten);
    if (status != GT_OK || c->stopped)
        return status;
    status = run_all(w, others, others + c->y_count);
    if (status == GT_OK)
        status = measure(w, others);
    if (status == GT_OK)
        status = compare(w);
    if (status == GT_OK)
        status = explain(w, from);
    if (status == GT_OK)
        status = report_bent(w, from);
    return status == GT_OK ? remark_all(w) : status;
}

gt_status gt_function_check_gradient(gt_function_check *check, bool single)
{
    work w = {.check = check, .single = single, .repeatable = true};
    gt_status status = open_work(&w);
    double *others = gt_memory_new((uint64_t)check->y_count * 2, sizeof *others);
    if (status == GT_OK && others == NULL)
        status = gt_error_set(check->error, GT_ERROR_MEMORY, "check: no memory for a cotangent");
    if (status == GT_OK)
        status = check_gradient(&w, others);
    gt_memory_free(others);
    close_work(&w);
    return status;
}
