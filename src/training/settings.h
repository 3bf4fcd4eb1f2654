/*
 * The settings of a training run. Those that make the model and its losses what
 * they are, the fixed ones, are saved with it and cannot be changed on resuming;
 * the others are about this run alone.
 */
#ifndef GT_TRAINING_SETTINGS_H
#define GT_TRAINING_SETTINGS_H

#include "command/engine.h"
#include "command/json.h"

#define GT_FIXED_COUNT 26        /* rows of gt_settings_fixed */
#define GT_FIXED_OF_VERSION_2 22 /* of these, what models up to version 2 have */

typedef struct gt_settings {
    /* the model */
    const char *cell; /* a name or a file: see command/cell_source.h */
    const char *dims; /* sizes that the cell names besides n_x and n_a; "": none */
    int dtype;
    int64_t hidden, layers, embedding;
    int64_t parameters; /* of the whole network, by which hidden is found; 0: hidden is given */
    bool bytes;
    int engine;
    /* learning */
    const char *task; /* what is to be predicted of sequences, or a task that makes them; "": of a text */
    int64_t examples; /* that a task makes */
    int64_t steps, batch, seed;
    double dropout, validation;
    int64_t validate_every;
    /* the optimizer */
    int optimizer, schedule;
    double rate, last_rate, momentum, clip, weight_decay;
    const char *rates; /* NAME=FACTOR,... of the learning rate; "": none */
    int64_t warmup, decay_iterations;
    /* when to stop; 0: not given */
    int64_t iterations;
    double epochs, minutes;
    int64_t patience; /* validations; 0: no end */
    /* this run */
    gt_text_list text;
    const char *data, *validation_data; /* sequences; NULL: none */
    const char *save, *log;             /* save is NULL where nothing is to be saved */
    double save_every;
    int64_t threads; /* 0: as many as there are cores */
    const char *set; /* constants of a new model's cell, whose text carries them; NULL: none */
    int64_t memory;  /* of an iteration, bytes; 0: any */
    bool resume, other_data, overwrite, quiet, json;
    bool given[GT_FIXED_COUNT]; /* of the fixed settings: whether the command line has them */
} gt_settings;

gt_settings gt_settings_defaults(void);
/* What depends on other settings: the rate on the optimizer, the schedule on when to stop. */
void gt_settings_complete(gt_settings *settings);

gt_dtype gt_settings_dtype(const gt_settings *settings);
gt_engine gt_settings_engine(const gt_settings *settings);

/* Learning rates of their own. The names point into the struct. */
typedef struct gt_rate_factors {
    gt_rate_factor list[GT_MAX_CELL_ARRAYS];
    uint32_t count;
    char names[GT_MAX_CELL_ARRAYS][GT_SIZE_NAME];
} gt_rate_factors;
/* Reads "Wf=0.1,by=0"; NULL is nothing. */
bool gt_rate_factors_read(gt_rate_factors *factors, const char *text, gt_error *error);

/* The optimizer as the library wants it, but for the factors. */
gt_optimizer_options gt_settings_optimizer(const gt_settings *settings);
/* The network of a cell for a vocabulary of that size; without dimensions beyond n_x and n_a. */
gt_network gt_settings_network(const gt_settings *settings, const gt_cell *cell, uint32_t vocabulary);

/* The fixed settings as options whose targets are in `settings`, with GT_OPTION_END behind them. */
void gt_settings_fixed(gt_settings *settings, gt_option rows[GT_FIXED_COUNT + 1]);

/* Writes them as the object "settings". */
void gt_settings_write(gt_json *json, const gt_settings *settings);

/* What is wrong with the settings of a new model among themselves; NULL: nothing. */
const char *gt_settings_contradiction(const gt_settings *settings);

/* Reads the command line, as gt_usage_parse. */
bool gt_settings_parse(gt_settings *settings, const gt_command *command, int argument_count, char **arguments,
                       int *status);

/*
 * Takes the fixed settings of a saved model. False if the command line gave one
 * another value: *error says which.
 */
bool gt_settings_resume(gt_settings *settings, gt_settings *saved, gt_error *error);

#endif
