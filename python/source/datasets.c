/* Sequences that the library reads or makes. */
#include "train_data.h"

typedef struct core_datasets {
    PyObject_HEAD gt_datasets sets;
} core_datasets;

static PyTypeObject *type;

const gt_dataset *core_get_dataset(PyObject *object, int which)
{
    if (!PyObject_TypeCheck(object, type)) {
        PyErr_SetString(PyExc_TypeError, "datasets are wanted");
        return NULL;
    }
    const gt_datasets *sets = &((core_datasets *)object)->sets;
    return which == 0 ? &sets->training : which == 1 ? &sets->validation : &sets->test;
}

static void datasets_free(PyObject *object)
{
    gt_datasets_free(&((core_datasets *)object)->sets);
    core_free_object(object);
}

/* A path as bytes that are to be released, or None: *path stays NULL. */
static bool read_path(PyObject *object, PyObject **bytes, const char **path)
{
    *bytes = NULL;
    if (object == Py_None)
        return true;
    if (!PyUnicode_FSConverter(object, bytes))
        return false;
    *path = PyBytes_AsString(*bytes);
    return true;
}

static bool get(core_datasets *d, const gt_data_source *source)
{
    gt_error error = {0};
    core_call call = {0};
    core_call_begin(&call, NULL);
    gt_status status = gt_datasets_get(&d->sets, source, &error);
    core_call_end(&call);
    return status == GT_OK || core_fail_error(&error) != NULL;
}

/* Datasets(cell, dtype, task, training, validation, validation_part, examples, seed, bidirectional) */
static PyObject *datasets_new(PyTypeObject *of, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *cell, *files[2], *bytes[2] = {NULL, NULL};
    const char *dtype;
    gt_data_source source = GT_DATA_SOURCE_INIT;
    unsigned long long seed;
    long long examples;
    int both;
    if (!PyArg_ParseTuple(arguments, "OssOOdLKp", &cell, &dtype, &source.task, &files[0], &files[1],
                          &source.validation_part, &examples, &seed, &both))
        return NULL;
    source.cell = core_get_cell(cell);
    source.dtype = core_dtype(dtype);
    source.examples = examples;
    source.seed = seed;
    source.bidirectional = both != 0;
    core_datasets *d =
        source.cell == NULL ? NULL : (core_datasets *)((allocfunc)PyType_GetSlot(of, Py_tp_alloc))(of, 0);
    bool good = d != NULL && read_path(files[0], &bytes[0], &source.training) &&
                read_path(files[1], &bytes[1], &source.validation) && get(d, &source);
    Py_XDECREF(bytes[0]);
    Py_XDECREF(bytes[1]);
    if (good)
        return (PyObject *)d;
    Py_XDECREF((PyObject *)d);
    return NULL;
}

/* The rows of the inputs in the order of the cell's table; 0 for tokens. */
static PyObject *list_rows(const gt_dataset *data)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < data->input_count; i++) {
        PyObject *rows = PyLong_FromLongLong(data->rows[i]);
        if (rows == NULL || PyList_Append(list, rows) < 0)
            Py_CLEAR(list);
        Py_XDECREF(rows);
    }
    return list;
}

static bool put_number(PyObject *into, const char *key, int64_t number)
{
    return core_put(into, key, PyLong_FromLongLong(number));
}

/* describe() -> {name: value} */
static PyObject *datasets_describe(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    const gt_datasets *s = &((core_datasets *)self)->sets;
    PyObject *told = PyDict_New();
    bool good = told != NULL && core_put(told, "kind", core_text(gt_data_kind_name(s->training.kind))) &&
                put_number(told, "examples", s->training.examples) && put_number(told, "steps", s->training.steps) &&
                put_number(told, "validation_examples", s->validation.examples) &&
                put_number(told, "vocabulary", s->vocabulary) && put_number(told, "outputs", s->outputs) &&
                core_put(told, "reads_numbers", PyBool_FromLong(s->reads_numbers)) &&
                core_put(told, "predicts_numbers", PyBool_FromLong(s->predicts_numbers)) &&
                core_put(told, "at_the_end", PyBool_FromLong(s->at_the_end)) &&
                core_put(told, "rows", list_rows(&s->training)) &&
                core_put(told, "optimum", PyFloat_FromDouble(s->optimum)) &&
                core_put(told, "baseline", Py_BuildValue("dd", s->baseline.loss, s->baseline.accuracy)) &&
                core_put(told, "hash", PyLong_FromUnsignedLongLong(gt_datasets_hash(s)));
    if (!good)
        Py_CLEAR(told);
    return told;
}

/* tasks() -> [(name, form, tests, source, kind, optimum)] */
static PyObject *tasks(PyObject *module, PyObject *arguments)
{
    (void)module, (void)arguments;
    gt_task_description task;
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && gt_task_describe(i, &task); i++) {
        PyObject *row = Py_BuildValue("NNNNNd", core_text(task.name), core_text(task.form), core_text(task.tests),
                                      core_text(task.source), core_text(gt_data_kind_name(task.kind)), task.optimum);
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

static PyMethodDef methods[] = {
    {"describe", datasets_describe, METH_NOARGS, "describe() -> {name: value}"},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef functions[] = {
    {"tasks", tasks, METH_NOARGS, "tasks() -> [(name, form, tests, source, kind, optimum)]"},
    {NULL, NULL, 0, NULL},
};

static PyType_Spec spec = {
    .name = "gradtape._core.Datasets",
    .basicsize = sizeof(core_datasets),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots =
        (PyType_Slot[]){{Py_tp_new, datasets_new}, {Py_tp_dealloc, datasets_free}, {Py_tp_methods, methods}, {0, NULL}},
};

bool core_add_datasets(PyObject *module)
{
    type = core_add_type(module, &spec);
    return type != NULL && PyModule_AddFunctions(module, functions) == 0;
}
