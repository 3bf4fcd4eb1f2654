/* Every pass leaves the values as they were: planned programs against the interpreter on the tape itself. */
#include "plan/pipeline.h"

#include "gradtape.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_X = 3, N_A = 4, N_Y = 2, M = 2, T = 5, MOST = 32 };

typedef struct recorded {
    gt_tape *tape;
    gt_var outputs[MOST], inputs[MOST];
    uint32_t output_count, input_count;
    double *data[MOST];
} recorded;

static void add_input(recorded *r, gt_var v, gt_random *random)
{
    int64_t count = gt_shape_count(gt_var_shape(v));
    r->data[r->input_count] = malloc((size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++)
        r->data[r->input_count][i] = 0.5 * gt_random_normal(random);
    r->inputs[r->input_count++] = v;
}

/* A cell with its output layer; the gradients of everything from random cotangents of states and outputs. */
static void record_cell(recorded *r, const gt_cell *cell, gt_direction direction, bool unrolled)
{
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}, {"n_y", N_Y}};
    gt_error error = {0};
    gt_random random;
    gt_random_seed(&random, 3);
    *r = (recorded){.tape = gt_tape_new(NULL)};
    gt_var parameters[MOST], initial[MOST], states[MOST], finals[MOST], y;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, &error), GT_OK);
        add_input(r, parameters[k] = gt_parameter(r->tape, cell->parameters[k].name, shape), &random);
    }
    gt_var x = gt_input(r->tape, "x", GT_SHAPE(N_X, M, T));
    add_input(r, x, &random);
    for (uint32_t k = 0; k < cell->state_count; k++)
        add_input(r, initial[k] = gt_state(r->tape, cell->states[k].name, GT_SHAPE(N_A, M)), &random);
    gt_sequence sequence = {.cell = cell,
                            .direction = direction,
                            .unrolled = unrolled,
                            .with_outputs = true,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states,
                            .finals = finals,
                            .outputs = &y};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(r->tape));
    gt_var sources[3] = {states[0], y, finals[cell->state_count - 1]}, cotangents[3];
    for (int i = 0; i < 3; i++) {
        cotangents[i] = gt_input(r->tape, "cotangent", gt_var_shape(sources[i]));
        r->outputs[r->output_count++] = sources[i];
    }
    uint32_t wrt = r->input_count;
    cr_assert_eq(gt_grad(sources, cotangents, 3, r->inputs, wrt, r->outputs + r->output_count), GT_OK);
    r->output_count += wrt;
    for (int i = 0; i < 3; i++)
        add_input(r, cotangents[i], &random);
    cr_assert_eq(gt_tape_status(r->tape), GT_OK, "%s", gt_tape_message(r->tape));
}

static void forget(recorded *r)
{
    for (uint32_t i = 0; i < r->input_count; i++)
        free(r->data[i]);
    gt_tape_free(r->tape);
}

static gt_interpreter *evaluate(gt_tape *tape, const gt_var *inputs, double *const *data, uint32_t input_count,
                                const gt_var *outputs, uint32_t output_count)
{
    gt_interpreter *run = gt_interpreter_new(tape);
    for (uint32_t i = 0; i < input_count; i++)
        if (gt_var_valid(inputs[i]))
            cr_assert_eq(gt_interpreter_bind(run, inputs[i], data[i]), GT_OK, "%s", gt_interpreter_message(run));
    cr_assert_eq(gt_interpreter_evaluate(run, outputs, output_count), GT_OK, "%s", gt_interpreter_message(run));
    return run;
}

static void compare_plan(const recorded *r, const char *const *skip, const char *what)
{
    void *data[sizeof r->data / sizeof *r->data];
    for (uint32_t i = 0; i < r->input_count; i++)
        data[i] = r->data[i];
    planned_compare(&(planned_tape){.tape = r->tape,
                                    .inputs = r->inputs,
                                    .input_count = r->input_count,
                                    .data = data,
                                    .outputs = r->outputs,
                                    .output_count = r->output_count,
                                    .skip = skip,
                                    .what = what},
                    NULL);
}

