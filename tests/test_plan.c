/* The public side of plans: binding, running, errors. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct small {
    gt_tape *tape;
    gt_var W, x, y, dW;
    gt_plan *plan;
    gt_workspace *work;
} small;

/* y = sum(tanh(W x)) and its gradient. */
static small begin(void)
{
    small s = {.tape = gt_tape_new(NULL)};
    s.W = gt_parameter(s.tape, "W", GT_SHAPE(2, 3));
    s.x = gt_input(s.tape, "x", GT_SHAPE(3, 1));
    s.y = gt_sum(gt_tanh(gt_matmul(s.W, s.x)), GT_ALL_AXES);
    gt_grad(&s.y, NULL, 1, &s.W, 1, &s.dW);
    gt_var outputs[3] = {s.y, s.dW, s.x};
    gt_error error = {0};
    s.plan = gt_plan_new(outputs, 3, NULL, &error);
    cr_assert_not_null(s.plan, "%s", error.message);
    s.work = gt_workspace_new(s.plan);
    cr_assert_not_null(s.work);
    return s;
}

static void end(small *s)
{
    gt_workspace_free(s->work);
    gt_plan_free(s->plan);
    gt_tape_free(s->tape);
}

Test(plan, gives_values_and_gradients_and_sees_new_data)
{
    small s = begin();
    double W[6] = {1, 2, 3, 4, 5, 6}, x[3] = {0.1, 0.2, 0.3};
    cr_assert_null(gt_workspace_value(s.work, 0));
    cr_assert_eq(gt_workspace_bind(s.work, s.W, W), GT_OK);
    cr_assert_eq(gt_workspace_bind(s.work, s.x, x), GT_OK);
    for (int run = 0; run < 2; run++) {
        x[0] = 0.1 * (run + 1);
        cr_assert_eq(gt_workspace_run(s.work), GT_OK, "%s", gt_workspace_message(s.work));
        double a = tanh(W[0] * x[0] + W[2] * x[1] + W[4] * x[2]);
        double b = tanh(W[1] * x[0] + W[3] * x[1] + W[5] * x[2]);
        const double *y = gt_workspace_value(s.work, 0), *dW = gt_workspace_value(s.work, 1);
        cr_assert(fabs(*y - (a + b)) <= 1e-15);
        for (int j = 0; j < 3; j++) {
            cr_assert(fabs(dW[2 * j] - (1 - a * a) * x[j]) <= 1e-15);
            cr_assert(fabs(dW[2 * j + 1] - (1 - b * b) * x[j]) <= 1e-15);
        }
        cr_assert_eq(gt_workspace_value(s.work, 2), x, "an output that is an input is the user's own data");
    }
    cr_assert_null(gt_workspace_value(s.work, 3));
    end(&s);
}

Test(plan, values_come_with_type_and_shape)
{
    small s = begin();
    double W[6] = {1, 2, 3, 4, 5, 6}, x[3] = {0.1, 0.2, 0.3};
    cr_expect_null(gt_workspace_array(s.work, 1).data);
    gt_workspace_bind(s.work, s.W, W);
    gt_workspace_bind(s.work, s.x, x);
    cr_assert_eq(gt_workspace_run(s.work), GT_OK);
    gt_interpreter *run = gt_interpreter_new(s.tape);
    gt_interpreter_bind(run, s.W, W);
    gt_interpreter_bind(run, s.x, x);
    const gt_var outputs[3] = {s.y, s.dW, s.x};
    cr_assert_eq(gt_interpreter_evaluate(run, outputs, 3), GT_OK);
    for (uint32_t i = 0; i < 3; i++) {
        gt_array planned = gt_workspace_array(s.work, i), interpreted = gt_interpreter_array(run, outputs[i]);
        cr_expect_eq(planned.data, gt_workspace_value(s.work, i));
        cr_expect_eq(interpreted.data, gt_interpreter_value(run, outputs[i]));
        cr_expect(planned.dtype == GT_F64 && gt_shape_equal(planned.shape, gt_var_shape(outputs[i])), "output %u", i);
        cr_expect(interpreted.dtype == GT_F64 && gt_shape_equal(interpreted.shape, gt_var_shape(outputs[i])));
    }
    cr_expect_null(gt_workspace_array(s.work, 3).data);
    cr_expect_null(gt_interpreter_array(NULL, s.y).data);
    gt_interpreter_free(run);
    end(&s);
}

Test(plan, the_headers_are_of_the_version_of_the_library)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", GT_VERSION_MAJOR, GT_VERSION_MINOR, GT_VERSION_PATCH);
    cr_expect_str_eq(gt_version(), text);
    cr_expect_eq(gt_version_number(), GT_VERSION_NUMBER);
}

