/* One name written for another: another gate, another state, another weight. */
#include "diagnose/search.h"

/* Values that take part in arithmetic, not sizes. */
static bool is_array(const gt_search *search, uint32_t name)
{
    return search->question->names[name].role != GT_ROLE_OF_NUMBER && search->values[0][name].data != NULL;
}

/*
 * Where the equation has a value of the right shape, only a name of the same shape leaves it
 * one; otherwise a name of any shape may be the right one.
 */
static bool interchangeable(const gt_search *search, uint32_t a, uint32_t b)
{
    gt_value x = search->values[0][a], y = search->values[0][b];
    gt_question_role role = search->question->names[search->question->equations[search->equation].target].role;
    bool any = search->question->several && role == GT_ROLE_OF_LOCAL; /* it may be what reads it that has no value */
    return search->is_broken || any || (x.rows == y.rows && x.columns == y.columns);
}

static bool is_gate(const gt_search *search, uint32_t name)
{
    for (uint32_t i = 0; i < search->activation_count; i++)
        if (search->activations[i].value->kind == GT_EXPRESSION_NAME && search->activations[i].value->name == name)
            return true;
    return false;
}

/* u where f(u) has the name */
static bool is_argument(const gt_search *search, uint32_t written, uint32_t right)
{
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        if (a->value->kind == GT_EXPRESSION_NAME && a->value->name == right &&
            a->argument->kind == GT_EXPRESSION_NAME && a->argument->name == written)
            return true;
    }
    return false;
}

/* 1 - E**2, 1 - E * E, 1 - E: what the derivative of an activation is made of. */
static bool in_derivative(const gt_search *search, const gt_expression *place)
{
    for (const gt_expression *node = gt_search_parent(search, place); node != NULL;
         node = gt_search_parent(search, node)) {
        if (node->kind == GT_EXPRESSION_SUBTRACT && node->operands[0]->kind == GT_EXPRESSION_NUMBER &&
            node->operands[0]->number == 1)
            return true;
        if (node->kind != GT_EXPRESSION_POWER && node->kind != GT_EXPRESSION_MULTIPLY)
            return false;
    }
    return false;
}

/* What it means that `written` stands where `right` should. */
static gt_mistake_kind kind_of(const gt_search *search, const gt_expression *place, uint32_t written, uint32_t right)
{
    const gt_question_name *w = &search->question->names[written], *r = &search->question->names[right];
    if (w->role == GT_ROLE_OF_STATE && r->role == GT_ROLE_OF_NEXT && w->about == right)
        return GT_MISTAKE_OLD_STATE;
    if (w->role == GT_ROLE_OF_NEXT && r->role == GT_ROLE_OF_STATE && w->about == right)
        return GT_MISTAKE_OFF_BY_ONE_STEP;
    if (is_argument(search, written, right))
        return GT_MISTAKE_WRONG_ARGUMENT;
    if (is_gate(search, written) && is_gate(search, right))
        return GT_MISTAKE_WRONG_ACTIVATION;
    if (is_gate(search, right) && in_derivative(search, place))
        return GT_MISTAKE_WRONG_ARGUMENT;
    if (w->role == r->role && (w->role == GT_ROLE_OF_PARAMETER || w->role == GT_ROLE_OF_UPSTREAM))
        return GT_MISTAKE_SWAPPED_GATES;
    bool gradients = (w->role == GT_ROLE_OF_GRADIENT || w->role == GT_ROLE_OF_LOCAL) &&
                     (r->role == GT_ROLE_OF_GRADIENT || r->role == GT_ROLE_OF_LOCAL);
    return gradients ? GT_MISTAKE_SWAPPED_GATES : GT_MISTAKE_WRONG_NAME;
}

static void try_name(gt_search *search, const gt_expression *place, uint32_t right)
{
    gt_arena *arena = &search->scratch;
    gt_mistake_kind kind = kind_of(search, place, place->name, right);
    const gt_expression *name = gt_expression_new_name(arena, right);
    if (name == NULL)
        return;
    gt_search_try_at(search, kind, 0, place, name, name);
    const gt_expression *all = gt_expression_replace_all(arena, search->root, place, name);
    if (all != NULL && !gt_expression_equal(all, gt_expression_replace(arena, search->root, place, name)))
        gt_search_try(search, kind, 0.02, all, place, name);
}

/* Two names of the equation exchanged, everywhere in it. */
static void try_exchange(gt_search *search, const gt_expression *a, const gt_expression *b)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *between = gt_expression_new_name(arena, GT_QUESTION_NO_NAME);
    const gt_expression *f = between == NULL ? NULL : gt_expression_replace_all(arena, search->root, a, between);
    f = f == NULL ? NULL : gt_expression_replace_all(arena, f, b, a);
    f = f == NULL ? NULL : gt_expression_replace_all(arena, f, between, b);
    if (f == NULL)
        return;
    gt_mistake_kind kind = kind_of(search, a, a->name, b->name);
    gt_search_try(search, kind == GT_MISTAKE_WRONG_NAME ? kind : GT_MISTAKE_SWAPPED_GATES, 0.05, f, a, b);
}

void gt_repair_names(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_expression *place = search->places[i].node;
        if (place->kind != GT_EXPRESSION_NAME || !is_array(search, place->name))
            continue;
        for (uint32_t name = 0; name < search->question->name_count; name++) {
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            if (name != place->name && is_array(search, name) && gt_search_usable(search, name) &&
                interchangeable(search, name, place->name))
                try_name(search, place, name);
            gt_arena_return(&search->scratch, mark);
        }
        for (uint32_t j = i + 1; j < search->place_count; j++) {
            const gt_expression *other = search->places[j].node;
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            if (other->kind == GT_EXPRESSION_NAME && other->name != place->name && is_array(search, other->name) &&
                interchangeable(search, other->name, place->name))
                try_exchange(search, place, other);
            gt_arena_return(&search->scratch, mark);
        }
    }
}
