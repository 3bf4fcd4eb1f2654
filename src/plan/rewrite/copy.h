/*
 * Copying what some outputs need from one tape to another, node by node, with a
 * hook that may put something else in a node's place. Every pass is such a copy:
 * what nobody needs is left behind, and the result is again a tape that the
 * interpreter can run and the next pass can read.
 */
#ifndef GT_PLAN_COPY_H
#define GT_PLAN_COPY_H

#include "graph/scan.h"
#include "graph/tape.h"

typedef struct gt_copy gt_copy;
typedef struct gt_rewrite gt_rewrite;
typedef struct gt_copy_slice gt_copy_slice;
typedef struct gt_program gt_program;

/* Loops are cut in segments, and those again; with what is within them they nest no deeper than code can. */
enum { GT_MOST_CUTS = 2, GT_MOST_NESTED = 4 };

/* How the pass `segment` cuts loops, see loops/segment.c. */
typedef struct gt_segments {
    uint32_t count;              /* 0: not at all */
    int64_t steps[GT_MOST_CUTS]; /* of a segment; of a segment of that; ... */
    bool keeps_last; /* what the last segment of the last cut computes is kept until it is read, where that can be */
} gt_segments;

/* How many segments so many steps are cut into. At least one step is left over. */
static inline int64_t gt_segments_of(int64_t steps, int64_t segment)
{
    return (steps - 1) / segment;
}

/* Steps of the longest loop of a tape, those within loops left out; 0: it has none. */
int64_t gt_longest_loop(const gt_tape *tape);

/* One level of a copy: the outer tape, or the body of a scan. */
struct gt_copy {
    const gt_rewrite *rewrite;
    void *state;     /* the pass's own, for this level */
    gt_copy *around; /* the level that holds the scan; NULL outside */
    gt_tape *from, *to;
    const gt_var *outputs; /* of the outer tape: what it is copied for */
    uint32_t output_count;
    const gt_program *program;    /* that is copied, of the outer level */
    const gt_segments *segments;  /* of the program */
    gt_scan *from_scan, *to_scan; /* of a body */
    uint32_t count;               /* nodes of `from` */
    gt_var *map;                  /* for each node of `from` (from 1), its var on `to`; GT_NONE: none yet */
    uint8_t *wanted;              /* for each node of `from`: it must be copied */
    gt_copy **bodies;             /* for each scan node of `from`, the copy of its body, once made */
    gt_copy_slice *slices;        /* of a body: the sequences that the copied scan goes through so far, to be found */
    size_t slice_count;
};

/* What a pass does. All functions may be NULL. */
struct gt_rewrite {
    /*
     * Makes and frees the state of a level, after its nodes are marked and before
     * any is copied. It may change what is wanted. False: no memory.
     */
    bool (*open)(gt_copy *copy);
    void (*close)(gt_copy *copy);
    /* Whether something has taken the place of scan `index`, and is mapped to its wanted parts; false: it is copied. */
    bool (*scan)(gt_copy *copy, uint32_t index);
    /* What takes the place of node `index`, whose inputs are mapped; GT_NONE: a plain copy. */
    gt_var (*node)(gt_copy *copy, uint32_t index);
    /* A var of the `to` body for the slice of sequence k of the scan; GT_NONE: the slice of the copied sequence. */
    gt_var (*input)(gt_copy *body, uint32_t k);
    /* A var of the `to` body for the old value of state k, which is then not carried; GT_NONE: it is. */
    gt_var (*old)(gt_copy *body, uint32_t k);
    /* The body has been copied and is about to end: more may be recorded on it. */
    void (*finish)(gt_copy *body);
    /* A var of the outer `to` tape for the stack of node `of`, or the final value of that state; GT_NONE: the scan's
     * own. */
    gt_var (*part)(gt_copy *body, bool stack, uint32_t of);
};

/* What the lowering does unless it is left out; each is a pass with a name, see pipeline.c. */
enum {
    GT_CHOICE_SHIFT_STATES = 1 << 0,      /* memory/states.c */
    GT_CHOICE_JOIN_CONCATS = 1 << 1,      /* memory/concats.c */
    GT_CHOICE_REUSE_MEMORY = 1 << 2,      /* memory/reuse.c, memory/reuse_results.c, memory/states.c */
    GT_CHOICE_FETCH_AHEAD = 1 << 3,       /* code/fetch_ahead.c */
    GT_CHOICE_START_SUMS = 1 << 4,        /* order/sums.c */
    GT_CHOICE_FUSE_COLUMNS = 1 << 5,      /* order/order_strips.c, code/strips.c */
    GT_CHOICE_SUM_WITH_PRODUCTS = 1 << 6, /* order/move_row_sums.c, code/join_row_sums.c */
    GT_CHOICE_COMPILE_RUNS = 1 << 7,      /* code/spans.c */
    GT_CHOICE_STACK_PRODUCTS = 1 << 8,    /* order/gather_products.c, code/stack_products.c */
    GT_CHOICE_COMPILE_PRODUCTS = 1 << 9,  /* code/compile_products.c */
    GT_CHOICE_ACCOMPANY_LOOPS = 1 << 10,  /* code/companions.c */
    GT_CHOICE_COMPILE_STEPS = 1 << 11,    /* code/compile_steps.c */
    GT_CHOICE_ALL = (1 << 12) - 1
};

