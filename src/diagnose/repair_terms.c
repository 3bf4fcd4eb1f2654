/* Missing terms: one of the contributions that the reverse replay knows. */
#include "diagnose/search.h"

static bool earlier(const gt_search *search, const gt_expression *f)
{
    if (f == NULL)
        return true;
    if (f->kind == GT_EXPRESSION_NAME) {
        if (f->name == search->problem->equations[search->equation].target)
            return false;
        gt_problem_role role = search->problem->names[f->name].role;
        if (role != GT_ROLE_OF_LOCAL && role != GT_ROLE_OF_GRADIENT)
            return true;
        for (uint32_t k = 0; k < search->equation; k++)
            if (search->problem->equations[k].target == f->name)
                return true;
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++)
        if (!earlier(search, f->operands[i]))
            return false;
    return true;
}

/* A sum is completed as a whole, not inside one of its terms. */
static bool takes_term(const gt_search_place *at)
{
    if (at->node->kind == GT_EXPRESSION_NUMBER)
        return false;
    return at->parent == NULL ||
           (at->parent->kind != GT_EXPRESSION_ADD && at->parent->kind != GT_EXPRESSION_SUBTRACT &&
            at->parent->kind != GT_EXPRESSION_NEGATE);
}

static void try_terms(gt_search *search, const gt_search_place *at, gt_value value)
{
    for (uint32_t i = 0; i < search->term_count; i++) {
        const gt_search_term *term = &search->terms[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        gt_value of_term;
        if (earlier(search, term->formula) && gt_search_value(search, term->formula, &of_term) &&
            of_term.rows == value.rows && of_term.columns == value.columns) {
            gt_mistake_kind kind =
                term->through_state ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM;
            gt_search_try_at(
                search, kind, at->parent == NULL ? 0 : 0.02, at->node,
                gt_expression_binary(&search->scratch, GT_EXPRESSION_ADD, at->node, term->formula),
                term->formula);
        }
        gt_arena_return(&search->scratch, mark);
    }
}

void gt_repair_terms(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        gt_value value;
        if (takes_term(at) && gt_search_value(search, at->node, &value))
            try_terms(search, at, value);
        gt_arena_return(&search->scratch, mark);
    }
}
