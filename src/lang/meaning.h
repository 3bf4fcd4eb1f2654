/* What a syntax tree means: its names and shapes, and what is wrong with them. */
#ifndef GT_LANG_MEANING_H
#define GT_LANG_MEANING_H

#include "lang/diagnostics.h"
#include "lang/symbols.h"

/*
 * How an operation on arrays of several sizes is recorded. Whether a matrix is shared by
 * the examples is said by the names in its sizes, not by what they are worth: so it is
 * found out once, with the shapes, and kept for those few operations that need it.
 */
typedef enum gt_lang_form {
    GT_LANG_LIFT_FIRST = 1, /* and twice that for the second operand, and so on: together a set. The shared matrix
                               A[n_k, n_v] beside arrays of the examples is one that each of them has */
    GT_LANG_BY_HEADS = 64,  /* W[n_h, n_k, n_b] @ x[n_h, n_b] */
    GT_LANG_OF_ALL_HEADS,   /* W[n_h, n_k, n_x] @ x[n_x] */
    GT_LANG_OVER_COLUMNS,   /* dq @ x.T, of which the columns are summed over */
    GT_LANG_BY_SHARED,      /* S[n_k, n_v] @ P[n_v, n_u] */
    GT_LANG_OF_EACH,        /* S[n_k, n_v] @ q[n_v] */
    GT_LANG_WITH_COLUMNS    /* reshape(W, n_k, n_v), of rows and columns */
} gt_lang_form;

typedef struct gt_lang_form_entry gt_lang_form_entry; /* of the operations that have a form, by their nodes */

/* What is known of an equation. */
typedef struct gt_lang_equation_meaning {
    gt_lang_shape shape;
    bool for_states;  /* a next state depends on it */
    bool for_outputs; /* an output depends on it */
} gt_lang_equation_meaning;

/* A cell that has been understood. */
typedef struct gt_lang_meaning gt_lang_meaning;
struct gt_lang_meaning {
    const gt_lang_cell *cell;
    const gt_lang_file *file; /* in which it is; NULL if it is in none */
    gt_lang_symbols symbols;
    gt_lang_equation_meaning *equations; /* of the forward pass */
    /* One for each parameter, in their order: whether a next state, or an output, depends on it. */
    bool *parameter_for_states, *parameter_for_outputs;
    bool has_axes; /* an array of several sizes is declared */
    gt_lang_form_entry *forms;
    const char **dimensions; /* their names, in the order of the text */
    uint32_t dimension_count;
};

/* A cell being looked at. */
typedef struct gt_lang_checker {
    gt_lang_meaning *meaning;
    gt_lang_diagnostics *diagnostics;
    const gt_dimension *sizes; /* for messages: what some dimensions are worth */
    uint32_t size_count;
    const gt_lang_expression *factor; /* S.T on the left of a product that is looked at */
    bool no_memory;
} gt_lang_checker;

/* The form of an operation; 0 if it has none. */
unsigned gt_lang_form_of(const gt_lang_meaning *meaning, const gt_lang_expression *operation);
/* Notes a form; of a set, one more of its members. */
void gt_lang_note_form(gt_lang_checker *checker, const gt_lang_expression *operation, unsigned form);
/* Whether rows and columns alone do not say what its equations mean. */
bool gt_lang_has_several_sizes(const gt_lang_meaning *meaning);
/* Frees the table; its entries belong to the pool. */
void gt_lang_forms_free(gt_lang_meaning *meaning);

/*
 * Looks at one cell: fills *meaning (which must be zero but for symbols.pool) and
 * adds to the diagnostics. False on no memory. Free the meaning in any case.
 */
bool gt_lang_understand(gt_lang_checker *checker, const gt_lang_cell *cell);
void gt_lang_meaning_free(gt_lang_meaning *meaning);

/* The shape of an expression of names that are defined so far; errors are reported once. */
gt_lang_shape gt_lang_check_expression(gt_lang_checker *checker, const gt_lang_expression *expression);
/* Whether all names in a size are dimensions: a constant of the cell has no place in a shape. */
bool gt_lang_has_dimensions_alone(gt_lang_checker *checker, const gt_lang_expression *size);
/* Reports a name that means nothing, with the nearest one that does. */
void gt_lang_unknown_name(gt_lang_checker *checker, const char *name, gt_lang_place place);

/* ---- shapes -------------------------------------------------------------------------------- */

/* "(n_a, m)", and " = (5, 10)" behind it where the sizes are known. Returns text. */
char *gt_lang_shape_format(const gt_lang_checker *checker, const gt_lang_shape *shape, char *text, size_t size);
bool gt_lang_shape_equal(const gt_lang_shape *a, const gt_lang_shape *b);

#endif
