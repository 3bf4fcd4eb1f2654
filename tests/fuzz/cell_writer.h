/*
 * Bytes to a cell in the cell language: every choice of a small grammar takes one
 * of them, so that a fuzzer that changes a byte changes a choice. The cells have
 * no errors, apart from those that shapes cannot show.
 */
#ifndef GT_TESTS_FUZZ_CELL_WRITER_H
#define GT_TESTS_FUZZ_CELL_WRITER_H

#include "fuzz.h"

#include <stdbool.h>

/* What a target of the fuzzer does something with: its own choices, and the cell. */
typedef struct cell_source {
    fuzz_bytes choices;
    const char *text; /* NULL: it is made of what is left of the choices */
    size_t size;
    bool forms; /* more than equations: functions, rounds, stacks, constants and what else is in cell_forms.c */
} cell_source;

/* Bytes that begin with a letter of ASCII are a cell's text, with `made` for choices; all others are the choices. */
cell_source cell_begin(fuzz_bytes all, fuzz_bytes made);
/* When the target has chosen: the text is there, with a NUL where it was made. False: it does not fit. */
bool cell_end(cell_source *source);

#endif