static void compare(const recorded *r, const char *const *skip, const char *what)
{
    gt_program program;
    gt_error error = {0};
    cr_assert_eq(gt_pipeline_run(r->outputs, r->output_count, &(gt_plan_options){.skip = skip}, &program, &error),
                 GT_OK, "%s: %s", what, error.message);
    gt_interpreter *plain = evaluate(r->tape, r->inputs, r->data, r->input_count, r->outputs, r->output_count);
    cr_assert_eq(program.input_count, r->input_count);
    gt_interpreter *planned =
        evaluate(program.tape, program.inputs, r->data, r->input_count, program.outputs, r->output_count);
    for (uint32_t k = 0; k < r->output_count; k++) {
        int64_t count = gt_shape_count(gt_var_shape(r->outputs[k]));
        cr_assert(gt_shape_equal(gt_var_shape(r->outputs[k]), gt_var_shape(program.outputs[k])));
        const double *a = gt_interpreter_value(plain, r->outputs[k]);
        const double *b = gt_interpreter_value(planned, program.outputs[k]);
        for (int64_t i = 0; i < count; i++)
            cr_assert(fabs(a[i] - b[i]) <= 1e-12 * (1 + fabs(a[i])), "%s: output %u '%s' [%d]: %.17g and %.17g", what,
                      (unsigned)k, gt_var_name(r->outputs[k]), (int)i, a[i], b[i]);
    }
    compare_plan(r, skip, what);
    gt_interpreter_free(plain);
    gt_interpreter_free(planned);
    gt_program_free(&program);
}

Test(passes, leave_the_values_of_every_cell)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (int variant = 0; variant < 4; variant++) {
            recorded r;
            record_cell(&r, gt_cell_at(c), variant & 1 ? GT_BACKWARD : GT_FORWARD, variant & 2);
            compare(&r, NULL, gt_cell_at(c)->name);
            forget(&r);
        }
}

Test(passes, can_be_left_out_one_by_one)
{
    for (const gt_pass *pass = gt_pipeline; pass->name != NULL; pass++) {
        recorded r;
        const char *skip[] = {pass->name, NULL};
        record_cell(&r, &gt_cell_gru, GT_FORWARD, false);
        compare(&r, skip, pass->name);
        forget(&r);
    }
}

/* What is left in the loops of an LSTM's training step: products of the recurrent weights alone. */
static void count_products(gt_tape *tape, uint32_t *outside, uint32_t *inside)
{
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++) {
        gt_var v = gt_tape_var(tape, i);
        if (gt_var_op(v)->op_class == GT_CLASS_MATRIX_PRODUCT)
            (*outside)++;
        if (gt_var_op(v)->op_class == GT_CLASS_SCAN) {
            uint32_t nested = 0;
            count_products(gt_scan_body(gt_var_scan(v)), inside, &nested);
        }
    }
}

Test(passes, take_all_but_the_recurrent_products_out_of_the_loop)
{
    recorded r;
    gt_program program;
    record_cell(&r, &gt_cell_lstm, GT_FORWARD, false);
    cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
    uint32_t outside = 0, inside = 0;
    count_products(program.tape, &outside, &inside);
    /* Four gates forward and four backward; nothing for concat, weights, x or the output layer. */
    cr_assert_eq(inside, 4 + 4, "%u products are in the loops", (unsigned)inside);
    gt_program_free(&program);
    forget(&r);
}

/* ---- gates in one weight, sliced apart ------------------------------------------------------ */

/* a' = tanh(z[2n:]) * sigmoid(z[:n]) + sigmoid(z[n:2n]) with z = W @ concat(a, x) + b. */
static void sliced_step(gt_cell_step *s)
{
    gt_var z =
        gt_add(gt_matmul(s->parameters[0], gt_concat((gt_var[]){s->states[0], s->inputs[0]}, 2, 0)), s->parameters[1]);
    gt_var first = gt_sigmoid(gt_slice(z, 0, 0, N_A)), second = gt_sigmoid(gt_slice(z, 0, N_A, 2 * N_A));
    s->next_states[0] = gt_add(gt_mul(gt_tanh(gt_slice(z, 0, 2 * N_A, 3 * N_A)), first), second);
}

static void sliced_output(gt_cell_step *s)
{
    s->outputs[0] = gt_softmax(gt_matmul(s->parameters[2], s->next_states[0]));
}

static const gt_cell_array sliced_rows[] = {
    {.name = "x", .rows = "n_x"}, {.name = "a", .rows = "n_a"}, {.name = "y", .rows = "n_y"}};
static const gt_cell_array sliced_parameters[] = {{.name = "W", .rows = "3 * n_a", .columns = "n_a + n_x"},
                                                  {.name = "b", .rows = "3 * n_a"},
                                                  {.name = "Wy", .rows = "n_y", .columns = "n_a"}};
