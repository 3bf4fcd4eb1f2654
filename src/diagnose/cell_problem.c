#include "diagnose/cell_problem.h"

#include "base/memory.h"
#include "gradtape/utf8.h"

#include <string.h>

/* ---- formulas ------------------------------------------------------------------------------ */

const gt_expression *gt_problem_formula(gt_problem *problem, const gt_lang_expression *x)
{
    gt_expression *f = gt_expression_of_lang(&problem->arena, x);
    if (f == NULL)
        return NULL;
    if (x->kind == GT_LANG_NAME) {
        f->name = gt_problem_find(problem, x->name);
        if (f->name == GT_PROBLEM_NO_NAME) {
            problem->unknown = x->name;
            return NULL;
        }
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const gt_lang_expression *operand =
            x->kind == GT_LANG_SLICE && i > 0 ? x->bounds[i - 1] : x->arguments[i];
        f->operands[i] = operand == NULL ? NULL : gt_problem_formula(problem, operand);
        if (operand != NULL && f->operands[i] == NULL)
            return NULL;
    }
    return f;
}

/* ---- names --------------------------------------------------------------------------------- */

static uint32_t add_name(gt_problem *problem, const char *text, gt_problem_role role,
                         uint32_t about)
{
    uint32_t known = gt_problem_find(problem, text);
    if (known != GT_PROBLEM_NO_NAME)
        return known;
    problem->names[problem->name_count] = (gt_problem_name){.text = text, .role = role, .about = about};
    return problem->name_count++;
}

/* What in an expression has no other meaning is a dimension. */
static void add_dimensions(gt_problem *problem, const gt_lang_expression *x)
{
    if (x == NULL)
        return;
    if (x->kind == GT_LANG_NAME)
        add_name(problem, x->name, GT_ROLE_OF_NUMBER, GT_PROBLEM_NO_NAME);
    for (uint32_t i = 0; i < x->argument_count; i++)
        add_dimensions(problem, x->arguments[i]);
}

static uint32_t count_names(const gt_lang_expression *x)
{
    uint32_t count = x == NULL ? 0 : x->kind == GT_LANG_NAME;
    for (uint32_t i = 0; x != NULL && i < x->argument_count; i++)
        count += count_names(x->arguments[i]);
    return count;
}

static void add_declared(gt_problem *problem, const gt_lang_cell *cell)
{
    static const gt_problem_role roles[] = {[GT_LANG_INPUT] = GT_ROLE_OF_INPUT,
                                            [GT_LANG_STATE] = GT_ROLE_OF_STATE,
                                            [GT_LANG_PARAMETER] = GT_ROLE_OF_PARAMETER};
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        add_name(problem, cell->declarations[i].name, roles[cell->declarations[i].role],
                 GT_PROBLEM_NO_NAME);
}

/* "d" and a name, or a name and "'": in the arena. */
static uint32_t add_derived(gt_problem *problem, const char *format, uint32_t of,
                            gt_problem_role role)
{
    char text[2 * GT_LANG_MAX_NAME];
    gt_utf8_format(text, sizeof text, format, problem->names[of].text);
    char *copy = gt_arena_print(&problem->arena, "%s", text);
    return copy == NULL ? 0 : add_name(problem, copy, role, of);
}

static void add_forward(gt_problem *problem, const gt_lang_cell *cell)
{
    static const gt_problem_role roles[] = {[GT_LANG_LOCAL] = GT_ROLE_OF_INTERMEDIATE,
                                            [GT_LANG_NEXT] = GT_ROLE_OF_NEXT,
                                            [GT_LANG_OUTPUT] = GT_ROLE_OF_OUTPUT};
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        const gt_lang_equation *equation = &cell->equations[i];
        uint32_t name =
            add_name(problem, equation->name, roles[equation->target], GT_PROBLEM_NO_NAME);
        problem->forward[problem->forward_count++] = name;
    }
    for (uint32_t i = 0, count = problem->name_count; i < count; i++) {
        if (problem->names[i].role == GT_ROLE_OF_STATE) {
            uint32_t next = add_derived(problem, "%s'", i, GT_ROLE_OF_NEXT);
            problem->names[i].about = next;
            problem->names[next].about = i;
            add_derived(problem, "d%s", next, GT_ROLE_OF_UPSTREAM);
        }
        if (problem->names[i].role == GT_ROLE_OF_OUTPUT)
            add_derived(problem, "d%s", i, GT_ROLE_OF_UPSTREAM);
    }
}

/* The name that a backward equation gives the gradient of; GT_PROBLEM_NO_NAME for a local. */
static uint32_t gradient_of(const gt_problem *problem, const char *name)
{
    uint32_t of = name[0] == 'd' ? gt_problem_find(problem, name + 1) : GT_PROBLEM_NO_NAME;
    if (of == GT_PROBLEM_NO_NAME || problem->names[of].role == GT_ROLE_OF_NUMBER ||
        problem->names[of].role > GT_ROLE_OF_OUTPUT)
        return GT_PROBLEM_NO_NAME;
    return of;
}

static void add_backward(gt_problem *problem, const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->backward_count; i++) {
        uint32_t of = gradient_of(problem, cell->backward[i].name);
        bool gradient = of != GT_PROBLEM_NO_NAME;
        const gt_lang_equation *equation = &cell->backward[i];
        problem->equations[i] = (gt_problem_equation){
            add_name(problem, equation->name, gradient ? GT_ROLE_OF_GRADIENT : GT_ROLE_OF_LOCAL,
                     of),
            NULL, (int32_t)equation->name_place.line, (int32_t)equation->name_place.column};
    }
}

