/* Explaining a wrong backward pass: one mistake after the other until nothing more fits. */
#include "diagnose/search.h"

#include "base/memory.h"
#include "diagnose/value_axes.h"

#include <math.h>
#include <string.h>

/* A person who made more mistakes than this in one cell is better served by the first of them. */
enum { MOST_MISTAKES = 24 };

/* ---- what is known before ------------------------------------------------------------------ */

static bool is_activation(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_CALL && gt_lang_function_at((gt_lang_function)f->detail)->derivative != NULL;
}

static void add_activation(gt_search *search, const gt_expression *call, const gt_expression *value)
{
    if (search->activations == NULL || gt_search_activation_of(search, value) != NULL)
        return;
    search->activations[search->activation_count++] =
        (gt_search_activation){(gt_lang_function)call->detail, value, call->operands[0]};
}

typedef struct counter {
    gt_search *search;
    const gt_expression *root;
    uint32_t name, count;
} counter;

static void count_activation(void *context, const gt_expression *place)
{
    counter *c = context;
    c->count += is_activation(place);
}

static void take_activation(void *context, const gt_expression *place)
{
    counter *c = context;
    if (!is_activation(place))
        return;
    add_activation(c->search, place,
                   place == c->root ? gt_expression_new_name(&c->search->question->arena, c->name) : place);
}

static bool find_activations(gt_search *search)
{
    gt_question *question = search->question;
    counter c = {search, NULL, 0, 0};
    for (uint32_t i = 0; i < question->forward_count; i++)
        gt_expression_each(question->names[question->forward[i]].definition, count_activation, &c);
    search->activations = gt_arena_new(&question->arena, c.count + 1, sizeof *search->activations);
    for (uint32_t i = 0; i < question->forward_count && search->activations != NULL; i++) {
        c.name = question->forward[i];
        c.root = question->names[c.name].definition;
        gt_expression_each(c.root, take_activation, &c);
    }
    return !question->arena.failed;
}

static void find_dependence(gt_search *search)
{
    const gt_question *question = search->question;
    uint32_t count = question->equation_count;
    for (uint32_t k = 0; k < count; k++) {
        if (question->names[question->equations[k].target].role != GT_ROLE_OF_LOCAL)
            continue;
        bool *row = search->depends + (size_t)k * count;
        for (uint32_t j = k + 1; j < count; j++) {
            row[j] = gt_expression_has_name(search->formulas[j], question->equations[k].target);
            for (uint32_t i = k + 1; i < j && !row[j]; i++)
                row[j] = row[i] && question->names[question->equations[i].target].role == GT_ROLE_OF_LOCAL &&
                         gt_expression_has_name(search->formulas[j], question->equations[i].target);
        }
    }
}

/* ---- what is wrong ------------------------------------------------------------------------- */

uint32_t gt_search_evaluate_block(gt_search *search)
{
    gt_question *question = search->question;
    uint32_t wrong_count = 0;
    memset(search->wrong, 0, question->equation_count * sizeof *search->wrong);
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++)
        for (uint32_t j = 0; j < question->equation_count; j++) {
            uint32_t target = question->equations[j].target;
            gt_value value = {0};
            /* In the arena of the question: locals stay for the whole search. */
            if (!gt_expression_evaluate(&question->arena, search->formulas[j], search->values[s], &value))
                value = (gt_value){0};
            if (question->names[target].role == GT_ROLE_OF_LOCAL) {
                search->values[s][target] = value;
                continue;
            }
            gt_value truth = search->values[s][target];
            double scale = gt_value_magnitude(truth);
            if (!(gt_value_distance(value, truth) <= question->tolerance * (scale > 1e-3 ? scale : 1e-3)))
                search->wrong[j] = true;
        }
    for (uint32_t j = 0; j < question->equation_count; j++)
        wrong_count += search->wrong[j];
    return wrong_count;
}

/* Locals that have the value of a part of the forward pass, before anything is repaired. */
static void find_part(void *context, const gt_expression *place)
{
    gt_search *search = context;
    const gt_question *question = search->question;
    gt_value value;
    if (place->count == 0 || !gt_search_value(search, place, &value))
        return;
    double scale = gt_value_magnitude(value);
    for (uint32_t j = 0; j < question->equation_count; j++) {
        uint32_t target = question->equations[j].target;
        bool local = question->names[target].role == GT_ROLE_OF_LOCAL;
        if (local && scale > 0 && gt_value_distance(search->values[0][target], value) <= 1e-9 * scale)
            search->is_part[target] = true;
    }
}

static void find_parts(gt_search *search)
{
    const gt_question *question = search->question;
    gt_arena_mark mark = gt_arena_here(&search->scratch);
    memset(search->is_part, 0, question->name_count * sizeof *search->is_part);
    for (uint32_t i = 0; question->several && i < question->forward_count; i++)
        gt_expression_each(question->names[question->forward[i]].definition, find_part, search);
    gt_arena_return(&search->scratch, mark);
}

