/* Networks of cells: made, sampled, and what they predict. */
#include "network.h"

static void network_free(PyObject *object)
{
    core_network *n = (core_network *)object;
    gt_optimizer_free(n->optimizer);
    gt_parameters_free(n->parameters);
    gt_parameters_free(n->states);
    gt_parameters_free(n->best);
    PyMem_Free(n->dimensions);
    Py_XDECREF(n->names);
    Py_XDECREF(n->cell);
    Py_XDECREF(n->cells);
    Py_XDECREF(n->score);
    core_free_object(object);
}

/* ---- making ---------------------------------------------------------------------------------- */

static gt_status declare(core_network *n, gt_dtype dtype, uint64_t seed, gt_error *error)
{
    n->parameters = gt_parameters_new(dtype);
    if (n->parameters == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the parameters");
    gt_status status = gt_network_declare(&n->network, n->parameters, error);
    if (status == GT_OK && (status = gt_parameters_initialize(n->parameters, seed)) != GT_OK)
        gt_error_set(error, status, "%s", gt_parameters_message(n->parameters));
    return status;
}

/* None: all layers are alike. */
static bool read_layers(core_network *n, PyObject *stack)
{
    if (stack == Py_None)
        return true;
    Py_ssize_t count = PyList_Check(stack) ? PyList_Size(stack) : 0;
    if (count < 1 || count > GT_MAX_LAYERS)
        return core_fail(GT_ERROR_ARGUMENT, "a network has 1 to 64 layers") != NULL;
    n->cells = Py_NewRef(stack);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *cell;
        long long hidden;
        int both;
        if (!PyArg_ParseTuple(PyList_GetItem(stack, i), "OLp", &cell, &hidden, &both))
            return false;
        n->layers[i] = (gt_network_layer){core_get_cell(cell), hidden, both != 0};
        if (n->layers[i].cell == NULL)
            return false;
    }
    n->network.layers = n->layers;
    n->network.layer_count = (uint32_t)count;
    return true;
}

/*
 * Network(cell, dtype, seed, layers, vocabulary, embedding, hidden, dropout, dimensions, further_inputs,
 * reads_numbers, predicts_numbers, outputs, [(cell, hidden, bidirectional)] or None, at_the_end)
 */
static PyObject *network_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *cell, *dimensions, *stack;
    const char *dtype;
    unsigned long long seed;
    long long vocabulary, embedding, hidden, outputs;
    unsigned int layers, further;
    double dropout;
    int reads, predicts, at_the_end;
    if (!PyArg_ParseTuple(arguments, "OsKILLLdOIppLOp", &cell, &dtype, &seed, &layers, &vocabulary, &embedding, &hidden,
                          &dropout, &dimensions, &further, &reads, &predicts, &outputs, &stack, &at_the_end))
        return NULL;
    const gt_cell *found = core_get_cell(cell);
    core_network *n = found == NULL ? NULL : (core_network *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (n == NULL)
        return NULL;
    uint32_t count = 0;
    n->cell = Py_NewRef(cell);
    n->names = Py_NewRef(dimensions);
    n->dimensions = core_read_dimensions(dimensions, &count);
    n->network = (gt_network){.cell = found,
                              .layer_count = layers,
                              .vocabulary = vocabulary,
                              .embedding = embedding,
                              .hidden = hidden,
                              .dropout = dropout,
                              .dimensions = n->dimensions,
                              .dimension_count = count,
                              .further_inputs = further,
                              .reads_numbers = reads,
                              .predicts_numbers = predicts,
                              .outputs = outputs,
                              .at_the_end = at_the_end};
    gt_error error = {0};
    if (n->dimensions != NULL && !read_layers(n, stack)) {
        Py_DECREF(n);
        return NULL;
    }
    if (n->dimensions != NULL && declare(n, core_dtype(dtype), seed, &error) == GT_OK)
        return (PyObject *)n;
    if (n->dimensions != NULL)
        core_fail_error(&error);
    Py_DECREF(n);
    return NULL;
}

const gt_parameters *core_learnt(const core_network *n)
{
    return n->best_iteration > 0 && n->best != NULL ? n->best : n->parameters;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* parameters(best): [(name, shape, entries)], those of the best validation if asked for and there */
static PyObject *network_parameters(PyObject *self, PyObject *arguments)
{
    const core_network *n = (core_network *)self;
    int best;
    if (!PyArg_ParseTuple(arguments, "p", &best))
        return NULL;
    PyObject *list = PyList_New(0);
    if (list != NULL && !core_list_parameters(best ? core_learnt(n) : n->parameters, list))
        Py_CLEAR(list);
    return list;
}

/* load([(name, array, dtype, shape)]): all of them */
static PyObject *network_load(PyObject *self, PyObject *arguments)
{
    core_network *n = (core_network *)self;
    PyObject *list;
    gt_archive *archive;
    gt_error error = {0};
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "O", &list))
        return NULL;
    bool good = core_read_archive(list, &archive) && archive != NULL;
    if (good && gt_parameters_load(n->parameters, archive, NULL, &error) != GT_OK)
        good = core_fail_error(&error) != NULL;
    gt_archive_free(archive);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* ---- using it -------------------------------------------------------------------------------- */