/* A cell of one input, one state and one output. */
#define CELL(NAME, STEP, PARAMETERS)                                                                                   \
    {                                                                                                                  \
        .name = NAME, .step = STEP, .output = sliced_output, .inputs = &sliced_rows[0], .input_count = 1,              \
        .states = &sliced_rows[1], .state_count = 1, .outputs = &sliced_rows[2], .output_count = 1,                    \
        .parameters = PARAMETERS, .parameter_count = sizeof(PARAMETERS) / sizeof *(PARAMETERS)                         \
    }
static const gt_cell sliced = CELL("sliced", sliced_step, sliced_parameters);

static uint32_t count_in_loops(gt_tape *tape, const char *name, bool in_loop)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++) {
        gt_var v = gt_tape_var(tape, i);
        count += in_loop && strcmp(gt_var_op(v)->name, name) == 0;
        if (gt_var_op(v)->op_class == GT_CLASS_SCAN)
            count += count_in_loops(gt_scan_body(gt_var_scan(v)), name, true);
    }
    return count;
}

Test(passes, join_what_slices_took_apart)
{
    for (int variant = 0; variant < 4; variant++) {
        recorded r;
        record_cell(&r, &sliced, variant & 1 ? GT_BACKWARD : GT_FORWARD, variant & 2);
        compare(&r, NULL, "sliced");
        compare(&r, (const char *[]){"join-pads", NULL}, "sliced, without join-pads");
        forget(&r);
    }
}

/* Neither the concats of the formulas nor the zeros around the gates' gradients are made at any step. */
Test(passes, leave_no_concat_in_a_loop)
{
    const gt_cell *const cells[] = {&gt_cell_lstm, &gt_cell_gru, &sliced};
    for (int c = 0; c < 3; c++) {
        recorded r;
        gt_program program;
        record_cell(&r, cells[c], GT_FORWARD, false);
        cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
        cr_expect_eq(count_in_loops(program.tape, "concat", false), 0, "%s", cells[c]->name);
        cr_expect_eq(count_in_loops(program.tape, "pad", false), 0, "%s", cells[c]->name);
        gt_program_free(&program);
        forget(&r);
    }
}

/* ---- a state whose rows are read one by one ------------------------------------------------- */

static gt_var row_of(gt_var a, int row)
{
    return gt_slice(a, 0, row, row + 1);
}

/* a' = 0.9 a + [tanh(u[0] a[0]); tanh(u[1] a[1]); ...] + sin(a[0]) a[2], u = V @ x: a[0] and a[2] are read twice. */
static void rows_step(gt_cell_step *s)
{
    gt_var a = s->states[0], u = gt_matmul(s->parameters[1], s->inputs[0]), rows[N_A];
    for (int k = 0; k < N_A; k++)
        rows[k] = gt_tanh(gt_mul(row_of(u, k), row_of(a, k)));
    gt_var kept = gt_add(gt_mul(gt_constant(s->tape, 0.9), a), gt_concat(rows, N_A, 0));
    s->next_states[0] = gt_add(kept, gt_mul(gt_sin(row_of(a, 0)), row_of(a, 2)));
}

/* a' = 0.9 a + sin(a[0]) a[2]: what is between them gets nothing. */
static void apart_step(gt_cell_step *s)
{
    gt_var a = s->states[0], u = gt_matmul(s->parameters[1], s->inputs[0]);
    s->next_states[0] =
        gt_add(gt_add(gt_mul(gt_constant(s->tape, 0.9), a), u), gt_mul(gt_sin(row_of(a, 0)), row_of(a, 2)));
}

static const gt_cell_array antisymmetric_parameters[] = {{.name = "W", .rows = "n_a", .columns = "n_a"},
                                                         {.name = "V", .rows = "n_a", .columns = "n_x"},
                                                         {.name = "Wy", .rows = "n_y", .columns = "n_a"}};
static const gt_cell rows_cell = CELL("rows", rows_step, antisymmetric_parameters);
static const gt_cell apart_cell = CELL("rows apart", apart_step, antisymmetric_parameters);

