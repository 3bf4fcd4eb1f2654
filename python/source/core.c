/* The module: what is in it, errors, small conversions. */
#include "core.h"

#include <string.h>

static PyObject *error_of; /* gradtape._errors.error_of */

PyObject *core_fail(gt_status status, const char *message)
{
    if (PyErr_Occurred())
        return NULL;
    PyObject *error = PyObject_CallFunction(error_of, "sN", gt_status_name(status), core_text(message));
    if (error == NULL)
        return NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_DECREF(error);
    return NULL;
}

PyObject *core_fail_error(const gt_error *error)
{
    return core_fail(error->status == GT_OK ? GT_ERROR_MEMORY : error->status,
                     error->status == GT_OK ? "out of memory" : error->message);
}

PyObject *core_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text == NULL ? "" : text, text == NULL ? 0 : (Py_ssize_t)strlen(text), "replace");
}

PyObject *core_shape(gt_shape shape)
{
    PyObject *sizes = PyTuple_New(shape.rank < 0 ? 0 : shape.rank);
    for (int i = 0; sizes != NULL && i < shape.rank; i++) {
        PyObject *size = PyLong_FromLongLong(shape.size[i]);
        if (size == NULL || PyTuple_SetItem(sizes, i, size) < 0)
            Py_CLEAR(sizes);
    }
    return sizes;
}

bool core_read_shape(PyObject *object, gt_shape *shape)
{
    int64_t size[GT_MAX_RANK + 1] = {0};
    PyObject *sizes = PySequence_Tuple(object);
    if (sizes == NULL)
        return false;
    Py_ssize_t rank = PyTuple_Size(sizes);
    for (Py_ssize_t i = 0; i < rank && i <= GT_MAX_RANK && !PyErr_Occurred(); i++)
        size[i] = PyLong_AsLongLong(PyTuple_GetItem(sizes, i));
    Py_DECREF(sizes);
    if (PyErr_Occurred())
        return false;
    for (Py_ssize_t i = rank; i <= GT_MAX_RANK; i++)
        size[i] = GT_NO_SIZE;
    *shape = gt_shape_make(size[0], size[1], size[2], size[3], size[4]);
    return true;
}

PyTypeObject *core_add_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL || PyModule_AddObjectRef(module, strrchr(spec->name, '.') + 1, type) < 0)
        return NULL;
    return (PyTypeObject *)type;
}

bool core_put(PyObject *dictionary, const char *key, PyObject *value)
{
    bool good = value != NULL && PyDict_SetItemString(dictionary, key, value) == 0;
    Py_XDECREF(value);
    return good;
}

void core_free_object(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* ---- sizes, the zoo -------------------------------------------------------------------------- */

static PyObject *zoo(PyObject *module, PyObject *arguments)
{
    (void)module, (void)arguments;
    PyObject *texts = PyDict_New();
    for (uint32_t i = 0; texts != NULL && i < gt_zoo_count(); i++)
        if (!core_put(texts, gt_zoo_at(i)->name, core_text(gt_zoo_at(i)->text)))
            Py_CLEAR(texts);
    return texts;
}

static PyObject *evaluate_size(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *size;
    PyObject *list;
    if (!PyArg_ParseTuple(arguments, "sO", &size, &list))
        return NULL;
    uint32_t count;
    gt_dimension *dimensions = core_read_dimensions(list, &count);
    if (dimensions == NULL)
        return NULL;
    int64_t value;
    gt_error error = {0};
    gt_status status = gt_size_evaluate(size, dimensions, count, &value, &error);
    PyMem_Free(dimensions);
    return status == GT_OK ? PyLong_FromLongLong(value) : core_fail_error(&error);
}

/* The candidate that a misspelt name may stand for, or None. */
static PyObject *nearest(PyObject *module, PyObject *arguments)
{
    (void)module;
    gt_nearest search = {0};
    PyObject *candidates;
    if (!PyArg_ParseTuple(arguments, "sO", &search.wanted, &candidates))
        return NULL;
    PyObject *list = PySequence_List(candidates);
    if (list == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
        const char *candidate = PyUnicode_AsUTF8AndSize(PyList_GetItem(list, i), NULL);
        if (candidate == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        gt_nearest_offer(&search, candidate);
    }
    PyObject *best = search.best == NULL ? Py_NewRef(Py_None) : core_text(search.best);
    Py_DECREF(list);
    return best;
}

/* ---- the module ------------------------------------------------------------------------------ */

static PyMethodDef functions[] = {
    {"zoo", zoo, METH_NOARGS, "zoo() -> {name: text}"},
    {"evaluate_size", evaluate_size, METH_VARARGS, "evaluate_size(text, [(name, size)]) -> int"},
    {"nearest", nearest, METH_VARARGS, "nearest(name, candidates) -> str or None"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "gradtape._core",
    .m_doc = "The library; see the package gradtape.",
    .m_size = -1,
    .m_methods = functions,
};

static bool find_errors(void)
{
    PyObject *errors = PyImport_ImportModule("gradtape._errors");
    error_of = errors == NULL ? NULL : PyObject_GetAttrString(errors, "error_of");
    Py_XDECREF(errors);
    return error_of != NULL;
}

PyMODINIT_FUNC PyInit__core(void);

PyMODINIT_FUNC PyInit__core(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    if (find_errors() && PyModule_AddStringConstant(module, "version", gt_version()) == 0 &&
        PyModule_AddFunctions(module, core_record_functions) == 0 &&
        PyModule_AddFunctions(module, core_run_functions) == 0 &&
        PyModule_AddFunctions(module, core_graph_functions) == 0 &&
        PyModule_AddFunctions(module, core_flow_functions) == 0 &&
        PyModule_AddFunctions(module, core_check_functions) == 0 &&
        PyModule_AddFunctions(module, core_file_functions) == 0 &&
        PyModule_AddFunctions(module, core_onnx_functions) == 0 && core_add_tape(module) && core_add_scan(module) &&
        core_add_plan(module) && core_add_cell(module) && core_add_train(module))
        return module;
    Py_DECREF(module);
    return NULL;
}
