/* Models for other programs. */
#include "core.h"

/* The arrays of an archive as parameters; NULL with *error set. */
static gt_parameters *read_parameters(const gt_archive *archive, gt_dtype dtype, gt_error *error)
{
    gt_parameters *set = gt_parameters_new(dtype);
    for (uint32_t i = 0; set != NULL && i < gt_archive_count(archive); i++) {
        const char *name = gt_archive_name(archive, i);
        gt_parameters_add(set, name, gt_archive_find(archive, name).shape, (gt_initializer){.a = 0});
    }
    gt_status status = gt_parameters_status(set);
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_parameters_message(set));
    else
        status = gt_parameters_load(set, archive, NULL, error);
    if (status == GT_OK)
        return set;
    gt_parameters_free(set);
    return NULL;
}

PyObject *core_take_bytes(gt_status status, char *bytes, size_t size, const gt_error *error)
{
    PyObject *result = status == GT_OK ? PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size) : core_fail_error(error);
    gt_archive_bytes_free(bytes);
    return result;
}

PyObject *core_export_cell(const gt_cell *cell, PyObject *arguments)
{
    PyObject *list, *rows;
    const char *dtype;
    int scans;
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    long long opset;
    if (!PyArg_ParseTuple(arguments, "OOsLpz", &list, &rows, &dtype, &opset, &scans, &options.title))
        return NULL;
    options.opset = opset;
    options.scans = scans != 0;
    gt_error error = {0};
    gt_archive *archive = NULL;
    gt_parameters *set = NULL;
    uint32_t count = 0;
    gt_dimension *dimensions = core_read_dimensions(list, &count);
    PyObject *result = NULL;
    if (dimensions != NULL && core_read_archive(rows, &archive)) {
        set = read_parameters(archive, core_dtype(dtype), &error);
        char *bytes = NULL;
        size_t size = 0;
        gt_status status =
            set == NULL ? error.status : gt_onnx_cell(cell, dimensions, count, set, &options, &bytes, &size, &error);
        result = core_take_bytes(status, bytes, size, &error);
    }
    gt_parameters_free(set);
    gt_archive_free(archive);
    PyMem_Free(dimensions);
    return result;
}

/* export_tape(vars, names, opset) -> bytes */
static PyObject *export_tape(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *list, *names, *result = NULL;
    long long opset;
    core_vars vars = {0};
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    if (!PyArg_ParseTuple(arguments, "OO!L", &list, &PyList_Type, &names, &opset))
        return NULL;
    options.opset = opset;
    gt_onnx_result *results = NULL;
    bool good = core_vars_read(&vars, list) && vars.count == PyList_Size(names);
    if (good) {
        results = PyMem_Calloc((size_t)vars.count + 1, sizeof *results);
        good = results != NULL;
    }
    for (Py_ssize_t i = 0; good && i < vars.count; i++) {
        results[i] = (gt_onnx_result){vars.list[i], PyUnicode_AsUTF8AndSize(PyList_GetItem(names, i), NULL)};
        good = results[i].name != NULL;
    }
    if (good) {
        gt_error error = {0};
        char *bytes = NULL;
        size_t size = 0;
        gt_status status = gt_onnx_tape(results, (uint32_t)vars.count, NULL, &options, &bytes, &size, &error);
        result = core_take_bytes(status, bytes, size, &error);
    } else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a name for each var is wanted");
    PyMem_Free(results);
    core_vars_free(&vars);
    return result;
}

/* replace(path, bytes): the file as a whole or not at all */
static PyObject *replace(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *path;
    const char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "O&y#", PyUnicode_FSConverter, &path, &bytes, &size))
        return NULL;
    gt_error error = {0};
    gt_status status = gt_file_replace(PyBytes_AsString(path), bytes, (size_t)size, &error);
    Py_DECREF(path);
    return status == GT_OK ? Py_NewRef(Py_None) : core_fail_error(&error);
}

PyMethodDef core_onnx_functions[] = {
    {"replace", replace, METH_VARARGS, "replace(path, bytes)"},
    {"export_tape", export_tape, METH_VARARGS, "export_tape(vars, names, opset) -> bytes"},
    {NULL, NULL, 0, NULL},
};
