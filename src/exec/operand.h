/* Where the arrays of code are: addresses that are known but for a base and the steps of the loops around them. */
#ifndef GT_EXEC_OPERAND_H
#define GT_EXEC_OPERAND_H

#include "gradtape/tape.h"

/* Loops nest at most this deep, since an array has at most four axes. */
#define GT_MAX_LOOPS 4

typedef enum gt_base {
    GT_BASE_ARENA,  /* the workspace */
    GT_BASE_REGION, /* the thread's own memory for values within one step of a loop that it may have a part of */
    GT_BASE_INPUT,  /* the user's array number `index` */
    GT_BASE_OUTPUT, /* the user's memory for output number `index` */
    GT_BASE_POINTER /* what entry `index` of the machine's table points at: it changes from step to step */
} gt_base;

/* base + offset + the sum over the loops around it of step[depth] * t[depth], all in bytes. */
typedef struct gt_address {
    gt_base base;
    uint32_t index;
    size_t offset;
    size_t step[GT_MAX_LOOPS];
} gt_address;

typedef struct gt_operand {
    gt_address address;
    gt_dtype dtype;
    gt_shape shape;
    gt_var var;   /* whose value it is, on a tape of the program, for descriptions; GT_NONE: the plan's own */
    size_t reach; /* bytes from its place at the first steps of the loops around it to that at the last ones */
} gt_operand;

/* They go on alike from step to step of the loops around them. */
static inline bool gt_same_steps(const gt_address *a, const gt_address *b)
{
    bool same = true;
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        same &= a->step[depth] == b->step[depth];
    return same;
}

/* The same memory, at every step of the loops around it. */
static inline bool gt_same_address(const gt_address *a, const gt_address *b)
{
    return a->base == b->base && a->index == b->index && a->offset == b->offset && gt_same_steps(a, b);
}

static inline size_t gt_operand_bytes(const gt_operand *o)
{
    return (size_t)gt_shape_count(o->shape) * gt_dtype_size(o->dtype);
}

#endif
