/* What a trained network predicts of sequences. */
#include "base/sized.h"
#include "train/trainer.h"

#include <string.h>

typedef struct prediction {
    gt_feed feed;
    gt_runner *runner;
    gt_parameters *states;
} prediction;

static gt_status begin(prediction *p, const gt_train_options *o, const gt_train_data *data, gt_error *error)
{
    int64_t lanes = o->batch < data->examples ? o->batch : data->examples;
    gt_error inner = {0};
    gt_status status = gt_feed_start(&p->feed, data, lanes, o->steps, 0, false, error);
    if (status != GT_OK)
        return status;
    p->states = gt_trainer_fresh_states(o->network, o->parameters, lanes, &inner);
    if (p->states == NULL)
        return gt_error_set(error, inner.status, "%s", inner.message);
    const gt_runner_form form = {
        .network = o->network,
        .parameters = o->parameters,
        .states = p->states,
        .kind = GT_RUNNER_PREDICT,
        .turns = gt_feed_turns(&p->feed, o->network),
        .lanes = lanes,
        .steps = data->steps,
        .engine = o->engine,
        .threads = o->threads,
    };
    p->runner = gt_runner_new(&form, &inner);
    if (p->runner == NULL)
        return gt_error_set(error, inner.status, "%s", inner.message);
    gt_runner_on_interrupt(p->runner, o->interrupt, o->context);
    return GT_OK;
}

static void copy_out(const prediction *p, int64_t number, void *predictions)
{
    const gt_train_data *data = &p->feed.data;
    size_t size = (size_t)gt_runner_outputs(p->runner->form.network) *
                  gt_dtype_size(gt_parameters_dtype(p->runner->form.parameters));
    const char *from = gt_runner_value(p->runner, p->runner->pass.logits);
    for (int64_t lane = 0; lane < p->feed.lanes; lane++) {
        int64_t example = gt_feed_example(&p->feed, number, lane);
        for (int64_t t = 0; example >= 0 && t < data->steps; t++)
            memcpy((char *)predictions + (size_t)(t * data->examples + example) * size,
                   from + (size_t)(t * p->feed.lanes + lane) * size, size);
    }
}

gt_status gt_train_predict(const gt_train_options *options, const gt_train_data *data, void *predictions,
                           gt_error *error)
{
    gt_train_options o;
    gt_train_data d;
    gt_take_sized(&o, options, sizeof o);
    gt_take_sized(&d, data, sizeof d);
    if (o.network == NULL || o.parameters == NULL || o.batch < 1 || d.stream)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "predictions need a network, its parameters, a batch of at least 1 and no stream");
    gt_status status = gt_train_data_check(&d, o.network, false, "the data", error);
    if (status != GT_OK)
        return status;
    prediction p = {0};
    status = begin(&p, &o, &d, error);
    for (int64_t number = 0; status == GT_OK && number < p.feed.count; number++) {
        gt_feed_fill(&p.feed, number, p.runner);
        status = gt_runner_evaluate(p.runner, error);
        if (status == GT_OK)
            copy_out(&p, number, predictions);
    }
    gt_runner_free(p.runner);
    gt_parameters_free(p.states);
    gt_feed_free(&p.feed);
    return status;
}
