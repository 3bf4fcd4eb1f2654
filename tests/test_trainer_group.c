/*
 * Several processes that train one model: here threads with a trainer each, whose sums are added up
 * in the order of their ranks. What they learn is what one alone learns, but for rounding.
 */
#include "gradtape/lang.h"
#include "gradtape/train.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

TestSuite(trainer_group, .timeout = 300);

enum { MOST = 4, BATCH = 7, NX = 3, NA = 5, N = 17, T = 6, TOKENS = 400, VOCABULARY = 6, ITERATIONS = 25 };
enum { LARGE_NA = 48, MOST_PARAMETERS = 32768, MOST_BEGUN = 8 };

/* ---- a group of threads -------------------------------------------------------------------- */

typedef struct meeting {
    pthread_barrier_t barrier;
    int count;
    const double *given[MOST];
    double *sums;
} meeting;

/* Numbers whose sum has begun. */
typedef struct begun {
    void *numbers;
    int64_t count;
    gt_dtype dtype;
} begun;

typedef struct member {
    meeting *meeting;
    int rank;
    bool stream, interrupts;
    begun begun[MOST_BEGUN];
    int begun_count, begun_in_all, begun_then; /* then: when it was interrupted */
    double early;                              /* what the trainer says of it */
    int64_t asked;                             /* how often, since it is to be interrupted */
    int64_t iteration;                         /* of the trainer, whose callback may stop it */
    gt_train_end end;
    double losses[ITERATIONS];
    gt_train_score score;
    int64_t confusion[4];
    double parameters[MOST_PARAMETERS];
    int parameter_count;
} member;

