/*
 * gradtape/lang.h: cells as text.
 *
 * A cell is written by its equations (docs/cells.md is the manual):
 *
 *     cell unit
 *       input x[n_x]
 *       state a[n_a]
 *       param W[n_a, n_a + n_x], b[n_a]
 *       a' = tanh(W @ concat(a, x) + b)
 *
 * and becomes a gt_cell like those of the library: sequences, networks, training,
 * pictures and plans take it, and it runs as fast.
 */
#ifndef GRADTAPE_LANG_H
#define GRADTAPE_LANG_H

#include "gradtape/cell.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is wrong with a text --------------------------------------------------------------- */

typedef enum gt_severity { GT_SEVERITY_ERROR = 0, GT_SEVERITY_WARNING } gt_severity;

typedef struct gt_diagnostic {
    gt_severity severity;
    uint32_t line, column;   /* from 1; columns are counted in bytes */
    uint32_t offset, length; /* the same place: bytes from the beginning of the text */
    const char *message;     /* "Wf is (n_a, n_a+n_x) but z is (9, m)": no full stop, no place */
    const char *hint;        /* what to do: "did you mean Wf?"; NULL: nothing to suggest */
} gt_diagnostic;

/* ---- parsing --------------------------------------------------------------------------------- */

typedef struct gt_parsed_cell gt_parsed_cell;

/* A constant of a cell ("const dt = 0.1") with another value than its text gives: {"dt", 0.05}. */
typedef struct gt_constant_value {
    const char *name;
    double value;
} gt_constant_value;

typedef struct gt_cell_parse_options {
    const char *file; /* its name for messages; NULL: "cell" */
    const char *cell; /* which cell of the text; NULL: the first */
    /* Sizes to show in messages, next to the names of dimensions; they mean nothing else. */
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    /* Constants of the cell to be set; the text of the result has these values. */
    const gt_constant_value *constants;
    uint32_t constant_count;
} gt_cell_parse_options;

/*
 * Parses a text of `size` bytes (it needs no NUL, and is copied) and looks at the
 * meaning of all cells in it. options may be NULL. Returns NULL on no memory
 * alone; what is wrong with the text is in the result. It is the caller's, to be
 * freed when its cell is no longer used: tapes, plans and sets of parameters that
 * were made with the cell do not need it.
 */
GT_API gt_parsed_cell *gt_cell_parse(const char *text, size_t size, const gt_cell_parse_options *options);
GT_API void gt_parsed_cell_free(gt_parsed_cell *parsed);

/*
 * The cell, or NULL after an error. It belongs to `parsed` and never changes:
 * threads may share it. Its tables are in the order of the text, its outputs in
 * that of their equations; what only outputs depend on is recorded by `output`,
 * everything else that is used by `step`, in the order of the text.
 */
GT_API const gt_cell *gt_parsed_cell_get(const gt_parsed_cell *parsed);
/* GT_OK, or GT_ERROR_FORMAT with the first mistake in *error: "lstm.cell:13:16: matmul: ...". */
GT_API gt_status gt_parsed_cell_status(const gt_parsed_cell *parsed, gt_error *error);
/* All errors and warnings in the order of the text; *count becomes their number. */
GT_API const gt_diagnostic *gt_parsed_cell_diagnostics(const gt_parsed_cell *parsed, size_t *count);

/* The text, as it was given but for the constants that were set, with a NUL behind it. */
GT_API const char *gt_parsed_cell_text(const gt_parsed_cell *parsed, size_t *size);
GT_API const char *gt_parsed_cell_file(const gt_parsed_cell *parsed);
/* The name of the i-th cell of the text; NULL past the end. */
GT_API const char *gt_parsed_cell_name(const gt_parsed_cell *parsed, uint32_t i);
/* Whether the cell has a handwritten backward pass. */
/* The constants of the cell that can be set, in the order of the text; NULL past the last, and after an error. */
GT_API const char *gt_parsed_cell_constant(const gt_parsed_cell *parsed, uint32_t i);
GT_API bool gt_parsed_cell_has_backward(const gt_parsed_cell *parsed);

#ifdef __cplusplus
}
#endif
#endif
