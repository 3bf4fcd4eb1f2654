#include "plan/describe/bound.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "exec/product.h"
#include "plan/describe/find_products.h"
#include "plan/describe/label.h"
#include "plan/pipeline.h"

#include <string.h>

/* ---- words --------------------------------------------------------------------------------- */

enum { TEXT_SIZE = 160 };

static void append(char text[TEXT_SIZE], const char *more)
{
    size_t used = strlen(text);
    gt_utf8_format(text + used, TEXT_SIZE - used, "%s", more);
}

/* The names of one operand of all parts of a whole, "(Wf, Wi)", or of the first where they share it. */
static void name_operands(const gt_found_products *found, uint32_t whole, bool right, char text[TEXT_SIZE])
{
    char name[GT_LABEL_SIZE], before[GT_LABEL_SIZE] = "";
    gt_join joined = found->list[whole].joined;
    bool several = joined == GT_JOIN_ADDED || (joined == GT_JOIN_STACKED && !right);
    append(text, several ? "(" : "");
    for (uint32_t k = whole; k < found->count; k++) {
        const gt_found_product *part = &found->list[k];
        if (part->whole != whole || (k > whole && !several))
            continue;
        gt_label_whole(gt_tape_at(part->tape, right ? part->right : part->left), name);
        append(text, k > whole ? ", " : "");
        append(text, strcmp(name, before) == 0 ? "…" : name);
        memcpy(before, name, sizeof before);
    }
    bool transposed = right ? found->list[whole].product.right_transposed : found->list[whole].product.left_transposed;
    append(text, several ? ")" : "");
    append(text, transposed ? "ᵀ" : "");
}

static char *text_of(gt_pool *pool, const gt_found_products *found, uint32_t whole)
{
    char *text = gt_pool_new(pool, TEXT_SIZE, 1);
    if (text == NULL)
        return NULL;
    name_operands(found, whole, false, text);
    append(text, " @ ");
    name_operands(found, whole, true, text);
    return text;
}

/* ---- bounds -------------------------------------------------------------------------------- */

static bool fill(gt_bound *bound, const gt_found_products *found)
{
    bound->products = gt_pool_new(&bound->pool, found->count, sizeof *bound->products);
    if (bound->products == NULL)
        return false;
    for (uint32_t i = 0; i < found->count; i++) {
        if (found->list[i].whole != i)
            continue;
        gt_bound_product *product = &bound->products[bound->count++];
        *product = found->list[i].product;
        product->text = text_of(&bound->pool, found, i);
        if (product->text == NULL)
            return false;
    }
    return true;
}

gt_bound *gt_bound_new(const gt_var *outputs, uint32_t output_count, gt_error *error)
{
    gt_program program;
    if (gt_pipeline_run(outputs, output_count, NULL, &program, error) != GT_OK)
        return NULL;
    gt_found_products found = {0};
    gt_bound *bound = gt_memory_new(1, sizeof *bound);
    bool made = bound != NULL && gt_find_products(&program, &found);
    if (made) {
        gt_join_products(&found);
        made = fill(bound, &found);
    }
    gt_memory_free(found.list);
    gt_program_free(&program);
    if (made)
        return bound;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the products of a tape");
    gt_bound_free(bound);
    return NULL;
}

void gt_bound_free(gt_bound *bound)
{
    if (bound == NULL)
        return;
    gt_pool_free(&bound->pool);
    gt_memory_free(bound);
}

uint32_t gt_bound_count(const gt_bound *bound)
{
    return bound == NULL ? 0 : bound->count;
}

const gt_bound_product *gt_bound_at(const gt_bound *bound, uint32_t i)
{
    return i < gt_bound_count(bound) ? &bound->products[i] : NULL;
}

double gt_bound_flops(const gt_bound_product *p)
{
    return 2.0 * (double)p->rows * (double)p->inner * (double)p->columns * (double)p->times;
}

/* ---- multiplying --------------------------------------------------------------------------- */

static gt_product_layout layout_of(bool transposed)
{
    return transposed ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN;
}

static bool packs(const gt_bound_product *p, gt_multiplier multiplier)
{
    return multiplier == GT_MULTIPLIER_PACKED && p->left_fixed;
}

static gt_product kernel_product(const gt_bound_product *p)
{
    return (gt_product){gt_product_kernels_best(p->dtype), p->rows, p->inner, p->columns, .accumulate = false};
}

static size_t packed_bytes(const gt_bound_product *p)
{
    size_t bytes = gt_product_left_size(gt_product_kernels_best(p->dtype), p->rows, p->inner);
    return (bytes + GT_PRODUCT_ALIGNMENT - 1) / GT_PRODUCT_ALIGNMENT * GT_PRODUCT_ALIGNMENT;
}

size_t gt_bound_workspace(const gt_bound_product *p, gt_multiplier multiplier)
{
    gt_product product = kernel_product(p);
    gt_product_layout right = layout_of(p->right_transposed);
    if (packs(p, multiplier))
        return packed_bytes(p) + gt_product_workspace_size(&product, GT_PRODUCT_PACKED, right);
    return gt_product_workspace_size(&product, layout_of(p->left_transposed), right);
}

/* The three matrices of one time. */
typedef struct matrices {
    const char *left, *right;
    char *output;
} matrices;

static matrices matrices_at(const gt_bound_product *p, const void *left, const void *right, void *output, int64_t time)
{
    size_t size = gt_dtype_size(p->dtype), at = (size_t)time * size;
    return (matrices){
        (const char *)left + (p->left_fixed ? 0 : at * (size_t)(p->rows * p->inner)),
        (const char *)right + (p->right_fixed ? 0 : at * (size_t)(p->inner * p->columns)),
        (char *)output + at * (size_t)(p->rows * p->columns),
    };
}

static void multiply_by_kernels(const gt_bound_product *p, bool packed, const void *left, const void *right,
                                void *output, char *workspace)
{
    gt_product product = kernel_product(p);
    int64_t left_leading = p->left_transposed ? p->inner : p->rows;
    int64_t right_leading = p->right_transposed ? p->columns : p->inner;
    gt_product_operand a = {left, left_leading, layout_of(p->left_transposed)};
    if (packed) {
        gt_product_part whole = {left, left_leading, p->left_transposed, p->rows, p->inner};
        gt_product_pack_left(product.kernels, workspace, p->rows, p->inner, 0, 0, &whole);
        a = (gt_product_operand){workspace, 0, GT_PRODUCT_PACKED};
        workspace += packed_bytes(p);
    }
    for (int64_t t = 0; t < p->times; t++) {
        matrices m = matrices_at(p, left, right, output, t);
        gt_product_operand b = {m.right, right_leading, layout_of(p->right_transposed)};
        if (!packed)
            a.data = m.left;
        gt_product_run(&product, &a, &b, m.output, p->rows, workspace);
    }
}

void gt_bound_multiply(const gt_bound_product *p, gt_multiplier multiplier, const void *left, const void *right,
                       void *output, void *workspace)
{
    multiply_by_kernels(p, packs(p, multiplier), left, right, output, workspace);
}
