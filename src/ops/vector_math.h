/*
 * exp, log, tanh and their kin without branches and calls, so that a loop over
 * them becomes vector instructions: one lane of a vector each. In an expression
 * of GT_FAST_UNARY_KERNELS, gt_lane_tanh(x) is the one of x's type. The greatest
 * errors, measured over all floats and over billions of doubles, are in
 * docs/performance-history.md; they hold at every level of the processor.
 *
 * All give NaN for NaN, are right at infinities, keep the sign of zero where the
 * function does, and neither take nor give denormals for zero.
 *
 * `fused` is a constant where these are inlined: whether the processor
 * multiplies and adds with one rounding.
 */
#ifndef GT_OPS_VECTOR_MATH_H
#define GT_OPS_VECTOR_MATH_H

#include "ops/levels.h"

#include <float.h>
#include <math.h>

#include "ops/vector_math_f32.h"
#include "ops/vector_math_f64.h"

/* The functions of both types, of which only the constants and polynomials differ; here as C. */
#define GT_PASTE_(NAME, SUFFIX) gt_lane_##NAME##_##SUFFIX
#define GT_PASTE(NAME, SUFFIX) GT_PASTE_(NAME, SUFFIX)

#define CONTEXT const bool fused __attribute__((unused))
#define IN fused
#define FUNCTION GT_LANE
#define NUMBER(VALUE) ((REAL)(VALUE))
#define WORD(VALUE) ((BITS)(VALUE))
#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))
#define FMA(a, b, c) LANE(fma)((a), (b), (c), fused)
#define LESSER(a, b) ((a) < (b) ? (a) : (b))
#define GREATER(a, b) ((a) > (b) ? (a) : (b))
#define COMPARED_LESS <
#define COMPARED_GREATER_THAN >
#define COMPARED_EQUAL ==
#define SELECT(PREDICATE, a, b, c, d) ((a)COMPARED_##PREDICATE(b) ? (c) : (d))
#define AS_BITS(x) LANE(bits)(x)
#define AS_REAL(x) LANE(real)(x)
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define ADD_BITS(a, b) ((a) + (b))
#define SHIFT_LEFT(a, places) ((a) << (places))
#define SHIFT_RIGHT(a, places) ((a) >> (places))

#define REAL float
#define BITS uint32_t
#define LANE(NAME) GT_PASTE(NAME, f32)
#define LIMIT(NAME) GT_##NAME##_F32
#include "ops/vector_math_functions.h"
#undef REAL
#undef BITS
#undef LANE
#undef LIMIT

#define REAL double
#define BITS uint64_t
#define LANE(NAME) GT_PASTE(NAME, f64)
#define LIMIT(NAME) GT_##NAME##_F64
#include "ops/vector_math_functions.h"
#undef REAL
#undef BITS
#undef LANE
#undef LIMIT

#undef CONTEXT
#undef IN
#undef FUNCTION
#undef NUMBER
#undef WORD
#undef ADD
#undef SUB
#undef MUL
#undef DIV
#undef FMA
#undef LESSER
#undef GREATER
#undef COMPARED_LESS
#undef COMPARED_GREATER_THAN
#undef COMPARED_EQUAL
#undef SELECT
#undef AS_BITS
#undef AS_REAL
#undef AND
#undef OR
#undef ADD_BITS
#undef SHIFT_LEFT
#undef SHIFT_RIGHT

#include "ops/vector_trigonometry.h"

#define GT_LANE_CALL(NAME, x) _Generic((x), float : gt_lane_##NAME##_f32, double : gt_lane_##NAME##_f64)((x), fused)
#define gt_lane_exp(x) GT_LANE_CALL(exp, x)
#define gt_lane_log(x) GT_LANE_CALL(log, x)
#define gt_lane_tanh(x) GT_LANE_CALL(tanh, x)
#define gt_lane_sigmoid(x) GT_LANE_CALL(sigmoid, x)
#define gt_lane_softplus(x) GT_LANE_CALL(softplus, x)
#define gt_lane_sin(x) GT_LANE_CALL(sin, x)
#define gt_lane_cos(x) GT_LANE_CALL(cos, x)

#endif
