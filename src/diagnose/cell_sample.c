/* One step of a cell on random numbers, with the tape's gradients. */
#include "diagnose/cell_question.h"

#include "base/memory.h"
#include "gradtape/grad.h"
#include "gradtape/interpreter.h"
#include "gradtape/ops.h"
#include "gradtape/random.h"
#include "lang/initial.h"

#include <math.h>
#include <string.h>

enum { MOST_DRAWS = 32 }; /* of an input, until its entries differ */

typedef struct sampler {
    gt_question *question;
    const gt_lang_cell *cell;
    const uint32_t *sizes;
    gt_value *values;
    gt_tape *tape;
    gt_lang_scope *scope;
    gt_interpreter *run;
    gt_var *vars;      /* per name: of the forward pass, and of what is given */
    gt_var *gradients; /* per name: of the forward pass */
    bool *mentioned;   /* per name: the backward block reads it */
    gt_random random;
    bool first_step; /* t is 0 */
} sampler;

/* ---- recording ----------------------------------------------------------------------------- */

static bool size_of(const sampler *s, const gt_lang_expression *x, int64_t *size)
{
    gt_lang_environment environment = gt_lang_scope_environment(s->scope);
    double value;
    if (!gt_lang_number(&environment, x, &value) || !(value >= 1 && value <= 4096))
        return false;
    *size = (int64_t)value;
    return true;
}

static bool set_sizes(sampler *s)
{
    for (uint32_t i = 0; i < s->question->name_count; i++)
        if (s->sizes[i] != 0 && !gt_lang_scope_set_number(s->scope, s->question->names[i].text, (double)s->sizes[i]))
            return false;
    return true;
}

static bool declare(sampler *s, const gt_lang_declaration *declaration, int64_t examples)
{
    uint32_t name = gt_question_find(s->question, declaration->name);
    int64_t rows, columns = declaration->role == GT_LANG_PARAMETER ? 1 : examples;
    if (!size_of(s, declaration->rows, &rows) ||
        (declaration->columns != NULL && !size_of(s, declaration->columns, &columns))) {
        gt_tape_fail(s->tape, GT_ERROR_SIZE, "the size of %s is not a number from 1 to 4096", declaration->name);
        return false;
    }
    s->vars[name] = gt_input(s->tape, declaration->name, GT_SHAPE(rows, columns));
    return gt_lang_scope_set(s->scope, declaration->name, s->vars[name]);
}

static void find_mentioned(sampler *s, const gt_expression *f)
{
    if (f == NULL)
        return;
    if (f->kind == GT_EXPRESSION_NAME)
        s->mentioned[f->name] = true;
    for (uint32_t i = 0; i < f->count; i++)
        find_mentioned(s, f->operands[i]);
}

/* An output whose upstream gradient the block does not mention gives nothing, as the notebook has
 * it. */
static bool counts(const sampler *s, uint32_t upstream)
{
    const gt_question_name *name = &s->question->names[upstream];
    if (name->role != GT_ROLE_OF_UPSTREAM)
        return false;
    return s->question->names[name->about].role == GT_ROLE_OF_NEXT || s->mentioned[upstream];
}

static void record_upstream(sampler *s)
{
    for (uint32_t i = 0; i < s->question->equation_count; i++)
        find_mentioned(s, s->question->equations[i].formula);
    for (uint32_t i = 0; i < s->question->name_count; i++)
        if (counts(s, i))
            s->vars[i] =
                gt_input(s->tape, s->question->names[i].text, gt_var_shape(s->vars[s->question->names[i].about]));
}

static bool differentiable(const sampler *s, uint32_t i)
{
    gt_question_role role = s->question->names[i].role;
    return role != GT_ROLE_OF_NUMBER && role <= GT_ROLE_OF_OUTPUT && gt_var_valid(s->vars[i]) &&
           gt_shape_count(gt_var_shape(s->vars[i])) > 0;
}

/* What "dN" of the name is the gradient of: N, or what goes into its activation. */
static gt_var subject(const sampler *s, uint32_t i)
{
    return s->question->names[i].before ? gt_var_input(s->vars[i], 0) : s->vars[i];
}

