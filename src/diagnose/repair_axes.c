/* Arrays of several sizes: sizes that were not said, and outer products the wrong way round. */
#include "diagnose/search.h"
#include "diagnose/value_axes.h"

static const gt_expression *size_of(gt_search *search, uint32_t size)
{
    gt_value value;
    if (size == 1)
        return gt_expression_new_number(&search->scratch, 1);
    for (uint32_t i = 0; i < search->question->size_count; i++)
        if (gt_search_value(search, search->question->sizes[i], &value) && *value.data == size)
            return search->question->sizes[i];
    return NULL;
}

/* The node with the sizes of a value that has as many rows; NULL where no name says them. */
static const gt_expression *reshaped(gt_search *search, const gt_expression *node, gt_value like)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_RESHAPE};
    uint32_t count = gt_value_axis_count(like);
    gt_expression *f = gt_expression_like(&search->scratch, &model, count + 1);
    for (uint32_t i = 0; f != NULL && i < count; i++) {
        f->operands[i + 1] = size_of(search, gt_value_axis_size(like, i));
        if (f->operands[i + 1] == NULL)
            return NULL;
    }
    if (f != NULL)
        f->operands[0] = node;
    return f;
}

/* Whether a name before this one has the same sizes: they are tried once. */
static bool is_known(const gt_value *values, uint32_t name)
{
    for (uint32_t i = 0; i < name; i++)
        if (values[i].data != NULL && gt_value_has_sizes_of(values[i], values[name]))
            return true;
    return false;
}

static void try_sizes(gt_search *search, const gt_search_place *at)
{
    const gt_value *values = search->values[0];
    gt_value own;
    if (!gt_search_value(search, at->node, &own) || gt_value_is_shared(own))
        return;
    for (uint32_t i = 0; i < search->question->name_count; i++) {
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        bool other = values[i].data != NULL && values[i].rows == own.rows && !gt_value_has_sizes_of(values[i], own);
        const gt_expression *right = other && !is_known(values, i) ? reshaped(search, at->node, values[i]) : NULL;
        if (right != NULL)
            gt_search_try_at(search, GT_MISTAKE_RESHAPE, at->parent == NULL ? 0 : 0.03, at->node, right, right);
        gt_arena_return(&search->scratch, mark);
    }
}

static void try_exchange(gt_search *search, const gt_expression *node)
{
    gt_expression *right = gt_expression_like(&search->scratch, node, 2);
    if (right == NULL)
        return;
    right->operands[0] = node->operands[1];
    right->operands[1] = node->operands[0];
    search->wording = "the outer product is the wrong way round: %w should be %a";
    gt_search_try_at(search, GT_MISTAKE_TRANSPOSED, 0, node, right, right);
}

void gt_repair_axes(gt_search *search)
{
    for (uint32_t i = 0; search->question->several && i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        bool call = at->node->kind == GT_EXPRESSION_CALL;
        if (at->node->kind != GT_EXPRESSION_NUMBER)
            try_sizes(search, at);
        if (call && at->node->detail == GT_LANG_RESHAPE) {
            search->wording = "it has these sizes already: %w";
            gt_search_try_at(search, GT_MISTAKE_RESHAPE, 0, at->node, at->node->operands[0], at->node);
        }
        if (call && at->node->detail == GT_LANG_OUTER)
            try_exchange(search, at->node);
        gt_arena_return(&search->scratch, mark);
    }
}