Test(plan, may_outlive_its_tape)
{
    small s = begin();
    double W[6] = {1, 2, 3, 4, 5, 6}, x[3] = {0.1, 0.2, 0.3};
    gt_workspace_bind(s.work, s.W, W);
    gt_workspace_bind(s.work, s.x, x);
    gt_tape_free(s.tape);
    s.tape = NULL;
    cr_assert_eq(gt_workspace_run(s.work), GT_OK);
    end(&s);
}

Test(plan, names_an_input_without_a_value)
{
    small s = begin();
    double W[6] = {0};
    gt_workspace_bind(s.work, s.W, W);
    cr_assert_eq(gt_workspace_run(s.work), GT_ERROR_UNBOUND);
    cr_assert(strstr(gt_workspace_message(s.work), "'x'") != NULL, "%s", gt_workspace_message(s.work));
    cr_assert_null(gt_workspace_value(s.work, 0));
    end(&s);
}

Test(plan, refuses_what_is_no_input)
{
    small s = begin();
    double value = 0;
    cr_assert_eq(gt_workspace_bind(s.work, s.y, &value), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_workspace_bind(s.work, s.x, NULL), GT_ERROR_ARGUMENT);
    gt_tape *other = gt_tape_new(NULL);
    gt_var stranger = gt_input(other, "W", GT_SHAPE(2, 3));
    cr_assert_eq(gt_workspace_bind(s.work, stranger, &value), GT_ERROR_ARGUMENT);
    gt_tape_free(other);
    cr_assert_eq(gt_workspace_bind(NULL, s.x, &value), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_workspace_run(NULL), GT_ERROR_ARGUMENT);
    cr_assert_null(gt_workspace_new(NULL));
    end(&s);
}

Test(plan, refuses_bad_outputs)
{
    gt_error error = {0};
    gt_var none = GT_NONE;
    cr_assert_null(gt_plan_new(NULL, 0, NULL, &error));
    cr_assert_eq(error.status, GT_ERROR_ARGUMENT);
    cr_assert_null(gt_plan_new(&none, 1, NULL, &error));
    cr_assert_eq(error.status, GT_ERROR_TAPE);
    gt_tape *t = gt_tape_new(NULL);
    gt_var x = gt_input(t, "x", GT_SHAPE(3));
    gt_add(x, gt_input(t, "y", GT_SHAPE(4)));
    cr_assert_null(gt_plan_new(&x, 1, NULL, &error));
    cr_assert_eq(error.status, GT_ERROR_SHAPE);
    cr_assert(strstr(error.message, "(4)") != NULL, "%s", error.message);
    gt_tape_free(t);
}

Test(plan, reports_an_index_out_of_range)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_var table = gt_parameter(t, "table", GT_SHAPE(2, 4)), index = gt_input_i32(t, "index", GT_SHAPE(3));
    gt_var column = gt_gather(table, index);
    gt_plan *plan = gt_plan_new(&column, 1, NULL, NULL);
    gt_workspace *work = gt_workspace_new(plan);
    double data[8] = {0};
    int32_t indices[3] = {0, 4, 1};
    gt_workspace_bind(work, table, data);
    gt_workspace_bind(work, index, indices);
    cr_assert_eq(gt_workspace_run(work), GT_ERROR_VALUE);
    cr_assert(strstr(gt_workspace_message(work), "index 4") != NULL, "%s", gt_workspace_message(work));
    indices[1] = 3;
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    cr_assert_str_empty(gt_workspace_message(work));
    gt_workspace_free(work);
    gt_plan_free(plan);
    gt_tape_free(t);
}

Test(plan, lists_its_passes)
{
    uint32_t count = 0;
    while (gt_plan_pass(count) != NULL)
        cr_assert_str_not_empty(gt_plan_pass(count++));
    cr_assert_gt(count, 3);
}

/* Planning a scan costs the same for every length; so does its plan's memory but for the stacks. */
Test(plan, does_not_grow_with_steps_beyond_its_stacks)
{
    size_t bytes[2];
    int64_t steps[2] = {10, 1000};
    for (int k = 0; k < 2; k++) {
        gt_tape *t = gt_tape_new(NULL);
        gt_var a0 = gt_state(t, "a0", GT_SHAPE(4, 2)), w = gt_parameter(t, "w", GT_SHAPE(4, 4));
        gt_scan *scan = gt_scan_begin(t, steps[k], GT_FORWARD);
        gt_var a = gt_scan_carry(scan, "a", a0);
        gt_scan_next(scan, a, gt_tanh(gt_matmul(w, a)));
        gt_scan_end(scan);
        gt_var final = gt_scan_final(scan, a);
        gt_plan *plan = gt_plan_new(&final, 1, NULL, NULL);
        bytes[k] = gt_plan_bytes(plan);
        gt_plan_free(plan);
        gt_tape_free(t);
    }
    cr_assert_eq(bytes[0], bytes[1], "nothing is stacked, so nothing may grow");
}
