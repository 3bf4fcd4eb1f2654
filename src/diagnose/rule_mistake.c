#include "diagnose/rule_mistake.h"

#include "base/memory.h"
#include "diagnose/describe.h"
#include "gradtape/check.h"
#include "gradtape/grad.h"
#include "gradtape/interpreter.h"
#include "gradtape/random.h"

#include <math.h>
#include <string.h>

/*
 * Names: the operands x1, x2, then y, dy, the gradient, and, for a rule that cannot be read back
 * as a formula, "rule" for what it gives.
 */
enum { MOST_OPERANDS = 2, MOST_NAMES = MOST_OPERANDS + 4 };

typedef struct rule {
    const gt_evidence *evidence;
    gt_question question;
    gt_tape *tape;
    gt_interpreter *run;
    gt_var operands[MOST_OPERANDS], y, dy, gradient;
    uint32_t y_name, dy_name, gradient_name, rule_name, slot, count;
    bool opaque;                          /* it cannot be read back */
    double *x[MOST_OPERANDS], *cotangent; /* of the sample being made */
    double worst_error;
} rule;

static size_t count_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v));
}

static gt_value value_of(gt_var v, const double *data)
{
    gt_shape shape = gt_var_shape(v);
    return gt_value_of((uint32_t)shape.size[0], (uint32_t)shape.size[1], data);
}

/* ---- the tape ------------------------------------------------------------------------------ */

static bool record(rule *r)
{
    static const char *const names[MOST_OPERANDS] = {"x1", "x2"};
    const gt_evidence *e = r->evidence;
    r->tape = gt_tape_new(NULL);
    if (r->tape == NULL)
        return false;
    for (uint32_t i = 0; i < r->count; i++)
        r->operands[i] = gt_input(r->tape, names[i], e->shapes[i]);
    r->y = gt_apply(e->op, r->operands, r->count, e->attributes, e->attribute_count);
    r->dy = gt_input(r->tape, "dy", gt_var_shape(r->y));
    gt_grad(&r->y, &r->dy, 1, &r->operands[r->slot], 1, &r->gradient);
    r->run = gt_interpreter_new(r->tape);
    return r->run != NULL && gt_tape_status(r->tape) == GT_OK;
}

static bool write_problem(rule *r)
{
    static const char *const texts[] = {"x1", "x2", "y", "dy"};
    static const char *const gradients[] = {"dx1", "dx2"};
    gt_question *p = &r->question;
    uint32_t leaves[MOST_NAMES] = {0};
    p->names = gt_arena_new(&p->arena, MOST_NAMES, sizeof *p->names);
    p->equations = gt_arena_new(&p->arena, 1, sizeof *p->equations);
    p->forward = gt_arena_new(&p->arena, 1, sizeof *p->forward);
    if (p->arena.failed)
        return false;
    for (uint32_t i = 0; i < r->count; i++) {
        p->names[i] = (gt_question_name){texts[i], GT_ROLE_OF_INPUT, GT_QUESTION_NO_NAME, NULL, false, 0};
        leaves[i] = r->operands[i].index;
    }
    r->y_name = r->count;
    r->dy_name = r->count + 1;
    r->gradient_name = r->count + 2;
    p->name_count = r->count + 3;
    const gt_expression *definition = gt_rule_definition(p, r->y);
    p->names[r->y_name] =
        (gt_question_name){texts[2], GT_ROLE_OF_INTERMEDIATE, GT_QUESTION_NO_NAME, definition, false, 0};
    p->names[r->dy_name] = (gt_question_name){texts[3], GT_ROLE_OF_UPSTREAM, r->y_name, NULL, false, 0};
    p->names[r->gradient_name] = (gt_question_name){gradients[r->slot], GT_ROLE_OF_GRADIENT, r->slot, NULL, false, 0};
    leaves[r->y_name] = r->y.index;
    leaves[r->dy_name] = r->dy.index;
    p->forward[0] = r->y_name;
    p->forward_count = definition != NULL;
    p->equations[0] = (gt_question_equation){r->gradient_name, NULL, 0, 0};
    p->equations[0].formula = gt_rule_formula(p, r->gradient, leaves);
    p->equation_count = 1;
    r->opaque = p->equations[0].formula == NULL;
    if (r->opaque) {
        r->rule_name = p->name_count++;
        p->names[r->rule_name] = (gt_question_name){"rule", GT_ROLE_OF_INPUT, GT_QUESTION_NO_NAME, NULL, false, 0};
        p->equations[0].formula = gt_expression_new_name(&p->arena, r->rule_name);
    }
    return !p->arena.failed;
}

/* ---- samples ------------------------------------------------------------------------------- */

/* Within the op's domain, away from 0 and from the other operands where it says so. */
static void draw(gt_random *random, gt_domain domain, uint32_t slot, double *x, size_t count)
{
    double low = domain.low, high = domain.high, spacing = domain.apart * (MOST_OPERANDS + 1);
    if (low == 0 && high == 0) {
        low = -2;
        high = 2;
    }
    for (size_t i = 0; i < count; i++) {
        x[i] = low + (high - low) * gt_random_uniform(random);
        if (domain.apart > 0)
            x[i] = floor(x[i] / spacing) * spacing + (slot + 1) * domain.apart;
    }
}

