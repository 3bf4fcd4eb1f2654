/* Data of a trainer, from Python's arrays. */
#ifndef GT_PYTHON_TRAIN_DATA_H
#define GT_PYTHON_TRAIN_DATA_H

#include "core.h"

/* Zero-initialise; close in any case. The arrays are held until then. */
typedef struct core_data {
    gt_train_data data;
    const void *inputs[GT_MAX_CELL_ARRAYS];
    Py_buffer buffers[GT_MAX_CELL_ARRAYS + 4];
    int open;
} core_data;

/*
 * Reads (examples, steps, tokens, [inputs], classes, numbers, weights, stream) for a network: arrays, or None
 * for what is not there; or (Datasets, 0 for those to train on and 1 for those to validate on). False with an
 * exception.
 */
bool core_data_open(core_data *data, PyObject *tuple, const gt_network *network, gt_dtype dtype);
void core_data_close(core_data *data);

/* 0: to train on, 1: to validate on; borrowed. NULL with an exception. */
const gt_dataset *core_get_dataset(PyObject *datasets, int which);
bool core_add_datasets(PyObject *module);

#endif
