/*
 * Where compiled loops and products find their arrays: the values that they give, and what the
 * verifier finds where a cursor is wrong.
 */
#include "gradtape.h"

#include "base/entry.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "support/planned.h"
#include "support/uncompiled.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 48, COLUMNS = 9 };

static gt_plan *plan_of(const gt_var *outputs, uint32_t count, const gt_plan_options *options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(outputs, count, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

static void compare(gt_tape *tape, const gt_var *inputs, uint32_t input_count, const gt_var *outputs,
                    uint32_t output_count)
{
    planned_compare(&(planned_tape){.tape = tape,
                                    .inputs = inputs,
                                    .input_count = input_count,
                                    .outputs = outputs,
                                    .output_count = output_count},
                    NULL);
}

/* ---- faults ----------------------------------------------------------------------------------- */

/*
 * A loop whose group reads a sequence, a weight and a state. Forward, the state is stacked, and the gradient adds up
 * over steps; backward, only its last value is wanted, and it takes two places by turns.
 */
static gt_plan *looping(gt_tape *tape, gt_direction direction)
{
    enum { STEPS = 5 };
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS, STEPS));
    gt_var w = gt_parameter(tape, "w", GT_SHAPE(ROWS, 1)), h0 = gt_state(tape, "h", GT_SHAPE(ROWS, COLUMNS));
    gt_var outputs[3];
    gt_scan *scan = gt_scan_begin(tape, STEPS, direction);
    gt_var h = gt_scan_carry(scan, "h", h0), slice = gt_scan_input(scan, "x", x);
    gt_var after = gt_tanh(gt_add(gt_mul(w, h), slice));
    gt_scan_next(scan, h, after);
    gt_scan_end(scan);
    uint32_t count = direction == GT_FORWARD ? 3 : 1;
    outputs[0] = count == 3 ? gt_scan_stack(scan, after) : gt_scan_final(scan, h);
    if (count == 3)
        cr_assert_eq(gt_grad(outputs, NULL, 1, (gt_var[]){w, h0}, 2, outputs + 1), GT_OK, "%s", gt_tape_message(tape));
    compare(tape, (gt_var[]){x, w, h0}, 3, outputs, count);
    return plan_of(outputs, count, NULL);
}

/* The cursor of the first group, or of the first product, that is compiled in a loop. */
static const gt_cursor **cursor_in(const gt_block *block, bool of_product)
{
    for (uint32_t i = 0; i < block->count; i++) {
        gt_group *group = gt_group_of(&block->list[i]);
        gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        if (!of_product && group != NULL && group->cursor != NULL)
            return &group->cursor;
        if (of_product && m != NULL && m->compiled != NULL)
            return &m->compiled->cursor;
    }
    return NULL;
}

static const gt_cursor **find_cursor(const gt_plan *plan, bool of_product)
{
    const gt_cursor **found = NULL;
    for (uint32_t i = 0; i < plan->code.block.count && found == NULL; i++) {
        const gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        found = loop != NULL ? cursor_in(&loop->body, of_product) : NULL;
    }
    return found;
}

static void advance_too_far(gt_cursor *cursor)
{
    static int64_t far[GT_MOST_LOOP_ARRAYS];
    for (int n = 0; n < GT_MOST_LOOP_ARRAYS; n++)
        far[n] = 8;
    cursor->advance = far;
}

static void stay_at_pointer(gt_cursor *cursor)
{
    cursor->turning_count = 0;
}

static void follow_other_pointer(gt_cursor *cursor)
{
    static gt_turning others[GT_MOST_LOOP_ARRAYS];
    memcpy(others, cursor->turning, cursor->turning_count * sizeof *others);
    others[0].pointer++;
    cursor->turning = others;
}

static void begin_behind(gt_cursor *cursor)
{
    cursor->first += 1000;
}

static void stand_still(gt_cursor *cursor)
{
    cursor->moves = false;
}

