/*
 * gradtape/train.h: training a network on sequences, and what a trained one predicts.
 *
 * A trainer takes a network (network.h) with its parameters and an optimizer (optimizer.h), and
 * data: a stream of tokens, or sequences with what is to be predicted of them. It prints nothing,
 * looks at no signals and reads no files; what it does it tells to a callback.
 *
 *     gt_train_data data = GT_TRAIN_DATA_INIT;
 *     data.examples = m, data.steps = T, data.inputs = sequences, data.numbers = values;
 *     gt_train_options options = GT_TRAIN_OPTIONS_INIT;
 *     options.network = &network, options.parameters = set, options.optimizer = optimizer;
 *     options.training = &data, options.batch = 32;
 *     gt_trainer *trainer = gt_trainer_new(&options, &error);
 *     gt_train_run run = GT_TRAIN_RUN_INIT;
 *     run.iterations = 1000, run.on_iteration = show;
 *     if (gt_trainer_run(trainer, &run, &error) == GT_TRAIN_FAILED)
 *         puts(error.message);
 *     gt_trainer_free(trainer);                    // the parameters are the caller's
 *
 * The same options give the same losses bit for bit, and so does going on: a trainer that starts with
 * the parameters, the states, the optimizer and the iteration of another does what that one would have done.
 */
#ifndef GRADTAPE_TRAIN_H
#define GRADTAPE_TRAIN_H

#include "gradtape/interpreter.h"
#include "gradtape/network.h"
#include "gradtape/optimizer.h"
#include "gradtape/problem.h"
#include "gradtape/random.h"
#include "gradtape/threads.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- data ---------------------------------------------------------------------------------- */

/*
 * Sequences and what is to be predicted of them; all arrays are the caller's, column-major, and must outlive
 * the trainer. Real numbers have the type of the parameters. A sequence that ends early is one whose
 * later steps have weight 0, a prediction at the end alone is one where all steps but one have.
 */
typedef struct gt_train_data {
    size_t size;             /* of the struct, by GT_TRAIN_DATA_INIT; or 0 */
    int64_t examples, steps; /* N, T */
    const int32_t *tokens;   /* (N, T); NULL for a network that reads numbers */
    /* (rows, N, T), one for each input of the cell; with tokens the first is not read. NULL: there are none. */
    const void *const *inputs;
    const int32_t *classes; /* (N, T): 0 <= class < outputs */
    const void *numbers;    /* (outputs, N, T), for a network that predicts numbers */
    /*
     * (N, T), finite, >= 0: what a prediction counts; NULL: all 1. A sequence ends with the last step that counts:
     * there a layer in both directions begins to read from the end.
     */
    const double *weights;
    /*
     * The tokens are one text (1, T), read in `batch` places side by side, in windows of options.steps
     * from each of which the states go on to the next (truncated backpropagation through time). What is
     * to be predicted is the next token.
     */
    bool stream;
} gt_train_data;
#define GT_TRAIN_DATA_INIT GT_SIZED(gt_train_data)

/* ---- several processes --------------------------------------------------------------------- */

/*
 * Processes that train one model together, each on its part of every batch (data parallelism). Their
 * trainers have the same options but for the rank, whole batches and whole data; they are asked for
 * the same in the same order. After every iteration all have the same parameters, optimizer and
 * states. With one process or another number of them, losses differ by rounding alone.
 */
typedef struct gt_train_group {
    size_t size;         /* of the struct, by GT_TRAIN_GROUP_INIT; or 0 */
    int64_t rank, count; /* 0 <= rank < count, at most as many as a batch has examples */
    /*
     * Replaces each of the numbers by its sum over the processes, which call this together: with the same
     * bits in all of them, and the same from run to run. Not GT_OK, with *error: training ends.
     */
    gt_status (*sum)(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error);
    void *context;
    /*
     * Of a group that can sum while something else is computed, all three in all of its processes; NULL: it cannot.
     * Gradients that are complete early, such as those of the last layers, are then summed while the others are
     * computed. begin_sum returns at once, and the numbers are the sum when finish_sums, of all sums that were begun,
     * has returned GT_OK; until then nobody else touches them. Processes begin sums, and call `sum` beside them, in
     * the same order. go_on is called again and again meanwhile, some thousand times a second, for sums that
     * need it; it may be NULL.
     */
    gt_status (*begin_sum)(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error);
    void (*go_on)(void *context);
    gt_status (*finish_sums)(void *context, gt_error *error);
} gt_train_group;
#define GT_TRAIN_GROUP_INIT GT_SIZED(gt_train_group)