/* What reads of rows bring to the state's adjoint is added to it at once, in one concat. */
Test(passes, join_what_is_padded_beside_other_terms)
{
    const gt_cell *const cells[] = {&rows_cell, &apart_cell};
    for (int c = 0; c < 2; c++) {
        recorded r;
        gt_program program;
        record_cell(&r, cells[c], GT_FORWARD, false);
        compare(&r, NULL, cells[c]->name);
        compare(&r, (const char *[]){"join-pads", NULL}, cells[c]->name);
        cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
        /* The rows up to the third one of `apart` are one padded array, all rows of the other none. */
        cr_expect_eq(count_in_loops(program.tape, "pad", false), (uint32_t)c, "%s", cells[c]->name);
        cr_expect_leq(count_in_loops(program.tape, "concat", false), 2, "%s", cells[c]->name);
        gt_program_free(&program);
        forget(&r);
    }
}

/* ---- a weight that is used as it is and transposed ------------------------------------------ */

/* a' = a + 0.1 tanh((W - W.T - 0.01) @ a + V @ x): of the gradient of W, half passes a transposition. */
static void antisymmetric_step(gt_cell_step *s)
{
    gt_var W = s->parameters[0], shift = gt_constant(s->tape, 0.01);
    gt_var weight = gt_sub(gt_sub(W, gt_transpose(W)), shift);
    gt_var z = gt_add(gt_matmul(weight, s->states[0]), gt_matmul(s->parameters[1], s->inputs[0]));
    s->next_states[0] = gt_add(s->states[0], gt_mul(gt_constant(s->tape, 0.1), gt_tanh(z)));
}

static const gt_cell antisymmetric = CELL("antisymmetric", antisymmetric_step, antisymmetric_parameters);

Test(passes, sum_what_is_linear_in_a_weight_gradient_after_the_loop)
{
    recorded r;
    gt_program program;
    record_cell(&r, &antisymmetric, GT_FORWARD, false);
    compare(&r, NULL, "antisymmetric");
    cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
    uint32_t outside = 0, inside = 0;
    count_products(program.tape, &outside, &inside);
    cr_expect_eq(inside, 1 + 1, "%u products are in the loops", (unsigned)inside);
    cr_expect_eq(count_in_loops(program.tape, "transpose", false), 0);
    gt_program_free(&program);
    forget(&r);
}

/* ---- weights that are computed of parameters ------------------------------------------------- */

/* I + A + A @ A / 2 + A @ A @ A / 6 with A = W - W.T: the beginning of exp(A). */
static gt_var exponential(gt_var W)
{
    gt_var A = gt_sub(W, gt_transpose(W)), one = gt_fill(W.tape, gt_var_shape(W), 0.1);
    gt_var square = gt_mul(gt_matmul(A, A), gt_constant(W.tape, 0.5));
    gt_var cube = gt_mul(gt_matmul(square, A), gt_constant(W.tape, 1.0 / 3));
    return gt_add(gt_add(gt_add(one, A), square), cube);
}

static gt_var low_rank(gt_var W)
{
    return gt_matmul(gt_slice(W, 1, 0, 2), gt_slice(W, 0, 2, 4));
}

/* W by its length. */
static gt_var normalised(gt_var W)
{
    return gt_div(W, gt_sqrt(gt_sum(gt_mul(W, W), 1)));
}

static gt_var softmax(gt_var W)
{
    return gt_softmax(W);
}

/* Two blocks, one of them transposed and negated. */
static gt_var blocks(gt_var W)
{
    gt_var upper = gt_slice(W, 0, 0, 2), lower = gt_neg(gt_slice(gt_transpose(W), 0, 1, 3));
    return gt_concat((gt_var[]){gt_exp(lower), upper}, 2, 0);
}

static gt_var itself(gt_var W)
{
    return W;
}

static gt_var (*formula)(gt_var W);

static void computed_step(gt_cell_step *s)
{
    gt_var recurrent = gt_matmul(formula(s->parameters[0]), s->states[0]);
    s->next_states[0] = gt_tanh(gt_add(recurrent, gt_matmul(s->parameters[1], s->inputs[0])));
}

static const gt_cell computed = CELL("computed weight", computed_step, antisymmetric_parameters);

static uint32_t count_nodes_in_loops(gt_tape *tape, bool in_loop)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++) {
        gt_var v = gt_tape_var(tape, i);
        count += in_loop && gt_var_op(v)->op_class != GT_CLASS_VIEW;
        if (gt_var_op(v)->op_class == GT_CLASS_SCAN)
            count += count_nodes_in_loops(gt_scan_body(gt_var_scan(v)), true);
    }
    return count;
}

