/* Arrays by name: for checks, and in files. */
#include "core.h"

#include <string.h>

static bool add(gt_archive *archive, const char *name, PyObject *array, const char *dtype, PyObject *sizes)
{
    gt_array row = {.dtype = core_dtype(dtype)};
    Py_buffer buffer;
    gt_error error = {0};
    if (!core_read_shape(sizes, &row.shape) ||
        !core_buffer_open(&buffer, array, row.dtype, gt_shape_count(row.shape), false))
        return false;
    row.data = buffer.buf;
    gt_status status = gt_archive_add(archive, name, row, &error);
    PyBuffer_Release(&buffer);
    return status == GT_OK || core_fail_error(&error) != NULL;
}

bool core_read_archive(PyObject *list, gt_archive **archive)
{
    *archive = NULL;
    if (list == Py_None)
        return true;
    PyObject *rows = PySequence_Tuple(list);
    *archive = gt_archive_new();
    bool good = rows != NULL && *archive != NULL;
    for (Py_ssize_t i = 0; good && i < PyTuple_Size(rows); i++) {
        const char *name, *dtype;
        PyObject *array, *sizes, *row = PyTuple_GetItem(rows, i);
        good = PyTuple_Check(row) && PyArg_ParseTuple(row, "sOsO", &name, &array, &dtype, &sizes) &&
               add(*archive, name, array, dtype, sizes);
    }
    Py_XDECREF(rows);
    if (!good && !PyErr_Occurred())
        PyErr_NoMemory();
    return good;
}

/* ---- files ----------------------------------------------------------------------------------- */

PyObject *core_list_arrays(const gt_archive *archive)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < gt_archive_count(archive); i++) {
        const char *name = gt_archive_name(archive, i);
        gt_array a = gt_archive_find(archive, name);
        Py_ssize_t bytes = (Py_ssize_t)((size_t)gt_shape_count(a.shape) * gt_dtype_size(a.dtype));
        PyObject *row = Py_BuildValue("NsNN", core_text(name), gt_dtype_name(a.dtype), core_shape(a.shape),
                                      PyByteArray_FromStringAndSize(a.data, bytes));
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

/* read(path) */
static PyObject *read_file(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *path;
    if (!PyArg_ParseTuple(arguments, "O&", PyUnicode_FSConverter, &path))
        return NULL;
    gt_error error = {0};
    core_call call = {0};
    core_call_begin(&call, NULL);
    gt_archive *archive = gt_archive_read(PyBytes_AsString(path), &error);
    core_call_end(&call);
    Py_DECREF(path);
    PyObject *list = archive == NULL ? core_fail_error(&error) : core_list_arrays(archive);
    gt_archive_free(archive);
    return list;
}

static gt_status write_to(const gt_archive *archive, const char *path, bool safetensors, gt_error *error)
{
    return safetensors ? gt_safetensors_write(archive, path, error) : gt_archive_write(archive, path, false, error);
}

/* {name: text} */
static bool add_texts(gt_archive *archive, PyObject *texts)
{
    PyObject *name, *text;
    Py_ssize_t place = 0;
    gt_error error = {0};
    while (PyDict_Next(texts, &place, &name, &text)) {
        const char *n = PyUnicode_AsUTF8AndSize(name, NULL), *t = PyUnicode_AsUTF8AndSize(text, NULL);
        if (n == NULL || t == NULL)
            return false;
        if (gt_archive_add_text(archive, n, t, &error) != GT_OK)
            return core_fail_error(&error) != NULL;
    }
    return true;
}

/* write(path, is_safetensors, [(name, array, dtype, shape)], {name: text}) */
static PyObject *write_file(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *path, *list, *texts;
    int safetensors;
    gt_archive *archive = NULL;
    if (!PyArg_ParseTuple(arguments, "O&pOO!", PyUnicode_FSConverter, &path, &safetensors, &list, &PyDict_Type, &texts))
        return NULL;
    gt_error error = {0};
    gt_status status = GT_ERROR_ARGUMENT;
    if (core_read_archive(list, &archive) && add_texts(archive, texts)) {
        core_call call = {0};
        core_call_begin(&call, NULL);
        status = write_to(archive, PyBytes_AsString(path), safetensors, &error);
        core_call_end(&call);
    }
    Py_DECREF(path);
    gt_archive_free(archive);
    if (PyErr_Occurred())
        return NULL;
    return status == GT_OK ? Py_NewRef(Py_None) : core_fail_error(&error);
}

/* ---- layouts --------------------------------------------------------------------------------- */

/* Appends (name, shape or None, reason) to the list in context. */
static void note_misfit(void *context, const char *name, gt_shape shape, const char *reason)
{
    PyObject *row = Py_BuildValue("NNN", core_text(name), shape.rank < 0 ? Py_NewRef(Py_None) : core_shape(shape),
                                  core_text(reason));
    if (row == NULL || PyList_Append(context, row) < 0)
        PyErr_Clear(); /* of a remark; the conversion itself says what is wrong */
    Py_XDECREF(row);
}

static int framework_of(const char *name)
{
    for (int i = 0; i < GT_FRAMEWORK_COUNT; i++)
        if (strcmp(gt_framework_name((gt_framework)i), name) == 0)
            return i;
    return -1;
}

/* convert([(name, array, dtype, shape)], from, to, cell, prefix, layers, partial, misfits) */
static PyObject *convert(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *from, *to;
    int layers, partial;
    PyObject *rows, *misfits;
    gt_convert_options options = {.misfit = note_misfit};
    if (!PyArg_ParseTuple(arguments, "OsszzppO", &rows, &from, &to, &options.cell, &options.prefix, &layers, &partial,
                          &misfits))
        return NULL;
    if (framework_of(from) < 0 || framework_of(to) < 0)
        return PyErr_Format(PyExc_ValueError, "a framework is gradtape, pytorch, keras or onnx");
    options.from = (gt_framework)framework_of(from);
    options.to = (gt_framework)framework_of(to);
    options.layers = layers != 0;
    options.partial = partial != 0;
    options.context = misfits;
    gt_archive *given;
    if (!core_read_archive(rows, &given)) {
        gt_archive_free(given);
        return NULL;
    }
    gt_error error = {0};
    gt_archive *result = gt_convert(given, &options, &error);
    PyObject *list = result == NULL ? core_fail_error(&error) : core_list_arrays(result);
    gt_archive_free(given);
    gt_archive_free(result);
    return list;
}

PyMethodDef core_file_functions[] = {
    {"convert", convert, METH_VARARGS,
     "convert(rows, from, to, cell, prefix, layers, partial, misfits) -> [(name, dtype, shape, entries)]"},
    {"read", read_file, METH_VARARGS, "read(path) -> [(name, dtype, shape, entries)]"},
    {"write", write_file, METH_VARARGS, "write(path, is_safetensors, [(name, array, dtype, shape)], {name: text})"},
    {NULL, NULL, 0, NULL},
};
