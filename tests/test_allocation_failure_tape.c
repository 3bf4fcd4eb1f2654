/* Every allocation made to fail in turn: recording, differentiating twice, evaluating. */
#include "gradtape.h"
#include "support/allocation.h"
#include "support/op_cases.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(allocation_failure_tape, .timeout = 300);

enum { MOST = 24, ENTRIES = 4096 };

static double reals[ENTRIES];
static int32_t wholes[ENTRIES]; /* zeros, which every op with an index accepts */

static void fill_reals(void)
{
    for (int i = 0; i < ENTRIES; i++)
        reals[i] = 0.3 + 0.2 * sin(1.3 * i);
}

/* Binds every input of the tape. */
static gt_status bind_all(gt_interpreter *run, gt_tape *tape)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_tape_node_count(tape) && status == GT_OK; i++) {
        gt_var v = gt_tape_var(tape, i);
        if (gt_var_role(v) == GT_ROLE_NONE)
            continue;
        cr_assert_leq(gt_shape_count(gt_var_shape(v)), ENTRIES);
        bool whole = gt_var_dtype(v) == GT_I32;
        status = gt_interpreter_bind(run, v, whole ? (const void *)wholes : (const void *)reals);
    }
    return status;
}

/* Evaluates the vars twice, the second time with the memory of the first; *result is a sum over
 * all. */
static gt_status evaluate(gt_tape *tape, const gt_var *vars, uint32_t count, double *result)
{
    gt_status status = gt_tape_status(tape);
    if (status != GT_OK) {
        cr_assert(tape == NULL || gt_tape_message(tape)[0] != '\0');
        return status;
    }
    gt_interpreter *run = gt_interpreter_new(tape);
    status = run == NULL ? GT_ERROR_MEMORY : bind_all(run, tape);
    for (int i = 0; i < 2 && status == GT_OK; i++)
        status = gt_interpreter_evaluate(run, vars, count);
    *result = 0;
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        const double *value = gt_interpreter_value(run, vars[i]);
        cr_assert_not_null(value);
        for (int64_t k = 0; k < gt_shape_count(gt_var_shape(vars[i])); k++)
            *result += value[k] * (1 + (double)(k % 7));
    }
    if (status != GT_OK)
        cr_assert(gt_interpreter_message(run)[0] != '\0');
    gt_interpreter_free(run);
    return status;
}

/* ---- every op ------------------------------------------------------------------------------ */

/* Its value, its gradient, and the gradient of that. */
static gt_status run_op(const void *context, double *result)
{
    const op_case *c = context;
    gt_tape *tape = gt_tape_new(NULL);
    gt_var inputs[CASE_INPUTS], wrt[CASE_INPUTS], outputs[CASE_PARTS] = {GT_NONE};
    gt_var results[CASE_PARTS + 2 * CASE_INPUTS];
    uint32_t wrt_count = 0;
    for (uint32_t i = 0; i < c->input_count; i++) {
        inputs[i] = gt_input_of(tape, "x", c->below[i] != 0 ? GT_I32 : GT_F64, c->shapes[i]);
        if (c->below[i] == 0)
            wrt[wrt_count++] = inputs[i];
    }
    uint32_t count = op_case_record(c, inputs, outputs);
    for (uint32_t i = 0; i < count; i++)
        results[i] = outputs[i];
    if (count > 0 && wrt_count > 0) {
        gt_grad(outputs, NULL, count, wrt, wrt_count, results + count);
        gt_var slope = gt_sum(gt_tanh(results[count]), GT_ALL_AXES);
        gt_grad(&slope, NULL, 1, wrt, wrt_count, results + count + wrt_count);
        count += 2 * wrt_count;
    }
    gt_status status = evaluate(tape, results, count, result);
    gt_tape_free(tape);
    return status;
}

Test(allocation_failure_tape, every_op)
{
    static op_case cases[MAX_CASES];
    char label[256];
    fill_reals();
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        if (!op_has_cases(op))
            continue;
        uint32_t count = op_cases(op, false, cases);
        cr_assert_gt(count, 0, "%s", op->name);
        for (uint32_t k = 0; k < count && k < 3; k++)
            fail_every_allocation(op_case_label(&cases[k], label, sizeof label), run_op, &cases[k], NULL);
    }
}

/* ---- sequences ----------------------------------------------------------------------------- */

typedef struct sequence_case {
    const gt_cell *cell;
    bool unrolled;
    gt_direction direction;
} sequence_case;

