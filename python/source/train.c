/* Networks trained. */
#include "network.h"

#include <math.h>

typedef struct training {
    core_network *n;
    core_data data, validation;
    gt_train_options options;
    gt_train_run run;
    core_call call;
    PyObject *callback;
    gt_train_end end;
    bool scored;
    gt_train_score score; /* of the validation at the end */
    int64_t *confusion;
} training;

/* {name: value} of the losses that the cells declare. */
static PyObject *read_terms(const core_network *n, const double *values, uint32_t count)
{
    PyObject *terms = PyDict_New();
    for (uint32_t k = 0; terms != NULL && k < count; k++) {
        PyObject *value = PyFloat_FromDouble(values[k]);
        if (value == NULL || PyDict_SetItemString(terms, gt_network_term_name(&n->network, k), value) < 0)
            Py_CLEAR(terms);
        Py_XDECREF(value);
    }
    return terms;
}

/* Calls the callback with the numbers of an iteration; true ends the run, and so does an exception. */
static int tell(void *context, const gt_train_event *event)
{
    training *t = context;
    if (t->callback == Py_None)
        return 0;
    PyEval_RestoreThread(t->call.state);
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(t->callback, "LdddddddzNN", (long long)event->iteration, event->epoch,
                                       event->step.loss, event->step.norm, event->step.rate, event->score.loss,
                                       event->score.accuracy, event->seconds, event->reason,
                                       read_terms(t->n, event->step.terms, event->step.term_count),
                                       read_terms(t->n, event->score.terms, event->score.term_count));
    int stop = answer == NULL ? 1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    t->call.state = PyEval_SaveThread();
    return stop != 0;
}

/* A factor is (name, factor); the names stay in the list. */
bool core_make_optimizer(core_network *n, PyObject *description)
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

bool core_make_states(core_network *n, int64_t batch)
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
    if (gt_network_declare_states(&n->network, batch, n->states, &error) == GT_OK &&
        gt_network_begin_states(&n->network, n->parameters, n->states, &error) == GT_OK)
        return true;
    gt_parameters_free(n->states);
    n->states = NULL;
    return core_fail_error(&error) != NULL;
}

bool core_keep_best(core_network *n)
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

/* From here on the data are others: they are read from their beginning, and no validation counts. */
static void begin_data(core_network *n)
{
    n->first = n->iteration;
    n->best_iteration = n->worse = 0;
    n->best_loss = 0;
}

/* (batch, steps, seed, engine, other data than before, most bytes of memory or 0) */
static bool read_options(training *t, PyObject *description, PyObject *pool)
{
    core_network *n = t->n;
    long long batch, steps;
    Py_ssize_t memory;
    unsigned long long seed;
    int engine, other;
    if (!PyTuple_Check(description) ||
        !PyArg_ParseTuple(description, "LLKipn", &batch, &steps, &seed, &engine, &other, &memory))
        return false;
    t->options = (gt_train_options)GT_TRAIN_OPTIONS_INIT;
    if (!core_make_states(n, batch))
        return false;
    if (other)
        begin_data(n);
    t->options.network = &n->network;
    t->options.parameters = n->parameters;
    t->options.batch = batch;
    t->options.steps = steps;
    t->options.seed = seed;
    t->options.engine = (gt_engine)engine;
    t->options.iteration = n->iteration;
    t->options.first = n->first;
    t->options.threads = core_get_threads(pool);
    t->options.memory = (size_t)memory;
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
    if (keep && !core_keep_best(t->n))
        return false;
    if (!keep) {
        gt_parameters_free(t->n->best);
        t->n->best = NULL;
    }
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

static int64_t outputs_of(const core_network *n)
{
    return n->network.outputs > 0 ? n->network.outputs : n->network.vocabulary;
}

/* (loss, accuracy, confusion or None, terms) */
static PyObject *core_score(const core_network *n, const gt_train_score *score, const int64_t *confusion)
{
    int64_t outputs = outputs_of(n);
    PyObject *counts =
        confusion == NULL ? Py_NewRef(Py_None)
                          : PyByteArray_FromStringAndSize(
                                (const char *)confusion, (Py_ssize_t)((size_t)(outputs * outputs) * sizeof *confusion));
    return counts == NULL ? NULL
                          : Py_BuildValue("ddNN", score->loss, score->accuracy, counts,
                                          read_terms(n, score->terms, score->term_count));
}

int64_t *core_confusion_new(const core_network *n)
{
    enum { MOST = 1000 }; /* classes */
    int64_t outputs = outputs_of(n);
    return n->network.predicts_numbers || outputs > MOST ? NULL
                                                         : PyMem_Calloc((size_t)(outputs * outputs), sizeof(int64_t));
}

PyObject *core_network_evaluate(PyObject *self, PyObject *arguments)
{
    core_network *n = (core_network *)self;
    PyObject *data, *pool, *result = NULL;
    long long batch, steps;
    int engine;
    core_data d = {0};
    gt_error error = {0};
    if (n->busy)
        return core_fail(GT_ERROR_ARGUMENT, "the model is being trained");
    if (!PyArg_ParseTuple(arguments, "OLLiO", &data, &batch, &steps, &engine, &pool))
        return NULL;
    if (core_data_open(&d, data, &n->network, gt_parameters_dtype(n->parameters))) {
        core_call call = {0};
        gt_train_options options = GT_TRAIN_OPTIONS_INIT;
        gt_train_score score;
        int64_t *confusion = d.data.stream ? NULL : core_confusion_new(n);
        options.network = &n->network;
        options.parameters = (gt_parameters *)(uintptr_t)core_learnt(n); /* they are read alone */
        options.batch = batch;
        options.steps = steps;
        options.engine = (gt_engine)engine;
        options.threads = core_get_threads(pool);
        n->busy = true;
        core_call_begin(&call, NULL);
        gt_status status = gt_train_evaluate(&options, &d.data, &score, confusion, &error);
        core_call_end(&call);
        n->busy = false;
        if (!PyErr_Occurred())
            result = status == GT_OK ? core_score(n, &score, confusion) : core_fail_error(&error);
        PyMem_Free(confusion);
    }
    core_data_close(&d);
    return result;
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
        if (t->options.validation != NULL && t->end != GT_TRAIN_FAILED && t->end != GT_TRAIN_INTERRUPTED &&
            t->end != GT_TRAIN_STOPPED)
            t->scored = gt_trainer_validate(trainer, &t->score, t->confusion, &error) == GT_OK;
    }
    gt_trainer_free(trainer);
    core_call_end(&t->call);
    n->busy = false;
    n->best_loss = t->run.best;
    n->best_iteration = t->run.best_iteration;
    n->worse = t->run.worse;
    Py_CLEAR(n->score);
    if (t->scored && !PyErr_Occurred())
        n->score = core_score(n, &t->score, t->confusion);
    if (PyErr_Occurred())
        return NULL;
    return t->end == GT_TRAIN_FAILED ? core_fail_error(&error) : core_text(gt_train_end_name(t->end));
}

PyObject *core_network_train(PyObject *self, PyObject *arguments)
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
        core_make_optimizer(t.n, optimizer) && read_options(&t, options, pool) && read_run(&t, run)) {
        t.options.optimizer = t.n->optimizer;
        t.options.states = t.n->states;
        t.options.training = &t.data.data;
        t.options.validation = validation == Py_None ? NULL : &t.validation.data;
        t.confusion = t.data.data.stream ? NULL : core_confusion_new(t.n);
        result = run_training(&t);
        PyMem_Free(t.confusion);
    }
    core_data_close(&t.data);
    core_data_close(&t.validation);
    return result;
}