static gt_status sum(void *context, void *numbers, int64_t count, gt_dtype dtype, gt_error *error)
{
    (void)error;
    member *own = context;
    meeting *m = own->meeting;
    cr_assert_eq(dtype, GT_F64);
    m->given[own->rank] = numbers;
    if (pthread_barrier_wait(&m->barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        m->sums = calloc((size_t)count, sizeof *m->sums);
        for (int rank = 0; rank < m->count; rank++)
            for (int64_t i = 0; i < count; i++)
                m->sums[i] += m->given[rank][i];
    }
    pthread_barrier_wait(&m->barrier);
    memcpy(numbers, m->sums, (size_t)count * sizeof *m->sums);
    if (pthread_barrier_wait(&m->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
        free(m->sums);
    pthread_barrier_wait(&m->barrier);
    return GT_OK;
}

/* A sum that takes as long as it may: it is done when it is to be finished. */
static gt_status begin_sum(void *context, void *numbers, int64_t count, gt_dtype dtype, gt_error *error)
{
    (void)error;
    member *own = context;
    cr_assert_lt(own->begun_count, MOST_BEGUN);
    own->begun[own->begun_count++] = (begun){numbers, count, dtype};
    own->begun_in_all++;
    return GT_OK;
}

static gt_status finish_sums(void *context, gt_error *error)
{
    member *own = context;
    for (int i = 0; i < own->begun_count; i++)
        sum(own, own->begun[i].numbers, own->begun[i].count, own->begun[i].dtype, error);
    own->begun_count = 0;
    return GT_OK;
}

/* ---- what is learnt ------------------------------------------------------------------------ */

static double x[NX * N * T], weights[N * T];
static int32_t classes[N * T], tokens[TOKENS];
static const void *const inputs[] = {x};

static void fill(void)
{
    gt_random random;
    gt_random_seed(&random, 5);
    for (int i = 0; i < NX * N * T; i++)
        x[i] = gt_random_normal(&random);
    for (int i = 0; i < N * T; i++) {
        classes[i] = x[i * NX] > 0;
        weights[i] = i % 5 == 0 ? 0 : 1 + i % 3;
    }
    for (int i = 0; i < TOKENS; i++)
        tokens[i] = (i * i / 3 + i) % VOCABULARY;
}

static const gt_cell *cell = &gt_cell_lstm;
static const gt_network_layer *layers; /* NULL: all of that cell */
static int64_t units = NA;
static bool overlaps;           /* groups begin sums early */
static int64_t asked_until = 0; /* so often one that is to be interrupted says no */

static gt_network network_of(bool stream)
{
    gt_network network = {.cell = cell, .layer_count = 2, .embedding = NX, .hidden = units, .dropout = 0.2};
    network.vocabulary = stream ? VOCABULARY : 0;
    network.reads_numbers = !stream;
    network.outputs = stream ? 0 : 2;
    network.layers = layers;
    return network;
}

static gt_train_data data_of(bool stream)
{
    gt_train_data data = GT_TRAIN_DATA_INIT;
    data.stream = stream;
    data.examples = stream ? 1 : N;
    data.steps = stream ? TOKENS : T;
    data.tokens = stream ? tokens : NULL;
    data.inputs = stream ? NULL : inputs;
    data.classes = stream ? NULL : classes;
    data.weights = stream ? NULL : weights;
    return data;
}

static int note(void *context, const gt_train_event *event)
{
    member *m = context;
    m->losses[event->iteration - 1] = event->step.loss;
    m->iteration = event->iteration;
    return 0;
}

/* Only the last process is interrupted, after ten iterations. */
static bool interrupt(void *context)
{
    member *m = context;
    bool now = m->interrupts && m->rank == m->meeting->count - 1 && m->iteration >= 10 && m->asked++ == asked_until;
    if (now)
        m->begun_then = m->begun_count;
    return now;
}

static void keep(member *m, const gt_parameters *set)
{
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        gt_array a = gt_parameters_array(set, i);
        int count = (int)gt_shape_count(a.shape);
        cr_assert(m->parameter_count + count <= (int)(sizeof m->parameters / sizeof *m->parameters));
        memcpy(m->parameters + m->parameter_count, a.data, (size_t)count * sizeof(double));
        m->parameter_count += count;
    }
}

static void *train(void *context)
{
    member *m = context;
    gt_error error = {0};
    gt_network network = network_of(m->stream);
    gt_train_data data = data_of(m->stream);
    gt_parameters *parameters = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&network, parameters, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(parameters, 3) == GT_OK);
    gt_optimizer_options chosen = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    chosen.schedule.rate = 0.02;
    gt_optimizer *optimizer = gt_optimizer_new(&chosen, parameters, &error);
    gt_train_group group = GT_TRAIN_GROUP_INIT;
    group.rank = m->rank;
    group.count = m->meeting->count;
    group.sum = sum;
    group.context = m;
    group.begin_sum = overlaps ? begin_sum : NULL;
    group.finish_sums = overlaps ? finish_sums : NULL;
    gt_train_options options = GT_TRAIN_OPTIONS_INIT;
    options.network = &network;
    options.parameters = parameters;
    options.optimizer = optimizer;
    options.training = options.validation = &data;
    options.batch = BATCH;
    options.steps = T;
    options.seed = 7;
    options.interrupt = interrupt;
    options.context = m;
    options.group = m->meeting->count > 1 ? &group : NULL;
    gt_trainer *trainer = gt_trainer_new(&options, &error);
    cr_assert_not_null(trainer, "%s", error.message);
    gt_train_run run = GT_TRAIN_RUN_INIT;
    run.iterations = ITERATIONS;
    run.on_iteration = note;
    run.context = m;
    m->end = gt_trainer_run(trainer, &run, &error);
    cr_assert_neq(m->end, GT_TRAIN_FAILED, "%s", error.message);
    m->early = gt_trainer_summed_early(trainer);
    cr_assert(gt_trainer_validate(trainer, &m->score, m->stream ? NULL : m->confusion, &error) == GT_OK);
    keep(m, parameters);
    gt_trainer_free(trainer);
    gt_optimizer_free(optimizer);
    gt_parameters_free(parameters);
    return NULL;
}

static void start_together(void *(*act)(void *), member *members, int count, bool stream, bool interrupts)
{
    meeting m = {.count = count};
    pthread_t threads[MOST];
    fill();
    pthread_barrier_init(&m.barrier, NULL, (unsigned)count);
    for (int rank = 0; rank < count; rank++) {
        members[rank] = (member){.meeting = &m, .rank = rank, .stream = stream, .interrupts = interrupts};
        cr_assert_eq(pthread_create(&threads[rank], NULL, act, &members[rank]), 0);
    }
    for (int rank = 0; rank < count; rank++)
        pthread_join(threads[rank], NULL);
    pthread_barrier_destroy(&m.barrier);
}

static void train_together(member *members, int count, bool stream, bool interrupts)
{
    start_together(train, members, count, stream, interrupts);
}

static member alone, members[MOST];

static void expect_same_as_alone(const member *m)
{
    for (int i = 0; i < ITERATIONS; i++)
        cr_expect(fabs(m->losses[i] - alone.losses[i]) < 1e-9, "iteration %d: %.12g, alone %.12g", i + 1, m->losses[i],
                  alone.losses[i]);
    cr_expect(fabs(m->score.loss - alone.score.loss) < 1e-9 && m->score.weight == alone.score.weight);
    cr_expect(m->stream || fabs(m->score.accuracy - alone.score.accuracy) < 1e-9);
    cr_assert_eq(m->score.term_count, alone.score.term_count);
    for (uint32_t k = 0; k < m->score.term_count; k++)
        cr_expect(alone.score.terms[k] > 0 && fabs(m->score.terms[k] - alone.score.terms[k]) < 1e-9);
    cr_expect_eq(memcmp(m->confusion, alone.confusion, sizeof alone.confusion), 0);
    cr_assert_eq(m->parameter_count, alone.parameter_count);
    for (int i = 0; i < m->parameter_count; i++)
        cr_assert(fabs(m->parameters[i] - alone.parameters[i]) < 1e-7, "parameter %d", i);
}

static void check_all_counts(bool stream)
{
    train_together(&alone, 1, stream, false);
    cr_assert(alone.score.loss < alone.losses[0], "%g, %g at first", alone.score.loss, alone.losses[0]);
    for (int count = 2; count <= MOST; count++) {
        train_together(members, count, stream, false);
        for (int rank = 0; rank < count; rank++) {
            expect_same_as_alone(&members[rank]);
            cr_assert_eq(memcmp(members[rank].parameters, members[0].parameters, sizeof alone.parameters), 0);
        }
    }
}

/* 7 examples divided among 2, 3 and 4, with dropout. */
Test(trainer_group, learns_a_text_as_one_process_does)
{
    check_all_counts(true);
}

/* Weights that are not all alike, and a last batch that is not full. */
Test(trainer_group, learns_sequences_as_one_process_does)
{
    check_all_counts(false);
}

/* Sequences that end at several steps, each read from its own end, too: whoever has which of them. */
Test(trainer_group, learns_in_both_directions_as_one_process_does)
{
    static const gt_network_layer both[] = {{&gt_cell_lstm, 3, true}, {&gt_cell_rnn, 3, true}};
    layers = both;
    check_all_counts(false);
}

/* Gradients of 0.1 MB and more, which are summed while those of the first layer are computed. */
static void check_early_sums(bool stream)
{
    check_all_counts(stream);
    for (int rank = 0; rank < MOST; rank++) {
        cr_expect(0.3 < members[rank].early && members[rank].early < 1, "%g", members[rank].early);
        cr_expect_geq(members[rank].begun_in_all, ITERATIONS);
    }
    cr_expect_eq(alone.early, 0);
}

Test(trainer_group, sums_early_what_one_process_learns)
{
    units = LARGE_NA;
    overlaps = true;
    check_early_sums(true);
    check_early_sums(false);
    double early = members[0].early;
    overlaps = false;
    train_together(members, 3, false, false);
    cr_expect(members[0].early == 0 && members[0].begun_in_all == 0 && early > 0);
}

/* What a cell draws is that of the batch, whoever has which part of it; so is what its states begin with. */
Test(trainer_group, draws_as_one_process_does)
{
    static const char text[] = "cell c\n input x[n_x]\n state h[n_a] = tanh(h0 + 0.1), k[n_a] ~ bernoulli(0.8)\n"
                               " param W[n_a, n_a + n_x], h0[n_a]\n"
                               " h' = tanh(W @ concat(k * h, dropout(x, 0.3))) + normal(0.1, h)\n"
                               " loss ponder = 0.1 * mean(h'**2, axis=0)\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    cell = gt_parsed_cell_get(parsed);
    cr_assert_not_null(cell);
    check_all_counts(true);
    check_all_counts(false);
    cr_expect_eq(alone.score.term_count, 1);
    gt_parsed_cell_free(parsed);
}

Test(trainer_group, is_interrupted_as_a_whole)
{
    train_together(members, 3, true, true);
    for (int rank = 0; rank < 3; rank++) {
        cr_expect_eq(members[rank].end, GT_TRAIN_INTERRUPTED);
        cr_expect_eq(members[rank].iteration, 10);
        cr_expect_eq(memcmp(members[rank].parameters, members[0].parameters, sizeof alone.parameters), 0);
    }
}

/* In the course of an evaluation, before, between and behind the sums that begin in it. */
Test(trainer_group, is_interrupted_as_a_whole_in_the_middle)
{
    units = LARGE_NA;
    overlaps = true;
    bool seen[MOST_BEGUN] = {false};
    members[0].iteration = 10;
    for (asked_until = 1; members[0].iteration == 10; asked_until += 5) {
        train_together(members, 3, true, true);
        for (int rank = 0; rank < 3; rank++) {
            cr_expect_eq(members[rank].end, GT_TRAIN_INTERRUPTED);
            cr_expect_eq(members[rank].iteration, members[0].iteration);
            cr_expect_eq(members[rank].begun_in_all, members[0].begun_in_all);
            cr_expect_eq(members[rank].begun_count, 0, "a sum was not finished");
            cr_expect_eq(memcmp(members[rank].parameters, members[0].parameters, sizeof alone.parameters), 0);
        }
        seen[members[2].begun_then] = true;
    }
    cr_expect(seen[0] && seen[1], "it was never interrupted between two sums");
}

/* The data of the last process are spoilt behind its back: it says why, and the others do not wait for its sums. */
static void *fail_or_see(void *context)
{
    member *m = context;
    gt_error error = {0};
    int32_t own[TOKENS];
    memcpy(own, tokens, sizeof own);
    gt_network network = network_of(true);
    gt_train_data data = data_of(true);
    data.tokens = own;
    gt_parameters *parameters = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&network, parameters, &error) == GT_OK, "%s", error.message);
    gt_optimizer_options chosen = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    gt_optimizer *optimizer = gt_optimizer_new(&chosen, parameters, &error);
    gt_train_group group = {.rank = m->rank, .count = m->meeting->count, .sum = sum, .context = m};
    group.begin_sum = begin_sum;
    group.finish_sums = finish_sums;
    gt_train_options options = {.network = &network, .parameters = parameters, .optimizer = optimizer};
    options.training = &data;
    options.batch = BATCH;
    options.steps = T;
    options.group = &group;
    gt_trainer *trainer = gt_trainer_new(&options, &error);
    cr_assert_not_null(trainer, "%s", error.message);
    gt_train_step step;
    cr_expect_eq(gt_trainer_step(trainer, &step, &error), GT_OK, "%s", error.message);
    bool fails = m->rank == m->meeting->count - 1;
    for (int i = 0; i < TOKENS && fails; i++)
        own[i] = VOCABULARY;
    cr_expect_neq(gt_trainer_step(trainer, &step, &error), GT_OK);
    const char *words = fails ? "is outside of 0 to 5" : "another of the 3 processes failed";
    cr_expect_not_null(strstr(error.message, words), "%s", error.message);
    cr_expect_eq(m->begun_count, 0, "a sum was not finished");
    gt_trainer_free(trainer);
    gt_optimizer_free(optimizer);
    gt_parameters_free(parameters);
    return NULL;
}

