/* Pictures. */
#include "core.h"

#include <string.h>

typedef struct drawing {
    core_vars vars;
    gt_graph_output *outputs;
    gt_graph_options options;
    const char *format;
} drawing;

static PyObject *draw(drawing *d)
{
    gt_error error = {0};
    char *bytes = NULL;
    size_t size = 0;
    gt_graph *graph = gt_graph_new(d->outputs, (uint32_t)d->vars.count, &d->options, &error);
    if (graph == NULL)
        return core_fail_error(&error);
    core_call call = {0};
    core_call_begin(&call, NULL); /* a graph is a copy: the tape is free */
    gt_status status = gt_graph_render(graph, d->format, &bytes, &size, &error);
    core_call_end(&call);
    gt_graph_free(graph);
    PyObject *result = status == GT_OK ? PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size) : core_fail_error(&error);
    gt_graph_bytes_free(bytes);
    return result;
}

static bool read_names(drawing *d, PyObject *names)
{
    if (!PyList_Check(names) || PyList_Size(names) != d->vars.count) {
        PyErr_SetString(PyExc_TypeError, "a name for each output is wanted");
        return false;
    }
    d->outputs = PyMem_Calloc((size_t)d->vars.count + 1, sizeof *d->outputs);
    if (d->outputs == NULL)
        return PyErr_NoMemory() != NULL;
    for (Py_ssize_t i = 0; i < d->vars.count; i++) {
        d->outputs[i] = (gt_graph_output){d->vars.list[i], PyUnicode_AsUTF8AndSize(PyList_GetItem(names, i), NULL)};
        if (d->outputs[i].name == NULL)
            return false;
        if (d->outputs[i].name[0] == '\0')
            d->outputs[i].name = NULL;
    }
    return true;
}

/* graph(outputs, names, title, everything, dimensions, format) -> bytes */
static PyObject *graph(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *outputs, *names, *list, *result = NULL;
    int everything;
    drawing d = {0};
    if (!PyArg_ParseTuple(arguments, "OOspOs", &outputs, &names, &d.options.title, &everything, &list, &d.format))
        return NULL;
    gt_dimension *dimensions = core_read_dimensions(list, &d.options.dimension_count);
    if (dimensions == NULL)
        return NULL;
    d.options.dimensions = dimensions;
    d.options.everything = everything;
    if (core_vars_read(&d.vars, outputs) && read_names(&d, names))
        result = draw(&d);
    PyMem_Free(d.outputs);
    PyMem_Free(dimensions);
    core_vars_free(&d.vars);
    return result;
}

PyMethodDef core_graph_functions[] = {
    {"graph", graph, METH_VARARGS, "graph(outputs, names, title, everything, dimensions, format) -> bytes"},
    {NULL, NULL, 0, NULL},
};
