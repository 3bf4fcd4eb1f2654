/*
 * gradtape/cell.h: recurrent cells and their sequences.
 *
 * A cell is one function that records one time step, and a table of its
 * arrays. Differentiation, sequences, layers and pictures follow from these.
 *
 * Every state and input has m examples as columns: (size, m). What the next
 * layer reads is the output that says so, or another: see gt_cell_handed_on.
 */
#ifndef GRADTAPE_CELL_H
#define GRADTAPE_CELL_H

#include "gradtape/parameters.h"
#include "gradtape/scan.h"
#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A named size: {"n_a", 128}. */
typedef struct gt_dimension {
    const char *name;
    int64_t size;
} gt_dimension;

/*
 * The value of a size such as "n_a + n_x" or "4 * n_a": whole numbers, names
 * from the list, + - * and parentheses. An unknown name, a result below 1 or an overflow is an error.
 */
GT_API gt_status gt_size_evaluate(const char *size, const gt_dimension *dimensions, uint32_t dimension_count,
                                  int64_t *value, gt_error *error);

/*
 * The other way round: where exactly one name in `size` has no value, and the size
 * grows evenly with it, writes that name and what it must be worth for the size to
 * be `value`. "2 * n_c" that is 14 gives n_c = 7. False: there is no such name or
 * no such whole number of at least 1.
 */
#define GT_SIZE_NAME 64 /* bytes of a dimension's name, with its NUL */
GT_API bool gt_size_solve(const char *size, int64_t value, const gt_dimension *dimensions, uint32_t dimension_count,
                          char name[GT_SIZE_NAME], int64_t *solution);

#define GT_MAX_SIZES 3 /* whose product the rows of an array may be */

/* One row of a cell's table. */
typedef struct gt_cell_array {
    const char *name;
    const char *rows;           /* a size: "n_a" */
    const char *columns;        /* parameters: a size, or NULL for a vector (rows, 1); states and inputs: NULL */
    gt_initializer initializer; /* parameters; for a state its initial value: zeros or a constant; what draws draw */
    bool output_only;           /* a parameter that only `output` reads */
    bool loss;                  /* an output (1, m): training adds its sum over the steps, the mean of the examples */
    bool hidden;                /* an output: what a layer hands on; at most one of a cell */
    /*
     * An input, behind those that are given, or a state: drawn by its initializer in training, the input anew at
     * each step and the state once for each sequence; where nobody draws, all entries are its mean.
     */
    bool drawn;
    /* Of several sizes, S[n_k, n_v]: those whose product `rows` is, the last running fastest; else, and behind them,
     * NULL. */
    const char *sizes[GT_MAX_SIZES];
    /* A state: the formula of parameters that it begins with, as text; gt_cell.begin records it. NULL: it has none. */
    const char *begins_with;
} gt_cell_array;

/* One time step being recorded: what a cell is given and what it answers. */
typedef struct gt_cell_step {
    gt_tape *tape;
    const gt_var *inputs;           /* in the order of the cell's tables */
    const gt_var *states;           /* before the step */
    const gt_var *parameters;       /* those that are output_only are GT_NONE where no output is asked for */
    gt_var *next_states;            /* set by `step`, given to `output` */
    gt_var *outputs;                /* set by `output` */
    void *context;                  /* the cell's own */
    const gt_dimension *dimensions; /* those of the cell's tables whose sizes the arrays tell */
    uint32_t dimension_count;
    void *memory; /* NULL at first; what `step` leaves here for `output` of the same time step */
} gt_cell_step;

typedef struct gt_handwritten gt_handwritten; /* gradtape/handwritten.h */

typedef struct gt_cell {
    const char *name;
    const char *documentation; /* one sentence with the source */
    const gt_cell_array *inputs, *states, *parameters, *outputs;
    uint32_t input_count, state_count, parameter_count, output_count;
    void (*step)(gt_cell_step *step);   /* records next_states */
    void (*output)(gt_cell_step *step); /* records outputs from next_states; NULL if there are none */
    /*
     * Records what a state with `begins_with` begins with in every example, (rows, 1), of tape, parameters, dimensions
     * and context of the step. NULL: no state has it.
     */
    gt_var (*begin)(gt_cell_step *step, uint32_t state);
    void *context;
    const gt_handwritten *handwritten; /* a backward pass to be verified; NULL: none. Never used otherwise */
} gt_cell;

#define GT_MAX_CELL_ARRAYS 256 /* rows of one table */

/* The cells of the library. */
GT_API extern const gt_cell gt_cell_rnn;  /* a' = tanh(Waa a + Wax x + ba), y = softmax(Wya a' + by) */
GT_API extern const gt_cell gt_cell_lstm; /* separate Wf, Wi, Wc, Wo on [a; x], y = softmax(Wy a' + by) */
GT_API extern const gt_cell gt_cell_gru;  /* Cho et al. 2014, y = softmax(Wy a' + by) */
GT_API uint32_t gt_cell_count(void);
GT_API const gt_cell *gt_cell_at(uint32_t i);         /* NULL past the end */
GT_API const gt_cell *gt_cell_find(const char *name); /* NULL if there is none */

