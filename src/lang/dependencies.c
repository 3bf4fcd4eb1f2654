/* Which equations the next states need, and which the outputs. */
#include "lang/meaning_parts.h"

typedef struct marker {
    const gt_lang_meaning *meaning;
    bool *equations, *parameters; /* whether each is needed */
} marker;

static void mark(const marker *m, const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_NAME) {
        const gt_lang_symbol *symbol = gt_lang_symbols_find(&m->meaning->symbols, e->name);
        if (symbol->kind == GT_LANG_SYMBOL_EQUATION)
            m->equations[symbol->index] = true;
        if (symbol->kind == GT_LANG_SYMBOL_PARAMETER)
            m->parameters[symbol->index] = true;
    }
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        mark(m, gt_lang_operand(e, i));
}

/* A name is used after it is assigned: from the last equation to the first, all needs are known in time. */
static bool mark_all(gt_lang_meaning *meaning, gt_lang_target target, bool **equations, bool **parameters)
{
    const gt_lang_cell *cell = meaning->cell;
    *equations = gt_pool_new(meaning->symbols.pool, cell->equation_count, sizeof **equations);
    *parameters = gt_pool_new(meaning->symbols.pool, cell->declaration_count, sizeof **parameters);
    marker m = {meaning, *equations, *parameters};
    if (*equations == NULL || *parameters == NULL)
        return false;
    for (uint32_t i = 0; i < cell->equation_count; i++)
        m.equations[i] = cell->equations[i].target == target;
    for (uint32_t i = cell->equation_count; i-- > 0;)
        if (m.equations[i])
            mark(&m, cell->equations[i].value);
    return true;
}

static void mark_parameters(gt_lang_meaning *meaning, const gt_lang_expression *e)
{
    const gt_lang_symbol *symbol = e->kind == GT_LANG_NAME ? gt_lang_symbols_find(&meaning->symbols, e->name) : NULL;
    if (symbol != NULL && symbol->kind == GT_LANG_SYMBOL_PARAMETER)
        meaning->parameter_for_states[symbol->index] = true;
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        mark_parameters(meaning, gt_lang_operand(e, i));
}

/* What a state begins with is there whether outputs are wanted or not. */
static void mark_beginnings(gt_lang_meaning *meaning)
{
    const gt_lang_cell *cell = meaning->cell;
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].begins_with != NULL)
            mark_parameters(meaning, cell->declarations[i].initial);
}

bool gt_lang_find_dependencies(gt_lang_meaning *meaning)
{
    bool *for_states, *for_outputs;
    if (!mark_all(meaning, GT_LANG_NEXT, &for_states, &meaning->parameter_for_states) ||
        !mark_all(meaning, GT_LANG_OUTPUT, &for_outputs, &meaning->parameter_for_outputs))
        return false;
    mark_beginnings(meaning);
    for (uint32_t i = 0; i < meaning->cell->equation_count; i++) {
        meaning->equations[i].for_states = for_states[i];
        meaning->equations[i].for_outputs = for_outputs[i];
    }
    return true;
}