/* ---- one equation -------------------------------------------------------------------------- */

static void add_place(gt_search *search, const gt_expression *node, const gt_expression *parent)
{
    if (!GT_RESERVE(search->places, search->place_capacity, search->place_count + 1)) {
        search->scratch.failed = true;
        return;
    }
    search->places[search->place_count++] = (gt_search_place){node, parent};
    for (uint32_t i = 0, count = gt_expression_value_count(node); i < count; i++)
        add_place(search, node->operands[i], node);
}

static bool is_broken(gt_search *search)
{
    gt_value value;
    uint32_t target = search->question->equations[search->equation].target;
    if (!gt_search_value(search, search->root, &value))
        return true;
    if (search->target != NULL)
        return !gt_value_has_sizes_of(value, search->target[0]) || value.columns != search->target[0].columns;
    gt_value truth = search->values[0][target];
    return search->candidates == NULL && search->question->names[target].role == GT_ROLE_OF_GRADIENT &&
           (!gt_value_has_sizes_of(value, truth) || value.columns != truth.columns);
}

void gt_search_catalogue(gt_search *search, const gt_expression *root)
{
    search->root = root;
    search->place_count = 0;
    add_place(search, search->root, NULL);
    search->is_broken = is_broken(search);
    static void (*const catalogue[])(gt_search *) = {
        gt_repair_scale,   gt_repair_names,       gt_repair_transposes,  gt_repair_sums,  gt_repair_derivatives,
        gt_repair_factors, gt_repair_products,    gt_repair_complements, gt_repair_calls, gt_repair_softmax,
        gt_repair_terms,   gt_repair_parentheses, gt_repair_slices,      gt_repair_axes,
    };
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue && !search->scratch.failed; i++) {
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        search->wording = NULL;
        catalogue[i](search);
        gt_arena_return(&search->scratch, mark);
    }
}

static void repair_equation(gt_search *search, uint32_t equation)
{
    search->equation = equation;
    gt_search_catalogue(search, search->formulas[equation]);
}

/* Wrong itself, or a local on which something wrong depends. */
static bool suspect(const gt_search *search, uint32_t equation)
{
    uint32_t count = search->question->equation_count;
    if (search->wrong[equation])
        return true;
    for (uint32_t j = equation + 1; j < count; j++)
        if (search->wrong[j] && search->depends[(size_t)equation * count + j])
            return true;
    return false;
}

/* ---- what no repair explains --------------------------------------------------------------- */

/*
 * The last local of which everything that depends on it is wrong, at least two gradients, and all
 * that is wrong; or else the first wrong gradient.
 */
static uint32_t likeliest_equation(const gt_search *search)
{
    uint32_t count = search->question->equation_count, first = 0, local = count;
    while (first < count && !search->wrong[first])
        first++;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t wrong = 0, right = 0, elsewhere = 0;
        for (uint32_t j = 0; j < count; j++) {
            if (search->question->names[search->question->equations[j].target].role != GT_ROLE_OF_GRADIENT)
                continue;
            bool depends = search->depends[(size_t)k * count + j];
            wrong += depends && search->wrong[j];
            right += depends && !search->wrong[j];
            elsewhere += !depends && search->wrong[j];
        }
        if (wrong >= 2 && right == 0 && elsewhere == 0)
            local = k;
    }
    return local < count ? local : first;
}

static gt_mistake unknown(const gt_search *search)
{
    uint32_t equation = likeliest_equation(search);
    const gt_question_equation *e = &search->question->equations[equation];
    return (gt_mistake){.kind = GT_MISTAKE_NONE,
                        .equation = equation,
                        .line = e->line,
                        .column = e->column,
                        .written = search->formulas[equation],
                        .before = INFINITY,
                        .after = INFINITY};
}

/* ---- all of it ----------------------------------------------------------------------------- */

bool gt_search_open(gt_search *search, gt_question *question)
{
    gt_arena *arena = &question->arena;
    uint32_t count = question->equation_count;
    *search = (gt_search){.question = question};
    search->formulas = gt_arena_new(arena, count, sizeof *search->formulas);
    search->wrong = gt_arena_new(arena, count, sizeof *search->wrong);
    search->is_adjoint = gt_arena_new(arena, question->name_count, sizeof *search->is_adjoint);
    search->is_part = gt_arena_new(arena, question->name_count, sizeof *search->is_part);
    search->depends = gt_arena_new(arena, (size_t)count * count, sizeof *search->depends);
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++) {
        search->values[s] = gt_arena_new(arena, question->name_count, sizeof *search->values[s]);
        if (search->values[s] != NULL)
            memcpy(search->values[s], question->samples[s], question->name_count * sizeof *search->values[s]);
    }
    if (arena->failed)
        return false;
    memset(search->is_part, 0, question->name_count * sizeof *search->is_part);
    memset(search->depends, 0, (size_t)count * count * sizeof *search->depends);
    for (uint32_t j = 0; j < count; j++)
        search->formulas[j] = question->equations[j].formula;
    find_dependence(search);
    return gt_search_read_derivatives(search) && find_activations(search);
}

