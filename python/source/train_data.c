#include "train_data.h"

/* An array, or None: *place stays NULL. */
static bool open_one(core_data *d, PyObject *array, gt_dtype dtype, int64_t count, const void **place)
{
    if (array == Py_None)
        return true;
    if (!core_buffer_open(&d->buffers[d->open], array, dtype, count, false))
        return false;
    *place = d->buffers[d->open++].buf;
    return true;
}

static bool open_inputs(core_data *d, PyObject *list, const gt_network *network, gt_dtype dtype, int64_t positions)
{
    if (list == Py_None)
        return true;
    if (!PyList_Check(list) || PyList_Size(list) != (Py_ssize_t)gt_cell_given_inputs(network->cell))
        return core_fail(GT_ERROR_ARGUMENT, "an array for each input of the cell is wanted") != NULL;
    for (uint32_t i = 0; i < gt_cell_given_inputs(network->cell); i++) {
        PyObject *array = PyList_GetItem(list, i);
        int64_t rows = 0;
        gt_error error = {0};
        if (array != Py_None && gt_network_input_rows(network, i, &rows, &error) != GT_OK)
            return core_fail_error(&error) != NULL;
        if (!open_one(d, array, dtype, positions * rows, &d->inputs[i]))
            return false;
    }
    d->data.inputs = d->inputs;
    return true;
}

/* What the library read or made; it is held by whoever holds the tuple. */
static bool open_dataset(core_data *d, PyObject *tuple, const gt_network *network)
{
    PyObject *datasets;
    int which;
    if (!PyArg_ParseTuple(tuple, "Oi", &datasets, &which))
        return false;
    const gt_dataset *set = core_get_dataset(datasets, which);
    if (set == NULL)
        return false;
    for (uint32_t i = 0; i < set->input_count; i++) {
        int64_t rows = 0;
        gt_error error = {0};
        if (set->input_count != gt_cell_given_inputs(network->cell) ||
            (set->inputs[i] != NULL && gt_network_input_rows(network, i, &rows, &error) != GT_OK) ||
            (set->inputs[i] != NULL && rows != set->rows[i]))
            return core_fail(GT_ERROR_SHAPE, "the data have other inputs than the model") != NULL;
    }
    int64_t outputs = network->outputs > 0 ? network->outputs : network->vocabulary;
    if (network->predicts_numbers != (set->numbers != NULL) || (set->numbers != NULL && set->outputs != outputs))
        return core_fail(GT_ERROR_SHAPE, "the data have other numbers to predict than the model") != NULL;
    d->data = gt_dataset_view(set);
    return true;
}

bool core_data_open(core_data *d, PyObject *tuple, const gt_network *network, gt_dtype dtype)
{
    long long examples, steps;
    int stream;
    PyObject *tokens, *inputs, *classes, *numbers, *weights;
    if (PyTuple_Check(tuple) && PyTuple_Size(tuple) == 2)
        return open_dataset(d, tuple, network);
    if (!PyTuple_Check(tuple) || !PyArg_ParseTuple(tuple, "LLOOOOOp", &examples, &steps, &tokens, &inputs, &classes,
                                                   &numbers, &weights, &stream))
        return false;
    int64_t positions, outputs = network->outputs > 0 ? network->outputs : network->vocabulary, entries;
    if (examples < 1 || steps < 1 || __builtin_mul_overflow(examples, steps, &positions) ||
        __builtin_mul_overflow(positions, outputs, &entries))
        return core_fail(GT_ERROR_SIZE, "there must be an example and a step, and not too many of them") != NULL;
    d->data = (gt_train_data)GT_TRAIN_DATA_INIT;
    d->data.examples = examples;
    d->data.steps = steps;
    d->data.stream = stream != 0;
    return open_one(d, tokens, GT_I32, positions, (const void **)&d->data.tokens) &&
           open_inputs(d, inputs, network, dtype, positions) &&
           open_one(d, classes, GT_I32, positions, (const void **)&d->data.classes) &&
           open_one(d, numbers, dtype, entries, &d->data.numbers) &&
           open_one(d, weights, GT_F64, positions, (const void **)&d->data.weights);
}

void core_data_close(core_data *d)
{
    while (d->open > 0)
        PyBuffer_Release(&d->buffers[--d->open]);
}
