/* What a program can get wrong with tapes, interpreters, gradients, networks and sequences: it is told so, and nothing
 * else happens. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* The status, and words that have `says` in them. */
static void expect_refused(gt_status status, gt_status expected, const char *message, const char *says)
{
    cr_expect_eq(status, expected, "%s instead of %s: %s", gt_status_name(status), gt_status_name(expected), message);
    cr_expect_not_null(strstr(message, says), "'%s' does not say '%s'", message, says);
}

/* ---- no tape, no var ------------------------------------------------------------------------- */

Test(misuse, nothing_in_place_of_a_tape)
{
    cr_expect_eq(gt_tape_node_count(NULL), 0);
    cr_expect_eq(gt_tape_node_bytes(NULL), 0);
    cr_expect_eq(gt_tape_total_bytes(NULL), 0);
    cr_expect_neq(gt_tape_status(NULL), GT_OK);
    cr_expect(gt_tape_message(NULL)[0] != '\0');
    cr_expect_null(gt_tape_vars(NULL, 3));
    cr_expect_not(gt_var_valid(gt_tape_var(NULL, 0)));
    gt_tape_set_step(NULL, 3);
    gt_tape_set_scope(NULL, "scope");
    gt_tape_free(NULL);
}

Test(misuse, an_invalid_var_has_nothing)
{
    gt_tape *tape = gt_tape_new(NULL);
    int32_t slot = 7;
    cr_expect_eq(gt_var_shape(GT_NONE).rank, -1);
    cr_expect_eq(gt_var_dtype(GT_NONE), GT_F64);
    cr_expect_eq(gt_var_role(GT_NONE), GT_ROLE_NONE);
    cr_expect_str_eq(gt_var_name(GT_NONE), "");
    cr_expect_str_eq(gt_var_scope(GT_NONE), "");
    cr_expect_eq(gt_var_step(GT_NONE), -1);
    cr_expect_null(gt_var_op(GT_NONE));
    cr_expect_eq(gt_var_input_count(GT_NONE), 0);
    cr_expect_eq(gt_var_attribute_count(GT_NONE), 0);
    cr_expect_eq(gt_var_attribute(GT_NONE, 0), 0);
    cr_expect_not(gt_var_valid(gt_var_input(GT_NONE, 0)));
    cr_expect_not(gt_var_valid(gt_var_origin(GT_NONE, &slot)));
    cr_expect_eq(slot, -1);
    cr_expect_not(gt_var_valid(gt_var_origin(GT_NONE, NULL)));
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3));
    cr_expect_not(gt_var_valid(gt_var_input(x, 0)));
    cr_expect_eq(gt_var_attribute(x, 1000), 0);
    cr_expect_not(gt_var_valid(gt_tape_var(tape, 1000)));
    gt_tape_free(tape);
}

Test(misuse, a_list_of_less_than_no_vars)
{
    gt_tape *tape = gt_tape_new(NULL);
    cr_expect_null(gt_tape_vars(tape, -1));
    expect_refused(gt_tape_status(tape), GT_ERROR_ARGUMENT, gt_tape_message(tape), "a list of -1 vars");
    gt_tape_free(tape);
}

Test(misuse, an_input_of_another_type)
{
    gt_tape *tape = gt_tape_new(NULL);
    cr_expect_not(gt_var_valid(gt_input_of(tape, "x", GT_F32, GT_SHAPE(2))));
    expect_refused(gt_tape_status(tape), GT_ERROR_TYPE, gt_tape_message(tape), "x");
    gt_tape_free(tape);
}

/* ---- interpreters ---------------------------------------------------------------------------- */

Test(misuse, nothing_in_place_of_an_interpreter)
{
    const double one = 1;
    cr_expect_eq(gt_interpreter_bind(NULL, GT_NONE, &one), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_interpreter_evaluate(NULL, NULL, 0), GT_ERROR_ARGUMENT);
    cr_expect_null(gt_interpreter_value(NULL, GT_NONE));
    cr_expect_null(gt_interpreter_array(NULL, GT_NONE).data);
    cr_expect(gt_interpreter_message(NULL)[0] != '\0');
    cr_expect_not(gt_var_valid(gt_interpreter_failed_node(NULL)));
    cr_expect_eq(gt_interpreter_failed_step(NULL), -1);
    gt_interpreter_check_finite(NULL, true);
    gt_interpreter_on_interrupt(NULL, NULL, NULL);
    gt_interpreter_free(NULL);
}