static uint32_t nodes_of_computed(gt_var (*of)(gt_var), const char *what)
{
    recorded r;
    gt_program program;
    formula = of;
    record_cell(&r, &computed, GT_FORWARD, false);
    compare(&r, NULL, what);
    compare(&r, (const char *[]){"accumulate", NULL}, what);
    cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
    uint32_t count = count_nodes_in_loops(program.tape, false);
    gt_program_free(&program);
    forget(&r);
    return count;
}

/* A step of the loops knows the weight alone, forward and backward, not how it is made. */
Test(passes, go_once_through_the_formula_of_a_weight)
{
    uint32_t plain = nodes_of_computed(itself, "a parameter itself");
    cr_expect_eq(nodes_of_computed(exponential, "exp of a skew matrix"), plain);
    cr_expect_eq(nodes_of_computed(low_rank, "a product of two matrices"), plain);
    cr_expect_eq(nodes_of_computed(normalised, "weight norm"), plain);
    cr_expect_eq(nodes_of_computed(softmax, "softmax of a weight"), plain);
    cr_expect_eq(nodes_of_computed(blocks, "blocks"), plain);
}

/* ---- states that are shifted sequences ------------------------------------------------------- */

/*
 * a' = tanh(W @ a + V @ (m x) + P @ p), p' = -V @ (m x), and what nobody reads at each step: y' = Q @ (a' + p).
 * The gradient of m is a sum of what follows from a product that can be done after the loop.
 */
static void shifted_step(gt_cell_step *s)
{
    gt_var a = s->states[0], p = s->states[1], W = s->parameters[0];
    gt_var x = gt_mul(s->parameters[5], s->inputs[0]);
    gt_var z = gt_add(gt_add(gt_matmul(W, a), gt_matmul(s->parameters[1], x)), gt_matmul(s->parameters[2], p));
    s->next_states[0] = gt_tanh(z);
    s->next_states[1] = gt_neg(gt_matmul(s->parameters[1], x));
    s->next_states[2] = gt_matmul(s->parameters[3], gt_add(s->next_states[0], p));
}

static const gt_cell_array shifted_states[] = {
    {.name = "a", .rows = "n_a"}, {.name = "p", .rows = "n_a"}, {.name = "y", .rows = "n_a"}};
static const gt_cell_array shifted_parameters[] = {
    {.name = "W", .rows = "n_a", .columns = "n_a"},  {.name = "V", .rows = "n_a", .columns = "n_x"},
    {.name = "P", .rows = "n_a", .columns = "n_a"},  {.name = "Q", .rows = "n_a", .columns = "n_a"},
    {.name = "Wy", .rows = "n_y", .columns = "n_a"}, {.name = "m", .rows = "n_x"}};

static void shifted_output(gt_cell_step *s)
{
    s->outputs[0] = gt_softmax(gt_matmul(s->parameters[4], gt_add(s->next_states[1], s->next_states[2])));
}

static const gt_cell shifted = {.name = "shifted",
                                .step = shifted_step,
                                .output = shifted_output,
                                .inputs = &sliced_rows[0],
                                .input_count = 1,
                                .states = shifted_states,
                                .state_count = 3,
                                .outputs = &sliced_rows[2],
                                .output_count = 1,
                                .parameters = shifted_parameters,
                                .parameter_count = 6};

static uint32_t count_states(gt_tape *tape)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++)
        if (gt_var_op(gt_tape_var(tape, i))->op_class == GT_CLASS_SCAN)
            count += gt_scan_carry_count(gt_var_scan(gt_tape_var(tape, i)));
    return count;
}

/* Loops carry what depends on its own past alone, and multiply that alone, forward and backward. */
Test(passes, carry_no_state_that_is_a_shifted_sequence)
{
    for (int variant = 0; variant < 4; variant++) {
        recorded r;
        gt_program program;
        record_cell(&r, &shifted, variant & 1 ? GT_BACKWARD : GT_FORWARD, variant & 2);
        compare(&r, NULL, "shifted");
        compare(&r, (const char *[]){"fission", NULL}, "shifted, without fission");
        cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, NULL), GT_OK);
        cr_expect_eq(count_in_loops(program.tape, "matmul", false), 1 + 1, "variant %d: %u products", variant,
                     (unsigned)count_in_loops(program.tape, "matmul", false));
        cr_expect_eq(count_states(program.tape), 1 + 1, "variant %d: %u states", variant,
                     (unsigned)count_states(program.tape));
        gt_program_free(&program);
        forget(&r);
    }
}
