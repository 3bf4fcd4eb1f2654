#include "check/function_evidence.h"

#include "base/memory.h"

#include <math.h>

typedef struct tables {
    gt_argument *arguments;
    gt_array *given, *expected;
} tables;

static gt_array array_of(const double *values, gt_shape shape)
{
    return (gt_array){(void *)values, GT_F64, shape};
}

/* Numbers are known of arrays that were compared entry by entry. */
static void fill(const gt_function_check *c, const gt_function_evidence *e, tables *t)
{
    size_t first = 0;
    bool one = e->tangent || e->projections > 0;
    for (uint32_t i = 0; i < c->mine->array_count; i++) {
        gt_shape shape = c->arrays[i].shape;
        t->arguments[i] = (gt_argument){c->arrays[i].name, array_of(e->x + first, shape)};
        if (!one) {
            t->given[i] = array_of(e->given + first, shape);
            t->expected[i] = array_of(isnan(e->expected[first]) ? NULL : e->expected + first, shape);
        }
        first += (size_t)gt_shape_count(shape);
    }
    if (one) {
        gt_shape shape = e->tangent ? c->arrays[c->mine->array_count].shape : GT_SHAPE((int64_t)e->projections);
        t->given[e->wrong] = array_of(e->given, shape);
        t->expected[e->wrong] = array_of(e->expected, shape);
    }
}

/* Within which two arrays cannot be told apart, relative to the largest entry. */
static double tolerance_of(const gt_function_check *c, const gt_function_evidence *e, const gt_array *expected)
{
    if (expected->data == NULL)
        return c->options->tolerance;
    size_t count = (size_t)gt_shape_count(expected->shape), first = 0;
    for (uint32_t i = 0; i < e->wrong && !e->tangent && e->projections == 0; i++)
        first += (size_t)gt_shape_count(c->arrays[i].shape);
    double scale = gt_arrays_largest(expected->data, count);
    double error = 2 * gt_arrays_largest(e->bars + first, count) + e->allowed;
    return scale > 0 ? fmax(c->options->tolerance, error / scale) : c->options->tolerance;
}

gt_status gt_function_evidence_diagnose(gt_function_check *c, const gt_function_evidence *e, gt_finding *f)
{
    uint32_t count = c->mine->array_count;
    if (c->options->diagnose == NULL)
        return GT_OK;
    tables t = {gt_memory_new(count, sizeof *t.arguments), gt_memory_new(count, sizeof *t.given),
                gt_memory_new(count, sizeof *t.expected)};
    gt_status status = GT_ERROR_MEMORY;
    if (t.arguments != NULL && t.given != NULL && t.expected != NULL) {
        fill(c, e, &t);
        gt_evidence evidence = {.finding = f,
                                .report = c->report,
                                .equation = GT_EVIDENCE_FUNCTION,
                                .steps = 1,
                                .examples = 1,
                                .given = t.given,
                                .expected = t.expected,
                                .tolerance = tolerance_of(c, e, &t.expected[e->wrong]),
                                .arguments = t.arguments,
                                .argument_count = count,
                                .wrong = e->wrong,
                                .result_count = c->y_count,
                                .cotangent_power = e->power,
                                .tangent = e->tangent};
        gt_diagnosis diagnosis = {0};
        status = c->options->diagnose(&evidence, &diagnosis);
        gt_words_keep_diagnosis(c->report, &diagnosis);
        f->diagnosis = diagnosis;
    }
    gt_memory_free(t.arguments);
    gt_memory_free(t.given);
    gt_memory_free(t.expected);
    return status == GT_OK ? GT_OK : gt_error_set(c->error, status, "check: no memory for a diagnosis");
}
