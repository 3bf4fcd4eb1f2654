/*
 * Pairs of arithmetic in a group become one step where nothing else reads the first
 * of the two: what they cost is loads and stores, and there are fewer of them.
 * The bits stay.
 */
#include "plan/code/code.h"

#include "ops/descriptors.h"
#include "ops/fused.h"

#include <string.h>

typedef struct fusion {
    gt_group *group;
    uint32_t *uses;     /* of each step, by steps */
    uint8_t *gone;      /* each step: it is part of another one */
    uint32_t *position; /* of each step, when those that are gone are left out */
} fusion;

static gt_group_step *step_at(const fusion *f, uint32_t reg)
{
    return reg < f->group->source_count ? NULL : &f->group->steps[reg - f->group->source_count];
}

/* Memory that a source is read from is written over by a step in between. */
static bool is_overwritten(const fusion *f, uint32_t reg, uint32_t from, uint32_t to)
{
    if (reg >= f->group->source_count)
        return false;
    const gt_address *read = &f->group->sources[reg].operand.address;
    for (uint32_t k = from + 1; k < to; k++) {
        if (f->group->steps[k].written && gt_same_address(read, &f->group->steps[k].output.address))
            return true;
    }
    return false;
}

/* The op that does input n of step k and the step itself; NULL if they stay apart. */
static const gt_op *fused_op(const fusion *f, uint32_t k, uint32_t n)
{
    const gt_group_step *second = &f->group->steps[k], *first = step_at(f, second->inputs[n]);
    if (first == NULL || first->written || first->rows != second->rows || first->input_count != 2 ||
        second->input_count != 2)
        return NULL;
    uint32_t position = second->inputs[n] - f->group->source_count;
    if (f->uses[position] != 1 || is_overwritten(f, first->inputs[0], position, k) ||
        is_overwritten(f, first->inputs[1], position, k))
        return NULL;
    return gt_op_fused(first->op, second->op, n == 1);
}

static void fuse(fusion *f, uint32_t k, uint32_t n, const gt_op *op)
{
    gt_group_step *second = &f->group->steps[k];
    const gt_group_step *first = step_at(f, second->inputs[n]);
    f->gone[second->inputs[n] - f->group->source_count] = 1;
    second->op = op;
    second->inputs[2] = second->inputs[1 - n];
    second->inputs[0] = first->inputs[0];
    second->inputs[1] = first->inputs[1];
    second->input_count = 3;
}

static bool is_whole(const fusion *f, uint32_t reg, int64_t rows)
{
    const gt_group_step *step = step_at(f, reg);
    const gt_source *source = step == NULL ? &f->group->sources[reg] : NULL;
    return step != NULL ? step->rows == rows : source->walk == GT_WALK_FLAT && source->operand.shape.size[0] == rows;
}

/* A sum of the products of two matrices need not write them. */
static void fuse_into_sum(fusion *f, uint32_t k)
{
    gt_group_step *sum = &f->group->steps[k];
    const gt_group_step *product = step_at(f, sum->inputs[0]);
    if (product == NULL || product->op != &gt_op_mul || product->written || product->input_count != 2)
        return;
    uint32_t position = sum->inputs[0] - f->group->source_count;
    for (uint32_t n = 0; n < 2; n++)
        if (!is_whole(f, product->inputs[n], product->rows) || is_overwritten(f, product->inputs[n], position, k))
            return;
    if (f->uses[position] != 1)
        return;
    f->gone[position] = 1;
    sum->inputs[0] = product->inputs[0];
    sum->inputs[1] = product->inputs[1];
    sum->input_count = 2;
}

static void fuse_all(fusion *f)
{
    gt_group *group = f->group;
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++)
            if (group->steps[k].inputs[n] >= group->source_count)
                f->uses[group->steps[k].inputs[n] - group->source_count]++;
    for (uint32_t k = 0; k < group->step_count; k++) {
        if (group->steps[k].kind == GT_STEP_SUM)
            fuse_into_sum(f, k);
        bool fused = group->steps[k].kind != GT_STEP_ENTRIES || group->steps[k].input_count != 2;
        for (uint32_t n = 0; n < 2 && !fused; n++) {
            const gt_op *op = fused_op(f, k, n);
            fused = op != NULL;
            if (fused)
                fuse(f, k, n, op);
        }
    }
}

static void leave_out(fusion *f)
{
    gt_group *group = f->group;
    uint32_t count = 0;
    for (uint32_t k = 0; k < group->step_count; k++) {
        f->position[k] = count;
        if (f->gone[k])
            continue;
        gt_group_step step = group->steps[k];
        for (uint32_t n = 0; n < step.input_count; n++)
            if (step.inputs[n] >= group->source_count)
                step.inputs[n] = group->source_count + f->position[step.inputs[n] - group->source_count];
        group->steps[count++] = step;
    }
    group->step_count = count;
}

bool gt_code_keep_ops(gt_lowering *lowering, gt_group *group)
{
    group->ops = gt_pool_new(lowering->pool, group->step_count, sizeof *group->ops);
    if (group->ops == NULL)
        return false;
    memcpy(group->ops, group->steps, group->step_count * sizeof *group->ops);
    group->op_count = group->step_count;
    return true;
}

bool gt_code_fuse(gt_lowering *lowering, gt_group *group)
{
    if (lowering->code->exact || !gt_lower_chooses(lowering, GT_CHOICE_FUSE_STEPS))
        return true;
    fusion f = {.group = group};
    f.uses = gt_pool_new(&lowering->scratch, group->step_count, sizeof *f.uses);
    f.gone = gt_pool_new(&lowering->scratch, group->step_count, sizeof *f.gone);
    f.position = gt_pool_new(&lowering->scratch, group->step_count, sizeof *f.position);
    if (f.uses == NULL || f.gone == NULL || f.position == NULL)
        return false;
    fuse_all(&f);
    leave_out(&f);
    return true;
}
