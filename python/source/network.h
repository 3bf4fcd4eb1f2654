/* A network of a cell: network.c makes and uses it, train.c trains it. */
#ifndef GT_PYTHON_NETWORK_H
#define GT_PYTHON_NETWORK_H

#include "train_data.h"

/* A network with its parameters, and what training remembers between two calls. */
typedef struct core_network {
    PyObject_HEAD PyObject *cell;
    PyObject *names; /* the list that the dimensions' names are in */
    gt_network network;
    gt_network_layer layers[GT_MAX_LAYERS]; /* of the network, if they are not all alike */
    PyObject *cells;                        /* the list that their cells are in */
    gt_dimension *dimensions;
    gt_parameters *parameters, *states, *best;
    gt_optimizer *optimizer;
    int64_t iteration, first, best_iteration, worse;
    double best_loss;
    PyObject *score; /* (loss, accuracy, confusion or None) of the validation after the last training; NULL: none */
    bool busy;       /* a call without the interpreter lock is using it */
} core_network;

/* The parameters of the best validation, where training kept them. */
const gt_parameters *core_learnt(const core_network *n);
bool core_make_optimizer(core_network *n, PyObject *description);
bool core_make_states(core_network *n, int64_t batch);
bool core_keep_best(core_network *n);
/* store() -> rows, restore(rows, optimizer, batch, progress), progress, hash(data, validation or None) */
PyObject *core_network_store(PyObject *self, PyObject *arguments);
PyObject *core_network_restore(PyObject *self, PyObject *arguments);
PyObject *core_network_progress(PyObject *self, void *closure);
PyObject *core_network_hash(PyObject *self, PyObject *arguments);

/* (loss, accuracy, bytearray of i64 (predicted, true), first index fastest, or None); NULL with an exception */
/* Room for the confusion of the classes; NULL, without an exception, where none is made. */
int64_t *core_confusion_new(const core_network *n);
/* evaluate(data, batch, steps, engine, threads or None) -> such a score */
PyObject *core_network_evaluate(PyObject *self, PyObject *arguments);

/* train(optimizer, options, run, data, validation or None, callback or None, threads or None) -> how it ended */
PyObject *core_network_train(PyObject *self, PyObject *arguments);

#endif
