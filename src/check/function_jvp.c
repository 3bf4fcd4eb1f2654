/* A handwritten Jacobian-vector product: against numbers, and against the vector-Jacobian product. */
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

#define NAME "J v"

typedef struct work {
    gt_function_check *check;
    gt_function_call call;
    const gt_check_array *array; /* y */
    double *tangent, *other;     /* x_count: in one argument alone, or in all */
    double *product, *again, *sum;
    double *numbers, *bars, *reach;
    double *gradient; /* x_count: J.T cotangent; NULL: there is no gradient to compare with */
    gt_slope *slopes;
    bool *unwritten;
    gt_random random;
} work;

static size_t entries_of(const gt_check_array *array)
{
    return (size_t)gt_shape_count(array->shape);
}

static void close_work(work *w)
{
    gt_function_call_close(&w->call);
    gt_memory_free(w->tangent);
    gt_memory_free(w->product);
    gt_memory_free(w->gradient);
    gt_memory_free(w->slopes);
    gt_memory_free(w->unwritten);
}

static gt_status open_work(work *w)
{
    gt_function_check *c = w->check;
    gt_status status = gt_function_call_open(&w->call, c->mine, GT_CALLED_JVP, false, c->error);
    w->array = &c->arrays[c->mine->array_count];
    w->tangent = gt_memory_new((uint64_t)c->x_count * 2, sizeof *w->tangent);
    w->product = gt_memory_new((uint64_t)c->y_count * 6, sizeof *w->product);
    w->gradient = gt_memory_new(c->x_count, sizeof *w->gradient);
    w->slopes = gt_memory_new(c->y_count, sizeof *w->slopes);
    w->unwritten = gt_memory_new(c->y_count, sizeof *w->unwritten);
    if (status == GT_OK &&
        (w->tangent == NULL || w->product == NULL || w->gradient == NULL || w->slopes == NULL || w->unwritten == NULL))
        status = gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for a Jacobian-vector product");
    if (status != GT_OK)
        return status;
    w->other = w->tangent + c->x_count;
    w->again = w->product + c->y_count;
    w->sum = w->again + c->y_count;
    w->numbers = w->sum + c->y_count;
    w->bars = w->numbers + c->y_count;
    w->reach = w->bars + c->y_count;
    gt_random_seed(&w->random, c->options->seed + 2);
    return GT_OK;
}

static gt_status run(work *w, const double *tangent, double *product)
{
    return gt_function_call_run(&w->call, w->check->mine->x, tangent, product, w->check->error);
}

/* Random, of the size of each argument; in `only` alone, or, if that is negative, in all. */
static void draw(work *w, int64_t only, double *tangent)
{
    const gt_function_check *c = w->check;
    size_t first = 0;
    for (uint32_t i = 0; i < c->mine->array_count; i++)
        for (size_t k = 0; k < entries_of(&c->arrays[i]); k++)
            tangent[first++] = only < 0 || only == i ? c->scales[i] * gt_random_normal(&w->random) : 0;
}

/* ---- against numbers ----------------------------------------------------------------------- */

static gt_status take_numbers(work *w, double enough)
{
    const gt_function_check *c = w->check;
    gt_numeric numeric = {.function = c->mine->function,
                          .context = c->mine->context,
                          .x = c->mine->x,
                          .input_count = c->x_count,
                          .output_count = c->y_count,
                          .noise = fmax(c->noise, 0x1p-53),
                          .enough = enough};
    gt_status status = gt_numeric_slopes(&numeric, w->tangent, w->slopes, c->error);
    for (size_t i = 0; i < c->y_count && status == GT_OK; i++) {
        const gt_slope *s = &w->slopes[i];
        w->numbers[i] = s->value;
        w->reach[i] = s->kink ? fabs(s->right - s->left) / 2 : 0;
        w->bars[i] = s->error - w->reach[i];
    }
    return status;
}

