/*
 * Loops that are cut into segments, and what they read of each other: what the files of the pass `segment` share.
 *
 * A *cut* is a set of loops over the same steps: those of its forward half, which go one way, and those of its
 * backward halves, which go the other way and read the stacks of the first. Each half becomes one loop over segments,
 * in whose body each of its loops does the steps of a segment. The steps that are left over come first in the order
 * of the forward half and are loops by themselves. So are those of the last segment where that is kept rather than
 * computed again: the backward half begins with it. There are several backward halves where one waits for all steps of
 * another, as the gradient of a layer does for that of the layer above.
 */
#ifndef GT_PLAN_LOOPS_SEGMENT_H
#define GT_PLAN_LOOPS_SEGMENT_H

#include "base/pool.h"
#include "plan/rewrite/copy.h"

/* The forward half, or a backward one: from GT_CUT_BACKWARD on. */
typedef uint32_t gt_cut_half;
enum { GT_CUT_FORWARD = 0, GT_CUT_BACKWARD, GT_CUT_HALVES = 12 };

/* Which steps of a sequence are meant, and where they are wanted. */
typedef uint32_t gt_cut_piece;
enum {
    GT_CUT_REST,   /* those that are left over, on the level itself */
    GT_CUT_LAST,   /* those of the last segment, if that is kept, on the level itself */
    GT_CUT_WITHIN, /* a segment, in the body of the loop over segments of half 0; those of the other halves follow */
    GT_CUT_PIECES = GT_CUT_WITHIN + GT_CUT_HALVES
};

typedef struct gt_cut gt_cut;

/* A loop that is cut: node `node` of the level. */
typedef struct gt_cut_loop {
    uint32_t node;
    const gt_scan *scan;
    gt_cut *cut;
    gt_cut_half half;
    gt_copy *copies[GT_CUT_PIECES]; /* that do the steps of a piece; NULL: not yet, or never */
    gt_var *states;                 /* in the body of its half's loop over segments */
    struct gt_cut_loop *next;       /* of its half, in the order of the tape */
} gt_cut_loop;

struct gt_cut {
    int64_t steps;          /* of each loop */
    int64_t segment, count; /* steps of a segment, and how many there are */
    int64_t rest;           /* steps that are left over, at least 1 */
    int64_t last_segment;   /* steps of the last one, which is kept and none of those; 0: it is one of them */
    gt_direction direction; /* of the forward half */
    gt_cut_loop *loops[GT_CUT_HALVES];
    uint32_t first[GT_CUT_HALVES], last[GT_CUT_HALVES]; /* nodes of its loops */
    gt_scan *segments[GT_CUT_HALVES];                   /* the loop over segments, once made */
    /* For each node of the level: it waits for a loop of the half; a piece of it can be had while that is made. */
    uint8_t *waits[GT_CUT_HALVES], *in_pieces[GT_CUT_HALVES];
    uint8_t *rooted;               /* for each node: its pieces are made from a stack of the forward half */
    gt_var *pieces[GT_CUT_PIECES]; /* for each node, if that has been made */
    gt_cut *next;
};

/* The state of a level whose loops are cut. */
typedef struct gt_cutting {
    gt_pool pool;
    gt_copy *copy;
    gt_cut *cuts;
    gt_cut_loop **loop_of; /* for each scan of the level: NULL if it is not cut */
    uint8_t *whole;        /* for each node: something reads it with all of its steps */
} gt_cutting;

/* ---- segment_find.c ---- */

/* Finds the cuts of the level into segments of so many steps, and what is whole then. False: no memory. */
bool gt_cuts_find(gt_cutting *cutting, int64_t segment);
/* The loop whose stack the node is, if pieces of it are there while a half is made: of that or of the forward one. */
const gt_cut_loop *gt_cut_stack_of(const gt_cutting *cutting, const gt_cut *cut, gt_cut_half half, uint32_t index);

/* How an op that can be done for some steps alone takes an operand. */
typedef enum gt_cut_taking { GT_CUT_NOT, GT_CUT_WHOLE, GT_CUT_STEPS } gt_cut_taking;

/* Of node `index`, whose last axis has `steps` entries; GT_CUT_NOT if it cannot be done for some of them alone. */
gt_cut_taking gt_cut_takes(const gt_tape *tape, uint32_t index, uint32_t slot, int64_t steps);
/* Whether node `index` can be done for some steps alone: it takes each operand in one of the two ways. */
bool gt_cut_is_by_steps(const gt_tape *tape, uint32_t index, int64_t steps);

/* ---- segment_pieces.c ---- */

/* The steps of a piece of a sequence of the level, where that piece is wanted. */
gt_var gt_cut_piece_of(gt_cutting *cutting, gt_cut *cut, gt_cut_half half, gt_cut_piece piece, uint32_t index);
/* The pieces as they follow in time; `last` is GT_NONE where the last segment is one of the others. */
gt_var gt_cut_join(const gt_cut *cut, gt_var rest, gt_var segments, gt_var last);

#endif
