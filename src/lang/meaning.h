/* What a syntax tree means: its names and shapes, and what is wrong with them. */
#ifndef GT_LANG_MEANING_H
#define GT_LANG_MEANING_H

#include "lang/diagnostics.h"
#include "lang/symbols.h"

/* What is known of an equation. */
typedef struct gt_lang_equation_meaning {
    gt_lang_shape shape;
    bool for_states;  /* a next state depends on it */
    bool for_outputs; /* an output depends on it */
} gt_lang_equation_meaning;

/* A cell that has been understood. */
typedef struct gt_lang_meaning {
    const gt_lang_cell *cell;
    const gt_lang_file *file; /* in which it is; NULL if it is in none */
    gt_lang_symbols symbols;
    gt_lang_equation_meaning *equations; /* of the forward pass */
    /* One for each parameter, in their order: whether a next state, or an output, depends on it. */
    bool *parameter_for_states, *parameter_for_outputs;
    const char **dimensions; /* their names, in the order of the text */
    uint32_t dimension_count;
} gt_lang_meaning;

/* A cell being looked at. */
typedef struct gt_lang_checker {
    gt_lang_meaning *meaning;
    gt_lang_diagnostics *diagnostics;
    const gt_dimension *sizes; /* for messages: what some dimensions are worth */
    uint32_t size_count;
    bool no_memory;
} gt_lang_checker;

/*
 * Looks at one cell: fills *meaning (which must be zero but for symbols.pool) and
 * adds to the diagnostics. False on no memory. Free the meaning in any case.
 */
bool gt_lang_understand(gt_lang_checker *checker, const gt_lang_cell *cell);
void gt_lang_meaning_free(gt_lang_meaning *meaning);

/* The shape of an expression of names that are defined so far; errors are reported once. */
gt_lang_shape gt_lang_check_expression(gt_lang_checker *checker, const gt_lang_expression *expression);
/* Reports a name that means nothing, with the nearest one that does. */
void gt_lang_unknown_name(gt_lang_checker *checker, const char *name, gt_lang_place place);

/* ---- shapes -------------------------------------------------------------------------------- */

/* "(n_a, m)", and " = (5, 10)" behind it where the sizes are known. Returns text. */
char *gt_lang_shape_format(const gt_lang_checker *checker, const gt_lang_shape *shape, char *text, size_t size);
bool gt_lang_shape_equal(const gt_lang_shape *a, const gt_lang_shape *b);

#endif