/* What rounding may do to an entry; *single: it is that of single precision. */
static gt_status measure(work *w, bool linear, double *allowed, bool *single)
{
    const gt_function_check *c = w->check;
    gt_function_rounding rounding = {0};
    double largest = gt_arrays_largest(w->product, c->y_count);
    gt_status status = gt_function_rounding_measure(&w->call, c->mine->x, w->tangent, linear, w->array, 1,
                                                    c->options->seed, &rounding, c->error);
    *single = rounding.single || c->noise > GT_FUNCTION_SINGLE_NOISE;
    *allowed = GT_FUNCTION_DEVIATIONS * rounding.deviation + (*single ? GT_FUNCTION_SINGLE * largest : 0);
    if (c->noise > GT_FUNCTION_SINGLE_NOISE)
        *allowed = fmax(*allowed, 3e-4 * largest +
                                      GT_FUNCTION_DEVIATIONS * FLT_EPSILON / 2 * gt_arrays_largest(c->y, c->y_count));
    return status;
}

static void describe(const work *w, uint32_t argument, gt_finding *f)
{
    f->array = NAME;
    f->text = gt_report_write(w->check->report, "the Jacobian-vector product for a tangent in %s alone",
                              w->check->arrays[argument].name);
    const int64_t *size = f->shape.size;
    gt_slope s = w->slopes[f->index[0] + size[0] * (f->index[1] + size[1] * f->index[2])];
    f->kink = s.kink;
    f->left = s.left;
    f->right = s.right;
    f->jump = s.jump;
    if (f->verdict == GT_UNDECIDABLE && s.jump != 0)
        gt_finding_append(w->check->report, f, "the function jumps here");
}

static gt_status compare(work *w, uint32_t argument, double power)
{
    gt_function_check *c = w->check;
    gt_check_options o = *c->options;
    double allowed, size = gt_arrays_largest(c->y, c->y_count);
    double scale = fmax(gt_arrays_largest(w->product, c->y_count), 1e-6 * size);
    bool single;
    gt_finding f = {.kind = GT_CHECK_JVP, .step = -1};
    gt_status status = measure(w, power == 1, &allowed, &single);
    if (single) {
        c->report->precision = GT_F32;
        o.tolerance = fmax(o.tolerance, GT_FUNCTION_SINGLE_TOLERANCE);
    }
    if (status == GT_OK)
        status = take_numbers(w, o.tolerance * (scale > 0 ? scale : 1));
    if (status != GT_OK)
        return status;
    gt_arrays arrays = {.value = w->product,
                        .expected = w->numbers,
                        .error = w->bars,
                        .reach = w->reach,
                        .rounding = allowed,
                        .shape = w->array->shape,
                        .in_time = c->in_time[c->mine->array_count],
                        .scale = scale,
                        .tolerance = o.tolerance};
    gt_arrays_compare(&arrays, &f);
    gt_report_count(c->report, &f, 0);
    if (f.verdict == GT_RIGHT)
        return GT_OK;
    describe(w, argument, &f);
    gt_function_evidence evidence = {.given = w->product,
                                     .expected = w->numbers,
                                     .bars = w->bars,
                                     .x = c->mine->x,
                                     .allowed = allowed,
                                     .wrong = argument,
                                     .power = power,
                                     .tangent = true};
    if (f.verdict == GT_WRONG)
        status = gt_function_evidence_diagnose(c, &evidence, &f);
    return status == GT_OK ? gt_report_add(c->report, &f, c->error) : status;
}

/* ---- against the vector-Jacobian product --------------------------------------------------- */

static double dot(const double *a, const double *b, size_t count, double *size)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += a[i] * b[i];
        squares += a[i] * b[i] * a[i] * b[i];
    }
    *size = sqrt(squares);
    return sum;
}