static void begin_elsewhere(gt_cursor *cursor)
{
    static gt_address begins[GT_MOST_LOOP_ARRAYS];
    memcpy(begins, cursor->begins, cursor->count * sizeof *begins);
    begins[0].offset += 8;
    cursor->begins = begins;
}

static void (*const faults[])(gt_cursor *) = {advance_too_far, stay_at_pointer,      begin_behind,
                                              stand_still,     follow_other_pointer, begin_elsewhere};

/* Each fault, planted in the cursor and taken out again. */
static void check_faults(gt_plan *plan, const gt_cursor **cursor, const char *what)
{
    gt_error error = {0};
    cr_assert_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_OK, "%s", error.message);
    const gt_cursor *right = *cursor;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        gt_cursor wrong = *right;
        if (right->turning_count == 0 && (faults[i] == stay_at_pointer || faults[i] == follow_other_pointer))
            continue;
        faults[i](&wrong);
        *cursor = &wrong;
        cr_expect_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_ERROR_TAPE,
                     "fault %zu of %s", i, what);
        *cursor = right;
    }
}

Test(plan_cursors, faults_in_groups_are_found)
{
    for (int direction = 0; direction < 2; direction++) {
        gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
        gt_plan *plan = looping(tape, direction == 0 ? GT_FORWARD : GT_BACKWARD);
        const gt_cursor **cursor = find_cursor(plan, false);
        cr_expect_eq(cursor != NULL, can_compile());
        if (cursor != NULL) {
            cr_expect(direction == 0 || (*cursor)->turning_count > 0);
            check_faults(plan, cursor, "a group");
        }
        gt_plan_free(plan);
        gt_tape_free(tape);
    }
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

typedef struct values {
    char *bytes;
    size_t count;
} values;

/* The same numbers for every run. */
static void *draw(gt_var input, uint32_t seed)
{
    gt_random random;
    gt_random_seed(&random, seed);
    int64_t count = gt_shape_count(gt_var_shape(input));
    void *data = calloc((size_t)count, sizeof(double));
    for (int64_t i = 0; i < count; i++)
        gt_entry_set(data, gt_var_dtype(input), i, gt_random_normal(&random));
    return data;
}

static values values_of(const layer *l, const gt_workspace *work)
{
    values v = {NULL, 0};
    for (uint32_t k = 0; k < l->output_count; k++) {
        gt_var output = l->outputs[k];
        size_t size = (size_t)gt_shape_count(gt_var_shape(output)) * gt_dtype_size(gt_var_dtype(output));
        v.bytes = realloc(v.bytes, v.count + size);
        memcpy(v.bytes + v.count, gt_workspace_value(work, k), size);
        v.count += size;
    }
    return v;
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
    values v = values_of(l, work);
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

Test(plan_cursors, compiled_products_have_the_bits_of_the_kernels)
{
    static const sizes all[] = {{3, 5, 10, 7, true},  {1, 1, 1, 3, true},  {14, 14, 1, 9, true},
                                {17, 20, 3, 4, true}, {2, 31, 4, 5, true}, {96, 96, 24, 3, false}};
    static const char *const names[] = {"lstm", "gru"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (int n = 0; n < 2; n++)
            for (int d = 0; d < 2; d++)
                check_products(names[n], d == 0 ? GT_F32 : GT_F64, &all[i]);
}

Test(plan_cursors, faults_in_products_are_found)
{
    const gt_dimension dimensions[] = {{"n_x", 3}, {"n_a", 5}, {"n_y", 2}};
    layer l = record_layer("lstm", GT_F32, dimensions, 10, 7);
    gt_plan *plan = plan_of(l.outputs, l.output_count, NULL);
    const gt_cursor **cursor = find_cursor(plan, true);
    cr_expect_eq(cursor != NULL, can_compile());
    if (cursor != NULL)
        check_faults(plan, cursor, "a product");
    gt_plan_free(plan);
    gt_tape_free(l.tape);
}
