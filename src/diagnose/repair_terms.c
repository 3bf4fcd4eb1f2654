/* Missing terms: one of the contributions that the reverse replay knows. */
#include "diagnose/search.h"

static bool earlier(const gt_search *search, const gt_expression *f)
{
    if (f == NULL)
        return true;
    if (f->kind == GT_EXPRESSION_NAME) {
        if (f->name == search->question->equations[search->equation].target)
            return false;
        gt_question_role role = search->question->names[f->name].role;
        if (role != GT_ROLE_OF_LOCAL && role != GT_ROLE_OF_GRADIENT)
            return true;
        for (uint32_t k = 0; k < search->equation; k++)
            if (search->question->equations[k].target == f->name)
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
    return at->parent == NULL || (at->parent->kind != GT_EXPRESSION_ADD && at->parent->kind != GT_EXPRESSION_SUBTRACT &&
                                  at->parent->kind != GT_EXPRESSION_NEGATE);
}

static bool fits(uint32_t a, uint32_t b)
{
    return a == b || a == 1 || b == 1;
}

static void try_term(gt_search *search, const gt_search_place *at, gt_value value, gt_mistake_kind kind, double cost,
                     const gt_expression *term)
{
    gt_value of_term;
    if (term == NULL || !earlier(search, term) || !gt_search_value(search, term, &of_term) ||
        !fits(of_term.rows, value.rows) || !fits(of_term.columns, value.columns))
        return;
    gt_search_try_at(search, kind, cost + (at->parent == NULL ? 0 : 0.02), at->node,
                     gt_expression_binary(&search->scratch, GT_EXPRESSION_ADD, at->node, term), term);
}

static void try_terms(gt_search *search, const gt_search_place *at, gt_value value)
{
    for (uint32_t i = 0; i < search->term_count; i++) {
        const gt_search_term *term = &search->terms[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        try_term(search, at, value, term->through_state ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM, 0,
                 term->formula);
        gt_arena_return(&search->scratch, mark);
    }
}

/* A value of the forward pass, as in g - a: shorter than what it gives in the end. */
static void try_values(gt_search *search, const gt_search_place *at, gt_value value)
{
    for (uint32_t i = 0; i < search->question->name_count; i++) {
        gt_question_role role = search->question->names[i].role;
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        const gt_expression *name = gt_expression_new_name(&search->scratch, i);
        if (role == GT_ROLE_OF_STATE || role == GT_ROLE_OF_NEXT || role == GT_ROLE_OF_INPUT ||
            role == GT_ROLE_OF_INTERMEDIATE) {
            try_term(search, at, value, GT_MISTAKE_MISSING_TERM, -0.2, name);
            if (name != NULL)
                try_term(search, at, value, GT_MISTAKE_MISSING_TERM, -0.2,
                         gt_expression_unary(&search->scratch, GT_EXPRESSION_NEGATE, name));
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
        if (takes_term(at) && gt_search_value(search, at->node, &value)) {
            try_terms(search, at, value);
            try_values(search, at, value);
        }
        gt_arena_return(&search->scratch, mark);
    }
}