Test(trainer_group, does_not_wait_for_one_that_fails)
{
    units = LARGE_NA;
    start_together(fail_or_see, members, 3, true, false);
    cr_expect_gt(members[0].begun_in_all, 0);
    cr_expect_eq(members[2].begun_in_all, members[0].begun_in_all);
}

/* A trainer that is the first of two processes; what the other one sends is added to the sums. */
typedef struct alone_of_two {
    gt_network network;
    gt_train_data data;
    gt_parameters *parameters;
    gt_optimizer *optimizer;
    gt_train_group group;
    gt_train_options options;
    gt_error error;
} alone_of_two;

static void open_alone(alone_of_two *t, int64_t batch)
{
    fill();
    *t = (alone_of_two){.network = network_of(false), .data = data_of(false), .parameters = gt_parameters_new(GT_F64)};
    cr_assert(gt_network_declare(&t->network, t->parameters, &t->error) == GT_OK);
    gt_optimizer_options chosen = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    t->optimizer = gt_optimizer_new(&chosen, t->parameters, &t->error);
    t->group = (gt_train_group)GT_TRAIN_GROUP_INIT;
    t->group.sum = sum;
    t->group.count = 2;
    t->options = (gt_train_options)GT_TRAIN_OPTIONS_INIT;
    t->options.network = &t->network;
    t->options.parameters = t->parameters;
    t->options.optimizer = t->optimizer;
    t->options.training = &t->data;
    t->options.batch = batch;
    t->options.group = &t->group;
}

