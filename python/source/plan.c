/* Running a tape: the interpreter, plans, and the threads that they run on. */
#include "core.h"

#include <string.h>
#include <unistd.h>

/* ---- the interpreter ------------------------------------------------------------------------- */

typedef struct evaluation {
    core_tape *tape;
    core_vars outputs, inputs;
    core_buffers read, written;
    int check_finite;
} evaluation;

static gt_status bind_all(gt_interpreter *run, const evaluation *e)
{
    gt_status status = GT_OK;
    for (Py_ssize_t i = 0; i < e->inputs.count && status == GT_OK; i++)
        status = gt_interpreter_bind(run, e->inputs.list[i], e->read.list[i].buf);
    return status;
}

static void copy_values(const gt_interpreter *run, const evaluation *e)
{
    for (Py_ssize_t i = 0; i < e->outputs.count; i++)
        memcpy(e->written.list[i].buf, gt_interpreter_value(run, e->outputs.list[i]), (size_t)e->written.list[i].len);
}

static PyObject *interpret(evaluation *e)
{
    gt_interpreter *run = gt_interpreter_new(e->tape->tape);
    if (run == NULL)
        return PyErr_NoMemory();
    core_call call = {0};
    core_call_begin(&call, e->tape);
    gt_interpreter_check_finite(run, e->check_finite);
    gt_interpreter_on_interrupt(run, core_call_interrupt, &call);
    gt_status status = bind_all(run, e);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(run, e->outputs.list, (uint32_t)e->outputs.count);
    if (status == GT_OK)
        copy_values(run, e);
    core_call_end(&call);
    PyObject *result = status == GT_OK ? Py_NewRef(Py_None) : core_fail(status, gt_interpreter_message(run));
    gt_interpreter_free(run);
    return result;
}

/* interpret(tape, outputs, written, inputs, read, check_finite): evaluates outputs into the arrays `written` */
static PyObject *run_interpreter(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *tape, *outputs, *written, *inputs, *read, *result = NULL;
    evaluation e = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOOp", &tape, &outputs, &written, &inputs, &read, &e.check_finite))
        return NULL;
    if (core_vars_read(&e.outputs, outputs) && core_vars_read(&e.inputs, inputs) &&
        core_buffers_open(&e.written, written, &e.outputs, true) &&
        core_buffers_open(&e.read, read, &e.inputs, false)) {
        e.tape = core_get_tape(tape);
        result = e.tape == NULL ? NULL : interpret(&e);
    }
    core_buffers_close(&e.read);
    core_buffers_close(&e.written);
    core_vars_free(&e.inputs);
    core_vars_free(&e.outputs);
    return result;
}

PyMethodDef core_run_functions[] = {
    {"interpret", run_interpreter, METH_VARARGS, "interpret(tape, outputs, written, inputs, read, check_finite)"},
    {NULL, NULL, 0, NULL},
};

/* ---- threads --------------------------------------------------------------------------------- */

/* A pool. After a fork the child has it, but not its threads. */
typedef struct core_threads {
    PyObject_HEAD gt_threads *threads;
    pid_t process;
} core_threads;

static PyTypeObject *threads_type;

static PyObject *threads_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    unsigned int count;
    gt_error error = {0};
    if (!PyArg_ParseTuple(arguments, "I", &count))
        return NULL;
    core_threads *pool = (core_threads *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (pool == NULL)
        return NULL;
    pool->process = getpid();
    pool->threads = gt_threads_new(count, &error);
    if (pool->threads != NULL)
        return (PyObject *)pool;
    Py_DECREF(pool);
    return core_fail_error(&error);
}

gt_threads *core_get_threads(PyObject *object)
{
    if (!PyObject_TypeCheck(object, threads_type))
        return NULL;
    core_threads *pool = (core_threads *)object;
    return pool->process == getpid() ? pool->threads : NULL;
}

static void threads_free(PyObject *object)
{
    core_threads *pool = (core_threads *)object;
    if (pool->process == getpid())
        gt_threads_free(pool->threads);
    core_free_object(object);
}

static PyObject *threads_count(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(gt_threads_count(((core_threads *)self)->threads));
}

