/*
 * The derivation of a cell's backward pass: reverse accumulation over the equations
 * of one step, written as a person would write it.
 *
 * The equations are the tree of the cell language (lang/ast.h). What comes out are
 * lines, each an equation of the same language, under the names of a backward
 * block: "dWf" is the gradient of Wf, "da'" what reaches a' from outside.
 */
#ifndef GT_DERIVE_DERIVATION_H
#define GT_DERIVE_DERIVATION_H

#include "gradtape/derive.h"
#include "lang/meaning.h"

typedef enum gt_derived_kind {
    GT_DERIVED_VALUE,   /* a part of the forward pass, computed once more because it is read */
    GT_DERIVED_TOTAL,   /* all that reaches a next state or an output, from outside and within the step */
    GT_DERIVED_PART,    /* the gradient of a part of an equation, such as what goes into a gate's sigmoid */
    GT_DERIVED_GRADIENT /* the gradient of a name of the forward pass */
} gt_derived_kind;

/* What one reader contributes to a gradient. */
typedef struct gt_derived_term {
    const gt_lang_expression *value;
    int32_t equation; /* the equation of the forward pass through which it comes; -1: from outside of the step */
    const char *rule; /* of the operator or function that reads it: "sigmoid", "@" */
} gt_derived_term;

typedef struct gt_derived_line {
    gt_derived_kind kind;
    const char *name;                /* "df_z" */
    const char *of;                  /* the forward name or part: "f_z"; of a value the part itself */
    const gt_lang_expression *value; /* the whole right-hand side */
    gt_lang_shape shape;
    gt_derived_term *terms; /* what meets here; none of a value */
    uint32_t term_count;
    bool of_states; /* it reads gradients of next states, itself or through other lines */
} gt_derived_line;

/* A part of an equation with a name of its own. */
typedef struct gt_derived_part {
    const gt_lang_expression *node;
    const char *name;
    uint32_t equation;
    bool is_read; /* its value, not only its gradient */
} gt_derived_part;

typedef struct gt_derivation {
    gt_pool pool; /* of all below */
    const gt_lang_file *file;
    const gt_lang_cell *cell;
    gt_lang_cell bare; /* the cell without its own backward block */
    gt_lang_meaning meaning;
    gt_lang_diagnostics diagnostics;
    gt_lang_checker checker;
    uint32_t total_count; /* next states and outputs that other equations read */
    bool by_op;           /* every operation has a line */
    gt_derived_line *lines;
    uint32_t line_count, value_count; /* values come first */
    size_t line_capacity;
    gt_derived_part *parts; /* in the order in which they were named */
    uint32_t part_count;
    size_t part_capacity;
    struct gt_derive_name *names; /* what has reached each forward name so far */
    uint32_t name_count;
    const gt_lang_expression *slopes[GT_LANG_FUNCTION_COUNT]; /* the derivatives of function_list.h, as trees */
    bool no_memory;
    const char *too_complicated; /* what cannot be derived, in words; NULL: nothing */
} gt_derivation;

/*
 * Derives the backward pass of a cell of the file, and verifies each line against the tape. Close it
 * in any case. Errors: no memory; a cell that is too complicated; a line that the tape refutes, which is
 * a fault of this program.
 */
gt_status gt_derivation_open(gt_derivation *derivation, const gt_lang_file *file, const gt_lang_cell *cell, bool by_op,
                             gt_error *error);
void gt_derivation_close(gt_derivation *derivation);

/* The line of a name, or NULL. */
const gt_derived_line *gt_derivation_line(const gt_derivation *derivation, const char *name);
/* Whether the gradient of a forward name is there: nothing depends on some. */
bool gt_derivation_reaches(const gt_derivation *derivation, const char *name);
/*
 * "dWf = ...": the gradient of a forward name in names of the forward pass and what comes from outside
 * alone, whatever names the lines have for parts of it. False if it has no line, or does not fit.
 */
bool gt_derivation_formula(gt_derivation *derivation, const char *of, char *text, size_t size);

#endif