static void close_alone(alone_of_two *t)
{
    gt_optimizer_free(t->optimizer);
    gt_parameters_free(t->parameters);
}

static void expect_refused(alone_of_two *t, const char *words)
{
    cr_expect_null(gt_trainer_new(&t->options, &t->error));
    cr_expect_not_null(strstr(t->error.message, words), "expected: %s\nbut it said: %s", words, t->error.message);
}

Test(trainer_group, refuses)
{
    static const char wrong_rank[] = "a rank from 0 to its count less 1, and a function that sums";
    alone_of_two t;
    open_alone(&t, 2);
    t.group.count = 3;
    expect_refused(&t, "a batch of 2 examples cannot be divided among 3 processes");
    t.group.count = 0;
    expect_refused(&t, wrong_rank);
    t.group.count = 2;
    t.group.rank = 2;
    expect_refused(&t, wrong_rank);
    t.group.rank = -1;
    expect_refused(&t, wrong_rank);
    t.group.rank = 0;
    t.group.sum = NULL;
    expect_refused(&t, wrong_rank);
    t.group.sum = sum;
    t.group.begin_sum = begin_sum;
    expect_refused(&t, "a group that begins sums finishes them, too: give both functions");
    close_alone(&t);
}

/* ---- what the others say ------------------------------------------------------------------------ */