/* A loss of the sequence, its gradient by all parameters, and a Hessian-vector product. */
static gt_status run_sequence(const void *context, double *result)
{
    const sequence_case *c = context;
    const gt_dimension dimensions[] = {{"n_x", 2}, {"n_a", 3}, {"n_y", 2}};
    gt_error error = {GT_OK, ""};
    gt_tape *tape = gt_tape_new(NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = gt_cell_declare(c->cell, dimensions, 3, true, "", set, &error);
    gt_var parameters[MOST], initial[2], states[2], finals[2], outputs[1], gradients[MOST], second[MOST];
    uint32_t count = gt_parameters_count(set);
    if (status == GT_OK)
        status = gt_parameters_record(set, tape, parameters);
    if (status == GT_OK) {
        gt_var x = gt_input(tape, "x", GT_SHAPE(2, 2, 3));
        for (uint32_t k = 0; k < c->cell->state_count; k++)
            initial[k] = gt_state(tape, c->cell->states[k].name, GT_SHAPE(3, 2));
        gt_sequence sequence = {.cell = c->cell,
                                .direction = c->direction,
                                .unrolled = c->unrolled,
                                .with_outputs = true,
                                .inputs = &x,
                                .initial = initial,
                                .parameters = parameters,
                                .states = states,
                                .finals = finals,
                                .outputs = outputs};
        gt_sequence_record(&sequence);
        gt_var loss = gt_sum(gt_mul(outputs[0], gt_exp(outputs[0])), GT_ALL_AXES);
        gt_grad(&loss, NULL, 1, parameters, count, gradients);
        gt_var slope = gt_sum(gt_mul(gradients[0], gradients[0]), GT_ALL_AXES);
        gt_grad(&slope, NULL, 1, parameters, count, second);
        status = evaluate(tape, second, count, result);
    }
    gt_parameters_free(set);
    gt_tape_free(tape);
    return status;
}

Test(allocation_failure_tape, rolled_sequence)
{
    fill_reals();
    const sequence_case lstm = {.cell = &gt_cell_lstm}, rnn = {.cell = &gt_cell_rnn};
    const sequence_case backward = {.cell = &gt_cell_rnn, .direction = GT_BACKWARD};
    fail_every_allocation("rolled rnn", run_sequence, &rnn, NULL);
    fail_every_allocation("rolled lstm", run_sequence, &lstm, NULL);
    fail_every_allocation("rolled rnn, backward", run_sequence, &backward, NULL);
}

Test(allocation_failure_tape, unrolled_sequence)
{
    fill_reals();
    const sequence_case lstm = {.cell = &gt_cell_lstm, .unrolled = true};
    fail_every_allocation("unrolled lstm", run_sequence, &lstm, NULL);
}

/* ---- a scan in a scan ---------------------------------------------------------------------- */

/* A matrix power by an inner loop at each step of an outer one, with its forward derivative. */
static gt_status run_nested(const void *context, double *result)
{
    (void)context;
    gt_tape *tape = gt_tape_new(NULL);
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(2, 2));
    gt_var a0 = gt_state(tape, "a0", GT_SHAPE(2, 1));
    gt_scan *outer = gt_scan_begin(tape, 3, GT_FORWARD);
    gt_var a = gt_scan_carry(outer, "a", a0);
    gt_scan *inner = gt_scan_begin(gt_scan_body(outer), 2, GT_BACKWARD);
    gt_var b = gt_scan_carry(inner, "b", a);
    gt_scan_next(inner, b, gt_tanh(gt_matmul(W, b)));
    gt_scan_end(inner);
    gt_scan_next(outer, a, gt_add(gt_scan_final(inner, b), a0));
    gt_scan_end(outer);
    gt_var loss = gt_sum(gt_scan_final(outer, a), GT_ALL_AXES), results[2];
    gt_grad(&loss, NULL, 1, &W, 1, &results[0]);
    gt_jvp(&loss, 1, &W, &results[0], 1, &results[1]);
    gt_status status = evaluate(tape, results, 2, result);
    gt_tape_free(tape);
    return status;
}

Test(allocation_failure_tape, nested_scans)
{
    fill_reals();
    fail_every_allocation("nested scans", run_nested, NULL, NULL);
}

/* ---- a training step ----------------------------------------------------------------------- */

/* Embedding, two layers with dropout, cross-entropy, gradients of all parameters. */
static gt_status run_network(const void *context, double *result)
{
    (void)context;
    const gt_network network = {
        .cell = &gt_cell_gru, .layer_count = 2, .vocabulary = 5, .embedding = 2, .hidden = 3, .dropout = 0.25};
    gt_error error = {GT_OK, ""};
    gt_tape *tape = gt_tape_new(NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = gt_network_declare(&network, set, &error);
    gt_var parameters[2 * MOST], gradients[2 * MOST], initial[4], finals[4];
    uint32_t count = gt_parameters_count(set);
    cr_assert_leq(count, 2 * MOST);
    if (status == GT_OK)
        status = gt_parameters_record(set, tape, parameters);
    if (status == GT_OK)
        status = gt_network_record_states(&network, tape, 2, initial);
    if (status == GT_OK) {
        gt_network_pass pass = {.network = &network,
                                .parameters = parameters,
                                .initial = initial,
                                .tokens = gt_input_i32(tape, "tokens", GT_SHAPE(2, 3)),
                                .targets = gt_input_i32(tape, "targets", GT_SHAPE(2, 3)),
                                .keys = gt_input_i32(tape, "keys", GT_SHAPE(1, 3)),
                                .finals = finals};
        gt_network_record(&pass);
        gt_grad(&pass.loss, NULL, 1, parameters, count, gradients);
        status = evaluate(tape, gradients, count, result);
    }
    gt_parameters_free(set);
    gt_tape_free(tape);
    return status;
}

Test(allocation_failure_tape, training_step)
{
    fill_reals();
    fail_every_allocation("network", run_network, NULL, NULL);
}
