/* Sequences with their gradients, planned, for tests that run them on several threads. */
#ifndef TESTS_PLANNED_THREADS_H
#define TESTS_PLANNED_THREADS_H

#include "base/entry.h"
#include "exec/run_threads.h"
#include "plan/plan.h"
#include "recurrent.h"

#include "files.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST = 2 * MAX_ARRAYS };

/* A sequence with its gradients, planned, and numbers for what it is given. */
typedef struct planned {
    recurrent r;
    gt_var outputs[MOST], inputs[MOST];
    void *data[MOST];
    uint32_t output_count, input_count;
    gt_plan *plan;
} planned;

/* With loops cut into segments; NULL: none are. */
static inline planned *begin_cut(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, bool gradients,
                                 const gt_segments *segments)
{
    planned *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->r = recurrent_record(cell, sizes, form);
    for (uint32_t i = 0; i < p->r.answer_count; i++) {
        p->outputs[p->output_count++] = p->r.answers[i];
        p->inputs[p->input_count++] = p->r.cotangents[i];
    }
    for (uint32_t i = 0; i < p->r.given_count; i++) {
        if (gradients)
            p->outputs[p->output_count++] = p->r.gradients[i];
        p->inputs[p->input_count++] = p->r.given[i];
    }
    for (uint32_t i = 0; i < p->input_count; i++)
        p->data[i] = random_numbers(gt_var_name(p->inputs[i]), 5, count_of(p->inputs[i]), form.dtype);
    gt_error error = {0};
    p->plan = gt_plan_new_cut(p->outputs, p->output_count, NULL, segments, NULL, &error);
    cr_assert_not_null(p->plan, "%s", error.message);
    return p;
}

static inline planned *begin(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, bool gradients)
{
    return begin_cut(cell, sizes, form, gradients, NULL);
}

static inline void end(planned *p)
{
    gt_plan_free(p->plan);
    for (uint32_t i = 0; i < p->input_count; i++)
        free(p->data[i]);
    recurrent_free(&p->r);
    free(p);
}

static inline void run(const planned *p, gt_workspace *work)
{
    cr_assert_not_null(work);
    for (uint32_t i = 0; i < p->input_count; i++)
        cr_assert_eq(gt_workspace_bind(work, p->inputs[i], p->data[i]), GT_OK);
    cr_assert_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
}

static inline void expect_close(const planned *p, const gt_workspace *a, const gt_workspace *b, const char *what)
{
    for (uint32_t k = 0; k < p->output_count; k++) {
        gt_dtype dtype = gt_var_dtype(p->outputs[k]);
        const void *x = gt_workspace_value(a, k), *y = gt_workspace_value(b, k);
        double largest = 0, worst = 0;
        for (size_t i = 0; i < count_of(p->outputs[k]); i++) {
            double difference = fabs(gt_entry_at(x, dtype, i) - gt_entry_at(y, dtype, i));
            worst = difference <= worst ? worst : difference; /* keeps a NaN */
            largest = fmax(largest, fabs(gt_entry_at(x, dtype, i)));
        }
        cr_assert(worst <= (dtype == GT_F32 ? 1e-6 : 1e-14) * largest, "%s: output %u differs by %g of %g", what,
                  (unsigned)k, worst, largest);
    }
}

static inline void expect_same_output(const planned *p, uint32_t k, const gt_workspace *a, const gt_workspace *b,
                                      const char *what)
{
    cr_assert_eq(memcmp(gt_workspace_value(a, k), gt_workspace_value(b, k),
                        count_of(p->outputs[k]) * gt_dtype_size(gt_var_dtype(p->outputs[k]))),
                 0, "%s: output %u differs from run to run, or with the number of threads", what, (unsigned)k);
}

static inline void expect_same(const planned *p, const gt_workspace *a, const gt_workspace *b, const char *what)
{
    for (uint32_t k = 0; k < p->output_count; k++)
        expect_same_output(p, k, a, b, what);
}

static inline gt_threads *pool(uint32_t count)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(count, &error);
    cr_assert_not_null(threads, "%s", error.message);
    cr_assert_eq(gt_threads_count(threads), count);
    return threads;
}

/* Loops over segments are looked into. */
static inline uint32_t loops_within(const gt_block *block, int64_t examples)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        if (loop != NULL)
            count += loop->shared ? loops_within(&loop->body, examples) : loop->batch == examples;
    }
    return count;
}

/* How many loops that are in no others, or in loops over segments, divide so many examples. */
static inline uint32_t loops_of(const gt_plan *plan, int64_t examples)
{
    return loops_within(&plan->code.block, examples);
}

#endif
