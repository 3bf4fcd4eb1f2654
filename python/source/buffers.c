/* Arrays by the buffer protocol, and calls without the interpreter lock. */
#include "core.h"

#include <string.h>
#include <time.h>

/* ---- arrays ---------------------------------------------------------------------------------- */

gt_dtype core_dtype(const char *name)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_I32; dtype++)
        if (strcmp(gt_dtype_name(dtype), name) == 0)
            return dtype;
    return GT_F64;
}

/* Whether a format of the struct module is the native one of dtype. */
static bool is_format(const char *format, Py_ssize_t size, gt_dtype dtype)
{
    static const char *const formats[] = {[GT_F64] = "d", [GT_F32] = "f", [GT_I32] = "il"};
    if (format == NULL || size != (Py_ssize_t)gt_dtype_size(dtype))
        return false;
    format += *format == '@' || *format == '=';
    return format[0] != '\0' && format[1] == '\0' && strchr(formats[dtype], format[0]) != NULL;
}

static bool refuse(Py_buffer *buffer, gt_status status, const char *message)
{
    PyBuffer_Release(buffer);
    core_fail(status, message);
    return false;
}

bool core_buffer_open(Py_buffer *buffer, PyObject *array, gt_dtype dtype, int64_t count, bool written)
{
    int flags = PyBUF_F_CONTIGUOUS | PyBUF_FORMAT | (written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(array, buffer, flags) < 0)
        return false;
    if (!is_format(buffer->format, buffer->itemsize, dtype))
        return refuse(buffer, GT_ERROR_TYPE, "an array has another element type than its var");
    if (count < 0 || buffer->len / buffer->itemsize != count)
        return refuse(buffer, GT_ERROR_SHAPE, "an array has another number of entries than its var");
    if ((uintptr_t)buffer->buf % (uintptr_t)buffer->itemsize != 0)
        return refuse(buffer, GT_ERROR_ARGUMENT, "an array's memory is not aligned");
    return true;
}

/* The package has looked at what is there, which the caller holds meanwhile. */
static bool open_address(Py_buffer *buffer, PyObject *address, gt_dtype dtype)
{
    *buffer = (Py_buffer){.buf = PyLong_AsVoidPtr(address)}; /* without an object: there is nothing to release */
    if (buffer->buf == NULL || (uintptr_t)buffer->buf % gt_dtype_size(dtype) != 0)
        return PyErr_Occurred() != NULL ? false : core_fail(GT_ERROR_ARGUMENT, "an address is no array's") != NULL;
    return true;
}

bool core_buffers_open(core_buffers *buffers, PyObject *sequence, const core_vars *vars, bool written)
{
    PyObject *arrays = PySequence_Tuple(sequence);
    if (arrays == NULL)
        return false;
    buffers->count = PyTuple_Size(arrays);
    buffers->list = PyMem_Calloc((size_t)buffers->count + 1, sizeof *buffers->list);
    bool good = buffers->list != NULL;
    if (!good)
        PyErr_NoMemory();
    else if (buffers->count != vars->count)
        good = core_fail(GT_ERROR_ARGUMENT, "as many arrays as vars are wanted") != NULL;
    for (Py_ssize_t i = 0; good && i < buffers->count; i++) {
        gt_var v = vars->list[i];
        PyObject *array = PyTuple_GetItem(arrays, i);
        good = !written && PyLong_Check(array) ? open_address(&buffers->list[i], array, gt_var_dtype(v))
                                               : core_buffer_open(&buffers->list[i], array, gt_var_dtype(v),
                                                                  gt_shape_count(gt_var_shape(v)), written);
        buffers->open += good;
    }
    Py_DECREF(arrays); /* an open buffer holds its array */
    return good;
}

void core_buffers_close(core_buffers *buffers)
{
    for (Py_ssize_t i = 0; i < buffers->open; i++)
        PyBuffer_Release(&buffers->list[i]);
    PyMem_Free(buffers->list);
}

/* ---- long calls ------------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void core_call_begin(core_call *call, core_tape *tape)
{
    call->tape = tape;
    call->looked = now();
    if (tape != NULL)
        tape->root->busy = true;
    call->state = PyEval_SaveThread();
}

void core_call_end(core_call *call)
{
    PyEval_RestoreThread(call->state);
    if (call->tape != NULL)
        call->tape->root->busy = false;
}

bool core_call_progress(void *context, const char *stage, double done)
{
    enum { LOOKS_PER_SECOND = 20 };
    core_call *call = context;
    double time = now();
    if (time - call->looked < 1.0 / LOOKS_PER_SECOND)
        return false;
    call->looked = time;
    PyEval_RestoreThread(call->state);
    if (!PyErr_Occurred())
        PyErr_CheckSignals();
    if (call->progress != NULL && !PyErr_Occurred())
        Py_XDECREF(PyObject_CallFunction(call->progress, "sd", stage, done));
    bool raised = PyErr_Occurred() != NULL;
    call->state = PyEval_SaveThread();
    return raised;
}

bool core_call_interrupt(void *context)
{
    return core_call_progress(context, NULL, 0);
}
