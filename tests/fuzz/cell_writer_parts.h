/* What the writer of cells has written so far; for its own files. */
#ifndef GT_TESTS_FUZZ_CELL_WRITER_PARTS_H
#define GT_TESTS_FUZZ_CELL_WRITER_PARTS_H

#include "cell_writer.h"

enum { MOST_VALUES = 16, MOST_PARAMETERS = 16, DEEPEST = 5, CELL_TEXT = 8192 };

/* Sizes by their names; BOTH is n_a + n_x. M is that of the examples, which no parameter has. */
typedef enum size { ONE, NX, NA, NB, BOTH, M, SIZES } size;

typedef struct named {
    char name[16];
    size rows, columns;
} named;

typedef struct text {
    char *at;
    size_t used, capacity;
} text;

typedef struct writer {
    fuzz_bytes *bytes;
    bool forms; /* with those of cell_forms.c */
    named values[MOST_VALUES], parameters[MOST_PARAMETERS];
    uint32_t value_count, parameter_count;
    uint32_t stacks, memory; /* what is declared: see cell_forms.c */
    text body;
    char body_text[CELL_TEXT];
} writer;

__attribute__((format(printf, 2, 3))) void put(text *to, const char *format, ...);
void write_expression(writer *w, size rows, size columns, int depth);
void add_value(writer *w, const char *name, size rows, size columns);

/* ---- cell_forms.c -------------------------------------------------------------------------- */

/* Of these sizes: functions that are formulas; a function of the text's own; steps before, and numbers with names. */
void write_composition(writer *w, size rows, size columns, int depth);
void write_call(writer *w, size rows, size columns, int depth);
void write_of_time(writer *w, size rows, size columns, int depth);

/* Several lines that make the value `number`; false: one equation is to do so. */
bool write_statement(writer *w, uint32_t number);
/* Above the cell, and among its declarations, once its equations have been written. */
void write_definitions(writer *w, text *all);
void write_declarations(const writer *w, text *all);
/* Behind a parameter; "" for none. */
const char *initial_value(writer *w);

#endif
