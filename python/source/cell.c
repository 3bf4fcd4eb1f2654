/* Cells: parsed from their texts; their tables, parameters and sequences. */
#include "core.h"

typedef struct core_cell {
    PyObject_HEAD gt_parsed_cell *parsed; /* never changes */
} core_cell;

static PyTypeObject *cell_type;

static const gt_cell *get(PyObject *self)
{
    const gt_cell *cell = gt_parsed_cell_get(((core_cell *)self)->parsed);
    if (cell == NULL)
        core_fail(GT_ERROR_FORMAT, "the cell has mistakes");
    return cell;
}

gt_dimension *core_read_dimensions(PyObject *list, uint32_t *count)
{
    Py_ssize_t size = PyList_Check(list) ? PyList_Size(list) : -1;
    if (size < 0) {
        PyErr_SetString(PyExc_TypeError, "dimensions are a list");
        return NULL;
    }
    gt_dimension *dimensions = PyMem_Calloc((size_t)size + 1, sizeof *dimensions);
    if (dimensions == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; dimensions != NULL && i < size; i++) {
        long long value;
        PyObject *pair = PyList_GetItem(list, i);
        if (!PyTuple_Check(pair) || !PyArg_ParseTuple(pair, "sL", &dimensions[i].name, &value)) {
            PyMem_Free(dimensions);
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a dimension is a name and a size");
            return NULL;
        }
        dimensions[i].size = value;
    }
    *count = (uint32_t)size;
    return dimensions;
}

/* The constants that are set, from a list of names and numbers. */
static gt_constant_value *read_constants(PyObject *list, uint32_t *count)
{
    Py_ssize_t size = PyList_Check(list) ? PyList_Size(list) : -1;
    if (size < 0) {
        PyErr_SetString(PyExc_TypeError, "constants are a list");
        return NULL;
    }
    gt_constant_value *constants = PyMem_Calloc((size_t)size + 1, sizeof *constants);
    if (constants == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; constants != NULL && i < size; i++) {
        PyObject *pair = PyList_GetItem(list, i);
        if (!PyTuple_Check(pair) || !PyArg_ParseTuple(pair, "sd", &constants[i].name, &constants[i].value)) {
            PyMem_Free(constants);
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a constant is a name and a number");
            return NULL;
        }
    }
    *count = (uint32_t)size;
    return constants;
}

/* Cell(text, file, name or None, dimensions, constants) */
static PyObject *cell_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    const char *text, *file, *name;
    Py_ssize_t size;
    PyObject *list, *set;
    if (!PyArg_ParseTuple(arguments, "y#szOO", &text, &size, &file, &name, &list, &set))
        return NULL;
    gt_cell_parse_options options = {.file = file, .cell = name};
    gt_dimension *dimensions = core_read_dimensions(list, &options.dimension_count);
    if (dimensions == NULL)
        return NULL;
    gt_constant_value *constants = read_constants(set, &options.constant_count);
    if (constants == NULL) {
        PyMem_Free(dimensions);
        return NULL;
    }
    options.dimensions = dimensions;
    options.constants = constants;
    core_cell *cell = (core_cell *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (cell != NULL)
        cell->parsed = gt_cell_parse(text, (size_t)size, &options);
    PyMem_Free(dimensions);
    PyMem_Free(constants);
    if (cell == NULL || cell->parsed != NULL)
        return (PyObject *)cell;
    Py_DECREF(cell);
    return PyErr_NoMemory();
}

static void cell_free(PyObject *object)
{
    gt_parsed_cell_free(((core_cell *)object)->parsed);
    core_free_object(object);
}

const gt_cell *core_get_cell(PyObject *object)
{
    if (PyObject_TypeCheck(object, cell_type))
        return get(object);
    PyErr_SetString(PyExc_TypeError, "a cell is wanted");
    return NULL;
}

/* ---- what a cell says ------------------------------------------------------------------------ */

