/* The passes in their order. */
#ifndef GT_PLAN_PIPELINE_H
#define GT_PLAN_PIPELINE_H

#include "plan/copy.h"

typedef struct gt_pass {
    const char *name;
    const gt_rewrite *rewrite;
} gt_pass;

/* The passes that a program goes through, in order; some stand more than once. Ends with a NULL name. */
extern const gt_pass gt_pipeline[];

/*
 * Copies what `outputs` need into a program of its own and takes it through the
 * passes whose names `skip` (may be NULL) does not contain. program->inputs is
 * parallel to the input nodes of the outputs' tape in their order. Returns the
 * status; on an error *program is empty and `error` says why.
 */
gt_status gt_pipeline_run(const gt_var *outputs, uint32_t output_count, const char *const *skip,
                          gt_program *program, gt_error *error);

#endif
