#include "lang/chain.h"

#include <string.h>

void gt_lang_deepen(gt_lang_expression *node, const gt_lang_expression *child)
{
    bool same_chain = node->kind == GT_LANG_BINARY && child->kind == GT_LANG_BINARY && node->arguments[0] == child;
    uint32_t depth = same_chain ? child->depth : child->depth + 1;
    if (depth > node->depth)
        node->depth = depth;
}

/* A power of two. */
static uint32_t capacity_of(uint32_t length)
{
    uint32_t capacity = 4;
    while (capacity < length)
        capacity *= 2;
    return capacity;
}

bool gt_lang_enchain(gt_pool *pool, gt_lang_expression *node)
{
    const gt_lang_expression *left = node->arguments[0];
    uint32_t before = left->kind == GT_LANG_BINARY ? left->chain_length : 0;
    node->chain = before > 0 ? left->chain : NULL;
    node->chain_length = before + 1;
    /* No room behind the chain of the left operand, or another operator was put there. */
    if (node->chain == NULL || before == capacity_of(before) || node->chain[before] != NULL) {
        node->chain = gt_pool_new(pool, capacity_of(before + 1), sizeof *node->chain);
        if (node->chain == NULL)
            return false;
        if (before > 0)
            memcpy(node->chain, left->chain, before * sizeof *node->chain);
    }
    node->chain[before] = node;
    return true;
}

uint32_t gt_lang_height(const gt_lang_expression *expression)
{
    uint32_t height = 1;
    for (uint32_t i = 0; i < gt_lang_operand_count(expression); i++) {
        uint32_t above = expression->kind != GT_LANG_BINARY ? 1 : expression->chain_length - (i > 0 ? i - 1 : 0);
        uint32_t through = above + gt_lang_height(gt_lang_operand(expression, i));
        height = through > height ? through : height;
    }
    return height;
}
