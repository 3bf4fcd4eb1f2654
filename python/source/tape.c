/* Tapes and vars. */
#include "core.h"

#include <stddef.h>
#include <string.h>

PyTypeObject *core_tape_type, *core_var_type;
static PyTypeObject *var_class; /* the package's subclass, in which vars are made */

/* ---- tapes ----------------------------------------------------------------------------------- */

static core_tape *new_tape(PyTypeObject *type)
{
    return (core_tape *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

static PyObject *tape_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    const char *dtype;
    if (!PyArg_ParseTuple(arguments, "s", &dtype))
        return NULL;
    core_tape *tape = new_tape(type);
    if (tape == NULL)
        return NULL;
    tape->root = tape;
    tape->tape = gt_tape_new(&(gt_tape_options){core_dtype(dtype)});
    if (tape->tape != NULL)
        return (PyObject *)tape;
    Py_DECREF(tape);
    return PyErr_NoMemory();
}

PyObject *core_new_body(core_tape *outer, gt_tape *body)
{
    core_tape *tape = new_tape(core_tape_type);
    if (tape == NULL)
        return NULL;
    tape->tape = body;
    tape->root = (core_tape *)Py_NewRef((PyObject *)outer->root);
    tape->depth = outer->depth + 1;
    return (PyObject *)tape;
}

static void tape_free(PyObject *object)
{
    core_tape *tape = (core_tape *)object;
    if (tape->root == tape)
        gt_tape_free(tape->tape);
    else
        Py_XDECREF((PyObject *)tape->root);
    core_free_object(object);
}

static bool is_free(const core_tape *tape)
{
    if (tape->root->busy)
        core_fail(GT_ERROR_TAPE,
                  "the tape is being run or planned by another thread: one thread at a time uses a tape; "
                  "make a tape for each, or share a plan");
    return !tape->root->busy;
}

core_tape *core_get_tape(PyObject *object)
{
    if (!PyObject_TypeCheck(object, core_tape_type)) {
        PyErr_SetString(PyExc_TypeError, "expected a tape");
        return NULL;
    }
    return is_free((core_tape *)object) ? (core_tape *)object : NULL;
}

PyObject *core_fail_tape(core_tape *tape)
{
    gt_status status = gt_tape_status(tape->tape);
    gt_error error = {0};
    if (status != GT_OK)
        gt_error_set(&error, status, "%s", gt_tape_message(tape->tape));
    else
        gt_error_set(&error, GT_ERROR_TAPE, "a var of another tape");
    if (status != GT_ERROR_MEMORY)
        gt_tape_recover(tape->tape);
    return core_fail_error(&error);
}

/* ---- vars ------------------------------------------------------------------------------------ */

PyObject *core_new_var(core_tape *tape, gt_var v)
{
    if (!gt_var_valid(v))
        return core_fail_tape(tape);
    core_var *var = (core_var *)((allocfunc)PyType_GetSlot(var_class, Py_tp_alloc))(var_class, 0);
    if (var == NULL)
        return NULL;
    var->tape = (core_tape *)Py_NewRef((PyObject *)tape);
    var->var = v;
    return (PyObject *)var;
}

static void var_free(PyObject *object)
{
    Py_XDECREF((PyObject *)((core_var *)object)->tape);
    core_free_object(object);
}

static PyObject *var_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)type, (void)arguments, (void)keywords;
    PyErr_SetString(PyExc_TypeError, "a Var is made by a tape: its inputs, parameters and operations");
    return NULL;
}

core_var *core_get_var(PyObject *object)
{
    if (!PyObject_TypeCheck(object, core_var_type)) {
        PyErr_SetString(PyExc_TypeError,
                        "expected a Var, which is what a tape's inputs, parameters and operations are");
        return NULL;
    }
    return is_free(((core_var *)object)->tape) ? (core_var *)object : NULL;
}

/* ---- lists of vars --------------------------------------------------------------------------- */

