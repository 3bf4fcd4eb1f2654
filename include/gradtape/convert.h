/*
 * gradtape/convert.h: the weights of recurrent layers in the layouts of other frameworks.
 *
 *     gt_archive *theirs = gt_safetensors_read("lstm.safetensors", &error);
 *     gt_convert_options options = {.from = GT_FRAMEWORK_PYTORCH, .cell = "lstm"};
 *     gt_archive *ours = gt_convert(theirs, &options, &error);   // Wf, bf, Wi, bi, Wc, bc, Wo, bo
 *     gt_archive_free(ours);
 *     gt_archive_free(theirs);
 *
 * Cells. `lstm`, `gru_after`, `gru`, `rnn` and `peephole_lstm` of the zoo; other frameworks have
 *
 *     cell           PyTorch              Keras                        ONNX
 *     lstm           LSTM                 LSTM                         LSTM
 *     gru_after      GRU                  GRU(reset_after=True)        GRU, linear_before_reset=1
 *     gru                                 GRU(reset_after=False)       GRU, linear_before_reset=0
 *     rnn            RNN (tanh)           SimpleRNN (tanh)             RNN (Tanh)
 *     peephole_lstm                                                    LSTM with P
 *
 * Names and shapes, G gates of n units on n_x inputs, K a layer from 0, L = K + 1:
 *
 *     gradtape   Wf, ...; layerL.Wf, ...; layerL_reverse.Wf, ...; with parameter/ before in a model file
 *     PyTorch    weight_ih_lK (G n, n_x), weight_hh_lK (G n, n), bias_ih_lK, bias_hh_lK (G n); with
 *                _reverse behind; gates i f g o, r z n
 *     Keras      kernel (n_x, G n), recurrent_kernel (n, G n), bias (G n), with reset_after (2, G n); behind
 *                the names of layers (lstm_1/lstm_cell/kernel:0), of which "backward" marks the reverse
 *                direction; written as layerL/kernel, layerL_backward/kernel; gates i f c o, z r h
 *     ONNX       W (D, G n, n_x), R (D, G n, n), B (D, 2 G n), P (D, 3 n) for D directions; of several layers
 *                layerL.W; gates i o f c, z r h
 *
 * A network's embedding and output layer (embedding, Wy, by; bare: the output layer of the cell) are
 * embedding.weight, linear.weight and linear.bias in PyTorch, embedding/embeddings, dense/kernel and
 * dense/bias in Keras, and embedding, Wy and by with their axes turned round in ONNX.
 *
 * Biases. Where a gate has two biases there and one here, it becomes their sum; on the way back the
 * first, that of the input, gets all of it and the other is zero. A file without biases has zeros
 * here. The update gate of `gru` is 1 - z, so that its numbers change their signs. Everything else is
 * moved and not computed with: from here to another layout and back all arrays are the same bit for
 * bit, and from there to here and back up to the sum.
 *
 * Sources: torch.nn.LSTM, GRU and RNN; keras.layers.LSTM, GRU and SimpleRNN; the operators LSTM, GRU
 * and RNN of ONNX (onnx.ai/onnx/operators).
 */
#ifndef GRADTAPE_CONVERT_H
#define GRADTAPE_CONVERT_H

#include "gradtape/archive.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_framework {
    GT_FRAMEWORK_GRADTAPE = 0,
    GT_FRAMEWORK_PYTORCH,
    GT_FRAMEWORK_KERAS,
    GT_FRAMEWORK_ONNX
} gt_framework;
#define GT_FRAMEWORK_COUNT 4

/* "gradtape", "pytorch", "keras", "onnx"; NULL for no framework. */
GT_API const char *gt_framework_name(gt_framework framework);

/* The cells that can be converted, in the order of their table; NULL past the end. */
GT_API const char *gt_convert_cell(uint32_t i);

typedef struct gt_convert_options {
    gt_framework from, to; /* the same: arrays are copied as they are */
    const char *cell;      /* a name of gt_convert_cell; not needed for a copy */
    /*
     * What stands before the other framework's names, "encoder.rnn." for example: only arrays that
     * have it are read, the others are left out; and it is written. NULL: nothing; but what stands
     * before all the names of one PyTorch module is found by itself.
     */
    const char *prefix;
    bool layers;  /* to gradtape: "layer1." also where there is one layer of one direction */
    bool partial; /* leaves out arrays whose names mean nothing, in place of an error */
    /*
     * Is called for every array that does not fit, with its shape, and for every one that is missing
     * or left out; `reason` says what was expected. May be NULL.
     */
    void (*misfit)(void *context, const char *name, gt_shape shape, const char *reason);
    void *context;
} gt_convert_options;

/*
 * The arrays of `given` in the other layout, to be freed with gt_archive_free; `given` stays as it is.
 * All are of one real type, which they keep. Texts are left out, and of a model file the state and the
 * optimizer's memory, too. NULL on an error: GT_ERROR_ARGUMENT for a cell that a framework does
 * not have, GT_ERROR_SHAPE for arrays that do not fit, of which the message names the first.
 */
GT_API gt_archive *gt_convert(const gt_archive *given, const gt_convert_options *options, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