/* predict(data, batch, written, engine, threads or None): the array (outputs, examples, steps) */
static PyObject *network_predict(PyObject *self, PyObject *arguments)
{
    core_network *n = (core_network *)self;
    PyObject *data, *written, *pool;
    long long batch;
    int engine;
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "OLOiO", &data, &batch, &written, &engine, &pool))
        return NULL;
    gt_dtype dtype = gt_parameters_dtype(n->parameters);
    core_data d = {0};
    Py_buffer out;
    gt_error error = {0};
    gt_status status = GT_ERROR_ARGUMENT;
    bool open = core_data_open(&d, data, &n->network, dtype);
    int64_t outputs = n->network.outputs > 0 ? n->network.outputs : n->network.vocabulary;
    open = open && core_buffer_open(&out, written, dtype, d.data.examples * d.data.steps * outputs, true);
    if (open) {
        core_call call = {0};
        gt_train_options options = GT_TRAIN_OPTIONS_INIT;
        options.network = &n->network;
        options.parameters = (gt_parameters *)(uintptr_t)core_learnt(n); /* predicting changes nothing */
        options.batch = batch;
        options.engine = (gt_engine)engine;
        options.threads = core_get_threads(pool);
        options.interrupt = core_call_interrupt;
        options.context = &call;
        n->busy = true;
        core_call_begin(&call, NULL);
        status = gt_train_predict(&options, &d.data, out.buf, &error);
        core_call_end(&call);
        n->busy = false;
        PyBuffer_Release(&out);
        if (status != GT_OK && !PyErr_Occurred())
            core_fail_error(&error);
    }
    core_data_close(&d);
    return open && status == GT_OK && !PyErr_Occurred() ? Py_NewRef(Py_None) : NULL;
}

static bool append(PyObject *list, long token)
{
    PyObject *number = PyLong_FromLong(token);
    bool good = number != NULL && PyList_Append(list, number) == 0;
    Py_XDECREF(number);
    return good;
}

/* The tokens after the prompt, which has at least one. */
static bool write_on(gt_sampler *sampler, PyObject *prompt, long long length, unsigned int seed, PyObject *written)
{
    int32_t next = 0;
    gt_error error = {0};
    for (Py_ssize_t i = 0; i < PyList_Size(prompt); i++) {
        long token = PyLong_AsLong(PyList_GetItem(prompt, i));
        if (token == -1 && PyErr_Occurred())
            return false;
        gt_sampler_reseed(sampler, seed); /* the text depends on the seed, not on the length of the prompt */
        if (gt_sampler_step(sampler, (int32_t)token, &next, &error) != GT_OK)
            return core_fail_error(&error) != NULL;
    }
    for (long long i = 0; i < length; i++) {
        if (!append(written, next) || PyErr_CheckSignals() < 0)
            return false;
        if (i + 1 < length && gt_sampler_step(sampler, next, &next, &error) != GT_OK)
            return core_fail_error(&error) != NULL;
    }
    return true;
}

/* sample(prompt, length, temperature, seed, engine) -> tokens */
static PyObject *network_sample(PyObject *self, PyObject *arguments)
{
    core_network *n = (core_network *)self;
    PyObject *prompt;
    long long length;
    double temperature;
    unsigned int seed;
    int engine;
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "OLdIi", &prompt, &length, &temperature, &seed, &engine))
        return NULL;
    if (!PyList_Check(prompt) || PyList_Size(prompt) == 0)
        return core_fail(GT_ERROR_ARGUMENT, "a prompt has at least one token");
    gt_error error = {0};
    gt_sampler *sampler =
        gt_sampler_new(&n->network, core_learnt(n), temperature, seed, (gt_engine)engine, NULL, &error);
    if (sampler == NULL)
        return core_fail_error(&error);
    n->busy = true;
    PyObject *written = PyList_New(0);
    if (written != NULL && !write_on(sampler, prompt, length, seed, written))
        Py_CLEAR(written);
    n->busy = false;
    gt_sampler_free(sampler);
    return written;
}

/* ---- the type -------------------------------------------------------------------------------- */

