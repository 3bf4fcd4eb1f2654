/* The catalogue of mistakes for checks: gradtape/diagnose.h. */
#include "gradtape/diagnose.h"

#include "diagnose/array_mistake.h"
#include "diagnose/cell_problem.h"
#include "diagnose/describe.h"
#include "diagnose/rule_mistake.h"
#include "lang/chain.h"
#include "lang/parsed.h"
#include "lang/run_cell.h"

#include <math.h>
#include <string.h>

/* The seed of the samples: any will do, and the same mistake is always explained in the same way.
 */
enum { SEED = 20 };

/* The tree of a cell in the cell language; NULL for any other. */
static const gt_lang_cell *tree_of(const gt_cell *cell)
{
    return cell->step == gt_lang_step ? ((const gt_lang_meaning *)cell->context)->cell : NULL;
}

/* ---- at the values of the check ------------------------------------------------------------ */

static gt_value value_of(gt_array array)
{
    if (array.data == NULL || array.dtype != GT_F64 || array.shape.size[2] != 1)
        return (gt_value){0};
    return (gt_value){(uint32_t)array.shape.size[0], (uint32_t)array.shape.size[1], array.data};
}

static void use_number(gt_value *value, double *kept, double number)
{
    *kept = number;
    *value = (gt_value){1, 1, kept};
}

/* The values of all names at step t, as far as the evidence has them. */
static void take_values(const gt_problem *problem, const gt_evidence *evidence, int64_t t,
                        gt_value *values, double *numbers)
{
    for (uint32_t i = 0; i < problem->name_count; i++) {
        const char *name = problem->names[i].text;
        values[i] = value_of(evidence->find(evidence, name, t));
        if (problem->names[i].role != GT_ROLE_OF_NUMBER)
            continue;
        for (uint32_t k = 0; k < evidence->dimension_count; k++)
            if (strcmp(evidence->dimensions[k].name, name) == 0)
                use_number(&values[i], &numbers[i], (double)evidence->dimensions[k].size);
        if (strcmp(name, "m") == 0)
            use_number(&values[i], &numbers[i], (double)evidence->examples);
    }
}

static double relative(gt_value value, gt_value right)
{
    double scale = gt_value_magnitude(right);
    return gt_value_distance(value, right) / (scale > 0 ? scale : 1);
}

/* Whether the repair makes the array right that the check found wrong, at every step. */
static bool holds(gt_problem *problem, const gt_evidence *evidence, gt_mistake *mistake)
{
    gt_arena *arena = &problem->arena;
    gt_value *values = gt_arena_new(arena, problem->name_count, sizeof *values);
    double *numbers = gt_arena_new(arena, problem->name_count, sizeof *numbers);
    double before = 0, after = 0;
    for (int64_t t = 0; t < evidence->steps && !arena->failed; t++) {
        gt_value expected = value_of(evidence->expected[t]), repaired;
        take_values(problem, evidence, t, values, numbers);
        gt_arena_mark mark = gt_arena_here(arena);
        if (!gt_expression_evaluate(arena, mistake->repaired, values, &repaired))
            return false;
        before = fmax(before, relative(value_of(evidence->given[t]), expected));
        after = fmax(after, relative(repaired, expected));
        gt_arena_return(arena, mark);
    }
    mistake->before = before;
    mistake->after = after;
    return !arena->failed && after <= fmax(evidence->tolerance, 1e-9) * 10;
}

/*
 * The mistake in the equation that was found wrong; or, where that is a local, the only one there
 * is: of two equations in a row the numbers do not tell which one is wrong, the repair does.
 */