/* ---- a trainer ----------------------------------------------------------------------------- */

typedef struct gt_train_options {
    size_t size;               /* of the struct, by GT_TRAIN_OPTIONS_INIT; or 0 */
    const gt_network *network; /* this and all that follows must outlive the trainer */
    gt_parameters *parameters; /* of gt_network_declare; changed by training */
    gt_optimizer *optimizer;   /* of these parameters */
    /* (n, batch) each, of gt_network_declare_states: what a stream carries on; NULL: the trainer's own. */
    gt_parameters *states;
    const gt_train_data *training, *validation; /* validation may be NULL */
    int64_t batch;                              /* examples of an iteration */
    int64_t steps;                              /* of the windows of a stream */
    uint64_t seed;                              /* of dropout and the order of the examples */
    int64_t iteration;                          /* iterations done before */
    int64_t first;                              /* the iteration at which this data began: its first epoch */
    gt_engine engine;
    gt_threads *threads;         /* NULL: one */
    gt_interrupt *interrupt;     /* asked in the course of an iteration; NULL: never */
    void *context;               /* what it is given */
    const gt_train_group *group; /* what one of them is told or interrupted by ends all; NULL: one process */
    size_t memory;               /* most bytes of an iteration's own memory, as of gt_plan_options; 0: any */
} gt_train_options;
#define GT_TRAIN_OPTIONS_INIT GT_SIZED(gt_train_options)

typedef struct gt_trainer gt_trainer;

/* NULL on an error: data that do not fit the network, a class out of range, a text too short, no memory. */
GT_API gt_trainer *gt_trainer_new(const gt_train_options *options, gt_error *error);
GT_API void gt_trainer_free(gt_trainer *trainer);

/* Iterations of an epoch: all examples once, each in one of them, in an order of the seed's; or a whole text. */
GT_API int64_t gt_trainer_epoch(const gt_trainer *trainer);
/* The same, of data that no trainer has yet; 0 if a text is too short to train on. */
GT_API int64_t gt_train_epoch(const gt_train_data *data, int64_t batch, int64_t steps);
/* Iterations done, those before included. */
GT_API int64_t gt_trainer_iteration(const gt_trainer *trainer);

/*
 * Of several processes: the part of what they sum whose sum begins before all of it is computed, 0 to 1. The first
 * process decides, and the others know after an iteration.
 */
GT_API double gt_trainer_summed_early(const gt_trainer *trainer);

/* What one iteration did. */
typedef struct gt_train_step {
    double loss; /* of classes in bits, of numbers the mean squared error; before the step, without the terms */
    /* The losses that the cells declare, of gt_network_term_name; to them the task's loss is added in nats. */
    double terms[GT_MAX_LOSS_TERMS];
    uint32_t term_count;
    double rate;  /* the learning rate */
    double norm;  /* of all gradients together, before clipping */
    bool skipped; /* a gradient was not finite: parameters stay, states start anew; *error says where */
} gt_train_step;

/* GT_ERROR_INTERRUPTED, with nothing changed, if the interrupt asked for it. */
GT_API gt_status gt_trainer_step(gt_trainer *trainer, gt_train_step *step, gt_error *error);

/* How well a network predicts, each prediction counted by its weight. */
typedef struct gt_train_score {
    double loss;     /* bits, or the mean squared error */
    double accuracy; /* the part of the predictions whose largest logit is the right one's; NaN: no classes, a stream */
    double weight;   /* of all predictions together */
    /*
     * The losses that the cells declare, as in gt_train_step: sums over the steps of a sequence, the mean of all
     * sequences; of a stream over as many steps as a window has, the mean of all positions that count.
     */
    double terms[GT_MAX_LOSS_TERMS];
    uint32_t term_count;
} gt_train_score;

/*
 * On the validation data. `confusion`, which may be NULL, has room for outputs * outputs numbers,
 * column-major (predicted, true), to which the predictions of classes of weight above 0 are added.
 */
GT_API gt_status gt_trainer_validate(gt_trainer *trainer, gt_train_score *score, int64_t *confusion, gt_error *error);

/*
 * The same of any other data, at any time. Of the options network, parameters, batch, steps, engine and
 * threads are read.
 */
