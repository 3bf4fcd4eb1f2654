/*
 * A handwritten backward pass of one time step that is to be explained: its
 * names, its equations as they are written, and samples of what every name is
 * worth, with the tape's gradients for those that the tape knows.
 */
#ifndef GT_DIAGNOSE_QUESTION_H
#define GT_DIAGNOSE_QUESTION_H

#include "diagnose/value.h"
#include "lang/meaning.h"

typedef enum gt_question_role {
    GT_ROLE_OF_NUMBER, /* a dimension, m, a constant: (1, 1) */
    GT_ROLE_OF_INPUT,
    GT_ROLE_OF_STATE, /* before the step */
    GT_ROLE_OF_NEXT,  /* a state after the step */
    GT_ROLE_OF_PARAMETER,
    GT_ROLE_OF_INTERMEDIATE,
    GT_ROLE_OF_OUTPUT,
    GT_ROLE_OF_UPSTREAM, /* dS', dY: given */
    GT_ROLE_OF_GRADIENT, /* dN of a forward name: compared with the tape's */
    GT_ROLE_OF_LOCAL     /* any other name of the backward pass */
} gt_question_role;

typedef struct gt_question_name {
    const char *text;
    gt_question_role role;
    uint32_t about;                  /* the state of a next one and the other way; the forward name of a gradient */
    const gt_expression *definition; /* of intermediates, next states and outputs: the forward equation */
    bool before;                     /* of forward names: "dN" is the gradient of what goes into the activation of N */
    uint32_t adjoint_of;             /* of locals and gradients: the forward name of which it has the whole
                                        adjoint, plus 1; 0 for none */
} gt_question_name;

typedef struct gt_question_equation {
    uint32_t target;
    const gt_expression *formula;
    int32_t line, column; /* of the target */
} gt_question_equation;

/* A name that is not in the list. */
#define GT_QUESTION_NO_NAME UINT32_MAX

#define GT_QUESTION_SAMPLES 2 /* the second confirms what fits the first; its sizes may differ */

typedef struct gt_question {
    gt_question_name *names;
    uint32_t name_count;
    gt_question_equation *equations; /* the backward block in its order */
    uint32_t equation_count;
    uint32_t *forward; /* the names with a definition, in the order of the forward pass */
    uint32_t forward_count;
    const gt_expression **sizes; /* dimensions, and the sizes that the declarations make of them */
    uint32_t size_count;
    double tolerance; /* of a right gradient, relative to its largest entry */
    /* One value per name: gradients have the tape's, locals none. */
    gt_value *samples[GT_QUESTION_SAMPLES];
    /* Where arrays have several sizes: of the forward pass alone. */
    bool several;
    gt_lang_cell forward_cell;
    gt_lang_meaning meaning;
    gt_lang_diagnostics diagnostics;
    gt_pool pool;
    const char *unknown; /* a name that a formula reads and nothing defines; NULL: none */
    gt_arena arena;      /* of all of the above */
} gt_question;

/* The texts of all names, as formulas are printed with, in the question's arena; NULL on no memory. */
const char **gt_question_texts(gt_question *question);
uint32_t gt_question_find(const gt_question *question, const char *name);
/*
 * Gives the values of names the sizes that they have, in a list in which the sizes have values; of locals, too, if
 * the meaning is that of the whole cell.
 */
void gt_question_shape_values(const gt_question *question, const gt_lang_meaning *meaning, gt_value *values);
void gt_question_free(gt_question *question); /* what is in it */

#endif
