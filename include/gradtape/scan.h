/*
 * gradtape/scan.h: a loop over time as one node of the tape.
 *
 * A scan owns a body tape, recorded once. From step to step it carries states;
 * at each step it reads one slice of every scanned input, along that input's
 * last axis, and may see invariants, which are the same at all steps.
 * Recording, differentiating and storing a scan cost the same for 10 steps and
 * for 100,000. The reverse rule of a scan is a scan that runs the other way.
 *
 *     gt_scan *s = gt_scan_begin(t, steps, GT_FORWARD);
 *     gt_var a  = gt_scan_carry(s, "a", a0);          // (n_a, m), from outside: a0
 *     gt_var x  = gt_scan_input(s, "x", xs);          // (n_x, m), from outside: xs (n_x, m, T)
 *     gt_var a1 = gt_tanh(gt_add(gt_matmul(W, a), x)); // W of the outer tape: an invariant
 *     gt_scan_next(s, a, a1);
 *     gt_scan_end(s);
 *     gt_var as = gt_scan_stack(s, a1);               // outside: (n_a, m, T)
 *     gt_var aT = gt_scan_final(s, a);                // outside: (n_a, m)
 *
 * Errors go to the outer tape; a failed scan gives invalid vars. Scans nest,
 * the body of one being the outer tape of another.
 */
#ifndef GRADTAPE_SCAN_H
#define GRADTAPE_SCAN_H

#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_scan gt_scan;

typedef enum gt_direction {
    GT_FORWARD = 0, /* step 0 first */
    GT_BACKWARD     /* the last step first; slices and stacks keep their places in time */
} gt_direction;

/*
 * Starts a scan of `steps` >= 1 steps on `tape`. The result belongs to the tape
 * and is never NULL unless tape is; it is valid until the tape is freed.
 */
GT_API gt_scan *gt_scan_begin(gt_tape *tape, int64_t steps, gt_direction direction);
/* The body tape, owned by the outer one. Ops of the body are recorded on it. */
GT_API gt_tape *gt_scan_body(gt_scan *scan);

/* A carried state that starts at `initial` (outer tape). Returns its value before the step (body). */
GT_API gt_var gt_scan_carry(gt_scan *scan, const char *name, gt_var initial);
/* One slice per step of `sequence` (outer tape; its last axis has `steps` entries). Body var. */
GT_API gt_var gt_scan_input(gt_scan *scan, const char *name, gt_var sequence);
/*
 * An outer var, seen by every step. Calling this is optional: an op of the body
 * that is given a var of an enclosing tape makes it an invariant by itself.
 */
GT_API gt_var gt_scan_invariant(gt_scan *scan, gt_var outer);
/* Sets the value after the step of the carried state `carry`; the same shape. Once per state. */
GT_API void gt_scan_next(gt_scan *scan, gt_var carry, gt_var next);

/* Closes the body: every state must have its next value. Returns the tape's status. */
GT_API gt_status gt_scan_end(gt_scan *scan);

/*
 * After gt_scan_end, outer vars. gt_scan_stack: the values of body var `v`, any
 * var of the body, at all steps, along a new last axis. gt_scan_final: the
 * value of the carried state `carry` (as gt_scan_carry gave it) after the last
 * step. Asking twice gives the same node.
 */
GT_API gt_var gt_scan_stack(gt_scan *scan, gt_var v);
GT_API gt_var gt_scan_final(gt_scan *scan, gt_var carry);

/* ---- looking at a scan --------------------------------------------------------------------- */

/* The scan that the node v is or that it reads (final, stack); NULL if there is none. */
GT_API gt_scan *gt_var_scan(gt_var v);
GT_API int64_t gt_scan_steps(const gt_scan *scan);
GT_API gt_direction gt_scan_direction(const gt_scan *scan);
GT_API uint32_t gt_scan_carry_count(const gt_scan *scan);
GT_API uint32_t gt_scan_input_count(const gt_scan *scan);
GT_API uint32_t gt_scan_invariant_count(const gt_scan *scan);
/* Body vars: the k-th carried state before and after the step, scanned input, invariant. */
GT_API gt_var gt_scan_carry_before(const gt_scan *scan, uint32_t k);
GT_API gt_var gt_scan_carry_after(const gt_scan *scan, uint32_t k);
GT_API gt_var gt_scan_input_slice(const gt_scan *scan, uint32_t k);
GT_API gt_var gt_scan_invariant_inside(const gt_scan *scan, uint32_t k);
/* The outer vars that these come from. */
GT_API gt_var gt_scan_carry_initial(const gt_scan *scan, uint32_t k);
GT_API gt_var gt_scan_input_sequence(const gt_scan *scan, uint32_t k);
GT_API gt_var gt_scan_invariant_outside(const gt_scan *scan, uint32_t k);

#ifdef __cplusplus
}
#endif
#endif