Test(misuse, interpreters)
{
    const double data[6] = {0};
    gt_tape *tape = gt_tape_new(NULL), *other = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3)), y = gt_tanh(x), elsewhere = gt_input(other, "z", GT_SHAPE(2));
    gt_interpreter *run = gt_interpreter_new(tape);
    cr_expect_null(gt_interpreter_value(run, x));
    cr_expect_null(gt_interpreter_array(run, x).data);
    expect_refused(gt_interpreter_bind(run, GT_NONE, data), GT_ERROR_TAPE, gt_interpreter_message(run),
                   "the var to bind is an invalid var");
    expect_refused(gt_interpreter_bind(run, elsewhere, data), GT_ERROR_TAPE, gt_interpreter_message(run),
                   "belongs to another tape");
    expect_refused(gt_interpreter_bind(run, y, data), GT_ERROR_ARGUMENT, gt_interpreter_message(run),
                   "only inputs are bound");
    expect_refused(gt_interpreter_bind(run, x, NULL), GT_ERROR_ARGUMENT, gt_interpreter_message(run), "is NULL");
    cr_expect_eq(gt_interpreter_evaluate(run, NULL, 1), GT_ERROR_ARGUMENT);
    expect_refused(gt_interpreter_evaluate(run, &elsewhere, 1), GT_ERROR_TAPE, gt_interpreter_message(run),
                   "an output to evaluate, 'z' (2), belongs to another tape");
    cr_expect_eq(gt_interpreter_bind(run, x, data), GT_OK);
    cr_expect_eq(gt_interpreter_evaluate(run, &y, 1), GT_OK);
    cr_expect_null(gt_interpreter_value(run, elsewhere));
    cr_expect_null(gt_interpreter_value(run, (gt_var){tape, 0}));
    cr_expect_null(gt_interpreter_value(run, (gt_var){tape, 1000}));
    gt_matmul(x, x); /* which does not fit */
    expect_refused(gt_interpreter_bind(run, x, data), gt_tape_status(tape), gt_interpreter_message(run),
                   "the tape has an error: ");
    expect_refused(gt_interpreter_evaluate(run, &y, 1), gt_tape_status(tape), gt_interpreter_message(run),
                   "the tape has an error: ");
    gt_interpreter_free(run);
    gt_tape_free(other);
    gt_tape_free(tape);
}

/* A scan has many results; only they are values. */
Test(misuse, a_whole_scan)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3, 4)), a0 = gt_state(tape, "a0", GT_SHAPE(2, 3));
    gt_scan *scan = gt_scan_begin(tape, 4, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", a0), next = gt_tanh(gt_add(a, gt_scan_input(scan, "x", x)));
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    gt_var final = gt_scan_final(scan, a), whole = GT_NONE, gradient;
    for (uint32_t i = 0; i < gt_tape_node_count(tape); i++)
        if (gt_var_op(gt_tape_var(tape, i))->op_class == GT_CLASS_SCAN)
            whole = gt_tape_var(tape, i);
    cr_assert(gt_var_valid(whole) && gt_var_valid(final), "%s", gt_tape_message(tape));
    gt_interpreter *run = gt_interpreter_new(tape);
    expect_refused(gt_interpreter_evaluate(run, &whole, 1), GT_ERROR_ARGUMENT, gt_interpreter_message(run),
                   "not one of its parts");
    gt_interpreter_free(run);
    gt_var loss = gt_sum(final, GT_ALL_AXES);
    expect_refused(gt_grad(&loss, NULL, 1, &whole, 1, &gradient), GT_ERROR_ARGUMENT, gt_tape_message(tape),
                   "not one of its parts");
    gt_tape_free(tape);
}

/* ---- gradients ------------------------------------------------------------------------------- */

Test(misuse, gradients_of_nothing)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2)), y = gt_sum(gt_tanh(x), GT_ALL_AXES), out;
    cr_expect_eq(gt_grad(NULL, NULL, 1, &x, 1, &out), GT_ERROR_ARGUMENT);
    cr_expect_not(gt_var_valid(out));
    cr_expect_eq(gt_grad(&y, NULL, 1, NULL, 1, &out), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_grad(&y, NULL, 1, &x, 1, NULL), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_jvp(NULL, 1, &x, &x, 1, &out), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_jvp(&y, 1, NULL, &x, 1, &out), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_jvp(&y, 1, &x, NULL, 1, &out), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_jvp(&y, 1, &x, &x, 1, NULL), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_jvp(&y, 1, &x, &x, 0, &out), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_tape_status(tape), GT_OK, "nothing was recorded: %s", gt_tape_message(tape));
    gt_tape_free(tape);
}

