/* Networks of cells: trained, sampled, and what they predict. */
#include "train_data.h"

#include <math.h>
#include <string.h>

/* A network with its parameters, and what training remembers between two calls. */
typedef struct core_network {
    PyObject_HEAD PyObject *cell;
    PyObject *names; /* the list that the dimensions' names are in */
    gt_network network;
    gt_dimension *dimensions;
    gt_parameters *parameters, *states, *best;
    gt_optimizer *optimizer;
    int64_t iteration, first, best_iteration, worse;
    double best_loss;
    bool busy; /* a call without the interpreter lock is using it */
} core_network;

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

/*
 * Network(cell, dtype, seed, layers, vocabulary, embedding, hidden, dropout, dimensions, further_inputs,
 * reads_numbers, predicts_numbers, outputs)
 */
static PyObject *network_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *cell, *dimensions;
    const char *dtype;
    unsigned long long seed;
    long long vocabulary, embedding, hidden, outputs;
    unsigned int layers, further;
    double dropout;
    int reads, predicts;
    if (!PyArg_ParseTuple(arguments, "OsKILLLdOIppL", &cell, &dtype, &seed, &layers, &vocabulary, &embedding, &hidden,
                          &dropout, &dimensions, &further, &reads, &predicts, &outputs))
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
                              .outputs = outputs};
    gt_error error = {0};
    if (n->dimensions != NULL && declare(n, strcmp(dtype, "f32") == 0 ? GT_F32 : GT_F64, seed, &error) == GT_OK)
        return (PyObject *)n;
    if (n->dimensions != NULL)
        core_fail_error(&error);
    Py_DECREF(n);
    return NULL;
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
    if (list != NULL && !core_list_parameters(best && n->best_iteration > 0 ? n->best : n->parameters, list))
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

/* ---- training -------------------------------------------------------------------------------- */

typedef struct training {
    core_network *n;
    core_data data, validation;
    gt_train_options options;
    gt_train_run run;
    core_call call;
    PyObject *callback;
    gt_train_end end;
} training;

/* Calls the callback with the numbers of an iteration; true ends the run, and so does an exception. */
static int tell(void *context, const gt_train_event *event)
{
    training *t = context;
    if (t->callback == Py_None)
        return 0;
    PyEval_RestoreThread(t->call.state);
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(t->callback, "Ldddddddz", (long long)event->iteration, event->epoch,
                                       event->step.loss, event->step.norm, event->step.rate, event->score.loss,
                                       event->score.accuracy, event->seconds, event->reason);
    int stop = answer == NULL ? 1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    t->call.state = PyEval_SaveThread();
    return stop != 0;
}

/* A factor is (name, factor); the names stay in the list. */
static bool make_optimizer(core_network *n, PyObject *description)
{
    int kind, schedule;
    double rate, last, clip, momentum, decay;
    long long warmup, length;
    PyObject *list;
    if (n->optimizer != NULL)
        return true;
    if (!PyTuple_Check(description) || !PyArg_ParseTuple(description, "iidLLddddO", &kind, &schedule, &rate, &warmup,
                                                         &length, &last, &clip, &momentum, &decay, &list))
        return false;
    Py_ssize_t count = PyList_Check(list) ? PyList_Size(list) : 0;
    gt_rate_factor *factors = PyMem_Calloc((size_t)count + 1, sizeof *factors);
    bool good = factors != NULL || PyErr_NoMemory() != NULL;
    for (Py_ssize_t i = 0; good && i < count; i++)
        good = PyArg_ParseTuple(PyList_GetItem(list, i), "sd", &factors[i].name, &factors[i].factor);
    gt_error error = {0};
    if (good) {
        gt_optimizer_options options = gt_optimizer_defaults((gt_optimizer_kind)kind);
        options.schedule = (gt_schedule){(gt_schedule_kind)schedule, rate, warmup, length, last};
        options.clip = clip;
        options.momentum = momentum;
        if (decay >= 0)
            options.weight_decay = decay;
        options.factors = factors;
        options.factor_count = (uint32_t)count;
        n->optimizer = gt_optimizer_new(&options, n->parameters, &error);
        good = n->optimizer != NULL || core_fail_error(&error) != NULL;
    }
    PyMem_Free(factors);
    return good;
}

static bool make_states(core_network *n, int64_t batch)
{
    gt_error error = {0};
    if (n->states != NULL) {
        if (gt_parameters_count(n->states) == 0 || gt_parameters_array(n->states, 0).shape.size[1] == batch)
            return true;
        return core_fail(GT_ERROR_ARGUMENT, "a model is trained further with the same batch") != NULL;
    }
    n->states = gt_parameters_new(gt_parameters_dtype(n->parameters));
    if (n->states == NULL)
        return PyErr_NoMemory() != NULL;
    if (gt_network_declare_states(&n->network, batch, n->states, &error) == GT_OK)
        return gt_parameters_initialize(n->states, 0) == GT_OK || PyErr_NoMemory() != NULL;
    gt_parameters_free(n->states);
    n->states = NULL;
    return core_fail_error(&error) != NULL;
}

static bool keep_best(core_network *n)
{
    gt_error error = {0};
    if (n->best != NULL)
        return true;
    n->best = gt_parameters_new(gt_parameters_dtype(n->parameters));
    if (n->best == NULL)
        return PyErr_NoMemory() != NULL;
    if (gt_network_declare(&n->network, n->best, &error) == GT_OK)
        return true;
    gt_parameters_free(n->best);
    n->best = NULL;
    return core_fail_error(&error) != NULL;
}

