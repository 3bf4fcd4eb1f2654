/* Networks: layers, dropout, embedding and loss; rolled, unrolled and against differences. */
#include "recurrent.h"

#include <math.h>

#define MAX_VARS 64

/* A network over random tokens with its loss, final states and all gradients. */
typedef struct pass_record {
    gt_tape *tape;
    gt_interpreter *run;
    gt_parameters *set, *states;
    gt_network network;
    gt_network_pass pass;
    gt_var parameters[MAX_VARS], initial[MAX_VARS], finals[MAX_VARS];
    gt_var parameter_gradients[MAX_VARS], state_gradients[MAX_VARS];
    int32_t *tokens, *targets, *keys;
    uint32_t parameter_count, state_count;
} pass_record;

typedef struct pass_form {
    const gt_cell *cell;
    uint32_t layers;
    int64_t V, E, n, m, T;
    double dropout;
    bool with_keys, unrolled;
    gt_dtype dtype;
} pass_form;

static int32_t *random_tokens(uint32_t seed, int64_t count, int64_t below)
{
    gt_random random;
    gt_random_seed(&random, seed);
    int32_t *tokens = calloc((size_t)count, sizeof *tokens);
    for (int64_t i = 0; i < count; i++)
        tokens[i] = (int32_t)gt_random_integer(&random, 0, below);
    return tokens;
}

