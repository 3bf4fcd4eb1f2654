/* Scans: loops over time. */
#include "core.h"

#include <string.h>

typedef struct core_scan {
    PyObject_HEAD gt_scan *scan; /* belongs to the outer tape */
    core_tape *outer, *body;
} core_scan;

/* Scan(tape, steps, backward) */
static PyObject *scan_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *object;
    long long steps;
    int backward;
    if (!PyArg_ParseTuple(arguments, "OLp", &object, &steps, &backward))
        return NULL;
    core_tape *tape = core_get_tape(object);
    core_scan *scan = tape == NULL ? NULL : (core_scan *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (scan == NULL)
        return NULL;
    scan->outer = (core_tape *)Py_NewRef((PyObject *)tape);
    scan->scan = gt_scan_begin(tape->tape, steps, backward ? GT_BACKWARD : GT_FORWARD);
    if (gt_tape_status(tape->tape) != GT_OK)
        core_fail_tape(tape);
    else
        scan->body = (core_tape *)core_new_body(tape, gt_scan_body(scan->scan));
    if (scan->body != NULL)
        return (PyObject *)scan;
    Py_DECREF(scan);
    return NULL;
}

static void scan_free(PyObject *object)
{
    core_scan *scan = (core_scan *)object;
    Py_XDECREF((PyObject *)scan->outer);
    Py_XDECREF((PyObject *)scan->body);
    core_free_object(object);
}

static core_scan *usable(PyObject *object)
{
    core_scan *scan = (core_scan *)object;
    return core_get_tape((PyObject *)scan->outer) == NULL ? NULL : scan;
}

static PyObject *scan_carry(PyObject *self, PyObject *arguments)
{
    core_scan *scan = usable(self);
    const char *name;
    PyObject *object;
    if (scan == NULL || !PyArg_ParseTuple(arguments, "sO", &name, &object))
        return NULL;
    core_var *initial = core_get_var(object);
    return initial == NULL ? NULL : core_new_var(scan->body, gt_scan_carry(scan->scan, name, initial->var));
}

static PyObject *scan_input(PyObject *self, PyObject *arguments)
{
    core_scan *scan = usable(self);
    const char *name;
    PyObject *object;
    if (scan == NULL || !PyArg_ParseTuple(arguments, "sO", &name, &object))
        return NULL;
    core_var *sequence = core_get_var(object);
    return sequence == NULL ? NULL : core_new_var(scan->body, gt_scan_input(scan->scan, name, sequence->var));
}

static PyObject *scan_invariant(PyObject *self, PyObject *object)
{
    core_scan *scan = usable(self);
    core_var *outer = scan == NULL ? NULL : core_get_var(object);
    return outer == NULL ? NULL : core_new_var(scan->body, gt_scan_invariant(scan->scan, outer->var));
}

static PyObject *scan_next(PyObject *self, PyObject *arguments)
{
    core_scan *scan = usable(self);
    PyObject *before, *after;
    if (scan == NULL || !PyArg_ParseTuple(arguments, "OO", &before, &after))
        return NULL;
    core_var *carry = core_get_var(before), *next = carry == NULL ? NULL : core_get_var(after);
    if (next == NULL)
        return NULL;
    gt_scan_next(scan->scan, carry->var, next->var);
    return gt_tape_status(scan->body->tape) == GT_OK ? Py_NewRef(Py_None) : core_fail_tape(scan->body);
}

static PyObject *scan_end(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    core_scan *scan = usable(self);
    if (scan == NULL)
        return NULL;
    return gt_scan_end(scan->scan) == GT_OK ? Py_NewRef(Py_None) : core_fail_tape(scan->body);
}

static PyObject *scan_stack(PyObject *self, PyObject *object)
{
    core_scan *scan = usable(self);
    core_var *v = scan == NULL ? NULL : core_get_var(object);
    return v == NULL ? NULL : core_new_var(scan->outer, gt_scan_stack(scan->scan, v->var));
}

static PyObject *scan_final(PyObject *self, PyObject *object)
{
    core_scan *scan = usable(self);
    core_var *v = scan == NULL ? NULL : core_get_var(object);
    return v == NULL ? NULL : core_new_var(scan->outer, gt_scan_final(scan->scan, v->var));
}

static PyObject *scan_body(PyObject *self, void *closure)
{
    (void)closure;
    return Py_NewRef((PyObject *)((core_scan *)self)->body);
}

static PyMethodDef methods[] = {
    {"carry", scan_carry, METH_VARARGS, "carry(name, initial) -> Var"},
    {"input", scan_input, METH_VARARGS, "input(name, sequence) -> Var"},
    {"invariant", scan_invariant, METH_O, "invariant(outer) -> Var"},
    {"next", scan_next, METH_VARARGS, "next(carry, next)"},
    {"end", scan_end, METH_NOARGS, "end()"},
    {"stack", scan_stack, METH_O, "stack(var) -> Var"},
    {"final", scan_final, METH_O, "final(carry) -> Var"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"body", scan_body, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Spec spec = {
    .name = "gradtape._core.Scan",
    .basicsize = sizeof(core_scan),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = (PyType_Slot[]){{Py_tp_new, scan_new},
                             {Py_tp_dealloc, scan_free},
                             {Py_tp_methods, methods},
                             {Py_tp_getset, properties},
                             {0, NULL}},
};

bool core_add_scan(PyObject *module)
{
    PyTypeObject *type = core_add_type(module, &spec);
    Py_XDECREF((PyObject *)type);
    return type != NULL;
}