/* (batch, steps, seed, engine, other data than before) */
static bool read_options(training *t, PyObject *description, PyObject *pool)
{
    core_network *n = t->n;
    long long batch, steps;
    unsigned long long seed;
    int engine, other;
    if (!PyTuple_Check(description) || !PyArg_ParseTuple(description, "LLKip", &batch, &steps, &seed, &engine, &other))
        return false;
    if (other)
        n->first = n->iteration;
    t->options = (gt_train_options)GT_TRAIN_OPTIONS_INIT;
    t->options.network = &n->network;
    t->options.parameters = n->parameters;
    t->options.batch = batch;
    t->options.steps = steps;
    t->options.seed = seed;
    t->options.engine = (gt_engine)engine;
    t->options.iteration = n->iteration;
    t->options.first = n->first;
    t->options.threads = core_get_threads(pool);
    t->options.interrupt = core_call_interrupt;
    t->options.context = &t->call;
    return true;
}

/* (iterations, epochs, seconds, validate_every, patience, keep the best) */
static bool read_run(training *t, PyObject *description)
{
    long long iterations, every, patience;
    double epochs, seconds;
    int keep;
    if (!PyTuple_Check(description) ||
        !PyArg_ParseTuple(description, "LddLLp", &iterations, &epochs, &seconds, &every, &patience, &keep))
        return false;
    if (keep && !keep_best(t->n))
        return false;
    double of_epochs = ceil(epochs * (double)gt_train_epoch(&t->data.data, t->options.batch, t->options.steps));
    if (epochs > 0 && (iterations == 0 || of_epochs < (double)iterations))
        iterations = of_epochs < 1 ? 1 : (long long)of_epochs;
    t->run = (gt_train_run)GT_TRAIN_RUN_INIT;
    t->run.iterations = iterations;
    t->run.seconds = seconds;
    t->run.validate_every = every;
    t->run.patience = patience;
    t->run.on_iteration = tell;
    t->run.context = t;
    t->run.best = t->n->best_loss;
    t->run.best_iteration = t->n->best_iteration;
    t->run.worse = t->n->worse;
    t->run.kept = t->n->best;
    return true;
}

static PyObject *run_training(training *t)
{
    core_network *n = t->n;
    gt_error error = {0};
    n->busy = true;
    core_call_begin(&t->call, NULL);
    gt_trainer *trainer = gt_trainer_new(&t->options, &error);
    if (trainer != NULL) {
        t->end = gt_trainer_run(trainer, &t->run, &error);
        n->iteration = gt_trainer_iteration(trainer);
    }
    gt_trainer_free(trainer);
    core_call_end(&t->call);
    n->busy = false;
    n->best_loss = t->run.best;
    n->best_iteration = t->run.best_iteration;
    n->worse = t->run.worse;
    if (PyErr_Occurred())
        return NULL;
    return t->end == GT_TRAIN_FAILED ? core_fail_error(&error) : core_text(gt_train_end_name(t->end));
}

/* train(optimizer, options, run, data, validation or None, callback or None, threads or None) -> how it ended */
static PyObject *network_train(PyObject *self, PyObject *arguments)
{
    PyObject *optimizer, *options, *run, *data, *validation, *pool, *result = NULL;
    training t = {.n = (core_network *)self};
    if (t.n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained already");
    if (!PyArg_ParseTuple(arguments, "OOOOOOO", &optimizer, &options, &run, &data, &validation, &t.callback, &pool))
        return NULL;
    gt_dtype dtype = gt_parameters_dtype(t.n->parameters);
    if (core_data_open(&t.data, data, &t.n->network, dtype) &&
        (validation == Py_None || core_data_open(&t.validation, validation, &t.n->network, dtype)) &&
        read_options(&t, options, pool) && make_optimizer(t.n, optimizer) && make_states(t.n, t.options.batch) &&
        read_run(&t, run)) {
        t.options.optimizer = t.n->optimizer;
        t.options.states = t.n->states;
        t.options.training = &t.data.data;
        t.options.validation = validation == Py_None ? NULL : &t.validation.data;
        result = run_training(&t);
    }
    core_data_close(&t.data);
    core_data_close(&t.validation);
    return result;
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
        options.parameters = n->parameters;
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
        gt_sampler_new(&n->network, n->parameters, temperature, seed, (gt_engine)engine, NULL, &error);
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
    gt_status status = gt_onnx_network(&n->network, n->best_iteration > 0 && n->best != NULL ? n->best : n->parameters,
                                       &options, &bytes, &size, &error);
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

static PyMethodDef methods[] = {
    {"parameters", network_parameters, METH_VARARGS, "parameters(best) -> [(name, shape, entries)]"},
    {"export", network_export, METH_VARARGS, "export(opset, scans, title, vocabulary) -> bytes"},
    {"load", network_load, METH_VARARGS, "load([(name, array, dtype, shape)])"},
    {"train", network_train, METH_VARARGS, "train(optimizer, options, run, data, validation, callback, threads)"},
    {"predict", network_predict, METH_VARARGS, "predict(data, batch, written, engine, threads)"},
    {"sample", network_sample, METH_VARARGS, "sample(prompt, length, temperature, seed, engine) -> tokens"},
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
                                                            {NULL, NULL, NULL, NULL, NULL}}},
                             {0, NULL}},
};

bool core_add_train(PyObject *module)
{
    PyTypeObject *type = core_add_type(module, &spec);
    Py_XDECREF((PyObject *)type);
    return type != NULL;
}