static PyType_Spec threads_spec = {
    .name = "gradtape._core.Threads",
    .basicsize = sizeof(core_threads),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = (PyType_Slot[]){{Py_tp_new, threads_new},
                             {Py_tp_dealloc, threads_free},
                             {Py_tp_getset, (PyGetSetDef[]){{"count", threads_count, NULL, NULL, NULL},
                                                            {NULL, NULL, NULL, NULL, NULL}}},
                             {0, NULL}},
};

/* ---- plans ----------------------------------------------------------------------------------- */

enum { MOST_IDLE = 8 };

/* Workspaces wait here between runs; each run, of any thread, takes one for itself. */
typedef struct core_plan {
    PyObject_HEAD gt_plan *plan;
    core_threads *pool; /* NULL: one thread */
    core_vars outputs, inputs;
    Py_ssize_t late_count; /* the last of the inputs: gt_plan_options.late */
    gt_workspace *idle[MOST_IDLE];
    int idle_count;
    pid_t process;
} core_plan;

static void free_idle(core_plan *plan)
{
    while (plan->idle_count > 0)
        gt_workspace_free(plan->idle[--plan->idle_count]);
}

static void plan_free(PyObject *object)
{
    core_plan *plan = (core_plan *)object;
    free_idle(plan);
    gt_plan_free(plan->plan);
    core_vars_free(&plan->outputs);
    core_vars_free(&plan->inputs);
    Py_XDECREF((PyObject *)plan->pool);
    core_free_object(object);
}

/* A forward half that waits for its backward half. */
typedef struct core_waiting {
    PyObject_HEAD core_plan *plan;
    gt_workspace *work; /* NULL: it waits no more */
    pid_t process;
} core_waiting;

static PyTypeObject *waiting_type;

static PyObject *make(core_plan *plan, int exact, Py_ssize_t memory)
{
    gt_error error = {0};
    core_call call = {0};
    uint32_t late_count = (uint32_t)plan->late_count;
    gt_plan_options options = {.exact = exact,
                               .bind_outputs = true,
                               .late = plan->inputs.list + plan->inputs.count - late_count,
                               .late_count = late_count,
                               .memory = (size_t)memory};
    core_call_begin(&call, plan->outputs.tapes[0]);
    plan->plan = gt_plan_new(plan->outputs.list, (uint32_t)plan->outputs.count, &options, &error);
    core_call_end(&call);
    return plan->plan != NULL ? (PyObject *)plan : core_fail_error(&error);
}

/* Plan(outputs, inputs, threads or None, exact, late = 0, memory = 0): in two halves, with the last inputs late; in so
 * many bytes of memory */
static PyObject *plan_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *outputs, *inputs, *pool;
    int exact;
    Py_ssize_t late = 0, memory = 0;
    if (!PyArg_ParseTuple(arguments, "OOOp|nn", &outputs, &inputs, &pool, &exact, &late, &memory))
        return NULL;
    core_plan *plan = (core_plan *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (plan == NULL)
        return NULL;
    plan->process = getpid();
    if (PyObject_TypeCheck(pool, threads_type))
        plan->pool = (core_threads *)Py_NewRef(pool);
    bool good = core_vars_read(&plan->outputs, outputs) && core_vars_read(&plan->inputs, inputs);
    if (good && plan->outputs.count == 0)
        good = core_fail(GT_ERROR_ARGUMENT, "a plan needs an output") != NULL;
    plan->late_count = late;
    if (good && (late < 0 || late > plan->inputs.count))
        good = core_fail(GT_ERROR_ARGUMENT, "a plan has as many late inputs as inputs, at most") != NULL;
    if (good && make(plan, exact, memory) != NULL)
        return (PyObject *)plan;
    Py_DECREF(plan);
    return NULL;
}

/* In a forked child there are no threads to run on. */
static void notice_fork(core_plan *plan)
{
    if (plan->process == getpid())
        return;
    free_idle(plan);
    Py_CLEAR(plan->pool);
    plan->process = getpid();
}

static gt_workspace *take_workspace(core_plan *plan)
{
    notice_fork(plan);
    if (plan->idle_count > 0)
        return plan->idle[--plan->idle_count];
    return gt_workspace_new_on(plan->plan, plan->pool == NULL ? NULL : plan->pool->threads);
}