static PyObject *cell_diagnostics(PyObject *self, void *closure)
{
    (void)closure;
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(((core_cell *)self)->parsed, &count);
    PyObject *result = PyList_New(0);
    for (size_t i = 0; result != NULL && i < count; i++) {
        PyObject *row = Py_BuildValue("OIINN", list[i].severity == GT_SEVERITY_ERROR ? Py_True : Py_False, list[i].line,
                                      list[i].column, core_text(list[i].message),
                                      list[i].hint == NULL ? Py_NewRef(Py_None) : core_text(list[i].hint));
        if (row == NULL || PyList_Append(result, row) < 0)
            Py_CLEAR(result);
        Py_XDECREF(row);
    }
    return result;
}

static PyObject *cell_error(PyObject *self, void *closure)
{
    (void)closure;
    gt_error error = {0};
    gt_status status = gt_parsed_cell_status(((core_cell *)self)->parsed, &error);
    return status == GT_OK ? Py_NewRef(Py_None) : core_text(error.message);
}

/* With the constants that were set. */
static PyObject *cell_text(PyObject *self, void *closure)
{
    (void)closure;
    size_t size;
    const char *text = gt_parsed_cell_text(((core_cell *)self)->parsed, &size);
    return PyBytes_FromStringAndSize(text, (Py_ssize_t)size);
}

static PyObject *cell_name(PyObject *self, void *closure)
{
    (void)closure;
    const gt_cell *cell = get(self);
    return cell == NULL ? NULL : core_text(cell->name);
}

static PyObject *cell_documentation(PyObject *self, void *closure)
{
    (void)closure;
    const gt_cell *cell = get(self);
    return cell == NULL ? NULL : core_text(cell->documentation);
}

static PyObject *cell_has_backward(PyObject *self, void *closure)
{
    (void)closure;
    return PyBool_FromLong(gt_parsed_cell_has_backward(((core_cell *)self)->parsed));
}

/* The place in the outputs of what a layer hands on, or -1 for the first state. */
static PyObject *cell_handed_on(PyObject *self, void *closure)
{
    (void)closure;
    const gt_cell *cell = get(self);
    return cell == NULL ? NULL : PyLong_FromLong(gt_cell_handed_on(cell));
}

/* (name, rows, columns or None, constant that it starts from, output_only, formula of parameters to start from or None,
 * drawn) */
static PyObject *table(const gt_cell_array *rows, uint32_t count)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        double constant = rows[i].initializer.kind == GT_INITIALIZE_CONSTANT ? rows[i].initializer.a : 0;
        PyObject *row = Py_BuildValue("sszdOzO", rows[i].name, rows[i].rows, rows[i].columns, constant,
                                      rows[i].output_only ? Py_True : Py_False, rows[i].begins_with,
                                      rows[i].drawn ? Py_True : Py_False);
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

static PyObject *cell_tables(PyObject *self, void *closure)
{
    (void)closure;
    const gt_cell *cell = get(self);
    if (cell == NULL)
        return NULL;
    return Py_BuildValue("NNNN", table(cell->inputs, cell->input_count), table(cell->states, cell->state_count),
                         table(cell->parameters, cell->parameter_count), table(cell->outputs, cell->output_count));
}

/* ---- dimensions ------------------------------------------------------------------------------ */

static PyObject *list_dimensions(const gt_dimension *list, uint32_t count)
{
    PyObject *result = PyList_New(0);
    for (uint32_t i = 0; result != NULL && i < count; i++) {
        PyObject *row = Py_BuildValue("sL", list[i].name, (long long)list[i].size);
        if (row == NULL || PyList_Append(result, row) < 0)
            Py_CLEAR(result);
        Py_XDECREF(row);
    }
    return result;
}

