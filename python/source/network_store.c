/* What a network has learnt and what its training remembers, as arrays by name: those of a model file. */
#include "network.h"

#include <string.h>

/* ---- out ------------------------------------------------------------------------------------- */

static bool store(const core_network *n, gt_archive *archive, gt_error *error)
{
    return gt_parameters_store(n->parameters, archive, "parameter/", error) == GT_OK &&
           (n->best == NULL || n->best_iteration == 0 ||
            gt_parameters_store(n->best, archive, "best/", error) == GT_OK) &&
           (n->states == NULL || gt_parameters_store(n->states, archive, "state/", error) == GT_OK) &&
           (n->optimizer == NULL || gt_optimizer_store(n->optimizer, archive, "optimizer/", error) == GT_OK);
}

PyObject *core_network_store(PyObject *self, PyObject *arguments)
{
    const core_network *n = (const core_network *)self;
    (void)arguments;
    gt_error error = {0};
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    gt_archive *archive = gt_archive_new();
    if (archive == NULL)
        return PyErr_NoMemory();
    PyObject *list = store(n, archive, &error) ? core_list_arrays(archive) : core_fail_error(&error);
    gt_archive_free(archive);
    return list;
}

/* (iteration, first, best_iteration, worse, best_loss) */
PyObject *core_network_progress(PyObject *self, void *closure)
{
    const core_network *n = (const core_network *)self;
    (void)closure;
    return Py_BuildValue("LLLLd", (long long)n->iteration, (long long)n->first, (long long)n->best_iteration,
                         (long long)n->worse, n->best_loss);
}

/* ---- in -------------------------------------------------------------------------------------- */

static bool has(const gt_archive *archive, const char *prefix)
{
    for (uint32_t i = 0; i < gt_archive_count(archive); i++)
        if (strncmp(gt_archive_name(archive, i), prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

/* What training remembers; made by the caller. */
static bool restore_training(core_network *n, const gt_archive *archive, gt_error *error)
{
    return gt_parameters_load(n->states, archive, "state/", error) == GT_OK &&
           gt_optimizer_load(n->optimizer, archive, "optimizer/", error) == GT_OK;
}

static bool restore(core_network *n, const gt_archive *archive, PyObject *optimizer, int64_t batch)
{
    gt_error error = {0};
    bool best = has(archive, "best/");
    if (optimizer != Py_None && (!core_make_optimizer(n, optimizer) || !core_make_states(n, batch)))
        return false;
    if (best && !core_keep_best(n))
        return false;
    if (gt_parameters_load(n->parameters, archive, "parameter/", &error) != GT_OK ||
        (best && gt_parameters_load(n->best, archive, "best/", &error) != GT_OK) ||
        (optimizer != Py_None && !restore_training(n, archive, &error)))
        return core_fail_error(&error) != NULL;
    return true;
}

/* restore(rows, optimizer or None, batch, progress): with None what training remembers is left out */
PyObject *core_network_restore(PyObject *self, PyObject *arguments)
{
    core_network *n = (core_network *)self;
    PyObject *rows, *optimizer;
    long long batch, iteration, first, best, worse;
    double loss;
    gt_archive *archive;
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "OOL(LLLLd)", &rows, &optimizer, &batch, &iteration, &first, &best, &worse, &loss))
        return NULL;
    if (batch < 1 || first < 0 || first > iteration || best < 0 || best > iteration || worse < 0)
        return core_fail(GT_ERROR_ARGUMENT, "the progress of a model is not such");
    bool good = core_read_archive(rows, &archive) && restore(n, archive, optimizer, batch);
    gt_archive_free(archive);
    if (!good)
        return NULL;
    n->iteration = iteration;
    n->first = first;
    n->best_iteration = best;
    n->worse = worse;
    n->best_loss = loss;
    return Py_NewRef(Py_None);
}

/* ---- what it learnt from --------------------------------------------------------------------- */

/* The arrays of Python as a set of the library's, borrowed but for the weights, which are always there. */
static bool borrow(const core_network *n, const core_data *d, gt_dataset *set)
{
    int64_t places = d->data.examples * d->data.steps;
    *set = (gt_dataset){.dtype = gt_parameters_dtype(n->parameters),
                        .examples = d->data.examples,
                        .steps = d->data.steps,
                        .outputs = n->network.outputs > 0 ? n->network.outputs : n->network.vocabulary,
                        .input_count = gt_cell_given_inputs(n->network.cell),
                        .tokens = (int32_t *)(uintptr_t)d->data.tokens,
                        .classes = (int32_t *)(uintptr_t)d->data.classes,
                        .numbers = (void *)(uintptr_t)d->data.numbers};
    gt_error error = {0};
    for (uint32_t i = 0; i < set->input_count && d->data.inputs != NULL; i++) {
        set->inputs[i] = (void *)(uintptr_t)d->data.inputs[i];
        if (set->inputs[i] != NULL && gt_network_input_rows(&n->network, i, &set->rows[i], &error) != GT_OK)
            return core_fail_error(&error) != NULL;
    }
    set->weights = PyMem_Malloc((size_t)places * sizeof *set->weights);
    for (int64_t i = 0; set->weights != NULL && i < places; i++)
        set->weights[i] = d->data.weights == NULL ? 1 : d->data.weights[i];
    return set->weights != NULL || PyErr_NoMemory() != NULL;
}

static bool borrow_both(const core_network *n, PyObject *data, PyObject *validation, gt_datasets *sets, core_data *held)
{
    gt_dtype dtype = gt_parameters_dtype(n->parameters);
    return core_data_open(&held[0], data, &n->network, dtype) && borrow(n, &held[0], &sets->training) &&
           (validation == Py_None ||
            (core_data_open(&held[1], validation, &n->network, dtype) && borrow(n, &held[1], &sets->validation)));
}

/* hash(data, validation or None): as that of a data set with these arrays */
PyObject *core_network_hash(PyObject *self, PyObject *arguments)
{
    PyObject *data, *validation;
    core_data *held = PyMem_Calloc(2, sizeof *held);
    gt_datasets *sets = PyMem_Calloc(1, sizeof *sets);
    PyObject *hash = NULL;
    if (held == NULL || sets == NULL)
        PyErr_NoMemory();
    else if (PyArg_ParseTuple(arguments, "OO", &data, &validation) &&
             borrow_both((const core_network *)self, data, validation, sets, held))
        hash = PyLong_FromUnsignedLongLong(gt_datasets_hash(sets));
    for (int i = 0; held != NULL && i < 2; i++)
        core_data_close(&held[i]);
    if (sets != NULL) {
        PyMem_Free(sets->training.weights);
        PyMem_Free(sets->validation.weights);
    }
    PyMem_Free(sets);
    PyMem_Free(held);
    return hash;
}
