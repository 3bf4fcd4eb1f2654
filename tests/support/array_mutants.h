/*
 * Gradients as a person's loop over the steps would compute them, with a mistake
 * in the loop or in the block: a handwritten backward block, right or with a
 * planted mistake, is evaluated step by step in a loop of its own. This knows
 * nothing of how mistakes are found again; it only shares the names of their kinds.
 */
#ifndef TESTS_SUPPORT_ARRAY_MUTANTS_H
#define TESTS_SUPPORT_ARRAY_MUTANTS_H

#include "diagnose/mistake.h"

#include <gradtape.h>

typedef enum loop_slip {
    LOOP_RIGHT = 0,
    LOOP_NOTHING_CARRIED,
    LOOP_STATE_NOT_CARRIED,   /* `which`: the state */
    LOOP_CARRIED_TWICE,       /* da + 2 * da_next */
    LOOP_CARRIED_SUM,         /* da_next += ... */
    LOOP_FIRST_ROW,           /* da_next[0] */
    LOOP_FLOW_CLIPPED,        /* da_next clipped at 1 in every step */
    LOOP_PIECES,              /* `which` steps in one */
    LOOP_WINDOW,              /* each step's own gradient goes back `which` steps */
    LOOP_ASSIGNED,            /* = for +=: the share of the first step is left */
    LOOP_FIRST_STEP_LEFT_OUT, /* reversed(range(1, T)) */
    LOOP_LAST_STEP_LEFT_OUT,  /* range(T - 1) */
    LOOP_LAST_STEP_ONLY,
    LOOP_FORWARD,          /* range(T), not reversed */
    LOOP_NEXT_CACHE,       /* caches[min(t + 1, T - 1)] */
    LOOP_PREVIOUS_CACHE,   /* caches[t - 1], the last one at the first step */
    LOOP_LAST_CACHE,       /* caches[-1] in all steps */
    LOOP_NO_UPSTREAM,      /* da[:, :, t] is not added */
    LOOP_UPSTREAM_AT_LAST, /* it is added at the last step alone */
    LOOP_UPSTREAM_LATE,    /* da[:, :, t - 1], the last one at the first step */
    LOOP_UPSTREAM_REVERSED,
    LOOP_ONE_EXAMPLE,     /* of the parameters' gradients */
    LOOP_MEAN_OVER_BATCH, /* of the parameters' gradients */
    LOOP_MEAN_OVER_TIME,
    LOOP_MEAN_OVER_EVERYTHING, /* of all arrays */
    LOOP_BIAS_MEAN,            /* of the biases' */
    LOOP_SIGN,                 /* of all arrays */
    LOOP_CLIPPED,              /* parameters' gradients, at a half of their largest entry, rounded */
    LOOP_EXCHANGED,            /* the gradients of two weights */
    LOOP_TRANSPOSED,           /* of a square weight */
    LOOP_BIAS_ROWS,            /* (1, n) */
    LOOP_TIME_REVERSED,        /* dx[:, :, ::-1] */
    LOOP_ROUNDED,              /* eight digits behind the point */
    LOOP_SLIP_COUNT
} loop_slip;

typedef struct array_mutant {
    loop_slip slip;
    int64_t which;
    gt_mistake_kind kind; /* by what name it should be found */
    bool may_hide;        /* at some sizes and cells it changes nothing */
} array_mutant;

/* What a sequence of a cell is computed with. */
typedef struct array_setting {
    const gt_cell *cell; /* its handwritten block is what is evaluated */
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    int64_t examples, steps;
    uint32_t seed;
    bool without_outputs; /* neither their upstream gradients nor what only they read */
} array_setting;

const char *loop_slip_name(loop_slip slip);

/* Calls visit for each mistake of loops that this cell can have. */
typedef void array_mutant_visit(void *context, const array_mutant *mutant);
void each_array_mutant(const array_setting *setting, array_mutant_visit *visit, void *context);

/* The inputs and the gradients, as `gradtape check --against` reads them. NULL: the block cannot be evaluated. */
gt_archive *array_mutant_make(const array_setting *setting, const array_mutant *mutant);

#endif
