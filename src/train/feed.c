#include "train/feed.h"

#include "base/entry.h"
#include "base/memory.h"
#include "train/lots.h"

#include <string.h>

/* ---- start --------------------------------------------------------------------------------- */

gt_status gt_feed_start(gt_feed *feed, const gt_train_data *data, int64_t lanes, int64_t steps, uint64_t seed,
                        bool shuffled, gt_error *error)
{
    *feed =
        (gt_feed){.data = *data, .lanes = lanes, .share = {0, lanes}, .epoch = -1, .seed = seed, .shuffled = shuffled};
    if (data->stream) {
        feed->windows = shuffled ? gt_windows_whole(data->tokens, data->steps, lanes, steps)
                                 : gt_windows_all(data->tokens, data->steps, lanes, steps);
        feed->count = feed->windows.window_count;
        return GT_OK;
    }
    feed->count = gt_lots(data->examples, lanes);
    feed->order = gt_memory_new((uint64_t)data->examples, sizeof *feed->order);
    return feed->order != NULL ? GT_OK
                               : gt_error_set(error, GT_ERROR_MEMORY, "no memory for the order of the examples");
}

void gt_feed_free(gt_feed *feed)
{
    gt_memory_free(feed->order);
    *feed = (gt_feed){0};
}

int64_t gt_train_epoch(const gt_train_data *data, int64_t batch, int64_t steps)
{
    return data->stream ? gt_windows_whole(NULL, data->steps, batch, steps).window_count
                        : gt_lots(data->examples, batch);
}

/* ---- the order ----------------------------------------------------------------------------- */

/* A whole number below `count`, from 64 bits of a generator that is seeded by where it is asked. */
static int64_t draw(uint64_t seed, int64_t epoch, int64_t place, int64_t count)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)place, (uint32_t)(place >> 32), (uint32_t)epoch, 0x6f726472u};
    uint32_t bits[4];
    gt_random_philox(key, counter, bits);
    return (int64_t)((((uint64_t)bits[1] << 32 | bits[0]) >> 1) % (uint64_t)count);
}

/* Every epoch has an order of its own (Fisher and Yates), which nothing but seed and epoch decide. */
static void shuffle(gt_feed *feed, int64_t epoch)
{
    if (feed->epoch == epoch)
        return;
    feed->epoch = epoch;
    for (int64_t i = 0; i < feed->data.examples; i++)
        feed->order[i] = i;
    for (int64_t i = feed->data.examples - 1; feed->shuffled && i > 0; i--) {
        int64_t j = draw(feed->seed, epoch, i, i + 1), kept = feed->order[i];
        feed->order[i] = feed->order[j];
        feed->order[j] = kept;
    }
}

int64_t gt_feed_example(const gt_feed *feed, int64_t number, int64_t lane)
{
    int64_t place = number % feed->count * feed->lanes + lane;
    return place < feed->data.examples ? feed->order[place] : -1;
}

double gt_feed_weight(const gt_feed *feed, int64_t example, int64_t t)
{
    return feed->data.weights == NULL ? 1 : feed->data.weights[t * feed->data.examples + example];
}

int64_t gt_feed_length(const gt_feed *feed, int64_t example)
{
    for (int64_t length = feed->data.steps; length > 0; length--)
        if (gt_feed_weight(feed, example, length - 1) > 0)
            return length;
    return feed->data.steps;
}

bool gt_feed_turns(const gt_feed *feed, const gt_network *network)
{
    if (feed->data.stream || !gt_network_is_bidirectional(network))
        return false;
    for (int64_t example = 0; example < feed->data.examples; example++)
        if (gt_feed_length(feed, example) < feed->data.steps)
            return true;
    return false;
}

/* ---- filling ------------------------------------------------------------------------------- */

/* Copies one example, rows of `size` bytes in all, into its lane; the places behind it keep what they have. */
static void copy_rows(const gt_feed *feed, const void *from, int64_t example, void *to, int64_t lane, size_t size)
{
    for (int64_t t = 0; t < feed->data.steps; t++)
        memcpy((char *)to + (size_t)(t * feed->share.count + lane - feed->share.first) * size,
               (const char *)from + (size_t)(t * feed->data.examples + example) * size, size);
}

static void set_weight(gt_runner *runner, int64_t place, double weight)
{
    gt_entry_set(runner->weights, gt_parameters_dtype(runner->form.parameters), place, weight);
}

