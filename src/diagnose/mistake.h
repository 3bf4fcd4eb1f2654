/*
 * The likely mistake behind a wrong gradient: a catalogue of kinds, and what
 * one is reported with.
 */
#ifndef GT_DIAGNOSE_MISTAKE_H
#define GT_DIAGNOSE_MISTAKE_H

#include "diagnose/question.h"

typedef enum gt_mistake_kind {
    GT_MISTAKE_NONE = 0, /* nothing in the catalogue fits */
    GT_MISTAKE_SIGN,
    GT_MISTAKE_FACTOR,
    GT_MISTAKE_TRANSPOSED,
    GT_MISTAKE_BATCH_SUM,
    GT_MISTAKE_MEAN,
    GT_MISTAKE_MISSING_DERIVATIVE,
    GT_MISTAKE_WRONG_ARGUMENT,
    GT_MISTAKE_DERIVATIVE_TWICE,
    GT_MISTAKE_WRONG_ACTIVATION,
    GT_MISTAKE_SWAPPED_GATES,
    GT_MISTAKE_MISSING_TERM,
    GT_MISTAKE_MISSING_STATE,
    GT_MISTAKE_OFF_BY_ONE_STEP,
    GT_MISTAKE_OLD_STATE,
    GT_MISTAKE_WRONG_SLICE,
    GT_MISTAKE_BIAS_SUM,
    GT_MISTAKE_PARENTHESES,
    /* Beyond the catalogue: what else one change in one place may be. */
    GT_MISTAKE_EXTRA_TERM,
    GT_MISTAKE_MISSING_FACTOR,
    GT_MISTAKE_EXTRA_FACTOR,
    GT_MISTAKE_WRONG_NAME,
    GT_MISTAKE_POWER,
    GT_MISTAKE_COMPLEMENT,
    GT_MISTAKE_PRODUCT,
    GT_MISTAKE_DIVIDED,
    GT_MISTAKE_SOFTMAX,
    GT_MISTAKE_MASK,
    GT_MISTAKE_CLIPPED,
    GT_MISTAKE_RESHAPE, /* of arrays of several sizes */
    /* In the loop over the steps, or in all arrays. */
    GT_MISTAKE_CARRIED,
    GT_MISTAKE_TRUNCATED,
    GT_MISTAKE_STEPS,
    GT_MISTAKE_ONE_STEP,
    GT_MISTAKE_TIME_REVERSED,
    GT_MISTAKE_EXAMPLES,
    GT_MISTAKE_UPSTREAM,
    GT_MISTAKE_ROUNDED,
    /* More than one change in one equation. */
    GT_MISTAKE_SEVERAL,
    GT_MISTAKE_OTHER_FORMULA, /* no change is known, but what is right is */
    /* Of gradients of which there are numbers alone. */
    GT_MISTAKE_MISSING_GRADIENT,
    GT_MISTAKE_OTHER_ARGUMENT,
    GT_MISTAKE_WRONG_ORDER,
    GT_MISTAKE_COTANGENT_IGNORED,
    GT_MISTAKE_COTANGENT_TWICE,
    GT_MISTAKE_KIND_COUNT
} gt_mistake_kind;

/* As a diagnosis says it: "missing derivative". */
const char *gt_mistake_kind_name(gt_mistake_kind kind);

/* One change of a formula. */
typedef struct gt_slip_part {
    gt_mistake_kind kind;
    const char *wording;        /* a sentence with %w for what is written and %a for what it is about;
                                   NULL: that of the kind */
    const gt_expression *place; /* what is written there; NULL: the whole */
    const gt_expression *about; /* the term, factor or name at issue; NULL: none */
} gt_slip_part;

#define GT_MISTAKE_PARTS 6

typedef struct gt_mistake {
    gt_mistake_kind kind;
    uint32_t equation;                    /* of the question */
    int32_t line, column;                 /* of the place within it */
    const gt_expression *written;         /* the equation's formula as it is */
    const gt_expression *repaired;        /* as it should read; NULL for GT_MISTAKE_NONE */
    gt_slip_part parts[GT_MISTAKE_PARTS]; /* one, unless there are several */
    uint32_t part_count;
    double cost;           /* the lower, the likelier */
    uint32_t explained;    /* wrong gradients that are right after the repair */
    uint32_t alternatives; /* other kinds that fit as well */
    double before, after;  /* the worst of their disagreements, relative to the largest entry */
} gt_mistake;

typedef struct gt_mistakes {
    gt_mistake *list; /* in the arena of the question; in the order in which they were found */
    uint32_t count;
    uint32_t wrong;       /* gradients that disagree */
    uint32_t unexplained; /* of these, those that no repair explains */
    uint64_t tried;       /* repairs */
} gt_mistakes;

/*
 * Explains what disagrees. A repair is one entry of the catalogue in one place;
 * it is reported only if it makes gradients right that were wrong, on both
 * samples, and none wrong that was right. Where several repairs fit the simplest
 * is reported; where one does not explain everything a search for the next
 * follows. False on no memory.
 */
bool gt_mistakes_find(gt_question *question, gt_mistakes *mistakes);

#endif