static gt_mistake *mistake_of(gt_problem *problem, const gt_mistakes *mistakes,
                              const gt_evidence *evidence)
{
    for (uint32_t i = 0; i < mistakes->count; i++) {
        gt_mistake *mistake = &mistakes->list[i];
        if (mistake->equation == evidence->equation && mistake->kind != GT_MISTAKE_NONE &&
            holds(problem, evidence, mistake))
            return mistake;
    }
    uint32_t target = problem->equations[evidence->equation].target;
    bool only = mistakes->count == 1 && mistakes->unexplained == 0 &&
                mistakes->list[0].equation != evidence->equation;
    return only && problem->names[target].role == GT_ROLE_OF_LOCAL ? &mistakes->list[0] : NULL;
}

/* The search recurs into both operands, and is for formulas that somebody wrote by hand. */
static bool is_short(const gt_lang_equation *equations, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (equations[i].value != NULL && gt_lang_height(equations[i].value) > GT_LANG_MAX_DEPTH)
            return false;
    return true;
}

static bool is_short_cell(const gt_lang_cell *cell)
{
    return is_short(cell->equations, cell->equation_count) && is_short(cell->backward, cell->backward_count);
}

static void diagnose_formula(const gt_evidence *evidence, const gt_lang_cell *cell,
                             gt_diagnosis *diagnosis)
{
    gt_problem problem;
    gt_mistakes mistakes;
    gt_mistake *mistake = NULL;
    if (gt_problem_of_cell(&problem, cell, SEED, NULL) == GT_OK &&
        gt_mistakes_find(&problem, &mistakes))
        mistake = mistake_of(&problem, &mistakes, evidence);
    if (mistake != NULL && !gt_mistake_describe(&problem, mistake, diagnosis))
        *diagnosis = (gt_diagnosis){0};
    diagnosis->place.file = evidence->cell->handwritten->backward[evidence->equation].place.file;
    gt_problem_free(&problem);
}

void gt_diagnose(const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    const gt_lang_cell *cell = evidence->cell == NULL ? NULL : tree_of(evidence->cell);
    if (evidence->op != NULL)
        gt_diagnose_rule(evidence, diagnosis);
    else if (evidence->equation < 0)
        gt_diagnose_array(evidence, diagnosis);
    else if (cell != NULL && is_short_cell(cell))
        diagnose_formula(evidence, cell, diagnosis);
}

/* ---- without a check ----------------------------------------------------------------------- */

/* The tree of the cell if all mistakes of the text are in its backward block; NULL otherwise. */
static const gt_lang_cell *explainable(const gt_parsed_cell *parsed)
{
    if (parsed == NULL || parsed->file == NULL || parsed->file->cell_count == 0)
        return NULL;
    const gt_lang_cell *cell = &parsed->file->cells[parsed->chosen];
    for (size_t i = 0; i < parsed->diagnostics.count; i++) {
        const gt_diagnostic *d = &parsed->diagnostics.list[i];
        if (d->severity == GT_SEVERITY_ERROR &&
            (!cell->has_backward || d->offset < cell->backward_place.offset))
            return NULL;
    }
    for (uint32_t i = 0; i < cell->backward_count; i++)
        if (cell->backward[i].value == NULL)
            return NULL;
    return is_short_cell(cell) ? cell : NULL;
}

gt_status gt_diagnose_cell(const gt_parsed_cell *parsed, gt_diagnosis *diagnoses, uint32_t capacity,
                           uint32_t *count, gt_error *error)
{
    *count = 0;
    const gt_lang_cell *cell = explainable(parsed);
    if (cell == NULL)
        return gt_parsed_cell_status(parsed, error);
    gt_problem problem;
    gt_mistakes mistakes;
    gt_status status = gt_problem_of_cell(&problem, cell, SEED, error);
    if (status == GT_OK && !gt_mistakes_find(&problem, &mistakes))
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a diagnosis");
    for (uint32_t i = 0; status == GT_OK && i < mistakes.count && *count < capacity; i++) {
        if (!gt_mistake_describe(&problem, &mistakes.list[i], &diagnoses[*count]))
            status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a diagnosis");
        diagnoses[*count].place.file = gt_parsed_cell_file(parsed);
        *count += status == GT_OK;
    }
    gt_problem_free(&problem);
    return status;
}
