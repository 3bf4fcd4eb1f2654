/*
 * gradtape/tape.h: the tape, its nodes and its sticky error.
 *
 * A tape records what is computed, never how: a node is an operation, its
 * inputs, a shape and a type. It holds no numbers; an interpreter
 * (gradtape/interpreter.h) supplies them.
 *
 * Errors. Recording cannot crash. An op that is given something wrong returns
 * an invalid var, which every later op passes on, and the first error stays
 * on the tape with the op, the shapes and the names involved. One check of
 * gt_tape_status after recording is enough.
 *
 * Ownership. A tape owns its nodes, its names and the bodies of its scans. A
 * gt_var is a small value that refers to its tape and must not outlive it.
 *
 * Threads. A tape may be used by one thread at a time; different tapes are
 * independent.
 */
#ifndef GRADTAPE_TAPE_H
#define GRADTAPE_TAPE_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_tape gt_tape;
typedef struct gt_op gt_op;

/* One value on a tape. Zero-initialised it is GT_NONE, the invalid var. */
typedef struct gt_var {
    gt_tape *tape;
    uint32_t index; /* 1-based; 0 is invalid */
} gt_var;

#ifdef __cplusplus
#define GT_NONE (gt_var{NULL, 0u})
#else
#define GT_NONE ((gt_var){NULL, 0u})
#endif

typedef struct gt_tape_options {
    gt_dtype dtype; /* GT_F64 (the default) or GT_F32: the type of every real number on the tape */
} gt_tape_options;

/* NULL options mean the defaults. NULL is returned if there is no memory. */
GT_API gt_tape *gt_tape_new(const gt_tape_options *options);
/* Frees the tape with the bodies of its scans. NULL is allowed. */
GT_API void gt_tape_free(gt_tape *tape);

/* The first error, or GT_OK. A NULL tape gives GT_ERROR_MEMORY, as gt_tape_new leaves it. */
GT_API gt_status gt_tape_status(const gt_tape *tape);
/* The first error in words; "" if there is none. It lives as long as the tape. */
GT_API const char *gt_tape_message(const gt_tape *tape);
/* Puts an error of the caller's own on the tape, unless there is one already. */
GT_API void gt_tape_fail(gt_tape *tape, gt_status status, const char *format, ...) GT_PRINTF(3, 4);
/*
 * Forgets the error, on the tape and on those around it, so that recording goes
 * on: what was recorded before it is as it was, what failed is not there. For
 * those who look at every result at once, such as an interactive user whose
 * mistake was a wrong shape; a scan that could not be ended stays unusable.
 */
GT_API void gt_tape_recover(gt_tape *tape);

GT_API gt_dtype gt_tape_dtype(const gt_tape *tape);
GT_API uint32_t gt_tape_node_count(const gt_tape *tape);
/* Bytes in use for nodes alone and for everything (edges, attributes, names, bodies of scans). */
GT_API size_t gt_tape_node_bytes(const gt_tape *tape);
GT_API size_t gt_tape_total_bytes(const gt_tape *tape);

/* ---- leaves -------------------------------------------------------------------------------- */

/* What an input node stands for. It changes how it is drawn and reported, never what is computed. */
typedef enum gt_role { GT_ROLE_NONE = 0, GT_ROLE_INPUT, GT_ROLE_PARAMETER, GT_ROLE_STATE } gt_role;

/* A value supplied when the tape is run, in the tape's type. The name is copied. */
GT_API gt_var gt_input(gt_tape *tape, const char *name, gt_shape shape);
/* The same of whole numbers, GT_I32: indices, labels, keys. */
GT_API gt_var gt_input_i32(gt_tape *tape, const char *name, gt_shape shape);
/* The same in a type that the caller names; any but the tape's own and GT_I32 is an error. */
GT_API gt_var gt_input_of(gt_tape *tape, const char *name, gt_dtype dtype, gt_shape shape);
/* As gt_input, marked as a parameter or as an initial state. */
GT_API gt_var gt_parameter(gt_tape *tape, const char *name, gt_shape shape);
GT_API gt_var gt_state(gt_tape *tape, const char *name, gt_shape shape);
/* A scalar constant. Equal constants of a tape are one node. */
GT_API gt_var gt_constant(gt_tape *tape, double value);
/* An array filled with one number. */
GT_API gt_var gt_fill(gt_tape *tape, gt_shape shape, double value);

/* ---- names and places ---------------------------------------------------------------------- */

/* Gives v a name for messages and pictures (copied) and returns v. */
GT_API gt_var gt_name(gt_var v, const char *name);
/* Marks the nodes recorded from now on as belonging to time step `step` (from 0); -1 ends it. */
GT_API void gt_tape_set_step(gt_tape *tape, int32_t step);
/* Marks the nodes recorded from now on as part of `scope`, "layer 1" for example; NULL ends it. */
GT_API void gt_tape_set_scope(gt_tape *tape, const char *scope);

/* ---- looking at a tape --------------------------------------------------------------------- */

GT_API bool gt_var_valid(gt_var v);
GT_API gt_shape gt_var_shape(gt_var v); /* an invalid shape (rank -1) for an invalid var */
GT_API gt_dtype gt_var_dtype(gt_var v);
GT_API gt_role gt_var_role(gt_var v);
GT_API const char *gt_var_name(gt_var v);  /* "" if it has none */
GT_API const char *gt_var_scope(gt_var v); /* "" if it has none */
GT_API int32_t gt_var_step(gt_var v);      /* -1 if it has none */
GT_API const gt_op *gt_var_op(gt_var v);   /* NULL for an invalid var */
GT_API uint32_t gt_var_input_count(gt_var v);
GT_API gt_var gt_var_input(gt_var v, uint32_t slot); /* GT_NONE if there is no such slot */
GT_API uint32_t gt_var_attribute_count(gt_var v);
GT_API int64_t gt_var_attribute(gt_var v, uint32_t place); /* 0 if there is no such place */
/*
 * The forward node whose reverse rule recorded v, or GT_NONE if v is no part
 * of a reverse replay. *slot (may be NULL) becomes the input slot of that
 * node to whose adjoint v contributes; -1 if v serves several slots.
 */
GT_API gt_var gt_var_origin(gt_var v, int32_t *slot);
/*
 * Room for a list of `count` vars, all GT_NONE: for a loop over time that
 * collects one var per step. It belongs to the tape. NULL on an error, which is
 * then on the tape.
 */
GT_API gt_var *gt_tape_vars(gt_tape *tape, int64_t count);
/* The i-th node of the tape, i from 0: gt_tape_var(t, i).index == i + 1. */
GT_API gt_var gt_tape_var(gt_tape *tape, uint32_t i);

#ifdef __cplusplus
}
#endif
#endif
