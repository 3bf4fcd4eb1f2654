#include "diagnose/cell_question.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <string.h>

/* ---- formulas ------------------------------------------------------------------------------ */

const gt_expression *gt_question_formula(gt_question *question, const gt_lang_expression *x)
{
    gt_expression *f = gt_expression_of_lang(&question->arena, x);
    if (f == NULL)
        return NULL;
    if (x->kind == GT_LANG_NAME) {
        f->name = gt_question_find(question, x->name);
        if (f->name == GT_QUESTION_NO_NAME) {
            question->unknown = x->name;
            return NULL;
        }
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const gt_lang_expression *operand = x->kind == GT_LANG_SLICE && i > 0 ? x->bounds[i - 1] : x->arguments[i];
        f->operands[i] = operand == NULL ? NULL : gt_question_formula(question, operand);
        if (operand != NULL && f->operands[i] == NULL)
            return NULL;
    }
    return f;
}

/* ---- names --------------------------------------------------------------------------------- */

static uint32_t add_name(gt_question *question, const char *text, gt_question_role role, uint32_t about)
{
    uint32_t known = gt_question_find(question, text);
    if (known != GT_QUESTION_NO_NAME)
        return known;
    question->names[question->name_count] = (gt_question_name){.text = text, .role = role, .about = about};
    return question->name_count++;
}

/* What in an expression has no other meaning is a dimension. */
static void add_dimensions(gt_question *question, const gt_lang_expression *x)
{
    if (x == NULL)
        return;
    if (x->kind == GT_LANG_NAME)
        add_name(question, x->name, GT_ROLE_OF_NUMBER, GT_QUESTION_NO_NAME);
    for (uint32_t i = 0; i < x->argument_count; i++)
        add_dimensions(question, x->arguments[i]);
}

static uint32_t count_names(const gt_lang_expression *x)
{
    uint32_t count = x == NULL ? 0 : x->kind == GT_LANG_NAME;
    for (uint32_t i = 0; x != NULL && i < x->argument_count; i++)
        count += count_names(x->arguments[i]);
    return count;
}

static void add_declared(gt_question *question, const gt_lang_cell *cell)
{
    static const gt_question_role roles[] = {[GT_LANG_INPUT] = GT_ROLE_OF_INPUT,
                                             [GT_LANG_STATE] = GT_ROLE_OF_STATE,
                                             [GT_LANG_PARAMETER] = GT_ROLE_OF_PARAMETER};
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        add_name(question, cell->declarations[i].name, roles[cell->declarations[i].role], GT_QUESTION_NO_NAME);
}

/* "d" and a name, or a name and "'": in the arena. */
static uint32_t add_derived(gt_question *question, const char *format, uint32_t of, gt_question_role role)
{
    char text[2 * GT_LANG_MAX_NAME];
    gt_utf8_format(text, sizeof text, format, question->names[of].text);
    char *copy = gt_arena_print(&question->arena, "%s", text);
    return copy == NULL ? 0 : add_name(question, copy, role, of);
}

static void add_forward(gt_question *question, const gt_lang_cell *cell)
{
    static const gt_question_role roles[] = {[GT_LANG_LOCAL] = GT_ROLE_OF_INTERMEDIATE,
                                             [GT_LANG_NEXT] = GT_ROLE_OF_NEXT,
                                             [GT_LANG_OUTPUT] = GT_ROLE_OF_OUTPUT};
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        const gt_lang_equation *equation = &cell->equations[i];
        uint32_t name = add_name(question, equation->name, roles[equation->target], GT_QUESTION_NO_NAME);
        question->forward[question->forward_count++] = name;
    }
    for (uint32_t i = 0, count = question->name_count; i < count; i++) {
        if (question->names[i].role == GT_ROLE_OF_STATE) {
            uint32_t next = add_derived(question, "%s'", i, GT_ROLE_OF_NEXT);
            question->names[i].about = next;
            question->names[next].about = i;
            add_derived(question, "d%s", next, GT_ROLE_OF_UPSTREAM);
        }
        if (question->names[i].role == GT_ROLE_OF_OUTPUT)
            add_derived(question, "d%s", i, GT_ROLE_OF_UPSTREAM);
    }
}

/* The name that a backward equation gives the gradient of; GT_QUESTION_NO_NAME for a local. */
static uint32_t gradient_of(const gt_question *question, const char *name)
{
    uint32_t of = name[0] == 'd' ? gt_question_find(question, name + 1) : GT_QUESTION_NO_NAME;
    if (of == GT_QUESTION_NO_NAME || question->names[of].role == GT_ROLE_OF_NUMBER ||
        question->names[of].role > GT_ROLE_OF_OUTPUT)
        return GT_QUESTION_NO_NAME;
    return of;
}

static void add_backward(gt_question *question, const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->backward_count; i++) {
        uint32_t of = gradient_of(question, cell->backward[i].name);
        bool gradient = of != GT_QUESTION_NO_NAME;
        const gt_lang_equation *equation = &cell->backward[i];
        question->equations[i] = (gt_question_equation){
            add_name(question, equation->name, gradient ? GT_ROLE_OF_GRADIENT : GT_ROLE_OF_LOCAL, of), NULL,
            (int32_t)equation->name_place.line, (int32_t)equation->name_place.column};
    }
}