/*
 * What a layer of the cell hands on, in a network and in a measurement: the place
 * in `outputs` of the one that is hidden; where none is, of the first that is not
 * its output layer; where there is none of these, -1 for the first state. Another
 * output of "n_y" rows is the output layer, scores of n_y classes; what trains the
 * cell brings one of its own, with the loss.
 */
GT_API int32_t gt_cell_handed_on(const gt_cell *cell);
GT_API bool gt_cell_is_output_layer(const gt_cell_array *output);
/* Whether training records the cell's outputs: one is handed on, or a loss. */
GT_API bool gt_cell_has_read_outputs(const gt_cell *cell);

/* How many of the inputs are given; those behind them are drawn. */
GT_API uint32_t gt_cell_given_inputs(const gt_cell *cell);

/*
 * The shape of one row of a table: (rows, columns) for a parameter, (rows, 1) for
 * a vector, and (rows, columns_if_vector) for a state, an input or an output.
 */
GT_API gt_status gt_cell_array_shape(const gt_cell_array *array, const gt_dimension *dimensions,
                                     uint32_t dimension_count, int64_t columns_if_vector, gt_shape *shape,
                                     gt_error *error);

/*
 * What all entries of a drawn row are where nobody draws, the mean of its law; of another state the number that it
 * begins with.
 */
GT_API gt_status gt_cell_array_mean(const gt_cell_array *array, const gt_dimension *dimensions,
                                    uint32_t dimension_count, double *mean, gt_error *error);

/*
 * Adds what the cell draws to the set: its drawn inputs (rows, m, T), then its drawn states (rows, m), with their laws,
 * so that gt_parameters_initialize draws.
 */
GT_API gt_status gt_cell_declare_draws(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                                       int64_t m, int64_t steps, const char *prefix, gt_parameters *set,
                                       gt_error *error);

/*
 * Records what a state with `begins_with` begins with, (rows, 1), of the cell's parameters: GT_NONE for those that
 * are not there. Invalid on an error, which is on the tape.
 */
GT_API gt_var gt_cell_record_beginning(const gt_cell *cell, uint32_t state, gt_tape *tape, const gt_var *parameters,
                                       const gt_dimension *dimensions, uint32_t dimension_count);
/*
 * The numbers of it, written to `column`, (rows, 1) in the type of the parameters, which are arrays in the order of
 * the cell's table, without data where one is not there.
 */
GT_API gt_status gt_cell_compute_beginning(const gt_cell *cell, uint32_t state, const gt_array *parameters,
                                           const gt_dimension *dimensions, uint32_t dimension_count, gt_array column,
                                           gt_error *error);
/* What a gradient of the column, `upstream`, gives one of the parameters: written to `gradient`, of its shape. */
GT_API gt_status gt_cell_pull_beginning(const gt_cell *cell, uint32_t state, const gt_array *parameters,
                                        const gt_dimension *dimensions, uint32_t dimension_count, const void *upstream,
                                        uint32_t parameter, void *gradient, gt_error *error);

/* Adds the cell's parameters to the set, each name behind `prefix`; without output_only ones unless asked. */
GT_API gt_status gt_cell_declare(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                                 bool with_outputs, const char *prefix, gt_parameters *set, gt_error *error);

/*
 * A cell over a sequence: one layer. All arrays are in the order of the cell's
 * tables. Rolled and unrolled give the same numbers bit for bit, values and
 * gradients; rolled, recording and differentiating cost the same for any T.
 */
typedef struct gt_sequence {
    /* given */
    const gt_cell *cell;
    gt_direction direction;
    bool unrolled; /* T copies of the cell in place of one scan */
    bool with_outputs;
    const gt_var *inputs;           /* (n, m, T) each; (n, m) is a sequence of one step; a drawn one may be GT_NONE */
    const gt_var *initial;          /* (n, m) each; GT_NONE: the parameter that it begins with, or the mean */
    const gt_var *parameters;       /* without outputs, those that are output_only may be GT_NONE */
    const gt_dimension *dimensions; /* what is known of the tables' dimensions beforehand; NULL: nothing */
    uint32_t dimension_count;
    /* answered: arrays of the caller's, may be NULL where not wanted */
    gt_var *states;  /* (n, m, T) each: after every step */
    gt_var *finals;  /* (n, m) each: after the last step */
    gt_var *outputs; /* (n, m, T) each */
} gt_sequence;

/*
 * Records the sequence on the tape of its vars. Returns the tape's status.
 *
 * The dimensions of the tables that are not given are read off the arrays (each must then be the whole
 * size of some axis, or follow from one: "2 * n" that is 14), and every array is compared with its row: an error names
 * the array, its shape, and the expected one in numbers and in dimension names.
 * On an error all answers are invalid.
 */
GT_API gt_status gt_sequence_record(gt_sequence *sequence);

#ifdef __cplusplus
}
#endif
#endif