/* A tape with the vars that matter. */
struct gt_program {
    gt_tape *tape;
    gt_var *outputs;
    uint32_t output_count;
    gt_var *inputs; /* for each input of the user's tape, in its order; GT_NONE: not needed */
    uint32_t input_count;
    /* Of a program in two halves (halves.h), parallel to `inputs` and `outputs`: it is late. NULL: it is one. */
    uint8_t *late_inputs, *late_outputs;
    bool bind_outputs; /* see gt_plan_options */
    bool repeatable;   /* the backward half leaves what it reads of the forward one as it is */
    bool prepared;     /* the forward half is all that waits for no late input */
    gt_segments segments;
    size_t most_bytes; /* of the arena: where it would be larger, no instructions are made; 0: any */
    uint32_t choices;  /* GT_CHOICE_... */
    bool exact;        /* the interpreter's bits are wanted: see gt_plan_options */
};

/*
 * Copies `from` into *to (which the caller frees with gt_program_free) through
 * the rewrite. An error is left on to->tape; false on no memory for a tape at all.
 */
bool gt_program_copy(const gt_program *from, const gt_rewrite *rewrite, gt_program *to);
void gt_program_free(gt_program *program);

/* ---- for hooks ----------------------------------------------------------------------------- */

/* Whether the node adds operands that need no stretching. */
bool gt_copy_is_plain_sum(const gt_copy *copy, uint32_t index);
/* Loops around the level. */
uint32_t gt_copy_depth(const gt_copy *copy);
/* The mapped input `slot` of node `index`. */
gt_var gt_copy_input(const gt_copy *copy, uint32_t index, uint32_t slot);
/* Marks what the wanted nodes of a body need, through the states that it carries. */
void gt_copy_mark(gt_copy *body);
/* Marks the body nodes that change from step to step. */
void gt_copy_mark_varying(const gt_copy *body, uint8_t *varies);
/* The slice of an outer sequence in the body; the same var each time. */
gt_var gt_copy_sequence(gt_copy *body, const char *name, gt_var sequence);
/* All values of node `index` of the body, outside: the sequence that it is a slice of, or else its stack. */
gt_var gt_copy_all_steps(const gt_copy *body, uint32_t index);
/* The plain copy of a node whose inputs are mapped. */
gt_var gt_copy_plain(gt_copy *copy, uint32_t index);
/* Copies a wanted node whose inputs are mapped, whatever it is, if that has not been done. */
void gt_copy_node(gt_copy *copy, uint32_t index);

/* What takes the place of a scan's initial values and sequences, one for each of its states and inputs. */
typedef struct gt_copy_entering {
    const gt_var *initial, *sequences;
} gt_copy_entering;

/*
 * The body of scan `index` of the level, copied to `to_scan`, which has just begun and ends here, on the `to` tape of
 * the level or on one within. NULL on no memory. To be freed.
 */
gt_copy *gt_copy_scan_to(gt_copy *copy, uint32_t index, gt_scan *to_scan, const gt_copy_entering *entering);
void gt_copy_free(gt_copy *body);
/*
 * The stack of v over a scan that has been copied. What varied on the tape may have left its body: the final value
 * of a scan that became a sum of what does not vary.
 */
gt_var gt_copy_stack_of(gt_scan *scan, gt_var v);
/* Of a copied body: the stack of node `of`, where the copied scan is. */
gt_var gt_copy_stack(const gt_copy *body, uint32_t of);

/* All axes but the first are the columns. */
static inline int64_t gt_columns_of(gt_shape shape)
{
    return gt_shape_count(shape) / shape.size[0];
}

/* Do entries along `axis` and all axes before it stand together, with nothing behind? */
static inline bool gt_is_last_axis(gt_shape shape, int64_t axis)
{
    for (int64_t other = axis + 1; other < GT_MAX_RANK; other++)
        if (shape.size[other] != 1)
            return false;
    return true;
}

#endif