static bool record_gradients(sampler *s)
{
    uint32_t count = s->question->name_count, ends = 0, leaves = 0;
    gt_var *lists = gt_memory_new(4 * (size_t)count, sizeof *lists);
    if (lists == NULL)
        return false;
    gt_var *outputs = lists, *cotangents = lists + count, *wrt = lists + 2 * (size_t)count;
    gt_var *gradients = lists + 3 * (size_t)count;
    for (uint32_t i = 0; i < count; i++) {
        if (counts(s, i)) {
            outputs[ends] = s->vars[s->question->names[i].about];
            cotangents[ends++] = s->vars[i];
        }
        if (differentiable(s, i))
            wrt[leaves++] = subject(s, i);
    }
    gt_status status = gt_grad(outputs, cotangents, ends, wrt, leaves, gradients);
    for (uint32_t i = 0, k = 0; i < count && status == GT_OK; i++)
        if (differentiable(s, i))
            s->gradients[i] = gradients[k++];
    gt_memory_free(lists);
    return status == GT_OK;
}

static bool record(sampler *s)
{
    uint32_t m = gt_question_find(s->question, "m");
    if (s->question->several)
        gt_lang_scope_set_meaning(s->scope, &s->question->meaning);
    if (!set_sizes(s))
        return false;
    for (uint32_t i = 0; i < s->cell->declaration_count; i++)
        if (!declare(s, &s->cell->declarations[i], s->sizes[m]))
            return false;
    for (uint32_t i = 0; i < s->cell->equation_count; i++) {
        gt_lang_record_equation(s->scope, &s->cell->equations[i]);
        uint32_t name = s->question->forward[i];
        s->vars[name] = gt_lang_scope_find(s->scope, s->cell->equations[i].name);
    }
    record_upstream(s);
    return gt_tape_status(s->tape) == GT_OK && record_gradients(s);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static bool is_given(const sampler *s, uint32_t i)
{
    gt_question_role role = s->question->names[i].role;
    return role == GT_ROLE_OF_INPUT || role == GT_ROLE_OF_STATE || role == GT_ROLE_OF_PARAMETER ||
           (role == GT_ROLE_OF_UPSTREAM && gt_var_valid(s->vars[i]));
}

static const gt_lang_declaration *declaration_of(const sampler *s, uint32_t i)
{
    for (uint32_t k = 0; k < s->cell->declaration_count; k++)
        if (strcmp(s->cell->declarations[k].name, s->question->names[i].text) == 0)
            return &s->cell->declarations[k];
    return NULL;
}

static bool all_equal(const double *data, size_t count)
{
    for (size_t k = 1; k < count; k++)
        if (data[k] != data[0])
            return false;
    return true;
}

/*
 * An input as the cell says that it is drawn: a mask of few entries until both of its values are there.
 * False where the cell says nothing, or nothing that is known here.
 */
static bool draw_input(sampler *s, uint32_t i, int64_t rows, size_t count, double *data)
{
    const gt_lang_declaration *input = declaration_of(s, i);
    gt_lang_environment environment = gt_lang_scope_environment(s->scope);
    bool known = input != NULL && input->initialized && input->initial != NULL, alike = true;
    for (int attempt = 0; attempt < MOST_DRAWS && known && alike; attempt++) {
        uint64_t seed = gt_random_bits(&s->random);
        for (size_t k = 0; k < count && known; k++)
            known = gt_lang_initial_number(&environment, input->initial, seed, input->name, rows, (int64_t)k, &data[k]);
        alike = all_equal(data, count);
    }
    return known;
}

static bool is_step_number(const sampler *s, uint32_t i)
{
    const gt_lang_declaration *state = declaration_of(s, i);
    return state != NULL && state->implied && strcmp(state->name, "t") == 0;
}

/*
 * Of moderate size, so that no activation saturates; positive where that is tried. What comes
 * from behind is larger: a clipping that was left in is then seen.
 */
static void draw_numbers(sampler *s, uint32_t i, gt_shape shape, bool positive, double *data)
{
    size_t count = (size_t)gt_shape_count(shape);
    double size = s->question->names[i].role == GT_ROLE_OF_UPSTREAM ? 3 : 0.6;
    if (is_step_number(s, i)) {
        for (size_t k = 0; k < count; k++)
            data[k] = s->first_step && !positive ? 0 : 2;
        return;
    }
    gt_random_fill_normal(&s->random, shape, data);
    for (size_t k = 0; k < count; k++)
        data[k] = size * (positive ? fabs(data[k]) : data[k]);
}

static bool bind_random(sampler *s, bool positive)
{
    for (uint32_t i = 0; i < s->question->name_count; i++) {
        if (!is_given(s, i))
            continue;
        gt_shape shape = gt_var_shape(s->vars[i]);
        size_t count = (size_t)gt_shape_count(shape);
        double *data = gt_arena_new(&s->question->arena, count, sizeof *data);
        if (data == NULL)
            return false;
        if (s->question->names[i].role != GT_ROLE_OF_INPUT || !draw_input(s, i, shape.size[0], count, data))
            draw_numbers(s, i, shape, positive, data);
        s->values[i] = gt_value_of((uint32_t)shape.size[0], (uint32_t)shape.size[1], data);
        if (gt_interpreter_bind(s->run, s->vars[i], data) != GT_OK)
            return false;
    }
    return true;
}

static bool copy_value(sampler *s, gt_var v, gt_value *value)
{
    const double *from = gt_interpreter_value(s->run, v);
    gt_shape shape = gt_var_shape(v);
    size_t count = (size_t)gt_shape_count(shape);
    double *data = from == NULL ? NULL : gt_arena_new(&s->question->arena, count, sizeof *data);
    if (data == NULL)
        return false;
    memcpy(data, from, count * sizeof *data);
    *value = gt_value_of((uint32_t)shape.size[0], (uint32_t)shape.size[1], data);
    return true;
}

static gt_status evaluate(sampler *s, gt_error *error)
{
    uint32_t count = s->question->name_count, wanted = 0;
    gt_var *list = gt_memory_new(2 * (size_t)count, sizeof *list);
    if (list == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the values of a diagnosis");
    for (uint32_t i = 0; i < count; i++) {
        if (gt_var_valid(s->vars[i]))
            list[wanted++] = s->vars[i];
        if (gt_var_valid(s->gradients[i]))
            list[wanted++] = s->gradients[i];
    }
    gt_interpreter_check_finite(s->run, true);
    gt_status status = gt_interpreter_evaluate(s->run, list, wanted);
    gt_memory_free(list);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_interpreter_message(s->run));
}

static bool collect(sampler *s)
{
    gt_question *question = s->question;
    for (uint32_t i = 0; i < question->name_count; i++) {
        const gt_question_name *name = &question->names[i];
        if (name->role == GT_ROLE_OF_NUMBER) {
            double *size = gt_arena_new(&question->arena, 1, sizeof *size);
            if (size == NULL)
                return false;
            *size = s->sizes[i];
            s->values[i] = gt_value_of(1, 1, size);
        } else if (name->role == GT_ROLE_OF_GRADIENT) {
            if (gt_var_valid(s->gradients[name->about]) && !copy_value(s, s->gradients[name->about], &s->values[i]))
                return false;
        } else if (gt_var_valid(s->vars[i]) && !is_given(s, i) && !copy_value(s, s->vars[i], &s->values[i])) {
            return false;
        }
    }
    gt_question_shape_values(question, &question->meaning, s->values);
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static gt_status fail(const sampler *s, gt_error *error)
{
    if (s->tape != NULL && gt_tape_status(s->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(s->tape), "%s", gt_tape_message(s->tape));
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the samples of a diagnosis");
}

static gt_status sample(sampler *s, gt_error *error)
{
    if (s->vars == NULL || s->gradients == NULL || s->mentioned == NULL || s->tape == NULL || s->scope == NULL ||
        !record(s))
        return fail(s, error);
    s->run = gt_interpreter_new(s->tape);
    gt_status status = GT_ERROR_NOT_FINITE;
    for (int attempt = 0; attempt < 2 && status == GT_ERROR_NOT_FINITE; attempt++) {
        if (s->run == NULL || !bind_random(s, attempt == 1))
            return fail(s, error);
        status = evaluate(s, error);
    }
    return status != GT_OK ? status : collect(s) ? GT_OK : fail(s, error);
}

gt_status gt_question_sample(gt_question *question, const gt_lang_cell *cell, const uint32_t *sizes, uint32_t seed,
                             gt_value *values, gt_error *error)
{
    uint32_t count = question->name_count;
    sampler s = {.question = question, .cell = cell, .sizes = sizes, .values = values, .first_step = seed % 2 == 1};
    s.vars = gt_memory_new(count, sizeof *s.vars);
    s.gradients = gt_memory_new(count, sizeof *s.gradients);
    s.mentioned = gt_memory_new(count, sizeof *s.mentioned);
    s.tape = gt_tape_new(NULL);
    s.scope = gt_lang_scope_new(s.tape);
    gt_random_seed(&s.random, seed);
    gt_status status = sample(&s, error);
    gt_interpreter_free(s.run);
    gt_lang_scope_free(s.scope);
    gt_tape_free(s.tape);
    gt_memory_free(s.mentioned);
    gt_memory_free(s.gradients);
    gt_memory_free(s.vars);
    return status;
}