/* <w, J v> is <J.T w, v>, to rounding: also where numbers cannot tell. */
static gt_status transpose(work *w, uint32_t argument, bool known)
{
    gt_function_check *c = w->check;
    double forward_size, backward_size;
    gt_finding f = {.kind = GT_CHECK_TRANSPOSE, .step = -1, .entry_count = 1, .wrong_count = 1};
    f.value = dot(c->second, w->product, c->y_count, &forward_size);
    f.expected = dot(w->gradient, w->tangent, c->x_count, &backward_size);
    f.allowed = (c->report->precision == GT_F32 ? 1e-4 : c->options->tolerance) * (forward_size + backward_size);
    f.verdict = fabs(f.value - f.expected) <= f.allowed ? GT_RIGHT : GT_WRONG;
    gt_report_count(c->report, &f, 0);
    if (f.verdict == GT_RIGHT || known)
        return GT_OK;
    f.shape = f.expected_shape = GT_SCALAR;
    f.array = "<w, J v>";
    f.text = gt_report_write(
        w->check->report,
        "jvp and gradient are not each other's transpose: <w, J v> must be <J.T w, v>, here for a tangent in "
        "%s alone; one of the two is wrong",
        c->arrays[argument].name);
    return gt_report_add(c->report, &f, c->error);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool is_wrong(const gt_report *report, uint32_t from)
{
    for (uint32_t i = from; i < report->finding_count; i++)
        if (report->findings[i].verdict == GT_WRONG)
            return true;
    return false;
}

static gt_status check_argument(work *w, uint32_t argument)
{
    gt_function_check *c = w->check;
    draw(w, argument, w->tangent);
    for (size_t i = 0; i < c->x_count; i++)
        w->other[i] = 2 * w->tangent[i];
    gt_status status = run(w, w->tangent, w->product);
    if (status == GT_OK)
        status = run(w, w->other, w->again);
    if (status == GT_OK)
        status = compare(w, argument, gt_function_check_power(w->product, w->again, c->y_count));
    if (status == GT_OK && c->mine->gradient != NULL)
        status = transpose(w, argument, is_wrong(c->report, c->first));
    return status;
}

/* Right for tangents in one argument at a time, but not for their sums. */
static gt_status check_linear(work *w)
{
    gt_function_check *c = w->check;
    double bend = 0;
    draw(w, -1, w->tangent);
    draw(w, -1, w->other);
    gt_status status = run(w, w->tangent, w->product);
    if (status == GT_OK)
        status = run(w, w->other, w->again);
    for (size_t i = 0; i < c->x_count; i++)
        w->other[i] -= 2 * w->tangent[i];
    if (status == GT_OK)
        status = run(w, w->other, w->sum);
    double size = fmax(gt_arrays_largest(w->product, c->y_count), gt_arrays_largest(w->again, c->y_count));
    for (size_t i = 0; i < c->y_count && status == GT_OK; i++)
        bend = fmax(bend, fabs(w->sum[i] - (w->again[i] - 2 * w->product[i])));
    if (status != GT_OK || bend <= (c->report->precision == GT_F32 ? 1e-3 : 1e-8) * size)
        return status;
    return gt_function_check_say(
        c, GT_CHECK_JVP, GT_WRONG, NAME,
        "the Jacobian-vector product is not linear in the tangent: for the sum of two it is off "
        "by %.2g of the largest entry",
        bend / size);
}

static gt_status check_jvp(work *w)
{
    gt_function_check *c = w->check;
    uint32_t mine = c->report->finding_count;
    draw(w, -1, w->tangent);
    gt_status status = gt_function_check_writing(c, &w->call, "jvp", c->mine->x, w->tangent, w->unwritten);
    if (status == GT_OK && !c->stopped && c->mine->gradient != NULL)
        status = c->mine->gradient(c->mine->context, c->mine->x, c->second, w->gradient, c->error);
    for (uint32_t i = 0; i < c->mine->array_count && status == GT_OK && !c->stopped; i++)
        status = check_argument(w, i);
    if (status == GT_OK && !c->stopped && !is_wrong(c->report, mine))
        status = check_linear(w);
    return status;
}

gt_status gt_function_check_jvp(gt_function_check *check)
{
    work w = {.check = check};
    gt_status status = open_work(&w);
    if (status == GT_OK)
        status = check_jvp(&w);
    close_work(&w);
    return status;
}