static bool read_vars(core_vars *vars, PyObject *sequence, bool optional)
{
    vars->sequence = PySequence_Tuple(sequence);
    if (vars->sequence == NULL)
        return false;
    vars->count = PyTuple_Size(vars->sequence);
    vars->list = PyMem_Calloc((size_t)vars->count + 1, sizeof *vars->list);
    vars->tapes = PyMem_Calloc((size_t)vars->count + 1, sizeof *vars->tapes);
    if (vars->list == NULL || vars->tapes == NULL)
        return PyErr_NoMemory() != NULL;
    core_tape *root = NULL;
    for (Py_ssize_t i = 0; i < vars->count; i++) {
        PyObject *item = PyTuple_GetItem(vars->sequence, i);
        if (optional && item == Py_None)
            continue;
        core_var *var = core_get_var(item);
        if (var == NULL)
            return false;
        vars->list[i] = var->var;
        vars->tapes[i] = var->tape;
        if (root != NULL && root != var->tape->root)
            return core_fail(GT_ERROR_TAPE, "these vars belong to different tapes") != NULL;
        root = var->tape->root;
    }
    return true;
}

bool core_vars_read(core_vars *vars, PyObject *sequence)
{
    return read_vars(vars, sequence, false);
}

bool core_vars_read_optional(core_vars *vars, PyObject *sequence)
{
    return read_vars(vars, sequence, true);
}

void core_vars_free(core_vars *vars)
{
    PyMem_Free(vars->list);
    PyMem_Free(vars->tapes);
    Py_XDECREF(vars->sequence);
}

/* A failed op leaves its error on some of the operands' tapes: on which, depends on the error. */
static PyObject *fail_operands(const core_vars *operands)
{
    for (Py_ssize_t i = 0; i < operands->count; i++)
        if (operands->tapes[i] != NULL && gt_tape_status(operands->tapes[i]->tape) != GT_OK)
            core_fail_tape(operands->tapes[i]);
    return core_fail(GT_ERROR_ARGUMENT, "an operation needs an operand that is a Var");
}

PyObject *core_result(const core_vars *operands, gt_var result)
{
    if (gt_var_valid(result))
        for (Py_ssize_t i = 0; i < operands->count; i++)
            if (operands->list[i].tape == result.tape)
                return core_new_var(operands->tapes[i], result);
    return fail_operands(operands);
}

