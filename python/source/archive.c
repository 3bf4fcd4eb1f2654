/* Arrays by name, for checks. */
#include "core.h"

#include <string.h>

static bool add(gt_archive *archive, const char *name, PyObject *array, const char *dtype, PyObject *sizes)
{
    gt_array row = {.dtype = strcmp(dtype, "f32") == 0 ? GT_F32 : strcmp(dtype, "i32") == 0 ? GT_I32 : GT_F64};
    Py_buffer buffer;
    gt_error error = {0};
    if (!core_read_shape(sizes, &row.shape) || !core_buffer_open(&buffer, array, row.dtype, gt_shape_count(row.shape), false))
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