/* What is given counts first, then the facts; then, unless other_than is below 0, the rest gets usual sizes. */
static PyObject *learn(const gt_cell *cell, const gt_dimension *given, uint32_t given_count, const gt_dimension *said,
                       uint32_t said_count, long long other_than)
{
    gt_dimensions d;
    gt_error error = {0};
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    gt_size_fact *facts = PyMem_Calloc((size_t)said_count + 1, sizeof *facts);
    if (facts == NULL)
        return PyErr_NoMemory();
    for (uint32_t i = 0; i < said_count; i++)
        facts[i] = (gt_size_fact){said[i].name, said[i].size, "an array"};
    gt_status status = gt_dimensions_find(&d, cell, true, &error);
    if (status == GT_OK) {
        gt_dimensions_take(&d, given, given_count, "the caller");
        gt_dimensions_learn(&d, facts, said_count);
    }
    PyMem_Free(facts);
    if (status != GT_OK)
        return core_fail_error(&error);
    if (other_than < 0)
        return list_dimensions(known, gt_dimensions_known(&d, known));
    gt_dimensions_usual(&d, other_than);
    return list_dimensions(d.list, d.count);
}

/* dimensions(given, facts, other_than): [(name, size)] from those given and from what arrays say, [("n_a + n_x", 8)] */
static PyObject *cell_dimensions(PyObject *self, PyObject *arguments)
{
    PyObject *given, *facts, *result = NULL;
    long long other_than;
    const gt_cell *cell = get(self);
    if (cell == NULL || !PyArg_ParseTuple(arguments, "OOL", &given, &facts, &other_than))
        return NULL;
    uint32_t given_count, fact_count;
    gt_dimension *mine = core_read_dimensions(given, &given_count),
                 *said = mine == NULL ? NULL : core_read_dimensions(facts, &fact_count);
    if (said != NULL)
        result = learn(cell, mine, given_count, said, fact_count, other_than);
    PyMem_Free(mine);
    PyMem_Free(said);
    return result;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* Adds (name, shape, bytearray of the entries) for each. */
bool core_list_parameters(const gt_parameters *set, PyObject *list)
{
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        gt_array array = gt_parameters_array(set, i);
        Py_ssize_t bytes = (Py_ssize_t)((size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype));
        PyObject *row = Py_BuildValue("NNN", core_text(gt_parameters_name(set, i)), core_shape(array.shape),
                                      PyByteArray_FromStringAndSize(array.data, bytes));
        bool good = row != NULL && PyList_Append(list, row) == 0;
        Py_XDECREF(row);
        if (!good)
            return false;
    }
    return true;
}

static gt_status declare(gt_parameters *set, const gt_cell *cell, PyObject *list, bool with_outputs, uint64_t seed,
                         gt_error *error)
{
    uint32_t count;
    gt_dimension *dimensions = core_read_dimensions(list, &count);
    if (dimensions == NULL)
        return GT_ERROR_ARGUMENT;
    gt_status status = gt_cell_declare(cell, dimensions, count, with_outputs, NULL, set, error);
    PyMem_Free(dimensions);
    if (status == GT_OK && gt_parameters_initialize(set, seed) != GT_OK)
        status = gt_error_set(error, gt_parameters_status(set), "%s", gt_parameters_message(set));
    return status;
}

/* parameters(dimensions, with_outputs, dtype, seed) */
static PyObject *cell_parameters(PyObject *self, PyObject *arguments)
{
    PyObject *dimensions;
    int with_outputs;
    const char *dtype;
    unsigned long long seed;
    const gt_cell *cell = get(self);
    if (cell == NULL || !PyArg_ParseTuple(arguments, "OpsK", &dimensions, &with_outputs, &dtype, &seed))
        return NULL;
    gt_parameters *set = gt_parameters_new(core_dtype(dtype));
    if (set == NULL)
        return PyErr_NoMemory();
    gt_error error = {0};
    PyObject *list = PyList_New(0);
    if (list != NULL && declare(set, cell, dimensions, with_outputs, seed, &error) != GT_OK) {
        Py_CLEAR(list);
        core_fail_error(&error);
    }
    if (list != NULL && !core_list_parameters(set, list))
        Py_CLEAR(list);
    gt_parameters_free(set);
    return list;
}

