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

#ifdef __cplusplus
}
#endif
#endif
