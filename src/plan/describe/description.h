/* What a plan is, in words, and what one run of it costs. */
#ifndef GT_PLAN_DESCRIPTION_H
#define GT_PLAN_DESCRIPTION_H

#include "gradtape/plan.h"

/* What one run of a plan does; counts, not measurements. */
typedef struct gt_plan_cost {
    double product_flops;   /* multiplications and additions of matrix products */
    double other_flops;     /* one for each entry that an op computes, tanh and + alike */
    double bytes;           /* read from and written to arrays in memory; what stays in a tile is not counted */
    size_t workspace_bytes; /* of memory for numbers that a workspace takes, all parts together */
    size_t input_bytes;     /* of the arrays that the user binds */
} gt_plan_cost;

void gt_plan_find_cost(const gt_plan *plan, gt_plan_cost *cost);

/*
 * A plan in words: what the passes did, and the program line by line, with the
 * names of vars. A value without a name is "t1", "t2" and so on where one line
 * refers to another. A gradient is called after what it is the gradient of: "df" of
 * f; "d(f.in)" of the argument of the op that gives f.
 */
typedef struct gt_plan_description gt_plan_description;

typedef enum gt_plan_line_kind {
    GT_PLAN_LOOP,     /* its lines follow, one level deeper, up to the next line that is not */
    GT_PLAN_PRODUCT,  /* a matrix product */
    GT_PLAN_PACKING,  /* a matrix is copied into the order in which products read it */
    GT_PLAN_RUN,      /* element-by-element ops done together, tile by tile; its steps follow, one level deeper */
    GT_PLAN_RUN_STEP, /* one of them */
    GT_PLAN_KERNEL,   /* an op by itself */
    GT_PLAN_COPY      /* a value is moved: it could not be made where it has to be */
} gt_plan_line_kind;

typedef struct gt_plan_line {
    gt_plan_line_kind kind;
    uint32_t depth;
    double times;        /* how often one run of the plan does it */
    double flops, bytes; /* each time; of a loop and of a run, what is in it is on the lines that follow */
    double stored;       /* bytes of the result, if it is stored each time; 0 if the next one takes its place */
    gt_shape shape;      /* of the result; of a run, of its results */
    const char *result;  /* "f"; "" for a loop and a run */
    const char *text;    /* "sigmoid(t3)"; of a loop its steps, of a run what it reads */
    const char *detail;  /* sizes, where the result is kept; "" if there is nothing to say */
} gt_plan_line;

typedef struct gt_plan_change {
    const char *pass;
    const char *text; /* "12 products in loops become 8" */
    /*
     * The tape after the pass, a line for each node, "%7 h' = tanh(%6)  (5, 10) f64", and the body of
     * a scan behind it, further in; "" unless they were asked for.
     */
    const char *program;
} gt_plan_change;

/* Plans as gt_plan_new does; `programs`: every change with its tape. NULL on an error. */
gt_plan_description *gt_plan_describe(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                                      bool programs, gt_error *error);
void gt_plan_description_free(gt_plan_description *description); /* NULL is allowed */
/* What is pointed to belongs to the description. NULL past the end. */
const gt_plan_line *gt_plan_description_line(const gt_plan_description *description, uint32_t i);
const gt_plan_change *gt_plan_description_change(const gt_plan_description *description, uint32_t i);
/* The plan that is described; it can be run. */
const gt_plan *gt_plan_description_plan(const gt_plan_description *description);

#endif
