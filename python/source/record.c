/* Operations: ops without attributes by their names in the library's list, the others by their functions. */
#include "core.h"

#include <string.h>

/* ---- any op without attributes --------------------------------------------------------------- */

/* The number becomes a constant beside the operand that is a var. */
static bool read_number(PyObject *number, core_tape *tape, gt_var *v)
{
    double value = PyFloat_AsDouble(number);
    if (PyErr_Occurred())
        return false;
    *v = gt_constant(tape->tape, value);
    return true;
}

/* Vars and numbers, at least one of them a var. */
static bool read_operands(core_vars *operands, PyObject *sequence)
{
    PyObject *list = PySequence_List(sequence), *vars = PyList_New(0);
    bool good = list != NULL && vars != NULL;
    core_tape *tape = NULL;
    for (Py_ssize_t i = 0; good && i < PyList_Size(list); i++) {
        PyObject *item = PyList_GetItem(list, i);
        bool is_var = PyObject_TypeCheck(item, core_var_type);
        tape = tape == NULL && is_var ? ((core_var *)item)->tape : tape;
        good = PyList_Append(vars, is_var ? item : Py_None) == 0;
    }
    good = good && core_vars_read_optional(operands, vars);
    if (good && tape == NULL)
        good = core_fail(GT_ERROR_ARGUMENT, "an operation needs an operand that is a Var") != NULL;
    for (Py_ssize_t i = 0; good && i < operands->count; i++)
        if (operands->tapes[i] == NULL) {
            good = read_number(PyList_GetItem(list, i), tape, &operands->list[i]);
            operands->tapes[i] = tape;
        }
    Py_XDECREF(list);
    Py_XDECREF(vars);
    return good;
}

/* apply(op, operands) */
static PyObject *apply(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *name;
    PyObject *sequence, *result = NULL;
    if (!PyArg_ParseTuple(arguments, "sO", &name, &sequence))
        return NULL;
    const gt_op *op = gt_op_find(name);
    if (op == NULL)
        return core_fail(GT_ERROR_ARGUMENT, "there is no such op");
    core_vars operands = {0};
    if (read_operands(&operands, sequence))
        result = core_result(&operands, gt_apply(op, operands.list, (uint32_t)operands.count, NULL, 0));
    core_vars_free(&operands);
    return result;
}