static void make_sets(pass_record *p, pass_form f)
{
    gt_error error = {0};
    p->set = gt_parameters_new(f.dtype);
    p->states = gt_parameters_new(f.dtype);
    cr_assert(gt_network_declare(&p->network, p->set, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_network_declare_states(&p->network, f.m, p->states, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(p->set, 3) == GT_OK);
    p->parameter_count = gt_parameters_count(p->set);
    p->state_count = gt_parameters_count(p->states);
    cr_assert(p->parameter_count == gt_network_parameter_count(&p->network));
    cr_assert(p->state_count == gt_network_state_count(&p->network));
    for (uint32_t i = 0; i < p->state_count; i++) {
        gt_array state = gt_parameters_array(p->states, i);
        size_t count = (size_t)gt_shape_count(state.shape);
        void *numbers = random_numbers(gt_parameters_name(p->states, i), 8, count, f.dtype);
        memcpy(state.data, numbers, count * gt_dtype_size(f.dtype));
        free(numbers);
    }
}

static void record(pass_record *p, pass_form f)
{
    p->tape = gt_tape_new(&(gt_tape_options){.dtype = f.dtype});
    gt_parameters_record(p->set, p->tape, p->parameters);
    gt_network_record_states(&p->network, p->tape, f.m, p->initial);
    p->pass = (gt_network_pass){
        .network = &p->network,
        .parameters = p->parameters,
        .initial = p->initial,
        .tokens = gt_input_i32(p->tape, "tokens", GT_SHAPE(f.m, f.T)),
        .targets = gt_input_i32(p->tape, "targets", GT_SHAPE(f.m, f.T)),
        .unrolled = f.unrolled,
        .finals = p->finals,
    };
    if (f.with_keys)
        p->pass.keys = gt_input_i32(p->tape, "keys", GT_SHAPE(1, f.T));
    cr_assert(gt_network_record(&p->pass) == GT_OK, "%s", gt_tape_message(p->tape));
    gt_grad(&p->pass.loss, NULL, 1, p->parameters, p->parameter_count, p->parameter_gradients);
    gt_grad(&p->pass.loss, NULL, 1, p->initial, p->state_count, p->state_gradients);
    cr_assert(gt_tape_status(p->tape) == GT_OK, "%s", gt_tape_message(p->tape));
}

static void bind(pass_record *p, pass_form f)
{
    p->tokens = random_tokens(21, f.m * f.T, f.V);
    p->targets = random_tokens(22, f.m * f.T, f.V);
    p->keys = random_tokens(23, f.T, 1000000);
    p->run = gt_interpreter_new(p->tape);
    cr_assert(gt_parameters_bind(p->set, p->run, p->parameters) == GT_OK);
    cr_assert(gt_parameters_bind(p->states, p->run, p->initial) == GT_OK);
    cr_assert(gt_interpreter_bind(p->run, p->pass.tokens, p->tokens) == GT_OK);
    cr_assert(gt_interpreter_bind(p->run, p->pass.targets, p->targets) == GT_OK);
    if (f.with_keys)
        cr_assert(gt_interpreter_bind(p->run, p->pass.keys, p->keys) == GT_OK);
}

static void evaluate(pass_record *p)
{
    gt_var outputs[4 * MAX_VARS];
    uint32_t count = 0;
    outputs[count++] = p->pass.loss;
    outputs[count++] = p->pass.losses;
    outputs[count++] = p->pass.logits;
    for (uint32_t i = 0; i < p->state_count; i++) {
        outputs[count++] = p->finals[i];
        outputs[count++] = p->state_gradients[i];
    }
    for (uint32_t i = 0; i < p->parameter_count; i++)
        outputs[count++] = p->parameter_gradients[i];
    cr_assert(gt_interpreter_evaluate(p->run, outputs, count) == GT_OK, "%s", gt_interpreter_message(p->run));
}

static pass_record *make(pass_form f)
{
    pass_record *p = calloc(1, sizeof *p);
    p->network = (gt_network){.cell = f.cell,
                              .layer_count = f.layers,
                              .vocabulary = f.V,
                              .embedding = f.E,
                              .hidden = f.n,
                              .dropout = f.dropout};
    make_sets(p, f);
    record(p, f);
    bind(p, f);
    evaluate(p);
    return p;
}

static void drop(pass_record *p)
{
    gt_interpreter_free(p->run);
    gt_tape_free(p->tape);
    gt_parameters_free(p->set);
    gt_parameters_free(p->states);
    free(p->tokens);
    free(p->targets);
    free(p->keys);
    free(p);
}

static double loss_of(const pass_record *p)
{
    const void *value = gt_interpreter_value(p->run, p->pass.loss);
    return gt_tape_dtype(p->tape) == GT_F32 ? (double)*(const float *)value : *(const double *)value;
}

/* ---- rolled equals unrolled ---------------------------------------------------------------- */

static void expect_same(const char *what, const pass_record *a, gt_var of_a, const pass_record *b, gt_var of_b)
{
    recurrent x = {.run = a->run}, y = {.run = b->run};
    expect_same_bits(what, &x, of_a, &y, of_b);
}

static void compare_forms(pass_form f)
{
    f.unrolled = false;
    pass_record *rolled = make(f);
    f.unrolled = true;
    pass_record *unrolled = make(f);
    expect_same("loss", rolled, rolled->pass.loss, unrolled, unrolled->pass.loss);
    expect_same("logits", rolled, rolled->pass.logits, unrolled, unrolled->pass.logits);
    for (uint32_t i = 0; i < rolled->state_count; i++) {
        expect_same("final state", rolled, rolled->finals[i], unrolled, unrolled->finals[i]);
        expect_same("gradient of a state", rolled, rolled->state_gradients[i], unrolled, unrolled->state_gradients[i]);
    }
    for (uint32_t i = 0; i < rolled->parameter_count; i++)
        expect_same(gt_parameters_name(rolled->set, i), rolled, rolled->parameter_gradients[i], unrolled,
                    unrolled->parameter_gradients[i]);
    drop(rolled);
    drop(unrolled);
}

Test(network, rolled_equals_unrolled_bit_for_bit)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (uint32_t layers = 1; layers <= 3; layers++)
            for (int dtype = GT_F64; dtype <= GT_F32; dtype++)
                compare_forms((pass_form){gt_cell_at(c), layers, 11, 4, 6, 3, 9, 0, false, false, (gt_dtype)dtype});
}

Test(network, dropout_is_the_same_rolled_and_unrolled)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (uint32_t layers = 1; layers <= 3; layers++)
            for (int dtype = GT_F64; dtype <= GT_F32; dtype++)
                compare_forms((pass_form){gt_cell_at(c), layers, 11, 4, 6, 3, 9, 0.4, true, false, (gt_dtype)dtype});
}

Test(network, one_step_of_one_example)
{
    compare_forms((pass_form){&gt_cell_lstm, 2, 2, 1, 1, 1, 1, 0.5, true, false, GT_F64});
}

/* ---- dropout ------------------------------------------------------------------------------- */