/* The sum of the op's results, weighted with the cotangent, as a function of one operand. */
static gt_status weighted(void *context, const double *x, double *result, gt_error *error)
{
    rule *r = context;
    (void)error;
    gt_interpreter_bind(r->run, r->operands[r->slot], x);
    gt_status status = gt_interpreter_evaluate(r->run, &r->y, 1);
    const double *y = status == GT_OK ? gt_interpreter_value(r->run, r->y) : NULL;
    *result = 0;
    for (size_t k = 0; y != NULL && k < count_of(r->y); k++)
        *result += y[k] * r->cotangent[k];
    return status;
}

static bool take_derivative(rule *r, gt_value *truth)
{
    size_t count = count_of(r->operands[r->slot]);
    double *values = gt_arena_new(&r->question.arena, 2 * count, sizeof *values);
    double apart = r->slot < 3 ? r->evidence->op->domain[r->slot].apart : 0;
    gt_numeric numeric = {.function = weighted,
                          .context = r,
                          .x = r->x[r->slot],
                          .input_count = count,
                          .output_count = 1,
                          .step = apart > 0 ? fmin(0x1p-4, apart / 4) : 0};
    if (values == NULL || gt_numeric_jacobian(&numeric, values, values + count, NULL) != GT_OK)
        return false;
    *truth = value_of(r->operands[r->slot], values);
    double scale = gt_value_magnitude(*truth);
    for (size_t k = 0; k < count; k++)
        r->worst_error = fmax(r->worst_error, values[count + k] / (scale > 1e-3 ? scale : 1e-3));
    return isfinite(scale) && isfinite(r->worst_error);
}

/* What the rule gives, for a rule that is not known otherwise. */
static bool take_rule(rule *r, gt_value *value)
{
    size_t count = count_of(r->gradient);
    double *copy = gt_arena_new(&r->question.arena, count, sizeof *copy);
    if (copy == NULL || gt_interpreter_bind(r->run, r->dy, r->cotangent) != GT_OK ||
        gt_interpreter_evaluate(r->run, &r->gradient, 1) != GT_OK)
        return false;
    memcpy(copy, gt_interpreter_value(r->run, r->gradient), count * sizeof *copy);
    *value = value_of(r->gradient, copy);
    return true;
}

static bool make_sample(rule *r, unsigned s)
{
    gt_question *p = &r->question;
    gt_random random;
    gt_random_seed(&random, 100 + s);
    gt_value *values = p->samples[s] = gt_arena_new(&p->arena, p->name_count, sizeof *values);
    r->cotangent = gt_arena_new(&p->arena, count_of(r->dy), sizeof *r->cotangent);
    double *y = gt_arena_new(&p->arena, count_of(r->y), sizeof *y);
    for (uint32_t i = 0; i < r->count; i++)
        r->x[i] = gt_arena_new(&p->arena, count_of(r->operands[i]), sizeof *r->x[i]);
    if (p->arena.failed)
        return false;
    for (uint32_t i = 0; i < r->count; i++) {
        draw(&random, r->evidence->op->domain[i], i, r->x[i], count_of(r->operands[i]));
        values[i] = value_of(r->operands[i], r->x[i]);
        if (gt_interpreter_bind(r->run, r->operands[i], r->x[i]) != GT_OK)
            return false;
    }
    gt_random_fill_normal(&random, gt_var_shape(r->dy), r->cotangent);
    if (gt_interpreter_evaluate(r->run, &r->y, 1) != GT_OK)
        return false;
    memcpy(y, gt_interpreter_value(r->run, r->y), count_of(r->y) * sizeof *y);
    values[r->y_name] = value_of(r->y, y);
    values[r->dy_name] = value_of(r->dy, r->cotangent);
    if (r->opaque && !take_rule(r, &values[r->rule_name]))
        return false;
    return take_derivative(r, &values[r->gradient_name]);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool are_matrices(const gt_evidence *evidence)
{
    for (uint32_t i = 0; i < evidence->shape_count; i++)
        if (evidence->shapes[i].size[2] != 1 || evidence->shapes[i].size[3] != 1)
            return false;
    return true;
}

static bool open(rule *r)
{
    if (!record(r) || !write_problem(r))
        return false;
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++)
        if (!make_sample(r, s))
            return false;
    r->question.tolerance = fmax(1e-9, 8 * r->worst_error);
    return r->worst_error < 1e-6; /* else the derivative is known too badly to tell repairs apart */
}

gt_status gt_diagnose_rule(const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    rule r = {.evidence = evidence, .count = evidence->shape_count, .slot = (uint32_t)evidence->equation};
    gt_mistakes mistakes;
    if (r.count == 0 || r.count > MOST_OPERANDS || !are_matrices(evidence))
        return GT_OK;
    if (open(&r) && gt_mistakes_find(&r.question, &mistakes) && mistakes.count > 0 && mistakes.unexplained == 0 &&
        !gt_mistake_describe(&r.question, &mistakes.list[0], evidence->report, diagnosis))
        *diagnosis = (gt_diagnosis){0};
    diagnosis->place = (gt_text_place){0};
    gt_interpreter_free(r.run);
    gt_tape_free(r.tape);
    gt_status status = r.question.arena.failed || r.run == NULL || r.tape == NULL ? GT_ERROR_MEMORY : GT_OK;
    gt_question_free(&r.question);
    return status;
}