static void give_back(core_plan *plan, gt_workspace *work)
{
    if (plan->idle_count < MOST_IDLE)
        plan->idle[plan->idle_count++] = work;
    else
        gt_workspace_free(work);
}

/* What of a plan is run, and the arrays for that: of the first inputs, and for outputs from `first` on. */
typedef struct running {
    gt_status (*run)(gt_workspace *);
    core_buffers read, written;
    Py_ssize_t first;
} running;

static gt_status bind_and_run(const core_plan *plan, gt_workspace *work, const running *r)
{
    gt_status status = GT_OK;
    for (Py_ssize_t i = 0; i < r->read.count && status == GT_OK; i++)
        status = gt_workspace_bind(work, plan->inputs.list[i], r->read.list[i].buf);
    for (Py_ssize_t i = 0; i < r->written.count && status == GT_OK; i++)
        status = gt_workspace_bind_output(work, (uint32_t)(r->first + i), r->written.list[i].buf);
    if (status == GT_OK)
        status = r->run(work);
    for (Py_ssize_t i = 0; i < r->written.count && status == GT_OK; i++)
        if (gt_workspace_value(work, (uint32_t)(r->first + i)) == NULL)
            status = GT_ERROR_ARGUMENT; /* an output of the other half */
    return status;
}

/* False with an exception. Without the interpreter lock. */
static bool run_plan(core_plan *plan, gt_workspace *work, const running *r)
{
    uint32_t count = (uint32_t)plan->outputs.count;
    core_call call = {0};
    core_call_begin(&call, NULL);
    gt_workspace_on_interrupt(work, core_call_interrupt, &call);
    gt_status status = bind_and_run(plan, work, r);
    gt_workspace_on_interrupt(work, NULL, NULL);
    core_call_end(&call);
    if (status != GT_OK)
        core_fail(status, gt_workspace_message(work));
    for (uint32_t i = 0; i < count; i++) /* the arrays are the caller's from now on */
        gt_workspace_bind_output(work, i, NULL);
    return status == GT_OK;
}

/* The arrays of so many inputs, and for so many outputs. */
static bool open_arrays(const core_plan *plan, running *r, PyObject *read, Py_ssize_t read_count, PyObject *written)
{
    core_vars inputs = {.list = plan->inputs.list, .count = read_count};
    Py_ssize_t count = PySequence_Size(written);
    if (count < 0 || r->first > plan->outputs.count || count > plan->outputs.count - r->first)
        return count < 0 ? false : core_fail(GT_ERROR_ARGUMENT, "there are more arrays than outputs") != NULL;
    core_vars outputs = {.list = plan->outputs.list + r->first, .count = count};
    return core_buffers_open(&r->read, read, &inputs, false) && core_buffers_open(&r->written, written, &outputs, true);
}

static void close_arrays(running *r)
{
    core_buffers_close(&r->read);
    core_buffers_close(&r->written);
}

