/*
 * gradtape/onnx.h: cells over sequences and networks as ONNX models (onnx.ai), for other programs to run.
 *
 *     gt_error error = {0};
 *     char *bytes;
 *     size_t size;
 *     gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
 *     if (gt_onnx_network(&network, set, &options, &bytes, &size, &error) == GT_OK)
 *         gt_file_replace("model.onnx", bytes, size, &error);
 *     gt_archive_bytes_free(bytes);
 *
 * Arrays have their axes in reverse order there, which is the same memory: x (n_x, m, T) is (T, m, n_x),
 * time first, as in PyTorch. The numbers of examples and steps, "examples" and "steps", are open. A loop that
 * is exactly the operator LSTM, GRU or RNN of ONNX (the cells lstm, gru_after, gru, rnn, peephole_lstm, under
 * whatever name) is written as that; any other cell is a Scan over the operators of its ops.
 *
 * A cell over a sequence has the inputs of its table and its initial states ("a0"), and gives what it
 * hands on (gt_cell_handed_on) at every step and its states after the last one ("a_final").
 * A network has "tokens" (steps, examples), int32, or the inputs of its cell, and the initial states
 * ("layer1.a0"), and gives "logits" (or "predictions") at every step and the states after the last one
 * ("layer1.a_final"). Dropout is left out.
 *
 * Types are those of the parameters. A cell that computes with the number of examples itself (m in a
 * formula) is refused, since that would be written as a constant.
 */
#ifndef GRADTAPE_ONNX_H
#define GRADTAPE_ONNX_H

#include "gradtape/network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GT_ONNX_LEAST_OPSET 13
#define GT_ONNX_MOST_OPSET 21

typedef struct gt_onnx_options {
    size_t size;       /* of the struct, by GT_ONNX_OPTIONS_INIT; or 0 */
    int64_t opset;     /* version of the operators, GT_ONNX_LEAST_OPSET to GT_ONNX_MOST_OPSET; 0: 17 */
    bool scans;        /* write every loop as a Scan */
    const char *title; /* the name of the graph; NULL: that of the cell */
    /* Pairs of a name and a text that travel with the model: its metadata. */
    const char *const (*metadata)[2];
    uint32_t metadata_count;
} gt_onnx_options;
#define GT_ONNX_OPTIONS_INIT GT_SIZED(gt_onnx_options)

/*
 * One layer of a cell over a sequence, with the parameters that gt_cell_declare names; `dimensions` are
 * what its tables name. *bytes are to be freed with gt_archive_bytes_free, and NULL on an error.
 */
GT_API gt_status gt_onnx_cell(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                              const gt_parameters *parameters, const gt_onnx_options *options, char **bytes,
                              size_t *size, gt_error *error);

/* A network, with the parameters of gt_network_declare. */
GT_API gt_status gt_onnx_network(const gt_network *network, const gt_parameters *parameters,
                                 const gt_onnx_options *options, char **bytes, size_t *size, gt_error *error);

/* A value to export, and what to call it. */
typedef struct gt_onnx_result {
    gt_var var;
    const char *name;
} gt_onnx_result;

/*
 * Values of any tape, with all sizes as they are on it: leaves are inputs under their names, which must be
 * there and all different; parameters that `parameters` (which may be NULL) has are constants.
 */
GT_API gt_status gt_onnx_tape(const gt_onnx_result *results, uint32_t count, const gt_parameters *parameters,
                              const gt_onnx_options *options, char **bytes, size_t *size, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