/* What is dropped reaches the projection as zeros: then the logits are its bias alone. */
Test(network, dropout_only_with_keys_and_only_some)
{
    pass_form f = {&gt_cell_gru, 1, 5, 4, 1, 8, 200, 0.3, true, false, GT_F64};
    pass_record *p = make(f);
    f.with_keys = false;
    pass_record *without = make(f);
    f.dropout = 0;
    f.with_keys = true;
    pass_record *rate_zero = make(f);
    const double *logits = gt_interpreter_value(p->run, p->pass.logits);
    const double *whole = gt_interpreter_value(without->run, without->pass.logits);
    const double *none = gt_interpreter_value(rate_zero->run, rate_zero->pass.logits);
    int dropped = 0, kept = 0, positions = (int)(f.m * f.T);
    for (int i = 0; i < positions; i++) {
        /* One unit: either 0 or scaled by 1 / 0.7, so that the logits, with a bias of 0, are too. */
        double logit = logits[i * f.V], expected = whole[i * f.V];
        cr_assert(whole[i * f.V] == none[i * f.V]);
        if (logit == 0)
            dropped++;
        else if (fabs(logit - expected / 0.7) <= 1e-12 * fabs(expected))
            kept++;
    }
    cr_expect(dropped + kept == positions, "%d dropped and %d kept of %d", dropped, kept, positions);
    /* 1600 draws at 0.3: 480, standard deviation 18. */
    cr_expect(dropped > 400 && dropped < 560, "%d of %d dropped", dropped, positions);
    drop(p);
    drop(without);
    drop(rate_zero);
}

Test(network, another_key_drops_others_and_layers_differ)
{
    pass_form f = {&gt_cell_rnn, 2, 5, 4, 6, 4, 10, 0.5, true, false, GT_F64};
    pass_record *p = make(f);
    double before = loss_of(p);
    p->keys[9]++;
    evaluate(p);
    cr_expect(fabs(loss_of(p) - before) > 0);
    p->keys[9]--;
    evaluate(p);
    cr_expect(loss_of(p) == before);
    drop(p);
}

/* ---- the loss and its gradient ------------------------------------------------------------- */

Test(network, the_loss_is_the_mean_of_the_losses)
{
    pass_record *p = make((pass_form){&gt_cell_lstm, 2, 7, 3, 5, 4, 6, 0, false, false, GT_F64});
    const double *losses = gt_interpreter_value(p->run, p->pass.losses);
    const double *logits = gt_interpreter_value(p->run, p->pass.logits);
    double sum = 0;
    for (int i = 0; i < 4 * 6; i++) {
        double total = 0;
        for (int k = 0; k < 7; k++)
            total += exp(logits[7 * i + k]);
        double expected = log(total) - logits[7 * i + p->targets[i]];
        cr_expect(fabs(losses[i] - expected) <= 1e-12 * (1 + expected), "position %d", i);
        sum += losses[i];
    }
    cr_expect(fabs(loss_of(p) - sum / 24) <= 1e-13 * sum);
    drop(p);
}

static double difference(pass_record *p, double *entry, double step)
{
    double middle = *entry, losses[2];
    for (int i = 0; i < 2; i++) {
        *entry = i == 0 ? middle - step : middle + step;
        evaluate(p);
        losses[i] = loss_of(p);
    }
    *entry = middle;
    return (losses[1] - losses[0]) / (2 * step);
}

/* Every entry of every parameter and initial state, by central differences, with dropout on. */
Test(network, gradients_agree_with_differences)
{
    pass_record *p = make((pass_form){&gt_cell_lstm, 2, 5, 3, 3, 2, 5, 0.3, true, false, GT_F64});
    for (int which = 0; which < 2; which++) {
        gt_parameters *set = which == 0 ? p->set : p->states;
        const gt_var *gradients = which == 0 ? p->parameter_gradients : p->state_gradients;
        for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
            gt_array array = gt_parameters_array(set, i);
            int64_t count = gt_shape_count(array.shape);
            double *data = array.data, *expected = calloc((size_t)count, sizeof *expected);
            evaluate(p); /* anew: the last differences were taken elsewhere */
            memcpy(expected, gt_interpreter_value(p->run, gradients[i]), (size_t)count * sizeof *expected);
            for (int64_t k = 0; k < count; k++) {
                /* Two step sizes remove the error of second order (Richardson). */
                double wide = difference(p, &data[k], 2e-3), narrow = difference(p, &data[k], 1e-3);
                double slope = narrow + (narrow - wide) / 3;
                cr_assert(fabs(slope - expected[k]) <= 1e-10, "%s[%d]: %.12g and %.12g", gt_parameters_name(set, i),
                          (int)k, slope, expected[k]);
            }
            free(expected);
        }
    }
    drop(p);
}