typedef gt_status wrong_gradient(gt_tape *tape, gt_var x, gt_var y, gt_var *out);

static gt_status by_an_invalid_var(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    (void)tape, (void)x;
    return gt_grad(&y, NULL, 1, &(gt_var){0}, 1, out);
}

static gt_status by_labels(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    (void)x;
    gt_var labels = gt_input_i32(tape, "labels", GT_SHAPE(3));
    return gt_grad(&y, NULL, 1, &labels, 1, out);
}

static gt_status cotangent_of_another_shape(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    (void)tape;
    return gt_grad(&y, &x, 1, &x, 1, out);
}

static gt_status tangent_of_another_shape(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    (void)tape;
    return gt_jvp(&y, 1, &x, &y, 1, out);
}

static gt_status tangent_of_an_invalid_var(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    (void)tape;
    return gt_jvp(&y, 1, &(gt_var){0}, &x, 1, out);
}

static gt_status tangents_on_a_tape_with_an_error(gt_tape *tape, gt_var x, gt_var y, gt_var *out)
{
    gt_tape_fail(tape, GT_ERROR_VALUE, "a mistake before");
    return gt_jvp(&y, 1, &x, &x, 1, out);
}

Test(misuse, gradients_of_what_has_none)
{
    static const struct {
        wrong_gradient *call;
        gt_status status;
        const char *says;
    } rows[] = {
        {by_an_invalid_var, GT_ERROR_TAPE, "gt_grad: var 1 is an invalid var"},
        {by_labels, GT_ERROR_TYPE, "is i32: only f64 values have gradients here"},
        {cotangent_of_another_shape, GT_ERROR_SHAPE, "must have the shape of"},
        {tangent_of_another_shape, GT_ERROR_SHAPE, "must have the shape of"},
        {tangent_of_an_invalid_var, GT_ERROR_TAPE, "gt_jvp: input 1 is an invalid var"},
        {tangents_on_a_tape_with_an_error, GT_ERROR_VALUE, "a mistake before"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3)), y = gt_sum(gt_tanh(x), GT_ALL_AXES), out;
        expect_refused(rows[i].call(tape, x, y, &out), rows[i].status, gt_tape_message(tape), rows[i].says);
        cr_expect_not(gt_var_valid(out));
        gt_tape_free(tape);
    }
}

/* ---- networks -------------------------------------------------------------------------------- */

static void expect_refused_network(gt_network network, gt_status expected, const char *says)
{
    gt_error error = {0};
    gt_status status = gt_network_check(&network, &error);
    expect_refused(status, expected, error.message, says);
}

Test(misuse, networks)
{
    const gt_network good = {.cell = &gt_cell_rnn, .layer_count = 1, .vocabulary = 5, .embedding = 3, .hidden = 4};
    gt_cell cell = gt_cell_rnn;
    gt_network network = good;
    gt_error error = {0};
    cr_assert_eq(gt_network_check(&good, &error), GT_OK, "%s", error.message);
    expect_refused(gt_network_check(NULL, &error), GT_ERROR_ARGUMENT, error.message, "a network needs a cell");
    expect_refused_network((gt_network){0}, GT_ERROR_ARGUMENT, "a network needs a cell");
    network.embedding = 0;
    expect_refused_network(network, GT_ERROR_SIZE, "embedding 0");
    network = good;
    network.hidden = 0;
    expect_refused_network(network, GT_ERROR_SIZE, "hidden 0");
    network = good;
    network.dimension_count = UINT32_MAX;
    expect_refused_network(network, GT_ERROR_SIZE, "dimensions");
    network = good;
    network.cell = &cell;
    cell.state_count = 0;
    expect_refused_network(network, GT_ERROR_ARGUMENT, "has no state; in a network a cell has at least one");
    cell = gt_cell_rnn;
    cell.parameter_count = UINT32_MAX;
    expect_refused_network(network, GT_ERROR_SIZE, "a table has more than");
    cell = gt_cell_rnn;
    cell.state_count = UINT32_MAX;
    expect_refused_network(network, GT_ERROR_SIZE, "a table has more than");
}

