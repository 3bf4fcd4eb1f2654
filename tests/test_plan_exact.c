/* Exact plans give the interpreter's bits: all cells, rolled and unrolled, first and second order. */
#include "recurrent.h"

#include <criterion/criterion.h>

enum { MOST = 3 * MAX_ARRAYS };

/* A sequence, all that is computed of it, and the numbers that it is given. */
typedef struct exact {
    recurrent r;
    gt_var outputs[MOST], inputs[MOST];
    void *data[MOST];
    uint32_t output_count, input_count;
    gt_plan *plan;
    gt_workspace *work;
} exact;

/* The gradient of the sum of all gradients, each times random numbers. */
static void record_second_order(exact *e)
{
    gt_var second[MAX_ARRAYS], directions[MAX_ARRAYS];
    for (uint32_t i = 0; i < e->r.given_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "direction %u", (unsigned)i);
        directions[i] = gt_input(e->r.tape, name, gt_var_shape(e->r.gradients[i]));
        e->inputs[e->input_count++] = directions[i];
    }
    gt_grad(e->r.gradients, directions, e->r.given_count, e->r.given, e->r.given_count, second);
    for (uint32_t i = 0; i < e->r.given_count; i++)
        e->outputs[e->output_count++] = second[i];
    cr_assert_eq(gt_tape_status(e->r.tape), GT_OK, "%s", gt_tape_message(e->r.tape));
}

static void list(exact *e, bool second_order)
{
    for (uint32_t i = 0; i < e->r.answer_count; i++) {
        e->outputs[e->output_count++] = e->r.answers[i];
        e->inputs[e->input_count++] = e->r.cotangents[i];
    }
    for (uint32_t i = 0; i < e->r.given_count; i++) {
        e->outputs[e->output_count++] = e->r.gradients[i];
        e->inputs[e->input_count++] = e->r.given[i];
    }
    if (second_order)
        record_second_order(e);
}

static void run(exact *e)
{
    gt_error error = {0};
    e->plan = gt_plan_new(e->outputs, e->output_count, &(gt_plan_options){.exact = true}, &error);
    cr_assert_not_null(e->plan, "%s", error.message);
    e->work = gt_workspace_new(e->plan);
    e->r.run = gt_interpreter_new(e->r.tape);
    cr_assert(e->work != NULL && e->r.run != NULL);
    for (uint32_t i = 0; i < e->input_count; i++) {
        bind_random(e->r.run, e->inputs[i], 3, &e->data[i]);
        cr_assert_eq(gt_workspace_bind(e->work, e->inputs[i], e->data[i]), GT_OK);
    }
    cr_assert_eq(gt_interpreter_evaluate(e->r.run, e->outputs, e->output_count), GT_OK, "%s",
                 gt_interpreter_message(e->r.run));
    cr_assert_eq(gt_workspace_run(e->work), GT_OK, "%s", gt_workspace_message(e->work));
}

static void end(exact *e)
{
    gt_workspace_free(e->work);
    gt_plan_free(e->plan);
    for (uint32_t i = 0; i < e->input_count; i++)
        free(e->data[i]);
    recurrent_free(&e->r);
    free(e);
}

static exact *begin(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, bool second_order)
{
    exact *e = calloc(1, sizeof *e);
    cr_assert_not_null(e);
    e->r = recurrent_record(cell, sizes, form);
    list(e, second_order);
    run(e);
    return e;
}

static double number_at(const void *data, gt_dtype dtype, size_t i)
{
    return dtype == GT_F32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
}

static void expect_interpreter(const exact *e, const char *what)
{
    for (uint32_t k = 0; k < e->output_count; k++) {
        const void *a = gt_interpreter_value(e->r.run, e->outputs[k]), *b = gt_workspace_value(e->work, k);
        size_t bytes = count_of(e->outputs[k]) * gt_dtype_size(gt_var_dtype(e->outputs[k]));
        cr_assert(a != NULL && b != NULL);
        cr_expect_eq(memcmp(a, b, bytes), 0, "%s: output %u differs from the interpreter's", what, (unsigned)k);
    }
}

/* == lets 0 and -0 pass for the same; a NaN fails. */
static void expect_same(const exact *a, const exact *b, const char *what)
{
    cr_assert_eq(a->output_count, b->output_count);
    for (uint32_t k = 0; k < a->output_count; k++) {
        const void *x = gt_workspace_value(a->work, k), *y = gt_workspace_value(b->work, k);
        gt_dtype dtype = gt_var_dtype(a->outputs[k]);
        for (size_t i = 0; i < count_of(a->outputs[k]); i++)
            cr_assert(number_at(x, dtype, i) == number_at(y, dtype, i),
                      "%s: output %u [%zu] is %.17g rolled, %.17g unrolled", what, (unsigned)k, i,
                      number_at(x, dtype, i), number_at(y, dtype, i));
    }
}

static void check(const gt_cell *cell, recurrent_sizes sizes, gt_dtype dtype, gt_direction direction, bool second_order)
{
    char what[120];
    snprintf(what, sizeof what, "%s, %s, %s, m = %d, T = %d", cell->name, gt_dtype_name(dtype),
             direction == GT_FORWARD ? "forward" : "backward", (int)sizes.m, (int)sizes.T);
    exact *rolled = begin(cell, sizes, (recurrent_form){false, direction, dtype}, second_order);
    exact *unrolled = begin(cell, sizes, (recurrent_form){true, direction, dtype}, second_order);
    expect_interpreter(rolled, what);
    expect_interpreter(unrolled, what);
    /* Second derivatives of the two forms sum in another order, in the interpreter too. */
    if (!second_order)
        expect_same(rolled, unrolled, what);
    end(rolled);
    end(unrolled);
}

static void check_all(bool second_order)
{
    static const recurrent_sizes sizes[] = {{3, 5, 2, 4, 6}, {7, 16, 5, 1, 3}, {1, 2, 2, 9, 1}, {20, 33, 17, 12, 4}};
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
                check(gt_cell_at(c), sizes[s], dtype, GT_FORWARD, second_order);
                check(gt_cell_at(c), sizes[s], dtype, GT_BACKWARD, second_order);
            }
}

Test(plan_exact, gives_the_interpreters_bits_and_those_of_the_unrolled_tape)
{
    check_all(false);
}

Test(plan_exact, gives_them_for_second_derivatives)
{
    check_all(true);
}
