/*
 * gradtape/network.h: layers of a cell between a table of embeddings and a
 * projection to logits: a model of sequences of tokens, characters for example.
 *
 *     tokens (m, T) -> embedding (E, m, T) -> layer 1 ... layer L (n, m, T) -> logits (V, m, T)
 *
 * A network that reads numbers has no embedding, and the arrays of the cell's inputs in its place;
 * one that predicts numbers has those, and squared errors, in place of logits and cross-entropy.
 *
 * A layer hands on what gt_cell_handed_on says: the cell's output if it declares one that is not
 * its output layer, and otherwise its first state, n = n_a. The layers may be of different cells, and
 * each may read the sequence in both directions: see gt_network_layer.
 *
 * The parameters of a network are, in this order: `embedding` (E, V), for each
 * layer l = 1 ... L the cell's own as `layerL.NAME`, those of its other direction as
 * `layerL_reverse.NAME`, and the projection `Wy` (V, n) and `by` (V, 1), for logits = Wy a + by. What only
 * the cell's `output` reads is among them if that is handed on. V is `outputs` where that is given.
 *
 *     gt_network network = {.cell = &gt_cell_lstm, .layer_count = 2, .vocabulary = 96,
 *                           .embedding = 64, .hidden = 128};
 *     gt_parameters *set = gt_parameters_new(GT_F32);
 *     gt_network_declare(&network, set, &error);
 *     gt_parameters_initialize(set, 1);
 *
 *     gt_var p[16], initial[4], finals[4];   // gt_parameters_count(set), gt_network_state_count(&network)
 *     gt_parameters_record(set, tape, p);
 *     gt_network_record_states(&network, tape, m, initial);
 *     gt_network_pass pass = {.network = &network, .parameters = p, .initial = initial,
 *                             .tokens = gt_input_i32(tape, "tokens", GT_SHAPE(m, T)),
 *                             .targets = gt_input_i32(tape, "targets", GT_SHAPE(m, T)),
 *                             .finals = finals};
 *     gt_network_record(&pass);              // pass.loss, pass.logits and finals are vars now
 */
#ifndef GRADTAPE_NETWORK_H
#define GRADTAPE_NETWORK_H

#include "gradtape/cell.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GT_MAX_LAYERS 64
#define GT_MAX_LOSS_TERMS 8

/* One of the layers of a network, where they are not all alike. */
typedef struct gt_network_layer {
    const gt_cell *cell;
    int64_t hidden; /* n_a; 0: the network's */
    /*
     * The cell reads the sequence a second time, from its end, with parameters of its own; what is handed on is
     * that of both directions, one above the other (2n, m, T). Such a layer has seen the future: it is for whole
     * sequences, not for streams, and not for predicting what follows.
     */
    bool bidirectional;
} gt_network_layer;

/* One of them as it is written. */
typedef struct gt_layer_text {
    const char *cell; /* in the text, `length` bytes: the name of a cell, or a file */
    size_t length;
    int64_t hidden; /* 0: not said */
    bool bidirectional;
} gt_layer_text;

/*
 * Reads layers, from below: "lstm", "gru, lstm", "bi(lstm 128), gru 64". Each is the name of a cell (or of a file,
 * without spaces, commas and parentheses), behind which may stand its n_a; bi( ) around it is for both directions.
 * GT_ERROR_ARGUMENT with words for a text that is none, or has more than GT_MAX_LAYERS.
 */
GT_API gt_status gt_layers_read(const char *text, gt_layer_text layers[GT_MAX_LAYERS], uint32_t *count,
                                gt_error *error);

typedef struct gt_network {
    /* Has one input of n_x rows, and n_a rows in its first state if that is handed on; n_x is E or n of the
     * layer below. With `layers` it is the cell of the first. */
    const gt_cell *cell;
    uint32_t layer_count; /* L, 1 to GT_MAX_LAYERS */
    int64_t vocabulary;   /* V: tokens are 0 <= token < V */
    int64_t embedding;    /* E */
    int64_t hidden;       /* n_a */
    /*
     * Where a pass has keys, each entry of each layer's output is dropped with
     * this probability, 0 <= dropout < 1, and the others are scaled by 1 / (1 -
     * dropout). What a layer carries over time is never dropped (Zaremba et al. 2014).
     */
    double dropout;
    const gt_dimension *dimensions; /* what the cell's tables name besides n_x and n_a; may be NULL */
    uint32_t dimension_count;
    bool ignores_outputs; /* the first state is handed on, whatever the cell declares */
    /* Inputs of the cell that a pass is given as arrays to every layer, besides the first; the cell has one more. */
    uint32_t further_inputs;
    bool reads_numbers;    /* also the first is an array, of `embedding` rows; there is no vocabulary then */
    bool predicts_numbers; /* the projection gives numbers, not the logits of classes */
    int64_t outputs;       /* rows of the projection: classes or numbers; 0: the vocabulary */
    /* `layer_count` of them, from below; NULL: all are of `cell`, of n_a = `hidden`, in one direction. Their further
     * inputs are among those of the first, by their names. */
    const gt_network_layer *layers;
    /*
     * What is predicted is told at the end of each sequence: in both directions the last layer then hands on,
     * at every step, what the other one has come to after all of them.
     */
    bool at_the_end;
} gt_network;

/* A layer from 0 on, with its n_a, however the network describes it. */
GT_API gt_network_layer gt_network_layer_at(const gt_network *network, uint32_t layer);
/* Whether any layer reads in both directions. */
GT_API bool gt_network_is_bidirectional(const gt_network *network);
/* As gt_cell_handed_on, of that layer's cell. */
GT_API int32_t gt_network_handed_on(const gt_network *network, uint32_t layer);
/*
 * The losses that its cells declare, by their names: what training adds to the task's loss, each the sum over the
 * steps and the layers of what the output of that name is. At most GT_MAX_LOSS_TERMS.
 */
