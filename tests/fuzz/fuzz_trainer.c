/*
 * A trainer with any options: optimizer, schedule, clipping, factors, data of every kind, sizes and
 * weights. What is refused is told; what is trained twice, or stopped and gone on with, gives the
 * same losses and parameters bit for bit.
 */
#include "array_writer.h"
#include "fuzz.h"

#include "gradtape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EXAMPLES = 4, MOST_STEPS = 12, MOST_ROWS = 3, PLACES = MOST_EXAMPLES * MOST_STEPS, ITERATIONS = 3 };

typedef struct setting {
    gt_network network;
    gt_dtype dtype;
    gt_optimizer_options optimizer;
    gt_rate_factor factors[2];
    gt_train_data data;
    gt_train_options options;
    int32_t tokens[PLACES], classes[PLACES];
    double weights[PLACES], numbers[MOST_ROWS * PLACES], input[MOST_ROWS * PLACES];
    float numbers32[MOST_ROWS * PLACES], input32[MOST_ROWS * PLACES];
    const void *inputs[1];
} setting;

/* ---- options ------------------------------------------------------------------------------- */

/* A usual value, or in one case of four one that is unusual or not allowed. */
static double choose_real(fuzz_bytes *bytes, double usual)
{
    static const double others[] = {0, 1, -1, NAN, INFINITY, 1e300, 1e-300, 0.999};
    uint32_t choice = fuzz_choose(bytes, 32);
    return choice < 24 ? usual : others[choice - 24];
}

static int64_t choose_count(fuzz_bytes *bytes, int64_t usual)
{
    static const int64_t others[] = {0, 1, -1, 2, 7, INT64_MAX, INT64_MIN, 1000};
    uint32_t choice = fuzz_choose(bytes, 32);
    return choice < 24 ? usual : others[choice - 24];
}

static void choose_optimizer(setting *s, fuzz_bytes *bytes)
{
    static const char *const names[] = {"Wy", "by", "Wax", "layer1.Waa", "Wf", "none"};
    gt_optimizer_options *o = &s->optimizer;
    *o = gt_optimizer_defaults((gt_optimizer_kind)fuzz_choose(bytes, GT_OPTIMIZER_ADAGRAD + 1));
    o->schedule.kind = (gt_schedule_kind)fuzz_choose(bytes, GT_SCHEDULE_EXPONENTIAL + 1);
    o->schedule.rate = choose_real(bytes, o->schedule.rate);
    o->schedule.warmup = choose_count(bytes, 2);
    o->schedule.length = choose_count(bytes, 10);
    o->schedule.last = choose_real(bytes, 0.1);
    o->clip = choose_real(bytes, 1);
    o->beta1 = choose_real(bytes, o->beta1);
    o->beta2 = choose_real(bytes, o->beta2);
    o->epsilon = choose_real(bytes, o->epsilon);
    o->momentum = choose_real(bytes, o->momentum);
    o->weight_decay = choose_real(bytes, o->weight_decay);
    o->factor_count = fuzz_choose(bytes, 4) == 1 ? 2 : 0;
    o->factors = s->factors;
    for (uint32_t i = 0; i < o->factor_count; i++)
        s->factors[i] = (gt_rate_factor){names[fuzz_choose(bytes, 6)], choose_real(bytes, 0.5)};
}

static void choose_network(setting *s, fuzz_bytes *bytes)
{
    static const char *const cells[] = {"rnn", "gru", "lstm"};
    bool reads_numbers = fuzz_choose(bytes, 2) == 1;
    s->network = (gt_network){
        .cell = gt_cell_find(cells[fuzz_choose(bytes, 3)]),
        .layer_count = 1 + fuzz_choose(bytes, 2),
        .vocabulary = reads_numbers ? 0 : 4,
        .embedding = 1 + fuzz_choose(bytes, MOST_ROWS),
        .hidden = 1 + fuzz_choose(bytes, 3),
        .dropout = choose_real(bytes, 0.25),
        .reads_numbers = reads_numbers,
        .predicts_numbers = fuzz_choose(bytes, 2) == 1,
        .outputs = 1 + fuzz_choose(bytes, MOST_ROWS),
    };
    if (s->network.cell == NULL)
        abort();
}

/* ---- data ---------------------------------------------------------------------------------- */

static int32_t choose_token(fuzz_bytes *bytes, uint32_t below)
{
    uint32_t choice = fuzz_choose(bytes, 64);
    return choice == 63 ? -1 : (int32_t)(choice % (below + (choice == 62)));
}

static void fill(setting *s, fuzz_bytes *bytes)
{
    for (int i = 0; i < PLACES; i++) {
        s->tokens[i] = choose_token(bytes, 4);
        s->classes[i] = choose_token(bytes, (uint32_t)s->network.outputs);
        s->weights[i] = array_number(bytes);
    }
    for (int i = 0; i < MOST_ROWS * PLACES; i++) {
        s->numbers[i] = array_number(bytes);
        s->input[i] = array_number(bytes);
        s->numbers32[i] = (float)s->numbers[i];
        s->input32[i] = (float)s->input[i];
    }
}

