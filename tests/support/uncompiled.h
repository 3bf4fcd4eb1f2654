/* Runs of a plan that go op by op where they could be compiled loops. */
#ifndef TESTS_SUPPORT_UNCOMPILED_H
#define TESTS_SUPPORT_UNCOMPILED_H

#include "plan/plan.h"

/* Those of the whole program whose steps are not all compiled, though they have rules for lanes. */
static inline uint32_t count_uncompiled(const gt_block *block)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        const gt_group *group = gt_group_of(&block->list[i]);
        bool lanes = group != NULL && group->dtype != GT_I32;
        for (uint32_t k = 0; lanes && k < group->step_count; k++)
            lanes = group->steps[k].op->lanes != NULL || group->strips;
        count += loop != NULL ? count_uncompiled(&loop->body) : lanes && group->spans == NULL;
    }
    return count;
}

/* Can loops be compiled on this machine? */
static inline bool can_compile(void)
{
    bool avx512;
    return gt_compile_possible(&avx512);
}

#endif
