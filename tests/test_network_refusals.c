/* Networks that cannot be: their tables, the sizes of their layers, and how large they would be. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MANY = GT_MAX_CELL_ARRAYS + 1 };

static void expect_refused(const gt_network *network, gt_status status, const char *words)
{
    gt_error error = {0};
    gt_parameters *set = gt_parameters_new(GT_F64);
    cr_expect_eq(gt_network_declare(network, set, &error), status, "%s", words);
    cr_expect_not_null(strstr(error.message, words), "expected: %s\nbut it said: %s", words, error.message);
    cr_expect_eq(gt_parameters_count(set), 0);
    gt_parameters_free(set);
}

static const gt_cell_array x = {.name = "x", .rows = "n_x"}, a = {.name = "a", .rows = "n_a"},
                           unsized = {.name = "x", .rows = "n_h"};

static gt_cell cell_of(const gt_cell_array *inputs, uint32_t input_count, const gt_cell_array *states)
{
    return (gt_cell){.name = "mine", .inputs = inputs, .input_count = input_count, .states = states, .state_count = 1};
}

static gt_network network_of(const gt_cell *cell)
{
    return (gt_network){.cell = cell, .layer_count = 1, .vocabulary = 2, .embedding = 3, .hidden = 3};
}

Test(network_refusals, sizes_that_nothing_tells)
{
    gt_cell cell = cell_of(&unsized, 1, &a);
    gt_network network = network_of(&cell);
    expect_refused(&network, GT_ERROR_ARGUMENT, "n_h");
    cell = cell_of(&x, 1, &unsized);
    expect_refused(&network, GT_ERROR_ARGUMENT, "n_h");
    int64_t rows = 0;
    gt_error error = {0};
    cell = cell_of(&unsized, 1, &a);
    cr_expect_eq(gt_network_input_rows(&network, 0, &rows, &error), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "n_h"), "%s", error.message);
}

Test(network_refusals, tables)
{
    static gt_cell_array inputs[MANY];
    for (int i = 0; i < MANY; i++)
        inputs[i] = (gt_cell_array){.name = "x", .rows = "n_x", .drawn = i > 0};
    gt_cell cell = cell_of(inputs, MANY, &a);
    gt_network network = network_of(&cell);
    expect_refused(&network, GT_ERROR_SIZE, "a table has more than 256 rows");
    cell.input_count = 1;
    inputs[0].drawn = true;
    expect_refused(&network, GT_ERROR_ARGUMENT, "cell mine has 0 inputs");
    cell = cell_of(&x, 1, &a);
    cell.state_count = 0;
    expect_refused(&network, GT_ERROR_ARGUMENT, "cell mine has no state");
}

/* Further arrays of the data are read by name in the layers above; their rows are those of the first layer's. */
Test(network_refusals, further_inputs)
{
    static const gt_cell_array lower[] = {{.name = "x", .rows = "n_x"}, {.name = "k", .rows = "2"}};
    static const gt_cell_array upper[] = {{.name = "x", .rows = "n_x"}, {.name = "k", .rows = "3"}};
    static const gt_cell_array unknown[] = {{.name = "x", .rows = "n_x"}, {.name = "q", .rows = "2"}};
    static const gt_cell_array no_size[] = {{.name = "x", .rows = "n_x"}, {.name = "k", .rows = "n_h"}};
    gt_cell first = cell_of(lower, 2, &a), second = cell_of(upper, 2, &a);
    const gt_network_layer layers[] = {{.cell = &first, .hidden = 3}, {.cell = &second, .hidden = 3}};
    gt_network network = network_of(&first);
    network.layers = layers;
    network.layer_count = 2;
    network.further_inputs = 1;
    expect_refused(&network, GT_ERROR_SHAPE, "its input k has 3 rows, and in mine 2");
    second = cell_of(unknown, 2, &a);
    expect_refused(&network, GT_ERROR_ARGUMENT, "its input q is none of mine");
    second = cell_of(no_size, 2, &a);
    expect_refused(&network, GT_ERROR_ARGUMENT, "n_h");
    second = cell_of(lower, 2, &a);
    first = cell_of(no_size, 2, &a);
    expect_refused(&network, GT_ERROR_ARGUMENT, "n_h");
}

Test(network_refusals, losses)
{
    static gt_cell_array losses[GT_MAX_LOSS_TERMS + 1];
    static char names[GT_MAX_LOSS_TERMS + 1][2];
    for (int i = 0; i <= GT_MAX_LOSS_TERMS; i++) {
        names[i][0] = (char)('p' + i);
        losses[i] = (gt_cell_array){.name = names[i], .rows = "1", .loss = true};
    }
    gt_cell cell = cell_of(&x, 1, &a);
    cell.outputs = losses;
    cell.output_count = GT_MAX_LOSS_TERMS + 1;
    gt_network network = network_of(&cell);
    expect_refused(&network, GT_ERROR_SIZE, "declare at most");
}