/* ---- its description ----------------------------------------------------------------------- */

Test(network, names_shapes_and_total)
{
    gt_network network = {.cell = &gt_cell_lstm, .layer_count = 2, .vocabulary = 10, .embedding = 3, .hidden = 4};
    gt_parameters *set = gt_parameters_new(GT_F32);
    gt_error error = {0};
    int64_t total = 0;
    cr_assert(gt_network_declare(&network, set, &error) == GT_OK);
    cr_assert(gt_network_total(&network, &total, &error) == GT_OK);
    cr_expect(gt_parameters_total(set) == total);
    cr_expect(total == 3 * 10 + 4 * (4 * 7 + 4) + 4 * (4 * 8 + 4) + 10 * 4 + 10);
    cr_expect(gt_parameters_find(set, "embedding") == 0);
    int64_t second = gt_parameters_find(set, "layer2.Wf");
    cr_assert(second > 0);
    cr_expect(gt_shape_equal(gt_parameters_array(set, (uint32_t)second).shape, GT_SHAPE(4, 8)));
    cr_expect(gt_parameters_find(set, "layer1.Wy") == -1);
    cr_expect(gt_parameters_find(set, "by") == (int64_t)gt_parameters_count(set) - 1);
    gt_parameters_free(set);
}

Test(network, a_wrong_description_is_refused)
{
    static const struct {
        gt_network network;
        const char *words;
    } cases[] = {
        {{.cell = NULL}, "needs a cell"},
        {{.cell = &gt_cell_lstm, .layer_count = 0}, "1 to 64 layers, not 0"},
        {{.cell = &gt_cell_lstm, .layer_count = 65}, "1 to 64 layers, not 65"},
        {{.cell = &gt_cell_lstm, .layer_count = 1, .vocabulary = 0, .embedding = 1, .hidden = 1}, "vocabulary 0"},
        {{.cell = &gt_cell_lstm, .layer_count = 1, .vocabulary = 2, .embedding = 1, .hidden = 1, .dropout = 1},
         "dropout is 1"},
        {{.cell = &gt_cell_lstm,
          .layer_count = 1,
          .vocabulary = 2,
          .embedding = 1,
          .hidden = 1,
          .dropout = (double)NAN},
         "dropout is"},
        {{.cell = &gt_cell_lstm, .layer_count = 1, .vocabulary = INT64_MAX / 8, .embedding = 64, .hidden = 1},
         "too many parameters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_error error = {0};
        gt_parameters *set = gt_parameters_new(GT_F64);
        cr_expect(gt_network_declare(&cases[i].network, set, &error) != GT_OK);
        cr_expect(strstr(error.message, cases[i].words) != NULL, "%s", error.message);
        cr_expect(gt_parameters_count(set) == 0);
        gt_parameters_free(set);
    }
}

Test(network, a_cell_of_other_sizes_is_refused)
{
    static const gt_cell_array x = {.name = "x", .rows = "2 * n_x"}, a = {.name = "a", .rows = "n_a"};
    const gt_cell cell = {.name = "mine", .inputs = &x, .input_count = 1, .states = &a, .state_count = 1};
    gt_network network = {.cell = &cell, .layer_count = 1, .vocabulary = 2, .embedding = 3, .hidden = 3};
    gt_error error = {0};
    cr_expect(gt_network_check(&network, &error) == GT_ERROR_SHAPE);
    cr_expect(strstr(error.message, "cell mine: x has 2 * n_x = 6 rows") != NULL, "%s", error.message);
    gt_tape *tape = gt_tape_new(NULL);
    gt_network_pass pass = {.network = &network, .tokens = gt_input_i32(tape, "t", GT_SHAPE(1, 1))};
    cr_expect(gt_network_record(&pass) == GT_ERROR_SHAPE);
    cr_expect(!gt_var_valid(pass.loss) && !gt_var_valid(pass.logits));
    gt_tape_free(tape);
}
