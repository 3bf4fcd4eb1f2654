/*
 * The reverse replay of the forward equations, as formulas: what contributes to
 * the adjoint of every part of them. A missing term of a handwritten formula is
 * one of these. An adjoint is written with the name that the block has for it,
 * which is found by its value.
 */
#include "diagnose/terms.h"

#include <string.h>

enum { MOST_PAIRED = 6 };

static bool comes_through_state(const gt_terms *r, const gt_expression *term)
{
    for (size_t i = 0; i < r->search->term_count; i++)
        if (r->search->terms[i].formula == term)
            return r->search->terms[i].through_state;
    return false;
}

/* Two of the terms as one: what came apart in a product with a sum. */
static void remember_pairs(gt_terms *r, const gt_adjoint *a)
{
    if (a->count < 3 || a->count > MOST_PAIRED)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t j = i + 1; j < a->count; j++) {
            const gt_expression *sum = gt_terms_binary(r, GT_EXPRESSION_ADD, a->terms[i], a->terms[j]);
            gt_terms_remember(r, gt_expression_tidy(r->arena, sum),
                              comes_through_state(r, a->terms[i]) && comes_through_state(r, a->terms[j]));
        }
}

static void push_equation(gt_terms *r, uint32_t name)
{
    const gt_question *question = r->search->question;
    gt_terms_join_pieces(r, name);
    gt_adjoint a = r->of_name[name];
    a.through_state = question->names[name].role == GT_ROLE_OF_NEXT;
    for (uint32_t i = 0; i < question->name_count; i++)
        if (question->names[i].role == GT_ROLE_OF_UPSTREAM && question->names[i].about == name &&
            r->search->values[0][i].data != NULL && a.count < GT_MOST_TERMS_OF_ONE) {
            a.terms[a.count++] = gt_expression_new_name(r->arena, i);
            gt_terms_remember(r, a.terms[a.count - 1], a.through_state);
        }
    if (a.count == 0)
        return;
    r->of_name[name] = a;
    remember_pairs(r, &a);
    const gt_expression *definition = question->names[name].definition;
    /* What has a name of its own is handed on by that. */
    const gt_expression *sum = gt_terms_whole(r, &a);
    if (sum != NULL && a.count > 1 && r->limited)
        gt_terms_remember(r, sum, a.through_state);
    if (sum != NULL && sum->kind == GT_EXPRESSION_NAME) {
        r->search->question->names[sum->name].adjoint_of = name + 1;
        a.terms[0] = sum;
        a.count = 1;
    }
    if (definition->kind == GT_EXPRESSION_NAME)
        gt_terms_push(r, definition, &a);
    else
        gt_terms_push_inside(r, definition, gt_expression_new_name(r->arena, name), &a);
}

static bool open(gt_terms *r, gt_search *search, bool limited)
{
    gt_question *question = search->question;
    *r = (gt_terms){search, &question->arena, NULL, limited};
    search->term_count = 0;
    memset(search->is_adjoint, 0, question->name_count * sizeof *search->is_adjoint);
    r->of_name = gt_arena_new(r->arena, question->name_count, sizeof *r->of_name);
    if (r->of_name == NULL)
        return false;
    memset(r->of_name, 0, question->name_count * sizeof *r->of_name);
    for (uint32_t i = 0; i < question->name_count; i++)
        question->names[i].adjoint_of = 0;
    return true;
}

static void push_all(gt_terms *r)
{
    const gt_question *question = r->search->question;
    for (uint32_t i = question->forward_count; i-- > 0 && !r->search->scratch.failed;)
        push_equation(r, question->forward[i]);
    for (uint32_t i = 0; i < question->name_count && !r->search->scratch.failed; i++)
        if (question->names[i].definition == NULL)
            gt_terms_join_pieces(r, i);
}

bool gt_search_find_terms(gt_search *search)
{
    gt_question *question = search->question;
    gt_terms r;
    if (!open(&r, search, false))
        return false;
    push_all(&r);
    /* Whatever has a name may be missing as it is. */
    for (uint32_t i = 0; i < question->name_count; i++) {
        gt_question_role role = question->names[i].role;
        if (role == GT_ROLE_OF_LOCAL || role == GT_ROLE_OF_GRADIENT || role == GT_ROLE_OF_UPSTREAM)
            gt_terms_remember(&r, gt_expression_new_name(r.arena, i), false);
    }
    return !search->scratch.failed && !question->arena.failed;
}

bool gt_search_find_right(gt_search *search, uint32_t limit, const gt_expression **right)
{
    gt_question *question = search->question;
    gt_terms r;
    search->equation = limit;
    if (!open(&r, search, true))
        return false;
    push_all(&r);
    for (uint32_t i = 0; i < question->name_count; i++)
        right[i] = r.of_name[i].count > 0 ? gt_terms_whole(&r, &r.of_name[i]) : NULL;
    return !search->scratch.failed && !question->arena.failed;
}
