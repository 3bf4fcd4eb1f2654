#include "train/exchange.h"

#include "base/entry.h"
#include "base/memory.h"
#include "train/trainer.h"

#include <stdlib.h>
#include <string.h>

/* The numbers that are summed: the arrays, bucket by bucket, and these, which are known last, at the head of the last.
 */
enum { INTERRUPTED, FAILED, LOSS, FIRST_TERM, HEAD_COUNT = FIRST_TERM + GT_MAX_LOSS_TERMS };

/*
 * A bucket has at least so many bytes: what a sum costs beside its bytes is small against them then. And so much of the
 * work is behind it: less would not hide the sum, and be one more.
 */
#define LEAST_BYTES 65536
#define LEAST_WORK 0.02

/* The gradient of a parameter, or a state. */
typedef struct summed {
    int64_t first, count; /* among the numbers */
    double when;          /* the part of the work behind which it is complete, in the first process */
    uint32_t output;      /* of the runner */
    uint32_t bucket;
    bool state, there; /* there: in this iteration */
} summed;

typedef struct bucket {
    int64_t first, count;
    uint32_t missing; /* arrays that are not there yet */
} bucket;

struct gt_train_exchange {
    const gt_trainer *trainer;
    gt_share share;
    gt_parameters *states; /* (n, share) each */
    gt_dtype dtype;
    void *numbers;
    int64_t count, head; /* head: where that begins */
    summed *arrays;      /* the gradients of all parameters, then the states of a stream */
    summed **in_order;   /* of the numbers */
    double *when;        /* of each, to be handed to the others */
    uint32_t array_count, gradient_count;
    bucket *buckets; /* the last one has the head, and is summed when all has been computed */
    uint32_t bucket_count, begun;
    bool agreed;      /* all have the same buckets */
    gt_status status; /* of what has been done of this iteration */
    gt_error error;
};

static void *at(const gt_train_exchange *x, int64_t number)
{
    return (char *)x->numbers + (size_t)number * gt_dtype_size(x->dtype);
}

static void set_number(gt_train_exchange *x, int64_t number, double value)
{
    gt_entry_set(x->numbers, x->dtype, number, value);
}

