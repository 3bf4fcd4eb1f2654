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
    gt_lang_function function;
    const gt_expression *value; /* the name if an equation is this call alone, or else the call */
    const gt_expression *argument;
} gt_search_activation;

/* A contribution to the adjoint of a part of the forward pass. */
typedef struct gt_search_term {
    const gt_expression *formula;
    bool through_state; /* it hands on what reaches the new value of a state */
} gt_search_term;

typedef struct gt_search {
    gt_question *question;
    const gt_expression **formulas;        /* of the equations, with the repairs so far */
    gt_value *values[GT_QUESTION_SAMPLES]; /* with the locals, by `formulas` */
    bool *wrong;                           /* per equation */
    bool *is_adjoint;                      /* per name: it has the value of the adjoint of some part */
    bool *is_part;                         /* per name: a local with the value of a part of the forward pass */
    bool *depends;                         /* equation_count x equation_count: [k * count + j], j needs the local k */
    const gt_expression *derivatives[GT_LANG_FUNCTION_COUNT]; /* NULL: there is none */
    gt_search_activation *activations;
    uint32_t activation_count;
    gt_search_term *terms; /* the contributions to all adjoints */
    size_t term_count, term_capacity;

    uint32_t equation; /* the one that is being repaired */
    const gt_expression *root;
    bool is_broken;                   /* it has no value, or one of the wrong shape */
    const gt_value *target;           /* per sample: what the root alone should be; NULL: what makes wrong
                                         gradients right */
    struct gt_candidates *candidates; /* if not NULL, tries are collected, not judged */
    const char *wording;              /* of the next try; NULL: that of its kind */
    gt_search_place *places;
    size_t place_count, place_capacity;

    gt_mistake best;
    double best_cost;
    uint64_t kinds; /* those that explain as much: one bit each */
    uint64_t tried;
    gt_arena scratch; /* of one candidate */
} gt_search;

/* A search of the question's formulas. False on no memory; close it in any case. */
bool gt_search_open(gt_search *search, gt_question *question);
void gt_search_close(gt_search *search);
/* Evaluates the block; wrong[] and the locals are new. Returns the number of wrong gradients. */
uint32_t gt_search_evaluate_block(gt_search *search);

/*
 * Tries a formula in the place of the equation's. `place` is where the change
 * is, `about` what it is about (may be NULL). cost is added to that of the kind.
 * The formula may lie in the scratch arena.
 */
void gt_search_try(gt_search *search, gt_mistake_kind kind, double cost, const gt_expression *formula,
                   const gt_expression *place, const gt_expression *about);
/* The same with `with` in the place of the node `place`. */
void gt_search_try_at(gt_search *search, gt_mistake_kind kind, double cost, const gt_expression *place,
                      const gt_expression *with, const gt_expression *about);
/* The value of a part of the equation, in the scratch arena. */
bool gt_search_value(gt_search *search, const gt_expression *formula, gt_value *value);
/*
 * What the first wrong gradient becomes with the formula, and what it should be.
 * False if there is no value. Lies in the scratch arena.
 */
bool gt_search_outcome(gt_search *search, const gt_expression *formula, gt_value *outcome, gt_value *truth);

/* Runs the catalogue on a formula in place of the equation's: root, places and so on are its. */
void gt_search_catalogue(gt_search *search, const gt_expression *root);
/* A copy in the arena of the question. */
const gt_expression *gt_search_keep(gt_search *search, const gt_expression *formula);
/* What the block itself defines can be used behind that. */
bool gt_search_usable(const gt_search *search, uint32_t name);

const gt_expression *gt_search_parent(const gt_search *search, const gt_expression *place);
const gt_question_name *gt_search_name(const gt_search *search, const gt_expression *name);
/* The activation with this value; NULL if there is none. */
const gt_search_activation *gt_search_activation_of(const gt_search *search, const gt_expression *value);

/* ---- forms ---------------------------------------------------------------------------------- */

/* The derivative of v = function(u), in v where that is possible; NULL if there is none. */
const gt_expression *gt_search_derivative(const gt_search *search, gt_arena *arena, gt_lang_function function,
                                          const gt_expression *v, const gt_expression *u);
/* Reads them all from the table of functions. False on no memory. */
bool gt_search_read_derivatives(gt_search *search);
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
void gt_repair_sums(gt_search *search);        /* sums over the batch */
void gt_repair_derivatives(gt_search *search); /* missing, at the wrong argument, of the wrong gate */
void gt_repair_factors(gt_search *search);     /* missing and surplus factors, powers */
void gt_repair_terms(gt_search *search);       /* missing terms */
void gt_repair_slices(gt_search *search);
void gt_repair_parentheses(gt_search *search);
void gt_repair_products(gt_search *search);    /* * for @ and back, / for * */
void gt_repair_complements(gt_search *search); /* f for 1 - f and back */
void gt_repair_calls(gt_search *search);       /* masks, clippings, an activation once more */
void gt_repair_softmax(gt_search *search);
void gt_repair_axes(gt_search *search); /* of several sizes: reshape, outer products */

/* ---- more than one slip --------------------------------------------------------------------- */

/* Repairs in collect mode, with their values on the first sample. */
typedef struct gt_candidate {
    const gt_expression *formula;
    gt_value value;
    gt_slip_part part;
    double cost;
} gt_candidate;

typedef struct gt_candidates {
    gt_candidate *list;
    size_t count, capacity;
    gt_arena arena; /* of formulas and values */
    bool failed;
} gt_candidates;

/* All repairs of a formula, whatever they make of it. Lacks of memory are the scratch arena's, too. */
void gt_search_collect(gt_search *search, const gt_expression *root, gt_candidates *candidates);
void gt_candidates_free(gt_candidates *candidates); /* what is in them */

/*
 * Two slips in a formula that should have the values `target`, by sample. Bounded
 * by GT_SEARCH_MOST_TRIED. Fills in parts and the repaired formula, in the arena of the question.
 */
bool gt_search_pair(gt_search *search, const gt_expression *root, const gt_value *target, gt_mistake *mistake);
/* One slip likewise. */
bool gt_search_single(gt_search *search, const gt_expression *root, const gt_value *target, gt_mistake *mistake);
/*
 * Several slips, in different terms or factors of one equation; `right` is a formula that is
 * right. If none are found, the mistake is that the formula is another one.
 */
void gt_search_compose(gt_search *search, uint32_t equation, const gt_expression *right, gt_mistake *mistake);

/* Repairs tried in one diagnosis; above, no further pairs are looked for; of several sizes a twentieth. About a second.
 */
#define GT_SEARCH_MOST_TRIED 1000000

/*
 * The reverse replay of the forward equations as formulas, with the names of the
 * backward block where they have the same value: fills in search->terms. False on no memory.
 */
bool gt_search_find_terms(gt_search *search);
/*
 * The same for what equation `limit` may read. right[name] becomes the whole adjoint of each
 * forward name, NULL where it is no formula.
 */
bool gt_search_find_right(gt_search *search, uint32_t limit, const gt_expression **right);

#endif
