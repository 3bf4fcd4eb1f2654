/* Reports as dicts. */
#include "core.h"

#include <string.h>

static PyObject *place(const gt_text_place *p)
{
    if (p->line == 0)
        return Py_NewRef(Py_None);
    return Py_BuildValue("NII", core_text(p->file), p->line, p->column);
}

/* The whole of what `format` writes, whose length it returns. */
#define FORMATTED(NAME, TYPE)                                                                                          \
    static PyObject *NAME##_text(const TYPE *what)                                                                     \
    {                                                                                                                  \
        size_t size = NAME##_format(what, NULL, 0) + 1;                                                                \
        char *text = PyMem_Malloc(size);                                                                               \
        if (text == NULL)                                                                                              \
            return PyErr_NoMemory();                                                                                   \
        NAME##_format(what, text, size);                                                                               \
        PyObject *result = core_text(text);                                                                            \
        PyMem_Free(text);                                                                                              \
        return result;                                                                                                 \
    }

FORMATTED(gt_report, gt_report)
FORMATTED(gt_finding, gt_finding)
FORMATTED(gt_remark, gt_remark)

static PyObject *diagnosis(const gt_diagnosis *d)
{
    if (d->kind[0] == '\0')
        return Py_NewRef(Py_None);
    PyObject *result = PyDict_New();
    if (result != NULL && core_put(result, "kind", core_text(d->kind)) &&
        core_put(result, "text", core_text(d->text)) && core_put(result, "repaired", core_text(d->repaired)) &&
        core_put(result, "place", place(&d->place)) && core_put(result, "before", PyFloat_FromDouble(d->before)) &&
        core_put(result, "after", PyFloat_FromDouble(d->after)) &&
        core_put(result, "alternatives", PyLong_FromUnsignedLong(d->alternatives)))
        return result;
    Py_XDECREF(result);
    return NULL;
}

/* The index of the worst entry, with as many places as the array has axes. */
static PyObject *worst_index(const gt_finding *f)
{
    gt_shape index = {.rank = f->shape.rank};
    memcpy(index.size, f->index, sizeof index.size);
    return core_shape(index);
}

static bool put_words(PyObject *result, const gt_finding *f)
{
    return core_put(result, "kind", core_text(gt_check_kind_name(f->kind))) &&
           core_put(result, "verdict", core_text(gt_verdict_name(f->verdict))) &&
           core_put(result, "array", core_text(f->array)) && core_put(result, "of", core_text(f->of)) &&
           core_put(result, "gate", core_text(f->gate)) && core_put(result, "place", place(&f->place)) &&
           core_put(result, "formula", core_text(f->formula)) && core_put(result, "note", core_text(f->text)) &&
           core_put(result, "pattern", core_text(gt_pattern_name(f->pattern))) &&
           core_put(result, "text", gt_finding_text(f)) && core_put(result, "diagnosis", diagnosis(&f->diagnosis));
}

static bool put_numbers(PyObject *result, const gt_finding *f)
{
    return core_put(result, "step", PyLong_FromLongLong(f->step)) && core_put(result, "shape", core_shape(f->shape)) &&
           core_put(result, "expected_shape", core_shape(f->expected_shape)) &&
           core_put(result, "index", worst_index(f)) && core_put(result, "value", PyFloat_FromDouble(f->value)) &&
           core_put(result, "expected", PyFloat_FromDouble(f->expected)) &&
           core_put(result, "error_bar", PyFloat_FromDouble(f->error_bar)) &&
           core_put(result, "allowed", PyFloat_FromDouble(f->allowed)) &&
           core_put(result, "wrong_count", PyLong_FromUnsignedLongLong(f->wrong_count)) &&
           core_put(result, "entry_count", PyLong_FromUnsignedLongLong(f->entry_count)) &&
           core_put(result, "range", Py_BuildValue("LL", (long long)f->from, (long long)f->to)) &&
           core_put(result, "kink", PyBool_FromLong(f->kink)) &&
           core_put(result, "left", PyFloat_FromDouble(f->left)) &&
           core_put(result, "right", PyFloat_FromDouble(f->right)) &&
           core_put(result, "jump", PyFloat_FromDouble(f->jump));
}

static PyObject *finding(const gt_finding *f)
{
    PyObject *result = PyDict_New();
    if (result != NULL && put_words(result, f) && put_numbers(result, f))
        return result;
    Py_XDECREF(result);
    return NULL;
}

static PyObject *remark(const gt_remark *r)
{
    return Py_BuildValue("{sNsNsNsNsN}", "kind", core_text(gt_remark_kind_name(r->kind)), "array", core_text(r->array),
                         "place", place(&r->place), "note", core_text(r->text), "text", gt_remark_text(r));
}

/* By the kind of what was compared, of those of which there was any. */
static PyObject *counts(const gt_report *report)
{
    PyObject *result = PyDict_New();
    for (int kind = 0; result != NULL && kind < GT_CHECK_KINDS; kind++) {
        const gt_check_count *c = &report->counts[kind];
        if (c->arrays == 0)
            continue;
        PyObject *count =
            Py_BuildValue("{sKsKsKsKsKsd}", "arrays", c->arrays, "entries", c->entries, "projections", c->projections,
                          "wrong", c->wrong, "undecidable", c->undecidable, "largest_excess", c->largest_excess);
        if (!core_put(result, gt_check_kind_name((gt_check_kind)kind), count))
            Py_CLEAR(result);
    }
    return result;
}

static PyObject *findings(const gt_report *report)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < report->finding_count; i++) {
        PyObject *one = finding(&report->findings[i]);
        if (one == NULL || PyList_Append(list, one) < 0)
            Py_CLEAR(list);
        Py_XDECREF(one);
    }
    return list;
}

static PyObject *remarks(const gt_report *report)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < report->remark_count; i++) {
        PyObject *one = remark(&report->remarks[i]);
        if (one == NULL || PyList_Append(list, one) < 0)
            Py_CLEAR(list);
        Py_XDECREF(one);
    }
    return list;
}

PyObject *core_take_report(gt_report *report)
{
    char summary[GT_MESSAGE_SIZE];
    gt_report_summary(report, summary, sizeof summary);
    PyObject *result =
        Py_BuildValue("{sNsNsNsNsNsNsNsN}", "precision", core_text(gt_dtype_name(report->precision)), "verdict",
                      core_text(gt_verdict_name(report->verdict)), "summary", core_text(summary), "complete",
                      PyBool_FromLong(gt_report_complete(report)), "text", gt_report_text(report), "findings",
                      findings(report), "remarks", remarks(report), "counts", counts(report));
    gt_report_free(report);
    return result;
}