static void fill_weights(const gt_feed *feed, int64_t number, gt_runner *runner)
{
    double total = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t t = 0; t < feed->data.steps; t++)
            for (int64_t lane = 0; lane < feed->lanes; lane++) {
                int64_t example = gt_feed_example(feed, number, lane);
                double weight = example < 0 ? 0 : gt_feed_weight(feed, example, t);
                if (pass == 0)
                    total += weight;
                else if (gt_share_has(feed->share, lane))
                    set_weight(runner, t * feed->share.count + lane - feed->share.first,
                               total > 0 ? weight / total : 0);
            }
}

static void set_present(const gt_feed *feed, gt_runner *runner, int64_t lane, int64_t t, double part)
{
    gt_entry_set(runner->present, gt_parameters_dtype(runner->form.parameters),
                 t * feed->share.count + lane - feed->share.first, part);
}

/*
 * Up to the last step that counts, every example's sum over the steps is one of those of which the mean is taken, or
 * which are added up to be scored.
 */
static void fill_present(const gt_feed *feed, int64_t number, gt_runner *runner)
{
    int64_t count = 0;
    for (int64_t lane = 0; lane < feed->lanes; lane++)
        count += gt_feed_example(feed, number, lane) >= 0;
    double part = runner->form.kind == GT_RUNNER_TRAIN ? 1.0 / (double)count : 1;
    for (int64_t lane = feed->share.first; gt_share_has(feed->share, lane); lane++) {
        int64_t example = gt_feed_example(feed, number, lane);
        int64_t length = example < 0 ? 0 : gt_feed_length(feed, example);
        for (int64_t t = 0; t < feed->data.steps; t++)
            set_present(feed, runner, lane, t, t < length ? part : 0);
    }
}

/* Of a window that is scored. */
static void fill_present_of_window(const gt_feed *feed, int64_t window, gt_runner *runner)
{
    for (int64_t lane = feed->share.first; gt_share_has(feed->share, lane); lane++)
        for (int64_t t = 0; t < feed->windows.steps; t++)
            set_present(feed, runner, lane, t, gt_windows_counts(&feed->windows, window, lane, t) ? 1 : 0);
}

/* Where each step of a lane is when its sequence is read from its end: the first after the last that counts. */
static void fill_reversal(const gt_feed *feed, int64_t example, gt_runner *runner, int64_t lane)
{
    int64_t length = gt_feed_length(feed, example), lanes = feed->share.count, own = lane - feed->share.first;
    for (int64_t t = 0; t < feed->data.steps; t++)
        runner->reversal[t * lanes + own] = (int32_t)((t < length ? length - 1 - t : t) * lanes + own);
}

/* An example that stands for none is the first: its numbers are good ones, and count nothing. */
static void fill_lane(const gt_feed *feed, int64_t example, gt_runner *runner, int64_t lane)
{
    const gt_train_data *data = &feed->data;
    size_t size = gt_dtype_size(gt_parameters_dtype(runner->form.parameters));
    if (data->tokens != NULL)
        copy_rows(feed, data->tokens, example, runner->tokens, lane, sizeof(int32_t));
    for (uint32_t i = 0; i < runner->input_count; i++)
        if (runner->input_arrays[i] != NULL)
            copy_rows(feed, data->inputs[i], example, runner->input_arrays[i], lane,
                      (size_t)runner->input_rows[i] * size);
    if (runner->classes != NULL)
        copy_rows(feed, data->classes, example, runner->classes, lane, sizeof(int32_t));
    if (runner->numbers != NULL)
        copy_rows(feed, data->numbers, example, runner->numbers, lane,
                  (size_t)gt_runner_outputs(runner->form.network) * size);
    if (runner->reversal != NULL)
        fill_reversal(feed, example, runner, lane);
}

void gt_feed_fill(gt_feed *feed, int64_t number, gt_runner *runner)
{
    if (feed->data.stream) {
        gt_windows_fill(&feed->windows, number % feed->count, feed->share.first, feed->share.count, runner->tokens,
                        runner->classes);
        if (runner->present != NULL)
            fill_present_of_window(feed, number % feed->count, runner);
        return;
    }
    shuffle(feed, feed->shuffled ? number / feed->count : 0);
    for (int64_t lane = feed->share.first; gt_share_has(feed->share, lane); lane++) {
        int64_t example = gt_feed_example(feed, number, lane);
        fill_lane(feed, example < 0 ? 0 : example, runner, lane);
    }
    if (runner->weights != NULL)
        fill_weights(feed, number, runner);
    if (runner->present != NULL)
        fill_present(feed, number, runner);
}

bool gt_feed_goes_on(const gt_feed *feed, int64_t number)
{
    return feed->data.stream && gt_windows_goes_on(&feed->windows, number % feed->count);
}