/* export(opset, scans, title, vocabulary) -> bytes: an ONNX model; vocabulary is a text, or None */
static PyObject *network_export(PyObject *self, PyObject *arguments)
{
    const core_network *n = (core_network *)self;
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    long long opset;
    int scans;
    const char *vocabulary;
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "Lpzz", &opset, &scans, &options.title, &vocabulary))
        return NULL;
    const char *const metadata[][2] = {{"vocabulary", vocabulary}};
    options.opset = opset;
    options.scans = scans != 0;
    options.metadata = metadata;
    options.metadata_count = vocabulary != NULL;
    gt_error error = {0};
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = gt_onnx_network(&n->network, core_learnt(n), &options, &bytes, &size, &error);
    return core_take_bytes(status, bytes, size, &error);
}

static PyObject *network_iteration(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromLongLong(((core_network *)self)->iteration);
}

static PyObject *network_best(PyObject *self, void *closure)
{
    const core_network *n = (core_network *)self;
    (void)closure;
    return n->best_iteration == 0 ? Py_NewRef(Py_None)
                                  : Py_BuildValue("Ld", (long long)n->best_iteration, n->best_loss);
}

static PyObject *network_score(PyObject *self, void *closure)
{
    PyObject *score = ((core_network *)self)->score;
    (void)closure;
    return Py_NewRef(score == NULL ? Py_None : score);
}

static PyMethodDef methods[] = {
    {"parameters", network_parameters, METH_VARARGS, "parameters(best) -> [(name, shape, entries)]"},
    {"export", network_export, METH_VARARGS, "export(opset, scans, title, vocabulary) -> bytes"},
    {"load", network_load, METH_VARARGS, "load([(name, array, dtype, shape)])"},
    {"train", core_network_train, METH_VARARGS, "train(optimizer, options, run, data, validation, callback, threads)"},
    {"predict", network_predict, METH_VARARGS, "predict(data, batch, written, engine, threads)"},
    {"store", core_network_store, METH_NOARGS, "store() -> [(name, dtype, shape, entries)]"},
    {"restore", core_network_restore, METH_VARARGS, "restore(rows, optimizer or None, batch, progress)"},
    {"hash", core_network_hash, METH_VARARGS, "hash(data, validation or None) -> int"},
    {"evaluate", core_network_evaluate, METH_VARARGS, "evaluate(data, batch, steps, engine, threads) -> score"},
    {"sample", network_sample, METH_VARARGS, "sample(prompt, length, temperature, seed, engine) -> tokens"},
    {NULL, NULL, 0, NULL},
};

/* read_layers(text) -> [(cell, hidden or 0, bidirectional)] */
static PyObject *layers_of_text(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *text;
    gt_layer_text layers[GT_MAX_LAYERS];
    uint32_t count;
    gt_error error = {0};
    if (!PyArg_ParseTuple(arguments, "s", &text))
        return NULL;
    if (gt_layers_read(text, layers, &count, &error) != GT_OK)
        return core_fail_error(&error);
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = Py_BuildValue("s#LN", layers[i].cell, (Py_ssize_t)layers[i].length, (long long)layers[i].hidden,
                                      PyBool_FromLong(layers[i].bidirectional));
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

/* hash_text(training, validation): of characters as arrays of i32 */
static PyObject *hash_text(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *parts[2];
    uint64_t hash = GT_HASH_START;
    if (!PyArg_ParseTuple(arguments, "OO", &parts[0], &parts[1]))
        return NULL;
    for (int i = 0; i < 2; i++) {
        Py_buffer buffer;
        Py_ssize_t count = PyObject_Length(parts[i]);
        if (count < 0 || !core_buffer_open(&buffer, parts[i], GT_I32, count, false))
            return NULL;
        hash = gt_symbols_hash(hash, buffer.buf, (size_t)count);
        PyBuffer_Release(&buffer);
    }
    return PyLong_FromUnsignedLongLong(hash);
}

static PyMethodDef functions[] = {
    {"read_layers", layers_of_text, METH_VARARGS, "read_layers(text) -> [(cell, hidden or 0, bidirectional)]"},
    {"hash_text", hash_text, METH_VARARGS, "hash_text(training, validation) -> int"},
    {NULL, NULL, 0, NULL},
};

static PyType_Spec spec = {
    .name = "gradtape._core.Network",
    .basicsize = sizeof(core_network),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = (PyType_Slot[]){{Py_tp_new, network_new},
                             {Py_tp_dealloc, network_free},
                             {Py_tp_methods, methods},
                             {Py_tp_getset, (PyGetSetDef[]){{"iteration", network_iteration, NULL, NULL, NULL},
                                                            {"best", network_best, NULL, NULL, NULL},
                                                            {"score", network_score, NULL, NULL, NULL},
                                                            {"progress", core_network_progress, NULL, NULL, NULL},
                                                            {NULL, NULL, NULL, NULL, NULL}}},
                             {0, NULL}},
};

bool core_add_train(PyObject *module)
{
    PyTypeObject *type = core_add_type(module, &spec);
    Py_XDECREF((PyObject *)type);
    return type != NULL && PyModule_AddFunctions(module, functions) == 0 && core_add_datasets(module);
}
