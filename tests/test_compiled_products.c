/*
 * Small products that are compiled, in plans: the bits of the kernels on any number of threads, and
 * what the verifier finds where a cursor of theirs is wrong.
 */
#include "gradtape.h"

#include "drawn.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "support/uncompiled.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static gt_plan *plan_of(const gt_var *outputs, uint32_t count, const gt_plan_options *options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(outputs, count, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

/* ---- products --------------------------------------------------------------------------------- */

typedef struct layer {
    gt_tape *tape;
    gt_var inputs[32], outputs[32];
    uint32_t input_count, output_count;
} layer;

/* A training step of a cell: the gradients of its parameters and of x. */
static layer record_layer(const char *name, gt_dtype dtype, const gt_dimension *dimensions, int64_t batch,
                          int64_t steps)
{
    layer l = {.tape = gt_tape_new(&(gt_tape_options){.dtype = dtype})};
    const gt_cell *cell = gt_cell_find(name);
    gt_var initial[4], states[4], wrt[32];
    gt_error error = {0};
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, &error), GT_OK);
        l.inputs[l.input_count++] = gt_parameter(l.tape, cell->parameters[k].name, shape);
    }
    gt_var x = l.inputs[l.input_count++] = gt_input(l.tape, "x", GT_SHAPE(dimensions[0].size, batch, steps));
    uint32_t wanted = 0;
    for (uint32_t k = 0; k < l.input_count; k++)
        if (k >= cell->parameter_count || !cell->parameters[k].output_only)
            wrt[wanted++] = l.inputs[k];
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = l.inputs[l.input_count++] =
            gt_state(l.tape, cell->states[k].name, GT_SHAPE(dimensions[1].size, batch));
    gt_sequence sequence = {.cell = cell, .inputs = &x, .initial = initial, .parameters = l.inputs, .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(l.tape));
    gt_var cotangent = l.inputs[l.input_count++] = gt_input(l.tape, "da", GT_SHAPE(dimensions[1].size, batch, steps));
    cr_assert_eq(gt_grad(states, &cotangent, 1, wrt, wanted, l.outputs), GT_OK, "%s", gt_tape_message(l.tape));
    l.outputs[wanted] = states[0];
    l.output_count = wanted + 1;
    return l;
}

static uint32_t count_compiled(const gt_block *block)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        const gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        count += (m != NULL && m->compiled != NULL) + (loop != NULL ? count_compiled(&loop->body) : 0);
    }
    return count;
}

/* All outputs; `compiled`: how many products are. */
static values run(const layer *l, const char *skipped, uint32_t thread_count, uint32_t *compiled)
{
    gt_plan *plan =
        plan_of(l->outputs, l->output_count, &(gt_plan_options){.skip = (const char *const[]){skipped, NULL}});
    gt_threads *threads = gt_threads_new(thread_count, NULL);
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    cr_assert_not_null(work);
    void *data[32];
    for (uint32_t k = 0; k < l->input_count; k++) {
        data[k] = draw(l->inputs[k], k);
        gt_workspace_bind(work, l->inputs[k], data[k]); /* refused where the plan needs it not */
    }
    cr_assert_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
    values v = values_of(l->outputs, l->output_count, work);
    *compiled = count_compiled(&plan->code.block);
    gt_workspace_free(work);
    gt_threads_free(threads);
    gt_plan_free(plan);
    for (uint32_t k = 0; k < l->input_count; k++)
        free(data[k]);
    return v;
}

typedef struct sizes {
    int64_t n_x, n_a, batch, steps;
    bool all; /* products are small */
} sizes;

