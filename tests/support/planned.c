#include "support/planned.h"

#include "base/entry.h"
#include "plan/plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *numbers(const planned_tape *t, gt_var input, gt_random *random)
{
    int64_t count = gt_shape_count(gt_var_shape(input));
    double low = t->low, high = t->low == t->high ? low + 1 : t->high;
    if (t->low == 0 && t->high == 0)
        low = 0.5, high = 1.5;
    void *data = calloc((size_t)count, sizeof(double));
    cr_assert_not_null(data);
    for (int64_t i = 0; i < count && gt_var_dtype(input) != GT_I32; i++)
        gt_entry_set(data, gt_var_dtype(input), i, low + (high - low) * gt_random_uniform(random));
    return data;
}

static double largest_of(const void *data, gt_dtype dtype, int64_t count)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(gt_entry_at(data, dtype, i)));
    return largest;
}

static void compare_output(const planned_tape *t, uint32_t n, const void *actual, const void *expected)
{
    gt_var output = t->outputs[n];
    gt_dtype dtype = gt_var_dtype(output);
    int64_t count = gt_shape_count(gt_var_shape(output));
    double tolerance = t->tolerance != 0 ? t->tolerance : dtype == GT_F32 ? 1e-5 : 1e-12;
    double largest = t->by_largest ? largest_of(expected, dtype, count) : 0;
    size_t size = gt_dtype_size(dtype);
    for (int64_t i = 0; i < count; i++) {
        double a = gt_entry_at(actual, dtype, i), b = gt_entry_at(expected, dtype, i);
        size_t place = (size_t)i * size;
        bool same = t->exact ? memcmp((const char *)actual + place, (const char *)expected + place, size) == 0
                             : fabs(a - b) <= tolerance * (1 + fmax(largest, fabs(b)));
        cr_assert(same, "%s: output %u '%s', entry %lld: %.17g, not %.17g", t->what != NULL ? t->what : "planned",
                  (unsigned)n, gt_var_name(output), (long long)i, a, b);
    }
}

static void compare_outputs(const planned_tape *t, const gt_workspace *work, const gt_interpreter *reference)
{
    for (uint32_t n = 0; n < t->output_count; n++)
        compare_output(t, n, gt_workspace_value(work, n), gt_interpreter_value(reference, t->outputs[n]));
}

static void run(const planned_tape *t, const gt_plan *plan, void *const *data, uint32_t thread_count,
                const gt_interpreter *reference)
{
    gt_threads *threads = gt_threads_new(thread_count, NULL);
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    cr_assert_not_null(work);
    for (uint32_t k = 0; k < t->input_count; k++)
        gt_workspace_bind(work, t->inputs[k], data[k]); /* refused where the plan needs it not */
    for (int again = 0; again < 2; again++) {
        cr_assert_eq(gt_workspace_run(work), GT_OK, "%s: %s", t->what != NULL ? t->what : "planned",
                     gt_workspace_message(work));
        compare_outputs(t, work, reference);
    }
    gt_workspace_free(work);
    gt_threads_free(threads);
}

void planned_compare(const planned_tape *t, const gt_plan *plan)
{
    gt_error error = {0};
    gt_plan *own = NULL;
    cr_assert_eq(gt_tape_status(t->tape), GT_OK, "%s", gt_tape_message(t->tape));
    if (plan == NULL)
        own = gt_plan_new(t->outputs, t->output_count, &(gt_plan_options){.skip = t->skip, .exact = t->exact}, &error);
    cr_assert(plan != NULL || own != NULL, "%s", error.message);
    gt_interpreter *reference = gt_interpreter_new(t->tape);
    void **data = calloc(t->input_count + 1, sizeof *data);
    cr_assert(reference != NULL && data != NULL);
    gt_random random;
    gt_random_seed(&random, 5);
    for (uint32_t k = 0; k < t->input_count; k++) {
        data[k] = t->data != NULL ? t->data[k] : numbers(t, t->inputs[k], &random);
        cr_assert_eq(gt_interpreter_bind(reference, t->inputs[k], data[k]), GT_OK);
    }
    cr_assert_eq(gt_interpreter_evaluate(reference, t->outputs, t->output_count), GT_OK, "%s",
                 gt_interpreter_message(reference));
    for (uint32_t count = 1; count <= 2; count++)
        run(t, plan != NULL ? plan : own, data, count, reference);
    for (uint32_t k = 0; k < t->input_count && t->data == NULL; k++)
        free(data[k]);
    free(data);
    gt_interpreter_free(reference);
    gt_plan_free(own);
}