GT_API gt_status gt_train_evaluate(const gt_train_options *options, const gt_train_data *data, gt_train_score *score,
                                   int64_t *confusion, gt_error *error);

/* ---- the loop ------------------------------------------------------------------------------ */

/* What is told after each iteration. */
typedef struct gt_train_event {
    int64_t iteration; /* iterations done, this one and those before included */
    double epoch;      /* how often the data were read by then */
    gt_train_step step;
    const char *reason;   /* why it was skipped; NULL: it was not */
    bool validated;       /* there is a score of the validation data */
    gt_train_score score; /* NaN and no terms if there is none */
    bool best;            /* and it is the best so far */
    double seconds;       /* since the run began */
} gt_train_event;

/* Not 0 ends the run. */
typedef int gt_train_callback(void *context, const gt_train_event *event);

typedef enum gt_train_end {
    GT_TRAIN_FAILED = 0,  /* *error says why; parameters and optimizer are those after the last whole iteration */
    GT_TRAIN_ITERATIONS,  /* all done */
    GT_TRAIN_SECONDS,     /* one more would have taken too long */
    GT_TRAIN_PATIENCE,    /* the validation did not get better */
    GT_TRAIN_STOPPED,     /* the callback said so */
    GT_TRAIN_INTERRUPTED, /* the interrupt said so */
} gt_train_end;

/* "iterations", "seconds", ... */
GT_API const char *gt_train_end_name(gt_train_end end);

typedef struct gt_train_run {
    size_t size;                     /* of the struct, by GT_TRAIN_RUN_INIT; or 0 */
    int64_t iterations;              /* at which to stop, those before included; 0: none */
    double seconds;                  /* to run; 0: no limit */
    int64_t validate_every;          /* iterations; 0: never */
    int64_t patience;                /* validations in a row that are not the best, after which to stop; 0: never */
    gt_train_callback *on_iteration; /* may be NULL */
    void *context;
    /* In and out, so that a run goes on where another ended. */
    double best;            /* the smallest loss in a validation */
    int64_t best_iteration; /* after which it was; 0: there was none */
    int64_t worse;          /* validations since then */
    gt_parameters *kept;    /* a set like the parameters, to which the best are copied; NULL: they are not kept */
} gt_train_run;

#define GT_TRAIN_RUN_INIT GT_SIZED(gt_train_run)

/* Trains until it is time to stop; gives up after ten iterations in a row without a finite gradient. */
GT_API gt_train_end gt_trainer_run(gt_trainer *trainer, gt_train_run *run, gt_error *error);

/* ---- predictions --------------------------------------------------------------------------- */

/*
 * Writes what the network of the options predicts of the data (its classes and numbers are not read, its
 * weights alone by layers in both directions) to `predictions`, (outputs, N, T) in the type of the parameters: logits
 * or numbers. Of the options network, parameters, batch, engine, threads and interrupt are read. A stream is none of
 * these.
 */
GT_API gt_status gt_train_predict(const gt_train_options *options, const gt_train_data *data, void *predictions,
                                  gt_error *error);

/* Writing with a network of tokens, one after the other. */
typedef struct gt_sampler gt_sampler;

/*
 * temperature: below 1 more cautious, above more daring, 0 always the likeliest token. All is borrowed, and the
 * parameters stay as they are: what follows from them alone is computed once, with the first token.
 */
GT_API gt_sampler *gt_sampler_new(const gt_network *network, const gt_parameters *parameters, double temperature,
                                  uint32_t seed, gt_engine engine, gt_threads *threads, gt_error *error);
GT_API void gt_sampler_free(gt_sampler *sampler);
/* Reads a token; *next becomes the one that the network lets follow it. */
GT_API gt_status gt_sampler_step(gt_sampler *sampler, int32_t token, int32_t *next, gt_error *error);
/* What is drawn from here on depends on the seed alone, not on what was drawn so far. */
GT_API void gt_sampler_reseed(gt_sampler *sampler, uint32_t seed);

/*
 * The place that u (0 <= u < 1) picks among `count` logits made flatter or
 * steeper: with probability softmax(logits / temperature). With temperature 0 the
 * first of the largest. `weights` has room for `count`.
 */
GT_API int32_t gt_sampler_pick(const double *logits, int32_t count, double temperature, double u, double *weights);

#ifdef __cplusplus
}
#endif
#endif