static double number_at(const gt_train_exchange *x, int64_t number)
{
    return gt_entry_at(x->numbers, x->dtype, number);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void list_arrays(gt_train_exchange *x)
{
    const gt_train_options *o = &x->trainer->options;
    for (uint32_t i = 0; i < x->array_count; i++) {
        bool state = i >= x->gradient_count;
        gt_array a =
            state ? gt_parameters_array(o->states, i - x->gradient_count) : gt_parameters_array(o->parameters, i);
        x->arrays[i] = (summed){.count = gt_shape_count(a.shape), .when = 1, .state = state};
        x->count += x->arrays[i].count;
    }
    x->count += HEAD_COUNT;
}

static bool allocate(gt_train_exchange *x)
{
    const gt_train_options *o = &x->trainer->options;
    x->gradient_count = gt_parameters_count(o->parameters);
    x->array_count = x->gradient_count;
    if (x->trainer->training.data.stream)
        x->array_count += gt_parameters_count(o->states);
    x->arrays = gt_memory_new(x->array_count, sizeof *x->arrays);
    x->in_order = gt_memory_new(x->array_count, sizeof *x->in_order);
    x->when = gt_memory_new(x->array_count, sizeof *x->when);
    x->buckets = gt_memory_new((uint64_t)x->array_count + 1, sizeof *x->buckets);
    if (x->arrays == NULL || x->in_order == NULL || x->when == NULL || x->buckets == NULL)
        return false;
    list_arrays(x);
    x->numbers = gt_memory_new((uint64_t)x->count, gt_dtype_size(x->dtype));
    return x->numbers != NULL;
}

gt_train_exchange *gt_exchange_new(const gt_trainer *trainer, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    gt_train_exchange *x = gt_memory_new(1, sizeof *x);
    if (x == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for what the processes exchange");
        return NULL;
    }
    x->trainer = trainer;
    x->share = trainer->training.share;
    x->dtype = gt_parameters_dtype(o->parameters);
    x->states = gt_trainer_fresh_states(o->network, o->parameters, x->share.count, error);
    bool good = x->states != NULL && allocate(x);
    if (good)
        return x;
    if (x->states != NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for what the processes exchange");
    gt_exchange_free(x);
    return NULL;
}

/* What the group may still add to, since a sum was begun and not finished, is not given back. */
void gt_exchange_free(gt_train_exchange *exchange)
{
    if (exchange == NULL)
        return;
    gt_parameters_free(exchange->states);
    if (exchange->begun == 0)
        gt_memory_free(exchange->numbers);
    gt_memory_free(exchange->arrays);
    gt_memory_free(exchange->in_order);
    gt_memory_free(exchange->when);
    gt_memory_free(exchange->buckets);
    gt_memory_free(exchange);
}

/* ---- buckets ------------------------------------------------------------------------------- */

static int by_completion(const void *a, const void *b)
{
    const summed *x = *(summed *const *)a, *y = *(summed *const *)b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    return x < y ? -1 : 1; /* of one list */
}

static bool can_overlap(const gt_train_exchange *x)
{
    return x->trainer->options.group->begin_sum != NULL;
}

/* Whether the bucket is full with this array, and the next one begins another. */
static bool is_full(const gt_train_exchange *x, const bucket *b, uint32_t k)
{
    const summed *const *order = (const summed *const *)x->in_order;
    bool waits = k + 1 < x->array_count && order[k + 1]->when > order[k]->when;
    size_t bytes = (size_t)b->count * gt_dtype_size(x->dtype);
    return can_overlap(x) && waits && bytes >= LEAST_BYTES && order[k]->when <= 1 - LEAST_WORK;
}

/* The same in all processes, from what the first one knows. */
static void divide(gt_train_exchange *x)
{
    int64_t first = 0;
    for (uint32_t k = 0; k < x->array_count; k++)
        x->in_order[k] = &x->arrays[k];
    qsort(x->in_order, x->array_count, sizeof *x->in_order, by_completion);
    bucket *last = x->buckets;
    *last = (bucket){0};
    for (uint32_t k = 0; k < x->array_count; k++) {
        summed *a = x->in_order[k];
        a->first = first;
        a->bucket = (uint32_t)(last - x->buckets);
        first += a->count;
        last->count += a->count;
        if (is_full(x, last, k))
            *++last = (bucket){.first = first};
    }
    x->head = last->first;
    last->count += HEAD_COUNT;
    for (uint32_t i = 0; i < x->array_count; i++)
        x->arrays[i].first += x->arrays[i].first >= x->head ? HEAD_COUNT : 0;
    x->bucket_count = (uint32_t)(last - x->buckets) + 1;
}

/* Plans may differ between processes, since their shares and processors do: the first one says when. */
static gt_status agree(gt_train_exchange *x)
{
    const gt_train_group *group = x->trainer->options.group;
    for (uint32_t i = 0; i < x->array_count; i++)
        x->when[i] = group->rank == 0 ? x->arrays[i].when : 0;
    gt_status status = gt_group_sum(group, x->when, x->array_count, &x->error);
    for (uint32_t i = 0; i < x->array_count && status == GT_OK; i++)
        x->arrays[i].when = x->when[i];
    x->agreed = status == GT_OK;
    if (x->agreed)
        divide(x);
    return status;
}

double gt_exchange_early(const gt_train_exchange *x)
{
    return (double)x->buckets[x->bucket_count - 1].first / (double)x->count;
}

/* ---- in the course of an iteration --------------------------------------------------------- */

/* The columns of the share, of the states of the batch. */
static int64_t columns(const gt_train_exchange *x, gt_array batch, int64_t *first)
{
    int64_t rows = batch.shape.size[0];
    *first = rows * x->share.first;
    return rows * x->share.count;
}

/* The mean over a share of a text's batch becomes a part of the mean over the batch; sequences have weights that are
 * parts of the batch's. */
static void scale(gt_train_exchange *x, int64_t first, int64_t count)
{
    const double part = (double)x->share.count / (double)x->trainer->training.lanes;
    for (int64_t i = first; i < first + count && x->trainer->training.data.stream; i++)
        set_number(x, i, part * number_at(x, i));
}

static void put(gt_train_exchange *x, summed *a)
{
    const gt_runner *runner = x->trainer->learner;
    size_t size = gt_dtype_size(x->dtype);
    int64_t first = 0, count = a->count;
    if (a->state)
        memset(at(x, a->first), 0, (size_t)count * size); /* the others' columns */
    if (a->state)
        count = columns(
            x, gt_parameters_array(x->trainer->options.states, (uint32_t)(a - x->arrays) - x->gradient_count), &first);
    memcpy(at(x, a->first + first), gt_runner_output(runner, a->output), (size_t)count * size);
    if (!a->state)
        scale(x, a->first, count);
    a->there = true;
    x->buckets[a->bucket].missing--;
}

/* In the order of the buckets in all processes, as far as they are there. */
static void begin_sums(gt_train_exchange *x)
{
    const gt_train_group *group = x->trainer->options.group;
    while (x->status == GT_OK && x->begun + 1 < x->bucket_count && x->buckets[x->begun].missing == 0) {
        const bucket *b = &x->buckets[x->begun];
        x->status = group->begin_sum(group->context, at(x, b->first), b->count, x->dtype, &x->error);
        x->begun += x->status == GT_OK;
    }
}

static void on_output(void *context, uint32_t output)
{
    gt_train_exchange *x = context;
    for (uint32_t i = 0; i < x->array_count; i++)
        if (x->arrays[i].output == output)
            put(x, &x->arrays[i]);
    begin_sums(x);
}

gt_status gt_exchange_watch(gt_train_exchange *x, gt_runner *runner, gt_error *error)
{
    for (uint32_t i = 0; i < x->array_count; i++) {
        summed *a = &x->arrays[i];
        a->output = a->state ? runner->first_final + i - x->gradient_count : runner->first_gradient + i;
        a->when = can_overlap(x) ? gt_runner_work_until(runner, a->output) : 1;
    }
    divide(x);
    x->agreed = !can_overlap(x);
    return can_overlap(x) ? gt_runner_on_output(runner, on_output, x, error) : GT_OK;
}

void gt_exchange_begin(gt_train_exchange *x)
{
    x->status = GT_OK;
    x->error = (gt_error){0};
    if (!x->agreed)
        x->status = agree(x);
    for (uint32_t k = 0; k < x->bucket_count; k++)
        x->buckets[k].missing = 0;
    for (uint32_t i = 0; i < x->array_count; i++) {
        x->arrays[i].there = false;
        x->buckets[x->arrays[i].bucket].missing++;
    }
}

/* ---- after an iteration -------------------------------------------------------------------- */

static void put_head(gt_train_exchange *x)
{
    const gt_runner *runner = x->trainer->learner;
    set_number(x, x->head + LOSS, gt_runner_number(runner, runner->pass.loss, 0));
    for (uint32_t i = 0; i < runner->term_count; i++)
        set_number(x, x->head + FIRST_TERM + i, gt_runner_number(runner, runner->pass.terms[i], 0));
    scale(x, x->head + LOSS, HEAD_COUNT - LOSS);
}

/* What others wait for is summed also where this one has failed: nobody reads it. */
static void put_nothing(gt_train_exchange *x, gt_status own)
{
    for (uint32_t k = x->begun; k < x->bucket_count; k++) {
        memset(at(x, x->buckets[k].first), 0, (size_t)x->buckets[k].count * gt_dtype_size(x->dtype));
        x->buckets[k].missing = 0;
    }
    set_number(x, x->head + (own == GT_ERROR_INTERRUPTED ? INTERRUPTED : FAILED), 1);
}

static void put_rest(gt_train_exchange *x, gt_status own)
{
    memset(at(x, x->head), 0, HEAD_COUNT * gt_dtype_size(x->dtype));
    if (own != GT_OK) {
        put_nothing(x, own);
        return;
    }
    for (uint32_t i = 0; i < x->array_count; i++)
        if (!x->arrays[i].there)
            put(x, &x->arrays[i]);
    put_head(x);
}

/* The last sum is not begun and finished, but done: there is nothing to do meanwhile. */
static void sum_rest(gt_train_exchange *x)
{
    const gt_train_group *group = x->trainer->options.group;
    const bucket *last = &x->buckets[x->bucket_count - 1];
    begin_sums(x);
    if (x->status == GT_OK)
        x->status = group->sum(group->context, at(x, last->first), last->count, x->dtype, &x->error);
    if (x->status == GT_OK && x->begun > 0)
        x->status = group->finish_sums(group->context, &x->error);
    if (x->status == GT_OK)
        x->begun = 0;
}

gt_status gt_exchange_run(gt_train_exchange *x, gt_status own, gt_error *error)
{
    if (x->status == GT_OK) {
        put_rest(x, own);
        sum_rest(x);
    }
    if (own != GT_OK && own != GT_ERROR_INTERRUPTED)
        return own; /* *error has its reason */
    if (x->status != GT_OK)
        return gt_error_set(error, x->status, "%s", x->error.message);
    if (number_at(x, x->head + FAILED) > 0)
        return gt_error_set(error, GT_ERROR_VALUE, "another of the %lld processes failed",
                            (long long)x->trainer->options.group->count);
    if (number_at(x, x->head + INTERRUPTED) > 0)
        return gt_error_set(error, GT_ERROR_INTERRUPTED, "interrupted");
    return GT_OK;
}

double gt_exchange_loss(const gt_train_exchange *exchange)
{
    return number_at(exchange, exchange->head + LOSS);
}

double gt_exchange_term(const gt_train_exchange *exchange, uint32_t term)
{
    return number_at(exchange, exchange->head + FIRST_TERM + term);
}

const void *gt_exchange_gradient(const gt_train_exchange *exchange, uint32_t parameter)
{
    return at(exchange, exchange->arrays[parameter].first);
}

/* ---- states -------------------------------------------------------------------------------- */

gt_parameters *gt_exchange_states(const gt_train_exchange *exchange)
{
    return exchange->states;
}

void gt_exchange_give_states(gt_train_exchange *x)
{
    const gt_parameters *kept = x->trainer->options.states;
    size_t size = gt_dtype_size(x->dtype);
    for (uint32_t i = 0; i < gt_parameters_count(kept); i++) {
        gt_array batch = gt_parameters_array(kept, i);
        int64_t first, count = columns(x, batch, &first);
        memcpy(gt_parameters_array(x->states, i).data, (const char *)batch.data + (size_t)first * size,
               (size_t)count * size);
    }
}

void gt_exchange_keep_states(gt_train_exchange *x)
{
    const gt_parameters *kept = x->trainer->options.states;
    for (uint32_t i = 0; i < gt_parameters_count(kept); i++) {
        gt_array batch = gt_parameters_array(kept, i);
        memcpy(batch.data, at(x, x->arrays[x->gradient_count + i].first),
               (size_t)gt_shape_count(batch.shape) * gt_dtype_size(x->dtype));
    }
}
