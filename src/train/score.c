/* How well a network predicts. */
#include "train/trainer.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

typedef struct tally {
    double loss, right, weight; /* sums */
    double terms[GT_MAX_LOSS_TERMS];
    int64_t *confusion;
} tally;

/* ---- a stream ------------------------------------------------------------------------------ */

static void add_window(const gt_trainer *trainer, int64_t window, tally *sums)
{
    const gt_windows *windows = &trainer->validation.windows;
    gt_runner *runner = trainer->scorer;
    gt_share share = trainer->validation.share;
    double sum = 0;
    for (int64_t t = 0; t < windows->steps; t++)
        for (int64_t lane = share.first; gt_share_has(share, lane); lane++)
            if (gt_windows_counts(windows, window, lane, t))
                sum += gt_runner_number(runner, runner->pass.losses, t * share.count + lane - share.first);
    sums->loss += sum;
}

/* ---- examples ------------------------------------------------------------------------------ */

static int64_t likeliest(const gt_runner *runner, int64_t place, int64_t outputs)
{
    int64_t best = 0;
    for (int64_t i = 1; i < outputs; i++)
        if (gt_runner_number(runner, runner->pass.logits, place * outputs + i) >
            gt_runner_number(runner, runner->pass.logits, place * outputs + best))
            best = i;
    return best;
}

static void add_prediction(const gt_trainer *trainer, int64_t place, double weight, tally *sums)
{
    const gt_runner *runner = trainer->scorer;
    sums->loss += weight * gt_runner_number(runner, runner->pass.losses, place);
    sums->weight += weight;
    if (runner->classes == NULL)
        return;
    int64_t outputs = gt_runner_outputs(trainer->options.network), found = likeliest(runner, place, outputs);
    sums->right += found == runner->classes[place] ? weight : 0;
    if (sums->confusion != NULL)
        sums->confusion[found + outputs * runner->classes[place]]++;
}

static void add_examples(const gt_trainer *trainer, int64_t number, tally *sums)
{
    const gt_feed *feed = &trainer->validation;
    gt_share share = feed->share;
    for (int64_t lane = share.first; gt_share_has(share, lane); lane++) {
        int64_t example = gt_feed_example(feed, number, lane);
        for (int64_t t = 0; example >= 0 && t < feed->data.steps; t++) {
            double weight = gt_feed_weight(feed, example, t);
            if (weight > 0)
                add_prediction(trainer, t * share.count + lane - share.first, weight, sums);
        }
    }
}

/* ---- both ---------------------------------------------------------------------------------- */

static void add_terms(const gt_runner *runner, tally *sums)
{
    for (uint32_t k = 0; k < runner->term_count; k++)
        sums->terms[k] += gt_runner_number(runner, runner->pass.terms[k], 0);
}

/* What the sums of the terms are divided by: the windows that what counts of a stream fills, or the examples. */
static double count_of_terms(const gt_feed *feed, const tally *sums)
{
    return feed->data.stream ? sums->weight / (double)feed->windows.steps : (double)feed->data.examples;
}

static gt_status add_all(gt_trainer *trainer, tally *sums, gt_error *error)
{
    gt_feed *feed = &trainer->validation;
    gt_status begun = gt_trainer_forget(trainer->options.network, trainer->options.parameters, trainer->fresh, error);
    if (begun != GT_OK)
        return begun;
    for (int64_t number = 0; number < feed->count; number++) {
        gt_feed_fill(feed, number, trainer->scorer);
        gt_status status = gt_runner_evaluate(trainer->scorer, error);
        if (status != GT_OK)
            return status;
        add_terms(trainer->scorer, sums);
        if (feed->data.stream) {
            add_window(trainer, number, sums);
            gt_runner_carry(trainer->scorer, trainer->fresh);
        } else {
            add_examples(trainer, number, sums);
        }
    }
    if (feed->data.stream)
        sums->weight = (double)(feed->windows.count - 1);
    return GT_OK;
}

/* Adds up what the processes counted, each on its share. */
static gt_status sum_over_group(const gt_trainer *trainer, tally *sums, int64_t confused, gt_error *error)
{
    const gt_feed *feed = &trainer->validation;
    if (feed->share.count == feed->lanes)
        return GT_OK;
    enum { LOSS, RIGHT, WEIGHT, FIRST_TERM, CONFUSED = FIRST_TERM + GT_MAX_LOSS_TERMS };
    double *numbers = gt_memory_new((uint64_t)(CONFUSED + confused), sizeof *numbers);
    if (numbers == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to add up what the processes counted");
    numbers[LOSS] = sums->loss;
    numbers[RIGHT] = sums->right;
    numbers[WEIGHT] = sums->weight;
    memcpy(numbers + FIRST_TERM, sums->terms, sizeof sums->terms);
    for (int64_t i = 0; i < confused; i++)
        numbers[CONFUSED + i] = (double)sums->confusion[i];
    gt_status status = gt_group_sum(trainer->options.group, numbers, CONFUSED + confused, error);
    sums->loss = numbers[LOSS];
    sums->right = numbers[RIGHT];
    memcpy(sums->terms, numbers + FIRST_TERM, sizeof sums->terms);
    if (!feed->data.stream)
        sums->weight = numbers[WEIGHT];
    for (int64_t i = 0; i < confused; i++)
        sums->confusion[i] = (int64_t)numbers[CONFUSED + i];
    gt_memory_free(numbers);
    return status;
}

/* The confusion of these predictions alone, to be added to what the caller has. */
static gt_status count_confusion(gt_trainer *trainer, tally *sums, int64_t *confusion, gt_error *error)
{
    int64_t outputs = gt_runner_outputs(trainer->options.network);
    int64_t confused = confusion == NULL ? 0 : outputs * outputs;
    if (confused > 0)
        sums->confusion = gt_memory_new((uint64_t)confused, sizeof *sums->confusion);
    if (confused > 0 && sums->confusion == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the confusion of %lld classes", (long long)outputs);
    gt_status status = add_all(trainer, sums, error);
    if (status == GT_OK)
        status = sum_over_group(trainer, sums, confused, error);
    for (int64_t i = 0; i < confused && status == GT_OK; i++)
        confusion[i] += sums->confusion[i];
    gt_memory_free(sums->confusion);
    return status;
}

gt_status gt_trainer_validate(gt_trainer *trainer, gt_train_score *score, int64_t *confusion, gt_error *error)
{
    *score = (gt_train_score){.loss = NAN, .accuracy = NAN, .weight = NAN};
    if (trainer->scorer == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "there are no validation data");
    tally sums = {0};
    gt_status status = count_confusion(trainer, &sums, confusion, error);
    if (status != GT_OK)
        return status;
    bool classes = !trainer->options.network->predicts_numbers;
    score->loss = sums.loss / sums.weight * (classes ? GT_NATS_TO_BITS : 1);
    score->weight = sums.weight;
    score->term_count = trainer->scorer->term_count;
    for (uint32_t k = 0; k < score->term_count; k++)
        score->terms[k] = sums.terms[k] / count_of_terms(&trainer->validation, &sums);
    if (classes && !trainer->validation.data.stream)
        score->accuracy = sums.right / sums.weight;
    return GT_OK;
}
