/*
 * Small products become functions of the processor's own: one for a product and those that are done
 * together with it. Around a product of a few vectors the kernels' way to their tiles takes longer than
 * the tiles.
 *
 * Needs: a block whose products are stacked, and have the sums of rows that they take in passing.
 * Leaves: products with functions, whose values have the bits that the kernels give them.
 */
#include "plan/code/code.h"

#include "native/product.h"

#include <string.h>

typedef struct listing {
    gt_compiled_member members[GT_MOST_TOGETHER];
    gt_walked arrays[GT_MOST_LOOP_ARRAYS];
    uint32_t member_count, array_count;
    bool too_many;
} listing;

static uint32_t list_array(listing *l, const gt_operand *operand, int64_t column)
{
    gt_walked walked = {operand->address, (size_t)column * gt_dtype_size(operand->dtype)};
    for (uint32_t n = 0; n < l->array_count; n++)
        if (l->arrays[n].column == walked.column && gt_same_address(&l->arrays[n].begin, &walked.begin))
            return n;
    if (l->array_count == GT_MOST_LOOP_ARRAYS) {
        l->too_many = true;
        return 0;
    }
    l->arrays[l->array_count] = walked;
    return l->array_count++;
}

static void list_member(listing *l, const gt_multiplication *m)
{
    const gt_product *product = &m->product;
    bool turned = m->right_layout == GT_PRODUCT_TRANSPOSED;
    gt_compiled_member *member = &l->members[l->member_count++];
    *member = (gt_compiled_member){.addend = GT_NO_ARRAY, .left_sums = GT_NO_ARRAY, .addend_leading = product->rows};
    member->left = list_array(l, &m->left, 0);
    member->right = list_array(l, &m->right, turned ? 1 : m->right_leading);
    member->output = list_array(l, &m->output, product->rows);
    if (product->accumulate)
        member->addend = member->output;
    if (m->has_addend) {
        member->addend_leading = m->addend_leading;
        member->addend = list_array(l, &m->addend, m->addend_leading);
    }
    if (m->has_left_sums)
        member->left_sums = list_array(l, &m->left_sums, 0);
}

static gt_compiled_product describe(const gt_multiplication *m, const listing *l)
{
    static const gt_compiled_left kinds[] = {
        [GT_PRODUCT_PLAIN] = GT_LEFT_PLAIN,
        [GT_PRODUCT_TRANSPOSED] = GT_LEFT_TRANSPOSED,
        [GT_PRODUCT_PACKED] = GT_LEFT_PACKED,
    };
    bool turned = m->right_layout == GT_PRODUCT_TRANSPOSED;
    return (gt_compiled_product){
        .dtype = m->output.dtype,
        .rows = m->product.rows,
        .inner = m->product.inner,
        .columns = m->product.columns,
        .left_kind = kinds[m->left_layout],
        .left_leading = m->left_leading,
        .left_panel = gt_product_row_unit(m->product.kernels),
        .right_inner = turned ? m->right_leading : 1,
        .right_column = turned ? 1 : m->right_leading,
        .added = m->added,
        .members = l->members,
        .member_count = l->member_count,
    };
}

static bool attach(gt_lowering *lowering, const gt_level *level, gt_multiplication *m, const listing *l, size_t begin)
{
    gt_product_code *compiled = gt_pool_new(lowering->pool, 1, sizeof *compiled);
    if (compiled == NULL)
        return false;
    compiled->begin = begin;
    compiled->cursor = gt_code_new_cursor(lowering, level, l->arrays, l->array_count);
    if (compiled->cursor == NULL)
        return false;
    compiled->next = lowering->code->products;
    lowering->code->products = compiled;
    m->compiled = compiled;
    return true;
}

/* ---- functions that are there already ---------------------------------------------------------- */

enum {
    FARTHEST = 32,            /* one is looked for: planning stays proportional to the tape */
    MOST_CODE_BYTES = 1 << 22 /* of a plan that makes new functions: caches hold no more */
};

/* The latest first. */
typedef struct gt_known_product {
    gt_compiled_product product;
    size_t begin;
    struct gt_known_product *next;
} known_product;

static bool same_members(const gt_compiled_product *a, const gt_compiled_product *b)
{
    bool same = a->member_count == b->member_count && a->added == b->added;
    for (uint32_t m = 0; m < a->member_count && same; m++) {
        const gt_compiled_member *x = &a->members[m], *y = &b->members[m];
        same = x->left == y->left && x->right == y->right && x->output == y->output && x->addend == y->addend &&
               x->addend_leading == y->addend_leading && x->left_sums == y->left_sums;
    }
    return same;
}

static bool same_product(const gt_compiled_product *a, const gt_compiled_product *b)
{
    return a->dtype == b->dtype && a->rows == b->rows && a->inner == b->inner && a->columns == b->columns &&
           a->left_kind == b->left_kind && a->left_leading == b->left_leading && a->left_panel == b->left_panel &&
           a->right_inner == b->right_inner && a->right_column == b->right_column && same_members(a, b);
}

static const known_product *find_known(const gt_lowering *lowering, const gt_compiled_product *product)
{
    const known_product *known = lowering->known_products;
    for (int i = 0; known != NULL && i < FARTHEST && !same_product(&known->product, product); i++)
        known = known->next;
    return known != NULL && same_product(&known->product, product) ? known : NULL;
}

static bool remember(gt_lowering *lowering, const gt_compiled_product *product, size_t begin)
{
    known_product *known = gt_pool_new(&lowering->scratch, 1, sizeof *known);
    gt_compiled_member *members = gt_pool_new(&lowering->scratch, product->member_count, sizeof *members);
    if (known == NULL || members == NULL)
        return false;
    memcpy(members, product->members, product->member_count * sizeof *members);
    *known = (known_product){*product, begin, lowering->known_products};
    known->product.members = members;
    lowering->known_products = known;
    return true;
}

/* ---- products ---------------------------------------------------------------------------------- */

static bool compile(gt_lowering *lowering, const gt_level *level, gt_multiplication *m)
{
    listing l = {.member_count = 0};
    list_member(&l, m);
    for (uint32_t k = 0; k < m->also_count; k++)
        list_member(&l, m->also[k]);
    gt_compiled_product product = describe(m, &l);
    if (l.too_many || m->right_layout == GT_PRODUCT_PACKED)
        return true;
    const known_product *known = find_known(lowering, &product);
    if (known != NULL)
        return attach(lowering, level, m, &l, known->begin);
    if (lowering->encoder.count > MOST_CODE_BYTES)
        return true;
    size_t begin = gt_compile_product(&lowering->encoder, &product);
    if (begin == (size_t)-1)
        return !lowering->encoder.failed;
    return remember(lowering, &product, begin) && attach(lowering, level, m, &l, begin);
}

bool gt_code_compile_products(gt_lowering *lowering, const gt_level *level, gt_block *block)
{
    if (!lowering->compiles || !gt_lower_chooses(lowering, GT_CHOICE_COMPILE_PRODUCTS))
        return true;
    for (uint32_t i = 0; i < block->count; i += gt_machine_takes(&block->list[i])) {
        gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        if (m != NULL && !compile(lowering, level, m))
            return false;
    }
    return true;
}
