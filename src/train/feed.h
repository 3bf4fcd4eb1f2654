/* What comes out of data into the arrays of a runner: windows of a text, examples in an order. */
#ifndef GT_TRAIN_FEED_H
#define GT_TRAIN_FEED_H

#include "train/group.h"
#include "train/runner.h"
#include "train/windows.h"

/* Compares data with the network that is to read them. `what`: "the training data". */
gt_status gt_train_data_check(const gt_train_data *data, const gt_network *network, bool with_targets, const char *what,
                              gt_error *error);

typedef struct gt_feed {
    gt_train_data data;
    gt_windows windows; /* of a stream */
    int64_t lanes;      /* of an iteration */
    gt_share share;     /* those of them that this process fills */
    int64_t count;      /* iterations of an epoch */
    int64_t *order;     /* of the examples; NULL: a stream */
    int64_t epoch;      /* whose order that is; -1: none yet */
    uint64_t seed;
    bool shuffled;
} gt_feed;

/* Of a stream: whole windows for training, all that are there without shuffling. Free it either way. */
gt_status gt_feed_start(gt_feed *feed, const gt_train_data *data, int64_t lanes, int64_t steps, uint64_t seed,
                        bool shuffled, gt_error *error); /* share: all lanes */
void gt_feed_free(gt_feed *feed);

/*
 * Fills the runner's arrays with what iteration `number` (from 0) reads. Places without an example have
 * weight 0. The weights of an iteration that learns are parts of 1, so that their sum is the mean. Of one that scores
 * the terms are sums: over the examples, or over what counts of a window.
 */
void gt_feed_fill(gt_feed *feed, int64_t number, gt_runner *runner);
/* Whether the states of the iteration before go on in this one. */
bool gt_feed_goes_on(const gt_feed *feed, int64_t number);
/* The example in a lane of that iteration, whoever fills it, after gt_feed_fill; -1: none. */
int64_t gt_feed_example(const gt_feed *feed, int64_t number, int64_t lane);
/* Steps of an example: up to the last that counts, or all where none does. */
int64_t gt_feed_length(const gt_feed *feed, int64_t example);
/* Whether a network that reads from the end, too, must know where each sequence ends. */
bool gt_feed_turns(const gt_feed *feed, const gt_network *network);
/* What a position of an example counts. */
double gt_feed_weight(const gt_feed *feed, int64_t example, int64_t t);

#endif