static bool add_names(gt_problem *problem, const gt_lang_cell *cell)
{
    size_t count = 1 + 2 * (size_t)cell->equation_count + cell->backward_count;
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        count += 3 + count_names(cell->declarations[i].rows) +
                 count_names(cell->declarations[i].columns);
    problem->names = gt_arena_new(&problem->arena, count, sizeof *problem->names);
    problem->forward =
        gt_arena_new(&problem->arena, cell->equation_count + 1, sizeof *problem->forward);
    problem->equations =
        gt_arena_new(&problem->arena, cell->backward_count + 1, sizeof *problem->equations);
    if (problem->arena.failed)
        return false;
    memset(problem->names, 0, count * sizeof *problem->names);
    problem->equation_count = cell->backward_count;
    add_declared(problem, cell);
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        add_dimensions(problem, cell->declarations[i].rows);
        add_dimensions(problem, cell->declarations[i].columns);
    }
    add_name(problem, "m", GT_ROLE_OF_NUMBER, GT_PROBLEM_NO_NAME);
    add_forward(problem, cell);
    add_backward(problem, cell);
    return !problem->arena.failed;
}

static void add_size(gt_problem *problem, const gt_lang_expression *x)
{
    const gt_expression *size = x == NULL ? NULL : gt_problem_formula(problem, x);
    for (uint32_t i = 0; i < problem->size_count && size != NULL; i++)
        if (gt_expression_equal(problem->sizes[i], size))
            return;
    if (size != NULL)
        problem->sizes[problem->size_count++] = size;
}

static bool add_sizes(gt_problem *problem, const gt_lang_cell *cell)
{
    size_t count = problem->name_count + 2 * (size_t)cell->declaration_count;
    problem->sizes = gt_arena_new(&problem->arena, count, sizeof *problem->sizes);
    for (uint32_t i = 0; i < problem->name_count && problem->sizes != NULL; i++)
        if (problem->names[i].role == GT_ROLE_OF_NUMBER && strcmp(problem->names[i].text, "m") != 0)
            problem->sizes[problem->size_count++] = gt_expression_new_name(&problem->arena, i);
    for (uint32_t i = 0; i < cell->declaration_count && problem->sizes != NULL; i++) {
        add_size(problem, cell->declarations[i].rows);
        add_size(problem, cell->declarations[i].columns);
    }
    return !problem->arena.failed;
}

static bool add_formulas(gt_problem *problem, const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->equation_count; i++)
        problem->names[problem->forward[i]].definition =
            gt_problem_formula(problem, cell->equations[i].value);
    for (uint32_t i = 0; i < cell->backward_count; i++)
        problem->equations[i].formula = gt_problem_formula(problem, cell->backward[i].value);
    return !problem->arena.failed && problem->unknown == NULL;
}

/* ---- samples ------------------------------------------------------------------------------- */

/* Sizes that differ from each other and from most of their sums; the batch is another one. */
static void choose_sizes(const gt_problem *problem, unsigned sample, uint32_t *sizes)
{
    static const uint32_t choices[GT_PROBLEM_SAMPLES][8] = {{2, 3, 7, 11, 13, 17, 19, 23},
                                                            {3, 4, 8, 9, 13, 14, 18, 21}};
    static const uint32_t examples[GT_PROBLEM_SAMPLES] = {4, 5};
    uint32_t next = 0;
    for (uint32_t i = 0; i < problem->name_count; i++) {
        if (problem->names[i].role != GT_ROLE_OF_NUMBER)
            continue;
        bool batch = strcmp(problem->names[i].text, "m") == 0;
        sizes[i] = batch ? examples[sample] : next < 8 ? choices[sample][next] : 20 + next;
        next += !batch;
    }
}

static gt_status add_samples(gt_problem *problem, const gt_lang_cell *cell, uint32_t seed,
                             gt_error *error)
{
    uint32_t *sizes = gt_arena_new(&problem->arena, problem->name_count, sizeof *sizes);
    for (unsigned s = 0; s < GT_PROBLEM_SAMPLES; s++) {
        problem->samples[s] =
            gt_arena_new(&problem->arena, problem->name_count, sizeof *problem->samples[s]);
        if (problem->arena.failed)
            return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the samples of a diagnosis");
        memset(problem->samples[s], 0, problem->name_count * sizeof *problem->samples[s]);
        memset(sizes, 0, problem->name_count * sizeof *sizes);
        choose_sizes(problem, s, sizes);
        gt_status status =
            gt_problem_sample(problem, cell, sizes, seed + s, problem->samples[s], error);
        if (status != GT_OK)
            return status;
    }
    return GT_OK;
}

/* Names whose gradients stand for others. */
static void mark_before(gt_problem *problem, const bool *before)
{
    for (uint32_t i = 0; before != NULL && i < problem->equation_count; i++) {
        const gt_problem_name *target = &problem->names[problem->equations[i].target];
        if (before[i] && target->role == GT_ROLE_OF_GRADIENT)
            problem->names[target->about].before = true;
    }
}

gt_status gt_problem_of_cell(gt_problem *problem, const gt_lang_cell *cell, const bool *before,
                             uint32_t seed, gt_error *error)
{
    /* Rounding of formulas of a few dozen operations on numbers of order 1. */
    *problem = (gt_problem){.tolerance = 1e-9};
    if (add_names(problem, cell) && add_sizes(problem, cell) && add_formulas(problem, cell)) {
        mark_before(problem, before);
        return add_samples(problem, cell, seed, error);
    }
    if (problem->unknown != NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "the cell %s reads %s, which has no value",
                            cell->name, problem->unknown);
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the formulas of a diagnosis");
}
