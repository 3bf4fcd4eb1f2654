#include "train/group.h"

#include "base/entry.h"
#include "base/memory.h"
#include "train/trainer.h"

#include <string.h>

/* ---- shares -------------------------------------------------------------------------------- */

gt_share gt_group_share(const gt_train_group *group, int64_t lanes)
{
    if (group == NULL)
        return (gt_share){0, lanes};
    int64_t each = lanes / group->count, more = lanes % group->count; /* the first `more` have one more */
    int64_t before = group->rank < more ? group->rank : more;
    return (gt_share){each * group->rank + before, each + (group->rank < more)};
}

gt_status gt_group_check(const gt_train_group *group, int64_t batch, gt_error *error)
{
    if (group == NULL)
        return GT_OK;
    if (group->count < 1 || group->rank < 0 || group->rank >= group->count || group->sum == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "a group has a rank from 0 to its count less 1, and a function that sums");
    if (batch >= group->count)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "a batch of %lld examples cannot be divided among %lld processes: make it larger, or start "
                        "fewer of them",
                        (long long)batch, (long long)group->count);
}

gt_status gt_group_sum(const gt_train_group *group, double *numbers, int64_t count, gt_error *error)
{
    return group == NULL ? GT_OK : group->sum(group->context, numbers, count, GT_F64, error);
}

/* ---- after an iteration -------------------------------------------------------------------- */

/* The numbers that are summed: these, then the gradients, then the states of the batch. */
enum { INTERRUPTED, FAILED, LOSS, FIRST_TERM, FIRST_GRADIENT = FIRST_TERM + GT_MAX_LOSS_TERMS };

struct gt_train_exchange {
    const gt_trainer *trainer;
    gt_share share;
    gt_parameters *states; /* (n, share) each */
    void *numbers;
    int64_t count, first_state;
    gt_dtype dtype;
};

static int64_t entries(const gt_parameters *set, uint32_t count)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += gt_shape_count(gt_parameters_array(set, i).shape);
    return sum;
}

static void *at(const gt_train_exchange *x, int64_t number)
{
    return (char *)x->numbers + (size_t)number * gt_dtype_size(x->dtype);
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
    x->first_state = FIRST_GRADIENT + entries(o->parameters, gt_parameters_count(o->parameters));
    x->count = x->first_state;
    if (trainer->training.data.stream)
        x->count += entries(o->states, gt_parameters_count(o->states));
    x->states = gt_trainer_fresh_states(o->network, o->parameters, x->share.count, error);
    x->numbers = x->states == NULL ? NULL : gt_memory_new((uint64_t)x->count, gt_dtype_size(x->dtype));
    if (x->numbers != NULL)
        return x;
    if (x->states != NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for what the processes exchange");
    gt_exchange_free(x);
    return NULL;
}

void gt_exchange_free(gt_train_exchange *exchange)
{
    if (exchange == NULL)
        return;
    gt_parameters_free(exchange->states);
    gt_memory_free(exchange->numbers);
    gt_memory_free(exchange);
}

static void set_number(gt_train_exchange *x, int64_t number, double value)
{
    gt_entry_set(x->numbers, x->dtype, number, value);
}

static double number_at(const gt_train_exchange *x, int64_t number)
{
    return gt_entry_at(x->numbers, x->dtype, number);
}

/* The mean over a share of a text's batch becomes a part of the mean over the batch. */
static void scale(gt_train_exchange *x)
{
    if (!x->trainer->training.data.stream)
        return; /* its weights are parts of the batch's */
    const double part = (double)x->share.count / (double)x->trainer->training.lanes;
    for (int64_t i = LOSS; i < x->first_state; i++)
        set_number(x, i, part * number_at(x, i));
}

/* The columns of the share, of the states of the batch. */
static int64_t columns(const gt_train_exchange *x, gt_array batch, int64_t *first)
{
    int64_t rows = batch.shape.size[0];
    *first = rows * x->share.first;
    return rows * x->share.count;
}

static void put_states(gt_train_exchange *x, const gt_runner *runner)
{
    const gt_parameters *states = x->trainer->options.states;
    int64_t place = x->first_state, first;
    for (uint32_t i = 0; i < runner->state_count; i++) {
        gt_array batch = gt_parameters_array(states, i);
        int64_t count = columns(x, batch, &first);
        memcpy(at(x, place + first), gt_runner_value(runner, runner->finals[i]),
               (size_t)count * gt_dtype_size(x->dtype));
        place += gt_shape_count(batch.shape);
    }
}

static void put(gt_train_exchange *x)
{
    const gt_runner *runner = x->trainer->learner;
    const gt_parameters *set = x->trainer->options.parameters;
    int64_t place = FIRST_GRADIENT;
    set_number(x, LOSS, gt_runner_number(runner, runner->pass.loss, 0));
    for (uint32_t i = 0; i < runner->term_count; i++)
        set_number(x, FIRST_TERM + i, gt_runner_number(runner, runner->pass.terms[i], 0));
    for (uint32_t i = 0; i < runner->parameter_count; i++) {
        int64_t count = gt_shape_count(gt_parameters_array(set, i).shape);
        memcpy(at(x, place), gt_runner_value(runner, runner->gradients[i]), (size_t)count * gt_dtype_size(x->dtype));
        place += count;
    }
    scale(x);
    if (x->count > x->first_state)
        put_states(x, runner);
}

gt_status gt_exchange_run(gt_train_exchange *x, gt_status own, gt_error *error)
{
    const gt_train_group *group = x->trainer->options.group;
    memset(x->numbers, 0, (size_t)x->count * gt_dtype_size(x->dtype));
    if (own == GT_OK)
        put(x);
    else
        set_number(x, own == GT_ERROR_INTERRUPTED ? INTERRUPTED : FAILED, 1);
    gt_error of_sum = {0};
    gt_status status = group->sum(group->context, x->numbers, x->count, x->dtype, &of_sum);
    if (own != GT_OK && own != GT_ERROR_INTERRUPTED)
        return own; /* *error has its reason */
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", of_sum.message);
    if (number_at(x, FAILED) > 0)
        return gt_error_set(error, GT_ERROR_VALUE, "another of the %lld processes failed", (long long)group->count);
    if (number_at(x, INTERRUPTED) > 0)
        return gt_error_set(error, GT_ERROR_INTERRUPTED, "interrupted");
    return GT_OK;
}

double gt_exchange_loss(const gt_train_exchange *exchange)
{
    return number_at(exchange, LOSS);
}

double gt_exchange_term(const gt_train_exchange *exchange, uint32_t term)
{
    return number_at(exchange, FIRST_TERM + term);
}

const void *gt_exchange_gradient(const gt_train_exchange *exchange, uint32_t parameter)
{
    return at(exchange, FIRST_GRADIENT + entries(exchange->trainer->options.parameters, parameter));
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
    int64_t place = x->first_state;
    for (uint32_t i = 0; i < gt_parameters_count(kept); i++) {
        gt_array batch = gt_parameters_array(kept, i);
        int64_t count = gt_shape_count(batch.shape);
        memcpy(batch.data, at(x, place), (size_t)count * gt_dtype_size(x->dtype));
        place += count;
    }
}