static PyObject *list_draws(const gt_cell *cell, gt_parameters *set, const gt_dimension *dimensions, uint32_t count,
                            int64_t m, int64_t steps, uint64_t seed)
{
    gt_error error = {0};
    gt_status status = gt_cell_declare_draws(cell, dimensions, count, m, steps, NULL, set, &error);
    if (status == GT_OK && gt_parameters_initialize(set, seed) != GT_OK)
        status = gt_error_set(&error, gt_parameters_status(set), "%s", gt_parameters_message(set));
    if (status != GT_OK)
        return core_fail_error(&error);
    PyObject *list = PyList_New(0);
    if (list != NULL && !core_list_parameters(set, list))
        Py_CLEAR(list);
    return list;
}

/* draw(dimensions, m, steps, dtype, seed): what it draws, drawn inputs and then drawn states, as parameters() */
static PyObject *cell_draw(PyObject *self, PyObject *arguments)
{
    PyObject *sizes, *list = NULL;
    const char *dtype;
    long long m, steps;
    unsigned long long seed;
    uint32_t count;
    const gt_cell *cell = get(self);
    if (cell == NULL || !PyArg_ParseTuple(arguments, "OLLsK", &sizes, &m, &steps, &dtype, &seed))
        return NULL;
    gt_dimension *dimensions = core_read_dimensions(sizes, &count);
    if (dimensions == NULL)
        return NULL;
    gt_parameters *set = gt_parameters_new(core_dtype(dtype));
    list = set == NULL ? PyErr_NoMemory() : list_draws(cell, set, dimensions, count, m, steps, seed);
    gt_parameters_free(set);
    PyMem_Free(dimensions);
    return list;
}

/* means(dimensions): of each state the number that it begins with, or the mean of what it is drawn from */
static PyObject *cell_means(PyObject *self, PyObject *sizes)
{
    uint32_t count;
    const gt_cell *cell = get(self);
    gt_dimension *dimensions = cell == NULL ? NULL : core_read_dimensions(sizes, &count);
    if (dimensions == NULL)
        return NULL;
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < cell->state_count; i++) {
        gt_error error = {0};
        double mean;
        PyObject *number = gt_cell_array_mean(&cell->states[i], dimensions, count, &mean, &error) == GT_OK
                               ? PyFloat_FromDouble(mean)
                               : core_fail_error(&error);
        if (number == NULL || PyList_Append(list, number) < 0)
            Py_CLEAR(list);
        Py_XDECREF(number);
    }
    PyMem_Free(dimensions);
    return list;
}

/* ---- sequences ------------------------------------------------------------------------------- */

