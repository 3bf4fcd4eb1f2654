/*
 * The handwritten formulas on a tape of their own, each with every name that it
 * reads as a leaf: so that any name may be given any value, right or wrong.
 */
#ifndef GT_CHECK_FORMULAS_H
#define GT_CHECK_FORMULAS_H

#include "check/step.h"

typedef struct gt_formula_state {
    gt_var v;        /* the right-hand side */
    bool *reads;     /* by name of the step */
    bool *depends;   /* the same, with what locals between them read */
    int64_t subject; /* the name of which it is the gradient, or -1 for a local */
    double **own;    /* by step: what the formula gives, with right values for all that it reads */
    bool misshapen;  /* not of the shape of its subject, or of a local not of the one that it should have */
    gt_shape shape;  /* of a local that is misshapen: that one */
    bool wrong;      /* it does not give its subject's gradient */
    bool before;     /* its name stands for the gradient of what goes into its subject's activation */
    bool certain;    /* its value is known to be right: a subject's, or found on the tape */
} gt_formula_state;

typedef struct gt_formulas {
    gt_step *step;
    gt_tape *tape;
    gt_interpreter *run;
    gt_var *leaves; /* by name of the step; GT_NONE where none is read */
    gt_formula_state *list;
    uint32_t count;
    uint32_t reader; /* the formula being recorded */
} gt_formulas;

/* Records all formulas, before the step is run: it then knows which are read. Close it in any case. */
gt_status gt_formulas_open(gt_formulas *formulas, gt_step *step, gt_error *error);
void gt_formulas_close(gt_formulas *formulas);

/* The value of formula i at step t, from the values of the names that it reads. */
gt_status gt_formulas_evaluate(gt_formulas *formulas, uint32_t i, int64_t t, double *value, gt_error *error);
/* Whether it reads, itself or through locals, one that is misshapen: what it gives then says nothing about it. */
bool gt_formulas_reads_misshapen(const gt_formulas *formulas, uint32_t i);
/* The name of formula i among those of the step. */
gt_step_name *gt_formulas_name(const gt_formulas *formulas, uint32_t i);
/*
 * Evaluates formulas from `first` on at every step. What each gives is kept in
 * `own`; those after it read the tape's gradient in its place if it has a subject,
 * and what it gives if it is a local that is not certain.
 */
gt_status gt_formulas_run(gt_formulas *formulas, uint32_t first, gt_error *error);

/* Whether two arrays of a formula, at every step, agree. */
bool gt_formulas_agree(const gt_formulas *formulas, double *const *a, double *const *b, size_t count, double floor,
                       double tolerance);

/* Marks the formulas with a subject that do not give its gradient. Returns how many. */
uint32_t gt_formulas_mark(gt_formulas *formulas, double floor, double tolerance);

/*
 * Looks for a local that is to blame for formulas that are wrong, from formula `first`
 * on: one that, given the value of some node of the step's tape in its place, makes
 * such formulas right and none wrong that was right. It is then marked as wrong and
 * as certain, its values are those of the node, and formulas are run and marked anew.
 * *found becomes its number, or formulas->count; *role the node.
 */
gt_status gt_formulas_locate(gt_formulas *formulas, uint32_t first, double floor, double tolerance, uint32_t *found,
                             gt_var *role, gt_error *error);

/*
 * The node of the step's tape that has the values of formula i's name at every step:
 * what a local that was found otherwise is. GT_NONE if there is none.
 */
gt_status gt_formulas_role(gt_formulas *formulas, uint32_t i, double tolerance, gt_var *role, gt_error *error);

#endif