PyObject *core_var_list(core_tape *tape, const gt_var *vars, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *var = core_new_var(tape, vars[i]);
        if (var == NULL || PyList_SetItem(list, i, var) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* ---- looking at a var ------------------------------------------------------------------------ */

static PyObject *var_shape(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    return var == NULL ? NULL : core_shape(gt_var_shape(var->var));
}

static PyObject *var_dtype(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    return var == NULL ? NULL : core_text(gt_dtype_name(gt_var_dtype(var->var)));
}

static PyObject *var_name(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    return var == NULL ? NULL : core_text(gt_var_name(var->var));
}

static PyObject *var_op(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    return var == NULL ? NULL : core_text(gt_var_op(var->var)->name);
}

static PyObject *var_is_leaf(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    return var == NULL ? NULL : PyBool_FromLong(gt_var_role(var->var) != GT_ROLE_NONE);
}

static PyObject *var_index(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(((core_var *)self)->var.index);
}

/* A number for each tape that is there, for comparing vars: the same for all vars of one tape. */
static PyObject *var_place(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromVoidPtr(((core_var *)self)->var.tape);
}

static PyObject *var_root(PyObject *self, void *closure)
{
    (void)closure;
    return Py_NewRef((PyObject *)((core_var *)self)->tape->root);
}

static PyObject *var_tape(PyObject *self, void *closure)
{
    (void)closure;
    return Py_NewRef((PyObject *)((core_var *)self)->tape);
}

static PyObject *var_depth(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromLong(((core_var *)self)->tape->depth);
}

static PyObject *var_inputs(PyObject *self, void *closure)
{
    (void)closure;
    core_var *var = core_get_var(self);
    if (var == NULL)
        return NULL;
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < gt_var_input_count(var->var); i++) {
        PyObject *input = core_new_var(var->tape, gt_var_input(var->var, i));
        if (input == NULL || PyList_Append(list, input) < 0)
            Py_CLEAR(list);
        Py_XDECREF(input);
    }
    return list;
}

static PyObject *var_rename(PyObject *self, PyObject *arguments)
{
    core_var *var = core_get_var(self);
    const char *name;
    if (var == NULL || !PyArg_ParseTuple(arguments, "s", &name))
        return NULL;
    return core_new_var(var->tape, gt_name(var->var, name));
}

static PyGetSetDef var_properties[] = {
    {"shape", var_shape, NULL, NULL, NULL},     {"dtype", var_dtype, NULL, NULL, NULL},
    {"name", var_name, NULL, NULL, NULL},       {"op", var_op, NULL, NULL, NULL},
    {"is_leaf", var_is_leaf, NULL, NULL, NULL}, {"index", var_index, NULL, NULL, NULL},
    {"_place", var_place, NULL, NULL, NULL},    {"_root", var_root, NULL, NULL, NULL},
    {"_tape", var_tape, NULL, NULL, NULL},      {"_depth", var_depth, NULL, NULL, NULL},
    {"inputs", var_inputs, NULL, NULL, NULL},   {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef var_methods[] = {
    {"_rename", var_rename, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- leaves, and what a tape has ------------------------------------------------------------- */

/* input(kind, name, dtype, shape) */
static PyObject *tape_input(PyObject *self, PyObject *arguments)
{
    core_tape *tape = core_get_tape(self);
    const char *kind, *name, *dtype;
    PyObject *sizes;
    gt_shape shape;
    if (tape == NULL || !PyArg_ParseTuple(arguments, "sssO", &kind, &name, &dtype, &sizes) ||
        !core_read_shape(sizes, &shape))
        return NULL;
    gt_var v;
    if (strcmp(kind, "parameter") == 0)
        v = gt_parameter(tape->tape, name, shape);
    else if (strcmp(kind, "state") == 0)
        v = gt_state(tape->tape, name, shape);
    else
        v = (strcmp(dtype, "i32") == 0 ? gt_input_i32 : gt_input)(tape->tape, name, shape);
    return core_new_var(tape, v);
}

static PyObject *tape_constant(PyObject *self, PyObject *arguments)
{
    core_tape *tape = core_get_tape(self);
    double value;
    if (tape == NULL || !PyArg_ParseTuple(arguments, "d", &value))
        return NULL;
    return core_new_var(tape, gt_constant(tape->tape, value));
}

static PyObject *tape_fill(PyObject *self, PyObject *arguments)
{
    core_tape *tape = core_get_tape(self);
    double value;
    PyObject *sizes;
    gt_shape shape;
    if (tape == NULL || !PyArg_ParseTuple(arguments, "Od", &sizes, &value) || !core_read_shape(sizes, &shape))
        return NULL;
    return core_new_var(tape, gt_fill(tape->tape, shape, value));
}

static PyObject *tape_dtype(PyObject *self, void *closure)
{
    (void)closure;
    core_tape *tape = core_get_tape(self);
    return tape == NULL ? NULL : core_text(gt_dtype_name(gt_tape_dtype(tape->tape)));
}

static PyObject *tape_count(PyObject *self, void *closure)
{
    (void)closure;
    core_tape *tape = core_get_tape(self);
    return tape == NULL ? NULL : PyLong_FromUnsignedLong(gt_tape_node_count(tape->tape));
}

static PyObject *list_leaves(core_tape *tape, const char *needed);

static PyObject *tape_leaves(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    core_tape *tape = core_get_tape(self);
    return tape == NULL ? NULL : list_leaves(tape, NULL);
}

static PyMethodDef tape_methods[] = {
    {"_all_leaves", tape_leaves, METH_NOARGS, "_all_leaves() -> [Var]"},
    {"input", tape_input, METH_VARARGS, "input(kind, name, dtype, shape)"},
    {"constant", tape_constant, METH_VARARGS, "constant(value)"},
    {"fill", tape_fill, METH_VARARGS, "fill(shape, value)"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef tape_properties[] = {
    {"dtype", tape_dtype, NULL, NULL, NULL},
    {"node_count", tape_count, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- what values depend on ------------------------------------------------------------------- */

/* Marks what the outputs depend on: a node's inputs come before it. */
static void mark(const core_vars *outputs, char *needed)
{
    uint32_t last = 0;
    for (Py_ssize_t i = 0; i < outputs->count; i++) {
        needed[outputs->list[i].index] = 1;
        last = outputs->list[i].index > last ? outputs->list[i].index : last;
    }
    for (uint32_t index = last; index >= 1; index--) {
        gt_var v = {outputs->list[0].tape, index};
        for (uint32_t slot = 0; needed[index] && slot < gt_var_input_count(v); slot++)
            needed[gt_var_input(v, slot).index] = 1;
    }
}

static bool on_one_tape(const core_vars *vars)
{
    for (Py_ssize_t i = 1; i < vars->count; i++)
        if (vars->tapes[i] != vars->tapes[0])
            return core_fail(GT_ERROR_TAPE, "these vars belong to different tapes, or to the body of a scan") != NULL;
    return true;
}

/* The leaves that wait for a value; those that are marked, or all if needed is NULL. */
static PyObject *list_leaves(core_tape *tape, const char *needed)
{
    uint32_t count = gt_tape_node_count(tape->tape);
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        gt_var v = gt_tape_var(tape->tape, i);
        if ((needed != NULL && !needed[i + 1]) || gt_var_role(v) == GT_ROLE_NONE)
            continue;
        PyObject *leaf = core_new_var(tape, v);
        if (leaf == NULL || PyList_Append(list, leaf) < 0)
            Py_CLEAR(list);
        Py_XDECREF(leaf);
    }
    return list;
}

static PyObject *list_needed(const core_vars *outputs)
{
    core_tape *tape = outputs->tapes[0];
    char *needed = PyMem_Calloc((size_t)gt_tape_node_count(tape->tape) + 1, 1);
    if (needed == NULL)
        return PyErr_NoMemory();
    mark(outputs, needed);
    PyObject *list = list_leaves(tape, needed);
    PyMem_Free(needed);
    return list;
}

/* needed(outputs): the inputs, parameters and states that they depend on */
static PyObject *needed(PyObject *module, PyObject *sequence)
{
    (void)module;
    core_vars outputs = {0};
    PyObject *result = NULL;
    if (core_vars_read(&outputs, sequence) && on_one_tape(&outputs))
        result = outputs.count == 0 ? PyList_New(0) : list_needed(&outputs);
    core_vars_free(&outputs);
    return result;
}

/* ---- types ----------------------------------------------------------------------------------- */

static PyType_Spec tape_spec = {
    .name = "gradtape._core.Tape",
    .basicsize = sizeof(core_tape),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = (PyType_Slot[]){{Py_tp_new, tape_new},
                             {Py_tp_dealloc, tape_free},
                             {Py_tp_methods, tape_methods},
                             {Py_tp_getset, tape_properties},
                             {0, NULL}},
};

static PyType_Spec var_spec = {
    .name = "gradtape._core.Var",
    .basicsize = sizeof(core_var),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = (PyType_Slot[]){{Py_tp_new, var_new},
                             {Py_tp_dealloc, var_free},
                             {Py_tp_methods, var_methods},
                             {Py_tp_getset, var_properties},
                             {0, NULL}},
};

/* The class of vars; for the package alone. */
static PyObject *set_var_class(PyObject *module, PyObject *class)
{
    (void)module;
    if (!PyType_Check(class) || !PyType_IsSubtype((PyTypeObject *)class, core_var_type)) {
        PyErr_SetString(PyExc_TypeError, "expected a subclass of Var");
        return NULL;
    }
    PyTypeObject *old = var_class;
    var_class = (PyTypeObject *)Py_NewRef(class);
    Py_DECREF((PyObject *)old);
    return Py_NewRef(Py_None);
}

static PyMethodDef functions[] = {
    {"needed", needed, METH_O, "needed(outputs) -> [Var]"},
    {"set_var_class", set_var_class, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

bool core_add_tape(PyObject *module)
{
    core_tape_type = core_add_type(module, &tape_spec);
    core_var_type = core_add_type(module, &var_spec);
    if (core_tape_type == NULL || core_var_type == NULL)
        return false;
    var_class = (PyTypeObject *)Py_NewRef((PyObject *)core_var_type);
    return PyModule_AddFunctions(module, functions) == 0;
}