typedef struct recording {
    core_vars inputs, initial, parameters;
    gt_dimension *dimensions; /* that the arrays may not tell */
    uint32_t dimension_count;
    gt_var states[GT_MAX_CELL_ARRAYS], finals[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
} recording;

static PyObject *record(const gt_cell *cell, recording *r, bool with_outputs, bool unrolled, bool backward)
{
    if (r->inputs.count != cell->input_count || r->initial.count != cell->state_count ||
        r->parameters.count != cell->parameter_count)
        return core_fail(GT_ERROR_ARGUMENT, "a sequence needs a var for each row of the cell's tables");
    if (r->initial.count == 0 && r->inputs.count == 0)
        return core_fail(GT_ERROR_ARGUMENT, "a cell without inputs and states has no sequence");
    core_tape *tape = r->inputs.count > 0 ? r->inputs.tapes[0] : r->initial.tapes[0];
    gt_sequence sequence = {
        .cell = cell,
        .direction = backward ? GT_BACKWARD : GT_FORWARD,
        .unrolled = unrolled,
        .with_outputs = with_outputs,
        .inputs = r->inputs.list,
        .initial = r->initial.list,
        .parameters = r->parameters.list,
        .dimensions = r->dimensions,
        .dimension_count = r->dimension_count,
        .states = r->states,
        .finals = r->finals,
        .outputs = r->outputs,
    };
    if (gt_sequence_record(&sequence) != GT_OK)
        return core_fail_tape(tape);
    return Py_BuildValue("NNN", core_var_list(tape, r->states, cell->state_count),
                         core_var_list(tape, r->finals, cell->state_count),
                         core_var_list(tape, r->outputs, with_outputs ? cell->output_count : 0));
}

/* record(inputs, initial, parameters, dimensions, with_outputs, unrolled, backward) -> (states, finals, outputs) */
static PyObject *cell_record(PyObject *self, PyObject *arguments)
{
    const gt_cell *cell = get(self);
    PyObject *inputs, *initial, *parameters, *dimensions, *result = NULL;
    int with_outputs, unrolled, backward;
    recording *r = PyMem_Calloc(1, sizeof *r);
    if (r == NULL)
        return PyErr_NoMemory();
    if (cell != NULL &&
        PyArg_ParseTuple(arguments, "OOOOppp", &inputs, &initial, &parameters, &dimensions, &with_outputs, &unrolled,
                         &backward) &&
        (r->dimensions = core_read_dimensions(dimensions, &r->dimension_count)) != NULL &&
        core_vars_read_optional(&r->inputs, inputs) && core_vars_read_optional(&r->initial, initial) &&
        core_vars_read_optional(&r->parameters, parameters))
        result = record(cell, r, with_outputs, unrolled, backward);
    core_vars_free(&r->inputs);
    core_vars_free(&r->initial);
    core_vars_free(&r->parameters);
    PyMem_Free(r->dimensions);
    PyMem_Free(r);
    return result;
}

/* begin(tape, state, parameters, dimensions): what a state begins with that is computed of parameters, (rows, 1) */
static PyObject *cell_begin(PyObject *self, PyObject *arguments)
{
    const gt_cell *cell = get(self);
    PyObject *on, *parameters, *list, *result = NULL;
    unsigned int state;
    uint32_t count;
    core_vars vars = {0};
    if (cell == NULL || !PyArg_ParseTuple(arguments, "OIOO", &on, &state, &parameters, &list))
        return NULL;
    core_tape *tape = core_get_tape(on);
    gt_dimension *dimensions = tape == NULL ? NULL : core_read_dimensions(list, &count);
    if (dimensions == NULL)
        return NULL;
    if (core_vars_read_optional(&vars, parameters)) {
        if (state >= cell->state_count || vars.count != cell->parameter_count)
            core_fail(GT_ERROR_ARGUMENT, "a beginning is of a state, and needs a var for each parameter of the cell");
        else
            result =
                core_new_var(tape, gt_cell_record_beginning(cell, state, tape->tape, vars.list, dimensions, count));
    }
    core_vars_free(&vars);
    PyMem_Free(dimensions);
    return result;
}

/* ---- checks ---------------------------------------------------------------------------------- */

typedef struct cell_check {
    gt_check_problem problem;
    gt_check_options options;
    core_call call;
    gt_archive *given, *at;
    gt_dimension *dimensions;
} cell_check;

static PyObject *check(const gt_cell *cell, cell_check *c)
{
    gt_error error = {0};
    gt_report report = {0};
    c->problem.dimensions = c->dimensions;
    c->problem.given = c->given;
    c->problem.at = c->at;
    c->options.diagnose = gt_diagnose;
    c->options.interrupt = core_call_progress;
    c->options.context = &c->call;
    core_call_begin(&c->call, NULL);
    gt_status status = gt_check_cell(cell, &c->problem, &c->options, &report, &error);
    core_call_end(&c->call);
    if (status == GT_OK && !PyErr_Occurred())
        return core_take_report(&report);
    gt_report_free(&report);
    return core_fail_error(&error);
}

/* check(dimensions, examples, steps, given, at, seed, tolerance, require_all, progress) -> report */
static PyObject *cell_check_all(PyObject *self, PyObject *arguments)
{
    PyObject *dimensions, *given, *at, *progress, *result = NULL;
    long long examples, steps;
    unsigned int seed;
    int require_all;
    cell_check c = {0};
    const gt_cell *cell = get(self);
    if (cell == NULL || !PyArg_ParseTuple(arguments, "OLLOOIdpO", &dimensions, &examples, &steps, &given, &at, &seed,
                                          &c.options.tolerance, &require_all, &progress))
        return NULL;
    c.problem.examples = examples;
    c.problem.steps = steps;
    c.options.seed = seed;
    c.options.require_all = require_all;
    c.call.progress = progress == Py_None ? NULL : progress;
    c.dimensions = core_read_dimensions(dimensions, &c.problem.dimension_count);
    if (c.dimensions != NULL && core_read_archive(given, &c.given) && core_read_archive(at, &c.at))
        result = check(cell, &c);
    gt_archive_free(c.given);
    gt_archive_free(c.at);
    PyMem_Free(c.dimensions);
    return result;
}

/* ---- the type -------------------------------------------------------------------------------- */

/* export(dimensions, parameters, dtype, opset, scans, title) -> bytes */
static PyObject *cell_export(PyObject *self, PyObject *arguments)
{
    const gt_cell *cell = get(self);
    return cell == NULL ? NULL : core_export_cell(cell, arguments);
}

static PyObject *derive(const gt_parsed_cell *parsed, const gt_derive_options *options)
{
    gt_error error = {0};
    char *text;
    size_t size;
    core_call call = {0};
    core_call_begin(&call, NULL); /* the text of a cell never changes */
    gt_status status = gt_derive(parsed, options, &text, &size, &error);
    core_call_end(&call);
    PyObject *result = status == GT_OK ? PyUnicode_FromStringAndSize(text, (Py_ssize_t)size) : core_fail_error(&error);
    gt_derive_free(text);
    return result;
}

/* derive(form, notation, by_op, fragment, beamer, blank or None) -> str */
static PyObject *cell_derive(PyObject *self, PyObject *arguments)
{
    int form, notation, by_op, fragment, beamer;
    gt_derive_options options = {0};
    if (get(self) == NULL ||
        !PyArg_ParseTuple(arguments, "iipppz", &form, &notation, &by_op, &fragment, &beamer, &options.blank))
        return NULL;
    options.form = (gt_derive_form)form;
    options.notation = (gt_derive_notation)notation;
    options.by_op = by_op != 0;
    options.fragment = fragment != 0;
    options.beamer = beamer != 0;
    return derive(((core_cell *)self)->parsed, &options);
}

static PyMethodDef methods[] = {
    {"derive", cell_derive, METH_VARARGS, "derive(form, notation, by_op, fragment, beamer, blank) -> str"},
    {"export", cell_export, METH_VARARGS, "export(dimensions, parameters, dtype, opset, scans, title) -> bytes"},
    {"dimensions", cell_dimensions, METH_VARARGS, "dimensions(given, facts, other_than) -> [(name, size)]"},
    {"parameters", cell_parameters, METH_VARARGS,
     "parameters(dimensions, with_outputs, dtype, seed) -> [(name, shape, entries)]"},
    {"draw", cell_draw, METH_VARARGS, "draw(dimensions, m, steps, dtype, seed)"},
    {"means", cell_means, METH_O, "means(dimensions)"},
    {"begin", cell_begin, METH_VARARGS, "begin(tape, state, parameters, dimensions) -> Var"},
    {"record", cell_record, METH_VARARGS, "record(inputs, initial, parameters, with_outputs, unrolled, backward)"},
    {"check", cell_check_all, METH_VARARGS,
     "check(dimensions, examples, steps, given, at, seed, tolerance, require_all, progress)"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"diagnostics", cell_diagnostics, NULL, NULL, NULL},
    {"error", cell_error, NULL, NULL, NULL},
    {"name", cell_name, NULL, NULL, NULL},
    {"text", cell_text, NULL, NULL, NULL},
    {"documentation", cell_documentation, NULL, NULL, NULL},
    {"has_backward", cell_has_backward, NULL, NULL, NULL},
    {"handed_on", cell_handed_on, NULL, NULL, NULL},
    {"tables", cell_tables, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Spec spec = {
    .name = "gradtape._core.Cell",
    .basicsize = sizeof(core_cell),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = (PyType_Slot[]){{Py_tp_new, cell_new},
                             {Py_tp_dealloc, cell_free},
                             {Py_tp_methods, methods},
                             {Py_tp_getset, properties},
                             {0, NULL}},
};

bool core_add_cell(PyObject *module)
{
    cell_type = core_add_type(module, &spec);
    return cell_type != NULL;
}