static bool add_names(gt_question *question, const gt_lang_cell *cell)
{
    size_t count = 1 + 2 * (size_t)cell->equation_count + cell->backward_count;
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        count += 3 + count_names(cell->declarations[i].rows) + count_names(cell->declarations[i].columns);
    question->names = gt_arena_new(&question->arena, count, sizeof *question->names);
    question->forward = gt_arena_new(&question->arena, cell->equation_count + 1, sizeof *question->forward);
    question->equations = gt_arena_new(&question->arena, cell->backward_count + 1, sizeof *question->equations);
    if (question->arena.failed)
        return false;
    memset(question->names, 0, count * sizeof *question->names);
    question->equation_count = cell->backward_count;
    add_declared(question, cell);
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        add_dimensions(question, cell->declarations[i].rows);
        add_dimensions(question, cell->declarations[i].columns);
    }
    add_name(question, "m", GT_ROLE_OF_NUMBER, GT_QUESTION_NO_NAME);
    add_forward(question, cell);
    add_backward(question, cell);
    return !question->arena.failed;
}

static void add_size(gt_question *question, const gt_lang_expression *x)
{
    const gt_expression *size = x == NULL ? NULL : gt_question_formula(question, x);
    for (uint32_t i = 0; i < question->size_count && size != NULL; i++)
        if (gt_expression_equal(question->sizes[i], size))
            return;
    if (size != NULL)
        question->sizes[question->size_count++] = size;
}

static bool add_sizes(gt_question *question, const gt_lang_cell *cell)
{
    size_t count = question->name_count + 2 * (size_t)cell->declaration_count;
    question->sizes = gt_arena_new(&question->arena, count, sizeof *question->sizes);
    for (uint32_t i = 0; i < question->name_count && question->sizes != NULL; i++)
        if (question->names[i].role == GT_ROLE_OF_NUMBER && strcmp(question->names[i].text, "m") != 0)
            question->sizes[question->size_count++] = gt_expression_new_name(&question->arena, i);
    for (uint32_t i = 0; i < cell->declaration_count && question->sizes != NULL; i++) {
        add_size(question, cell->declarations[i].rows);
        add_size(question, cell->declarations[i].columns);
    }
    return !question->arena.failed;
}

static bool add_formulas(gt_question *question, const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->equation_count; i++)
        question->names[question->forward[i]].definition = gt_question_formula(question, cell->equations[i].value);
    for (uint32_t i = 0; i < cell->backward_count; i++)
        question->equations[i].formula = gt_question_formula(question, cell->backward[i].value);
    return !question->arena.failed && question->unknown == NULL;
}

/* ---- samples ------------------------------------------------------------------------------- */

/* Sizes that differ from each other and from most of their sums; the batch is another one. */
static void choose_sizes(const gt_question *question, unsigned sample, uint32_t *sizes)
{
    static const uint32_t choices[GT_QUESTION_SAMPLES][8] = {{2, 3, 7, 11, 13, 17, 19, 23},
                                                             {3, 4, 8, 9, 13, 14, 18, 21}};
    /* Of three sizes products are arrays: smaller ones do. */
    static const uint32_t small[GT_QUESTION_SAMPLES][8] = {{2, 3, 5, 7, 9, 11, 13, 17}, {3, 2, 4, 6, 7, 8, 9, 11}};
    static const uint32_t examples[GT_QUESTION_SAMPLES] = {4, 5};
    const uint32_t *choice = question->several ? small[sample] : choices[sample];
    uint32_t next = 0;
    for (uint32_t i = 0; i < question->name_count; i++) {
        if (question->names[i].role != GT_ROLE_OF_NUMBER)
            continue;
        bool batch = strcmp(question->names[i].text, "m") == 0;
        sizes[i] = batch ? examples[sample] : next < 8 ? choice[next] : 20 + next;
        next += !batch;
    }
}

static gt_status add_samples(gt_question *question, const gt_lang_cell *cell, uint32_t seed, gt_error *error)
{
    uint32_t *sizes = gt_arena_new(&question->arena, question->name_count, sizeof *sizes);
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++) {
        question->samples[s] = gt_arena_new(&question->arena, question->name_count, sizeof *question->samples[s]);
        if (question->arena.failed)
            return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the samples of a diagnosis");
        memset(question->samples[s], 0, question->name_count * sizeof *question->samples[s]);
        memset(sizes, 0, question->name_count * sizeof *sizes);
        choose_sizes(question, s, sizes);
        gt_status status = gt_question_sample(question, cell, sizes, seed + s, question->samples[s], error);
        if (status != GT_OK)
            return status;
    }
    return GT_OK;
}

/* Names whose gradients stand for others. */
static void mark_before(gt_question *question, const bool *before)
{
    for (uint32_t i = 0; before != NULL && i < question->equation_count; i++) {
        const gt_question_name *target = &question->names[question->equations[i].target];
        if (before[i] && target->role == GT_ROLE_OF_GRADIENT)
            question->names[target->about].before = true;
    }
}

/* What the forward pass means, where rows and columns do not say it. False on no memory. */
static bool understand(gt_question *question, const gt_lang_cell *cell)
{
    gt_lang_checker checker = {.meaning = &question->meaning, .diagnostics = &question->diagnostics};
    question->forward_cell = *cell;
    question->forward_cell.backward_count = 0;
    question->meaning.symbols.pool = &question->pool;
    question->diagnostics.pool = &question->pool;
    bool done = gt_lang_understand(&checker, &question->forward_cell) && !checker.no_memory;
    question->several = done && gt_lang_has_several_sizes(&question->meaning);
    return done;
}

gt_status gt_question_of_cell(gt_question *question, const gt_lang_cell *cell, const bool *before, uint32_t seed,
                              gt_error *error)
{
    /* Rounding of formulas of a few dozen operations on numbers of order 1. */
    *question = (gt_question){.tolerance = 1e-9};
    if (understand(question, cell) && add_names(question, cell) && add_sizes(question, cell) &&
        add_formulas(question, cell)) {
        mark_before(question, before);
        return add_samples(question, cell, seed, error);
    }
    if (question->unknown != NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "the cell %s reads %s, which has no value", cell->name,
                            question->unknown);
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the formulas of a diagnosis");
}
