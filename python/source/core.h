/*
 * gradtape._core: the library for the Python package around it, and for nobody else.
 *
 * It is thin: each function here is one of the library's, with Python's objects in
 * place of pointers. What is convenient is in the package. It uses Python's stable
 * ABI and the buffer protocol alone, and the library's public headers alone.
 *
 * Threads. A call that may take long releases the interpreter lock. A tape is used
 * by one thread at a time, so meanwhile it is marked busy, and another call that
 * wants it raises an error.
 */
#ifndef GT_PYTHON_CORE_H
#define GT_PYTHON_CORE_H

#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <gradtape.h>

/* ---- errors (core.c) ------------------------------------------------------------------------ */

/* Raises the exception of gradtape._errors for a status, with the library's words. Returns NULL. */
PyObject *core_fail(gt_status status, const char *message);
/* The same for an error object. An exception that is there already stays: it is the cause. */
PyObject *core_fail_error(const gt_error *error);

/* Text of the library as a str. */
PyObject *core_text(const char *text);
/* A shape as a tuple of ints. */
PyObject *core_shape(gt_shape shape);
/* Reads a tuple of ints as a shape; false with an exception. */
bool core_read_shape(PyObject *sizes, gt_shape *shape);
/* Adds a heap type to the module, and returns it. */
PyTypeObject *core_add_type(PyObject *module, PyType_Spec *spec);
/* Puts value, which is taken over, into a dict. False with an exception, also if value is NULL. */
bool core_put(PyObject *dictionary, const char *key, PyObject *value);
/* Frees an object of a heap type. */
void core_free_object(PyObject *object);

/* ---- tapes and vars (tape.c) ----------------------------------------------------------------- */

typedef struct core_tape {
    PyObject_HEAD gt_tape *tape;
    struct core_tape *root; /* whose gt_tape owns this one; itself, uncounted, or counted */
    bool busy;              /* of a root: a call without the interpreter lock is using it */
    int depth;              /* 0 for a root, 1 for the body of a scan on it */
} core_tape;

typedef struct core_var {
    PyObject_HEAD core_tape *tape;
    gt_var var;
} core_var;

extern PyTypeObject *core_tape_type, *core_var_type;

/* The object as a tape, or as a var, that may be used now; NULL with an exception. */
core_tape *core_get_tape(PyObject *object);
core_var *core_get_var(PyObject *object);
/* The body of a scan of `outer`. */
PyObject *core_new_body(core_tape *outer, gt_tape *body);
/* A var of the package's class; raises the tape's error for an invalid one, and lets the tape go on. */
PyObject *core_new_var(core_tape *tape, gt_var var);
/* Raises the tape's error and lets it go on. Returns NULL. */
PyObject *core_fail_tape(core_tape *tape);

/* Vars of one tape and its scans, from a sequence. Zero-initialise it; free it in any case. */
typedef struct core_vars {
    gt_var *list;
    core_tape **tapes; /* borrowed from the sequence */
    Py_ssize_t count;
    PyObject *sequence;
} core_vars;

bool core_vars_read(core_vars *vars, PyObject *sequence);
/* The same, where None stands for GT_NONE. */
bool core_vars_read_optional(core_vars *vars, PyObject *sequence);
void core_vars_free(core_vars *vars);
/* The var that an op made of these: on the innermost of their tapes. */
PyObject *core_result(const core_vars *operands, gt_var result);
/* A list of vars of one tape. */
PyObject *core_var_list(core_tape *tape, const gt_var *vars, Py_ssize_t count);

/* ---- arrays (buffers.c) ---------------------------------------------------------------------- */

/* Buffers of arrays: contiguous with the first index fastest, of the wanted type and count. */
typedef struct core_buffers {
    Py_buffer *list;
    Py_ssize_t count, open;
} core_buffers;

/*
 * `sequence` has an array for each of the vars, or, of what is read, the address of such an array as an int.
 * Zero-initialise; close in any case.
 */
bool core_buffers_open(core_buffers *buffers, PyObject *sequence, const core_vars *vars, bool written);
void core_buffers_close(core_buffers *buffers);
/* The type of that name, of those that gt_dtype_name gives; GT_F64 for any other. */
gt_dtype core_dtype(const char *name);
/* One of them. */
bool core_buffer_open(Py_buffer *buffer, PyObject *array, gt_dtype dtype, int64_t count, bool written);

/* ---- long calls (buffers.c) ------------------------------------------------------------------ */

/* A call without the interpreter lock, which looks for signals now and then. */
typedef struct core_call {
    PyThreadState *state;
    core_tape *tape;    /* its root is marked busy; NULL: none */
    PyObject *progress; /* called with (stage, done); NULL: nothing */
    double looked;      /* when signals were looked for last, in seconds */
} core_call;

void core_call_begin(core_call *call, core_tape *tape);
void core_call_end(core_call *call);
/* gt_interrupt, and gt_check_options.interrupt: true once a signal handler, or progress, has raised. */
bool core_call_interrupt(void *call);
bool core_call_progress(void *call, const char *stage, double done);

/* ---- what the files add to the module -------------------------------------------------------- */

bool core_add_tape(PyObject *module);
bool core_add_scan(PyObject *module);
bool core_add_plan(PyObject *module);
bool core_add_cell(PyObject *module);
bool core_add_train(PyObject *module);
/* (name, dtype, shape, bytearray of the entries, first index fastest) for each. */
PyObject *core_list_arrays(const gt_archive *archive);
extern PyMethodDef core_record_functions[], core_run_functions[], core_graph_functions[], core_check_functions[],
    core_file_functions[], core_flow_functions[], core_onnx_functions[];

/* ---- cells, archives, reports ---------------------------------------------------------------- */

/* Dimensions from a list of (str, int). The names are borrowed from the list. Free with PyMem_Free. */
gt_dimension *core_read_dimensions(PyObject *list, uint32_t *count);
/* An archive from a list of (str, array, dtype name, shape); NULL with an exception. None gives NULL and no exception.
 */
bool core_read_archive(PyObject *list, gt_archive **archive);
/* The cell of a Cell; NULL with an exception. */
const gt_cell *core_get_cell(PyObject *object);
/* Adds (name, shape, bytearray of the entries) for each parameter. False with an exception. */
bool core_list_parameters(const gt_parameters *set, PyObject *list);
/* The threads of a pool; NULL for None, and in a process that was forked. */
gt_threads *core_get_threads(PyObject *object);
/* The report as a dict, and the report freed. */
PyObject *core_take_report(gt_report *report);

/* ---- ONNX (onnx.c) -------------------------------------------------------------------------- */

/* The bytes, which are freed, or the error. */
PyObject *core_take_bytes(gt_status status, char *bytes, size_t size, const gt_error *error);
/* The model of a cell over a sequence, as bytes. */
PyObject *core_export_cell(const gt_cell *cell, PyObject *arguments);

#endif