static void choose_data(setting *s, fuzz_bytes *bytes)
{
    s->data = (gt_train_data)GT_TRAIN_DATA_INIT;
    s->data.stream = fuzz_choose(bytes, 3) == 1;
    s->data.examples = s->data.stream ? 1 : 1 + fuzz_choose(bytes, MOST_EXAMPLES);
    s->data.steps = s->data.stream ? 1 + fuzz_choose(bytes, PLACES) : 1 + fuzz_choose(bytes, MOST_STEPS);
    if (s->data.stream)
        s->network.outputs = 0;
    fill(s, bytes);
    s->inputs[0] = s->dtype == GT_F32 ? (const void *)s->input32 : s->input;
    s->data.tokens = s->network.reads_numbers ? NULL : s->tokens;
    s->data.inputs = s->inputs;
    s->data.classes = s->network.predicts_numbers ? NULL : s->classes;
    s->data.numbers = s->dtype == GT_F32 ? (const void *)s->numbers32 : s->numbers;
    s->data.weights = fuzz_choose(bytes, 2) == 1 ? s->weights : NULL;
}

static void choose_setting(setting *s, fuzz_bytes *bytes)
{
    s->dtype = fuzz_choose(bytes, 2) == 0 ? GT_F32 : GT_F64;
    choose_network(s, bytes);
    choose_optimizer(s, bytes);
    s->options = (gt_train_options)GT_TRAIN_OPTIONS_INIT;
    s->options.batch = choose_count(bytes, 2);
    s->options.steps = choose_count(bytes, 3);
    s->options.iteration = choose_count(bytes, 0);
    s->options.first = choose_count(bytes, 0);
    s->options.seed = fuzz_choose(bytes, 256);
    s->options.engine = (gt_engine)fuzz_choose(bytes, GT_ENGINE_INTERPRETER + 1);
    choose_data(s, bytes);
}

/* ---- training ------------------------------------------------------------------------------ */

/* What a run leaves. */
typedef struct outcome {
    bool started;
    uint32_t done;
    gt_train_step steps[ITERATIONS];
    double parameters[512];
    size_t used;
} outcome;

typedef struct run {
    gt_train_options options;
    gt_parameters *parameters;
    gt_optimizer *optimizer;
    gt_trainer *trainer;
} run;

static void expect_words(const gt_error *error)
{
    if (error->status == GT_OK || error->message[0] == '\0')
        abort();
}

/* False, with a word in *error, if the options are refused. */
static bool prepare(const setting *s, run *r, gt_error *error)
{
    r->options = s->options;
    r->parameters = gt_parameters_new(s->dtype);
    if (gt_network_declare(&s->network, r->parameters, error) != GT_OK)
        return false;
    if (gt_parameters_total(r->parameters) * 8 > (int64_t)sizeof((outcome *)0)->parameters)
        abort();
    gt_parameters_initialize(r->parameters, 3);
    r->optimizer = gt_optimizer_new(&s->optimizer, r->parameters, error);
    if (r->optimizer == NULL)
        return false;
    r->options.network = &s->network;
    r->options.parameters = r->parameters;
    r->options.optimizer = r->optimizer;
    r->options.training = r->options.validation = &s->data;
    return true;
}

static bool start(run *r, gt_error *error)
{
    gt_trainer_free(r->trainer);
    r->trainer = gt_trainer_new(&r->options, error);
    return r->trainer != NULL;
}

/* Another trainer that begins where the first one stopped. */
static void go_on(run *r)
{
    gt_error error = {0};
    r->options.iteration = gt_trainer_iteration(r->trainer);
    if (!start(r, &error))
        abort();
}

static void keep_parameters(const run *r, outcome *o)
{
    for (uint32_t i = 0; i < gt_parameters_count(r->parameters); i++) {
        gt_array array = gt_parameters_array(r->parameters, i);
        size_t size = (size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype);
        memcpy((char *)o->parameters + o->used, array.data, size);
        o->used += size;
    }
}

static void train(const setting *s, bool interrupted, outcome *o)
{
    gt_error error = {0};
    run r = {.trainer = NULL};
    memset(o, 0, sizeof *o);
    o->started = prepare(s, &r, &error) && start(&r, &error);
    if (!o->started)
        expect_words(&error);
    for (uint32_t i = 0; o->started && i < ITERATIONS; i++) {
        if (interrupted && i == 1)
            go_on(&r);
        if (gt_trainer_step(r.trainer, &o->steps[i], &error) != GT_OK) {
            expect_words(&error);
            break;
        }
        o->done++;
    }
    gt_train_score score;
    if (o->done > 0 && gt_trainer_validate(r.trainer, &score, NULL, &error) != GT_OK)
        expect_words(&error);
    if (o->started)
        keep_parameters(&r, o);
    gt_trainer_free(r.trainer);
    gt_optimizer_free(r.optimizer);
    gt_parameters_free(r.parameters);
}

/* Bit for bit: NaN is NaN. */
static void expect_same(const outcome *a, const outcome *b)
{
    if (a->started != b->started || a->done != b->done || a->used != b->used ||
        memcmp(a->parameters, b->parameters, a->used) != 0)
        abort();
    for (uint32_t i = 0; i < a->done; i++) {
        const gt_train_step *x = &a->steps[i], *y = &b->steps[i];
        if (memcmp(&x->loss, &y->loss, sizeof x->loss) != 0 || memcmp(&x->norm, &y->norm, sizeof x->norm) != 0 ||
            memcmp(&x->rate, &y->rate, sizeof x->rate) != 0 || x->skipped != y->skipped)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static setting s;
    static outcome first, again;
    fuzz_bytes bytes = {data, data + size};
    choose_setting(&s, &bytes);
    train(&s, false, &first);
    /* What a stream carries is the trainer's own here, and a second one would begin anew. */
    train(&s, !s.data.stream && fuzz_hash(data, size) % 2 == 0, &again);
    expect_same(&first, &again);
    return 0;
}