/* The bits are those of the kernels, whoever does which columns. */
static void check_products(const char *name, gt_dtype dtype, const sizes *s)
{
    const gt_dimension dimensions[] = {{"n_x", s->n_x}, {"n_a", s->n_a}, {"n_y", 2}};
    layer l = record_layer(name, dtype, dimensions, s->batch, s->steps);
    uint32_t compiled = 0, none = 0;
    values kernels = run(&l, "compile-products", 1, &none);
    cr_expect_eq(none, 0);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        values v = run(&l, NULL, threads, &compiled);
        cr_assert_eq(v.count, kernels.count);
        cr_expect_arr_eq(v.bytes, kernels.bytes, v.count, "%s, n_x = %d, n_a = %d, m = %d, %u threads", name,
                         (int)s->n_x, (int)s->n_a, (int)s->batch, (unsigned)threads);
        free(v.bytes);
    }
    if (can_compile())
        cr_expect(s->all ? compiled >= 4 : compiled == 0, "%s: %u products", name, (unsigned)compiled);
    free(kernels.bytes);
    gt_tape_free(l.tape);
}

Test(compiled_products, compiled_products_have_the_bits_of_the_kernels)
{
    static const sizes all[] = {{3, 5, 10, 7, true},  {1, 1, 1, 3, true},  {14, 14, 1, 9, true},
                                {17, 20, 3, 4, true}, {2, 31, 4, 5, true}, {96, 96, 24, 3, false}};
    static const char *const names[] = {"lstm", "gru"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (int n = 0; n < 2; n++)
            for (int d = 0; d < 2; d++)
                check_products(names[n], d == 0 ? GT_F32 : GT_F64, &all[i]);
}

/* ---- faults of their cursors ------------------------------------------------------------------ */

/* The cursor of the first product that is compiled in a loop. */
static const gt_cursor **find_cursor(const gt_plan *plan)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        for (uint32_t k = 0; loop != NULL && k < loop->body.count; k++) {
            gt_multiplication *m = gt_multiplication_of(&loop->body.list[k]);
            if (m != NULL && m->compiled != NULL)
                return &m->compiled->cursor;
        }
    }
    return NULL;
}

static void stand_still(gt_cursor *cursor)
{
    cursor->moves = false;
}

static void begin_behind(gt_cursor *cursor)
{
    cursor->first += 1000;
}

static void begin_elsewhere(gt_cursor *cursor)
{
    static gt_address begins[GT_MOST_LOOP_ARRAYS];
    memcpy(begins, cursor->begins, cursor->count * sizeof *begins);
    begins[0].offset += 8;
    cursor->begins = begins;
}

static void advance_too_far(gt_cursor *cursor)
{
    static int64_t far[GT_MOST_LOOP_ARRAYS];
    for (int n = 0; n < GT_MOST_LOOP_ARRAYS; n++)
        far[n] = 8;
    cursor->advance = far;
}

static const struct {
    void (*plant)(gt_cursor *);
    const char *message;
} faults[] = {
    {stand_still, "a product has a cursor that does not fit the loop around it"},
    {begin_behind, "a product has a cursor that is not there"},
    {begin_elsewhere, "a product has a cursor to other arrays"},
    {advance_too_far, "a product goes to another place than the next step's"},
};

/* Each fault, planted in the cursor and taken out again. */
static void check_faults(gt_plan *plan, const gt_cursor **cursor)
{
    gt_error error = {0};
    cr_assert_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_OK, "%s", error.message);
    const gt_cursor *right = *cursor;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        gt_cursor wrong = *right;
        faults[i].plant(&wrong);
        *cursor = &wrong;
        cr_expect_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_ERROR_TAPE);
        cr_expect(strstr(error.message, faults[i].message) != NULL, "not '%s' but '%s'", faults[i].message,
                  error.message);
        *cursor = right;
    }
}

Test(compiled_products, faults_in_products_are_found)
{
    const gt_dimension dimensions[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    layer l = record_layer("lstm", GT_F32, dimensions, 10, 7);
    gt_plan *plan = plan_of(l.outputs, l.output_count, NULL);
    const gt_cursor **cursor = find_cursor(plan);
    cr_expect_eq(cursor != NULL, can_compile());
    if (cursor != NULL)
        check_faults(plan, cursor);
    gt_plan_free(plan);
    gt_tape_free(l.tape);
}
