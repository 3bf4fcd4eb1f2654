/* Networks whose layers are not alike: their text, both directions, sequences of several lengths. */
#include "recurrent.h"

#include <math.h>

/* ---- as they are written ------------------------------------------------------------------- */

Test(layers, a_text_is_read)
{
    gt_layer_text layers[GT_MAX_LAYERS];
    gt_error error = {0};
    uint32_t count;
    cr_assert(gt_layers_read(" bi ( lstm 128 ),gru 64, ./a-b.cell:mine", layers, &count, &error) == GT_OK, "%s",
              error.message);
    cr_assert_eq(count, 3u);
    cr_expect(layers[0].bidirectional && layers[0].hidden == 128 && strncmp(layers[0].cell, "lstm 128", 8) == 0);
    cr_expect(layers[0].length == 4 && layers[1].length == 3 && layers[2].length == strlen("./a-b.cell:mine"));
    cr_expect(!layers[1].bidirectional && layers[1].hidden == 64 && layers[2].hidden == 0);
    cr_assert(gt_layers_read("bi", layers, &count, &error) == GT_OK && count == 1); /* a cell of that name */
    cr_expect(!layers[0].bidirectional && layers[0].length == 2);
}

Test(layers, a_text_that_is_none_is_refused_with_its_place)
{
    static const char *const cases[][2] = {
        {"", "a cell is missing at the end of "},
        {"lstm,", "a cell is missing at the end of lstm,"},
        {"lstm,,gru", "a cell is missing before \",gru\""},
        {"bi(lstm", "the ) of bi(, which holds one layer, is missing at the end of"},
        {"bi(lstm, gru)", "the ) of bi(, which holds one layer, is missing before \", gru)\""},
        {"bi(lstm)) , gru", "a comma is missing before \") , gru\""},
        {"lstm 0", "from 1 to 65536, is missing before \"0\""},
        {"lstm 65537", "from 1 to 65536"},
        {"lstm 99999999999999999999", "from 1 to 65536"},
        {"lstm gru", "a comma, or the number of units"},
        {"lstm 12 13", "a comma is missing before \"13\""},
        {"(lstm)", "a cell is missing before"},
    };
    gt_layer_text layers[GT_MAX_LAYERS];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_error error = {0};
        uint32_t count;
        cr_expect(gt_layers_read(cases[i][0], layers, &count, &error) == GT_ERROR_ARGUMENT, "%s", cases[i][0]);
        cr_expect(strstr(error.message, cases[i][1]) != NULL, "%s: %s", cases[i][0], error.message);
    }
    char many[2 * GT_MAX_LAYERS + 2] = "a";
    for (int i = 1; i <= GT_MAX_LAYERS; i++)
        strcat(many, ",a");
    gt_error error = {0};
    uint32_t count;
    cr_expect(gt_layers_read(many, layers, &count, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "at most 64 layers") != NULL, "%s", error.message);
}

/* ---- over sequences ------------------------------------------------------------------------ */

enum { X = 3, OUT = 2, M = 3, T = 5, MOST = 64 };
static const int64_t lengths[M] = {5, 2, 4};

static gt_network network_of(const gt_network_layer *layers, uint32_t count, bool at_the_end)
{
    return (gt_network){.cell = layers[0].cell,
                        .layer_count = count,
                        .embedding = X,
                        .hidden = 4,
                        .reads_numbers = true,
                        .predicts_numbers = true,
                        .outputs = OUT,
                        .layers = layers,
                        .at_the_end = at_the_end};
}

typedef struct form {
    int64_t m, steps;
    bool unrolled, turns;
} form;

typedef struct recording {
    gt_tape *tape;
    gt_interpreter *run;
    gt_parameters *set, *states;
    gt_network_pass pass;
    gt_var parameters[MOST], initial[MOST], finals[MOST], gradients[MOST];
    gt_var x;
    double *numbers, *targets, *weights;
    int32_t *reversal;
} recording;

