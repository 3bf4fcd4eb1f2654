/*
 * One mistake behind many arrays: hypotheses are held against all given arrays at
 * once, and those that explain most are told.
 */
#ifndef GT_DIAGNOSE_JOINT_H
#define GT_DIAGNOSE_JOINT_H

#include "diagnose/replay.h"

/* Arrays beyond these are not looked at. */
#define GT_JOINT_ARRAYS 64

/* Something that explains arrays. Sets of arrays have a bit for each. */
typedef struct gt_candidate {
    gt_mistake_kind kind; /* of what the numbers alone show; else GT_MISTAKE_NONE: see hypothesis */
    char text[GT_SENTENCE_SIZE];
    gt_hypothesis hypothesis;
    uint64_t explained; /* wrong arrays that are what it gives */
    uint64_t changed;   /* arrays that are not what they should be with it */
    double after;       /* the worst of their disagreements */
} gt_candidate;

typedef struct gt_joint {
    const gt_evidence *evidence;
    uint64_t wrong, right; /* arrays, by their verdicts */
    double scale;          /* a ten-thousandth of the largest entry of all arrays */
    gt_candidate *list;    /* in the order of their likelihood */
    size_t capacity;
    uint32_t count;
    gt_step_replay sequence;
    double work, most_work; /* multiplications spent so far, and that may be */
    bool stopped;           /* by the user, for lack of memory or of work that may be spent */
    gt_status status;
    /* Slips that give the inputs' gradients of the last step, where no loop has a part. */
    gt_slip *suspects;
    size_t suspect_capacity;
    uint32_t suspect_count;
} gt_joint;

/* Whether `value` is the given array, which `before` was not: it must explain something. */
bool gt_joint_explains(const gt_joint *joint, uint32_t array, const double *value, double *after);
/* Adds what the numbers of one array show; the same words make one candidate of several. */
void gt_joint_claim(gt_joint *joint, uint32_t array, gt_mistake_kind kind, const char *text, double after);
/* Runs the hypothesis and adds it where it explains something and breaks nothing. False: stop. */
bool gt_joint_try(gt_joint *joint, const gt_hypothesis *hypothesis);

/* Fills in a diagnosis for each array. Other than GT_OK only for lack of memory. */
gt_status gt_diagnose_arrays(const gt_evidence *evidence, gt_diagnosis *diagnoses);

/* ---- the hypotheses -------------------------------------------------------------------------- */

/* What the numbers of single arrays show. */
void gt_array_hypotheses(gt_joint *joint);
/* Mistakes in the loop, with `slip` in the step. */
void gt_loop_hypotheses(gt_joint *joint, const gt_slip *slip);
/* Slips in the step. */
void gt_step_hypotheses(gt_joint *joint);

/* "2 times", "1/3 of", "0.37 times" */
typedef struct gt_times_text {
    char text[32];
} gt_times_text;
gt_times_text gt_times(double factor);

gt_mistake_kind gt_loop_describe(const gt_step_replay *sequence, const gt_hypothesis *hypothesis, char *text,
                                 size_t size);
gt_mistake_kind gt_slip_describe(const gt_step_replay *sequence, const gt_slip *slip, char *text, size_t size);

#endif
