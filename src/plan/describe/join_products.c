/* Joining products that can be done as one. */
#include "plan/describe/bound.h"
#include "plan/describe/find_products.h"

static bool alike(const gt_found_product *a, const gt_found_product *b)
{
    return a->tape == b->tape && a->product.dtype == b->product.dtype && a->product.times == b->product.times &&
           a->product.left_fixed == b->product.left_fixed && a->product.right_fixed == b->product.right_fixed &&
           a->product.left_transposed == b->product.left_transposed &&
           a->product.right_transposed == b->product.right_transposed && a->product.columns == b->product.columns;
}

/* One right operand, and none of the two waits for the other. */
static bool can_stack(const gt_found_product *a, const gt_found_product *b)
{
    return alike(a, b) && a->right == b->right && a->wave == b->wave && a->product.inner == b->product.inner;
}

/* Terms of one sum: nothing else reads them, so none of the two waits for the other. */
static bool can_add(const gt_found_product *a, const gt_found_product *b)
{
    return alike(a, b) && a->sum == b->sum && a->product.rows == b->product.rows;
}

static void join_all(gt_found_products *found, gt_join join,
                     bool (*can)(const gt_found_product *, const gt_found_product *))
{
    for (uint32_t i = 0; i < found->count; i++) {
        gt_found_product *first = &found->list[i];
        for (uint32_t k = i + 1; k < found->count && (first->joined == GT_JOIN_NONE || first->whole == i); k++) {
            gt_found_product *other = &found->list[k];
            if (other->joined != GT_JOIN_NONE || (first->joined != GT_JOIN_NONE && first->joined != join) ||
                !can(first, other))
                continue;
            other->whole = i;
            first->joined = other->joined = join;
        }
    }
}

void gt_join_products(gt_found_products *found)
{
    join_all(found, GT_JOIN_STACKED, can_stack);
    join_all(found, GT_JOIN_ADDED, can_add);
    for (uint32_t k = 0; k < found->count; k++) {
        const gt_found_product *part = &found->list[k];
        gt_bound_product *whole = &found->list[part->whole].product;
        if (part->whole != k && part->joined == GT_JOIN_STACKED)
            whole->rows += part->product.rows;
        else if (part->whole != k)
            whole->inner += part->product.inner;
    }
}
