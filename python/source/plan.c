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

static PyObject *make(core_plan *plan, int exact)
{
    gt_error error = {0};
    core_call call = {0};
    gt_plan_options options = {.exact = exact};
    core_call_begin(&call, plan->outputs.tapes[0]);
    plan->plan = gt_plan_new(plan->outputs.list, (uint32_t)plan->outputs.count, &options, &error);
    core_call_end(&call);
    return plan->plan != NULL ? (PyObject *)plan : core_fail_error(&error);
}

/* Plan(outputs, inputs, threads or None, exact) */
static PyObject *plan_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *outputs, *inputs, *pool;
    int exact;
    if (!PyArg_ParseTuple(arguments, "OOOp", &outputs, &inputs, &pool, &exact))
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
    if (good && make(plan, exact) != NULL)
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

static gt_status bind_and_run(const core_plan *plan, gt_workspace *work, const core_buffers *read,
                              const core_buffers *written, core_call *call)
{
    gt_status status = GT_OK;
    gt_workspace_on_interrupt(work, core_call_interrupt, call);
    for (Py_ssize_t i = 0; i < read->count && status == GT_OK; i++)
        status = gt_workspace_bind(work, plan->inputs.list[i], read->list[i].buf);
    if (status == GT_OK)
        status = gt_workspace_run(work);
    for (Py_ssize_t i = 0; i < written->count && status == GT_OK; i++)
        memcpy(written->list[i].buf, gt_workspace_value(work, (uint32_t)i), (size_t)written->list[i].len);
    return status;
}

static PyObject *run_plan(core_plan *plan, const core_buffers *read, const core_buffers *written)
{
    gt_workspace *work = take_workspace(plan);
    if (work == NULL)
        return PyErr_NoMemory();
    core_call call = {0};
    core_call_begin(&call, NULL);
    gt_status status = bind_and_run(plan, work, read, written, &call);
    core_call_end(&call);
    PyObject *result = status == GT_OK ? Py_NewRef(Py_None) : core_fail(status, gt_workspace_message(work));
    give_back(plan, work);
    return result;
}

/* run(read, written): arrays of all inputs, and for all outputs */
static PyObject *plan_run(PyObject *self, PyObject *arguments)
{
    core_plan *plan = (core_plan *)self;
    PyObject *inputs, *outputs, *result = NULL;
    core_buffers read = {0}, written = {0};
    if (!PyArg_ParseTuple(arguments, "OO", &inputs, &outputs))
        return NULL;
    if (core_buffers_open(&read, inputs, &plan->inputs, false) &&
        core_buffers_open(&written, outputs, &plan->outputs, true))
        result = run_plan(plan, &read, &written);
    core_buffers_close(&read);
    core_buffers_close(&written);
    return result;
}

static PyObject *plan_bytes(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(gt_plan_bytes(((core_plan *)self)->plan));
}

static PyMethodDef plan_methods[] = {
    {"run", plan_run, METH_VARARGS, "run(read, written)"},
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
    PyTypeObject *type = threads_type == NULL ? NULL : core_add_type(module, &plan_spec);
    Py_XDECREF((PyObject *)type);
    return type != NULL;
}
