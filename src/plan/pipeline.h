/* The passes in their order. */
#ifndef GT_PLAN_PIPELINE_H
#define GT_PLAN_PIPELINE_H

#include "gradtape/plan.h"
#include "plan/rewrite/copy.h"

typedef struct gt_pass {
    const char *name;
    const gt_rewrite *rewrite; /* NULL: it is a choice of the lowering */
    bool exact;                /* changes no bit of any value */
    uint32_t choice;           /* of a choice: GT_CHOICE_...; otherwise 0 */
    uint32_t cut;              /* it makes so many cuts, and is left out where fewer are wanted */
} gt_pass;

/* The passes that a program goes through, in order; some stand more than once. Ends with a NULL name. */
extern const gt_pass gt_pipeline[];

/* Someone who wants to know what the passes do. */
typedef struct gt_pipeline_watch {
    /* After each pass that is not left out; `before` is freed afterwards. */
    void (*after_pass)(void *context, const char *pass, const gt_program *before, const gt_program *after);
    void *context;
} gt_pipeline_watch;

/*
 * Copies what `outputs` need into a program of its own and takes it through the
 * passes that `options` (may be NULL) does not leave out. program->inputs is
 * parallel to the input nodes of the outputs' tape in their order. Returns the
 * status; on an error *program is empty and `error` says why.
 */
gt_status gt_pipeline_run(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                          gt_program *program, gt_error *error);
/*
 * The same with loops cut into segments (NULL: none), and watched; gradients without a name get one,
 * as plan/name.h says. watch may be NULL.
 */
gt_status gt_pipeline_run_watched(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                                  const gt_segments *segments, const gt_pipeline_watch *watch, gt_program *program,
                                  gt_error *error);

#endif