/* Runs in a workspace that is the caller's, and gives it back; NULL: there was no memory for one. */
static PyObject *run_in(core_plan *plan, gt_workspace *work, running *r)
{
    if (work == NULL)
        return PyErr_NoMemory();
    bool done = run_plan(plan, work, r);
    give_back(plan, work);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* run(read, written): arrays of all inputs, and for all outputs */
static PyObject *plan_run(PyObject *self, PyObject *arguments)
{
    core_plan *plan = (core_plan *)self;
    PyObject *inputs, *outputs, *result = NULL;
    running r = {.run = gt_workspace_run};
    if (!PyArg_ParseTuple(arguments, "OO", &inputs, &outputs))
        return NULL;
    if (open_arrays(plan, &r, inputs, plan->inputs.count, outputs))
        result = run_in(plan, take_workspace(plan), &r);
    close_arrays(&r);
    return result;
}

/* ---- two halves ------------------------------------------------------------------------------ */

/* The workspace that the forward half has left, if it is there and of this process; it is the caller's then. */
static gt_workspace *take_waiting(core_waiting *waiting)
{
    gt_workspace *work = waiting->work;
    waiting->work = NULL;
    if (work == NULL || waiting->process == getpid())
        return work;
    gt_workspace_free(work);
    return NULL;
}

static void waiting_free(PyObject *object)
{
    core_waiting *waiting = (core_waiting *)object;
    gt_workspace *work = take_waiting(waiting);
    if (work != NULL)
        give_back(waiting->plan, work);
    Py_XDECREF((PyObject *)waiting->plan);
    core_free_object(object);
}

static PyObject *forward(core_plan *plan, const running *r)
{
    core_waiting *waiting = (core_waiting *)((allocfunc)PyType_GetSlot(waiting_type, Py_tp_alloc))(waiting_type, 0);
    if (waiting == NULL)
        return NULL;
    waiting->plan = (core_plan *)Py_NewRef((PyObject *)plan);
    waiting->process = getpid();
    waiting->work = take_workspace(plan);
    if (waiting->work != NULL && run_plan(plan, waiting->work, r))
        return (PyObject *)waiting;
    if (waiting->work == NULL)
        PyErr_NoMemory();
    Py_DECREF(waiting);
    return NULL;
}

/* forward(read, written) -> waiting: arrays of the inputs that are not late, and for the first outputs */
static PyObject *plan_forward(PyObject *self, PyObject *arguments)
{
    core_plan *plan = (core_plan *)self;
    PyObject *inputs, *outputs, *result = NULL;
    running r = {.run = gt_workspace_run_forward};
    if (!PyArg_ParseTuple(arguments, "OO", &inputs, &outputs))
        return NULL;
    if (open_arrays(plan, &r, inputs, plan->inputs.count - plan->late_count, outputs))
        result = forward(plan, &r);
    close_arrays(&r);
    return result;
}

/*
 * backward(waiting, read, written, first): arrays of all inputs, and for the outputs from `first` on. Where the
 * backward half has run before, or in another process, the forward half is run again.
 */
static PyObject *plan_backward(PyObject *self, PyObject *arguments)
{
    core_plan *plan = (core_plan *)self;
    PyObject *waiting, *inputs, *outputs, *result = NULL;
    running r = {.run = gt_workspace_run_backward};
    if (!PyArg_ParseTuple(arguments, "OOOn", &waiting, &inputs, &outputs, &r.first))
        return NULL;
    if (!PyObject_TypeCheck(waiting, waiting_type) || ((core_waiting *)waiting)->plan != plan || r.first < 0)
        return core_fail(GT_ERROR_ARGUMENT, "a forward half of the same plan is wanted");
    if (open_arrays(plan, &r, inputs, plan->inputs.count, outputs)) {
        gt_workspace *work = take_waiting((core_waiting *)waiting);
        if (work == NULL) {
            r.run = gt_workspace_run;
            work = take_workspace(plan);
        }
        result = run_in(plan, work, &r);
    }
    close_arrays(&r);
    return result;
}

static PyType_Spec waiting_spec = {
    .name = "gradtape._core.Waiting",
    .basicsize = sizeof(core_waiting),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot[]){{Py_tp_dealloc, waiting_free}, {0, NULL}},
};

static PyObject *plan_bytes(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(gt_plan_bytes(((core_plan *)self)->plan));
}

static PyMethodDef plan_methods[] = {
    {"run", plan_run, METH_VARARGS, "run(read, written)"},
    {"forward", plan_forward, METH_VARARGS, "forward(read, written) -> waiting"},
    {"backward", plan_backward, METH_VARARGS, "backward(waiting, read, written, first)"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef plan_properties[] = {
    {"bytes", plan_bytes, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Spec plan_spec = {
    .name = "gradtape._core.Plan",
    .basicsize = sizeof(core_plan),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = (PyType_Slot[]){{Py_tp_new, plan_new},
                             {Py_tp_dealloc, plan_free},
                             {Py_tp_methods, plan_methods},
                             {Py_tp_getset, plan_properties},
                             {0, NULL}},
};

bool core_add_plan(PyObject *module)
{
    threads_type = core_add_type(module, &threads_spec);
    waiting_type = threads_type == NULL ? NULL : core_add_type(module, &waiting_spec);
    PyTypeObject *type = waiting_type == NULL ? NULL : core_add_type(module, &plan_spec);
    Py_XDECREF((PyObject *)type);
    return type != NULL;
}