Test(network_refusals, what_is_not_there)
{
    int64_t rows = 0;
    gt_error error = {0};
    gt_cell cell = cell_of(&x, 1, &a);
    const gt_network network = network_of(&cell);
    cr_expect_eq(gt_network_input_rows(&network, 0, &rows, &error), GT_OK);
    cr_expect_eq(rows, 3);
    cr_expect_eq(gt_network_input_rows(&network, 1, &rows, &error), GT_ERROR_ARGUMENT);
    cr_expect_str_eq(error.message, "cell mine has 1 inputs");
    cr_expect_eq(gt_network_state_row(&network, 0), &a);
    cr_expect_null(gt_network_state_row(&network, 1));
}

Test(network_refusals, sums_beyond_64_bits)
{
    static const gt_cell_array parameters[] = {{.name = "V", .rows = "n_a", .columns = "n_a"},
                                               {.name = "W", .rows = "n_a", .columns = "n_a"}};
    gt_cell cell = cell_of(&x, 1, &a);
    cell.parameters = parameters;
    cell.parameter_count = 2;
    gt_network network = network_of(&cell);
    network.hidden = (int64_t)1 << 29; /* 2^58 entries of each; 2^59 are too many */
    expect_refused(&network, GT_ERROR_SIZE, "the network has too many parameters");
    int64_t total = 0;
    gt_error error = {0};
    static const gt_cell_array states[] = {{.name = "a", .rows = "n_a"}, {.name = "b", .rows = "n_a"}};
    network.hidden = 3;
    cell.states = states;
    cell.state_count = 2;
    cr_expect_eq(gt_network_state_total(&network, (int64_t)1 << 57, &total, &error), GT_ERROR_SIZE);
    cr_expect_not_null(strstr(error.message, "the states would be too large"), "%s", error.message);
}

Test(network_refusals, a_name_that_is_too_long)
{
    static char name[400];
    memset(name, 'a', sizeof name - 1);
    const gt_cell_array long_state = {.name = name, .rows = "n_a"};
    gt_cell cell = cell_of(&x, 1, &long_state);
    gt_network network = network_of(&cell);
    gt_error error = {0};
    int64_t total = 0;
    cr_expect_eq(gt_network_state_total(&network, 1, &total, &error), GT_ERROR_SIZE);
    cr_expect_not_null(strstr(error.message, "is too long"), "%s", error.message);
}

/* A learnt initial state is that of the same layer among the parameters. */
Test(network_refusals, states_that_begin_with_nothing)
{
    static const char text[] = "cell c\n input x[n_x]\n state h[n_a] = h0\n param W[n_a, n_a + n_x], h0[n_a]\n"
                               " h' = tanh(W @ concat(h, x))\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    gt_network network = network_of(gt_parsed_cell_get(parsed)), wider = network;
    wider.hidden = 4;
    gt_parameters *states = gt_parameters_new(GT_F64), *single = gt_parameters_new(GT_F32);
    gt_parameters *right = gt_parameters_new(GT_F64), *nothing = gt_parameters_new(GT_F64);
    gt_parameters *other = gt_parameters_new(GT_F64);
    gt_error error = {0};
    cr_assert_eq(gt_network_declare_states(&network, 2, states, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_network_declare(&network, right, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_network_declare(&network, single, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_network_declare(&wider, other, &error), GT_OK, "%s", error.message);
    gt_parameters *const sets[] = {right, nothing, single, other};
    for (int i = 0; i < 4; i++) {
        gt_parameters_initialize(sets[i], 1);
        cr_expect_eq(gt_network_begin_states(&network, sets[i], states, &error) == GT_OK, i == 0, "%d", i);
        cr_expect_not_null(strstr(error.message, i == 0 ? "" : "do not give what the state layer1.h begins with"), "%s",
                           error.message);
    }
    gt_parameters_free(states);
    for (int i = 0; i < 4; i++)
        gt_parameters_free(sets[i]);
    gt_parsed_cell_free(parsed);
}

Test(network_refusals, states_are_not_recorded)
{
    gt_cell cell = cell_of(&x, 1, &unsized);
    const gt_network network = network_of(&cell);
    gt_var states[1];
    gt_tape *tape = gt_tape_new(NULL);
    cr_expect_neq(gt_network_record_states(&network, tape, 2, states), GT_OK);
    cr_expect_not_null(strstr(gt_tape_message(tape), "n_h"), "%s", gt_tape_message(tape));
    gt_tape_free(tape);
}
