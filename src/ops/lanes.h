/*
 * What an element-by-element op does to one entry, written as instructions that
 * every vector processor has. A plan strings the instructions of a whole run
 * together and compiles them to one loop (native/compile.h), so that what passes
 * between the ops of a run stays in registers.
 *
 * The instructions of an op give the bits of its fast kernel at the levels that
 * multiply and add in one rounding (AVX2 and AVX-512); a test compares them.
 *
 * A value is the number of the instruction that makes it; 0 is none. Recording
 * cannot fail halfway: without memory the list is marked, and used no further.
 */
#ifndef GT_OPS_LANES_H
#define GT_OPS_LANES_H

#include "gradtape/op.h"

typedef uint32_t gt_lane;

typedef enum gt_lane_kind {
    GT_LANE_INPUT,    /* an entry of array `slot` */
    GT_LANE_CONSTANT, /* `bits` */
    GT_LANE_ADD,
    GT_LANE_SUB,
    GT_LANE_MUL,
    GT_LANE_DIV,
    GT_LANE_FUSED,   /* a * b + c in one rounding */
    GT_LANE_LESSER,  /* a < b ? a : b, so b if either is NaN */
    GT_LANE_GREATER, /* a > b ? a : b, so b if either is NaN */
    GT_LANE_SQRT,
    GT_LANE_AND, /* of bits */
    GT_LANE_OR,
    GT_LANE_XOR,
    GT_LANE_ADD_BITS,    /* as whole numbers of the entry's width, wrapping */
    GT_LANE_SHIFT_LEFT,  /* of bits, by `bits` places */
    GT_LANE_SHIFT_RIGHT, /* filling with zeros */
    GT_LANE_SELECT,      /* a PREDICATE b ? c : d */
    GT_LANE_OUTPUT,      /* a becomes an entry of array `slot` */
    GT_LANE_SUM,         /* a (times b, unless b is 0) is added to the sum in array `slot`, one for each column */
    GT_LANE_KINDS
} gt_lane_kind;

/* Of comparisons; a NaN is equal to nothing, and neither less nor greater. */
typedef enum gt_lane_predicate {
    GT_LANE_EQUAL,
    GT_LANE_NOT_EQUAL,
    GT_LANE_LESS,
    GT_LANE_LESS_EQUAL,
    GT_LANE_GREATER_THAN,
    GT_LANE_GREATER_EQUAL
} gt_lane_predicate;

typedef struct gt_lane_instruction {
    gt_lane_kind kind;
    gt_lane_predicate predicate;
    gt_lane operands[4]; /* a, b, c, d; 0 where there is none */
    uint32_t slot;
    uint64_t bits;
} gt_lane_instruction;

struct gt_lanes {
    gt_dtype dtype;            /* GT_F32 or GT_F64 */
    gt_lane_instruction *list; /* number n at list[n]; list[0] is not used */
    uint32_t count;            /* the numbers are less than this */
    uint32_t capacity;
    bool failed; /* there was no memory */
};

void gt_lanes_init(gt_lanes *lanes, gt_dtype dtype);
void gt_lanes_free(gt_lanes *lanes);

/* Any instruction, as it is. */
gt_lane gt_lanes_append(gt_lanes *lanes, gt_lane_instruction instruction);
gt_lane gt_lanes_input(gt_lanes *lanes, uint32_t slot);
void gt_lanes_output(gt_lanes *lanes, gt_lane a, uint32_t slot);
/* Adds a, or a * b if b is not 0. */
void gt_lanes_sum(gt_lanes *lanes, gt_lane a, gt_lane b, uint32_t slot);
/* The number in the type of the list; the same number again is the same value. */
gt_lane gt_lanes_number(gt_lanes *lanes, double value);
/* The bits of an entry, in float the low 32. */
gt_lane gt_lanes_bits(gt_lanes *lanes, uint64_t bits);
gt_lane gt_lanes_unary(gt_lanes *lanes, gt_lane_kind kind, gt_lane a);
gt_lane gt_lanes_binary(gt_lanes *lanes, gt_lane_kind kind, gt_lane a, gt_lane b);
gt_lane gt_lanes_shift(gt_lanes *lanes, gt_lane_kind kind, gt_lane a, uint32_t places);
gt_lane gt_lanes_fused(gt_lanes *lanes, gt_lane a, gt_lane b, gt_lane c);
gt_lane gt_lanes_select(gt_lanes *lanes, gt_lane_predicate predicate, gt_lane a, gt_lane b, gt_lane c, gt_lane d);

/* A number's bits in that type. */
uint64_t gt_bits_of_number(gt_dtype dtype, double value);

#endif
