/*
 * gradtape/handwritten.h: a backward pass that a person wrote, to be verified.
 *
 * A cell may carry the formulas of its backward pass beside its step. They are
 * never used to compute a gradient: gt_check_cell compares them with the tape's,
 * one by one. The cell language's `backward` blocks arrive here; a cell written
 * in C may fill the table as well.
 *
 * Names. A name of the forward pass is an input, a state ("c": the old one), a
 * parameter, or the name of an equation; the next value of a state is "c'". The
 * formula named "dN" is the gradient of the cost with respect to N in this step,
 * if N is such a name; any other formula is a local. Given are "dS'" for each
 * state and "dY" for each output: what reaches them from outside this step.
 */
#ifndef GRADTAPE_HANDWRITTEN_H
#define GRADTAPE_HANDWRITTEN_H

#include "gradtape/cell.h"
#include "gradtape/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_equation {
    const char *name; /* "f", "c'", "y"; "df_z", "dWf" */
    const char *text; /* the whole equation as it is written, without a comment; NULL: not known */
    gt_text_place place;
    const char *sizes[GT_MAX_SIZES]; /* as of gt_cell_array */
} gt_equation;

/* Where a formula of the backward pass is recorded. */
typedef struct gt_handwritten_scope {
    gt_tape *tape;
    /*
     * The var of a name that is a name of the forward pass, is given, or is an earlier formula;
     * GT_NONE if there is none. What is looked up is what the formula is taken to depend on.
     */
    gt_var (*lookup)(void *names, const char *name);
    void *names;
    const gt_dimension *dimensions; /* among them {"m", the number of examples} */
    uint32_t dimension_count;
} gt_handwritten_scope;

struct gt_handwritten {
    const gt_equation *forward; /* in the order of the text */
    uint32_t forward_count;
    const gt_equation *backward;
    uint32_t backward_count;
    /*
     * Records the whole step, next_states and outputs, as the cell's two functions do, and
     * answers the var of each forward equation in values (forward_count).
     */
    void (*record_forward)(const gt_handwritten *handwritten, gt_cell_step *step, gt_var *values);
    /* Records the right-hand side of backward[i] on scope->tape and returns its var. */
    gt_var (*record_backward)(const gt_handwritten *handwritten, uint32_t i, const gt_handwritten_scope *scope);
    const void *context;
};

/* ---- for a diagnosis ------------------------------------------------------------------------- */

/* An argument of a function: its name and its values. */
typedef struct gt_argument {
    const char *name;
    gt_array value;
} gt_argument;

/* A gradient that was computed elsewhere. */
typedef struct gt_evidence_array {
    const char *name;       /* in the cell's tables: "Wf", "x", "a" for that of the initial state */
    gt_array given;         /* GT_F64 */
    const double *expected; /* what it should be; the shares of the steps are found as "dWf" */
    gt_shape shape;         /* which it should have; inputs: (n, m, T) */
    gt_verdict verdict;
} gt_evidence_array;

/*
 * All that is known about what disagrees. For formulas, values are those of
 * each step, the tape's own upstream: an earlier mistake is not in them. Arrays
 * are GT_F64, (n, m) or (rows, columns), column-major, and borrowed.
 */
typedef struct gt_evidence gt_evidence;
struct gt_evidence {
    const gt_cell *cell; /* cell->handwritten has the formulas */
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    int64_t examples, steps; /* m, T */
    const gt_finding *finding;
    gt_report *report; /* that the diagnosis is for: gt_report_write(evidence->report, ...) makes its words */
    /*
     * What is to be explained. GT_EVIDENCE_BLOCK: all formulas of cell->handwritten->backward together;
     * the diagnoses are as many as these, in their order. GT_EVIDENCE_ARRAYS: all arrays computed
     * elsewhere (GT_CHECK_AGAINST); the diagnoses are as many as `arrays`. GT_EVIDENCE_FUNCTION: a gradient
     * of which no formula is known, see `arguments`. Otherwise see `op`.
     */
    int64_t equation;
    const gt_evidence_array *arrays;
    uint32_t array_count;
    double tolerance; /* relative to the largest entry: below it there is no disagreement */
    /*
     * The value of a name at a step; data NULL if it has none. Names: all of the forward pass,
     * "S'", the upstream gradients "dS'" and "dY", the right values of "dN" for every name N of
     * the forward pass, and the formulas' locals (right where that could be found out).
     */
    gt_array (*find)(const gt_evidence *evidence, const char *name, int64_t step);
    /*
     * GT_CHECK_RULE: the op whose reverse rule is wrong, with what it was given; then cell and find
     * are NULL, and equation is the operand whose gradient is wrong; see `arguments`.
     * NULL in all other cases.
     */
    const gt_op *op;
    const gt_array *given;    /* by argument: its gradient */
    const gt_array *expected; /* by argument: what that should be */
    const gt_shape *shapes;   /* of its operands */
    uint32_t shape_count;
    const int64_t *attributes;
    uint32_t attribute_count;
    /* Whether the value found for a formula's name is known to be right. */
    bool (*certain)(const gt_evidence *evidence, const char *name);
    /*
     * GT_EVIDENCE_BLOCK: takes what a local should be at a step. False if it does not have that
     * shape. In the order of the block: what find gives for later locals follows.
     */
    bool (*put)(const gt_evidence *evidence, int64_t equation, int64_t step, gt_array value);
    /*
     * GT_EVIDENCE_BLOCK, by formula: "dN" is meant as the gradient of what goes into the activation of
     * N, and its right values are those. NULL: none is.
     */
    const bool *before;
    /* Told how much of a long search is done; true: stop it. May be NULL. */
    bool (*interrupt)(const gt_evidence *evidence, double done);
    void *context;
    /*
     * GT_EVIDENCE_FUNCTION, and GT_CHECK_RULE as well: the arguments of the function, or the operands
     * of the op. given and expected then are the gradients of all of them; data NULL: not known. Where
     * they have another shape than the argument, they are random projections of it. NULL in all other cases.
     */
    const gt_argument *arguments;
    uint32_t argument_count;
    uint32_t wrong;        /* which of them the finding is about */
    uint64_t result_count; /* entries of the function's result */
    /*
     * A gradient is linear in the cotangent: twice as much of it for twice the cotangent. What was
     * found of this one, as a power of the cotangent: 0 where it ignores it. NaN: no power, or not known.
     */
    double cotangent_power;
    bool tangent; /* it is a Jacobian-vector product, and the "cotangent" a tangent */
};

#define GT_EVIDENCE_ARRAYS (-1)
#define GT_EVIDENCE_BLOCK (-2)
#define GT_EVIDENCE_FUNCTION (-3)

/*
 * Fills the diagnosis, whose words need last no longer than evidence->report, or leaves it empty: only what makes the
 * disagreement vanish is claimed. Other than GT_OK only for lack of memory, so that no explanation is left out
 * silently: it ends the check.
 */
typedef gt_status gt_diagnose_function(const gt_evidence *evidence, gt_diagnosis *diagnosis);

/*
 * Writes out the entry of evidence->finding, at its step, of a formula such as "dW = dz @ z.T", with the
 * values that evidence->find has: "dW[0, 1] = sum over k of dz[0, k] * z[1, k] = 0.5 * 2 + ... = 1.2", a
 * line for each product or sum in it. *text becomes words of evidence->report; "" where the formula is not
 * understood. Other than GT_OK only for lack of memory.
 */
typedef gt_status gt_arithmetic_function(const gt_evidence *evidence, const char *formula, const char **text);

#ifdef __cplusplus
}
#endif
#endif
