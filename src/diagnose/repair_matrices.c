/* Transposes, sums over the batch, and blocks of weights. */
#include "diagnose/search.h"
#include "diagnose/value_axes.h"

/* ---- transposes ---------------------------------------------------------------------------- */

static bool is_matrix(gt_search *search, const gt_expression *node)
{
    gt_value value;
    return !gt_search_value(search, node, &value) || value.rows > 1 || value.columns > 1;
}

static void try_transposes(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *turned = node->kind == GT_EXPRESSION_TRANSPOSE
                                      ? node->operands[0]
                                      : gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, node);
    if (turned == NULL)
        return;
    bool product = node->kind == GT_EXPRESSION_MATMUL;
    gt_search_try_at(search, GT_MISTAKE_TRANSPOSED, product ? 0.03 : 0, node, turned, turned);
    if (!product)
        return;
    const gt_expression *a = node->operands[0], *b = node->operands[1];
    const gt_expression *exchanged = gt_expression_binary(arena, GT_EXPRESSION_MATMUL, b, a);
    gt_search_try_at(search, GT_MISTAKE_TRANSPOSED, 0.02, node, exchanged, exchanged);
    /* (a @ b).T as b.T @ a.T, and a.T @ b.T */
    const gt_expression *a_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, a));
    const gt_expression *b_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, b));
    const gt_expression *whole = gt_expression_binary(arena, GT_EXPRESSION_MATMUL, b_turned, a_turned),
                        *each = gt_expression_binary(arena, GT_EXPRESSION_MATMUL, a_turned, b_turned);
    gt_search_try_at(search, GT_MISTAKE_TRANSPOSED, 0, node, whole, whole);
    gt_search_try_at(search, GT_MISTAKE_TRANSPOSED, 0.02, node, each, each);
}

void gt_repair_transposes(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        if (is_matrix(search, search->places[i].node))
            try_transposes(search, search->places[i].node);
        gt_arena_return(&search->scratch, mark);
    }
}

/* ---- sums ---------------------------------------------------------------------------------- */

/* The parameter is only added: its gradient is the sum of what reaches it. */
static bool only_added(const gt_expression *f, const gt_expression *parent, uint32_t name)
{
    if (f->kind == GT_EXPRESSION_NAME && f->name == name)
        return parent != NULL && (parent->kind == GT_EXPRESSION_ADD || parent->kind == GT_EXPRESSION_SUBTRACT);
    for (uint32_t i = 0; i < f->count; i++)
        if (f->operands[i] != NULL && !only_added(f->operands[i], f, name))
            return false;
    return true;
}

static bool of_a_bias(const gt_search *search)
{
    const gt_question *question = search->question;
    const gt_question_name *target = &question->names[question->equations[search->equation].target];
    if (target->role != GT_ROLE_OF_GRADIENT || question->names[target->about].role != GT_ROLE_OF_PARAMETER)
        return false;
    for (uint32_t i = 0; i < question->forward_count; i++)
        if (!only_added(question->names[question->forward[i]].definition, NULL, target->about))
            return false;
    return true;
}

static bool is_reduction(const gt_expression *node)
{
    return node->kind == GT_EXPRESSION_CALL && (node->detail == GT_LANG_SUM || node->detail == GT_LANG_MEAN);
}

/* Rows, columns, all; of several sizes there may be two more. */
static const unsigned axes[] = {0, 1, GT_EXPRESSION_ALL_AXES, 2, 3};

/* Whether the axis is a size of the value, and not its examples. */
static bool is_size(gt_search *search, const gt_expression *node, unsigned axis)
{
    gt_value value;
    return gt_search_value(search, node, &value) && axis < gt_value_axis_count(value);
}