void gt_search_close(gt_search *search)
{
    gt_arena_free(&search->scratch);
    gt_memory_free(search->places);
    gt_memory_free(search->terms);
}

/* One change in one equation. False on no memory. */
static bool find_one_slip(gt_search *search)
{
    if (!gt_search_find_terms(search))
        return false;
    find_parts(search);
    search->best = (gt_mistake){0};
    search->best_cost = INFINITY;
    search->kinds = 0;
    for (uint32_t k = 0; k < search->question->equation_count && !search->scratch.failed; k++)
        if (suspect(search, k))
            repair_equation(search, k);
    for (uint32_t kinds = 0; search->best.kind != GT_MISTAKE_NONE && kinds < GT_MISTAKE_KIND_COUNT; kinds++)
        search->best.alternatives += kinds != search->best.kind && (search->kinds >> kinds & 1) != 0;
    return !search->scratch.failed && !search->question->arena.failed;
}

/* ---- more than one change -------------------------------------------------------------------- */

/* What a local may have been meant to be. */
static void try_roles(gt_search *search)
{
    for (size_t i = 0; i < search->term_count; i++)
        gt_search_try(search, GT_MISTAKE_OTHER_FORMULA, 0, search->terms[i].formula, NULL, NULL);
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        gt_search_try(search, GT_MISTAKE_OTHER_FORMULA, 0, a->value, NULL, NULL);
        gt_search_try(search, GT_MISTAKE_OTHER_FORMULA, 0.1,
                      gt_search_derivative(search, &search->scratch, a->function, a->value, a->argument), NULL, NULL);
    }
}

/*
 * A formula that makes gradients right in place of the equation's: for a gradient
 * its adjoint; for a local the adjoint with which most of what reads it is right.
 */
static bool find_formula(gt_search *search)
{
    gt_question *question = search->question;
    const gt_expression **right = gt_arena_new(&question->arena, question->name_count, sizeof *right);
    search->best = (gt_mistake){0};
    search->best_cost = INFINITY;
    for (uint32_t k = 0; k < question->equation_count && right != NULL; k++) {
        const gt_question_name *target = &question->names[question->equations[k].target];
        if (!suspect(search, k))
            continue;
        if (!gt_search_find_right(search, k, right))
            return false;
        search->root = search->formulas[k];
        search->kinds = 0;
        if (target->role == GT_ROLE_OF_LOCAL)
            try_roles(search);
        else
            gt_search_try(search, GT_MISTAKE_OTHER_FORMULA, 0, right[target->about], NULL, NULL);
    }
    return !search->scratch.failed && !question->arena.failed;
}

static bool find_several_slips(gt_search *search)
{
    if (!find_formula(search))
        return false;
    gt_mistake formula = search->best, several;
    if (formula.kind == GT_MISTAKE_NONE)
        return true;
    /* Terms and names as the equation may use them. */
    const gt_expression **right = gt_arena_new(&search->question->arena, search->question->name_count, sizeof *right);
    if (right == NULL || !gt_search_find_right(search, formula.equation, right))
        return false;
    gt_search_compose(search, formula.equation, formula.repaired, &several);
    several.explained = formula.explained;
    several.before = formula.before;
    several.after = formula.after;
    search->best = several;
    return !search->scratch.failed && !search->question->arena.failed;
}

static bool explain(gt_search *search, gt_mistakes *mistakes)
{
    mistakes->wrong = mistakes->unexplained = gt_search_evaluate_block(search);
    while (mistakes->unexplained > 0 && mistakes->count < MOST_MISTAKES) {
        if (!find_one_slip(search))
            return false;
        if (search->best.kind == GT_MISTAKE_NONE && !find_several_slips(search))
            return false;
        bool found = search->best.kind != GT_MISTAKE_NONE;
        mistakes->list[mistakes->count++] = found ? search->best : unknown(search);
        if (!found)
            break;
        search->formulas[search->best.equation] = search->best.repaired;
        find_dependence(search);
        mistakes->unexplained = gt_search_evaluate_block(search);
    }
    return true;
}

bool gt_mistakes_find(gt_question *question, gt_mistakes *mistakes)
{
    gt_search search = {0};
    *mistakes = (gt_mistakes){.list = gt_arena_new(&question->arena, MOST_MISTAKES, sizeof *mistakes->list)};
    bool done = mistakes->list != NULL && gt_search_open(&search, question);
    if (done) {
        done = explain(&search, mistakes) && !question->arena.failed && !search.scratch.failed;
        mistakes->tried = search.tried;
    }
    gt_search_close(&search);
    return done;
}