static gt_status refuse_to_sum(void *context, void *numbers, int64_t count, gt_dtype dtype, gt_error *error)
{
    (void)context, (void)numbers, (void)count, (void)dtype;
    return gt_error_set(error, GT_ERROR_FILE, "the line is cut");
}

/* The other one's first two numbers: it was interrupted, it failed. */
static gt_status add_to_sum(void *context, void *numbers, int64_t count, gt_dtype dtype, gt_error *error)
{
    (void)error;
    cr_assert_eq(dtype, GT_F64);
    if (count > 2) /* of an iteration, not of the weights */
        ((double *)numbers)[*(const int *)context] += 1;
    return GT_OK;
}

static void expect_end(gt_status (*sums)(void *, void *, int64_t, gt_dtype, gt_error *), int other, gt_train_end end,
                       const char *words)
{
    alone_of_two t;
    gt_train_run run = GT_TRAIN_RUN_INIT;
    open_alone(&t, BATCH);
    t.group.sum = sums;
    t.group.context = &other;
    gt_trainer *trainer = gt_trainer_new(&t.options, &t.error);
    cr_assert_not_null(trainer, "%s", t.error.message);
    run.iterations = 3;
    cr_expect_eq(gt_trainer_run(trainer, &run, &t.error), end, "%s", words);
    cr_expect_not_null(strstr(t.error.message, words), "expected: %s\nbut it said: %s", words, t.error.message);
    gt_trainer_free(trainer);
    close_alone(&t);
}

Test(trainer_group, ends_when_another_process_does)
{
    expect_end(refuse_to_sum, 0, GT_TRAIN_FAILED, "the line is cut");
    expect_end(add_to_sum, 0, GT_TRAIN_INTERRUPTED, "");
    expect_end(add_to_sum, 1, GT_TRAIN_FAILED, "another of the 2 processes failed");
}

static gt_status keep_sum(void *context, void *numbers, int64_t count, gt_dtype dtype, gt_error *error)
{
    (void)context, (void)numbers, (void)count, (void)dtype, (void)error;
    return GT_OK;
}

static gt_status finish_nothing(void *context, gt_error *error)
{
    (void)context, (void)error;
    return GT_OK;
}

Test(trainer_group, ends_when_a_sum_cannot_begin)
{
    alone_of_two t;
    units = LARGE_NA;
    open_alone(&t, BATCH);
    t.group.sum = keep_sum;
    t.group.begin_sum = refuse_to_sum;
    t.group.finish_sums = finish_nothing;
    gt_trainer *trainer = gt_trainer_new(&t.options, &t.error);
    cr_assert_not_null(trainer, "%s", t.error.message);
    gt_train_step step;
    cr_expect_eq(gt_trainer_step(trainer, &step, &t.error), GT_ERROR_FILE);
    cr_expect_str_eq(t.error.message, "the line is cut");
    gt_trainer_free(trainer);
    close_alone(&t);
}