/* A sum or mean that is there, over other axes, or not at all. */
static void try_reduction(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    gt_mistake_kind missing = of_a_bias(search) ? GT_MISTAKE_BIAS_SUM : GT_MISTAKE_BATCH_SUM;
    bool several = search->question->several;
    for (uint32_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        const unsigned axis = axes[i];
        bool was_mean = node->detail == GT_LANG_MEAN;
        bool same_axis = node->axis == axis;
        if (!same_axis)
            search->wording = axis == 1 && !several ? "summed over axis 0 (features); it should be axis 1 (examples)"
                                                    : "summed over the wrong axis";
        if (node->axis == GT_EXPRESSION_ALL_AXES && !same_axis && !several)
            search->wording = "summed over both axes; it should be one";
        if (!same_axis || was_mean)
            gt_search_try_at(search, same_axis ? GT_MISTAKE_MEAN : missing, 0, node,
                             gt_expression_reduce(arena, GT_LANG_SUM, node->operands[0], axis), node);
        const gt_expression *mean = gt_expression_reduce(arena, GT_LANG_MEAN, node->operands[0], axis);
        search->wording = "a mean is meant, not a sum: %a";
        if (!same_axis || !was_mean)
            gt_search_try_at(search, GT_MISTAKE_FACTOR, 0.1, node, mean, mean);
        search->wording = NULL;
    }
    search->wording = "the sum is too many: %w";
    gt_search_try_at(search, GT_MISTAKE_WRONG_NAME, 0.5, node, node->operands[0], node);
}

void gt_repair_sums(gt_search *search)
{
    gt_mistake_kind kind = of_a_bias(search) ? GT_MISTAKE_BIAS_SUM : GT_MISTAKE_BATCH_SUM;
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_expression *node = search->places[i].node;
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        if (is_reduction(node))
            try_reduction(search, node);
        if (node->kind != GT_EXPRESSION_NUMBER)
            for (uint32_t k = 0; k < sizeof axes / sizeof *axes; k++) { /* the whole formula is the usual place */
                const bool size = search->question->several && is_size(search, node, axes[k]);
                search->wording = size ? "%a should be summed over one of its sizes" : NULL;
                gt_search_try_at(search, kind, (i == 0 ? 0 : 0.05) + (axes[k] == 1 ? 0 : 0.05), node,
                                 gt_expression_reduce(&search->scratch, GT_LANG_SUM, node, axes[k]), node);
            }
        search->wording = NULL;
        gt_arena_return(&search->scratch, mark);
    }
}

/* ---- slices -------------------------------------------------------------------------------- */

static void try_bounds(gt_search *search, const gt_expression *node, const gt_expression *whole,
                       const gt_expression *const bounds[4])
{
    const gt_expression *slice = gt_expression_slice(&search->scratch, whole, bounds);
    search->wording = node->kind == GT_EXPRESSION_SLICE ? NULL : "a block of it is meant: %a";
    if (slice != NULL && !gt_expression_equal(slice, node))
        gt_search_try_at(search, GT_MISTAKE_WRONG_SLICE, node->kind == GT_EXPRESSION_SLICE ? 0 : 0.1, node, slice,
                         slice);
}

/* Every block between two sizes along one axis, the other axis whole. */
static void try_slices(gt_search *search, const gt_expression *node)
{
    bool sliced = node->kind == GT_EXPRESSION_SLICE;
    const gt_expression *whole = sliced ? node->operands[0] : node;
    if (sliced)
        gt_search_try_at(search, GT_MISTAKE_WRONG_SLICE, 0.1, node, whole, whole);
    for (unsigned axis = 0; axis < 2; axis++)
        for (uint32_t i = 0; i <= search->question->size_count; i++)
            for (uint32_t j = 0; j <= search->question->size_count; j++) {
                const gt_expression *bounds[4] = {NULL, NULL, NULL, NULL};
                bounds[2 * axis] = i < search->question->size_count ? search->question->sizes[i] : NULL;
                bounds[2 * axis + 1] = j < search->question->size_count ? search->question->sizes[j] : NULL;
                gt_arena_mark mark = gt_arena_here(&search->scratch);
                if (bounds[2 * axis] != NULL || bounds[2 * axis + 1] != NULL)
                    try_bounds(search, node, whole, bounds);
                gt_arena_return(&search->scratch, mark);
            }
}

void gt_repair_slices(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_expression *node = search->places[i].node, *parent = search->places[i].parent;
        const gt_question_name *name = gt_search_name(search, node);
        bool weight = name != NULL &&
                      (name->role == GT_ROLE_OF_PARAMETER || name->role == GT_ROLE_OF_LOCAL ||
                       name->role == GT_ROLE_OF_GRADIENT) &&
                      (parent == NULL || parent->kind != GT_EXPRESSION_SLICE);
        if (weight || node->kind == GT_EXPRESSION_SLICE)
            try_slices(search, node);
    }
}
