/* An adjoint as formulas: what it is called in the block, and how its terms are handed on. */
#include "diagnose/terms.h"

#include "base/memory.h"
#include "diagnose/value_axes.h"

/* Formulas of unnamed adjoints grow with every step back; longer ones help nobody. */
enum { LARGEST_TERM = 60 };

bool gt_terms_value(gt_terms *r, const gt_expression *f, gt_value *value)
{
    return f != NULL && gt_expression_evaluate(r->arena, f, r->search->values[0], value);
}

const gt_expression *gt_terms_binary(gt_terms *r, gt_expression_kind kind, const gt_expression *a,
                                     const gt_expression *b)
{
    return a == NULL ? NULL : gt_expression_binary(r->arena, kind, a, b);
}

const gt_expression *gt_terms_unary(gt_terms *r, gt_expression_kind kind, const gt_expression *a)
{
    return gt_expression_tidy(r->arena, gt_expression_unary(r->arena, kind, a));
}

const gt_expression *gt_terms_size(gt_terms *r, uint32_t size)
{
    const gt_search *search = r->search;
    for (uint32_t i = 0; i < search->question->size_count; i++) {
        gt_value value;
        if (gt_terms_value(r, search->question->sizes[i], &value) && value.data[0] == size)
            return search->question->sizes[i];
    }
    return gt_expression_new_number(r->arena, size);
}

/* ---- naming ---------------------------------------------------------------------------------- */

/* The name in the backward block with this value; NULL if there is none. */
static const gt_expression *named(gt_terms *r, gt_value value)
{
    const gt_question *question = r->search->question;
    double scale = gt_value_magnitude(value);
    for (uint32_t i = 0; i < question->name_count && scale > 0; i++) {
        gt_question_role role = question->names[i].role;
        if (role != GT_ROLE_OF_LOCAL && role != GT_ROLE_OF_GRADIENT && role != GT_ROLE_OF_UPSTREAM)
            continue;
        if (r->limited && !gt_search_usable(r->search, i))
            continue;
        if (!(gt_value_distance(r->search->values[0][i], value) <= 1e-9 * scale))
            continue;
        r->search->is_adjoint[i] = true;
        return gt_expression_new_name(r->arena, i);
    }
    return NULL;
}

/* The whole adjoint as one formula. */
const gt_expression *gt_terms_whole(gt_terms *r, const gt_adjoint *a)
{
    const gt_expression *sum = NULL;
    for (uint32_t i = 0; i < a->count; i++)
        sum = sum == NULL ? a->terms[i] : gt_terms_binary(r, GT_EXPRESSION_ADD, sum, a->terms[i]);
    sum = gt_expression_tidy(r->arena, sum);
    gt_value value;
    const gt_expression *name = gt_terms_value(r, sum, &value) ? named(r, value) : NULL;
    return name != NULL ? name : gt_expression_size(sum) <= LARGEST_TERM ? sum : NULL;
}

/* ---- handing on ------------------------------------------------------------------------------ */

void gt_terms_remember(gt_terms *r, const gt_expression *term, bool through_state)
{
    gt_search *search = r->search;
    for (size_t i = 0; i < search->term_count; i++)
        if (gt_expression_equal(search->terms[i].formula, term))
            return;
    if (!GT_RESERVE(search->terms, search->term_capacity, search->term_count + 1)) {
        search->scratch.failed = true;
        return;
    }
    search->terms[search->term_count++] = (gt_search_term){term, through_state};
}

/* Of several sizes: each that f has not is summed over, the last first; then the examples. */
static const gt_expression *summed_axes(gt_terms *r, const gt_expression *term, gt_value of_term, gt_value of_f)
{
    bool lifted = gt_value_is_shared(of_f), columns = lifted || of_f.columns == 1;
    uint32_t last = gt_value_axis_count(of_f);
    for (uint32_t axis = gt_value_axis_count(of_term); axis-- > 0;) {
        uint32_t own = lifted && axis == last ? of_f.columns : gt_value_axis_size(of_f, axis);
        if (own == 1 && gt_value_axis_size(of_term, axis) > 1)
            term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, axis);
    }
    if (!columns || gt_value_is_shared(of_term) || !gt_terms_value(r, term, &of_term))
        return term;
    return gt_expression_reduce(r->arena, GT_LANG_SUM, term, gt_value_axis_count(of_term));
}

/* A term of the shape of f: broadcasting undone. */
static const gt_expression *summed_to(gt_terms *r, const gt_expression *term, const gt_expression *f)
{
    gt_value of_term, of_f;
    if (term != NULL && term->kind == GT_EXPRESSION_NEGATE)
        return gt_terms_unary(r, GT_EXPRESSION_NEGATE, summed_to(r, term->operands[0], f));
    if (!gt_terms_value(r, term, &of_term) || !gt_terms_value(r, f, &of_f))
        return NULL;
    if (r->search->question->several && (of_term.count > 1 || of_f.count > 1))
        return summed_axes(r, term, of_term, of_f);
    if (of_f.rows == 1 && of_term.rows > 1)
        term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, 0);
    if (of_f.columns == 1 && of_term.columns > 1)
        term = gt_expression_reduce(r->arena, GT_LANG_SUM, term, 1);
    return term;
}

void gt_terms_add(gt_terms *r, gt_adjoint *to, const gt_expression *term, const gt_expression *f)
{
    term = term == NULL ? NULL : summed_to(r, gt_expression_tidy(r->arena, term), f);
    if (term != NULL && to->count < GT_MOST_TERMS_OF_ONE)
        to->terms[to->count++] = term;
}

void gt_terms_push(gt_terms *r, const gt_expression *f, const gt_adjoint *a)
{
    if (a->count == 0 || f->kind == GT_EXPRESSION_NUMBER || r->search->scratch.failed)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        gt_terms_remember(r, a->terms[i], a->through_state);
    if (a->count > 1) {
        const gt_expression *sum = gt_terms_whole(r, a);
        if (sum != NULL && (sum->kind == GT_EXPRESSION_NAME || r->limited))
            gt_terms_remember(r, sum, a->through_state);
    }
    if (f->kind != GT_EXPRESSION_NAME) {
        gt_terms_push_inside(r, f, f, a);
        return;
    }
    gt_adjoint *to = &r->of_name[f->name];
    for (uint32_t i = 0; i < a->count && to->count < GT_MOST_TERMS_OF_ONE; i++)
        to->terms[to->count++] = a->terms[i];
}

void gt_terms_push_one(gt_terms *r, const gt_expression *f, const gt_expression *term, bool through_state)
{
    gt_adjoint a = {.through_state = through_state};
    gt_terms_add(r, &a, term, f);
    if (a.count > 0)
        gt_terms_push(r, f, &a);
}

/* Every term through a function of one formula. */
void gt_terms_push_each(gt_terms *r, const gt_expression *f, const gt_adjoint *a, gt_expression_kind kind)
{
    gt_adjoint changed = {.through_state = a->through_state};
    for (uint32_t i = 0; i < a->count; i++)
        gt_terms_add(r, &changed,
                     kind == GT_EXPRESSION_ADD ? a->terms[i] : gt_expression_unary(r->arena, kind, a->terms[i]), f);
    gt_terms_push(r, f, &changed);
}