/* ops() -> [(name, arity, class, documentation)] */
static PyObject *ops(PyObject *module, PyObject *arguments)
{
    static const char *const classes[] = {"leaf", "elementwise", "columns", "product", "reduction",
                                          "view", "tuple",       "part",    "scan",    "other"};
    (void)module, (void)arguments;
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        PyObject *row =
            Py_BuildValue("sisN", op->name, (int)op->arity, classes[op->op_class], core_text(op->documentation));
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

/* ---- ops with attributes --------------------------------------------------------------------- */

/* The first argument is a var; the rest is read by `format`. The tape is that of the var. */
#define UNARY(NAME, CALL, DECLARATIONS, FORMAT, ...)                                                                   \
    static PyObject *record_##NAME(PyObject *module, PyObject *arguments)                                              \
    {                                                                                                                  \
        (void)module;                                                                                                  \
        PyObject *object;                                                                                              \
        DECLARATIONS                                                                                                   \
        if (!PyArg_ParseTuple(arguments, "O" FORMAT, &object, __VA_ARGS__))                                            \
            return NULL;                                                                                               \
        core_var *x = core_get_var(object);                                                                            \
        return x == NULL ? NULL : core_new_var(x->tape, CALL);                                                         \
    }

UNARY(pow, gt_pow(x->var, exponent), double exponent;, "d", &exponent)
UNARY(sum, gt_sum(x->var, axis), int axis;, "i", &axis)
UNARY(mean, gt_mean(x->var, axis), int axis;, "i", &axis)
UNARY(cumsum, gt_cumsum(x->var, axis, reversed != 0), int axis; int reversed;, "ip", &axis, &reversed)
UNARY(slice, gt_slice(x->var, axis, start, stop), int axis; long long start; long long stop;
      , "iLL", &axis, &start, &stop)
UNARY(pad, gt_pad(x->var, axis, before, after), int axis; long long before; long long after;
      , "iLL", &axis, &before, &after)
UNARY(one_hot, gt_one_hot(x->var, classes), long long classes;, "L", &classes)

/* The second argument is a shape. */
#define SHAPED(NAME)                                                                                                   \
    static PyObject *record_##NAME(PyObject *module, PyObject *arguments)                                              \
    {                                                                                                                  \
        (void)module;                                                                                                  \
        PyObject *object, *sizes;                                                                                      \
        gt_shape shape;                                                                                                \
        if (!PyArg_ParseTuple(arguments, "OO", &object, &sizes) || !core_read_shape(sizes, &shape))                    \
            return NULL;                                                                                               \
        core_var *x = core_get_var(object);                                                                            \
        return x == NULL ? NULL : core_new_var(x->tape, gt_##NAME(x->var, shape));                                     \
    }

SHAPED(reshape)
SHAPED(broadcast)
SHAPED(sum_to)

static PyObject *record_dropout_mask(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *object, *sizes;
    double rate;
    unsigned int stream;
    gt_shape shape;
    if (!PyArg_ParseTuple(arguments, "OOdI", &object, &sizes, &rate, &stream) || !core_read_shape(sizes, &shape))
        return NULL;
    core_var *key = core_get_var(object);
    return key == NULL ? NULL : core_new_var(key->tape, gt_dropout_mask(key->var, shape, rate, stream));
}

static PyObject *record_matmul(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *a, *b, *result = NULL;
    int transpose_a, transpose_b;
    core_vars operands = {0};
    if (!PyArg_ParseTuple(arguments, "OOpp", &a, &b, &transpose_a, &transpose_b))
        return NULL;
    PyObject *pair = PyTuple_Pack(2, a, b);
    if (pair != NULL && core_vars_read(&operands, pair))
        result =
            core_result(&operands, gt_matmul_transposed(operands.list[0], transpose_a, operands.list[1], transpose_b));
    core_vars_free(&operands);
    Py_XDECREF(pair);
    return result;
}

static PyObject *record_scatter_add(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *indices, *result = NULL;
    long long columns;
    core_vars operands = {0};
    if (!PyArg_ParseTuple(arguments, "OOL", &x, &indices, &columns))
        return NULL;
    PyObject *pair = PyTuple_Pack(2, x, indices);
    if (pair != NULL && core_vars_read(&operands, pair))
        result = core_result(&operands, gt_scatter_add(operands.list[0], operands.list[1], columns));
    core_vars_free(&operands);
    Py_XDECREF(pair);
    return result;
}

static PyObject *record_concat(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *parts, *result = NULL;
    int axis;
    core_vars operands = {0};
    if (!PyArg_ParseTuple(arguments, "Oi", &parts, &axis))
        return NULL;
    if (core_vars_read(&operands, parts))
        result = core_result(&operands, gt_concat(operands.list, (uint32_t)operands.count, axis));
    core_vars_free(&operands);
    return result;
}

static PyObject *record_stack(PyObject *module, PyObject *parts)
{
    (void)module;
    PyObject *result = NULL;
    core_vars operands = {0};
    if (core_vars_read(&operands, parts))
        result = core_result(&operands, gt_stack(operands.list, (uint32_t)operands.count));
    core_vars_free(&operands);
    return result;
}

static PyObject *cut(PyObject *object, int axis, PyObject *sizes, gt_var *parts, int64_t *list, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
        list[i] = PyLong_AsLongLong(PyTuple_GetItem(sizes, i));
    core_var *x = PyErr_Occurred() ? NULL : core_get_var(object);
    if (x == NULL)
        return NULL;
    if (gt_split(x->var, axis, list, (uint32_t)count, parts) != GT_OK)
        return core_fail_tape(x->tape);
    return core_var_list(x->tape, parts, count);
}

static PyObject *record_split(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *object, *sequence, *result = NULL;
    int axis;
    if (!PyArg_ParseTuple(arguments, "OiO", &object, &axis, &sequence))
        return NULL;
    PyObject *sizes = PySequence_Tuple(sequence);
    if (sizes == NULL)
        return NULL;
    Py_ssize_t count = PyTuple_Size(sizes);
    gt_var *parts = PyMem_Calloc((size_t)count + 1, sizeof *parts);
    int64_t *list = PyMem_Calloc((size_t)count + 1, sizeof *list);
    if (parts == NULL || list == NULL)
        PyErr_NoMemory();
    else
        result = cut(object, axis, sizes, parts, list, count);
    PyMem_Free(parts);
    PyMem_Free(list);
    Py_DECREF(sizes);
    return result;
}

/* ---- derivatives ----------------------------------------------------------------------------- */

/* The tape of the first var; NULL with an exception if there is none. */
static core_tape *tape_of(const core_vars *vars, const char *message)
{
    if (vars->count > 0)
        return vars->tapes[0];
    core_fail(GT_ERROR_ARGUMENT, message);
    return NULL;
}

static PyObject *differentiate(const core_vars *outputs, const core_vars *cotangents, const core_vars *wrt)
{
    core_tape *tape = tape_of(outputs, "grad: there is no output to differentiate");
    if (tape == NULL)
        return NULL;
    if (cotangents->count != outputs->count)
        return core_fail(GT_ERROR_ARGUMENT, "grad: as many cotangents as outputs are wanted");
    gt_var *gradients = PyMem_Calloc((size_t)wrt->count + 1, sizeof *gradients);
    if (gradients == NULL)
        return PyErr_NoMemory();
    gt_status status =
        gt_grad(outputs->list, cotangents->list, (uint32_t)outputs->count, wrt->list, (uint32_t)wrt->count, gradients);
    PyObject *result = status == GT_OK ? core_var_list(tape, gradients, wrt->count) : core_fail_tape(tape);
    PyMem_Free(gradients);
    return result;
}

/* grad(outputs, cotangents, wrt): a cotangent may be None */
static PyObject *grad(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *outputs, *cotangents, *wrt, *result = NULL;
    core_vars of = {0}, with = {0}, by = {0};
    if (!PyArg_ParseTuple(arguments, "OOO", &outputs, &cotangents, &wrt))
        return NULL;
    if (core_vars_read(&of, outputs) && core_vars_read_optional(&with, cotangents) && core_vars_read(&by, wrt))
        result = differentiate(&of, &with, &by);
    core_vars_free(&of);
    core_vars_free(&with);
    core_vars_free(&by);
    return result;
}

static PyObject *push_forward(const core_vars *outputs, const core_vars *inputs, const core_vars *tangents)
{
    core_tape *tape = tape_of(outputs, "jvp: there is no output to differentiate");
    if (tape == NULL)
        return NULL;
    if (inputs->count != tangents->count || inputs->count == 0)
        return core_fail(GT_ERROR_ARGUMENT, "jvp: as many tangents as inputs are wanted, at least one");
    gt_var *results = PyMem_Calloc((size_t)outputs->count + 1, sizeof *results);
    if (results == NULL)
        return PyErr_NoMemory();
    gt_status status =
        gt_jvp(outputs->list, (uint32_t)outputs->count, inputs->list, tangents->list, (uint32_t)inputs->count, results);
    PyObject *result = status == GT_OK ? core_var_list(tape, results, outputs->count) : core_fail_tape(tape);
    PyMem_Free(results);
    return result;
}

/* jvp(outputs, inputs, tangents) */
static PyObject *jvp(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *outputs, *inputs, *tangents, *result = NULL;
    core_vars of = {0}, by = {0}, with = {0};
    if (!PyArg_ParseTuple(arguments, "OOO", &outputs, &inputs, &tangents))
        return NULL;
    if (core_vars_read(&of, outputs) && core_vars_read(&by, inputs) && core_vars_read(&with, tangents))
        result = push_forward(&of, &by, &with);
    core_vars_free(&of);
    core_vars_free(&by);
    core_vars_free(&with);
    return result;
}

PyMethodDef core_record_functions[] = {
    {"ops", ops, METH_NOARGS, "ops() -> [(name, arity, class, documentation)]"},
    {"apply", apply, METH_VARARGS, "apply(op, operands) -> Var"},
    {"pow", record_pow, METH_VARARGS, "pow(x, exponent) -> Var"},
    {"sum", record_sum, METH_VARARGS, "sum(x, axis) -> Var"},
    {"mean", record_mean, METH_VARARGS, "mean(x, axis) -> Var"},
    {"cumsum", record_cumsum, METH_VARARGS, "cumsum(x, axis, reversed) -> Var"},
    {"slice", record_slice, METH_VARARGS, "slice(x, axis, start, stop) -> Var"},
    {"pad", record_pad, METH_VARARGS, "pad(x, axis, before, after) -> Var"},
    {"one_hot", record_one_hot, METH_VARARGS, "one_hot(indices, classes) -> Var"},
    {"reshape", record_reshape, METH_VARARGS, "reshape(x, shape) -> Var"},
    {"broadcast", record_broadcast, METH_VARARGS, "broadcast(x, shape) -> Var"},
    {"sum_to", record_sum_to, METH_VARARGS, "sum_to(x, shape) -> Var"},
    {"dropout_mask", record_dropout_mask, METH_VARARGS, "dropout_mask(key, shape, rate, stream) -> Var"},
    {"matmul", record_matmul, METH_VARARGS, "matmul(a, b, transpose_a, transpose_b) -> Var"},
    {"scatter_add", record_scatter_add, METH_VARARGS, "scatter_add(x, indices, columns) -> Var"},
    {"concat", record_concat, METH_VARARGS, "concat(parts, axis) -> Var"},
    {"stack", record_stack, METH_O, "stack(parts) -> Var"},
    {"split", record_split, METH_VARARGS, "split(x, axis, sizes) -> [Var]"},
    {"grad", grad, METH_VARARGS, "grad(outputs, cotangents, wrt) -> [Var]"},
    {"jvp", jvp, METH_VARARGS, "jvp(outputs, inputs, tangents) -> [Var]"},
    {NULL, NULL, 0, NULL},
};
