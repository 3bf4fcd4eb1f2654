/*
 * Sums of products.
 *
 * Products that nothing but one addition reads add to one output, one after the
 * other, and the additions need no pass of their own. A sum of products and
 * something else, its addend, starts at that where it is in memory by then.
 */
#include "plan/order/ordering.h"

#include "ops/descriptors.h"

typedef struct finding {
    const gt_level *level;
    gt_sums *sums;
} finding;

static const gt_node *node_at(const finding *f, uint32_t index)
{
    return gt_tape_node(f->level->tape, index);
}

static gt_shape shape_at(const finding *f, uint32_t index)
{
    return gt_node_shape(f->level->tape, node_at(f, index));
}

/* A product, or a sum of products, that nothing but one addition reads. */
static bool is_term(const finding *f, uint32_t index)
{
    bool product = node_at(f, index)->op == &gt_op_matmul;
    return gt_uses_count(f->level->uses, index) == 1 && (product || f->sums->of[index] == index);
}

static bool is_addition(const finding *f, uint32_t index)
{
    const gt_node *node = node_at(f, index);
    const uint32_t *inputs = gt_node_inputs(f->level->tape, node);
    return f->level->wanted[index] && node->op == &gt_op_add && inputs[0] != inputs[1];
}

static void find_plain(finding *f)
{
    for (uint32_t i = 1; i <= f->level->count; i++) {
        if (!is_addition(f, i))
            continue;
        const uint32_t *inputs = gt_node_inputs(f->level->tape, node_at(f, i));
        bool alike = gt_shape_equal(shape_at(f, inputs[0]), shape_at(f, inputs[1]));
        if (alike && is_term(f, inputs[0]) && is_term(f, inputs[1]))
            f->sums->of[i] = f->sums->of[inputs[0]] = f->sums->of[inputs[1]] = i;
    }
}

/* Of the result's shape, or one column that is added to all. */
static bool can_be_addend(gt_shape addend, gt_shape result)
{
    gt_walk walk;
    return gt_level_walk(addend, result, &walk) && addend.size[0] == result.size[0] && walk != GT_WALK_ROW;
}

/* Sums that nothing is added to but an addend: what they are terms of is no sum of products. */
static void find_started(finding *f)
{
    for (uint32_t i = 1; i <= f->level->count; i++) {
        if (!is_addition(f, i) || f->sums->of[i] != 0)
            continue;
        const uint32_t *inputs = gt_node_inputs(f->level->tape, node_at(f, i));
        for (int k = 0; k < 2 && f->sums->of[i] == 0; k++) {
            uint32_t term = inputs[k], other = inputs[1 - k];
            if (!is_term(f, term) || f->sums->addend[term] != 0 || !gt_shape_equal(shape_at(f, term), shape_at(f, i)) ||
                !can_be_addend(shape_at(f, other), shape_at(f, i)))
                continue;
            f->sums->of[i] = f->sums->of[term] = i;
            f->sums->addend[i] = other;
        }
    }
}

/* A term belongs to the largest sum around it. */
static void link_terms(finding *f)
{
    gt_sums *sums = f->sums;
    for (uint32_t i = f->level->count; i >= 1; i--)
        if (sums->of[i] != 0 && sums->of[sums->of[i]] != sums->of[i])
            sums->of[i] = sums->of[sums->of[i]];
    for (uint32_t i = f->level->count; i >= 1; i--) {
        sums->next[i] = sums->first[sums->of[i]];
        sums->first[sums->of[i]] = i;
    }
}

bool gt_order_find_sums(gt_lowering *lowering, const gt_level *level, gt_sums *sums)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = (size_t)level->count + 1;
    finding f = {level, sums};
    sums->of = gt_pool_new(pool, count, sizeof *sums->of);
    sums->first = gt_pool_new(pool, count, sizeof *sums->first);
    sums->next = gt_pool_new(pool, count, sizeof *sums->next);
    sums->addend = gt_pool_new(pool, count, sizeof *sums->addend);
    if (sums->of == NULL || sums->first == NULL || sums->next == NULL || sums->addend == NULL)
        return false;
    if (lowering->code->exact)
        return true;
    find_plain(&f);
    if (gt_lower_chooses(lowering, GT_CHOICE_START_SUMS))
        find_started(&f);
    link_terms(&f);
    return true;
}
