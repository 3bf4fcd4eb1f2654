/* Checks of functions that are Python's: called back from the library, with the interpreter lock. */
#include "core.h"

#include <string.h>

typedef struct function_check {
    PyObject *function, *gradient, *jvp;
    size_t input_count, output_count;
} function_check;

/* A copy of the numbers, which the function may keep. */
static PyObject *lend(const double *numbers, size_t count)
{
    return PyBytes_FromStringAndSize((const char *)numbers, (Py_ssize_t)(count * sizeof *numbers));
}

/* What a callback returned: the bytes of `count` doubles. */
static gt_status take(PyObject *result, double *numbers, size_t count, gt_error *error)
{
    char *bytes;
    Py_ssize_t size;
    bool good = result != NULL && PyBytes_AsStringAndSize(result, &bytes, &size) == 0;
    if (good && (size_t)size != count * sizeof *numbers) {
        PyErr_SetString(PyExc_ValueError, "the function returned another number of entries than before");
        good = false;
    }
    if (good)
        memcpy(numbers, bytes, count * sizeof *numbers);
    Py_XDECREF(result);
    return good ? GT_OK : gt_error_set(error, GT_ERROR_INTERRUPTED, "the function raised an exception");
}

static gt_status call_function(void *context, const double *x, double *y, gt_error *error)
{
    const function_check *c = context;
    if (PyErr_CheckSignals() < 0)
        return gt_error_set(error, GT_ERROR_INTERRUPTED, "interrupted");
    return take(PyObject_CallFunction(c->function, "N", lend(x, c->input_count)), y, c->output_count, error);
}

static gt_status call_gradient(void *context, const double *x, const double *cotangent, double *gradient,
                               gt_error *error)
{
    const function_check *c = context;
    return take(PyObject_CallFunction(c->gradient, "NN", lend(x, c->input_count), lend(cotangent, c->output_count)),
                gradient, c->input_count, error);
}

static gt_status call_jvp(void *context, const double *x, const double *tangent, double *tangent_of_y, gt_error *error)
{
    const function_check *c = context;
    return take(PyObject_CallFunction(c->jvp, "NN", lend(x, c->input_count), lend(tangent, c->input_count)),
                tangent_of_y, c->output_count, error);
}

/* ---- the arrays of x ------------------------------------------------------------------------- */

/* From a list of (name, shape); the names are borrowed. Counts their entries. NULL with an exception. */
static gt_check_array *read_arrays(PyObject *list, uint32_t *count, size_t *entries)
{
    *count = PyList_Check(list) ? (uint32_t)PyList_Size(list) : 0;
    gt_check_array *arrays = PyMem_Calloc((size_t)*count + 1, sizeof *arrays);
    if (arrays == NULL)
        PyErr_NoMemory();
    for (uint32_t i = 0; arrays != NULL && i < *count; i++) {
        PyObject *sizes, *row = PyList_GetItem(list, i);
        if (PyTuple_Check(row) && PyArg_ParseTuple(row, "sO", &arrays[i].name, &sizes) &&
            core_read_shape(sizes, &arrays[i].shape)) {
            *entries += (size_t)gt_shape_count(arrays[i].shape);
            continue;
        }
        PyMem_Free(arrays);
        return NULL;
    }
    return arrays;
}

static PyObject *check(gt_check_gradient *mine, const gt_check_options *options)
{
    gt_error error = {0};
    gt_report report = {0};
    gt_status status = gt_check_function(mine, options, &report, &error);
    if (status == GT_OK && !PyErr_Occurred())
        return core_take_report(&report);
    gt_report_free(&report);
    return core_fail_error(&error);
}

/*
 * check_function(function, gradient or None, jvp or None, x, arrays, output_count, output_shape, seed,
 * tolerance) -> report. function(bytes) -> bytes, gradient and jvp(bytes, bytes) -> bytes: of doubles.
 */
static PyObject *check_function(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *list, *sizes, *result = NULL;
    const char *x;
    Py_ssize_t bytes, output_count;
    unsigned int seed;
    function_check c = {0};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_check_gradient mine = {.function = call_function, .context = &c};
    if (!PyArg_ParseTuple(arguments, "OOOy#OnOId", &c.function, &c.gradient, &c.jvp, &x, &bytes, &list, &output_count,
                          &sizes, &seed, &options.tolerance) ||
        !core_read_shape(sizes, &mine.output_shape))
        return NULL;
    mine.gradient = c.gradient == Py_None ? NULL : call_gradient;
    mine.jvp = c.jvp == Py_None ? NULL : call_jvp;
    gt_check_array *arrays = read_arrays(list, &mine.array_count, &c.input_count);
    double *copy = arrays == NULL ? NULL : PyMem_Malloc((size_t)bytes + 1);
    if (copy != NULL && (size_t)bytes == c.input_count * sizeof *copy && output_count > 0) {
        memcpy(copy, x, (size_t)bytes);
        options.seed = seed;
        mine.arrays = arrays;
        mine.x = copy;
        mine.output_count = c.output_count = (size_t)output_count;
        result = check(&mine, &options);
    } else if (arrays != NULL) {
        core_fail(GT_ERROR_SHAPE, "the numbers are not as many as the shapes say");
    }
    PyMem_Free(copy);
    PyMem_Free(arrays);
    return result;
}

PyMethodDef core_check_functions[] = {
    {"check_function", check_function, METH_VARARGS,
     "check_function(function, gradient, jvp, x, arrays, output_count, output_shape, seed, tolerance)"},
    {NULL, NULL, 0, NULL},
};