GT_API uint32_t gt_network_term_count(const gt_network *network);
GT_API const char *gt_network_term_name(const gt_network *network, uint32_t term); /* NULL past the end */
/* Says what is wrong with the description of a network, if anything is. */
GT_API gt_status gt_network_check(const gt_network *network, gt_error *error);

GT_API uint32_t gt_network_parameter_count(const gt_network *network);
/* The number of entries of all parameters together, by arithmetic alone. */
GT_API gt_status gt_network_total(const gt_network *network, int64_t *total, gt_error *error);
/* The number of entries of all carried states of m examples together, likewise. */
GT_API gt_status gt_network_state_total(const gt_network *network, int64_t m, int64_t *total, gt_error *error);
/* Adds the network's parameters to the set. */
GT_API gt_status gt_network_declare(const gt_network *network, gt_parameters *set, gt_error *error);

/* The rows of an input of the cell in the first layer: what an array of the data has. */
GT_API gt_status gt_network_input_rows(const gt_network *network, uint32_t input, int64_t *rows, gt_error *error);

/* The states of all layers, layer by layer, and in both directions those of the other behind its own. */
GT_API uint32_t gt_network_state_count(const gt_network *network);
/* The row of the table of its cell; NULL past the end. */
GT_API const gt_cell_array *gt_network_state_row(const gt_network *network, uint32_t state);
/*
 * Adds arrays (n, m) for the carried states to a set: `layer1.a`, `layer1_reverse.a`, ...; their
 * initializers give the values before the first step.
 */
GT_API gt_status gt_network_declare_states(const gt_network *network, int64_t m, gt_parameters *set, gt_error *error);
/*
 * Fills that set with the values before the first step: what the initializers say, and of states that begin
 * with a formula of parameters what that is, of a set of gt_network_declare.
 */
GT_API gt_status gt_network_begin_states(const gt_network *network, const gt_parameters *parameters,
                                         gt_parameters *states, gt_error *error);
/* Records a gt_state of that name and shape for each into states[gt_network_state_count()]. */
GT_API gt_status gt_network_record_states(const gt_network *network, gt_tape *tape, int64_t m, gt_var *states);

/*
 * What the cells draw at each step: adds arrays (rows, m, T) to a set, `layer1.bernoulli_1`, ..., layer by layer, in
 * both directions those of the other behind its own; their initializers are the laws, so that
 * gt_parameters_initialize draws. A network that draws nothing adds none.
 */
GT_API gt_status gt_network_declare_draws(const gt_network *network, int64_t m, int64_t steps, gt_parameters *set,
                                          gt_error *error);
/* Draws the states that are drawn once for each sequence, of a set of gt_network_declare_states; others stay. */
GT_API gt_status gt_network_draw_states(const gt_network *network, uint64_t seed, gt_parameters *states,
                                        gt_error *error);

/* The network over m sequences of T tokens. */
typedef struct gt_network_pass {
    /* given */
    const gt_network *network;
    const gt_var *parameters; /* in the order of gt_network_declare */
    const gt_var *initial;    /* the states before the first step; GT_NONE: the parameter that it begins with */
    /*
     * (1, 1): not 0 where sequences begin: states that begin with a parameter are then that, whatever `initial`
     * has, so that the parameter gets its gradient. GT_NONE: all states are as they are given.
     */
    gt_var begins;
    gt_var tokens;        /* GT_I32 (m, T); of a network that reads numbers it is not read */
    const gt_var *inputs; /* (rows, m, T), by the cell's table; the first is not read where there are tokens */
    gt_var targets;       /* GT_I32 (m, T), classes; or numbers (outputs, m, T); GT_NONE: no loss */
    gt_var weights;       /* (1, m, T): what each position counts in the loss; GT_NONE: all alike */
    const gt_var *draws;  /* (rows, m, T), in the order of gt_network_declare_draws; NULL: the means, not training */
    gt_var present;       /* (1, m, T): what each position counts in the terms; GT_NONE: 1 / m each */
    gt_var keys;          /* GT_I32 (1, T), one dropout key per step; GT_NONE: no dropout */
    /*
     * The m examples are those from `first` on of a batch of `examples`, which is divided: dropout is that
     * of the batch. 0 and 0: they are all.
     */
    int64_t first, examples;
    bool unrolled; /* T copies of the cells in place of scans; the same numbers bit for bit */
    /*
     * Of sequences of several lengths, where layers read in both directions: GT_I32 (m, T), where the step is that
     * stands in the place of this one when each sequence is read from its own end. That of step s of example i is i + m
     * s; behind the end each step stays. It is its own inverse. GT_NONE: all end at T.
     */
    gt_var reversal;
    /* answered */
    gt_var logits; /* (V, m, T), or the numbers that are predicted */
    gt_var losses; /* (1, m, T): the cross-entropy of every position, in nats, or its mean squared error */
    gt_var loss;   /* (1, 1, 1): their mean, or with weights the sum of weights times losses */
    gt_var terms[GT_MAX_LOSS_TERMS]; /* (1, 1, 1) each: the losses that the cells declare */
    gt_var total;                    /* loss and terms together, of which training takes the gradients */
    gt_var *finals;                  /* the states after the last step; may be NULL */
    gt_var *reads; /* layer_count + 1: what each layer reads first, and what the projection reads; may be NULL */
} gt_network_pass;

/* Records the pass on the tape of its tokens or inputs. Returns the tape's status. */
GT_API gt_status gt_network_record(gt_network_pass *pass);

#ifdef __cplusplus
}
#endif
#endif