Test(misuse, a_network_with_too_many_parameters)
{
    gt_error error = {0};
    int64_t total = 0;
    gt_network network = {.cell = &gt_cell_rnn,
                          .layer_count = 1,
                          .vocabulary = 5,
                          .embedding = INT64_C(1) << 29,
                          .hidden = INT64_C(1) << 29};
    expect_refused(gt_network_total(&network, &total, &error), GT_ERROR_SIZE, error.message, "too many parameters");
}

/* ---- sequences ------------------------------------------------------------------------------- */

static void expect_refused_sequence(const gt_cell *cell, gt_status expected, const char *says)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 2, 4)), a0 = gt_state(tape, "a0", GT_SHAPE(5, 2));
    gt_var parameters[] = {gt_parameter(tape, "Wax", GT_SHAPE(5, 3)), gt_parameter(tape, "Waa", GT_SHAPE(5, 5)),
                           gt_parameter(tape, "ba", GT_SHAPE(5, 1))};
    gt_sequence sequence = {.cell = cell, .inputs = &x, .initial = &a0, .parameters = parameters};
    gt_status status = gt_sequence_record(&sequence);
    expect_refused(status, expected, gt_tape_message(tape), says);
    gt_tape_free(tape);
}

Test(misuse, sequences)
{
    gt_cell cell = gt_cell_rnn;
    cell.input_count = 0;
    expect_refused_sequence(&cell, GT_ERROR_ARGUMENT, "has no inputs, from which a sequence takes its length");
    cell = gt_cell_rnn;
    cell.state_count = 0;
    expect_refused_sequence(&cell, GT_ERROR_ARGUMENT, "has no states");
    cell = gt_cell_rnn;
    cell.step = NULL;
    expect_refused_sequence(&cell, GT_ERROR_ARGUMENT, "has no function for its step");
    for (int table = 0; table < 4; table++) {
        cell = gt_cell_rnn;
        *(table == 0   ? &cell.input_count
          : table == 1 ? &cell.state_count
          : table == 2 ? &cell.parameter_count
                       : &cell.output_count) = UINT32_MAX;
        expect_refused_sequence(&cell, GT_ERROR_SIZE, "a table has more than");
    }
}

/* ---- optimizers ------------------------------------------------------------------------------ */

static void expect_refused_options(gt_optimizer_options options, const char *says)
{
    gt_error error = {0};
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_parameters_add(set, "w", GT_SHAPE(2), (gt_initializer){0});
    cr_expect_null(gt_optimizer_new(&options, set, &error));
    expect_refused(error.status, GT_ERROR_ARGUMENT, error.message, says);
    gt_parameters_free(set);
}

Test(misuse, optimizers)
{
    gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    options.beta1 = -0.1;
    expect_refused_options(options, "0 <= beta < 1");
    options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    options.beta2 = 1;
    expect_refused_options(options, "0 <= beta < 1");
    options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    options.kind = (gt_optimizer_kind)7;
    expect_refused_options(options, "unknown kind of optimizer");
    for (int i = 0; i < 2; i++) {
        options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
        options.schedule.last = i == 0 ? -0.5 : 1.5;
        expect_refused_options(options, "a fraction of the peak");
    }
}

/* ---- graphs ---------------------------------------------------------------------------------- */

Test(misuse, nothing_in_place_of_a_graph)
{
    gt_error error = {0};
    cr_expect_null(gt_graph_new(NULL, 3, NULL, &error));
    expect_refused(error.status, GT_ERROR_ARGUMENT, error.message, "at least one output");
    cr_expect_null(gt_graph_new(&(gt_graph_output){.var = GT_NONE}, 1, NULL, &error));
    expect_refused(error.status, GT_ERROR_TAPE, error.message, "output 1 of the graph is an invalid var");
    cr_expect_eq(gt_graph_node_count(NULL), 0);
    cr_expect_eq(gt_graph_edge_count(NULL), 0);
    cr_expect_eq(gt_graph_cluster_count(NULL), 0);
    cr_expect_null(gt_graph_node_at(NULL, 0));
    cr_expect_null(gt_graph_edge_at(NULL, 0));
    cr_expect_null(gt_graph_cluster_at(NULL, 0));
    cr_expect_str_eq(gt_graph_title(NULL), "");
    gt_graph_free(NULL);
}