static void fill(recording *r, form f)
{
    r->numbers = random_numbers("x", 8, (size_t)(X * f.m * f.steps), GT_F64);
    r->targets = random_numbers("y", 9, (size_t)(OUT * f.m * f.steps), GT_F64);
    r->weights = calloc((size_t)(f.m * f.steps), sizeof *r->weights);
    r->reversal = calloc((size_t)(f.m * f.steps), sizeof *r->reversal);
    for (int64_t t = 0; t < f.steps; t++)
        for (int64_t i = 0; i < f.m; i++) {
            int64_t length = f.turns ? lengths[i] : f.steps;
            r->weights[t * f.m + i] = t < length;
            r->reversal[t * f.m + i] = (int32_t)(i + f.m * (t < length ? length - 1 - t : t));
        }
}

static recording *record(const gt_network *network, form f)
{
    recording *r = calloc(1, sizeof *r);
    gt_error error = {0};
    r->set = gt_parameters_new(GT_F64);
    r->states = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(network, r->set, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_network_declare_states(network, f.m, r->states, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(r->set, 3) == GT_OK && gt_parameters_initialize(r->states, 3) == GT_OK);
    cr_assert_eq(gt_parameters_count(r->set), gt_network_parameter_count(network));
    cr_assert_eq(gt_parameters_count(r->states), gt_network_state_count(network));
    r->tape = gt_tape_new(NULL);
    gt_parameters_record(r->set, r->tape, r->parameters);
    gt_network_record_states(network, r->tape, f.m, r->initial);
    r->x = gt_input(r->tape, "x", GT_SHAPE(X, f.m, f.steps));
    r->pass = (gt_network_pass){.network = network,
                                .parameters = r->parameters,
                                .initial = r->initial,
                                .inputs = &r->x,
                                .targets = gt_input(r->tape, "y", GT_SHAPE(OUT, f.m, f.steps)),
                                .weights = gt_input(r->tape, "w", GT_SHAPE(1, f.m, f.steps)),
                                .unrolled = f.unrolled,
                                .finals = r->finals};
    if (f.turns)
        r->pass.reversal = gt_input_i32(r->tape, "reversal", GT_SHAPE(f.m, f.steps));
    cr_assert(gt_network_record(&r->pass) == GT_OK, "%s", gt_tape_message(r->tape));
    gt_grad(&r->pass.loss, NULL, 1, r->parameters, gt_parameters_count(r->set), r->gradients);
    r->run = gt_interpreter_new(r->tape);
    fill(r, f);
    cr_assert(gt_parameters_bind(r->set, r->run, r->parameters) == GT_OK);
    cr_assert(gt_parameters_bind(r->states, r->run, r->initial) == GT_OK);
    gt_interpreter_bind(r->run, r->x, r->numbers);
    gt_interpreter_bind(r->run, r->pass.targets, r->targets);
    gt_interpreter_bind(r->run, r->pass.weights, r->weights);
    if (f.turns)
        gt_interpreter_bind(r->run, r->pass.reversal, r->reversal);
    return r;
}

static void evaluate(recording *r)
{
    gt_var outputs[2 + MOST] = {r->pass.loss, r->pass.logits};
    uint32_t count = gt_parameters_count(r->set);
    memcpy(outputs + 2, r->gradients, count * sizeof *outputs);
    cr_assert(gt_interpreter_evaluate(r->run, outputs, 2 + count) == GT_OK, "%s", gt_interpreter_message(r->run));
}

static double loss_of(recording *r)
{
    evaluate(r);
    return *(const double *)gt_interpreter_value(r->run, r->pass.loss);
}

static void drop(recording *r)
{
    gt_interpreter_free(r->run);
    gt_tape_free(r->tape);
    gt_parameters_free(r->set);
    gt_parameters_free(r->states);
    free(r->numbers);
    free(r->targets);
    free(r->weights);
    free(r->reversal);
    free(r);
}

/* A stack of two cells, with sizes of their own, of which the lower one reads in both directions. */
static const gt_network_layer mixed[] = {{&gt_cell_lstm, 3, true}, {&gt_cell_gru, 0, false}, {&gt_cell_rnn, 2, true}};

Test(layers, names_shapes_and_total)
{
    gt_network network = network_of(mixed, 3, false);
    gt_parameters *set = gt_parameters_new(GT_F64), *states = gt_parameters_new(GT_F64);
    gt_error error = {0};
    int64_t total = 0, of_states = 0;
    cr_assert(gt_network_declare(&network, set, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_network_total(&network, &total, &error) == GT_OK);
    cr_expect(total == gt_parameters_total(set));
    int64_t second = gt_parameters_find(set, "layer1_reverse.Wf"), gru = gt_parameters_find(set, "layer2.Wr");
    cr_assert(second > gt_parameters_find(set, "layer1.Wo") && gru > second);
    cr_expect(gt_shape_equal(gt_parameters_array(set, (uint32_t)second).shape, GT_SHAPE(3, 3 + X)));
    cr_expect(gt_shape_equal(gt_parameters_array(set, (uint32_t)gru).shape, GT_SHAPE(4, 4 + 2 * 3)));
    cr_expect(gt_parameters_find(set, "layer2_reverse.Wr") == -1);
    int64_t top = gt_parameters_find(set, "Wy");
    cr_expect(gt_shape_equal(gt_parameters_array(set, (uint32_t)top).shape, GT_SHAPE(OUT, 2 * 2)));
    cr_assert(gt_network_declare_states(&network, M, states, &error) == GT_OK);
    cr_assert(gt_network_state_total(&network, M, &of_states, &error) == GT_OK);
    cr_expect(of_states == gt_parameters_total(states) && gt_parameters_count(states) == 2 * 2 + 1 + 2);
    cr_expect(gt_parameters_find(states, "layer1_reverse.a") >= 0 &&
              gt_parameters_find(states, "layer3_reverse.a") >= 0);
    gt_parameters_free(set);
    gt_parameters_free(states);
}

static void compare_forms(bool at_the_end, bool turns)
{
    gt_network network = network_of(mixed, 3, at_the_end);
    recording *rolled = record(&network, (form){M, T, false, turns});
    recording *unrolled = record(&network, (form){M, T, true, turns});
    evaluate(rolled);
    evaluate(unrolled);
    recurrent a = {.run = rolled->run}, b = {.run = unrolled->run};
    expect_same_bits("logits", &a, rolled->pass.logits, &b, unrolled->pass.logits);
    for (uint32_t i = 0; i < gt_parameters_count(rolled->set); i++)
        expect_same_bits(gt_parameters_name(rolled->set, i), &a, rolled->gradients[i], &b, unrolled->gradients[i]);
    drop(rolled);
    drop(unrolled);
}

Test(layers, rolled_equals_unrolled_bit_for_bit)
{
    for (int which = 0; which < 4; which++)
        compare_forms(which % 2 > 0, which / 2 > 0);
}

/* Every entry of every parameter, by central differences of two step sizes (Richardson). */
static void compare_with_differences(bool at_the_end, bool turns)
{
    gt_network network = network_of(mixed, 3, at_the_end);
    recording *r = record(&network, (form){M, T, false, turns});
    for (uint32_t i = 0; i < gt_parameters_count(r->set); i++) {
        gt_array array = gt_parameters_array(r->set, i);
        int64_t count = gt_shape_count(array.shape);
        double *data = array.data, *expected = calloc((size_t)count, sizeof *expected);
        evaluate(r);
        memcpy(expected, gt_interpreter_value(r->run, r->gradients[i]), (size_t)count * sizeof *expected);
        for (int64_t k = 0; k < count; k++) {
            double middle = data[k], slopes[2];
            for (int wide = 0; wide < 2; wide++) {
                double step = wide ? 2e-3 : 1e-3, above, below;
                data[k] = middle + step;
                above = loss_of(r);
                data[k] = middle - step;
                below = loss_of(r);
                slopes[wide] = (above - below) / (2 * step);
            }
            data[k] = middle;
            double slope = slopes[0] + (slopes[0] - slopes[1]) / 3;
            cr_assert(fabs(slope - expected[k]) <= 1e-8 * (1 + fabs(slope)), "%s[%d]: %.12g and %.12g",
                      gt_parameters_name(r->set, i), (int)k, slope, expected[k]);
        }
        free(expected);
    }
    drop(r);
}

Test(layers, gradients_agree_with_differences)
{
    for (int which = 0; which < 4; which++)
        compare_with_differences(which % 2 > 0, which / 2 > 0);
}

/* What is predicted of a sequence in a batch of several lengths is what is predicted of it alone. */
static void compare_with_each_alone(bool at_the_end)
{
    gt_network network = network_of(mixed, 3, at_the_end);
    recording *all = record(&network, (form){M, T, false, true});
    evaluate(all);
    const double *together = gt_interpreter_value(all->run, all->pass.logits);
    for (int64_t i = 0; i < M; i++) {
        recording *alone = record(&network, (form){1, lengths[i], false, false});
        for (int64_t t = 0; t < lengths[i]; t++)
            memcpy(alone->numbers + X * t, all->numbers + X * (t * M + i), X * sizeof(double));
        evaluate(alone);
        const double *expected = gt_interpreter_value(alone->run, alone->pass.logits);
        for (int64_t t = 0; t < lengths[i]; t++)
            for (int k = 0; k < OUT; k++)
                cr_expect(fabs(together[OUT * (t * M + i) + k] - expected[OUT * t + k]) <= 1e-14, "example %d, step %d",
                          (int)i, (int)t);
        drop(alone);
    }
    drop(all);
}

Test(layers, a_sequence_in_a_batch_is_as_it_is_alone)
{
    compare_with_each_alone(false);
    compare_with_each_alone(true);
}

/* The last entry of the input is what a reading from the end sees first: it reaches the first step of both directions
 * alone. */
Test(layers, the_first_step_sees_the_last_in_both_directions_alone)
{
    for (int both = 0; both < 2; both++) {
        const gt_network_layer layers[] = {{&gt_cell_gru, 0, both > 0}};
        gt_network network = network_of(layers, 1, false);
        recording *r = record(&network, (form){1, T, false, false});
        evaluate(r);
        double before = *(const double *)gt_interpreter_value(r->run, r->pass.logits);
        r->numbers[X * (T - 1)] += 1;
        evaluate(r);
        double after = *(const double *)gt_interpreter_value(r->run, r->pass.logits);
        cr_expect((fabs(after - before) > 1e-6) == (both > 0));
        drop(r);
    }
}

/* ---- what is refused ----------------------------------------------------------------------- */

Test(layers, what_does_not_fit_is_refused)
{
    static const gt_cell_array inputs[] = {{.name = "x", .rows = "n_x"}, {.name = "g", .rows = "1"}};
    static const gt_cell_array state = {.name = "h", .rows = "n_a"};
    static const gt_cell gated = {
        .name = "gated", .inputs = inputs, .input_count = 2, .states = &state, .state_count = 1};
    const gt_network_layer first[] = {{&gt_cell_gru, 0, false}, {&gated, 0, false}},
                           none[] = {{&gt_cell_gru, 0, false}, {0}};
    gt_network network = network_of(first, 2, false);
    gt_error error = {0};
    cr_expect(gt_network_check(&network, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "layer 2, cell gated: its input g is none of gru") != NULL, "%s", error.message);
    network = network_of(none, 2, false);
    cr_expect(gt_network_check(&network, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "layer 2 of the network needs a cell") != NULL, "%s", error.message);
    network = network_of(first, 1, false);
    network.cell = &gt_cell_lstm;
    cr_expect(gt_network_check(&network, &error) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "is that of its first layer") != NULL, "%s", error.message);
}

Test(layers, both_directions_are_no_stream_and_do_not_write)
{
    const gt_network_layer layers[] = {{&gt_cell_gru, 0, true}};
    const int32_t tokens[9] = {0, 1, 0, 1, 0, 1, 0, 1, 0};
    gt_network network = {
        .cell = &gt_cell_gru, .layer_count = 1, .vocabulary = 2, .embedding = 3, .hidden = 4, .layers = layers};
    gt_train_data data = {.stream = true, .tokens = tokens, .examples = 1, .steps = 9};
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_error error = {0};
    cr_assert(gt_network_declare(&network, set, &error) == GT_OK);
    gt_optimizer_options plain = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    gt_optimizer *optimizer = gt_optimizer_new(&plain, set, &error);
    gt_train_options options = GT_TRAIN_OPTIONS_INIT;
    options.network = &network, options.parameters = set, options.optimizer = optimizer;
    options.training = &data, options.batch = 1, options.steps = 4;
    cr_expect(gt_trainer_new(&options, &error) == NULL);
    cr_expect(strstr(error.message, "would see the tokens that are to be predicted") != NULL, "%s", error.message);
    cr_expect(gt_sampler_new(&network, set, 1, 1, GT_ENGINE_PLANNER, NULL, &error) == NULL);
    cr_expect(strstr(error.message, "needs what is not yet written") != NULL, "%s", error.message);
    gt_optimizer_free(optimizer);
    gt_parameters_free(set);
}
