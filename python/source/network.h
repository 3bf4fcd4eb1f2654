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
    bool busy; /* a call without the interpreter lock is using it */
} core_network;

/* train(optimizer, options, run, data, validation or None, callback or None, threads or None) -> how it ended */
PyObject *core_network_train(PyObject *self, PyObject *arguments);

#endif
