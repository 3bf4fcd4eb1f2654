/* Faults of products and of what is packed for them. */
#include "plan/verify/verify_parts.h"

/* A matrix like the output, perhaps that itself, or one column, of which nothing may be written over. */
static bool check_addend(gt_code_check *c, const gt_multiplication *m)
{
    if (!m->has_addend)
        return true;
    const gt_product *p = &m->product;
    int64_t count = m->addend_leading == 0 ? p->rows : p->rows * p->columns;
    bool fits = !p->accumulate && (m->addend_leading == 0 || m->addend_leading == p->rows) &&
                gt_shape_count(m->addend.shape) == count && m->addend.dtype == m->output.dtype;
    bool in_place = m->addend_leading == p->rows && gt_verify_same_place(&m->output, &m->addend);
    return gt_verify_read(c, &m->addend, "the addend of a product") &&
           gt_verify_that(c, fits, "the addend of a product", "does not fit it") &&
           gt_verify_that(c, in_place || gt_verify_apart(&m->output, &m->addend), "a product",
                          "is written over a part of its addend");
}

/* As many numbers as left has rows, of a left operand whose rows can be added up where they lie. */
static bool check_left_sums(gt_code_check *c, const gt_multiplication *m)
{
    const gt_operand *sums = &m->left_sums;
    if (!m->has_left_sums)
        return true;
    bool fits = m->left_layout == GT_PRODUCT_PLAIN && gt_shape_count(sums->shape) == m->product.rows &&
                sums->dtype == m->left.dtype;
    bool apart = gt_verify_apart(sums, &m->left) && gt_verify_apart(sums, &m->right) &&
                 gt_verify_apart(sums, &m->output) && (!m->has_addend || gt_verify_apart(sums, &m->addend));
    return gt_verify_written(c, sums, "the sums of rows of a product") &&
           gt_verify_that(c, fits, "the sums of rows of a product", "do not fit it") &&
           gt_verify_that(c, apart, "the sums of rows of a product", "are written over what it reads or writes");
}

bool gt_verify_multiplication(gt_code_check *c, const gt_multiplication *m)
{
    gt_operand left = m->left;
    bool packed = m->left_layout == GT_PRODUCT_PACKED;
    size_t bytes =
        packed ? gt_product_left_size(m->product.kernels, m->product.rows, m->product.inner) : gt_operand_bytes(&left);
    if (!gt_verify_address(c, &left.address, bytes, "the left operand of a product") ||
        !gt_verify_read(c, &m->right, "the right operand of a product") ||
        !gt_verify_written(c, &m->output, "a product"))
        return false;
    bool apart = gt_verify_apart(&m->output, &m->right) && gt_verify_apart(&m->output, &left);
    return gt_verify_that(c, apart, "a product", "is written over one of its operands") && check_addend(c, m) &&
           check_left_sums(c, m);
}

/* The products that are done together with the instruction at `first` are those after it, and are fit for it. */
bool gt_verify_together(gt_code_check *c, const gt_block *block, uint32_t first)
{
    const gt_multiplication *m = block->list[first].multiplication;
    if (m->also_count >= GT_MOST_TOGETHER || m->also_count >= block->count - first)
        return gt_verify_fault(c, "a product", "is done together with more than there are");
    for (uint32_t k = 0; k < m->also_count; k++) {
        const gt_multiplication *other = m->also[k];
        if (other != gt_multiplication_of(&block->list[first + 1 + k]) || other->also_count > 0)
            return gt_verify_fault(c, "a product", "is done together with one that does not follow");
        for (uint32_t before = 0; before <= k; before++)
            if (!(m->added ? gt_code_can_add : gt_code_can_stack)(before == 0 ? m : m->also[before - 1], other))
                return gt_verify_fault(c, "a product", "is done together with one that does not fit");
    }
    return true;
}

bool gt_verify_packing(gt_code_check *c, const gt_packing *p)
{
    size_t bytes = gt_product_left_size(p->kernels, p->rows, p->inner);
    return gt_verify_read(c, &p->from, "what is packed") && gt_verify_address(c, &p->to, bytes, "a packed operand") &&
           gt_verify_that(c, gt_verify_is_own(&p->to), "a packed operand", "is written outside of the workspace");
}
