/* Where the gradient goes. */
#include "core.h"

#include <math.h>

static const char *const kinds[] = {"state", "value", "input"};

static PyObject *numbers(const double *list, int64_t count)
{
    if (list == NULL)
        return Py_NewRef(Py_None);
    PyObject *result = PyList_New((Py_ssize_t)count);
    for (int64_t k = 0; result != NULL && k < count; k++) {
        PyObject *number = PyFloat_FromDouble(list[k]);
        if (number == NULL || PyList_SetItem(result, (Py_ssize_t)k, number) != 0)
            Py_CLEAR(result);
    }
    return result;
}

/* Puts a new object at the end of a list; takes it over. False with an exception. */
static bool append(PyObject *list, PyObject *item)
{
    bool done = item != NULL && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return done;
}

/* None where there are not two steps with a gradient. */
static PyObject *slope(double value)
{
    return isnan(value) ? Py_NewRef(Py_None) : PyFloat_FromDouble(value);
}

static PyObject *series(const gt_flow *flow)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < flow->series_count; i++) {
        const gt_flow_series *s = &flow->series[i];
        if (!append(list,
                    Py_BuildValue("{sNsssNsNsN}", "name", core_text(s->name), "kind", kinds[s->kind],
                                  "decades_each_step_back", slope(s->slope), "norm", numbers(s->norm, flow->steps),
                                  "entries", numbers(s->entry, s->units * flow->steps))))
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *through(const gt_flow *flow, const gt_flow_paths *paths)
{
    PyObject *result = PyDict_New();
    for (uint32_t k = 0; result != NULL && k < flow->state_count; k++)
        if (!core_put(result, flow->states[k], PyFloat_FromDouble(paths->alone[k])))
            Py_CLEAR(result);
    return result;
}

static PyObject *shares(const gt_flow *flow)
{
    PyObject *list = PyList_New(0);
    for (uint32_t p = 0; list != NULL && p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        if (!append(list, Py_BuildValue("{sNsdsdsNsdsN}", "name", core_text(paths->name), "norm", paths->norm,
                                        "within_a_step", paths->within, "through_alone", through(flow, paths),
                                        "through_several", paths->mixed, "loss_at_step_by_use_at_step",
                                        numbers(paths->triangle, flow->steps * flow->steps))))
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *describe(const gt_flow *flow)
{
    return Py_BuildValue("{sNsLsLsNsNsNsI}", "cell", core_text(flow->cell), "T", (long long)flow->steps, "m",
                         (long long)flow->examples, "gradients", series(flow), "parameters", shares(flow),
                         "singular_values", numbers(flow->singular, flow->steps * flow->singular_count),
                         "singular_count", (unsigned)flow->singular_count);
}

static bool stopped(void *call, int64_t done, int64_t all)
{
    (void)done;
    (void)all;
    return core_call_interrupt(call);
}

static PyObject *run(const gt_cell *cell, gt_archive *arrays, gt_flow_options *options)
{
    gt_error error = {0};
    gt_cell_problem problem = {0};
    gt_flow *flow = NULL;
    core_call call = {0};
    options->progress = stopped;
    options->context = &call;
    core_call_begin(&call, NULL);
    if (gt_cell_problem_read(&problem, cell, arrays, GT_F64, &error) == GT_OK)
        flow = gt_flow_new(&problem, options, &error);
    core_call_end(&call);
    PyObject *result = flow != NULL && !PyErr_Occurred() ? describe(flow) : core_fail_error(&error);
    gt_flow_free(flow);
    gt_cell_problem_free(&problem);
    return result;
}

/* flow(cell, arrays, without triangles, without singular values) -> dict */
static PyObject *flow(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *object, *list, *result = NULL;
    int no_triangle, no_singular;
    gt_archive *arrays = NULL;
    if (!PyArg_ParseTuple(arguments, "OOpp", &object, &list, &no_triangle, &no_singular))
        return NULL;
    const gt_cell *cell = core_get_cell(object);
    gt_flow_options options = {.no_triangle = no_triangle != 0, .no_singular = no_singular != 0};
    if (cell != NULL && core_read_archive(list, &arrays) && arrays != NULL)
        result = run(cell, arrays, &options);
    else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "arrays are wanted");
    gt_archive_free(arrays);
    return result;
}

PyMethodDef core_flow_functions[] = {
    {"flow", flow, METH_VARARGS, "flow(cell, arrays, without triangles, without singular values) -> dict"},
    {NULL, NULL, 0, NULL},
};
