/* The search for repairs from the inside: what the files of the catalogue are given. */
#ifndef GT_DIAGNOSE_SEARCH_H
#define GT_DIAGNOSE_SEARCH_H

#include "diagnose/mistake.h"

/* A node of the equation at hand, and the node above it (NULL for the root). */
typedef struct gt_search_place {
    const gt_expression *node, *parent;
} gt_search_place;

/* A call of an activation in the forward pass, and what stands for its result. */
typedef struct gt_search_activation {
    gt_expression_function function;
    const gt_expression *value; /* the name if an equation is this call alone, or else the call */
    const gt_expression *argument;
} gt_search_activation;

/* A contribution to the adjoint of a part of the forward pass. */
typedef struct gt_search_term {
    const gt_expression *formula;
    bool through_state; /* it hands on what reaches the new value of a state */
} gt_search_term;

typedef struct gt_search {
    gt_problem *problem;
    const gt_expression **formulas;       /* of the equations, with the repairs so far */
    gt_value *values[GT_PROBLEM_SAMPLES]; /* with the locals, by `formulas` */
    bool *wrong;                          /* per equation */
    bool *is_adjoint; /* per name: it has the value of the adjoint of some part */
    bool *depends;    /* equation_count x equation_count: [k * count + j], j needs the local k */
    gt_search_activation *activations;
    uint32_t activation_count;
    gt_search_term *terms; /* the contributions to all adjoints */
    size_t term_count, term_capacity;

    uint32_t equation; /* the one that is being repaired */
    const gt_expression *root;
    bool is_broken; /* it has no value, or one of the wrong shape */
    gt_search_place *places;
    size_t place_count, place_capacity;

    gt_mistake best;
    double best_cost;
    uint32_t kinds; /* those that explain as much: one bit each */
    uint64_t tried;
    gt_arena scratch; /* of one candidate */
} gt_search;

/*
 * Tries a formula in the place of the equation's. `place` is where the change
 * is, `about` what it is about (may be NULL). cost is added to that of the kind.
 * The formula may lie in the scratch arena.
 */
void gt_search_try(gt_search *search, gt_mistake_kind kind, double cost,
                   const gt_expression *formula, const gt_expression *place,
                   const gt_expression *about);
/* The same with `with` in the place of the node `place`. */
void gt_search_try_at(gt_search *search, gt_mistake_kind kind, double cost,
                      const gt_expression *place, const gt_expression *with,
                      const gt_expression *about);
/* The value of a part of the equation, in the scratch arena. */
bool gt_search_value(gt_search *search, const gt_expression *formula, gt_value *value);
/*
 * What the first wrong gradient becomes with the formula, and what it should be.
 * False if there is no value. Lies in the scratch arena.
 */
bool gt_search_outcome(gt_search *search, const gt_expression *formula, gt_value *outcome,
                       gt_value *truth);

const gt_expression *gt_search_parent(const gt_search *search, const gt_expression *place);
const gt_problem_name *gt_search_name(const gt_search *search, const gt_expression *name);
/* The activation with this value; NULL if there is none. */
const gt_search_activation *gt_search_activation_of(const gt_search *search,
                                                    const gt_expression *value);

/* ---- forms ---------------------------------------------------------------------------------- */

/* The derivative of v = function(u), in v where that is possible; NULL if there is none. */
const gt_expression *gt_search_derivative(gt_arena *arena, gt_expression_function function,
                                          const gt_expression *v, const gt_expression *u);
/* 1 - E: what derivatives of activations are made of. */
bool gt_search_is_derivative(const gt_expression *node);
/* Whether the factor is one of a chain of products, and the chain without it. */
bool gt_search_has_factor(const gt_expression *formula, const gt_expression *factor);
const gt_expression *gt_search_without_factor(gt_arena *arena, const gt_expression *formula,
                                              const gt_expression *factor);

/* ---- the catalogue: each tries its repairs of the equation at hand -------------------------- */

void gt_repair_scale(gt_search *search); /* sign, constant factor, term too many */
void gt_repair_names(gt_search *search); /* another gate, another state, another weight */
void gt_repair_transposes(gt_search *search);
void gt_repair_sums(gt_search *search); /* sums over the batch */
void gt_repair_derivatives(
    gt_search *search);                    /* missing, at the wrong argument, of the wrong gate */
void gt_repair_factors(gt_search *search); /* missing and surplus factors, powers */
void gt_repair_terms(gt_search *search);   /* missing terms */
void gt_repair_slices(gt_search *search);
void gt_repair_parentheses(gt_search *search);

/*
 * The reverse replay of the forward equations as formulas, with the names of the
 * backward block where they have the same value: fills in search->terms. False on no memory.
 */
bool gt_search_find_terms(gt_search *search);

#endif
